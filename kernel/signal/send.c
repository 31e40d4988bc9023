/* SPDX-License-Identifier: MIT */
/*
 * Sending signals: signal(7).
 *
 * A signal goes to a thread's pending set or to the process's. Sending decides at once what needs no handler: ignored
 * signals vanish, SIGCONT resumes and cancels stops (and the reverse), and a fatal one starts the end of the whole process.
 * Then one thread that can take it is woken.
 *
 * Locks: proc->siglock; sighand->lock (the shared table of actions) is taken inside only by those who change it, readers
 * of one action under siglock may see the old or the new one. Any context but NMI.
 */
#include "signal_internal.h"
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/smp.h>
#include <kernel/string.h>

void signal_wake_up(struct task *t, bool fatal)
{
	(void)__atomic_fetch_or(&t->head.work, TIF_SIGPENDING, __ATOMIC_RELAXED);
	/* Full barrier inside: the sleeper sees the flag or we see it asleep. */
	if (wake_up_state(t, TASK_INTERRUPTIBLE | (fatal ? TASK_WAKEKILL : 0)))
		return;
	/* In user mode on another CPU: it must come in to look. */
	if (t != current && task_is_running(t))
		ipi_send(t->head.cpu, IPI_RESCHED);
}

static void *handler_of(const struct task *t, int sig)
{
	return READ_ONCE(t->sighand->action[sig - 1].handler);
}

/* By its action alone. */
bool signal_ignored_by(const struct task *t, int sig)
{
	void *h = handler_of(t, sig);

	return h == SIG_HANDLER_IGN || (h == SIG_HANDLER_DFL && sig_in(sig, SIG_IGNORE_SET));
}

static bool is_ignored(const struct task *t, int sig, bool force)
{
	/* A blocked signal is kept: the action may change before it is unblocked. */
	if (sig_in(sig, t->blocked | t->real_blocked))
		return false;
	if ((t->proc->flags & PF_UNKILLABLE) && handler_of(t, sig) == SIG_HANDLER_DFL && !(force && sig_in(sig, SIG_KERNEL_ONLY)))
		return true;
	return signal_ignored_by(t, sig);
}

static void resume_stopped(struct proc *p)
{
	struct task *t;
	unsigned why = 0;

	sigpending_remove(&p->shared_pending, SIG_STOP_SET);
	proc_for_each_thread(t, p) {
		sigpending_remove(&t->pending, SIG_STOP_SET);
		t->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
		wake_up_state(t, TASK_STOPPED_BIT);
	}
	/* The parent is told by the first thread that runs: it may take the locks. */
	if (p->flags & PF_STOPPED)
		why = PF_CONTINUED | PF_CLD_CONTINUED;
	else if (p->group_stop_count)
		why = PF_CLD_STOPPED;
	if (why) {
		p->flags = (p->flags & ~(PF_STOPPED | PF_CLD_STOPPED | PF_CLD_CONTINUED)) | why;
		p->group_stop_count = 0;
		p->group_exit_code = 0;
	}
}

/* What a signal does by being sent; false: it is not to be queued. */
static bool prepare(int sig, struct task *t, bool force)
{
	struct proc *p = t->proc;
	struct task *o;

	if (p->flags & PF_GROUP_EXIT)
		return false;
	if (sig_in(sig, SIG_STOP_SET)) {
		sigpending_remove(&p->shared_pending, sigmask(SIGCONT));
		proc_for_each_thread(o, p)
			sigpending_remove(&o->pending, sigmask(SIGCONT));
	} else if (sig == SIGCONT) {
		resume_stopped(p);
	}
	return !is_ignored(t, sig, force);
}

