/* SPDX-License-Identifier: MIT */
/* clock_gettime, clock_getres, clock_settime and gettimeofday: every id, errors, order between clocks. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/time.h>
#include <sys/timex.h>

static long gettime(int id, struct timespec *ts)
{
	return syscall(SYS_clock_gettime, id, ts);
}

static long long ns(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000LL + ts->tv_nsec;
}

TEST(clocks, every_id)
{
	static const char *const names[] = {
		"REALTIME", "MONOTONIC", "PROCESS_CPUTIME", "THREAD_CPUTIME", "MONOTONIC_RAW", "REALTIME_COARSE",
		"MONOTONIC_COARSE", "BOOTTIME", "REALTIME_ALARM", "BOOTTIME_ALARM", "10", "TAI", "12", "16",
	};
	struct timespec ts;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int id = i == 13 ? 16 : i;

		if (id == CLOCK_REALTIME_ALARM || id == CLOCK_BOOTTIME_ALARM)
			continue;	/* where there is a clock that wakes the machine */

		note("%s: %s", names[i], gettime(id, &ts) < 0 ? errno_name(errno) :
		     ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000 && ts.tv_sec >= 0 ? "ok" : "bad value");
	}
	note("-1: %s", RESULT(gettime(-1, &ts)));
	note("huge: %s", RESULT(gettime(0x7fffffff, &ts)));
}

TEST(clocks, resolutions)
{
	struct timespec ts;

	for (int id = 0; id < 13; id++) {
		if (id == 8 || id == 9)
			continue;
		if (syscall(SYS_clock_getres, id, &ts) < 0)
			note("%d: %s", id, errno_name(errno));
		else if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
			note("%d: a tick %d", id, ts.tv_sec == 0 && ts.tv_nsec > 0 && ts.tv_nsec <= 10000000);
		else
			note("%d: %ld.%09ld", id, (long)ts.tv_sec, ts.tv_nsec);
	}
	EXPECT_OK(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
	EXPECT_ERRNO(syscall(SYS_clock_getres, 99, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_getres, CLOCK_MONOTONIC, wild(8)), EFAULT);
}

TEST(clocks, bad_pointers)
{
	EXPECT_ERRNO(gettime(CLOCK_MONOTONIC, NULL), EFAULT);
	EXPECT_ERRNO(gettime(CLOCK_MONOTONIC, wild(0xffff000000000000)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_gettimeofday, wild(8), NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_gettimeofday, NULL, wild(8)), EFAULT);
	EXPECT_OK(syscall(SYS_gettimeofday, NULL, NULL));
}

TEST(clocks, settime)
{
	static const int fixed[] = { CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
				     CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_BOOTTIME, 99 };
	struct timespec ts, now;

	gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		note("%d: %s", fixed[i], RESULT(syscall(SYS_clock_settime, fixed[i], &now)));
	ts = (struct timespec){ now.tv_sec, 1000000000 };
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EINVAL);
	ts = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EINVAL);
	ts = (struct timespec){ now.tv_sec, -1 };
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, wild(8)), EFAULT);
	AS_USER(1000, 1000, EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, &now), EPERM));
}

TEST(clocks, setting_the_real_time_moves_it_and_not_the_monotonic_one)
{
	struct timespec before, real, mono, after;
	struct timeval tv;

	gettime(CLOCK_MONOTONIC, &before);
	gettime(CLOCK_REALTIME, &real);
	real.tv_sec += 1000000;
	EXPECT_OK(syscall(SYS_clock_settime, CLOCK_REALTIME, &real));
	gettime(CLOCK_REALTIME, &after);
	EXPECT_TRUE(ns(&after) >= ns(&real) && ns(&after) - ns(&real) < 20000000000LL);
	gettime(CLOCK_MONOTONIC, &mono);
	EXPECT_TRUE(ns(&mono) - ns(&before) < 20000000000LL);
	gettimeofday(&tv, NULL);
	EXPECT_TRUE(tv.tv_sec - real.tv_sec < 20 && tv.tv_sec >= real.tv_sec);
	EXPECT_TRUE(time(NULL) >= real.tv_sec);
	real.tv_sec -= 1000000;
	tv = (struct timeval){ real.tv_sec, real.tv_nsec / 1000 };
	EXPECT_OK(settimeofday(&tv, NULL));
	gettime(CLOCK_REALTIME, &after);
	EXPECT_TRUE(after.tv_sec - real.tv_sec < 20);
	tv.tv_usec = 1000000;
	EXPECT_ERRNO(syscall(SYS_settimeofday, &tv, NULL), EINVAL);
	AS_USER(1000, 1000, tv.tv_usec = 0; EXPECT_ERRNO(syscall(SYS_settimeofday, &tv, NULL), EPERM));
}

TEST(clocks, monotonic_never_goes_back_across_calls_and_the_vdso)
{
	struct timespec a, b;
	long long last = 0;
	int bad = 0;

	for (int i = 0; i < 20000; i++) {
		if (i & 1)
			gettime(CLOCK_MONOTONIC, &a);
		else
			clock_gettime(CLOCK_MONOTONIC, &a);
		bad += ns(&a) < last;
		last = ns(&a);
	}
	EXPECT_EQ(bad, 0);
	gettime(CLOCK_MONOTONIC, &a);
	gettime(CLOCK_BOOTTIME, &b);
	EXPECT_TRUE(ns(&b) >= ns(&a));
	gettime(CLOCK_MONOTONIC_COARSE, &a);
	gettime(CLOCK_MONOTONIC, &b);
	EXPECT_TRUE(ns(&b) >= ns(&a));
	clock_gettime(CLOCK_REALTIME, &a);
	gettime(CLOCK_REALTIME, &b);
	EXPECT_TRUE(ns(&b) >= ns(&a) && ns(&b) - ns(&a) < 10000000000LL);
}

TEST(clocks, monotonic_agrees_between_cpus)
{
	struct timespec a;
	long long last = 0;
	int bad = 0;

	for (int i = 0; i < 400; i++) {
		uint64_t mask = 1ULL << (i % 4);

		syscall(SYS_sched_setaffinity, 0, 8, &mask);
		clock_gettime(CLOCK_MONOTONIC, &a);
		bad += ns(&a) < last;
		last = ns(&a);
	}
	note("bad %d", bad);
}

TEST(clocks, unknown_ids_through_the_library)
{
	struct timespec ts;

	EXPECT_ERRNO(clock_gettime(77, &ts), EINVAL);
	EXPECT_ERRNO(clock_getres(77, &ts), EINVAL);
	EXPECT_OK(clock_gettime(CLOCK_TAI, &ts));
	EXPECT_OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts));
}

TEST(clocks, adjtimex_reads)
{
	struct timex tx = { .modes = 0 };

	EXPECT_TRUE(adjtimex(&tx) >= 0);
	EXPECT_TRUE(tx.tick >= 9000 && tx.tick <= 11000);
	AS_USER(1000, 1000, tx.modes = ADJ_TICK; EXPECT_ERRNO(adjtimex(&tx), EPERM));
	EXPECT_ERRNO(syscall(SYS_adjtimex, wild(8)), EFAULT);
}
