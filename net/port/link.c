/* SPDX-License-Identifier: MIT */
/*
 * Links as users change them: flags, MTU, address, name, queue length. Both front ends, ioctls and route netlink, come here.
 *
 * Invariants: listeners hear of every change once, after it.
 * Locks: net_lock.
 * References: netdevice(7), rtnetlink(7).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "port.h"

struct net_cause net_cause;

unsigned net_link_operstate(const struct netdev *d)
{
	if (!(d->flags & IFF_UP))
		return IF_OPER_DOWN;
	/* The loopback interface never says. */
	return d->flags & IFF_LOOPBACK ? IF_OPER_UNKNOWN : d->carrier ? IF_OPER_UP : IF_OPER_DOWN;
}

int net_link_set_flags(struct netdev *d, unsigned flags, unsigned mask, const char **why)
{
	const unsigned settable = IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP | IFF_MULTICAST | IFF_DEBUG | IFF_NOTRAILERS | IFF_DYNAMIC |
				  IFF_PORTSEL | IFF_AUTOMEDIA;
	unsigned old = netdev_flags(d);
	int err = 0;

	mask &= settable | IFF_UP;
	flags &= mask;
	d->flags = (d->flags & ~(mask & settable)) | (flags & settable);
	if ((old ^ d->flags) & (IFF_PROMISC | IFF_ALLMULTI))
		netdev_rx_mode(d);
	if (mask & IFF_UP && (d->flags ^ flags) & IFF_UP) {
		if (flags & IFF_UP)
			err = netdev_open(d);
		else
			netdev_stop(d);
	}
	/* Going up or down was told on the way. */
	if ((old ^ d->flags) & settable && !((old ^ d->flags) & IFF_UP))
		net_notify_link(d, (old ^ d->flags) & settable);
	*why = NULL;
	return err;
}

int net_link_set_mtu(struct netdev *d, uint32_t mtu, const char **why)
{
	uint32_t least = d->flags & IFF_LOOPBACK ? 0 : 68;

	*why = NULL;
	if (mtu == d->mtu)
		return 0;
	if (mtu > INT32_MAX || mtu < least) {
		*why = "mtu less than device minimum";
		return -EINVAL;
	}
	if (mtu > d->max_mtu) {
		*why = "mtu greater than device maximum";
		return -EINVAL;
	}
	d->mtu = mtu;
	port_changed(d);
	net_notify_link(d, 0);
	return 0;
}

int net_link_set_mac(struct netdev *d, const uint8_t *mac)
{
	int err = 0;

	if (d->flags & IFF_LOOPBACK)
		return -EOPNOTSUPP;
	if (mac[0] & 1 || !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]))
		return -EADDRNOTAVAIL;
	if (d->ops->set_mac)
		err = d->ops->set_mac(d, mac);
	if (err)
		return err;
	memcpy(d->mac, mac, 6);
	port_changed(d);
	net_neigh_flush(d);		/* asking for them again tells them the new one */
	net_notify_link(d, 0);
	return 0;
}

static bool name_is_valid(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || isspace(*name))
			return false;
	return true;
}

/* A name with a %d takes the first number that is free. */
static int expand(char *out, const char *name)
{
	const char *at = strchr(name, '%');
	char head[IFNAMSIZ];

	strscpy(out, name, IFNAMSIZ);
	if (!at)
		return netdev_by_name(out) ? -EEXIST : 0;
	if (at[1] != 'd' || strchr(at + 2, '%'))
		return -EINVAL;
	strscpy(head, name, (size_t)(at - name) + 1);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(out, IFNAMSIZ, "%s%u%s", head, i, at + 2);
		if (!netdev_by_name(out))
			return 0;
	}
	return -ENFILE;
}

int net_link_set_name(struct netdev *d, const char *name)
{
	char fresh[IFNAMSIZ], old[IFNAMSIZ];
	struct net_addr4 *a;
	int err;

	if (d->flags & IFF_UP)
		return -EBUSY;
	if (!strcmp(d->name, name))
		return 0;
	if (!name_is_valid(name))
		return -EINVAL;
	err = expand(fresh, name);
	if (err)
		return err;
	strscpy(old, d->name, sizeof(old));
	strscpy(d->name, fresh, sizeof(d->name));
	/* Labels follow. */
	list_for_each_entry(a, &port_of(d)->addrs, link)
		if (!strcmp(a->label, old))
			strscpy(a->label, fresh, sizeof(a->label));
	net_notify_link(d, 0);
	return 0;
}

int net_link_set_txqlen(struct netdev *d, uint32_t len)
{
	if (len == d->tx_queue_len)
		return 0;
	d->tx_queue_len = len;
	net_notify_link(d, 0);
	return 0;
}
