/* SPDX-License-Identifier: MIT */
/*
 * System V message queues: msgget(2), msgsnd(2), msgrcv(2), msgctl(2), /proc/sysvipc/msg.
 *
 * A message is copied into the kernel before the queue is locked and out of it after it is unlocked. A sender
 * hands its message to the first waiting receiver that wants it, so that it never lies in the queue; a receiver
 * that makes room wakes the senders whose messages fit now, in order, and those look for themselves.
 *
 * Locks: the queue's (ipc_obj.lock); waiters are woken under it and look at their note under it.
 * References: msgop(2), msgctl(2), sysvipc(7).
 */
#include "sysv_internal.h"
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/procfs.h>

struct msg {
	struct list_head link;
	int64_t type;
	size_t size;
	char data[];
};
struct msg_queue {
	struct ipc_obj obj; /* first */
	int64_t stime, rtime, ctime;
	uint64_t bytes, count, max_bytes;
	pid_t spid, rpid;
	struct list_head messages, senders, receivers;
};
enum want { WANT_ANY, WANT_EQUAL, WANT_OTHER, WANT_UP_TO, WANT_NUMBER };
struct msg_receiver {
	struct list_head link;
	struct task *task;
	enum want want;
	int64_t type;
	size_t room;	 /* SIZE_MAX with MSG_NOERROR */
	struct msg *msg; /* the answer */
	int status;	 /* MSG_WAITING; 0 with msg; an error */
};
struct msg_sender {
	struct list_head link;
	struct task *task;
	size_t size;
	bool woken, removed;
};
#define MSG_WAITING 1

static struct msg_queue *lock_queue(struct ipc_ns *ns, int id, int *err)
{
	return (struct msg_queue *)ipc_lock_id(ns, IPC_MSG, id, err);
}

static void let_go(struct msg_receiver *r, struct msg *m, int status)
{
	list_del_init(&r->link);
	r->msg = m;
	r->status = status;
	(void)wake_up_task(r->task);
}

static bool matches(const struct msg *m, enum want want, int64_t type)
{
	switch (want) {
	case WANT_EQUAL:
		return m->type == type;
	case WANT_OTHER:
		return m->type != type;
	case WANT_UP_TO:
		return m->type <= type;
	case WANT_ANY:
	case WANT_NUMBER:
		break;
	}
	return true;
}

static void account(struct ipc_ns *ns, struct msg_queue *q, const struct msg *m, int sign)
{
	q->count += (uint64_t)(int64_t)sign;
	q->bytes += (uint64_t)(sign * (int64_t)m->size);
	atomic64_add(&ns->msg_count, sign);
	atomic64_add(&ns->msg_bytes, sign * (int64_t)m->size);
}

static bool fits(const struct msg_queue *q, size_t size)
{
	return q->bytes + size <= q->max_bytes && q->count + 1 <= q->max_bytes;
}

/* ---- sending */

/* To a receiver that waits for it? Those with too little room are told so on the way. */
static bool hand_over(struct msg_queue *q, struct msg *m)
{
	struct msg_receiver *r, *next;

	list_for_each_entry_safe (r, next, &q->receivers, link) {
		if (!matches(m, r->want, r->type))
			continue;
		if (r->room < m->size) {
			let_go(r, NULL, -E2BIG);
			continue;
		}
		q->rpid = r->task->proc->pid;
		q->rtime = ipc_now();
		let_go(r, m, 0);
		return true;
	}
	return false;
}

/* Waits until woken. Locked on entry and exit. 0: look again. */
static int sender_sleep(struct msg_queue *q, struct msg_sender *s)
{
	s->woken = false;
	list_add_tail(&s->link, &q->senders);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&q->obj);
		if (!signal_pending(current))
			schedule();
		ipc_relock(&q->obj);
		if (s->woken || signal_pending(current))
			break;
	}
	set_current_running();
	list_del_init(&s->link);
	if (s->removed)
		return -EIDRM;
	return s->woken ? 0 : -ERESTARTNOHAND;
}

