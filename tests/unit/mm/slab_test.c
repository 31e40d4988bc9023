/* SPDX-License-Identifier: MIT */
/*
 * Objects: no overlap, alignment, contents, constructors, return of slabs; in the debug form also misuse.
 * UNIT-SOURCES: tests/unit/mm/host.c kernel/mm/memblock.c kernel/mm/page_alloc.c kernel/mm/slab.c kernel/mm/slab_util.c
 * UNIT-FLAGS: -ffreestanding -fwrapv -fno-sanitize=alignment,shift-base -Wno-unused-function
 * UNIT-VARIANTS: -DCONFIG_DEBUG=0 -DCONFIG_DEBUG=1
 */
#include <kernel/mm.h>
#include "../../../kernel/mm/mm_internal.h"
#include "host.h"

#define SLOTS 4000u
static struct { unsigned char *p; size_t size; unsigned char fill; } held[SLOTS];

static void take(unsigned i)
{
	size_t size = rnd() % 10 ? 1 + rnd() % 600 : 1 + rnd() % 20000;
	bool zero = rnd() & 1;
	unsigned char *p = kmalloc(size, zero ? GFP_ATOMIC | GFP_ZERO : GFP_ATOMIC);

	CHECK(p);
	CHECK(IS_ALIGNED((uintptr_t)p, 16) && ksize(p) >= size);
	if (is_power_of_2(size) && size >= 16)
		CHECK(IS_ALIGNED((uintptr_t)p, MIN(size, PAGE_SIZE)));
	if (zero)
		for (size_t k = 0; k < size; k++)
			CHECK(!p[k]);
	held[i].p = p;
	held[i].size = size;
	held[i].fill = (unsigned char)rnd();
	memset(p, held[i].fill, size);
}

static void drop(unsigned i)
{
	for (size_t k = 0; k < held[i].size; k++)
		if (held[i].p[k] != held[i].fill) {
			CHECK(!"contents changed");
			break;
		}
	kfree(held[i].p);
	held[i].p = NULL;
}

static unsigned constructed;
static void construct(void *p)
{
	*(uint64_t *)p = 0x1234;
	constructed++;
}

static void test_constructor(void)
{
	struct kmem_cache *c = kmem_cache_create("test", 40, 8, KMEM_TYPESAFE_RCU, construct);
	void *v[500];

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 500; i++) {
			v[i] = kmem_cache_alloc(c, GFP_ATOMIC);
			CHECK(*(uint64_t *)v[i] == 0x1234);
		}
		/* The state survives being free: it is not constructed again. */
		for (unsigned i = 0; i < 500; i++)
			kmem_cache_free(c, v[i]);
	}
	CHECK(constructed >= 500);
}

static void test_misuse(void)
{
	uint64_t *p = kmalloc(64, GFP_ATOMIC), *q = kmalloc(64, GFP_ATOMIC);

	kfree(p);
	CHECK_PANIC(kfree(p));
	q[8] = 0;	/* one past the end */
	CHECK_PANIC(kfree(q));
	p = kmalloc(256, GFP_ATOMIC);
	CHECK_PANIC(kfree((char *)p + 16));
}

int main(void)
{
	uint64_t before;

	host_setup(64ul << 20);
	memblock_add(PAGE_SIZE, (64ul << 20) - PAGE_SIZE);
	page_alloc_init();
	slab_init();
	before = mem_free_pages();
	for (unsigned round = 0; round < 300000; round++) {
		unsigned i = (unsigned)(rnd() % SLOTS);

		if (held[i].p)
			drop(i);
		else
			take(i);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (held[i].p)
			drop(i);
	/* What stays behind is a few slabs a size class, not what was in use. */
	CHECK(before - mem_free_pages() < 16 * 80);
	test_constructor();
	CHECK(kmalloc(64ul << 20, GFP_ATOMIC) == NULL && kmalloc_array(1ul << 40, 1ul << 40, GFP_ATOMIC) == NULL);
	kfree(NULL);
	if (CONFIG_DEBUG)
		test_misuse();
	return tests_failed != 0;
}
