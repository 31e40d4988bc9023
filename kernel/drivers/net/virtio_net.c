/* SPDX-License-Identifier: MIT */
/*
 * The virtio network device: one queue pair, mergeable receive buffers, checksum and segmentation offload both ways.
 * Reference: VIRTIO 1.2, 5.1.
 *
 * Receive buffers are whole netbufs (pages); a frame larger than one comes in several where the device merges, else the frame and the
 * device's header have to fit one, and offloads that make larger frames are not asked for.
 * Sent frames keep a slot with their header until the device is done; those are taken back when more is sent or received, and an
 * interrupt is asked for only when the ring fills up.
 *
 * A device that takes no frame for five to ten seconds, though some are out, is reset (watch_fn()).
 *
 * Invariants: every receive descriptor out has a netbuf for token; every transmit descriptor out a slot.
 * Locks: net_lock around everything but the queues' callbacks, which only schedule.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virtio.h>
#include <kernel/work.h>
#include <net/netdev.h>

#define F_CSUM		0
#define F_GUEST_CSUM	1
#define F_MTU		3
#define F_MAC		5
#define F_GUEST_TSO4	7
#define F_GUEST_TSO6	8
#define F_HOST_TSO4	11
#define F_HOST_TSO6	12
#define F_MRG_RXBUF	15
#define F_STATUS	16
#define CONFIG_MAC	0
#define CONFIG_STATUS	6
#define CONFIG_MTU	10
#define STATUS_LINK_UP	1u

#define WATCH_NS	(5 * NSEC_PER_SEC)

#define HDR_NEEDS_CSUM	1u
#define HDR_DATA_VALID	2u
#define HDR_TCP4	1u
#define HDR_TCP6	4u
#define HDR_GSO_ECN	0x80u

struct vnet_hdr {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset;
	uint16_t num_buffers;		/* with F_MRG_RXBUF or the modern interface */
};
_Static_assert(sizeof(struct vnet_hdr) == 12, "VIRTIO 1.2, 5.1.6");

struct tx_slot {
	struct vnet_hdr hdr;
	void (*done)(void *token);
	void *token;
	struct tx_slot *next;		/* free ones */
};
struct vnet {
	struct netdev netdev;
	struct virtio_device *dev;
	struct virtq *rx, *tx;
	unsigned hdr_size;
	bool merge;
	bool kick;			/* frames were added to tx since the last notification */
	struct tx_slot *slots, *free;
	uint16_t nr_slots;
	/* A device that sends nothing any more is reset. */
	struct delayed_work watch;
	bool watching;
	uint32_t taken, taken_then;	/* frames that the device was done with: ever, when the watch looked last */
};

static struct vnet *to_vnet(struct netdev *d)
{
	return d->private;
}

/* ---- receive */

static void refill(struct vnet *v)
{
	while (v->rx->nr_free) {
		struct netbuf *b = netbuf_alloc(GFP_ATOMIC | GFP_NOWARN);
		struct virtq_sg sg;

		if (!b)
			break;		/* again at the next poll; what is out still receives */
		sg.addr = dma_map(&v->dev->dma, netbuf_room(b), NETBUF_ROOM, DMA_FROM_DEVICE);
		sg.len = NETBUF_ROOM;
		if (virtq_add(v->rx, &sg, 0, 1, b)) {
			netbuf_free(b);
			break;
		}
	}
	virtq_kick(v->rx);
}

static struct netbuf *take_piece(struct vnet *v)
{
	uint32_t len;
	struct netbuf *b = virtq_take(v->rx, &len);

	if (b) {
		dma_unmap(&v->dev->dma, netbuf_room(b), NETBUF_ROOM, DMA_FROM_DEVICE);
		b->len = len;
	}
	return b;
}

/* The other buffers of a merged frame. False: fewer than promised; the device is broken. */
static bool take_rest(struct vnet *v, struct netbuf *first, unsigned n)
{
	struct netbuf *last = first;

	while (--n) {
		struct netbuf *b = take_piece(v);

		if (!b) {
			virtio_broken(v->rx, "a merged frame is not complete");
			return false;
		}
		first->total += b->len;
		last->next = b;
		last = b;
	}
	return true;
}

