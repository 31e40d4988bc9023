/* SPDX-License-Identifier: MIT */
/* Address spaces that no task runs in: areas, faults, fork, and that everything comes back. */
#include <kernel/errno.h>
#include <kernel/ktest.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include <kernel/vm_block.h>
#include <uapi/mman.h>

#define BASE 0x10000000ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES(n) ((n) * PAGE_SIZE)

int do_munmap(struct mm *mm, vaddr_t start, uint64_t len);
int fault_in_page(struct mm *mm, vaddr_t va, unsigned access);

static long map_at(struct mm *mm, vaddr_t va, uint64_t len, unsigned prot)
{
	return vm_mmap_mm(mm, va, len, prot, ANON | MAP_FIXED, NULL, 0);
}

static int unmap(struct mm *mm, vaddr_t va, uint64_t len)
{
	int err;

	down_write(&mm->lock);
	err = do_munmap(mm, va, len);
	up_write(&mm->lock);
	return err;
}

static int put(struct mm *mm, vaddr_t va, uint64_t v)
{
	return vm_access(mm, va, &v, 8, true, false) == 8 ? 0 : -1;
}

static uint64_t peek(struct mm *mm, vaddr_t va)
{
	uint64_t v = ~0ull;

	return vm_access(mm, va, &v, 8, false, false) == 8 ? v : ~1ull;
}

KTEST(vm, neighbours_merge_and_holes_split)
{
	struct mm *mm = mm_create();

	EXPECT_EQ(map_at(mm, BASE, PAGES(4), RW), BASE);
	EXPECT_EQ(map_at(mm, BASE + PAGES(4), PAGES(4), RW), BASE + PAGES(4));
	EXPECT_EQ(mm->nr_areas, 1);
	EXPECT_EQ(mm->total_pages, 8);
	EXPECT_OK(unmap(mm, BASE + PAGES(3), PAGES(2)));
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_EQ(mm->total_pages, 6);
	EXPECT_EQ(map_at(mm, BASE + PAGES(3), PAGES(2), RW), BASE + PAGES(3));
	EXPECT_EQ(mm->nr_areas, 1);
	/* Other permissions do not merge. */
	EXPECT_EQ(map_at(mm, BASE + PAGES(8), PAGES(1), PROT_READ), BASE + PAGES(8));
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_OK(unmap(mm, 0x10000, 1ul << 40));
	EXPECT_EQ(mm->nr_areas, 0);
	EXPECT_EQ(mm->total_pages, 0);
	EXPECT_EQ(mm->data_pages, 0);
	mm_put(mm);
}

KTEST(vm, new_mappings_go_downwards)
{
	struct mm *mm = mm_create();
	long a = vm_mmap_mm(mm, 0, PAGES(3), RW, ANON, NULL, 0);
	long b = vm_mmap_mm(mm, 0, PAGES(2), PROT_READ, ANON, NULL, 0);

	EXPECT_EQ(a + (long)PAGES(3), mm->mmap_base);
	EXPECT_EQ(b + (long)PAGES(2), a);
	/* A freed place is taken again. */
	EXPECT_OK(unmap(mm, (vaddr_t)a, PAGES(3)));
	EXPECT_EQ(vm_mmap_mm(mm, 0, PAGES(1), RW, ANON, NULL, 0), a + (long)PAGES(2));
	mm_put(mm);
}

KTEST(vm, bad_requests_get_linux_errors)
{
	struct mm *mm = mm_create();

	EXPECT_EQ(vm_mmap_mm(mm, 0, 0, RW, ANON, NULL, 0), -EINVAL);
	EXPECT_EQ(vm_mmap_mm(mm, 0, ~0ul, RW, ANON, NULL, 0), -ENOMEM);
	EXPECT_EQ(vm_mmap_mm(mm, BASE + 1, PAGES(1), RW, ANON | MAP_FIXED, NULL, 0), -EINVAL);
	EXPECT_EQ(vm_mmap_mm(mm, USER_END, PAGES(1), RW, ANON | MAP_FIXED, NULL, 0), -ENOMEM);
	EXPECT_EQ(vm_mmap_mm(mm, 0, PAGES(1), RW, MAP_ANONYMOUS, NULL, 0), -EINVAL);
	EXPECT_EQ(map_at(mm, BASE, PAGES(2), RW), BASE);
	EXPECT_EQ(
		vm_mmap_mm(mm, BASE + PAGES(1), PAGES(2), RW, ANON | MAP_FIXED_NOREPLACE, NULL, 0),
		-EEXIST);
	EXPECT_EQ(unmap(mm, BASE + 1, PAGES(1)), -EINVAL);
	EXPECT_EQ(unmap(mm, BASE, 0), -EINVAL);
	EXPECT_OK(unmap(mm, BASE + PAGES(100), PAGES(1)));
	mm_put(mm);
}

