/* SPDX-License-Identifier: MIT */
/*
 * Tasks (threads) and processes (thread groups).
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	a	atomic
 *	o	own task only (others may read a possibly stale value)
 *	t	proc_tree_lock (spinlock, irq-safe; readers of links may use RCU)
 *	s	proc->siglock (irq-safe)
 *	p	task->pi_lock
 *	q	the run queue's lock
 *	l	task->lock (LR_FS): task's files/fs/mm pointers as seen by others
 *	r	RCU: replaced as a whole
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/cred.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/rbtree.h>
#include <kernel/sched.h>
#include <kernel/seqlock.h>
#include <kernel/signal.h>
#include <kernel/task_head.h>
#include <kernel/rcu.h>
#include <kernel/task_work.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/waitq.h>
#include <arch/context.h>
#include <uapi/resource.h>

struct mm;
struct files;
struct fs_context;
struct nsproxy;
struct sem_undo_list;
struct tty;
struct pt_regs;
struct robust_list_head;
struct file;

#define TASK_COMM_LEN 16

/* task->state, [p]: set by the task itself before sleeping, by a waker under pi_lock. */
#define TASK_RUNNING		0u
#define TASK_INTERRUPTIBLE	1u
#define TASK_UNINTERRUPTIBLE	2u
#define TASK_WAKEKILL		4u
#define TASK_KILLABLE		(TASK_UNINTERRUPTIBLE | TASK_WAKEKILL)
#define TASK_STOPPED_BIT	8u
#define TASK_STOPPED		(TASK_STOPPED_BIT | TASK_WAKEKILL)	/* job control */
#define TASK_TRACED		(16u | TASK_WAKEKILL)
#define TASK_DEAD		32u	/* will never run again */
#define TASK_NEW		64u
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* task->exit_state, [t] */
#define EXIT_NONE	0
#define EXIT_ZOMBIE	1	/* waits to be reaped */
#define EXIT_DEAD	2	/* being reaped, or reaps itself */

/* task->flags, [o] */
#define TF_KTHREAD	BIT(0)
#define TF_EXITING	BIT(1)
#define TF_FORKNOEXEC	BIT(2)	/* forked, has not exec'ed (acct, setpgid) */
#define TF_OOM_VICTIM	BIT(3)	/* may use the last reserves */
#define TF_VFORK	BIT(4)
#define TF_MEMALLOC	BIT(5)	/* reclaiming: must not recurse */
#define TF_IDLE		BIT(6)
#define TF_SUPERPRIV	BIT(7)
#define TF_SIGNALED	BIT(8)	/* killed by a signal */
#define TF_WAKEKILL_OK	BIT(9)
#define TF_MCE_SET	BIT(10)	/* PR_MCE_KILL gave this task a policy of its own, and it is TF_MCE_EARLY or not */
#define TF_MCE_EARLY	BIT(11)
#define TF_IO_FLUSHER	BIT(12)
#define TF_INHERITED	(TF_KTHREAD | TF_MCE_SET | TF_MCE_EARLY | TF_IO_FLUSHER)

struct restart_block {
	long (*fn)(struct restart_block *);
	nsec_t deadline;
	union {
		struct { int clock; void __user *rmtp; bool compat; } nanosleep;
		struct { uint32_t __user *uaddr; uint32_t val, flags, bitset; } futex;
		struct { void __user *fds; unsigned nfds; bool has_deadline; } poll;
	};
};

struct task {
	struct task_head head;		/* must be first */
	unsigned state;			/* [p] TASK_* */
	unsigned flags;			/* [o] TF_* */
	atomic_t refs;
	struct arch_thread arch;	/* [o] saved registers, FP state, TLS */

	/* Identity */
	pid_t tid;			/* [I] in the initial pid namespace */
	struct pid *pid;		/* [t] changes only when a thread takes over in exec */
	struct proc *proc;		/* [I] */
	char comm[TASK_COMM_LEN];	/* [l] */
	struct list_head thread_link;	/* [t] proc->threads (RCU readers) */
	struct list_head all_link;	/* [t] all_tasks (RCU readers) */
	struct hlist_node pid_links[PIDTYPE_COUNT]; /* [t] */

