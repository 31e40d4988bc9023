/* SPDX-License-Identifier: MIT */
/* wait4 and waitid: options, ids and pointers that are wrong, and who has no such child. */
#include "../harness.h"
#include <sys/resource.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static long raw_waitid(int type, int id, siginfo_t *info, int options)
{
	return syscall(SYS_waitid, type, id, info, options, NULL);
}

TEST(waiterr, no_children)
{
	int status;
	siginfo_t info;

	SHOW(wait4(-1, &status, 0, NULL));
	SHOW(wait4(-1, &status, WNOHANG, NULL));
	SHOW(wait4(0, &status, 0, NULL));
	SHOW(wait4(1, &status, 0, NULL));
	SHOW(wait4(getpid(), &status, 0, NULL));
	SHOW(wait4(99999999, &status, 0, NULL));
	SHOW(wait4(-99999999, &status, 0, NULL));
	SHOW(wait4((pid_t)0x80000000, &status, 0, NULL));
	SHOW(raw_waitid(P_ALL, 0, &info, WEXITED));
	SHOW(raw_waitid(P_PID, 1, &info, WEXITED));
	SHOW(raw_waitid(P_PGID, 0, &info, WEXITED));
	SHOW(raw_waitid(P_PGID, 99999999, &info, WEXITED | WNOHANG));
}

TEST(waiterr, options)
{
	siginfo_t info;
	pid_t pid;

	CHILD(pid) {
	}
	for (int bit = 0; bit < 32; bit++)
		note("wait4 %#x: %s", 1u << bit, RESULT(wait4(1, NULL, 1 << bit, NULL)));
	SHOW(raw_waitid(P_ALL, 0, &info, 0));
	SHOW(raw_waitid(P_ALL, 0, &info, WNOHANG));
	SHOW(raw_waitid(P_ALL, 0, &info, WNOWAIT));
	for (int bit = 0; bit < 32; bit++)
		note("waitid %#x: %s", 1u << bit, RESULT(raw_waitid(P_PID, 1, &info, 1 << bit)));
	SHOW(raw_waitid(4, 0, &info, WEXITED));
	SHOW(raw_waitid(-1, 0, &info, WEXITED));
	SHOW(raw_waitid(P_PID, 0, &info, WEXITED));
	SHOW(raw_waitid(P_PID, -1, &info, WEXITED));
	SHOW(raw_waitid(P_PGID, -1, &info, WEXITED));
	SHOW(raw_waitid(P_PIDFD, -1, &info, WEXITED));
	SHOW(raw_waitid(P_PIDFD, 0, &info, WEXITED));
	SHOW(raw_waitid(P_PIDFD, 99, &info, WEXITED));
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(waiterr, pointers)
{
	siginfo_t info;
	struct rusage usage;
	pid_t pid;
	int status;

	CHILD(pid) _exit(7);
	SHOW(raw_waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	SHOW(raw_waitid(P_PID, pid, NULL, WEXITED | WNOWAIT) > 0);
	SHOW(raw_waitid(P_PID, pid, (void *)8, WEXITED | WNOWAIT));
	SHOW(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, (void *)8));
	SHOW(wait4(pid, NULL, 0, &usage) == pid);
	CHILD(pid) _exit(7);
	/* The child is gone although the answer could not be written. */
	SHOW(wait4(pid, (void *)8, 0, NULL));
	SHOW(wait4(pid, &status, 0, NULL));
	CHILD(pid) _exit(7);
	SHOW(wait4(pid, &status, 0, (void *)8));
	SHOW(wait4(pid, &status, 0, NULL));
}

TEST(waiterr, nothing_yet)
{
	siginfo_t info;
	int p[2], status = 77;
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		read(p[0], &byte, 1);
	}
	memset(&info, 0x55, sizeof(info));
	SHOW(wait4(pid, &status, WNOHANG, NULL));
	note("status %d", status);
	SHOW(raw_waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG));
	note("pid %d signo %d code %d", info.si_pid, info.si_signo, info.si_code);
	SHOW(wait4(pid, &status, WNOHANG | __WCLONE, NULL));
	SHOW(wait4(pid, &status, WNOHANG | __WALL, NULL));
	SHOW(wait4(-pid, &status, WNOHANG, NULL));
	SHOW(wait4(-getpgrp(), &status, WNOHANG, NULL));
	SHOW(wait4(0, &status, WNOHANG, NULL));
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}

TEST(waiterr, ignored_children)
{
	int status;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	CHILD(pid) {
	}
	SHOW(waitpid(pid, &status, 0));
	signal(SIGCHLD, SIG_DFL);
	CHILD(pid) {
	}
	SHOW(waitpid(pid, &status, 0) == pid);
}
