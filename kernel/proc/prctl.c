/* SPDX-License-Identifier: MIT */
/* prctl(2). What it does not know is EINVAL, as a Linux without that option answers. */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <uapi/prctl.h>
#include "cap_prctl.h"
#include "proc_internal.h"

static long set_name(const char __user *name)
{
	char buf[TASK_COMM_LEN];
	ssize_t n = strncpy_from_user(buf, name, sizeof(buf) - 1);

	if (n < 0)
		return n;
	buf[MIN((size_t)n, sizeof(buf) - 1)] = 0;
	task_set_comm(current, buf);
	return 0;
}

/* From now on all descendants look for a subreaper when they are orphaned. */
static void mark_descendants(struct proc *p)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	struct task *t, *a;

	list_for_each_entry(t, &all_tasks, all_link) {
		if (!thread_group_leader(t))
			continue;
		for (a = t->real_parent; a->proc->pid > 1 && a->proc != p; a = a->real_parent)
			;
		if (a->proc == p) {
			spin_lock(&t->proc->siglock);
			t->proc->flags |= PF_HAS_SUBREAPER;
			spin_unlock(&t->proc->siglock);
		}
	}
	spin_unlock_irqrestore(&proc_tree_lock, f);
}

static long set_subreaper(bool on)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);

	p->flags = on ? p->flags | PF_SUBREAPER : p->flags & ~PF_SUBREAPER;
	spin_unlock_irqrestore(&p->siglock, f);
	if (on)
		mark_descendants(p);
	return 0;
}

/* Kept and inherited; there is nobody who would tell of bad memory. */
static long set_mce_kill(struct task *t, unsigned long how, unsigned long policy)
{
	if (how == PR_MCE_KILL_CLEAR && !policy)
		policy = PR_MCE_KILL_DEFAULT;
	else if (how != PR_MCE_KILL_SET || policy > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	t->flags &= ~(TF_MCE_SET | TF_MCE_EARLY);
	if (policy != PR_MCE_KILL_DEFAULT)
		t->flags |= policy == PR_MCE_KILL_EARLY ? TF_MCE_SET | TF_MCE_EARLY : TF_MCE_SET;
	return 0;
}

/* A task that file systems wait for. Kept and inherited: allocations never wait for a file system here. */
static long io_flusher(struct task *t, int option, unsigned long on, bool more)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (more || on > (option == PR_SET_IO_FLUSHER))
		return -EINVAL;
	if (option == PR_GET_IO_FLUSHER)
		return !!(t->flags & TF_IO_FLUSHER);
	t->flags = on ? t->flags | TF_IO_FLUSHER : t->flags & ~TF_IO_FLUSHER;
	return 0;
}

long sys_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5)
{
	struct task *t = current;
	char comm[TASK_COMM_LEN];
	long r;

	if (cap_prctl(option, a2, a3, a4, a5, &r))
		return r;
	switch (option) {
	case PR_SET_PDEATHSIG:
		if (a2 > _NSIG)
			return -EINVAL;
		t->pdeath_signal = (int)a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(t->pdeath_signal, (int __user *)a2);
	case PR_GET_DUMPABLE:
		return t->mm->dumpable;
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		t->mm->dumpable = (unsigned)a2;
		return 0;
	case PR_GET_TIMING:
		return 0;		/* statistical */
	case PR_SET_TIMING:
		return a2 ? -EINVAL : 0;
	case PR_SET_NAME:
		return set_name((const char __user *)a2);
	case PR_GET_NAME:
		proc_get_comm(t, comm);
		return copy_to_user((void __user *)a2, comm, sizeof(comm)) ? -EFAULT : 0;
	case PR_GET_SECCOMP:
		return 0;
	case PR_SET_TIMERSLACK:
		t->timer_slack_ns = a2 ? a2 : t->default_slack_ns;
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)t->timer_slack_ns;
	case PR_SET_CHILD_SUBREAPER:
		return set_subreaper(a2);
	case PR_GET_CHILD_SUBREAPER:
		return put_user(t->proc->flags & PF_SUBREAPER ? 1 : 0, (int __user *)a2);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		t->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->no_new_privs;
	case PR_GET_TID_ADDRESS:
		return put_user((uint64_t)t->clear_child_tid, (uint64_t __user *)a2);
	case PR_SET_THP_DISABLE:
		if (a3 || a4 || a5)
			return -EINVAL;
		t->mm->thp_disable = a2;
		return 0;
	case PR_GET_THP_DISABLE:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->mm->thp_disable;
	case PR_TASK_PERF_EVENTS_DISABLE:
	case PR_TASK_PERF_EVENTS_ENABLE:
		return 0;		/* of all none */
	case PR_MCE_KILL:
		return a4 || a5 ? -EINVAL : set_mce_kill(t, a2, a3);
	case PR_MCE_KILL_GET:
		if (a2 || a3 || a4 || a5)
			return -EINVAL;
		if (!(t->flags & TF_MCE_SET))
			return PR_MCE_KILL_DEFAULT;
		return t->flags & TF_MCE_EARLY ? PR_MCE_KILL_EARLY : PR_MCE_KILL_LATE;
	case PR_SET_IO_FLUSHER:
	case PR_GET_IO_FLUSHER:
		return io_flusher(t, option, a2, a3 || a4 || a5);
	}
	gap_note("prctl", (unsigned long)option);
	return -EINVAL;
}
