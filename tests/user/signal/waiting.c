/* SPDX-License-Identifier: MIT */
/* rt_sigtimedwait, sigsuspend, pause and the mask swaps of ppoll, pselect and epoll_pwait. */
#include "../harness.h"
#include "../process/util.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static volatile sig_atomic_t hits;
static volatile uint64_t mask_inside;

static void handler(int number)
{
	hits++;
	(void)number;
	mask_inside = raw_mask(SIG_BLOCK, NULL);
}

static long timedwait(const uint64_t *set, siginfo_t *info, const struct timespec *limit, size_t size)
{
	return syscall(SYS_rt_sigtimedwait, set, info, limit, size);
}

TEST(waiting, timedwait_takes_a_pending_signal_at_once)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2);
	struct timespec zero = { 0, 0 };
	siginfo_t info;

	raw_mask(SIG_BLOCK, &set);
	EXPECT_ERRNO(timedwait(&set, &info, &zero, 8), EAGAIN);
	raise(SIGUSR2);
	raise(SIGUSR1);
	EXPECT_EQ(timedwait(&set, &info, &zero, 8), SIGUSR1);
	EXPECT_EQ(info.si_signo, SIGUSR1);
	EXPECT_EQ(timedwait(&set, NULL, NULL, 8), SIGUSR2);
	EXPECT_ERRNO(timedwait(&set, &info, &zero, 8), EAGAIN);
}

TEST(waiting, timedwait_errors)
{
	uint64_t set = SIGBIT(SIGUSR1);
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };

	raw_mask(SIG_BLOCK, &set);
	EXPECT_ERRNO(timedwait(&set, NULL, &bad, 8), EINVAL);
	EXPECT_ERRNO(timedwait(&set, NULL, &negative, 8), EINVAL);
	EXPECT_ERRNO(timedwait(&set, NULL, NULL, 4), EINVAL);
	EXPECT_ERRNO(timedwait(wild(8), NULL, NULL, 8), EFAULT);
	EXPECT_ERRNO(timedwait(&set, NULL, wild(8), 8), EFAULT);
	raise(SIGUSR1);
	/* The signal is gone although it could not be stored. */
	EXPECT_ERRNO(timedwait(&set, wild(8), NULL, 8), EFAULT);
	EXPECT_EQ(raw_pending(), 0);
}

TEST(waiting, timedwait_is_interrupted_by_another_signal)
{
	uint64_t set = SIGBIT(SIGUSR1);
	pid_t pid, me = getpid();

	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(SIGUSR2, &action, NULL);
	raw_mask(SIG_BLOCK, &set);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR2);
	}
	EXPECT_ERRNO(timedwait(&set, NULL, NULL, 8), EINTR);
	note("hits %d", (int)hits);
	EXPECT_CHILD_OK(pid);
}

TEST(waiting, timedwait_sleeps_until_the_signal_comes)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGKILL);
	pid_t pid, me = getpid();
	siginfo_t info;

	raw_mask(SIG_BLOCK, &set);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_EQ(timedwait(&set, &info, NULL, 8), SIGUSR1);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_CHILD_OK(pid);
}

TEST(waiting, timedwait_takes_even_unblocked_and_ignored_ones_it_waits_for)
{
	uint64_t set = SIGBIT(SIGUSR1);
	pid_t pid, me = getpid();

	/* Not blocked: while waiting it counts as blocked, so that no handler runs. */
	signal(SIGUSR1, handler);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_EQ(timedwait(&set, NULL, NULL, 8), SIGUSR1);
	note("handler ran %d times", (int)hits);
	EXPECT_CHILD_OK(pid);
}

TEST(waiting, sigsuspend_swaps_and_restores)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGHUP), open = SIGBIT(SIGHUP);
	pid_t pid, me = getpid();

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &open, 8), EINTR);
	note("hits %d inside %#llx after %#llx", (int)hits, (long long)mask_inside,
	     (long long)raw_mask(SIG_BLOCK, NULL));
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &open, 8), EINTR);
	note("hits %d", (int)hits);
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &open, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, wild(8), 8), EFAULT);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), set);
}

TEST(waiting, sigsuspend_goes_on_sleeping_after_an_ignored_signal)
{
	uint64_t none = 0;
	pid_t pid, me = getpid();

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR2);
		kill(me, SIGCHLD);
		kill(me, SIGSTOP);
		wait_state(me, 'T');
		kill(me, SIGCONT);
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &none, 8), EINTR);
	note("hits %d", (int)hits);
	EXPECT_CHILD_OK(pid);
}

TEST(waiting, ppoll_pselect_and_epoll_pwait_swap_the_mask_atomically)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	struct timespec limit = { 20, 0 };
	struct epoll_event event;
	int ep = epoll_create1(0);

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	EXPECT_EQ(poll(NULL, 0, 1), 0);
	note("hits %d", (int)hits);
	EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, &limit, &none, 8), EINTR);
	note("ppoll: hits %d inside %#llx", (int)hits, (long long)mask_inside);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), set);
	raise(SIGUSR1);
	struct { const uint64_t *mask; size_t size; } pack = { &none, 8 };

	limit.tv_sec = 20;
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &limit, &pack), EINTR);
	note("pselect: hits %d", (int)hits);
	raise(SIGUSR1);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait, ep, &event, 1, 20000, &none, 8), EINTR);
	note("epoll_pwait: hits %d", (int)hits);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), set);
	limit = (struct timespec){ 20, 0 };
	raise(SIGUSR1);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait2, ep, &event, 1, &limit, &none, 8), EINTR);
	note("epoll_pwait2: hits %d", (int)hits);
	EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, &limit, &none, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, &limit, wild(8), 8), EFAULT);
}

TEST(waiting, a_ready_descriptor_wins_and_the_signal_is_delivered_or_stays)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	struct timespec limit = { 20, 0 };
	struct pollfd poller = { .events = POLLIN };
	int pipes[2];

	EXPECT_OK(pipe(pipes));
	write_all(pipes[1], "x", 1);
	poller.fd = pipes[0];
	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	EXPECT_EQ(syscall(SYS_ppoll, &poller, 1, &limit, &none, 8), 1);
	note("hits %d pending %#llx", (int)hits, (long long)raw_pending());
}

TEST(waiting, ppoll_leaves_or_updates_the_time_that_is_left)
{
	uint64_t none = 0;
	struct timespec limit = { 30, 0 };
	pid_t pid, me = getpid();

	signal(SIGUSR1, handler);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, &limit, &none, 8), EINTR);
	EXPECT_TRUE(limit.tv_sec >= 1 && limit.tv_sec <= 29);
	EXPECT_CHILD_OK(pid);
	limit = (struct timespec){ 0, 1000000 };
	EXPECT_EQ(syscall(SYS_ppoll, NULL, 0, &limit, NULL, 8), 0);
	note("after the time-out %ld %ld", (long)limit.tv_sec, limit.tv_nsec);
}

TEST(waiting, pause_returns_only_after_a_handler)
{
	pid_t pid, me = getpid();

	signal(SIGUSR1, handler);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGCHLD);
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(pause(), EINTR);
	note("hits %d", (int)hits);
	EXPECT_CHILD_OK(pid);
}
