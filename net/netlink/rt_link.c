/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: links. RTM_NEWLINK and RTM_SETLINK change one, RTM_GETLINK shows one or all.
 *
 * There are no kinds of links that could be made (RTM_NEWLINK with IFLA_LINKINFO) or removed.
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-link(8).
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include "rt_internal.h"

/* ---- one link */

static bool put_stats(struct nl_buf *b, const struct netdev *d)
{
	const struct netdev_stats *s = &d->stats;
	struct rtnl_link_stats64 t = {
		s->rx_packets, s->tx_packets, s->rx_bytes, s->tx_bytes, s->rx_errors, s->tx_errors, s->rx_dropped, s->tx_dropped,
		s->multicast, 0, { 0 }, { 0 }, 0, 0, 0, 0,
	};
	const uint64_t *from = (const uint64_t *)&t;
	uint32_t half[RTNL_LINK_STATS_WORDS];

	for (unsigned i = 0; i < ARRAY_SIZE(half); i++)
		half[i] = (uint32_t)from[i];
	return nl_attr(b, IFLA_STATS64, &t, sizeof(t)) && nl_attr(b, IFLA_STATS, half, sizeof(half));
}

/* What Linux has for each interface under /proc/sys/net/ipv4/conf, in the order of its numbers from 1. */
static bool put_inet(struct nl_buf *b, const struct netdev *d)
{
	bool lo = d->flags & IFF_LOOPBACK;
	uint32_t conf[IPV4_DEVCONF_MAX] = {
		[3] = 1, [4] = 1, [5] = 1, [6] = 1, [8] = 1, [14] = lo, [15] = lo, [26] = 10000, [27] = 1000, [32] = 1,
	};
	struct nlattr *n = nl_nest(b, AF_INET);

	if (!n || !nl_attr(b, IFLA_INET_CONF, conf, sizeof(conf)))
		return false;
	nl_nest_end(b, n);
	return true;
}

static bool put_inet6(struct nl_buf *b, const struct netdev *d)
{
	struct ifla_cacheinfo info = { 65535, 0, 30000, 1000 };
	uint32_t conf[DEVCONF_MAX] = { [1] = 64, [2] = d->mtu, [3] = 1, [4] = 1, [5] = 1, [6] = 1, [7] = UINT32_MAX };
	static const uint8_t token[16];
	struct nlattr *n = nl_nest(b, AF_INET6);

	if (!n || !nl_attr_u32(b, IFLA_INET6_FLAGS, d->flags & IFF_UP ? 0x80000000u : 0) ||
	    !nl_attr(b, IFLA_INET6_CACHEINFO, &info, sizeof(info)) || !nl_attr(b, IFLA_INET6_CONF, conf, sizeof(conf)) ||
	    !nl_attr(b, IFLA_INET6_TOKEN, token, sizeof(token)) || !nl_attr_u8(b, IFLA_INET6_ADDR_GEN_MODE, 0))
		return false;
	nl_nest_end(b, n);
	return true;
}

static bool put_families(struct nl_buf *b, const struct netdev *d)
{
	struct nlattr *n = nl_nest(b, IFLA_AF_SPEC);

	if (!n || !put_inet(b, d) || !put_inet6(b, d))
		return false;
	nl_nest_end(b, n);
	return true;
}

static bool put_xdp(struct nl_buf *b)
{
	struct nlattr *n = nl_nest(b, IFLA_XDP);

	if (!n || !nl_attr_u8(b, IFLA_XDP_ATTACHED, 0))
		return false;
	nl_nest_end(b, n);
	return true;
}

