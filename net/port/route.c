/* SPDX-License-Identifier: MIT */
/*
 * IPv4 routes: one sorted list of all tables; a machine has a handful.
 *
 * A look-up asks table local, then main, then default; the longest prefix wins, then the list's order (TOS, metric). Answers are
 * remembered in a small table that is forgotten as a whole with any change, so the list is walked once for each destination.
 * SIMPLE: the walk is linear; right up to some hundreds of routes.
 *
 * lwIP asks lwip_port_route4() for the interface of a packet and lwip_port_gateway4() for the next hop on it.
 *
 * Invariants: routes of table local are made by the kernel for the addresses of interfaces; every other route's dev is up.
 * Locks: net_lock.
 * References: rtnetlink(7), ip-route(8).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <net/socket.h>
#include <uapi/netlink.h>
#include "port.h"
#include "lwip_hooks.h"

LIST_HEAD(net_routes);

#define CACHE_SIZE 64u
static struct route_memo {
	uint32_t dst, generation;
	int oif, err;
	const struct net_route *route;
} cache[CACHE_SIZE];
static uint32_t generation = 1;

static uint32_t tables[2][NET_TABLES_MAX] = { { RT_TABLE_MAIN, RT_TABLE_LOCAL }, { RT_TABLE_MAIN, RT_TABLE_LOCAL } };

bool net_table_exists(unsigned family, uint32_t table)
{
	for (unsigned i = 0; i < NET_TABLES_MAX && tables[family == AF_INET6][i]; i++)
		if (tables[family == AF_INET6][i] == table)
			return true;
	return false;
}

bool net_table_note(unsigned family, uint32_t table)
{
	uint32_t *t = tables[family == AF_INET6];
	unsigned i = 0;

	while (i < NET_TABLES_MAX && t[i] && t[i] != table)
		i++;
	if (i == NET_TABLES_MAX)
		return false;
	t[i] = table;
	return true;
}

void net_routes_changed(void)
{
	if (!++generation) {
		memset(cache, 0, sizeof(cache));
		generation = 1;
	}
}

/* ---- look-up */

static const struct net_route *best_of(uint32_t table, uint32_t dst, int oif)
{
	const struct net_route *r, *best = NULL;

	list_for_each_entry(r, &net_routes, link)
		if (r->table == table && !((dst ^ r->dst) & r->mask) && !r->tos && (!oif || !r->dev || r->dev->index == oif) &&
		    (!best || __builtin_bswap32(r->mask) > __builtin_bswap32(best->mask)))
			best = r;
	return best;
}

static int walk(uint32_t dst, int oif, const struct net_route **out)
{
	static const uint8_t asked[] = { RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_DEFAULT };

	for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
		const struct net_route *r = best_of(asked[i], dst, oif);

		if (!r || r->type == RTN_THROW)
			continue;
		*out = r;
		return r->type == RTN_BLACKHOLE ? -EINVAL : r->type == RTN_UNREACHABLE ? -EHOSTUNREACH : r->type == RTN_PROHIBIT ? -EACCES : 0;
	}
	*out = NULL;
	return -ENETUNREACH;
}

int net_route_lookup(uint32_t dst, int oif, const struct net_route **out)
{
	struct route_memo *m = &cache[(dst ^ dst >> 16 ^ dst >> 24 ^ (uint32_t)oif * 7) % CACHE_SIZE];

	if (m->generation != generation || m->dst != dst || m->oif != oif) {
		m->err = walk(dst, oif, &m->route);
		m->dst = dst;
		m->oif = oif;
		m->generation = generation;
	}
	*out = m->route;
	return m->err;
}

bool net_route_metrics;

uint32_t net_route_metric4(uint32_t dst, unsigned which)
{
	const struct net_route *r;

	if (likely(!net_route_metrics) || net_route_lookup(dst, 0, &r) || !r->metrics)
		return 0;
	return r->metrics[which];
}

const struct net_route *net_route_find(uint32_t dst, int oif)
{
	const struct net_route *r;

	return net_route_lookup(dst, oif, &r) ? NULL : r;
}

