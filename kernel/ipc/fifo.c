/* SPDX-License-Identifier: MIT */
/*
 * Opening FIFOs, and resizing pipes. The pipe of a FIFO lives while it is open; inode->lock protects the pointer.
 * fifo(7): a reader waits for a writer and the reverse; O_NONBLOCK reads open at once, O_NONBLOCK writes fail with ENXIO.
 * A pipe without a name, opened again through /proc/PID/fd, never waits and never fails: its other end may be gone for good.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <uapi/statfs.h>
#include "pipe_internal.h"

static struct pipe *fifo_pipe_get(struct inode *inode)
{
	struct pipe *p, *new = NULL;

	for (;;) {
		spin_lock(&inode->lock);
		p = inode->pipe;
		if (!p && new) {
			inode->pipe = p = new;
			new = NULL;
		}
		if (p)
			atomic_inc(&p->files);
		spin_unlock(&inode->lock);
		if (p)
			break;
		new = pipe_alloc();
		if (!new)
			return NULL;
	}
	if (new)
		pipe_free(new);
	return p;
}

/* Sleeps until the other side's count of opens moves. Lock held; released meanwhile. */
static int wait_for_partner(struct pipe *p, struct waitq *q, unsigned *opens)
{
	unsigned seen = *opens;
	int err;

	mutex_unlock(&p->lock);
	err = wait_event_interruptible(q, READ_ONCE(*opens) != seen);
	mutex_lock(&p->lock);
	return err;
}

static int open_reader(struct file *f, struct pipe *p, bool named)
{
	int err = 0;

	p->r_opens++;
	if (!p->readers++)
		waitq_wake_all(&p->wr_wait);
	if (named && !p->writers) {
		if (f->flags & O_NONBLOCK)
			/* No end-of-file for poll(2) before a first writer was there. */
			f->version = p->w_opens;
		else
			err = wait_for_partner(p, &p->rd_wait, &p->w_opens);
	}
	if (err && !--p->readers)
		waitq_wake_all_poll(&p->wr_wait, POLLERR);
	return err;
}

static int open_writer(struct file *f, struct pipe *p, bool named)
{
	int err = 0;

	if (named && (f->flags & O_NONBLOCK) && !p->readers)
		return -ENXIO;
	p->w_opens++;
	if (!p->writers++)
		waitq_wake_all(&p->rd_wait);
	if (named && !p->readers)
		err = wait_for_partner(p, &p->wr_wait, &p->r_opens);
	if (err && !--p->writers)
		waitq_wake_all_poll(&p->rd_wait, POLLHUP);
	return err;
}

static int fifo_open(struct inode *inode, struct file *f)
{
	struct pipe *p = fifo_pipe_get(inode), *gone = NULL;
	bool named = inode->sb->magic != PIPEFS_MAGIC;
	int err = 0;

	if (!p)
		return -ENOMEM;
	stream_open(inode, f);
	f->version = ~0ull;
	mutex_lock(&p->lock);
	switch (f->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		err = open_reader(f, p, named);
		break;
	case FMODE_WRITE:
		err = open_writer(f, p, named);
		break;
	case FMODE_READ | FMODE_WRITE:	/* never blocks: its own partner */
		p->r_opens++;
		p->w_opens++;
		if (!p->readers++)
			waitq_wake_all(&p->wr_wait);
		if (!p->writers++)
			waitq_wake_all(&p->rd_wait);
		break;
	default:
		err = -EINVAL;
	}
	mutex_unlock(&p->lock);
	if (!err) {
		f->private = p;
		f->ops = &pipe_fops;
		return 0;
	}
	spin_lock(&inode->lock);
	if (ref_put(&p->files)) {
		gone = p;
		inode->pipe = NULL;
	}
	spin_unlock(&inode->lock);
	if (gone)
		pipe_free(gone);
	return err;
}

const struct file_ops fifo_fops = {
	.open = fifo_open,
	.llseek = no_llseek,
};

static long resize(struct pipe *p, unsigned long arg)
{
	uint32_t slots, used;
	struct pipe_buf *bufs, *old;

	if (arg > 1ul << 31)
		return -EINVAL;
	arg = MAX(arg, PAGE_SIZE);
	slots = (uint32_t)DIV_ROUND_UP(arg, PAGE_SIZE);
	if (!is_power_of_2(slots))
		slots = 2u << ilog2_u64(slots);
	if (slots > p->slots && slots > pipe_max_size / PAGE_SIZE && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	bufs = kmalloc_array(slots, sizeof(*bufs), GFP_KERNEL);
	if (!bufs)
		return -ENOMEM;
	used = pipe_used(p);
	if (used > slots) {
		kfree(bufs);
		return -EBUSY;
	}
	for (uint32_t i = 0; i < used; i++)
		bufs[i] = *pipe_slot(p, p->tail + i);
	old = p->bufs;
	p->bufs = bufs;
	p->tail = 0;
	p->head = used;
	WRITE_ONCE(p->slots, slots);
	kfree(old);
	waitq_wake_poll(&p->wr_wait, POLLOUT | POLLWRNORM);
	return (long)(slots * PAGE_SIZE);
}

long pipe_fcntl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pipe *p = file_pipe(f);
	long ret;

	if (!p)
		return -EBADF;
	mutex_lock(&p->lock);
	ret = cmd == F_SETPIPE_SZ ? resize(p, arg) : (long)(p->slots * PAGE_SIZE);
	mutex_unlock(&p->lock);
	return ret;
}
