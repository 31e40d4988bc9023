/* SPDX-License-Identifier: MIT */
/*
 * SOL_SOCKET options: setsockopt(2). socket(7) has the contract; limits and roundings are Linux's, since programs
 * compare what they read back with what they set.
 *
 * The core keeps the values; a protocol that must act on one has ops->sol_check (before) and ops->sol_changed (after).
 * Locks: none: each value is one word.
 */
#include <net/socket.h>
#include <net/filter.h>
#include <net/netdev.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include "socket_internal.h"

/* The least a buffer can be: one message with what Linux counts around it, twice for sending. */
#define RCVBUF_MIN 2304
#define SNDBUF_MIN (2 * RCVBUF_MIN)

int socket_opt_int(int *v, const void __user *val, unsigned len)
{
	if (len < sizeof(int))
		return -EINVAL;
	return copy_from_user(v, val, sizeof(int)) ? -EFAULT : 0;
}

/* Options that are a bit and nothing else. -1: not one of them. */
static int plain_flag(int name)
{
	switch (name) {
	case SO_REUSEADDR:
		return SOCKF_REUSEADDR;
	case SO_REUSEPORT:
		return SOCKF_REUSEPORT;
	case SO_DONTROUTE:
		return SOCKF_DONTROUTE;
	case SO_BROADCAST:
		return SOCKF_BROADCAST;
	case SO_KEEPALIVE:
		return SOCKF_KEEPALIVE;
	case SO_OOBINLINE:
		return SOCKF_OOBINLINE;
	case SO_NO_CHECK:
		return SOCKF_NO_CHECK;
	case SO_PASSCRED:
		return SOCKF_PASSCRED;
	case SO_PASSSEC:
		return SOCKF_PASSSEC;
	case SO_RXQ_OVFL:
		return SOCKF_RXQ_OVFL;
	case SO_WIFI_STATUS:
		return SOCKF_WIFI_STATUS;
	case SO_NOFCS:
		return SOCKF_NOFCS;
	case SO_RCVMARK:
		return SOCKF_RCVMARK;
	case SO_SELECT_ERR_QUEUE:
		return SOCKF_SELECT_ERR_QUEUE;
	default:
		return -1;
	}
}