bool net_addr4_local(uint32_t addr)
{
	const struct net_route *r;

	return !net_route_lookup(addr, 0, &r) && r->type == RTN_LOCAL;
}

unsigned net_addr4_type(uint32_t addr)
{
	const struct net_route *r = best_of(RT_TABLE_LOCAL, addr, 0);
	uint32_t a = __builtin_bswap32(addr);

	if (!a || a == UINT32_MAX)
		return RTN_BROADCAST;
	if (a >> 28 == 0xe)
		return RTN_MULTICAST;
	return r ? r->type : RTN_UNICAST;
}

uint32_t net_source4(struct netdev *d, uint32_t dst, unsigned scope)
{
	struct net_port *port = port_of(d);
	struct net_addr4 *a;
	uint32_t found = 0;

	if (!port)
		return 0;
	list_for_each_entry(a, &port->addrs, link) {
		if (a->flags & IFA_F_SECONDARY || a->scope > MAX(scope, (unsigned)RT_SCOPE_LINK))
			continue;
		if (!((a->peer ^ dst) & net_mask4(a->prefix)))
			return a->local;
		if (!found)
			found = a->local;
	}
	if (found || d == &net_lo)
		return found;
	/* None here: one of another interface, with the scope that is wanted. */
	list_for_each_entry(d, &netdevs, link) {
		port = port_of(d);
		if (!port || !(d->flags & IFF_UP))
			continue;
		list_for_each_entry(a, &port->addrs, link)
			if (a->scope != RT_SCOPE_LINK && a->scope <= scope)
				return a->local;
	}
	return 0;
}

int net_route_output(uint32_t dst, int oif, struct netdev **dev, uint32_t *src)
{
	const struct net_route *r;
	struct netdev *d;
	int err = net_route_lookup(dst, 0, &r);

	/* To ourselves, whatever interface was asked for. */
	if (!err && r->type == RTN_LOCAL) {
		*dev = &net_lo;
		*src = r->src ? r->src : dst;
		return net_lo.flags & IFF_UP ? 0 : -ENETUNREACH;
	}
	if (oif)
		err = net_route_lookup(dst, oif, &r);
	if (!err) {
		*dev = r->dev;
		*src = r->src ? r->src : net_source4(r->dev, r->gw ? r->gw : dst, r->scope);
		return 0;
	}
	/* Bound to an interface: on its link. So is the broadcast of a machine that has no routes yet. */
	d = oif ? netdev_by_index(oif) : NULL;
	if (!d || !(d->flags & IFF_UP) || err != -ENETUNREACH)
		return err;
	*dev = d;
	*src = net_source4(d, dst, RT_SCOPE_LINK);
	return 0;
}

struct netif *lwip_port_route4(const ip4_addr_t *src, const ip4_addr_t *dest)
{
	const struct net_route *r;

	if (net_route_lookup(dest->addr, 0, &r))
		return NULL;
	if (r->type == RTN_LOCAL)
		return net_lo_netif;
	return r->dev->carrier && port_of(r->dev) ? &port_of(r->dev)->netif : NULL;
}

const ip4_addr_t *lwip_port_gateway4(struct netif *netif, const ip4_addr_t *dest)
{
	static ip4_addr_t gw;
	const struct net_route *r = net_route_find(dest->addr, netif_dev(netif)->index);

	/* On the link, or bound to an interface without a route: the destination itself is asked for by ARP. */
	gw.addr = r && r->gw ? r->gw : dest->addr;
	return &gw;
}

/* ---- changes */

/* Where dumps show them: tables by the low byte of their number, then the destination. */
static int order(const struct net_route *a, const struct net_route *b)
{
	uint32_t ta = a->table & 255, tb = b->table & 255, da = __builtin_bswap32(a->dst), db = __builtin_bswap32(b->dst);

	if (ta != tb)
		return ta < tb ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (da != db)
		return da < db ? -1 : 1;
	if (a->mask != b->mask)
		return __builtin_bswap32(a->mask) > __builtin_bswap32(b->mask) ? -1 : 1;
	if (a->tos != b->tos)
		return a->tos > b->tos ? -1 : 1;
	return a->metric < b->metric ? -1 : a->metric > b->metric;
}

