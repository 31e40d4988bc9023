/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs: pipe(7), fifo(7).
 *
 * A ring of slots, each a piece of a page with a reference on it: written data sits in pages of the pipe's own, spliced
 * data in pages of others. head and tail run freely; head - tail slots are full.
 * Invariants: a slot is never empty; PIPE_BUF_CAN_MERGE only on pages that no one else can see. A write of at
 * most PIPE_BUF bytes goes into one slot, so it is whole or not there at all.
 *
 * Locks: pipe->lock (mutex, LR_PIPE) over everything; user copies fault under it. inode->lock protects inode->pipe.
 * Sleepers wait exclusively: one piece of news, one thread; who leaves something over wakes the next.
 */
#include <kernel/pipe.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/ioctl.h>
#include "pipe_internal.h"

unsigned pipe_max_size = 1 << 20;

struct pipe *pipe_alloc(void)
{
	struct pipe *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->bufs = kmalloc_array(PIPE_DEF_SLOTS, sizeof(*p->bufs), GFP_KERNEL);
	if (!p->bufs) {
		kfree(p);
		return NULL;
	}
	p->slots = PIPE_DEF_SLOTS;
	mutex_init(&p->lock, LR_PIPE);
	waitq_init(&p->rd_wait);
	waitq_init(&p->wr_wait);
	p->uid = current_cred()->uid;
	return p;
}

void pipe_free(struct pipe *p)
{
	while (!pipe_empty(p))
		page_put(pipe_slot(p, p->tail++)->page);
	for (unsigned i = 0; i < ARRAY_SIZE(p->spare); i++)
		if (p->spare[i])
			page_put(p->spare[i]);
	kfree(p->bufs);
	kfree(p);
}

struct page *pipe_page_get(struct pipe *p)
{
	for (unsigned i = 0; i < ARRAY_SIZE(p->spare); i++) {
		struct page *page = p->spare[i];

		if (page) {
			p->spare[i] = NULL;
			return page;
		}
	}
	return page_alloc(0, GFP_USER);
}

void pipe_slot_release(struct pipe *p, struct pipe_buf *b)
{
	if ((b->flags & PIPE_BUF_CAN_MERGE) && atomic_read(&b->page->refs) == 1) {
		for (unsigned i = 0; i < ARRAY_SIZE(p->spare); i++) {
			if (!p->spare[i]) {
				p->spare[i] = b->page;
				return;
			}
		}
	}
	page_put(b->page);
}

static ssize_t copy_out(struct pipe *p, struct iov_iter *to)
{
	ssize_t done = 0;

	while (to->count && !pipe_empty(p)) {
		struct pipe_buf *b = pipe_slot(p, p->tail);
		size_t n = MIN((size_t)b->len, to->count), got;

		got = copy_to_iter((char *)page_to_virt(b->page) + b->offset, n, to);
		if (!got)
			return done ? done : -EFAULT;
		done += (ssize_t)got;
		if (b->flags & PIPE_BUF_PACKET) {	/* what did not fit is lost */
			pipe_slot_release(p, b);
			p->tail++;
			return done;
		}
		b->offset += (uint32_t)got;
		b->len -= (uint32_t)got;
		if (!b->len) {
			pipe_slot_release(p, b);
			p->tail++;
		}
		if (got < n)
			break;
	}
	return done;
}

static bool readable(const struct pipe *p) { return !pipe_empty(p) || !READ_ONCE(p->writers); }
static bool writable(const struct pipe *p) { return !pipe_full(p) || !READ_ONCE(p->readers); }

static ssize_t pipe_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct pipe *p = f->private;
	ssize_t done;
	bool was_full, more, room, waited = false;

	if (!to->count)
		return 0;
	mutex_lock(&p->lock);
	while (pipe_empty(p)) {
		int err;

		if (!p->writers) {
			mutex_unlock(&p->lock);
			return 0;
		}
		mutex_unlock(&p->lock);
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_exclusive(&p->rd_wait, readable(p));
		if (err)
			return err;
		waited = true;
		mutex_lock(&p->lock);
	}
	was_full = pipe_full(p);
	done = copy_out(p, to);
	more = waited && !pipe_empty(p);	/* our wake-up may have been meant for two */
	room = was_full && !pipe_full(p);
	mutex_unlock(&p->lock);
	if (room)
		waitq_wake_poll(&p->wr_wait, POLLOUT | POLLWRNORM);
	if (more)
		waitq_wake_poll(&p->rd_wait, POLLIN | POLLRDNORM);
	return done;
}

