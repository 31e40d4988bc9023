/* SPDX-License-Identifier: MIT */
/*
 * The virtio network driver before a device that lies: a transport of memory only, whose device is this test. After each lie the driver
 * resets the device, and frames go both ways again.
 *
 * The interface stays, down and unused, when the tests are over: devices of this kind are never removed.
 */
#include <kernel/errno.h>
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../../kernel/drivers/net/virtio_net.h"

#define SIZE 64u
#define PAIRS 2u

static struct mock {
	struct virtio_device dev;
	uint8_t status;
	uint64_t features;
	unsigned resets, kicks;
	uint16_t seen[2 * PAIRS + 1];	/* of each queue's available ring */
	bool silent;			/* answers no questions */
	uint8_t asked[16];		/* classes of what was asked, since the last reset */
	unsigned nr_asked;
} *mock;

static struct vnet *vnet(void)
{
	return mock->dev.private;
}

/* ---- the device's side */

static struct mock *to_mock(struct virtio_device *d)
{
	return container_of(d, struct mock, dev);
}

static uint8_t mock_get_status(struct virtio_device *d) { return to_mock(d)->status; }

static void mock_set_status(struct virtio_device *d, uint8_t status)
{
	struct mock *m = to_mock(d);

	if (!status && m->status) {
		m->resets++;
		m->nr_asked = 0;
		memset(m->seen, 0, sizeof(m->seen));
	}
	m->status = status;
}

static uint64_t mock_get_features(struct virtio_device *d)
{
	return BIT64(VIRTIO_F_VERSION_1) | BIT64(VNET_F_MAC) | BIT64(VNET_F_MRG_RXBUF) | BIT64(VNET_F_STATUS) |
	       BIT64(VNET_F_CTRL_VQ) | BIT64(VNET_F_CTRL_RX) | BIT64(VNET_F_CTRL_MAC_ADDR) | BIT64(VNET_F_MQ);
}

static void mock_set_features(struct virtio_device *d, uint64_t f) { to_mock(d)->features = f; }

static void mock_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n)
{
	static const uint8_t config[16] = { 2, 0, 0, 0, 0, 0x99, VNET_STATUS_LINK_UP, 0, PAIRS };

	memcpy(p, config + off, n);
}

static void mock_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n)
{
}

static uint16_t mock_queue_max(struct virtio_device *d, unsigned index) { return index <= 2 * PAIRS ? SIZE : 0; }
static int mock_queue_start(struct virtio_device *d, struct virtq *q) { return 0; }
static int mock_irqs_request(struct virtio_device *d) { return 0; }
static void mock_irqs_free(struct virtio_device *d) { }

static void use(struct virtq *q, uint32_t id, uint32_t len)
{
	struct vring_used_elem *e = &q->used->ring[q->used->idx % q->size];

	e->id = id;
	e->len = len;
	smp_store_release(&q->used->idx, (uint16_t)(q->used->idx + 1));
}

/* The next chain that the driver has offered; -1: none. */
static int take(struct virtq *q)
{
	uint16_t *seen = &mock->seen[q->index];

	return *seen == smp_load_acquire(&q->avail->idx) ? -1 : q->avail->ring[(*seen)++ % q->size];
}

/* Questions are answered at once, with yes. */
static void mock_notify(struct virtq *q)
{
	struct mock *m = to_mock(q->dev);
	int head;

	m->kicks++;
	if (q->index != 2 * PAIRS || m->silent)
		return;
	while ((head = take(q)) >= 0) {
		struct vring_desc *d = &q->desc[head];

		m->asked[m->nr_asked++ % sizeof(m->asked)] = *(uint8_t *)phys_to_virt(d->addr);
		while (d->flags & 1)
			d = &q->desc[d->next];
		*(uint8_t *)phys_to_virt(d->addr) = 0;
		use(q, (uint32_t)head, 1);
	}
}

