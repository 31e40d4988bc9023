/* SPDX-License-Identifier: MIT */
/*
 * Packet sockets: whole frames of a device (SOCK_RAW) or frames without their link header (SOCK_DGRAM).
 *
 * Each socket that is bound to a protocol is a tap of all devices and copies what it wants; sent frames are seen by those
 * who asked for every protocol (ETH_P_ALL). The loopback interface's packets never become frames and are not seen.
 *
 * Locks used to protect struct members in this file:
 *	n	net_lock
 *	I	immutable after creation
 * A message is taken off the queue under net_lock and copied to the user after that.
 * Reference: packet(7).
 */
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <net/netdev.h>
#include <net/socket.h>
#include <uapi/packet.h>

#define ETH_HLEN	14u
#define OVERHEAD	256u

struct packet_msg {
	struct list_head link;
	struct sockaddr_ll from;
	nsec_t when;
	uint32_t status;	/* TP_STATUS_* of the auxiliary data */
	uint32_t len;		/* of the frame as the socket sees it */
	char data[];
};
struct packet_sock {
	struct socket s;	/* first */
	struct net_tap tap;	/* [n] on the list while proto is not 0 */
	uint16_t proto;		/* [n] network order */
	int ifindex;		/* [n] 0: every device */
	bool auxdata;		/* [n] */
	struct list_head msgs;	/* [n] */
	uint32_t rx_bytes;	/* [n] */
	uint32_t packets, drops; /* [n] since they were last asked for */
};
static struct packet_sock *packet_sk(struct socket *s) { return (struct packet_sock *)s; }

static uint16_t be16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return v;
}

/* ---- frames come */

static uint8_t packet_type(const struct netdev *d, const uint8_t *frame, bool sent)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (sent)
		return PACKET_OUTGOING;
	if (!memcmp(frame, all, 6))
		return PACKET_BROADCAST;
	if (frame[0] & 1)
		return PACKET_MULTICAST;
	return memcmp(frame, d->mac, 6) ? PACKET_OTHERHOST : PACKET_HOST;
}

static void copy_frame(char *to, uint32_t skip, struct netbuf *rx, const struct net_tx *tx)
{
	uint32_t at = 0;

	for (; rx; rx = rx->next) {
		uint32_t off = MIN(skip, rx->len);

		memcpy(to + at, (char *)rx->data + off, rx->len - off);
		at += rx->len - off;
		skip -= off;
	}
	for (unsigned i = 0; tx && i < tx->nr; i++) {
		uint32_t off = MIN(skip, tx->seg[i].len);

		memcpy(to + at, (const char *)tx->seg[i].p + off, tx->seg[i].len - off);
		at += tx->seg[i].len - off;
		skip -= off;
	}
}

static void packet_frame(struct net_tap *t, struct netdev *d, struct netbuf *rx, const struct net_tx *tx)
{
	struct packet_sock *k = container_of(t, struct packet_sock, tap);
	const uint8_t *head = rx ? rx->data : tx->seg[0].p;
	uint32_t total = rx ? rx->total : tx->len, first = rx ? rx->len : tx->seg[0].len;
	uint32_t skip = k->s.type == SOCK_DGRAM ? ETH_HLEN : 0;
	struct packet_msg *m;

	if (first < ETH_HLEN || (k->ifindex && k->ifindex != d->index))
		return;
	if (k->proto != __builtin_bswap16(ETH_P_ALL) && (tx || k->proto != be16(head + 12)))
		return;
	k->packets++;
	if (k->rx_bytes + total + OVERHEAD > (uint32_t)READ_ONCE(k->s.rcvbuf)) {
		k->drops++;
		return;
	}
	m = kmalloc(sizeof(*m) + total - skip, GFP_KERNEL | GFP_NOWARN | GFP_NOOOM);
	if (!m) {
		k->drops++;
		return;
	}
	m->from = (struct sockaddr_ll){ .family = AF_PACKET, .protocol = be16(head + 12), .ifindex = d->index, .hatype = d->type,
					.pkttype = packet_type(d, head, tx), .halen = 6 };
	memcpy(m->from.addr, head + 6, 6);
	m->when = clock_realtime();
	m->len = total - skip;
	m->status = TP_STATUS_USER;
	if ((rx ? rx->off.csum : tx->off.csum) == NET_CSUM_PARTIAL)
		m->status |= TP_STATUS_CSUMNOTREADY;
	else if (rx && rx->off.csum == NET_CSUM_OK)
		m->status |= TP_STATUS_CSUM_VALID;
	copy_frame(m->data, skip, rx, tx);
	k->rx_bytes += m->len + OVERHEAD;
	list_add_tail(&m->link, &k->msgs);
	socket_wake_readable(&k->s);
}

