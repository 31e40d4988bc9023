/* SPDX-License-Identifier: MIT */
/*
 * The virtio network device, inside: virtio_net.c (its life), virtio_net_queue.c (frames), virtio_net_ctrl.c (what is asked of it).
 * Locks: net_lock around everything but the queues' callbacks, which only schedule.
 */
#pragma once
#include <kernel/virtio.h>
#include <net/netdev.h>

#define VNET_F_CSUM		0
#define VNET_F_GUEST_CSUM	1
#define VNET_F_MTU		3
#define VNET_F_MAC		5
#define VNET_F_GUEST_TSO4	7
#define VNET_F_GUEST_TSO6	8
#define VNET_F_HOST_TSO4	11
#define VNET_F_HOST_TSO6	12
#define VNET_F_MRG_RXBUF	15
#define VNET_F_STATUS		16
#define VNET_F_CTRL_VQ		17
#define VNET_F_CTRL_RX		18
#define VNET_F_GUEST_ANNOUNCE	21
#define VNET_F_MQ		22
#define VNET_F_CTRL_MAC_ADDR	23
#define VNET_CONFIG_MAC		0
#define VNET_CONFIG_STATUS	6
#define VNET_CONFIG_PAIRS	8
#define VNET_CONFIG_MTU		10
#define VNET_STATUS_LINK_UP	1u
#define VNET_STATUS_ANNOUNCE	2u

#define VNET_WATCH_NS	(5 * NSEC_PER_SEC)
#define VNET_FLOWS	64u

struct vnet_hdr {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset;
	uint16_t num_buffers;		/* with MRG_RXBUF or the modern interface */
};
_Static_assert(sizeof(struct vnet_hdr) == 12, "VIRTIO 1.2, 5.1.6");

struct vnet_slot {
	struct vnet_hdr hdr;
	void (*done)(void *token);
	void *token;
	struct vnet_slot *next;		/* free ones */
};
struct vnet_pair {
	struct virtq *rx, *tx;
	struct vnet_slot *slots, *free;
	bool kick;			/* frames were added to tx since the last notification */
	uint32_t taken, taken_then;	/* frames that the device was done with: ever, when the watch looked last */
	char rx_name[12], tx_name[12];
};
/* Where the frames of a flow (of all with the same hash) went last. */
struct vnet_flow {
	uint16_t pair;
	uint16_t mark;			/* that queue's index behind the last of them */
};
/* What is to be asked of the device, in this order. */
enum {
	VNET_ASK_PAIRS = 1, VNET_ASK_MAC = 2, VNET_ASK_PROMISC = 4, VNET_ASK_ALLMULTI = 8, VNET_ASK_TABLE = 16, VNET_ASK_ANNOUNCED = 32,
};
struct vnet_ctrl {
	struct virtq *q;		/* NULL: there is none */
	struct vnet_ctrl_buf *buf;
	unsigned wanted, asked;		/* VNET_ASK_*: to be asked; the one that is under way */
	nsec_t since;			/* when it was asked */
	bool refused;			/* the last one */
	bool started;
};
struct vnet {
	struct netdev netdev;
	struct virtio_device *dev;
	unsigned nr_pairs;		/* that there are rings for */
	unsigned active;		/* pairs that frames are sent by */
	struct vnet_pair *pairs;
	unsigned hdr_size;
	bool merge;
	bool kick;			/* some pair's */
	struct vnet_ctrl ctrl;
	struct vnet_flow flows[VNET_FLOWS];
	/* A device that sends nothing any more, or does not answer, is reset. */
	struct delayed_work watch;
	bool watching;
};
static inline struct vnet *to_vnet(struct netdev *d) { return d->private; }

/* virtio_net_queue.c */
void vnet_refill(struct vnet *v, struct vnet_pair *p);
void vnet_reclaim_pair(struct vnet *v, struct vnet_pair *p);
void vnet_drain(struct vnet *v);		/* after the device was stopped: what was out comes back */
void vnet_watch(struct vnet *v);		/* something is out: the device has to do something about it */
int vnet_transmit(struct netdev *d, const struct net_tx *tx);
bool vnet_room(struct netdev *d);
void vnet_flush(struct netdev *d);
void vnet_reclaim(struct netdev *d);
unsigned vnet_poll(struct netdev *d, unsigned queue, unsigned budget);
bool vnet_poll_done(struct netdev *d, unsigned queue);

/* virtio_net_ctrl.c */
int vnet_ctrl_init(struct vnet *v) __must_check;	/* ->ctrl.q is set */
void vnet_ctrl_start(struct vnet *v);		/* the device is fresh: everything is asked */
void vnet_ctrl_stop(struct vnet *v);		/* it was stopped */
void vnet_ctrl_ask(struct vnet *v, unsigned what);
void vnet_ctrl_poll(struct vnet *v);		/* takes an answer, if there is one */
bool vnet_ctrl_late(struct vnet *v);		/* no answer for VNET_WATCH_NS */
void vnet_rx_mode(struct netdev *d);
int vnet_set_mac(struct netdev *d, const uint8_t *mac);
