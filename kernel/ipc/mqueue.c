/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues: sending, receiving, notification. The names are kernel/fs/mqueue/mqueue.c.
 *
 * Messages stand in a tree ordered by priority and arrival. Who finds the queue full or empty leaves a note
 * in the queue; the other side serves the notes in order of real-time priority and arrival: a message goes
 * straight from sender to receiver. A notification is due when a message comes into an empty queue and
 * nobody waits for it; it is used up by that.
 *
 * Locks: mqueue.lock (LR_IPC) over everything; waiters are woken under it and look at their note under it.
 * SIMPLE: a time-out is turned into a monotonic one when the sleep begins, so setting the clock during the
 * sleep does not move it. References: mq_overview(7), mq_notify(3).
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/mqueue.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/rbtree.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <net/netlink.h>
#include <uapi/sigevent.h>

#define HARD_MSG_MAX  65536
#define HARD_SIZE_MAX (16 * 1024 * 1024)
#define MSG_COST      48 /* what Linux charges for a message and for a priority, beside the text */
#define MQ_WAITING    1
/* SIGEV_THREAD: what the C library gives is sent to its netlink socket, with the reason in the last byte. */
#define COOKIE_LEN    32
#define COOKIE_WOKEN  1
#define COOKIE_GONE   2

struct mq_msg {
	struct rb_node node; /* in mqueue.messages */
	unsigned prio;
	uint64_t seq; /* of equal priorities the oldest is first */
	size_t size;
	char data[];
};
struct mq_waiter {
	struct list_head link;
	struct task *task;
	struct mq_msg *msg; /* a sender's, or what a receiver got */
	int status;	    /* MQ_WAITING until it is served */
};
struct mqueue {
	struct spinlock lock;
	struct rb_root messages;
	uint64_t next_seq, bytes;
	int64_t max, msg_size, count;	     /* the first two never change */
	struct list_head senders, receivers; /* at most one of them has somebody in it */
	struct waitq poll;
	struct pid *owner; /* to be notified; a reference */
	int how, signo;
	union sigval value;
	struct nl_note *note; /* SIGEV_THREAD */
	struct user *user; /* who is charged; immutable */
	int64_t charged;
};

static bool msg_before(const struct mq_msg *a, const struct mq_msg *b)
{
	return a->prio != b->prio ? a->prio > b->prio : a->seq < b->seq;
}

static void msg_insert(struct mqueue *q, struct mq_msg *m)
{
	struct rb_node **link = &q->messages.node, *parent = NULL;

	m->seq = q->next_seq++;
	while (*link) {
		parent = *link;
		link = msg_before(m, rb_entry(parent, struct mq_msg, node)) ? &parent->left
									    : &parent->right;
	}
	rb_link(&m->node, parent, link);
	rb_insert_fixup(&m->node, &q->messages);
	q->count++;
	q->bytes += m->size;
}

static struct mq_msg *msg_take(struct mqueue *q)
{
	struct mq_msg *m = rb_entry_safe(rb_first(&q->messages), struct mq_msg, node);

	if (m) {
		rb_erase(&m->node, &q->messages);
		q->count--;
		q->bytes -= m->size;
	}
	return m;
}

/* ---- waiting */

static void waiter_add(struct list_head *queue, struct mq_waiter *w)
{
	struct mq_waiter *other;

	list_for_each_entry (other, queue, link)
		if (other->task->se.rt_priority < w->task->se.rt_priority)
			break;
	list_add_tail(&w->link, &other->link); /* before it; the head if there is none */
}

static void waiter_serve(struct mq_waiter *w)
{
	list_del_init(&w->link);
	w->status = 0;
	(void)wake_up_task(w->task);
}

/* Locked on entry and exit. 0: served. */
static int waiter_sleep(struct mqueue *q, struct list_head *queue, struct mq_waiter *w,
			nsec_t deadline)
{
	bool in_time = true;

	w->status = MQ_WAITING;
	waiter_add(queue, w);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&q->lock);
		if (!signal_pending(current))
			in_time = schedule_deadline(deadline);
		spin_lock(&q->lock);
		if (!w->status || signal_pending(current) || !in_time)
			break;
	}
	set_current_running();
	if (!w->status)
		return 0;
	list_del(&w->link);
	return signal_pending(current) ? -ERESTARTSYS : -ETIMEDOUT;
}

