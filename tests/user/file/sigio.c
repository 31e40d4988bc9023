/* SPDX-License-Identifier: MIT */
/* O_ASYNC: the owner gets a signal when something can be read or written, with siginfo if F_SETSIG asked for one. */
#include "harness.h"
#include <sys/socket.h>

static volatile sig_atomic_t count, code, band_in, its_fd;

static void on_io(int number, siginfo_t *info, void *context)
{
	count++;
	code = info->si_code;
	band_in = !!(info->si_band & POLLIN);
	its_fd = info->si_fd;
}

static void arm(int fd, int number)
{
	struct sigaction sa = { .sa_sigaction = on_io, .sa_flags = SA_SIGINFO };

	sigaction(SIGIO, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	SHOW(fcntl(fd, F_SETOWN, getpid()));
	SHOW(fcntl(fd, F_SETSIG, number));
	SHOW(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
}

TEST(sigio, a_pipe_tells_its_reader)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	arm(p[0], 0);
	write_all(p[1], "x", 1);
	note("signals %d", count);
	SHOW(fcntl(p[0], F_SETFL, 0));
	write_all(p[1], "x", 1);
	note("signals %d", count);
}

TEST(sigio, a_real_time_signal_says_which_descriptor)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	arm(p[0], SIGRTMIN);
	write_all(p[1], "x", 1);
	note("signals %d code %d in %d fd right %d", count, code, band_in, its_fd == p[0]);
}

TEST(sigio, a_socket)
{
	int s[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	arm(s[0], SIGRTMIN);
	write_all(s[1], "x", 1);
	note("signals %d, code %d in %d", count > 0, code, band_in);
}

TEST(sigio, the_end_of_a_pipe)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	arm(p[0], SIGRTMIN);
	close(p[1]);
	note("signals %d", count);
}

TEST(sigio, another_process_owns_it)
{
	int p[2], ready[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		struct sigaction sa = { .sa_sigaction = on_io, .sa_flags = SA_SIGINFO };
		sigset_t block, none;

		sigemptyset(&none);
		sigemptyset(&block);
		sigaddset(&block, SIGIO);
		sigprocmask(SIG_BLOCK, &block, NULL);
		sigaction(SIGIO, &sa, NULL);
		write_all(ready[1], "x", 1);
		while (!count)
			sigsuspend(&none);
		note("child: signals %d", count);
	}
	REQUIRE_OK(read(ready[0], &byte, 1));
	SHOW(fcntl(p[0], F_SETOWN, pid));
	SHOW(fcntl(p[0], F_SETFL, O_ASYNC));
	write_all(p[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}
