/* SPDX-License-Identifier: MIT */
/*
 * /proc/net: multicast groups, IPv6 addresses and routes, counts of sockets, as Linux prints them. Counters are in proc_mib.c.
 *
 * Locks: net_lock while a file is made.
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include "lwip/igmp.h"
#include "lwip/mld6.h"

static void put6(struct seq *s, const uint32_t *a)
{
	for (unsigned i = 0; i < 4; i++)
		seq_printf(s, "%08x", __builtin_bswap32(a[i]));
}

/* ---- groups: lwIP's list begins with the one all are in, then come the newest */

static struct igmp_group *groups4(struct netdev *d)
{
	return port_of(d) && d->flags & IFF_UP ? netif_igmp_data(&port_of(d)->netif) : NULL;
}

static void put_igmp(struct seq *s, const struct netdev *d, const struct igmp_group *g)
{
	unsigned timer = d->flags & IFF_LOOPBACK ? 0 : g->timer;	/* nobody there hears reports */

	seq_printf(s, "\t\t\t\t%08X %5d %d:%08X\t\t%d\n", g->group_address.addr, MAX((int)g->use, 1), !!timer, timer, 0);
}

static int show_igmp(struct seq *s, void *arg)
{
	struct igmp_group *first, *g;
	struct netdev *d;

	seq_puts(s, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link) {
		int n = 0;

		first = groups4(d);
		for (g = first; g; g = g->next)
			n++;
		if (!first)
			continue;
		seq_printf(s, "%d\t%-10s: %5d %7s\n", d->index, d->name, n, "V3");
		for (g = first->next; g; g = g->next)
			put_igmp(s, d, g);
		put_igmp(s, d, first);
	}
	net_lock_release();
	return 0;
}

static bool is_solicited(const ip6_addr_t *a)
{
	return a->addr[0] == PP_HTONL(0xff020000u) && !a->addr[1] && a->addr[2] == PP_HTONL(1) && (a->addr[3] & 0xff) == 0xff;
}

static void put_group6(struct seq *s, const struct netdev *d, const uint32_t *a, int users, unsigned flags)
{
	seq_printf(s, "%-4d %-15s ", d->index, d->name);
	put6(s, a);
	seq_printf(s, " %5d %08X 0\n", users, flags);
}

static int show_igmp6(struct seq *s, void *arg)
{
	static const uint32_t all[4] = { PP_HTONL(0xff020000u), 0, 0, PP_HTONL(1) }, own[4] = { PP_HTONL(0xff010000u), 0, 0, PP_HTONL(1) };
	struct mld_group *g;
	struct netdev *d;

	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link) {
		if (!port_of(d))
			continue;
		for (g = netif_mld6_data(&port_of(d)->netif); g; g = g->next)
			if (memcmp(g->group_address.addr, all, 16) && !(d->flags & IFF_LOOPBACK && is_solicited(&g->group_address)))
				put_group6(s, d, g->group_address.addr, g->use, 4);
		put_group6(s, d, all, 1, 0xc);
		put_group6(s, d, own, 1, 8);
	}
	net_lock_release();
	return 0;
}

/* The link layer's groups; lo has none. */
static int show_dev_mcast(struct seq *s, void *arg)
{
	struct igmp_group *g4;
	struct mld_group *g6;
	struct netdev *d;

	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link) {
		if (d->flags & IFF_LOOPBACK || !port_of(d))
			continue;
		for (g6 = netif_mld6_data(&port_of(d)->netif); g6; g6 = g6->next)
			seq_printf(s, "%-4d %-15s %-5d %-5d 3333%08x\n", d->index, d->name, 1, 0, __builtin_bswap32(g6->group_address.addr[3]));
		for (g4 = groups4(d); g4; g4 = g4->next)
			seq_printf(s, "%-4d %-15s %-5d %-5d 01005e%06x\n", d->index, d->name, 1, 0,
				   __builtin_bswap32(g4->group_address.addr) & 0x7fffff);
	}
	net_lock_release();
	return 0;
}

