/* SPDX-License-Identifier: MIT */
/* The packet socket ABI: packet(7). */
#pragma once
#include <kernel/types.h>

#define SOL_PACKET	263
#define ETH_P_ALL	0x0003
#define ETH_P_IP	0x0800
#define ETH_P_ARP	0x0806
#define ETH_P_IPV6	0x86dd
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
#define PACKET_RX_RING	5
#define PACKET_STATISTICS 6
#define PACKET_COPY_THRESH 7
#define PACKET_AUXDATA	8
#define PACKET_ORIGDEV	9
#define PACKET_VERSION	10
#define PACKET_HDRLEN	11
#define PACKET_RESERVE	12
#define PACKET_TX_RING	13
#define PACKET_LOSS	14
#define PACKET_TIMESTAMP 17
#define PACKET_FANOUT	18
#define PACKET_TX_HAS_OFF 19
#define PACKET_QDISC_BYPASS 20
#define PACKET_ROLLOVER_STATS 21
#define PACKET_FANOUT_DATA 22
#define PACKET_IGNORE_OUTGOING 23
#define PACKET_MR_MULTICAST 0
#define PACKET_MR_PROMISC 1
#define PACKET_MR_ALLMULTI 2
#define PACKET_MR_UNICAST 3
#define PACKET_MR_ADDR_MAX 32	/* the longest address of any device */
#define PACKET_FANOUT_HASH 0
#define PACKET_FANOUT_LB 1
#define PACKET_FANOUT_CPU 2
#define PACKET_FANOUT_ROLLOVER 3
#define PACKET_FANOUT_RND 4
#define PACKET_FANOUT_QM 5
#define PACKET_FANOUT_CBPF 6
#define PACKET_FANOUT_EBPF 7
#define PACKET_FANOUT_FLAG_ROLLOVER 0x1000u
#define PACKET_FANOUT_FLAG_UNIQUEID 0x2000u
#define PACKET_FANOUT_FLAG_DEFRAG 0x8000u
#define PACKET_FANOUT_MAX (1u << 16)
/* Of received frames and blocks. */
#define TP_STATUS_KERNEL 0u
#define TP_STATUS_USER	1u
#define TP_STATUS_COPY	2u
#define TP_STATUS_LOSING 4u
#define TP_STATUS_CSUMNOTREADY 8u
#define TP_STATUS_BLK_TMO 32u
#define TP_STATUS_CSUM_VALID 128u
/* Of frames to be sent. */
#define TP_STATUS_AVAILABLE 0u
#define TP_STATUS_SEND_REQUEST 1u
#define TP_STATUS_SENDING 2u
#define TP_STATUS_WRONG_FORMAT 4u
#define TP_FT_REQ_FILL_RXHASH 1u

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

/* Rings. */
enum { TPACKET_V1, TPACKET_V2, TPACKET_V3 };
#define TPACKET_ALIGNMENT 16u
struct tpacket_req {
	uint32_t block_size, block_nr, frame_size, frame_nr;
};
struct tpacket_req3 {
	struct tpacket_req req;
	uint32_t retire_blk_tov;	/* ms */
	uint32_t sizeof_priv, feature_req_word;
};
_Static_assert(sizeof(struct tpacket_req3) == 28, "ABI");
struct tpacket_hdr {
	unsigned long status;
	uint32_t len, snaplen;
	uint16_t mac, net;
	uint32_t sec, usec;
};
_Static_assert(sizeof(struct tpacket_hdr) == 32, "ABI");
struct tpacket2_hdr {
	uint32_t status, len, snaplen;
	uint16_t mac, net;
	uint32_t sec, nsec;
	uint16_t vlan_tci, vlan_tpid;
	uint8_t padding[4];
};
_Static_assert(sizeof(struct tpacket2_hdr) == 32, "ABI");
struct tpacket3_hdr {
	uint32_t next_offset, sec, nsec, snaplen, len, status;
	uint16_t mac, net;
	uint32_t rxhash, vlan_tci;
	uint16_t vlan_tpid, vlan_padding;
	uint8_t padding[8];
};
_Static_assert(sizeof(struct tpacket3_hdr) == 48, "ABI");
struct tpacket_block_desc {
	uint32_t version, offset_to_priv;
	uint32_t status, num_pkts, offset_to_first_pkt, blk_len;
	uint64_t seq_num;
	uint32_t first_sec, first_nsec, last_sec, last_nsec;
};
_Static_assert(sizeof(struct tpacket_block_desc) == 48, "ABI");
struct fanout_args {
	uint16_t id, type_flags;
	uint32_t max_num_members;
};
_Static_assert(sizeof(struct fanout_args) == 8, "ABI");
struct tpacket_rollover_stats {
	uint64_t all, huge, failed;
};
_Static_assert(sizeof(struct tpacket_rollover_stats) == 24, "ABI");
