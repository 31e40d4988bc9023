/* SPDX-License-Identifier: MIT */
/*
 * IPv4 addresses of interfaces: their list, the routes that come and go with them, their lifetimes.
 *
 * The first of a subnet is primary; more of the same subnet are secondary and go when it goes. While the interface is up each address
 * has its routes: itself (table local), the subnet's broadcast address, the subnet.
 *
 * Invariants: netif.ip_addr is the first address of the list, or none, but while a packet is looked at (lwip_port_ip4_input()).
 * Locks: net_lock.
 * References: rtnetlink(7), ip-address(8).
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/work.h>
#include <uapi/netlink.h>
#include "port.h"

static struct timer expire_timer;
static struct work expire_work;

struct net_addr4 *net_addr4_primary(struct netdev *d)
{
	struct net_port *port = port_of(d);

	return port && !list_empty(&port->addrs) ? list_first_entry(&port->addrs, struct net_addr4, link) : NULL;
}

struct net_addr4 *net_addr4_find(struct netdev *d, uint32_t local)
{
	struct net_port *port = port_of(d);
	struct net_addr4 *a;

	if (port)
		list_for_each_entry(a, &port->addrs, link)
			if (a->local == local)
				return a;
	return NULL;
}

/* What lwIP takes for the interface's own. */
static void tell_lwip(struct netdev *d)
{
	struct net_addr4 *a = net_addr4_primary(d);
	struct netif *n = &port_of(d)->netif;
	ip4_addr_t ip = { a ? a->local : 0 }, mask = { a ? net_mask4(a->prefix) : 0 };

	ip_addr_copy_from_ip4(n->ip_addr, ip);
	ip_addr_copy_from_ip4(n->netmask, mask);
}

/* ---- its routes */

static uint32_t subnet_of(const struct net_addr4 *a)
{
	return a->peer & net_mask4(a->prefix);
}

static struct net_addr4 *primary_of(const struct net_addr4 *a)
{
	struct net_addr4 *p;

	list_for_each_entry(p, &port_of(a->dev)->addrs, link)
		if (!(p->flags & IFA_F_SECONDARY) && p->prefix == a->prefix && subnet_of(p) == subnet_of(a))
			return p;
	return NULL;
}

/* What the kernel routes for an address: up to four, in r. */
static unsigned routes_of(const struct net_addr4 *a, struct net_route r[4])
{
	const struct net_addr4 *prim = a->flags & IFA_F_SECONDARY ? primary_of(a) : a;
	struct net_route base = { .dev = a->dev, .protocol = RTPROT_KERNEL, .src = prim ? prim->local : a->local };
	unsigned n = 0;

	r[n] = base;
	r[n].table = RT_TABLE_LOCAL;
	r[n].type = RTN_LOCAL;
	r[n].scope = RT_SCOPE_HOST;
	r[n].dst = a->local;
	r[n++].mask = UINT32_MAX;
	if (a->brd && a->brd != UINT32_MAX) {
		r[n] = base;
		r[n].table = RT_TABLE_LOCAL;
		r[n].type = RTN_BROADCAST;
		r[n].scope = RT_SCOPE_LINK;
		r[n].dst = a->brd;
		r[n++].mask = UINT32_MAX;
	}
	if (!(subnet_of(a) & 0xff) || a->flags & IFA_F_SECONDARY || (subnet_of(a) == a->local && a->prefix == 32))
		return n;
	if (!(a->flags & IFA_F_NOPREFIXROUTE)) {
		bool lo = a->dev->flags & IFF_LOOPBACK;

		r[n] = base;
		r[n].table = lo ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
		r[n].type = lo ? RTN_LOCAL : RTN_UNICAST;
		r[n].scope = lo ? RT_SCOPE_HOST : RT_SCOPE_LINK;
		r[n].metric = a->metric;
		r[n].dst = subnet_of(a);
		r[n++].mask = net_mask4(a->prefix);
	}
	if (a->prefix < 31) {
		r[n] = base;
		r[n].table = RT_TABLE_LOCAL;
		r[n].type = RTN_BROADCAST;
		r[n].scope = RT_SCOPE_LINK;
		r[n].dst = subnet_of(a) | ~net_mask4(a->prefix);
		r[n++].mask = UINT32_MAX;
	}
	return n;
}

