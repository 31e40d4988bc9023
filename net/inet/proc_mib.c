/* SPDX-License-Identifier: MIT */
/*
 * /proc/net/snmp, netstat and snmp6: counters of the protocols, as Linux prints them.
 *
 * lwIP counts what it does (net/port/include/lwip/stats.h), sockets and the port what they see; some numbers follow from others here.
 * What nobody counts is 0 (CAVEATS).
 *
 * Locks: net_lock while a file is made.
 * References: RFC 1213, 2011-2013, 4293; proc(5).
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include "lwip/stats.h"

struct inet_mib inet_mib;

struct counter {
	const char *name;
	long value;
};

static void put_table(struct seq *s, const char *name, const struct counter *c, unsigned n)
{
	seq_printf(s, "%s:", name);
	for (unsigned i = 0; i < n; i++)
		seq_printf(s, " %s", c[i].name);
	seq_printf(s, "\n%s:", name);
	for (unsigned i = 0; i < n; i++)
		seq_printf(s, " %ld", c[i].value);
	seq_putc(s, '\n');
}
#define PUT_TABLE(s, name, c) put_table(s, name, c, ARRAY_SIZE(c))

/* Packets that came and went no further than IP, or are parts of others. */
static long not_delivered(void)
{
	const struct lwip_mib *m = &lwip_mib;

	/* Each address error is a discard too. */
	return (long)(m->mib2.ipinhdrerrors + m->mib2.ipindiscards + m->mib2.ipinunknownprotos + net_ip_mib.martians + m->mib2.ipreasmreqds -
		      m->mib2.ipreasmoks);
}

static void show_ip(struct seq *s)
{
	const struct lwip_mib *m = &lwip_mib;
	const struct counter ip[] = {
		{ "Forwarding", 2 }, { "DefaultTTL", INET_DEFAULT_TTL }, { "InReceives", (long)m->mib2.ipinreceives },
		{ "InHdrErrors", (long)m->mib2.ipinhdrerrors }, { "InAddrErrors", (long)(m->mib2.ipinaddrerrors + net_ip_mib.martians) },
		{ "ForwDatagrams", (long)m->mib2.ipforwdatagrams }, { "InUnknownProtos", (long)m->mib2.ipinunknownprotos },
		{ "InDiscards", (long)(m->mib2.ipindiscards - m->mib2.ipinaddrerrors) },
		{ "InDelivers", (long)m->mib2.ipinreceives - not_delivered() }, { "OutRequests", (long)m->mib2.ipoutrequests },
		{ "OutDiscards", (long)m->mib2.ipoutdiscards }, { "OutNoRoutes", (long)m->mib2.ipoutnoroutes },
		{ "ReasmTimeout", (long)m->mib2.ipreasmfails }, { "ReasmReqds", (long)m->mib2.ipreasmreqds },
		{ "ReasmOKs", (long)m->mib2.ipreasmoks }, { "ReasmFails", (long)m->mib2.ipreasmfails }, { "FragOKs", (long)m->mib2.ipfragoks },
		{ "FragFails", (long)m->mib2.ipfragfails }, { "FragCreates", (long)m->ip_frag.xmit },
	};

	PUT_TABLE(s, "Ip", ip);
}

/* Messages by type: 0-18, those that there are. */
static void icmp_types(long in[INET_ICMP_TYPES], long out[INET_ICMP_TYPES])
{
	const struct lwip_mib *m = &lwip_mib;

	memset(in, 0, INET_ICMP_TYPES * sizeof(*in));
	in[0] = (long)m->mib2.icmpinechoreps;
	in[3] = (long)m->mib2.icmpindestunreachs;
	in[4] = (long)m->mib2.icmpinsrcquenchs;
	in[5] = (long)m->mib2.icmpinredirects;
	in[8] = (long)m->mib2.icmpinechos;
	in[11] = (long)m->mib2.icmpintimeexcds;
	in[12] = (long)m->mib2.icmpinparmprobs;
	in[13] = (long)m->mib2.icmpintimestamps;
	in[14] = (long)m->mib2.icmpintimestampreps;
	in[17] = (long)m->mib2.icmpinaddrmasks;
	in[18] = (long)m->mib2.icmpinaddrmaskreps;
	for (unsigned t = 0; t < INET_ICMP_TYPES; t++)
		out[t] = (long)inet_mib.icmp_out[t];
	out[0] += (long)m->mib2.icmpoutechoreps;
	out[3] += (long)m->mib2.icmpoutdestunreachs;
	out[11] += (long)m->mib2.icmpouttimeexcds;
}

