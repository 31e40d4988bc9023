/* SPDX-License-Identifier: MIT */
/*
 * The calls that make, name and connect sockets: socket(2) to shutdown(2), and setsockopt(2), getsockopt(2).
 *
 * Each copies in, asks the protocol, copies out. The order of the checks is Linux's, because programs see it: a number
 * that cannot be had (EMFILE) or an address that cannot be written (EFAULT) is found before anything is taken
 * from a queue where Linux finds it there.
 * Locks: none.
 */
#include <net/socket.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "socket_internal.h"

_Static_assert(SOCK_CLOEXEC == O_CLOEXEC && SOCK_NONBLOCK == O_NONBLOCK, "ABI");

int socket_addr_in(struct sockaddr_storage *a, const void __user *uaddr, int len)
{
	if (len < 0 || len > (int)sizeof(*a))
		return -EINVAL;
	memset((char *)a + len, 0, sizeof(*a) - (size_t)len);
	return len && copy_from_user(a, uaddr, (size_t)len) ? -EFAULT : 0;
}

int socket_addr_out(const struct sockaddr_storage *a, unsigned len, void __user *uaddr, int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room > (int)len)
		room = (int)len;
	if (room < 0)
		return -EINVAL;
	if (room && copy_to_user(uaddr, a, (size_t)room))
		return -EFAULT;
	return put_user((int)len, ulen);
}

static int install(struct socket *s, unsigned flags)
{
	int err = 0;
	struct file *f = socket_file_create(s, flags, &err);

	if (!f) {
		socket_release(s);
		return err;
	}
	return fd_install_new(f, flags & O_CLOEXEC);
}

long sys_socket(int family, int type, int protocol)
{
	unsigned flags = (unsigned)type & ~(unsigned)SOCK_TYPE_MASK;
	struct socket *s;
	int err;

	if (flags & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = socket_create(family, type & SOCK_TYPE_MASK, protocol, &s);
	return err ? err : install(s, flags);
}

static int make_pair(int family, int type, int protocol, struct socket **s)
{
	int err = socket_create(family, type, protocol, &s[0]);

	if (err)
		return err;
	err = socket_create(family, type, protocol, &s[1]);
	if (!err) {
		err = s[0]->ops->pair ? s[0]->ops->pair(s[0], s[1]) : -EOPNOTSUPP;
		if (!err)
			return 0;
		socket_release(s[1]);
	}
	socket_release(s[0]);
	return err;
}

static int pair_files(struct socket **s, unsigned flags, struct file **f)
{
	int err = 0;

	f[0] = socket_file_create(s[0], flags, &err);
	if (!f[0]) {
		socket_release(s[1]);
		socket_release(s[0]);
		return err;
	}
	f[1] = socket_file_create(s[1], flags, &err);
	if (!f[1]) {
		socket_release(s[1]);
		file_put(f[0]);
	}
	return f[1] ? 0 : err;
}

long sys_socketpair(int family, int type, int protocol, int __user *fds)
{
	unsigned flags = (unsigned)type & ~(unsigned)SOCK_TYPE_MASK;
	struct socket *s[2];
	struct file *f[2];
	int fd[2], err;

	if (flags & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	fd[0] = fd_alloc(flags & O_CLOEXEC);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fd_alloc(flags & O_CLOEXEC);
	if (fd[1] < 0) {
		err = fd[1];
		goto out_first;
	}
	err = -EFAULT;
	if (copy_to_user(fds, fd, sizeof(fd)))
		goto out_second;
	err = make_pair(family, type & SOCK_TYPE_MASK, protocol, s);
	if (err)
		goto out_second;
	err = pair_files(s, flags, f);
	if (err)
		goto out_second;
	fd_install((unsigned)fd[0], f[0]);
	fd_install((unsigned)fd[1], f[1]);
	return 0;
out_second:
	fd_unreserve((unsigned)fd[1]);
out_first:
	fd_unreserve((unsigned)fd[0]);
	return err;
}

long sys_bind(int fd, const void __user *addr, int len)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	err = socket_addr_in(&a, addr, len);
	if (!err)
		err = s->ops->bind ? s->ops->bind(s, &a, (unsigned)len) : -EOPNOTSUPP;
	fd_put(f);
	return err;
}

long sys_connect(int fd, const void __user *addr, int len)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	err = socket_addr_in(&a, addr, len);
	if (!err)
		err = s->ops->connect ? s->ops->connect(s, &a, (unsigned)len, f.file->flags & O_NONBLOCK) : -EOPNOTSUPP;
	fd_put(f);
	return err;
}

