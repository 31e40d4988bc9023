/* SPDX-License-Identifier: MIT */
/*
 * virtio devices: negotiation, queues, the way to their drivers. See <kernel/virtio.h>.
 *
 * Order of a start (VIRTIO 1.2, 3.1.1): reset, ACKNOWLEDGE, DRIVER, features, FEATURES_OK (modern), queues, DRIVER_OK.
 * A restart after an error goes the same way with the queues that are there.
 *
 * Locks: none; probes run one after the other at boot, reset and configuration changes on the work queue's thread.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/virtio.h>

#define RING_FEATURES	(BIT64(VIRTIO_F_INDIRECT_DESC) | BIT64(VIRTIO_F_EVENT_IDX) | BIT64(VIRTIO_F_VERSION_1) | \
			 BIT64(VIRTIO_F_ANY_LAYOUT) | BIT64(VIRTIO_F_ACCESS_PLATFORM))
#define QUEUE_DEFAULT	256u

extern const struct virtio_driver *const __virtio_drivers_start[], *const __virtio_drivers_end[];

static void add_status(struct virtio_device *d, uint8_t bits)
{
	d->ops->set_status(d, d->ops->get_status(d) | bits);
}

static int negotiate(struct virtio_device *d, uint64_t want)
{
	d->offered = d->ops->get_features(d);
	d->features = d->offered & want;
	if (d->driver->adjust)
		d->features = d->driver->adjust(d->features);
	if (!d->modern)
		d->features &= UINT32_MAX;
	else if (!virtio_has(d, VIRTIO_F_VERSION_1))
		return -EINVAL;		/* a modern interface must offer it */
	d->ops->set_features(d, d->features);
	if (!d->modern)
		return 0;
	add_status(d, VIRTIO_S_FEATURES_OK);
	return d->ops->get_status(d) & VIRTIO_S_FEATURES_OK ? 0 : -EOPNOTSUPP;
}

static int begin(struct virtio_device *d, uint64_t want)
{
	d->ops->set_status(d, 0);
	add_status(d, VIRTIO_S_ACKNOWLEDGE);
	add_status(d, VIRTIO_S_DRIVER);
	return negotiate(d, want);
}

static void reset_fn(struct work *w)
{
	struct virtio_device *d = container_of(w, struct virtio_device, reset_work);

	pr_warn("%s: reset\n", d->where);
	if (d->driver->reset)
		d->driver->reset(d);
	else
		virtio_stop(d);
}

static void config_fn(struct work *w)
{
	struct virtio_device *d = container_of(w, struct virtio_device, config_work);

	if (d->ops->get_status(d) & VIRTIO_S_NEEDS_RESET)
		work_queue(&d->reset_work);
	else if (d->driver->config_changed)
		d->driver->config_changed(d);
}

int virtio_register(struct virtio_device *d)
{
	const struct virtio_driver *const *p;
	int err;

	for (p = __virtio_drivers_start; p < __virtio_drivers_end; p++)
		if ((*p)->id == d->id)
			break;
	if (p == __virtio_drivers_end)
		return -ENODEV;
	d->driver = *p;
	work_init(&d->reset_work, reset_fn);
	work_init(&d->config_work, config_fn);
	err = begin(d, d->driver->features | RING_FEATURES);
	if (!err)
		err = d->driver->probe(d);
	if (err) {
		add_status(d, VIRTIO_S_FAILED);
		pr_warn("%s: %s: probe failed: error %d\n", d->where, d->driver->name, -err);
	}
	return err;
}

static int queue_create(struct virtio_device *d, struct virtq *q, const struct virtio_queue_info *info)
{
	uint16_t max = d->ops->queue_max(d, q->index), size;
	uint16_t limit = info->max_size ? info->max_size : QUEUE_DEFAULT;
	size_t avail, used;

	if (!max || (max & (max - 1)))
		return -ENODEV;
	size = d->modern ? MIN(max, limit) : max;	/* the legacy interface fixes it */
	q->dev = d;
	q->name = info->name;
	q->callback = info->callback;
	q->ring_size = virtq_layout(size, &avail, &used);
	q->ring = dma_alloc(&d->dma, q->ring_size, &q->ring_pa);
	if (!q->ring)
		return -ENOMEM;
	q->slot = kvmalloc(size * sizeof(*q->slot), GFP_KERNEL | GFP_ZERO);
	if (!q->slot)
		return -ENOMEM;
	/* Tables lie in cached memory: not for a device that does not look there. */
	virtq_init(q, size, q->ring, q->slot, virtio_has(d, VIRTIO_F_EVENT_IDX),
		   virtio_has(d, VIRTIO_F_INDIRECT_DESC) && d->dma.coherent ? info->indirect_max : 0);
	return 0;
}