static void put_types(struct seq *s, const long in[INET_ICMP_TYPES], const long out[INET_ICMP_TYPES])
{
	bool any = false;

	for (unsigned t = 0; t < INET_ICMP_TYPES; t++)
		any |= in[t] || out[t];
	if (!any)
		return;
	seq_puts(s, "IcmpMsg:");
	for (unsigned t = 0; t < 2 * INET_ICMP_TYPES; t++)
		if ((t < INET_ICMP_TYPES ? in[t] : out[t - INET_ICMP_TYPES]))
			seq_printf(s, " %sType%u", t < INET_ICMP_TYPES ? "In" : "Out", t % INET_ICMP_TYPES);
	seq_puts(s, "\nIcmpMsg:");
	for (unsigned t = 0; t < 2 * INET_ICMP_TYPES; t++)
		if ((t < INET_ICMP_TYPES ? in[t] : out[t - INET_ICMP_TYPES]))
			seq_printf(s, " %ld", t < INET_ICMP_TYPES ? in[t] : out[t - INET_ICMP_TYPES]);
	seq_putc(s, '\n');
}

static void show_icmp(struct seq *s)
{
	const struct lwip_mib *m = &lwip_mib;
	long in[INET_ICMP_TYPES], out[INET_ICMP_TYPES], sent = (long)m->mib2.icmpoutmsgs;

	icmp_types(in, out);
	for (unsigned t = 0; t < INET_ICMP_TYPES; t++)
		sent += (long)inet_mib.icmp_out[t];

	const struct counter all[] = {
		{ "InMsgs", (long)m->mib2.icmpinmsgs }, { "InErrors", (long)m->mib2.icmpinerrors }, { "InCsumErrors", (long)m->icmp.chkerr },
		{ "InDestUnreachs", in[3] }, { "InTimeExcds", in[11] }, { "InParmProbs", in[12] }, { "InSrcQuenchs", in[4] },
		{ "InRedirects", in[5] }, { "InEchos", in[8] }, { "InEchoReps", in[0] }, { "InTimestamps", in[13] },
		{ "InTimestampReps", in[14] }, { "InAddrMasks", in[17] }, { "InAddrMaskReps", in[18] }, { "OutMsgs", sent },
		{ "OutErrors", (long)m->mib2.icmpouterrors }, { "OutRateLimitGlobal", 0 }, { "OutRateLimitHost", 0 },
		{ "OutDestUnreachs", out[3] }, { "OutTimeExcds", out[11] }, { "OutParmProbs", out[12] }, { "OutSrcQuenchs", out[4] },
		{ "OutRedirects", out[5] }, { "OutEchos", out[8] }, { "OutEchoReps", out[0] }, { "OutTimestamps", out[13] },
		{ "OutTimestampReps", out[14] }, { "OutAddrMasks", out[17] }, { "OutAddrMaskReps", out[18] },
	};

	PUT_TABLE(s, "Icmp", all);
	put_types(s, in, out);
}

static long established(void)
{
	struct tcp_conn *c = NULL;
	long n = 0;

	while ((c = tcp_next(c)))
		n += c->pcb.state == ESTABLISHED || c->pcb.state == CLOSE_WAIT;
	return n;
}

