/* SPDX-License-Identifier: MIT */
/*
 * Delivery, on the way to user mode: system-call restarts, job-control stops, default actions, handlers.
 *
 * The return register is written here only before a frame is built (restarts and EINTR), never after: the frame is the
 * architecture's and holds the handler's first argument.
 * Locks: siglock; proc_tree_lock is taken outside of it, to tell the parent.
 */
#include "signal_internal.h"
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/trace.h>
#include <arch/context.h>


static bool current_pgrp_orphaned(void)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	bool orphaned = pgrp_is_orphaned(current->proc->pgrp, NULL);

	spin_unlock_irqrestore(&proc_tree_lock, f);
	return orphaned;
}

/* Marks all threads to stop for @sig; siglock held. False: a SIGCONT or the end came between. */
static bool stop_begin(int sig)
{
	struct proc *p = current->proc;
	struct task *t;

	if (p->flags & PF_GROUP_EXIT || p->group_exit_task)
		return false;
	/* A stop that meets a stopped process (a new thread of it) keeps the first reason. */
	if (!(p->flags & PF_STOPPED))
		p->group_exit_code = sig;
	p->group_stop_count = 0;
	proc_for_each_thread(t, p) {
		if ((t->flags & TF_EXITING) || (READ_ONCE(t->state) & TASK_STOPPED_BIT))
			continue;
		t->jobctl |= JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
		p->group_stop_count++;
		if (t != current)
			signal_wake_up(t, false);
	}
	return true;
}

/* This thread has stopped; true: it was the last one. siglock held. */
static bool stop_participate(struct task *t)
{
	struct proc *p = t->proc;
	bool consume = t->jobctl & JOBCTL_STOP_CONSUME;

	t->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
	if (!consume)
		return false;
	if (p->group_stop_count > 0)
		p->group_stop_count--;
	if (p->group_stop_count || (p->flags & PF_STOPPED))
		return false;
	p->flags |= PF_STOPPED;
	return true;
}

/* exit.c: a thread that leaves counts as stopped. siglock held; true: the parent is to be told of the stop. */
bool signal_stop_exiting(struct task *t)
{
	return (t->jobctl & JOBCTL_STOP_PENDING) && stop_participate(t);
}

static void tell_parent_stopped(bool for_continue)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);

	notify_parent_stop(current->proc->leader, for_continue);
	spin_unlock_irqrestore(&proc_tree_lock, f);
}

/* Stops this thread, if the stop still stands. Called with siglock held, returns with it released. */
static void stop_here(irqflags_t f)
{
	struct proc *p = current->proc;
	bool last = stop_participate(current);

	/* Under siglock: a SIGCONT after this finds us stopped and wakes us. */
	set_current_state(TASK_STOPPED);
	spin_unlock_irqrestore(&p->siglock, f);
	if (last)
		tell_parent_stopped(false);
	schedule();
	set_current_running();
}

static const char *signal_cause(const struct siginfo *info)
{
	switch (info->si_signo) {
	case SIGSEGV:
		return info->si_code == SEGV_MAPERR ? "segfault (not mapped)" : "segfault (no permission)";
	case SIGBUS:
		return info->si_code == BUS_ADRALN ? "bus error (alignment)" : "bus error";
	case SIGILL:
		return "undefined instruction";
	case SIGFPE:
		return "arithmetic exception";
	case SIGTRAP:
		return "unexpected trap";
	case SIGSYS:
		return "bad system call";
	}
	return NULL;
}

/* One line for a program that dies of its own fault; not for those that were sent the signal. */
static void report_crash(const struct siginfo *info)
{
	struct pt_regs *r = task_regs(current);
	const char *cause = signal_cause(info);

	if (!cause || info->si_code <= SI_USER || info->si_code == SI_KERNEL)
		return;
	pr_info("%s[%d]: %s: signal %d code %d at %016lx, pc %016lx sp %016lx", current->comm, current->tid, cause,
		info->si_signo, info->si_code, (unsigned long)info->fault.addr, (unsigned long)regs_pc(r), (unsigned long)regs_sp(r));
}

/* Takes the default action of @sig. siglock held; returns with it released. False: nothing is to be done after all. */
static void default_action(int sig, const struct siginfo *info, irqflags_t f)
{
	struct proc *p = current->proc;

	if (sig_in(sig, SIG_STOP_SET)) {
		if (sig != SIGSTOP) {
			/* A terminal stop does nothing where nobody could continue us. */
			spin_unlock_irqrestore(&p->siglock, f);
			if (current_pgrp_orphaned())
				return;
			f = spin_lock_irqsave(&p->siglock);
			/* A SIGCONT in between takes the stop back: it cleared our queue, the number went with it. */
		}
		if (stop_begin(sig))
			stop_here(f);
		else
			spin_unlock_irqrestore(&p->siglock, f);
		return;
	}
	spin_unlock_irqrestore(&p->siglock, f);
	if (sig_in(sig, SIG_COREDUMP_SET))
		report_crash(info);
	current->flags |= TF_SIGNALED;
	do_group_exit(sig);
}

