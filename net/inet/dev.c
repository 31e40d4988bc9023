/* SPDX-License-Identifier: MIT */
/*
 * Ioctls on interfaces and routes: what ifconfig, route and udhcpc use. Work on a socket of any family.
 * Locks: net_lock; the request is copied in before and out after. Reference: netdevice(7), rtnetlink's older brother.
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>

static uint32_t addr_of(struct netdev *d)
{
	return port_of(d) ? netif_ip4_addr(&port_of(d)->netif)->addr : 0;
}

static uint32_t mask_of(struct netdev *d)
{
	return port_of(d) ? netif_ip4_netmask(&port_of(d)->netif)->addr : 0;
}

static void put_addr(struct ifreq *r, uint32_t addr)
{
	memset(&r->addr, 0, sizeof(r->addr));
	r->addr.family = AF_INET;
	r->addr.addr = addr;
}

/* Class A, B or C. */
static uint32_t class_mask(uint32_t addr)
{
	uint32_t a = __builtin_bswap32(addr);

	return __builtin_bswap32(!(a >> 31) ? 0xff000000u : (a >> 30) == 2 ? 0xffff0000u : 0xffffff00u);
}

static long get(struct netdev *d, unsigned cmd, struct ifreq *r)
{
	switch (cmd) {
	case SIOCGIFFLAGS:
		r->flags = (int16_t)netdev_flags(d);
		return 0;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
		if (!addr_of(d))
			return -EADDRNOTAVAIL;
		put_addr(r, addr_of(d));
		return 0;
	case SIOCGIFNETMASK:
		if (!addr_of(d))
			return -EADDRNOTAVAIL;
		put_addr(r, mask_of(d));
		return 0;
	case SIOCGIFBRDADDR:
		if (!addr_of(d))
			return -EADDRNOTAVAIL;
		put_addr(r, d->flags & IFF_LOOPBACK ? 0 : addr_of(d) | ~mask_of(d));
		return 0;
	case SIOCGIFMETRIC:
		r->value = 0;
		return 0;
	case SIOCGIFMTU:
		r->value = (int32_t)d->mtu;
		return 0;
	case SIOCGIFHWADDR:
		memset(&r->hwaddr, 0, sizeof(r->hwaddr));
		r->hwaddr.family = d->type;
		memcpy(r->hwaddr.data, d->mac, 6);
		return 0;
	case SIOCGIFINDEX:
		r->value = d->index;
		return 0;
	case SIOCGIFTXQLEN:
		r->value = (int32_t)d->tx_queue_len;
		return 0;
	case SIOCGIFMAP:
		memset(r->map, 0, sizeof(r->map));
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

static long set_flags(struct netdev *d, unsigned flags)
{
	const unsigned settable = IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP | IFF_MULTICAST;
	int err = 0;

	d->flags = (d->flags & ~settable) | (flags & settable);
	if (flags & IFF_UP && !(d->flags & IFF_UP)) {
		err = netdev_open(d);
		if (!err && addr_of(d) && !(d->flags & IFF_LOOPBACK))
			(void)net_addr4_set(d, addr_of(d), mask_of(d));	/* the route of its link comes back */
	} else if (!(flags & IFF_UP)) {
		netdev_stop(d);
	}
	return err;
}

static long set_addr(struct netdev *d, const struct ifreq *r)
{
	uint32_t a = r->addr.addr, mask = class_mask(a);
	int err = 0;

	if (r->addr.family != AF_INET)
		return -EINVAL;
	if (a == UINT32_MAX || (a & __builtin_bswap32(0xf0000000u)) == __builtin_bswap32(0xe0000000u))
		return -EINVAL;
	/* An address brings the interface up; none leaves it as it is. */
	if (a && !(d->flags & IFF_UP))
		err = netdev_open(d);
	return err ? err : net_addr4_set(d, a, a ? mask : 0);
}

static long set_mask(struct netdev *d, uint32_t mask)
{
	uint32_t m = __builtin_bswap32(mask);

	if (!addr_of(d))
		return -EADDRNOTAVAIL;
	if (~m & (~m + 1))
		return -EINVAL;
	return net_addr4_set(d, addr_of(d), mask);
}

static long set(struct netdev *d, unsigned cmd, const struct ifreq *r)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
		return set_flags(d, (uint16_t)r->flags | (d->flags & ~0xffffu));
	case SIOCSIFADDR:
		return set_addr(d, r);
	case SIOCSIFNETMASK:
		return set_mask(d, r->addr.addr);
	case SIOCSIFBRDADDR:
		return addr_of(d) ? 0 : -EADDRNOTAVAIL;	/* it follows from address and mask: CAVEATS */
	case SIOCSIFMTU:
		if (r->value < 68 || (uint32_t)r->value > d->max_mtu)
			return -EINVAL;
		d->mtu = (uint32_t)r->value;
		port_changed(d);
		return 0;
	case SIOCSIFTXQLEN:
		if (r->value < 0)
			return -EINVAL;
		d->tx_queue_len = (uint32_t)r->value;
		return 0;
	case SIOCSIFHWADDR:
		if (r->hwaddr.family != d->type)
			return -EINVAL;
		if (d->flags & IFF_LOOPBACK)
			return -EOPNOTSUPP;
		if (r->hwaddr.data[0] & 1)
			return -EADDRNOTAVAIL;
		memcpy(d->mac, r->hwaddr.data, 6);
		port_changed(d);
		return 0;
	case SIOCSIFNAME:
		if (d->flags & IFF_UP)
			return -EBUSY;
		if (!r->newname[0] || netdev_by_name(r->newname))
			return r->newname[0] ? -EEXIST : -EINVAL;
		strscpy(d->name, r->newname, sizeof(d->name));
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

/* Interfaces that have an address. */
static long conf(void __user *arg)
{
	struct ifconf c;
	struct netdev *d;
	struct ifreq list[16];
	unsigned n = 0, fit;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.len < 0)
		return -EINVAL;
	memset(list, 0, sizeof(list));
	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link)
		if (addr_of(d) && n < ARRAY_SIZE(list)) {
			strscpy(list[n].name, d->name, IFNAMSIZ);
			put_addr(&list[n++], addr_of(d));
		}
	net_lock_release();
	fit = c.req ? MIN(n, (unsigned)c.len / (unsigned)sizeof(*list)) : n;
	if (c.req && copy_to_user(c.req, list, fit * sizeof(*list)))
		return -EFAULT;
	c.len = (int)(fit * sizeof(*list));
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : 0;
}

