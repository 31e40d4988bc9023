/* SPDX-License-Identifier: MIT */
/* /sys/class/net/lo: files and what they say; some can be written. */
#include "dev.h"
#include <dirent.h>
#include <sys/mount.h>

static void show(const char *name)
{
	char path[128], text[256];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/net/lo/%s", name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n > 0)
		text[n - (text[n - 1] == '\n')] = 0;
	note("%s: %s", name, n < 0 ? errno_name(errno) : n ? text : "");
	if (fd >= 0)
		close(fd);
}

static void put(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/lo/%s", name);
	fd = open(path, O_WRONLY);
	note("%s <- %s: %s", name, value, fd < 0 ? errno_name(errno) : outcome((int)write(fd, value, strlen(value))));
	if (fd >= 0)
		close(fd);
}

TEST(sysfs_net, files)
{
	static const char *const names[] = {
		"addr_assign_type", "addr_len", "address", "broadcast", "carrier", "carrier_changes", "dev_id", "dev_port", "dormant", "duplex",
		"flags", "ifalias", "ifindex", "iflink", "link_mode", "mtu", "netdev_group", "operstate", "speed", "tx_queue_len",
		"type", "uevent", "proto_down", "nosuch",
	};

	lo_reset();
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		show(names[i]);
	set_flags("lo", 0);
	show("operstate");
	show("carrier");
	show("flags");
	lo_reset();
}

TEST(sysfs_net, written)
{
	lo_reset();
	put("mtu", "1500");
	show("mtu");
	put("mtu", "nonsense");
	put("tx_queue_len", "7\n");
	show("tx_queue_len");
	put("ifindex", "7");
	put("flags", "0x8");
	show("flags");
	lo_reset();
	show("mtu");
	AS_USER(1000, 1000, put("mtu", "1500"));
}

TEST(sysfs_net, statistics)
{
	DIR *d = opendir("/sys/class/net/lo/statistics");
	static const char *const names[] = { "rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "multicast", "collisions" };
	int n = 0;

	while (d && readdir(d))
		n++;
	note("%d entries", n);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128];

		snprintf(path, sizeof(path), "/sys/class/net/lo/statistics/%s", names[i]);
		note("%s: %s", names[i], outcome(access(path, R_OK)));
	}
}

TEST(sysfs_net, links)
{
	char text[256] = "";

	SHOW(readlink("/sys/class/net/lo", text, sizeof(text) - 1) > 0);
	note("%s", text);
	memset(text, 0, sizeof(text));
	SHOW(readlink("/sys/class/net/lo/subsystem", text, sizeof(text) - 1) > 0);
	note("%s", text);
}
