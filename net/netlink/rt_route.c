/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: IPv4 routes. The list and the look-up are net/port/route.c's. What the two families share is here too: dispatch, the
 * order of dumps, metrics.
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-route(8).
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "rt_internal.h"

const struct nla_policy rtnl_route4_policy[RTA_MAX + 1] = {
	[RTA_DST] = { NLA_U32, 0 }, [RTA_SRC] = { NLA_U32, 0 }, [RTA_IIF] = { NLA_U32, 0 }, [RTA_OIF] = { NLA_U32, 0 },
	[RTA_GATEWAY] = { NLA_U32, 0 }, [RTA_PRIORITY] = { NLA_U32, 0 }, [RTA_PREFSRC] = { NLA_U32, 0 }, [RTA_METRICS] = { NLA_NESTED, 0 },
	[RTA_MULTIPATH] = { NLA_UNSPEC, 8 }, [RTA_FLOW] = { NLA_U32, 0 }, [RTA_TABLE] = { NLA_U32, 0 }, [RTA_MARK] = { NLA_U32, 0 },
	[RTA_UID] = { NLA_U32, 0 }, [RTA_IP_PROTO] = { NLA_U8, 0 }, [RTA_SPORT] = { NLA_U16, 0 }, [RTA_DPORT] = { NLA_U16, 0 },
	[RTA_ENCAP_TYPE] = { NLA_U16, 0 }, [RTA_ENCAP] = { NLA_NESTED, 0 }, [RTA_NH_ID] = { NLA_U32, 0 },
};

/* ---- metrics: words by RTAX_*, a bit of word 0 for each that is there */

bool rtnl_put_metrics(struct nl_buf *b, const uint32_t *metrics)
{
	struct nlattr *n;

	if (!metrics || !metrics[0])
		return true;
	n = nl_nest(b, RTA_METRICS);
	if (!n)
		return false;
	for (unsigned i = 1; i <= RTAX_MAX; i++)
		if (metrics[0] & BIT(i) && !nl_attr_u32(b, i, metrics[i]))
			return false;
	nl_nest_end(b, n);
	return true;
}

int rtnl_get_metrics(struct nl_request *r, const struct nlattr *a, uint32_t **out)
{
	const struct nlattr *tb[RTAX_MAX + 1];
	uint32_t *m;
	int err;

	*out = NULL;
	if (!a)
		return 0;
	err = nl_parse(r, nla_data(a), nla_len(a), tb, RTAX_MAX, NULL, true);
	if (err) {
		r->why = "Invalid metric type";
		r->bad = NULL;
		return err;
	}
	if (tb[RTAX_CC_ALGO]) {
		r->why = "Unknown tcp congestion algorithm";
		return -EINVAL;
	}
	m = kzalloc((RTAX_MAX + 1) * sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	for (unsigned i = 1; i <= RTAX_MAX; i++) {
		if (!tb[i])
			continue;
		if (nla_len(tb[i]) != 4) {
			r->why = "Invalid attribute in metrics";
			kfree(m);
			return -EINVAL;
		}
		m[i] = i == RTAX_ADVMSS ? MIN(nla_u32(tb[i]), 65535u - 40) : i == RTAX_MTU ? MIN(nla_u32(tb[i]), 65535u - 15) :
		       i == RTAX_HOPLIMIT ? MIN(nla_u32(tb[i]), 255u) : nla_u32(tb[i]);
		m[0] |= BIT(i);
	}
	net_route_metrics = net_pmtu_any = true;
	*out = m;
	return 0;
}

/* ---- one route */

static bool put4(struct nl_buf *b, const struct net_route *t, unsigned type, unsigned flags, uint32_t seq, uint32_t portid)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct rtmsg));
	struct rtmsg *m;

	if (!h)
		return false;
	m = nl_data(h);
	m->family = AF_INET;
	m->dst_len = (uint8_t)net_prefix4(t->mask);
	m->tos = t->tos;
	m->table = (uint8_t)(t->table < 256 ? t->table : RT_TABLE_COMPAT);
	m->protocol = t->protocol;
	m->scope = t->scope;
	m->type = t->type;
	m->flags = t->flags | (t->dev && !t->dev->carrier ? RTNH_F_LINKDOWN : 0);
	if (!nl_attr_u32(b, RTA_TABLE, t->table) || (m->dst_len && !nl_attr_u32(b, RTA_DST, t->dst)) ||
	    (t->metric && !nl_attr_u32(b, RTA_PRIORITY, t->metric)) || !rtnl_put_metrics(b, t->metrics) ||
	    (t->src && !nl_attr_u32(b, RTA_PREFSRC, t->src)) || (t->gw && !nl_attr_u32(b, RTA_GATEWAY, t->gw)) ||
	    (t->dev && !nl_attr_u32(b, RTA_OIF, (uint32_t)t->dev->index))) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

