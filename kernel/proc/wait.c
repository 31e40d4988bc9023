/* SPDX-License-Identifier: MIT */
/*
 * wait4(2) and waitid(2): reports of children that ended, stopped or went on.
 *
 * A waiter enqueues on its process's wait_child, then looks at all children of all its threads under proc_tree_lock; who
 * changes a child's state does so under that lock and wakes the queue afterwards, so nothing is missed. A zombie is
 * claimed by changing its exit_state to EXIT_DEAD under the lock: only one waiter gets it.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/wait.h>
#include "proc_internal.h"

struct wait_request {
	int which;			/* P_ALL, P_PID, P_PGID */
	struct pid *pid;
	unsigned options;
	/* The report. */
	pid_t child;
	uid_t uid;
	int status;			/* wait(2) encoding */
	int code;			/* CLD_* */
	int si_status;
	struct rusage *ru;		/* may be NULL */
	struct task *reaped;		/* to be released by the caller */
	int notask;			/* -ECHILD until an eligible child is seen */
};

static bool eligible(const struct wait_request *r, const struct task *c)
{
	if (r->which == P_PID && c->proc->tgid != r->pid)
		return false;
	if (r->which == P_PGID && c->proc->pgrp != r->pid)
		return false;
	/* A "clone" child reports by another signal than SIGCHLD, or none. */
	if (!(r->options & __WALL) && (c->exit_signal != SIGCHLD) != !!(r->options & __WCLONE))
		return false;
	return true;
}

static void report(struct wait_request *r, struct task *c, int code, int si_status, int status)
{
	r->child = c->proc->pid;
	r->uid = c->cred->uid;
	r->code = code;
	r->si_status = si_status;
	r->status = status;
	if (r->ru)
		rusage_of_child(c->proc, r->ru);
}

/* The parent takes over the totals. */
static void collect(struct proc *pp, struct proc *p)
{
	irqflags_t f = spin_lock_irqsave(&pp->siglock);

	pp->cutime += p->utime + p->cutime;
	pp->cstime += p->stime + p->cstime;
	pp->cnvcsw += p->nvcsw + p->cnvcsw;
	pp->cnivcsw += p->nivcsw + p->cnivcsw;
	pp->cmin_flt += p->min_flt + p->cmin_flt;
	pp->cmaj_flt += p->maj_flt + p->cmaj_flt;
	pp->cmaxrss = MAX(pp->cmaxrss, MAX(p->maxrss, p->cmaxrss));
	spin_unlock_irqrestore(&pp->siglock, f);
}

static bool wait_zombie(struct wait_request *r, struct task *c)
{
	int status = c->proc->flags & PF_GROUP_EXIT ? c->proc->group_exit_code : c->exit_code;

	if (!(r->options & WEXITED) || c->proc->nthreads != 1)
		return false;	/* threads of a dead leader still run */
	if (status & 0x7f)
		report(r, c, status & 0x80 ? CLD_DUMPED : CLD_KILLED, status & 0x7f, status);
	else
		report(r, c, CLD_EXITED, status >> 8 & 0xff, status);
	if (!(r->options & WNOWAIT)) {
		c->exit_state = EXIT_DEAD;
		collect(current->proc, c->proc);
		r->reaped = c;
	}
	return true;
}

static bool wait_stopped(struct wait_request *r, struct task *c)
{
	struct proc *p = c->proc;
	int sig;

	if (!(r->options & WSTOPPED) || !(READ_ONCE(p->flags) & PF_STOPPED))
		return false;
	spin_lock(&p->siglock);
	sig = p->flags & PF_STOPPED ? p->group_exit_code & 0x7f : 0;
	if (sig && !(r->options & WNOWAIT))
		p->group_exit_code = 0;
	spin_unlock(&p->siglock);
	if (!sig)
		return false;
	report(r, c, CLD_STOPPED, sig, sig << 8 | 0x7f);
	return true;
}

static bool wait_continued(struct wait_request *r, struct task *c)
{
	struct proc *p = c->proc;
	bool is;

	if (!(r->options & WCONTINUED) || !(READ_ONCE(p->flags) & PF_CONTINUED))
		return false;
	spin_lock(&p->siglock);
	is = p->flags & PF_CONTINUED;
	if (is && !(r->options & WNOWAIT))
		p->flags &= ~PF_CONTINUED;
	spin_unlock(&p->siglock);
	if (is)
		report(r, c, CLD_CONTINUED, SIGCONT, 0xffff);
	return is;
}

/* One child; true: it has something to report, and did. */
static bool wait_consider(struct wait_request *r, struct task *c)
{
	if (c->exit_state == EXIT_DEAD || !eligible(r, c))
		return false;
	r->notask = 0;
	if (c->exit_state == EXIT_ZOMBIE && wait_zombie(r, c))
		return true;
	if (c->exit_state == EXIT_ZOMBIE && c->proc->nthreads == 1)
		return false;
	return wait_stopped(r, c) || wait_continued(r, c);
}

