/* SPDX-License-Identifier: MIT */
/* waitid(2): what it fills, WNOWAIT, WSTOPPED, WCONTINUED, and what it refuses. */
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void show(const char *what, const siginfo_t *info, pid_t pid)
{
	note("%s: %s code %s status %d pid %s uid %d errno %d", what, signal_name(info->si_signo),
	     cld_name(info->si_code), info->si_status,
	     info->si_pid == pid ? "child" : info->si_pid ? "other" : "0", info->si_uid, info->si_errno);
}

TEST(waitid, exited_and_killed)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0x1ff);
	memset(&info, 0xff, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
	show("exit", &info, pid);
	pid = sleeper();
	kill(pid, SIGKILL);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
	show("kill", &info, pid);
	CHILD(pid) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		setresuid(1000, 1000, 1000);
		abort();
	}
	EXPECT_OK(waitid(P_ALL, 0, &info, WEXITED));
	show("abort", &info, pid);
}

TEST(waitid, nowait_leaves_the_child)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	show("first", &info, pid);
	EXPECT_OK(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
	show("second", &info, pid);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
	EXPECT_ERRNO(waitid(P_PID, pid, &info, WEXITED), ECHILD);
}

TEST(waitid, stopped_and_continued)
{
	siginfo_t info;
	int status;
	pid_t pid = sleeper();

	/* A group of its own with us outside it: not orphaned, so the terminal's signals stop it. */
	EXPECT_OK(setpgid(pid, pid));
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG));
	show("nothing yet", &info, pid);
	kill(pid, SIGSTOP);
	EXPECT_OK(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT));
	show("stop", &info, pid);
	EXPECT_OK(waitid(P_PID, pid, &info, WSTOPPED | WEXITED | WCONTINUED));
	show("stop again", &info, pid);
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG));
	show("reported once", &info, pid);
	kill(pid, SIGCONT);
	EXPECT_OK(waitid(P_PID, pid, &info, WCONTINUED));
	show("continue", &info, pid);
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WCONTINUED | WNOHANG));
	show("reported once", &info, pid);
	kill(pid, SIGTSTP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	note("%s %#x", status_name(status), status);
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	note("%s %#x", status_name(status), status);
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
	show("killed while stopped", &info, pid);
}

TEST(waitid, errors)
{
	siginfo_t info;
	pid_t pid = sleeper();

	EXPECT_ERRNO(waitid(P_PID, pid, &info, 0), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, pid, &info, WNOHANG), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, pid, &info, WEXITED | 0x100), EINVAL);
	EXPECT_ERRNO(waitid(99, pid, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, 0, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, -1, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PGID, -1, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PGID, 0x7fffffff, &info, WEXITED), ECHILD);
	EXPECT_EQ(waitid(P_PGID, 0, &info, WEXITED | WNOHANG), 0);
	EXPECT_EQ(info.si_pid, 0);
	EXPECT_EQ(waitid(P_PGID, getpgrp(), &info, WEXITED | WNOHANG), 0);
	kill(pid, SIGKILL);
	wait_state(pid, 'Z');
	EXPECT_ERRNO(syscall(SYS_waitid, P_PID, pid, wild(8), WEXITED | WNOWAIT, NULL), EFAULT);
	EXPECT_OK(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, NULL));
	EXPECT_ERRNO(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, wild(8)), EFAULT);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
}

TEST(waitid, the_raw_call_fills_rusage)
{
	struct rusage usage;
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	memset(&usage, 0xff, sizeof(usage));
	EXPECT_OK(syscall(SYS_waitid, P_PID, pid, &info, WEXITED, &usage));
	EXPECT_TRUE(usage.ru_utime.tv_sec == 0 && usage.ru_maxrss > 0);
}

TEST(waitid, sigchld_carries_the_same_information)
{
	uint64_t set = SIGBIT(SIGCHLD);
	siginfo_t info;
	pid_t pid;

	raw_mask(SIG_BLOCK, &set);
	pid = sleeper();
	kill(pid, SIGSTOP);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);
	show("stop", &info, pid);
	kill(pid, SIGCONT);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);
	show("continue", &info, pid);
	kill(pid, SIGTERM);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);
	show("term", &info, pid);
	child_status(pid);
}

TEST(waitid, nocldstop_suppresses_stop_reports_only)
{
	struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	uint64_t set = SIGBIT(SIGCHLD);
	siginfo_t info;
	pid_t pid;

	sigaction(SIGCHLD, &action, NULL);
	raw_mask(SIG_BLOCK, &set);
	pid = sleeper();
	kill(pid, SIGSTOP);
	EXPECT_OK(waitid(P_PID, pid, &info, WSTOPPED));
	EXPECT_EQ(raw_pending() & set, 0);
	kill(pid, SIGCONT);
	EXPECT_OK(waitid(P_PID, pid, &info, WCONTINUED));
	EXPECT_EQ(raw_pending() & set, 0);
	kill(pid, SIGKILL);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);
	child_status(pid);
}
