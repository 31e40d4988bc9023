/* SPDX-License-Identifier: MIT */
/* timer_create and its four relatives, setitimer, getitimer, timerfd: errors, and what is read back. */
#include "harness.h"
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/resource.h>

TEST(timererr, create)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int id = 77;

	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, NULL));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, (void *)8));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, (void *)8, &id));
	e.sigev_signo = 65;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = 0;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = -1;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = SIGUSR1;
	e.sigev_notify = 3;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = 99;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = SIGEV_THREAD_ID;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e._sigev_un._tid = 1;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e._sigev_un._tid = getpid();
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = SIGEV_THREAD;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = SIGEV_NONE;
	e.sigev_signo = 1000;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
}

TEST(timererr, set_and_get)
{
	struct itimerspec s = { { 5, 0 }, { 1000, 0 } }, old = { 0 };
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int id;

	REQUIRE_OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	note("%d %ld", old.it_value.tv_sec > 900, (long)old.it_interval.tv_sec);
	SHOW(syscall(SYS_timer_settime, id, 2, &s, &old));
	note("%d %ld", old.it_value.tv_sec >= 900, (long)old.it_interval.tv_sec);
	SHOW(syscall(SYS_timer_settime, id, TIMER_ABSTIME, &s, (void *)8));
	SHOW(syscall(SYS_timer_settime, id, 0, NULL, &old));
	SHOW(syscall(SYS_timer_settime, id, 0, (void *)8, &old));
	s.it_value.tv_nsec = 1000000000;
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	s.it_value.tv_nsec = -1;
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	s.it_value.tv_nsec = 0;
	s.it_interval.tv_nsec = -1;
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	s.it_interval.tv_nsec = 0;
	s.it_value.tv_sec = -1;
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	s.it_value.tv_sec = 0;
	SHOW(syscall(SYS_timer_settime, id, 0, &s, &old));
	SHOW(syscall(SYS_timer_gettime, id, &old));
	note("%d %ld", old.it_value.tv_sec > 900, (long)old.it_interval.tv_sec);
	SHOW(syscall(SYS_timer_gettime, id, NULL));
	SHOW(syscall(SYS_timer_gettime, 999, &old));
	SHOW(syscall(SYS_timer_gettime, -1, &old));
	SHOW(syscall(SYS_timer_settime, 999, 0, &s, &old));
	SHOW(syscall(SYS_timer_getoverrun, id));
	SHOW(syscall(SYS_timer_getoverrun, 999));
	SHOW(syscall(SYS_timer_delete, 999));
	SHOW(syscall(SYS_timer_delete, id));
	SHOW(syscall(SYS_timer_delete, id));
	IN_CHILD(SHOW(syscall(SYS_timer_gettime, id, &old)));
}

TEST(timererr, too_many)
{
	struct rlimit r = { 5, 5 };
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int id, made = 0;

	REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &r));
	harness_become(1234, 1234);
	while (made < 100 && syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id) == 0)
		made++;
	note("%d %s", made, errno_name(errno));
}

TEST(timererr, itimer)
{
	struct itimerval v = { { 7, 0 }, { 1000, 0 } }, old;

	for (int which = -1; which < 4; which++) {
		note("set %d: %s", which, RESULT(syscall(SYS_setitimer, which, &v, NULL)));
		note("get %d: %s", which, RESULT(syscall(SYS_getitimer, which, &old)));
	}
	note("interval %ld", (long)old.it_interval.tv_sec);
	SHOW(syscall(SYS_getitimer, ITIMER_REAL, NULL));
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, (void *)8, NULL));
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, &v, (void *)8));
	v.it_value.tv_usec = 1000000;
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, &v, NULL));
	v.it_value.tv_usec = -1;
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, &v, NULL));
	v.it_value = (struct timeval){ -1, 0 };
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, &v, NULL));
	SHOW(syscall(SYS_setitimer, ITIMER_REAL, NULL, &old));
	note("%d", old.it_value.tv_sec >= 900);
	SHOW(syscall(SYS_getitimer, ITIMER_REAL, &old));
	note("disarmed by a null pointer: %ld", (long)old.it_value.tv_sec);
	IN_CHILD({
		syscall(SYS_getitimer, ITIMER_VIRTUAL, &old);
		note("a child has none: %ld", (long)old.it_value.tv_sec);
	});
}

TEST(timererr, timerfd)
{
	struct itimerspec s = { { 0, 0 }, { 1000, 0 } }, old;
	int fd, p[2];

	REQUIRE_OK(pipe(p));
	for (int id = -1; id < 12; id++)
		note("clock %d: %s", id, RESULT(syscall(SYS_timerfd_create, id, 0) >= 0 ? 0 : -1));
	SHOW(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 1));
	fd = (int)syscall(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	SHOW(timerfd_settime(fd, 0, &s, &old));
	SHOW(timerfd_settime(fd, 4, &s, &old));
	SHOW(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &s, &old));
	SHOW(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET | TFD_TIMER_ABSTIME, &s, &old));
	SHOW(timerfd_settime(p[0], 0, &s, &old));
	SHOW(timerfd_settime(-1, 0, &s, &old));
	SHOW(timerfd_settime(fd, 0, NULL, &old));
	SHOW(timerfd_settime(fd, 0, &s, (void *)8));
	s.it_value.tv_nsec = 1000000000;
	SHOW(timerfd_settime(fd, 0, &s, &old));
	s.it_value = (struct timespec){ -1, 0 };
	SHOW(timerfd_settime(fd, 0, &s, &old));
	SHOW(timerfd_gettime(fd, &old));
	note("%d", old.it_value.tv_sec >= 900);
	SHOW(timerfd_gettime(fd, (void *)8));
	SHOW(timerfd_gettime(p[0], &old));
	SHOW(timerfd_gettime(-1, &old));
	SHOW(read(fd, &s, 8));
	SHOW(read(fd, &s, 7));
	s = (struct itimerspec){ { 0, 0 }, { 0, 1 } };
	SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL));
	SHOW(poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, -1));
	SHOW(read(fd, (void *)8, 8));
	SHOW(read(fd, &s, 7));
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_timerfd_create, CLOCK_REALTIME_ALARM, 0));
		SHOW(syscall(SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, 0));
	});
}
