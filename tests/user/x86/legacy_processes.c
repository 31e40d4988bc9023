/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/* The older calls on processes, descriptors and events, by their numbers: results, errors, flags they do not set. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/time.h>

#define BAD ((void *)8)
#define KERNEL ((void *)0xffff888000000000)

TEST(legacy_processes, fork_and_getpgrp)
{
	pid_t group = syscall(SYS_getpgrp);
	volatile int copied = 1;
	long pid = syscall(SYS_fork);

	if (pid == 0) {
		copied = 2;
		_exit(syscall(SYS_getpgrp) == group ? 7 : 8);
	}
	SHOW(pid > 0);
	note("%s, mine %d", status_name(child_status(pid)), copied);
	SHOW(group == getpgid(0));
	SHOW(syscall(SYS_getpgrp, -1) == group);
	IN_CHILD(
		setpgid(0, 0);
		EXPECT_EQ(syscall(SYS_getpgrp), getpid()));
}

/* The child borrows memory and stack; the parent goes on when it has left. */
TEST(legacy_processes, vfork_shares_and_waits)
{
	static volatile int word = 1, order;
	long pid;

	__asm__ volatile("syscall\n testl %%eax, %%eax\n jnz 1f\n"
			 "movl $5, %[word]\n movl $231, %%eax\n movl $3, %%edi\n syscall\n ud2\n 1:"
			 : "=a"(pid), [word] "+m"(word) : "a"(SYS_vfork) : "rcx", "r11", "rdi", "memory");
	note("word %d order %d", word, order);
	note("%s", status_name(child_status(pid)));
}

TEST(legacy_processes, pipe)
{
	int fds[2] = { -1, -1 };

	SHOW(syscall(SYS_pipe, fds));
	SHOW(fds[1] == fds[0] + 1);
	SHOW(fcntl(fds[0], F_GETFL));
	SHOW(fcntl(fds[1], F_GETFL));
	SHOW(fcntl(fds[0], F_GETFD));
	SHOW(syscall(SYS_pipe, BAD));
	SHOW(syscall(SYS_pipe, KERNEL));
	note("descriptors %d", open_fd_count());
}

TEST(legacy_processes, dup2)
{
	int fd = temp_fd();

	SHOW(syscall(SYS_dup2, fd, 40));
	SHOW(fcntl(40, F_GETFD));
	SHOW(fcntl(40, F_SETFD, FD_CLOEXEC));
	SHOW(syscall(SYS_dup2, 40, 40));
	SHOW(fcntl(40, F_GETFD));
	SHOW(syscall(SYS_dup2, 40, 41));
	SHOW(fcntl(41, F_GETFD));
	SHOW(syscall(SYS_dup2, 99, 99));
	SHOW(syscall(SYS_dup2, 99, 40));
	SHOW(fcntl(40, F_GETFD));
	SHOW(syscall(SYS_dup2, fd, -1));
	SHOW(syscall(SYS_dup2, -1, -1));
	SHOW(syscall(SYS_dup2, fd, 1 << 20));
}

static volatile sig_atomic_t rang;

static void ring(int number)
{
	(void)number;
	rang++;
}

TEST(legacy_processes, alarm_and_pause)
{
	struct sigaction action = { .sa_handler = ring };
	struct itimerval left;

	sigaction(SIGALRM, &action, NULL);
	SHOW(syscall(SYS_alarm, 1000));
	SHOW(syscall(SYS_alarm, 2000));
	SHOW(getitimer(ITIMER_REAL, &left));
	note("set %d, again %d", left.it_value.tv_sec > 1900, left.it_interval.tv_sec != 0);
	SHOW(syscall(SYS_alarm, 0));
	SHOW(syscall(SYS_alarm, 0));
	/* The rest is rounded, and never to nothing. */
	left = (struct itimerval){ { 0, 0 }, { 0, 999999 } };
	SHOW(setitimer(ITIMER_REAL, &left, NULL));
	SHOW(syscall(SYS_alarm, 0));
	left = (struct itimerval){ { 7, 0 }, { 99, 900000 } };
	SHOW(setitimer(ITIMER_REAL, &left, NULL));
	SHOW(syscall(SYS_alarm, 0xffffffff) >= 99);
	SHOW(getitimer(ITIMER_REAL, &left));
	note("no interval %d, large %d", left.it_interval.tv_sec == 0, left.it_value.tv_sec > 1000000);
	SHOW(syscall(SYS_alarm, 0) > 1000000);
	SHOW(syscall(SYS_alarm, 1));
	SHOW(syscall(SYS_pause));
	SHOW(rang);
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	SHOW(syscall(SYS_alarm, 1));
	SHOW(syscall(SYS_pause));
	SHOW(rang);
}

