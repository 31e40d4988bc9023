/* SPDX-License-Identifier: MIT */
/*
 * Sockets as files: read, write, poll, ioctl, splice and the end of the last descriptor.
 *
 * Each socket has an inode of its own in sockfs ("socket:[INO]"). file->private is the socket, with a reference;
 * it is NULL only for a file that accept(2) made before there was a connection to put into it.
 * Locks: none of its own.
 */
#include <net/socket.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/pipe.h>
#include <kernel/poll.h>
#include <kernel/rcu.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/ioctl.h>
#include "socket_internal.h"

static inline unsigned nonblock_flag(const struct file *f)
{
	return f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static ssize_t socket_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct socket *s = f->private;
	struct sockmsg m;
	ssize_t n;

	if (!to->count)
		return 0;
	m.iter = *to;
	m.name = NULL;
	m.namelen = 0;
	m.flags = nonblock_flag(f);
	m.out_flags = 0;
	m.control = NULL;
	m.controllen = 0;
	m.ucontrol = NULL;
	m.ucontrollen = 0;
	n = s->ops->recvmsg(s, &m);
	*to = m.iter;
	return n;
}

static ssize_t socket_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct socket *s = f->private;
	struct sockmsg m;
	ssize_t n;

	m.iter = *from;
	m.name = NULL;
	m.namelen = 0;
	m.flags = nonblock_flag(f) | (s->type == SOCK_SEQPACKET ? MSG_EOR : 0);
	m.out_flags = 0;
	m.control = NULL;
	m.controllen = 0;
	m.ucontrol = NULL;
	m.ucontrollen = 0;
	n = s->ops->sendmsg(s, &m);
	*from = m.iter;
	return n;
}

static uint32_t socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->private;

	poll_wait(f, &s->poll_wait, pt);
	return s->ops->poll(s, pt);
}

static long socket_owner(struct file *f, unsigned cmd, int __user *arg)
{
	pid_t id = 0;

	if (cmd == FIOSETOWN || cmd == SIOCSPGRP) {
		if (get_user(id, arg))
			return -EFAULT;
		if (id == INT32_MIN)
			return -EINVAL;
		return file_set_owner(f, id < 0 ? F_OWNER_PGRP : F_OWNER_PID, id < 0 ? -id : id);
	}
	spin_lock(&f->lock);
	if (f->owner)
		id = f->owner_type == F_OWNER_PGRP ? -f->owner->nr : f->owner->nr;
	spin_unlock(&f->lock);
	return put_user(id, arg);
}

static long socket_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct socket *s = f->private;
	long ret = -ENOIOCTLCMD;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
	case FIOGETOWN:
	case SIOCGPGRP:
		return socket_owner(f, cmd, (int __user *)arg);
	}
	if (s->ops->ioctl)
		ret = s->ops->ioctl(s, f, cmd, arg);
	return ret == -ENOIOCTLCMD ? socket_dev_ioctl(cmd, (void __user *)arg) : ret;
}

ssize_t socket_splice_read(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags)
{
	struct socket *s = f->private;

	if (s->ops->splice_read)
		return s->ops->splice_read(s, p, len, flags);
	/* SPLICE_F_NONBLOCK (2) is about both ends here. */
	if ((flags & 2) && !(s->ops->poll(s, NULL) & (POLLIN | POLLHUP | POLLERR)))
		return -EAGAIN;
	return splice_read_copied(f, pos, p, len, flags);
}

static int socket_mmap(struct file *f, struct vm_area *a)
{
	struct socket *s = f->private;

	return s && s->ops->mmap ? s->ops->mmap(s, a) : -ENODEV;
}

static void socket_file_release(struct inode *inode, struct file *f)
{
	struct socket *s = f->private;

	if (!s)
		return;
	WRITE_ONCE(s->file, NULL);
	s->ops->release(s);
	socket_put(s);
}

static int socket_fdinfo(struct file *f, char *buf, size_t size)
{
	struct socket *s = f->private;

	return s->ops->show_fdinfo ? s->ops->show_fdinfo(s, buf, size) : 0;
}

const struct file_ops socket_fops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.splice_read = socket_splice_read,
	.mmap = socket_mmap,
	.show_fdinfo = socket_fdinfo,
	.release = socket_file_release,
	.llseek = no_llseek,
};

/* @s NULL: it is put in later. */
struct file *socket_file_create(struct socket *s, unsigned flags, int *err)
{
	struct inode *inode = anon_inode_create("sockfs", S_IFSOCK | 0777);
	struct file *f;

	if (!inode) {
		*err = -ENOMEM;
		return NULL;
	}
	inode->fops = &bad_fops;	/* opened through /proc/PID/fd: ENXIO */
	f = anon_inode_file(inode, &socket_fops, s, O_RDWR | (flags & O_NONBLOCK), err);
	if (f) {
		stream_open(inode, f);
		if (s) {
			s->ino = inode->ino;
			WRITE_ONCE(s->file, f);
		}
	}
	inode_put(inode);
	return f;
}

struct socket *socket_from_file(struct file *f, int *err)
{
	if (likely(f->ops == &socket_fops && f->private))
		return f->private;
	*err = -ENOTSOCK;
	return NULL;
}

struct socket *socket_fd_get(int n, struct fd *f, int *err)
{
	struct socket *s;

	*f = fd_get((unsigned)n);
	if (unlikely(!f->file)) {
		*err = -EBADF;
		return NULL;
	}
	s = socket_from_file(f->file, err);
	if (unlikely(!s))
		fd_put(*f);
	return s;
}
