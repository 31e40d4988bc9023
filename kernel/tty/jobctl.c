/* SPDX-License-Identifier: MIT */
/*
 * Sessions and job control: whose controlling terminal a tty is, which process group is in the foreground, and
 * what happens to the others.
 *
 * Locks: proc_tree_lock (session and group members) -> ctrl_lock -> siglock. proc->tty is written under siglock and
 * holds a reference.
 * References: POSIX.1-2017, 11.1; credentials(7), ioctl_tty(2), setpgid(2).
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/uaccess.h>

/* The process's controlling terminal, without a reference, for comparison only. */
static struct tty *own_tty(void)
{
	return READ_ONCE(current->proc->tty);
}

struct tty *tty_of_current(void)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	struct tty *t = p->tty;

	if (t)
		tty_ref(t);
	spin_unlock_irqrestore(&p->siglock, f);
	return t;
}

void tty_proc_clear(struct proc *p)
{
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	struct tty *t = p->tty;

	p->tty = NULL;
	spin_unlock_irqrestore(&p->siglock, f);
	tty_unref(t);
}

struct pid *tty_pgrp_get(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	struct pid *p = t->pgrp ? pid_get(t->pgrp) : NULL;

	spin_unlock_irqrestore(&t->ctrl_lock, f);
	return p;
}

static struct pid *tty_session_get(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	struct pid *p = t->session ? pid_get(t->session) : NULL;

	spin_unlock_irqrestore(&t->ctrl_lock, f);
	return p;
}

void tty_signal_pgrp(struct tty *t, int sig)
{
	struct pid *p = tty_pgrp_get(t);

	if (p) {
		(void)kill_pgrp(sig, p);
		pid_put(p);
	}
}

static bool is_ignored(int sig)
{
	struct sighand *s = current->sighand;

	return (current->blocked >> (sig - 1) & 1) || s->action[sig - 1].handler == (void *)SIG_IGN;
}

/*
 * May the caller, perhaps in the background, read (SIGTTIN) or change (SIGTTOU) its controlling terminal?
 * 0; -EIO; -ERESTARTSYS after the signal was sent to its group.
 */
int tty_check_change(struct tty *t, int sig)
{
	struct pid *pgrp = NULL, *fg;
	irqflags_t f;
	bool orphaned;
	int err = 0;

	if (own_tty() != t)
		return 0;
	f = spin_lock_irqsave(&proc_tree_lock);
	pgrp = current->proc->pgrp;
	fg = READ_ONCE(t->pgrp);
	if (!fg || pgrp == fg) {
		spin_unlock_irqrestore(&proc_tree_lock, f);
		return 0;
	}
	(void)pid_get(pgrp);
	orphaned = pgrp_is_orphaned(pgrp, NULL);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	if (is_ignored(sig)) {
		err = sig == SIGTTIN ? -EIO : 0;
	} else if (orphaned) {
		err = -EIO;
	} else {
		(void)kill_pgrp(sig, pgrp);
		err = -ERESTARTSYS;
	}
	pid_put(pgrp);
	return err;
}

/* Makes @t the controlling terminal of the calling session leader. tty_mutex held. */
static void set_controlling(struct tty *t)
{
	struct proc *p = current->proc;
	struct pid *session, *pgrp, *old_s, *old_g;
	struct tty *old;
	irqflags_t f;

	tty_ref(t);
	f = spin_lock_irqsave(&proc_tree_lock);
	session = pid_get(p->session);
	pgrp = pid_get(p->pgrp);
	spin_lock(&t->ctrl_lock);
	old_s = t->session;
	old_g = t->pgrp;
	t->session = session;
	WRITE_ONCE(t->pgrp, pgrp);
	spin_unlock(&t->ctrl_lock);
	spin_lock(&p->siglock);
	old = p->tty;
	p->tty = t;
	p->tty_old_pgrp = 0;
	spin_unlock(&p->siglock);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	if (old_s)
		pid_put(old_s);
	if (old_g)
		pid_put(old_g);
	tty_unref(old);
}

