/* SPDX-License-Identifier: MIT */
/* The packet socket ABI: packet(7). */
#pragma once
#include <kernel/types.h>

#define SOL_PACKET	263
#define ETH_P_ALL	0x0003
#define ETH_P_IP	0x0800
#define ETH_P_802_3	0x0001
#define ETH_P_802_2	0x0004
#define ETH_P_802_3_MIN	0x0600	/* less is a length */
#define PACKET_HOST	0
#define PACKET_BROADCAST 1
#define PACKET_MULTICAST 2
#define PACKET_OTHERHOST 3
#define PACKET_OUTGOING	4
#define PACKET_ADD_MEMBERSHIP 1
#define PACKET_DROP_MEMBERSHIP 2
#define PACKET_STATISTICS 6
#define PACKET_COPY_THRESH 7
#define PACKET_AUXDATA	8
#define PACKET_ORIGDEV	9
#define PACKET_VERSION	10
#define PACKET_LOSS	14
#define PACKET_TIMESTAMP 17
#define PACKET_QDISC_BYPASS 20
#define PACKET_IGNORE_OUTGOING 23
#define PACKET_MR_MULTICAST 0
#define PACKET_MR_PROMISC 1
#define PACKET_MR_ALLMULTI 2
#define PACKET_MR_UNICAST 3
#define PACKET_MR_ADDR_MAX 32	/* the longest address of any device */
#define TP_STATUS_USER	1u
#define TP_STATUS_CSUMNOTREADY 8u
#define TP_STATUS_CSUM_VALID 128u

struct sockaddr_ll {
	uint16_t family;
	uint16_t protocol;	/* network order */
	int ifindex;
	uint16_t hatype;
	uint8_t pkttype, halen, addr[8];
};
_Static_assert(sizeof(struct sockaddr_ll) == 20, "ABI");
struct packet_mreq {
	int ifindex;
	uint16_t type, alen;
	uint8_t address[8];
};
_Static_assert(sizeof(struct packet_mreq) == 16, "ABI");
struct tpacket_auxdata {
	uint32_t status, len, snaplen;
	uint16_t mac, net, vlan_tci, vlan_tpid;
};
_Static_assert(sizeof(struct tpacket_auxdata) == 20, "ABI");
