/* SPDX-License-Identifier: MIT */
/*
 * The one walk of page tables, for user and kernel: finding, making and replacing entries.
 * What works on ranges is pt_range.c.
 *
 * Invariants
 *	Upper-level entries of user tables go none -> table or block under pt_lock; tables
 *	disappear only under mm->lock held for writing and after every area that uses them has
 *	left its file's list. So a walk is free of locks for whoever holds mm->lock for
 *	reading, or page_cache->map_lock of a linked area. A last-level entry is written under
 *	pt_lock. Who read it before rechecks it there. A page-table page that is given back is
 *	all zeroes: clearing entries one by one is cheaper than clearing a page again, so such
 *	pages wait on a list of each CPU. Kernel tables are only ever added to. A leaf belongs
 *	to the owner of its address range.
 *
 * Locks: mm->pt_lock (LR_PT); kpt_lock (LR_KPT) for new kernel tables; the per-CPU list:
 * preemption off. References: the contract in <arch/mmu.h>.
 */
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/task.h>
#include <kernel/vm_block.h>
#include "mm_internal.h"

static DEFINE_SPINLOCK(kpt_lock, LR_KPT);

#define QUICK_MAX 32u
struct quick {
	unsigned n;
	struct page *v[QUICK_MAX];
};
static DEFINE_PERCPU(struct quick, quick);

struct page *pt_page_alloc(struct mm *mm)
{
	struct page *p = NULL;
	struct quick *q;

	preempt_disable();
	q = &this_cpu(quick);
	if (likely(q->n))
		p = q->v[--q->n];
	preempt_enable();
	if (!p) {
		p = page_alloc(0, GFP_KERNEL | GFP_ZERO);
		if (!p)
			return NULL;
		mem_count(MEM_PAGETABLE, 1);
	}
	p->flags = PG_TABLE;
	return p;
}

void pt_page_free(struct mm *mm, struct page *p)
{
	struct quick *q;

	if (CONFIG_DEBUG)
		for (unsigned i = 0; i < 512; i++)
			BUG_ON(((uint64_t *)page_to_virt(p))[i]);
	preempt_disable();
	q = &this_cpu(quick);
	if (likely(q->n < QUICK_MAX)) {
		q->v[q->n++] = p;
		p = NULL;
	}
	preempt_enable();
	if (p) {
		mem_count(MEM_PAGETABLE, -1);
		page_free(p, 0);
	}
}

static uint64_t quick_shrink(uint64_t want)
{
	struct quick *q;
	unsigned n;

	preempt_disable();
	q = &this_cpu(quick);
	n = q->n;
	while (q->n) {
		mem_count_here(MEM_PAGETABLE, -1);
		page_free(q->v[--q->n], 0);
	}
	preempt_enable();
	return n;
}

/* Reclaim may take the spare table pages. */
void pt_init(void)
{
	static struct shrinker shrinker = { .name = "page tables", .shrink = quick_shrink };

	shrinker_register(&shrinker);
}

pte_t *pt_walk(struct mm *mm, vaddr_t va, int to_level)
{
	pte_t *t = arch_mm_root(mm);

	for (int level = 0; level < to_level; level++) {
		pte_t e = pte_get(&t[pt_index(va, level)]);

		if (!pte_is_table(e, level))
			return NULL;
		t = pt_table(e);
	}
	return &t[pt_index(va, to_level)];
}

static __noinline bool pt_add_table(struct mm *mm, pte_t *p)
{
	struct page *page = pt_page_alloc(mm);

	if (!page)
		return false;
	spin_lock(&mm->pt_lock);
	if (pte_none(pte_get(p))) {
		pte_set(p, pte_make_table(page_to_phys(page)));
		rss_add(&mm->pt_pages, 1);
		page = NULL;
	}
	spin_unlock(&mm->pt_lock);
	if (page)
		pt_page_free(mm, page);	/* somebody else was faster */
	return true;
}

pte_t *pt_walk_alloc(struct mm *mm, vaddr_t va, int to_level)
{
	pte_t *t = arch_mm_root(mm);

	for (int level = 0; level < to_level; level++) {
		pte_t *p = &t[pt_index(va, level)];
		pte_t e = pte_get(p);

		if (unlikely(pte_none(e))) {
			if (!pt_add_table(mm, p))
				return NULL;
			e = pte_get(p);
		}
		if (unlikely(!pte_is_table(e, level)))
			return NULL;
		t = pt_table(e);
	}
	return &t[pt_index(va, to_level)];
}

/* The entry that decides about @va, and its level; NULL when a table on the way is missing. */
pte_t *pt_lookup(struct mm *mm, vaddr_t va, int *level)
{
	pte_t *t = arch_mm_root(mm);

	for (int l = 0;; l++) {
		pte_t *p = &t[pt_index(va, l)];
		pte_t e = pte_get(p);

		*level = l;
		if (pte_none(e))
			return NULL;
		if (l == 3 || !pte_is_table(e, l))
			return p;
		t = pt_table(e);
	}
}

/*
 * A valid entry becomes another valid one that maps other memory: no two CPUs may see both, so
 * it is broken, flushed everywhere, then made. A thread that faults between finds pt_lock
 * taken and then a changed entry.
 */
void pt_replace(struct mm *mm, vaddr_t va, pte_t *p, pte_t new)
{
	WRITE_ONCE(p->v, 0);
	arch_tlb_flush_page(mm, va);
	pte_set(p, new);
}