/* ---- notification */

/* Locked. What it returns is to be sent without the lock. */
static struct nl_note *notify_forget(struct mqueue *q)
{
	struct nl_note *note = q->note;

	if (q->owner)
		pid_put(q->owner);
	q->owner = NULL;
	q->note = NULL;
	return note;
}

/* A message came into the empty queue. Locked; what it returns is to be sent without the lock. */
static struct nl_note *notify(struct mqueue *q)
{
	struct siginfo info = { .si_signo = q->signo, .si_code = SI_MESGQ };
	struct task *t;

	if (q->how == SIGEV_SIGNAL) {
		info.rt.pid = current->proc->pid;
		info.rt.uid = current_cred()->uid;
		info.rt.value = q->value;
		rcu_read_lock();
		t = pid_task(q->owner, PIDTYPE_TGID);
		if (t && q->signo)
			(void)send_signal_proc(q->signo, &info, t->proc);
		rcu_read_unlock();
	}
	return notify_forget(q);
}

static void notify_remove(struct mqueue *q)
{
	struct nl_note *gone = NULL;

	spin_lock(&q->lock);
	if (q->owner == current->proc->tgid)
		gone = notify_forget(q);
	spin_unlock(&q->lock);
	if (gone)
		nl_note_send(gone, COOKIE_GONE);
}

/* Takes @note over when it returns 0. */
static int notify_set(struct mqueue *q, const struct sigevent *ev, struct nl_note *note)
{
	int err = 0;

	spin_lock(&q->lock);
	if (q->owner) {
		err = -EBUSY;
	} else {
		q->owner = pid_get(current->proc->tgid);
		q->how = ev->notify;
		q->signo = ev->signo;
		q->value = ev->value;
		q->note = note;
	}
	spin_unlock(&q->lock);
	return err;
}

/* ---- the queue's life */

/* As Linux counts it, so that RLIMIT_MSGQUEUE bounds the same queues. -EOVERFLOW. */
static int cost_of(int64_t max, int64_t size, int64_t *cost)
{
	int64_t text, tree = max * MSG_COST + MIN(max, MQ_PRIO_MAX) * MSG_COST;

	if (__builtin_mul_overflow(max, size, &text) || __builtin_add_overflow(text, tree, cost))
		return -EOVERFLOW;
	return 0;
}

int mqueue_create(struct ipc_ns *ns, const struct mq_attr *attr, struct mqueue **out)
{
	bool privileged = capable(CAP_SYS_RESOURCE);
	int64_t max = attr ? attr->maxmsg : MIN(ns->mq_msg_max, ns->mq_msg_default);
	int64_t size = attr ? attr->msgsize : MIN(ns->mq_msgsize_max, ns->mq_msgsize_default), cost;
	struct user *user = current_cred()->user;
	struct mqueue *q;
	int err;

	if (max <= 0 || size <= 0 || max > (privileged ? HARD_MSG_MAX : ns->mq_msg_max) ||
	    size > (privileged ? HARD_SIZE_MAX : ns->mq_msgsize_max))
		return -EINVAL;
	err = cost_of(max, size, &cost);
	if (err)
		return err;
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	if ((uint64_t)atomic64_add_return(&user->mq_bytes, cost) > rlimit(RLIMIT_MSGQUEUE)) {
		atomic64_sub(&user->mq_bytes, cost);
		kfree(q);
		return -EMFILE;
	}
	q->user = user;
	atomic_inc(&user->refs);
	q->charged = cost;
	q->max = max;
	q->msg_size = size;
	spin_lock_init(&q->lock, LR_IPC);
	list_init(&q->senders);
	list_init(&q->receivers);
	waitq_init(&q->poll);
	*out = q;
	return 0;
}

void mqueue_free(struct mqueue *q)
{
	struct nl_note *gone;
	struct mq_msg *m;

	while ((m = msg_take(q)))
		kvfree(m);
	gone = notify_forget(q);
	if (gone)
		nl_note_send(gone, COOKIE_GONE);
	atomic64_sub(&q->user->mq_bytes, q->charged);
	user_put(q->user);
	kfree(q);
}

/* ---- the file */

static struct mqueue *queue_of(const struct file *f)
{
	return f->inode->private;
}