static bool wait_scan(struct wait_request *r)
{
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);
	struct task *t, *c;
	bool found = false;

	r->notask = -ECHILD;
	list_for_each_entry(t, &current->proc->threads, thread_link) {
		if ((r->options & __WNOTHREAD) && t != current)
			continue;
		list_for_each_entry(c, &t->children, sibling) {
			found = wait_consider(r, c);
			if (found)
				goto out;
		}
	}
out:
	spin_unlock_irqrestore(&proc_tree_lock, f);
	return found;
}

/* 1: a report; 0: none (WNOHANG); -ECHILD, -ERESTARTSYS. */
static int wait_for_child(struct wait_request *r)
{
	struct waitq *q = &current->proc->wait_child;
	struct waiter w;
	int err;

	r->reaped = NULL;
	if (r->which != P_ALL && !r->pid)
		return -ECHILD;
	if (wait_scan(r))
		goto found;
	if (r->notask)
		return r->notask;
	if (r->options & WNOHANG)
		return 0;
	waiter_init(&w, current);
	for (;;) {
		waitq_prepare(q, &w, TASK_INTERRUPTIBLE);
		if (wait_scan(r)) {
			waitq_finish(q, &w);
			goto found;
		}
		err = r->notask ? r->notask : signal_pending(current) ? -ERESTARTSYS : 0;
		if (err)
			break;
		schedule();
	}
	waitq_finish(q, &w);
	return err;
found:
	if (r->reaped)
		task_release(r->reaped);
	return 1;
}

long sys_wait4(pid_t upid, int __user *status, int options, struct rusage __user *uru)
{
	struct wait_request r = { .options = (unsigned)options | WEXITED };
	struct rusage ru;
	long err;

	if ((unsigned)options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (upid == INT32_MIN)
		return -ESRCH;
	if (upid == -1) {
		r.which = P_ALL;
	} else if (upid > 0) {
		r.which = P_PID;
		r.pid = pid_find_get(upid);
	} else {
		r.which = P_PGID;
		r.pid = upid ? pid_find_get(-upid) : pid_get(current->proc->pgrp);
	}
	r.ru = uru ? &ru : NULL;
	err = wait_for_child(&r);
	pid_put(r.pid);
	if (err <= 0)
		return err;
	if (status && put_user(r.status, status))
		return -EFAULT;
	if (uru && copy_to_user(uru, &ru, sizeof(ru)))
		return -EFAULT;
	return r.child;
}

static int waitid_target(struct wait_request *r, int which, pid_t id)
{
	struct file *f;
	int err;

	switch (which) {
	case P_ALL:
		r->which = P_ALL;
		return 0;
	case P_PID:
		if (id <= 0)
			return -EINVAL;
		r->which = P_PID;
		r->pid = pid_find_get(id);
		return 0;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		r->which = P_PGID;
		r->pid = id ? pid_find_get(id) : pid_get(current->proc->pgrp);
		return 0;
	case P_PIDFD:
		if (id < 0)
			return -EINVAL;
		f = file_get_fd((unsigned)id);
		if (!f)
			return -EBADF;
		r->which = P_PID;
		err = pidfd_file_pid(f, &r->pid);
		if (!err && (f->flags & O_NONBLOCK))
			r->options |= WNOHANG | WAIT_PIDFD_NONBLOCK;
		file_put(f);
		return err;
	}
	return -EINVAL;
}

long sys_waitid(int which, pid_t id, struct siginfo __user *info, int options, struct rusage __user *uru)
{
	struct wait_request r = { .options = (unsigned)options };
	struct rusage ru;
	long err;

	if ((unsigned)options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	err = waitid_target(&r, which, id);
	if (err)
		return err;
	r.ru = uru ? &ru : NULL;
	err = wait_for_child(&r);
	pid_put(r.pid);
	if (err == 0 && (r.options & WAIT_PIDFD_NONBLOCK) && !(options & WNOHANG))
		err = -EAGAIN;
	if (err > 0 && uru && copy_to_user(uru, &ru, sizeof(ru)))
		return -EFAULT;
	if (!info)
		return MIN(err, 0l);
	/* With nothing to report, and with an error, too: zeros. */
	if (put_user(err > 0 ? SIGCHLD : 0, &info->si_signo) || put_user(0, &info->si_errno) || put_user(r.code, &info->si_code) ||
	    put_user(r.child, &info->chld.pid) || put_user(r.uid, &info->chld.uid) || put_user(r.si_status, &info->chld.status))
		return -EFAULT;
	return MIN(err, 0l);
}
