/* SPDX-License-Identifier: MIT */
/*
 * The calls that move data: sendto(2), recvfrom(2), sendmsg(2), recvmsg(2) and their forms for many messages.
 *
 * A message is described once, by struct sockmsg; the protocol sees no user pointer but those of the iterator and of
 * the receiver's control buffer.
 * Locks: none.
 */
#include <net/socket.h>
#include <kernel/mm.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include "socket_internal.h"

#define CONTROL_FAST 64		/* a descriptor or credentials with room to spare: no allocation */

static inline unsigned nonblock_flag(const struct fd *f)
{
	return f->file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

long sys_sendto(int fd, void __user *buf, size_t len, unsigned int flags, void __user *addr, int addrlen)
{
	struct sockaddr_storage a;
	struct sockmsg m;
	struct socket *s;
	struct fd f;
	int err;
	long n;

	len = MIN(len, MAX_RW_COUNT);
	if (!access_ok(buf, len))
		return -EFAULT;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	m = (struct sockmsg){ .flags = flags | nonblock_flag(&f) };
	iter_ubuf(&m.iter, true, buf, len);
	n = 0;
	if (addr) {
		n = socket_addr_in(&a, addr, addrlen);
		m.name = &a;
		m.namelen = (unsigned)addrlen;
	}
	if (!n)
		n = s->ops->sendmsg(s, &m);
	fd_put(f);
	return n;
}

long sys_recvfrom(int fd, void __user *buf, size_t len, unsigned int flags, void __user *addr, int __user *addrlen)
{
	struct sockaddr_storage a;
	struct sockmsg m;
	struct socket *s;
	struct fd f;
	int err;
	long n;

	len = MIN(len, MAX_RW_COUNT);
	if (!access_ok(buf, len))
		return -EFAULT;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	m = (struct sockmsg){ .flags = flags | nonblock_flag(&f), .name = addr ? &a : NULL };
	iter_ubuf(&m.iter, false, buf, len);
	n = s->ops->recvmsg(s, &m);
	if (n >= 0 && addr) {
		err = socket_addr_out(&a, m.namelen, addr, addrlen);
		if (err)
			n = err;
	}
	fd_put(f);
	return n;
}

/* What sendmsg and recvmsg share of the user's header, checked; *heap is to be freed. */
static int header_in(struct user_msghdr *h, const struct user_msghdr __user *u, struct sockmsg *m, bool source, struct iovec *fast,
		     struct iovec **heap)
{
	*heap = NULL;
	if (copy_from_user(h, u, sizeof(*h)))
		return -EFAULT;
	if (!h->name)
		h->namelen = 0;
	if (h->namelen < 0)
		return -EINVAL;
	if (h->namelen > (int)sizeof(struct sockaddr_storage))
		h->namelen = sizeof(struct sockaddr_storage);
	if (h->iovlen > IOV_MAX)
		return -EMSGSIZE;
	return iter_import(&m->iter, source, h->iov, h->iovlen, fast, heap);
}

static int control_in(const struct user_msghdr *h, struct sockmsg *m, void *fast, void **heap)
{
	void *p = fast;

	*heap = NULL;
	if (!h->controllen)
		return 0;
	if (h->controllen > INT32_MAX)
		return -ENOBUFS;
	if (h->controllen > CONTROL_FAST) {
		if (h->controllen > (size_t)sysctl_optmem_max)
			return -ENOBUFS;
		p = *heap = kmalloc(h->controllen, GFP_KERNEL);
		if (!p)
			return -ENOBUFS;
	}
	if (copy_from_user(p, h->control, h->controllen)) {
		kfree(*heap);
		*heap = NULL;
		return -EFAULT;
	}
	m->control = p;
	m->controllen = h->controllen;
	return 0;
}

static long send_one(struct socket *s, const struct user_msghdr __user *u, unsigned flags)
{
	struct iovec fast[IOV_FAST], *heap;
	uint64_t control[CONTROL_FAST / 8];
	void *control_heap = NULL;
	struct sockaddr_storage a;
	struct user_msghdr h;
	struct sockmsg m;
	long n;

	m = (struct sockmsg){ .flags = flags };
	n = header_in(&h, u, &m, true, fast, &heap);
	if (n)
		return n;
	if (h.name && h.namelen) {
		n = socket_addr_in(&a, h.name, h.namelen);
		m.name = &a;
		m.namelen = (unsigned)h.namelen;
	}
	if (!n)
		n = control_in(&h, &m, control, &control_heap);
	if (!n)
		n = s->ops->sendmsg(s, &m);
	kfree(control_heap);
	kfree(heap);
	return n;
}

/* *out_flags: what the message said, for recvmmsg. */
static long recv_one(struct socket *s, struct user_msghdr __user *u, unsigned flags, unsigned *out_flags)
{
	struct iovec fast[IOV_FAST], *heap;
	struct sockaddr_storage a;
	struct user_msghdr h;
	struct sockmsg m;
	long n;
	int err;

	m = (struct sockmsg){ .flags = flags };
	n = header_in(&h, u, &m, false, fast, &heap);
	if (n)
		return n;
	m.name = h.name ? &a : NULL;
	m.ucontrol = h.control;
	m.ucontrollen = h.controllen;
	m.out_flags = flags & MSG_CMSG_CLOEXEC;
	n = s->ops->recvmsg(s, &m);
	kfree(heap);
	if (n < 0)
		return n;
	*out_flags = m.out_flags;
	if (h.name) {
		err = socket_addr_out(&a, m.namelen, h.name, &u->namelen);
		if (err)
			return err;
	}
	if (put_user(m.out_flags, &u->flags))
		return -EFAULT;
	/* As much of the control buffer as was filled. */
	if (put_user(h.controllen - m.ucontrollen, &u->controllen))
		return -EFAULT;
	return n;
}

long sys_sendmsg(int fd, struct user_msghdr __user *msg, unsigned int flags)
{
	struct socket *s;
	struct fd f;
	int err;
	long n;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	n = send_one(s, msg, flags | nonblock_flag(&f));
	fd_put(f);
	return n;
}

long sys_recvmsg(int fd, struct user_msghdr __user *msg, unsigned int flags)
{
	struct socket *s;
	unsigned out_flags;
	struct fd f;
	int err;
	long n;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	n = recv_one(s, msg, flags | nonblock_flag(&f), &out_flags);
	fd_put(f);
	return n;
}

long sys_sendmmsg(int fd, struct mmsghdr __user *vec, unsigned int vlen, unsigned int flags)
{
	struct socket *s;
	unsigned done = 0;
	struct fd f;
	int err;
	long n = 0;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	vlen = MIN(vlen, (unsigned)IOV_MAX);
	for (; done < vlen; done++) {
		unsigned batch = done < vlen - 1 ? MSG_BATCH : 0;

		n = send_one(s, &vec[done].hdr, flags | batch | nonblock_flag(&f));
		if (n < 0)
			break;
		if (put_user((uint32_t)n, &vec[done].len)) {
			n = -EFAULT;
			break;
		}
		cond_resched();
	}
	fd_put(f);
	return done ? (long)done : n;
}

/* Messages until @vlen, an error or the deadline; that is looked at only after each message, as Linux does. */
static long recv_many(struct socket *s, struct mmsghdr __user *vec, unsigned vlen, unsigned flags, nsec_t deadline)
{
	unsigned done = 0, out_flags = 0;
	long n = 0;

	if (!(flags & MSG_ERRQUEUE)) {
		n = socket_error(s);
		if (n)
			return n;
	}
	while (done < vlen) {
		n = recv_one(s, &vec[done].hdr, flags & ~MSG_WAITFORONE, &out_flags);
		if (n < 0)
			break;
		if (put_user((uint32_t)n, &vec[done].len)) {
			n = -EFAULT;
			break;
		}
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if ((deadline != NSEC_NEVER && clock_monotonic() >= deadline) || (out_flags & MSG_OOB))
			break;
		cond_resched();
	}
	if (n >= 0 || !done)
		return n >= 0 ? (long)done : n;
	/* An error behind good messages is for the next call. */
	if (n != -EAGAIN)
		socket_set_error(s, (int)n);
	return (long)done;
}

long sys_recvmmsg(int fd, struct mmsghdr __user *vec, unsigned int vlen, unsigned int flags, struct timespec __user *timeout)
{
	nsec_t span, deadline = NSEC_NEVER;
	struct socket *s;
	struct fd f;
	int err;
	long n;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	if (timeout) {
		err = timespec_from_user(&span, timeout);
		if (err)
			return err;
		deadline = deadline_after(clock_monotonic(), span);
	}
	s = socket_fd_get(fd, &f, &err);
	if (!s)
		return err;
	n = recv_many(s, vec, MIN(vlen, (unsigned)IOV_MAX), flags | nonblock_flag(&f), deadline);
	fd_put(f);
	if (timeout && n > 0 && timespec_to_user(MAX(deadline - clock_monotonic(), (nsec_t)0), timeout))
		return -EFAULT;
	return n;
}
