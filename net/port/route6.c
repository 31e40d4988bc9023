/* SPDX-License-Identifier: MIT */
/*
 * IPv6 routes: one sorted list of all tables. The kernel's own (addresses, their subnets, multicast), what routers advertise, what users
 * add.
 *
 * lwIP keeps the routers that advertise themselves; net_route6_sync() makes routes of them. It asks lwip_port_route6() for the
 * interface of a packet and lwip_port_gateway6() for the next hop.
 *
 * SIMPLE: look-ups walk the list, the last one is remembered; right up to some dozens of routes.
 *
 * Locks: net_lock.
 * References: rtnetlink(7), ip-route(8); RFC 4861, 4191.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <net/socket.h>
#include <uapi/netlink.h>
#include "port.h"
#include "lwip_hooks.h"
#include "lwip/ip6.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"

LIST_HEAD(net_routes6);
static struct {
	uint32_t dst[4];
	int oif, err;
	const struct net_route6 *route;
	bool valid;
} memo;

bool net_prefix6_equal(const uint32_t *a, const uint32_t *b, unsigned bits)
{
	for (unsigned i = 0; bits; i++) {
		unsigned n = MIN(bits, 32u);

		if ((a[i] ^ b[i]) & net_mask4(n))
			return false;
		bits -= n;
	}
	return true;
}

static bool is_any(const uint32_t *a)
{
	return !(a[0] | a[1] | a[2] | a[3]);
}

static void changed(void)
{
	memo.valid = false;
	nd6_clear_destination_cache();
}

/* ---- look-up */

static const struct net_route6 *best_of(uint32_t table, const uint32_t dst[4], int oif)
{
	const struct net_route6 *r, *best = NULL;

	list_for_each_entry(r, &net_routes6, link)
		if (r->table == table && net_prefix6_equal(dst, r->dst, r->plen) && (!oif || r->dev->index == oif) &&
		    (!best || r->plen > best->plen || (r->plen == best->plen && r->metric < best->metric)))
			best = r;
	return best;
}

static int walk(const uint32_t dst[4], int oif, const struct net_route6 **out)
{
	static const uint8_t tables[] = { RT_TABLE_LOCAL, RT_TABLE_MAIN };

	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct net_route6 *r = best_of(tables[i], dst, oif);

		if (!r || r->type == RTN_THROW)
			continue;
		*out = r;
		return r->type == RTN_BLACKHOLE ? -EINVAL : r->type == RTN_UNREACHABLE ? -EHOSTUNREACH : r->type == RTN_PROHIBIT ? -EACCES : 0;
	}
	*out = NULL;
	return -ENETUNREACH;
}

int net_route6_lookup(const uint32_t dst[4], int oif, const struct net_route6 **out)
{
	if (!memo.valid || memo.oif != oif || memcmp(memo.dst, dst, 16)) {
		memo.err = walk(dst, oif, &memo.route);
		memcpy(memo.dst, dst, 16);
		memo.oif = oif;
		memo.valid = true;
	}
	*out = memo.route;
	return memo.err;
}

uint32_t net_route_metric6(const uint32_t dst[4], unsigned which)
{
	const struct net_route6 *r;

	return net_route6_lookup(dst, 0, &r) || !r->metrics ? 0 : r->metrics[which];
}

struct netif *lwip_port_route6(const ip6_addr_t *src, const ip6_addr_t *dest)
{
	const struct net_route6 *r;

	if (net_route6_lookup(dest->addr, 0, &r) || r->type == RTN_MULTICAST)
		return NULL;
	if (r->type == RTN_LOCAL)
		return net_lo_netif;
	return r->dev->carrier && port_of(r->dev) ? &port_of(r->dev)->netif : NULL;
}

const ip6_addr_t *lwip_port_gateway6(struct netif *netif, const ip6_addr_t *dest)
{
	static ip6_addr_t hop;
	const struct net_route6 *r;

	if (net_route6_lookup(dest->addr, netif_dev(netif)->index, &r) || r->protocol == RTPROT_RA)
		return NULL;	/* lwIP knows which of the routers answer */
	if (is_any(r->gw))
		return dest;
	memcpy(hop.addr, r->gw, 16);
	ip6_addr_clear_zone(&hop);
	ip6_addr_assign_zone(&hop, IP6_UNICAST, netif);
	return &hop;
}

/* ---- changes */

/* Where dumps show them: what is inside another before it, else by the address. */
static int order(const struct net_route6 *a, const struct net_route6 *b)
{
	if ((a->table & 255) != (b->table & 255))
		return (a->table & 255) < (b->table & 255) ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (!net_prefix6_equal(a->dst, b->dst, MIN(a->plen, b->plen)))
		return memcmp(a->dst, b->dst, 16);
	if (a->plen != b->plen)
		return a->plen > b->plen ? -1 : 1;
	return a->metric < b->metric ? -1 : a->metric > b->metric;
}

