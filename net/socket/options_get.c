/* SPDX-License-Identifier: MIT */
/* SOL_SOCKET options: getsockopt(2). See options.c. */
#include <net/socket.h>
#include <net/filter.h>
#include <net/netdev.h>
#include <net/sock_diag.h>
#include <kernel/cred.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "socket_internal.h"

union value {
	int n;
	uint64_t u64;
	struct linger linger;
	struct timeval tv;
	struct ucred cred;
	uint32_t mem[9];
};

int socket_opt_out(void __user *val, int __user *len, const void *src, size_t n)
{
	int room;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	n = MIN(n, (size_t)room);
	if (copy_to_user(val, src, n))
		return -EFAULT;
	return put_user((int)n, len);
}

/* Flags as numbers; -1: not a flag. */
static int flag_value(const struct socket *s, int name)
{
	static const struct { uint8_t name, flag; } flags[] = {
		{ SO_DEBUG, SOCKF_DEBUG }, { SO_REUSEADDR, SOCKF_REUSEADDR }, { SO_REUSEPORT, SOCKF_REUSEPORT },
		{ SO_DONTROUTE, SOCKF_DONTROUTE }, { SO_BROADCAST, SOCKF_BROADCAST }, { SO_KEEPALIVE, SOCKF_KEEPALIVE },
		{ SO_OOBINLINE, SOCKF_OOBINLINE }, { SO_NO_CHECK, SOCKF_NO_CHECK }, { SO_PASSCRED, SOCKF_PASSCRED },
		{ SO_PASSSEC, SOCKF_PASSSEC }, { SO_RXQ_OVFL, SOCKF_RXQ_OVFL }, { SO_WIFI_STATUS, SOCKF_WIFI_STATUS },
		{ SO_NOFCS, SOCKF_NOFCS }, { SO_SELECT_ERR_QUEUE, SOCKF_SELECT_ERR_QUEUE }, { SO_RCVMARK, SOCKF_RCVMARK },
		{ SO_PREFER_BUSY_POLL, SOCKF_PREFER_BUSY_POLL }, { SO_LOCK_FILTER, SOCKF_LOCK_FILTER },
		{ SO_ACCEPTCONN, SOCKF_ACCEPTCONN }, { SO_ZEROCOPY, SOCKF_ZEROCOPY },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].name == name)
			return socket_flag(s, flags[i].flag);
	return -1;
}

static bool number(struct socket *s, int name, int *v)
{
	bool ns = socket_flag(s, SOCKF_TIMESTAMPNS), new = socket_flag(s, SOCKF_TIMESTAMP_NEW), on = socket_flag(s, SOCKF_TIMESTAMP);

	switch (name) {
	case SO_TYPE:
		*v = s->type;
		break;
	case SO_DOMAIN:
		*v = s->family;
		break;
	case SO_PROTOCOL:
		*v = s->protocol;
		break;
	case SO_ERROR:
		*v = -socket_error(s);
		break;
	case SO_SNDBUF:
		*v = READ_ONCE(s->sndbuf);
		break;
	case SO_RCVBUF:
		*v = READ_ONCE(s->rcvbuf);
		break;
	case SO_PRIORITY:
		*v = (int)s->priority;
		break;
	case SO_MARK:
		*v = (int)s->mark;
		break;
	case SO_RCVLOWAT:
		*v = s->rcvlowat;
		break;
	case SO_SNDLOWAT:
		*v = 1;
		break;
	case SO_BSDCOMPAT:
	case SO_INCOMING_NAPI_ID:
	case SO_RESERVE_MEM:
		*v = 0;
		break;
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		*v = (int)s->tsflags;
		break;
	case SO_TIMESTAMP:
		*v = on && !ns && !new;
		break;
	case SO_TIMESTAMPNS:
		*v = on && ns && !new;
		break;
	case SO_TIMESTAMP_NEW:
		*v = on && new;		/* of either unit: as Linux answers */
		break;
	case SO_TIMESTAMPNS_NEW:
		*v = on && ns && new;
		break;
	case SO_INCOMING_CPU:
		*v = s->incoming_cpu;
		break;
	case SO_BUSY_POLL:
		*v = s->busy_poll;
		break;
	case SO_BPF_EXTENSIONS:
		*v = 64;	/* ancillary loads of classic filters that are known */
		break;
	case SO_BINDTOIFINDEX:
		*v = s->bound_if;
		break;
	case SO_BUF_LOCK:
		*v = socket_flag(s, SOCKF_SNDBUF_LOCK) | socket_flag(s, SOCKF_RCVBUF_LOCK) << 1;
		break;
	case SO_TXREHASH:
		*v = s->txrehash;
		break;
	default:
		*v = flag_value(s, name);
		return *v >= 0;
	}
	return true;
}

static void peer_cred(struct socket *s, struct ucred *u)
{
	*u = (struct ucred){ 0, (uid_t)-1, (gid_t)-1 };
	spin_lock(&s->peer_lock);
	if (s->peer_pid)
		u->pid = s->peer_pid->nr;
	if (s->peer_cred) {
		u->uid = s->peer_cred->euid;
		u->gid = s->peer_cred->egid;
	}
	spin_unlock(&s->peer_lock);
}