static bool put_attrs(struct nl_buf *b, const struct netdev *d)
{
	static const uint8_t zero[6], ones[6] = { 255, 255, 255, 255, 255, 255 }, map[32];
	bool lo = d->flags & IFF_LOOPBACK;
	const char *qdisc = d->was_up ? (lo ? "noqueue" : "pfifo_fast") : "noop";

	return nl_attr(b, IFLA_IFNAME, d->name, strlen(d->name) + 1) && nl_attr_u32(b, IFLA_TXQLEN, d->tx_queue_len) &&
	       nl_attr_u8(b, IFLA_OPERSTATE, (uint8_t)net_link_operstate(d)) && nl_attr_u8(b, IFLA_LINKMODE, 0) &&
	       nl_attr_u32(b, IFLA_MTU, d->mtu) && nl_attr_u32(b, IFLA_MIN_MTU, lo ? 0 : 68) &&
	       nl_attr_u32(b, IFLA_MAX_MTU, lo ? 0 : d->max_mtu) && nl_attr_u32(b, IFLA_GROUP, 0) &&
	       nl_attr_u32(b, IFLA_PROMISCUITY, !!(d->flags & IFF_PROMISC)) && nl_attr_u32(b, IFLA_ALLMULTI, !!(d->flags & IFF_ALLMULTI)) &&
	       nl_attr_u32(b, IFLA_NUM_TX_QUEUES, 1) && nl_attr_u32(b, IFLA_GSO_MAX_SEGS, 65535) &&
	       nl_attr_u32(b, IFLA_GSO_MAX_SIZE, 65536) && nl_attr_u32(b, IFLA_GRO_MAX_SIZE, 65536) &&
	       nl_attr_u32(b, IFLA_TSO_MAX_SIZE, lo ? 524280 : 65536) && nl_attr_u32(b, IFLA_TSO_MAX_SEGS, 65535) &&
	       nl_attr_u32(b, IFLA_NUM_RX_QUEUES, 1) && nl_attr_u8(b, IFLA_CARRIER, d->carrier) &&
	       nl_attr(b, IFLA_QDISC, qdisc, strlen(qdisc) + 1) && nl_attr_u32(b, IFLA_CARRIER_CHANGES, 0) &&
	       nl_attr_u32(b, IFLA_CARRIER_UP_COUNT, 0) && nl_attr_u32(b, IFLA_CARRIER_DOWN_COUNT, 0) && nl_attr_u8(b, IFLA_PROTO_DOWN, 0) &&
	       nl_attr(b, IFLA_MAP, map, sizeof(map)) && nl_attr(b, IFLA_ADDRESS, d->mac, 6) &&
	       nl_attr(b, IFLA_BROADCAST, lo ? zero : ones, 6) && put_stats(b, d) && put_xdp(b) && put_families(b, d) &&
	       (lo || nl_attr(b, IFLA_PERM_ADDRESS, d->perm_mac, 6));
}

bool rtnl_put_link(struct nl_buf *b, struct netdev *d, unsigned type, unsigned flags, uint32_t seq, uint32_t portid, unsigned change)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct ifinfomsg));
	struct ifinfomsg *i;

	if (!h)
		return false;
	i = nl_data(h);
	i->type = d->type;
	i->index = d->index;
	i->flags = netdev_flags(d);
	i->change = change;
	if (!put_attrs(b, d)) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

void net_notify_link(struct netdev *d, unsigned change)
{
	struct nl_buf b = { NULL, 0, RTNL_MSG_MAX };

	if (!rtnl_wanted(RTNLGRP_LINK))
		return;
	b.data = kmalloc(b.size, GFP_KERNEL);
	if (b.data && rtnl_put_link(&b, d, RTM_NEWLINK, 0, 0, 0, change))
		rtnl_notify(RTNLGRP_LINK, &b);
	kfree(b.data);
}

/* ---- requests */

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { NLA_STRING, IFNAMSIZ - 1 }, [IFLA_ADDRESS] = { NLA_BINARY, 32 }, [IFLA_BROADCAST] = { NLA_BINARY, 32 },
	[IFLA_MAP] = { NLA_UNSPEC, 28 }, [IFLA_MTU] = { NLA_U32, 0 }, [IFLA_LINK] = { NLA_U32, 0 }, [IFLA_MASTER] = { NLA_U32, 0 },
	[IFLA_CARRIER] = { NLA_U8, 0 }, [IFLA_TXQLEN] = { NLA_U32, 0 }, [IFLA_OPERSTATE] = { NLA_U8, 0 }, [IFLA_LINKMODE] = { NLA_U8, 0 },
	[IFLA_LINKINFO] = { NLA_NESTED, 0 }, [IFLA_NET_NS_PID] = { NLA_U32, 0 }, [IFLA_NET_NS_FD] = { NLA_U32, 0 },
	[IFLA_IFALIAS] = { NLA_BINARY, 255 }, [IFLA_AF_SPEC] = { NLA_NESTED, 0 }, [IFLA_EXT_MASK] = { NLA_U32, 0 },
	[IFLA_PROMISCUITY] = { NLA_U32, 0 }, [IFLA_NUM_TX_QUEUES] = { NLA_U32, 0 }, [IFLA_NUM_RX_QUEUES] = { NLA_U32, 0 },
	[IFLA_GROUP] = { NLA_U32, 0 }, [IFLA_PROTO_DOWN] = { NLA_U8, 0 }, [IFLA_XDP] = { NLA_NESTED, 0 },
	[IFLA_ALT_IFNAME] = { NLA_STRING, 127 },
};

