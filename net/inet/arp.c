/* SPDX-License-Identifier: MIT */
/*
 * Ioctls on IPv4 neighbours: what arp(8) of net-tools uses, and DHCP servers that answer who has no address yet. They change what
 * route netlink changes (net/port/neigh.c). Entries that this machine would answer for on behalf of others (ATF_PUBL) do not exist.
 *
 * Locks: net_lock; the request is copied in before and out after.
 * References: arp(7).
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <uapi/netlink.h>

/* The device over which an address is reached. */
static struct netdev *device_to(uint32_t addr)
{
	const struct inet_sock any = { .s.family = AF_INET };
	struct netif *netif;
	ip_addr_t to, src;

	IP_SET_TYPE_VAL(to, IPADDR_TYPE_V4);
	ip_addr_set_ip4_u32_val(to, addr);
	return inet_route(&any, &to, &netif, &src) ? NULL : netif_dev(netif);
}

static int arp_get(struct netdev *d, struct arpreq *r)
{
	struct net_neigh *n = net_neigh_find(d, r->pa.addr);

	if (!n)
		return -ENXIO;
	memset(&r->ha, 0, sizeof(r->ha));
	r->ha.family = d->type;
	memcpy(r->ha.data, n->mac, sizeof(n->mac));
	r->flags = n->state & NUD_PERMANENT ? ATF_PERM | ATF_COM : n->state & NUD_VALID ? ATF_COM : 0;
	strscpy(r->dev, d->name, sizeof(r->dev));
	return 0;
}

static int arp_set(struct netdev *d, const struct arpreq *r)
{
	bool permanent = r->flags & ATF_PERM, complete = r->flags & (ATF_COM | ATF_PERM);
	struct net_neigh *n;

	if (r->flags & ATF_PUBL)
		return -EOPNOTSUPP;
	if (d->flags & IFF_LOOPBACK)
		return 0;	/* nobody is asked there */
	n = net_neigh_create(d, r->pa.addr);
	if (!n)
		return -ENOBUFS;
	net_neigh_set(n, permanent ? NUD_PERMANENT : NUD_STALE, complete ? r->ha.data : NULL);
	return 0;
}

static int arp_delete(struct netdev *d, const struct arpreq *r)
{
	struct net_neigh *n = net_neigh_find(d, r->pa.addr);

	if (r->flags & ATF_PUBL || !n || !(n->state & NUD_VALID))
		return -ENXIO;
	net_neigh_set(n, NUD_FAILED, NULL);
	net_neigh_remove(n);
	return 0;
}

/* SIOCGARP needs a device by name; the others look for it. */
static int arp_do(unsigned cmd, struct arpreq *r)
{
	struct netdev *d;

	if (r->dev[0]) {
		d = netdev_by_name(r->dev);
		if (!d)
			return -ENODEV;
		if (!r->ha.family)
			r->ha.family = d->type;
		if (r->flags & ATF_COM && r->ha.family != d->type)
			return -EINVAL;
	} else if (cmd == SIOCGARP) {
		return -ENODEV;
	} else {
		d = device_to(r->pa.addr);
		if (!d)
			return -ENETUNREACH;
	}
	return cmd == SIOCGARP ? arp_get(d, r) : cmd == SIOCSARP ? arp_set(d, r) : arp_delete(d, r);
}

long inet_arp_ioctl(unsigned cmd, void __user *arg)
{
	struct arpreq r;
	int err;

	if (cmd != SIOCGARP && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.pa.family != AF_INET)
		return -EPFNOSUPPORT;
	if (!(r.flags & ATF_PUBL) && r.flags & (ATF_NETMASK | ATF_DONTPUB))
		return -EINVAL;
	r.dev[sizeof(r.dev) - 1] = 0;
	net_lock_acquire();
	err = arp_do(cmd, &r);
	net_lock_release();
	if (!err && cmd == SIOCGARP && copy_to_user(arg, &r, sizeof(r)))
		return -EFAULT;
	return err;
}
