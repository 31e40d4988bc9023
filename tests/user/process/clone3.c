/* SPDX-License-Identifier: MIT */
/* clone3(2): its structure's sizes, the fields it checks, and the flags that only it has. */
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static long clone3(struct clone_args *args, size_t size)
{
	long pid = syscall(SYS_clone3, args, size);

	if (pid == 0)
		_exit(0);
	return pid;
}

static const char *outcome(struct clone_args *args, size_t size)
{
	long pid = clone3(args, size);

	if (pid < 0)
		return errno_name(errno);
	return child_status(pid) == 0 ? "created" : "created, bad status";
}

TEST(clone3, sizes)
{
	struct {
		struct clone_args args;
		char tail[8192];
	} big = { .args = { .exit_signal = SIGCHLD } };

	note("0: %s", outcome(&big.args, 0));
	note("63: %s", outcome(&big.args, 63));
	note("64: %s", outcome(&big.args, 64));
	note("72: %s", outcome(&big.args, 72));
	note("80: %s", outcome(&big.args, 80));
	note("88: %s", outcome(&big.args, 88));
	note("4096, zero tail: %s", outcome(&big.args, 4096));
	note("4097: %s", outcome(&big.args, 4097));
	big.tail[100] = 1;
	note("4096, tail not zero: %s", outcome(&big.args, 4096));
	note("NULL: %s", outcome(NULL, 64));
	note("bad address: %s", outcome((void *)16, 64));
}

TEST(clone3, fields_that_must_agree)
{
	struct clone_args args;
	int words[2];

#define TRY(what, ...) do {                                                                 \
	args = (struct clone_args){ __VA_ARGS__ };                                          \
	note("%s: %s", what, outcome(&args, sizeof(args)));                                 \
} while (0)
	TRY("unknown flag", .flags = 1ULL << 40, .exit_signal = SIGCHLD);
	TRY("flag in the signal byte", .flags = 1, .exit_signal = SIGCHLD);
	TRY("exit signal 65", .exit_signal = 65);
	TRY("exit signal 1 << 32", .exit_signal = 1ULL << 32);
	TRY("stack without size", .stack = (uintptr_t)words, .exit_signal = SIGCHLD);
	TRY("size without stack", .stack_size = 4096, .exit_signal = SIGCHLD);
	TRY("stack beyond memory", .stack = ~0ULL - 4095, .stack_size = 8192, .exit_signal = SIGCHLD);
	TRY("thread with an exit signal", .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
	    .exit_signal = SIGCHLD);
	TRY("parent with an exit signal", .flags = CLONE_PARENT, .exit_signal = SIGCHLD);
	TRY("detached", .flags = CLONE_DETACHED, .exit_signal = SIGCHLD);
	TRY("sighand and clear_sighand", .flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND,
	    .exit_signal = SIGCHLD);
	TRY("set_tid without size", .set_tid = (uintptr_t)words, .exit_signal = SIGCHLD);
	TRY("set_tid_size without pointer", .set_tid_size = 1, .exit_signal = SIGCHLD);
	TRY("set_tid too many", .set_tid = (uintptr_t)words, .set_tid_size = 33,
	    .exit_signal = SIGCHLD);
	TRY("into_cgroup with a bad descriptor", .flags = CLONE_INTO_CGROUP, .cgroup = 999,
	    .exit_signal = SIGCHLD);
	TRY("cgroup without the flag", .cgroup = 999, .exit_signal = SIGCHLD);
	TRY("fs and newns", .flags = CLONE_FS | CLONE_NEWNS, .exit_signal = SIGCHLD);
	TRY("sighand without vm", .flags = CLONE_SIGHAND, .exit_signal = SIGCHLD);
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

TEST(clone3, set_tid_takes_the_number_asked_for)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	pid_t want;
	long pid;

	/* A number that is free: that of a child that is gone. */
	CHILD(want)
		;
	child_status(want);
	args.set_tid = (uintptr_t)&want;
	pid = clone3(&args, sizeof(args));
	EXPECT_EQ(pid, want);
	EXPECT_EQ(child_status(pid), 0);
	want = getpid();
	note("in use: %s", outcome(&args, sizeof(args)));
	want = 0;
	note("zero: %s", outcome(&args, sizeof(args)));
	want = -5;
	note("negative: %s", outcome(&args, sizeof(args)));
	want = 0x7fffffff;
	note("above the limit: %s", outcome(&args, sizeof(args)));
	args.set_tid = 16;
	note("bad pointer: %s", outcome(&args, sizeof(args)));
	AS_USER(1000, 1000, {
		want = 30000;
		args.set_tid = (uintptr_t)&want;
		note("as a user: %s", outcome(&args, sizeof(args)));
	});
}

TEST(clone3, clear_sighand_resets_handlers_but_not_ignored)
{
	struct clone_args args = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	struct sigaction got, action = { .sa_handler = harness_expired };
	long pid;

	sigaction(SIGUSR1, &action, NULL);
	signal(SIGUSR2, SIG_IGN);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		sigaction(SIGUSR1, NULL, &got);
		int code = got.sa_handler == SIG_DFL ? 0 : 1;
		sigaction(SIGUSR2, NULL, &got);
		_exit(code + (got.sa_handler == SIG_IGN ? 0 : 2));
	}
	note("%s", status_name(child_status(pid)));
}

TEST(clone3, pidfd_parent_tid_and_child_tid_together)
{
	int *words = shared_memory(4096);
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.pidfd = (uintptr_t)&words[0], .parent_tid = (uintptr_t)&words[1],
		.child_tid = (uintptr_t)&words[2], .exit_signal = SIGCHLD,
	};
	siginfo_t info = { 0 };
	long pid = clone3(&args, sizeof(args));

	EXPECT_TRUE(pid > 0);
	EXPECT_EQ(words[1], pid);
	EXPECT_OK(waitid(P_PIDFD, words[0], &info, WEXITED));
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(words[2], pid);
}
