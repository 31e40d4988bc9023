/* SPDX-License-Identifier: MIT */
/*
 * The error queue of a socket (IP_RECVERR, IPV6_RECVERR): what went wrong with which datagram, and who said so, read by recvmsg with
 * MSG_ERRQUEUE.
 *
 * Invariants: nr_errs is the length of errs, at most ERRS_MAX; further errors are lost, as datagrams are that find no room.
 * Locks: net_lock over the queue; user memory is written without it.
 * References: ip(7), IP_RECVERR; recv(2), MSG_ERRQUEUE.
 */
#include "inet.h"
#include <kernel/string.h>

#define ERRS_MAX 64u

struct inet_err {
	struct list_head link;
	struct sock_extended_err e;
	ip_addr_t offender, to;
	uint16_t port;
	unsigned len;
	uint8_t data[];
};

void inet_err_queue(struct inet_sock *i, const struct sock_extended_err *e, const ip_addr_t *offender, const ip_addr_t *to, uint16_t port,
		    const void *data, unsigned len)
{
	struct inet_err *q = i->nr_errs < ERRS_MAX ? kmalloc(sizeof(*q) + len, GFP_KERNEL | GFP_NOWARN) : NULL;

	if (!q)
		return;
	q->e = *e;
	ip_addr_copy(q->offender, *offender);
	ip_addr_copy(q->to, *to);
	q->port = port;
	q->len = len;
	memcpy(q->data, data, len);
	list_add_tail(&q->link, &i->errs);
	WRITE_ONCE(i->nr_errs, i->nr_errs + 1);
}

/* The first error, off the queue; the next one is the socket's from now on. */
static struct inet_err *take(struct inet_sock *i)
{
	struct inet_err *q, *next;

	net_lock_acquire();
	q = list_first_entry_or_null(&i->errs, struct inet_err, link);
	if (q) {
		list_del(&q->link);
		WRITE_ONCE(i->nr_errs, i->nr_errs - 1);
		next = list_first_entry_or_null(&i->errs, struct inet_err, link);
		socket_set_error(&i->s, next ? (int)next->e.error : 0);
	}
	net_lock_release();
	return q;
}

static int put(struct inet_sock *i, struct sockmsg *m, const struct inet_err *q)
{
	struct {
		struct sock_extended_err e;
		union {
			struct sockaddr_in in;
			struct sockaddr_in6 in6;
		};
	} c = { .e = q->e };
	bool v4 = i->s.family == AF_INET;

	if (v4) {
		c.in.family = AF_INET;
		c.in.addr = ip4_of(&q->offender);
	} else {
		struct sockaddr_storage a = { 0 };

		inet_addr_out(i, &a, &q->offender, 0);
		memcpy(&c.in6, &a, sizeof(c.in6));
	}
	return socket_put_cmsg(m, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &c,
			       sizeof(c.e) + (v4 ? sizeof(c.in) : sizeof(c.in6)));
}

ssize_t inet_err_recv(struct inet_sock *i, struct sockmsg *m)
{
	struct inet_err *q = take(i);
	size_t n;
	ssize_t ret;

	if (!q)
		return -EAGAIN;
	n = MIN((size_t)q->len, m->iter.count);
	ret = copy_to_iter(q->data, n, &m->iter) == n ? (ssize_t)n : -EFAULT;
	if (n < q->len)
		m->out_flags |= MSG_TRUNC;
	m->out_flags |= MSG_ERRQUEUE;
	if (m->name)
		m->namelen = inet_addr_out(i, m->name, &q->to, q->port);
	if (ret >= 0 && put(i, m, q))
		m->out_flags |= MSG_CTRUNC;
	kfree(q);
	return ret;
}

void inet_err_free(struct inet_sock *i)
{
	struct inet_err *q, *next;

	list_for_each_entry_safe(q, next, &i->errs, link)
		kfree(q);
	list_init(&i->errs);
	i->nr_errs = 0;
}