static long queue_send(struct ipc_ns *ns, int id, struct msg *m, int flags)
{
	struct msg_sender s = { .task = current, .size = m->size };
	struct msg_queue *q;
	bool slept = false;
	int err;

	q = lock_queue(ns, id, &err);
	if (!q)
		return err;
	for (;;) {
		err = ipc_permission(&q->obj, IPC_WRITE);
		if (err || fits(q, m->size))
			break;
		err = -EAGAIN;
		if (flags & IPC_NOWAIT)
			break;
		if (!slept)
			ipc_ref(&q->obj);
		slept = true;
		err = sender_sleep(q, &s);
		if (err)
			break;
	}
	if (!err) {
		q->spid = current->proc->pid;
		q->stime = ipc_now();
		if (!hand_over(q, m)) {
			list_add_tail(&m->link, &q->messages);
			account(ns, q, m, 1);
		}
	}
	ipc_unlock(&q->obj);
	if (slept)
		ipc_put(&q->obj);
	return err;
}

long sys_msgsnd(int msqid, const void __user *msgp, size_t size, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	int64_t type;
	struct msg *m;
	long ret;

	if (copy_from_user(&type, msgp, sizeof(type)))
		return -EFAULT;
	if ((ssize_t)size < 0 || size > (size_t)READ_ONCE(ns->msg_max) || msqid < 0 || type < 1)
		return -EINVAL;
	m = kvmalloc(sizeof(*m) + size, GFP_KERNEL | GFP_NOOOM);
	if (!m)
		return -ENOMEM;
	m->type = type;
	m->size = size;
	ret = -EFAULT;
	if (!copy_from_user(m->data, (const char __user *)msgp + sizeof(type), size))
		ret = queue_send(ns, msqid, m, flags);
	if (ret)
		kvfree(m);
	return ret;
}

/* ---- receiving */

/* Room was made: those that fit now may try. */
static void wake_senders(struct msg_queue *q)
{
	struct msg_sender *s, *next;

	list_for_each_entry_safe (s, next, &q->senders, link) {
		if (!fits(q, s->size))
			continue;
		list_del_init(&s->link);
		s->woken = true;
		(void)wake_up_task(s->task);
	}
}

static struct msg *find(struct msg_queue *q, enum want want, int64_t type)
{
	struct msg *m, *best = NULL;
	int64_t n = 0;

	list_for_each_entry (m, &q->messages, link) {
		if (want == WANT_NUMBER) {
			if (n++ == type)
				return m;
		} else if (matches(m, want, type)) {
			if (want != WANT_UP_TO)
				return m;
			if (!best || m->type < best->type)
				best = m;
		}
	}
	return best;
}

/* Locked on entry and exit. -EAGAIN: look again, the queue is another one now. */
static int receiver_sleep(struct msg_queue *q, struct msg_receiver *r)
{
	r->status = MSG_WAITING;
	list_add_tail(&r->link, &q->receivers);
	do {
		set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&q->obj);
		if (!signal_pending(current))
			schedule();
		ipc_relock(&q->obj);
	} while (r->status == MSG_WAITING && !signal_pending(current));
	set_current_running();
	if (r->status != MSG_WAITING)
		return r->status;
	list_del(&r->link);
	return -ERESTARTNOHAND;
}

/* MSG_COPY: a second message like the first one. Locked; room was allocated before. */
static int copy_message(const struct msg *m, struct msg *copy, size_t room)
{
	if (m->size > room)
		return -EINVAL;
	copy->type = m->type;
	copy->size = m->size;
	memcpy(copy->data, m->data, m->size);
	return 0;
}

/* What lies there already: 0 with r->msg; -ENOMSG. Locked. */
static int take_message(struct ipc_ns *ns, struct msg_queue *q, struct msg_receiver *r,
			struct msg *copy, size_t room)
{
	struct msg *m = find(q, r->want, r->type);

	if (!m)
		return -ENOMSG;
	if (m->size > r->room)
		return -E2BIG;
	if (copy) {
		r->msg = copy;
		return copy_message(m, copy, room);
	}
	list_del(&m->link);
	account(ns, q, m, -1);
	q->rpid = current->proc->pid;
	q->rtime = ipc_now();
	wake_senders(q);
	r->msg = m;
	return 0;
}

static int queue_receive(struct ipc_ns *ns, int id, struct msg_receiver *r, int flags,
			 struct msg *copy, size_t room)
{
	struct msg_queue *q;
	bool slept = false;
	int err;

	q = lock_queue(ns, id, &err);
	if (!q)
		return err;
	do {
		err = ipc_permission(&q->obj, IPC_READ);
		if (err)
			break;
		err = take_message(ns, q, r, copy, room);
		if (err != -ENOMSG || (flags & IPC_NOWAIT))
			break;
		if (!slept)
			ipc_ref(&q->obj);
		slept = true;
		err = receiver_sleep(q, r);
	} while (err == -EAGAIN);
	ipc_unlock(&q->obj);
	if (slept)
		ipc_put(&q->obj);
	return err;
}