void net_notify_route4(unsigned type, const struct net_route *t, unsigned nlflags)
{
	char data[384];
	struct nl_buf b = { data, 0, sizeof(data) };
	bool kernel = t->protocol == RTPROT_KERNEL;	/* not what the asker has asked for */

	if (rtnl_wanted(RTNLGRP_IPV4_ROUTE) && put4(&b, t, type, nlflags, kernel ? 0 : net_cause.seq, kernel ? 0 : net_cause.portid))
		rtnl_notify(RTNLGRP_IPV4_ROUTE, &b);
}

/* ---- dumps: args[0] family at it, args[1] next route; filter: table, interface + 1, protocol, type */

enum { BY_TABLE, BY_DEV, BY_PROTOCOL, BY_TYPE };

static int dump_start(struct nl_dump *d, struct nl_request *r)
{
	const struct rtmsg *m = (const struct rtmsg *)(r->h + 1);
	const struct nlattr *tb[RTA_MAX + 1];
	int err;

	/* A family that has no routes stands for all. */
	if (d->family != AF_INET && d->family != AF_INET6)
		d->family = AF_UNSPEC;
	d->args[0] = d->family == AF_INET6 ? AF_INET6 : AF_INET;
	if (r->h->len < sizeof(*r->h) + sizeof(*m)) {
		r->why = "Invalid header for FIB dump request";
		return d->strict ? -EINVAL : 0;
	}
	if (!d->strict)
		return 0;
	/* What is asked for is the cache of looked-up routes; there is none. */
	if (m->flags & RTM_F_CLONED)
		d->filter[BY_TYPE] = 256;
	if (m->dst_len || m->src_len || m->tos || m->scope) {
		r->why = "Invalid values in header for FIB dump request";
		return -EINVAL;
	}
	if (m->flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) {
		r->why = "Invalid flags for FIB dump request";
		return -EINVAL;
	}
	err = nl_parse_msg(r, sizeof(*m), tb, RTA_MAX, d->family == AF_INET6 ? rtnl_route6_policy : rtnl_route4_policy, true);
	if (err)
		return err;
	for (unsigned i = 1; i <= RTA_MAX; i++)
		if (tb[i] && i != RTA_TABLE && i != RTA_OIF) {
			r->why = "Unsupported attribute in dump request";
			return -EINVAL;
		}
	d->filter[BY_TABLE] = tb[RTA_TABLE] ? nla_u32(tb[RTA_TABLE]) : m->table;
	d->filter[BY_PROTOCOL] = m->protocol;
	if (m->type)
		d->filter[BY_TYPE] = m->type;
	if (tb[RTA_OIF]) {
		net_lock_acquire();
		err = netdev_by_index((int)nla_u32(tb[RTA_OIF])) ? 0 : -ENODEV;
		net_lock_release();
		d->filter[BY_DEV] = nla_u32(tb[RTA_OIF]);
	}
	if (!err && (d->filter[BY_TABLE] || d->filter[BY_PROTOCOL] || d->filter[BY_TYPE] || d->filter[BY_DEV]))
		d->filtered = NLM_F_DUMP_FILTERED;
	if (!err && d->filter[BY_TABLE] && d->family != AF_UNSPEC && !net_table_exists(d->family, (uint32_t)d->filter[BY_TABLE])) {
		r->why = d->family == AF_INET ? "ipv4: FIB table does not exist" : "ipv6: FIB table does not exist";
		return -ENOENT;
	}
	return err;
}

bool rtnl_route_wanted(const struct nl_dump *d, uint32_t table, const struct netdev *dev, unsigned protocol, unsigned type)
{
	const long *f = d->filter;

	return (!f[BY_TABLE] || f[BY_TABLE] == (long)table) && (!f[BY_DEV] || (dev && f[BY_DEV] == dev->index)) &&
	       (!f[BY_PROTOCOL] || f[BY_PROTOCOL] == (long)protocol) && (!f[BY_TYPE] || f[BY_TYPE] == (long)type);
}

