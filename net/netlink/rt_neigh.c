/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: neighbours. Those of IPv4 are net/port/neigh.c's, those of IPv6 lwIP's (its table is looked at, and changed, where it is).
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-neighbour(8).
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "rt_internal.h"
#include "lwip/memp.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"

#define FOREVER (UINT32_MAX - ND6_TMR_INTERVAL)	/* milliseconds: 49 days, counted down by lwIP; given again at each look */

static const struct nla_policy policy[NDA_MAX + 1] = {
	[NDA_DST] = { NLA_BINARY, 32 }, [NDA_LLADDR] = { NLA_BINARY, 32 }, [NDA_CACHEINFO] = { NLA_UNSPEC, 16 }, [NDA_PROBES] = { NLA_U32, 0 },
	[NDA_VLAN] = { NLA_U16, 0 }, [NDA_PORT] = { NLA_U16, 0 }, [NDA_VNI] = { NLA_U32, 0 }, [NDA_IFINDEX] = { NLA_U32, 0 },
	[NDA_MASTER] = { NLA_U32, 0 },
};

struct entry {			/* of either family */
	unsigned family, state, flags, type;
	struct netdev *dev;
	const void *ip;
	const uint8_t *mac;
	uint32_t probes;
	nsec_t confirmed, used, updated;
};

static uint32_t ago(nsec_t t)
{
	return (uint32_t)((clock_monotonic() - t) / (NSEC_PER_SEC / 100));
}

