/* SPDX-License-Identifier: MIT */
/*
 * /sys/class/net: a directory for each interface, with what it is and its counters; mtu, flags and tx_queue_len can be written.
 *
 * SIMPLE: the directory keeps the name that the interface had at boot.
 *
 * Locks: net_lock while a file is made or written.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/sysfs.h>
#include <kernel/uaccess.h>
#include "port.h"

enum what {
	ADDR_ASSIGN_TYPE, ADDR_LEN, ADDRESS, BROADCAST, CARRIER, CARRIER_CHANGES, CARRIER_DOWN_COUNT, CARRIER_UP_COUNT, DEV_ID, DEV_PORT,
	DORMANT, DUPLEX, FLAGS, IFALIAS, IFINDEX, IFLINK, LINK_MODE, MTU, NAME_ASSIGN_TYPE, NETDEV_GROUP, OPERSTATE, PHYS_PORT_ID,
	PROTO_DOWN, SPEED, TESTING, TX_QUEUE_LEN, TYPE, UEVENT, QUEUE, TRAFFIC_CLASS,
};
static const struct {
	const char *name;
	umode_t mode;
	enum what what;
} files[] = {
	{ "addr_assign_type", 0444, ADDR_ASSIGN_TYPE }, { "addr_len", 0444, ADDR_LEN }, { "address", 0444, ADDRESS },
	{ "broadcast", 0444, BROADCAST }, { "carrier", 0444, CARRIER }, { "carrier_changes", 0444, CARRIER_CHANGES },
	{ "carrier_down_count", 0444, CARRIER_DOWN_COUNT }, { "carrier_up_count", 0444, CARRIER_UP_COUNT }, { "dev_id", 0444, DEV_ID },
	{ "dev_port", 0444, DEV_PORT }, { "dormant", 0444, DORMANT }, { "duplex", 0444, DUPLEX }, { "flags", 0644, FLAGS },
	{ "ifalias", 0444, IFALIAS }, { "ifindex", 0444, IFINDEX }, { "iflink", 0444, IFLINK }, { "link_mode", 0444, LINK_MODE },
	{ "mtu", 0644, MTU }, { "name_assign_type", 0444, NAME_ASSIGN_TYPE }, { "netdev_group", 0444, NETDEV_GROUP },
	{ "operstate", 0444, OPERSTATE }, { "phys_port_id", 0444, PHYS_PORT_ID }, { "proto_down", 0444, PROTO_DOWN }, { "speed", 0444, SPEED },
	{ "testing", 0444, TESTING }, { "tx_queue_len", 0644, TX_QUEUE_LEN }, { "type", 0444, TYPE }, { "uevent", 0444, UEVENT },
};
#define COUNTER(member) offsetof(struct netdev_stats, member)
#define NONE SIZE_MAX
static const struct {
	const char *name;
	size_t at;
} counters[] = {
	{ "collisions", NONE }, { "multicast", COUNTER(multicast) }, { "rx_bytes", COUNTER(rx_bytes) }, { "rx_compressed", NONE },
	{ "rx_crc_errors", NONE }, { "rx_dropped", COUNTER(rx_dropped) }, { "rx_errors", COUNTER(rx_errors) }, { "rx_fifo_errors", NONE },
	{ "rx_frame_errors", NONE }, { "rx_length_errors", NONE }, { "rx_missed_errors", NONE }, { "rx_nohandler", NONE },
	{ "rx_over_errors", NONE }, { "rx_packets", COUNTER(rx_packets) }, { "tx_aborted_errors", NONE }, { "tx_bytes", COUNTER(tx_bytes) },
	{ "tx_carrier_errors", NONE }, { "tx_compressed", NONE }, { "tx_dropped", COUNTER(tx_dropped) }, { "tx_errors", COUNTER(tx_errors) },
	{ "tx_fifo_errors", NONE }, { "tx_heartbeat_errors", NONE }, { "tx_packets", COUNTER(tx_packets) }, { "tx_window_errors", NONE },
};
struct node {
	struct netdev *dev;
	enum what what;
	size_t at;
};

static void put_mac(struct seq *s, const uint8_t *m)
{
	seq_printf(s, "%02x:%02x:%02x:%02x:%02x:%02x\n", m[0], m[1], m[2], m[3], m[4], m[5]);
}

static int show_locked(struct seq *s, const struct netdev *d, enum what what)
{
	static const uint8_t zero[6], ones[6] = { 255, 255, 255, 255, 255, 255 };
	static const char *const states[] = { "unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up" };
	bool lo = d->flags & IFF_LOOPBACK;

	switch (what) {
	case ADDR_LEN:
		seq_puts(s, "6\n");
		return 0;
	case ADDRESS:
		put_mac(s, d->mac);
		return 0;
	case BROADCAST:
		put_mac(s, lo ? zero : ones);
		return 0;
	case CARRIER:
	case DORMANT:
	case TESTING:
		if (!(d->flags & IFF_UP))
			return -EINVAL;
		seq_printf(s, "%d\n", what == CARRIER ? d->carrier : 0);
		return 0;
	case DEV_ID:
		seq_puts(s, "0x0\n");
		return 0;
	case DUPLEX:
	case SPEED:
		if (lo || !(d->flags & IFF_UP))
			return -EINVAL;
		seq_puts(s, what == SPEED ? "-1\n" : "unknown\n");
		return 0;
	case FLAGS:
		seq_printf(s, "0x%x\n", d->flags);
		return 0;
	case IFALIAS:
		return 0;
	case IFINDEX:
	case IFLINK:
		seq_printf(s, "%d\n", d->index);
		return 0;
	case MTU:
		seq_printf(s, "%u\n", d->mtu);
		return 0;
	case NAME_ASSIGN_TYPE:
		seq_puts(s, "2\n");
		return 0;
	case OPERSTATE:
		seq_printf(s, "%s\n", states[net_link_operstate(d)]);
		return 0;
	case PHYS_PORT_ID:
		return -EOPNOTSUPP;
	case TRAFFIC_CLASS:
		return -ENOENT;
	case TX_QUEUE_LEN:
		seq_printf(s, "%u\n", d->tx_queue_len);
		return 0;
	case TYPE:
		seq_printf(s, "%u\n", d->type);
		return 0;
	case UEVENT:
		seq_printf(s, "INTERFACE=%s\nIFINDEX=%d\n", d->name, d->index);
		return 0;
	default:
		seq_puts(s, "0\n");
		return 0;
	}
}

static int show(struct seq *s, void *arg)
{
	const struct node *n = arg;
	int err = 0;

	net_lock_acquire();
	if (n->at == NONE)
		err = show_locked(s, n->dev, n->what);
	else
		seq_printf(s, "%lu\n", (unsigned long)(n->at == NONE - 1 ? 0 : *(const uint64_t *)((const char *)&n->dev->stats + n->at)));
	net_lock_release();
	return err;
}

static int node_open(struct inode *inode, struct file *f)
{
	/* Not even the superuser writes what nobody may. */
	if (f->mode & FMODE_WRITE && !(inode->mode & 0222))
		return -EACCES;
	return seq_open(f, show, f->private);
}

