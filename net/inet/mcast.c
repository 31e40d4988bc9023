/* SPDX-License-Identifier: MIT */
/*
 * Multicast groups of sockets: who has joined what, on which interface. lwIP counts the members of a group on an interface; here each
 * socket's own are kept, so that they are left when it closes.
 *
 * A datagram to a group reaches every socket that is bound to its port, unless the socket wants only its own groups
 * (IP_MULTICAST_ALL 0), or is a member and does not want this sender: a membership has a list of senders and says whether those
 * are wanted or all others (RFC 3376). Routers are not told of senders: reports name groups only.
 *
 * Locks: net_lock.
 * References: ip(7), ipv6(7), RFC 3678.
 */
#include "inet.h"
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include "lwip/igmp.h"
#include "lwip/mld6.h"

#define MC_MAX 20u		/* of one socket and family, as Linux: net.ipv4.igmp_max_memberships */

struct mc_member {
	struct list_head link;
	ip_addr_t group;
	int ifindex;
	uint8_t mode;			/* MCAST_INCLUDE: only these senders; MCAST_EXCLUDE: all but these */
	uint16_t nr;
	ip_addr_t *source;		/* @nr of them, or NULL */
};
#define MC_SOURCES4 10u		/* as Linux: net.ipv4.igmp_max_msf, net.ipv6.mld_max_msf */
#define MC_SOURCES6 64u

struct netdev *inet_mc_dev(uint32_t addr, int index)
{
	struct netdev *d;

	if (index)
		return netdev_by_index(index);
	list_for_each_entry(d, &netdevs, link)
		if (addr && net_addr4_find(d, addr))
			return d;
	if (addr)
		return NULL;
	list_for_each_entry(d, &netdevs, link)
		if (d->flags & IFF_UP && d->flags & IFF_MULTICAST)
			return d;
	return net_lo.flags & IFF_UP ? &net_lo : NULL;
}

static struct mc_member *find(const struct inet_sock *i, const ip_addr_t *group, int ifindex)
{
	struct mc_member *m;

	list_for_each_entry(m, &i->groups, link)
		if (ip_addr_zoneless_eq(&m->group, group) && (!ifindex || m->ifindex == ifindex))
			return m;
	return NULL;
}

static int stack_join(struct netdev *d, const ip_addr_t *group, bool join)
{
	struct netif *n = &port_of(d)->netif;
	ip6_addr_t six;
	err_t e;

	/* lwIP's count of a group's members is a byte. */
	if (IP_IS_V4(group)) {
		const struct igmp_group *g = igmp_lookfor_group(n, ip_2_ip4(group));

		if (join && g && g->use == UINT8_MAX)
			return -ENOBUFS;
		e = join ? igmp_joingroup_netif(n, ip_2_ip4(group)) : igmp_leavegroup_netif(n, ip_2_ip4(group));
	} else {
		const struct mld_group *g;

		ip6_addr_copy(six, *ip_2_ip6(group));
		ip6_addr_clear_zone(&six);
		ip6_addr_assign_zone(&six, IP6_MULTICAST, n);
		g = mld6_lookfor_group(n, &six);
		if (join && g && g->use == UINT8_MAX)
			return -ENOBUFS;
		e = join ? mld6_joingroup_netif(n, &six) : mld6_leavegroup_netif(n, &six);
	}
	port_timers_changed();		/* there are reports to send */
	return e == ERR_OK ? 0 : -ENOBUFS;
}

static int join(struct inet_sock *i, const ip_addr_t *group, struct netdev *d, uint8_t mode)
{
	struct mc_member *m;
	unsigned n = 0;
	int err;

	if (!ip_addr_ismulticast(group))
		return -EINVAL;
	if (!d || !port_of(d))
		return -ENODEV;
	if (find(i, group, d->index))
		return -EADDRINUSE;
	list_for_each_entry(m, &i->groups, link)
		n += IP_GET_TYPE(&m->group) == IP_GET_TYPE(group);
	if (IP_IS_V4(group) && n >= MC_MAX)
		return -ENOBUFS;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	ip_addr_copy(m->group, *group);
	m->ifindex = d->index;
	m->mode = mode;
	err = stack_join(d, group, true);
	if (err) {
		kfree(m);
		return err;
	}
	list_add(&m->link, &i->groups);
	return 0;
}

