/* SPDX-License-Identifier: MIT */
/*
 * Memory that devices read and write. A device sees physical addresses (no IOMMU, no offset: a bus with dma-ranges other than one to
 * one has no driver).
 *
 *	dma_alloc()	rings and the like, written by both sides at any time: never stale, whatever the device is
 *	dma_map()	a buffer goes to the device; until dma_unmap() the CPU leaves it alone
 * Buffers are of memory in the direct map. What the device writes must not share a cache line with other data: whole pages,
 * or objects of kmalloc() of 64 bytes and more. For a coherent device both calls are an addition and a test.
 * Order between ring and buffers is the business of dma_wmb() and dma_rmb() (<arch/barrier.h>).
 */
#pragma once
#include <kernel/mm.h>
#include <arch/barrier.h>
#include <arch/dma.h>

struct dt_node;
struct dma_dev {
	bool coherent;
};
enum dma_dir { DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BOTH };

/* By "dma-coherent" of the node or a bus above it; always where the architecture knows no other. */
void dma_dev_init(struct dma_dev *d, const struct dt_node *node);
/* Zeroed, page aligned, contiguous. NULL: no memory. @size up to 4 MiB. */
void *dma_alloc(const struct dma_dev *d, size_t size, paddr_t *pa);
void dma_free(const struct dma_dev *d, void *p, size_t size, paddr_t pa);

static inline paddr_t dma_map(const struct dma_dev *d, void *p, size_t n, enum dma_dir dir)
{
	if (unlikely(!d->coherent)) {
		if (dir == DMA_TO_DEVICE)
			arch_dma_clean(p, n);
		else
			arch_dma_flush(p, n);	/* no dirty line may be written back over the device's data */
	}
	return virt_to_phys(p);
}
static inline void dma_unmap(const struct dma_dev *d, void *p, size_t n, enum dma_dir dir)
{
	/* Lines that were fetched ahead while the device wrote are stale. */
	if (unlikely(!d->coherent) && dir != DMA_TO_DEVICE)
		arch_dma_flush(p, n);
}