/* A number: decimal, or hexadecimal with 0x. A newline may end it. */
static bool number_of(const char *text, uint32_t *out)
{
	bool hex = text[0] == '0' && (text[1] | 32) == 'x';
	uint64_t v = 0;

	if (hex)
		text += 2;
	if (!*text || *text == '\n')
		return false;
	for (; *text && *text != '\n'; text++) {
		unsigned c = (unsigned char)*text | 32u;
		unsigned digit = isdigit(*text) ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

		if (digit > 15 || v > UINT32_MAX)
			return false;
		v = v * (hex ? 16 : 10) + digit;
	}
	*out = (uint32_t)v;
	return v <= UINT32_MAX && (!*text || !text[1]);
}

static ssize_t node_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	const struct node *n = ((struct seq *)f->private)->private;
	size_t len = from->count;
	const char *why;
	char text[32];
	uint32_t v;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, len, from) != len)
		return -EFAULT;
	text[len] = 0;
	if (!number_of(text, &v))
		return -EINVAL;
	net_lock_acquire();
	err = n->what == MTU ? net_link_set_mtu(n->dev, v, &why) : n->what == TX_QUEUE_LEN ? net_link_set_txqlen(n->dev, v) :
	      net_link_set_flags(n->dev, v, UINT32_MAX, &why);
	net_lock_release();
	return err ? err : (ssize_t)len;
}

