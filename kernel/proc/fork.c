/* SPDX-License-Identifier: MIT */
/*
 * Making tasks: clone(2) in all its forms, kernel threads, idle tasks.
 *
 * task_create() builds a task that nobody can see, one part after the other, each undone in reverse order if a
 * later one fails; then task_publish() links it into the process tree, where nothing can fail any more. The caller starts it.
 *
 * References: a task starts with two, one of the tree's (dropped a grace period after task_release(), so whoever finds a
 * task in a list under RCU may take one more) and one of its own (dropped after its last switch). Each task holds
 * one of its process.
 *
 * Locks: proc_tree_lock for the links; the parent's siglock inside it, against a group exit that must not miss a
 * new thread.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/ipc_ns.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <kernel/tty.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include "proc_internal.h"

static struct kmem_cache *task_cache, *proc_cache;
atomic_t nr_threads;
int max_threads;
uint64_t nr_forks;

void proc_init(void)
{
	uint64_t n = mem_total_pages() * PAGE_SIZE / (KSTACK_SIZE * 8);

	task_cache = kmem_cache_create("task", sizeof(struct task), 64, 0, NULL);
	proc_cache = kmem_cache_create("proc", sizeof(struct proc), 64, 0, NULL);
	if (!task_cache || !proc_cache)
		panic("no memory for tasks");
	max_threads = (int)MIN(MAX(n, 32ull), (uint64_t)pid_max - 301);
	init_proc.rlim[RLIMIT_NPROC].rlim_cur = init_proc.rlim[RLIMIT_NPROC].rlim_max = (uint64_t)max_threads / 2;
	init_proc.rlim[RLIMIT_SIGPENDING] = init_proc.rlim[RLIMIT_NPROC];
}

unsigned long proc_total_forks(void)
{
	return READ_ONCE(nr_forks);
}

/* ---- processes */
static struct proc *proc_create(const struct proc *from, struct pid *pid)
{
	struct proc *p = kmem_cache_alloc(proc_cache, GFP_KERNEL | GFP_ZERO);

	if (!p)
		return NULL;
	atomic_set(&p->refs, 1);
	atomic_set(&p->live, 1);
	p->nthreads = 1;
	list_init(&p->threads);
	p->tgid = pid;
	p->pid = pid->nr;
	spin_lock_init(&p->siglock, LR_SIGHAND);
	sigpending_init(&p->shared_pending);
	waitq_init(&p->wait_child);
	waitq_init(&p->signalfd_wait);
	mutex_init(&p->exec_lock, LR_EXEC);
	memcpy(p->rlim, from->rlim, sizeof(p->rlim));
	p->cpu_timers_armed = p->rlim[RLIMIT_CPU].rlim_cur != RLIM_INFINITY || p->rlim[RLIMIT_RTTIME].rlim_cur != RLIM_INFINITY;
	itimer_init(p);
	p->oom_score_adj = from->oom_score_adj;
	p->oom_score_adj_min = from->oom_score_adj_min;
	p->personality = from->personality;
	return p;
}

struct proc *proc_get(struct proc *p)
{
	atomic_inc(&p->refs);
	return p;
}

void proc_put(struct proc *p)
{
	if (ref_put(&p->refs))
		kmem_cache_free(proc_cache, p);
}

/* ---- the end of a task's memory */
static void task_free(struct task *t)
{
	if (t->head.kstack)
		kstack_free(t->head.kstack);
	arch_task_release(t);
	cred_put((struct cred *)t->cred);
	proc_put(t->proc);
	kmem_cache_free(task_cache, t);
}

void task_put(struct task *t)
{
	if (ref_put(&t->refs))
		task_free(t);
}

/* After a dead task's last switch, on the next task's stack: its own reference. Preemption is off. */
void sched_exit_task(struct task *t)
{
	void *stack = t->head.kstack;

	t->head.kstack = NULL;
	kstack_free(stack);
	task_put(t);
}

/* ---- checks */
static int clone_check(const struct clone_args *a)
{
	uint64_t f = a->flags;

	if ((f & CLONE_NEWNS && f & CLONE_FS) || (f & CLONE_NEWUSER && f & CLONE_FS))
		return -EINVAL;
	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_PARENT) && (current->proc->flags & PF_UNKILLABLE))
		return -EINVAL;
	if ((f & CLONE_THREAD) && (f & (CLONE_NEWUSER | CLONE_NEWPID)))
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & (CLONE_DETACHED | CLONE_THREAD)))
		return -EINVAL;
	return 0;
}