/* By number, or by name in IFLA_IFNAME or IFLA_ALT_IFNAME. NULL with *err. */
static struct netdev *find(const struct ifinfomsg *i, const struct nlattr **tb, int *err)
{
	const struct nlattr *name = tb[IFLA_IFNAME] ? tb[IFLA_IFNAME] : tb[IFLA_ALT_IFNAME];
	struct netdev *d = NULL;
	char text[IFNAMSIZ];

	*err = -EINVAL;
	if (i->index > 0) {
		d = netdev_by_index(i->index);
		*err = -ENODEV;
	} else if (name) {
		nla_string(text, name, sizeof(text));
		d = nla_len(name) > IFNAMSIZ ? NULL : netdev_by_name(text);
		*err = -ENODEV;
	}
	return d;
}

static int get_link(struct nl_request *r)
{
	const struct ifinfomsg *i = (const struct ifinfomsg *)(r->h + 1);
	struct nl_buf b = { NULL, 0, RTNL_MSG_MAX };
	const struct nlattr *tb[IFLA_MAX + 1];
	struct netdev *d;
	int err = nl_parse_msg(r, sizeof(*i), tb, IFLA_MAX, link_policy, false);

	if (err)
		return err;
	if (nl_option(r, NETLINK_GET_STRICT_CHK) && (i->pad || i->type || i->flags || i->change)) {
		r->why = "Invalid values in header for get link request";
		return -EINVAL;
	}
	d = find(i, tb, &err);
	if (!d)
		return err;
	b.data = kmalloc(b.size, GFP_KERNEL);
	if (!b.data)
		return -ENOBUFS;
	err = rtnl_put_link(&b, d, RTM_NEWLINK, 0, r->h->seq, r->portid, 0) ? nl_reply(r, &b) : -EMSGSIZE;
	kfree(b.data);
	return err;
}

/* filter[0]: a master or kind was asked for, which no link has. */
static int dump_start(struct nl_dump *d, struct nl_request *r)
{
	const struct ifinfomsg *i = (const struct ifinfomsg *)(r->h + 1);
	const struct nlattr *tb[IFLA_MAX + 1];
	size_t fixed = sizeof(*i);
	int err;

	if (d->strict) {
		if (r->h->len < sizeof(*r->h) + sizeof(*i)) {
			r->why = "Invalid header for link dump";
			return -EINVAL;
		}
		if (i->pad || i->type || i->flags || i->change) {
			r->why = "Invalid values in header for link dump request";
			return -EINVAL;
		}
		if (i->index) {
			r->why = "Filter by device index not supported for link dumps";
			return -EINVAL;
		}
	} else if (r->h->len < sizeof(*r->h) + sizeof(*i)) {
		fixed = sizeof(struct rtgenmsg);	/* old programs */
	}
	err = nl_parse_msg(r, fixed, tb, IFLA_MAX, link_policy, d->strict);
	if (err)
		return d->strict ? err : 0;
	d->filter[0] = (tb[IFLA_MASTER] && nla_u32(tb[IFLA_MASTER])) || tb[IFLA_LINKINFO];
	return 0;
}

static int dump_links(struct nl_dump *d, struct nl_buf *b)
{
	struct netdev *dev;

	if (d->filter[0])
		return 0;
	net_lock_acquire();
	list_for_each_entry(dev, &netdevs, link) {
		if (dev->index <= d->args[0])
			continue;
		if (!rtnl_put_link(b, dev, RTM_NEWLINK, NLM_F_MULTI, d->seq, d->portid, 0))
			break;
		d->args[0] = dev->index;
	}
	net_lock_release();
	return 0;
}

