/* SPDX-License-Identifier: MIT */
/*
 * Split virtqueues.
 *
 * The device owns the used ring and may write anything there; the descriptor table and the available ring are ours to write
 * but lie in memory that it can reach. So no decision is taken from what is read back: chains are kept in slot[], an id that names
 * no chain in flight, an index that runs ahead of what was offered, or a length beyond the chain's room breaks the queue.
 *
 * Invariants: nr_free counts slot[]s with token NULL that are on the free list; avail_idx - used_idx <= size (mod 2^16).
 * Locks: the caller's, one for each queue. No memory is allocated but indirect tables (GFP_ATOMIC, kept for reuse).
 * Reference: VIRTIO 1.2, 2.7.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/virtio.h>

#define DESC_NEXT	1u
#define DESC_WRITE	2u
#define DESC_INDIRECT	4u
#define AVAIL_NO_INTERRUPT 1u
#define USED_NO_NOTIFY	1u
#define RING_ALIGN	4096u	/* the legacy interface fixes the used ring's place by this */

size_t virtq_layout(uint16_t size, size_t *avail, size_t *used)
{
	*avail = sizeof(struct vring_desc) * size;
	*used = ALIGN_UP(*avail + sizeof(struct vring_avail) + (size + 1) * sizeof(uint16_t), RING_ALIGN);
	return *used + sizeof(struct vring_used) + sizeof(struct vring_used_elem) * size + sizeof(uint16_t);
}

/* Behind the rings: each side says at which index it wants to hear of the other. */
static uint16_t *used_event(struct virtq *q)
{
	return &q->avail->ring[q->size];
}

static const uint16_t *avail_event(struct virtq *q)
{
	return (const uint16_t *)&q->used->ring[q->size];
}

void virtq_init(struct virtq *q, uint16_t size, void *ring, struct virtq_slot *slots, bool event_idx, uint16_t indirect_max)
{
	size_t avail, used;

	(void)virtq_layout(size, &avail, &used);
	q->size = size;
	q->event_idx = event_idx;
	q->indirect_max = indirect_max;
	q->broken = false;
	q->desc = ring;
	q->avail = (struct vring_avail *)((char *)ring + avail);
	q->used = (struct vring_used *)((char *)ring + used);
	q->slot = slots;
	q->free_head = 0;
	q->nr_free = size;
	q->avail_idx = q->kicked_idx = q->used_idx = 0;
	for (unsigned i = 0; i < size; i++) {
		slots[i].token = NULL;
		slots[i].next = (uint16_t)(i + 1);
	}
	if (!q->callback)
		virtq_stop_calls(q);
}

void virtq_release(struct virtq *q)
{
	for (unsigned i = 0; q->slot && i < q->size; i++) {
		kfree(q->slot[i].indirect);
		q->slot[i].indirect = NULL;
	}
}

static void __cold broken(struct virtq *q, const char *why)
{
	q->broken = true;
	virtio_broken(q, why);
}

/* One descriptor whose memory holds the chain. False: no memory for the table. */
static bool add_indirect(struct virtq *q, struct virtq_slot *s, uint16_t head, const struct virtq_sg *sg, unsigned out, unsigned n)
{
	struct vring_desc *t = s->indirect;

	if (unlikely(!t)) {
		t = s->indirect = kmalloc(q->indirect_max * sizeof(*t), GFP_ATOMIC);
		if (!t)
			return false;
	}
	for (unsigned i = 0; i < n; i++) {
		t[i].addr = sg[i].addr;
		t[i].len = sg[i].len;
		t[i].flags = (uint16_t)((i + 1 < n ? DESC_NEXT : 0) | (i >= out ? DESC_WRITE : 0));
		t[i].next = (uint16_t)(i + 1);
	}
	q->desc[head].addr = virt_to_phys(t);
	q->desc[head].len = n * (uint32_t)sizeof(*t);
	q->desc[head].flags = DESC_INDIRECT;
	q->free_head = s->next;
	s->count = 1;
	return true;
}

static void add_direct(struct virtq *q, struct virtq_slot *s, uint16_t head, const struct virtq_sg *sg, unsigned out, unsigned n)
{
	uint16_t at = head;

	for (unsigned i = 0; i < n; i++) {
		struct vring_desc *d = &q->desc[at];
		uint16_t next = q->slot[at].next;

		d->addr = sg[i].addr;
		d->len = sg[i].len;
		d->flags = (uint16_t)((i + 1 < n ? DESC_NEXT : 0) | (i >= out ? DESC_WRITE : 0));
		d->next = next;
		at = next;
	}
	q->free_head = at;
	s->count = (uint16_t)n;
}

