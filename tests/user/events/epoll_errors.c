/* SPDX-License-Identifier: MIT */
/* epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, epoll_pwait2: errors and oddities. */
#include "harness.h"
#include <poll.h>
#include <sys/epoll.h>

TEST(epollerr, create)
{
	SHOW(syscall(SYS_epoll_create1, 0));
	SHOW(fcntl(3, F_GETFD));
	SHOW(syscall(SYS_epoll_create1, EPOLL_CLOEXEC));
	SHOW(fcntl(4, F_GETFD));
	SHOW(syscall(SYS_epoll_create1, 1));
}

TEST(epollerr, ctl)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0), p[2], file;

	put_file("f", "");
	file = open("f", O_RDWR);
	REQUIRE_OK(pipe(p));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, open(".", O_RDONLY), &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, open("f", O_PATH), &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, open("/dev/null", O_RDWR), &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 600, &e));
	SHOW(epoll_ctl(-1, EPOLL_CTL_ADD, p[1], &e));
	SHOW(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
	SHOW(epoll_ctl(ep, 9, p[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], NULL));
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], (void *)8));
}

TEST(epollerr, wait)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(epoll_wait(ep, &e, 0, 0));
	SHOW(epoll_wait(ep, &e, -1, 0));
	SHOW(epoll_wait(ep, &e, 0x7fffffff, 0));
	SHOW(epoll_wait(-1, &e, 1, 0));
	SHOW(epoll_wait(p[0], &e, 1, 0));
	SHOW(epoll_wait(ep, NULL, 1, 0));
	write_all(p[1], "x", 1);
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
	SHOW(epoll_wait(ep, NULL, 1, 0));
	SHOW(epoll_wait(ep, (void *)8, 1, 0));
	SHOW(epoll_wait(ep, &e, 1, 0));
}

TEST(epollerr, an_epoll_descriptor_itself)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0), p[2];
	struct pollfd poller = { ep, POLLIN | POLLOUT, 0 };
	char byte;

	REQUIRE_OK(pipe(p));
	SHOW(read(ep, &byte, 1));
	SHOW(write(ep, &byte, 1));
	SHOW(lseek(ep, 0, SEEK_SET));
	note_poll("poll", &poller, 0);
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
	write_all(p[1], "x", 1);
	note_poll("poll", &poller, 0);
}

TEST(epollerr, a_closed_file_leaves_the_set)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0), p[2], copy;

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
	copy = dup(p[0]);
	close(p[0]);
	/* The open file lives on in its copy, and so does the registration. */
	SHOW(epoll_wait(ep, &e, 1, 0));
	close(copy);
	SHOW(epoll_wait(ep, &e, 1, 0));
}

TEST(epollerr, duplicates_are_registered_each)
{
	struct epoll_event e[4] = { { .events = EPOLLIN } };
	int ep = epoll_create1(0), p[2], copy;

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	copy = dup(p[0]);
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, copy, e));
	SHOW(epoll_wait(ep, e, 4, 0));
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

TEST(epollerr, pwait_swaps_the_mask)
{
	struct timespec zero = { 0, 0 }, bad = { 0, -1 }, ten = { 0, 20000000 };
	struct epoll_event e;
	int ep = epoll_create1(0);
	sigset_t block, empty;
	long long start = now_ms();

	signal(SIGUSR1, on_signal);
	sigemptyset(&block);
	sigemptyset(&empty);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	SHOW(epoll_pwait(ep, &e, 1, 0, NULL));
	SHOW(epoll_pwait(ep, &e, 1, -1, &empty));
	note("caught %s", signal_name(caught));
	SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, &zero, NULL, 0));
	SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, &bad, NULL, 0));
	SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, &ten, NULL, 0));
	SHOW(now_ms() - start >= 20);
	SHOW(syscall(SYS_epoll_pwait, ep, &e, 1, 0, &empty, 4));
	raise(SIGUSR1);
	SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, NULL, &empty, 8));
}
