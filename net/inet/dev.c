/* SPDX-License-Identifier: MIT */
/*
 * Ioctls on interfaces, addresses and routes: what ifconfig, route and udhcpc use. Work on a socket of any family; those of IPv6
 * addresses and routes on an IPv6 socket. They change what route netlink changes, by the same functions (net/port).
 *
 * A name with a colon means the address that has it for a label, "eth0:1".
 *
 * Locks: net_lock; the request is copied in before and out after.
 * References: netdevice(7), ipv6(7), rtnetlink's older brother.
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <uapi/netlink.h>

static void put_addr(struct ifreq *r, uint32_t addr)
{
	memset(&r->addr, 0, sizeof(r->addr));
	r->addr.family = AF_INET;
	r->addr.addr = addr;
}

/* ---- IPv4 addresses */

/* The address that a request means: by label, and by itself if the request has one. */
static struct net_addr4 *find_addr(struct netdev *d, const struct ifreq *r, bool by_addr)
{
	struct net_addr4 *a;

	if (by_addr && r->addr.family == AF_INET)
		list_for_each_entry(a, &port_of(d)->addrs, link)
			if (!strcmp(a->label, r->name) && a->local == r->addr.addr)
				return a;
	list_for_each_entry(a, &port_of(d)->addrs, link)
		if (!strcmp(a->label, r->name))
			return a;
	return NULL;
}

static int class_prefix(uint32_t addr)
{
	uint32_t a = __builtin_bswap32(addr);

	if (!(a >> 24) || a == UINT32_MAX)
		return 0;
	return !(a >> 31) ? 8 : a >> 30 == 2 ? 16 : a >> 29 == 6 ? 24 : -1;
}

/* Takes the old one away, if there is one, and adds the new one. */
static long put_back(struct netdev *d, struct net_addr4 *old, struct net_addr4 *n)
{
	const char *why;

	if (old)
		net_addr4_del(old);
	n->valid = n->preferred = IFA_LIFE_FOREVER;
	n->flags &= IFA_F_NOPREFIXROUTE;
	if ((n->local & 0xff) == 127)
		n->scope = RT_SCOPE_HOST;
	return n->local ? net_addr4_add(d, n, &why) : 0;
}

static long set_addr(struct netdev *d, const struct ifreq *r)
{
	struct net_addr4 *old = find_addr(d, r, false), n = { 0 };
	int prefix = class_prefix(r->addr.addr);

	if (prefix < 0)
		return -EINVAL;
	if (old && old->local == r->addr.addr)
		return 0;
	strscpy(n.label, r->name, sizeof(n.label));
	n.local = n.peer = r->addr.addr;
	n.prefix = (uint8_t)prefix;
	if (d->flags & IFF_BROADCAST && prefix < 31)
		n.brd = n.local | ~net_mask4(n.prefix);
	return put_back(d, old, &n);
}

static long set_mask(struct netdev *d, struct net_addr4 *a, uint32_t mask)
{
	uint32_t inverse = ~__builtin_bswap32(mask);
	struct net_addr4 n = *a;

	if (inverse & (inverse + 1))
		return -EINVAL;
	if (net_mask4(a->prefix) == mask)
		return 0;
	n.prefix = (uint8_t)net_prefix4(mask);
	if (d->flags & IFF_BROADCAST && n.prefix < 31 && a->brd == (a->local | ~net_mask4(a->prefix)))
		n.brd = n.local | ~mask;
	return put_back(d, a, &n);
}