int virtq_add(struct virtq *q, const struct virtq_sg *sg, unsigned out, unsigned in, void *token)
{
	unsigned n = out + in;
	uint16_t head = q->free_head;
	struct virtq_slot *s;
	uint32_t in_len = 0;

	if (unlikely(q->broken))
		return -EIO;
	if (unlikely(!n || !token))
		return -EINVAL;
	if (unlikely(!q->nr_free))
		return -ENOSPC;
	s = &q->slot[head];
	/* A table costs a line more to read: only where a chain would take several descriptors. */
	if (n < 2 || n > q->indirect_max || !add_indirect(q, s, head, sg, out, n)) {
		if (q->nr_free < n)
			return -ENOSPC;
		add_direct(q, s, head, sg, out, n);
	}
	for (unsigned i = out; i < n; i++)
		in_len += sg[i].len;
	s->token = token;
	s->in_len = in_len;
	q->nr_free = (uint16_t)(q->nr_free - s->count);
	q->avail->ring[q->avail_idx & (q->size - 1)] = head;
	q->avail_idx++;
	return 0;
}

bool virtq_publish(struct virtq *q)
{
	uint16_t was = q->kicked_idx, now = q->avail_idx;

	if (was == now || q->broken)
		return false;
	/* The chain before the index that covers it; pairs with the device's read of idx. */
	dma_wmb();
	WRITE_ONCE(q->avail->idx, now);
	q->kicked_idx = now;
	/* The index before we look whether the device sleeps; it looks at the index after it has said so. */
	dma_mb();
	if (q->event_idx)
		return (uint16_t)(now - READ_ONCE(*avail_event(q)) - 1) < (uint16_t)(now - was);
	return !(READ_ONCE(q->used->flags) & USED_NO_NOTIFY);
}

bool virtq_pending(const struct virtq *q)
{
	return READ_ONCE(q->used->idx) != q->used_idx;
}

/* The chain's descriptors go to the free list's front. */
static void *release_chain(struct virtq *q, uint16_t head)
{
	struct virtq_slot *s = &q->slot[head];
	uint16_t last = head;
	void *token = s->token;

	for (unsigned i = 1; i < s->count; i++)
		last = q->slot[last].next;
	q->slot[last].next = q->free_head;
	q->free_head = head;
	q->nr_free = (uint16_t)(q->nr_free + s->count);
	s->token = NULL;
	return token;
}

void *virtq_take(struct virtq *q, uint32_t *len)
{
	uint16_t idx = READ_ONCE(q->used->idx);
	struct vring_used_elem *e;
	uint32_t id, n;

	if (idx == q->used_idx || q->broken)
		return NULL;
	if (unlikely((uint16_t)(idx - q->used_idx) > (uint16_t)(q->kicked_idx - q->used_idx))) {
		broken(q, "used index runs ahead");
		return NULL;
	}
	/* The element, and what the device wrote to the buffers, after the index. */
	dma_rmb();
	e = &q->used->ring[q->used_idx & (q->size - 1)];
	id = READ_ONCE(e->id);
	n = READ_ONCE(e->len);
	if (unlikely(id >= q->size || !q->slot[id].token)) {
		broken(q, "used ring names a chain that is not out");
		return NULL;
	}
	if (unlikely(n > q->slot[id].in_len)) {
		/* Legacy devices count what they have read, too; only what can be written matters. */
		if (q->slot[id].in_len) {
			broken(q, "more was written than there is room");
			return NULL;
		}
		n = 0;
	}
	q->used_idx++;
	*len = n;
	return release_chain(q, (uint16_t)id);
}

void *virtq_detach(struct virtq *q)
{
	for (unsigned i = 0; i < q->size; i++)
		if (q->slot[i].token)
			return release_chain(q, (uint16_t)i);
	return NULL;
}

void virtq_stop_calls(struct virtq *q)
{
	if (q->event_idx)
		/* As far away as can be: the device compares with what it has just passed. */
		WRITE_ONCE(*used_event(q), (uint16_t)(q->used_idx - 1));
	else
		WRITE_ONCE(q->avail->flags, AVAIL_NO_INTERRUPT);
}

static bool start_calls_after(struct virtq *q, uint16_t more)
{
	if (q->event_idx)
		WRITE_ONCE(*used_event(q), (uint16_t)(q->used_idx + more));
	else
		WRITE_ONCE(q->avail->flags, 0);
	/* The wish before the look: what finishes in between either interrupts or is seen here. */
	dma_mb();
	return (uint16_t)(READ_ONCE(q->used->idx) - q->used_idx) <= more;
}

bool virtq_start_calls(struct virtq *q)
{
	return start_calls_after(q, 0);
}

bool virtq_start_calls_late(struct virtq *q)
{
	return start_calls_after(q, (uint16_t)((uint16_t)(q->kicked_idx - q->used_idx) * 3 / 4));
}