TEST(legacy_processes, time_and_friends)
{
	long seconds = 0;
	long now = syscall(SYS_time, &seconds);

	SHOW(now == seconds);
	SHOW(now - time(NULL) <= 0 && now > 1600000000);
	SHOW(syscall(SYS_time, NULL) >= now);
	SHOW(syscall(SYS_time, BAD));
	SHOW(syscall(SYS_time, KERNEL));
}

TEST(legacy_processes, poll)
{
	int fds[2];
	struct pollfd p[3];
	pid_t pid;

	EXPECT_OK(pipe(fds));
	p[0] = (struct pollfd){ fds[0], POLLIN, 0 };
	p[1] = (struct pollfd){ fds[1], POLLOUT, 0 };
	p[2] = (struct pollfd){ 99, POLLIN, 0 };
	note("%s", RESULT(syscall(SYS_poll, p, 3, -1)));
	note("%#x %#x %#x", p[0].revents, p[1].revents, p[2].revents);
	note("%s", RESULT(syscall(SYS_poll, p, 1, 0)));
	note("%s", RESULT(syscall(SYS_poll, p, 1, 20)));
	note("%s", RESULT(syscall(SYS_poll, NULL, 0, 1)));
	note("%s", RESULT(syscall(SYS_poll, BAD, 1, 0)));
	note("%s", RESULT(syscall(SYS_poll, p, 10000000, 0)));
	CHILD(pid) {
		wait_state(getppid(), 'S');
		write_all(fds[1], "x", 1);
	}
	note("%s", RESULT(syscall(SYS_poll, p, 1, -1)));
	EXPECT_CHILD_OK(pid);
	signal(SIGALRM, ring);
	read(fds[0], p + 2, 1);
	ualarm(20000, 20000);
	note("%s", RESULT(syscall(SYS_poll, p, 1, -1)));
	note("%s", RESULT(syscall(SYS_poll, p, 1, -5)));
	ualarm(0, 0);
}

TEST(legacy_processes, select)
{
	int fds[2];
	fd_set in, out, ex;
	struct timeval tv = { 0, 0 };

	EXPECT_OK(pipe(fds));
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&ex);
	FD_SET(fds[0], &in);
	FD_SET(fds[1], &out);
	FD_SET(fds[1], &ex);
	note("%s", RESULT(syscall(SYS_select, fds[1] + 1, &in, &out, &ex, NULL)));
	note("in %d out %d ex %d", FD_ISSET(fds[0], &in) != 0, FD_ISSET(fds[1], &out) != 0, FD_ISSET(fds[1], &ex) != 0);
	FD_SET(fds[0], &in);
	note("%s", RESULT(syscall(SYS_select, fds[0] + 1, &in, NULL, NULL, &tv)));
	note("in %d", FD_ISSET(fds[0], &in) != 0);
	/* The time that is left comes back. */
	write_all(fds[1], "x", 1);
	FD_SET(fds[0], &in);
	tv = (struct timeval){ 1000, 0 };
	note("%s", RESULT(syscall(SYS_select, fds[0] + 1, &in, NULL, NULL, &tv)));
	note("left %d", tv.tv_sec > 900 && tv.tv_sec < 1000);
	tv = (struct timeval){ 0, 20000 };
	note("%s", RESULT(syscall(SYS_select, 0, NULL, NULL, NULL, &tv)));
	note("left %lld %lld", (long long)tv.tv_sec, (long long)tv.tv_usec);
	tv = (struct timeval){ -1, 0 };
	note("%s", RESULT(syscall(SYS_select, 0, NULL, NULL, NULL, &tv)));
	tv = (struct timeval){ 0, -1 };
	note("%s", RESULT(syscall(SYS_select, 0, NULL, NULL, NULL, &tv)));
	tv = (struct timeval){ 0, 1000001 };	/* taken: it is carried over */
	FD_ZERO(&in);
	FD_SET(fds[0], &in);
	note("%s", RESULT(syscall(SYS_select, fds[0] + 1, &in, NULL, NULL, &tv)));
	note("%s", RESULT(syscall(SYS_select, -1, NULL, NULL, NULL, NULL)));
	note("%s", RESULT(syscall(SYS_select, fds[0] + 1, BAD, NULL, NULL, NULL)));
	note("%s", RESULT(syscall(SYS_select, fds[0] + 1, &in, NULL, NULL, BAD)));
	FD_ZERO(&in);
	FD_SET(50, &in);
	note("%s", RESULT(syscall(SYS_select, 51, &in, NULL, NULL, NULL)));
	signal(SIGALRM, ring);
	ualarm(20000, 0);
	note("%s", RESULT(syscall(SYS_select, 0, NULL, NULL, NULL, NULL)));
}