static long route(unsigned cmd, void __user *arg)
{
	struct net_route r = { .protocol = 3, .scope = 0, .type = 1, .table = 254 };
	struct rtentry e;
	char name[IFNAMSIZ] = "";
	long err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&e, arg, sizeof(e)))
		return -EFAULT;
	if (e.dst.family != AF_INET)
		return -EAFNOSUPPORT;
	if (e.dev && copy_from_user(name, e.dev, IFNAMSIZ - 1))
		return -EFAULT;
	r.dst = e.dst.addr;
	r.mask = e.flags & RTF_HOST ? UINT32_MAX : e.genmask.addr;
	if (e.genmask.family && e.genmask.family != AF_INET)
		return -EAFNOSUPPORT;
	r.gw = e.flags & RTF_GATEWAY ? e.gateway.addr : 0;
	r.metric = e.metric > 0 ? (uint32_t)e.metric - 1 : 0;
	net_lock_acquire();
	if (name[0])
		r.dev = netdev_by_name(name);
	err = name[0] && !r.dev ? -ENODEV : 0;
	if (!err && !r.dev && cmd == SIOCADDRT) {
		const struct net_route *via = r.gw ? net_route_find(r.gw, 0) : NULL;

		r.dev = via ? via->dev : NULL;
		err = via ? 0 : r.gw ? -ENETUNREACH : -ENODEV;
	}
	if (!err && cmd == SIOCADDRT && !(r.dev->flags & IFF_UP))
		err = -ENETDOWN;
	if (!err) {
		r.scope = r.gw ? 0 : 253;
		err = cmd == SIOCADDRT ? net_route_add(&r) : net_route_del(&r);
	}
	net_lock_release();
	return err;
}

static bool is_set(unsigned cmd)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
	case SIOCSIFADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFMTU:
	case SIOCSIFNAME:
	case SIOCSIFHWADDR:
	case SIOCSIFTXQLEN:
		return true;
	default:
		return false;
	}
}

long inet_dev_ioctl(unsigned cmd, void __user *arg)
{
	struct ifreq r;
	struct netdev *d;
	long err;

	if (cmd == SIOCGIFCONF)
		return conf(arg);
	if (cmd == SIOCADDRT || cmd == SIOCDELRT)
		return route(cmd, arg);
	if (cmd < SIOCGIFNAME || cmd > SIOCGIFMAP)
		return -ENOIOCTLCMD;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	r.name[IFNAMSIZ - 1] = 0;
	if (is_set(cmd) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	net_lock_acquire();
	d = cmd == SIOCGIFNAME ? netdev_by_index(r.value) : netdev_by_name(r.name);
	if (!d) {
		err = -ENODEV;
	} else if (cmd == SIOCGIFNAME) {
		strscpy(r.name, d->name, IFNAMSIZ);
		err = 0;
	} else {
		err = is_set(cmd) ? set(d, cmd, &r) : get(d, cmd, &r);
	}
	net_lock_release();
	if (!err && !is_set(cmd) && copy_to_user(arg, &r, sizeof(r)))
		err = -EFAULT;
	return err == -ENOIOCTLCMD ? -ENOTTY : err;
}
