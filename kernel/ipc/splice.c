/* SPDX-License-Identifier: MIT */
/*
 * splice(2), tee(2), vmsplice(2): data moves through a pipe by reference where it can.
 *
 * File to pipe: the page cache's pages themselves, referenced; other files are read into fresh pages. Pipe to file: the
 * file's write takes the pages as its source. Pipe to pipe: slots move (splice) or are shared (tee). User pages
 * (vmsplice) are copied: a gift is never needed for correctness.
 * Locks: pipe locks, two by address (pipe_lock2). A file's own locks are taken under LR_PIPE only by reads and writes of files
 * whose ranks allow it; data from a file is read with the pipe's lock dropped.
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "pipe_internal.h"

#define SPLICE_F_MOVE 1u
#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_MORE 4u
#define SPLICE_F_GIFT 8u
#define SPLICE_F_ALL 15u
#define BATCH 16u

void pipe_lock2(struct pipe *a, struct pipe *b)
{
	if (a > b)
		SWAP(a, b);
	mutex_lock(&a->lock);
	mutex_lock_nested(&b->lock);
}

static void pipe_unlock2(struct pipe *a, struct pipe *b)
{
	mutex_unlock(&a->lock);
	mutex_unlock(&b->lock);
}

static ssize_t file_to_pipe(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags, bool nonblock);

static void told_readers(struct pipe *p) { waitq_wake_poll(&p->rd_wait, POLLIN | POLLRDNORM); }
static void told_writers(struct pipe *p) { waitq_wake_poll(&p->wr_wait, POLLOUT | POLLWRNORM); }

/* Waits for room; lock held, and held again on return. 0, or -EAGAIN, -EPIPE (with the signal), -ERESTARTSYS. */
static int wait_room(struct pipe *p, bool nonblock)
{
	for (;;) {
		int err;

		if (!p->readers) {
			signal_self(SIGPIPE);
			return -EPIPE;
		}
		if (!pipe_full(p))
			return 0;
		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->lock);
		err = wait_event_exclusive(&p->wr_wait, !pipe_full(p) || !READ_ONCE(p->readers));
		mutex_lock(&p->lock);
		if (err)
			return err;
	}
}

/* Waits for data. 1: there is; 0: no writer is left; else an error. */
static int wait_data(struct pipe *p, bool nonblock)
{
	for (;;) {
		int err;

		if (!pipe_empty(p))
			return 1;
		if (!p->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->lock);
		err = wait_event_exclusive(&p->rd_wait, !pipe_empty(p) || !READ_ONCE(p->writers));
		mutex_lock(&p->lock);
		if (err)
			return err;
	}
}

/* Pages of the file's cache, referenced. */
static unsigned gather_cached(struct file *f, loff_t pos, size_t len, struct pipe_buf *out, unsigned max, int *err)
{
	loff_t size = READ_ONCE(f->inode->size);
	unsigned n = 0;

	*err = 0;
	while (n < max && len && pos < size) {
		uint32_t off = (uint32_t)(pos & (loff_t)(PAGE_SIZE - 1));
		size_t part = MIN(MIN(PAGE_SIZE - off, len), (size_t)(size - pos));
		struct page *page;

		*err = page_cache_get(f->cache, (uint64_t)pos >> PAGE_SHIFT, &page);
		if (*err)
			break;
		out[n++] = (struct pipe_buf){ page, off, (uint32_t)part, 0 };
		pos += (loff_t)part;
		len -= part;
	}
	return n;
}

/* Fresh pages filled by the file's read. */
static unsigned gather_read(struct file *f, loff_t *pos, size_t len, struct pipe_buf *out, unsigned max, int *err)
{
	struct bvec bv[BATCH];
	struct iov_iter it;
	ssize_t got;
	unsigned n, used = 0;

	*err = 0;
	max = MIN(max, (unsigned)DIV_ROUND_UP(len, PAGE_SIZE));
	for (n = 0; n < max; n++) {
		struct page *page = page_alloc(0, GFP_USER);

		if (!page)
			break;
		bv[n] = (struct bvec){ page, 0, (uint32_t)PAGE_SIZE };
	}
	if (!n) {
		*err = -ENOMEM;
		return 0;
	}
	iter_bvec(&it, false, bv, n, MIN(len, n * PAGE_SIZE));
	got = vfs_read(f, &it, pos);
	if (got < 0)
		*err = (int)got;
	for (unsigned i = 0; i < n; i++) {
		size_t part = got > 0 ? MIN((size_t)got, PAGE_SIZE) : 0;

		if (!part) {
			page_put(bv[i].page);
			continue;
		}
		out[used++] = (struct pipe_buf){ bv[i].page, 0, (uint32_t)part, PIPE_BUF_CAN_MERGE };
		got -= (ssize_t)part;
	}
	return used;
}