static int clone_check_limits(const struct cred *c)
{
	if (atomic_read(&c->user->nproc) >= (int64_t)MIN(rlimit(RLIMIT_NPROC), (uint64_t)INT32_MAX) && c->user != &root_user &&
	    !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	if (atomic_read(&nr_threads) >= max_threads)
		return -EAGAIN;
	return 0;
}

/* ---- parts */
static struct task *task_alloc(void)
{
	struct task *t = kmem_cache_alloc(task_cache, GFP_KERNEL | GFP_ZERO);

	if (!t)
		return NULL;
	t->head.kstack = kstack_alloc();
	if (!t->head.kstack) {
		kmem_cache_free(task_cache, t);
		return NULL;
	}
	atomic_set(&t->refs, 2);
	arch_task_init(t);
	spin_lock_init(&t->lock, LR_FS);
	list_init(&t->thread_link);
	list_init(&t->all_link);
	list_init(&t->children);
	list_init(&t->sibling);
	list_init(&t->plug);
	list_init(&t->pi_states);
	sigpending_init(&t->pending);
	t->syscall_nr = -1;
	t->stack_canary = random_u64() & ~0xfful;
	return t;
}

static int copy_mm(const struct clone_args *a, struct task *t)
{
	struct mm *mm = current->mm;

	if (!mm || a->kthread_fn)
		return 0;
	if (a->flags & CLONE_VM) {
		t->mm = mm_get(mm);
		return 0;
	}
	return mm_fork(mm, &t->mm);
}

/* A kernel thread shares the boot task's files and directories, whoever makes it. */
static void kthread_share(struct task *t)
{
	t->files = init_task.files;
	if (t->files)
		atomic_inc(&t->files->refs);
	t->fs = init_task.fs;
	if (t->fs)
		atomic_inc(&t->fs->refs);
}

static void copy_own(const struct clone_args *a, struct task *t)
{
	struct task *me = current;

	memcpy(t->comm, me->comm, sizeof(t->comm));
	t->flags = a->kthread_fn ? TF_KTHREAD : (me->flags & TF_INHERITED) | TF_FORKNOEXEC;
	t->blocked = me->blocked;
	t->timer_slack_ns = t->default_slack_ns = me->timer_slack_ns;
	t->ioprio = me->ioprio;
	t->no_new_privs = me->no_new_privs;
	t->start_time = clock_monotonic();
	t->start_boottime = clock_boottime();
	if ((a->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
		t->sigaltstack = me->sigaltstack;
	else
		t->sigaltstack.flags = SS_DISABLE;
	if (a->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = a->child_tid;
	if (a->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = a->child_tid;
	/* A new address space has the registration's memory at the same place, a new thread has not. */
	if (!(a->flags & CLONE_VM)) {
		t->rseq = me->rseq;
		t->rseq_len = me->rseq_len;
		t->rseq_sig = me->rseq_sig;
	}
}

/* Links the finished task. -ERESTARTNOINTR or -EINTR when a signal came first; nothing has changed then. */
static int task_publish(const struct clone_args *a, struct task *t, struct pid *pid)
{
	struct task *me = current;
	struct proc *p = t->proc, *mine = me->proc;
	bool thread = a->flags & CLONE_THREAD;
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);

	spin_lock(&mine->siglock);
	/* Signals of the whole group sent from now on find the child in the lists; earlier ones are ours to take first. */
	if (!a->kthread_fn && signal_pending(me)) {
		bool fatal = fatal_signal_pending(me) || (mine->flags & PF_GROUP_EXIT);

		spin_unlock(&mine->siglock);
		spin_unlock_irqrestore(&proc_tree_lock, f);
		return fatal ? -EINTR : -ERESTARTNOINTR;
	}
	if (a->kthread_fn) {
		t->real_parent = &init_task;
		t->exit_signal = a->exit_signal;
	} else if (a->flags & (CLONE_PARENT | CLONE_THREAD)) {
		t->real_parent = me->real_parent;
		t->exit_signal = thread ? -1 : mine->leader->exit_signal;
	} else {
		t->real_parent = me;
		t->exit_signal = a->exit_signal;
	}
	if (thread) {
		p->nthreads++;
		atomic_inc(&p->live);
		list_add_tail(&t->thread_link, &p->threads);
		if (p->group_stop_count || (p->flags & PF_STOPPED))
			t->head.work |= TIF_SIGPENDING;		/* joins the stop on its way to user mode */
	} else {
		const struct proc *like = a->kthread_fn ? &init_proc : mine;

		p->leader = t;
		p->pgrp = like->pgrp;
		p->session = like->session;
		p->tty = a->kthread_fn ? NULL : mine->tty;
		if (p->tty)
			tty_ref(p->tty);
		if (mine->flags & (PF_SUBREAPER | PF_HAS_SUBREAPER))
			p->flags |= PF_HAS_SUBREAPER;
		list_add_tail(&t->thread_link, &p->threads);
		list_add_tail(&t->sibling, &t->real_parent->children);
		pid_attach(t, PIDTYPE_TGID, pid);
		pid_attach(t, PIDTYPE_PGID, p->pgrp);
		pid_attach(t, PIDTYPE_SID, p->session);
	}
	list_add_tail(&t->all_link, &all_tasks);
	pid_attach(t, PIDTYPE_PID, pid);
	if (trace_wants(TRACE_SYSCALLS))
		t->head.work |= TIF_TRACE;
	if (unlikely(pid->nr == 1)) {
		init_process = t;
		p->flags |= PF_UNKILLABLE;
	}
	nr_forks++;
	spin_unlock(&mine->siglock);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	trace_fork(t);
	return 0;
}

/* CLONE_PIDFD: the descriptor is reserved and told to the user; *file is installed once nothing can fail. */
static int make_pidfd(const struct clone_args *a, struct pid *pid, struct file **file, int *fd)
{
	int err;

	*file = pidfd_file_create(pid, 0, &err);
	if (!*file)
		return err;
	*fd = fd_alloc(O_CLOEXEC);
	if (*fd < 0) {
		file_put(*file);
		return *fd;
	}
	if (put_user(*fd, a->pidfd)) {
		fd_unreserve((unsigned)*fd);
		file_put(*file);
		return -EFAULT;
	}
	return 0;
}

int task_create(const struct clone_args *a, struct task **out)
{
	struct cred *cred = (struct cred *)current->cred;
	struct file *pidfile = NULL;
	struct task *t;
	struct pid *pid;
	int err, pidfd = -1;

	err = clone_check(a);
	if (err)
		return err;
	if (!a->kthread_fn) {
		if (signal_pending(current))
			return -ERESTARTNOINTR;
		err = clone_check_limits(cred);
		if (err)
			return err;
	}
	t = task_alloc();
	if (!t)
		return -ENOMEM;
	copy_own(a, t);
	sched_fork(t);
	t->cred = cred_get(a->kthread_fn ? &init_cred : cred);
	atomic_inc(&t->cred->user->nproc);
	atomic_inc(&nr_threads);

	if (a->kthread_fn) {
		kthread_share(t);
	} else {
		err = files_copy(a->flags, t);
		if (err)
			goto out_cred;
		err = fs_context_copy(a->flags, t);
		if (err)
			goto out_files;
	}
	err = sighand_copy(a->kthread_fn ? 0 : a->flags, t);
	if (err)
		goto out_fs;
	err = copy_mm(a, t);
	if (err)
		goto out_sighand;
	err = sem_undo_copy(a->flags, t);
	if (err)
		goto out_mm;
	err = nsproxy_copy(a->kthread_fn ? 0 : a->flags, t);
	if (err)
		goto out_undo;
	err = pid_alloc(a->set_tid_size ? a->set_tid[0] : 0, &pid);
	if (err)
		goto out_ns;
	t->pid = pid;
	t->tid = pid->nr;
	err = -ENOMEM;
	t->proc = a->flags & CLONE_THREAD ? proc_get(current->proc) :
					    proc_create(a->kthread_fn ? &init_proc : current->proc, pid);
	if (!t->proc)
		goto out_pid;
	if (a->kthread_fn) {
		arch_task_kthread(t, a->kthread_fn, a->kthread_arg);
	} else {
		err = arch_task_fork(t, a);
		if (err)
			goto out_proc;
	}
	if (a->flags & CLONE_PIDFD) {
		err = make_pidfd(a, pid, &pidfile, &pidfd);
		if (err)
			goto out_arch;
	}
	err = task_publish(a, t, pid);
	if (err)
		goto out_pidfd;
	if (pidfile)
		fd_install((unsigned)pidfd, pidfile);
	*out = t;
	return 0;

out_pidfd:
	if (pidfile) {
		fd_unreserve((unsigned)pidfd);
		file_put(pidfile);
	}
out_arch:
	arch_task_release(t);
out_proc:
	proc_put(t->proc);
out_pid:
	pid_free(pid);
out_ns:
	nsproxy_put(t->ns);
out_undo:
	sem_undo_exit(t);
out_mm:
	if (t->mm)
		mm_put(t->mm);
out_sighand:
	sighand_put(t->sighand);
out_fs:
	fs_context_exit(t);
out_files:
	files_exit(t);
out_cred:
	atomic_dec(&nr_threads);
	atomic_dec(&t->cred->user->nproc);
	cred_put((struct cred *)t->cred);
	kstack_free(t->head.kstack);
	kmem_cache_free(task_cache, t);
	return err;
}

/* The child's first own act. A bad pointer is the program's business, as on Linux. */
void task_set_child_tid(struct task *t)
{
	(void)!put_user(t->tid, t->set_child_tid);
}

long task_clone(struct clone_args *a)
{
	struct completion vfork;
	struct task *t;
	long tid;
	int err;

	if ((a->flags & CLONE_PIDFD) && (a->flags & CLONE_PARENT_SETTID) && a->pidfd == a->parent_tid)
		return -EINVAL;
	err = task_create(a, &t);
	if (err)
		return err;
	tid = t->tid;
	if (a->flags & CLONE_PARENT_SETTID)
		(void)!put_user((int)tid, a->parent_tid);
	if (!(a->flags & CLONE_VFORK)) {
		wake_up_new_task(t);
		return tid;
	}
	completion_init(&vfork);
	t->vfork_done = &vfork;
	task_get(t);
	wake_up_new_task(t);
	if (wait_for_completion_killable(&vfork)) {
		/* We die: the child must not reach for our stack any more. */
		spin_lock(&t->lock);
		t->vfork_done = NULL;
		spin_unlock(&t->lock);
	}
	task_put(t);
	return tid;
}

/* ---- kernel threads */
struct kthread_start {
	int (*fn)(void *);
	void *arg;
};

static int kthread_main(void *p)
{
	struct kthread_start s = *(struct kthread_start *)p;
	int ret;

	kfree(p);
	ret = s.fn(s.arg);
	if (current->flags & TF_KTHREAD)
		do_exit(ret << 8);
	return 0;	/* it has become a process by exec: to user mode */
}

struct task *kthread_create(int (*fn)(void *), void *arg, int cpu, const char *fmt, ...)
{
	struct clone_args a = { .flags = CLONE_VM | CLONE_FS | CLONE_FILES, .kthread_fn = kthread_main };
	struct kthread_start *s = kmalloc(sizeof(*s), GFP_KERNEL);
	struct task *t;
	va_list ap;

	if (!s)
		return NULL;
	s->fn = fn;
	s->arg = arg;
	a.kthread_arg = s;
	if (task_create(&a, &t)) {
		kfree(s);
		return NULL;
	}
	va_start(ap, fmt);
	vsnprintf(t->comm, sizeof(t->comm), fmt, ap);
	va_end(ap);
	t->blocked = ~0ull;
	t->se.policy = SCHED_NORMAL;
	t->se.nice = 0;
	t->se.rt_priority = t->se.own_priority = 0;
	t->se.weight = 1024;
	t->se.affinity = init_task.se.affinity;
	t->se.nr_allowed = nr_cpus;
	if (cpu >= 0) {
		cpumask_zero(&t->se.affinity);
		cpumask_set(&t->se.affinity, (unsigned)cpu);
		t->se.nr_allowed = 1;
	}
	wake_up_new_task(t);
	return t;
}

/* A CPU's idle task: no id, in no list, never ends. */
struct task *idle_task_create(unsigned cpu)
{
	struct task *t = task_alloc();

	if (!t)
		return NULL;
	snprintf(t->comm, sizeof(t->comm), "swapper/%u", cpu);
	t->pid = init_task.pid;
	t->proc = &init_proc;
	t->cred = &init_cred;
	t->ns = &init_nsproxy;
	t->sighand = init_task.sighand;
	t->files = init_task.files;
	t->fs = init_task.fs;
	t->real_parent = &init_task;
	t->blocked = ~0ull;
	t->timer_slack_ns = t->default_slack_ns = 50000;
	sched_set_idle_task(cpu, t);
	return t;
}
