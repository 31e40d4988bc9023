/* SPDX-License-Identifier: MIT */
/*
 * Network devices: what drivers offer and what the protocol stack takes. kernel/drivers/net/netdev.c.
 *
 * One sleeping lock, net_lock, is held around everything here but netdev_schedule() and the counters: transmit, poll, the lists, the
 * stack itself. A device's interrupt calls netdev_schedule(); its thread then takes net_lock once for a batch.
 *
 * A received frame is a chain of netbufs, each at the start of a page of its own, its data in the rest of it: what the
 * driver posted is what the stack holds on to, nothing is copied. A frame to be sent is a list of segments of kernel memory that
 * stay as they are until done().
 *
 * Locks used to protect struct members in this file:
 *	n	net_lock
 *	I	immutable after netdev_register()
 *	a	a single word, read freely
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/mm.h>
#include <kernel/mutex.h>
#include <kernel/trace.h>
#include <kernel/waitq.h>

struct netdev;
struct seq;
struct task;

/* What hardware has done or shall do with a frame. Offsets are from the frame's first byte. */
struct net_offload {
	uint8_t csum;		/* NET_CSUM_* */
	uint8_t gso;		/* NET_GSO_*: to be cut into pieces of gso_size; received: was put together from such */
	uint16_t hdr_len;	/* of all headers, with gso */
	uint16_t gso_size;
	uint16_t csum_start;	/* with NET_CSUM_PARTIAL: sum from here to the end, add it at csum_start + csum_offset, */
	uint16_t csum_offset;	/* where the pseudo-header's sum is */
};
enum { NET_CSUM_NONE, NET_CSUM_OK, NET_CSUM_PARTIAL };
enum { NET_GSO_NONE, NET_GSO_TCP4, NET_GSO_TCP6 };

#define NETBUF_HEAD	192u		/* whole cache lines: the device writes behind it */
#define NETBUF_ROOM	(PAGE_SIZE - NETBUF_HEAD)
struct netbuf {
	struct netbuf *next;		/* the rest of the frame */
	void *data;
	uint32_t len, total;		/* of this piece; of the frame, in the first */
	struct net_offload off;		/* in the first */
	uint64_t stack[12];		/* the stack's own */
};
_Static_assert(sizeof(struct netbuf) <= NETBUF_HEAD, "netbuf");
static inline void *netbuf_room(struct netbuf *b) { return (char *)b + NETBUF_HEAD; }
struct netbuf *netbuf_alloc(gfp_t gfp);		/* NULL: no memory */
void netbuf_free(struct netbuf *b);		/* this piece */
void netbuf_free_frame(struct netbuf *b);	/* and what follows */

#define NET_MAX_SEGS	46u		/* 64 KiB of the usual segments, and their header */
struct net_seg {
	const void *p;			/* direct map */
	uint32_t len;
};
struct net_tx {
	const struct net_seg *seg;	/* NET_MAX_SEGS at most; read before transmit() is back */
	unsigned nr;
	uint32_t len;
	struct net_offload off;
	void (*done)(void *token);	/* under net_lock */
	void *token;
	const struct net_tap *origin;	/* the tap of the socket that sends it; NULL */
};

struct netdev_stats {
	uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, multicast;
	uint64_t tx_packets, tx_bytes, tx_errors, tx_dropped;
};
struct netdev_ops {
	/* 0: done() will be called; -ENOBUFS: no room now; other errors. done() is not called then. */
	int (*transmit)(struct netdev *d, const struct net_tx *tx);
	bool (*room)(struct netdev *d);			/* another frame fits; else poll() comes when one does. With NETDEV_TX_TSO */
	void (*reclaim)(struct netdev *d);		/* calls done() of what was sent by now; may be NULL */
	void (*flush)(struct netdev *d);			/* tells the device of what was transmitted; may be NULL */
	unsigned (*poll)(struct netdev *d, unsigned queue, unsigned budget);	/* frames given to netdev_receive() */
	bool (*poll_done)(struct netdev *d, unsigned queue);	/* interrupts on; false: more has come already */
	int (*open)(struct netdev *d);				/* may be NULL */
	void (*stop)(struct netdev *d);
	int (*set_mac)(struct netdev *d, const uint8_t *mac);	/* NULL: any is fine */
	void (*rx_mode)(struct netdev *d);			/* what is received has changed: see netdev_rx_all(), ->filter; may be NULL */
};
#define IFF_UP		0x1u
#define IFF_BROADCAST	0x2u
#define IFF_DEBUG	0x4u
#define IFF_LOOPBACK	0x8u
#define IFF_POINTOPOINT	0x10u
#define IFF_NOTRAILERS	0x20u
#define IFF_RUNNING	0x40u
#define IFF_NOARP	0x80u
#define IFF_PROMISC	0x100u
#define IFF_ALLMULTI	0x200u
#define IFF_MULTICAST	0x1000u
#define IFF_PORTSEL	0x2000u
#define IFF_AUTOMEDIA	0x4000u
#define IFF_DYNAMIC	0x8000u
#define IFNAMSIZ	16
#define IFF_LOWER_UP	0x10000u
#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK	772
/* ->features */
#define NETDEV_TX_CSUM	1u
#define NETDEV_TX_TSO4	2u
#define NETDEV_TX_TSO6	4u
#define NETDEV_RX_CSUM	8u

