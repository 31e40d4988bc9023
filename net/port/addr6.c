/* SPDX-License-Identifier: MIT */
/*
 * IPv6 addresses of interfaces: lwIP's slots, and beside them what it does not keep (prefix length, flags, ages).
 *
 * lwIP does duplicate address detection, takes addresses from router advertisements, counts lifetimes. Whatever it does to a slot,
 * port_addr6_changed() hears of; it tells the listeners and keeps the routes in step. A slot is told of once it has passed the
 * detection, or failed it.
 *
 * Invariants: addr6[i].used says that slot i holds an address that we know of.
 * Locks: net_lock.
 * References: RFC 4862; rtnetlink(7), ip-address(8).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <uapi/netlink.h>
#include "port.h"
#include "lwip/nd6.h"

static unsigned scope_of(const ip6_addr_t *a)
{
	return ip6_addr_isloopback(a) ? RT_SCOPE_HOST : ip6_addr_islinklocal(a) ? RT_SCOPE_LINK :
	       ip6_addr_issitelocal(a) ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
}

static bool in_use(struct netdev *d, unsigned slot)
{
	return !ip6_addr_isinvalid(netif_ip6_addr_state(&port_of(d)->netif, slot));
}

int net_addr6_find(struct netdev *d, const uint32_t addr[4])
{
	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (in_use(d, i) && !memcmp(netif_ip6_addr(&port_of(d)->netif, i)->addr, addr, 16))
			return (int)i;
	return -1;
}

void net_addr6_view(struct netdev *d, unsigned slot, struct net_addr6_view *v)
{
	struct netif *n = &port_of(d)->netif;
	uint8_t state = netif_ip6_addr_state(n, slot);
	const struct net_addr6 *a = &port_of(d)->addr6[slot];

	memcpy(v->addr, netif_ip6_addr(n, slot)->addr, 16);
	v->scope = (uint8_t)scope_of(netif_ip6_addr(n, slot));
	v->valid = netif_ip6_addr_valid_life(n, slot);
	v->preferred = netif_ip6_addr_pref_life(n, slot);
	v->flags = a->flags;
	if (v->valid == IP6_ADDR_LIFE_STATIC || v->valid == IP6_ADDR_LIFE_INFINITE) {
		v->valid = v->preferred = IFA_LIFE_FOREVER;
		v->flags |= IFA_F_PERMANENT;
	}
	if (ip6_addr_istentative(state))
		v->flags |= IFA_F_TENTATIVE;
	else if (ip6_addr_isduplicated(state))
		v->flags |= IFA_F_DADFAILED | IFA_F_TENTATIVE;
	else if (!ip6_addr_ispreferred(state))
		v->flags |= IFA_F_DEPRECATED;
}

/* The widest scope first, in it the newest. */
unsigned net_addr6_sorted(struct netdev *d, unsigned order[])
{
	const struct net_port *p = port_of(d);
	unsigned n = 0;

	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		unsigned at = n;

		if (!in_use(d, i))
			continue;
		while (at) {
			unsigned o = order[at - 1], so = scope_of(netif_ip6_addr(&p->netif, o)), si = scope_of(netif_ip6_addr(&p->netif, i));

			if (so < si || (so == si && p->addr6[o].created > p->addr6[i].created))
				break;
			order[at--] = o;
		}
		order[at] = i;
		n++;
	}
	return n;
}

/* ---- changes */