KTEST(vm, pages_come_on_demand_and_go_with_the_area)
{
	struct mm *mm = mm_create();

	map_at(mm, BASE, PAGES(64), RW);
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 0);
	EXPECT_EQ(peek(mm, BASE), 0);			/* the zero page is nobody's */
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 0);
	for (unsigned i = 0; i < 64; i++)
		EXPECT_OK(put(mm, BASE + PAGES(i), i + 1));
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 64);
	EXPECT_TRUE(atomic64_read(&mm->pt_pages) >= 3);
	EXPECT_EQ(peek(mm, BASE + PAGES(63)), 64);
	EXPECT_OK(unmap(mm, BASE, PAGES(32)));
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 32);
	EXPECT_EQ(peek(mm, BASE), ~1ull);
	EXPECT_OK(unmap(mm, BASE, PAGES(64)));
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 0);
	EXPECT_EQ(atomic64_read(&mm->pt_pages), 0);
	mm_put(mm);
}

KTEST(vm, permissions_are_kept)
{
	struct mm *mm = mm_create();

	map_at(mm, BASE, PAGES(1), PROT_READ);
	map_at(mm, BASE + PAGES(1), PAGES(1), PROT_NONE);
	EXPECT_EQ(put(mm, BASE, 1), -1);
	EXPECT_EQ(peek(mm, BASE + PAGES(1)), ~1ull);
	down_read(&mm->lock);
	EXPECT_EQ(fault_in_page(mm, BASE, VM_WRITE), -EACCES);
	EXPECT_EQ(fault_in_page(mm, BASE, VM_EXEC), -EACCES);
	EXPECT_EQ(fault_in_page(mm, BASE + PAGES(1), VM_READ), -EACCES);
	EXPECT_EQ(fault_in_page(mm, BASE + PAGES(9), VM_READ), -EFAULT);
	up_read(&mm->lock);
	mm_put(mm);
}

KTEST(vm, fork_copies_on_write)
{
	struct mm *mm = mm_create(), *child = NULL;

	map_at(mm, BASE, PAGES(4), RW);
	EXPECT_OK(put(mm, BASE, 1));
	EXPECT_OK(put(mm, BASE + PAGES(1), 2));
	EXPECT_OK(mm_fork(mm, &child));
	EXPECT_EQ(atomic64_read(&child->rss_anon), 2);
	EXPECT_OK(put(mm, BASE, 100));
	EXPECT_OK(put(child, BASE + PAGES(1), 200));
	EXPECT_OK(put(child, BASE + PAGES(2), 300));
	EXPECT_EQ(peek(mm, BASE), 100);
	EXPECT_EQ(peek(child, BASE), 1);
	EXPECT_EQ(peek(mm, BASE + PAGES(1)), 2);
	EXPECT_EQ(peek(child, BASE + PAGES(1)), 200);
	EXPECT_EQ(peek(mm, BASE + PAGES(2)), 0);
	mm_put(mm);
	EXPECT_EQ(peek(child, BASE), 1);
	EXPECT_OK(put(child, BASE, 5));
	EXPECT_EQ(peek(child, BASE), 5);
	mm_put(child);
}