int inet_mc_join(struct inet_sock *i, const ip_addr_t *group, struct netdev *d)
{
	return join(i, group, d, MCAST_EXCLUDE);
}

static void leave(struct mc_member *m)
{
	struct netdev *d = netdev_by_index(m->ifindex);

	if (d && port_of(d))
		(void)stack_join(d, &m->group, false);
	list_del(&m->link);
	kfree(m->source);
	kfree(m);
}

/* @ifindex 0: of whatever interface. */
int inet_mc_leave(struct inet_sock *i, const ip_addr_t *group, int ifindex)
{
	struct mc_member *m = find(i, group, ifindex);

	if (!m)
		return -EADDRNOTAVAIL;
	leave(m);
	return 0;
}

void inet_mc_leave_all(struct inet_sock *i)
{
	struct mc_member *m, *next;

	list_for_each_entry_safe(m, next, &i->groups, link)
		leave(m);
}

static int source_at(const struct mc_member *m, const ip_addr_t *source)
{
	for (unsigned n = 0; n < m->nr; n++)
		if (ip_addr_zoneless_eq(&m->source[n], source))
			return (int)n;
	return -1;
}

bool inet_mc_wanted(const struct inet_sock *i, const ip_addr_t *group, const ip_addr_t *from, int ifindex)
{
	/* IPv6 looks for the group on whatever interface. */
	const struct mc_member *m = list_empty(&i->groups) ? NULL : find(i, group, IP_IS_V4(group) ? ifindex : 0);

	if (!m)
		return i->opts & (IP_IS_V4(group) ? INET_MC_ALL : INET_MC6_ALL);
	return (source_at(m, from) >= 0) == (m->mode == MCAST_INCLUDE);
}

/* ---- senders */

static int source_add(struct mc_member *m, const ip_addr_t *source)
{
	ip_addr_t *more;

	if (m->nr >= (IP_IS_V4(&m->group) ? MC_SOURCES4 : MC_SOURCES6))
		return -ENOBUFS;
	if (source_at(m, source) >= 0)
		return -EADDRNOTAVAIL;
	more = krealloc(m->source, (m->nr + 1u) * sizeof(*more), GFP_KERNEL);
	if (!more)
		return -ENOBUFS;
	m->source = more;
	ip_addr_copy(m->source[m->nr], *source);
	m->nr++;
	return 0;
}

static int source_del(struct mc_member *m, const ip_addr_t *source)
{
	int at = source_at(m, source);

	if (at < 0)
		return -EADDRNOTAVAIL;
	if (m->nr == 1 && m->mode == MCAST_INCLUDE) {	/* nobody is wanted: no member */
		leave(m);
		return 0;
	}
	memmove(&m->source[at], &m->source[at + 1], (m->nr - (unsigned)at - 1) * sizeof(*m->source));
	m->nr--;
	return 0;
}

int inet_mc_source(struct inet_sock *i, const ip_addr_t *group, struct netdev *d, const ip_addr_t *source, int mode, bool add)
{
	struct mc_member *m;
	int err;

	if (!ip_addr_ismulticast(group))
		return -EINVAL;
	if (!d)
		return -ENODEV;
	if (mode == MCAST_INCLUDE && add) {
		err = join(i, group, d, MCAST_INCLUDE);
		if (err && err != -EADDRINUSE)
			return err;
	}
	m = find(i, group, d->index);
	if (!m)
		return -EINVAL;
	/* An empty list may change its meaning. */
	if (m->mode != mode && m->source)
		return -EINVAL;
	m->mode = (uint8_t)mode;
	return add ? source_add(m, source) : source_del(m, source);
}

int inet_mc_set_filter(struct inet_sock *i, const ip_addr_t *group, struct netdev *d, uint32_t mode, ip_addr_t *source, unsigned nr)
{
	struct mc_member *m;

	if (!ip_addr_ismulticast(group) || mode > MCAST_INCLUDE)
		return -EINVAL;
	if (!d)
		return -ENODEV;
	if (mode == MCAST_INCLUDE && !nr)
		return inet_mc_leave(i, group, d->index);
	m = find(i, group, d->index);
	if (!m)
		return -EINVAL;
	kfree(m->source);
	m->source = NULL;
	m->mode = (uint8_t)mode;
	m->nr = 0;
	/* The list becomes the membership's. */
	if (nr) {
		m->source = source;
		m->nr = (uint16_t)nr;
	}
	return 0;
}

