/* SPDX-License-Identifier: MIT */
/* timer_create and its family: notifications, overruns, absolute times, errors, CPU-time timers. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

/* The kernel's calls, with its own ids, not the library's. */
static long create(int clock, struct sigevent *event, int *id)
{
	return syscall(SYS_timer_create, clock, event, id);
}

static long settime(int id, int flags, const struct itimerspec *new, struct itimerspec *old)
{
	return syscall(SYS_timer_settime, id, flags, new, old);
}

static long gettime(int id, struct itimerspec *spec)
{
	return syscall(SYS_timer_gettime, id, spec);
}

static long overrun(int id)
{
	return syscall(SYS_timer_getoverrun, id);
}

static long delete(int id)
{
	return syscall(SYS_timer_delete, id);
}

static struct itimerspec ms(long value, long interval)
{
	return (struct itimerspec){ .it_value = { value / 1000, value % 1000 * 1000000 },
				    .it_interval = { interval / 1000, interval % 1000 * 1000000 } };
}

static siginfo_t seen;
static volatile sig_atomic_t hits, last_tid;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	seen = *info;
	last_tid = syscall(SYS_gettid);
	hits++;
}

static void install(int number)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(number, &action, NULL);
}

static void await(int count)
{
	while (hits < count)
		sleep_ms(1);
}

TEST(posix_timers, default_notification_is_sigalrm_with_the_id)
{
	struct itimerspec spec = ms(1, 0), got;
	int id = -1;

	install(SIGALRM);
	EXPECT_OK(create(CLOCK_MONOTONIC, NULL, &id));
	EXPECT_OK(gettime(id, &got));
	EXPECT_EQ(got.it_value.tv_sec + got.it_value.tv_nsec, 0);
	EXPECT_OK(settime(id, 0, &spec, NULL));
	await(1);
	note("%s code %d value is id %d overrun %d", signal_name(seen.si_signo), seen.si_code,
	     seen.si_int == id, seen.si_overrun);
	EXPECT_OK(gettime(id, &got));
	EXPECT_EQ(got.it_value.tv_sec + got.it_value.tv_nsec, 0);
	EXPECT_OK(delete(id));
	EXPECT_ERRNO(delete(id), EINVAL);
}

TEST(posix_timers, signal_with_a_value)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 4,
				  .sigev_value.sival_ptr = (void *)0x1122334455667788 };
	struct itimerspec spec = ms(1, 0);
	int id;

	install(SIGRTMIN + 4);
	EXPECT_OK(create(CLOCK_REALTIME, &event, &id));
	EXPECT_OK(settime(id, 0, &spec, NULL));
	await(1);
	EXPECT_EQ((uintptr_t)seen.si_ptr, 0x1122334455667788);
	EXPECT_EQ(seen.si_timerid, id);
}

TEST(posix_timers, none_only_counts_down)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec spec = ms(60000, 0), got;
	int id;

	EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id));
	EXPECT_OK(settime(id, 0, &spec, NULL));
	EXPECT_OK(gettime(id, &got));
	EXPECT_TRUE(got.it_value.tv_sec >= 40 && got.it_value.tv_sec <= 60);
	spec = ms(1, 0);
	EXPECT_OK(settime(id, 0, &spec, &got));
	EXPECT_TRUE(got.it_value.tv_sec >= 40);
	sleep_ms(10);
	EXPECT_OK(gettime(id, &got));
	EXPECT_EQ(got.it_value.tv_sec + got.it_value.tv_nsec, 0);
}

static void *thread(void *arg)
{
	struct gate *gates = arg;

	gate_open(&gates[0]);
	gate_wait(&gates[1]);
	return NULL;
}

TEST(posix_timers, thread_id_directs_the_signal)
{
	struct gate gates[2] = { gate_make(), gate_make() };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec spec = ms(1, 0);
	pthread_t other;
	int id;

	install(SIGUSR1);
	pthread_create(&other, NULL, thread, gates);
	gate_wait(&gates[0]);
	event._sigev_un._tid = getpid();
	EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id));
	EXPECT_OK(settime(id, 0, &spec, NULL));
	await(1);
	EXPECT_EQ(last_tid, getpid());
	event._sigev_un._tid = 1;
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event._sigev_un._tid = 0x7ffffff;
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, &event, &id), EINVAL);
	gate_open(&gates[1]);
	pthread_join(other, NULL);
}

TEST(posix_timers, errors)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec spec = ms(1000, 0);
	int id;

	EXPECT_ERRNO(create(99, NULL, &id), EINVAL);
	EXPECT_ERRNO(create(-1, NULL, &id), EINVAL);
	note("MONOTONIC_RAW: %s", RESULT(create(CLOCK_MONOTONIC_RAW, NULL, &id)));
	note("COARSE: %s", RESULT(create(CLOCK_REALTIME_COARSE, NULL, &id)));
	event.sigev_signo = 0;
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_signo = 65;
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_signo = SIGUSR1;
	event.sigev_notify = 77;
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, &event, &id), EINVAL);
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, wild(8), &id), EFAULT);
	EXPECT_ERRNO(create(CLOCK_MONOTONIC, NULL, wild(8)), EFAULT);
	EXPECT_OK(create(CLOCK_MONOTONIC, NULL, &id));
	EXPECT_ERRNO(settime(id + 100, 0, &spec, NULL), EINVAL);
	EXPECT_ERRNO(settime(-1, 0, &spec, NULL), EINVAL);
	EXPECT_ERRNO(settime(id, 0, NULL, NULL), EINVAL);
	EXPECT_ERRNO(settime(id, 0, wild(8), NULL), EFAULT);
	spec.it_value.tv_nsec = 1000000000;
	EXPECT_ERRNO(settime(id, 0, &spec, NULL), EINVAL);
	spec = ms(-1000, 0);
	EXPECT_ERRNO(settime(id, 0, &spec, NULL), EINVAL);
	spec = ms(1000, 0);
	spec.it_interval.tv_nsec = -1;
	EXPECT_ERRNO(settime(id, 0, &spec, NULL), EINVAL);
	EXPECT_ERRNO(gettime(id + 100, &spec), EINVAL);
	EXPECT_ERRNO(gettime(id, wild(8)), EFAULT);
	EXPECT_ERRNO(overrun(id + 100), EINVAL);
	EXPECT_ERRNO(delete(-1), EINVAL);
}

