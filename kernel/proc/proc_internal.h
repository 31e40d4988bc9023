/* SPDX-License-Identifier: MIT */
/* Inside kernel/proc only. */
#pragma once
#include <kernel/task.h>

struct file;
struct pid;
/* pidfd.c */
struct file *pidfd_file_create(struct pid *pid, unsigned flags, int *err);
void pidfd_notify_exit(struct pid *pid);
/* exit.c: what a task owes when it leaves its address space, by exit or exec. */
void task_mm_departing(struct task *t);
int pidfd_file_pid(struct file *f, struct pid **out);	/* with a reference; -EBADF: not a pidfd */
#define WAIT_PIDFD_NONBLOCK 0x00800000u	/* wait.c: the pidfd is O_NONBLOCK, which turns "nothing" into EAGAIN */
/* rlimit.c: the child's usage and that of the children it waited for, as wait4() reports it. */
struct rusage;
void rusage_of_child(struct proc *p, struct rusage *ru);
/* rseq.c */
void rseq_exec(struct task *t);
/* ipc/futex.c */
void futex_exit(struct task *t);		/* robust list, PI futexes */
void futex_wake_one_user(int __user *uaddr);	/* clear_child_tid */
/* exit.c; proc_tree_lock held. SIGHUP and SIGCONT for a stopped group that loses its last tie to the session. */
void pgrp_check_orphaned(struct task *leaving, struct task *parent);
/* exit.c; siglock held: every other thread gets SIGKILL. Returns how many there are. */
unsigned proc_kill_others(struct task *me);
