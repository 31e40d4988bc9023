/* SPDX-License-Identifier: MIT */
/*
 * Packet sockets: whole frames of a device (SOCK_RAW) or frames without their link header (SOCK_DGRAM).
 *
 * Each socket that is bound to a protocol is a tap of all devices and copies what it wants; sent frames are seen by those
 * who asked for every protocol (ETH_P_ALL), but for the sender's own. A filter says how much of a frame is kept.
 * The loopback interface's packets have a link header for these sockets only.
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
#include <net/filter.h>
#include "packet_internal.h"

#define OVERHEAD	256u

struct packet_msg {
	struct list_head link;
	struct sockaddr_ll from;
	nsec_t when;
	uint32_t status;	/* TP_STATUS_* of the auxiliary data */
	uint32_t len, orig;	/* of the frame as the socket sees it; before a filter cut it */
	uint32_t drops;		/* lost by then: SO_RXQ_OVFL */
	char data[];
};
/* ---- frames come */

static uint8_t packet_type(const struct netdev *d, const uint8_t *frame, bool sent)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (sent)
		return PACKET_OUTGOING;
	if (!memcmp(frame, all, 6) && !(d->flags & IFF_LOOPBACK))	/* whose broadcast address is 0 */
		return PACKET_BROADCAST;
	if (frame[0] & 1)
		return PACKET_MULTICAST;
	return memcmp(frame, d->mac, 6) ? PACKET_OTHERHOST : PACKET_HOST;
}

/* What eth_type says, or what a length there means (802.3). Host order. */
static uint16_t protocol_of(const uint8_t *frame)
{
	uint16_t type = (uint16_t)(frame[12] << 8 | frame[13]);

	if (type >= ETH_P_802_3_MIN)
		return type;
	return frame[14] == 0xff && frame[15] == 0xff ? ETH_P_802_3 : ETH_P_802_2;
}

void packet_copy_frame(char *to, const struct net_frame *f, uint32_t skip, uint32_t left)
{
	for (unsigned i = 0; i < f->nr && left; i++) {
		uint32_t off = MIN(skip, f->seg[i].len), n = MIN(f->seg[i].len - off, left);

		memcpy(to, (const char *)f->seg[i].p + off, n);
		to += n;
		left -= n;
		skip -= off;
	}
}

/* How many bytes behind the first @skip the socket's filter leaves. */
static uint32_t filter(struct packet_sock *k, struct netdev *d, const struct net_frame *f, const struct sockaddr_ll *from, uint32_t skip)
{
	_Static_assert(sizeof(struct filter_seg) == sizeof(struct net_seg), "the same thing");
	struct filter_packet p = {
		.seg = (const struct filter_seg *)f->seg, .nr = f->nr, .total = f->len, .start = skip, .net = ETH_HLEN,
		.protocol = __builtin_bswap16(from->protocol), .pkttype = from->pkttype, .dev = d,
	};

	return MIN(socket_filter_run(&k->s, &p), f->len - skip);
}

uint32_t packet_status_of(const struct net_frame *f)
{
	if (f->csum == NET_CSUM_PARTIAL)
		return TP_STATUS_USER | TP_STATUS_CSUMNOTREADY;
	return TP_STATUS_USER | (f->csum == NET_CSUM_OK && !f->sent ? TP_STATUS_CSUM_VALID : 0);
}

bool packet_has_room(const struct packet_sock *k, const struct net_frame *f, bool plenty)
{
	int64_t left = (int64_t)READ_ONCE(k->s.rcvbuf) - k->rx_bytes - f->len - OVERHEAD;

	if (k->rx.mem)
		return packet_ring_has_room(k, plenty);
	return left > (plenty ? READ_ONCE(k->s.rcvbuf) / 4 : 0);
}

/* For recvmsg(2). */
bool packet_queue(struct packet_sock *k, const struct net_frame *f, const struct sockaddr_ll *from, uint32_t skip, uint32_t len)
{
	struct packet_msg *m;

	if (k->rx_bytes + len + OVERHEAD > (uint32_t)READ_ONCE(k->s.rcvbuf))
		return false;
	m = kmalloc(sizeof(*m) + len, GFP_KERNEL | GFP_NOWARN | GFP_NOOOM);
	if (!m)
		return false;
	m->from = *from;
	m->when = clock_realtime();
	m->len = len;
	m->orig = f->len - skip;
	m->status = packet_status_of(f);
	m->drops = k->all_drops;
	packet_copy_frame(m->data, f, skip, len);
	k->rx_bytes += m->len + OVERHEAD;
	list_add_tail(&m->link, &k->msgs);
	socket_wake_readable(&k->s);
	return true;
}

uint16_t packet_protocol(const struct net_frame *f)
{
	const uint8_t *head = f->seg[0].p;

	return __builtin_bswap16(f->seg[0].len < ETH_HLEN + 2u ? (uint16_t)(head[12] << 8 | head[13]) : protocol_of(head));
}

void packet_receive(struct packet_sock *k, struct netdev *d, const struct net_frame *f)
{
	const uint8_t *head = f->seg[0].p;
	uint32_t skip = k->s.type == SOCK_DGRAM ? ETH_HLEN : 0, len = f->len - skip;
	struct sockaddr_ll from = {
		.family = AF_PACKET, .protocol = packet_protocol(f), .ifindex = d->index, .hatype = d->type, .halen = 6,
		.pkttype = packet_type(d, head, f->sent),
	};

	memcpy(from.addr, head + 6, 6);
	if (socket_has_filter(&k->s)) {
		len = filter(k, d, f, &from, skip);
		if (!len)
			return;
	}
	k->packets++;
	if (k->rx.mem ? packet_ring_put(k, f, &from, skip, len) : packet_queue(k, f, &from, skip, len))
		return;
	k->drops++;
	k->all_drops++;
}