/* Marks files that are no regular ones and may be spliced from by reading. */
ssize_t generic_splice_read(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags)
{
	return file_to_pipe(f, pos, p, len, flags, flags & SPLICE_F_NONBLOCK);
}

static ssize_t read_to_pipe(struct file *f, loff_t *pos, struct pipe *p, size_t len, bool nonblock)
{
	struct pipe_buf bufs[BATCH];
	unsigned n, room, taken = 0;
	ssize_t done = 0;
	loff_t at = *pos;
	bool cached = f->cache && S_ISREG(f->inode->mode);
	int err;

	mutex_lock(&p->lock);
	err = wait_room(p, nonblock);
	room = MIN(p->slots - MIN(pipe_used(p), p->slots), BATCH);
	mutex_unlock(&p->lock);
	if (err)
		return err;
	n = cached ? gather_cached(f, at, len, bufs, room, &err) : gather_read(f, &at, len, bufs, room, &err);
	if (!n)
		return err;
	mutex_lock(&p->lock);
	/* Others may have filled it meanwhile; data that was read has to go in all the same. */
	while (taken < n && !(err = wait_room(p, cached && nonblock))) {
		*pipe_slot(p, p->head) = bufs[taken];
		done += bufs[taken++].len;
		p->head++;
	}
	mutex_unlock(&p->lock);
	for (unsigned i = taken; i < n; i++)
		page_put(bufs[i].page);
	if (done)
		told_readers(p);
	*pos = cached ? *pos + done : at;
	return done ? done : err;
}

static ssize_t file_to_pipe(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags, bool nonblock)
{
	if (f->ops->splice_read && f->ops->splice_read != generic_splice_read)
		return f->ops->splice_read(f, pos, p, len, flags);
	if (!f->ops->splice_read && !S_ISREG(f->inode->mode))
		return -EINVAL;
	return read_to_pipe(f, pos, p, len, nonblock);
}

ssize_t splice_read_copied(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags)
{
	return read_to_pipe(f, pos, p, len, flags & SPLICE_F_NONBLOCK);
}

ssize_t pipe_fill_from_file(struct pipe *p, struct file *f, loff_t *pos, size_t len)
{
	return file_to_pipe(f, pos, p, len, 0, true);
}

/* One write of what is at the front, taken out of the ring first so that no lock is held over the file's own. */
static ssize_t pipe_to_file(struct pipe *p, struct file *f, loff_t *pos, size_t len, unsigned flags, bool nonblock)
{
	struct pipe_buf bufs[BATCH];
	struct bvec bv[BATCH];
	struct iov_iter it;
	unsigned n = 0;
	size_t total = 0;
	ssize_t done;
	int err;

	if (f->ops->splice_write)
		return f->ops->splice_write(p, f, pos, len, flags);
	mutex_lock(&p->lock);
	err = wait_data(p, nonblock);
	if (err <= 0) {
		mutex_unlock(&p->lock);
		return err;
	}
	for (uint32_t i = p->tail; n < BATCH && i != p->head && total < len; i++, n++) {
		bufs[n] = *pipe_slot(p, i);
		bufs[n].len = (uint32_t)MIN((size_t)bufs[n].len, len - total);
		page_get(bufs[n].page);
		bv[n] = (struct bvec){ bufs[n].page, bufs[n].offset, bufs[n].len };
		total += bufs[n].len;
	}
	iter_bvec(&it, true, bv, n, total);
	/* The pipe's lock stays: other readers must not take the same bytes. Pipes rank below the locks of files that have cached pages. */
	done = vfs_write(f, &it, pos);
	/* A file that took a part only is asked for the rest: that is where RLIMIT_FSIZE sends its signal. */
	while (done > 0 && (size_t)done < total) {
		ssize_t more;

		it.count = total - (size_t)done;
		more = vfs_write(f, &it, pos);
		if (more <= 0)
			break;
		done += more;
	}
	for (ssize_t left = done; left > 0;) {
		struct pipe_buf *b = pipe_slot(p, p->tail);
		uint32_t part = (uint32_t)MIN((ssize_t)b->len, left);

		b->offset += part;
		b->len -= part;
		left -= (ssize_t)part;
		if (!b->len) {
			page_put(b->page);
			p->tail++;
		}
	}
	mutex_unlock(&p->lock);
	for (unsigned i = 0; i < n; i++)
		page_put(bufs[i].page);
	if (done > 0)
		told_writers(p);
	return done;
}

