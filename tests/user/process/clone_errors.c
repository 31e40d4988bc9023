/* SPDX-License-Identifier: MIT */
/* clone, clone3, unshare, setns: combinations of flags that do not go together. */
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>
#include <sched.h>

static const struct { const char *name; unsigned long flag; } flags[] = {
	{ "VM", CLONE_VM }, { "FS", CLONE_FS }, { "FILES", CLONE_FILES }, { "SIGHAND", CLONE_SIGHAND }, { "PIDFD", CLONE_PIDFD },
	{ "PARENT", CLONE_PARENT }, { "THREAD", CLONE_THREAD }, { "NEWNS", CLONE_NEWNS }, { "SYSVSEM", CLONE_SYSVSEM },
	{ "DETACHED", CLONE_DETACHED }, { "NEWUTS", CLONE_NEWUTS }, { "NEWIPC", CLONE_NEWIPC },
};

/* The call must fail, or its child ends at once and is reaped; never a thread, which would need a stack. */
static const char *try(unsigned long flags)
{
	static char text[64];
	int pidfd;
	long pid = raw_clone(flags | SIGCHLD, NULL, &pidfd, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid < 0) {
		snprintf(text, sizeof(text), "-1 %s", errno_name(errno));
		return text;
	}
	snprintf(text, sizeof(text), "a child, waited for %d", waitpid(pid, NULL, __WALL) == pid);
	return text;
}

TEST(cloneerr, pairs)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		for (size_t j = i; j < ARRAY_SIZE(flags); j++) {
			unsigned long both = flags[i].flag | flags[j].flag;

			/* What shares memory would run on our stack. */
			if ((both & CLONE_VM) && (both & (CLONE_THREAD | CLONE_SIGHAND | CLONE_PARENT)) != CLONE_THREAD)
				continue;
			if ((both & CLONE_VM) && !(both & CLONE_THREAD))
				both |= CLONE_VFORK;
			if (both & CLONE_PARENT)
				continue;
			note("%s %s: %s", flags[i].name, flags[j].name, try(both));
		}
}

TEST(cloneerr, clone3)
{
	struct { struct clone_args a; uint64_t more; } args = { 0 };

	SHOW(syscall(SYS_clone3, &args, 0ul));
	SHOW(syscall(SYS_clone3, &args, 63ul));
	SHOW(syscall(SYS_clone3, &args, 5000ul));
	SHOW(syscall(SYS_clone3, NULL, 64ul));
	SHOW(syscall(SYS_clone3, (void *)8, 64ul));
	args.more = 1;
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args.more = 0;
	args.a.exit_signal = 65;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.exit_signal = 0x100 | SIGCHLD;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.exit_signal = SIGCHLD;
	args.a.flags = SIGCHLD;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = CLONE_DETACHED;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = CLONE_PARENT;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = 1ull << 50;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = 0;
	args.a.stack = 0x10000;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.stack = 0;
	args.a.stack_size = 4096;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.stack = 0xfffffffffffff000ull;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.stack = args.a.stack_size = 0;
	args.a.flags = CLONE_PIDFD | CLONE_PARENT_SETTID;
	args.a.pidfd = 8;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND | CLONE_VM;
	SHOW(syscall(SYS_clone3, &args, 64ul));
	args.a.flags = 0;
	args.a.set_tid = 0;
	args.a.set_tid_size = 1;
	SHOW(syscall(SYS_clone3, &args, sizeof(args.a)));
	args.a.set_tid = (uintptr_t)&args.more;
	args.a.set_tid_size = 0;
	SHOW(syscall(SYS_clone3, &args, sizeof(args.a)));
	args.a.set_tid_size = 33;
	SHOW(syscall(SYS_clone3, &args, sizeof(args.a)));
	args.a.set_tid_size = 1;
	args.more = 1;
	SHOW(syscall(SYS_clone3, &args, sizeof(args.a)));
	args.more = 0;
	SHOW(syscall(SYS_clone3, &args, sizeof(args.a)));
}

TEST(cloneerr, unshare)
{
	for (int bit = 0; bit < 32; bit++) {
		/* Namespaces that Linux has and Aramid has not are in CAVEATS.md; CLONE_NEWTIME is 0x80. */
		if ((1u << bit) & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP | 0x80))
			continue;
		IN_CHILD(note("unshare %#x: %s", 1u << bit, RESULT(unshare(1 << bit))));
	}
	AS_USER(1000, 1000, {
		SHOW(unshare(CLONE_NEWUTS));
		SHOW(unshare(CLONE_NEWNS));
		SHOW(unshare(CLONE_NEWIPC));
		SHOW(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM));
	});
}

TEST(cloneerr, setns)
{
	int uts = open("/proc/self/ns/uts", O_RDONLY), file;

	put_file("f", "");
	file = open("f", O_RDONLY);
	SHOW(setns(-1, 0));
	SHOW(setns(file, 0));
	SHOW(setns(uts, CLONE_NEWIPC));
	SHOW(setns(uts, CLONE_NEWUTS));
	SHOW(setns(uts, 0));
	SHOW(setns(uts, 1));
	SHOW(setns(uts, CLONE_NEWUTS | CLONE_NEWIPC));
	AS_USER(1000, 1000, SHOW(setns(uts, 0)));
}