static void add_routes(const struct net_addr4 *a)
{
	struct net_route r[4];
	const char *why;
	unsigned n;

	if (!(a->dev->flags & IFF_UP))
		return;
	n = routes_of(a, r);
	for (unsigned i = 0; i < n; i++)
		(void)net_route_change(&r[i], NLM_F_CREATE | NLM_F_APPEND, &why);
}

static bool wanted_by(struct netdev *d, const struct net_route *r)
{
	struct net_route have[4];
	struct net_addr4 *a;

	list_for_each_entry(a, &port_of(d)->addrs, link) {
		unsigned n = routes_of(a, have);

		for (unsigned i = 0; i < n; i++)
			if (have[i].table == r->table && have[i].dst == r->dst && have[i].mask == r->mask && have[i].src == r->src &&
			    have[i].type == r->type)
				return true;
	}
	return false;
}

/* Those of an address that has left the list, unless another's are the same. */
static void drop_routes(const struct net_addr4 *a, uint32_t src)
{
	struct net_route r[4];
	unsigned n = routes_of(a, r);

	/* The subnet's first, then broadcasts, the address itself last. */
	for (unsigned pass = 0; pass < 3; pass++)
		for (unsigned i = 0; i < n; i++) {
			unsigned when = r[i].type == RTN_BROADCAST ? 1 : i ? 0 : 2;

			r[i].src = src;
			if (when == pass && !wanted_by(a->dev, &r[i]))
				(void)net_route_del(&r[i]);
		}
	if (!net_addr4_local(a->local))
		net_route_flush_src(a->local);
}

void net_addr4_up(struct netdev *d)
{
	struct net_addr4 *a;

	list_for_each_entry(a, &port_of(d)->addrs, link)
		add_routes(a);
}

/* ---- lifetimes */

static void expire_next(void)
{
	nsec_t now = clock_monotonic(), first = NSEC_NEVER;
	struct netdev *d;
	struct net_addr4 *a;

	list_for_each_entry(d, &netdevs, link) {
		if (!port_of(d))
			continue;
		list_for_each_entry(a, &port_of(d)->addrs, link) {
			uint32_t s = a->flags & IFA_F_DEPRECATED ? a->valid : MIN(a->valid, a->preferred);

			if (s != IFA_LIFE_FOREVER)
				first = MIN(first, a->updated + (nsec_t)s * NSEC_PER_SEC);
		}
	}
	if (first != NSEC_NEVER)
		timer_start(&expire_timer, MAX(first, now));
}

/* True: something was done; the list has changed. */
static bool expire_one(struct netdev *d, nsec_t now)
{
	struct net_addr4 *a;

	list_for_each_entry(a, &port_of(d)->addrs, link) {
		if (a->valid != IFA_LIFE_FOREVER && now >= a->updated + (nsec_t)a->valid * NSEC_PER_SEC) {
			net_addr4_del(a);
			return true;
		}
		if (a->preferred != IFA_LIFE_FOREVER && !(a->flags & IFA_F_DEPRECATED) &&
		    now >= a->updated + (nsec_t)a->preferred * NSEC_PER_SEC) {
			a->flags |= IFA_F_DEPRECATED;
			net_notify_addr4(RTM_NEWADDR, a);
			return true;
		}
	}
	return false;
}

static void expire(struct work *w)
{
	nsec_t now = clock_monotonic();
	struct netdev *d;

	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link)
		while (port_of(d) && expire_one(d, now))
			;
	expire_next();
	net_lock_release();
}

static void expired(struct timer *t)
{
	work_queue(&expire_work);
}

static void set_lifetimes(struct net_addr4 *a, uint32_t valid, uint32_t preferred)
{
	a->valid = valid;
	a->preferred = preferred;
	a->flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED);
	if (valid == IFA_LIFE_FOREVER)
		a->flags |= IFA_F_PERMANENT;
	if (!preferred)
		a->flags |= IFA_F_DEPRECATED;
	a->updated = clock_monotonic();
}

/* ---- changes */