bool packet_wanted(const struct netdev *d, const struct net_frame *f, int ifindex, uint16_t proto, bool ignore_outgoing)
{
	if (f->seg[0].len < ETH_HLEN || f->len < ETH_HLEN + 2u || (ifindex && ifindex != d->index))
		return false;
	if (proto == __builtin_bswap16(ETH_P_ALL))
		return !f->sent || !ignore_outgoing;
	return !f->sent && proto == packet_protocol(f);
}

static void packet_frame(struct net_tap *t, struct netdev *d, const struct net_frame *f)
{
	struct packet_sock *k = container_of(t, struct packet_sock, tap);

	if (packet_wanted(d, f, k->ifindex, k->proto, k->ignore_outgoing))
		packet_receive(k, d, f);
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

static int put_control(struct packet_sock *k, const struct packet_msg *m, struct sockmsg *msg)
{
	struct tpacket_auxdata aux = {
		.status = m->status, .len = m->orig, .snaplen = m->len, .net = k->s.type == SOCK_DGRAM ? 0 : ETH_HLEN,
	};
	int err = 0;

	if (k->s.flags & (BIT(SOCKF_TIMESTAMP) | BIT(SOCKF_TIMESTAMPNS)))
		socket_put_timestamp(&k->s, msg, m->when);
	if (socket_flag(&k->s, SOCKF_RXQ_OVFL) && m->drops)
		err = socket_put_cmsg(msg, SOL_SOCKET, SO_RXQ_OVFL, &m->drops, sizeof(m->drops));
	if (!err && k->auxdata)
		err = socket_put_cmsg(msg, SOL_PACKET, PACKET_AUXDATA, &aux, sizeof(aux));
	return err;
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
		err = put_control(k, m, msg);
		if (err)
			ret = err;
	}
	kfree(m);
	return ret;
}

/* ---- send */

static void sent(void *token)
{
	kfree(token);
}

int packet_transmit(struct packet_sock *k, const struct sockaddr_ll *to, char *frame, uint32_t len)
{
	struct netdev *d = netdev_by_index(to ? to->ifindex : k->ifindex);
	struct net_seg seg = { frame, len };
	struct net_tx tx = { .seg = &seg, .nr = 1, .len = len, .done = sent, .token = frame, .origin = &k->tap };
	uint16_t proto = to ? to->protocol : k->proto;

	if (!d)
		return -ENXIO;
	if (!(d->flags & IFF_UP))
		return -ENETDOWN;
	if (k->s.type == SOCK_DGRAM && !to && !(d->flags & IFF_LOOPBACK))
		return -EINVAL;		/* nowhere to */
	if (len > d->mtu + ETH_HLEN)
		return -EMSGSIZE;
	if (k->s.type == SOCK_DGRAM) {
		if (to)
			memcpy(frame, to->addr, 6);
		else
			memset(frame, 0, 6);
		memcpy(frame + 6, d->mac, 6);
		memcpy(frame + 12, &proto, 2);
	}
	return netdev_transmit(d, &tx);
}

static ssize_t packet_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct packet_sock *k = packet_sk(s);
	const struct sockaddr_ll *to = (const void *)m->name;
	size_t head = s->type == SOCK_DGRAM ? ETH_HLEN : 0, len = m->iter.count;
	char *frame;
	int err;

	if (READ_ONCE(k->tx.mem))
		return packet_ring_send(k, m);
	if (to && (m->namelen < sizeof(*to) || m->namelen < to->halen + offsetof(struct sockaddr_ll, addr)))
		return -EINVAL;
	if (len > 65535 || (s->type == SOCK_RAW && len < ETH_HLEN))
		return len > 65535 ? -EMSGSIZE : -EINVAL;
	frame = kmalloc(head + len, GFP_KERNEL | GFP_NOOOM);
	if (!frame)
		return -ENOBUFS;
	err = copy_from_iter(frame + head, len, &m->iter) == len ? socket_error(s) : -EFAULT;
	if (!err) {
		net_lock_acquire();
		err = packet_transmit(k, to, frame, (uint32_t)(head + len));
		net_lock_release();
	}
	if (err)
		kfree(frame);
	return err ? err : (ssize_t)len;
}

/* ---- names */

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
	if (!err && k->fanout)
		err = -EINVAL;
	if (!err) {
		k->ifindex = ll->ifindex;
		if (ll->protocol)
			packet_set_proto(k, ll->protocol);
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
	mask |= packet_ring_poll(packet_sk(s));
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

void packet_flush(struct packet_sock *k)
{
	struct packet_msg *m, *next;

	list_for_each_entry_safe(m, next, &k->msgs, link)
		kfree(m);
	list_init(&k->msgs);
	k->rx_bytes = 0;
}

static void packet_release(struct socket *s)
{
	struct packet_sock *k = packet_sk(s);

	net_lock_acquire();
	packet_list_del(k);
	packet_fanout_leave(k);
	packet_set_proto(k, 0);
	packet_leave_all(k);
	packet_flush(k);
	net_lock_release();
	packet_ring_close(k);
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
	.mmap = packet_mmap,
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
	list_init(&k->members);
	packet_ring_init(k);
	net_lock_acquire();
	packet_set_proto(k, (uint16_t)protocol);
	packet_list_add(k);
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
