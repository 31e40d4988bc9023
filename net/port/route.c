/* SPDX-License-Identifier: MIT */
/*
 * IPv4 routes: a list, longest prefix first and lowest metric first within a length; a machine has a handful.
 * SIMPLE: linear; right up to a few hundred routes.
 *
 * lwIP asks lwip_port_route4() for the interface of a packet and lwip_port_gateway4() for the next hop on it.
 * This machine's own addresses are not in the list: they lead to the loopback interface before it is looked at.
 *
 * Locks: net_lock.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "port.h"
#include "lwip_hooks.h"
#include "lwip/ip6.h"

LIST_HEAD(net_routes);

static bool usable(const struct netdev *d)
{
	return d->flags & IFF_UP && d->carrier;
}

bool net_addr4_local(uint32_t addr)
{
	struct netdev *d;
	ip4_addr_t a = { addr };

	if (ip4_addr_isloopback(&a))
		return true;
	if (!addr)
		return false;
	list_for_each_entry(d, &netdevs, link) {
		struct net_port *port = port_of(d);

		if (port && d->flags & IFF_UP && netif_ip4_addr(&port->netif)->addr == addr)
			return true;
	}
	return false;
}

const struct net_route *net_route_find(uint32_t dst, int oif)
{
	const struct net_route *r;

	list_for_each_entry(r, &net_routes, link)
		if (!((dst ^ r->dst) & r->mask) && (!oif || r->dev->index == oif) && r->dev->flags & IFF_UP)
			return r;
	return NULL;
}

static uint32_t addr_of(const struct netdev *d)
{
	struct net_port *port = d->stack;

	return port ? netif_ip4_addr(&port->netif)->addr : 0;
}

int net_route_output(uint32_t dst, int oif, struct netdev **dev, uint32_t *src)
{
	const struct net_route *r;
	struct netdev *d;

	if (net_addr4_local(dst)) {
		*dev = &net_lo;
		*src = dst;
		return net_lo.flags & IFF_UP ? 0 : -ENETUNREACH;
	}
	r = net_route_find(dst, oif);
	if (r) {
		*dev = r->dev;
		*src = r->src ? r->src : addr_of(r->dev);
		return 0;
	}
	/* Bound to an interface: on its link. So is the broadcast of a machine that has no routes yet. */
	d = oif ? netdev_by_index(oif) : NULL;
	if (!d || !(d->flags & IFF_UP))
		return -ENETUNREACH;
	*dev = d;
	*src = addr_of(d);
	return 0;
}

struct netif *lwip_port_route4(const ip4_addr_t *src, const ip4_addr_t *dest)
{
	const struct net_route *r;
	struct net_port *port;

	if (net_addr4_local(dest->addr))
		return net_lo_netif;
	r = net_route_find(dest->addr, 0);
	port = r && usable(r->dev) ? port_of(r->dev) : NULL;
	return port ? &port->netif : NULL;
}

const ip4_addr_t *lwip_port_gateway4(struct netif *netif, const ip4_addr_t *dest)
{
	static ip4_addr_t gw;
	const struct net_route *r = net_route_find(dest->addr, netif_dev(netif)->index);

	/* On the link, or bound to an interface without a route: the destination itself is asked for by ARP. */
	gw.addr = r && r->gw ? r->gw : dest->addr;
	return &gw;
}

struct netif *lwip_port_route6(const ip6_addr_t *src, const ip6_addr_t *dest)
{
	struct netdev *d;

	if (ip6_addr_isloopback(dest))
		return net_lo_netif;
	list_for_each_entry(d, &netdevs, link) {
		struct net_port *port = port_of(d);

		if (port && d->flags & IFF_UP && netif_get_ip6_addr_match(&port->netif, dest) >= 0)
			return net_lo_netif;
	}
	return NULL;
}

int net_route_add(const struct net_route *n)
{
	struct net_route *r, *fresh;

	if (n->dst & ~n->mask)
		return -EINVAL;
	list_for_each_entry(r, &net_routes, link)
		if (r->dst == n->dst && r->mask == n->mask && r->metric == n->metric && r->table == n->table)
			return -EEXIST;
	if (n->gw && !net_route_find(n->gw, n->dev->index))
		return -ENETUNREACH;
	fresh = kmalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	*fresh = *n;
	list_for_each_entry(r, &net_routes, link)
		if (__builtin_bswap32(r->mask) < __builtin_bswap32(n->mask) || (r->mask == n->mask && r->metric > n->metric))
			break;
	list_add_tail(&fresh->link, &r->link);
	return 0;
}

int net_route_del(const struct net_route *n)
{
	struct net_route *r;

	list_for_each_entry(r, &net_routes, link) {
		if (r->dst != n->dst || r->mask != n->mask || (n->gw && r->gw != n->gw) || (n->dev && r->dev != n->dev) ||
		    (n->metric && r->metric != n->metric))
			continue;
		list_del(&r->link);
		kfree(r);
		return 0;
	}
	return -ESRCH;
}

void net_route_flush_dev(struct netdev *d)
{
	struct net_route *r, *next;

	list_for_each_entry_safe(r, next, &net_routes, link)
		if (r->dev == d) {
			list_del(&r->link);
			kfree(r);
		}
}
