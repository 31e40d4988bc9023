/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: addresses of interfaces, IPv4 and IPv6. The lists are net/port/addr4.c's and addr6.c's.
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-address(8).
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "rt_internal.h"

static const struct nla_policy policy4[IFA_MAX + 1] = {
	[IFA_LOCAL] = { NLA_U32, 0 }, [IFA_ADDRESS] = { NLA_U32, 0 }, [IFA_BROADCAST] = { NLA_U32, 0 },
	[IFA_LABEL] = { NLA_STRING, IFNAMSIZ - 1 }, [IFA_CACHEINFO] = { NLA_UNSPEC, 16 }, [IFA_FLAGS] = { NLA_U32, 0 },
	[IFA_RT_PRIORITY] = { NLA_U32, 0 }, [IFA_PROTO] = { NLA_U8, 0 },
};
static const struct nla_policy policy6[IFA_MAX + 1] = {
	[IFA_LOCAL] = { NLA_UNSPEC, 16 }, [IFA_ADDRESS] = { NLA_UNSPEC, 16 }, [IFA_CACHEINFO] = { NLA_UNSPEC, 16 },
	[IFA_FLAGS] = { NLA_U32, 0 }, [IFA_RT_PRIORITY] = { NLA_U32, 0 }, [IFA_PROTO] = { NLA_U8, 0 },
};

/* ---- one address */

static uint32_t stamp(nsec_t t)
{
	return (uint32_t)(t / (NSEC_PER_SEC / 100));
}

static uint32_t left(uint32_t life, nsec_t since)
{
	uint64_t gone = (uint64_t)(clock_monotonic() - since) / NSEC_PER_SEC;

	return life == IFA_LIFE_FOREVER ? life : life > gone ? (uint32_t)(life - gone) : 0;
}

static bool put4(struct nl_buf *b, const struct net_addr4 *a, unsigned type, unsigned flags, uint32_t seq, uint32_t portid)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct ifaddrmsg));
	struct ifa_cacheinfo info = { IFA_LIFE_FOREVER, IFA_LIFE_FOREVER, stamp(a->created), stamp(a->updated) };
	struct ifaddrmsg *m;

	if (!h)
		return false;
	m = nl_data(h);
	*m = (struct ifaddrmsg){ AF_INET, a->prefix, (uint8_t)a->flags, a->scope, (uint32_t)a->dev->index };
	if (!(a->flags & IFA_F_PERMANENT)) {
		info.valid = left(a->valid, a->updated);
		info.preferred = left(a->preferred, a->updated);
	}
	if ((a->peer && !nl_attr_u32(b, IFA_ADDRESS, a->peer)) || !nl_attr_u32(b, IFA_LOCAL, a->local) ||
	    (a->brd && !nl_attr_u32(b, IFA_BROADCAST, a->brd)) || !nl_attr(b, IFA_LABEL, a->label, strlen(a->label) + 1) ||
	    !nl_attr_u32(b, IFA_FLAGS, a->flags) || (a->metric && !nl_attr_u32(b, IFA_RT_PRIORITY, a->metric)) ||
	    !nl_attr(b, IFA_CACHEINFO, &info, sizeof(info))) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

static bool put6(struct nl_buf *b, struct netdev *d, unsigned slot, unsigned type, unsigned flags, uint32_t seq, uint32_t portid)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct ifaddrmsg));
	const struct net_addr6 *a = &port_of(d)->addr6[slot];
	struct net_addr6_view v;
	struct ifa_cacheinfo info = { 0, 0, stamp(a->created), stamp(a->updated) };
	struct ifaddrmsg *m;

	if (!h)
		return false;
	net_addr6_view(d, slot, &v);
	m = nl_data(h);
	*m = (struct ifaddrmsg){ AF_INET6, a->prefix, (uint8_t)v.flags, v.scope, (uint32_t)d->index };
	info.valid = v.valid;
	info.preferred = v.preferred;
	if (!nl_attr(b, IFA_ADDRESS, v.addr, 16) || (a->metric && !nl_attr_u32(b, IFA_RT_PRIORITY, a->metric)) ||
	    !nl_attr(b, IFA_CACHEINFO, &info, sizeof(info)) || !nl_attr_u32(b, IFA_FLAGS, v.flags) ||
	    (a->proto && !nl_attr_u8(b, IFA_PROTO, a->proto))) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

