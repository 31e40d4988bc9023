/* SPDX-License-Identifier: MIT */
/*
 * Masks and actions: who holds back what. The own mask is written by its thread under siglock, so that senders that look
 * for a thread see it whole. kernel threads have no actions.
 */
#include "signal_internal.h"
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>

/* Signals of the process that we no longer take: another thread may. */
static void retarget(struct task *me, sigset_t newly_blocked)
{
	sigset_t left = me->proc->shared_pending.set & newly_blocked;
	struct task *t;

	if (!left)
		return;
	proc_for_each_thread(t, me->proc) {
		if (t == me || (t->flags & TF_EXITING) || !(left & ~t->blocked))
			continue;
		left &= t->blocked;
		if (!signal_pending(t))
			signal_wake_up(t, false);
		if (!left)
			return;
	}
}

void signal_set_blocked(const sigset_t *set)
{
	struct task *t = current;
	struct proc *p = t->proc;
	sigset_t new = *set & ~SIG_KERNEL_ONLY;
	irqflags_t f;

	if (new == t->blocked)
		return;
	f = spin_lock_irqsave(&p->siglock);
	if (p->nthreads > 1 && signal_pending(t))
		retarget(t, new & ~t->blocked);
	t->blocked = new;
	signal_recalc_pending();
	spin_unlock_irqrestore(&p->siglock, f);
}

/* exit.c: this thread takes no more; siglock held. */
void signal_retarget_exiting(struct task *t)
{
	retarget(t, ~t->blocked);
}

int signal_mask_swap(const void __user *uset, size_t setsize)
{
	sigset_t set;

	if (!uset)
		return 0;
	if (setsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&set, uset, sizeof(set)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	(void)__atomic_fetch_or(&current->head.work, TIF_RESTORE_SIGMASK, __ATOMIC_RELAXED);
	signal_set_blocked(&set);
	return 0;
}

/* When interrupted, delivery puts the mask back after the handler's frame has saved it; else it goes back here. */
void signal_mask_restore_unless(bool interrupted)
{
	if (interrupted || !(READ_ONCE(current->head.work) & TIF_RESTORE_SIGMASK))
		return;
	(void)__atomic_fetch_and(&current->head.work, ~TIF_RESTORE_SIGMASK, __ATOMIC_RELAXED);
	signal_set_blocked(&current->saved_sigmask);
}

int sighand_copy(uint64_t clone_flags, struct task *child)
{
	struct sighand *from = current->sighand, *s;
	irqflags_t f;

	if (from && (clone_flags & 0x800 /* CLONE_SIGHAND */)) {
		atomic_inc(&from->refs);
		child->sighand = from;
		return 0;
	}
	s = kmalloc(sizeof(*s), GFP_KERNEL | (from ? 0 : GFP_ZERO));
	if (!s)
		return -ENOMEM;
	if (from) {
		f = spin_lock_irqsave(&current->proc->siglock);
		memcpy(s->action, from->action, sizeof(s->action));
		spin_unlock_irqrestore(&current->proc->siglock, f);
	}
	atomic_set(&s->refs, 1);
	spin_lock_init(&s->lock, LR_LEAF);
	/* CLONE_CLEAR_SIGHAND: handlers go, ignored signals stay ignored. */
	if (clone_flags & 0x100000000ull)
		for (unsigned i = 0; i < _NSIG; i++)
			if (s->action[i].handler != SIG_HANDLER_IGN)
				s->action[i].handler = SIG_HANDLER_DFL;
	child->sighand = s;
	return 0;
}

void sighand_put(struct sighand *s)
{
	if (ref_put(&s->refs))
		kfree(s);
}

/* Caught signals go back to the default, ignored ones stay; the table is ours alone by now (exec unshares it). */
void sighand_exec(struct task *t)
{
	irqflags_t f = spin_lock_irqsave(&t->proc->siglock);

	for (unsigned i = 0; i < _NSIG; i++) {
		struct sigaction *sa = &t->sighand->action[i];
		void *h = sa->handler == SIG_HANDLER_IGN ? SIG_HANDLER_IGN : SIG_HANDLER_DFL;

		*sa = (struct sigaction){ .handler = h };
	}
	spin_unlock_irqrestore(&t->proc->siglock, f);
}