/* ---- IPv6 addresses and routes */

static int show_if_inet6(struct seq *s, void *arg)
{
	unsigned order[LWIP_IPV6_NUM_ADDRESSES], n;
	struct net_addr6_view v;
	struct netdev *d;

	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link) {
		n = port_of(d) ? net_addr6_sorted(d, order) : 0;
		for (unsigned i = 0; i < n; i++) {
			net_addr6_view(d, order[i], &v);
			put6(s, v.addr);
			seq_printf(s, " %02x %02x %02x %02x %8s\n", d->index, port_of(d)->addr6[order[i]].prefix,
				   v.scope == RT_SCOPE_HOST ? 0x10 : v.scope == RT_SCOPE_LINK ? 0x20 : v.scope == RT_SCOPE_SITE ? 0x40 : 0,
				   v.flags & 0xff, d->name);
		}
	}
	net_lock_release();
	return 0;
}

#define RTF_DEFAULT	0x00010000u
#define RTF_ADDRCONF	0x00040000u
#define RTF_NONEXTHOP	0x00200000u
#define RTF_EXPIRES	0x00400000u
#define RTF_LOCAL	0x80000000u

static void put_route6(struct seq *s, const struct net_route6 *r, unsigned flags)
{
	static const uint32_t none[4];

	put6(s, r->dst);
	seq_printf(s, " %02x ", r->plen);
	put6(s, none);
	seq_puts(s, " 00 ");
	put6(s, r->gw);
	seq_printf(s, " %08x %08x %08x %08x %8s\n", r->metric, 1u, 0u, flags, r->dev->name);
}

static int show_ipv6_route(struct seq *s, void *arg)
{
	static const uint32_t tables[] = { RT_TABLE_MAIN, RT_TABLE_LOCAL };
	const struct net_route6 none = { .metric = UINT32_MAX, .dev = &net_lo }, *r;

	net_lock_acquire();
	net_route6_sync();
	for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
		list_for_each_entry(r, &net_routes6, link) {
			unsigned flags = RTF_UP;

			if (r->table != tables[t])
				continue;
			if (r->gw[0] | r->gw[1] | r->gw[2] | r->gw[3])
				flags |= RTF_GATEWAY;
			if (r->type == RTN_LOCAL)
				flags |= RTF_LOCAL | RTF_NONEXTHOP;
			if (r->type >= RTN_BLACKHOLE)
				flags |= RTF_REJECT | RTF_NONEXTHOP;
			if (r->protocol == RTPROT_RA)
				flags |= RTF_DEFAULT | RTF_ADDRCONF | RTF_EXPIRES;
			put_route6(s, r, flags);
		}
		/* What every table ends with. */
		put_route6(s, &none, RTF_REJECT | RTF_NONEXTHOP);
	}
	net_lock_release();
	return 0;
}

/* ---- sockets */

/* May a packet find it? */
static bool is_found(const struct inet_sock *i)
{
	return i->kind == INET_TCP ? inet_tcp_state(i) != TCPS_CLOSE : i->kind == INET_RAW || i->lport;
}

static unsigned count(int family, enum inet_kind kind)
{
	struct inet_sock *i;
	unsigned n = 0;

	list_for_each_entry(i, &inet_all, all)
		n += i->s.family == family && i->kind == kind && is_found(i);
	return n;
}

/* Connections that go on without a socket. */
static unsigned orphans(void)
{
	struct tcp_conn *c = NULL;
	unsigned n = 0;

	while ((c = tcp_next(c)))
		n += !c->pcb.callback_arg && c->pcb.state != TIME_WAIT && c->pcb.state != SYN_RCVD;
	return n;
}