KTEST(vm, a_two_megabyte_area_is_one_block_until_it_is_cut)
{
	struct mm *mm = mm_create();
	int level = 0;

	map_at(mm, BASE, 4 * HUGE_SIZE, RW);
	EXPECT_OK(put(mm, BASE + HUGE_SIZE + 8, 77));
	EXPECT_TRUE(pt_lookup(mm, BASE + HUGE_SIZE, &level) != NULL);
	if (level != 2) {	/* memory is not plentiful: nothing to see */
		mm_put(mm);
		return;
	}
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 512);
	EXPECT_OK(unmap(mm, BASE + HUGE_SIZE + PAGES(10), PAGES(2)));
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 510);
	EXPECT_EQ(peek(mm, BASE + HUGE_SIZE + 8), 77);
	EXPECT_EQ(peek(mm, BASE + HUGE_SIZE + PAGES(10)), ~1ull);
	EXPECT_OK(put(mm, BASE, 1));
	EXPECT_OK(unmap(mm, BASE, 4 * HUGE_SIZE));
	EXPECT_EQ(atomic64_read(&mm->rss_anon), 0);
	EXPECT_EQ(atomic64_read(&mm->pt_pages), 0);
	mm_put(mm);
}

KTEST(vm, forked_blocks_are_private)
{
	struct mm *mm = mm_create(), *child = NULL;

	map_at(mm, BASE, 2 * HUGE_SIZE, RW);
	EXPECT_OK(put(mm, BASE + PAGES(5), 11));
	EXPECT_OK(mm_fork(mm, &child));
	EXPECT_OK(put(child, BASE + PAGES(5), 12));
	EXPECT_EQ(peek(mm, BASE + PAGES(5)), 11);
	EXPECT_EQ(peek(child, BASE + PAGES(5)), 12);
	mm_put(child);
	mm_put(mm);
}

/* The level of the entry that maps @va: 2 is a block. */
static int level_of(struct mm *mm, vaddr_t va)
{
	int level = 0;

	return pt_lookup(mm, va, &level) ? level : -1;
}

static struct page *block_of(struct mm *mm, vaddr_t va)
{
	int level;

	return phys_to_page(pte_phys(pte_get(pt_lookup(mm, va, &level))));
}

KTEST(vm, fork_shares_a_block_until_one_side_cuts_it)
{
	struct mm *mm = mm_create(), *one = NULL, *two = NULL;
	struct page *head;

	map_at(mm, BASE, HUGE_SIZE, RW);
	down_read(&mm->lock);
	EXPECT_OK(fault_in_page(mm, BASE + PAGES(5), VM_WRITE));
	up_read(&mm->lock);
	if (level_of(mm, BASE) != 2) {	/* memory is not plentiful: nothing to see */
		mm_put(mm);
		return;
	}
	head = block_of(mm, BASE);
	EXPECT_EQ(vm_block_mappings(head), 1);
	EXPECT_OK(mm_fork(mm, &one));
	EXPECT_OK(mm_fork(mm, &two));
	EXPECT_EQ(level_of(one, BASE), 2);
	EXPECT_EQ(block_of(two, BASE) == head, true);
	EXPECT_EQ(vm_block_mappings(head), 3);
	EXPECT_EQ(atomic_read(&head->refs), 1);
	EXPECT_EQ(atomic64_read(&two->rss_anon), 512);
	EXPECT_TRUE(!pte_writable(pte_get(pt_lookup(mm, BASE, &(int){ 0 }))));

	/* A write in one of them: its own table, one page of its own, everything else counted. */
	down_read(&one->lock);
	EXPECT_OK(fault_in_page(one, BASE + PAGES(7), VM_WRITE));
	up_read(&one->lock);
	EXPECT_EQ(level_of(one, BASE), 3);
	EXPECT_EQ(level_of(mm, BASE), 2);
	EXPECT_EQ(vm_block_mappings(head), 0);
	EXPECT_EQ(atomic_read(&head->refs), 3);
	EXPECT_EQ(atomic_read(&head[7].refs), 2);
	EXPECT_EQ(atomic_read(&head[511].refs), 3);
	EXPECT_EQ(atomic64_read(&one->pt_pages), 3);

	/* The others leave, one as a block: what is left belongs to one address space, page by page. */
	EXPECT_OK(unmap(two, BASE, HUGE_SIZE));
	EXPECT_EQ(atomic_read(&head[511].refs), 2);
	EXPECT_EQ(atomic64_read(&two->pt_pages), 0);
	mm_put(mm);
	EXPECT_EQ(atomic_read(&head[6].refs), 1);
	EXPECT_EQ(atomic_read(&head->refs), 1);
	mm_put(two);
	mm_put(one);
}

