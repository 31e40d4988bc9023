/* SPDX-License-Identifier: MIT */
/* The signal calls: kill(2), sigaction(2), sigprocmask(2), sigpending(2), sigsuspend(2), sigwaitinfo(2), rt_sigqueueinfo(2), sigaltstack(2), sigreturn(2). */
#include "signal_internal.h"
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <arch/context.h>

/* Flags that the kernel keeps; others read back as clear, so that programs can probe. */
#define SA_KNOWN (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

static void user_info(struct siginfo *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->kill.pid = current->proc->pid;
	info->kill.uid = current_cred()->uid;
}

void signal_self(int sig)
{
	struct siginfo info;

	user_info(&info, sig, SI_USER);
	(void)send_signal_task(sig, &info, current);
}

/* With signal 0 only the permission is checked. */
static int send_checked_proc(int sig, const struct siginfo *info, struct task *leader)
{
	int err;

	/* Only when there is somebody to send to does a bad number matter. */
	if (sig < 0 || sig > _NSIG)
		return -EINVAL;
	err = signal_permission(leader, sig, true);
	if (err || !sig)
		return err;
	err = send_signal_proc(sig, info, leader->proc);
	/* A zombie takes every signal, as POSIX wants. */
	return err == -ESRCH ? 0 : err;
}

static int kill_group(int sig, const struct siginfo *info, struct pid *pgrp)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	struct task *t;
	int ret = -ESRCH;

	pid_for_each_task(t, pgrp, PIDTYPE_PGID) {
		int err = send_checked_proc(sig, info, t);

		/* One success is success. */
		if (!err || ret == -ESRCH)
			ret = err;
		else if (ret)
			ret = err;
	}
	spin_unlock_irqrestore(&proc_tree_lock, f);
	return ret;
}

/* Everyone but init and the caller. */
static int kill_all(int sig, const struct siginfo *info)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	struct task *t;
	int ret = 0, count = 0;

	list_for_each_entry(t, &all_tasks, all_link) {
		if (!thread_group_leader(t) || t->proc->pid <= 1 || t->proc == current->proc || (t->flags & TF_KTHREAD))
			continue;
		int err = send_checked_proc(sig, info, t);

		count++;
		if (err != -EPERM)
			ret = err;
	}
	spin_unlock_irqrestore(&proc_tree_lock, f);
	return count ? ret : -ESRCH;
}

long sys_kill(pid_t pid, int sig)
{
	struct siginfo info;
	struct pid *pgrp;
	struct task *t;
	long err = -ESRCH;

	user_info(&info, sig, SI_USER);
	if (pid > 0) {
		t = task_find_get(pid);		/* a thread's number names its process too */
		if (!t)
			return -ESRCH;
		err = send_checked_proc(sig, &info, t);
		task_put(t);
		return err;
	}
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1)
		return kill_all(sig, &info);
	pgrp = pid ? pid_find_get(-pid) : pid_get(current->proc->pgrp);
	if (pgrp) {
		err = kill_group(sig, &info, pgrp);
		pid_put(pgrp);
	}
	return err;
}

static long send_to_thread(pid_t tgid, pid_t tid, int sig, const struct siginfo *info)
{
	struct task *t = task_find_get(tid);
	long err = -ESRCH;

	if (!t)
		return -ESRCH;
	if (tgid <= 0 || t->proc->pid == tgid) {
		err = sig < 0 || sig > _NSIG ? -EINVAL : signal_permission(t, sig, true);
		if (!err && sig) {
			err = send_signal_task(sig, info, t);
			if (err == -ESRCH)
				err = 0;
		}
	}
	task_put(t);
	return err;
}

static long do_tkill(pid_t tgid, pid_t tid, int sig)
{
	struct siginfo info;

	user_info(&info, sig, SI_TKILL);
	return send_to_thread(tgid, tid, sig, &info);
}

long sys_tkill(pid_t tid, int sig)
{
	return tid <= 0 ? -EINVAL : do_tkill(0, tid, sig);
}

