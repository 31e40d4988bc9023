/* SPDX-License-Identifier: MIT */
/*
 * In the place of lwIP's own header of this name: what is counted for /proc/net/{snmp,netstat,snmp6}. Increments of plain words, as all
 * of lwIP runs under net_lock; what is known otherwise, or nobody asks for, costs nothing: the conditions below are constants.
 */
#pragma once
#include "lwip/opt.h"
#include "lwip/mem.h"
#include "lwip/memp.h"

struct lwip_mib_proto {
	unsigned long recv, xmit, fw, drop, err, chkerr, lenerr, memerr, proterr, opterr, rterr, cachehit;
};
struct lwip_mib {
	struct {
		unsigned long icmpinaddrmaskreps, icmpinaddrmasks, icmpindestunreachs, icmpinechoreps, icmpinechos, icmpinerrors, icmpinmsgs,
			icmpinparmprobs, icmpinredirects, icmpinsrcquenchs, icmpintimeexcds, icmpintimestampreps, icmpintimestamps,
			icmpoutdestunreachs, icmpoutechoreps, icmpouterrors, icmpoutmsgs, icmpouttimeexcds;
		unsigned long ipforwdatagrams, ipfragfails, ipfragoks, ipinaddrerrors, ipindiscards, ipinhdrerrors, ipinreceives,
			ipinunknownprotos, ipoutdiscards, ipoutnoroutes, ipoutrequests, ipreasmfails, ipreasmoks, ipreasmreqds, ip6reasmoks;
		unsigned long tcpinerrs, tcpoutrsts, tcpoutsegs, tcpretranssegs;
		/* Not counted: below. */
		unsigned long ipindelivers, tcpactiveopens, tcpattemptfails, tcpestabresets, tcpinsegs, tcppassiveopens, udpindatagrams,
			udpinerrors, udpnoports, udpoutdatagrams;
	} mib2;
	struct lwip_mib_proto ip6, ip6_frag, icmp, icmp6, nd6, tcp, udp, ip_frag;
	struct {
		unsigned long recv, xmit, drop, err, chkerr, lenerr, memerr, proterr, rx_v1, rx_group, rx_general, rx_report, tx_join, tx_leave,
			tx_report;
	} mld6;
	unsigned long tcp_xmit[2];			/* bare segments; those with a place in the sequence, repeated ones too */
	unsigned long udp_noports[2], udp_chkerr[2];	/* by family: IPv4, IPv6 */
};
extern struct lwip_mib lwip_mib;

#define LWIP_MIB_IS(x, y) (__builtin_offsetof(struct lwip_mib, x) == __builtin_offsetof(struct lwip_mib, y))
#define LWIP_MIB_INC(x) do { ++lwip_mib.x; } while (0)
#define LWIP_MIB_ONLY(x, y) do { if (LWIP_MIB_IS(x, y)) ++lwip_mib.x; } while (0)

/* What sockets count, or follows from other numbers, is at the end of the structure. */
#define MIB2_STATS_INC(x) do { \
		if (LWIP_MIB_IS(x, mib2.udpnoports)) \
			++lwip_mib.udp_noports[!!ip_current_is_v6()]; \
		else if (__builtin_offsetof(struct lwip_mib, x) < __builtin_offsetof(struct lwip_mib, mib2.ipindelivers)) \
			++lwip_mib.x; \
	} while (0)
/* A segment of a queue leaves by one function, all others by another. */
#define TCP_STATS_INC(x) do { \
		if (LWIP_MIB_IS(x, tcp.xmit)) \
			++lwip_mib.tcp_xmit[sizeof(__func__) == sizeof("tcp_output_segment")]; \
		else if (LWIP_MIB_IS(x, tcp.chkerr)) \
			++lwip_mib.x; \
	} while (0)
#define UDP_STATS_INC(x) do { \
		if (LWIP_MIB_IS(x, udp.chkerr)) \
			++lwip_mib.udp_chkerr[!!ip_current_is_v6()]; \
	} while (0)
#define ICMP_STATS_INC(x) LWIP_MIB_ONLY(x, icmp.chkerr)
#define IPFRAG_STATS_INC(x) LWIP_MIB_ONLY(x, ip_frag.xmit)
#define ND6_STATS_INC(x) LWIP_MIB_ONLY(x, nd6.xmit)
#define MLD6_STATS_INC(x) LWIP_MIB_ONLY(x, mld6.xmit)
#define IP6_STATS_INC(x) LWIP_MIB_INC(x)
#define IP6_FRAG_STATS_INC(x) LWIP_MIB_INC(x)
#define ICMP6_STATS_INC(x) LWIP_MIB_INC(x)

#define IP_STATS_INC(x)
#define IGMP_STATS_INC(x)
#define ETHARP_STATS_INC(x)
#define LINK_STATS_INC(x)
#define MEMP_STATS_DEC(x, i)
#define MEM_STATS_INC(x)
#define MEM_STATS_AVAIL(x, y)
#define MEM_STATS_INC_USED(x, y)
#define MEM_STATS_DEC_USED(x, y)