static bool can_take(int sig, const struct task *t)
{
	if (sig_in(sig, t->blocked) || (t->flags & TF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(t->state) & (TASK_STOPPED_BIT | 16u))
		return false;
	return t == current || !signal_pending(t);
}

void signal_kill_threads(struct proc *p, int code)
{
	struct task *t;

	/* A stop or continuation that was not reported is not news of a dying process. */
	p->flags = (p->flags & ~(PF_STOPPED | PF_CONTINUED | PF_CLD_STOPPED | PF_CLD_CONTINUED)) | PF_GROUP_EXIT;
	p->group_exit_code = code;
	p->group_stop_count = 0;
	proc_for_each_thread(t, p) {
		t->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
		t->pending.set |= sigmask(SIGKILL);
		signal_wake_up(t, true);
	}
}

/* Finds a thread for the signal and wakes it; a fatal one ends the process from here on. */
static void complete_signal(int sig, struct task *t, bool group)
{
	struct proc *p = t->proc;
	struct task *o;

	if (!can_take(sig, t)) {
		struct task *found = NULL;

		if (!group)
			return;
		rcu_read_lock();
		proc_for_each_thread(o, p) {
			if (can_take(sig, o)) {
				found = o;
				break;
			}
		}
		rcu_read_unlock();
		if (!found)
			return;		/* whoever unblocks it first takes it */
		t = found;
	}
	if (handler_of(t, sig) == SIG_HANDLER_DFL && !sig_in(sig, SIG_IGNORE_SET | SIG_STOP_SET | SIG_COREDUMP_SET) &&
	    !sig_in(sig, t->real_blocked) && !((p->flags & PF_UNKILLABLE) && sig != SIGKILL)) {
		signal_kill_threads(p, sig);
		return;
	}
	signal_wake_up(t, sig == SIGKILL);
}

static void kernel_info(struct siginfo *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
}

int signal_send_locked(int sig, const struct siginfo *info, struct task *t, bool group)
{
	struct sigpending *pending = group ? &t->proc->shared_pending : &t->pending;
	bool kernel_made = !info || info->si_code > SI_USER;
	struct sigqueue *q;

	if (!t->sighand || !prepare(sig, t, kernel_made))
		return 0;
	/* Standard signals do not queue. */
	if (sig < SIGRTMIN && (pending->set & sigmask(sig)))
		return 0;
	if (sig == SIGKILL)
		goto mark;
	q = sigqueue_alloc(t, sig < SIGRTMIN && kernel_made);
	if (q) {
		if (info)
			q->info = *info;
		else
			kernel_info(&q->info, sig, SI_KERNEL);
		list_add_tail(&q->link, &pending->queue);
	} else if (sig >= SIGRTMIN && info && info->si_code != SI_USER) {
		return -EAGAIN;		/* its value would be lost */
	}
mark:
	pending->set |= sigmask(sig);
	signalfd_notify(t, sig);
	complete_signal(sig, t, group);
	return 0;
}

int send_signal_task(int sig, const struct siginfo *info, struct task *t)
{
	irqflags_t f = spin_lock_irqsave(&t->proc->siglock);
	int err = t->sighand ? signal_send_locked(sig, info, t, false) : -ESRCH;

	spin_unlock_irqrestore(&t->proc->siglock, f);
	return err;
}

/* Some live thread of the process, the leader if it still has actions. */
static struct task *any_thread(struct proc *p)
{
	struct task *t;

	if (p->leader && p->leader->sighand)
		return p->leader;
	proc_for_each_thread(t, p)
		if (t->sighand)
			return t;
	return NULL;
}

static int send_proc_locked(int sig, const struct siginfo *info, struct proc *p)
{
	struct task *t;
	int err;

	rcu_read_lock();
	t = any_thread(p);
	err = t ? signal_send_locked(sig, info, t, true) : -ESRCH;
	rcu_read_unlock();
	return err;
}

int send_signal_proc(int sig, const struct siginfo *info, struct proc *p)
{
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	int err = send_proc_locked(sig, info, p);

	spin_unlock_irqrestore(&p->siglock, f);
	return err;
}

int kill_proc(int sig, struct proc *p)
{
	return send_signal_proc(sig, NULL, p);
}

int kill_proc_locked(int sig, struct proc *p)
{
	return send_proc_locked(sig, NULL, p);
}

int send_signal_pgrp(int sig, const struct siginfo *info, struct pid *pgrp)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	struct task *t;
	int err = -ESRCH;

	pid_for_each_task(t, pgrp, PIDTYPE_PGID)
		if (!send_signal_proc(sig, info, t->proc))
			err = 0;
	spin_unlock_irqrestore(&proc_tree_lock, f);
	return err;
}

