/* SPDX-License-Identifier: MIT */
/*
 * sendfile(2) and copy_file_range(2): bytes from file to file inside the kernel.
 *
 * A file with a page cache is the source of its own pages: they are handed to the target's
 * write as they are, one copy
 * in all. Other sources (devices) are read into a page of ours.
 */
#include "vfs_internal.h"

/* Up to one page of the source's cache at *pos to @out at *opos. 0: end of the source. */
static ssize_t copy_cached(struct file *in, loff_t *pos, struct file *out, loff_t *opos,
			   size_t want)
{
	struct page_cache *c = in->cache;
	loff_t size = READ_ONCE(c->inode->size);
	size_t off = (size_t)*pos & (PAGE_SIZE - 1), n = MIN(PAGE_SIZE - off, want);
	struct bvec v;
	struct iov_iter it;
	ssize_t done;
	int err;

	if (*pos >= size)
		return 0;
	n = MIN(n, (size_t)(size - *pos));
	err = page_cache_get(c, (uint64_t)*pos >> PAGE_SHIFT, &v.page);
	if (err)
		return err;
	v.offset = (uint32_t)off;
	v.len = (uint32_t)n;
	iter_bvec(&it, true, &v, 1, n);
	done = vfs_write(out, &it, opos);
	page_put(v.page);
	if (done > 0)
		*pos += done;
	return done;
}

/*
 * Through a buffer; what was read and not written is read again the next time, where the
 * source has positions.
 */
static ssize_t copy_buffered(struct file *in, loff_t *pos, struct file *out, loff_t *opos,
			     size_t want, char *buf)
{
	loff_t was = *pos;
	ssize_t got = kernel_read(in, buf, MIN(want, PAGE_SIZE), pos), done;

	if (got <= 0)
		return got;
	done = kernel_write(out, buf, (size_t)got, opos);
	if (done != got && !(in->mode & FMODE_STREAM))
		*pos = was + (done > 0 ? done : 0);
	return done;
}

static ssize_t copy_bytes(struct file *in, loff_t *pos, struct file *out, loff_t *opos,
			  size_t count)
{
	bool cached = in->cache && S_ISREG(in->inode->mode);
	char *buf = cached ? NULL : page_alloc_virt(0, GFP_KERNEL);
	ssize_t total = 0, n = 0;

	if (!cached && !buf)
		return -ENOMEM;
	while ((size_t)total < count) {
		size_t want = count - (size_t)total;

		n = cached ? copy_cached(in, pos, out, opos, want)
			   : copy_buffered(in, pos, out, opos, want, buf);
		if (n <= 0)
			break;
		total += n;
		if (signal_pending(current)) {
			n = -EINTR;
			break;
		}
		cond_resched();
	}
	if (buf)
		page_free_virt(buf, 0);
	if (cached && total)
		touch_atime(&in->path);
	return total ? total : n;
}

static ssize_t do_sendfile(struct file *out, struct file *in, loff_t *pos, size_t count)
{
	loff_t opos, max;
	ssize_t n;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (*pos < 0 || (ssize_t)count < 0)
		return -EINVAL;
	count = MIN(count, (size_t)MAX_RW_COUNT);
	/* Only what keeps its bytes can be the source. */
	if ((!S_ISREG(in->inode->mode) && !S_ISBLK(in->inode->mode)) || !in->ops->read ||
	    !out->ops->write)
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	max = MIN(in->inode->sb->max_bytes, out->inode->sb->max_bytes);
	if (*pos + (loff_t)count > max || *pos + (loff_t)count < 0) {
		if (*pos >= max)
			return -EOVERFLOW;
		count = (size_t)(max - *pos);
	}
	opos = out->pos;
	n = copy_bytes(in, pos, out, &opos, count);
	if (!(out->mode & FMODE_STREAM))
		out->pos = opos;
	return n;
}