/* The device's word on the frame, checked as far as somebody may compute with it. */
static void read_offload(struct vnet *v, struct netbuf *b, const struct vnet_hdr *h)
{
	b->off = (struct net_offload){ 0 };
	if (h->flags & HDR_NEEDS_CSUM && h->csum_start + 2u + h->csum_offset <= b->total) {
		b->off.csum = NET_CSUM_PARTIAL;
		b->off.csum_start = h->csum_start;
		b->off.csum_offset = h->csum_offset;
	} else if (h->flags & HDR_DATA_VALID) {
		b->off.csum = NET_CSUM_OK;
	}
	if ((h->gso_type & ~HDR_GSO_ECN) == HDR_TCP4)
		b->off.gso = NET_GSO_TCP4;
	else if ((h->gso_type & ~HDR_GSO_ECN) == HDR_TCP6)
		b->off.gso = NET_GSO_TCP6;
	b->off.gso_size = h->gso_size;
	b->off.hdr_len = h->hdr_len;
}

static bool receive_one(struct vnet *v)
{
	struct netbuf *b = take_piece(v);
	struct vnet_hdr h;
	unsigned n;

	if (!b)
		return false;
	if (b->len < v->hdr_size + 14u) {
		v->netdev.stats.rx_errors++;
		netbuf_free(b);
		return true;
	}
	memcpy(&h, netbuf_room(b), sizeof(h));
	n = v->merge ? h.num_buffers : 1;
	b->data = (char *)netbuf_room(b) + v->hdr_size;
	b->len -= v->hdr_size;
	b->total = b->len;
	if (!n || (n > 1 && !take_rest(v, b, n))) {
		v->netdev.stats.rx_errors++;
		netbuf_free_frame(b);
		return true;
	}
	read_offload(v, b, &h);
	netdev_receive(&v->netdev, b);
	return true;
}

/* ---- transmit */

static void reclaim(struct vnet *v)
{
	struct tx_slot *s;
	uint32_t len;

	while ((s = virtq_take(v->tx, &len))) {
		s->done(s->token);
		s->next = v->free;
		v->free = s;
		v->taken++;
	}
}

/*
 * Every WATCH_NS while frames are out: one that was out the last time, with no progress since, means that the device, or what is behind
 * it, has stopped. After a reset it starts afresh, without those frames.
 */
static void watch_fn(struct work *w)
{
	struct vnet *v = container_of(w, struct vnet, watch.work);

	net_lock_acquire();
	reclaim(v);
	v->watching = v->tx->nr_free < v->tx->size;
	if (v->watching && v->taken == v->taken_then)
		virtio_broken(v->tx, "frames are not sent");
	v->taken_then = v->taken;
	if (v->watching)
		delayed_work_queue(&v->watch, WATCH_NS);
	net_lock_release();
}

static void fill_header(struct vnet_hdr *h, const struct net_offload *o)
{
	*h = (struct vnet_hdr){ 0 };
	if (o->csum == NET_CSUM_PARTIAL) {
		h->flags = HDR_NEEDS_CSUM;
		h->csum_start = o->csum_start;
		h->csum_offset = o->csum_offset;
	}
	if (o->gso != NET_GSO_NONE) {
		h->gso_type = o->gso == NET_GSO_TCP4 ? HDR_TCP4 : HDR_TCP6;
		h->gso_size = o->gso_size;
		h->hdr_len = o->hdr_len;
	}
}

static void vnet_flush(struct netdev *d)
{
	struct vnet *v = to_vnet(d);

	if (v->kick) {
		v->kick = false;
		virtq_kick(v->tx);
	}
}

/* Half full: hear of it when most is done, so that what waits for room does not wait for ever. */
static void hear_of_room(struct vnet *v)
{
	if (v->tx->nr_free < v->tx->size / 2 && !virtq_start_calls_late(v->tx))
		reclaim(v);
}

static bool vnet_room(struct netdev *d)
{
	struct vnet *v = to_vnet(d);
	unsigned need = v->tx->indirect_max ? 1 : d->max_segs + 1;

	if (likely(v->free && v->tx->nr_free >= need))
		return true;
	reclaim(v);
	if (!v->free || v->tx->nr_free < need) {
		vnet_flush(d);
		hear_of_room(v);
	}
	return v->free && v->tx->nr_free >= need;
}

