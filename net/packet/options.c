/* SPDX-License-Identifier: MIT */
/*
 * SOL_PACKET: memberships, statistics, and what is only kept.
 *
 * Devices do not filter, so a membership makes no frame come that did not come before; it is checked, counted, and a device knows
 * how many want it to be promiscuous. What is not here (rings, fan-out, virtio headers) answers ENOPROTOOPT.
 *
 * Locks: net_lock.
 * Reference: packet(7).
 */
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include "packet_internal.h"

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

static void device_told(const struct packet_member *m, int by)
{
	struct netdev *d = netdev_by_index(m->ifindex);

	if (d && m->type == PACKET_MR_PROMISC)
		d->promiscuity += by;
	else if (d && m->type == PACKET_MR_ALLMULTI)
		d->allmulti += by;
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
	list_add_tail(&m->link, &k->members);
	device_told(m, 1);
	return 0;
}

static void leave(struct packet_member *m)
{
	device_told(m, -1);
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
	case PACKET_VERSION:	/* of the rings, which are not here: only the first has no fields of its own */
		return v ? -EINVAL : 0;
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
	uint32_t stats[2];

	net_lock_acquire();
	stats[0] = k->packets;
	stats[1] = k->drops;
	k->packets = k->drops = 0;
	net_lock_release();
	return socket_opt_out(val, len, stats, sizeof(stats));
}

int packet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len)
{
	struct packet_sock *k = packet_sk(s);
	const bool *flag = flag_of(k, name);
	int v;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	if (name == PACKET_STATISTICS)
		return statistics(k, val, len);
	if (flag)
		v = *flag;
	else if (name == PACKET_VERSION)
		v = k->tp_version;
	else if (name == PACKET_TIMESTAMP)
		v = k->tp_stamp;
	else if (name == PACKET_COPY_THRESH)
		v = k->copy_thresh;
	else
		return -ENOPROTOOPT;
	return socket_opt_out(val, len, &v, sizeof(v));
}