/* The odd bytes of a write go behind what is there when they fit whole. */
static ssize_t merge(struct pipe *p, struct iov_iter *from)
{
	size_t odd = from->count & (PAGE_SIZE - 1);
	struct pipe_buf *b;

	if (!odd || pipe_empty(p))
		return 0;
	b = pipe_slot(p, p->head - 1);
	if (!(b->flags & PIPE_BUF_CAN_MERGE) || b->offset + b->len + odd > PAGE_SIZE || atomic_read(&b->page->refs) != 1)
		return 0;
	if (copy_from_iter((char *)page_to_virt(b->page) + b->offset + b->len, odd, from) != odd)
		return -EFAULT;
	b->len += (uint32_t)odd;
	return (ssize_t)odd;
}

/* Fills free slots. Returns bytes; 0 when the pipe is full; an error when nothing was written. */
static ssize_t copy_in(struct pipe *p, struct iov_iter *from, bool packet)
{
	ssize_t done = 0;

	while (from->count && !pipe_full(p)) {
		size_t n = MIN(from->count, PAGE_SIZE), got;
		struct page *page = pipe_page_get(p);
		struct pipe_buf *b;

		if (!page)
			return done ? done : -ENOMEM;
		b = pipe_slot(p, p->head);
		got = copy_from_iter(page_to_virt(page), n, from);
		*b = (struct pipe_buf){ page, 0, (uint32_t)got, packet ? PIPE_BUF_PACKET : PIPE_BUF_CAN_MERGE };
		if (got < n) {
			/* Half a piece would break the promise of atomic writes: none of it. */
			iter_revert(from, got);
			b->flags = PIPE_BUF_CAN_MERGE;
			pipe_slot_release(p, b);
			return done ? done : -EFAULT;
		}
		p->head++;
		done += (ssize_t)got;
	}
	return done;
}

static ssize_t pipe_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct pipe *p = f->private;
	ssize_t done = 0, n = 0;
	bool room, waited = false;

	if (!from->count)
		return 0;
	mutex_lock(&p->lock);
	if (!p->readers)
		goto broken;
	n = merge(p, from);
	if (n < 0)
		goto out;
	done = n;
	for (;;) {
		int err;

		if (from->count) {
			n = copy_in(p, from, f->flags & O_DIRECT);
			if (n < 0)
				goto out;
			done += n;
		}
		if (!from->count)
			break;
		if (f->flags & O_NONBLOCK) {
			n = -EAGAIN;
			goto out;
		}
		mutex_unlock(&p->lock);
		waitq_wake_poll(&p->rd_wait, POLLIN | POLLRDNORM);
		err = wait_event_exclusive(&p->wr_wait, writable(p));
		waited = true;
		mutex_lock(&p->lock);
		if (err) {
			n = err;
			goto out;
		}
		if (!p->readers)
			goto broken;
	}
out:
	room = waited && !pipe_full(p);
	mutex_unlock(&p->lock);
	if (done)
		waitq_wake_poll(&p->rd_wait, POLLIN | POLLRDNORM);
	if (room)
		waitq_wake_poll(&p->wr_wait, POLLOUT | POLLWRNORM);
	return done ? done : n;
broken:
	mutex_unlock(&p->lock);
	signal_self(SIGPIPE);
	return done ? done : -EPIPE;
}

static uint32_t pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->private;
	uint32_t ev = 0;

	if (f->mode & FMODE_READ)
		poll_wait(f, &p->rd_wait, pt);
	if (f->mode & FMODE_WRITE)
		poll_wait(f, &p->wr_wait, pt);
	if (f->mode & FMODE_READ) {
		if (!pipe_empty(p))
			ev |= POLLIN | POLLRDNORM;
		/* A FIFO that no writer has opened since we did is not hung up yet. */
		if (!READ_ONCE(p->writers) && f->version != p->w_opens)
			ev |= POLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (!pipe_full(p))
			ev |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(p->readers))
			ev |= POLLERR;
	}
	return ev;
}