long sys_sendfile(int out_fd, int in_fd, loff_t __user *offset, size_t count)
{
	struct fd in, out;
	loff_t pos;
	long n = -EBADF;

	if (offset && copy_from_user(&pos, offset, sizeof(pos)))
		return -EFAULT;
	in = fd_get((unsigned)in_fd);
	if (!in.file)
		return -EBADF;
	out = fd_get((unsigned)out_fd);
	if (!out.file)
		goto put_in;
	if (!offset)
		pos = in.file->pos;
	else if (!(in.file->mode & FMODE_PREAD)) {
		n = -ESPIPE;
		goto put_out;
	}
	n = do_sendfile(out.file, in.file, &pos, count);
	if (!offset) {
		if (n > 0)
			in.file->pos = pos;
	} else if (n >= 0 && copy_to_user(offset, &pos, sizeof(pos))) {
		n = -EFAULT;
	}
put_out:
	fd_put(out);
put_in:
	fd_put(in);
	return n;
}

static ssize_t check_range(struct file *in, loff_t pos, struct file *out, loff_t opos, size_t *len)
{
	struct inode *ii = in->inode, *oi = out->inode;
	uint64_t limit;
	loff_t size;

	if (S_ISDIR(ii->mode) || S_ISDIR(oi->mode))
		return -EISDIR;
	if (!S_ISREG(ii->mode) || !S_ISREG(oi->mode))
		return -EINVAL;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE) || (out->flags & O_APPEND))
		return -EBADF;
	if (ii->sb != oi->sb)
		return -EXDEV;
	if (oi->iflags & STATX_ATTR_IMMUTABLE)
		return -EPERM;
	/* As unsigned numbers, as Linux adds them: a small negative position wraps around, a large one is invalid. */
	if ((uint64_t)pos + *len < (uint64_t)pos || (uint64_t)opos + *len < (uint64_t)opos)
		return -EOVERFLOW;
	size = READ_ONCE(ii->size);
	*len = pos >= size ? 0 : MIN(*len, (size_t)(size - pos));
	limit = MIN(rlimit(RLIMIT_FSIZE), (uint64_t)oi->sb->max_bytes);
	if ((uint64_t)opos >= limit) {
		if (limit < (uint64_t)oi->sb->max_bytes)
			send_signal_task(SIGXFSZ, NULL, current);
		return -EFBIG;
	}
	*len = MIN(*len, (size_t)(limit - (uint64_t)opos));
	if (pos < 0 || opos < 0)
		return -EINVAL;
	if (ii == oi && opos + (loff_t)*len > pos && opos < pos + (loff_t)*len)
		return -EINVAL;
	return 0;
}

static ssize_t copy_range(struct file *in, loff_t *pos, struct file *out, loff_t *opos, size_t len)
{
	ssize_t err;

	len = MIN(len, (size_t)INT64_MAX);
	err = check_range(in, *pos, out, *opos, &len);
	if (err || !len)
		return err;
	return copy_bytes(in, pos, out, opos, MIN(len, (size_t)MAX_RW_COUNT));
}

long sys_copy_file_range(int fd_in, loff_t __user *off_in, int fd_out, loff_t __user *off_out,
			 size_t len, unsigned int flags)
{
	struct fd in, out;
	loff_t pos, opos;
	long n = -EBADF;

	in = fd_get((unsigned)fd_in);
	if (!in.file)
		return -EBADF;
	out = fd_get((unsigned)fd_out);
	if (!out.file)
		goto put_in;
	n = -EFAULT;
	pos = in.file->pos;
	opos = out.file->pos;
	if ((off_in && copy_from_user(&pos, off_in, sizeof(pos))) ||
	    (off_out && copy_from_user(&opos, off_out, sizeof(opos))))
		goto put_out;
	n = -EINVAL;
	if (flags)
		goto put_out;
	n = copy_range(in.file, &pos, out.file, &opos, len);
	if (n <= 0)
		goto put_out;
	if (!off_in)
		in.file->pos = pos;
	else if (copy_to_user(off_in, &pos, sizeof(pos)))
		n = -EFAULT;
	if (!off_out)
		out.file->pos = opos;
	else if (copy_to_user(off_out, &opos, sizeof(opos)))
		n = -EFAULT;
put_out:
	fd_put(out);
put_in:
	fd_put(in);
	return n;
}
