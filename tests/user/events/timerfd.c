/* SPDX-License-Identifier: MIT */
/* timerfd: arming, expirations counted, absolute times, poll, errors. */
#include "harness.h"
#include <poll.h>
#include <sys/timerfd.h>

#define MS 1000000L

static int arm(int fd, int flags, long ms, long every)
{
	struct itimerspec t = { { every / 1000, every % 1000 * MS }, { ms / 1000, ms % 1000 * MS } };

	return timerfd_settime(fd, flags, &t, NULL);
}

TEST(timerfd, fires_once_not_early)
{
	uint64_t count = 0;
	long long start = now_ms();
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0));

	SHOW(arm(fd, 0, 30, 0));
	SHOW(read(fd, &count, 8));
	SHOW(count);
	SHOW(now_ms() - start >= 30);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	SHOW(read(fd, &count, 8));
}

TEST(timerfd, a_period_accumulates)
{
	struct itimerspec now;
	uint64_t count = 0;
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));

	SHOW(arm(fd, 0, 10, 10));
	sleep_ms(60);
	SHOW(read(fd, &count, 8));
	SHOW(count >= 5);
	SHOW(timerfd_gettime(fd, &now));
	SHOW(now.it_interval.tv_nsec);
	SHOW(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 10 * MS);
}

TEST(timerfd, poll_and_disarm)
{
	struct itimerspec old;
	struct itimerspec off = { { 0 } };
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
	uint64_t count;

	note("poll %d", poll(&p, 1, 0));
	arm(fd, 0, 1, 0);
	note_poll("poll", &p, -1);
	arm(fd, 0, 1000000, 0);
	note("rearmed: poll %d", poll(&p, 1, 0));
	SHOW(read(fd, &count, 8));
	SHOW(timerfd_settime(fd, 0, &off, &old));
	SHOW(old.it_value.tv_sec >= 900 && old.it_value.tv_sec <= 1000);
	SHOW(timerfd_gettime(fd, &old));
	note("%ld %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
}

TEST(timerfd, absolute_times)
{
	struct itimerspec t = { { 0 } };
	uint64_t count = 0;
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0));

	clock_gettime(CLOCK_MONOTONIC, &t.it_value);
	t.it_value.tv_nsec += 20 * MS;
	if (t.it_value.tv_nsec >= 1000 * MS) {
		t.it_value.tv_sec++;
		t.it_value.tv_nsec -= 1000 * MS;
	}
	SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL));
	SHOW(read(fd, &count, 8));
	SHOW(count);
	/* In the past: at once. */
	t.it_value.tv_sec = 0;
	t.it_value.tv_nsec = 1;
	SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL));
	SHOW(read(fd, &count, 8));
	SHOW(count);
}

TEST(timerfd, clocks)
{
	SHOW(timerfd_create(CLOCK_REALTIME, 0) >= 0);
	SHOW(timerfd_create(CLOCK_BOOTTIME, 0) >= 0);
	SHOW(timerfd_create(CLOCK_REALTIME_ALARM, 0) >= 0);
	SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
	SHOW(timerfd_create(CLOCK_THREAD_CPUTIME_ID, 0));
	SHOW(timerfd_create(CLOCK_MONOTONIC_RAW, 0));
	SHOW(timerfd_create(99, 0));
	SHOW(timerfd_create(-1, 0));
	SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
	SHOW(fcntl(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), F_GETFD));
}

TEST(timerfd, errors)
{
	struct itimerspec t = { { 0 } };
	uint64_t count;
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(read(fd, &count, 7));
	SHOW(write(fd, &count, 8));
	SHOW(timerfd_settime(-1, 0, &t, NULL));
	SHOW(timerfd_settime(p[0], 0, &t, NULL));
	SHOW(timerfd_gettime(p[0], &t));
	SHOW(timerfd_settime(fd, 0x80, &t, NULL));
	SHOW(timerfd_settime(fd, 0, NULL, NULL));
	SHOW(timerfd_gettime(fd, NULL));
	t.it_value.tv_nsec = 1000000000;
	SHOW(timerfd_settime(fd, 0, &t, NULL));
	t.it_value.tv_nsec = -1;
	SHOW(timerfd_settime(fd, 0, &t, NULL));
	t.it_value = (struct timespec){ -1, 0 };
	SHOW(timerfd_settime(fd, 0, &t, NULL));
}