void net_notify_addr4(unsigned type, const struct net_addr4 *a)
{
	char data[256];
	struct nl_buf b = { data, 0, sizeof(data) };

	if (rtnl_wanted(RTNLGRP_IPV4_IFADDR) && put4(&b, a, type, 0, net_cause.seq, net_cause.portid))
		rtnl_notify(RTNLGRP_IPV4_IFADDR, &b);
}

void net_notify_addr6(unsigned type, struct netdev *d, unsigned slot)
{
	char data[256];
	struct nl_buf b = { data, 0, sizeof(data) };

	if (rtnl_wanted(RTNLGRP_IPV6_IFADDR) && put6(&b, d, slot, type, 0, 0, 0))
		rtnl_notify(RTNLGRP_IPV6_IFADDR, &b);
}

/* ---- dumps: args[0] the family that is at it, args[1] the interface, args[2] its next address; filter[0] an interface */

static int dump_start(struct nl_dump *d, struct nl_request *r)
{
	const struct ifaddrmsg *m = (const struct ifaddrmsg *)(r->h + 1);
	const struct nlattr *tb[IFA_MAX + 1];
	struct netdev *dev;
	int err;

	/* A family that has no addresses stands for all. */
	if (d->family != AF_INET && d->family != AF_INET6)
		d->family = AF_UNSPEC;
	d->args[0] = d->family == AF_INET6 ? AF_INET6 : AF_INET;
	if (!d->strict)
		return 0;
	if (r->h->len < sizeof(*r->h) + sizeof(*m)) {
		r->why = d->family == AF_INET6 ? "ipv6: Invalid header for address dump request" : "ipv4: Invalid header for address dump request";
		return -EINVAL;
	}
	if (m->prefixlen || m->flags || m->scope) {
		r->why = d->family == AF_INET6 ? "ipv6: Invalid values in header for address dump request" :
			 "ipv4: Invalid values in header for address dump request";
		return -EINVAL;
	}
	err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, d->family == AF_INET6 ? policy6 : policy4, true);
	if (err)
		return err;
	for (unsigned i = 1; i <= IFA_MAX; i++)
		if (tb[i]) {
			r->why = d->family == AF_INET6 ? "ipv6: Unsupported attribute in dump request" : "ipv4: Unsupported attribute in dump request";
			return -EINVAL;
		}
	if (m->index) {
		d->filter[0] = m->index;
		d->filtered = NLM_F_DUMP_FILTERED;
		net_lock_acquire();
		dev = netdev_by_index((int)m->index);
		net_lock_release();
		return dev ? 0 : -ENODEV;
	}
	return 0;
}

/* True: there was room for all of it. */
static bool dump_dev4(struct nl_dump *d, struct nl_buf *b, struct netdev *dev)
{
	const struct net_addr4 *a;
	long n = 0;

	list_for_each_entry(a, &port_of(dev)->addrs, link) {
		if (n++ < d->args[2])
			continue;
		if (!put4(b, a, RTM_NEWADDR, NLM_F_MULTI | d->filtered, d->seq, d->portid))
			return false;
		d->args[2] = n;
	}
	return true;
}

static bool dump_dev6(struct nl_dump *d, struct nl_buf *b, struct netdev *dev)
{
	unsigned order[LWIP_IPV6_NUM_ADDRESSES], n = net_addr6_sorted(dev, order);

	while (d->args[2] < (long)n) {
		if (!put6(b, dev, order[d->args[2]], RTM_NEWADDR, NLM_F_MULTI | d->filtered, d->seq, d->portid))
			return false;
		d->args[2]++;
	}
	return true;
}