	/* Resources. The pointers change under lock; own task reads them freely. */
	struct spinlock lock;		/* LR_FS */
	struct mm *mm;			/* [l] NULL: kernel thread or exited */
	struct mm *active_mm;		/* [q] whose tables are loaded */
	struct files *files;		/* [l] */
	struct fs_context *fs;		/* [l] cwd, root, umask */
	struct nsproxy *ns;		/* [l] */
	const struct cred *cred;	/* [r] effective, written by own task */

	struct sem_undo_list *sem_undo;	/* [o] CLONE_SYSVSEM: semaphore adjustments, made at need */

	/* Scheduling: sched.c's */
	struct sched_entity se;		/* [q] */

	/* Signals */
	struct sigpending pending;	/* [s] */
	sigset_t blocked;		/* [o, s] */
	sigset_t real_blocked;		/* [s] the mask behind sigtimedwait's temporary one */
	sigset_t saved_sigmask;		/* [o] with TIF_RESTORE_SIGMASK */
	stack_t_kernel sigaltstack;	/* [o] */
	unsigned jobctl;		/* [s] JOBCTL_* */
	int pdeath_signal;		/* [o] */
	struct sighand *sighand;	/* [s] shared with CLONE_SIGHAND; NULL after exit */
	struct restart_block restart;	/* [o] */

	/* Family */
	struct task *real_parent;	/* [t] thread that is told of our death (its process reaps) */
	struct list_head children;	/* [t] of this thread */
	struct list_head sibling;	/* [t] */
	int exit_state;			/* [t] */
	int exit_code;			/* [t] wait status encoding */
	int exit_signal;		/* [t] -1: not a group leader */

	/* Exit and vfork */
	int __user *set_child_tid;	/* [o] */
	int __user *clear_child_tid;	/* [o] */
	struct completion *vfork_done;	/* [l] */
	struct robust_list_head __user *robust_list; /* [o] */
	void __user *rseq;		/* [o] */
	uint32_t rseq_len, rseq_sig;
	uint8_t futex_state;		/* [o] FUTEX_STATE_*: may an exiting task still be made a lock's owner */
	struct pi_waiter *pi_blocked;	/* [P: pi_lock] the lock with inheritance that it waits for */
	struct list_head pi_states;	/* [P] those it owns and others wait for */

	/* Time */
	nsec_t start_time;		/* [I] monotonic */
	nsec_t start_boottime;		/* [I] */
	uint64_t utime, stime;		/* [q] ns */
	uint64_t nvcsw, nivcsw;		/* [q] */
	uint64_t rt_since, rt_nvcsw;	/* proc->siglock: CPU time and nvcsw when it last began to run (RLIMIT_RTTIME) */
	uint64_t min_flt, maj_flt;	/* [o] */
	nsec_t time_stamp;		/* [o] last user/kernel/switch boundary that was accounted */
	uint64_t timer_slack_ns, default_slack_ns;
	uint16_t ioprio;	/* I/O class and level; 0: none */
	bool exit_accounted;		/* [s] its figures are in proc's totals */

	/* Work, debugging */
	struct task_work *works;	/* [a] */
	int syscall_nr;			/* [o] current call, -1 in none: reports */
	struct pt_regs *user_regs;	/* [I] the user register frame at the top of the stack */
	const void *wait_where;		/* [o] address it sleeps at: /proc/PID/wchan, reports */
	struct list_head plug;		/* held by batching users */
	int in_fault;			/* [o] nested kernel-fault depth */
	bool no_new_privs;		/* [o] */
	uint8_t oom_flag;
	unsigned long stack_canary;
	struct rcu_head rcu;
#if CONFIG_LOCKDEP
	struct { uint16_t rank; const void *lock; const void *where; } held[16];	/* sleeping locks [o] */
	unsigned nheld;
#endif
};
_Static_assert(offsetof(struct task, head) == 0, "assembly finds task_head at the task's address");