static const struct virtio_transport mock_ops = {
	.name = "mock", .get_status = mock_get_status, .set_status = mock_set_status, .get_features = mock_get_features,
	.set_features = mock_set_features, .config_read = mock_config_read, .config_write = mock_config_write,
	.queue_max = mock_queue_max, .queue_start = mock_queue_start, .notify = mock_notify, .irqs_request = mock_irqs_request,
	.irqs_free = mock_irqs_free,
};

/* ---- helpers */

static bool start(void)
{
	if (mock)
		return true;
	mock = kzalloc(sizeof(*mock), GFP_KERNEL);
	if (!mock)
		return false;
	mock->dev.ops = &mock_ops;
	mock->dev.id = VIRTIO_ID_NET;
	mock->dev.modern = true;
	mock->dev.dma.coherent = true;
	strscpy(mock->dev.where, "mock", sizeof(mock->dev.where));
	EXPECT_OK(virtio_register(&mock->dev));
	return mock->dev.private;
}

/* Other threads do it; only a failure takes the ten seconds. */
#define EVENTUALLY(c) do { \
		nsec_t _end = clock_monotonic() + 10 * NSEC_PER_SEC; \
		while (!(c) && clock_monotonic() < _end) \
			sched_sleep_ns(NSEC_PER_MSEC); \
		EXPECT_TRUE(c); \
	} while (0)

static bool is_ready(void)
{
	bool ready;

	net_lock_acquire();
	ready = mock->status & VIRTIO_S_DRIVER_OK && !mock->dev.broken;
	net_lock_release();
	return ready;
}

static bool stopped(unsigned resets)
{
	return READ_ONCE(mock->resets) > resets && is_ready();
}

/* A frame of @len bytes in so many buffers, as far as they go round. */
static void deliver(struct virtq *q, uint32_t len, unsigned buffers)
{
	struct vnet_hdr h = { .num_buffers = (uint16_t)buffers };
	int head = take(q);

	EXPECT_TRUE(head >= 0);
	if (head < 0)
		return;
	memset(phys_to_virt(q->desc[head].addr), 0, sizeof(h) + 60);
	memcpy(phys_to_virt(q->desc[head].addr), &h, sizeof(h));
	use(q, (uint32_t)head, len);
	virtio_interrupt_queue(q);
}

static void sent(void *token)
{
	(*(unsigned *)token)++;
}

/* Frames go both ways, by every pair. */
static void works(void)
{
	static uint8_t frame[64];
	struct vnet *v = vnet();

	for (unsigned i = 0; i < v->netdev.nr_queues; i++) {
		uint64_t before = v->netdev.stats.rx_packets;

		deliver(v->pairs[i].rx, sizeof(struct vnet_hdr) + 60, 1);
		EVENTUALLY(READ_ONCE(v->netdev.stats.rx_packets) == before + 1);
	}
	for (unsigned i = 0; i < 8; i++) {
		static unsigned done;
		unsigned was = done, out = 0;
		struct net_seg seg = { frame, sizeof(frame) };
		struct net_tx tx = { .seg = &seg, .nr = 1, .len = sizeof(frame), .done = sent, .token = &done };

		net_lock_acquire();
		EXPECT_OK(v->netdev.ops->transmit(&v->netdev, &tx));
		net_lock_release();
		net_lock_acquire();
		for (unsigned p = 0; p < v->nr_pairs; p++) {
			int head = take(v->pairs[p].tx);

			if (head >= 0) {
				use(v->pairs[p].tx, (uint32_t)head, 0);
				out++;
			}
		}
		v->netdev.ops->reclaim(&v->netdev);
		net_lock_release();
		EXPECT_EQ(out, 1);
		EXPECT_EQ(done, was + 1);
	}
}

/* ---- the tests */

KTEST(virtio_net, an_honest_device_works)
{
	if (!start())
		return;
	EVENTUALLY(is_ready());
	EXPECT_EQ(vnet()->active, vnet()->netdev.nr_queues);
	works();
}

KTEST(virtio_net, a_used_index_that_runs_ahead)
{
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	resets = mock->resets;
	vnet()->pairs[0].rx->used->idx += 1000;
	virtio_interrupt_queue(vnet()->pairs[0].rx);
	EVENTUALLY(stopped(resets));
	works();
}

