/* SPDX-License-Identifier: MIT */
/*
 * Frames of a virtio network device: receive buffers, transmit slots, offloads, and which of several queues a frame leaves by.
 *
 * Receive buffers are whole netbufs (pages); a frame larger than one comes in several where the device merges.
 * Sent frames keep a slot with their header until the device is done; those are taken back when more is sent or received, and an
 * interrupt is asked for only when the ring fills up.
 * A frame leaves by the queue of the CPU that sends it. Frames of a flow do not overtake each other: while some are out on another
 * queue, those that follow take that one.
 *
 * Invariants: every receive descriptor out has a netbuf for token; every transmit descriptor out a slot.
 * Locks: net_lock.
 * Reference: VIRTIO 1.2, 5.1.6.
 */
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "virtio_net.h"

#define HDR_NEEDS_CSUM	1u
#define HDR_DATA_VALID	2u
#define HDR_TCP4	1u
#define HDR_TCP6	4u
#define HDR_GSO_ECN	0x80u

/* ---- receive */

void vnet_refill(struct vnet *v, struct vnet_pair *p)
{
	while (p->rx->nr_free) {
		struct netbuf *b = netbuf_alloc(GFP_ATOMIC | GFP_NOWARN);
		struct virtq_sg sg;

		if (!b)
			break;		/* again at the next poll; what is out still receives */
		sg.addr = dma_map(&v->dev->dma, netbuf_room(b), NETBUF_ROOM, DMA_FROM_DEVICE);
		sg.len = NETBUF_ROOM;
		if (virtq_add(p->rx, &sg, 0, 1, b)) {
			netbuf_free(b);
			break;
		}
	}
	virtq_kick(p->rx);
}

static struct netbuf *take_piece(struct vnet *v, struct virtq *rx)
{
	uint32_t len;
	struct netbuf *b = virtq_take(rx, &len);

	if (b) {
		dma_unmap(&v->dev->dma, netbuf_room(b), NETBUF_ROOM, DMA_FROM_DEVICE);
		b->len = len;
	}
	return b;
}