static void unlink_route(struct net_route6 *r)
{
	list_del(&r->link);
	changed();
	kfree(r->metrics);
	kfree(r);
}

static int check(struct net_route6 *n, const char **why)
{
	const struct net_route6 *via;

	if (n->plen > 128) {
		*why = "Invalid prefix length";
		return -EINVAL;
	}
	if (n->type >= RTN_BLACKHOLE) {
		n->dev = &net_lo;
		return n->type > RTN_THROW ? -EINVAL : 0;
	}
	if (!is_any(n->gw)) {
		bool linklocal = (n->gw[0] & __builtin_bswap32(0xffc00000u)) == __builtin_bswap32(0xfe800000u);

		if ((n->gw[0] & 0xff) == 0xff) {
			*why = "Invalid gateway address";
			return -EINVAL;
		}
		if (linklocal && !n->dev) {
			*why = "Egress device not specified";
			return -EINVAL;
		}
		if (!net_route6_lookup(n->gw, 0, &via) && via->type == RTN_LOCAL && !(n->flags & RTNH_F_ONLINK)) {
			*why = "Gateway can not be a local address";
			return -EINVAL;
		}
		if (!linklocal && !(n->flags & RTNH_F_ONLINK)) {
			if (net_route6_lookup(n->gw, n->dev ? n->dev->index : 0, &via) || !is_any(via->gw) ||
			    via->dev->flags & IFF_LOOPBACK)
				return -EHOSTUNREACH;
			n->dev = via->dev;
		}
	}
	if (!n->dev) {
		*why = "Egress device not specified";
		return -ENODEV;
	}
	if (!(n->dev->flags & IFF_UP)) {
		*why = "Nexthop device is not up";
		return -ENETDOWN;
	}
	if (!is_any(n->src) && (net_route6_lookup(n->src, 0, &via) || via->type != RTN_LOCAL)) {
		*why = "Invalid source address";
		return -EINVAL;
	}
	return 0;
}

int net_route6_change(const struct net_route6 *given, unsigned nlflags, const char **why)
{
	struct net_route6 n = *given, *r, *fresh, *old = NULL;
	struct list_head *before = NULL;
	int err;

	*why = NULL;
	for (unsigned i = 0; i < 4; i++)
		n.dst[i] &= net_mask4(n.plen > i * 32 ? MIN(n.plen - i * 32, 32u) : 0);
	err = check(&n, why);
	if (err)
		return err;
	list_for_each_entry(r, &net_routes6, link) {
		int c = order(&n, r);

		if (c > 0)
			continue;
		if (c < 0) {
			before = &r->link;
			break;
		}
		if (!old)
			old = r;
		if (nlflags & NLM_F_EXCL)
			return -EEXIST;
		if (!(nlflags & NLM_F_REPLACE) && r->dev == n.dev && !memcmp(r->gw, n.gw, 16))
			return -EEXIST;
	}
	if (!old && nlflags & NLM_F_REPLACE && !(nlflags & NLM_F_CREATE)) {
		*why = "Can not replace route - no match found";
		return -ENOENT;
	}
	fresh = net_table_note(AF_INET6, n.table) ? kmalloc(sizeof(*fresh), GFP_KERNEL) : NULL;
	if (!fresh)
		return -ENOMEM;
	*fresh = n;
	if (old && nlflags & NLM_F_REPLACE) {
		list_add_tail(&fresh->link, &old->link);
		unlink_route(old);
	} else {
		list_add_tail(&fresh->link, before ? before : &net_routes6);
	}
	changed();
	net_notify_route6(RTM_NEWROUTE, fresh, nlflags);
	return 0;
}

int net_route6_del(const struct net_route6 *n)
{
	struct net_route6 *r;

	list_for_each_entry(r, &net_routes6, link) {
		if (r->table != n->table || r->plen != n->plen || !net_prefix6_equal(r->dst, n->dst, r->plen) || (n->dev && r->dev != n->dev) ||
		    (!is_any(n->gw) && memcmp(r->gw, n->gw, 16)) || (n->metric && r->metric != n->metric) ||
		    (n->protocol && r->protocol != n->protocol) || (n->type && r->type != n->type))
			continue;
		net_notify_route6(RTM_DELROUTE, r, 0);
		unlink_route(r);
		return 0;
	}
	return -ESRCH;
}

/* Unlike for IPv4, listeners are told. */
void net_route6_flush_dev(struct netdev *d)
{
	struct net_route6 *r, *next;

	list_for_each_entry_safe(r, next, &net_routes6, link)
		if (r->dev == d) {
			net_notify_route6(RTM_DELROUTE, r, 0);
			unlink_route(r);
		}
}