static int peer_groups(struct socket *s, void __user *val, int __user *len, int room)
{
	const struct cred *c = NULL;
	size_t size;
	int err = 0;

	spin_lock(&s->peer_lock);
	if (s->peer_cred)
		c = cred_get((struct cred *)(uintptr_t)s->peer_cred);
	spin_unlock(&s->peer_lock);
	if (!c)
		return -ENODATA;
	size = c->groups->count * sizeof(gid_t);
	if ((size_t)room < size)
		err = -ERANGE;
	else if (copy_to_user(val, c->groups->gid, size))
		err = -EFAULT;
	cred_put((struct cred *)(uintptr_t)c);
	if (err == -EFAULT || put_user((int)size, len))
		return -EFAULT;
	return err;
}

static int peer_name(struct socket *s, void __user *val, int __user *len, int room)
{
	struct sockaddr_storage a;
	int n;

	memset(&a, 0, sizeof(a));
	n = s->ops->getname(s, &a, true);
	if (n < 0)
		return -ENOTCONN;
	if (n < room)
		return -EINVAL;
	if (copy_to_user(val, &a, (size_t)room))
		return -EFAULT;
	return put_user(room, len);
}

uint64_t socket_cookie(struct socket *s)
{
	static atomic64_t next;

	if (!READ_ONCE(s->cookie))
		cmpxchg(&s->cookie, (uint64_t)0, (uint64_t)atomic64_add_return(&next, 1));
	return READ_ONCE(s->cookie);
}

static void time_value(struct timeval *tv, nsec_t span)
{
	tv->tv_sec = span == NSEC_NEVER ? 0 : span / NSEC_PER_SEC;
	tv->tv_usec = span == NSEC_NEVER ? 0 : span % NSEC_PER_SEC / 1000;
}

/* The size of the value, or an error. */
static int value_of(struct socket *s, int name, union value *v, int room)
{
	switch (name) {
	case SO_LINGER:
		v->linger = (struct linger){ socket_flag(s, SOCKF_LINGER), s->linger };
		return sizeof(v->linger);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		time_value(&v->tv, READ_ONCE(s->rcvtimeo));
		return sizeof(v->tv);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		time_value(&v->tv, READ_ONCE(s->sndtimeo));
		return sizeof(v->tv);
	case SO_PEERCRED:
		peer_cred(s, &v->cred);
		return sizeof(v->cred);
	case SO_PEEK_OFF:
		v->n = s->peek_off;
		return s->ops->has_peek_off ? (int)sizeof(v->n) : -EOPNOTSUPP;
	case SO_MAX_PACING_RATE:
		v->u64 = s->max_pacing_rate;
		if (room >= (int)sizeof(v->u64))
			return sizeof(v->u64);
		v->n = (int)MIN(v->u64, (uint64_t)UINT32_MAX);
		return sizeof(v->n);
	case SO_COOKIE:
		v->u64 = socket_cookie(s);
		return room < (int)sizeof(v->u64) ? -EINVAL : (int)sizeof(v->u64);
	case SO_NETNS_COOKIE:
		v->u64 = 1;
		return room != (int)sizeof(v->u64) ? -EINVAL : (int)sizeof(v->u64);
	case SO_MEMINFO:
		memset(v->mem, 0, sizeof(v->mem));
		v->mem[1] = (uint32_t)s->rcvbuf;
		v->mem[3] = (uint32_t)s->sndbuf;
		return sizeof(v->mem);
	default:
		return number(s, name, &v->n) ? (int)sizeof(v->n) : -ENOPROTOOPT;
	}
}

/* The name of the interface that the socket is bound to; nothing when it is to none. */
static int bound_device(struct socket *s, void __user *val, int __user *len, int room)
{
	char name[IFNAMSIZ] = "";
	struct netdev *d;
	int n = 0;

	if (s->bound_if) {
		if (room < IFNAMSIZ)
			return -EINVAL;
		net_lock_acquire();
		d = netdev_by_index(s->bound_if);
		if (d)
			n = (int)strscpy(name, d->name, sizeof(name)) + 1;
		net_lock_release();
		if (!n)
			return -ENODEV;
	}
	if (copy_to_user(val, name, (size_t)n))
		return -EFAULT;
	return put_user(n, len);
}

int socket_sol_get(struct socket *s, int name, void __user *val, int __user *len)
{
	union value v;
	int room, n;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (name == SO_ATTACH_FILTER)
		return socket_filter_get(s, val, len);
	if (name == SO_PEERGROUPS)
		return peer_groups(s, val, len, room);
	if (name == SO_PEERNAME)
		return peer_name(s, val, len, room);
	if (name == SO_BINDTODEVICE)
		return bound_device(s, val, len, room);
	memset(&v, 0, sizeof(v));
	n = value_of(s, name, &v, room);
	if (n == -ENOPROTOOPT && s->ops->sol_getsockopt)
		return s->ops->sol_getsockopt(s, name, val, len);
	if (n < 0)
		return n;
	n = MIN(n, room);
	if (copy_to_user(val, &v, (size_t)n))
		return -EFAULT;
	return put_user(n, len);
}
