/* SPDX-License-Identifier: MIT */
/* nanosleep and clock_nanosleep: relative, absolute, interrupted, refused. */
#include "../harness.h"
#include "../process/util.h"

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

static long raw_nanosleep(const struct timespec *span, struct timespec *left)
{
	return syscall(SYS_nanosleep, span, left);
}

static long raw_clock_nanosleep(int id, int flags, const struct timespec *span, struct timespec *left)
{
	return syscall(SYS_clock_nanosleep, id, flags, span, left);
}

static long long now_ns(int id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A child that interrupts us once we sleep. */
static pid_t interrupter(void)
{
	pid_t pid, me = getpid();

	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGUSR1, &action, NULL);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	return pid;
}

TEST(sleep, lasts_at_least_as_long)
{
	static const long spans[] = { 0, 1, 1000, 50000, 1000000, 30000000 };

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		struct timespec span = { 0, spans[i] };
		long long start = now_ns(CLOCK_MONOTONIC);

		EXPECT_OK(raw_nanosleep(&span, NULL));
		EXPECT_TRUE(now_ns(CLOCK_MONOTONIC) - start >= spans[i]);
	}
}

TEST(sleep, errors)
{
	struct timespec span = { 0, 1000000000 }, left = { 7, 7 };

	EXPECT_ERRNO(raw_nanosleep(&span, NULL), EINVAL);
	span = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(raw_nanosleep(&span, &left), EINVAL);
	span = (struct timespec){ 0, -1 };
	EXPECT_ERRNO(raw_nanosleep(&span, &left), EINVAL);
	EXPECT_EQ(left.tv_sec, 7);
	EXPECT_ERRNO(raw_nanosleep(NULL, NULL), EFAULT);
	EXPECT_ERRNO(raw_nanosleep(wild(8), NULL), EFAULT);
	span = (struct timespec){ 0, 0 };
	EXPECT_ERRNO(raw_clock_nanosleep(99, 0, &span, NULL), EINVAL);
	EXPECT_ERRNO(raw_clock_nanosleep(-1, 0, &span, NULL), EINVAL);
	note("RAW: %s", RESULT(raw_clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &span, NULL)));
	note("COARSE: %s", RESULT(raw_clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &span, NULL)));
	note("BOOTTIME: %s", RESULT(raw_clock_nanosleep(CLOCK_BOOTTIME, 0, &span, NULL)));
	note("TAI: %s", RESULT(raw_clock_nanosleep(CLOCK_TAI, 0, &span, NULL)));
	note("unknown flag: %s", RESULT(raw_clock_nanosleep(CLOCK_MONOTONIC, 2, &span, NULL)));
	EXPECT_ERRNO(raw_clock_nanosleep(CLOCK_MONOTONIC, 0, wild(8), NULL), EFAULT);
}

TEST(sleep, interrupted_it_gives_the_rest)
{
	struct timespec span = { 100, 0 }, left = { 0, 0 };
	pid_t pid = interrupter();

	EXPECT_ERRNO(raw_nanosleep(&span, &left), EINTR);
	EXPECT_TRUE(left.tv_sec < 100 && left.tv_sec >= 60);
	EXPECT_CHILD_OK(pid);
	pid = interrupter();
	left = (struct timespec){ 0, 0 };
	EXPECT_ERRNO(raw_clock_nanosleep(CLOCK_REALTIME, 0, &span, &left), EINTR);
	EXPECT_TRUE(left.tv_sec < 100 && left.tv_sec >= 60);
	EXPECT_CHILD_OK(pid);
	pid = interrupter();
	EXPECT_ERRNO(raw_nanosleep(&span, NULL), EINTR);
	EXPECT_CHILD_OK(pid);
	pid = interrupter();
	EXPECT_ERRNO(raw_nanosleep(&span, wild(8)), EFAULT);
	EXPECT_CHILD_OK(pid);
	note("hits %d", (int)hits);
}

TEST(sleep, absolute_sleeps_do_not_write_the_rest)
{
	struct timespec until, left = { 5, 5 };
	pid_t pid = interrupter();

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 100;
	EXPECT_ERRNO(raw_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &left), EINTR);
	EXPECT_EQ(left.tv_sec, 5);
	EXPECT_CHILD_OK(pid);
}

TEST(sleep, absolute)
{
	static const int ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct timespec until;
		long long start = now_ns(ids[i]), goal = start + 20000000;

		until = (struct timespec){ goal / 1000000000, goal % 1000000000 };
		EXPECT_OK(raw_clock_nanosleep(ids[i], TIMER_ABSTIME, &until, NULL));
		EXPECT_TRUE(now_ns(ids[i]) >= goal);
		/* In the past: at once. */
		EXPECT_OK(raw_clock_nanosleep(ids[i], TIMER_ABSTIME, &until, NULL));
		until = (struct timespec){ 0, 0 };
		EXPECT_OK(raw_clock_nanosleep(ids[i], TIMER_ABSTIME, &until, NULL));
	}
}

TEST(sleep, an_absolute_real_time_sleep_follows_the_clock_when_it_is_set)
{
	struct timespec until, now;
	pid_t pid, me = getpid();
	long long start = now_ms();

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1000;
	CHILD(pid) {
		wait_state(me, 'S');
		clock_gettime(CLOCK_REALTIME, &now);
		now.tv_sec += 2000;
		EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
	}
	EXPECT_OK(raw_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL));
	EXPECT_TRUE(now_ms() - start < 25000);
	EXPECT_CHILD_OK(pid);
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= 2000;
	EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
}

TEST(sleep, the_longest_span_is_taken)
{
	struct timespec span = { 0x7fffffffffffffff, 999999999 }, left;
	pid_t pid = interrupter();

	EXPECT_ERRNO(raw_nanosleep(&span, &left), EINTR);
	EXPECT_TRUE(left.tv_sec > 1000000000);
	EXPECT_CHILD_OK(pid);
}

TEST(sleep, many_sleepers_wake_in_order)
{
	int *shared = shared_memory(4096);
	struct gate gate = gate_make();
	pid_t pids[5];
	long long start = now_ns(CLOCK_MONOTONIC) + 300000000;

	for (int i = 0; i < 5; i++)
		CHILD(pids[i]) {
			/* 300 ms from the start and 150 ms apart: the fifth first. */
			long long goal = start + (4 - i) * 150000000LL;
			struct timespec until = { goal / 1000000000, goal % 1000000000 };

			EXPECT_OK(raw_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
			EXPECT_TRUE(now_ns(CLOCK_MONOTONIC) >= goal);
			__atomic_add_fetch(&shared[0], 1, __ATOMIC_SEQ_CST);
		}
	(void)gate;
	for (int i = 0; i < 5; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%d", shared[0]);
}
