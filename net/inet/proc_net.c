/* SPDX-License-Identifier: MIT */
/*
 * /proc/net: multicast groups, IPv6 addresses and routes, counts of sockets, counters of protocols, as Linux prints them.
 *
 * Of the counters those of sockets count (datagrams of UDP, connections of TCP); lwIP is built without its own, so that no packet
 * pays for them, and the rest is 0 (CAVEATS).
 *
 * Locks: net_lock while a file is made.
 */
#include "inet.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include "lwip/igmp.h"
#include "lwip/mld6.h"

struct inet_mib inet_mib;

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

static unsigned count(int family, enum inet_kind kind)
{
	struct inet_sock *i;
	unsigned n = 0;

	list_for_each_entry(i, &inet_all, all)
		n += i->s.family == family && i->kind == kind && (i->lport || kind == INET_RAW);
	return n;
}

static int show_sockstat(struct seq *s, void *arg)
{
	struct inet_sock *i;
	unsigned all = 0, tcp = 0;

	net_lock_acquire();
	list_for_each_entry(i, &inet_all, all) {
		all++;
		tcp += i->kind == INET_TCP;
	}
	/* SIMPLE: sockets of the internet families only; no memory counts. */
	seq_printf(s, "sockets: used %u\nTCP: inuse %u orphan 0 tw 0 alloc %u mem 0\nUDP: inuse %u mem 0\nUDPLITE: inuse 0\nRAW: inuse %u\n"
		      "FRAG: inuse 0 memory 0\n", all, count(AF_INET, INET_TCP), tcp, count(AF_INET, INET_UDP), count(AF_INET, INET_RAW));
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

/* ---- counters */

struct counter {
	const char *name;
	const unsigned long *value;	/* NULL: 0 */
	long fixed;
};
static const struct counter ip_counters[] = {
	{ "Forwarding", NULL, 2 }, { "DefaultTTL", NULL, 64 }, { "InReceives", NULL, 0 }, { "InHdrErrors", NULL, 0 }, { "InAddrErrors", NULL, 0 },
	{ "ForwDatagrams", NULL, 0 }, { "InUnknownProtos", NULL, 0 }, { "InDiscards", NULL, 0 }, { "InDelivers", NULL, 0 },
	{ "OutRequests", NULL, 0 }, { "OutDiscards", NULL, 0 }, { "OutNoRoutes", NULL, 0 }, { "ReasmTimeout", NULL, 0 }, { "ReasmReqds", NULL, 0 },
	{ "ReasmOKs", NULL, 0 }, { "ReasmFails", NULL, 0 }, { "FragOKs", NULL, 0 }, { "FragFails", NULL, 0 }, { "FragCreates", NULL, 0 }, { 0 },
}, icmp_counters[] = {
	{ "InMsgs", NULL, 0 }, { "InErrors", NULL, 0 }, { "InCsumErrors", NULL, 0 }, { "InDestUnreachs", NULL, 0 }, { "InTimeExcds", NULL, 0 },
	{ "InParmProbs", NULL, 0 }, { "InSrcQuenchs", NULL, 0 }, { "InRedirects", NULL, 0 }, { "InEchos", NULL, 0 }, { "InEchoReps", NULL, 0 },
	{ "InTimestamps", NULL, 0 }, { "InTimestampReps", NULL, 0 }, { "InAddrMasks", NULL, 0 }, { "InAddrMaskReps", NULL, 0 },
	{ "OutMsgs", NULL, 0 }, { "OutErrors", NULL, 0 }, { "OutRateLimitGlobal", NULL, 0 }, { "OutRateLimitHost", NULL, 0 },
	{ "OutDestUnreachs", NULL, 0 }, { "OutTimeExcds", NULL, 0 }, { "OutParmProbs", NULL, 0 }, { "OutSrcQuenchs", NULL, 0 },
	{ "OutRedirects", NULL, 0 }, { "OutEchos", NULL, 0 }, { "OutEchoReps", NULL, 0 }, { "OutTimestamps", NULL, 0 },
	{ "OutTimestampReps", NULL, 0 }, { "OutAddrMasks", NULL, 0 }, { "OutAddrMaskReps", NULL, 0 }, { 0 },
}, tcp_counters[] = {
	{ "RtoAlgorithm", NULL, 1 }, { "RtoMin", NULL, 200 }, { "RtoMax", NULL, 120000 }, { "MaxConn", NULL, -1 },
	{ "ActiveOpens", &inet_mib.tcp_active, 0 }, { "PassiveOpens", &inet_mib.tcp_passive, 0 }, { "AttemptFails", NULL, 0 },
	{ "EstabResets", NULL, 0 }, { "CurrEstab", NULL, 0 }, { "InSegs", NULL, 0 }, { "OutSegs", NULL, 0 }, { "RetransSegs", NULL, 0 },
	{ "InErrs", NULL, 0 }, { "OutRsts", NULL, 0 }, { "InCsumErrors", NULL, 0 }, { 0 },
}, udp_counters[] = {
	{ "InDatagrams", &inet_mib.udp_in, 0 }, { "NoPorts", NULL, 0 }, { "InErrors", &inet_mib.udp_dropped, 0 },
	{ "OutDatagrams", &inet_mib.udp_out, 0 }, { "RcvbufErrors", &inet_mib.udp_dropped, 0 }, { "SndbufErrors", NULL, 0 },
	{ "InCsumErrors", NULL, 0 }, { "IgnoredMulti", NULL, 0 }, { "MemErrors", NULL, 0 }, { 0 },
}, udplite_counters[] = {
	{ "InDatagrams", NULL, 0 }, { "NoPorts", NULL, 0 }, { "InErrors", NULL, 0 }, { "OutDatagrams", NULL, 0 }, { "RcvbufErrors", NULL, 0 },
	{ "SndbufErrors", NULL, 0 }, { "InCsumErrors", NULL, 0 }, { "IgnoredMulti", NULL, 0 }, { "MemErrors", NULL, 0 }, { 0 },
};

static void put_table(struct seq *s, const char *name, const struct counter *c)
{
	seq_printf(s, "%s:", name);
	for (const struct counter *k = c; k->name; k++)
		seq_printf(s, " %s", k->name);
	seq_printf(s, "\n%s:", name);
	for (const struct counter *k = c; k->name; k++)
		seq_printf(s, " %ld", k->value ? (long)*k->value : k->fixed);
	seq_putc(s, '\n');
}

static int show_snmp(struct seq *s, void *arg)
{
	put_table(s, "Ip", ip_counters);
	put_table(s, "Icmp", icmp_counters);
	put_table(s, "Tcp", tcp_counters);
	put_table(s, "Udp", udp_counters);
	put_table(s, "UdpLite", udplite_counters);
	return 0;
}

static int show_netstat(struct seq *s, void *arg)
{
	static const struct counter tcp[] = {
		{ "SyncookiesSent", NULL, 0 }, { "ListenOverflows", NULL, 0 }, { "ListenDrops", NULL, 0 },
		{ "TCPSackRecovery", &inet_mib.tcp_sack_recovery, 0 }, { "TCPTimeouts", &inet_mib.tcp_timeouts, 0 }, { 0 },
	}, ip[] = {
		{ "InNoRoutes", NULL, 0 }, { "InMcastPkts", NULL, 0 }, { "OutMcastPkts", NULL, 0 }, { "InBcastPkts", NULL, 0 },
		{ "OutBcastPkts", NULL, 0 }, { "InOctets", NULL, 0 }, { "OutOctets", NULL, 0 }, { 0 },
	};

	put_table(s, "TcpExt", tcp);
	put_table(s, "IpExt", ip);
	return 0;
}

static int show_snmp6(struct seq *s, void *arg)
{
	static const char *const names[] = {
		"Ip6InReceives", "Ip6InDelivers", "Ip6OutRequests", "Icmp6InMsgs", "Icmp6OutMsgs", "Udp6InDatagrams", "Udp6NoPorts",
		"Udp6OutDatagrams",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		seq_printf(s, "%-32s\t%u\n", names[i], 0);
	return 0;
}

static int proc_net_init(void)
{
	static const struct {
		const char *path;
		int (*show)(struct seq *s, void *arg);
	} files[] = {
		{ "net/igmp", show_igmp }, { "net/igmp6", show_igmp6 }, { "net/dev_mcast", show_dev_mcast }, { "net/if_inet6", show_if_inet6 },
		{ "net/ipv6_route", show_ipv6_route }, { "net/sockstat", show_sockstat }, { "net/sockstat6", show_sockstat6 },
		{ "net/snmp", show_snmp }, { "net/netstat", show_netstat }, { "net/snmp6", show_snmp6 },
	};
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = procfs_add(files[i].path, S_IFREG | 0444, files[i].show, NULL);
	return err;
}
INITCALL(INITCALL_DEVICE, proc_net_init);
