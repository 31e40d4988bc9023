/* SPDX-License-Identifier: MIT */
/*
 * /proc/net/packet: the packet sockets; /proc/net/ptype: who gets frames of which type; their row of /proc/net/protocols.
 *
 * Locks: net_lock while a file is made.
 * Reference: proc(5).
 */
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include "packet_internal.h"

static LIST_HEAD(all);			/* [n] */

void packet_list_add(struct packet_sock *k)
{
	list_add(&k->all, &all);
}

void packet_list_del(struct packet_sock *k)
{
	list_del_init(&k->all);
}

static int show_packet(struct seq *s, void *arg)
{
	struct packet_sock *k;

	seq_puts(s, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
	net_lock_acquire();
	list_for_each_entry(k, &all, all) {
		const struct file *f = READ_ONCE(k->s.file);

		seq_printf(s, "%016x %-6d %-4d %04x   %-5d %1d %-6u %-6u %-6lu\n", 0, atomic_read(&k->s.refs) + 1, k->s.type,
			   __builtin_bswap16(k->proto), k->ifindex, !!k->proto, k->rx_bytes, f ? f->inode->uid : 0, (unsigned long)k->s.ino);
	}
	net_lock_release();
	return 0;
}

/* Those who see every type first, then by type. */
static int show_ptype(struct seq *s, void *arg)
{
	static const struct {
		uint16_t type;
		const char *who;
	} stack[] = { { ETH_P_IP, "ip_rcv" }, { ETH_P_ARP, "arp_rcv" }, { ETH_P_IPV6, "ipv6_rcv" } };
	struct packet_sock *k;

	seq_puts(s, "Type Device      Function\n");
	net_lock_acquire();
	for (unsigned pass = 0; pass < 2; pass++)
		list_for_each_entry(k, &all, all) {
			bool any = k->proto == __builtin_bswap16(ETH_P_ALL);
			struct netdev *d = k->ifindex ? netdev_by_index(k->ifindex) : NULL;
			char type[8] = "ALL ";

			if (!k->proto || any != !pass)
				continue;
			if (!any)
				snprintf(type, sizeof(type), "%04x", __builtin_bswap16(k->proto));
			seq_printf(s, "%s %-8s %s\n", type, d ? d->name : "", k->rx.mem ? "tpacket_rcv" : "packet_rcv");
		}
	net_lock_release();
	for (unsigned i = 0; i < ARRAY_SIZE(stack); i++)
		seq_printf(s, "%04x %-8s %s\n", stack[i].type, "", stack[i].who);
	return 0;
}

static unsigned count(const struct socket_kind *kind, bool with_file)
{
	struct packet_sock *k;
	unsigned n = 0;

	net_lock_acquire();
	list_for_each_entry(k, &all, all)
		n++;
	net_lock_release();
	return n;
}

static int packet_proc_init(void)
{
	static struct socket_kind kind = { .name = "PACKET", .size = sizeof(struct packet_sock), .calls = "nnnnnnnnnnnnnnnnnnn", .count = count };
	int err = procfs_add("net/packet", S_IFREG | 0444, show_packet, NULL);

	socket_register_kind(&kind);
	return err ? err : procfs_add("net/ptype", S_IFREG | 0444, show_ptype, NULL);
}
INITCALL(INITCALL_LATE, packet_proc_init);