static int vnet_transmit(struct netdev *d, const struct net_tx *tx)
{
	struct vnet *v = to_vnet(d);
	struct virtq_sg sg[NET_MAX_SEGS + 1];
	struct tx_slot *s;
	int err;

	if (!v->free || v->tx->nr_free < d->max_segs + 1)
		reclaim(v);
	s = v->free;
	if (!s)
		return -ENOBUFS;
	fill_header(&s->hdr, &tx->off);
	s->done = tx->done;
	s->token = tx->token;
	sg[0].addr = dma_map(&v->dev->dma, &s->hdr, v->hdr_size, DMA_TO_DEVICE);
	sg[0].len = v->hdr_size;
	for (unsigned i = 0; i < tx->nr; i++) {
		sg[i + 1].addr = dma_map(&v->dev->dma, (void *)tx->seg[i].p, tx->seg[i].len, DMA_TO_DEVICE);
		sg[i + 1].len = tx->seg[i].len;
	}
	err = virtq_add(v->tx, sg, tx->nr + 1, 0, s);
	if (err)
		return err == -ENOSPC ? -ENOBUFS : err;
	v->free = s->next;
	v->kick = true;
	if (unlikely(!v->watching)) {
		v->watching = true;
		v->taken_then = v->taken - 1;	/* the first look only notes */
		delayed_work_queue(&v->watch, WATCH_NS);
	}
	hear_of_room(v);
	return 0;
}

static void vnet_reclaim(struct netdev *d)
{
	reclaim(to_vnet(d));
}

static unsigned vnet_poll(struct netdev *d, unsigned budget)
{
	struct vnet *v = to_vnet(d);
	unsigned n = 0;

	reclaim(v);
	while (n < budget && receive_one(v))
		n++;
	if (n || v->rx->nr_free)
		refill(v);
	return n;
}

static bool vnet_poll_done(struct netdev *d)
{
	struct vnet *v = to_vnet(d);

	return virtq_start_calls(v->rx);
}

static void vnet_callback(struct virtq *q)
{
	struct vnet *v = q->dev->private;

	virtq_stop_calls(q);
	netdev_schedule(&v->netdev);
}

static const struct netdev_ops vnet_ops = {
	.transmit = vnet_transmit,
	.room = vnet_room,
	.reclaim = vnet_reclaim,
	.flush = vnet_flush,
	.poll = vnet_poll,
	.poll_done = vnet_poll_done,
};

/* ---- life */

static void read_link(struct vnet *v)
{
	uint16_t status = STATUS_LINK_UP;

	if (virtio_has(v->dev, F_STATUS))
		virtio_config_read(v->dev, CONFIG_STATUS, &status, sizeof(status));
	netdev_set_carrier(&v->netdev, status & STATUS_LINK_UP);
}

static void vnet_config_changed(struct virtio_device *dev)
{
	struct vnet *v = dev->private;

	net_lock_acquire();
	read_link(v);
	net_lock_release();
}

/* What was out comes back: received buffers are freed, sent frames are gone. */
static void drain(struct vnet *v)
{
	struct netbuf *b;
	struct tx_slot *s;

	while ((b = virtq_detach(v->rx)))
		netbuf_free(b);
	while ((s = virtq_detach(v->tx))) {
		s->done(s->token);
		s->next = v->free;
		v->free = s;
		v->netdev.stats.tx_errors++;
	}
}

static void vnet_reset(struct virtio_device *dev)
{
	struct vnet *v = dev->private;
	int err;

	net_lock_acquire();
	virtio_stop(dev);
	drain(v);
	err = virtio_restart(dev);
	if (!err) {
		virtio_ready(dev);
		virtq_stop_calls(v->tx);
		refill(v);
		(void)virtq_start_calls(v->rx);
		read_link(v);
	} else {
		netdev_set_carrier(&v->netdev, false);
	}
	net_lock_release();
	if (err)
		pr_err("%s: does not come back: error %d\n", v->netdev.name, -err);
	else
		netdev_schedule(&v->netdev);
}

