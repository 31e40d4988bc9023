/* SPDX-License-Identifier: MIT */
/*
 * Telling the parent: SIGCHLD (or clone's exit signal) for the end of a child, SIGCHLD for its stops and continuations,
 * and waking those in wait4(2). proc_tree_lock is held by all callers; the parent's siglock is taken inside.
 */
#include "signal_internal.h"
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/string.h>

static void child_info(struct siginfo *info, struct task *t, int sig, int code, int status)
{
	uint64_t u, s;

	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->chld.pid = t->proc->pid;
	rcu_read_lock();
	info->chld.uid = rcu_dereference(t->cred)->uid;
	rcu_read_unlock();
	proc_cputime(t->proc, &u, &s);
	/* In clock ticks of 10 ms, as times(2) counts. */
	info->chld.utime = (int64_t)(u / 10000000);
	info->chld.stime = (int64_t)(s / 10000000);
	info->chld.status = status;
}

bool notify_parent_exit(struct task *t, int sig)
{
	struct task *parent = t->real_parent;
	struct proc *pp = parent->proc;
	struct siginfo info;
	bool reaps_itself = false;
	int code = t->exit_code;
	irqflags_t f;

	if (code & 0x7f)
		child_info(&info, t, sig, code & 0x80 ? CLD_DUMPED : CLD_KILLED, code & 0x7f);
	else
		child_info(&info, t, sig, CLD_EXITED, code >> 8);
	f = spin_lock_irqsave(&pp->siglock);
	if (sig == SIGCHLD && parent->sighand) {
		struct sigaction *sa = &parent->sighand->action[SIGCHLD - 1];

		/* POSIX: with SIG_IGN or SA_NOCLDWAIT children leave no zombie; SIG_IGN also has no signal. */
		if (sa->handler == SIG_HANDLER_IGN || (sa->flags & SA_NOCLDWAIT))
			reaps_itself = true;
		if (sa->handler == SIG_HANDLER_IGN)
			sig = 0;
	}
	if (sig_valid(sig) && parent->sighand)
		(void)signal_send_locked(sig, &info, parent, true);
	spin_unlock_irqrestore(&pp->siglock, f);
	waitq_wake_all(&pp->wait_child);
	return reaps_itself;
}

void notify_parent_stop(struct task *t, bool for_continue)
{
	struct task *parent = t->real_parent;
	struct proc *pp;
	struct siginfo info;
	irqflags_t f;

	if (!parent)
		return;
	pp = parent->proc;
	child_info(&info, t, SIGCHLD, for_continue ? CLD_CONTINUED : CLD_STOPPED,
		   for_continue ? SIGCONT : t->proc->group_exit_code & 0x7f);
	f = spin_lock_irqsave(&pp->siglock);
	if (parent->sighand) {
		struct sigaction *sa = &parent->sighand->action[SIGCHLD - 1];

		if (sa->handler != SIG_HANDLER_IGN && !(sa->flags & SA_NOCLDSTOP))
			(void)signal_send_locked(SIGCHLD, &info, parent, true);
	}
	spin_unlock_irqrestore(&pp->siglock, f);
	waitq_wake_all(&pp->wait_child);
}
