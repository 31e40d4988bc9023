/* SPDX-License-Identifier: MIT */
/* wait4(2): status words, which children are meant, options, errors. */
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>

static pid_t child_exiting(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	return pid;
}

TEST(wait, exit_codes_keep_eight_bits)
{
	static const int codes[] = { 0, 1, 127, 128, 255, 256, 257, -1, 0x12345 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		int status = -1;

		waitpid(child_exiting(codes[i]), &status, 0);
		note("_exit(%d): status %#x", codes[i], status);
	}
}

TEST(wait, nohang_returns_zero_while_nothing_has_happened)
{
	struct gate gate = gate_make();
	int status = 0x1234;
	pid_t pid;

	CHILD(pid)
		gate_wait(&gate);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
	EXPECT_EQ(status, 0x1234);
	gate_open(&gate);
	EXPECT_TRUE(wait_state(pid, 'Z'));
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), pid);
	EXPECT_EQ(status, 0);
	EXPECT_ERRNO(waitpid(pid, &status, WNOHANG), ECHILD);
}

TEST(wait, by_process_group)
{
	pid_t a = child_exiting(1), b;
	struct gate gate = gate_make();
	int status;

	CHILD(b) {
		setpgid(0, 0);
		gate_wait(&gate);
		_exit(2);
	}
	setpgid(b, b);
	EXPECT_EQ(waitpid(0, &status, 0), a);
	EXPECT_EQ(WEXITSTATUS(status), 1);
	EXPECT_ERRNO(waitpid(0, &status, WNOHANG), ECHILD);
	EXPECT_EQ(waitpid(-b, &status, WNOHANG), 0);
	gate_open(&gate);
	EXPECT_EQ(waitpid(-b, &status, 0), b);
	EXPECT_EQ(WEXITSTATUS(status), 2);
}

TEST(wait, errors)
{
	int status;
	pid_t pid;

	EXPECT_ERRNO(waitpid(-1, &status, 0), ECHILD);
	EXPECT_ERRNO(waitpid(1, &status, 0), ECHILD);
	EXPECT_ERRNO(waitpid(getpid(), &status, 0), ECHILD);
	EXPECT_ERRNO(waitpid(0x7fffffff, &status, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-0x7fffffff, &status, 0), ECHILD);
	EXPECT_ERRNO(syscall(SYS_wait4, -1, &status, 0x100, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_wait4, -1, &status, WEXITED, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_wait4, -1, &status, WNOWAIT, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_wait4, (int)0x80000000, &status, 0, NULL), ESRCH);
	pid = child_exiting(3);
	/* The child is gone although the status could not be stored. */
	EXPECT_ERRNO(syscall(SYS_wait4, pid, wild(8), 0, NULL), EFAULT);
	EXPECT_ERRNO(waitpid(pid, &status, 0), ECHILD);
	pid = child_exiting(3);
	EXPECT_ERRNO(syscall(SYS_wait4, pid, &status, 0, wild(8)), EFAULT);
	EXPECT_ERRNO(waitpid(pid, &status, 0), ECHILD);
}

TEST(wait, null_status_is_fine_and_rusage_is_filled)
{
	struct rusage usage;
	pid_t pid;

	pid = child_exiting(0);
	EXPECT_EQ(wait4(pid, NULL, 0, NULL), pid);
	CHILD(pid) {
		struct rusage mine;

		do
			getrusage(RUSAGE_SELF, &mine);
		while (mine.ru_utime.tv_usec + mine.ru_stime.tv_usec < 100000 &&
		       !mine.ru_utime.tv_sec && !mine.ru_stime.tv_sec);
	}
	memset(&usage, 0xff, sizeof(usage));
	EXPECT_EQ(wait4(pid, NULL, 0, &usage), pid);
	EXPECT_TRUE(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
		    usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec >= 90000);
	EXPECT_TRUE(usage.ru_maxrss > 0);
	note("ixrss %ld nswap %ld nsignals %ld", usage.ru_ixrss, usage.ru_nswap, usage.ru_nsignals);
	EXPECT_OK(getrusage(RUSAGE_CHILDREN, &usage));
	EXPECT_TRUE(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec +
		    usage.ru_utime.tv_sec * 1000000 + usage.ru_stime.tv_sec * 1000000 >= 90000);
}

TEST(wait, every_fatal_signal_is_reported)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGPIPE, SIGALRM, SIGTERM,
				       SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			raise(numbers[i]);
			_exit(0);
		}
		note("%s", status_text(child_status(pid)));
	}
}

static void handler(int number)
{
	(void)number;
}

TEST(wait, a_signal_interrupts_it_unless_it_restarts)
{
	struct sigaction action = { .sa_handler = handler };
	struct gate gate = gate_make();
	pid_t child, killer, me = getpid();
	int status;

	sigaction(SIGUSR1, &action, NULL);
	CHILD(child)
		gate_wait(&gate);
	CHILD(killer) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(waitpid(child, &status, 0), EINTR);
	EXPECT_CHILD_OK(killer);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	CHILD(killer) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
		wait_state(me, 'S');
		gate_open(&gate);
	}
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_CHILD_OK(killer);
}

TEST(wait, ignoring_sigchld_reaps_children_by_itself)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = child_exiting(1);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD);
	/* It is no child any more, but its last traces may take a moment. */
	while (kill(pid, 0) == 0)
		sched_yield();
	EXPECT_EQ(errno, ESRCH);
	pid = child_exiting(1);
	pid = child_exiting(2);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &action, NULL);
	pid = child_exiting(1);
	for (;;)
		if (waitpid(pid, NULL, 0) < 0 && errno != EINTR)
			break;
	note("NOCLDWAIT: %s", errno_name(errno));
}

TEST(wait, a_zombie_can_be_signalled_and_has_its_group)
{
	pid_t pid = child_exiting(0);

	EXPECT_TRUE(wait_state(pid, 'Z'));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_EQ(getpgid(pid), getpgrp());
	EXPECT_OK(getsid(pid));
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
	EXPECT_ERRNO(getpgid(pid), ESRCH);
}
