/* SPDX-License-Identifier: MIT */
/*
 * What goes along with data: open files (SCM_RIGHTS) and credentials (SCM_CREDENTIALS). unix(7), cmsg(3).
 *
 * Files on their way are referenced by struct unix_rights, which is in flight (counted against the sender's user, known to the
 * collector) from the moment it is in a message to the moment a receiver takes it out. The end of files that nobody
 * received may close sockets whose queues hold more of them, and so on: it is put off to the way back to user mode, so
 * that such a chain is a loop and not a recursion.
 *
 * Locks: unix_gc_lock over msg->rights, because a peeking receiver copies what another may be taking.
 */
#include <kernel/cred.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/work.h>
#include <uapi/resource.h>
#include "unix_internal.h"

#define OVERFLOW_ID 65534u	/* what is shown for an id that has no number: unknown here */

/* ---- the end of files that were not received */

static struct unix_rights *late_rights;		/* [a] of tasks that are exiting */
static void late_end(struct work *w);
static struct work late_work = { .link = LIST_HEAD_INIT(late_work.link), .fn = late_end };

static void files_end(struct unix_rights *r)
{
	for (unsigned i = 0; i < r->count; i++)
		file_put(r->file[i]);
	kfree(r);
}

static void late_end(struct work *w)
{
	struct unix_rights *r = xchg(&late_rights, NULL);

	while (r) {
		struct unix_rights *next = r->next;

		files_end(r);
		r = next;
	}
}

static void rights_work(struct task_work *w)
{
	files_end(container_of(w, struct unix_rights, work));
}

static void files_end_later(struct unix_rights *r)
{
	struct unix_rights *old;

	r->work.fn = rights_work;
	if (!(current->flags & (TF_KTHREAD | TF_EXITING)) && !task_work_add(current, &r->work))
		return;
	do {
		old = READ_ONCE(late_rights);
		r->next = old;
	} while (cmpxchg(&late_rights, old, r) != old);
	work_queue(&late_work);
}

void unix_rights_drop(struct unix_rights *r)
{
	if (r->user)
		unix_inflight_del(r);
	files_end_later(r);
}

/* ---- from the sender */

static struct unix_rights *rights_alloc(unsigned n)
{
	struct unix_rights *r = kmalloc(sizeof(*r) + n * sizeof(r->file[0]), GFP_KERNEL);

	if (r) {
		r->user = NULL;
		r->count = 0;
	}
	return r;
}

static int take_files(struct unix_scm *c, const struct cmsghdr *h)
{
	const int *fd = cmsg_data(h);
	size_t n = (h->len - sizeof(*h)) / sizeof(int);

	if (!n)
		return 0;
	if (n > SCM_MAX_FD || (c->rights && c->rights->count + n > SCM_MAX_FD))
		return -EINVAL;
	if (!c->rights) {
		c->rights = rights_alloc(SCM_MAX_FD);
		if (!c->rights)
			return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		struct fd f = fd_get_raw((unsigned)fd[i]);

		if (!f.file)
			return -EBADF;
		c->rights->file[c->rights->count++] = file_get(f.file);
		fd_put(f);
	}
	return 0;
}