static int set_buffer(struct socket *s, int name, int v)
{
	bool send = name == SO_SNDBUF || name == SO_SNDBUFFORCE;
	bool force = name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE;
	int max = send ? sysctl_wmem_max : sysctl_rmem_max;

	if (force && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (force)
		v = MAX(v, 0);
	else
		v = (int)MIN((unsigned)v, (unsigned)max);
	v = MIN(v, INT32_MAX / 2);
	socket_set_flag(s, send ? SOCKF_SNDBUF_LOCK : SOCKF_RCVBUF_LOCK, true);
	if (send)
		WRITE_ONCE(s->sndbuf, MAX(v * 2, SNDBUF_MIN));
	else
		WRITE_ONCE(s->rcvbuf, MAX(v * 2, RCVBUF_MIN));
	if (send)
		socket_wake_writable(s);
	return 0;
}

static int set_timeout(nsec_t *out, const void __user *val, unsigned len)
{
	struct timeval tv;

	if (len < sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, val, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0)
		*out = 0;	/* does not wait: Linux's answer to a program's mistake */
	else if (!tv.tv_sec && !tv.tv_usec)
		*out = NSEC_NEVER;
	else
		*out = tv.tv_sec >= NSEC_NEVER / NSEC_PER_SEC - 1 ? NSEC_NEVER : tv.tv_sec * NSEC_PER_SEC + tv.tv_usec * 1000;
	return 0;
}

static int set_linger(struct socket *s, const void __user *val, unsigned len)
{
	struct linger l;

	if (len < sizeof(l))
		return -EINVAL;
	if (copy_from_user(&l, val, sizeof(l)))
		return -EFAULT;
	if (l.onoff)
		WRITE_ONCE(s->linger, l.seconds);
	socket_set_flag(s, SOCKF_LINGER, l.onoff);
	return 0;
}

/* One kind of stamp at a time; @ns and @new say which. */
static void set_timestamp(struct socket *s, bool on, bool ns, bool new)
{
	socket_set_flag(s, SOCKF_TIMESTAMP, on);
	socket_set_flag(s, SOCKF_TIMESTAMPNS, on && ns);
	socket_set_flag(s, SOCKF_TIMESTAMP_NEW, on && new);
}

static int bind_to_index(struct socket *s, int index)
{
	if (s->bound_if && !capable(CAP_NET_RAW))
		return -EPERM;
	if (index < 0)
		return -EINVAL;
	WRITE_ONCE(s->bound_if, index);
	return 0;
}

static int set_device(struct socket *s, const void __user *val, unsigned len)
{
	struct netdev *d;
	char name[IFNAMSIZ] = "";
	int index = 0;

	len = MIN(len, (unsigned)sizeof(name) - 1);
	if (copy_from_user(name, val, len))
		return -EFAULT;
	if (name[0]) {
		net_lock_acquire();
		d = netdev_by_name(name);
		index = d ? d->index : -ENODEV;
		net_lock_release();
	}
	return index == -ENODEV ? index : bind_to_index(s, index);
}

static int set_number(struct socket *s, int name, int v)
{
	bool admin = capable(CAP_NET_ADMIN), raw = capable(CAP_NET_RAW);

	switch (name) {
	case SO_DEBUG:
		if (v && !admin)
			return -EACCES;
		socket_set_flag(s, SOCKF_DEBUG, v);
		return 0;
	case SO_PRIORITY:
		if ((v < 0 || v > 6) && !admin && !raw)
			return -EPERM;
		WRITE_ONCE(s->priority, (uint32_t)v);
		return 0;
	case SO_MARK:
		if (!admin && !raw)
			return -EPERM;
		WRITE_ONCE(s->mark, (uint32_t)v);
		return 0;
	case SO_BINDTOIFINDEX:
		return bind_to_index(s, v);
	case SO_RCVLOWAT:
		WRITE_ONCE(s->rcvlowat, v < 0 ? INT32_MAX : v ? v : 1);
		return 0;
	case SO_PEEK_OFF:
		if (!s->ops->has_peek_off)
			return -EOPNOTSUPP;
		WRITE_ONCE(s->peek_off, v);
		return 0;
	case SO_INCOMING_CPU:
		WRITE_ONCE(s->incoming_cpu, v);
		return 0;
	case SO_BUSY_POLL:
		if (v > s->busy_poll && !admin)
			return -EPERM;
		if (v < 0)
			return -EINVAL;
		WRITE_ONCE(s->busy_poll, v);
		return 0;
	case SO_PREFER_BUSY_POLL:
		if (v && !admin)
			return -EPERM;
		socket_set_flag(s, SOCKF_PREFER_BUSY_POLL, v);
		return 0;
	case SO_BUF_LOCK:
		if (v & ~3)
			return -EINVAL;
		socket_set_flag(s, SOCKF_SNDBUF_LOCK, v & 1);
		socket_set_flag(s, SOCKF_RCVBUF_LOCK, v & 2);
		return 0;
	case SO_TXREHASH:
		if (v < -1 || v > 1)
			return -EINVAL;
		s->txrehash = (uint8_t)v;
		return 0;
	case SO_LOCK_FILTER:
		if (socket_flag(s, SOCKF_LOCK_FILTER) && !v)
			return -EPERM;
		socket_set_flag(s, SOCKF_LOCK_FILTER, v);
		return 0;
	default:
		return 1;	/* not here */
	}
}

static int set_option(struct socket *s, int name, const void __user *val, unsigned len, int v)
{
	nsec_t span;
	int err;

	switch (name) {
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		return set_buffer(s, name, v);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		err = set_timeout(&span, val, len);
		if (!err && (name == SO_RCVTIMEO || name == SO_RCVTIMEO_NEW))
			WRITE_ONCE(s->rcvtimeo, span);
		else if (!err)
			WRITE_ONCE(s->sndtimeo, span);
		return err;
	case SO_LINGER:
		return set_linger(s, val, len);
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
		set_timestamp(s, v, name == SO_TIMESTAMPNS || name == SO_TIMESTAMPNS_NEW, name == SO_TIMESTAMP_NEW || name == SO_TIMESTAMPNS_NEW);
		return 0;
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		if ((unsigned)v & ~SOF_TIMESTAMPING_MASK)
			return -EINVAL;
		WRITE_ONCE(s->tsnew, name == SO_TIMESTAMPING_NEW);
		WRITE_ONCE(s->tsflags, (uint32_t)v);
		return 0;
	case SO_MAX_PACING_RATE: {
		uint64_t rate = v == -1 ? UINT64_MAX : (unsigned)v;

		if (len == sizeof(rate) && copy_from_user(&rate, val, sizeof(rate)))
			return -EFAULT;
		WRITE_ONCE(s->max_pacing_rate, rate);
		return 0;
	}
	case SO_BSDCOMPAT:
	case SO_CNX_ADVICE:
		return 0;	/* advice, and an option of Linux 2.0 that means nothing since */
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
		return -ENOPROTOOPT;
	case SO_ATTACH_FILTER:
		return socket_filter_attach(s, val, len);
	case SO_DETACH_FILTER:
		return socket_filter_detach(s);
	default:
		err = set_number(s, name, v);
		if (err <= 0)
			return err;
		return s->ops->sol_setsockopt ? s->ops->sol_setsockopt(s, name, val, len) : -ENOPROTOOPT;
	}
}

int socket_sol_set(struct socket *s, int name, const void __user *val, unsigned len)
{
	int flag, v, err;

	if (name == SO_BINDTODEVICE) {
		err = set_device(s, val, len);
	} else {
		err = socket_opt_int(&v, val, len);
		if (!err && s->ops->sol_check)
			err = s->ops->sol_check(s, name, v);
		if (!err && name == SO_REUSEPORT && v && s->family != AF_INET && s->family != AF_INET6)
			err = -EOPNOTSUPP;
		if (err)
			return err;
		flag = plain_flag(name);
		if (flag >= 0)
			socket_set_flag(s, (enum sock_flag)flag, v);
		else
			err = set_option(s, name, val, len, v);
	}
	if (!err && s->ops->sol_changed)
		s->ops->sol_changed(s, name);
	return err;
}