int net_addr6_add(struct netdev *d, const uint32_t addr[4], const struct net_addr6 *n, uint32_t valid, uint32_t preferred,
		  unsigned nlflags, const char **why)
{
	struct net_port *port = port_of(d);
	struct net_addr6 *m;
	ip6_addr_t a = { 0 };
	int slot;
	s8_t got;

	if (n->prefix > 128) {
		*why = NULL;
		return -EINVAL;
	}
	memcpy(a.addr, addr, 16);
	if (ip6_addr_ismulticast(&a) || ip6_addr_isany(&a))
		return -EADDRNOTAVAIL;
	slot = net_addr6_find(d, addr);
	if (slot >= 0) {
		if (nlflags & NLM_F_EXCL || !(nlflags & NLM_F_REPLACE))
			return -EEXIST;
	} else {
		ip6_addr_assign_zone(&a, IP6_UNICAST, &port->netif);
		if (netif_add_ip6_address(&port->netif, &a, &got) != ERR_OK)
			return -ENOBUFS;
		slot = got;
		port->addr6[slot] = *n;
		port->addr6[slot].used = true;
		port->addr6[slot].created = clock_monotonic();
	}
	m = &port->addr6[slot];
	m->flags = n->flags;
	m->metric = n->metric;
	m->proto = n->proto;
	m->updated = clock_monotonic();
	/* lwIP counts down what is not infinite. */
	netif_ip6_addr_set_valid_life(&port->netif, (s8_t)slot, valid == IFA_LIFE_FOREVER ? IP6_ADDR_LIFE_STATIC : valid);
	netif_ip6_addr_set_pref_life(&port->netif, (s8_t)slot, preferred);
	net_route6_subnet(d, (unsigned)slot);
	if (!m->announced)
		net_notify_addr6(RTM_NEWADDR, d, (unsigned)slot);
	if (d->flags & IFF_LOOPBACK || n->flags & IFA_F_NODAD || ip6_addr_isvalid(netif_ip6_addr_state(&port->netif, slot))) {
		netif_ip6_addr_set_state(&port->netif, (s8_t)slot, preferred ? IP6_ADDR_PREFERRED : IP6_ADDR_DEPRECATED);
		port_addr6_changed(d, (unsigned)slot);
	}
	return 0;
}

int net_addr6_del(struct netdev *d, const uint32_t addr[4], unsigned prefix)
{
	int slot = net_addr6_find(d, addr);

	if (slot < 0 || port_of(d)->addr6[slot].prefix != prefix)
		return -EADDRNOTAVAIL;
	net_addr6_remove(d, (unsigned)slot);
	return 0;
}

void net_addr6_remove(struct netdev *d, unsigned slot)
{
	struct net_addr6 *m = &port_of(d)->addr6[slot];

	m->used = false;
	m->announced = false;
	net_notify_addr6(RTM_DELADDR, d, slot);
	net_route6_addr_gone(d, slot);
	netif_ip6_addr_set_state(&port_of(d)->netif, (s8_t)slot, IP6_ADDR_INVALID);
}

void net_addr6_flush(struct netdev *d)
{
	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (in_use(d, i))
			net_addr6_remove(d, i);
}

/* lwIP, or we, have done something to a slot. */
void port_addr6_changed(struct netdev *d, unsigned slot)
{
	struct netif *n = &port_of(d)->netif;
	struct net_addr6 *m = &port_of(d)->addr6[slot];
	uint8_t state = netif_ip6_addr_state(n, slot);

	if (ip6_addr_isinvalid(state)) {
		/* Its lifetime is over. */
		if (m->used && m->announced) {
			m->used = m->announced = false;
			net_notify_addr6(RTM_DELADDR, d, slot);
			net_route6_addr_gone(d, slot);
		}
		return;
	}
	if (!m->used) {
		const ip6_addr_t *a = netif_ip6_addr(n, slot);

		*m = (struct net_addr6){ .prefix = ip6_addr_isloopback(a) ? 128 : 64, .used = true,
					 .proto = ip6_addr_isloopback(a) ? IFAPROT_KERNEL_LO : ip6_addr_islinklocal(a) ? IFAPROT_KERNEL_LL :
						  IFAPROT_KERNEL_RA };
		if (m->proto == IFAPROT_KERNEL_RA)
			m->flags = IFA_F_MANAGETEMPADDR;
		m->created = m->updated = clock_monotonic();
	}
	if (ip6_addr_istentative(state))
		return;
	if (!m->announced || m->state != state) {
		m->announced = true;
		m->state = state;
		net_notify_addr6(RTM_NEWADDR, d, slot);
		if (ip6_addr_isvalid(state)) {
			net_route6_local(d, slot);
			net_route6_subnet(d, slot);
		}
	}
}