static bool dump4(struct nl_dump *d, struct nl_buf *b)
{
	const struct net_route *t;
	long n = 0;

	list_for_each_entry(t, &net_routes, link) {
		if (n++ < d->args[1])
			continue;
		if (rtnl_route_wanted(d, t->table, t->dev, t->protocol, t->type) &&
		    !put4(b, t, RTM_NEWROUTE, NLM_F_MULTI | (d->strict ? NLM_F_DUMP_FILTERED : 0), d->seq, d->portid))
			return false;
		d->args[1] = n;
	}
	return true;
}

static int dump_routes(struct nl_dump *d, struct nl_buf *b)
{
	bool all;

	net_lock_acquire();
	all = d->args[0] == AF_INET ? dump4(d, b) : rtnl_dump_routes6(d, b);
	if (all && d->family == AF_UNSPEC && d->args[0] == AF_INET) {
		d->args[0] = AF_INET6;
		d->args[1] = 0;
		(void)rtnl_dump_routes6(d, b);
	}
	net_lock_release();
	return 0;
}

/* ---- requests */

/* Of a request to add or remove. */
static int parse4(struct nl_request *r, const struct rtmsg *m, const struct nlattr **tb, struct net_route *n)
{
	int err;

	if (r->h->len < sizeof(*r->h) + sizeof(*m))
		return -EINVAL;
	err = nl_parse_msg(r, sizeof(*m), tb, RTA_MAX, rtnl_route4_policy, false);
	if (err)
		return err;
	if (m->dst_len > 32) {
		r->why = "Invalid prefix length";
		return -EINVAL;
	}
	if (m->tos & 3) {
		r->why = "Invalid dsfield (tos): ECN bits must be 0";
		return -EINVAL;
	}
	if (m->flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) {
		r->why = "Invalid rtm_flags - can not contain DEAD or LINKDOWN";
		return -EINVAL;
	}
	if (tb[RTA_GATEWAY] && tb[RTA_VIA]) {
		r->why = "Nexthop configuration can not contain both GATEWAY and VIA";
		return -EINVAL;
	}
	/* CAVEATS: one next hop, of IPv4, without a tunnel. */
	if (tb[RTA_MULTIPATH] || tb[RTA_VIA] || tb[RTA_ENCAP] || tb[RTA_NH_ID] || tb[RTA_FLOW])
		return -EOPNOTSUPP;
	*n = (struct net_route){
		.table = tb[RTA_TABLE] ? nla_u32(tb[RTA_TABLE]) : m->table, .dst = tb[RTA_DST] ? nla_u32(tb[RTA_DST]) : 0,
		.mask = net_mask4(m->dst_len), .gw = tb[RTA_GATEWAY] ? nla_u32(tb[RTA_GATEWAY]) : 0,
		.src = tb[RTA_PREFSRC] ? nla_u32(tb[RTA_PREFSRC]) : 0, .metric = tb[RTA_PRIORITY] ? nla_u32(tb[RTA_PRIORITY]) : 0,
		.tos = m->tos, .protocol = m->protocol, .scope = m->scope, .type = m->type, .flags = m->flags & RTNH_F_ONLINK,
	};
	if (!n->table)
		n->table = RT_TABLE_MAIN;
	return 0;
}

int rtnl_change_route4(struct nl_request *r)
{
	const struct rtmsg *m = (const struct rtmsg *)(r->h + 1);
	const struct nlattr *tb[RTA_MAX + 1];
	struct net_route n;
	int err = parse4(r, m, tb, &n);

	if (err)
		return err;
	if (tb[RTA_OIF] && nla_u32(tb[RTA_OIF])) {
		n.dev = netdev_by_index((int)nla_u32(tb[RTA_OIF]));
		if (!n.dev)
			return r->h->type == RTM_NEWROUTE ? -ENODEV : -ESRCH;
	}
	if (r->h->type == RTM_DELROUTE) {
		if (!net_table_exists(AF_INET, n.table)) {
			r->why = "FIB table does not exist";
			return -ESRCH;
		}
		return net_route_del(&n);
	}
	err = rtnl_get_metrics(r, tb[RTA_METRICS], &n.metrics);
	if (err)
		return err;
	err = net_route_change(&n, r->h->flags, &r->why);
	if (err)
		kfree(n.metrics);
	return err;
}