static void show_tcp(struct seq *s)
{
	const struct lwip_mib *m = &lwip_mib;
	const struct counter tcp[] = {
		{ "RtoAlgorithm", 1 }, { "RtoMin", 200 }, { "RtoMax", 120000 }, { "MaxConn", -1 }, { "ActiveOpens", (long)inet_mib.tcp_active },
		{ "PassiveOpens", (long)inet_mib.tcp_passive }, { "AttemptFails", (long)inet_mib.tcp_failed },
		{ "EstabResets", (long)inet_mib.tcp_reset }, { "CurrEstab", established() }, { "InSegs", (long)inet_mib.tcp_in },
		/* First transmissions are counted apart from all that leaves by the queue: the others are repeated. */
		{ "OutSegs", (long)(m->mib2.tcpoutsegs + m->tcp_xmit[0] + inet_mib.tcp_bare) },
		{ "RetransSegs", (long)(m->tcp_xmit[1] - m->mib2.tcpoutsegs) }, { "InErrs", (long)(m->mib2.tcpinerrs + inet_mib.tcp_errors) },
		{ "OutRsts", (long)(m->mib2.tcpoutrsts + inet_mib.tcp_rst_out) }, { "InCsumErrors", (long)m->tcp.chkerr },
	};

	PUT_TABLE(s, "Tcp", tcp);
}

static long udp_errors(unsigned v6)
{
	return (long)(inet_mib.udp_dropped[v6] + inet_mib.udp_errors[v6] + lwip_mib.udp_chkerr[v6]);
}

static void show_udp(struct seq *s)
{
	const struct counter udp[] = {
		{ "InDatagrams", (long)inet_mib.udp_in[0] }, { "NoPorts", (long)lwip_mib.udp_noports[0] }, { "InErrors", udp_errors(0) },
		{ "OutDatagrams", (long)inet_mib.udp_out[0] }, { "RcvbufErrors", (long)inet_mib.udp_dropped[0] }, { "SndbufErrors", 0 },
		{ "InCsumErrors", (long)lwip_mib.udp_chkerr[0] }, { "IgnoredMulti", 0 }, { "MemErrors", 0 },
	};
	const struct counter lite[] = {
		{ "InDatagrams", 0 }, { "NoPorts", 0 }, { "InErrors", 0 }, { "OutDatagrams", 0 }, { "RcvbufErrors", 0 }, { "SndbufErrors", 0 },
		{ "InCsumErrors", 0 }, { "IgnoredMulti", 0 }, { "MemErrors", 0 },
	};

	PUT_TABLE(s, "Udp", udp);
	PUT_TABLE(s, "UdpLite", lite);
}

static int show_snmp(struct seq *s, void *arg)
{
	net_lock_acquire();
	show_ip(s);
	show_icmp(s);
	show_tcp(s);
	show_udp(s);
	net_lock_release();
	return 0;
}

static int show_netstat(struct seq *s, void *arg)
{
	net_lock_acquire();

	const struct counter tcp[] = {
		{ "SyncookiesSent", (long)inet_mib.cookies_sent }, { "SyncookiesRecv", (long)inet_mib.cookies_received },
		{ "SyncookiesFailed", (long)inet_mib.cookies_failed }, { "TW", (long)inet_mib.time_waits }, { "PAWSEstab", (long)inet_mib.tcp_old_stamps },
		{ "DelayedACKs", (long)inet_mib.tcp_delayed_acks }, { "ListenOverflows", (long)inet_mib.listen_full },
		{ "ListenDrops", (long)inet_mib.listen_dropped }, { "TCPSackRecovery", (long)inet_mib.tcp_sack_recovery },
		{ "TCPFastRetrans", (long)lwip_mib.mib2.tcpretranssegs }, { "TCPTimeouts", (long)inet_mib.tcp_timeouts },
		{ "TCPLostRetransmit", (long)inet_mib.tcp_lost_again },
		{ "TCPReqQFullDrop", (long)inet_mib.syns_over }, { "TCPTimeWaitOverflow", (long)inet_mib.time_waits_over },
	}, ip[] = {
		{ "InNoRoutes", 0 }, { "InTruncatedPkts", 0 }, { "InMcastPkts", (long)net_ip_mib.in_mcast },
		{ "OutMcastPkts", (long)net_ip_mib.out_mcast }, { "InBcastPkts", (long)net_ip_mib.in_bcast },
		{ "OutBcastPkts", (long)net_ip_mib.out_bcast }, { "InOctets", (long)net_ip_mib.in_octets },
		{ "OutOctets", (long)net_ip_mib.out_octets },
	};

	PUT_TABLE(s, "TcpExt", tcp);
	PUT_TABLE(s, "IpExt", ip);
	net_lock_release();
	return 0;
}