long sys_tgkill(pid_t tgid, pid_t tid, int sig)
{
	return tid <= 0 || tgid <= 0 ? -EINVAL : do_tkill(tgid, tid, sig);
}

/* Others may not be told that the kernel, or kill(2), sent it. */
static int queueinfo_get(struct siginfo *k, const struct siginfo __user *u, int sig, bool to_self)
{
	if (copy_from_user(k, u, sizeof(*k)))
		return -EFAULT;
	k->si_signo = sig;
	if ((k->si_code >= 0 || k->si_code == SI_TKILL) && !to_self)
		return -EPERM;
	return 0;
}

long sys_rt_sigqueueinfo(pid_t pid, int sig, struct siginfo __user *uinfo)
{
	struct siginfo info;
	struct task *t;
	int err = queueinfo_get(&info, uinfo, sig, pid == current->tid);

	if (err)
		return err;
	t = pid > 0 ? task_find_get(pid) : NULL;
	if (!t)
		return -ESRCH;
	err = send_checked_proc(sig, &info, t);
	task_put(t);
	return err;
}

long sys_rt_tgsigqueueinfo(pid_t tgid, pid_t tid, int sig, struct siginfo __user *uinfo)
{
	struct siginfo info;
	int err = queueinfo_get(&info, uinfo, sig, tid == current->tid);

	if (err)
		return err;
	if (tid <= 0 || tgid <= 0)
		return -EINVAL;
	return send_to_thread(tgid, tid, sig, &info);
}