KTEST(vm, a_block_left_alone_is_written_in_place)
{
	struct mm *mm = mm_create(), *child = NULL;
	struct page *head;

	map_at(mm, BASE, HUGE_SIZE, RW);
	down_read(&mm->lock);
	EXPECT_OK(fault_in_page(mm, BASE, VM_WRITE));
	up_read(&mm->lock);
	if (level_of(mm, BASE) != 2) {
		mm_put(mm);
		return;
	}
	head = block_of(mm, BASE);
	EXPECT_OK(mm_fork(mm, &child));
	mm_put(child);
	EXPECT_EQ(vm_block_mappings(head), 1);
	down_read(&mm->lock);
	EXPECT_OK(fault_in_page(mm, BASE + PAGES(3), VM_WRITE));
	up_read(&mm->lock);
	EXPECT_EQ(level_of(mm, BASE), 2);
	EXPECT_TRUE(pte_writable(pte_get(pt_lookup(mm, BASE, &(int){ 0 }))));
	mm_put(mm);
}

KTEST(vm, shared_blocks_give_all_their_memory_back)
{
	uint64_t before = 0, after;

	for (unsigned i = 0; i < 24; i++) {
		struct mm *mm = mm_create(), *child = NULL, *third = NULL;

		if (i == 4)
			before = mem_free_pages();
		map_at(mm, BASE, 2 * HUGE_SIZE, RW);
		down_read(&mm->lock);
		EXPECT_OK(fault_in_page(mm, BASE, VM_WRITE));
		EXPECT_OK(fault_in_page(mm, BASE + HUGE_SIZE, VM_WRITE));
		up_read(&mm->lock);
		EXPECT_OK(mm_fork(mm, &child));
		if (i & 1)
			EXPECT_OK(put(child, BASE + PAGES(i), i));
		if (i & 2)
			EXPECT_OK(mm_fork(child, &third));
		if (i & 4)
			EXPECT_OK(unmap(mm, BASE + PAGES(100), HUGE_SIZE));
		mm_put(i & 8 ? mm : child);
		if (third) {
			EXPECT_OK(put(third, BASE + HUGE_SIZE + PAGES(i), i));
			mm_put(third);
		}
		mm_put(i & 8 ? child : mm);
	}
	after = mem_free_pages();
	EXPECT_TRUE(after + 128 > before);
}

KTEST(vm, map_count_is_bounded)
{
	struct mm *mm = mm_create();
	long r = 0;
	unsigned n = 0;

	/* Every other page, so that nothing merges. */
	for (; n < 66000 && r >= 0; n++)
		r = map_at(mm, BASE + PAGES(2ul * n), PAGES(1), PROT_READ);
	EXPECT_EQ(r, -ENOMEM);
	EXPECT_TRUE(n > 65000 && n < 65600);
	mm_put(mm);
}

KTEST(vm, nothing_is_lost)
{
	uint64_t before, after;

	for (unsigned round = 0; round < 2; round++) {
		before = mem_free_pages();
		for (unsigned i = 0; i < 50; i++) {
			struct mm *mm = mm_create(), *child;

			map_at(mm, BASE, PAGES(40), RW);
			map_at(mm, BASE + (1ul << 32), PAGES(4), RW);
			map_at(mm, BASE + (1ul << 40), PAGES(4), RW);
			for (unsigned k = 0; k < 40; k++)
				put(mm, BASE + PAGES(k), k);
			put(mm, BASE + (1ul << 32), 1);
			put(mm, BASE + (1ul << 40), 1);
			if (!mm_fork(mm, &child)) {
				put(child, BASE, 9);
				mm_put(child);
			}
			mm_put(mm);
		}
		after = mem_free_pages();
	}
	/*
	 * The first round fills caches; the second has to come out even, but for per-CPU lists
	 * of other users.
	 */
	EXPECT_TRUE(after + 40 >= before);
}
