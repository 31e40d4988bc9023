/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset and the user copies: every small size and alignment against bytes moved one by one. */
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <arch/mmu.h>

#define AREA 768

static void fill(uint8_t *p, unsigned seed)
{
	for (unsigned i = 0; i < AREA; i++)
		p[i] = (uint8_t)(i * 7 + seed);
}

static bool same(const uint8_t *a, const uint8_t *b)
{
	for (unsigned i = 0; i < AREA; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

KTEST(memops, memmove_moves_overlapping_bytes_both_ways)
{
	uint8_t *a = kmalloc(AREA, GFP_KERNEL), *b = kmalloc(AREA, GFP_KERNEL), *c = kmalloc(AREA, GFP_KERNEL);
	unsigned bad = 0;

	for (unsigned n = 0; a && b && c && n < 560; n += n < 70 || (n & 63) > 60 || !(n & 63) ? 1 : 13) {
		for (unsigned to = 0; to < 150; to += 11) {
			unsigned from = 64;

			fill(a, n);
			fill(b, n);
			memmove(a + to, a + from, n);
			for (unsigned i = 0; i < n; i++)
				c[i] = b[from + i];
			for (unsigned i = 0; i < n; i++)
				b[to + i] = c[i];
			bad += !same(a, b);
		}
	}
	EXPECT_TRUE(a && b && c);
	EXPECT_EQ(bad, 0);
	kfree(a);
	kfree(b);
	kfree(c);
}

KTEST(memops, memset_sets_what_it_should_and_no_more)
{
	uint8_t *a = kmalloc(AREA, GFP_KERNEL), *b = kmalloc(AREA, GFP_KERNEL);
	unsigned bad = 0;

	for (unsigned n = 0; a && b && n < 400; n++) {
		for (unsigned at = 0; at < 17; at++) {
			fill(a, n);
			fill(b, n);
			memset(a + at, (int)(n + 0xa5), n);
			for (unsigned i = 0; i < n; i++)
				b[at + i] = (uint8_t)(n + 0xa5);
			bad += !same(a, b);
		}
	}
	EXPECT_EQ(bad, 0);
	kfree(a);
	kfree(b);
}

/* The page behind a vmalloc area is a guard: a fault as good as a user's. Privileged copies take any address. */
KTEST(memops, user_copies_are_exact_to_the_byte_at_a_fault)
{
	uint8_t *v = vmalloc(PAGE_SIZE), *b = kmalloc(AREA, GFP_KERNEL);
	unsigned bad = 0;

	for (unsigned in = 0; v && b && in < 420; in += in < 140 ? 1 : 3) {
		for (unsigned n = in; n < in + 80; n += 7) {
			uint8_t *at = v + PAGE_SIZE - in;
			size_t left;

			memset(v, 1, PAGE_SIZE);
			memset(b, 2, AREA);
			left = raw_copy_from_user(b, at, n);
			bad += left != n - in || (in && b[in - 1] != 1) || b[in] != 2;
			memset(b, 3, AREA);
			left = raw_copy_to_user(at, b, n);
			bad += left != n - in || (in && at[in - 1] != 3) || at[-1] != 1;
			left = raw_clear_user(at, n);
			bad += left != n - in || (in && at[in - 1] != 0) || at[-1] != 1;
		}
	}
	EXPECT_TRUE(v && b);
	EXPECT_EQ(bad, 0);
	vfree(v);
	kfree(b);
}

KTEST(memops, pages_are_cleared_and_copied_whole)
{
	uint8_t *a = page_alloc_virt(0, GFP_KERNEL), *b = page_alloc_virt(0, GFP_KERNEL);

	if (a && b) {
		for (unsigned i = 0; i < PAGE_SIZE; i++)
			a[i] = (uint8_t)(i * 31 >> 3);
		arch_copy_page(b, a);
		EXPECT_EQ(memcmp(a, b, PAGE_SIZE), 0);
		arch_clear_page(b);
		EXPECT_TRUE(!b[0] && !memcmp(b, b + 1, PAGE_SIZE - 1));
	}
	page_free_virt(a, 0);
	page_free_virt(b, 0);
}