/* What a packet would do: RTM_GETROUTE. */
int rtnl_get_route4(struct nl_request *r)
{
	const struct rtmsg *m = (const struct rtmsg *)(r->h + 1);
	const struct nlattr *tb[RTA_MAX + 1];
	const struct net_route *t;
	struct rta_cacheinfo info = { 0 };
	char data[384];
	struct nl_buf b = { data, 0, sizeof(data) };
	struct netdev *dev;
	struct nlmsghdr *h;
	struct rtmsg *o;
	uint32_t dst, src, from;
	int oif, err = nl_parse_msg(r, sizeof(*m), tb, RTA_MAX, rtnl_route4_policy, false);

	if (err)
		return err;
	if (nl_option(r, NETLINK_GET_STRICT_CHK) && ((m->src_len && m->src_len != 32) || (m->dst_len && m->dst_len != 32) || m->table ||
						     m->protocol || m->scope || m->type)) {
		r->why = "ipv4: Invalid values in header for route get request";
		return -EINVAL;
	}
	if (tb[RTA_IIF] && nla_u32(tb[RTA_IIF]))
		return -EOPNOTSUPP;	/* CAVEATS: what would become of a packet that came in */
	dst = tb[RTA_DST] ? nla_u32(tb[RTA_DST]) : 0;
	from = tb[RTA_SRC] ? nla_u32(tb[RTA_SRC]) : 0;
	oif = tb[RTA_OIF] ? (int)nla_u32(tb[RTA_OIF]) : 0;
	if (!dst)
		dst = __builtin_bswap32(0x7f000001);
	if (oif && !netdev_by_index(oif))
		return -ENODEV;
	if (from && net_addr4_type(from) != RTN_LOCAL)
		return -EINVAL;
	err = net_route_output(dst, oif, &dev, &src);
	if (err)
		return err;
	if (net_route_lookup(dst, net_addr4_local(dst) ? 0 : oif, &t))
		t = NULL;
	if (m->flags & RTM_F_FIB_MATCH)
		return !t ? -EHOSTUNREACH : put4(&b, t, RTM_NEWROUTE, 0, r->h->seq, r->portid) ? nl_reply(r, &b) : -EMSGSIZE;
	h = nl_begin(&b, RTM_NEWROUTE, 0, r->h->seq, r->portid, sizeof(*o));
	o = nl_data(h);
	*o = (struct rtmsg){ .family = AF_INET, .dst_len = 32, .src_len = from ? 32 : 0, .tos = m->tos,
			     .table = RT_TABLE_MAIN, .type = (uint8_t)net_addr4_type(dst), .flags = RTM_F_CLONED };
	if (dev->flags & IFF_LOOPBACK)
		o->flags |= RTCF_LOCAL;
	if (o->type == RTN_BROADCAST)
		o->flags |= RTCF_BROADCAST | RTCF_LOCAL;
	if (o->type == RTN_MULTICAST)
		o->flags |= RTCF_MULTICAST;
	if (!nl_attr_u32(&b, RTA_TABLE, RT_TABLE_MAIN) || !nl_attr_u32(&b, RTA_DST, dst) ||
	    (from && !nl_attr_u32(&b, RTA_SRC, from)) || !nl_attr_u32(&b, RTA_OIF, (uint32_t)dev->index) ||
	    (!from && !nl_attr_u32(&b, RTA_PREFSRC, src)) ||
	    (t && t->gw && !(dev->flags & IFF_LOOPBACK) && !nl_attr_u32(&b, RTA_GATEWAY, t->gw)) || !rtnl_put_metrics(&b, t ? t->metrics : NULL) ||
	    !nl_attr_u32(&b, RTA_UID, tb[RTA_UID] ? nla_u32(tb[RTA_UID]) : current_cred()->uid) ||
	    !nl_attr(&b, RTA_CACHEINFO, &info, sizeof(info)))
		return -EMSGSIZE;
	nl_end(&b, h);
	return nl_reply(r, &b);
}

static int change_route(struct nl_request *r)
{
	switch (*(const uint8_t *)(r->h + 1)) {
	case AF_INET:
		return rtnl_change_route4(r);
	case AF_INET6:
		return rtnl_change_route6(r);
	default:
		return -EOPNOTSUPP;
	}
}

static int get_route(struct nl_request *r)
{
	switch (*(const uint8_t *)(r->h + 1)) {
	case AF_INET:
		return rtnl_get_route4(r);
	case AF_INET6:
		return rtnl_get_route6(r);
	default:
		return -EOPNOTSUPP;
	}
}

static int __init rt_route_init(void)
{
	static const struct rtnl_handler get = { .doit = get_route, .dump = dump_routes, .dump_start = dump_start };
	static const struct rtnl_handler set = { .doit = change_route };

	rtnl_register(RTM_GETROUTE, &get);
	rtnl_register(RTM_NEWROUTE, &set);
	return rtnl_register(RTM_DELROUTE, &set);
}
INITCALL(INITCALL_FS, rt_route_init);
