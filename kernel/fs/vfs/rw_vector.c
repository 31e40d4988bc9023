/* SPDX-License-Identifier: MIT */
/*
 * readv(2), writev(2), preadv2(2), pwritev2(2): one call of the file for all segments, so that
 * a record is
 * not torn by other writers. RWF_ flags act for the one call.
 */
#include "vfs_internal.h"

#define RWF_ALL (RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)

/*
 * What the flags ask of @f. The file's own flags stay as they are, except under RWF_APPEND
 * (see rw_call).
 */
static int rwf_check(const struct file *f, int flags)
{
	if (likely(!flags))
		return 0;
	if (flags & ~RWF_ALL)
		return -EOPNOTSUPP;
	if ((flags & RWF_NOWAIT) && !(f->mode & FMODE_NOWAIT))
		return -EOPNOTSUPP;
	return 0;
}

static ssize_t rw_call(struct file *f, struct iov_iter *it, bool write, loff_t *pos, int flags)
{
	ssize_t n;

	if (!write)
		return vfs_read(f, it, pos);
	if (unlikely((flags & RWF_APPEND) && !(f->flags & O_APPEND))) {
		/*
		 * The end is looked up under the inode's lock only for O_APPEND: say so for
		 * this call, to this file alone.
		 */
		struct file *tmp = f;

		spin_lock(&f->lock);
		f->flags |= O_APPEND;
		spin_unlock(&f->lock);
		n = vfs_write(tmp, it, pos);
		spin_lock(&f->lock);
		f->flags &= ~(unsigned)O_APPEND;
		spin_unlock(&f->lock);
	} else {
		n = vfs_write(f, it, pos);
	}
	if (n > 0 && (flags & (RWF_SYNC | RWF_DSYNC)) && f->ops->fsync) {
		int err = f->ops->fsync(f, !(flags & RWF_SYNC));

		if (err)
			return err;
	}
	return n;
}

static ssize_t rw_vector(struct file *f, const struct iovec __user *uv, unsigned long nr,
			 bool write, loff_t *pos, int flags)
{
	struct iovec fast[IOV_FAST], *heap = NULL;
	struct iov_iter it;
	ssize_t n;

	if (!(f->mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	n = iter_import(&it, write, uv, nr, fast, &heap);
	if (n)
		return n;
	n = rwf_check(f, flags);
	if (!n && it.count)
		n = rw_call(f, &it, write, pos, flags);
	else if (!n && !(write ? f->ops->write : f->ops->read))
		n = -EINVAL;
	kfree(heap);
	return n;
}

static long do_rwv(unsigned long fd, const struct iovec __user *uv, unsigned long nr, bool write,
		   int flags)
{
	struct fd f = fd_get_pos((unsigned)fd);
	long n;

	if (!f.file)
		return -EBADF;
	n = rw_vector(f.file, uv, nr, write, &f.file->pos, flags);
	fd_put(f);
	return n;
}

static long do_prwv(unsigned long fd, const struct iovec __user *uv, unsigned long nr, loff_t pos,
		    bool write, int flags)
{
	struct fd f;
	long n;

	if (pos < 0)
		return -EINVAL;
	f = fd_get((unsigned)fd);
	if (!f.file)
		return -EBADF;
	n = -ESPIPE;
	if (f.file->mode & (write ? FMODE_PWRITE : FMODE_PREAD))
		n = rw_vector(f.file, uv, nr, write, &pos, flags);
	fd_put(f);
	return n;
}

long sys_readv(unsigned long fd, const struct iovec __user *iov, unsigned long nr)
{
	return do_rwv(fd, iov, nr, false, 0);
}

long sys_writev(unsigned long fd, const struct iovec __user *iov, unsigned long nr)
{
	return do_rwv(fd, iov, nr, true, 0);
}

/* On 64 bits the low word is the whole position. */
long sys_preadv(unsigned long fd, const struct iovec __user *iov, unsigned long nr,
		unsigned long lo, unsigned long hi)
{
	return do_prwv(fd, iov, nr, (loff_t)lo, false, 0);
}

long sys_pwritev(unsigned long fd, const struct iovec __user *iov, unsigned long nr,
		 unsigned long lo, unsigned long hi)
{
	return do_prwv(fd, iov, nr, (loff_t)lo, true, 0);
}

long sys_preadv2(unsigned long fd, const struct iovec __user *iov, unsigned long nr,
		 unsigned long lo, unsigned long hi, int flags)
{
	return (loff_t)lo == -1 ? do_rwv(fd, iov, nr, false, flags)
				: do_prwv(fd, iov, nr, (loff_t)lo, false, flags);
}

long sys_pwritev2(unsigned long fd, const struct iovec __user *iov, unsigned long nr,
		  unsigned long lo, unsigned long hi, int flags)
{
	return (loff_t)lo == -1 ? do_rwv(fd, iov, nr, true, flags)
				: do_prwv(fd, iov, nr, (loff_t)lo, true, flags);
}
