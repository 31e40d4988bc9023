/* SPDX-License-Identifier: MIT */
/*
 * The virtio network device: as many queue pairs as there are CPUs and the device has, mergeable receive buffers, checksum and
 * segmentation offload both ways, a control queue. Here: its life. Reference: VIRTIO 1.2, 5.1.
 *
 * Without merging, a frame and the device's header have to fit one buffer, and offloads that make larger frames are not asked for.
 * The i-th pair's interrupts go to CPU i, where its thread is (netdev.c). All run under one lock, so what several pairs bring is that
 * interrupts and their threads are where the sockets are.
 *
 * A device that takes no frame, or answers no question, for five to ten seconds, though some are out, is reset (watch_fn()).
 *
 * Locks: net_lock around everything but the queues' callbacks, which only schedule.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/work.h>
#include "virtio_net.h"

/*
 * Every VNET_WATCH_NS while something is out: a frame that was out the last time, with no progress since, means that the device, or
 * what is behind it, has stopped. After a reset it starts afresh, without those frames.
 */
static void watch_fn(struct work *w)
{
	struct vnet *v = container_of(w, struct vnet, watch.work);

	net_lock_acquire();
	v->watching = v->ctrl.asked;
	for (unsigned i = 0; i < v->nr_pairs; i++) {
		struct vnet_pair *p = &v->pairs[i];

		vnet_reclaim_pair(v, p);
		if (p->tx->nr_free == p->tx->size) {
			p->taken_then = p->taken - 1;
			continue;
		}
		v->watching = true;
		if (p->taken == p->taken_then)
			virtio_broken(p->tx, "frames are not sent");
		p->taken_then = p->taken;
	}
	if (vnet_ctrl_late(v))
		virtio_broken(v->ctrl.q, "no answer");
	if (v->watching)
		delayed_work_queue(&v->watch, VNET_WATCH_NS);
	net_lock_release();
}

static void pair_callback(struct virtq *q)
{
	struct vnet *v = q->dev->private;

	virtq_stop_calls(q);
	netdev_schedule(&v->netdev, (unsigned)(q - q->dev->queues) / 2);
}

static void ctrl_callback(struct virtq *q)
{
	struct vnet *v = q->dev->private;

	virtq_stop_calls(q);
	netdev_schedule(&v->netdev, 0);
}

static const struct netdev_ops vnet_ops = {
	.transmit = vnet_transmit,
	.room = vnet_room,
	.reclaim = vnet_reclaim,
	.flush = vnet_flush,
	.poll = vnet_poll,
	.poll_done = vnet_poll_done,
	.set_mac = vnet_set_mac,
	.rx_mode = vnet_rx_mode,
};

static void read_status(struct vnet *v)
{
	uint16_t status = VNET_STATUS_LINK_UP;

	if (virtio_has(v->dev, VNET_F_STATUS))
		virtio_config_read(v->dev, VNET_CONFIG_STATUS, &status, sizeof(status));
	netdev_set_carrier(&v->netdev, status & VNET_STATUS_LINK_UP);
	if (virtio_has(v->dev, VNET_F_GUEST_ANNOUNCE) && status & VNET_STATUS_ANNOUNCE) {
		netdev_announce(&v->netdev);
		vnet_ctrl_ask(v, VNET_ASK_ANNOUNCED);
	}
}

static void vnet_config_changed(struct virtio_device *dev)
{
	struct vnet *v = dev->private;

	net_lock_acquire();
	read_status(v);
	net_lock_release();
}

/* The device is ready: buffers to receive into, what it shall do, and how it is. */
static void begin(struct vnet *v)
{
	for (unsigned i = 0; i < v->nr_pairs; i++)
		virtq_stop_calls(v->pairs[i].tx);
	for (unsigned i = 0; i < v->netdev.nr_queues; i++) {
		vnet_refill(v, &v->pairs[i]);
		(void)virtq_start_calls(v->pairs[i].rx);
	}
	vnet_ctrl_start(v);
	read_status(v);
}

static void schedule_all(struct vnet *v)
{
	for (unsigned i = 0; i < v->netdev.nr_queues; i++)
		netdev_schedule(&v->netdev, i);
}

static void vnet_reset(struct virtio_device *dev)
{
	struct vnet *v = dev->private;
	int err;

	net_lock_acquire();
	virtio_stop(dev);
	vnet_ctrl_stop(v);
	vnet_drain(v);
	err = virtio_restart(dev);
	if (!err) {
		virtio_ready(dev);
		begin(v);
	} else {
		netdev_set_carrier(&v->netdev, false);
	}
	net_lock_release();
	if (err)
		pr_err("%s: does not come back: error %d\n", v->netdev.name, -err);
	else
		schedule_all(v);
}

