/* SPDX-License-Identifier: MIT */
/*
 * O_ASYNC: a signal when something can be read or written. Pipes, sockets, terminals and
 * character devices that can be
 * polled have it without knowing: a waiter on the queues that their poll() names puts the
 * sending off to where it may
 * take locks: the end of the waker's own system call (so that a writer's signal is there when
 * write(2) returns), or a work
 * when an interrupt or a kernel thread woke.
 *
 * Locks: async_lock for the table of files that have it; the waiters' fields are theirs once
 * queued. A put-off sending
 * holds a reference on the file and on the struct async.
 */
#include <kernel/panic.h>
#include <kernel/poll.h>
#include <kernel/task.h>
#include <kernel/task_work.h>
#include <kernel/work.h>
#include "vfs_internal.h"

#define ASYNC_QUEUES 3		/* a poll() names at most so many: more are not listened to */
struct async {
	struct list_head link;
	struct file *file;		/* no reference: goes before the file */
	atomic_t refs;			/* the table's, and that of a call put off */
	unsigned long put_off;		/* bit 0: ->call is queued with some task */
	struct task_work call;
	struct work work;
	struct poll_table pt;
	unsigned nr;
	uint32_t events;		/* [a] of wake-ups since the work last ran */
	struct { struct waiter w; struct waitq *q; struct async *owner; } on[ASYNC_QUEUES];
};
static DEFINE_SPINLOCK(async_lock, LR_INODE_LIST);
static LIST_HEAD(asyncs);

bool file_can_async(const struct file *f)
{
	umode_t m = f->inode->mode & S_IFMT;

	return f->ops->poll && (m == S_IFIFO || m == S_IFSOCK || m == S_IFCHR);
}

static void send_now(struct async *a);

static void async_put(struct async *a)
{
	if (ref_put(&a->refs))
		kfree(a);
}

static void async_call(struct task_work *tw)
{
	struct async *a = container_of(tw, struct async, call);
	struct file *f = a->file;

	clear_bit(0, &a->put_off);
	smp_mb(); /* a wake-up from here on queues again; what came before is seen by send_now() */
	send_now(a);
	async_put(a);
	file_put(f);
}

/* Under the queue's lock, in any context. */
static bool async_woken(struct waiter *w, unsigned mode, uint32_t key)
{
	struct async *a = container_of(w, __typeof__(((struct async *)0)->on[0]), w)->owner;

	__atomic_fetch_or(&a->events, key ? key : POLLIN | POLLOUT, __ATOMIC_RELAXED);
	if (in_interrupt() || (current->flags & (TF_KTHREAD | TF_EXITING))) {
		work_queue(&a->work);
		return false;
	}
	if (test_and_set_bit(0, &a->put_off))
		return false;
	if (!atomic_inc_not_zero(&a->file->refs)) {
		clear_bit(0, &a->put_off);	/* it is being closed */
		return false;
	}
	atomic_inc(&a->refs);
	WARN_ON(task_work_add(current, &a->call) !=
		0); /* fails for exiting tasks only, seen above */
	return false;
}

static void async_queue(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct async *a = container_of(pt, struct async, pt);

	if (a->nr == ASYNC_QUEUES)
		return;
	waiter_init(&a->on[a->nr].w, NULL);
	a->on[a->nr].w.fn = async_woken;
	a->on[a->nr].q = q;
	a->on[a->nr].owner = a;
	waitq_add(q, &a->on[a->nr].w);
	a->nr++;
}

static void send_now(struct async *a)
{
	struct file *f = a->file;
	uint32_t events = __atomic_exchange_n(&a->events, 0, __ATOMIC_RELAXED);
	uint32_t now = f->ops->poll(f, NULL);

	/* Told of what has become possible, and only of what this end is open for. */
	if ((events & POLLIN) && (f->mode & FMODE_READ) && (now & (POLLIN | POLLHUP | POLLERR)))
		file_send_sigio(f, POLLIN | POLLRDNORM, 1 /* POLL_IN */, f->async_fd);
	else if ((events & POLLOUT) && (f->mode & FMODE_WRITE) && (now & (POLLOUT | POLLERR)))
		file_send_sigio(f, POLLOUT | POLLWRNORM | POLLWRBAND, 2 /* POLL_OUT */, f->async_fd);
}

static void async_work(struct work *w)
{
	send_now(container_of(w, struct async, work));
}

static void set_bit_of(struct file *f, bool on)
{
	spin_lock(&f->lock);
	WRITE_ONCE(f->flags, on ? f->flags | O_ASYNC : f->flags & ~(unsigned)O_ASYNC);
	spin_unlock(&f->lock);
}

static int async_start(struct file *f)
{
	struct async *a = kzalloc(sizeof(*a), GFP_KERNEL);

	if (!a)
		return -ENOMEM;
	a->file = f;
	atomic_set(&a->refs, 1);
	a->call.fn = async_call;
	work_init(&a->work, async_work);
	a->pt = (struct poll_table){ async_queue, POLLIN | POLLOUT };
	spin_lock(&async_lock);
	list_add(&a->link, &asyncs);
	spin_unlock(&async_lock);
	set_bit_of(f, true);
	f->ops->poll(f, &a->pt);
	return 0;
}

static void async_stop(struct file *f)
{
	struct async *a, *found = NULL;

	spin_lock(&async_lock);
	list_for_each_entry(a, &asyncs, link)
		if (a->file == f) {
			found = a;
			list_del(&a->link);
			break;
		}
	spin_unlock(&async_lock);
	set_bit_of(f, false);
	if (!found)
		return;
	for (unsigned i = 0; i < found->nr; i++)
		waitq_remove(found->on[i].q, &found->on[i].w);
	work_cancel_sync(&found->work);
	async_put(found);
}

/* A file that cannot have it stays as it is, without an error: fcntl(2). */
int file_set_async(struct file *f, bool on)
{
	if (!on) {
		async_stop(f);
		return 0;
	}
	return file_can_async(f) && !(f->flags & O_ASYNC) ? async_start(f) : 0;
}