static long addr4(struct netdev *d, unsigned cmd, struct ifreq *r)
{
	struct net_addr4 *a = find_addr(d, r, cmd == SIOCGIFADDR || cmd == SIOCGIFBRDADDR || cmd == SIOCGIFNETMASK || cmd == SIOCGIFDSTADDR), n;

	if (!a && cmd != SIOCSIFADDR)
		return -EADDRNOTAVAIL;
	switch (cmd) {
	case SIOCGIFADDR:
		put_addr(r, a->local);
		return 0;
	case SIOCGIFDSTADDR:
		put_addr(r, a->peer);
		return 0;
	case SIOCGIFNETMASK:
		put_addr(r, net_mask4(a->prefix));
		return 0;
	case SIOCGIFBRDADDR:
		put_addr(r, a->brd);
		return 0;
	case SIOCSIFADDR:
		return set_addr(d, r);
	case SIOCSIFNETMASK:
		return set_mask(d, a, r->addr.addr);
	case SIOCSIFBRDADDR:
		n = *a;
		n.brd = r->addr.addr;
		return n.brd == a->brd ? 0 : put_back(d, a, &n);
	default:		/* SIOCSIFDSTADDR */
		if (class_prefix(r->addr.addr) < 0)
			return -EINVAL;
		n = *a;
		n.peer = r->addr.addr;
		return n.peer == a->peer ? 0 : put_back(d, a, &n);
	}
}

/* Every address with its label. */
static long conf(void __user *arg)
{
	struct ifreq *list;
	struct net_addr4 *a;
	struct netdev *d;
	struct ifconf c;
	unsigned n = 0, all = 0, fit;
	long err = 0;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	fit = c.req && c.len > 0 ? MIN((unsigned)c.len / (unsigned)sizeof(*list), 4096u) : 0;
	list = kvmalloc(MAX(fit, 1u) * sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	memset(list, 0, fit * sizeof(*list));
	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link)
		list_for_each_entry(a, &port_of(d)->addrs, link) {
			all++;
			if (n == fit)
				continue;
			strscpy(list[n].name, a->label, IFNAMSIZ);
			put_addr(&list[n++], a->local);
		}
	net_lock_release();
	if (c.req && copy_to_user(c.req, list, n * sizeof(*list)))
		err = -EFAULT;
	kvfree(list);
	c.len = (int)((c.req ? n : all) * sizeof(*list));
	return err ? err : copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : 0;
}

/* ---- links */

