/* SPDX-License-Identifier: MIT */
/* sync(2), fsync(2), fdatasync(2), syncfs(2), sync_file_range(2), fadvise64(2), readahead(2). */
#include "vfs_internal.h"

long sys_sync(void)
{
	supers_sync(true);
	return 0;
}

long sys_syncfs(int fd)
{
	struct fd f = fd_get((unsigned)fd);
	struct super *sb;
	long err = 0;

	if (!f.file)
		return -EBADF;
	sb = f.file->path.dentry->sb;
	if (sb->ops && sb->ops->sync)
		err = sb->ops->sync(sb, true);
	fd_put(f);
	return err;
}

static long do_fsync(unsigned fd, bool data)
{
	struct fd f = fd_get(fd);
	long err = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (f.file->ops->fsync)
		err = f.file->ops->fsync(f.file, data);
	fd_put(f);
	return err;
}

long sys_fsync(unsigned int fd)
{
	return do_fsync(fd, false);
}

long sys_fdatasync(unsigned int fd)
{
	return do_fsync(fd, true);
}

static bool is_storage(const struct file *f)
{
	umode_t m = f->inode->mode;

	return S_ISREG(m) || S_ISBLK(m) || S_ISDIR(m) || S_ISLNK(m);
}

long sys_sync_file_range(int fd, loff_t offset, loff_t nbytes, unsigned int flags)
{
	struct fd f = fd_get((unsigned)fd);
	long err = -EINVAL;

	if (!f.file)
		return -EBADF;
	if ((flags & ~7u) || offset < 0 || nbytes < 0 || offset + nbytes < offset)
		goto out;
	err = -ESPIPE;
	if (!is_storage(f.file))
		goto out;
	err = 0;	/* contents without a device are where they belong; others write all */
	if (f.file->cache && f.file->cache->ops && f.file->cache->ops->write_page &&
	    f.file->ops->fsync)
		err = f.file->ops->fsync(f.file, true);
out:
	fd_put(f);
	return err;
}

/* Advice is taken where it can be followed: nothing here reads ahead of a device yet. */
long sys_fadvise64(int fd, loff_t offset, loff_t len, int advice)
{
	struct fd f = fd_get((unsigned)fd);
	long err = 0;

	if (!f.file)
		return -EBADF;
	if (S_ISFIFO(f.file->inode->mode))
		err = -ESPIPE;
	else if (len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		err = -EINVAL;
	fd_put(f);
	return err;
}

long sys_readahead(int fd, loff_t offset, size_t count)
{
	struct fd f = fd_get((unsigned)fd);
	long err = 0;

	if (!f.file)
		return -EBADF;
	if (!(f.file->mode & FMODE_READ))
		err = -EBADF;
	else if (!f.file->cache || !S_ISREG(f.file->inode->mode))
		err = -EINVAL;
	fd_put(f);
	return err;
}
