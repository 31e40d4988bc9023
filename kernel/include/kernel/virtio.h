/* SPDX-License-Identifier: MIT */
/*
 * virtio devices, their queues and drivers. kernel/drivers/virtio/. Reference: OASIS Virtual I/O Device (VIRTIO) 1.2.
 *
 * A transport (mmio.c, pci.c) finds a device, fills in struct virtio_device and calls virtio_register(); the core negotiates and calls the
 * driver's probe. Queues are split rings; the memory they share with the device is never believed: an index or length that cannot be
 * marks the queue and its device broken, and the driver's reset() is called in a thread.
 *
 * Locks: none in here. A queue is used by one CPU at a time (its driver's lock); virtq_stop_calls() may be called by the interrupt.
 */
#pragma once
#include <kernel/dma.h>
#include <kernel/types.h>
#include <kernel/work.h>

#define VIRTIO_ID_NET		1
#define VIRTIO_ID_RNG		4

#define VIRTIO_F_NOTIFY_ON_EMPTY 24
#define VIRTIO_F_ANY_LAYOUT	27
#define VIRTIO_F_INDIRECT_DESC	28
#define VIRTIO_F_EVENT_IDX	29
#define VIRTIO_F_VERSION_1	32
#define VIRTIO_F_ACCESS_PLATFORM 33
#define VIRTIO_F_RING_RESET	40

#define VIRTIO_S_ACKNOWLEDGE	1u
#define VIRTIO_S_DRIVER		2u
#define VIRTIO_S_DRIVER_OK	4u
#define VIRTIO_S_FEATURES_OK	8u
#define VIRTIO_S_NEEDS_RESET	64u
#define VIRTIO_S_FAILED		128u

/* ---- the ring, virtq.c */
struct vring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
struct vring_avail {
	uint16_t flags, idx, ring[];	/* behind the ring: used_event */
};
struct vring_used_elem {
	uint32_t id, len;
};
struct vring_used {
	uint16_t flags, idx;
	struct vring_used_elem ring[];	/* behind the ring: avail_event */
};
_Static_assert(sizeof(struct vring_desc) == 16 && sizeof(struct vring_used_elem) == 8, "VIRTIO 1.2, 2.7");

struct virtq_sg {
	paddr_t addr;
	uint32_t len;
};
/* What we know of a chain without asking memory that the device may write. */
struct virtq_slot {
	void *token;		/* NULL: free */
	uint32_t in_len;	/* how much the device may write */
	uint16_t next;		/* of the chain, or of the free list */
	uint16_t count;		/* descriptors of the chain, in its head */
	struct vring_desc *indirect;	/* table of this head, made when it was first needed */
};
struct virtio_device;
struct virtq {
	struct virtio_device *dev;
	uint16_t index, size;		/* size: a power of two */
	bool event_idx, broken;
	uint16_t indirect_max;		/* entries of an indirect table; 0: none are used */
	uint16_t free_head, nr_free;
	uint16_t avail_idx;		/* next to publish */
	uint16_t kicked_idx;		/* avail_idx at the last look whether to notify */
	uint16_t used_idx;		/* next to take */
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct virtq_slot *slot;
	void (*callback)(struct virtq *q);	/* hard interrupt; NULL: never interrupts */
	const char *name;
	void *ring;			/* the shared memory */
	size_t ring_size;
	paddr_t ring_pa;
	void __iomem *notify;		/* transport's */
	char irq_name[40];		/* as /proc/interrupts has it, if it has one of its own */
	uint64_t kicks, calls;
};
size_t virtq_layout(uint16_t size, size_t *avail, size_t *used);
/* @slots: zeroed, @size of them. @ring: zeroed memory of virtq_layout() bytes. */
void virtq_init(struct virtq *q, uint16_t size, void *ring, struct virtq_slot *slots, bool event_idx, uint16_t indirect_max);
void virtq_release(struct virtq *q);	/* the indirect tables */
/*
 * Offers a chain: @out segments that the device reads, then @in that it writes. 0; -ENOSPC (nothing was done; take
 * used ones first); -EIO: broken. @token comes back from virtq_take().
 */
int virtq_add(struct virtq *q, const struct virtq_sg *sg, unsigned out, unsigned in, void *token) __must_check;
/* Publishes what was added; true: the device asks to be told. */
bool virtq_publish(struct virtq *q);
/* publish, and notify if asked for. */
void virtq_kick(struct virtq *q);
/* The next finished chain's token and the bytes written; NULL: none. */
void *virtq_take(struct virtq *q, uint32_t *len);
/* Takes back one chain that the device did not finish, after a reset. NULL: none left. */
void *virtq_detach(struct virtq *q);
bool virtq_pending(const struct virtq *q);
/* Interrupts for finished chains: hints, a few may still come. start: false when some are finished already. */
void virtq_stop_calls(struct virtq *q);
bool virtq_start_calls(struct virtq *q);
/* The same, but not before three quarters of what is out has come back. */
bool virtq_start_calls_late(struct virtq *q);