/* The subnet of an address, if it has a route. */
static bool subnet_route(struct netdev *d, unsigned slot, struct net_route6 *r)
{
	const struct net_addr6 *m = &port_of(d)->addr6[slot];

	*r = (struct net_route6){ .table = RT_TABLE_MAIN, .plen = m->prefix, .protocol = RTPROT_KERNEL, .type = RTN_UNICAST, .dev = d,
				  .metric = m->metric ? m->metric : 256 };
	memcpy(r->dst, netif_ip6_addr(&port_of(d)->netif, slot)->addr, 16);
	return d->flags & IFF_UP && m->proto != IFAPROT_KERNEL_LO && !(m->flags & IFA_F_NOPREFIXROUTE);
}

static void local_route(struct netdev *d, unsigned slot, struct net_route6 *r)
{
	*r = (struct net_route6){ .table = RT_TABLE_LOCAL, .plen = 128, .protocol = RTPROT_KERNEL, .type = RTN_LOCAL, .dev = d };
	memcpy(r->dst, netif_ip6_addr(&port_of(d)->netif, slot)->addr, 16);
}

void net_route6_subnet(struct netdev *d, unsigned slot)
{
	struct net_route6 r;
	const char *why;

	if (subnet_route(d, slot, &r))
		(void)net_route6_change(&r, NLM_F_CREATE | NLM_F_EXCL, &why);
}

void net_route6_local(struct netdev *d, unsigned slot)
{
	struct net_route6 r;
	const char *why;

	local_route(d, slot, &r);
	if (d->flags & IFF_UP)
		(void)net_route6_change(&r, NLM_F_CREATE | NLM_F_EXCL, &why);
}

void net_route6_addr_gone(struct netdev *d, unsigned slot)
{
	const struct net_addr6 *m = &port_of(d)->addr6[slot];
	struct net_route6 r;

	local_route(d, slot, &r);
	(void)net_route6_del(&r);
	if (!subnet_route(d, slot, &r))
		return;
	/* Unless another address is of the same subnet. */
	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		const struct net_addr6 *o = &port_of(d)->addr6[i];

		if (i != slot && o->used && o->prefix == m->prefix && !(o->flags & IFA_F_NOPREFIXROUTE) &&
		    net_prefix6_equal(netif_ip6_addr(&port_of(d)->netif, i)->addr, r.dst, m->prefix))
			return;
	}
	(void)net_route6_del(&r);
}

void net_route6_dev_up(struct netdev *d)
{
	struct net_route6 r = { .table = RT_TABLE_LOCAL, .plen = 8, .protocol = RTPROT_KERNEL, .type = RTN_MULTICAST, .dev = d, .metric = 256,
				.dst = { __builtin_bswap32(0xff000000u) } };
	const char *why;

	if (!(d->flags & IFF_LOOPBACK))
		(void)net_route6_change(&r, NLM_F_CREATE, &why);
}

/* ---- routers */

static bool advertised(const struct net_route6 *r)
{
	for (unsigned i = 0; i < LWIP_ND6_NUM_ROUTERS; i++) {
		const struct nd6_neighbor_cache_entry *e = default_router_list[i].neighbor_entry;

		if (e && default_router_list[i].invalidation_timer && netif_dev(e->netif) == r->dev &&
		    !memcmp(e->next_hop_address.addr, r->gw, 16))
			return true;
	}
	return false;
}

void net_route6_sync(void)
{
	struct net_route6 *r, *next;
	const char *why;

	list_for_each_entry_safe(r, next, &net_routes6, link)
		if (r->protocol == RTPROT_RA && !advertised(r)) {
			net_notify_route6(RTM_DELROUTE, r, 0);
			unlink_route(r);
		}
	for (unsigned i = 0; i < LWIP_ND6_NUM_ROUTERS; i++) {
		const struct nd6_router_list_entry *e = &default_router_list[i];
		struct net_route6 n = { .table = RT_TABLE_MAIN, .protocol = RTPROT_RA, .type = RTN_UNICAST, .metric = 1024 };
		bool known = false;

		if (!e->neighbor_entry || !e->invalidation_timer)
			continue;
		n.dev = netif_dev(e->neighbor_entry->netif);
		n.expires = clock_monotonic() + (nsec_t)e->invalidation_timer * NSEC_PER_SEC;
		memcpy(n.gw, e->neighbor_entry->next_hop_address.addr, 16);
		list_for_each_entry(r, &net_routes6, link)
			if (r->protocol == RTPROT_RA && r->dev == n.dev && !memcmp(r->gw, n.gw, 16)) {
				r->expires = n.expires;
				known = true;
			}
		if (!known && n.dev->flags & IFF_UP)
			(void)net_route6_change(&n, NLM_F_CREATE | NLM_F_APPEND, &why);
	}
}
