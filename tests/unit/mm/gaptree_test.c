/* SPDX-License-Identifier: MIT */
/*
 * The gap tree against a sorted array: every search has the answer of an exhaustive one.
 * UNIT-SOURCES: tests/unit/mm/host.c kernel/mm/gaptree.c kernel/lib/rbtree.c
 * UNIT-FLAGS: -ffreestanding -fwrapv -fno-sanitize=alignment,shift-base -Wno-unused-function
 * UNIT-VARIANTS: -DCONFIG_DEBUG=0 -DCONFIG_DEBUG=1
 */
#include "../../../kernel/mm/mm_internal.h"
#include "host.h"

#define SPACE 4096u	/* pages */
#define MAX_NODES 200u
static struct gap_node *slot[MAX_NODES];
static struct rb_root root;
static unsigned char taken[SPACE], used[SPACE];

static void paint(void)
{
	memset(taken, 0, sizeof(taken));
	memset(used, 0, sizeof(used));
	for (unsigned i = 0; i < MAX_NODES; i++) {
		struct gap_node *n = slot[i];

		if (!n)
			continue;
		memset(used + n->start / PAGE_SIZE, 1, (n->end - n->start) / PAGE_SIZE);
		memset(taken + n->start / PAGE_SIZE, 1, (n->end - n->start) / PAGE_SIZE);
	}
	/* A guard reaches down to the range before, not across it. */
	for (unsigned i = 0; i < MAX_NODES; i++) {
		struct gap_node *n = slot[i];

		for (uint64_t p = n ? n->start / PAGE_SIZE : 0, left = n ? n->guard / PAGE_SIZE : 0; left && p && !used[p - 1]; left--)
			taken[--p] = 1;
	}
}

static bool fits(unsigned at, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if (taken[at + i])
			return false;
	return true;
}

static void check_searches(void)
{
	unsigned len = 1 + (unsigned)(rnd() % 64), lo = 1 + (unsigned)(rnd() % (SPACE / 2)), hi = lo + (unsigned)(rnd() % (SPACE - lo));
	uint64_t high = 0, low = 0, va = rnd() % (SPACE * PAGE_SIZE);
	struct gap_node *want = NULL;

	paint();
	for (unsigned at = lo; at + len <= hi; at++)
		if (fits(at, len)) {
			high = at;
			if (!low)
				low = at;
		}
	CHECK(gap_find_high(&root, len * PAGE_SIZE, lo * PAGE_SIZE, hi * PAGE_SIZE) == high * PAGE_SIZE);
	CHECK(gap_find_low(&root, len * PAGE_SIZE, lo * PAGE_SIZE, hi * PAGE_SIZE) == low * PAGE_SIZE);
	for (unsigned i = 0; i < MAX_NODES; i++)
		if (slot[i] && slot[i]->end > va && (!want || slot[i]->start < want->start))
			want = slot[i];
	CHECK(gap_find(&root, va) == want);
}

static void step(void)
{
	unsigned i = (unsigned)(rnd() % MAX_NODES);
	struct gap_node *n = slot[i];

	if (n && rnd() % 3 == 0 && n->end - n->start > PAGE_SIZE) {
		/* Shrink in place, from either side. */
		if (rnd() & 1)
			n->start += PAGE_SIZE;
		else
			n->end -= PAGE_SIZE;
		gap_changed(n);
	} else if (n) {
		gap_erase(n, &root);
		free(n);
		slot[i] = NULL;
	} else {
		unsigned at = 1 + (unsigned)(rnd() % (SPACE - 20)), len = 1 + (unsigned)(rnd() % 16);

		paint();
		for (unsigned k = 0; k < len; k++)
			if (used[at + k])
				return;
		n = calloc(1, sizeof(*n));
		n->start = at * PAGE_SIZE;
		n->end = (at + len) * PAGE_SIZE;
		n->guard = rnd() % 5 == 0 ? (rnd() % 30) * PAGE_SIZE : 0;
		gap_insert(n, &root);
		slot[i] = n;
	}
}

int main(void)
{
	for (unsigned i = 0; i < 20000; i++) {
		step();
		if (i % 4 == 0)
			check_searches();
	}
	for (unsigned i = 0; i < MAX_NODES; i++)
		if (slot[i]) {
			gap_erase(slot[i], &root);
			free(slot[i]);
		}
	CHECK(!root.node);
	return tests_failed != 0;
}