/* ---- receive */

static struct packet_msg *take(struct packet_sock *k, bool peek)
{
	struct packet_msg *m, *copy = NULL;

	net_lock_acquire();
	m = list_first_entry_or_null(&k->msgs, struct packet_msg, link);
	if (m && peek) {
		copy = kmalloc(sizeof(*m) + m->len, GFP_KERNEL | GFP_NOWARN);
		if (copy)
			memcpy(copy, m, sizeof(*m) + m->len);
		m = copy;
	} else if (m) {
		list_del(&m->link);
		k->rx_bytes -= m->len + OVERHEAD;
	}
	net_lock_release();
	return m;
}

static struct packet_msg *wait_msg(struct packet_sock *k, const struct sockmsg *msg, int *err)
{
	nsec_t deadline = 0;
	struct packet_msg *m;

	for (;;) {
		*err = socket_error(&k->s);
		if (*err)
			return NULL;
		m = take(k, msg->flags & MSG_PEEK);
		if (m)
			return m;
		*err = -EAGAIN;
		if (msg->flags & MSG_DONTWAIT)
			return NULL;
		if (!deadline)
			deadline = socket_rcv_deadline(&k->s);
		*err = wait_event_state(&k->s.rd_wait, !list_empty(&k->msgs) || READ_ONCE(k->s.err), TASK_INTERRUPTIBLE, deadline, true);
		if (*err) {
			*err = socket_wait_error(*err, deadline);
			return NULL;
		}
	}
}

static ssize_t packet_recvmsg(struct socket *s, struct sockmsg *msg)
{
	struct packet_sock *k = packet_sk(s);
	struct packet_msg *m;
	size_t n;
	ssize_t ret;
	int err;

	if (msg->flags & (MSG_OOB | MSG_ERRQUEUE))
		return -EINVAL;
	m = wait_msg(k, msg, &err);
	if (!m)
		return err;
	n = MIN((size_t)m->len, msg->iter.count);
	ret = copy_to_iter(m->data, n, &msg->iter) == n ? (ssize_t)n : -EFAULT;
	if (ret >= 0) {
		if (n < m->len)
			msg->out_flags |= MSG_TRUNC;
		if (msg->flags & MSG_TRUNC)
			ret = m->len;
		if (msg->name) {
			memcpy(msg->name, &m->from, sizeof(m->from));
			msg->namelen = sizeof(m->from);
		}
		if (s->flags & (BIT(SOCKF_TIMESTAMP) | BIT(SOCKF_TIMESTAMPNS)))
			socket_put_timestamp(s, msg, m->when);
		if (k->auxdata) {
			struct tpacket_auxdata aux = { .status = m->status, .len = m->len, .snaplen = m->len, .net = ETH_HLEN };

			err = socket_put_cmsg(msg, SOL_PACKET, PACKET_AUXDATA, &aux, sizeof(aux));
			if (err)
				ret = err;
		}
	}
	kfree(m);
	return ret;
}

/* ---- send */

static void sent(void *token)
{
	kfree(token);
}

static int transmit(struct packet_sock *k, const struct sockaddr_ll *to, char *frame, uint32_t len)
{
	struct netdev *d = netdev_by_index(to ? to->ifindex : k->ifindex);
	struct net_tx tx = { .nr = 1, .len = len, .done = sent, .token = frame };
	uint16_t proto = to ? to->protocol : k->proto;

	if (!d)
		return -ENXIO;
	if (!(d->flags & IFF_UP))
		return -ENETDOWN;
	if (len > d->mtu + ETH_HLEN)
		return -EMSGSIZE;
	if (k->s.type == SOCK_DGRAM) {
		memcpy(frame, to->addr, 6);
		memcpy(frame + 6, d->mac, 6);
		memcpy(frame + 12, &proto, 2);
	}
	tx.seg[0] = (struct net_seg){ frame, len };
	return netdev_transmit(d, &tx);
}

