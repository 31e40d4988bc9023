/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: IPv6 routes. The list and the look-up are net/port/route6.c's.
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-route(8).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "rt_internal.h"
#include "lwip/ip6.h"

const struct nla_policy rtnl_route6_policy[RTA_MAX + 1] = {
	[RTA_DST] = { NLA_UNSPEC, 0 }, [RTA_SRC] = { NLA_UNSPEC, 0 }, [RTA_GATEWAY] = { NLA_UNSPEC, 16 }, [RTA_PREFSRC] = { NLA_UNSPEC, 16 },
	[RTA_OIF] = { NLA_U32, 0 }, [RTA_IIF] = { NLA_U32, 0 }, [RTA_PRIORITY] = { NLA_U32, 0 }, [RTA_METRICS] = { NLA_NESTED, 0 },
	[RTA_TABLE] = { NLA_U32, 0 }, [RTA_PREF] = { NLA_U8, 0 }, [RTA_EXPIRES] = { NLA_U32, 0 }, [RTA_UID] = { NLA_U32, 0 },
	[RTA_MARK] = { NLA_U32, 0 }, [RTA_NH_ID] = { NLA_U32, 0 },
};

static bool is_any(const uint32_t *a)
{
	return !(a[0] | a[1] | a[2] | a[3]);
}

/* @dst, @src: of a look-up; else NULL. */
static bool put6(struct nl_buf *b, const struct net_route6 *t, const uint32_t *dst, const uint32_t *src, unsigned type, unsigned flags,
		 uint32_t seq, uint32_t portid)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct rtmsg));
	static const uint8_t none[16];
	struct rta_cacheinfo info = { 0 };
	struct rtmsg *m;

	if (!h)
		return false;
	m = nl_data(h);
	*m = (struct rtmsg){ .family = AF_INET6, .dst_len = dst ? 128 : t->plen, .src_len = dst ? 128 : 0, .protocol = t->protocol, .type = t->type,
			     .table = (uint8_t)(t->table < 256 ? t->table : RT_TABLE_COMPAT),
			     .flags = t->flags | (!t->dev->carrier ? RTNH_F_LINKDOWN : 0) };
	if (t->expires) {
		nsec_t left = t->expires - clock_monotonic();

		info.expires = (uint32_t)(left > 0 ? left / (NSEC_PER_SEC / 100) : 0);
	}
	if (!nl_attr_u32(b, RTA_TABLE, t->table) || (m->dst_len && !nl_attr(b, RTA_DST, dst ? dst : t->dst, 16)) ||
	    (dst && !nl_attr(b, RTA_SRC, none, 16)) ||
	    (src && !nl_attr(b, RTA_PREFSRC, src, 16)) || (!src && !is_any(t->src) && !nl_attr(b, RTA_PREFSRC, t->src, 16)) ||
	    !rtnl_put_metrics(b, t->metrics) || !nl_attr_u32(b, RTA_PRIORITY, t->metric) ||
	    (!is_any(t->gw) && !nl_attr(b, RTA_GATEWAY, t->gw, 16)) || !nl_attr_u32(b, RTA_OIF, (uint32_t)t->dev->index) ||
	    !nl_attr(b, RTA_CACHEINFO, &info, sizeof(info)) || !nl_attr_u8(b, RTA_PREF, t->pref)) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

void net_notify_route6(unsigned type, const struct net_route6 *t, unsigned nlflags)
{
	char data[512];
	struct nl_buf b = { data, 0, sizeof(data) };
	bool kernel = t->protocol == RTPROT_KERNEL;

	if (rtnl_wanted(RTNLGRP_IPV6_ROUTE) &&
	    put6(&b, t, NULL, NULL, type, type == RTM_NEWROUTE ? nlflags & (NLM_F_REPLACE | NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND) : 0,
		 kernel ? 0 : net_cause.seq, kernel ? 0 : net_cause.portid))
		rtnl_notify(RTNLGRP_IPV6_ROUTE, &b);
}

bool rtnl_dump_routes6(struct nl_dump *d, struct nl_buf *b)
{
	const struct net_route6 *t;
	long n = 0;

	net_route6_sync();
	list_for_each_entry(t, &net_routes6, link) {
		if (n++ < d->args[1])
			continue;
		if (rtnl_route_wanted(d, t->table, t->dev, t->protocol, t->type) &&
		    !put6(b, t, NULL, NULL, RTM_NEWROUTE, NLM_F_MULTI | (d->strict ? NLM_F_DUMP_FILTERED : 0), d->seq, d->portid))
			return false;
		d->args[1] = n;
	}
	return true;
}