int virtio_queues_create(struct virtio_device *d, const struct virtio_queue_info *info, unsigned n)
{
	int err;

	d->queues = kzalloc(n * sizeof(*d->queues), GFP_KERNEL);
	if (!d->queues)
		return -ENOMEM;
	d->nr_queues = n;
	for (unsigned i = 0; i < n; i++) {
		d->queues[i].index = info[i].index;
		err = queue_create(d, &d->queues[i], &info[i]);
		if (err)
			goto out_destroy;
	}
	err = d->ops->irqs_request(d);
	if (err)
		goto out_destroy;
	for (unsigned i = 0; i < n; i++) {
		err = d->ops->queue_start(d, &d->queues[i]);
		if (err)
			goto out_irqs;
	}
	return 0;
out_irqs:
	d->ops->irqs_free(d);
out_destroy:
	d->ops->set_status(d, 0);	/* it forgets the rings before they go */
	for (unsigned i = 0; i < n; i++) {
		struct virtq *q = &d->queues[i];

		virtq_release(q);
		kvfree(q->slot);
		dma_free(&d->dma, q->ring, q->ring_size, q->ring_pa);
	}
	kfree(d->queues);
	d->queues = NULL;
	d->nr_queues = 0;
	return err;
}

void virtio_queues_destroy(struct virtio_device *d)
{
	struct virtq *queues = d->queues;
	unsigned n = d->nr_queues;

	d->ops->set_status(d, 0);
	d->ops->irqs_free(d);
	d->queues = NULL;
	d->nr_queues = 0;
	for (unsigned i = 0; i < n; i++) {
		virtq_release(&queues[i]);
		kvfree(queues[i].slot);
		dma_free(&d->dma, queues[i].ring, queues[i].ring_size, queues[i].ring_pa);
	}
	kfree(queues);
}

void virtio_ready(struct virtio_device *d)
{
	add_status(d, VIRTIO_S_DRIVER_OK);
}

void virtio_stop(struct virtio_device *d)
{
	d->ops->set_status(d, 0);
}

int virtio_restart(struct virtio_device *d)
{
	uint64_t had = d->features;
	int err = begin(d, had);

	if (!err && d->features != had)
		err = -EIO;		/* it came back as another device */
	for (unsigned i = 0; !err && i < d->nr_queues; i++) {
		struct virtq *q = &d->queues[i];

		memset(q->ring, 0, q->ring_size);
		virtq_init(q, q->size, q->ring, q->slot, q->event_idx, q->indirect_max);
		err = d->ops->queue_start(d, q);
	}
	if (err) {
		add_status(d, VIRTIO_S_FAILED);
		return err;
	}
	d->broken = false;
	return 0;
}

void virtio_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n)
{
	uint32_t before, tries = 0;

	if (!d->ops->generation) {
		d->ops->config_read(d, off, p, n);
		return;
	}
	do {
		before = d->ops->generation(d);
		d->ops->config_read(d, off, p, n);
	} while (d->ops->generation(d) != before && ++tries < 100);
}

void virtio_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n)
{
	d->ops->config_write(d, off, p, n);
}

int virtq_set_cpu(struct virtq *q, unsigned cpu)
{
	return q->dev->ops->set_cpu ? q->dev->ops->set_cpu(q, cpu) : -EOPNOTSUPP;
}

void virtq_kick(struct virtq *q)
{
	if (virtq_publish(q)) {
		q->kicks++;
		q->dev->ops->notify(q);
	}
}

void virtio_interrupt_queue(struct virtq *q)
{
	if (q->callback && virtq_pending(q)) {
		q->calls++;
		q->callback(q);
	}
}

void virtio_interrupt_all(struct virtio_device *d)
{
	for (unsigned i = 0; i < d->nr_queues; i++)
		virtio_interrupt_queue(&d->queues[i]);
}

void virtio_interrupt_config(struct virtio_device *d)
{
	work_queue(&d->config_work);
}

void virtio_broken(struct virtq *q, const char *why)
{
	struct virtio_device *d = q->dev;

	pr_err("%s: queue %s: %s: device is broken\n", d->where, q->name, why);
	if (!d->broken) {
		d->broken = true;
		work_queue(&d->reset_work);
	}
}
