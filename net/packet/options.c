/* SPDX-License-Identifier: MIT */
/*
 * SOL_PACKET: memberships, statistics, flags.
 *
 * Devices do not filter, so a membership makes no frame come that did not come before; it is checked, counted, and a device knows
 * how many want it to be promiscuous. What is not here (virtio headers) answers ENOPROTOOPT.
 *
 * Locks: net_lock.
 * Reference: packet(7).
 */
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include "packet_internal.h"

/* Not for members of a fan-out group, whose tap is the group's. */
void packet_set_proto(struct packet_sock *k, uint16_t proto)
{
	if (!k->proto && proto)
		net_tap_add(&k->tap);
	else if (k->proto && !proto)
		net_tap_remove(&k->tap);
	k->proto = proto;
}

struct packet_mreq_max {
	int ifindex;
	uint16_t type, alen;
	uint8_t address[PACKET_MR_ADDR_MAX];
};

/* Adding may fail: -ENOMEM. */
static int device_told(const struct packet_member *m, int by)
{
	struct netdev *d = netdev_by_index(m->ifindex);

	if (!d)
		return 0;
	switch (m->type) {
	case PACKET_MR_PROMISC:
		netdev_promisc(d, by);
		return 0;
	case PACKET_MR_ALLMULTI:
		netdev_allmulti(d, by);
		return 0;
	case PACKET_MR_MULTICAST:
	case PACKET_MR_UNICAST:
		if (by > 0)
			return netdev_filter_add(d, m->address);
		netdev_filter_del(d, m->address);
		return 0;
	default:
		return 0;
	}
}

static struct packet_member *find(struct packet_sock *k, const struct packet_mreq_max *r)
{
	struct packet_member *m;

	list_for_each_entry(m, &k->members, link)
		if (m->ifindex == r->ifindex && m->type == r->type && m->alen == r->alen && !memcmp(m->address, r->address, r->alen))
			return m;
	return NULL;
}

static int join(struct packet_sock *k, const struct packet_mreq_max *r)
{
	struct netdev *d = netdev_by_index(r->ifindex);
	struct packet_member *m;

	if (!d)
		return -ENODEV;
	if (r->alen > sizeof(d->mac))
		return -EINVAL;
	m = find(k, r);
	if (m) {
		m->count++;
		return 0;
	}
	if ((r->type == PACKET_MR_MULTICAST || r->type == PACKET_MR_UNICAST) && r->alen != sizeof(d->mac))
		return -EINVAL;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOBUFS;
	m->ifindex = r->ifindex;
	m->type = r->type;
	m->alen = r->alen;
	memcpy(m->address, r->address, r->alen);
	m->count = 1;
	if (device_told(m, 1)) {
		kfree(m);
		return -ENOBUFS;
	}
	list_add_tail(&m->link, &k->members);
	return 0;
}

static void leave(struct packet_member *m)
{
	(void)device_told(m, -1);
	list_del(&m->link);
	kfree(m);
}

void packet_leave_all(struct packet_sock *k)
{
	struct packet_member *m, *next;

	list_for_each_entry_safe(m, next, &k->members, link)
		leave(m);
}

static int membership(struct packet_sock *k, int name, const void __user *val, unsigned len)
{
	struct packet_mreq_max r = { 0 };
	struct packet_member *m;
	int err = 0;

	if (len < sizeof(struct packet_mreq))
		return -EINVAL;
	if (copy_from_user(&r, val, MIN((size_t)len, sizeof(r))))
		return -EFAULT;
	if (r.alen > sizeof(r.address) || len < r.alen + offsetof(struct packet_mreq, address))
		return -EINVAL;
	net_lock_acquire();
	if (name == PACKET_ADD_MEMBERSHIP) {
		err = join(k, &r);
	} else {
		m = find(k, &r);
		if (m && !--m->count)
			leave(m);
	}
	net_lock_release();
	return err;
}

/* The options that are one int. NULL: not one of them. */
static bool *flag_of(struct packet_sock *k, int name)
{
	switch (name) {
	case PACKET_AUXDATA:
		return &k->auxdata;
	case PACKET_ORIGDEV:
		return &k->origdev;
	case PACKET_LOSS:
		return &k->loss;
	case PACKET_QDISC_BYPASS:
		return &k->bypass;
	case PACKET_IGNORE_OUTGOING:
		return &k->ignore_outgoing;
	default:
		return NULL;
	}
}