static bool same_metrics(const uint32_t *a, const uint32_t *b)
{
	return a && b ? !memcmp(a, b, (RTAX_MAX + 1) * sizeof(*a)) : (!a || !a[0]) && (!b || !b[0]);
}

static bool same_way(const struct net_route *a, const struct net_route *b)
{
	return a->type == b->type && a->scope == b->scope && a->protocol == b->protocol && a->dev == b->dev && a->gw == b->gw &&
	       a->src == b->src && a->flags == b->flags && same_metrics(a->metrics, b->metrics);
}

static void unlink_route(struct net_route *r)
{
	list_del(&r->link);
	net_routes_changed();
	kfree(r->metrics);
	kfree(r);
}

/* The best route to a gateway: of a narrower scope than a gateway's own routes have. */
static const struct net_route *way_to(uint32_t gw, uint32_t table, int oif, unsigned scope)
{
	const uint32_t asked[] = { table, RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_DEFAULT };
	const struct net_route *r, *best = NULL;

	for (unsigned i = 0; i < ARRAY_SIZE(asked) && !best; i++)
		list_for_each_entry(r, &net_routes, link)
			if (r->table == asked[i] && r->dev && r->scope >= scope && !((gw ^ r->dst) & r->mask) && !r->tos &&
			    (!oif || r->dev->index == oif) &&
			    (!best || __builtin_bswap32(r->mask) > __builtin_bswap32(best->mask)))
				best = r;
	return best;
}

/* The gateway has to be a neighbour; without a device the way to it says which. */
static int check_gateway(struct net_route *n, const char **why)
{
	const struct net_route *via;

	if (n->flags & RTNH_F_ONLINK) {
		if (n->scope >= RT_SCOPE_LINK) {
			*why = "Nexthop has invalid scope";
			return -EINVAL;
		}
		if (!n->dev)
			return -ENODEV;
	} else {
		via = way_to(n->gw, n->table, n->dev ? n->dev->index : 0, MAX(n->scope + 1u, (unsigned)RT_SCOPE_LINK));
		if (!via || (via->type != RTN_UNICAST && via->type != RTN_LOCAL)) {
			*why = "Nexthop has invalid gateway";
			return via ? -EINVAL : -ENETUNREACH;
		}
		n->dev = via->dev;
	}
	if (!(n->dev->flags & IFF_UP)) {
		*why = "Nexthop device is not up";
		return -ENETDOWN;
	}
	if (n->flags & RTNH_F_ONLINK && net_addr4_type(n->gw) != RTN_UNICAST) {
		*why = "Nexthop has invalid gateway";
		return -EINVAL;
	}
	return 0;
}

static int check(struct net_route *n, const char **why)
{
	static const uint8_t least[] = {
		[RTN_LOCAL] = RT_SCOPE_HOST, [RTN_BROADCAST] = RT_SCOPE_LINK, [RTN_ANYCAST] = RT_SCOPE_LINK, [RTN_NAT] = RT_SCOPE_NOWHERE,
		[RTN_MAX] = RT_SCOPE_NOWHERE,
	};

	if (n->dst & ~n->mask) {
		*why = "Invalid prefix for given prefix length";
		return -EINVAL;
	}
	if (!n->type || n->type >= RTN_MAX) {
		*why = "Invalid route type";
		return -EINVAL;
	}
	if (least[n->type] > n->scope) {
		*why = "Invalid scope";
		return -EINVAL;
	}
	if (n->type >= RTN_BLACKHOLE) {
		*why = "Gateway, device and multipath can not be specified for this route type";
		return n->gw || n->dev ? -EINVAL : 0;
	}
	if (n->scope >= RT_SCOPE_HOST) {
		*why = n->scope > RT_SCOPE_HOST ? "Invalid scope" : "Route with host scope can not have a gateway";
		if (n->scope > RT_SCOPE_HOST || n->gw)
			return -EINVAL;
	}
	if (n->gw) {
		int err = check_gateway(n, why);

		if (err)
			return err;
	} else if (!n->dev) {
		*why = NULL;
		return -ENODEV;
	} else if (!(n->dev->flags & IFF_UP)) {
		*why = "Device for nexthop is not up";
		return -ENETDOWN;
	}
	if (n->src && (n->type != RTN_LOCAL || n->dst != n->src) && net_addr4_type(n->src) != RTN_LOCAL) {
		*why = "Invalid prefsrc address";
		return -EINVAL;
	}
	return 0;
}