int kill_pgrp(int sig, struct pid *pgrp)
{
	return send_signal_pgrp(sig, NULL, pgrp);
}

/*
 * The running task did something that it must hear of: when it blocks or ignores that signal, its action becomes the
 * default, so that it dies instead of faulting for ever. init too.
 */
static void force_info(const struct siginfo *info, bool to_default)
{
	struct task *t = current;
	int sig = info->si_signo;
	irqflags_t f = spin_lock_irqsave(&t->proc->siglock);
	struct sigaction *sa = &t->sighand->action[sig - 1];

	if (to_default || sig_in(sig, t->blocked) || sa->handler == SIG_HANDLER_IGN) {
		sa->handler = SIG_HANDLER_DFL;
		t->blocked &= ~sigmask(sig);
		signal_recalc_pending();
	}
	if (sa->handler == SIG_HANDLER_DFL)
		t->proc->flags &= ~PF_UNKILLABLE;
	(void)signal_send_locked(sig, info, t, false);
	spin_unlock_irqrestore(&t->proc->siglock, f);
}

void force_signal_info(const struct siginfo *info)
{
	force_info(info, false);
}

void force_signal_fault(int sig, int code, unsigned long addr)
{
	struct siginfo info;

	kernel_info(&info, sig, code);
	info.fault.addr = addr;
	force_info(&info, false);
}

void force_signal(int sig)
{
	struct siginfo info;

	kernel_info(&info, sig, SI_KERNEL);
	force_info(&info, false);
}

/* SIGSEGV that no handler can catch: a signal frame could not be written. */
void signal_force_fatal(int sig)
{
	struct siginfo info;

	kernel_info(&info, sig, SI_KERNEL);
	force_info(&info, true);
}

bool send_sigqueue(struct sigqueue *q, struct task *t, bool group)
{
	struct sigpending *pending;
	int sig = q->info.si_signo;
	bool sent = false;

	rcu_read_lock();
	if (group && !t->sighand)
		t = any_thread(t->proc);
	if (!t || !t->sighand || !prepare(sig, t, false))
		goto out;
	pending = group ? &t->proc->shared_pending : &t->pending;
	list_add_tail(&q->link, &pending->queue);
	pending->set |= sigmask(sig);
	signalfd_notify(t, sig);
	complete_signal(sig, t, group);
	sent = true;
out:
	rcu_read_unlock();
	return sent;
}

void sigqueue_cancel(struct sigqueue *q, struct task *t, bool group)
{
	struct sigpending *p = group ? &t->proc->shared_pending : &t->pending;
	struct sigqueue *o;

	if (list_empty(&q->link))
		return;
	list_del_init(&q->link);
	list_for_each_entry(o, &p->queue, link)
		if (o->info.si_signo == q->info.si_signo)
			return;
	p->set &= ~sigmask(q->info.si_signo);
}

int signal_permission(struct task *t, int sig, bool same_session_cont)
{
	const struct cred *me = current_cred(), *it;
	bool ok;

	if (t->proc == current->proc)
		return 0;
	rcu_read_lock();
	it = rcu_dereference(t->cred);
	ok = me->euid == it->suid || me->euid == it->uid || me->uid == it->suid || me->uid == it->uid;
	rcu_read_unlock();
	if (ok || capable(CAP_KILL))
		return 0;
	if (same_session_cont && sig == SIGCONT && t->proc->session == current->proc->session)
		return 0;
	return -EPERM;
}

bool fatal_signal_pending(const struct task *t)
{
	return signal_pending(t) && (t->pending.set & sigmask(SIGKILL));
}

bool signal_pending_state(unsigned state, struct task *t)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) || likely(!signal_pending(t)))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(t);
}
