/* SPDX-License-Identifier: MIT */
/*
 * Task 0: the boot CPU's idle task, father of the kernel's threads and of init; its process, and the roots of the
 * shared objects that everything else is copied from.
 */
#include <kernel/nsproxy.h>
#include <kernel/task.h>
#include <kernel/vm.h>

struct task *init_process;
DEFINE_SPINLOCK(proc_tree_lock, LR_PROC_TREE);
LIST_HEAD(all_tasks);

static struct groups init_groups = { .refs = ATOMIC_INIT(2) };
struct user root_user = { .refs = ATOMIC_INIT(2), .nproc = ATOMIC_INIT(1) };
struct cred init_cred = {
	.refs = ATOMIC_INIT(4),
	.cap_permitted = CAP_FULL,
	.cap_effective = CAP_FULL,
	.cap_bounding = CAP_FULL,
	.user = &root_user,
	.groups = &init_groups,
};
static struct pid init_pid = { .refs = ATOMIC_INIT(4), .nr = 0, .wait_pidfd = WAITQ_INIT(init_pid.wait_pidfd) };
static struct sighand init_sighand = { .refs = ATOMIC_INIT(1), .lock = SPINLOCK_INIT(LR_NONE) };

#define UNLIMITED { RLIM_INFINITY, RLIM_INFINITY }
struct proc init_proc = {
	.refs = ATOMIC_INIT(2),
	.live = ATOMIC_INIT(1),
	.nthreads = 1,
	.threads = LIST_HEAD_INIT(init_proc.threads),
	.leader = &init_task,
	.tgid = &init_pid,
	.pgrp = &init_pid,
	.session = &init_pid,
	.siglock = SPINLOCK_INIT(LR_SIGHAND),
	.shared_pending = { LIST_HEAD_INIT(init_proc.shared_pending.queue), 0 },
	.wait_child = WAITQ_INIT(init_proc.wait_child),
	.signalfd_wait = WAITQ_INIT(init_proc.signalfd_wait),
	.exec_lock = MUTEX_INIT(init_proc.exec_lock, LR_EXEC),
	.cpu_timers = LIST_HEAD_INIT(init_proc.cpu_timers),
	/* Linux's own defaults; NPROC and SIGPENDING follow the memory, see proc_init(). */
	.rlim = {
		[RLIMIT_CPU] = UNLIMITED,
		[RLIMIT_FSIZE] = UNLIMITED,
		[RLIMIT_DATA] = UNLIMITED,
		[RLIMIT_STACK] = { 8 << 20, RLIM_INFINITY },
		[RLIMIT_CORE] = { 0, RLIM_INFINITY },
		[RLIMIT_RSS] = UNLIMITED,
		[RLIMIT_NPROC] = { 0, 0 },
		[RLIMIT_NOFILE] = { 1024, 4096 },
		[RLIMIT_MEMLOCK] = { 8 << 20, 8 << 20 },
		[RLIMIT_AS] = UNLIMITED,
		[RLIMIT_LOCKS] = UNLIMITED,
		[RLIMIT_SIGPENDING] = { 0, 0 },
		[RLIMIT_MSGQUEUE] = { 819200, 819200 },
		[RLIMIT_NICE] = { 0, 0 },
		[RLIMIT_RTPRIO] = { 0, 0 },
		[RLIMIT_RTTIME] = UNLIMITED,
	},
};

struct task init_task __aligned(64) = {
	.state = TASK_RUNNING,
	.flags = TF_KTHREAD | TF_IDLE,
	.refs = ATOMIC_INIT(2),
	.pid = &init_pid,
	.proc = &init_proc,
	.comm = "swapper",
	.thread_link = LIST_HEAD_INIT(init_task.thread_link),
	.all_link = LIST_HEAD_INIT(init_task.all_link),
	.lock = SPINLOCK_INIT(LR_FS),
	.active_mm = &init_mm,
	.ns = &init_nsproxy,
	.cred = &init_cred,
	.se = { .weight = 1024, .nr_allowed = 1 },
	.pending = { LIST_HEAD_INIT(init_task.pending.queue), 0 },
	.sighand = &init_sighand,
	.real_parent = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.exit_signal = 0,
	.timer_slack_ns = 50000,
	.default_slack_ns = 50000,
	.syscall_nr = -1,
	.plug = LIST_HEAD_INIT(init_task.plug),
	.pi_states = LIST_HEAD_INIT(init_task.pi_states),
};