static bool put(struct nl_buf *b, const struct entry *e, unsigned type, unsigned flags, uint32_t seq, uint32_t portid)
{
	struct nlmsghdr *h = nl_begin(b, type, flags, seq, portid, sizeof(struct ndmsg));
	struct nda_cacheinfo info = { ago(e->confirmed), ago(e->used), ago(e->updated), 0 };
	struct ndmsg *m;

	if (!h)
		return false;
	m = nl_data(h);
	*m = (struct ndmsg){ .family = (uint8_t)e->family, .ifindex = e->dev->index, .state = (uint16_t)e->state, .flags = (uint8_t)e->flags,
			     .type = (uint8_t)e->type };
	if (!nl_attr(b, NDA_DST, e->ip, e->family == AF_INET ? 4 : 16) || (e->state & NUD_VALID && !nl_attr(b, NDA_LLADDR, e->mac, 6)) ||
	    !nl_attr_u32(b, NDA_PROBES, e->probes) || !nl_attr(b, NDA_CACHEINFO, &info, sizeof(info))) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

static void entry4(const struct net_neigh *n, struct entry *e)
{
	*e = (struct entry){ AF_INET, n->state, 0, net_addr4_type(n->ip), n->dev, &n->ip, n->mac, n->probes, n->confirmed, n->used, n->updated };
}

/* lwIP keeps no times; permanent ones are those with our time. */
static void entry6(struct nd6_neighbor_cache_entry *n, struct entry *e)
{
	static const uint8_t states[] = {
		[ND6_INCOMPLETE] = NUD_INCOMPLETE, [ND6_REACHABLE] = NUD_REACHABLE, [ND6_STALE] = NUD_STALE, [ND6_DELAY] = NUD_DELAY,
		[ND6_PROBE] = NUD_PROBE,
	};
	nsec_t now = clock_monotonic();

	*e = (struct entry){ AF_INET6, states[n->state], n->isrouter ? NTF_ROUTER : 0, RTN_UNICAST, netif_dev(n->netif), n->next_hop_address.addr, n->lladdr,
			     n->state == ND6_PROBE || n->state == ND6_INCOMPLETE ? n->counter.probes_sent : 0, now, now, now };
	if (n->state == ND6_REACHABLE && n->counter.reachable_time > FOREVER / 2) {
		e->state = NUD_PERMANENT;
		n->counter.reachable_time = FOREVER;
	}
}

void net_notify_neigh4(unsigned type, const struct net_neigh *n)
{
	char data[192];
	struct nl_buf b = { data, 0, sizeof(data) };
	struct entry e;

	entry4(n, &e);
	if (rtnl_wanted(RTNLGRP_NEIGH) && put(&b, &e, type, 0, 0, type == RTM_NEWNEIGH ? net_cause.portid : 0))
		rtnl_notify(RTNLGRP_NEIGH, &b);
}

static void notify6(unsigned type, struct nd6_neighbor_cache_entry *n)
{
	char data[192];
	struct nl_buf b = { data, 0, sizeof(data) };
	struct entry e;

	entry6(n, &e);
	if (rtnl_wanted(RTNLGRP_NEIGH) && put(&b, &e, type, 0, 0, type == RTM_NEWNEIGH ? net_cause.portid : 0))
		rtnl_notify(RTNLGRP_NEIGH, &b);
}

/* ---- dumps: args[0] family at it, args[1] next entry; filter[0] an interface, filter[1] a master, which none has */

static int dump_start(struct nl_dump *d, struct nl_request *r)
{
	const struct ndmsg *m = (const struct ndmsg *)(r->h + 1);
	const struct nlattr *tb[NDA_MAX + 1];
	int err;

	d->args[0] = d->family == AF_INET6 ? AF_INET6 : AF_INET;
	if (r->h->len < sizeof(*r->h) + sizeof(*m)) {
		r->why = "Invalid header for neighbor dump request";
		return d->strict ? -EINVAL : 0;
	}
	if (d->strict && (m->pad1 || m->pad2 || m->ifindex || m->state || m->type)) {
		r->why = "Invalid values in header for neighbor dump request";
		return -EINVAL;
	}
	if (d->strict && m->flags & ~NTF_PROXY) {
		r->why = "Invalid flags in header for neighbor dump request";
		return -EINVAL;
	}
	err = nl_parse_msg(r, sizeof(*m), tb, NDA_MAX, policy, d->strict);
	if (err)
		return d->strict ? err : 0;
	for (unsigned i = 1; d->strict && i <= NDA_MAX; i++)
		if (tb[i] && i != NDA_IFINDEX && i != NDA_MASTER) {
			r->why = "Unsupported attribute in neighbor dump request";
			return -EINVAL;
		}
	d->filter[0] = tb[NDA_IFINDEX] ? nla_u32(tb[NDA_IFINDEX]) : 0;
	d->filter[1] = (tb[NDA_MASTER] && nla_u32(tb[NDA_MASTER])) || m->flags & NTF_PROXY;
	return 0;
}

static bool dump4(struct nl_dump *d, struct nl_buf *b)
{
	struct net_neigh *n;
	struct entry e;
	long i = 0;

	list_for_each_entry(n, &net_neighs, link) {
		if (i++ < d->args[1])
			continue;
		entry4(n, &e);
		if ((!d->filter[0] || n->dev->index == d->filter[0]) && !put(b, &e, RTM_NEWNEIGH, NLM_F_MULTI | (d->filter[0] ? NLM_F_DUMP_FILTERED : 0), d->seq, d->portid))
			return false;
		d->args[1] = i;
	}
	return true;
}

static void dump6(struct nl_dump *d, struct nl_buf *b)
{
	struct entry e;

	for (; d->args[1] < LWIP_ND6_NUM_NEIGHBORS; d->args[1]++) {
		struct nd6_neighbor_cache_entry *n = &neighbor_cache[d->args[1]];

		if (n->state == ND6_NO_ENTRY || (d->filter[0] && netif_dev(n->netif)->index != d->filter[0]))
			continue;
		entry6(n, &e);
		if (!put(b, &e, RTM_NEWNEIGH, NLM_F_MULTI | (d->filter[0] ? NLM_F_DUMP_FILTERED : 0), d->seq, d->portid))
			return;
	}
}

static int dump_neighs(struct nl_dump *d, struct nl_buf *b)
{
	if ((d->family != AF_UNSPEC && d->family != AF_INET && d->family != AF_INET6) || d->filter[1])
		return 0;
	net_lock_acquire();
	if (d->args[0] == AF_INET && dump4(d, b) && d->family == AF_UNSPEC) {
		d->args[0] = AF_INET6;
		d->args[1] = 0;
	}
	if (d->args[0] == AF_INET6)
		dump6(d, b);
	net_lock_release();
	return 0;
}

/* ---- requests */

static struct nd6_neighbor_cache_entry *find6(struct netdev *d, const void *ip)
{
	for (unsigned i = 0; i < LWIP_ND6_NUM_NEIGHBORS; i++)
		if (neighbor_cache[i].state != ND6_NO_ENTRY && netif_dev(neighbor_cache[i].netif) == d &&
		    !memcmp(neighbor_cache[i].next_hop_address.addr, ip, 16))
			return &neighbor_cache[i];
	return NULL;
}

static void remove6(struct nd6_neighbor_cache_entry *n)
{
	for (unsigned i = 0; i < LWIP_ND6_NUM_ROUTERS; i++)
		if (default_router_list[i].neighbor_entry == n)
			default_router_list[i] = (struct nd6_router_list_entry){ 0 };
	while (n->q) {
		struct nd6_q_entry *q = n->q;

		n->q = q->next;
		pbuf_free(q->p);
		memp_free(MEMP_ND6_QUEUE, q);
	}
	memset(n, 0, sizeof(*n));
	nd6_clear_destination_cache();
}

/* What both calls begin with: the address and the interface. */
static int target(struct nl_request *r, const struct ndmsg *m, const struct nlattr **tb, struct netdev **d)
{
	int err = nl_parse_msg(r, sizeof(*m), tb, NDA_MAX, policy, false);

	if (err)
		return err;
	if (!tb[NDA_DST]) {
		r->why = "Network address not specified";
		return -EINVAL;
	}
	*d = m->ifindex ? netdev_by_index(m->ifindex) : NULL;
	if (m->ifindex && !*d)
		return -ENODEV;
	if (m->family != AF_INET && m->family != AF_INET6)
		return -EAFNOSUPPORT;
	if (nla_len(tb[NDA_DST]) < (m->family == AF_INET ? 4u : 16u)) {
		r->why = "Invalid network address";
		return -EINVAL;
	}
	if (m->flags & NTF_PROXY)
		return -EOPNOTSUPP;	/* CAVEATS */
	if (!*d) {
		r->why = "Device not specified";
		return -EINVAL;
	}
	return 0;
}

static int new4(struct nl_request *r, const struct ndmsg *m, const struct nlattr **tb, struct netdev *d)
{
	const uint8_t *mac = tb[NDA_LLADDR] ? nla_data(tb[NDA_LLADDR]) : NULL;
	struct net_neigh *n = net_neigh_find(d, nla_u32(tb[NDA_DST]));
	bool override = true;

	if (!n) {
		if (!(r->h->flags & NLM_F_CREATE))
			return -ENOENT;
		n = net_neigh_create(d, nla_u32(tb[NDA_DST]));
		if (!n)
			return -ENOBUFS;
	} else {
		if (r->h->flags & NLM_F_EXCL)
			return -EEXIST;
		override = r->h->flags & NLM_F_REPLACE;
	}
	if (m->state & NUD_VALID && !mac && !(n->state & NUD_VALID)) {
		r->why = "No link layer address given";
		if (!n->state)
			net_neigh_remove(n);
		return -EINVAL;
	}
	if (mac && n->state & NUD_VALID && !override && memcmp(mac, n->mac, 6))
		return 0;
	net_neigh_set(n, m->state, m->state & NUD_VALID ? mac : NULL);
	return 0;
}

static int new6(struct nl_request *r, const struct ndmsg *m, const struct nlattr **tb, struct netdev *d)
{
	struct nd6_neighbor_cache_entry *n = find6(d, nla_data(tb[NDA_DST]));

	if (n && r->h->flags & NLM_F_EXCL)
		return -EEXIST;
	if (!n && !(r->h->flags & NLM_F_CREATE))
		return -ENOENT;
	if (!(m->state & NUD_VALID))
		return -EOPNOTSUPP;	/* CAVEATS */
	if (!tb[NDA_LLADDR] && !n) {
		r->why = "No link layer address given";
		return -EINVAL;
	}
	for (unsigned i = 0; !n && i < LWIP_ND6_NUM_NEIGHBORS; i++)
		if (neighbor_cache[i].state == ND6_NO_ENTRY)
			n = &neighbor_cache[i];
	if (!n)
		return -ENOBUFS;
	memcpy(n->next_hop_address.addr, nla_data(tb[NDA_DST]), 16);
	ip6_addr_clear_zone(&n->next_hop_address);
	ip6_addr_assign_zone(&n->next_hop_address, IP6_UNICAST, &port_of(d)->netif);
	n->netif = &port_of(d)->netif;
	if (tb[NDA_LLADDR])
		memcpy(n->lladdr, nla_data(tb[NDA_LLADDR]), 6);
	n->state = m->state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE) ? ND6_REACHABLE : ND6_STALE;
	n->counter.reachable_time = m->state & (NUD_PERMANENT | NUD_NOARP) ? FOREVER : reachable_time;
	notify6(RTM_NEWNEIGH, n);
	return 0;
}