TEST(legacy_processes, event_descriptors)
{
	sigset_t set;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 77 }, got = { 0 };
	int ep, ev, in, sig;
	uint64_t count = 0;
	char text[64];

	SHOW(syscall(SYS_epoll_create, 0));
	SHOW(syscall(SYS_epoll_create, -1));
	SHOW((ep = syscall(SYS_epoll_create, 1)) > 2);
	SHOW(fcntl(ep, F_GETFD));
	SHOW((ev = syscall(SYS_eventfd, 3)) > 2);
	SHOW(fcntl(ev, F_GETFD));
	SHOW(fcntl(ev, F_GETFL));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &event));
	SHOW(sizeof(struct epoll_event));
	SHOW(syscall(SYS_epoll_wait, ep, &got, 1, -1));
	note("%#x %lld", got.events, (long long)got.data.u64);
	SHOW(read(ev, &count, 8));
	SHOW(count);
	SHOW(syscall(SYS_epoll_wait, ep, &got, 1, 0));
	SHOW(syscall(SYS_epoll_wait, ep, &got, 1, 20));
	SHOW(syscall(SYS_epoll_wait, ep, &got, 0, 0));
	SHOW(syscall(SYS_epoll_wait, ep, &got, -1, 0));
	SHOW(syscall(SYS_epoll_wait, ev, &got, 1, 0));
	SHOW(syscall(SYS_epoll_wait, 99, &got, 1, 0));
	SHOW(syscall(SYS_epoll_wait, ep, KERNEL, 1, 0));
	signal(SIGALRM, ring);
	ualarm(20000, 0);
	SHOW(syscall(SYS_epoll_wait, ep, &got, 1, -1));
	SHOW((in = syscall(SYS_inotify_init)) > 2);
	SHOW(fcntl(in, F_GETFD));
	SHOW(fcntl(in, F_GETFL));
	SHOW(inotify_add_watch(in, ".", IN_CREATE) > 0);
	put_file("x", "");
	SHOW(read(in, text, sizeof(text)));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	SHOW(sigprocmask(SIG_BLOCK, &set, NULL));
	SHOW((sig = syscall(SYS_signalfd, -1, &set, 8)) > 2);
	SHOW(fcntl(sig, F_GETFD));
	SHOW(syscall(SYS_signalfd, -1, &set, 4));
	SHOW(syscall(SYS_signalfd, ev, &set, 8));
	SHOW(syscall(SYS_signalfd, -1, BAD, 8));
	raise(SIGUSR1);
	{
		struct signalfd_siginfo info;

		SHOW(read(sig, &info, sizeof(info)));
		SHOW(info.ssi_signo);
	}
}