/* Both pipes locked, @in has data and @out has room. @keep: tee. Returns bytes. */
static ssize_t move_slots(struct pipe *in, struct pipe *out, size_t len, bool keep)
{
	uint32_t i = in->tail;
	ssize_t done = 0;

	while (len && i != in->head && !pipe_full(out)) {
		struct pipe_buf *b = pipe_slot(in, i);
		struct pipe_buf *o = pipe_slot(out, out->head);

		*o = *b;
		if (keep || b->len > len) {
			/* Two slots share the page from here on: neither may append to it. */
			page_get(b->page);
			b->flags &= ~PIPE_BUF_CAN_MERGE;
			o->flags &= ~PIPE_BUF_CAN_MERGE;
			o->len = (uint32_t)MIN((size_t)b->len, len);
			if (!keep) {
				b->offset += o->len;
				b->len -= o->len;
			}
		} else {
			in->tail++;
		}
		out->head++;
		done += o->len;
		len -= o->len;
		i++;
	}
	return done;
}

static ssize_t pipe_to_pipe(struct pipe *in, struct pipe *out, size_t len, bool keep, bool nonblock)
{
	ssize_t done;
	int err;

	for (;;) {
		mutex_lock(&in->lock);
		err = wait_data(in, nonblock);
		mutex_unlock(&in->lock);
		if (err <= 0)
			return err;
		mutex_lock(&out->lock);
		err = wait_room(out, nonblock);
		mutex_unlock(&out->lock);
		if (err)
			return err;
		pipe_lock2(in, out);
		done = move_slots(in, out, len, keep);
		pipe_unlock2(in, out);
		if (done)
			break;
	}
	told_readers(out);
	if (!keep)
		told_writers(in);
	return done;
}

/* The position to use: the caller's, or the file's. */
static int offset_get(struct file *f, loff_t __user *uoff, loff_t *pos)
{
	if (!uoff) {
		*pos = f->pos;
		return 0;
	}
	if (copy_from_user(pos, uoff, sizeof(*pos)))
		return -EFAULT;
	return *pos < 0 ? -EINVAL : 0;
}

static int offset_put(struct file *f, loff_t __user *uoff, loff_t pos)
{
	if (!uoff) {
		f->pos = pos;
		return 0;
	}
	return copy_to_user(uoff, &pos, sizeof(pos)) ? -EFAULT : 0;
}

static ssize_t splice_files(struct file *in, loff_t __user *uin, struct file *out, loff_t __user *uout, size_t len, unsigned flags)
{
	struct pipe *pin = file_pipe(in), *pout = file_pipe(out);
	bool nonblock = flags & SPLICE_F_NONBLOCK;
	ssize_t done;
	loff_t pos;
	int err;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (pin && pout) {
		if (uin || uout)
			return -ESPIPE;
		if (pin == pout)
			return -EINVAL;
		return pipe_to_pipe(pin, pout, len, false, nonblock || ((in->flags | out->flags) & O_NONBLOCK));
	}
	if (pin) {
		if (uin)
			return -ESPIPE;
		if (uout && !(out->mode & FMODE_PWRITE))
			return -EINVAL;
		if (out->flags & O_APPEND)
			return -EINVAL;
		err = offset_get(out, uout, &pos);
		if (err)
			return err;
		done = pipe_to_file(pin, out, &pos, len, flags, nonblock || (in->flags & O_NONBLOCK));
		return done > 0 && offset_put(out, uout, pos) ? -EFAULT : done;
	}
	if (pout) {
		if (uout)
			return -ESPIPE;
		if (uin && !(in->mode & FMODE_PREAD))
			return -EINVAL;
		err = offset_get(in, uin, &pos);
		if (err)
			return err;
		done = file_to_pipe(in, &pos, pout, len, flags, nonblock || (out->flags & O_NONBLOCK));
		return done > 0 && offset_put(in, uin, pos) ? -EFAULT : done;
	}
	return -EINVAL;
}