static long get(struct netdev *d, unsigned cmd, struct ifreq *r)
{
	switch (cmd) {
	case SIOCGIFFLAGS:
		/* The old word has no room for IFF_LOWER_UP. */
		r->flags = (int16_t)netdev_flags(d);
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

static long set(struct netdev *d, unsigned cmd, struct ifreq *r, bool alias)
{
	const char *why;

	switch (cmd) {
	case SIOCSIFFLAGS:
		if (alias) {
			struct net_addr4 *a = find_addr(d, r, false);

			if (a && !(r->flags & IFF_UP))
				net_addr4_del(a);
			return a ? 0 : -EADDRNOTAVAIL;
		}
		return net_link_set_flags(d, (uint16_t)r->flags, UINT32_MAX, &why);
	case SIOCSIFMETRIC:
		return -EOPNOTSUPP;
	case SIOCSIFMTU:
		return net_link_set_mtu(d, (uint32_t)r->value, &why);
	case SIOCSIFTXQLEN:
		return r->value < 0 ? -EINVAL : net_link_set_txqlen(d, (uint32_t)r->value);
	case SIOCSIFHWADDR:
		return r->hwaddr.family != d->type ? -EINVAL : net_link_set_mac(d, r->hwaddr.data);
	case SIOCSIFNAME:
		r->newname[IFNAMSIZ - 1] = 0;
		return net_link_set_name(d, r->newname);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- IPv4 routes */

static int read_route(const struct rtentry *e, const char *name, bool add, struct net_route *r)
{
	char label[IFNAMSIZ], *colon;
	struct net_addr4 *a;

	*r = (struct net_route){ .table = RT_TABLE_MAIN, .scope = RT_SCOPE_NOWHERE, .type = RTN_UNICAST, .dst = e->dst.addr,
				 .mask = UINT32_MAX, .protocol = add ? RTPROT_BOOT : 0, .metric = e->metric > 0 ? (uint32_t)e->metric - 1 : 0 };
	if (e->dst.family != AF_INET)
		return -EAFNOSUPPORT;
	if (!(e->flags & RTF_HOST)) {
		uint32_t inverse = ~__builtin_bswap32(e->genmask.addr);

		if (e->genmask.family != AF_INET && (e->genmask.addr || e->genmask.family))
			return -EAFNOSUPPORT;
		r->mask = e->genmask.addr;
		if (r->dst & ~r->mask || inverse & (inverse + 1))
			return -EINVAL;
	}
	if (e->flags & RTF_REJECT) {
		r->scope = RT_SCOPE_HOST;
		r->type = RTN_UNREACHABLE;
		return 0;
	}
	if (name[0]) {
		strscpy(label, name, sizeof(label));
		colon = strchr(label, ':');
		if (colon)
			*colon = 0;
		r->dev = netdev_by_name(label);
		if (!r->dev)
			return -ENODEV;
		if (colon) {
			list_for_each_entry(a, &port_of(r->dev)->addrs, link)
				if (!strcmp(a->label, name))
					r->src = a->local;
			if (!r->src)
				return -ENODEV;
		}
	}
	if (e->gateway.family == AF_INET && e->gateway.addr) {
		r->gw = e->gateway.addr;
		if (e->flags & RTF_GATEWAY && net_addr4_type(r->gw) == RTN_UNICAST)
			r->scope = RT_SCOPE_UNIVERSE;
	}
	if (!add)
		return 0;
	if (e->flags & RTF_GATEWAY && !r->gw)
		return -EINVAL;
	if (r->scope == RT_SCOPE_NOWHERE)
		r->scope = RT_SCOPE_LINK;
	return 0;
}

static long route4(unsigned cmd, void __user *arg)
{
	char name[IFNAMSIZ] = "";
	const char *why;
	struct net_route r;
	struct rtentry e;
	long err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&e, arg, sizeof(e)) || (e.dev && copy_from_user(name, e.dev, IFNAMSIZ - 1)))
		return -EFAULT;
	net_lock_acquire();
	err = read_route(&e, name, cmd == SIOCADDRT, &r);
	if (!err)
		err = cmd == SIOCADDRT ? net_route_change(&r, NLM_F_CREATE, &why) : net_route_del(&r);
	net_lock_release();
	return err;
}

/* ---- the calls */

static bool is_addr(unsigned cmd)
{
	return (cmd >= SIOCGIFADDR && cmd <= SIOCSIFNETMASK);
}

static bool is_set(unsigned cmd)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
	case SIOCSIFADDR:
	case SIOCSIFDSTADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFNAME:
	case SIOCSIFHWADDR:
	case SIOCSIFTXQLEN:
		return true;
	default:
		return false;
	}
}

static long change(unsigned cmd, struct ifreq *r)
{
	char name[IFNAMSIZ], *colon;
	struct netdev *d;

	strscpy(name, r->name, sizeof(name));
	colon = strchr(name, ':');
	if (colon)
		*colon = 0;
	d = netdev_by_name(name);
	if (!d)
		return -ENODEV;
	if (!colon || is_addr(cmd) || cmd == SIOCSIFFLAGS)
		return is_addr(cmd) ? addr4(d, cmd, r) : is_set(cmd) ? set(d, cmd, r, colon) : get(d, cmd, r);
	/* Of the rest, what asks does not mind the label. */
	return is_set(cmd) ? -ENODEV : get(d, cmd, r);
}

static long ethtool(void __user *arg)
{
	struct ifreq r;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	r.name[IFNAMSIZ - 1] = 0;
	return inet_ethtool(r.name, r.data);
}