static void set_want(struct msg_receiver *r, int64_t type, int flags)
{
	r->type = type;
	if (flags & MSG_COPY) {
		r->want = WANT_NUMBER;
	} else if (!type) {
		r->want = WANT_ANY;
	} else if (type < 0) {
		r->want = WANT_UP_TO;
		r->type = type == INT64_MIN ? INT64_MAX : -type;
	} else {
		r->want = flags & MSG_EXCEPT ? WANT_OTHER : WANT_EQUAL;
	}
}

long sys_msgrcv(int msqid, void __user *msgp, size_t size, long type, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct msg_receiver r = { .task = current, .room = flags & MSG_NOERROR ? SIZE_MAX : size };
	struct msg *copy = NULL;
	size_t room = MIN(size, (size_t)READ_ONCE(ns->msg_max)), n;
	long ret;

	if (msqid < 0 || (ssize_t)size < 0)
		return -EINVAL;
	if (flags & MSG_COPY) {
		if ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))
			return -EINVAL;
		copy = kvmalloc(sizeof(*copy) + room, GFP_KERNEL | GFP_NOOOM);
		if (!copy)
			return -ENOMEM;
	}
	set_want(&r, type, flags);
	ret = queue_receive(ns, msqid, &r, flags, copy, room);
	if (ret) {
		kvfree(copy);
		return ret;
	}
	n = MIN(size, r.msg->size);
	if (copy_to_user(msgp, &r.msg->type, sizeof(r.msg->type)) ||
	    copy_to_user((char __user *)msgp + sizeof(r.msg->type), r.msg->data, n))
		ret = -EFAULT;
	kvfree(r.msg);
	return ret ? ret : (long)n;
}

/* ---- life and control */

static void msg_discard(struct ipc_ns *ns, struct ipc_obj *o)
{
	ipc_put(o);
}

static struct ipc_obj *msg_create(struct ipc_ns *ns, struct ipc_get *g, int *err)
{
	struct msg_queue *q = kzalloc(sizeof(*q), GFP_KERNEL);

	*err = -ENOMEM;
	if (!q)
		return NULL;
	ipc_obj_init(&q->obj, g);
	q->ctime = ipc_now();
	q->max_bytes = (uint64_t)READ_ONCE(ns->msg_mnb);
	list_init(&q->messages);
	list_init(&q->senders);
	list_init(&q->receivers);
	return &q->obj;
}

long sys_msgget(int key, int flags)
{
	struct ipc_get g = { .kind = IPC_MSG,
			     .key = key,
			     .flags = flags,
			     .create = msg_create,
			     .discard = msg_discard };

	return ipc_get(current_ipc_ns(), &g);
}

void msg_destroy(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct msg_queue *q = (struct msg_queue *)o;
	struct msg_receiver *r, *rn;
	struct msg_sender *s, *sn;
	struct msg *m, *mn;
	LIST_HEAD(messages);

	ipc_relock(o);
	list_for_each_entry_safe (r, rn, &q->receivers, link)
		let_go(r, NULL, -EIDRM);
	list_for_each_entry_safe (s, sn, &q->senders, link) {
		list_del_init(&s->link);
		s->woken = s->removed = true;
		(void)wake_up_task(s->task);
	}
	list_for_each_entry (m, &q->messages, link)
		account(ns, q, m, -1);
	list_splice_init(&q->messages, &messages);
	ipc_unlock(o);
	list_for_each_entry_safe (m, mn, &messages, link)
		kvfree(m);
	ipc_put(o); /* the table's */
}

static long msg_remove(struct ipc_ns *ns, int id)
{
	int err;
	struct msg_queue *q = lock_queue(ns, id, &err);

	if (!q)
		return err;
	err = ipc_owner(&q->obj);
	if (!err)
		ipc_ref(&q->obj);
	ipc_unlock(&q->obj);
	if (err)
		return err;
	if (ipc_remove(ns, &q->obj))
		msg_destroy(ns, &q->obj);
	else
		err = -EIDRM;
	ipc_put(&q->obj);
	return err;
}