/* ---- devices */
struct virtio_driver;
struct virtio_transport {
	const char *name;
	uint8_t (*get_status)(struct virtio_device *d);
	void (*set_status)(struct virtio_device *d, uint8_t status);	/* 0: reset, waits until it is done */
	uint64_t (*get_features)(struct virtio_device *d);
	void (*set_features)(struct virtio_device *d, uint64_t features);
	void (*config_read)(struct virtio_device *d, unsigned off, void *p, unsigned n);
	void (*config_write)(struct virtio_device *d, unsigned off, const void *p, unsigned n);
	uint32_t (*generation)(struct virtio_device *d);		/* NULL: none */
	uint16_t (*queue_max)(struct virtio_device *d, unsigned index);	/* 0: there is no such queue */
	/* Tells the device of q->ring; q->notify is set. */
	int (*queue_start)(struct virtio_device *d, struct virtq *q);
	void (*notify)(struct virtq *q);
	int (*irqs_request)(struct virtio_device *d);	/* after the queues are known, before they start */
	void (*irqs_free)(struct virtio_device *d);
	int (*set_cpu)(struct virtq *q, unsigned cpu);	/* where its interrupt goes; may be NULL */
};
struct virtio_device {
	const struct virtio_transport *ops;
	const struct virtio_driver *driver;
	struct dma_dev dma;
	uint32_t id;
	bool modern;		/* false: the legacy interface */
	bool broken;
	uint64_t offered, features;
	struct virtq *queues;
	unsigned nr_queues;
	void *private;		/* the driver's */
	struct work reset_work, config_work;
	char where[32];		/* for messages and /sys */
};
struct virtio_queue_info {
	const char *name;
	void (*callback)(struct virtq *q);
	uint16_t max_size;	/* 0: as the device has it, at most 256 */
	uint16_t indirect_max;
	uint16_t index;		/* the device's number of it */
};
struct virtio_driver {
	const char *name;
	uint32_t id;
	uint64_t features;			/* what it can use beside the ring's own */
	uint64_t (*adjust)(uint64_t features);	/* drops what does not go together; may be NULL */
	int (*probe)(struct virtio_device *d);	/* after FEATURES_OK; makes its queues, calls virtio_ready() */
	void (*config_changed)(struct virtio_device *d);	/* thread; may be NULL */
	void (*reset)(struct virtio_device *d);	/* thread: the device broke the rules or asked for it; may be NULL: it stays off */
};
#define VIRTIO_DRIVER(n, ...) \
	static const struct virtio_driver virtio_driver_##n = { .name = #n, __VA_ARGS__ }; \
	static const struct virtio_driver *const virtio_driver_ptr_##n __used __section(".virtio_drivers") = &virtio_driver_##n

/* From a transport: status is 0. 0, -ENODEV: nobody wants it; other errors: the device is marked failed. */
int virtio_register(struct virtio_device *d) __must_check;
static inline bool virtio_has(const struct virtio_device *d, unsigned bit)
{
	return d->features >> bit & 1;
}
/* The i-th of @info becomes d->queues[i]. */
int virtio_queues_create(struct virtio_device *d, const struct virtio_queue_info *info, unsigned n) __must_check;
/* Its interrupt goes to that CPU. Errors where it cannot: then it comes as the others do. */
int virtq_set_cpu(struct virtq *q, unsigned cpu);
void virtio_queues_destroy(struct virtio_device *d);
void virtio_ready(struct virtio_device *d);
/* Stops the device; its queues stay allocated. Afterwards virtq_detach() gets the buffers back. */
void virtio_stop(struct virtio_device *d);
/* After virtio_stop() and virtq_detach(): negotiates the same features again and starts the queues, empty. */
int virtio_restart(struct virtio_device *d) __must_check;
/* Consistent even if the device changes it meanwhile. */
void virtio_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n);
void virtio_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n);
/* From transports, in interrupt context. */
void virtio_interrupt_queue(struct virtq *q);
void virtio_interrupt_all(struct virtio_device *d);
void virtio_interrupt_config(struct virtio_device *d);
/* The queue's memory holds what cannot be: from virtq.c. */
void virtio_broken(struct virtq *q, const char *why);
