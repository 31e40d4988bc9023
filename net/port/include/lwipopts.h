/* SPDX-License-Identifier: MIT */
/*
 * How lwIP is built: without threads (NO_SYS), its raw interface, every call under net_lock. Memory comes from kmalloc; what
 * bounds it are socket buffers, backlogs and the windows below.
 */
#pragma once

#include <stdint.h>

#define NO_SYS			1
#define SYS_LIGHTWEIGHT_PROT	0
#define LWIP_SOCKET		0
#define LWIP_NETCONN		0
/* Its own counters are off; ours are in lwip/stats.h beside this file. */
#define LWIP_STATS		0
#define LWIP_PROVIDE_ERRNO	0

/* RFC 1700; lwIP starts from the largest, by which it would be recognised. Neighbour discovery has its own, 255. */
#define IP_DEFAULT_TTL		64
#define LWIP_ICMP6_HL		64

/* Memory. */
#define MEM_ALIGNMENT		8
#define MEM_CUSTOM_ALLOCATOR	1
#include <stddef.h>
void *lwip_port_malloc(size_t n);
void *lwip_port_calloc(size_t n, size_t size);
void lwip_port_free(void *p);
#define MEM_CUSTOM_MALLOC	lwip_port_malloc
#define MEM_CUSTOM_CALLOC	lwip_port_calloc
#define MEM_CUSTOM_FREE		lwip_port_free
#define MEMP_MEM_MALLOC		1
#define LWIP_PBUF_REF_T		unsigned int
#define LWIP_SUPPORT_CUSTOM_PBUF 1
/* The queue of a stream socket: a chain of its own would overflow tot_len. */
#define LWIP_PBUF_CUSTOM_DATA	struct pbuf *queue_next;
#define PBUF_POOL_BUFSIZE	2048

/* Link and IP. */
#define LWIP_IPV4		1
#define LWIP_IPV6		1
#define LWIP_ARP		1
#define ARP_TABLE_SIZE		127
#define ARP_QUEUEING		1
#define ARP_QUEUE_LEN		64
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define IP_REASSEMBLY		1
#define IP_FRAG			1
#define IP_REASS_MAX_PBUFS	1024
#define MEMP_NUM_REASSDATA	64
#define IP_SOF_BROADCAST	1
#define IP_SOF_BROADCAST_RECV	0
#define LWIP_NETIF_LOOPBACK	0
#define LWIP_HAVE_LOOPIF	0
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_HWADDRHINT	0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHKSUM		lwip_port_chksum
uint16_t lwip_port_chksum(const void *p, int n);
#define LWIP_IGMP		1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_DHCP		1
#define LWIP_DHCP_DOES_ACD_CHECK 0
/* Leases in steps of five seconds, up to 136 years. */
#define DHCP_COARSE_TIMER_SECS	5
#define DHCP_TIMEOUT_SIZE_T	unsigned int
#define DHCP_DEFINE_CUSTOM_TIMEOUTS
#define DHCP_NEXT_TIMEOUT_THRESHOLD (60 / DHCP_COARSE_TIMER_SECS)
#define DHCP_REQUEST_BACKOFF_SEQUENCE(tries) ((u16_t)(((tries) < 6 ? 1 << (tries) : 60) * 1000))
#define DHCP_STEPS(seconds)	((seconds) / DHCP_COARSE_TIMER_SECS + !((seconds) / DHCP_COARSE_TIMER_SECS))
#define DHCP_SET_TIMEOUT_FROM_OFFERED_T0_LEASE(res, dhcp) ((res) = DHCP_STEPS((dhcp)->offered_t0_lease))
#define DHCP_SET_TIMEOUT_FROM_OFFERED_T1_RENEW(res, dhcp) ((res) = DHCP_STEPS((dhcp)->offered_t1_renew))
#define DHCP_SET_TIMEOUT_FROM_OFFERED_T2_REBIND(res, dhcp) ((res) = DHCP_STEPS((dhcp)->offered_t2_rebind))
#define LWIP_ACD		0
#define LWIP_DNS		0
#define LWIP_RAW		1
#define LWIP_ICMP		1
#define LWIP_BROADCAST_PING	0
#define LWIP_MULTICAST_PING	0
#define LWIP_IPV6_NUM_ADDRESSES	8
#define LWIP_IPV6_AUTOCONFIG	1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 1
#define LWIP_ND6_NUM_NEIGHBORS	64
#define LWIP_ND6_NUM_DESTINATIONS 120	/* its index is a signed byte */
#define LWIP_ND6_QUEUEING	1
#define IPV6_FRAG_COPYHEADER	1
#define LWIP_IPV6_FRAG		1
#define LWIP_IPV6_REASS		1
#define LWIP_HOOK_FILENAME	"lwip_hooks.h"
#define LWIP_HOOK_IP4_INPUT(p, inp) lwip_port_ip4_input(p, inp)
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) lwip_port_route4(src, dest)
#define LWIP_HOOK_ETHARP_GET_GW(netif, dest) lwip_port_gateway4(netif, dest)
#define LWIP_HOOK_IP6_ROUTE(src, dest) lwip_port_route6(src, dest)
#define LWIP_HOOK_ND6_GET_GW(netif, dest) lwip_port_gateway6(netif, dest)
#define LWIP_HOOK_DHCP_PARSE_OPTION(netif, dhcp, state, msg, type, option, len, pbuf, offset) \
	lwip_port_dhcp_option(pbuf, option, len, offset)
