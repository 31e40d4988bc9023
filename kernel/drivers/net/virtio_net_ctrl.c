/* SPDX-License-Identifier: MIT */
/*
 * The control queue of a virtio network device: how many pairs of queues there are, which frames it takes in, its address.
 *
 * Nobody waits for an answer. What is to be asked is a set of bits; one question is under way at a time, made from the state as it is at
 * that moment, and its answer, which comes with an interrupt, sends off the next one. A device that has not answered after five to ten
 * seconds is reset, and then asked everything again.
 *
 * Invariants: ->asked is one bit while a buffer is out, else 0.
 * Locks: net_lock.
 * Reference: VIRTIO 1.2, 5.1.6.5.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "virtio_net.h"

#define CLASS_RX	0
#define RX_PROMISC	0
#define RX_ALLMULTI	1
#define CLASS_MAC	1
#define MAC_TABLE_SET	0
#define MAC_ADDR_SET	1
#define CLASS_ANNOUNCE	3
#define ANNOUNCE_ACK	0
#define CLASS_MQ	4
#define MQ_PAIRS_SET	0
#define TABLE_MAX	64u		/* addresses of each kind; more, and the device shall take all of that kind */

struct vnet_ctrl_buf {
	uint8_t ack;			/* 0: done */
	uint8_t pad[127];		/* what the device writes has its own cache lines */
	uint8_t class, command;
	uint8_t data[2 * (4 + TABLE_MAX * 6)] __attribute__((aligned(8)));
};

int vnet_ctrl_init(struct vnet *v)
{
	v->ctrl.buf = kzalloc(sizeof(*v->ctrl.buf), GFP_KERNEL);
	return v->ctrl.buf ? 0 : -ENOMEM;
}

static unsigned count_filters(const struct netdev *d, bool groups)
{
	const struct netdev_filter *f;
	unsigned n = 0;

	list_for_each_entry(f, &d->filter, link)
		n += groups == (f->mac[0] & 1);
	return n;
}

static uint8_t wants_promisc(const struct netdev *d)
{
	return d->flags & IFF_PROMISC || d->promiscuity > 0 || count_filters(d, false) >= TABLE_MAX;
}

static uint8_t wants_allmulti(const struct netdev *d)
{
	return d->flags & IFF_ALLMULTI || d->allmulti > 0 || count_filters(d, true) > TABLE_MAX;
}

/* A count and so many addresses. The end of it. */
static uint8_t *put_table(struct vnet *v, uint8_t *at, bool groups)
{
	const struct netdev_filter *f;
	uint8_t *mac = at + 4;
	uint32_t n = 0;

	/* Our own, if the device cannot be told that it has changed. */
	if (!groups && !virtio_has(v->dev, VNET_F_CTRL_MAC_ADDR)) {
		memcpy(mac, v->netdev.mac, 6);
		n++;
	}
	list_for_each_entry(f, &v->netdev.filter, link)
		if (groups == (f->mac[0] & 1) && n < TABLE_MAX)
			memcpy(mac + 6 * n++, f->mac, 6);
	memcpy(at, &n, 4);
	return mac + 6 * n;
}

/* The question in the buffer; how much data it has, or -1: not to be asked of this device. */
static int build(struct vnet *v, unsigned what)
{
	struct vnet_ctrl_buf *b = v->ctrl.buf;
	uint16_t pairs = (uint16_t)v->netdev.nr_queues;

	switch (what) {
	case VNET_ASK_PAIRS:
		b->class = CLASS_MQ;
		b->command = MQ_PAIRS_SET;
		memcpy(b->data, &pairs, sizeof(pairs));
		return pairs > 1 ? (int)sizeof(pairs) : -1;
	case VNET_ASK_MAC:
		b->class = CLASS_MAC;
		b->command = MAC_ADDR_SET;
		memcpy(b->data, v->netdev.mac, 6);
		return virtio_has(v->dev, VNET_F_CTRL_MAC_ADDR) ? 6 : -1;
	case VNET_ASK_PROMISC:
	case VNET_ASK_ALLMULTI:
		b->class = CLASS_RX;
		b->command = what == VNET_ASK_PROMISC ? RX_PROMISC : RX_ALLMULTI;
		b->data[0] = what == VNET_ASK_PROMISC ? wants_promisc(&v->netdev) : wants_allmulti(&v->netdev);
		return virtio_has(v->dev, VNET_F_CTRL_RX) ? 1 : -1;
	case VNET_ASK_TABLE:
		b->class = CLASS_MAC;
		b->command = MAC_TABLE_SET;
		return virtio_has(v->dev, VNET_F_CTRL_RX) ? (int)(put_table(v, put_table(v, b->data, false), true) - b->data) : -1;
	default:
		b->class = CLASS_ANNOUNCE;
		b->command = ANNOUNCE_ACK;
		return 0;
	}
}