/* The sender's own ids; others' need CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID (unix(7), SCM_CREDENTIALS). */
static int check_cred(const struct ucred *u)
{
	const struct cred *c = current_cred();

	if (u->pid != current->proc->pid && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (u->uid != c->uid && u->uid != c->euid && u->uid != c->suid && !capable(CAP_SETUID))
		return -EPERM;
	if (u->gid != c->gid && u->gid != c->egid && u->gid != c->sgid && !capable(CAP_SETGID))
		return -EPERM;
	return 0;
}

static int take_cred(struct unix_scm *c, const struct cmsghdr *h)
{
	struct pid *p, *old = c->pid;
	struct ucred u;
	int err;

	if (h->len != CMSG_LEN(sizeof(u)))
		return -EINVAL;
	memcpy(&u, cmsg_data(h), sizeof(u));
	err = check_cred(&u);
	if (err)
		return err;
	if (u.uid == (uid_t)-1 || u.gid == (gid_t)-1)
		return -EINVAL;
	p = u.pid == current->proc->pid ? pid_get(current->proc->tgid) : pid_find_get(u.pid);
	if (!p)
		return -ESRCH;
	if (old)
		pid_put(old);
	c->pid = p;
	c->uid = u.uid;
	c->gid = u.gid;
	return 0;
}

int unix_scm_parse(struct unix_sock *u, struct sockmsg *m, struct unix_scm *c)
{
	const struct cmsghdr *h = NULL;
	int err;

	while ((h = socket_next_cmsg(m, h, &err))) {
		if (h->level != SOL_SOCKET)
			continue;
		if (h->type == SCM_RIGHTS)
			err = take_files(c, h);
		else if (h->type == SCM_CREDENTIALS)
			err = take_cred(c, h);
		else
			err = -EINVAL;
		if (err)
			break;
	}
	if (err || (c->rights && !c->rights->count)) {
		if (err || !c->pid)
			unix_scm_end(c);
	}
	return err;
}

void unix_scm_end(struct unix_scm *c)
{
	if (c->pid)
		pid_put(c->pid);
	c->pid = NULL;
	if (c->rights)
		unix_rights_drop(c->rights);
	c->rights = NULL;
}

int unix_scm_attach(struct unix_sock *u, struct unix_sock *to, struct unix_scm *c, struct unix_msg *msg)
{
	int err;

	if (c->rights) {
		err = unix_inflight_add(c->rights);
		if (err)
			return err;
		msg->rights = c->rights;
		c->rights = NULL;
		msg->extra = true;
	}
	if (msg->has_cred)
		return 0;
	if (c->pid) {
		msg->pid = pid_get(c->pid);
		msg->uid = c->uid;
		msg->gid = c->gid;
	} else if (unix_scm_wanted(u) || unix_scm_wanted(to) || to->embryo || !to->s.file) {
		const struct cred *cred = current_cred();

		msg->pid = pid_get(current->proc->tgid);
		msg->uid = cred->uid;
		msg->gid = cred->gid;
	} else {
		return 0;
	}
	msg->has_cred = msg->extra = true;
	return 0;
}

/* ---- to the receiver */

static void rights_replace(struct unix_scm *c, struct unix_rights *r)
{
	if (c->rights)
		unix_rights_drop(c->rights);
	c->rights = r;
}

void unix_scm_detach(struct unix_scm *c, struct unix_msg *msg, bool peek)
{
	struct unix_rights *r, *copy = NULL;

	if (peek) {
		copy = rights_alloc(SCM_MAX_FD);
		if (!copy)
			return;		/* as if they had not fitted: the message stays */
	}
	spin_lock(&unix_gc_lock);
	r = msg->rights;
	if (!peek)
		msg->rights = NULL;
	else if (r)
		while (copy->count < r->count) {
			copy->file[copy->count] = file_get(r->file[copy->count]);
			copy->count++;
		}
	spin_unlock(&unix_gc_lock);
	if (peek) {
		rights_replace(c, copy);
	} else if (r) {
		unix_inflight_del(r);
		rights_replace(c, r);
	}
}

static void deliver_cred(struct sockmsg *m, const struct unix_scm *c)
{
	struct ucred u = { 0, OVERFLOW_ID, OVERFLOW_ID };

	if (c->pid) {
		u.pid = c->pid->nr;
		u.uid = c->uid;
		u.gid = c->gid;
	}
	if (socket_put_cmsg(m, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u)))
		m->out_flags |= MSG_CTRUNC;
}

/* As many as there are numbers and room for; the others are closed. */
static void deliver_rights(struct sockmsg *m, struct unix_rights *r)
{
	size_t room = m->ucontrollen < sizeof(struct cmsghdr) ? 0 : (m->ucontrollen - sizeof(struct cmsghdr)) / sizeof(int);
	unsigned flags = m->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0, n = 0;
	struct cmsghdr __user *h = m->ucontrol;
	size_t step;

	while (n < r->count && n < room) {
		int fd = fd_alloc(flags);

		if (fd < 0)
			break;
		if (put_user(fd, (int __user *)(h + 1) + n)) {
			fd_unreserve((unsigned)fd);
			break;
		}
		fd_install((unsigned)fd, file_get(r->file[n++]));
	}
	if (n) {
		struct cmsghdr k = { CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };

		if (!copy_to_user(h, &k, sizeof(k))) {
			step = MIN(CMSG_SPACE(n * sizeof(int)), m->ucontrollen);
			m->ucontrol = (char __user *)m->ucontrol + step;
			m->ucontrollen -= step;
		}
	}
	if (n < r->count)
		m->out_flags |= MSG_CTRUNC;
}

void unix_scm_deliver(struct unix_sock *u, struct sockmsg *m, struct unix_scm *c)
{
	if (!m->ucontrol) {
		if (unix_scm_wanted(u) || c->rights)
			m->out_flags |= MSG_CTRUNC;
	} else {
		if (unix_scm_wanted(u))
			deliver_cred(m, c);
		if (c->rights)
			deliver_rights(m, c->rights);
	}
	unix_scm_end(c);
}