void tty_proc_set(struct tty *t, struct file *f)
{
	struct proc *p = current->proc;

	if (!p->session_leader || own_tty() || !(f->mode & FMODE_READ))
		return;
	mutex_lock(&tty_mutex);
	if (!t->session && p->session_leader && !own_tty())
		set_controlling(t);
	mutex_unlock(&tty_mutex);
}

/* Every process of @session loses its controlling terminal. */
static void session_clear_tty(struct pid *session)
{
	struct tty *drop[16];
	unsigned n;

	do {
		struct task *member;
		irqflags_t f = spin_lock_irqsave(&proc_tree_lock);

		n = 0;
		pid_for_each_task(member, session, PIDTYPE_SID) {
			struct proc *p = member->proc;

			if (!READ_ONCE(p->tty))
				continue;
			if (n == ARRAY_SIZE(drop))
				break;
			spin_lock(&p->siglock);
			drop[n++] = p->tty;
			p->tty = NULL;
			spin_unlock(&p->siglock);
		}
		spin_unlock_irqrestore(&proc_tree_lock, f);
		/* The last reference may free, which must not happen under a spinlock. */
		for (unsigned i = 0; i < n; i++)
			tty_unref(drop[i]);
	} while (n == ARRAY_SIZE(drop));
}

/* @t belongs to no session any more. */
static void forget_session(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	struct pid *s = t->session, *g = t->pgrp;

	t->session = NULL;
	WRITE_ONCE(t->pgrp, NULL);
	spin_unlock_irqrestore(&t->ctrl_lock, f);
	if (s)
		pid_put(s);
	if (g)
		pid_put(g);
}

/* The leader of @session, of which there is at most one; proc_tree_lock is held. */
static struct proc *session_leader(struct pid *session)
{
	struct task *member;

	pid_for_each_task(member, session, PIDTYPE_SID)
		if (member->proc->session_leader)
			return member->proc;
	return NULL;
}

/*
 * The terminal hung up: its session's leader is told, its foreground group too when the leader is exiting. When the leader
 * hears of it, /dev/tty has gone already.
 */
void tty_signal_session(struct tty *t, bool exit_session)
{
	struct pid *session = tty_session_get(t), *pgrp = tty_pgrp_get(t);

	if (session) {
		irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
		struct proc *leader = session_leader(session);
		bool tell = leader && leader->tty == t;

		if (tell)
			leader->tty_old_pgrp = pgrp ? pgrp->nr : 0;
		spin_unlock_irqrestore(&proc_tree_lock, f);
		session_clear_tty(session);
		f = spin_lock_irqsave(&proc_tree_lock);
		leader = tell ? session_leader(session) : NULL;
		if (leader) {
			(void)kill_proc(SIGHUP, leader);
			(void)kill_proc(SIGCONT, leader);
		}
		spin_unlock_irqrestore(&proc_tree_lock, f);
	}
	forget_session(t);
	if (pgrp && exit_session)
		(void)kill_pgrp(SIGHUP, pgrp);
	if (pgrp)
		pid_put(pgrp);
	if (session)
		pid_put(session);
}

/* The session leader gives its terminal up: by TIOCNOTTY, or by exiting. */
static void disassociate(bool on_exit)
{
	struct proc *p = current->proc;
	struct tty *t;
	struct pid *pgrp, *session;
	irqflags_t f;

	if (!p->session_leader)
		return;
	t = tty_of_current();
	if (!t) {
		if (on_exit && p->tty_old_pgrp) {
			pgrp = pid_find_get(p->tty_old_pgrp);
			if (pgrp) {
				(void)kill_pgrp(SIGHUP, pgrp);
				(void)kill_pgrp(SIGCONT, pgrp);
				pid_put(pgrp);
			}
		}
		return;
	}
	if (on_exit && !t->pty_slave) {
		tty_vhangup_session(t);
	} else {
		pgrp = tty_pgrp_get(t);
		if (pgrp) {
			(void)kill_pgrp(SIGHUP, pgrp);
			if (!on_exit)
				(void)kill_pgrp(SIGCONT, pgrp);
			pid_put(pgrp);
		}
		forget_session(t);
	}
	tty_unref(t);
	f = spin_lock_irqsave(&proc_tree_lock);
	session = pid_get(p->session);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	session_clear_tty(session);
	pid_put(session);
}