static long msg_set(struct ipc_ns *ns, int id, const void __user *arg)
{
	struct msqid64_ds ds;
	struct msg_receiver *r, *next;
	struct msg_queue *q;
	int err;

	if (copy_from_user(&ds, arg, sizeof(ds)))
		return -EFAULT;
	q = lock_queue(ns, id, &err);
	if (!q)
		return err;
	err = ipc_owner(&q->obj);
	if (!err && ds.qbytes > (uint64_t)READ_ONCE(ns->msg_mnb) && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	if (!err)
		err = ipc_set_perm(&q->obj, &ds.perm);
	if (!err) {
		q->max_bytes = ds.qbytes;
		q->ctime = ipc_now();
		/* Receivers look again whether they still may: as Linux, by starting the call over. */
		list_for_each_entry_safe (r, next, &q->receivers, link)
			let_go(r, NULL, -EAGAIN);
		wake_senders(q);
	}
	ipc_unlock(&q->obj);
	return err;
}

static long msg_stat(struct ipc_ns *ns, int id, int cmd, void __user *arg)
{
	struct msqid64_ds ds = { .qnum = 0 };
	struct msg_queue *q;
	int err = -EINVAL, ret = 0;

	if (cmd == IPC_STAT)
		q = lock_queue(ns, id, &err);
	else
		q = (struct msg_queue *)ipc_lock_index(ns, IPC_MSG, id);
	if (!q)
		return err;
	err = cmd == MSG_STAT_ANY ? 0 : ipc_permission(&q->obj, IPC_READ);
	if (!err) {
		ipc_fill_perm(&q->obj, &ds.perm);
		ds.stime = q->stime;
		ds.rtime = q->rtime;
		ds.ctime = q->ctime;
		ds.cbytes = q->bytes;
		ds.qnum = q->count;
		ds.qbytes = q->max_bytes;
		ds.lspid = q->spid;
		ds.lrpid = q->rpid;
		if (cmd != IPC_STAT)
			ret = q->obj.id;
	}
	ipc_unlock(&q->obj);
	if (!err && copy_to_user(arg, &ds, sizeof(ds)))
		err = -EFAULT;
	return err ? err : ret;
}

static long msg_info(struct ipc_ns *ns, int cmd, void __user *arg)
{
	struct msginfo i = { .msgmax = ns->msg_max,
			     .msgmnb = ns->msg_mnb,
			     .msgmni = ns->msg_mni,
			     .msgssz = 16,
			     .msgseg = 0xffff };

	if (cmd == MSG_INFO) {
		i.msgpool = (int)ns->ids[IPC_MSG].in_use;
		i.msgmap = (int)atomic64_read(&ns->msg_count);
		i.msgtql = (int)atomic64_read(&ns->msg_bytes);
	} else {
		/* Figures of a design that is long gone, as Linux still gives them. */
		i.msgmap = i.msgtql = 16384;
		i.msgpool = ns->msg_mni * ns->msg_mnb / 1024;
	}
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : ipc_max_index(ns, IPC_MSG);
}

long sys_msgctl(int msqid, int cmd, void __user *buf)
{
	struct ipc_ns *ns = current_ipc_ns();

	if (msqid < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return msg_info(ns, cmd, buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return msg_stat(ns, msqid, cmd, buf);
	case IPC_SET:
		return msg_set(ns, msqid, buf);
	case IPC_RMID:
		return msg_remove(ns, msqid);
	default:
		return -EINVAL;
	}
}

static void show_one(struct seq *s, struct ipc_obj *o)
{
	const struct msg_queue *q = (const struct msg_queue *)o;

	seq_printf(s, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10lu %10lu %10lu\n",
		   o->key, o->id, o->mode, (unsigned long)q->bytes, (unsigned long)q->count,
		   (unsigned)q->spid, (unsigned)q->rpid, o->uid, o->gid, o->cuid, o->cgid,
		   (unsigned long)q->stime, (unsigned long)q->rtime, (unsigned long)q->ctime);
}

static int show(struct seq *s, void *unused)
{
	return ipc_show(s, IPC_MSG,
			"       key      msqid perms      cbytes       qnum lspid lrpid   uid   "
			"gid  cuid  cgid      stime      rtime      ctime\n",
			show_one);
}

static int msg_proc_init(void)
{
	return procfs_add("sysvipc/msg", 0444, show, NULL);
}
INITCALL(INITCALL_LATE, msg_proc_init);