static ssize_t mqueue_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct mqueue *q = queue_of(f);
	char text[96];
	size_t n;

	spin_lock(&q->lock);
	n = (size_t)scnprintf(
		text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		(unsigned long)q->bytes, q->owner ? q->how : 0,
		q->owner && q->how == SIGEV_SIGNAL ? q->signo : 0, q->owner ? q->owner->nr : 0);
	spin_unlock(&q->lock);
	if (*pos >= (loff_t)n)
		return 0;
	n = copy_to_iter(text + *pos, MIN(n - (size_t)*pos, to->count), to);
	*pos += (loff_t)n;
	return n || !to->count ? (ssize_t)n : -EFAULT;
}

static uint32_t mqueue_poll(struct file *f, struct poll_table *pt)
{
	struct mqueue *q = queue_of(f);
	uint32_t events = 0;

	poll_wait(f, &q->poll, pt);
	spin_lock(&q->lock);
	if (q->count)
		events = POLLIN | POLLRDNORM;
	if (q->count < q->max)
		events |= POLLOUT | POLLWRNORM;
	spin_unlock(&q->lock);
	return events;
}

/* Every close by the process that is to be notified ends that. */
static int mqueue_flush(struct file *f)
{
	notify_remove(queue_of(f));
	return 0;
}

const struct file_ops mqueue_fops = { .read = mqueue_read,
				      .poll = mqueue_poll,
				      .flush = mqueue_flush };

/* ---- calls */

static struct fd get_queue(int n, uint32_t mode, struct mqueue **q)
{
	struct fd f = fd_get((unsigned)n);

	if (f.file && (f.file->ops != &mqueue_fops || (mode && !(f.file->mode & mode)))) {
		fd_put(f);
		f.file = NULL;
	}
	if (f.file)
		*q = queue_of(f.file);
	return f;
}