#define LWIP_HOOK_TCP_ISN	lwip_port_isn

/* UDP and TCP. */
#define LWIP_UDP		1
#define LWIP_TCP		1
#define SO_REUSE		1
#define SO_REUSE_RXTOALL	0
#define LWIP_TCP_KEEPALIVE	1
#define LWIP_TCP_TIMESTAMPS	1
#define LWIP_TCP_SACK_OUT	1
#define LWIP_WND_SCALE		1
#define TCP_RCV_SCALE		6
/* The loopback interface's; on the wire the interface's MTU says less. */
#define TCP_MSS			32728
/* The largest receive window of the block that a call is about. */
#define TCP_WND			lwip_port_tcp_wnd
extern uint32_t lwip_port_tcp_wnd;
#define TCP_SND_BUF		(1 << 20)
/* A reader that empties a window of 64 KiB, all that a peer without scaling sees, has to be heard of. */
#define TCP_WND_UPDATE_THRESHOLD LWIP_MIN(16384u, lwip_port_tcp_wnd / 2)
#define TCP_SND_QUEUELEN	8192
/* The checks know 16-bit windows only; our sockets look at the buffers themselves. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#define TCP_SNDLOWAT		2048
#define TCP_SNDQUEUELOWAT	16
#define TCP_OVERSIZE		512
#define TCP_QUEUE_OOSEQ		1
#define TCP_OOSEQ_MAX_PBUFS	2048
/* lwIP counts to 255; the sockets count for themselves, and lwIP does not see the SYN that would be one too many. */
#define TCP_LISTEN_BACKLOG	0
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p) lwip_port_tcp_input(pcb, hdr, optlen, opt1len, opt2, p)
#define LWIP_TCP_PCB_NUM_EXT_ARGS 0
/* A tick of the slow timer, in which TCP counts, is two of these. Our own timers call it for a block that needs it: net/inet/tcp_timer.c. */
#define TCP_TMR_INTERVAL	5
#define LWIP_TCP_RTO_TIME	1000
#define TCP_MSL			30000UL
/* Of the block that a timer is about; names, as lwIP looks at them in its preprocessor conditions. */
#define TCP_SYNMAXRTX		lwip_port_syn_retries
#define TCP_MAXRTX		lwip_port_retries
extern unsigned lwip_port_syn_retries, lwip_port_retries;

/* net/port/timers.c */
#define LWIP_TIMERS		0
#define LWIP_DEBUG		0
