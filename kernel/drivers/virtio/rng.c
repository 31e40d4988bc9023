/* SPDX-License-Identifier: MIT */
/*
 * The entropy device: what it gives goes to the random generator, once at boot and then every five minutes.
 *
 * One buffer, with the device or with the work item, never both. Reference: VIRTIO 1.2, 5.4.
 */
#include <kernel/errno.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virtio.h>

#define SEED_BYTES	64u
#define AGAIN		(300 * NSEC_PER_SEC)

struct vrng {
	struct virtio_device *dev;
	struct delayed_work again;
	struct work done;
	uint8_t *buf;		/* SEED_BYTES, in cache lines of its own */
};

static int ask(struct vrng *r)
{
	struct virtq *q = &r->dev->queues[0];
	struct virtq_sg sg = { dma_map(&r->dev->dma, r->buf, SEED_BYTES, DMA_FROM_DEVICE), SEED_BYTES };
	int err = virtq_add(q, &sg, 0, 1, r->buf);

	if (!err)
		virtq_kick(q);
	return err;
}

static void again_fn(struct work *w)
{
	(void)ask(container_of(w, struct vrng, again.work));
}

static void done_fn(struct work *w)
{
	struct vrng *r = container_of(w, struct vrng, done);
	uint32_t n;

	if (!virtq_take(&r->dev->queues[0], &n))
		return;
	dma_unmap(&r->dev->dma, r->buf, SEED_BYTES, DMA_FROM_DEVICE);
	if (n)
		random_add(r->buf, n, n * 8);
	memset(r->buf, 0, SEED_BYTES);
	delayed_work_queue(&r->again, AGAIN);
}

static void vrng_callback(struct virtq *q)
{
	struct vrng *r = q->dev->private;

	work_queue(&r->done);
}

static const struct virtio_queue_info vrng_queue = { .name = "input", .callback = vrng_callback, .max_size = 8 };

static int vrng_probe(struct virtio_device *d)
{
	struct vrng *r = kzalloc(sizeof(*r), GFP_KERNEL);
	int err = -ENOMEM;

	if (!r)
		return -ENOMEM;
	r->buf = kzalloc(2 * SEED_BYTES, GFP_KERNEL);
	if (!r->buf)
		goto out_free;
	r->dev = d;
	d->private = r;
	work_init(&r->done, done_fn);
	delayed_work_init(&r->again, again_fn);
	err = virtio_queues_create(d, &vrng_queue, 1);
	if (err)
		goto out_buf;
	virtio_ready(d);
	err = ask(r);
	if (!err)
		return 0;
	virtio_queues_destroy(d);
out_buf:
	kfree(r->buf);
out_free:
	kfree(r);
	return err;
}
VIRTIO_DRIVER(virtio_rng, .id = VIRTIO_ID_RNG, .probe = vrng_probe);