long sys_rt_sigaction(int sig, const struct sigaction __user *act, struct sigaction __user *oldact, size_t sigsetsize)
{
	struct task *t = current, *o;
	struct proc *p = t->proc;
	struct sigaction new, old, *slot;
	irqflags_t f;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	if (!sig_valid(sig) || (act && sig_in(sig, SIG_KERNEL_ONLY)))
		return -EINVAL;
	slot = &t->sighand->action[sig - 1];
	f = spin_lock_irqsave(&p->siglock);
	spin_lock(&t->sighand->lock);
	old = *slot;
	if (act) {
		new.flags &= SA_KNOWN;
		new.mask &= ~SIG_KERNEL_ONLY;
		*slot = new;
	}
	spin_unlock(&t->sighand->lock);
	/* POSIX: a pending signal whose action becomes "ignore" is discarded, blocked or not. */
	if (act && signal_ignored_by(t, sig)) {
		sigpending_remove(&p->shared_pending, sigmask(sig));
		proc_for_each_thread(o, p)
			sigpending_remove(&o->pending, sigmask(sig));
	}
	spin_unlock_irqrestore(&p->siglock, f);
	return oldact && copy_to_user(oldact, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_rt_sigprocmask(int how, const uint64_t __user *uset, uint64_t __user *oldset, size_t sigsetsize)
{
	sigset_t old = current->blocked, set;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (uset) {
		if (get_user(set, uset))
			return -EFAULT;
		set &= ~SIG_KERNEL_ONLY;
		switch (how) {
		case SIG_BLOCK:
			set |= old;
			break;
		case SIG_UNBLOCK:
			set = old & ~set;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		signal_set_blocked(&set);
	}
	return oldset && put_user(old, oldset) ? -EFAULT : 0;
}

long sys_rt_sigpending(uint64_t __user *uset, size_t sigsetsize)
{
	struct task *t = current;
	sigset_t set;

	if (sigsetsize > sizeof(set))
		return -EINVAL;
	set = (READ_ONCE(t->pending.set) | READ_ONCE(t->proc->shared_pending.set)) & t->blocked;
	return copy_to_user(uset, &set, sigsetsize) ? -EFAULT : 0;
}

static long suspend(void)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	set_current_running();
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const uint64_t __user *uset, size_t sigsetsize)
{
	sigset_t set;

	if (sigsetsize != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, uset, sizeof(set)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	signal_set_blocked(&set);
	(void)suspend();
	(void)__atomic_fetch_or(&current->head.work, TIF_RESTORE_SIGMASK, __ATOMIC_RELAXED);
	return -ERESTARTNOHAND;
}

/*
 * Waits for one of @these. They are unblocked meanwhile, so that senders wake us, with the true mask in real_blocked,
 * so that they neither kill us nor count as ignored.
 */
static int timedwait(sigset_t these, struct siginfo *info, nsec_t deadline)
{
	struct task *t = current;
	struct proc *p = t->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	int sig = signal_dequeue(t, ~these, info);
	bool in_time = true;

	if (sig || deadline <= 0) {
		spin_unlock_irqrestore(&p->siglock, f);
		return sig ? sig : -EAGAIN;
	}
	t->real_blocked = t->blocked;
	t->blocked &= ~these;
	signal_recalc_pending();
	spin_unlock_irqrestore(&p->siglock, f);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(t) || !in_time)
			break;
		in_time = schedule_deadline(deadline);
	}
	set_current_running();
	f = spin_lock_irqsave(&p->siglock);
	t->blocked = t->real_blocked;
	t->real_blocked = 0;
	sig = signal_dequeue(t, ~these, info);
	signal_recalc_pending();
	spin_unlock_irqrestore(&p->siglock, f);
	if (sig)
		return sig;
	return in_time ? -EINTR : -EAGAIN;
}

long sys_rt_sigtimedwait(const uint64_t __user *uset, struct siginfo __user *uinfo, const struct timespec __user *uts, size_t sigsetsize)
{
	nsec_t rel, deadline = NSEC_NEVER;
	struct siginfo info;
	sigset_t these;
	int sig, err;

	if (sigsetsize != sizeof(these))
		return -EINVAL;
	if (copy_from_user(&these, uset, sizeof(these)))
		return -EFAULT;
	if (uts) {
		err = timespec_from_user(&rel, uts);
		if (err)
			return err;
		deadline = rel ? deadline_after(clock_monotonic(), rel) : 0;
	}
	sig = timedwait(these & ~SIG_KERNEL_ONLY, &info, deadline);
	if (sig > 0 && uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/* Is the program on its alternate stack now? With SS_AUTODISARM it never counts as such. */
static bool on_altstack(const struct task *t, uintptr_t sp)
{
	uintptr_t base = (uintptr_t)t->sigaltstack.sp;

	return !(t->sigaltstack.flags & SS_AUTODISARM) && sp > base && sp - base <= t->sigaltstack.size;
}

long sys_sigaltstack(const struct sigaltstack __user *uss, struct sigaltstack __user *uold)
{
	struct task *t = current;
	bool on = on_altstack(t, regs_sp(task_regs(t)));
	struct sigaltstack ss, old = { .ss_sp = (uint64_t)t->sigaltstack.sp, .ss_size = t->sigaltstack.size };

	old.ss_flags = (int)(t->sigaltstack.flags & SS_AUTODISARM) | (!t->sigaltstack.size ? SS_DISABLE : on ? SS_ONSTACK : 0);
	if (uss) {
		unsigned mode;

		if (copy_from_user(&ss, uss, sizeof(ss)))
			return -EFAULT;
		if (on)
			return -EPERM;
		mode = (unsigned)ss.ss_flags & ~SS_AUTODISARM;
		if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
			return -EINVAL;
		if (mode == SS_DISABLE) {
			ss.ss_sp = 0;
			ss.ss_size = 0;
		} else if (ss.ss_size < ARCH_MINSIGSTKSZ) {
			return -ENOMEM;
		}
		t->sigaltstack.sp = (void __user *)ss.ss_sp;
		t->sigaltstack.flags = (unsigned)ss.ss_flags;
		t->sigaltstack.size = ss.ss_size;
	}
	if (uold && copy_to_user(uold, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

/* The architecture's frame puts everything back; a bad one is the program's death. */
long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = task_regs(current);
	sigset_t mask;

	current->restart.fn = NULL;
	if (arch_restore_frame(regs, &mask)) {
		regs_clear_syscall(regs);
		force_signal_fault(SIGSEGV, SEGV_MAPERR, regs_sp(regs));
		return 0;
	}
	signal_set_blocked(&mask);
	regs_clear_syscall(regs);
	return regs_result(regs);
}