static int new_neigh(struct nl_request *r)
{
	const struct ndmsg *m = (const struct ndmsg *)(r->h + 1);
	const struct nlattr *tb[NDA_MAX + 1];
	struct netdev *d;
	int err = target(r, m, tb, &d);

	if (err)
		return err;
	if (tb[NDA_LLADDR] && nla_len(tb[NDA_LLADDR]) < 6) {
		r->why = "Invalid link address";
		return -EINVAL;
	}
	return m->family == AF_INET ? new4(r, m, tb, d) : new6(r, m, tb, d);
}

static int del_neigh(struct nl_request *r)
{
	const struct ndmsg *m = (const struct ndmsg *)(r->h + 1);
	const struct nlattr *tb[NDA_MAX + 1];
	struct nd6_neighbor_cache_entry *n6;
	struct net_neigh *n;
	struct netdev *d;
	int err = target(r, m, tb, &d);

	if (err)
		return err;
	if (m->family == AF_INET) {
		n = net_neigh_find(d, nla_u32(tb[NDA_DST]));
		if (!n)
			return -ENOENT;
		net_neigh_set(n, NUD_FAILED, NULL);
		net_neigh_remove(n);
		return 0;
	}
	n6 = find6(d, nla_data(tb[NDA_DST]));
	if (!n6)
		return -ENOENT;
	notify6(RTM_DELNEIGH, n6);
	remove6(n6);
	return 0;
}