#define FUTEX_STATE_OK		0
#define FUTEX_STATE_EXITING	1	/* its robust list is being walked */
#define FUTEX_STATE_DEAD	2	/* may own no futex any more */

#define JOBCTL_STOP_PENDING	BIT(0)	/* this thread has yet to stop */
#define JOBCTL_STOP_CONSUME	BIT(1)	/* counts in proc->group_stop_count */
#define JOBCTL_STOP_SIGMASK	0xff00u	/* the stopping signal, shifted by 8 */

/* proc->flags, [s] */
#define PF_GROUP_EXIT		BIT(0)	/* group_exit_code is set; all threads die */
#define PF_STOPPED		BIT(1)	/* all threads stopped; waitable with WSTOPPED until reported */
#define PF_CONTINUED		BIT(2)	/* waitable with WCONTINUED until reported */
#define PF_UNKILLABLE		BIT(3)	/* init: default-action signals are ignored */
#define PF_CLD_STOPPED		BIT(4)	/* notification to the parent is due */
#define PF_CLD_CONTINUED	BIT(5)
#define PF_SUBREAPER		BIT(6)	/* PR_SET_CHILD_SUBREAPER */
#define PF_HAS_SUBREAPER	BIT(7)
#define PF_EXECED		BIT(8)

struct posix_timers;
struct proc {
	atomic_t refs;
	atomic_t live;			/* threads that have not begun to exit */
	unsigned nthreads;		/* [t] */
	struct list_head threads;	/* [t] task.thread_link; leader first */
	struct task *leader;		/* [t] changes in exec of a non-leader */
	pid_t pid;			/* [I] tgid */
	struct pid *tgid;		/* [I] */
	struct pid *pgrp;		/* [t] */
	struct pid *session;		/* [t] */
	bool session_leader;		/* [t] */
	struct tty *tty;		/* [s] controlling terminal */
	int tty_old_pgrp;

	struct spinlock siglock;	/* LR_SIGHAND; of ours even when actions are shared */
	unsigned flags;			/* [s] PF_* */
	struct sigpending shared_pending; /* [s] */
	int group_exit_code;		/* [s] */
	int group_stop_count;		/* [s] threads yet to stop */
	struct task *group_exit_task;	/* [s] exec waiting for the others to die */
	int notify_count;		/* [s] */
	struct task *curr_target;	/* [s] where to look first for a thread to take a signal */
	struct waitq wait_child;	/* parents asleep in wait4/waitid */
	struct waitq signalfd_wait;

	struct mutex exec_lock;		/* LR_EXEC */
	struct rlimit rlim[RLIM_NLIMITS]; /* [p: task leader lock] read freely */
	struct seqcount times_seq;	/* [s to write] around a thread's figures moving to the totals */
	/* Totals of threads that are gone, and of children that were waited for. */
	uint64_t utime, stime, cutime, cstime;	/* [s] */
	uint64_t nvcsw, nivcsw, cnvcsw, cnivcsw, min_flt, maj_flt, cmin_flt, cmaj_flt;
	uint64_t maxrss, cmaxrss;	/* pages */
	uint64_t sum_exec;		/* [s] ns of gone threads */
	uint64_t io_rchar, io_wchar, io_syscr, io_syscw;

	/* ITIMER_REAL/VIRTUAL/PROF and POSIX timers: time/ */
	struct timer real_timer;
	nsec_t real_interval;
	bool real_armed;		/* [siglock] has a deadline, and has not expired */
	struct { uint64_t expires, interval; } cpu_itimer[2]; /* [s] VIRTUAL, PROF; ns of CPU time, 0 off */
	bool cpu_timers_armed;		/* [s] the accounting path has something to look at */
	struct posix_timers *timers;	/* [s] */
	struct list_head cpu_timers;