static long pipe_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pipe *p = f->private;
	int n = 0;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	mutex_lock(&p->lock);
	for (uint32_t i = p->tail; i != p->head; i++)
		n += (int)pipe_slot(p, i)->len;
	mutex_unlock(&p->lock);
	return put_user(n, (int __user *)arg);
}

static void pipe_close_end(struct pipe *p, uint32_t mode)
{
	mutex_lock(&p->lock);
	if (mode & FMODE_READ)
		p->readers--;
	if (mode & FMODE_WRITE)
		p->writers--;
	mutex_unlock(&p->lock);
	/* The other side learns of the end: all of them. */
	if (!p->readers || !p->writers) {
		waitq_wake_all_poll(&p->rd_wait, POLLIN | POLLRDNORM | POLLHUP);
		waitq_wake_all_poll(&p->wr_wait, POLLOUT | POLLWRNORM | POLLERR);
	}
}

static void pipe_release(struct inode *inode, struct file *f)
{
	struct pipe *p = f->private, *gone = NULL;

	pipe_close_end(p, f->mode);
	spin_lock(&inode->lock);
	if (ref_put(&p->files)) {
		gone = p;
		inode->pipe = NULL;
	}
	spin_unlock(&inode->lock);
	if (gone)
		pipe_free(gone);
}

const struct file_ops pipe_fops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
	.llseek = no_llseek,
};

struct pipe *file_pipe(struct file *f)
{
	return f->ops == &pipe_fops ? f->private : NULL;
}

/* Two ends on one new inode; they hold it alone. */
static int pipe_create_files(struct file **out, unsigned flags)
{
	struct inode *inode = anon_inode_create("pipe", S_IFIFO | 0600);
	struct pipe *p = pipe_alloc();
	int err = -ENOMEM;

	if (!inode || !p)
		goto fail;
	p->readers = p->writers = 1;
	p->r_opens = p->w_opens = 1;
	atomic_set(&p->files, 2);
	inode->pipe = p;
	inode->fops = &fifo_fops;	/* opened again through /proc/PID/fd */
	out[1] = anon_inode_file(inode, &pipe_fops, p, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), &err);
	if (!out[1])
		goto fail_inode_pipe;
	out[0] = anon_inode_file(inode, &pipe_fops, p, O_RDONLY | (flags & O_NONBLOCK), &err);
	if (!out[0]) {
		atomic_set(&p->files, 1);
		p->readers = 0;
		file_put(out[1]);
		inode_put(inode);
		return err;
	}
	inode_put(inode);
	return 0;
fail_inode_pipe:
	inode->pipe = NULL;
fail:
	if (p)
		pipe_free(p);
	if (inode)
		inode_put(inode);
	return err;
}

long sys_pipe2(int __user *fds, int flags)
{
	struct file *f[2];
	int fd[2], err;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) == O_EXCL)
		return -ENOPKG;		/* O_NOTIFICATION_PIPE */
	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create_files(f, (unsigned)flags);
	if (err)
		return err;
	fd[0] = fd_alloc((unsigned)flags & O_CLOEXEC);
	fd[1] = fd[0] < 0 ? fd[0] : fd_alloc((unsigned)flags & O_CLOEXEC);
	if (fd[1] < 0) {
		err = fd[1];
		goto fail;
	}
	if (copy_to_user(fds, fd, sizeof(fd))) {
		err = -EFAULT;
		goto fail;
	}
	fd_install((unsigned)fd[0], f[0]);
	fd_install((unsigned)fd[1], f[1]);
	return 0;
fail:
	if (fd[0] >= 0)
		fd_unreserve((unsigned)fd[0]);
	if (fd[0] >= 0 && fd[1] >= 0)
		fd_unreserve((unsigned)fd[1]);
	file_put(f[0]);
	file_put(f[1]);
	return err;
}