bool get_signal(struct ksignal *ks)
{
	struct task *t = current;
	struct proc *p = t->proc;

	for (;;) {
		irqflags_t f = spin_lock_irqsave(&p->siglock);
		struct sigaction *sa;
		int sig;

		if (p->flags & (PF_CLD_STOPPED | PF_CLD_CONTINUED)) {
			bool cont = p->flags & PF_CLD_CONTINUED;

			p->flags &= ~(PF_CLD_STOPPED | PF_CLD_CONTINUED);
			spin_unlock_irqrestore(&p->siglock, f);
			tell_parent_stopped(cont);
			continue;
		}
		if ((p->flags & PF_GROUP_EXIT) || p->group_exit_task) {
			t->pending.set &= ~sigmask(SIGKILL);
			spin_unlock_irqrestore(&p->siglock, f);
			do_group_exit(p->flags & PF_GROUP_EXIT ? p->group_exit_code : SIGKILL);
		}
		if (t->jobctl & JOBCTL_STOP_PENDING) {
			stop_here(f);
			continue;
		}
		sig = signal_dequeue_sync(t, &ks->info);
		if (!sig)
			sig = signal_dequeue(t, t->blocked, &ks->info);
		if (!sig) {
			signal_recalc_pending();
			spin_unlock_irqrestore(&p->siglock, f);
			return false;
		}
		sa = &t->sighand->action[sig - 1];
		if (sa->handler == SIG_HANDLER_IGN) {
			spin_unlock_irqrestore(&p->siglock, f);
			continue;
		}
		if (sa->handler != SIG_HANDLER_DFL) {
			ks->sa = *sa;
			ks->sig = sig;
			if (sa->flags & SA_RESETHAND)
				sa->handler = SIG_HANDLER_DFL;
			spin_unlock_irqrestore(&p->siglock, f);
			return true;
		}
		if (sig_in(sig, SIG_IGNORE_SET) || ((p->flags & PF_UNKILLABLE) && !sig_in(sig, SIG_KERNEL_ONLY))) {
			spin_unlock_irqrestore(&p->siglock, f);
			continue;
		}
		default_action(sig, &ks->info, f);
	}
}

void signal_setup_done(bool failed, struct ksignal *ks)
{
	sigset_t blocked;

	if (failed) {
		/* SIGSEGV's own frame could not be written: nothing can be said any more. */
		if (ks->sig == SIGSEGV)
			signal_force_fatal(SIGSEGV);
		else
			force_signal(SIGSEGV);
		return;
	}
	/* The frame holds the mask that goes back when the handler returns. */
	(void)__atomic_fetch_and(&current->head.work, ~TIF_RESTORE_SIGMASK, __ATOMIC_RELAXED);
	blocked = current->blocked | ks->sa.mask;
	if (!(ks->sa.flags & SA_NODEFER))
		blocked |= sigmask(ks->sig);
	signal_set_blocked(&blocked);
}

/* The call came back with a restart code: what the program sees when @handler runs. */
static bool restart_with_handler(long result, const struct ksignal *ks)
{
	switch (result) {
	case -ERESTARTNOINTR:
		return true;
	case -ERESTARTSYS:
		return ks->sa.flags & SA_RESTART;
	}
	return false;
}

static bool is_restart(long result)
{
	return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND || result == -ERESTART_RESTARTBLOCK;
}

void do_signal(struct pt_regs *regs)
{
	struct ksignal ks;
	bool restart = regs_syscall_nr(regs) >= 0 && is_restart(regs_result(regs));
	long result = regs_result(regs);
	sigset_t *old;

	if (get_signal(&ks)) {
		trace_signal(ks.sig, ks.info.si_code);
		if (restart && restart_with_handler(result, &ks))
			regs_syscall_restart(regs);
		else if (restart)
			regs_set_result(regs, -EINTR);
		regs_clear_syscall(regs);
		rseq_signal_deliver(regs);
		old = READ_ONCE(current->head.work) & TIF_RESTORE_SIGMASK ? &current->saved_sigmask : &current->blocked;
		signal_setup_done(arch_setup_frame(&ks, *old, regs) != 0, &ks);
		return;
	}
	if (restart) {
		regs_syscall_restart(regs);
		if (result == -ERESTART_RESTARTBLOCK)
			regs_set_syscall_nr(regs, ARCH_NR_restart_syscall);
		regs_clear_syscall(regs);
	}
	if (READ_ONCE(current->head.work) & TIF_RESTORE_SIGMASK) {
		(void)__atomic_fetch_and(&current->head.work, ~TIF_RESTORE_SIGMASK, __ATOMIC_RELAXED);
		signal_set_blocked(&current->saved_sigmask);
	}
}