static ssize_t packet_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct packet_sock *k = packet_sk(s);
	const struct sockaddr_ll *to = (const void *)m->name;
	size_t head = s->type == SOCK_DGRAM ? ETH_HLEN : 0, len = m->iter.count;
	char *frame;
	int err;

	if (to && (m->namelen < offsetof(struct sockaddr_ll, addr) || to->family != AF_PACKET))
		return -EINVAL;
	if (s->type == SOCK_DGRAM && !to)
		return -EDESTADDRREQ;
	if (s->type == SOCK_DGRAM && (to->halen < 6 || m->namelen < offsetof(struct sockaddr_ll, addr) + 6))
		return -EINVAL;
	if (len > 65535 || (s->type == SOCK_RAW && len < ETH_HLEN))
		return len > 65535 ? -EMSGSIZE : -EINVAL;
	frame = kmalloc(head + len, GFP_KERNEL | GFP_NOOOM);
	if (!frame)
		return -ENOBUFS;
	err = copy_from_iter(frame + head, len, &m->iter) == len ? socket_error(s) : -EFAULT;
	if (!err) {
		net_lock_acquire();
		err = transmit(k, to, frame, (uint32_t)(head + len));
		net_lock_release();
	}
	if (err)
		kfree(frame);
	return err ? err : (ssize_t)len;
}

/* ---- names, options */

static void set_proto(struct packet_sock *k, uint16_t proto)
{
	if (!k->proto && proto)
		net_tap_add(&k->tap);
	else if (k->proto && !proto)
		net_tap_remove(&k->tap);
	k->proto = proto;
}

static int packet_bind(struct socket *s, struct sockaddr_storage *a, unsigned len)
{
	const struct sockaddr_ll *ll = (const void *)a;
	struct packet_sock *k = packet_sk(s);
	struct netdev *d = NULL;
	int err = 0;

	if (len < sizeof(*ll) || ll->family != AF_PACKET)
		return -EINVAL;
	net_lock_acquire();
	if (ll->ifindex) {
		d = netdev_by_index(ll->ifindex);
		err = d ? 0 : -ENODEV;
	}
	if (!err) {
		k->ifindex = ll->ifindex;
		if (ll->protocol)
			set_proto(k, ll->protocol);
		if (d && !(d->flags & IFF_UP))
			socket_set_error(s, ENETDOWN);
	}
	net_lock_release();
	return err;
}

static int packet_getname(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	struct packet_sock *k = packet_sk(s);
	struct sockaddr_ll *ll = (void *)a;
	struct netdev *d;

	if (peer)
		return -EOPNOTSUPP;
	memset(ll, 0, sizeof(*ll));
	ll->family = AF_PACKET;
	net_lock_acquire();
	ll->ifindex = k->ifindex;
	ll->protocol = k->proto;
	d = netdev_by_index(k->ifindex);
	if (d) {
		ll->hatype = d->type;
		ll->halen = 6;
		memcpy(ll->addr, d->mac, 6);
	}
	net_lock_release();
	return (int)(offsetof(struct sockaddr_ll, addr) + ll->halen);
}

/* A member of every frame's audience: the devices do not filter, so only the count of promiscuity shows. */
static int membership(const struct packet_mreq *r, bool add)
{
	struct netdev *d = netdev_by_index(r->ifindex);

	if (!d)
		return -ENODEV;
	if (r->type > PACKET_MR_ALLMULTI)
		return -EINVAL;
	if (r->type == PACKET_MR_PROMISC)
		d->flags = add ? d->flags | IFF_PROMISC : d->flags & ~IFF_PROMISC;
	return 0;
}