/* The other buffers of a merged frame. False: fewer than promised; the device is broken. */
static bool take_rest(struct vnet *v, struct virtq *rx, struct netbuf *first, unsigned n)
{
	struct netbuf *last = first;

	while (--n) {
		struct netbuf *b = take_piece(v, rx);

		if (!b) {
			virtio_broken(rx, "a merged frame is not complete");
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

static bool receive_one(struct vnet *v, struct virtq *rx)
{
	struct netbuf *b = take_piece(v, rx);
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
	if (!n || (n > 1 && !take_rest(v, rx, b, n))) {
		v->netdev.stats.rx_errors++;
		netbuf_free_frame(b);
		return true;
	}
	read_offload(v, b, &h);
	netdev_receive(&v->netdev, b);
	return true;
}

/* ---- transmit */

void vnet_reclaim_pair(struct vnet *v, struct vnet_pair *p)
{
	struct vnet_slot *s;
	uint32_t len;

	while ((s = virtq_take(p->tx, &len))) {
		s->done(s->token);
		s->next = p->free;
		p->free = s;
		p->taken++;
	}
}

void vnet_watch(struct vnet *v)
{
	if (likely(v->watching))
		return;
	v->watching = true;
	for (unsigned i = 0; i < v->nr_pairs; i++)
		v->pairs[i].taken_then = v->pairs[i].taken - 1;	/* the first look only notes */
	delayed_work_queue(&v->watch, VNET_WATCH_NS);
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

void vnet_flush(struct netdev *d)
{
	struct vnet *v = to_vnet(d);

	if (!v->kick)
		return;
	v->kick = false;
	for (unsigned i = 0; i < v->active; i++) {
		struct vnet_pair *p = &v->pairs[i];

		if (p->kick) {
			p->kick = false;
			virtq_kick(p->tx);
		}
	}
}

/* Descriptors that any frame finds enough. */
static unsigned need(const struct vnet *v, const struct vnet_pair *p)
{
	return p->tx->indirect_max ? 1 : v->netdev.max_segs + 1;
}

/* Half full, or no room: hear of it when most is done, so that what waits for room does not wait for ever. */
static void hear_of_room(struct vnet *v, struct vnet_pair *p)
{
	if (p->tx->nr_free < MAX(p->tx->size / 2u, need(v, p)) && !virtq_start_calls_late(p->tx))
		vnet_reclaim_pair(v, p);
}

static bool pair_room(struct vnet *v, struct vnet_pair *p)
{
	if (likely(p->free && p->tx->nr_free >= need(v, p)))
		return true;
	vnet_reclaim_pair(v, p);
	if (!p->free || p->tx->nr_free < need(v, p)) {
		vnet_flush(&v->netdev);
		hear_of_room(v, p);
	}
	return p->free && p->tx->nr_free >= need(v, p);
}

/* In each pair, as it is not known yet by which one the frame will leave. */
bool vnet_room(struct netdev *d)
{
	struct vnet *v = to_vnet(d);

	for (unsigned i = 0; i < v->active; i++)
		if (!pair_room(v, &v->pairs[i]))
			return false;
	return true;
}

/* Of addresses and ports; frames without any are a flow of their own. */
static unsigned flow_hash(const struct net_tx *tx)
{
	const uint8_t *b = tx->seg[0].p;
	uint32_t w[3] = { 0 };

	if (tx->seg[0].len >= 38 && b[12] == 0x08 && !b[13])
		memcpy(w, b + 26, sizeof(w));
	else if (tx->seg[0].len >= 58 && b[12] == 0x86 && b[13] == 0xdd)
		memcpy(w, b + 46, sizeof(w));
	return ((w[0] ^ w[1] ^ w[2]) * 0x9e3779b1u) >> 26;
}
_Static_assert(VNET_FLOWS == 1u << 6, "flow_hash()");

static struct vnet_pair *choose_pair(struct vnet *v, const struct net_tx *tx, struct vnet_flow **flow)
{
	struct vnet_flow *f = &v->flows[flow_hash(tx)];
	struct vnet_pair *p = &v->pairs[f->pair];

	*flow = f;
	if (virtq_pending(p->tx))
		vnet_reclaim_pair(v, p);
	/* Nothing of it is out there any more: it may move. */
	if (f->pair >= v->active || (uint16_t)(f->mark - p->tx->used_idx - 1) >= p->tx->size)
		f->pair = (uint16_t)(smp_processor_id() % v->active);
	return &v->pairs[f->pair];
}

int vnet_transmit(struct netdev *d, const struct net_tx *tx)
{
	struct vnet *v = to_vnet(d);
	static struct virtq_sg sg[NET_MAX_SEGS + 1];	/* under net_lock, and too much for a stack */
	struct vnet_pair *p = v->pairs;
	struct vnet_flow *flow = NULL;
	struct vnet_slot *s;
	int err;

	if (v->active > 1)
		p = choose_pair(v, tx, &flow);
	if (!p->free || p->tx->nr_free < d->max_segs + 1)
		vnet_reclaim_pair(v, p);
	s = p->free;
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
	err = virtq_add(p->tx, sg, tx->nr + 1, 0, s);
	if (err)
		return err == -ENOSPC ? -ENOBUFS : err;
	p->free = s->next;
	v->kick = p->kick = true;
	if (flow)
		flow->mark = p->tx->avail_idx;
	vnet_watch(v);
	hear_of_room(v, p);
	return 0;
}

void vnet_reclaim(struct netdev *d)
{
	struct vnet *v = to_vnet(d);

	for (unsigned i = 0; i < v->active; i++)
		vnet_reclaim_pair(v, &v->pairs[i]);
}

/* ---- both */

unsigned vnet_poll(struct netdev *d, unsigned queue, unsigned budget)
{
	struct vnet *v = to_vnet(d);
	struct vnet_pair *p = &v->pairs[queue];
	unsigned n = 0;

	vnet_reclaim_pair(v, p);
	while (n < budget && receive_one(v, p->rx))
		n++;
	if (n || p->rx->nr_free)
		vnet_refill(v, p);
	if (unlikely(!queue && v->ctrl.asked))
		vnet_ctrl_poll(v);
	return n;
}

bool vnet_poll_done(struct netdev *d, unsigned queue)
{
	return virtq_start_calls(to_vnet(d)->pairs[queue].rx);
}

void vnet_drain(struct vnet *v)
{
	struct netbuf *b;
	struct vnet_slot *s;

	for (unsigned i = 0; i < v->nr_pairs; i++) {
		struct vnet_pair *p = &v->pairs[i];

		while ((b = virtq_detach(p->rx)))
			netbuf_free(b);
		while ((s = virtq_detach(p->tx))) {
			s->done(s->token);
			s->next = p->free;
			p->free = s;
			v->netdev.stats.tx_errors++;
		}
	}
	memset(v->flows, 0, sizeof(v->flows));
}
