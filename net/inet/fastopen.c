/* SPDX-License-Identifier: MIT */
/*
 * TCP Fast Open for clients, as of one that knows no cookie and asks for none: MSG_FASTOPEN connects, and sends when that is done.
 * Servers take no data out of a SYN, as Linux's do unless net.ipv4.tcp_fastopen has its second bit; the length of their queue is kept.
 *
 * References: RFC 7413, 4.1.3 (no cookie: an ordinary handshake); tcp(7), send(2).
 */
#include "inet.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/procfs.h>

#define CLIENT 1

static int sysctl_fastopen = CLIENT;

int inet_fastopen_connect(struct inet_sock *i, struct sockmsg *m)
{
	if (!(READ_ONCE(sysctl_fastopen) & CLIENT) || (m->name && m->namelen >= sizeof(m->name->family) && m->name->family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (!m->name)
		return i->s.state == INET_UNCONNECTED ? -EINVAL : -EISCONN;
	return i->s.ops->connect(&i->s, m->name, m->namelen, m->flags & MSG_DONTWAIT);
}

/* [n] */
int inet_fastopen_set(struct inet_sock *i, int name, int v)
{
	bool closed = i->s.state == INET_UNCONNECTED, listens = i->s.state == INET_LISTEN;

	if (name == TCP_FASTOPEN) {
		if (v < 0 || (!closed && !listens))
			return -EINVAL;
		i->fastopen_queue = MIN(v, READ_ONCE(sysctl_somaxconn));
		return 0;
	}
	if (v < 0 || v > 1)
		return -EINVAL;
	if (!(READ_ONCE(sysctl_fastopen) & CLIENT))
		return -EOPNOTSUPP;
	if (!closed)
		return -EINVAL;
	i->fastopen_connect = v;	/* no cookie: connect() does not put anything off */
	return 0;
}

static int fastopen_init(void)
{
	static const struct sysctl_int number = { "net/ipv4/tcp_fastopen", 0644, &sysctl_fastopen, 0, CLIENT, NULL };

	return sysctl_add_int(&number);
}
INITCALL(INITCALL_DEVICE, fastopen_init);