static int get_neigh(struct nl_request *r)
{
	const struct ndmsg *m = (const struct ndmsg *)(r->h + 1);
	const struct nlattr *tb[NDA_MAX + 1];
	char data[192];
	struct nl_buf b = { data, 0, sizeof(data) };
	struct nd6_neighbor_cache_entry *n6;
	struct net_neigh *n;
	struct netdev *d;
	struct entry e;
	int err = target(r, m, tb, &d);

	if (err)
		return err;
	n = m->family == AF_INET ? net_neigh_find(d, nla_u32(tb[NDA_DST])) : NULL;
	n6 = m->family == AF_INET6 ? find6(d, nla_data(tb[NDA_DST])) : NULL;
	if (n)
		entry4(n, &e);
	else if (n6)
		entry6(n6, &e);
	else {
		r->why = "Neighbour entry not found";
		return -ENOENT;
	}
	return put(&b, &e, RTM_NEWNEIGH, 0, r->h->seq, r->portid) ? nl_reply(r, &b) : -EMSGSIZE;
}

static int __init rt_neigh_init(void)
{
	static const struct rtnl_handler get = { .doit = get_neigh, .dump = dump_neighs, .dump_start = dump_start };
	static const struct rtnl_handler add = { .doit = new_neigh }, del = { .doit = del_neigh };

	rtnl_register(RTM_GETNEIGH, &get);
	rtnl_register(RTM_NEWNEIGH, &add);
	return rtnl_register(RTM_DELNEIGH, &del);
}
INITCALL(INITCALL_FS, rt_neigh_init);
