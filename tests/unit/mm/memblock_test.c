/* SPDX-License-Identifier: MIT */
/*
 * memblock against a plain map of pages.
 * UNIT-SOURCES: tests/unit/mm/host.c kernel/mm/memblock.c
 * UNIT-FLAGS: -ffreestanding -fwrapv -fno-sanitize=alignment,shift-base -Wno-unused-function
 * UNIT-VARIANTS: -DCONFIG_DEBUG=0 -DCONFIG_DEBUG=1
 */
#include <kernel/mm.h>
#include "../../../kernel/mm/mm_internal.h"
#include "host.h"

#define FRAMES 4096u
static unsigned char model_memory[FRAMES], model_reserved[FRAMES];

static void mark(unsigned char *m, uint64_t base, uint64_t size, unsigned char v)
{
	memset(m + base / PAGE_SIZE, v, size / PAGE_SIZE);
}

static void compare(void)
{
	unsigned char seen[FRAMES] = { 0 };
	unsigned iter = 0;
	paddr_t base, end, pos = 0, last = 0;
	uint64_t size, total = 0;

	while (memblock_next(&iter, &base, &size)) {
		CHECK(base > last || (base == 0 && last == 0));	/* sorted, and neighbours were joined */
		last = base + size;
		mark(seen, base, size, 1);
	}
	CHECK(!memcmp(seen, model_memory, FRAMES));
	for (unsigned i = 0; i < FRAMES; i++)
		total += model_memory[i];
	CHECK(memblock_total() == total * PAGE_SIZE);
	memset(seen, 0, sizeof(seen));
	while (memblock_next_free(&pos, &base, &end)) {
		CHECK(end > base);
		mark(seen, base, end - base, 1);
	}
	for (unsigned i = 0; i < FRAMES; i++)
		CHECK(seen[i] == (model_memory[i] && !model_reserved[i]));
}

int main(void)
{
	host_setup(FRAMES * PAGE_SIZE);
	for (unsigned round = 0; round < 60; round++) {
		uint64_t base = rnd() % (FRAMES - 300), n = 1 + rnd() % 256;
		paddr_t pa;

		switch (rnd() % 4) {
		case 0:
			memblock_add(base * PAGE_SIZE, n * PAGE_SIZE);
			mark(model_memory, base * PAGE_SIZE, n * PAGE_SIZE, 1);
			break;
		case 1:
			/* Odd borders are rounded outwards. */
			memblock_reserve(base * PAGE_SIZE + 100, n / 8 * PAGE_SIZE + 200);
			mark(model_reserved, base * PAGE_SIZE, (n / 8 + 1) * PAGE_SIZE, 1);
			break;
		case 2:
			memblock_reserve_nomap(base * PAGE_SIZE, n / 8 * PAGE_SIZE);
			mark(model_memory, base * PAGE_SIZE, n / 8 * PAGE_SIZE, 0);
			break;
		default:
			n = 1 + n / 16;
			pa = memblock_alloc(n * PAGE_SIZE, PAGE_SIZE << rnd() % 4);
			for (uint64_t i = 0; pa && i < n; i++)
				CHECK(model_memory[pa / PAGE_SIZE + i] && !model_reserved[pa / PAGE_SIZE + i]);
			if (pa)
				mark(model_reserved, pa, n * PAGE_SIZE, 1);
		}
		compare();
	}
	/* Ranges that wrap around are cut, not followed. */
	memblock_add(~0ull - 5 * PAGE_SIZE, ~0ull);
	memblock_reserve(~0ull - 5 * PAGE_SIZE, ~0ull);
	memblock_reserve(0, 0);
	CHECK(memblock_total() < 8 * FRAMES * PAGE_SIZE);
	memblock_limit(10 * PAGE_SIZE);
	CHECK(memblock_total() == 10 * PAGE_SIZE);
	return tests_failed != 0;
}