void tty_session_leader_exit(void)
{
	disassociate(true);
}

/* ---- ioctls */

static long ioctl_sctty(struct tty *t, struct file *f, unsigned long arg)
{
	struct proc *p = current->proc;
	long err = 0;

	mutex_lock(&tty_mutex);
	if (p->session_leader && p->session == t->session && own_tty() == t)
		goto out;
	if (!p->session_leader || own_tty()) {
		err = -EPERM;
		goto out;
	}
	if (t->session) {
		struct pid *victim;

		/* Somebody else's: only a privileged caller that says so may steal it. */
		if (arg != 1 || !capable(CAP_SYS_ADMIN)) {
			err = -EPERM;
			goto out;
		}
		victim = tty_session_get(t);
		if (victim) {
			session_clear_tty(victim);
			pid_put(victim);
		}
	}
	if (!(f->mode & FMODE_READ) && !capable(CAP_SYS_ADMIN)) {
		err = -EPERM;
		goto out;
	}
	set_controlling(t);
out:
	mutex_unlock(&tty_mutex);
	return err;
}

static long ioctl_notty(struct tty *t)
{
	if (own_tty() != t)
		return -ENOTTY;
	if (current->proc->session_leader)
		disassociate(false);
	else
		tty_proc_clear(current->proc);
	return 0;
}

static long ioctl_spgrp(struct tty *real, unsigned long arg)
{
	struct pid *pgrp = NULL, *old = NULL;
	struct task *member;
	irqflags_t f;
	int32_t nr;
	long err = tty_check_change(real, SIGTTOU);

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user(nr, (int32_t __user *)arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	if (own_tty() != real)
		return -ENOTTY;
	pgrp = pid_find_get(nr);
	f = spin_lock_irqsave(&proc_tree_lock);
	if (current->proc->session != READ_ONCE(real->session)) {
		err = -ENOTTY;
		goto out;
	}
	if (!pgrp) {
		err = -ESRCH;
		goto out;
	}
	member = pid_task(pgrp, PIDTYPE_PGID);
	if (!member)
		member = pid_task(pgrp, PIDTYPE_TGID);
	if (!member || member->proc->session != current->proc->session) {
		err = -EPERM;
		goto out;
	}
	spin_lock(&real->ctrl_lock);
	old = real->pgrp;
	WRITE_ONCE(real->pgrp, pid_get(pgrp));
	spin_unlock(&real->ctrl_lock);
out:
	spin_unlock_irqrestore(&proc_tree_lock, f);
	if (old)
		pid_put(old);
	if (pgrp)
		pid_put(pgrp);
	return err;
}

/* @t is what the file is; @real the slave when that is a pty's master. */
long tty_jobctl_ioctl(struct tty *t, struct tty *real, struct file *f, unsigned cmd, unsigned long arg)
{
	struct pid *p;
	long nr;

	switch (cmd) {
	case TIOCSCTTY:
		return ioctl_sctty(real, f, arg);
	case TIOCNOTTY:
		return ioctl_notty(real);
	case TIOCGPGRP:
		if (t == real && own_tty() != real)
			return -ENOTTY;
		p = tty_pgrp_get(real);
		break;
	case TIOCSPGRP:
		return ioctl_spgrp(real, arg);
	case TIOCGSID:
		if (t == real && own_tty() != real)
			return -ENOTTY;
		p = tty_session_get(real);
		if (!p)
			return -ENOTTY;
		break;
	default:
		return -ENOIOCTLCMD;
	}
	nr = p ? p->nr : 0;
	if (p)
		pid_put(p);
	return put_user((int32_t)nr, (int32_t __user *)arg);
}
