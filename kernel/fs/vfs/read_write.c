/* SPDX-License-Identifier: MIT */
/*
 * read(2), write(2) and their relatives on one buffer; lseek(2); the kernel's own reads and writes.
 *
 * The position of a regular file or directory that several descriptors or threads share is kept by
 * file->pos_lock over the whole call (FMODE_ATOMIC_POS), so two writers do not land on one place.
 */
#include "vfs_internal.h"

/* Is the request sensible, and how much of it may be done? */
static inline ssize_t rw_check(const struct file *f, loff_t pos, size_t n)
{
	if (unlikely((ssize_t)n < 0))
		return -EINVAL;
	if (unlikely(pos < 0 && !(f->mode & FMODE_STREAM)))
		return -EINVAL;
	if (unlikely(pos + (loff_t)n < pos && pos >= 0 && !(f->mode & FMODE_STREAM)))
		return -EINVAL;
	return (ssize_t)(n > MAX_RW_COUNT ? MAX_RW_COUNT : n);
}

static inline void account_read(struct file *f, ssize_t n)
{
	struct proc *p = current->proc;

	if (n > 0) {
		p->io_rchar += (uint64_t)n;
		if (inode_watched(f->inode))
			fsnotify_path(&f->path, 0x1 /* IN_ACCESS */);
	}
	p->io_syscr++;
}

static inline void account_write(struct file *f, ssize_t n)
{
	struct proc *p = current->proc;

	if (n > 0) {
		p->io_wchar += (uint64_t)n;
		if (inode_watched(f->inode))
			fsnotify_path(&f->path, 0x2 /* IN_MODIFY */);
	}
	p->io_syscw++;
}

ssize_t vfs_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	ssize_t n;

	if (unlikely(!(f->mode & FMODE_READ)))
		return -EBADF;
	if (unlikely(!f->ops->read))
		return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	n = rw_check(f, *pos, to->count);
	if (unlikely(n < 0))
		return n;
	to->count = (size_t)n;
	n = f->ops->read(f, to, pos);
	account_read(f, n);
	return n;
}

ssize_t vfs_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	ssize_t n;

	if (unlikely(!(f->mode & FMODE_WRITE)))
		return -EBADF;
	if (unlikely(!f->ops->write))
		return -EINVAL;
	n = rw_check(f, *pos, from->count);
	if (unlikely(n < 0))
		return n;
	from->count = (size_t)n;
	n = f->ops->write(f, from, pos);
	account_write(f, n);
	return n;
}

long sys_read(unsigned int fd, char __user *buf, size_t count)
{
	struct fd f = fd_get_pos(fd);
	struct iov_iter to;
	ssize_t n;

	if (unlikely(!f.file))
		return -EBADF;
	if (unlikely(!access_ok(buf, count))) {
		n = f.file->mode & FMODE_READ ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&to, false, buf, count);
		n = vfs_read(f.file, &to, &f.file->pos);
	}
	fd_put(f);
	return n;
}

long sys_write(unsigned int fd, const char __user *buf, size_t count)
{
	struct fd f = fd_get_pos(fd);
	struct iov_iter from;
	ssize_t n;

	if (unlikely(!f.file))
		return -EBADF;
	if (unlikely(!access_ok(buf, count))) {
		n = f.file->mode & FMODE_WRITE ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&from, true, (void __user *)(uintptr_t)buf, count);
		n = vfs_write(f.file, &from, &f.file->pos);
	}
	fd_put(f);
	return n;
}

long sys_pread64(unsigned int fd, char __user *buf, size_t count, loff_t pos)
{
	struct iov_iter to;
	struct fd f;
	ssize_t n;

	if (pos < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (unlikely(!f.file))
		return -EBADF;
	if (unlikely(!(f.file->mode & FMODE_PREAD))) {
		n = -ESPIPE;
	} else if (unlikely(!access_ok(buf, count))) {
		n = f.file->mode & FMODE_READ ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&to, false, buf, count);
		n = vfs_read(f.file, &to, &pos);
	}
	fd_put(f);
	return n;
}

