/* SPDX-License-Identifier: MIT */
/*
 * Multicast groups of sockets: who has joined what, on which interface. lwIP counts the members of a group on an interface; here each
 * socket's own are kept, so that they are left when it closes.
 *
 * A datagram to a group reaches every socket that is bound to its port, unless the socket wants only its own groups
 * (IP_MULTICAST_ALL 0). No source filters: MCAST_JOIN_SOURCE_GROUP and its kin are ENOPROTOOPT.
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
};

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

	if (IP_IS_V4(group)) {
		e = join ? igmp_joingroup_netif(n, ip_2_ip4(group)) : igmp_leavegroup_netif(n, ip_2_ip4(group));
	} else {
		ip6_addr_copy(six, *ip_2_ip6(group));
		ip6_addr_clear_zone(&six);
		ip6_addr_assign_zone(&six, IP6_MULTICAST, n);
		e = join ? mld6_joingroup_netif(n, &six) : mld6_leavegroup_netif(n, &six);
	}
	port_timers_changed();		/* there are reports to send */
	return e == ERR_OK ? 0 : -ENOBUFS;
}

int inet_mc_join(struct inet_sock *i, const ip_addr_t *group, struct netdev *d)
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
	m = kmalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	ip_addr_copy(m->group, *group);
	m->ifindex = d->index;
	err = stack_join(d, group, true);
	if (err) {
		kfree(m);
		return err;
	}
	list_add(&m->link, &i->groups);
	return 0;
}

static void leave(struct mc_member *m)
{
	struct netdev *d = netdev_by_index(m->ifindex);

	if (d && port_of(d))
		(void)stack_join(d, &m->group, false);
	list_del(&m->link);
	kfree(m);
}

/* @d NULL with @ifindex 0: of whatever interface. */
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

bool inet_mc_wanted(const struct inet_sock *i, const ip_addr_t *group, int ifindex)
{
	return i->opts & (IP_IS_V4(group) ? INET_MC_ALL : INET_MC6_ALL) || find(i, group, ifindex);
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