static int show_snmp6(struct seq *s, void *arg)
{
	const struct lwip_mib *m = &lwip_mib;

	net_lock_acquire();

	const struct counter all[] = {
		{ "Ip6InReceives", (long)m->ip6.recv }, { "Ip6InHdrErrors", (long)(m->ip6.err + m->ip6.lenerr) }, { "Ip6InTooBigErrors", 0 },
		{ "Ip6InNoRoutes", 0 }, { "Ip6InAddrErrors", 0 }, { "Ip6InUnknownProtos", (long)m->ip6.proterr }, { "Ip6InTruncatedPkts", 0 },
		{ "Ip6InDiscards", (long)(m->ip6.drop - m->ip6.err - m->ip6.lenerr - m->ip6.proterr) },
		{ "Ip6InDelivers", (long)(m->ip6.recv - m->ip6.drop - m->ip6_frag.recv + m->mib2.ip6reasmoks) },
		{ "Ip6OutForwDatagrams", (long)m->ip6.fw }, { "Ip6OutRequests", (long)m->ip6.xmit }, { "Ip6OutDiscards", 0 },
		{ "Ip6OutNoRoutes", (long)m->ip6.rterr }, { "Ip6ReasmTimeout", 0 }, { "Ip6ReasmReqds", (long)m->ip6_frag.recv },
		{ "Ip6ReasmOKs", (long)m->mib2.ip6reasmoks }, { "Ip6ReasmFails", (long)m->ip6_frag.drop }, { "Ip6FragOKs", 0 },
		{ "Ip6FragFails", 0 }, { "Ip6FragCreates", (long)m->ip6_frag.xmit }, { "Icmp6InMsgs", (long)m->icmp6.recv },
		{ "Icmp6InErrors", (long)(m->icmp6.chkerr + m->icmp6.lenerr) },
		{ "Icmp6OutMsgs", (long)(m->icmp6.xmit + m->nd6.xmit + m->mld6.xmit + inet_mib.icmp6_out) }, { "Icmp6OutErrors", 0 },
		{ "Icmp6InCsumErrors", (long)m->icmp6.chkerr }, { "Udp6InDatagrams", (long)inet_mib.udp_in[1] },
		{ "Udp6NoPorts", (long)m->udp_noports[1] }, { "Udp6InErrors", udp_errors(1) }, { "Udp6OutDatagrams", (long)inet_mib.udp_out[1] },
		{ "Udp6RcvbufErrors", (long)inet_mib.udp_dropped[1] }, { "Udp6SndbufErrors", 0 },
		{ "Udp6InCsumErrors", (long)m->udp_chkerr[1] }, { "Udp6IgnoredMulti", 0 }, { "Udp6MemErrors", 0 },
	};

	net_lock_release();
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		seq_printf(s, "%-32s\t%ld\n", all[i].name, all[i].value);
	return 0;
}

static int proc_mib_init(void)
{
	int err = procfs_add("net/snmp", S_IFREG | 0444, show_snmp, NULL);

	if (!err)
		err = procfs_add("net/netstat", S_IFREG | 0444, show_netstat, NULL);
	return err ? err : procfs_add("net/snmp6", S_IFREG | 0444, show_snmp6, NULL);
}
INITCALL(INITCALL_DEVICE, proc_mib_init);