static void read_config(struct vnet *v)
{
	struct netdev *n = &v->netdev;
	uint16_t mtu;

	if (virtio_has(v->dev, VNET_F_MAC)) {
		for (unsigned i = 0; i < 6; i++)
			virtio_config_read(v->dev, VNET_CONFIG_MAC + i, &n->mac[i], 1);
	} else {
		random_bytes(n->mac, 6);
		n->mac[0] = (uint8_t)((n->mac[0] & ~1u) | 2);	/* one station's, locally given */
	}
	n->max_mtu = v->merge ? 65535 : (uint32_t)(NETBUF_ROOM - v->hdr_size - 14);
	n->mtu = 1500;
	if (virtio_has(v->dev, VNET_F_MTU)) {
		virtio_config_read(v->dev, VNET_CONFIG_MTU, &mtu, sizeof(mtu));
		if (mtu >= 68)
			n->mtu = n->max_mtu = MIN((uint32_t)mtu, n->max_mtu);
	}
	n->max_segs = v->pairs[0].tx->size - 1u;		/* with the header; a chain is never longer than the ring */
	if (virtio_has(v->dev, VNET_F_CSUM)) {
		n->features |= NETDEV_TX_CSUM;
		n->features |= virtio_has(v->dev, VNET_F_HOST_TSO4) ? NETDEV_TX_TSO4 : 0;
		n->features |= virtio_has(v->dev, VNET_F_HOST_TSO6) ? NETDEV_TX_TSO6 : 0;
	}
	if (virtio_has(v->dev, VNET_F_GUEST_CSUM))
		n->features |= NETDEV_RX_CSUM;
}

static int make_slots(struct vnet_pair *p)
{
	p->slots = kzalloc(p->tx->size * sizeof(*p->slots), GFP_KERNEL);	/* the device reads the headers */
	if (!p->slots)
		return -ENOMEM;
	for (unsigned i = 0; i < p->tx->size; i++) {
		p->slots[i].next = p->free;
		p->free = &p->slots[i];
	}
	return 0;
}

/* A pair for each CPU that runs, as far as the device has so many. */
static unsigned count_pairs(struct vnet *v, uint16_t *max)
{
	unsigned n = 0;

	*max = 1;
	if (virtio_has(v->dev, VNET_F_MQ))
		virtio_config_read(v->dev, VNET_CONFIG_PAIRS, max, sizeof(*max));
	if (!*max || *max > 0x8000)
		*max = 1;
	while (n < *max && n < CONFIG_NR_CPUS && cpumask_test(&cpu_online_mask, n))
		n++;
	return n;
}

/* d->queues: receive and transmit of each pair, then the control queue, whose number depends on how many pairs the device has. */
static int make_queues(struct vnet *v)
{
	bool ctrl = virtio_has(v->dev, VNET_F_CTRL_VQ);
	struct virtio_queue_info *info;
	uint16_t max;
	unsigned n;
	int err;

	v->nr_pairs = count_pairs(v, &max);
	v->active = 1;
	n = 2 * v->nr_pairs;
	v->pairs = kzalloc(v->nr_pairs * sizeof(*v->pairs), GFP_KERNEL);
	info = kzalloc((n + 1) * sizeof(*info), GFP_KERNEL);
	err = -ENOMEM;
	if (!v->pairs || !info)
		goto out_free;
	for (unsigned i = 0; i < v->nr_pairs; i++) {
		struct vnet_pair *p = &v->pairs[i];

		snprintf(p->rx_name, sizeof(p->rx_name), "input.%u", i);
		snprintf(p->tx_name, sizeof(p->tx_name), "output.%u", i);
		info[2 * i] = (struct virtio_queue_info){ .name = p->rx_name, .callback = pair_callback, .index = (uint16_t)(2 * i) };
		info[2 * i + 1] = (struct virtio_queue_info){ .name = p->tx_name, .callback = pair_callback,
							      .index = (uint16_t)(2 * i + 1), .indirect_max = NET_MAX_SEGS + 1 };
	}
	info[n] = (struct virtio_queue_info){ .name = "control", .callback = ctrl_callback, .index = (uint16_t)(2u * max), .max_size = 8 };
	err = virtio_queues_create(v->dev, info, n + ctrl);
	if (err)
		goto out_free;
	kfree(info);
	for (unsigned i = 0; i < v->nr_pairs; i++) {
		v->pairs[i].rx = &v->dev->queues[2 * i];
		v->pairs[i].tx = &v->dev->queues[2 * i + 1];
	}
	v->ctrl.q = ctrl ? &v->dev->queues[n] : NULL;
	return 0;
out_free:
	kfree(info);
	kfree(v->pairs);
	return err;
}

