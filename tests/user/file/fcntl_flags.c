/* SPDX-License-Identifier: MIT */
/* fcntl(2): F_GETFD/SETFD, F_GETFL/SETFL, owners and signals, pipe sizes on other files, bad commands. */
#include "harness.h"

static void show_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	note("accmode %d append %d nonblock %d async %d noatime %d direct %d sync %d", flags & 3,
	     !!(flags & O_APPEND), !!(flags & O_NONBLOCK), !!(flags & O_ASYNC),
	     !!(flags & O_NOATIME), !!(flags & O_DIRECT), (flags & O_SYNC) == O_SYNC);
}

TEST(fcntl, cloexec_is_per_descriptor)
{
	int fd = temp_fd();

	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, 0xfe));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, 0xff));
	SHOW(fcntl(fd, F_GETFD));
}

TEST(fcntl, setfl_changes_only_what_can_change)
{
	int fd = temp_fd();

	SHOW(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_NOATIME));
	show_flags(fd);
	SHOW(fcntl(fd, F_SETFL, O_WRONLY | O_SYNC | O_CREAT | O_TRUNC | O_EXCL));
	show_flags(fd);
	SHOW(fcntl(fd, F_SETFL, 0));
	show_flags(fd);
}

TEST(fcntl, setfl_async_needs_a_file_that_can)
{
	int pipes[2], fd = temp_fd();

	REQUIRE_OK(pipe(pipes));
	SHOW(fcntl(pipes[0], F_SETFL, O_ASYNC));
	show_flags(pipes[0]);
	SHOW(fcntl(fd, F_SETFL, O_ASYNC));
	show_flags(fd);
}

TEST(fcntl, direct_on_tmpfs)
{
	int fd = temp_fd();

	SHOW(fcntl(fd, F_SETFL, O_DIRECT));
	put_file("f", "");
	SHOW(open("f", O_RDWR | O_DIRECT));
}

TEST(fcntl, owner_and_signal)
{
	struct f_owner_ex owner = { 0 };
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	SHOW(fcntl(pipes[0], F_GETOWN));
	SHOW(fcntl(pipes[0], F_SETOWN, getpid()));
	SHOW(fcntl(pipes[0], F_GETOWN) == getpid());
	SHOW(fcntl(pipes[0], F_SETOWN, -getpgrp()));
	SHOW(fcntl(pipes[0], F_GETOWN_EX, &owner));
	note("type %d same %d", owner.type, owner.pid == getpgrp());
	owner.type = F_OWNER_TID;
	owner.pid = getpid();
	SHOW(fcntl(pipes[0], F_SETOWN_EX, &owner));
	owner.type = 17;
	SHOW(fcntl(pipes[0], F_SETOWN_EX, &owner));
	SHOW(fcntl(pipes[0], F_SETOWN, 0x3fffffff));
	SHOW(fcntl(pipes[0], F_GETSIG));
	SHOW(fcntl(pipes[0], F_SETSIG, SIGUSR1));
	SHOW(fcntl(pipes[0], F_GETSIG) == SIGUSR1);
	SHOW(fcntl(pipes[0], F_SETSIG, 65));
	SHOW(fcntl(pipes[0], F_SETSIG, -1));
	SHOW(fcntl(pipes[0], F_SETOWN, 0));
}

static volatile sig_atomic_t got_signal;

static void on_io(int number)
{
	got_signal = number;
}

TEST(fcntl, async_reports_input_by_signal)
{
	sigset_t set, old;
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	signal(SIGIO, on_io);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, &old);
	EXPECT_OK(fcntl(pipes[0], F_SETOWN, getpid()));
	EXPECT_OK(fcntl(pipes[0], F_SETFL, O_ASYNC));
	write_all(pipes[1], "x", 1);
	while (!got_signal)
		sigsuspend(&old);
	note("signal %s", signal_name(got_signal));
}

TEST(fcntl, bad_commands_and_descriptors)
{
	int fd = temp_fd();

	SHOW(fcntl(-1, F_GETFD));
	SHOW(fcntl(700, F_GETFL));
	SHOW(fcntl(fd, 9999));
	SHOW(fcntl(fd, -1));
	SHOW(fcntl(fd, F_GETPIPE_SZ));
	SHOW(fcntl(fd, F_SETPIPE_SZ, 4096));
	SHOW(fcntl(fd, F_GETLK, NULL));
	SHOW(fcntl(fd, F_SETLK, NULL));
	SHOW(fcntl(fd, F_GETOWN_EX, NULL));
	SHOW(fcntl(fd, F_GET_SEALS));
}