/* One of a device's queues with its thread, which calls poll(). */
struct netdev_queue {
	struct netdev *dev;
	unsigned index;
	struct task *thread;		/* NULL: there is no such queue */
	struct waitq wait;
	int scheduled;			/* [a] */
};
/* A link address that somebody wants to hear, of a group or of another station. */
struct netdev_filter {
	struct list_head link;
	uint8_t mac[6];
	unsigned users;
};

struct netdev {
	struct list_head link;		/* [n] in order of index */
	const struct netdev_ops *ops;	/* [I] */
	char name[16];			/* [n] */
	int index;			/* [I] from 1 */
	uint16_t type;			/* [I] ARPHRD_* */
	unsigned flags;			/* [n] IFF_* as set; netdev_flags() for what users see */
	uint32_t mtu, max_mtu;		/* [n], [I] */
	uint32_t features;		/* [I] NETDEV_* */
	uint32_t tx_queue_len;		/* [n] */
	unsigned max_segs;		/* [I] of a frame to be sent: NET_MAX_SEGS, or what the driver said is less */
	uint8_t mac[6], perm_mac[6];	/* [n] */
	int promiscuity, allmulti;	/* [n] how many packet sockets asked for it: netdev_promisc(), netdev_allmulti() */
	struct list_head filter;	/* [n] struct netdev_filter */
	bool carrier;			/* [a] */
	bool was_up;			/* [n] has been, once */
	struct netdev_stats stats;	/* [n]; read freely */
	void *private;			/* [I] the driver's */
	void *stack;			/* [n] the protocol stack's */
	unsigned nr_queues;		/* [I] at most CPUs; the i-th one's thread is on CPU i */
	struct netdev_queue *queues;	/* [I] */
};

extern struct mutex net_lock;
extern struct list_head netdevs;

/* @d->ops, type, mac, mtu, features, private are set; @name "eth%u" or a whole name. May sleep. */
int netdev_register(struct netdev *d, const char *name) __must_check;
struct netdev *netdev_by_index(int index);		/* [n] */
struct netdev *netdev_by_name(const char *name);	/* [n] */
unsigned netdev_flags(const struct netdev *d);
int netdev_open(struct netdev *d);			/* [n] up */
void netdev_stop(struct netdev *d);			/* [n] down */
/* Asks the device, or asks no longer, for frames to everybody, to any group, to this address. -ENOMEM */
void netdev_promisc(struct netdev *d, int by);		/* [n] */
void netdev_allmulti(struct netdev *d, int by);		/* [n] */
int netdev_filter_add(struct netdev *d, const uint8_t *mac);	/* [n] */
void netdev_filter_del(struct netdev *d, const uint8_t *mac);	/* [n] */
void netdev_rx_mode(struct netdev *d);			/* [n] flags have changed, perhaps those */
/* From drivers. */
void netdev_schedule(struct netdev *d, unsigned queue);	/* any context: poll() soon */
void netdev_receive(struct netdev *d, struct netbuf *frame);	/* [n] takes the frame over */
void netdev_set_carrier(struct netdev *d, bool on);	/* [n] */
void netdev_announce(struct netdev *d);			/* [n] the machine has moved to another place of the network */
/* From the stack: counts, shows it to taps, gives it to the driver. [n] */
int netdev_transmit(struct netdev *d, const struct net_tx *tx);

/* The stack, one. All calls under net_lock. */
struct net_stack {
	void (*attach)(struct netdev *d);
	void (*receive)(struct netdev *d, struct netbuf *frame);	/* takes it over */
	void (*changed)(struct netdev *d);		/* flags, carrier, mtu or mac */
	void (*announce)(struct netdev *d);		/* tells the wire where our addresses are now */
	void (*batch_end)(void);			/* what is due, before net_lock is dropped */
};
void net_stack_register(const struct net_stack *s);
/* Sees every frame of every device, received or sent. Frames stay the caller's. */
struct net_frame {
	const struct net_seg *seg;
	unsigned nr;
	uint32_t len;			/* of all segments, link header included */
	uint8_t csum;			/* NET_CSUM_* */
	bool sent;
	const struct net_tap *origin;	/* who sent it, if that has a tap */
};
struct net_tap {
	struct list_head link;
	void (*frame)(struct net_tap *t, struct netdev *d, const struct net_frame *f);
};
void net_tap_add(struct net_tap *t);
void net_tap_remove(struct net_tap *t);
/* Somebody looks at frames: a tap, or the recorder. */
extern struct list_head net_taps;
#define net_tapped() (!list_empty(&net_taps) || trace_wants(TRACE_FRAMES))
void net_tap_frame(struct netdev *d, const struct net_frame *f);

static inline void net_lock_acquire(void) { mutex_lock(&net_lock); }
/* Runs what the stack has put off (frames to itself), then drops the lock. */
void net_lock_release(void);