int net_addr4_add(struct netdev *d, const struct net_addr4 *n, const char **why)
{
	struct net_port *port = port_of(d);
	struct list_head *after;
	struct net_addr4 *a, *fresh;
	unsigned flags = n->flags & ~IFA_F_SECONDARY;

	*why = NULL;
	if (!port)
		return -ENODEV;
	after = &port->addrs;
	list_for_each_entry(a, &port->addrs, link) {
		if (!(a->flags & IFA_F_SECONDARY) && n->scope <= a->scope)
			after = &a->link;
		if (a->prefix == n->prefix && !((a->peer ^ n->peer) & net_mask4(n->prefix))) {
			if (a->local == n->local)
				return -EEXIST;
			if (a->scope != n->scope)
				return -EINVAL;
			flags |= IFA_F_SECONDARY;
		}
	}
	fresh = kmalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOBUFS;
	*fresh = *n;
	fresh->dev = d;
	fresh->flags = flags;
	if (!fresh->label[0])
		strscpy(fresh->label, d->name, sizeof(fresh->label));
	set_lifetimes(fresh, n->valid, n->preferred);
	fresh->created = fresh->updated;
	if (flags & IFA_F_SECONDARY)
		list_add_tail(&fresh->link, &port->addrs);
	else
		list_add(&fresh->link, after);
	tell_lwip(d);
	net_notify_addr4(RTM_NEWADDR, fresh);
	add_routes(fresh);
	expire_next();
	return 0;
}

void net_addr4_refresh(struct net_addr4 *a, const struct net_addr4 *n)
{
	const unsigned from_user = IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

	if (a->metric != n->metric) {
		struct net_addr4 old = *a;

		a->metric = n->metric;
		add_routes(a);
		if (a->dev->flags & IFF_UP) {
			struct net_route r = { .table = a->dev->flags & IFF_LOOPBACK ? RT_TABLE_LOCAL : RT_TABLE_MAIN, .dst = subnet_of(a),
					       .mask = net_mask4(a->prefix), .dev = a->dev, .protocol = RTPROT_KERNEL,
					       .scope = RT_SCOPE_NOWHERE, .metric = old.metric };

			if (!old.metric || !(a->flags & IFA_F_SECONDARY))
				(void)net_route_del(&r);
		}
	}
	a->flags = (a->flags & ~from_user) | (n->flags & from_user);
	set_lifetimes(a, n->valid, n->preferred);
	net_notify_addr4(RTM_NEWADDR, a);
	expire_next();
}

static void remove_one(struct net_addr4 *a, uint32_t src)
{
	struct netdev *d = a->dev;

	list_del(&a->link);
	tell_lwip(d);
	net_notify_addr4(RTM_DELADDR, a);
	drop_routes(a, src);
	kfree(a);
}

void net_addr4_del(struct net_addr4 *a)
{
	struct net_addr4 *s, *next;

	/* The secondary ones go first, and their routes have the primary's address. */
	if (!(a->flags & IFA_F_SECONDARY))
		list_for_each_entry_safe(s, next, &port_of(a->dev)->addrs, link)
			if (s->flags & IFA_F_SECONDARY && s->prefix == a->prefix && subnet_of(s) == subnet_of(a))
				remove_one(s, a->local);
	s = a->flags & IFA_F_SECONDARY ? primary_of(a) : NULL;
	remove_one(a, s ? s->local : a->local);
}

void net_addr4_flush(struct netdev *d)
{
	struct net_addr4 *a;

	while ((a = net_addr4_primary(d)))
		net_addr4_del(a);
}

uint32_t net_class_mask(uint32_t addr)
{
	uint32_t a = __builtin_bswap32(addr);

	return __builtin_bswap32(!(a >> 31) ? 0xff000000u : (a >> 30) == 2 ? 0xffff0000u : 0xffffff00u);
}

int net_addr4_set(struct netdev *d, uint32_t addr, uint32_t mask)
{
	struct net_addr4 n = { .local = addr, .peer = addr, .valid = IFA_LIFE_FOREVER, .preferred = IFA_LIFE_FOREVER };
	struct net_addr4 *old = net_addr4_primary(d);
	const char *why;

	if (!port_of(d))
		return -ENODEV;
	n.prefix = (uint8_t)net_prefix4(mask ? mask : net_class_mask(addr));
	if (d->flags & IFF_LOOPBACK)
		n.scope = RT_SCOPE_HOST;
	else if (n.prefix < 31)
		n.brd = addr | ~net_mask4(n.prefix);
	if (old && old->local == addr && old->prefix == n.prefix)
		return 0;
	if (old)
		net_addr4_del(old);
	return addr ? net_addr4_add(d, &n, &why) : 0;
}

static int addr4_init(void)
{
	work_init(&expire_work, expire);
	timer_setup(&expire_timer, expired, TIMER_MONO);
	return 0;
}
INITCALL(INITCALL_FS, addr4_init);