static int show_sockstat(struct seq *s, void *arg)
{
	unsigned used = socket_count(), tcp = 0;
	struct inet_sock *i;

	net_lock_acquire();
	list_for_each_entry(i, &inet_all, all)
		tcp += i->kind == INET_TCP;
	/* SIMPLE: no memory counts. */
	seq_printf(s, "sockets: used %u\nTCP: inuse %u orphan %u tw %u alloc %u mem 0\nUDP: inuse %u mem 0\nUDPLITE: inuse 0\nRAW: inuse %u\n"
		      "FRAG: inuse 0 memory 0\n", used, count(AF_INET, INET_TCP), orphans(), tcp_time_wait_count(), tcp,
		   count(AF_INET, INET_UDP), count(AF_INET, INET_RAW));
	net_lock_release();
	return 0;
}

static int show_sockstat6(struct seq *s, void *arg)
{
	net_lock_acquire();
	seq_printf(s, "TCP6: inuse %u\nUDP6: inuse %u\nUDPLITE6: inuse 0\nRAW6: inuse %u\nFRAG6: inuse 0 memory 0\n", count(AF_INET6, INET_TCP),
		   count(AF_INET6, INET_UDP), count(AF_INET6, INET_RAW));
	net_lock_release();
	return 0;
}

/* ---- the rows of /proc/net/protocols, the last one first */

static unsigned count_kind(const struct socket_kind *k, bool with_file)
{
	struct inet_sock *i;
	unsigned n = 0;

	net_lock_acquire();
	list_for_each_entry(i, &inet_all, all)
		n += i->s.family == k->family && (int)i->kind == k->which && (with_file ? i->s.ino != 0 : is_found(i));
	net_lock_release();
	return n;
}

static void register_kinds(void)
{
	static struct socket_kind kinds[] = {
		{ .name = "TCP", .memory = true, .pressure = true, .maxhdr = 320, .calls = "yyyyyyyyyyyyynyyyyy", .family = AF_INET, .which = INET_TCP },
		{ .name = "UDP", .memory = true, .calls = "yyynyyynyyyyynnyyyn", .family = AF_INET, .which = INET_UDP },
		{ .name = "RAW", .calls = "yyynyyynyyyynyyyynn", .family = AF_INET, .which = INET_RAW },
		{ .name = "PING", .calls = "yyynnynnyyyynyyyyyn", .family = AF_INET, .which = INET_PING },
		{ .name = "TCPv6", .memory = true, .pressure = true, .maxhdr = 320, .calls = "yyyyyyyyyyyyynyyyyy", .family = AF_INET6, .which = INET_TCP },
		{ .name = "UDPv6", .memory = true, .calls = "yyynyyynyyyynnnyyyn", .family = AF_INET6, .which = INET_UDP },
		{ .name = "RAWv6", .calls = "yyynyyynyyyynyyyynn", .family = AF_INET6, .which = INET_RAW },
		{ .name = "PINGv6", .calls = "yyynnynnyyyynyyyyyn", .family = AF_INET6, .which = INET_PING },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		kinds[i].size = sizeof(struct inet_sock);
		kinds[i].slab = true;
		kinds[i].count = count_kind;
		socket_register_kind(&kinds[i]);
	}
}

static int proc_net_init(void)
{
	static const struct {
		const char *path;
		int (*show)(struct seq *s, void *arg);
	} files[] = {
		{ "net/igmp", show_igmp }, { "net/igmp6", show_igmp6 }, { "net/dev_mcast", show_dev_mcast }, { "net/if_inet6", show_if_inet6 },
		{ "net/ipv6_route", show_ipv6_route }, { "net/sockstat", show_sockstat }, { "net/sockstat6", show_sockstat6 },
	};
	int err = 0;

	register_kinds();
	for (unsigned i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = procfs_add(files[i].path, S_IFREG | 0444, files[i].show, NULL);
	return err;
}
INITCALL(INITCALL_DEVICE, proc_net_init);