/*
 * A 2 MiB block becomes 512 pages with the same permissions. The table was put aside when the
 * block was mapped, so this cannot fail. Other address spaces may go on to map it as a block:
 * see <kernel/vm_block.h>.
 */
void pt_split_block(struct mm *mm, vaddr_t va)
{
	pte_t *p = pt_walk(mm, va, 2);
	unsigned prot = VM_USER;
	struct page *table;
	pte_t *t, e;

	if (!p)
		return;
	spin_lock(&mm->pt_lock);
	e = pte_get(p);
	if (pte_none(e) || pte_is_table(e, 2)) {
		spin_unlock(&mm->pt_lock);
		return;
	}
	table = pt_take_aside(mm);
	t = page_to_virt(table);
	/* Blocks are never executable, and a writable one is readable. */
	if (pte_accessible(e))
		prot |= VM_READ | (pte_writable(e) ? VM_WRITE : 0);
	for (unsigned i = 0; i < 512; i++)
		t[i] = pte_make(pte_phys(e) + i * PAGE_SIZE, prot, 3);
	vm_block_count(phys_to_page(pte_phys(e)));
	pt_replace(mm, ALIGN_DOWN(va, HUGE_SIZE), p, pte_make_table(page_to_phys(table)));
	rss_add(&mm->pt_pages, 1);
	spin_unlock(&mm->pt_lock);
}

/* ---- kernel tables */

static paddr_t kernel_table_alloc(void)
{
	struct page *p;

	if (!mm_ready)
		return memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	p = page_alloc(0, GFP_KERNEL | GFP_ZERO);
	if (!p)
		return 0;
	p->flags = PG_TABLE;
	mem_count(MEM_PAGETABLE, 1);
	return page_to_phys(p);
}

static pte_t *kernel_walk_alloc(vaddr_t va, int to_level)
{
	pte_t *t = arch_mm_root(&init_mm);

	for (int level = 0; level < to_level; level++) {
		pte_t *p = &t[pt_index(va, level)];
		pte_t e = pte_get(p);

		if (pte_none(e)) {
			paddr_t pa = kernel_table_alloc();
			irqflags_t f;

			if (!pa)
				return NULL;
			f = spin_lock_irqsave(&kpt_lock);
			if (pte_none(pte_get(p))) {
				pte_set(p, pte_make_table(pa));
				pa = 0;
			}
			spin_unlock_irqrestore(&kpt_lock, f);
			if (pa && mm_ready)
				page_free(phys_to_page(pa), 0);
			e = pte_get(p);
		}
		if (!pte_is_table(e, level))
			return NULL;
		t = pt_table(e);
	}
	return &t[pt_index(va, to_level)];
}

/*
 * The largest leaf that fits at (va, pa) and is no longer than @size: level 1 (1 GiB), 2 (2
 * MiB) or 3.
 */
static int leaf_level(vaddr_t va, paddr_t pa, uint64_t size)
{
	for (int level = 1; level < 3; level++)
		if (IS_ALIGNED(va | pa, pt_span(level)) && size >= pt_span(level))
			return level;
	return 3;
}

/* Nothing may be mapped in [va, va + size). On failure the caller unmaps the whole range. */
int kernel_map(vaddr_t va, paddr_t pa, size_t size, unsigned prot)
{
	if (!IS_ALIGNED(va | pa | size, PAGE_SIZE) ||
	    (prot & (VM_WRITE | VM_EXEC)) == (VM_WRITE | VM_EXEC))
		return -EINVAL;
	while (size) {
		int level = leaf_level(va, pa, size);
		pte_t *p = kernel_walk_alloc(va, level);

		if (!p)
			return -ENOMEM;
		BUG_ON(!pte_none(pte_get(p)));
		pte_set(p, pte_make(pa, prot | VM_GLOBAL, level));
		va += pt_span(level);
		pa += pt_span(level);
		size -= pt_span(level);
	}
	pte_publish();
	return 0;
}

void kernel_unmap(vaddr_t va, size_t size)
{
	vaddr_t start = va, end = va + size;

	while (va < end) {
		int level = 3;
		pte_t *p = pt_lookup(&init_mm, va, &level);

		if (p) {
			BUG_ON(!IS_ALIGNED(va, pt_span(level)) || end - va < pt_span(level));
			WRITE_ONCE(p->v, 0);
		}
		va = ALIGN_DOWN(va, pt_span(level)) + pt_span(level);
	}
	arch_tlb_flush_kernel(start, end);
}

/* Only permissions change, so no break is needed. Blocks must lie wholly inside. */
int kernel_protect(vaddr_t va, size_t size, unsigned prot)
{
	vaddr_t start = va, end = va + size;

	if ((prot & (VM_WRITE | VM_EXEC)) == (VM_WRITE | VM_EXEC))
		return -EINVAL;
	while (va < end) {
		int level;
		pte_t *p = pt_lookup(&init_mm, va, &level);

		if (!p || !IS_ALIGNED(va, pt_span(level)) || end - va < pt_span(level))
			return -EINVAL;
		pte_set(p, pte_make(pte_phys(pte_get(p)), prot | VM_GLOBAL, level));
		va += pt_span(level);
	}
	arch_tlb_flush_kernel(start, end);
	return 0;
}