long sys_pwrite64(unsigned int fd, const char __user *buf, size_t count, loff_t pos)
{
	struct iov_iter from;
	struct fd f;
	ssize_t n;

	if (pos < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (unlikely(!f.file))
		return -EBADF;
	if (unlikely(!(f.file->mode & FMODE_PWRITE))) {
		n = -ESPIPE;
	} else if (unlikely(!access_ok(buf, count))) {
		n = f.file->mode & FMODE_WRITE ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&from, true, (void __user *)(uintptr_t)buf, count);
		n = vfs_write(f.file, &from, &pos);
	}
	fd_put(f);
	return n;
}

ssize_t kernel_read(struct file *f, void *buf, size_t n, loff_t *pos)
{
	struct kvec v = { buf, n };
	struct iov_iter to;

	iter_kvec(&to, false, &v, 1, n);
	return vfs_read(f, &to, pos);
}

ssize_t kernel_write(struct file *f, const void *buf, size_t n, loff_t *pos)
{
	struct kvec v = { (void *)(uintptr_t)buf, n };
	struct iov_iter from;

	iter_kvec(&from, true, &v, 1, n);
	return vfs_write(f, &from, pos);
}

/* lseek(2) */
static loff_t set_pos(struct file *f, loff_t pos, loff_t max)
{
	if (pos < 0 || pos > max)
		return -EINVAL;
	if (pos != f->pos) {
		f->pos = pos;
		f->version = 0;
	}
	return pos;
}

static loff_t llseek_to(struct file *f, loff_t off, int whence, loff_t size, loff_t max)
{
	loff_t base;

	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		if (!off)
			return f->pos;
		base = f->pos;
		break;
	case SEEK_END:
		base = size;
		break;
	case SEEK_DATA:
		if ((uint64_t)off >= (uint64_t)size)
			return -ENXIO;
		base = 0;
		break;
	case SEEK_HOLE:
		if ((uint64_t)off >= (uint64_t)size)
			return -ENXIO;
		off = size;
		base = 0;
		break;
	default:
		return -EINVAL;
	}
	if (off > 0 && base > INT64_MAX - off)
		return -EINVAL;
	return set_pos(f, base + off, max);
}

loff_t generic_llseek(struct file *f, loff_t off, int whence)
{
	return llseek_to(f, off, whence, READ_ONCE(f->inode->size), f->inode->sb->max_bytes);
}

loff_t fixed_size_llseek(struct file *f, loff_t off, int whence, loff_t size)
{
	if (whence > SEEK_END)
		return -EINVAL;
	return llseek_to(f, off, whence, size, size);
}

loff_t endless_llseek(struct file *f, loff_t off, int whence)
{
	loff_t pos = whence == SEEK_SET ? off : whence == SEEK_CUR ? f->pos + off : -1;

	if (pos < 0)
		return -EINVAL;
	f->pos = pos;
	return pos;
}

loff_t noop_llseek(struct file *f, loff_t off, int whence)
{
	return f->pos;
}

loff_t no_llseek(struct file *f, loff_t off, int whence)
{
	return -ESPIPE;
}

long sys_lseek(unsigned int fd, loff_t off, unsigned int whence)
{
	struct fd f = fd_get_pos(fd);
	long ret = -EINVAL;

	if (unlikely(!f.file))
		return -EBADF;
	if (whence <= SEEK_HOLE) {
		if (!(f.file->mode & FMODE_LSEEK))
			ret = -ESPIPE;
		else if (f.file->ops->llseek)
			ret = f.file->ops->llseek(f.file, off, (int)whence);
		else
			ret = generic_llseek(f.file, off, (int)whence);
	}
	fd_put(f);
	return ret;
}
