/* SPDX-License-Identifier: MIT */
/* What virtq.c needs from the kernel, and the device's side of a split ring, for host programs. Addresses are host pointers. */
#pragma once
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/virtio.h>

void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void free(void *p);
void *aligned_alloc(size_t align, size_t n);

struct page *host_vmemmap;
struct task *host_current;
static unsigned host_broken, host_alloc_fails;

void *kmalloc(size_t size, gfp_t gfp)
{
	return host_alloc_fails ? NULL : malloc(size);
}
void kfree(const void *p)
{
	free((void *)p);
}
void *phys_to_virt(paddr_t pa)
{
	return (void *)(uintptr_t)pa;
}
paddr_t virt_to_phys(const void *p)
{
	return (paddr_t)(uintptr_t)p;
}
void virtio_broken(struct virtq *q, const char *why)
{
	host_broken++;
}

struct host_ring {
	struct virtq q;
	uint16_t seen;		/* device: next available entry to take */
};

static void host_ring_create(struct host_ring *r, uint16_t size, bool event_idx, uint16_t indirect)
{
	size_t avail, used, n = virtq_layout(size, &avail, &used);

	memset(r, 0, sizeof(*r));
	r->q.ring = aligned_alloc(4096, ALIGN_UP(n, 4096));
	memset(r->q.ring, 0, n);
	r->q.ring_size = n;
	r->q.slot = calloc(size, sizeof(struct virtq_slot));
	virtq_init(&r->q, size, r->q.ring, r->q.slot, event_idx, indirect);
}

static void host_ring_free(struct host_ring *r)
{
	virtq_release(&r->q);
	free(r->q.slot);
	free(r->q.ring);
}

/* The device takes the next chain: its head, or -1. */
static __maybe_unused int host_take(struct host_ring *r)
{
	if (r->seen == r->q.avail->idx)
		return -1;
	return r->q.avail->ring[r->seen++ % r->q.size];
}

static __maybe_unused void host_use(struct host_ring *r, uint32_t head, uint32_t len)
{
	struct vring_used_elem *e = &r->q.used->ring[r->q.used->idx % r->q.size];

	e->id = head;
	e->len = len;
	r->q.used->idx++;
}
