/* SPDX-License-Identifier: MIT */
/*
 * SIOCETHTOOL: the questions that libpcap and network managers ask of an interface. Nothing can be set; what is not answered here is
 * EOPNOTSUPP, as of a driver that does not know it.
 *
 * Locks: net_lock; the command is copied in before and its answer out after.
 * Reference: the uapi header linux/ethtool.h for numbers and structures.
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>

#define ETHTOOL_GLINK		0x0au
#define ETHTOOL_GRXCSUM		0x14u
#define ETHTOOL_GTXCSUM		0x16u
#define ETHTOOL_GSG		0x18u
#define ETHTOOL_GTSO		0x1eu
#define ETHTOOL_GGSO		0x23u
#define ETHTOOL_GGRO		0x2bu
#define ETHTOOL_GET_TS_INFO	0x41u

#define TS_RX_SOFTWARE	BIT(3)
#define TS_SOFTWARE	BIT(4)

struct ethtool_value {
	uint32_t cmd, data;
};
struct ethtool_ts_info {
	uint32_t cmd, so_timestamping;
	int32_t phc_index;
	uint32_t tx_types, tx_reserved[3], rx_filters, rx_reserved[3];
};
_Static_assert(sizeof(struct ethtool_ts_info) == 44, "ABI");

/* A yes or no; -1: no such question. */
static int value_of(const struct netdev *d, uint32_t cmd)
{
	bool lo = d->flags & IFF_LOOPBACK;

	switch (cmd) {
	case ETHTOOL_GLINK:
		return d->flags & IFF_UP && d->carrier;
	case ETHTOOL_GRXCSUM:
	case ETHTOOL_GGRO:	/* what comes is put together where its sum need not be looked at */
		return lo || d->features & NETDEV_RX_CSUM;
	case ETHTOOL_GTXCSUM:
	case ETHTOOL_GSG:
		return lo || d->features & NETDEV_TX_CSUM;
	case ETHTOOL_GTSO:
	case ETHTOOL_GGSO:
		return lo || d->features & (NETDEV_TX_TSO4 | NETDEV_TX_TSO6);
	default:
		return -1;
	}
}

/* @name: of the interface; @data: the command, and where its answer goes. */
long inet_ethtool(const char *name, void __user *data)
{
	struct ethtool_ts_info ts = { .cmd = ETHTOOL_GET_TS_INFO, .so_timestamping = TS_RX_SOFTWARE | TS_SOFTWARE, .phc_index = -1 };
	struct ethtool_value v;
	struct netdev *d;
	int answer = -1;

	if (copy_from_user(&v.cmd, data, sizeof(v.cmd)))
		return -EFAULT;
	net_lock_acquire();
	d = netdev_by_name(name);
	if (d)
		answer = value_of(d, v.cmd);
	net_lock_release();
	if (!d)
		return -ENODEV;
	if (v.cmd == ETHTOOL_GET_TS_INFO)
		return copy_to_user(data, &ts, sizeof(ts)) ? -EFAULT : 0;
	if (answer < 0)		/* it may be one that changes something */
		return capable(CAP_NET_ADMIN) ? -EOPNOTSUPP : -EPERM;
	v.data = (uint32_t)answer;
	return copy_to_user(data, &v, sizeof(v)) ? -EFAULT : 0;
}