static int packet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len)
{
	struct packet_sock *k = packet_sk(s);
	struct packet_mreq r;
	int v, err;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_ADD_MEMBERSHIP:
	case PACKET_DROP_MEMBERSHIP:
		if (len < sizeof(r))
			return -EINVAL;
		if (copy_from_user(&r, val, sizeof(r)))
			return -EFAULT;
		net_lock_acquire();
		err = membership(&r, name == PACKET_ADD_MEMBERSHIP);
		net_lock_release();
		return err;
	case PACKET_AUXDATA:
		err = socket_opt_int(&v, val, len);
		if (!err)
			k->auxdata = v;
		return err;
	default:
		return -ENOPROTOOPT;
	}
}

static int packet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len)
{
	struct packet_sock *k = packet_sk(s);
	uint32_t stats[2];
	int v;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_STATISTICS:
		net_lock_acquire();
		stats[0] = k->packets;
		stats[1] = k->drops;
		k->packets = k->drops = 0;
		net_lock_release();
		return socket_opt_out(val, len, stats, sizeof(stats));
	case PACKET_AUXDATA:
		v = k->auxdata;
		return socket_opt_out(val, len, &v, sizeof(v));
	default:
		return -ENOPROTOOPT;
	}
}

static long packet_ioctl(struct socket *s, struct file *f, unsigned cmd, unsigned long arg)
{
	struct packet_sock *k = packet_sk(s);
	int v = 0;

	if (cmd != SIOCINQ && cmd != SIOCOUTQ)
		return -ENOIOCTLCMD;
	net_lock_acquire();
	if (cmd == SIOCINQ && !list_empty(&k->msgs))
		v = (int)list_first_entry(&k->msgs, struct packet_msg, link)->len;
	net_lock_release();
	return put_user(v, (int __user *)arg) ? -EFAULT : 0;
}

static uint32_t packet_poll(struct socket *s, struct poll_table *pt)
{
	uint32_t mask = POLLOUT | POLLWRNORM | POLLWRBAND;

	if (!list_empty(&packet_sk(s)->msgs))
		mask |= POLLIN | POLLRDNORM;
	if (READ_ONCE(s->err))
		mask |= POLLERR;
	return mask;
}

static int packet_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock)
{
	return -EOPNOTSUPP;
}

static int packet_shutdown(struct socket *s, unsigned how)
{
	return -EOPNOTSUPP;
}

/* ---- life */

static void packet_release(struct socket *s)
{
	struct packet_sock *k = packet_sk(s);
	struct packet_msg *m, *next;

	net_lock_acquire();
	set_proto(k, 0);
	list_for_each_entry_safe(m, next, &k->msgs, link)
		kfree(m);
	list_init(&k->msgs);
	net_lock_release();
}

static void packet_destroy(struct socket *s)
{
	socket_fini(s);
	kfree(packet_sk(s));
}

static const struct socket_ops packet_ops = {
	.bind = packet_bind,
	.connect = packet_connect,
	.getname = packet_getname,
	.poll = packet_poll,
	.ioctl = packet_ioctl,
	.shutdown = packet_shutdown,
	.setsockopt = packet_setsockopt,
	.getsockopt = packet_getsockopt,
	.sendmsg = packet_sendmsg,
	.recvmsg = packet_recvmsg,
	.release = packet_release,
	.destroy = packet_destroy,
};

static int packet_create(int type, int protocol, struct socket **out)
{
	struct packet_sock *k;

	if (!capable(CAP_NET_RAW))
		return -EPERM;
	if (type != SOCK_DGRAM && type != SOCK_RAW)
		return -ESOCKTNOSUPPORT;	/* SOCK_PACKET, of Linux 2.0: CAVEATS */
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOBUFS;
	socket_init(&k->s, &packet_ops, AF_PACKET, type, protocol);
	k->tap.frame = packet_frame;
	list_init(&k->msgs);
	net_lock_acquire();
	set_proto(k, (uint16_t)protocol);
	net_lock_release();
	*out = &k->s;
	return 0;
}

static const struct socket_family packet_family = { .family = AF_PACKET, .name = "packet", .create = packet_create };

static int packet_init(void)
{
	return socket_register_family(&packet_family);
}
INITCALL(INITCALL_DEVICE, packet_init);
