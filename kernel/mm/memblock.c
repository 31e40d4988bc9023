/* SPDX-License-Identifier: MIT */
/*
 * Early memory: which physical ranges are memory and which of them are taken, before frames
 * have owners.
 *
 * Invariants: both lists are sorted by base, free of overlaps, and neighbours that touch are
 * one entry. A range that must not be mapped (no-map reserved memory) is taken out of the
 * memory list, so that no direct map and no struct page ever covers it.
 *
 * Locks: none. One CPU, before mm_init() hands the free ranges to the page allocator;
 * read-only afterwards.
 */
#include <kernel/compiler.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include "mm_internal.h"

#define MEMBLOCK_MAX 256 /* regions of each kind: a device tree with more is cut, with a message */

struct region {
	paddr_t base, end;
};
struct region_list {
	unsigned n;
	struct region r[MEMBLOCK_MAX];
};
static struct region_list memory, reserved;
static bool handed_over;

static void region_remove_at(struct region_list *l, unsigned i)
{
	l->n--;
	for (; i < l->n; i++)
		l->r[i] = l->r[i + 1];
}

static bool region_insert_at(struct region_list *l, unsigned i, paddr_t base, paddr_t end)
{
	if (l->n == MEMBLOCK_MAX) {
		pr_warn("memory: too many ranges, 0x%llx-0x%llx is left out\n",
			(unsigned long long)base, (unsigned long long)end);
		return false;
	}
	for (unsigned k = l->n; k > i; k--)
		l->r[k] = l->r[k - 1];
	l->r[i] = (struct region){ base, end };
	l->n++;
	return true;
}

static void region_add(struct region_list *l, paddr_t base, paddr_t end)
{
	unsigned i = 0;

	if (base >= end)
		return;
	while (i < l->n && l->r[i].end < base)
		i++;
	/* Swallow all that touch or overlap. */
	while (i < l->n && l->r[i].base <= end) {
		base = MIN(base, l->r[i].base);
		end = MAX(end, l->r[i].end);
		region_remove_at(l, i);
	}
	region_insert_at(l, i, base, end);
}

static void region_subtract(struct region_list *l, paddr_t base, paddr_t end)
{
	for (unsigned i = 0; i < l->n;) {
		struct region *r = &l->r[i];
		paddr_t tail = r->end;

		if (r->end <= base || r->base >= end) {
			i++;
			continue;
		}
		if (r->base < base) {
			r->end = base;
			if (tail > end)
				region_insert_at(l, i + 1, end, tail);
			i++;
		} else if (tail > end) {
			r->base = end;
			i++;
		} else {
			region_remove_at(l, i);
		}
	}
}

/* The end of a range from outside, without wrapping around. */
static paddr_t range_end(paddr_t base, uint64_t size)
{
	return base + size < base ? ~(paddr_t)0 & PAGE_MASK : base + size;
}

/* Memory counts in whole pages: rounded inwards. */
void memblock_add(paddr_t base, uint64_t size)
{
	paddr_t end = ALIGN_DOWN(range_end(base, size), PAGE_SIZE);

	if (base > ~(paddr_t)0 - PAGE_SIZE)
		return;
	region_add(&memory, ALIGN_UP(base, PAGE_SIZE), end);
}

/* Taken memory is rounded outwards. */
void memblock_reserve(paddr_t base, uint64_t size)
{
	paddr_t end = range_end(base, size);

	if (!size)
		return;
	if (end < ~(paddr_t)0 - PAGE_SIZE)
		end = ALIGN_UP(end, PAGE_SIZE);
	region_add(&reserved, ALIGN_DOWN(base, PAGE_SIZE), end);
}

void memblock_reserve_nomap(paddr_t base, uint64_t size)
{
	paddr_t end = range_end(base, size);

	if (!size)
		return;
	if (end < ~(paddr_t)0 - PAGE_SIZE)
		end = ALIGN_UP(end, PAGE_SIZE);
	region_subtract(&memory, ALIGN_DOWN(base, PAGE_SIZE), end);
}

/* mem=: keeps the first @bytes of memory. */
void memblock_limit(uint64_t bytes)
{
	uint64_t left = ALIGN_DOWN(bytes, PAGE_SIZE);

	for (unsigned i = 0; i < memory.n; i++) {
		struct region *r = &memory.r[i];
		uint64_t size = r->end - r->base;

		if (size <= left) {
			left -= size;
			continue;
		}
		r->end = r->base + left;
		memory.n = left ? i + 1 : i;
		return;
	}
}

bool memblock_next(unsigned *iter, paddr_t *base, uint64_t *size)
{
	if (*iter >= memory.n)
		return false;
	*base = memory.r[*iter].base;
	*size = memory.r[*iter].end - *base;
	(*iter)++;
	return true;
}

bool memblock_next_reserved(unsigned *iter, paddr_t *base, uint64_t *size)
{
	if (*iter >= reserved.n)
		return false;
	*base = reserved.r[*iter].base;
	*size = reserved.r[*iter].end - *base;
	(*iter)++;
	return true;
}

uint64_t memblock_total(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < memory.n; i++)
		sum += memory.r[i].end - memory.r[i].base;
	return sum;
}

/* The first reserved range that overlaps [base, end), or NULL. */
static struct region *reserved_overlap(paddr_t base, paddr_t end)
{
	for (unsigned i = 0; i < reserved.n; i++)
		if (reserved.r[i].base < end && reserved.r[i].end > base)
			return &reserved.r[i];
	return NULL;
}

/*
 * Lowest fit: the image lies near the bottom of memory, and so does what an architecture maps
 * first. Frame 0 is never given out: 0 says "none".
 */
paddr_t memblock_alloc(uint64_t size, uint64_t align)
{
	size = ALIGN_UP(size, PAGE_SIZE);
	align = MAX(align, (uint64_t)PAGE_SIZE);
	BUG_ON(handed_over);
	for (unsigned i = 0; i < memory.n; i++) {
		paddr_t base = ALIGN_UP(MAX(memory.r[i].base, (paddr_t)PAGE_SIZE), align);

		while (base + size > base && base + size <= memory.r[i].end) {
			struct region *hit = reserved_overlap(base, base + size);

			if (!hit) {
				memblock_reserve(base, size);
				memset(phys_to_virt(base), 0, size);
				return base;
			}
			base = ALIGN_UP(hit->end, align);
		}
	}
	return 0;
}

/* The first free range at or after *pos: what mm_init() gives to the page allocator. */
bool memblock_next_free(paddr_t *pos, paddr_t *base, paddr_t *end)
{
	for (unsigned i = 0; i < memory.n; i++) {
		paddr_t at = MAX(*pos, memory.r[i].base);

		while (at < memory.r[i].end) {
			struct region *hit = reserved_overlap(at, memory.r[i].end);

			if (hit && hit->base <= at) {
				at = hit->end;
				continue;
			}
			*base = at;
			*end = hit ? hit->base : memory.r[i].end;
			*pos = *end;
			return true;
		}
	}
	return false;
}

void memblock_hand_over(void)
{
	handed_over = true;
}

/* All of [base, end): neighbours are merged, so one entry has to hold it. */
bool memblock_covers(paddr_t base, paddr_t end)
{
	for (unsigned i = 0; i < memory.n; i++)
		if (base >= memory.r[i].base && end <= memory.r[i].end)
			return base < end;
	return false;
}

bool memblock_is_memory(paddr_t pa)
{
	for (unsigned i = 0; i < memory.n; i++)
		if (pa >= memory.r[i].base && pa < memory.r[i].end)
			return true;
	return false;
}