static bool dump_family(struct nl_dump *d, struct nl_buf *b)
{
	struct netdev *dev;

	list_for_each_entry(dev, &netdevs, link) {
		if (dev->index < d->args[1] || !port_of(dev) || (d->filter[0] && dev->index != d->filter[0]))
			continue;
		if (dev->index > d->args[1]) {
			d->args[1] = dev->index;
			d->args[2] = 0;
		}
		if (!(d->args[0] == AF_INET ? dump_dev4(d, b, dev) : dump_dev6(d, b, dev)))
			return false;
		d->args[1]++;
		d->args[2] = 0;
	}
	return true;
}

static int dump_addrs(struct nl_dump *d, struct nl_buf *b)
{
	net_lock_acquire();
	if (dump_family(d, b) && d->family == AF_UNSPEC && d->args[0] == AF_INET) {
		d->args[0] = AF_INET6;
		d->args[1] = d->args[2] = 0;
		(void)dump_family(d, b);
	}
	net_lock_release();
	return 0;
}

/* ---- requests */

static int lifetimes(const struct nlattr *info, uint32_t *valid, uint32_t *preferred)
{
	const struct ifa_cacheinfo *c = info ? nla_data(info) : NULL;

	*valid = *preferred = IFA_LIFE_FOREVER;
	if (!c)
		return 0;
	if (!c->valid || c->preferred > c->valid)
		return -EINVAL;
	*valid = c->valid;
	*preferred = c->preferred;
	return 0;
}

static int new4(struct nl_request *r, const struct ifaddrmsg *m)
{
	const struct nlattr *tb[IFA_MAX + 1];
	struct net_addr4 n = { 0 }, *a;
	struct netdev *d;
	int err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, policy4, false);

	if (err)
		return err;
	if (m->prefixlen > 32 || !tb[IFA_LOCAL])
		return -EINVAL;
	d = netdev_by_index((int)m->index);
	if (!d)
		return -ENODEV;
	n.local = nla_u32(tb[IFA_LOCAL]);
	n.peer = tb[IFA_ADDRESS] ? nla_u32(tb[IFA_ADDRESS]) : n.local;
	n.brd = tb[IFA_BROADCAST] ? nla_u32(tb[IFA_BROADCAST]) : 0;
	n.prefix = m->prefixlen;
	n.scope = m->scope;
	n.flags = (tb[IFA_FLAGS] ? nla_u32(tb[IFA_FLAGS]) : m->flags) & (IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN);
	n.metric = tb[IFA_RT_PRIORITY] ? nla_u32(tb[IFA_RT_PRIORITY]) : 0;
	if (tb[IFA_LABEL])
		nla_string(n.label, tb[IFA_LABEL], sizeof(n.label));
	err = lifetimes(tb[IFA_CACHEINFO], &n.valid, &n.preferred);
	if (err)
		return err;
	list_for_each_entry(a, &port_of(d)->addrs, link)
		if (a->prefix == n.prefix && a->local == n.local && !((a->peer ^ n.peer) & net_mask4(n.prefix))) {
			if (r->h->flags & NLM_F_EXCL || !(r->h->flags & NLM_F_REPLACE))
				return -EEXIST;
			net_addr4_refresh(a, &n);
			return 0;
		}
	return n.local ? net_addr4_add(d, &n, &r->why) : 0;
}

static int del4(struct nl_request *r, const struct ifaddrmsg *m)
{
	const struct nlattr *tb[IFA_MAX + 1];
	struct net_addr4 *a;
	struct netdev *d;
	char label[IFNAMSIZ];
	int err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, policy4, false);

	if (err)
		return err;
	d = netdev_by_index((int)m->index);
	if (!d)
		return -ENODEV;
	if (tb[IFA_LABEL])
		nla_string(label, tb[IFA_LABEL], sizeof(label));
	list_for_each_entry(a, &port_of(d)->addrs, link) {
		if ((tb[IFA_LOCAL] && a->local != nla_u32(tb[IFA_LOCAL])) || (tb[IFA_LABEL] && strcmp(label, a->label)))
			continue;
		if (tb[IFA_ADDRESS] && (a->prefix != m->prefixlen || (nla_u32(tb[IFA_ADDRESS]) ^ a->peer) & net_mask4(a->prefix)))
			continue;
		net_addr4_del(a);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

/* The address of a request: IFA_ADDRESS, or IFA_LOCAL with a peer in IFA_ADDRESS. NULL: none. */
static const uint32_t *address6(const struct nlattr **tb)
{
	const struct nlattr *a = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];

	return a ? nla_data(a) : NULL;
}

