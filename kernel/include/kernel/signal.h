/* SPDX-License-Identifier: MIT */
/* Signals: what the rest of the kernel sends and asks. Delivery is kernel/signal/, frames are the architecture's. */
#pragma once
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <uapi/signal.h>	/* sigset_t, siginfo, SIG*, SA_*, SI_*, struct sigaction_user, stack_t */

struct task;
struct proc;
struct pid;
struct pt_regs;

/* A queued signal. */
struct sigqueue {
	struct list_head link;
	struct siginfo info;
	void *charged;			/* RLIMIT_SIGPENDING accounting: queue.c */
	void *timer;			/* POSIX timer that owns this entry (preallocated), or NULL */
};
struct sigpending {
	struct list_head queue;
	sigset_t set;
};
struct sighand {			/* shared with CLONE_SIGHAND */
	atomic_t refs;
	struct spinlock lock;		/* protects action[]; taken inside proc->siglock */
	struct sigaction action[_NSIG];	/* signal n at n - 1 */
};
typedef struct {
	void __user *sp;
	unsigned flags;
	size_t size;
} stack_t_kernel;

/* All may be called from any context but NMI. 0, -EAGAIN (queue full), -ESRCH. No permission check. */
int send_signal_task(int sig, const struct siginfo *info, struct task *t);	/* this thread */
int send_signal_proc(int sig, const struct siginfo *info, struct proc *p);	/* any thread of the process */
int send_signal_pgrp(int sig, const struct siginfo *info, struct pid *pgrp);
/* To the running thread, as if it had sent it itself (SI_USER): SIGPIPE, SIGXFSZ. */
void signal_self(int sig);
/* Kernel-made siginfo: SI_KERNEL. */
int kill_proc(int sig, struct proc *p);
int kill_proc_locked(int sig, struct proc *p);	/* siglock held */
int kill_pgrp(int sig, struct pid *pgrp);
/*
 * POSIX timers own their entry: queue it (unless the signal is ignored: false), or take it back. siglock held.
 * @group: to the process of @t, else to the thread.
 */
/* A place in the count that RLIMIT_SIGPENDING bounds, for a timer's entry; NULL: none left. */
void *sigqueue_charge(struct task *t) __must_check;
void sigqueue_uncharge(void *charged);
bool send_sigqueue(struct sigqueue *q, struct task *t, bool group);
void sigqueue_cancel(struct sigqueue *q, struct task *t, bool group);
/* A fault of the running task: delivered even if blocked or ignored (then it kills). */
void force_signal_fault(int sig, int code, unsigned long addr);
void force_signal(int sig);
void force_signal_info(const struct siginfo *info);
/* May the running task signal that one? 0 or -EPERM. */
int signal_permission(struct task *t, int sig, bool same_session_cont);

static inline bool signal_pending(const struct task *t) { return READ_ONCE(((const struct task_head *)t)->work) & TIF_SIGPENDING; }
bool fatal_signal_pending(const struct task *t);
bool signal_pending_state(unsigned state, struct task *t);
void signal_recalc_pending(void);		/* own task; siglock held */
void signal_set_blocked(const sigset_t *set);	/* own task */
/* For calls that swap the mask while waiting (ppoll, pselect, epoll_pwait, sigsuspend). */
int signal_mask_swap(const void __user *set, size_t setsize) __must_check;	/* NULL set: nothing */
void signal_mask_restore_unless(bool interrupted);	/* puts it back now, or leaves that to delivery */

/* Picks a signal to handle; runs default actions. True: *ks is to be delivered by a frame. */
struct ksignal {
	struct sigaction sa;
	struct siginfo info;
	int sig;
};
bool get_signal(struct ksignal *ks);
/* After arch_setup_frame: mask and one-shot changes. @failed: the frame could not be written -> SIGSEGV. */
void signal_setup_done(bool failed, struct ksignal *ks);
/* Portable heart of delivery, called on the way to user mode: restarts, get_signal, arch frame. */
void do_signal(struct pt_regs *regs);
void siginfo_to_user_layout(const struct siginfo *k, void *out128);

/* fork/exec/exit hooks */
int sighand_copy(uint64_t clone_flags, struct task *child) __must_check;
void sighand_exec(struct task *t);		/* handlers back to default */
void sighand_put(struct sighand *s);
void sigpending_init(struct sigpending *p);
void sigpending_flush(struct sigpending *p);
void signals_init(void);
/* Tell the parent that @t died (SIGCHLD or its exit_signal), stopped or continued. proc_tree_lock held. Returns: reaps itself. */
bool notify_parent_exit(struct task *t, int sig);
void notify_parent_stop(struct task *t, bool for_continue);
/* exit.c's: the thread leaves. siglock held. True: it was the last one that had yet to stop, tell the parent. */
bool signal_stop_exiting(struct task *t);
void signal_retarget_exiting(struct task *t);
bool pgrp_is_orphaned(struct pid *pgrp, struct task *ignore);	/* exit.c; proc_tree_lock held */
unsigned signal_queued_count(uid_t uid);
/* rseq.c: a signal is about to be delivered, or (exit_to_user_work) the thread was moved or preempted. */
void rseq_signal_deliver(struct pt_regs *regs);