long sys_splice(int fd_in, loff_t __user *off_in, int fd_out, loff_t __user *off_out, size_t len, unsigned int flags)
{
	struct fd in, out;
	long ret = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fd_get((unsigned)fd_in);
	if (!in.file)
		return -EBADF;
	out = fd_get((unsigned)fd_out);
	if (out.file) {
		ret = splice_files(in.file, off_in, out.file, off_out, MIN(len, MAX_RW_COUNT), flags);
		fd_put(out);
	}
	fd_put(in);
	return ret;
}

long sys_tee(int fd_in, int fd_out, size_t len, unsigned int flags)
{
	struct fd in, out;
	long ret = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fd_get((unsigned)fd_in);
	if (!in.file)
		return -EBADF;
	out = fd_get((unsigned)fd_out);
	if (out.file) {
		struct pipe *pin = file_pipe(in.file), *pout = file_pipe(out.file);

		if (!(in.file->mode & FMODE_READ) || !(out.file->mode & FMODE_WRITE))
			ret = -EBADF;
		else if (!pin || !pout || pin == pout)
			ret = -EINVAL;
		else
			ret = pipe_to_pipe(pin, pout, len, true, (flags & SPLICE_F_NONBLOCK) || ((in.file->flags | out.file->flags) & O_NONBLOCK));
		fd_put(out);
	}
	fd_put(in);
	return ret;
}

/* Cuts @it to what needs no wait now; false: nothing does. Readers of what ends can go on, too. */
static bool trim_to_ready(struct pipe *p, struct iov_iter *it, bool write)
{
	if (!write)
		return !pipe_empty(p) || !READ_ONCE(p->writers);
	if (!READ_ONCE(p->readers))
		return true;
	it->count = MIN(it->count, (p->slots - MIN(pipe_used(p), p->slots)) * PAGE_SIZE);
	return it->count;
}

/* Piece by piece: those before a bad address are in the pipe, and are what is answered. */
static ssize_t write_each(struct file *f, const struct iovec __user *iov, unsigned long nr)
{
	struct iovec fast[IOV_FAST], *heap = NULL;
	ssize_t total = 0, n = 0;

	for (unsigned long i = 0; i < nr && n >= 0; i++) {
		struct iov_iter it;
		loff_t pos = 0;
		size_t want;

		n = iter_import(&it, true, iov + i, 1, fast, &heap);
		if (n || !it.count)
			continue;
		want = it.count;
		n = vfs_write(f, &it, &pos);
		if (n > 0)
			total += n;
		if (n >= 0 && (size_t)n < want)
			break;
	}
	return total ? total : n;
}

long sys_vmsplice(int fd, const struct iovec __user *iov, unsigned long nr, unsigned int flags)
{
	struct iovec fast[IOV_FAST], *heap = NULL;
	struct iov_iter it;
	struct fd f;
	bool source;
	loff_t pos = 0;
	long ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fd_get((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = -EBADF;
	if (!file_pipe(f.file) || !(f.file->mode & (FMODE_READ | FMODE_WRITE)))
		goto out;
	source = f.file->mode & FMODE_WRITE;
	ret = iter_import(&it, source, iov, nr, fast, &heap);
	if (ret)
		goto out;
	ret = 0;
	if (!it.count)
		goto out_free;
	if ((flags & SPLICE_F_NONBLOCK) && !trim_to_ready(file_pipe(f.file), &it, source))
		ret = -EAGAIN;
	else if (!source)
		ret = vfs_read(f.file, &it, &pos);
	else if (nr == 1 || (flags & SPLICE_F_NONBLOCK))
		ret = vfs_write(f.file, &it, &pos);
	else
		ret = write_each(f.file, iov, nr);
out_free:
	kfree(heap);
out:
	fd_put(f);
	return ret;
}