static int change(struct nl_request *r, struct netdev *d, const struct ifinfomsg *i, const struct nlattr **tb)
{
	char name[IFNAMSIZ];
	int err = 0;

	if (tb[IFLA_NET_NS_PID] || tb[IFLA_NET_NS_FD])
		return -EINVAL;
	if (tb[IFLA_MAP] || (tb[IFLA_MASTER] && nla_u32(tb[IFLA_MASTER])))
		return -EOPNOTSUPP;
	if (tb[IFLA_ADDRESS]) {
		if (nla_len(tb[IFLA_ADDRESS]) < 6)
			return -EINVAL;
		err = net_link_set_mac(d, nla_data(tb[IFLA_ADDRESS]));
	}
	if (!err && tb[IFLA_MTU])
		err = net_link_set_mtu(d, nla_u32(tb[IFLA_MTU]), &r->why);
	if (!err && i->index > 0 && tb[IFLA_IFNAME]) {
		nla_string(name, tb[IFLA_IFNAME], sizeof(name));
		if (name[0])
			err = net_link_set_name(d, name);
	}
	if (!err && tb[IFLA_BROADCAST] && memcmp(nla_data(tb[IFLA_BROADCAST]), d->flags & IFF_LOOPBACK ? "\0\0\0\0\0\0" : "\377\377\377\377\377\377",
						 MIN(nla_len(tb[IFLA_BROADCAST]), 6u)))
		err = -EOPNOTSUPP;
	if (!err && (i->flags || i->change))
		err = net_link_set_flags(d, i->flags, i->change ? i->change : UINT32_MAX, &r->why);
	if (!err && tb[IFLA_CARRIER])
		err = -EOPNOTSUPP;
	if (!err && tb[IFLA_TXQLEN]) {
		if (nla_u32(tb[IFLA_TXQLEN]) > INT32_MAX)
			return -ERANGE;
		err = net_link_set_txqlen(d, nla_u32(tb[IFLA_TXQLEN]));
	}
	if (!err && ((tb[IFLA_GROUP] && nla_u32(tb[IFLA_GROUP])) || tb[IFLA_IFALIAS] || (tb[IFLA_PROTO_DOWN] && nla_u8(tb[IFLA_PROTO_DOWN])) ||
		     tb[IFLA_XDP]))
		err = -EOPNOTSUPP;
	return err;
}

static int set_link(struct nl_request *r)
{
	const struct ifinfomsg *i = (const struct ifinfomsg *)(r->h + 1);
	const struct nlattr *tb[IFLA_MAX + 1];
	bool is_new = r->h->type == RTM_NEWLINK;
	struct netdev *d;
	int err = nl_parse_msg(r, sizeof(*i), tb, IFLA_MAX, link_policy, false);

	if (err)
		return err;
	if (i->index < 0) {
		r->why = "ifindex can't be negative";
		return -EINVAL;
	}
	d = find(i, tb, &err);
	if (!d && is_new && err == -ENODEV && r->h->flags & NLM_F_CREATE) {
		r->why = "Unknown device type";
		return -EOPNOTSUPP;
	}
	if (!d)
		return is_new && err == -EINVAL ? (r->h->flags & NLM_F_CREATE ? -EOPNOTSUPP : -ENODEV) : err;
	if (is_new && r->h->flags & NLM_F_EXCL)
		return -EEXIST;
	if (is_new && r->h->flags & NLM_F_REPLACE)
		return -EOPNOTSUPP;
	if (is_new && tb[IFLA_LINKINFO])
		return -EOPNOTSUPP;
	return change(r, d, i, tb);
}

static int del_link(struct nl_request *r)
{
	const struct ifinfomsg *i = (const struct ifinfomsg *)(r->h + 1);
	const struct nlattr *tb[IFLA_MAX + 1];
	int err = nl_parse_msg(r, sizeof(*i), tb, IFLA_MAX, link_policy, false);

	if (err)
		return err;
	/* What is there is hardware. */
	return find(i, tb, &err) ? -EOPNOTSUPP : err;
}

static int __init rt_link_init(void)
{
	static const struct rtnl_handler get = { .doit = get_link, .dump = dump_links, .dump_start = dump_start };
	static const struct rtnl_handler set = { .doit = set_link }, del = { .doit = del_link };

	rtnl_register(RTM_GETLINK, &get);
	rtnl_register(RTM_NEWLINK, &set);
	rtnl_register(RTM_SETLINK, &set);
	return rtnl_register(RTM_DELLINK, &del);
}
INITCALL(INITCALL_FS, rt_link_init);