static int new6(struct nl_request *r, const struct ifaddrmsg *m)
{
	const struct nlattr *tb[IFA_MAX + 1];
	uint32_t valid, preferred;
	struct net_addr6 n = { 0 };
	struct netdev *d;
	int err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, policy6, false);

	if (err)
		return err;
	if (!address6(tb))
		return -EINVAL;
	/* CAVEATS: no peers. */
	if (tb[IFA_LOCAL] && tb[IFA_ADDRESS] && memcmp(nla_data(tb[IFA_LOCAL]), nla_data(tb[IFA_ADDRESS]), 16))
		return -EOPNOTSUPP;
	err = lifetimes(tb[IFA_CACHEINFO], &valid, &preferred);
	if (err)
		return err;
	d = netdev_by_index((int)m->index);
	if (!d)
		return -ENODEV;
	n.prefix = m->prefixlen;
	n.flags = (tb[IFA_FLAGS] ? nla_u32(tb[IFA_FLAGS]) : m->flags) & (IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |
		  IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC);
	n.metric = tb[IFA_RT_PRIORITY] ? nla_u32(tb[IFA_RT_PRIORITY]) : 0;
	n.proto = tb[IFA_PROTO] ? nla_u8(tb[IFA_PROTO]) : 0;
	return net_addr6_add(d, address6(tb), &n, valid, preferred, r->h->flags, &r->why);
}

static int del6(struct nl_request *r, const struct ifaddrmsg *m)
{
	const struct nlattr *tb[IFA_MAX + 1];
	struct netdev *d;
	int err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, policy6, false);

	if (err)
		return err;
	if (!address6(tb))
		return -EINVAL;
	d = netdev_by_index((int)m->index);
	if (m->prefixlen > 128)
		return -EINVAL;
	if (!d)
		return -ENODEV;
	return net_addr6_del(d, address6(tb), m->prefixlen);
}

static int change_addr(struct nl_request *r)
{
	const struct ifaddrmsg *m = (const struct ifaddrmsg *)(r->h + 1);
	bool add = r->h->type == RTM_NEWADDR;

	switch (m->family) {
	case AF_INET:
		return add ? new4(r, m) : del4(r, m);
	case AF_INET6:
		return add ? new6(r, m) : del6(r, m);
	default:
		return -EOPNOTSUPP;
	}
}

/* One address of IPv6, by itself. */
static int get_addr(struct nl_request *r)
{
	const struct ifaddrmsg *m = (const struct ifaddrmsg *)(r->h + 1);
	const struct nlattr *tb[IFA_MAX + 1];
	struct netdev *d;
	char data[256];
	struct nl_buf b = { data, 0, sizeof(data) };
	int err;

	if (m->family != AF_INET6)
		return -EOPNOTSUPP;
	err = nl_parse_msg(r, sizeof(*m), tb, IFA_MAX, policy6, false);
	if (err)
		return err;
	if (!address6(tb))
		return -EINVAL;
	list_for_each_entry(d, &netdevs, link) {
		int slot = port_of(d) && (!m->index || (int)m->index == d->index) ? net_addr6_find(d, address6(tb)) : -1;

		if (slot >= 0)
			return put6(&b, d, (unsigned)slot, RTM_NEWADDR, 0, r->h->seq, r->portid) ? nl_reply(r, &b) : -EMSGSIZE;
	}
	return -EADDRNOTAVAIL;
}

static int __init rt_addr_init(void)
{
	static const struct rtnl_handler get = { .doit = get_addr, .dump = dump_addrs, .dump_start = dump_start };
	static const struct rtnl_handler set = { .doit = change_addr };

	rtnl_register(RTM_GETADDR, &get);
	rtnl_register(RTM_NEWADDR, &set);
	return rtnl_register(RTM_DELADDR, &set);
}
INITCALL(INITCALL_FS, rt_addr_init);