int rtnl_change_route6(struct nl_request *r)
{
	const struct rtmsg *m = (const struct rtmsg *)(r->h + 1);
	const struct nlattr *tb[RTA_MAX + 1];
	struct net_route6 n = { 0 };
	int err = nl_parse_msg(r, sizeof(*m), tb, RTA_MAX, rtnl_route6_policy, false);

	if (err)
		return err;
	if (m->tos) {
		r->why = "Invalid dsfield (tos): option not available for IPv6";
		return -EINVAL;
	}
	if (m->dst_len > 128 || (tb[RTA_DST] && nla_len(tb[RTA_DST]) < (m->dst_len + 7u) / 8))
		return -EINVAL;
	/* CAVEATS: one next hop; no routes by source. */
	if (tb[RTA_MULTIPATH] || tb[RTA_VIA] || tb[RTA_ENCAP] || tb[RTA_NH_ID] || m->src_len)
		return -EOPNOTSUPP;
	n.table = tb[RTA_TABLE] ? nla_u32(tb[RTA_TABLE]) : m->table;
	if (!n.table)
		n.table = RT_TABLE_MAIN;
	n.plen = m->dst_len;
	n.protocol = m->protocol;
	n.type = m->type;
	n.flags = m->flags & RTNH_F_ONLINK;
	if (tb[RTA_DST])
		memcpy(n.dst, nla_data(tb[RTA_DST]), MIN(nla_len(tb[RTA_DST]), 16u));
	if (tb[RTA_GATEWAY])
		memcpy(n.gw, nla_data(tb[RTA_GATEWAY]), 16);
	if (tb[RTA_PREFSRC])
		memcpy(n.src, nla_data(tb[RTA_PREFSRC]), 16);
	n.metric = tb[RTA_PRIORITY] ? nla_u32(tb[RTA_PRIORITY]) : 0;
	if (tb[RTA_OIF] && nla_u32(tb[RTA_OIF])) {
		n.dev = netdev_by_index((int)nla_u32(tb[RTA_OIF]));
		if (!n.dev)
			return r->h->type == RTM_NEWROUTE ? -ENODEV : -ESRCH;
	}
	if (r->h->type == RTM_DELROUTE) {
		if (!net_table_exists(AF_INET6, n.table)) {
			r->why = "FIB table does not exist";
			return -ESRCH;
		}
		if (n.type == RTN_UNICAST)
			n.type = 0;
		return net_route6_del(&n);
	}
	if (!n.metric)
		n.metric = 1024;
	if (!n.protocol)
		n.protocol = RTPROT_BOOT;
	if (!n.type)
		n.type = RTN_UNICAST;
	if (tb[RTA_EXPIRES] && nla_u32(tb[RTA_EXPIRES]))
		return -EOPNOTSUPP;	/* CAVEATS */
	err = rtnl_get_metrics(r, tb[RTA_METRICS], &n.metrics);
	if (err)
		return err;
	err = net_route6_change(&n, r->h->flags, &r->why);
	if (err)
		kfree(n.metrics);
	return err;
}

int rtnl_get_route6(struct nl_request *r)
{
	const struct rtmsg *m = (const struct rtmsg *)(r->h + 1);
	const struct nlattr *tb[RTA_MAX + 1];
	const struct net_route6 *t;
	const ip_addr_t *from;
	ip6_addr_t to = { 0 };
	char data[512];
	struct nl_buf b = { data, 0, sizeof(data) };
	int oif, err = nl_parse_msg(r, sizeof(*m), tb, RTA_MAX, rtnl_route6_policy, false);

	if (err)
		return err;
	if (nl_option(r, NETLINK_GET_STRICT_CHK) && ((m->src_len && m->src_len != 128) || (m->dst_len && m->dst_len != 128) || m->table ||
						     m->protocol || m->scope || m->type)) {
		r->why = "Invalid values in header for get route request";
		return -EINVAL;
	}
	if (tb[RTA_IIF] && nla_u32(tb[RTA_IIF]))
		return -EOPNOTSUPP;
	if (tb[RTA_DST] && nla_len(tb[RTA_DST]) < 16)
		return -EINVAL;
	if (tb[RTA_DST])
		memcpy(to.addr, nla_data(tb[RTA_DST]), 16);
	oif = tb[RTA_OIF] ? (int)nla_u32(tb[RTA_OIF]) : 0;
	net_route6_sync();
	err = net_route6_lookup(to.addr, oif, &t);
	if (err)
		return err;
	if (m->flags & RTM_F_FIB_MATCH)
		return put6(&b, t, NULL, NULL, RTM_NEWROUTE, 0, r->h->seq, r->portid) ? nl_reply(r, &b) : -EMSGSIZE;
	if (t->type != RTN_LOCAL) {
		ip6_addr_assign_zone(&to, IP6_UNKNOWN, &port_of(t->dev)->netif);
		from = ip6_select_source_address(&port_of(t->dev)->netif, &to);
	} else {
		from = NULL;
	}
	return put6(&b, t, to.addr, t->type == RTN_LOCAL ? to.addr : from ? ip_2_ip6(from)->addr : NULL, RTM_NEWROUTE, 0, r->h->seq, r->portid) ?
	       nl_reply(r, &b) : -EMSGSIZE;
}
