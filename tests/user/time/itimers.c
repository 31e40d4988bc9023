/* SPDX-License-Identifier: MIT */
/* setitimer, getitimer and alarm. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/time.h>
#include <sys/resource.h>

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

TEST(itimers, errors)
{
	struct itimerval timer = { { 0, 0 }, { 1, 0 } };

	EXPECT_ERRNO(syscall(SYS_setitimer, 3, &timer, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setitimer, -1, &timer, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getitimer, 3, &timer), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getitimer, 0, wild(8)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setitimer, 0, wild(8), NULL), EFAULT);
	timer.it_value.tv_usec = 1000000;
	EXPECT_ERRNO(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
	timer.it_value = (struct timeval){ -1, 0 };
	EXPECT_ERRNO(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
	timer.it_value = (struct timeval){ 1, 0 };
	timer.it_interval.tv_usec = -1;
	EXPECT_ERRNO(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
	EXPECT_OK(syscall(SYS_setitimer, 0, NULL, &timer));
}

TEST(itimers, real)
{
	struct itimerval timer = { { 0, 0 }, { 0, 30000 } }, old;
	long long start = now_ms();

	signal(SIGALRM, handler);
	EXPECT_OK(setitimer(ITIMER_REAL, &timer, NULL));
	while (!hits)
		pause();
	EXPECT_TRUE(now_ms() - start >= 29);
	EXPECT_OK(getitimer(ITIMER_REAL, &timer));
	note("left %ld %ld", (long)timer.it_value.tv_sec, (long)timer.it_value.tv_usec);
	timer = (struct itimerval){ { 5, 0 }, { 100, 0 } };
	EXPECT_OK(setitimer(ITIMER_REAL, &timer, &old));
	note("old %ld", (long)old.it_value.tv_sec);
	EXPECT_OK(getitimer(ITIMER_REAL, &timer));
	EXPECT_TRUE(timer.it_value.tv_sec >= 70 && timer.it_value.tv_sec <= 100);
	note("interval %ld", (long)timer.it_interval.tv_sec);
	memset(&timer, 0, sizeof(timer));
	EXPECT_OK(setitimer(ITIMER_REAL, &timer, &old));
	EXPECT_TRUE(old.it_value.tv_sec >= 70);
}

TEST(itimers, periodic)
{
	struct itimerval timer = { { 0, 10000 }, { 0, 10000 } };
	long long start = now_ms();

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (hits < 5)
		pause();
	EXPECT_TRUE(now_ms() - start >= 49);
}

TEST(itimers, virtual_and_prof_count_only_cpu_time)
{
	struct itimerval timer = { { 0, 0 }, { 0, 50000 } };

	signal(SIGVTALRM, handler);
	EXPECT_OK(setitimer(ITIMER_VIRTUAL, &timer, NULL));
	sleep_ms(200);
	EXPECT_EQ(hits, 0);
	while (!hits)
		;
	hits = 0;
	signal(SIGPROF, handler);
	EXPECT_OK(setitimer(ITIMER_PROF, &timer, NULL));
	sleep_ms(200);
	EXPECT_EQ(hits, 0);
	while (!hits)
		getppid();
	EXPECT_OK(getitimer(ITIMER_PROF, &timer));
	note("left %ld", (long)timer.it_value.tv_usec);
}

TEST(itimers, alarm)
{
	signal(SIGALRM, handler);
	EXPECT_EQ(alarm(100), 0);
	long long start = now_ms();
	unsigned int left = alarm(1);

	EXPECT_TRUE(left <= 100 && left >= 70);

	while (!hits)
		pause();
	EXPECT_TRUE(now_ms() - start >= 998);
	EXPECT_EQ(alarm(0), 0);
	/* Survives exec and is not inherited by fork: see process/exec_reset, process/fork_inherits. */
	alarm(50);
	EXPECT_TRUE(alarm(0) >= 1);
}

TEST(itimers, default_actions)
{
	static const struct { int which; const char *name; } all[] = {
		{ ITIMER_REAL, "REAL" }, { ITIMER_VIRTUAL, "VIRTUAL" }, { ITIMER_PROF, "PROF" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct itimerval timer = { { 0, 0 }, { 0, 5000 } };
		pid_t pid;

		CHILD(pid) {
			setitimer(all[i].which, &timer, NULL);
			for (;;)
				;
		}
		note("%s: %s", all[i].name, status_name(child_status(pid)));
	}
}
