/* SPDX-License-Identifier: MIT */
/*
 * What every socket has: families, creation, life, wake-ups, pending errors, credentials of the peer.
 *
 * A family is registered once, at boot, and never goes: the table is read without a lock.
 * Locks: socket->peer_lock over peer_pid, peer_cred and filter. Everything else of struct socket is single words.
 * References: socket(2), socket(7), unix(7); POSIX.1-2017, System Interfaces 2.10.
 */
#include <net/socket.h>
#include <net/filter.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/procfs.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include "socket_internal.h"

/* Linux's default: 256 messages of 256 bytes with its own overhead. Programs read it back and compare. */
#define BUF_DEFAULT 212992

int sysctl_somaxconn = SOMAXCONN, sysctl_rmem_max = BUF_DEFAULT, sysctl_wmem_max = BUF_DEFAULT;
int sysctl_rmem_default = BUF_DEFAULT, sysctl_wmem_default = BUF_DEFAULT, sysctl_optmem_max = 20480;

static const struct socket_family *families[AF_MAX];
static long (*dev_ioctl)(unsigned cmd, void __user *arg);

int socket_register_family(const struct socket_family *f)
{
	if (f->family <= 0 || f->family >= AF_MAX)
		return -EINVAL;
	if (families[f->family])
		return -EEXIST;
	smp_store_release(&families[f->family], f);
	if (f->dev_ioctl)
		smp_store_release(&dev_ioctl, f->dev_ioctl);
	return 0;
}

long socket_dev_ioctl(unsigned cmd, void __user *arg)
{
	return dev_ioctl ? dev_ioctl(cmd, arg) : -ENOIOCTLCMD;
}

int socket_create(int family, int type, int protocol, struct socket **out)
{
	const struct socket_family *f;

	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	if (family == AF_INET && type == SOCK_PACKET)	/* the way of Linux 2.0 */
		family = AF_PACKET;
	f = smp_load_acquire(&families[family]);
	if (f)
		return f->create(type, protocol, out);
	gap_note("socket family", (unsigned)family);
	return -EAFNOSUPPORT;
}

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol)
{
	s->ops = ops;
	atomic_set(&s->refs, 1);
	s->family = (uint16_t)family;
	s->type = (uint16_t)type;
	s->protocol = (uint16_t)protocol;
	s->rcvbuf = sysctl_rmem_default;
	s->sndbuf = sysctl_wmem_default;
	s->rcvlowat = 1;
	s->rcvtimeo = s->sndtimeo = NSEC_NEVER;
	s->incoming_cpu = -1;
	s->peek_off = -1;
	s->max_pacing_rate = UINT64_MAX;
	waitq_init(&s->rd_wait);
	waitq_init(&s->wr_wait);
	waitq_init(&s->poll_wait);
	spin_lock_init(&s->peer_lock, LR_SOCKET_PEER);
}

void socket_fini(struct socket *s)
{
	socket_filter_drop(s);
	if (s->peer_pid)
		pid_put(s->peer_pid);
	if (s->peer_cred)
		cred_put((struct cred *)(uintptr_t)s->peer_cred);
}

void socket_inherit(struct socket *s, struct socket *from)
{
	s->rcvbuf = READ_ONCE(from->rcvbuf);
	s->sndbuf = READ_ONCE(from->sndbuf);
	s->rcvlowat = READ_ONCE(from->rcvlowat);
	s->rcvtimeo = READ_ONCE(from->rcvtimeo);
	s->sndtimeo = READ_ONCE(from->sndtimeo);
	s->linger = READ_ONCE(from->linger);
	s->priority = READ_ONCE(from->priority);
	s->mark = READ_ONCE(from->mark);
	s->bound_if = READ_ONCE(from->bound_if);
	s->max_pacing_rate = READ_ONCE(from->max_pacing_rate);
	s->flags = READ_ONCE(from->flags) & ~BIT(SOCKF_ACCEPTCONN);
	socket_filter_inherit(s, from);
}

void socket_set_flag(struct socket *s, enum sock_flag f, bool on)
{
	if (on)
		set_bit(f, &s->flags);
	else
		clear_bit(f, &s->flags);
}

void socket_wake_state(struct socket *s, uint32_t events)
{
	waitq_wake_all_poll(&s->rd_wait, events | POLLIN);
	waitq_wake_all_poll(&s->wr_wait, events | POLLOUT);
	waitq_wake_all_poll(&s->poll_wait, events);
}

nsec_t socket_deadline(nsec_t span)
{
	return span == NSEC_NEVER ? NSEC_NEVER : deadline_after(clock_monotonic(), span);
}

int socket_epipe(const struct sockmsg *m)
{
	if (!(m->flags & MSG_NOSIGNAL))
		signal_self(SIGPIPE);
	return -EPIPE;
}

static void peercred_replace(struct socket *s, struct pid *pid, const struct cred *cred)
{
	struct pid *old_pid;
	const struct cred *old;

	spin_lock(&s->peer_lock);
	old_pid = s->peer_pid;
	old = s->peer_cred;
	s->peer_pid = pid;
	s->peer_cred = cred;
	spin_unlock(&s->peer_lock);
	if (old_pid)
		pid_put(old_pid);
	if (old)
		cred_put((struct cred *)(uintptr_t)old);
}

void socket_set_peercred(struct socket *s)
{
	peercred_replace(s, pid_get(current->proc->tgid), cred_get((struct cred *)(uintptr_t)current_cred()));
}

void socket_copy_peercred(struct socket *s, struct socket *from)
{
	struct pid *pid = NULL;
	const struct cred *cred = NULL;

	spin_lock(&from->peer_lock);
	if (from->peer_pid)
		pid = pid_get(from->peer_pid);
	if (from->peer_cred)
		cred = cred_get((struct cred *)(uintptr_t)from->peer_cred);
	spin_unlock(&from->peer_lock);
	peercred_replace(s, pid, cred);
}

static int __init socket_core_init(void)
{
	/* 4608 and 2304 are the least that SO_SNDBUF and SO_RCVBUF give: see options.c. */
	static const struct sysctl_int numbers[] = {
		{ "net/core/somaxconn", 0644, &sysctl_somaxconn, 0, INT32_MAX, NULL },
		{ "net/core/rmem_max", 0644, &sysctl_rmem_max, 2304, INT32_MAX, NULL },
		{ "net/core/wmem_max", 0644, &sysctl_wmem_max, 4608, INT32_MAX, NULL },
		{ "net/core/rmem_default", 0644, &sysctl_rmem_default, 2304, INT32_MAX, NULL },
		{ "net/core/wmem_default", 0644, &sysctl_wmem_default, 4608, INT32_MAX, NULL },
		{ "net/core/optmem_max", 0644, &sysctl_optmem_max, 0, INT32_MAX, NULL },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
		int err = sysctl_add_int(&numbers[i]);

		if (err)
			return err;
	}
	return 0;
}
INITCALL(INITCALL_FS, socket_core_init);