static int make_rest(struct vnet *v)
{
	int err = v->ctrl.q ? vnet_ctrl_init(v) : 0;

	for (unsigned i = 0; i < v->nr_pairs && !err; i++)
		err = make_slots(&v->pairs[i]);
	return err;
}

/* Where a pair's interrupts cannot go to its CPU they come to the first one, and wake its thread from there. */
static void spread(struct vnet *v)
{
	for (unsigned i = 1; i < v->netdev.nr_queues; i++) {
		(void)virtq_set_cpu(v->pairs[i].rx, i);
		(void)virtq_set_cpu(v->pairs[i].tx, i);
	}
}

static void free_all(struct vnet *v)
{
	for (unsigned i = 0; i < v->nr_pairs; i++)
		kfree(v->pairs[i].slots);
	kfree(v->pairs);
	kfree(v->ctrl.buf);
	kfree(v);
}

static int vnet_probe(struct virtio_device *dev)
{
	struct vnet *v = kzalloc(sizeof(*v), GFP_KERNEL);
	struct netdev *n;
	int err;

	if (!v)
		return -ENOMEM;
	n = &v->netdev;
	v->dev = dev;
	dev->private = v;
	v->merge = virtio_has(dev, VNET_F_MRG_RXBUF);
	v->hdr_size = v->merge || dev->modern ? 12 : 10;
	err = make_queues(v);
	if (err) {
		kfree(v);
		return err;
	}
	err = make_rest(v);
	if (err)
		goto out_destroy;
	read_config(v);
	delayed_work_init(&v->watch, watch_fn);
	n->ops = &vnet_ops;
	n->type = ARPHRD_ETHER;
	n->flags = IFF_BROADCAST | IFF_MULTICAST;
	n->tx_queue_len = 1000;
	n->private = v;
	n->nr_queues = v->nr_pairs;
	err = netdev_register(n, "eth%u");
	if (err)
		goto out_destroy;
	spread(v);
	virtio_ready(dev);
	net_lock_acquire();
	begin(v);
	net_lock_release();
	schedule_all(v);
	pr_info("%s: %s, %02x:%02x:%02x:%02x:%02x:%02x, queues: %u\n", n->name, dev->where, n->mac[0], n->mac[1], n->mac[2], n->mac[3],
		n->mac[4], n->mac[5], n->nr_queues);
	return 0;
out_destroy:
	virtio_queues_destroy(dev);
	free_all(v);
	return err;
}

/*
 * Frames put together by the device need several buffers; segments and checksums need the checksum's own offer; questions need the queue
 * for them (5.1.3.1).
 */
static uint64_t vnet_adjust(uint64_t f)
{
	if (!(f & BIT64(VNET_F_MRG_RXBUF)) || !(f & BIT64(VNET_F_GUEST_CSUM)))
		f &= ~(BIT64(VNET_F_GUEST_TSO4) | BIT64(VNET_F_GUEST_TSO6));
	if (!(f & BIT64(VNET_F_CSUM)))
		f &= ~(BIT64(VNET_F_HOST_TSO4) | BIT64(VNET_F_HOST_TSO6));
	if (!(f & BIT64(VNET_F_CTRL_VQ)))
		f &= ~(BIT64(VNET_F_CTRL_RX) | BIT64(VNET_F_GUEST_ANNOUNCE) | BIT64(VNET_F_MQ) | BIT64(VNET_F_CTRL_MAC_ADDR));
	return f;
}
VIRTIO_DRIVER(virtio_net, .id = VIRTIO_ID_NET,
	      .features = BIT64(VNET_F_CSUM) | BIT64(VNET_F_GUEST_CSUM) | BIT64(VNET_F_MTU) | BIT64(VNET_F_MAC) |
			  BIT64(VNET_F_GUEST_TSO4) | BIT64(VNET_F_GUEST_TSO6) | BIT64(VNET_F_HOST_TSO4) | BIT64(VNET_F_HOST_TSO6) |
			  BIT64(VNET_F_MRG_RXBUF) | BIT64(VNET_F_STATUS) | BIT64(VNET_F_CTRL_VQ) | BIT64(VNET_F_CTRL_RX) |
			  BIT64(VNET_F_GUEST_ANNOUNCE) | BIT64(VNET_F_MQ) | BIT64(VNET_F_CTRL_MAC_ADDR),
	      .adjust = vnet_adjust, .probe = vnet_probe, .config_changed = vnet_config_changed, .reset = vnet_reset);
