/* SPDX-License-Identifier: MIT */
/* Inside net/packet only. Locks: n net_lock; see af_packet.c. */
#pragma once
#include <kernel/list.h>
#include <net/netdev.h>
#include <net/socket.h>
#include <uapi/packet.h>

struct packet_member {
	struct list_head link;
	int ifindex;
	uint16_t type, alen;
	uint8_t address[PACKET_MR_ADDR_MAX];
	unsigned count;			/* how often the same was asked for */
};
struct packet_sock {
	struct socket s;		/* first */
	struct net_tap tap;		/* [n] on the list while proto is not 0 */
	uint16_t proto;			/* [n] network order */
	int ifindex;			/* [n] 0: every device */
	bool auxdata, origdev, loss, bypass, ignore_outgoing;	/* [n] */
	int tp_version, tp_stamp, copy_thresh;			/* [n] only kept */
	struct list_head msgs;		/* [n] */
	struct list_head members;	/* [n] */
	uint32_t rx_bytes;		/* [n] */
	uint32_t packets, drops;	/* [n] since they were last asked for */
	uint32_t all_drops;		/* [n] ever: SO_RXQ_OVFL */
};
static inline struct packet_sock *packet_sk(struct socket *s) { return (struct packet_sock *)s; }

/* options.c */
void packet_set_proto(struct packet_sock *k, uint16_t proto);		/* [n] */
int packet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len);
int packet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len);
void packet_leave_all(struct packet_sock *k);				/* [n] */
