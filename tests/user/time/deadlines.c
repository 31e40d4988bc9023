/* SPDX-License-Identifier: MIT */
/*
 * 2,500 ms are 2,500 ms in every call that takes a time-out, on an idle and on a busy machine. All calls
 * run at once in children of their own; the upper bound is generous for a slow host.
 */
#include "../harness.h"
#include "../process/util.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#define SPAN 2500
#define SLACK 20000

static int fd, ep;

static const struct timespec span = { SPAN / 1000, SPAN % 1000 * 1000000 };

static struct timespec from_now(int clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_sec += span.tv_sec;
	ts.tv_nsec += span.tv_nsec;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	return ts;
}

static long do_poll(void)
{
	struct pollfd poller = { fd, POLLIN, 0 };

	return poll(&poller, 1, SPAN);
}

static long do_ppoll(void)
{
	struct timespec ts = span;

	return syscall(SYS_ppoll, NULL, 0, &ts, NULL, 8);
}

static long do_select(void)
{
	struct timeval tv = { SPAN / 1000, SPAN % 1000 * 1000 };
	fd_set fds;

	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	return select(fd + 1, &fds, NULL, NULL, &tv);
}

static long do_pselect(void)
{
	struct timespec ts = span;

	return pselect(0, NULL, NULL, NULL, &ts, NULL);
}

static long do_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(ep, &event, 1, SPAN);
}

static long do_epoll2(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait2, ep, &event, 1, &span, NULL, 8);
}

static long do_nanosleep(void)
{
	return syscall(SYS_nanosleep, &span, NULL);
}

static long do_clock_nanosleep(void)
{
	struct timespec until = from_now(CLOCK_MONOTONIC);

	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static int word;

static long do_futex(void)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &span);
}

static long do_futex_monotonic(void)
{
	struct timespec until = from_now(CLOCK_MONOTONIC);

	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &until, NULL, -1);
}

static long do_futex_real(void)
{
	struct timespec until = from_now(CLOCK_REALTIME);

	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &until, NULL, -1);
}

static long do_sigtimedwait(void)
{
	uint64_t set = SIGBIT(SIGUSR1);

	return syscall(SYS_rt_sigtimedwait, &set, NULL, &span, 8);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "poll", do_poll }, { "ppoll", do_ppoll }, { "select", do_select }, { "pselect", do_pselect },
	{ "epoll_wait", do_epoll }, { "epoll_pwait2", do_epoll2 }, { "nanosleep", do_nanosleep },
	{ "clock_nanosleep", do_clock_nanosleep }, { "futex", do_futex },
	{ "futex absolute monotonic", do_futex_monotonic }, { "futex absolute real", do_futex_real },
	{ "rt_sigtimedwait", do_sigtimedwait },
};

static void run_all(void)
{
	char (*results)[64] = shared_memory(4096);
	pid_t pids[ARRAY_SIZE(calls)];
	struct epoll_event event = { .events = EPOLLIN };
	int pipes[2];

	EXPECT_OK(pipe(pipes));
	fd = pipes[0];
	ep = epoll_create1(0);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		CHILD(pids[i]) {
			long long start = now_ms(), passed;
			long result = calls[i].call();
			const char *text = result < 0 ? errno_name(errno) : result ? "not zero" : "0";

			passed = now_ms() - start;
			snprintf(results[i], 64, "%s, %s", text, passed < SPAN - 1 ? "too early" :
				 passed > SPAN + SLACK ? "too late" : "in time");
		}
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_CHILD_OK(pids[i]);
		note("%s: %s", calls[i].name, results[i]);
	}
}

TEST(deadlines, on_an_idle_machine)
{
	run_all();
}

TEST(deadlines, on_a_busy_machine)
{
	pid_t burners[6];

	for (int i = 0; i < 6; i++)
		CHILD(burners[i])
			for (;;)
				;
	run_all();
	for (int i = 0; i < 6; i++) {
		kill(burners[i], SIGKILL);
		child_status(burners[i]);
	}
}

TEST(deadlines, restarts_do_not_make_them_later)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	pid_t pid, me = getpid();
	long long start = now_ms(), passed;

	sigaction(SIGUSR1, &action, NULL);
	/* Stopped and continued again and again: the deadline stays where it was. */
	CHILD(pid) {
		for (int i = 0; i < 10; i++) {
			wait_state(me, 'S');
			kill(me, SIGSTOP);
			wait_state(me, 'T');
			kill(me, SIGCONT);
			sleep_ms(100);
		}
	}
	EXPECT_OK(syscall(SYS_nanosleep, &span, NULL));
	passed = now_ms() - start;
	note("%s", passed < SPAN - 1 ? "too early" : passed > SPAN + SLACK ? "too late" : "in time");
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(deadlines, short_sleeps_do_sleep)
{
	long long start = now_ms();

	for (int i = 0; i < 100; i++) {
		struct timespec ts = { 0, 500000 };

		syscall(SYS_nanosleep, &ts, NULL);
	}
	EXPECT_TRUE(now_ms() - start >= 50);
}
