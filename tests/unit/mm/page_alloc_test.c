/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: blocks never overlap, are aligned, all come back and merge; references; exhaustion.
 * UNIT-SOURCES: tests/unit/mm/host.c kernel/mm/memblock.c kernel/mm/page_alloc.c
 * UNIT-FLAGS: -ffreestanding -fwrapv -fno-sanitize=alignment,shift-base -Wno-unused-function
 * UNIT-VARIANTS: -DCONFIG_DEBUG=0 -DCONFIG_DEBUG=1
 */
#include <kernel/mm.h>
#include "../../../kernel/mm/mm_internal.h"
#include "host.h"

#define BYTES (64ul << 20)
#define SLOTS 3000u
static struct { struct page *p; unsigned order; } held[SLOTS];
static unsigned char owner[BYTES / PAGE_SIZE];

static void take(unsigned i)
{
	unsigned order = rnd() % 8 ? 0 : (unsigned)(rnd() % (MAX_ORDER + 1));
	struct page *p = page_alloc(order, rnd() & 1 ? GFP_ATOMIC : GFP_ATOMIC | GFP_ZERO);
	uint64_t pfn;

	if (!p)
		return;
	pfn = page_to_pfn(p);
	CHECK(IS_ALIGNED(pfn, 1ull << order) && p->order == order && atomic_read(&p->refs) == 1);
	for (uint64_t k = 0; k < 1ull << order; k++) {
		CHECK(!owner[pfn + k]);
		owner[pfn + k] = 1;
	}
	held[i].p = p;
	held[i].order = order;
	*(uint64_t *)page_to_virt(p) = pfn;
}

static void drop(unsigned i)
{
	struct page *p = held[i].p;
	uint64_t pfn = page_to_pfn(p);

	CHECK(*(uint64_t *)page_to_virt(p) == pfn);
	memset(owner + pfn, 0, 1ul << held[i].order);
	held[i].p = NULL;
	if (rnd() & 1) {
		page_free(p, held[i].order);
	} else {
		/* A second reference keeps it. */
		page_get(p);
		page_put(p);
		CHECK(atomic_read(&p->refs) == 1);
		page_put_many(&p, 1);
	}
}

static uint64_t largest_blocks(void)
{
	struct page *list = NULL, *p;
	uint64_t n = 0;

	while ((p = page_alloc(MAX_ORDER, GFP_ATOMIC))) {
		p->private = (uint64_t)list;
		list = p;
		n++;
	}
	while ((p = list)) {
		list = (struct page *)p->private;
		page_free(p, MAX_ORDER);
	}
	return n;
}

int main(void)
{
	uint64_t before, blocks;

	host_setup(BYTES);
	memblock_add(PAGE_SIZE, BYTES - PAGE_SIZE);
	memblock_reserve(5ul << 20, 3 * PAGE_SIZE);
	page_alloc_init();
	before = mem_free_pages();
	blocks = largest_blocks();
	CHECK(mem_total_pages() == before && before == BYTES / PAGE_SIZE - 1 - 3);
	for (unsigned round = 0; round < 200000; round++) {
		unsigned i = (unsigned)(rnd() % SLOTS);

		if (held[i].p)
			drop(i);
		else
			take(i);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (held[i].p)
			drop(i);
	CHECK(mem_free_pages() == before);
	page_drain_all();
	CHECK(largest_blocks() == blocks);
	/* Exhaustion is an answer, and everything is still there afterwards. */
	for (unsigned i = 0; i < 2; i++) {
		struct page *list = NULL, *p;
		uint64_t n = 0;

		while ((p = page_alloc(0, i ? GFP_ATOMIC | GFP_HIGHUSER : GFP_ATOMIC))) {
			p->private = (uint64_t)list;
			list = p;
			n++;
		}
		CHECK(n > before - 200 && n <= before);	/* less the reserve */
		while ((p = list)) {
			list = (struct page *)p->private;
			page_put(p);
		}
		CHECK(mem_free_pages() == before);
	}
	return tests_failed != 0;
}