long sys_listen(int fd, int backlog)
{
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	if ((unsigned)backlog > (unsigned)sysctl_somaxconn)
		backlog = sysctl_somaxconn;
	err = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	fd_put(f);
	return err;
}

/* The number and the file are there before a connection is taken from the queue: no lack of them loses one. */
static int accept_into(struct socket *s, bool nonblock, struct file *nf, void __user *addr, int __user *addrlen)
{
	struct sockaddr_storage a;
	struct socket *new;
	int err;

	err = s->ops->accept ? s->ops->accept(s, nonblock, &new) : -EOPNOTSUPP;
	if (err)
		return err;
	new->ino = nf->inode->ino;
	nf->private = new;
	WRITE_ONCE(new->file, nf);
	if (!addr)
		return 0;
	memset(&a, 0, sizeof(a));
	err = new->ops->getname(new, &a, true);
	if (err < 0)
		return -ECONNABORTED;
	return socket_addr_out(&a, (unsigned)err, addr, addrlen);
}

long sys_accept4(int fd, void __user *addr, int __user *addrlen, int flags)
{
	struct socket *s;
	struct file *nf;
	struct fd f;
	int n, err;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	n = fd_alloc((unsigned)flags & O_CLOEXEC);
	if (n < 0)
		goto out;
	nf = socket_file_create(NULL, (unsigned)flags, &err);
	if (nf)
		err = accept_into(s, f.file->flags & O_NONBLOCK, nf, addr, addrlen);
	if (nf && !err) {
		fd_install((unsigned)n, nf);
	} else {
		fd_unreserve((unsigned)n);
		if (nf)
			file_put(nf);
		n = err;
	}
out:
	fd_put(f);
	return n;
}

long sys_accept(int fd, void __user *addr, int __user *addrlen)
{
	return sys_accept4(fd, addr, addrlen, 0);
}

static long name_of(int fd, void __user *addr, int __user *addrlen, bool peer)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	memset(&a, 0, sizeof(a));
	err = s->ops->getname(s, &a, peer);
	if (err >= 0)
		err = socket_addr_out(&a, (unsigned)err, addr, addrlen);
	fd_put(f);
	return err;
}

long sys_getsockname(int fd, void __user *addr, int __user *addrlen)
{
	return name_of(fd, addr, addrlen, false);
}

long sys_getpeername(int fd, void __user *addr, int __user *addrlen)
{
	return name_of(fd, addr, addrlen, true);
}

long sys_shutdown(int fd, int how)
{
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	if (how < SHUT_RD || how > SHUT_RDWR)
		err = -EINVAL;
	else
		err = s->ops->shutdown ? s->ops->shutdown(s, (unsigned)how + 1) : -EOPNOTSUPP;
	fd_put(f);
	return err;
}

/* Level and name in one number: 0xLLLLNNNN. */
static __noinline void note_option(const char *call, int level, int name)
{
	gap_note(call, (unsigned)level << 16 | ((unsigned)name & 0xffffu));
}

long sys_setsockopt(int fd, int level, int name, const void __user *val, int len)
{
	struct socket *s;
	struct fd f;
	int err;

	if (len < 0)
		return -EINVAL;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	if (level == SOL_SOCKET)
		err = socket_sol_set(s, name, val, (unsigned)len);
	else
		err = s->ops->setsockopt ? s->ops->setsockopt(s, level, name, val, (unsigned)len) : -EOPNOTSUPP;
	if (unlikely(err == -ENOPROTOOPT))
		note_option("setsockopt", level, name);
	fd_put(f);
	return err;
}

long sys_getsockopt(int fd, int level, int name, void __user *val, int __user *len)
{
	struct socket *s;
	struct fd f;
	int err;

	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	if (level == SOL_SOCKET)
		err = socket_sol_get(s, name, val, len);
	else
		err = s->ops->getsockopt ? s->ops->getsockopt(s, level, name, val, len) : -EOPNOTSUPP;
	if (unlikely(err == -ENOPROTOOPT))
		note_option("getsockopt", level, name);
	fd_put(f);
	return err;
}
