/* SPDX-License-Identifier: MIT */
/* Inside net/packet only. Locks: n net_lock, l packet_sock.ring_lock; see af_packet.c and ring.c. */
#pragma once
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/work.h>
#include <net/netdev.h>
#include <net/socket.h>
#include <uapi/packet.h>

#define ETH_HLEN	14u

struct packet_member {
	struct list_head link;
	int ifindex;
	uint16_t type, alen;
	uint8_t address[PACKET_MR_ADDR_MAX];
	unsigned count;			/* how often the same was asked for */
};
/* Memory that the socket shares with user programs: blocks, each cut into as many frames as fit. */
struct packet_ring {
	char *mem;			/* [n+l] NULL: none */
	uint32_t block_size, block_nr;	/* [n+l] as are the others, but for head */
	uint32_t frame_size, frame_nr, per_block;
	uint32_t head;			/* [n] the frame that is next */
};
/* The third version's receive ring: frames of their own length in blocks. All [n]. */
struct packet_blocks {
	uint32_t filling;		/* block that is being filled */
	uint32_t next, last;		/* offsets in it: where the next frame goes; of the last one */
	uint32_t num_pkts;
	uint32_t sizeof_priv, features;
	bool frozen;			/* current is still the user's: nothing can be stored */
	uint64_t seq;
	nsec_t tov, opened, due;	/* spans of time; when the block has to go at the latest, 0: it is empty */
	struct delayed_work retire;
};
struct packet_fanout;
struct packet_sock {
	struct socket s;		/* first */
	struct net_tap tap;		/* [n] on the list while proto is not 0 */
	uint16_t proto;			/* [n] network order */
	int ifindex;			/* [n] 0: every device */
	bool auxdata, origdev, loss, bypass, ignore_outgoing;	/* [n] */
	bool tx_has_off;		/* [n] */
	int tp_version, tp_stamp, copy_thresh;			/* [n] */
	uint32_t tp_reserve;		/* [n] */
	struct spinlock ring_lock;
	struct packet_ring rx, tx;	/* as they say */
	struct packet_blocks blocks;
	unsigned mapped;		/* [l] areas of user memory that show the rings */
	uint32_t freezes;		/* [n] since statistics were last asked for */
	struct packet_fanout *fanout;	/* [n] NULL: none */
	unsigned rollover_at;		/* [n] member that took the last one */
	struct tpacket_rollover_stats rollover;	/* [n] */
	uint32_t flows[16];		/* [n] hashes of frames that came when there was little room */
	struct list_head all;		/* [n] */
	struct list_head msgs;		/* [n] */
	struct list_head members;	/* [n] */
	uint32_t rx_bytes;		/* [n] */
	uint32_t packets, drops;	/* [n] since they were last asked for */
	uint32_t all_drops;		/* [n] ever: SO_RXQ_OVFL */
};
static inline struct packet_sock *packet_sk(struct socket *s) { return (struct packet_sock *)s; }

/* proc.c */
void packet_list_add(struct packet_sock *k);				/* [n] */
void packet_list_del(struct packet_sock *k);				/* [n] */
/* options.c */
void packet_set_proto(struct packet_sock *k, uint16_t proto);		/* [n] */
int packet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len);
int packet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len);
void packet_leave_all(struct packet_sock *k);				/* [n] */

/* af_packet.c */
/* All under net_lock. Is the frame for one who is bound like this? It is: filter it, keep it. */
bool packet_wanted(const struct netdev *d, const struct net_frame *f, int ifindex, uint16_t proto, bool ignore_outgoing);
bool packet_has_room(const struct packet_sock *k, const struct net_frame *f, bool plenty);
void packet_receive(struct packet_sock *k, struct netdev *d, const struct net_frame *f);
uint16_t packet_protocol(const struct net_frame *f);			/* network order */
bool packet_queue(struct packet_sock *k, const struct net_frame *f, const struct sockaddr_ll *from, uint32_t skip, uint32_t len);
void packet_copy_frame(char *to, const struct net_frame *f, uint32_t skip, uint32_t left);
uint32_t packet_status_of(const struct net_frame *f);
void packet_flush(struct packet_sock *k);				/* what waits to be read */
/* A frame in a buffer of its own, which is taken over with 0. */
int packet_transmit(struct packet_sock *k, const struct sockaddr_ll *to, char *frame, uint32_t len);

/* ring.c */
void packet_ring_init(struct packet_sock *k);
int packet_set_ring(struct packet_sock *k, bool tx, const void __user *val, unsigned len);
void packet_ring_close(struct packet_sock *k);
int packet_mmap(struct socket *s, struct vm_area *a);
uint32_t packet_ring_poll(struct packet_sock *k);
bool packet_ring_has_room(const struct packet_sock *k, bool plenty);	/* [n] */
/* false: there is no room. [n] */
bool packet_ring_put(struct packet_sock *k, const struct net_frame *f, const struct sockaddr_ll *from, uint32_t skip, uint32_t len);
uint32_t packet_hdrlen(int version);		/* header, padding and address */
static inline char *packet_ring_frame(const struct packet_ring *r, uint32_t i)
{
	return r->mem + (size_t)(i / r->per_block) * r->block_size + (size_t)(i % r->per_block) * r->frame_size;
}
static inline bool packet_has_ring(const struct packet_sock *k) { return k->rx.mem || k->tx.mem; }
/* Status words are written behind what they speak of and read before it; user programs do the same. */
uint32_t packet_frame_status(const struct packet_sock *k, const char *frame);
void packet_frame_set_status(const struct packet_sock *k, char *frame, uint32_t status);

/* ring_blocks.c */
#define BLOCK_HEAD	((uint32_t)sizeof(struct tpacket_block_desc))
static inline uint32_t packet_block_data(uint32_t priv) { return BLOCK_HEAD + ALIGN_UP(priv, 8u); }
void packet_blocks_init(struct packet_sock *k);
void packet_blocks_start(struct packet_sock *k, const struct tpacket_req3 *r);	/* [n] */
uint32_t packet_block_status(const struct packet_ring *r, uint32_t i);
/* Room for a frame of @len bytes, header included, in a block; NULL: none. [n] */
struct tpacket3_hdr *packet_blocks_reserve(struct packet_sock *k, uint32_t len);

/* ring_tx.c */
ssize_t packet_ring_send(struct packet_sock *k, const struct sockmsg *m);

/* fanout.c */
int packet_fanout_add(struct packet_sock *k, const void __user *val, unsigned len);
int packet_fanout_data(struct packet_sock *k, const void __user *val, unsigned len);
uint32_t packet_fanout_value(const struct packet_sock *k);		/* [n] PACKET_FANOUT; 0: none */
bool packet_fanout_rolls_over(const struct packet_sock *k);		/* [n] */
void packet_fanout_leave(struct packet_sock *k);			/* [n] */