	short oom_score_adj, oom_score_adj_min;
	unsigned personality;
	bool nproc_exceeded;		/* setuid() went beyond RLIMIT_NPROC: the next exec fails */
	struct rcu_head rcu;
};

extern struct task init_task;			/* the boot CPU's idle task, pid 0 */
extern struct spinlock proc_tree_lock;
extern struct list_head all_tasks;		/* [t], RCU readers */

static inline struct task *task_get(struct task *t) { atomic_inc(&t->refs); return t; }
void task_put(struct task *t);
static inline bool thread_group_leader(const struct task *t) { return t->exit_signal >= 0; }
static inline struct pt_regs *task_regs(const struct task *t) { return t->user_regs; }
#define proc_for_each_thread(t, p) list_for_each_entry_rcu(t, &(p)->threads, thread_link)

/* fork.c */
struct clone_args {			/* kernel form of clone3's */
	uint64_t flags;
	int __user *pidfd;
	int __user *child_tid, *parent_tid;
	int exit_signal;
	uint64_t stack, stack_size, tls;
	pid_t set_tid[32];
	unsigned set_tid_size;
	int (*kthread_fn)(void *);	/* kernel thread */
	void *kthread_arg;
};
/* Makes a new task; it is not running yet. *out holds a reference. */
int task_create(const struct clone_args *args, struct task **out) __must_check;
/* The whole of clone(2): returns the tid or an error. */
long task_clone(struct clone_args *args);
/* A kernel thread, started. cpu -1: anywhere. NULL: no memory. It ends by returning. */
struct task *kthread_create(int (*fn)(void *), void *arg, int cpu, const char *name_fmt, ...) __printf(4, 5);
/* First code of a new task, called by the architecture's return from fork, on the new stack. */
void task_start_tail(struct task *prev);
void task_set_child_tid(struct task *t);	/* CLONE_CHILD_SETTID, by the child itself */
void task_release(struct task *t);		/* a dead task leaves all lists; its parent's wait, or itself */
void task_set_comm(struct task *t, const char *name);
void proc_get_comm(const struct task *t, char out[TASK_COMM_LEN]);
extern atomic_t nr_threads;			/* all tasks but the idle ones */
extern int max_threads;
extern uint64_t nr_forks;			/* since boot: /proc/stat */
struct proc *proc_get(struct proc *p);
void proc_put(struct proc *p);
struct task *idle_task_create(unsigned cpu);	/* for a CPU about to start; NULL: no memory */

/* init_task.c */
extern struct proc init_proc;
void init_task_setup(void);			/* by sched_init(): what cannot be initialised statically */

/* exec.c. Opens and becomes @path: kernel strings. Returns only on failure. The init thread's last call. */
int proc_exec_init(const char *path, const char *const argv[], const char *const envp[]);

/* exit.c */
__noreturn void do_exit(int code);		/* this thread; wait status encoding */
__noreturn void do_group_exit(int code);	/* the process */
/* In the task's context before user mode: signals, works, reschedule. Called with interrupts off. */
void exit_to_user_work(struct pt_regs *regs, unsigned long work);

/* Times. Precise user/kernel accounting at boundaries costs instructions; see time/cputime.c for what is done. */
void task_cputime(struct task *t, uint64_t *utime, uint64_t *stime);
void proc_cputime(struct proc *p, uint64_t *utime, uint64_t *stime);
uint64_t task_sum_exec(struct task *t);
uint64_t proc_sum_exec(struct proc *p);

static inline uint64_t rlimit(unsigned which) { return READ_ONCE(current->proc->rlim[which].rlim_cur); }
/* pid 1's task, set once at boot. */
extern struct task *init_process;
unsigned long proc_total_forks(void);	/* tasks made since boot */
/* exec.c: the first process becomes this program; returns only when it cannot. */
int proc_exec_init(const char *path, const char *const argv[], const char *const envp[]);
void proc_init(void);		/* task caches, init_task's remaining parts; before the first kthread_create */