int net_route_change(const struct net_route *given, unsigned nlflags, const char **why)
{
	struct net_route n = *given, *r, *fresh, *old = NULL;
	struct list_head *before = NULL;
	int err;

	*why = NULL;
	err = check(&n, why);
	if (err)
		return err;
	*why = NULL;
	list_for_each_entry(r, &net_routes, link) {
		int c = order(&n, r);

		if (c > 0)
			continue;
		if (c < 0) {
			before = &r->link;
			break;
		}
		/* The same destination, TOS and metric. */
		if (!old)
			old = r;
		if (nlflags & NLM_F_EXCL)
			return -EEXIST;
		if (same_way(r, &n))
			return nlflags & NLM_F_REPLACE && r == old ? 0 : -EEXIST;
	}
	if (!(nlflags & NLM_F_CREATE) && !(old && nlflags & NLM_F_REPLACE))
		return -ENOENT;
	fresh = net_table_note(AF_INET, n.table) ? kmalloc(sizeof(*fresh), GFP_KERNEL) : NULL;
	if (!fresh)
		return -ENOBUFS;
	*fresh = n;
	if (old && nlflags & NLM_F_REPLACE) {
		list_add_tail(&fresh->link, &old->link);
		unlink_route(old);
		nlflags = NLM_F_REPLACE;
	} else {
		/* Another way to the same: last with NLM_F_APPEND, else first. */
		nlflags = NLM_F_CREATE | (!old ? NLM_F_EXCL : nlflags & NLM_F_APPEND);
		if (old && !(nlflags & NLM_F_APPEND))
			before = &old->link;
		list_add_tail(&fresh->link, before ? before : &net_routes);
	}
	net_routes_changed();
	net_notify_route4(RTM_NEWROUTE, fresh, nlflags);
	return 0;
}

int net_route_add(const struct net_route *n)
{
	const char *why;

	return net_route_change(n, NLM_F_CREATE | NLM_F_EXCL, &why);
}

int net_route_del(const struct net_route *n)
{
	struct net_route *r;

	list_for_each_entry(r, &net_routes, link) {
		if (r->table != n->table || r->dst != n->dst || r->mask != n->mask || (n->tos && r->tos != n->tos) ||
		    (n->type && r->type != n->type) || (n->scope != RT_SCOPE_NOWHERE && r->scope != n->scope) ||
		    (n->src && r->src != n->src) || (n->protocol && r->protocol != n->protocol) || (n->gw && r->gw != n->gw) ||
		    (n->dev && r->dev != n->dev) || (n->metric && r->metric != n->metric))
			continue;
		net_notify_route4(RTM_DELROUTE, r, 0);
		unlink_route(r);
		return 0;
	}
	return -ESRCH;
}

void net_route_flush_dev(struct netdev *d)
{
	struct net_route *r, *next;

	/* This machine's own addresses stay its own. */
	list_for_each_entry_safe(r, next, &net_routes, link)
		if (r->dev == d && r->scope != RT_SCOPE_HOST)
			unlink_route(r);
}

void net_route_flush_src(uint32_t src)
{
	struct net_route *r, *next;

	list_for_each_entry_safe(r, next, &net_routes, link)
		if (r->src == src)
			unlink_route(r);
}