static const struct file_ops node_fops = {
	.open = node_open, .read = seq_read, .write = node_write, .llseek = endless_llseek, .release = seq_release,
};

static int add_one(const char *dir, const char *name, umode_t mode, const struct node *value)
{
	struct node *n = kmalloc(sizeof(*n), GFP_KERNEL);
	char path[96];
	int err;

	if (!n)
		return -ENOMEM;
	*n = *value;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = sysfs_add_fops(path, mode, &node_fops, n);
	if (err)
		kfree(n);
	return err;
}

static char *text_copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = kmalloc(size, GFP_KERNEL);

	return copy ? memcpy(copy, text, size) : NULL;
}

/* queues/rx-N and tx-N; what there is to steer of them is not to be had. */
static int add_queues(struct netdev *d, const char *dir)
{
	static const char *const rx[] = { "rps_cpus", "rps_flow_cnt" }, *const tx[] = { "traffic_class", "tx_maxrate", "tx_timeout" };
	char path[96];
	int err = 0;

	for (unsigned q = 0; q < d->nr_queues && !err; q++) {
		snprintf(path, sizeof(path), "%s/queues/rx-%u", dir, q);
		for (unsigned i = 0; i < ARRAY_SIZE(rx) && !err; i++)
			err = add_one(path, rx[i], 0444, &(struct node){ d, QUEUE, NONE });
		snprintf(path, sizeof(path), "%s/queues/tx-%u", dir, q);
		for (unsigned i = 0; i < ARRAY_SIZE(tx) && !err; i++)
			err = add_one(path, tx[i], 0444, &(struct node){ d, i ? QUEUE : TRAFFIC_CLASS, NONE });
	}
	return err;
}

int port_sysfs_add(struct netdev *d)
{
	bool lo = d->flags & IFF_LOOPBACK;
	char dir[64], stats[80], path[96];
	const char *target;
	int err = 0;

	/* The device itself is not shown: one of the platform's. */
	if (lo)
		snprintf(dir, sizeof(dir), "devices/virtual/net/%s", d->name);
	else
		snprintf(dir, sizeof(dir), "devices/platform/net.%d/net/%s", d->index, d->name);
	for (unsigned i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = add_one(dir, files[i].name, files[i].mode, &(struct node){ d, files[i].what, NONE });
	snprintf(stats, sizeof(stats), "%s/statistics", dir);
	for (unsigned i = 0; i < ARRAY_SIZE(counters) && !err; i++)
		err = add_one(stats, counters[i].name, 0444,
			      &(struct node){ d, 0, counters[i].at == NONE ? NONE - 1 : counters[i].at });
	if (!err)
		err = add_queues(d, dir);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/subsystem", dir);
	err = sysfs_add_link(path, lo ? "../../../../class/net" : "../../../../../class/net");
	if (err)
		return err;
	snprintf(path, sizeof(path), "../../%s", dir);
	target = text_copy(path);
	if (!target)
		return -ENOMEM;
	snprintf(path, sizeof(path), "class/net/%s", d->name);
	err = sysfs_add_link(path, target);
	if (err)
		kfree(target);
	return err;
}
