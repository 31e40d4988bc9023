/* SPDX-License-Identifier: MIT */
/* UNIT-SOURCES: kernel/lib/xarray.c */
#include <kernel/xarray.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/rcu.h>
#include "unit.h"

static unsigned live, fail_after = ~0u;

void *kmalloc(size_t size, gfp_t gfp)
{
	if (!fail_after)
		return NULL;
	fail_after--;
	live++;
	return calloc(1, size);
}
void kfree_rcu_head(struct rcu_head *head, void *obj)
{
	live--;
	free(obj);
}

static char __attribute__((aligned(16))) things[64][16];

TEST(stores_finds_and_erases_sparse_indices)
{
	static const uint64_t idx[] = { 0, 1, 63, 64, 4095, 4096, 1ull << 30, (1ull << 52) + 5, UINT64_MAX };
	struct xarray xa = XARRAY_INIT;
	uint64_t at = 0;
	void *p;
	unsigned n = 0;

	for (unsigned i = 0; i < 9; i++)
		CHECK_EQ(xa_store(&xa, idx[i], things[i], NULL), 0);
	CHECK_EQ(xa.count, 9);
	for (unsigned i = 0; i < 9; i++)
		CHECK(xa_load(&xa, idx[i]) == things[i]);
	CHECK(xa_load(&xa, 2) == NULL);
	CHECK(xa_load(&xa, 1ull << 40) == NULL);
	while ((p = xa_find(&xa, &at))) {
		CHECK(at == idx[n] && p == things[n]);
		n++;
		if (at++ == UINT64_MAX)
			break;
	}
	CHECK_EQ(n, 9);
	CHECK_EQ(xa_find_free(&xa, 0), 2);
	CHECK_EQ(xa_find_free(&xa, 63), 65);
	for (unsigned i = 9; i-- > 0;)
		CHECK(xa_erase(&xa, idx[i]) == things[i]);
	CHECK(xa_erase(&xa, 5) == NULL);
	CHECK_EQ(xa.count, 0);
	CHECK_EQ(live, 0);
}

TEST(one_entry_at_zero_needs_no_node)
{
	struct xarray xa = XARRAY_INIT;
	void *old;

	CHECK_EQ(xa_store(&xa, 0, things[0], NULL), 0);
	CHECK_EQ(live, 0);
	CHECK_EQ(xa_store(&xa, 0, things[1], &old), 0);
	CHECK(old == things[0]);
	CHECK_EQ(xa_store(&xa, 7, things[2], NULL), 0);
	CHECK(xa_load(&xa, 0) == things[1]);
	CHECK(xa_erase(&xa, 7) == things[2]);
	CHECK(xa_load(&xa, 0) == things[1]);
	CHECK_EQ(live, 0);
	CHECK(xa_erase(&xa, 0) == things[1]);
}

TEST(want_of_memory_leaves_it_as_it_was)
{
	for (unsigned limit = 0; limit < 8; limit++) {
		struct xarray xa = XARRAY_INIT;
		int err;

		CHECK_EQ(xa_store(&xa, 3, things[0], NULL), 0);
		fail_after = limit;
		err = xa_store(&xa, 1ull << 34, things[1], NULL);
		fail_after = ~0u;
		CHECK(xa_load(&xa, 3) == things[0]);
		CHECK((xa_load(&xa, 1ull << 34) == things[1]) == !err);
		xa_destroy(&xa);
		CHECK_EQ(live, 0);
	}
}

TEST(random_against_a_plain_array)
{
	static void *model[5000];
	struct xarray xa = XARRAY_INIT;
	uint32_t x = 3;

	for (unsigned step = 0; step < 100000; step++) {
		unsigned i = ((x = x * 1664525 + 1013904223) >> 7) % 5000;
		void *thing = things[x >> 20 & 63];

		if (x >> 30) {
			CHECK(xa_erase(&xa, i) == model[i]);
			model[i] = NULL;
		} else {
			CHECK_EQ(xa_store(&xa, i, thing, NULL), 0);
			model[i] = thing;
		}
		i = (x >> 3) % 5000;
		CHECK(xa_load(&xa, i) == model[i]);
	}
	xa_destroy(&xa);
	CHECK_EQ(live, 0);
}
