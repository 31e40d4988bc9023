/* SPDX-License-Identifier: MIT */
/* ioctl(2): what any descriptor understands, then the file's own; ENOTTY for the rest. */
#include <kernel/syscall.h>
#include <uapi/ioctl.h>
#include <uapi/ioctls.h>
#include "vfs_internal.h"

static long set_flag(struct file *f, unsigned flag, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (flag == O_ASYNC) {
		if (!(f->flags & O_ASYNC) == !on)
			return 0;
		return file_can_async(f) ? file_set_async(f, on) : -ENOTTY;
	}
	spin_lock(&f->lock);
	WRITE_ONCE(f->flags, on ? f->flags | flag : f->flags & ~flag);
	spin_unlock(&f->lock);
	return 0;
}

static long file_size_left(struct file *f, int __user *arg)
{
	loff_t left = READ_ONCE(f->inode->size) - f->pos;

	return put_user((int)left, arg);
}

/* FICLONE: no file system shares blocks, but a descriptor that is none is told from that. */
static long clone_from(struct file *f, int source)
{
	struct fd from = fd_get((unsigned)source);

	if (!from.file)
		return -EBADF;
	fd_put(from);
	return S_ISREG(f->inode->mode) ? -EOPNOTSUPP : -EINVAL;
}

/* What nobody knows goes to /proc/gaps, but the question of isatty(3) and its like have their answer. */
static long unknown_ioctl(unsigned cmd)
{
	if (cmd != TCGETS && cmd != TIOCGPGRP && cmd != TIOCGWINSZ)
		gap_note("ioctl", cmd);
	return -ENOTTY;
}

static long do_ioctl(unsigned fd, struct file *f, unsigned cmd, unsigned long arg)
{
	struct inode *inode = f->inode;
	long ret;

	switch (cmd) {
	case FIOCLEX:
		fd_set_cloexec(fd, true);
		return 0;
	case FIONCLEX:
		fd_set_cloexec(fd, false);
		return 0;
	case FIONBIO:
		return set_flag(f, O_NONBLOCK, (int __user *)arg);
	case FIOASYNC:
		f->async_fd = (int)fd;
		return set_flag(f, O_ASYNC, (int __user *)arg);
	case FIOQSIZE:
		if (S_ISDIR(inode->mode) || S_ISREG(inode->mode) || S_ISLNK(inode->mode)) {
			loff_t n = READ_ONCE(inode->size);

			return copy_to_user((void __user *)arg, &n, sizeof(n)) ? -EFAULT : 0;
		}
		return -ENOTTY;
	case FIGETBSZ:
		return put_user((int)inode->sb->block_size, (int __user *)arg);
	case FIONREAD:
		if (S_ISREG(inode->mode))
			return file_size_left(f, (int __user *)arg);
		break;
	case FIBMAP:
		if (!S_ISREG(inode->mode))
			break;
		/* There are no blocks of a disk to tell of. */
		return capable(CAP_SYS_RAWIO) ? -EINVAL : -EPERM;
	case FICLONE:
		return clone_from(f, (int)arg);
	case FICLONERANGE:
	case FIDEDUPERANGE:
		return S_ISREG(inode->mode) ? -EOPNOTSUPP : -ENOTTY;
	case FS_IOC_FIEMAP:
		return -EOPNOTSUPP;
	case FIFREEZE:
	case FITHAW:
		return capable(CAP_SYS_ADMIN) ? -EOPNOTSUPP : -EPERM;
	}
	if (!f->ops->ioctl)
		return unknown_ioctl(cmd);
	ret = f->ops->ioctl(f, cmd, arg);
	return ret == -ENOIOCTLCMD ? unknown_ioctl(cmd) : ret;
}

long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct fd f = fd_get(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = do_ioctl(fd, f.file, cmd, arg);
	fd_put(f);
	return ret;
}