static void read_config(struct vnet *v)
{
	struct netdev *n = &v->netdev;
	uint16_t mtu;

	if (virtio_has(v->dev, F_MAC)) {
		for (unsigned i = 0; i < 6; i++)
			virtio_config_read(v->dev, CONFIG_MAC + i, &n->mac[i], 1);
	} else {
		random_bytes(n->mac, 6);
		n->mac[0] = (uint8_t)((n->mac[0] & ~1u) | 2);	/* one station's, locally given */
	}
	n->max_mtu = v->merge ? 65535 : (uint32_t)(NETBUF_ROOM - v->hdr_size - 14);
	n->mtu = 1500;
	if (virtio_has(v->dev, F_MTU)) {
		virtio_config_read(v->dev, CONFIG_MTU, &mtu, sizeof(mtu));
		if (mtu >= 68)
			n->mtu = n->max_mtu = MIN((uint32_t)mtu, n->max_mtu);
	}
	n->max_segs = v->tx->size - 1u;		/* with the header; a chain is never longer than the ring */
	if (virtio_has(v->dev, F_CSUM)) {
		n->features |= NETDEV_TX_CSUM;
		n->features |= virtio_has(v->dev, F_HOST_TSO4) ? NETDEV_TX_TSO4 : 0;
		n->features |= virtio_has(v->dev, F_HOST_TSO6) ? NETDEV_TX_TSO6 : 0;
	}
	if (virtio_has(v->dev, F_GUEST_CSUM))
		n->features |= NETDEV_RX_CSUM;
}

static int make_slots(struct vnet *v)
{
	v->nr_slots = v->tx->size;
	v->slots = kzalloc(v->nr_slots * sizeof(*v->slots), GFP_KERNEL);	/* the device reads the headers */
	if (!v->slots)
		return -ENOMEM;
	for (unsigned i = 0; i < v->nr_slots; i++) {
		v->slots[i].next = v->free;
		v->free = &v->slots[i];
	}
	return 0;
}

static const struct virtio_queue_info queues[] = {
	{ .name = "input", .callback = vnet_callback },
	{ .name = "output", .callback = vnet_callback, .indirect_max = NET_MAX_SEGS + 1 },
};

static int vnet_probe(struct virtio_device *dev)
{
	struct vnet *v = kzalloc(sizeof(*v), GFP_KERNEL);
	int err;

	if (!v)
		return -ENOMEM;
	v->dev = dev;
	dev->private = v;
	v->merge = virtio_has(dev, F_MRG_RXBUF);
	v->hdr_size = v->merge || dev->modern ? 12 : 10;
	err = virtio_queues_create(dev, queues, 2);
	if (err)
		goto out_free;
	v->rx = &dev->queues[0];
	v->tx = &dev->queues[1];
	err = make_slots(v);
	if (err)
		goto out_queues;
	read_config(v);
	delayed_work_init(&v->watch, watch_fn);
	v->netdev.ops = &vnet_ops;
	v->netdev.type = ARPHRD_ETHER;
	v->netdev.flags = IFF_BROADCAST | IFF_MULTICAST;
	v->netdev.tx_queue_len = 1000;
	v->netdev.private = v;
	virtq_stop_calls(v->tx);
	err = netdev_register(&v->netdev, "eth%u");
	if (err)
		goto out_slots;
	virtio_ready(dev);
	net_lock_acquire();
	refill(v);
	read_link(v);
	(void)virtq_start_calls(v->rx);
	net_lock_release();
	netdev_schedule(&v->netdev);
	pr_info("%s: %s, %02x:%02x:%02x:%02x:%02x:%02x\n", v->netdev.name, dev->where, v->netdev.mac[0], v->netdev.mac[1],
		v->netdev.mac[2], v->netdev.mac[3], v->netdev.mac[4], v->netdev.mac[5]);
	return 0;
out_slots:
	kfree(v->slots);
out_queues:
	virtio_queues_destroy(dev);
out_free:
	kfree(v);
	return err;
}

/* Frames put together by the device need several buffers; segments and checksums need the checksum's own offer (5.1.3.1). */
static uint64_t vnet_adjust(uint64_t f)
{
	if (!(f & BIT64(F_MRG_RXBUF)) || !(f & BIT64(F_GUEST_CSUM)))
		f &= ~(BIT64(F_GUEST_TSO4) | BIT64(F_GUEST_TSO6));
	if (!(f & BIT64(F_CSUM)))
		f &= ~(BIT64(F_HOST_TSO4) | BIT64(F_HOST_TSO6));
	return f;
}
VIRTIO_DRIVER(virtio_net, .id = VIRTIO_ID_NET,
	      .features = BIT64(F_CSUM) | BIT64(F_GUEST_CSUM) | BIT64(F_MTU) | BIT64(F_MAC) | BIT64(F_GUEST_TSO4) |
			  BIT64(F_GUEST_TSO6) | BIT64(F_HOST_TSO4) | BIT64(F_HOST_TSO6) | BIT64(F_MRG_RXBUF) | BIT64(F_STATUS),
	      .adjust = vnet_adjust, .probe = vnet_probe, .config_changed = vnet_config_changed, .reset = vnet_reset);