long inet_dev_ioctl(unsigned cmd, void __user *arg)
{
	struct netdev *d;
	struct ifreq r;
	long err;

	if (cmd == SIOCGIFCONF)
		return conf(arg);
	if (cmd == SIOCADDRT || cmd == SIOCDELRT)
		return route4(cmd, arg);
	if (cmd == SIOCETHTOOL)
		return ethtool(arg);
	if ((cmd < SIOCGIFNAME || cmd > SIOCGIFMAP) && (cmd < SIOCDEVPRIVATE || cmd > SIOCDEVPRIVATE + 15))
		return -ENOIOCTLCMD;
	if (cmd >= SIOCDARP && cmd <= SIOCSARP)		/* of IPv4 sockets only */
		return -ENOIOCTLCMD;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	r.name[IFNAMSIZ - 1] = 0;
	if (is_set(cmd) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (is_set(cmd) && is_addr(cmd) && r.addr.family != AF_INET)
		return -EINVAL;
	net_lock_acquire();
	if (cmd == SIOCGIFNAME) {
		d = netdev_by_index(r.value);
		err = d ? 0 : -ENODEV;
		if (d)
			strscpy(r.name, d->name, IFNAMSIZ);
	} else {
		err = change(cmd, &r);
	}
	net_lock_release();
	if (!err && !is_set(cmd) && copy_to_user(arg, &r, sizeof(r)))
		err = -EFAULT;
	if (cmd >= SIOCDEVPRIVATE && err != -ENODEV)
		return -EOPNOTSUPP;	/* no driver has any */
	return err == -ENOIOCTLCMD ? -ENOTTY : err;
}

/* On an IPv6 socket: SIOCSIFADDR, SIOCDIFADDR, SIOCADDRT, SIOCDELRT with structures of their own. */
static long addr6(unsigned cmd, void __user *arg)
{
	struct net_addr6 n = { 0 };
	struct in6_ifreq r;
	struct netdev *d;
	const char *why;
	long err = -ENODEV;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	n.prefix = (uint8_t)MIN(r.prefixlen, 255u);
	net_lock_acquire();
	d = netdev_by_index(r.ifindex);
	if (d)
		err = cmd == SIOCSIFADDR ? net_addr6_add(d, r.addr, &n, IFA_LIFE_FOREVER, IFA_LIFE_FOREVER, NLM_F_CREATE | NLM_F_EXCL, &why) :
		      net_addr6_del(d, r.addr, n.prefix);
	net_lock_release();
	return err;
}

static long route6(unsigned cmd, void __user *arg)
{
	struct net_route6 n = { .table = RT_TABLE_MAIN, .type = RTN_UNICAST };
	struct in6_rtmsg r;
	const char *why;
	long err = 0;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.dst_len > 128 || r.src_len)
		return -EINVAL;
	memcpy(n.dst, r.dst, 16);
	n.plen = (uint8_t)r.dst_len;
	if (r.flags & RTF_GATEWAY)
		memcpy(n.gw, r.gateway, 16);
	n.metric = r.metric ? r.metric : cmd == SIOCADDRT ? 1024 : 0;
	n.protocol = cmd == SIOCADDRT ? RTPROT_BOOT : 0;
	if (cmd == SIOCDELRT)
		n.type = 0;
	net_lock_acquire();
	if (r.ifindex) {
		n.dev = netdev_by_index(r.ifindex);
		err = n.dev ? 0 : -ENODEV;
	}
	if (!err)
		err = cmd == SIOCADDRT ? net_route6_change(&n, NLM_F_CREATE | NLM_F_EXCL, &why) : net_route6_del(&n);
	net_lock_release();
	return err;
}

long inet_dev_ioctl6(unsigned cmd, void __user *arg)
{
	bool is_route = cmd == SIOCADDRT || cmd == SIOCDELRT;

	if (!is_route && cmd != SIOCSIFADDR && cmd != SIOCDIFADDR)
		return -ENOIOCTLCMD;
	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	return is_route ? route6(cmd, arg) : addr6(cmd, arg);
}