int inet_mc_get_filter(const struct inet_sock *i, const ip_addr_t *group, const struct netdev *d, uint32_t *mode,
		       const ip_addr_t **source, unsigned *nr)
{
	const struct mc_member *m;

	if (!ip_addr_ismulticast(group))
		return -EINVAL;
	if (!d)
		return -ENODEV;
	m = find(i, group, d->index);
	if (!m)
		return -EADDRNOTAVAIL;
	*mode = m->mode;
	*source = m->source;
	*nr = m->nr;
	return 0;
}

/* ---- options */

int inet_mc_set4(struct inet_sock *i, int name, const void __user *val, unsigned len)
{
	struct ip_mreqn r = { 0 };
	struct netdev *d;
	ip_addr_t group;
	int err;

	if (i->kind == INET_TCP)
		return -EPROTO;
	if (len < 8)
		return -EINVAL;
	if (copy_from_user(&r, val, len >= sizeof(r) ? sizeof(r) : 8))
		return -EFAULT;
	memset(&group, 0, sizeof(group));
	ip_addr_set_ip4_u32_val(group, r.multiaddr);
	net_lock_acquire();
	d = inet_mc_dev(r.address, r.ifindex);
	if (name == IP_ADD_MEMBERSHIP)
		err = inet_mc_join(i, &group, d);
	else if (!d && !find(i, &group, r.ifindex))
		err = -ENODEV;
	else
		err = inet_mc_leave(i, &group, r.ifindex ? r.ifindex : r.address && d ? d->index : 0);
	net_lock_release();
	return err;
}

/* The interface of an IPv6 request: 0 is the first that has multicast, or lo. */
static struct netdev *dev6(int ifindex)
{
	return ifindex < 0 ? NULL : inet_mc_dev(0, ifindex);
}

int inet_mc_set6(struct inet_sock *i, int name, const void __user *val, unsigned len)
{
	struct ipv6_mreq r;
	ip_addr_t group;
	int err;

	if (i->kind == INET_TCP)
		return -EPROTO;
	if (len < sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	memset(&group, 0, sizeof(group));
	memcpy(ip_2_ip6(&group)->addr, r.multiaddr, 16);
	IP_SET_TYPE_VAL(group, IPADDR_TYPE_V6);
	net_lock_acquire();
	if (!ip_addr_ismulticast(&group))
		err = -EINVAL;
	else
		err = name == IPV6_ADD_MEMBERSHIP ? inet_mc_join(i, &group, dev6(r.ifindex)) : inet_mc_leave(i, &group, r.ifindex);
	net_lock_release();
	return err;
}

/* MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP: of either family. */
int inet_mc_set_any(struct inet_sock *i, int level, int name, const void __user *val, unsigned len)
{
	struct group_req r;
	ip_addr_t group;
	int err = 0;

	if (len < sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	if (i->kind == INET_TCP)
		return -EPROTO;
	memset(&group, 0, sizeof(group));
	if (level == IPPROTO_IP) {
		err = r.group.family == AF_INET ? 0 : -EINVAL;
		ip_addr_set_ip4_u32_val(group, ((const struct sockaddr_in *)(const void *)&r.group)->addr);
	} else {
		err = r.group.family == AF_INET6 ? 0 : -EADDRNOTAVAIL;
		memcpy(ip_2_ip6(&group)->addr, ((const struct sockaddr_in6 *)(const void *)&r.group)->addr, 16);
		IP_SET_TYPE_VAL(group, IPADDR_TYPE_V6);
	}
	if (err)
		return err;
	net_lock_acquire();
	err = name == MCAST_JOIN_GROUP ? inet_mc_join(i, &group, dev6((int)r.interface)) : inet_mc_leave(i, &group, (int)r.interface);
	net_lock_release();
	return err;
}
