/* SPDX-License-Identifier: MIT */
/* clone(2), sched(7), sched_setattr(2). */
#pragma once
#include <stdint.h>

#define SCHED_NORMAL	0
#define SCHED_FIFO	1
#define SCHED_RR	2
#define SCHED_BATCH	3
#define SCHED_IDLE	5
#define SCHED_DEADLINE	6
#define SCHED_RESET_ON_FORK 0x40000000

#define SCHED_FLAG_RESET_ON_FORK	0x01
#define SCHED_FLAG_RECLAIM		0x02
#define SCHED_FLAG_DL_OVERRUN		0x04
#define SCHED_FLAG_KEEP_POLICY		0x08
#define SCHED_FLAG_KEEP_PARAMS		0x10
#define SCHED_FLAG_UTIL_CLAMP_MIN	0x20
#define SCHED_FLAG_UTIL_CLAMP_MAX	0x40

struct sched_param {
	int32_t sched_priority;
};
#define SCHED_ATTR_SIZE_VER0 48
struct sched_attr {
	uint32_t size;
	uint32_t sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t sched_runtime, sched_deadline, sched_period;
	uint32_t sched_util_min, sched_util_max;
};
_Static_assert(sizeof(struct sched_attr) == 56, "sched_setattr ABI");

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

#define CSIGNAL			0x000000ffull
#define CLONE_NEWTIME		0x00000080ull	/* clone3 and unshare only */
#define CLONE_VM		0x00000100ull
#define CLONE_FS		0x00000200ull
#define CLONE_FILES		0x00000400ull
#define CLONE_SIGHAND		0x00000800ull
#define CLONE_PIDFD		0x00001000ull
#define CLONE_PTRACE		0x00002000ull
#define CLONE_VFORK		0x00004000ull
#define CLONE_PARENT		0x00008000ull
#define CLONE_THREAD		0x00010000ull
#define CLONE_NEWNS		0x00020000ull
#define CLONE_SYSVSEM		0x00040000ull
#define CLONE_SETTLS		0x00080000ull
#define CLONE_PARENT_SETTID	0x00100000ull
#define CLONE_CHILD_CLEARTID	0x00200000ull
#define CLONE_DETACHED		0x00400000ull
#define CLONE_UNTRACED		0x00800000ull
#define CLONE_CHILD_SETTID	0x01000000ull
#define CLONE_NEWCGROUP		0x02000000ull
#define CLONE_NEWUTS		0x04000000ull
#define CLONE_NEWIPC		0x08000000ull
#define CLONE_NEWUSER		0x10000000ull
#define CLONE_NEWPID		0x20000000ull
#define CLONE_NEWNET		0x40000000ull
#define CLONE_IO		0x80000000ull
#define CLONE_CLEAR_SIGHAND	0x100000000ull	/* clone3 only */
#define CLONE_INTO_CGROUP	0x200000000ull	/* clone3 only */

/* clone3's argument as the user lays it out. */
struct clone_args_user {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size;		/* version 1 */
	uint64_t cgroup;			/* version 2 */
};
_Static_assert(sizeof(struct clone_args_user) == 88, "clone3 ABI");
#define CLONE_ARGS_SIZE_VER0 64