TEST(posix_timers, overruns_are_counted_while_the_signal_is_blocked)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec spec = ms(5, 5), stop = ms(0, 0);
	long long start;
	int id;

	install(SIGUSR1);
	raw_mask(SIG_BLOCK, &set);
	EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id));
	start = now_ms();
	EXPECT_OK(settime(id, 0, &spec, NULL));
	sleep_ms(200);
	EXPECT_EQ(hits, 0);
	long long passed = now_ms() - start;

	raw_mask(SIG_SETMASK, &none);
	long count = overrun(id);

	EXPECT_TRUE(hits >= 1);
	EXPECT_TRUE(seen.si_overrun >= 0);
	EXPECT_OK(settime(id, 0, &stop, NULL));
	note("plausible %d", count >= 0 && (hits > 1 || (count >= 30 && count <= passed / 5 + 50)));
}

TEST(posix_timers, periodic)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec spec = ms(2, 3), got;
	long long start = now_ms();
	int id;

	install(SIGUSR1);
	EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id));
	EXPECT_OK(settime(id, 0, &spec, NULL));
	long total = 0;

	while (total < 10) {
		int before = hits;

		while (hits == before)
			sleep_ms(1);
		total += 1 + overrun(id);
	}
	EXPECT_TRUE(now_ms() - start >= 2 + 9 * 3 - 1);
	EXPECT_OK(gettime(id, &got));
	note("interval %ld, value within it %d", got.it_interval.tv_nsec, got.it_value.tv_nsec <= 3000000 &&
	     got.it_value.tv_nsec > 0);
	spec = ms(0, 3);
	EXPECT_OK(settime(id, 0, &spec, NULL));
	EXPECT_OK(gettime(id, &got));
	note("disarmed: value %ld", got.it_value.tv_nsec);
}

TEST(posix_timers, absolute)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec spec = { 0 };
	int id;

	install(SIGUSR1);
	EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id));
	clock_gettime(CLOCK_MONOTONIC, &spec.it_value);
	spec.it_value.tv_sec += 1;
	long long start = now_ms();

	EXPECT_OK(settime(id, TIMER_ABSTIME, &spec, NULL));
	await(1);
	EXPECT_TRUE(now_ms() - start >= 998);
	/* In the past: at once. */
	spec.it_value = (struct timespec){ 0, 1 };
	EXPECT_OK(settime(id, TIMER_ABSTIME, &spec, NULL));
	await(2);
	note("hits %d", (int)hits);
}

TEST(posix_timers, cpu_time)
{
	static const int clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };

	install(SIGUSR1);
	for (int i = 0; i < 2; i++) {
		struct itimerspec spec = ms(50, 0);
		struct timespec a, b;
		int id;

		hits = 0;
		EXPECT_OK(create(clocks[i], &event, &id));
		clock_gettime(clocks[i], &a);
		EXPECT_OK(settime(id, 0, &spec, NULL));
		sleep_ms(150);
		EXPECT_EQ(hits, 0);
		while (!hits)
			;
		clock_gettime(clocks[i], &b);
		EXPECT_TRUE((b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >= 50000000);
		EXPECT_OK(delete(id));
	}
}

TEST(posix_timers, not_inherited_and_gone_after_exec)
{
	struct itimerspec spec = ms(100000, 0), got;
	int id, second;

	EXPECT_OK(create(CLOCK_MONOTONIC, NULL, &id));
	EXPECT_OK(settime(id, 0, &spec, NULL));
	IN_CHILD(EXPECT_ERRNO(gettime(id, &got), EINVAL));
	EXPECT_OK(create(CLOCK_MONOTONIC, NULL, &second));
	EXPECT_TRUE(second != id);
	EXPECT_OK(gettime(id, &got));
}

TEST(posix_timers, many)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	uint64_t set = SIGBIT(34);
	static int ids[200];
	int got = 0;

	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 200; i++) {
		struct itimerspec spec = ms(1 + i % 20, 0);

		event.sigev_value.sival_int = i;
		EXPECT_OK(create(CLOCK_MONOTONIC, &event, &ids[i]));
		EXPECT_OK(settime(ids[i], 0, &spec, NULL));
	}
	while (got < 200) {
		siginfo_t info;

		if (sigwaitinfo((sigset_t *)&set, &info) == 34)
			got++;
	}
	for (int i = 0; i < 200; i++)
		EXPECT_OK(delete(ids[i]));
	note("%d", got);
}