KTEST(virtio_net, an_id_out_of_range)
{
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	resets = mock->resets;
	use(vnet()->pairs[0].rx, 0xfffffff0u, 100);
	virtio_interrupt_queue(vnet()->pairs[0].rx);
	EVENTUALLY(stopped(resets));
	works();
}

KTEST(virtio_net, the_same_id_twice)
{
	struct virtq *q;
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	resets = mock->resets;
	net_lock_acquire();		/* both before the driver looks, or it has offered it again */
	q = vnet()->pairs[0].rx;
	use(q, q->avail->ring[0], sizeof(struct vnet_hdr) + 60);
	use(q, q->avail->ring[0], sizeof(struct vnet_hdr) + 60);
	virtio_interrupt_queue(q);
	net_lock_release();
	EVENTUALLY(stopped(resets));
	works();
}

KTEST(virtio_net, more_written_than_there_is_room)
{
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	resets = mock->resets;
	deliver(vnet()->pairs[0].rx, NETBUF_ROOM + 1, 1);
	EVENTUALLY(stopped(resets));
	works();
}

KTEST(virtio_net, a_frame_of_more_buffers_than_came)
{
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	resets = mock->resets;
	deliver(vnet()->pairs[0].rx, sizeof(struct vnet_hdr) + 60, 40000);
	EVENTUALLY(stopped(resets));
	works();
}

KTEST(virtio_net, short_frames_and_none_are_errors)
{
	struct vnet *v;
	uint64_t before;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	v = vnet();
	before = v->netdev.stats.rx_errors;
	deliver(v->pairs[0].rx, 0, 1);
	deliver(v->pairs[0].rx, sizeof(struct vnet_hdr) + 13, 1);
	deliver(v->pairs[0].rx, sizeof(struct vnet_hdr) + 60, 0);
	EVENTUALLY(READ_ONCE(v->netdev.stats.rx_errors) == before + 3);
	works();
}

/* The span that the driver waits is cut short by setting its clock back. */
KTEST(virtio_net, a_question_without_an_answer)
{
	struct vnet *v;
	unsigned resets;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	v = vnet();
	resets = mock->resets;
	mock->silent = true;
	net_lock_acquire();
	netdev_promisc(&v->netdev, 1);
	EXPECT_EQ(v->ctrl.asked, VNET_ASK_PROMISC);
	netdev_promisc(&v->netdev, -1);		/* asked later; nobody waits */
	v->ctrl.since -= VNET_WATCH_NS;
	mock->silent = false;
	net_lock_release();
	(void)delayed_work_cancel_sync(&v->watch);
	(void)delayed_work_queue(&v->watch, NSEC_PER_MSEC);
	EVENTUALLY(stopped(resets));
	EXPECT_EQ(v->ctrl.asked | v->ctrl.wanted, 0);
	EXPECT_EQ(v->active, v->netdev.nr_queues);
	works();
}

KTEST(virtio_net, a_frame_that_is_never_sent)
{
	static uint8_t frame[64];
	static unsigned done;
	struct net_seg seg = { frame, sizeof(frame) };
	struct net_tx tx = { .seg = &seg, .nr = 1, .len = sizeof(frame), .done = sent, .token = &done };
	struct vnet *v;
	unsigned resets, was;

	if (!start())
		return;
	EVENTUALLY(is_ready());
	v = vnet();
	resets = mock->resets;
	was = done;
	net_lock_acquire();
	EXPECT_OK(v->netdev.ops->transmit(&v->netdev, &tx));
	for (unsigned i = 0; i < v->nr_pairs; i++)
		v->pairs[i].taken_then = v->pairs[i].taken;
	net_lock_release();
	(void)delayed_work_cancel_sync(&v->watch);
	(void)delayed_work_queue(&v->watch, NSEC_PER_MSEC);
	EVENTUALLY(stopped(resets));
	EVENTUALLY(READ_ONCE(done) == was + 1);		/* it came back */
	works();
}