static int set_number(struct packet_sock *k, int name, int v)
{
	bool *flag = flag_of(k, name);

	if (name == PACKET_IGNORE_OUTGOING && (v < 0 || v > 1))
		return -EINVAL;
	if (name == PACKET_LOSS && packet_has_ring(k))
		return -EBUSY;
	if (flag) {
		*flag = v;
		return 0;
	}
	switch (name) {
	case PACKET_COPY_THRESH:
		k->copy_thresh = v;
		return 0;
	case PACKET_TIMESTAMP:
		k->tp_stamp = v;
		return 0;
	case PACKET_VERSION:
		if (v < TPACKET_V1 || v > TPACKET_V3)
			return -EINVAL;
		if (packet_has_ring(k))
			return -EBUSY;
		k->tp_version = v;
		return 0;
	case PACKET_RESERVE:
		if (v < 0)
			return -EINVAL;
		if (packet_has_ring(k))
			return -EBUSY;
		k->tp_reserve = (uint32_t)v;
		return 0;
	case PACKET_TX_HAS_OFF:
		if (!packet_has_ring(k))
			k->tx_has_off = v;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int packet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len)
{
	struct packet_sock *k = packet_sk(s);
	int v, err;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_ADD_MEMBERSHIP:
	case PACKET_DROP_MEMBERSHIP:
		return membership(k, name, val, len);
	case PACKET_RX_RING:
	case PACKET_TX_RING:
		return packet_set_ring(k, name == PACKET_TX_RING, val, len);
	case PACKET_FANOUT:
		return packet_fanout_add(k, val, len);
	case PACKET_FANOUT_DATA:
		return packet_fanout_data(k, val, len);
	case PACKET_RESERVE:
	case PACKET_TX_HAS_OFF:
	case PACKET_VERSION:
	case PACKET_LOSS:
	case PACKET_TIMESTAMP:
	case PACKET_QDISC_BYPASS:
	case PACKET_IGNORE_OUTGOING:
		if (len != sizeof(v))
			return -EINVAL;
		break;
	case PACKET_COPY_THRESH:
	case PACKET_AUXDATA:
	case PACKET_ORIGDEV:
		break;
	default:
		return -ENOPROTOOPT;
	}
	err = socket_opt_int(&v, val, len);
	if (err)
		return err;
	net_lock_acquire();
	err = set_number(k, name, v);
	net_lock_release();
	return err;
}

static int statistics(struct packet_sock *k, void __user *val, int __user *len)
{
	uint32_t stats[3];
	size_t n;

	net_lock_acquire();
	stats[0] = k->packets;
	stats[1] = k->drops;
	stats[2] = k->freezes;
	n = k->tp_version == TPACKET_V3 ? 3 : 2;
	k->packets = k->drops = k->freezes = 0;
	net_lock_release();
	return socket_opt_out(val, len, stats, n * sizeof(stats[0]));
}

/* How long the header of a version is; the version comes where the answer goes. */
static int header_length(void __user *val, int __user *len)
{
	static const int size[] = { sizeof(struct tpacket_hdr), sizeof(struct tpacket2_hdr), sizeof(struct tpacket3_hdr) };
	int n, v;

	if (get_user(n, len))
		return -EFAULT;
	if (n < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (int __user *)val))
		return -EFAULT;
	return v < 0 || v > TPACKET_V3 ? -EINVAL : socket_opt_out(val, len, &size[v], sizeof(size[v]));
}

static int rollover_stats(struct packet_sock *k, void __user *val, int __user *len)
{
	struct tpacket_rollover_stats st;
	bool has;

	net_lock_acquire();
	st = k->rollover;
	has = packet_fanout_rolls_over(k);
	net_lock_release();
	return has ? socket_opt_out(val, len, &st, sizeof(st)) : -EINVAL;
}

int packet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len)
{
	struct packet_sock *k = packet_sk(s);
	const bool *flag = flag_of(k, name);
	int v;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	if (flag) {
		v = *flag;
		return socket_opt_out(val, len, &v, sizeof(v));
	}
	switch (name) {
	case PACKET_STATISTICS:
		return statistics(k, val, len);
	case PACKET_HDRLEN:
		return header_length(val, len);
	case PACKET_ROLLOVER_STATS:
		return rollover_stats(k, val, len);
	case PACKET_VERSION:
		v = k->tp_version;
		break;
	case PACKET_RESERVE:
		v = (int)k->tp_reserve;
		break;
	case PACKET_TX_HAS_OFF:
		v = k->tx_has_off;
		break;
	case PACKET_TIMESTAMP:
		v = k->tp_stamp;
		break;
	case PACKET_COPY_THRESH:
		v = k->copy_thresh;
		break;
	case PACKET_FANOUT:
		net_lock_acquire();
		v = (int)packet_fanout_value(k);
		net_lock_release();
		break;
	default:
		return -ENOPROTOOPT;
	}
	return socket_opt_out(val, len, &v, sizeof(v));
}
