/* SPDX-License-Identifier: MIT */
/* signalfd4(2): reading signals, what siginfo says, poll, masks. */
#include "harness.h"
#include <poll.h>
#include <sys/signalfd.h>

static int make(int flags, int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, flags);
}

TEST(signalfd, reads_what_is_pending)
{
	struct signalfd_siginfo info[4];
	int fd = REQUIRE_OK(make(SFD_NONBLOCK, SIGUSR1, SIGUSR2));
	struct pollfd p = { fd, POLLIN, 0 };

	SHOW(read(fd, info, sizeof(info)));
	note("poll %d", poll(&p, 1, 0));
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	note_poll("poll", &p, 0);
	SHOW(read(fd, info, sizeof(info)) / (long)sizeof(info[0]));
	note("%s code %d mine %d uid %u", signal_name(info[0].ssi_signo), info[0].ssi_code,
	     info[0].ssi_pid == (unsigned int)getpid(), info[0].ssi_uid);
	note("%s", signal_name(info[1].ssi_signo));
	SHOW(read(fd, info, sizeof(info)));
}

TEST(signalfd, queued_values_and_children)
{
	struct signalfd_siginfo info;
	int fd = REQUIRE_OK(make(0, SIGRTMIN + 1, SIGCHLD));
	union sigval value = { .sival_int = 42 };
	pid_t pid;

	EXPECT_OK(sigqueue(getpid(), SIGRTMIN + 1, value));
	SHOW(read(fd, &info, sizeof(info)) == sizeof(info));
	note("%s code %d int %d", signal_name(info.ssi_signo), info.ssi_code, info.ssi_int);
	CHILD(pid)
		_exit(7);
	SHOW(read(fd, &info, sizeof(info)) == sizeof(info));
	note("%s code %d status %d its pid %d", signal_name(info.ssi_signo), info.ssi_code,
	     info.ssi_status, info.ssi_pid == (unsigned int)pid);
	note("%s", status_name(child_status(pid)));
}

TEST(signalfd, waits)
{
	pid_t pid;

	CHILD(pid) {
		struct signalfd_siginfo info;
		int fd = make(0, SIGUSR1, SIGUSR2);

		SHOW(read(fd, &info, sizeof(info)) == sizeof(info));
		note("%s", signal_name(info.ssi_signo));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(signalfd, the_mask_can_be_changed)
{
	struct signalfd_siginfo info;
	sigset_t set;
	int fd = REQUIRE_OK(make(SFD_NONBLOCK, SIGUSR1, SIGUSR2));

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	SHOW(signalfd(fd, &set, 0) == fd);
	kill(getpid(), SIGUSR1);
	SHOW(read(fd, &info, sizeof(info)));
	kill(getpid(), SIGUSR2);
	SHOW(read(fd, &info, sizeof(info)) == sizeof(info));
}

TEST(signalfd, errors)
{
	struct signalfd_siginfo info;
	sigset_t set;
	int p[2], fd = REQUIRE_OK(make(SFD_NONBLOCK, SIGUSR1, SIGUSR2));

	sigemptyset(&set);
	REQUIRE_OK(pipe(p));
	SHOW(signalfd(p[0], &set, 0));
	SHOW(signalfd(900, &set, 0));
	SHOW(signalfd(-1, &set, 1));
	SHOW(syscall(SYS_signalfd4, -1, &set, 4, 0));
	SHOW(syscall(SYS_signalfd4, -1, NULL, 8, 0));
	SHOW(read(fd, &info, sizeof(info) - 1));
	SHOW(write(fd, &info, sizeof(info)));
	sigfillset(&set);
	SHOW(signalfd(-1, &set, 0) >= 0);
}

TEST(signalfd, each_reader_takes_its_own_signals)
{
	struct signalfd_siginfo info;
	int fd = REQUIRE_OK(make(SFD_NONBLOCK, SIGUSR1, SIGUSR2));

	kill(getpid(), SIGUSR1);
	IN_CHILD(SHOW(read(fd, &info, sizeof(info))));
	SHOW(read(fd, &info, sizeof(info)) == sizeof(info));
}
