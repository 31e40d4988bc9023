/* SPDX-License-Identifier: MIT */
/*
 * Memory shared with devices: see <kernel/dma.h>.
 *
 * For a device outside of coherency dma_alloc() gives a second, uncached mapping of its pages; the direct map's lines of them are
 * flushed once and nobody uses that alias until dma_free().
 */
#include <kernel/dma.h>
#include <kernel/dt.h>
#include <kernel/string.h>
#include <kernel/vm.h>

void dma_dev_init(struct dma_dev *d, const struct dt_node *node)
{
	d->coherent = !ARCH_DMA_NONCOHERENT;
	for (; node && !d->coherent; node = node->parent) {
		if (dt_has(node, "dma-coherent"))
			d->coherent = true;
		else if (dt_has(node, "dma-noncoherent"))
			break;
	}
}

static unsigned order_of(size_t size)
{
	unsigned order = 0;

	while (order <= MAX_ORDER && (PAGE_SIZE << order) < size)
		order++;
	return order;
}

void *dma_alloc(const struct dma_dev *d, size_t size, paddr_t *pa)
{
	unsigned order = order_of(size);
	void *p, *mapped;

	if (!size || order > MAX_ORDER)
		return NULL;
	p = page_alloc_virt(order, GFP_KERNEL | GFP_ZERO | GFP_NOOOM);
	if (!p)
		return NULL;
	*pa = virt_to_phys(p);
	if (d->coherent)
		return p;
	arch_dma_flush(p, PAGE_SIZE << order);
	mapped = vmap_phys(*pa, PAGE_SIZE << order, VM_READ | VM_WRITE | VM_WC | VM_GLOBAL);
	if (!mapped)
		page_free_virt(p, order);
	return mapped;
}

void dma_free(const struct dma_dev *d, void *p, size_t size, paddr_t pa)
{
	if (!p)
		return;
	if (!d->coherent)
		vunmap_phys(p);
	page_free_virt(phys_to_virt(pa), order_of(size));
}