static int get_deadline(const struct timespec __user *u, nsec_t *deadline)
{
	struct timespec ts;

	*deadline = NSEC_NEVER;
	if (!u)
		return 0;
	if (copy_from_user(&ts, u, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = timespec_to_ns(&ts);
	if (*deadline != NSEC_NEVER)
		*deadline -= MIN(READ_ONCE(realtime_offset), *deadline);
	return 0;
}

/* The message is the queue's, or a receiver's, when this returns 0. */
static int queue_send(struct mqueue *q, struct mq_msg *m, bool wait, nsec_t deadline)
{
	struct mq_waiter w = { .task = current, .msg = m }, *r;
	struct nl_note *note = NULL;
	int err = 0;

	spin_lock(&q->lock);
	if (q->count >= q->max) {
		err = wait ? waiter_sleep(q, &q->senders, &w, deadline) : -EAGAIN;
		goto out; /* served: a receiver put it in */
	}
	r = list_first_entry_or_null(&q->receivers, struct mq_waiter, link);
	if (r) {
		r->msg = m;
		waiter_serve(r);
		goto out;
	}
	msg_insert(q, m);
	if (q->count == 1 && q->owner)
		note = notify(q);
	waitq_wake_all_poll(&q->poll, POLLIN | POLLRDNORM);
out:
	spin_unlock(&q->lock);
	if (note)
		nl_note_send(note, COOKIE_WOKEN);
	return err;
}

static int queue_receive(struct mqueue *q, struct mq_msg **out, bool wait, nsec_t deadline)
{
	struct mq_waiter w = { .task = current }, *s;
	int err = 0;

	spin_lock(&q->lock);
	*out = msg_take(q);
	if (!*out) {
		err = wait ? waiter_sleep(q, &q->receivers, &w, deadline) : -EAGAIN;
		*out = w.msg;
		goto out;
	}
	s = list_first_entry_or_null(&q->senders, struct mq_waiter, link);
	if (s) {
		msg_insert(q, s->msg);
		waiter_serve(s);
	} else {
		waitq_wake_all_poll(&q->poll, POLLOUT | POLLWRNORM);
	}
out:
	spin_unlock(&q->lock);
	return err;
}

static int message_from_user(const char __user *text, size_t len, unsigned prio,
			     struct mq_msg **out)
{
	struct mq_msg *m = kvmalloc(sizeof(*m) + len, GFP_KERNEL | GFP_NOOOM);

	if (!m)
		return -ENOMEM;
	m->prio = prio;
	m->size = len;
	if (copy_from_user(m->data, text, len)) {
		kvfree(m);
		return -EFAULT;
	}
	*out = m;
	return 0;
}

long sys_mq_timedsend(int mqdes, const char __user *text, size_t len, unsigned int prio,
		      const struct timespec __user *timeout)
{
	struct mqueue *q;
	struct mq_msg *m;
	nsec_t deadline;
	struct fd f;
	long err;

	err = get_deadline(timeout, &deadline);
	if (err)
		return err;
	if (prio >= MQ_PRIO_MAX)
		return -EINVAL;
	f = get_queue(mqdes, FMODE_WRITE, &q);
	if (!f.file)
		return -EBADF;
	err = -EMSGSIZE;
	if (len > (size_t)q->msg_size)
		goto out;
	err = message_from_user(text, len, prio, &m);
	if (err)
		goto out;
	err = queue_send(q, m, !(f.file->flags & O_NONBLOCK), deadline);
	if (err)
		kvfree(m);
out:
	fd_put(f);
	return err;
}

long sys_mq_timedreceive(int mqdes, char __user *text, size_t len, unsigned int __user *prio,
			 const struct timespec __user *timeout)
{
	struct mqueue *q;
	struct mq_msg *m;
	nsec_t deadline;
	struct fd f;
	long ret;

	ret = get_deadline(timeout, &deadline);
	if (ret)
		return ret;
	f = get_queue(mqdes, FMODE_READ, &q);
	if (!f.file)
		return -EBADF;
	ret = -EMSGSIZE;
	if (len < (size_t)q->msg_size)
		goto out;
	ret = queue_receive(q, &m, !(f.file->flags & O_NONBLOCK), deadline);
	if (ret)
		goto out;
	ret = (long)m->size;
	if ((prio && put_user(m->prio, prio)) || copy_to_user(text, m->data, m->size))
		ret = -EFAULT;
	kvfree(m);
out:
	fd_put(f);
	return ret;
}

static int get_event(const struct sigevent __user *uev, struct sigevent *ev, struct nl_note **note)
{
	char cookie[COOKIE_LEN];

	if (copy_from_user(ev, uev, sizeof(*ev)))
		return -EFAULT;
	switch (ev->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		return ev->signo < 0 || ev->signo > _NSIG ? -EINVAL : 0;
	case SIGEV_THREAD:
		/* The number of the netlink socket stands where the signal's would. */
		if (copy_from_user(cookie, (const void __user *)ev->value.sival_ptr, sizeof(cookie)))
			return -EFAULT;
		return nl_note_create(ev->signo, cookie, sizeof(cookie), note);
	default:
		return -EINVAL;
	}
}

long sys_mq_notify(int mqdes, const struct sigevent __user *uev)
{
	struct nl_note *note = NULL;
	struct sigevent ev;
	struct mqueue *q;
	struct fd f;
	long err;

	err = uev ? get_event(uev, &ev, &note) : 0;
	if (err)
		return err;
	f = get_queue(mqdes, 0, &q);
	if (f.file) {
		if (uev)
			err = notify_set(q, &ev, note);
		else
			notify_remove(q);
		fd_put(f);
	} else {
		err = -EBADF;
	}
	if (err && note)
		nl_note_drop(note);
	return err;
}

long sys_mq_getsetattr(int mqdes, const struct mq_attr __user *unew, struct mq_attr __user *uold)
{
	struct mq_attr new, old = { 0 };
	struct mqueue *q;
	struct fd f;

	if (unew) {
		if (copy_from_user(&new, unew, sizeof(new)))
			return -EFAULT;
		if (new.flags & ~(int64_t)O_NONBLOCK)
			return -EINVAL;
	}
	f = get_queue(mqdes, 0, &q);
	if (!f.file)
		return -EBADF;
	spin_lock(&q->lock);
	old.maxmsg = q->max;
	old.msgsize = q->msg_size;
	old.curmsgs = q->count;
	spin_unlock(&q->lock);
	spin_lock(&f.file->lock);
	old.flags = f.file->flags & O_NONBLOCK;
	if (unew)
		f.file->flags = (f.file->flags & ~(unsigned)O_NONBLOCK) | (unsigned)new.flags;
	spin_unlock(&f.file->lock);
	fd_put(f);
	return uold && copy_to_user(uold, &old, sizeof(old)) ? -EFAULT : 0;
}