static bool send(struct vnet *v, uint32_t n)
{
	struct vnet_ctrl_buf *b = v->ctrl.buf;
	struct dma_dev *dma = &v->dev->dma;
	struct virtq_sg sg[3];
	unsigned out = 1;

	b->ack = 0xff;
	sg[0] = (struct virtq_sg){ dma_map(dma, &b->class, 2, DMA_TO_DEVICE), 2 };
	if (n)
		sg[out++] = (struct virtq_sg){ dma_map(dma, b->data, n, DMA_TO_DEVICE), n };
	sg[out] = (struct virtq_sg){ dma_map(dma, &b->ack, sizeof(b->ack), DMA_FROM_DEVICE), sizeof(b->ack) };
	if (virtq_add(v->ctrl.q, sg, out, 1, b))
		return false;		/* broken: the reset comes, and asks again */
	virtq_kick(v->ctrl.q);
	return true;
}

/* What was asked is answered. */
static void answered(struct vnet *v)
{
	static const char *const words[] = { "number of queues", "address", "promiscuous mode", "multicast mode", "address filter",
					     "announcement" };
	struct vnet_ctrl *c = &v->ctrl;

	dma_unmap(&v->dev->dma, &c->buf->ack, sizeof(c->buf->ack), DMA_FROM_DEVICE);
	c->refused = READ_ONCE(c->buf->ack);
	if (c->refused)
		pr_warn("%s: refuses %s\n", v->netdev.name, words[__builtin_ctz(c->asked)]);
	else if (c->asked == VNET_ASK_PAIRS)
		v->active = v->netdev.nr_queues;
	c->asked = 0;
}

/* False: the answer is still to come, and there will be an interrupt. */
static bool take_answer(struct vnet *v)
{
	uint32_t len;

	for (;;) {
		if (virtq_take(v->ctrl.q, &len)) {
			answered(v);
			return true;
		}
		if (v->ctrl.q->broken || virtq_start_calls(v->ctrl.q))
			return false;
	}
}

static void go_on(struct vnet *v)
{
	struct vnet_ctrl *c = &v->ctrl;

	while (c->started && !c->asked && c->wanted) {
		unsigned what = c->wanted & -c->wanted;
		int n = build(v, what);

		c->wanted &= ~what;
		if (n < 0)
			continue;
		if (!send(v, (uint32_t)n))
			return;
		c->asked = what;
		c->since = clock_monotonic();
		if (!take_answer(v)) {
			vnet_watch(v);
			return;
		}
	}
}

void vnet_ctrl_ask(struct vnet *v, unsigned what)
{
	if (!v->ctrl.q)
		return;
	v->ctrl.wanted |= what;
	go_on(v);
}

void vnet_ctrl_poll(struct vnet *v)
{
	if (v->ctrl.asked && take_answer(v))
		go_on(v);
}

bool vnet_ctrl_late(struct vnet *v)
{
	return v->ctrl.asked && clock_monotonic() - v->ctrl.since >= VNET_WATCH_NS;
}

void vnet_ctrl_start(struct vnet *v)
{
	v->ctrl.started = true;
	vnet_ctrl_ask(v, VNET_ASK_PAIRS | VNET_ASK_MAC | VNET_ASK_PROMISC | VNET_ASK_ALLMULTI | VNET_ASK_TABLE);
}

void vnet_ctrl_stop(struct vnet *v)
{
	v->ctrl.started = false;
	v->ctrl.asked = 0;
	v->active = 1;
	if (v->ctrl.q)
		while (virtq_detach(v->ctrl.q))
			;
}

void vnet_rx_mode(struct netdev *d)
{
	vnet_ctrl_ask(to_vnet(d), VNET_ASK_PROMISC | VNET_ASK_ALLMULTI | VNET_ASK_TABLE);
}

/* An answer that comes at once is the call's; one that comes later can only be logged. */
int vnet_set_mac(struct netdev *d, const uint8_t *mac)
{
	struct vnet *v = to_vnet(d);
	uint8_t old[6];

	if (v->ctrl.q && virtio_has(v->dev, VNET_F_CTRL_MAC_ADDR)) {
		memcpy(old, d->mac, 6);
		memcpy(d->mac, mac, 6);
		v->ctrl.refused = false;
		vnet_ctrl_ask(v, VNET_ASK_MAC);
		if (!v->ctrl.refused)
			return 0;
		memcpy(d->mac, old, 6);
		return -EINVAL;
	}
	if (!v->dev->modern && virtio_has(v->dev, VNET_F_MAC)) {
		for (unsigned i = 0; i < 6; i++)
			virtio_config_write(v->dev, VNET_CONFIG_MAC + i, &mac[i], 1);
		return 0;
	}
	/* It goes on as it is; the filter lets the new one in, if there is one. */
	memcpy(d->mac, mac, 6);
	vnet_ctrl_ask(v, VNET_ASK_TABLE);
	return 0;
}
