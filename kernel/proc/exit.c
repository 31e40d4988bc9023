/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and processes.
 *
 * do_exit() gives back what the thread uses, then, under proc_tree_lock, hands its children to a reaper, tells its
 * parent, and becomes a zombie (a group leader somebody may wait for) or is released at once (everything else). It leaves the
 * CPU for the last time with state TASK_DEAD; the task that runs next frees the stack.
 *
 * A leader that ends before its threads stays a zombie unseen; the release of the last other thread tells the parent.
 *
 * Locks: proc_tree_lock -> siglock (own, then the parent's by notify_parent_exit).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/ipc_ns.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <kernel/poll.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <kernel/tty.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include "../sync/lockdep.h"
#include "proc_internal.h"

/* ---- process groups */
/* No member has a parent in another group of the same session: nobody could continue it by job control. */
bool pgrp_is_orphaned(struct pid *pgrp, struct task *ignore)
{
	struct task *t;

	pid_for_each_task(t, pgrp, PIDTYPE_PGID) {
		struct proc *pp = t->real_parent->proc;

		if (t == ignore || (t->exit_state && t->proc->nthreads == 1) || t->real_parent->proc->pid == 1)
			continue;
		if (pp->pgrp != pgrp && pp->session == t->proc->session)
			return false;
	}
	return true;
}

static bool pgrp_has_stopped(struct pid *pgrp)
{
	struct task *t;

	pid_for_each_task(t, pgrp, PIDTYPE_PGID)
		if (t->proc->flags & PF_STOPPED)
			return true;
	return false;
}

void pgrp_check_orphaned(struct task *leaving, struct task *parent)
{
	struct pid *pgrp = leaving->proc->pgrp;
	struct task *ignore = leaving, *t;

	if (!parent)
		parent = leaving->real_parent;
	else
		ignore = NULL;	/* it lives on: only its parent changes */
	if (parent->proc->pgrp == pgrp || parent->proc->session != leaving->proc->session)
		return;
	if (!pgrp_is_orphaned(pgrp, ignore) || !pgrp_has_stopped(pgrp))
		return;
	pid_for_each_task(t, pgrp, PIDTYPE_PGID) {
		(void)kill_proc(SIGHUP, t->proc);
		(void)kill_proc(SIGCONT, t->proc);
	}
}

/* ---- children */
static struct task *live_thread(struct proc *p, const struct task *but)
{
	struct task *t;

	list_for_each_entry(t, &p->threads, thread_link)
		if (t != but && !(t->flags & TF_EXITING))
			return t;
	return NULL;
}

/* Who adopts: another thread of the process, the nearest ancestor that reaps for others, init. */
static struct task *find_reaper(struct task *dying)
{
	struct task *t = live_thread(dying->proc, dying);

	if (t)
		return t;
	if (dying->proc->flags & PF_HAS_SUBREAPER) {
		for (struct task *a = dying->real_parent; a->proc->pid > 1; a = a->real_parent) {
			if (!(a->proc->flags & PF_SUBREAPER))
				continue;
			t = live_thread(a->proc, NULL);
			if (t)
				return t;
		}
	}
	return init_process;
}

/* As if the dying parent had called kill(2). */
static void send_pdeath(struct task *t, const struct task *dying)
{
	struct siginfo info = { .si_signo = t->pdeath_signal, .si_code = SI_USER };

	info.kill.pid = dying->proc->pid;
	info.kill.uid = dying->cred->uid;
	(void)send_signal_proc(t->pdeath_signal, &info, t->proc);
}

/* An adopted child; true: nobody wants its zombie, the caller releases it. */
static bool adopt(struct task *child, struct task *dying, struct task *reaper)
{
	struct task *t;

	list_for_each_entry(t, &child->proc->threads, thread_link) {
		t->real_parent = reaper;
		if (t->pdeath_signal)
			send_pdeath(t, dying);
	}
	if (reaper->proc == dying->proc)
		return false;
	child->exit_signal = SIGCHLD;
	if (child->exit_state == EXIT_ZOMBIE && child->proc->nthreads == 1) {
		if (notify_parent_exit(child, SIGCHLD)) {
			child->exit_state = EXIT_DEAD;
			return true;
		}
	}
	pgrp_check_orphaned(child, dying);
	return false;
}

/* The children that nobody will wait for come back in @dead, linked by `sibling`. */
static void give_away_children(struct task *me, struct list_head *dead)
{
	struct task *reaper, *c, *n;

	if (list_empty(&me->children))
		return;
	reaper = find_reaper(me);
	list_for_each_entry_safe(c, n, &me->children, sibling)
		if (adopt(c, me, reaper))
			list_move_tail(&c->sibling, dead);
	while (!list_empty(&me->children)) {
		c = list_first_entry(&me->children, struct task, sibling);
		list_move_tail(&c->sibling, &reaper->children);
	}
}

/* ---- release */
static void task_free_rcu(struct rcu_head *h)
{
	task_put(container_of(h, struct task, rcu));
}

/* Its figures go to the totals of its process. siglock held. */
static void account_thread(struct task *t)
{
	struct proc *p = t->proc;
	uint64_t u, s;

	if (t->exit_accounted)
		return;
	task_cputime(t, &u, &s);
	seq_write_begin(&p->times_seq);
	p->utime += u;
	p->stime += s;
	p->sum_exec += u + s;
	WRITE_ONCE(t->exit_accounted, true);
	seq_write_end(&p->times_seq);
	p->nvcsw += t->nvcsw;
	p->nivcsw += t->nivcsw;
	p->min_flt += t->min_flt;
	p->maj_flt += t->maj_flt;
}

/* The last thread but a zombie leader is gone: now the process has ended. True: the leader is to be released too. */
static bool leader_due(struct task *leader)
{
	struct proc *p = leader->proc;

	if (p->nthreads != 1 || leader->exit_state != EXIT_ZOMBIE)
		return false;
	if (p->flags & PF_GROUP_EXIT)
		leader->exit_code = p->group_exit_code;
	waitq_wake_all_poll(&p->tgid->wait_pidfd, POLLIN | POLLRDNORM);
	if (!notify_parent_exit(leader, leader->exit_signal))
		return false;
	leader->exit_state = EXIT_DEAD;
	return true;
}

void task_release(struct task *t)
{
	struct proc *p = t->proc;
	struct task *leader;
	struct sighand *sighand;
	struct tty *tty = NULL;
	bool also_leader;
	irqflags_t f;

again:
	also_leader = false;
	f = spin_lock_irqsave(&proc_tree_lock);
	spin_lock(&p->siglock);
	account_thread(t);
	sighand = t->sighand;
	t->sighand = NULL;
	sigpending_flush(&t->pending);
	if (p->curr_target == t)
		p->curr_target = NULL;
	list_del(&t->thread_link);
	p->nthreads--;
	if (p->group_exit_task && p->notify_count > 0 && --p->notify_count == 0)
		wake_up_task(p->group_exit_task);
	if (!p->nthreads) {
		sigpending_flush(&p->shared_pending);
		tty = p->tty;
		p->tty = NULL;
	}
	spin_unlock(&p->siglock);
	list_del(&t->all_link);
	leader = p->leader;
	if (leader == t) {
		pid_detach(t, PIDTYPE_TGID);
		pid_detach(t, PIDTYPE_PGID);
		pid_detach(t, PIDTYPE_SID);
		list_del_init(&t->sibling);
	}
	pid_detach(t, PIDTYPE_PID);
	if (leader != t)
		also_leader = leader_due(leader);
	spin_unlock_irqrestore(&proc_tree_lock, f);

	if (tty)
		tty_unref(tty);
	if (sighand)
		sighand_put(sighand);
	atomic_dec(&t->cred->user->nproc);
	atomic_dec(&nr_threads);
	call_rcu(&t->rcu, task_free_rcu);
	if (also_leader) {
		t = leader;
		goto again;
	}
}

/* ---- the address space */
/* By exit and exec: what the old address space still expects of us. The order is Linux's. */
void task_mm_departing(struct task *t)
{
	struct completion *vfork;

	if (!t->mm)
		return;
	futex_exit(t);
	if (t->clear_child_tid) {
		if (atomic_read(&t->mm->users) > 1 && !put_user(0, t->clear_child_tid))
			futex_wake_one_user(t->clear_child_tid);
		t->clear_child_tid = NULL;
	}
	if (!t->vfork_done)
		return;
	spin_lock(&t->lock);
	vfork = t->vfork_done;
	t->vfork_done = NULL;
	if (vfork)
		complete(vfork);
	spin_unlock(&t->lock);
}

/* ---- exit */
unsigned proc_kill_others(struct task *me)
{
	struct task *t;
	unsigned n = 0;

	proc_for_each_thread(t, me->proc) {
		t->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
		if (t == me)
			continue;
		n++;
		if (t->exit_state)
			continue;
		t->pending.set |= 1ull << (SIGKILL - 1);
		__atomic_fetch_or(&t->head.work, TIF_SIGPENDING, __ATOMIC_SEQ_CST);
		if (!wake_up_state(t, TASK_INTERRUPTIBLE | TASK_WAKEKILL) && task_is_running(t))
			resched_cpu(t->head.cpu);
	}
	return n;
}

static void exit_signals_begin(struct task *t)
{
	struct proc *p = t->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	bool stopped;

	t->flags |= TF_EXITING;
	stopped = signal_stop_exiting(t);
	if (p->nthreads > 1 && !(p->flags & PF_GROUP_EXIT))
		signal_retarget_exiting(t);
	spin_unlock_irqrestore(&p->siglock, f);
	if (stopped) {
		f = spin_lock_irqsave(&proc_tree_lock);
		notify_parent_stop(p->leader, false);
		spin_unlock_irqrestore(&proc_tree_lock, f);
	}
}

static void exit_notify(struct task *t, bool group_dead)
{
	struct proc *p = t->proc;
	struct task *c, *n;
	LIST_HEAD(dead);
	bool release = true;
	irqflags_t f;

	f = spin_lock_irqsave(&proc_tree_lock);
	give_away_children(t, &dead);
	if (group_dead)
		pgrp_check_orphaned(p->leader, NULL);
	spin_lock(&p->siglock);
	account_thread(t);
	spin_unlock(&p->siglock);
	if (p->leader == t && !(t->flags & TF_KTHREAD)) {
		release = false;
		t->exit_state = EXIT_ZOMBIE;
		if (p->nthreads == 1) {
			waitq_wake_all_poll(&p->tgid->wait_pidfd, POLLIN | POLLRDNORM);
			release = notify_parent_exit(t, t->exit_signal);
		} else if (p->group_exit_task && p->notify_count < 0) {
			wake_up_task(p->group_exit_task);	/* exec waits to take the leader's place */
		}
	}
	if (release)
		t->exit_state = EXIT_DEAD;
	spin_unlock_irqrestore(&proc_tree_lock, f);
	list_for_each_entry_safe(c, n, &dead, sibling)
		task_release(c);
	if (release)
		task_release(t);
}

__noreturn void do_exit(int code)
{
	struct task *t = current;
	struct proc *p = t->proc;
	struct nsproxy *ns;
	bool group_dead;

	if (in_interrupt() || !t->tid)
		panic("%s", in_interrupt() ? "exit in an interrupt handler" : "an idle task exits");
	/* Two threads that leave at once must not both think that the other is the last: exactly one sees zero. */
	exit_signals_begin(t);
	group_dead = atomic_dec_and_test(&p->live);
	if (group_dead && unlikely(p->pid == 1))
		panic("Attempted to kill init! exit code 0x%08x", p->flags & PF_GROUP_EXIT ? p->group_exit_code : code);
	t->exit_code = code;
	trace_gone(code);
	if (group_dead && !(p->flags & PF_GROUP_EXIT)) {
		irqflags_t f = spin_lock_irqsave(&p->siglock);

		p->flags |= PF_GROUP_EXIT;	/* the last thread's code is the process's */
		p->group_exit_code = code;
		spin_unlock_irqrestore(&p->siglock, f);
	}
	if (group_dead) {
		itimer_exit(p);
		posix_timers_exit(p);
	}
	task_mm_departing(t);
	mm_release_task(t);
	sem_undo_exit(t);
	files_exit(t);
	fs_context_exit(t);
	if (group_dead && p->session_leader)
		tty_session_leader_exit();
	task_work_run();
	ns = t->ns;
	spin_lock(&t->lock);	/* /proc/PID/mounts looks under it */
	t->ns = &init_nsproxy;
	spin_unlock(&t->lock);
	nsproxy_put(ns);
	if (CONFIG_LOCKDEP)
		lockdep_task_exit(t);
	exit_notify(t, group_dead);

	preempt_disable();
	WRITE_ONCE(t->state, TASK_DEAD);
	preempt_enable_no_resched();
	schedule();
	panic("a dead task runs");
}

__noreturn void do_group_exit(int code)
{
	struct task *t = current;
	struct proc *p = t->proc;

	if (READ_ONCE(p->flags) & PF_GROUP_EXIT) {
		code = p->group_exit_code;
	} else if (p->nthreads == 1) {
		irqflags_t f = spin_lock_irqsave(&p->siglock);

		p->flags |= PF_GROUP_EXIT;
		p->group_exit_code = code;
		spin_unlock_irqrestore(&p->siglock, f);
	} else {
		irqflags_t f = spin_lock_irqsave(&p->siglock);

		if (p->flags & PF_GROUP_EXIT) {
			code = p->group_exit_code;	/* somebody was faster */
		} else if (p->group_exit_task && p->group_exit_task != t) {
			code = 0;			/* another thread is in exec: only we end */
		} else {
			p->flags |= PF_GROUP_EXIT;
			p->group_exit_code = code;
			(void)proc_kill_others(t);
		}
		spin_unlock_irqrestore(&p->siglock, f);
	}
	do_exit(code);
}

long sys_exit(int status)
{
	do_exit((status & 0xff) << 8);
}

long sys_exit_group(int status)
{
	do_group_exit((status & 0xff) << 8);
}
