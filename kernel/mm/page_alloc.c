/* SPDX-License-Identifier: MIT */
/*
 * Page frames: a buddy allocator for the machine, with a stack of free single pages on each
 * CPU in front of it.
 *
 * Invariants
 *	A free block of 2^n frames is aligned to its size; its head has PG_BUDDY and order n;
 *	no two free buddies of one order exist (they would have been merged). A page on a CPU's
 *	stack has flags 0 and refs 0. The struct page of each frame in a 4 MiB block that holds
 *	memory exists and starts as zeroes, which reads as "neither free nor anybody's", so
 *	boot touches only the heads of the blocks it frees. refs go 0 -> 1 in allocation only;
 *	a reader of the page cache may raise a non-zero count for a moment even on a page that
 *	has changed hands, so every free is a drop of a reference, never an assignment.
 *
 * Locks: buddy.lock (LR_PAGES, interrupts off). A CPU's stack: interrupts off on that CPU.
 * References: Knowlton, "A fast storage allocator", CACM 8 (1965).
 */
#include <kernel/init.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <arch/irq.h>
#include "mm_internal.h"

#define PCP_MAX 256u		/* single pages a CPU keeps */
#define PCP_BATCH 64u		/* moved between a CPU and the buddy lists at once */
#define REFILL_ORDER 5u		/* largest block that is broken up straight into the stack */

struct pcp {
	unsigned n;
	struct page *v[PCP_MAX];
};
static DEFINE_PERCPU(struct pcp, pcp);
DEFINE_PERCPU(long, mem_counters[MEM_COUNTERS]);

static struct {
	struct spinlock lock;
	unsigned nonempty;			/* bit n: there is a free block of order n */
	uint64_t nr_free;			/* pages in the lists */
	uint64_t total;				/* pages ever given to the allocator */
	struct list_head free[MAX_ORDER + 1];
} buddy __cacheline_aligned = { .lock = SPINLOCK_INIT(LR_PAGES) };

/* Ordinary requests leave this many pages to those that cannot wait and to tasks that are dying. */
static uint64_t reserve_pages;
bool mm_ready;

static void block_push(struct page *p, unsigned order)
{
	p->flags = PG_BUDDY;
	p->order = (uint8_t)order;
	list_add(&p->link, &buddy.free[order]);
	buddy.nonempty |= 1u << order;
}

static void block_unlink(struct page *p, unsigned order)
{
	list_del(&p->link);
	p->flags = 0;
	if (list_empty(&buddy.free[order]))
		buddy.nonempty &= ~(1u << order);
}

static void block_free(struct page *p, unsigned order)
{
	uint64_t pfn = page_to_pfn(p);

	buddy.nr_free += 1ull << order;
	while (order < MAX_ORDER) {
		struct page *b = pfn_to_page(pfn ^ (1ull << order));

		if (!(b->flags & PG_BUDDY) || b->order != order)
			break;
		block_unlink(b, order);
		b->order = 0;
		pfn &= ~(1ull << order);
		order++;
	}
	block_push(pfn_to_page(pfn), order);
}

/* The smallest block that is large enough, split down to @order; NULL: none. */
static struct page *block_take(unsigned order)
{
	unsigned fit = buddy.nonempty >> order << order;
	struct page *p;
	unsigned o;

	if (!fit)
		return NULL;
	o = (unsigned)__builtin_ctz(fit);
	p = list_first_entry(&buddy.free[o], struct page, link);
	block_unlink(p, o);
	while (o > order) {
		o--;
		block_push(p + (1ull << o), o);
	}
	p->order = (uint8_t)order;
	buddy.nr_free -= 1ull << order;
	return p;
}

/* How deep a request may dig into the reserve. */
static uint64_t floor_for(gfp_t gfp)
{
	if (current->flags & (TF_OOM_VICTIM | TF_MEMALLOC))
		return 0;
	if (gfp & GFP_HIGHUSER)
		return reserve_pages;
	return gfp & GFP_WAIT ? reserve_pages / 2 : reserve_pages / 4;
}

/* Fills the stack of this CPU with up to PCP_BATCH pages. Interrupts off, buddy.lock held. */
static void pcp_refill(struct pcp *c, uint64_t floor)
{
	while (c->n < PCP_BATCH && buddy.nonempty) {
		unsigned low = (unsigned)__builtin_ctz(buddy.nonempty);
		unsigned o = MIN(low, REFILL_ORDER);
		struct page *p;

		if (buddy.nr_free < floor + (1u << o))
			return;
		p = block_take(o);
		/* Pushed from the top, so that addresses rise as pages are taken. */
		for (unsigned i = 1u << o; i-- > 0;) {
			p[i].order = 0;
			c->v[c->n++] = &p[i];
		}
	}
}

static struct page *try_alloc(unsigned order, gfp_t gfp)
{
	uint64_t floor = floor_for(gfp);
	irqflags_t f = spin_lock_irqsave(&buddy.lock);
	struct pcp *c = &this_cpu(pcp);
	struct page *p = NULL;

	if (order == 0) {
		if (!c->n)
			pcp_refill(c, floor);
		if (c->n)
			p = c->v[--c->n];
	} else if (buddy.nr_free >= floor + (1ull << order)) {
		p = block_take(order);
	}
	spin_unlock_irqrestore(&buddy.lock, f);
	return p;
}

/* Gives pages [keep, n) of a stack back. Interrupts off. */
static void pcp_drain(struct pcp *c, unsigned keep)
{
	spin_lock(&buddy.lock);
	for (unsigned i = keep; i < c->n; i++)
		block_free(c->v[i], 0);
	c->n = keep;
	spin_unlock(&buddy.lock);
}

static void drain_here(void *arg)
{
	irqflags_t f = arch_irq_save();

	(void)arg;
	pcp_drain(&this_cpu(pcp), 0);
	arch_irq_restore(f);
}

/* All CPUs' stacks back into the lists: before giving up. May wait for other CPUs. */
void page_drain_all(void)
{
	if (system_state >= SYSTEM_SCHEDULING && !arch_irqs_disabled() && !in_interrupt())
		smp_call(&cpu_online_mask, drain_here, NULL, true);
	else
		drain_here(NULL);
}

static __noinline struct page *page_alloc_slow(unsigned order, gfp_t gfp)
{
	struct page *p = try_alloc(order, gfp);

	if (likely(p))
		return p;
	if (order > MAX_ORDER)
		return NULL;
	if (!(gfp & GFP_WAIT) || in_interrupt() || current->flags & TF_MEMALLOC)
		goto fail;
	might_sleep();
	for (unsigned tries = 0; tries < 16; tries++) {
		uint64_t freed;
		unsigned old = current->flags & TF_MEMALLOC;

		page_drain_all();
		p = try_alloc(order, gfp);
		if (p)
			return p;
		current->flags |= TF_MEMALLOC;
		freed = shrink_caches(64 + (1ull << order));
		current->flags = (current->flags & ~TF_MEMALLOC) | old;
		p = try_alloc(order, gfp);
		if (p)
			return p;
		if (freed)
			continue;
		/* Killing somebody frees pages, not contiguous ones. */
		if ((gfp & GFP_NOOOM) || order > 3 || !oom_kill_and_wait(order, gfp))
			break;
	}
	p = try_alloc(order, gfp);
	if (p)
		return p;
fail:
	if (!(gfp & (GFP_NOWARN | GFP_HIGHUSER | GFP_NOOOM)) && order > 0)
		pr_debug("memory: no block of %u pages\n", 1u << order);
	return NULL;
}

static void page_debug_check(struct page *p)
{
	BUG_ON(p->flags & (PG_BUDDY | PG_SLAB));
	BUG_ON(atomic_read(&p->refs) != 0);
}

struct page *page_alloc(unsigned order, gfp_t gfp)
{
	struct page *p;

	if (likely(order == 0)) {
		irqflags_t f = arch_irq_save();
		struct pcp *c = &this_cpu(pcp);
		unsigned n = c->n;

		if (likely(n)) {
			p = c->v[n - 1];
			c->n = n - 1;
			arch_irq_restore(f);
			goto got;
		}
		arch_irq_restore(f);
	}
	p = page_alloc_slow(order, gfp);
	if (unlikely(!p))
		return NULL;
got:
	if (CONFIG_DEBUG)
		page_debug_check(p);
	atomic_set(&p->refs, 1);
	if (gfp & GFP_ZERO) {
		uint8_t *v = page_to_virt(p);

		if (likely(order == 0))
			arch_clear_page(v);
		else
			for (uint64_t i = 0; i < 1ull << order; i++)
				arch_clear_page(v + (i << PAGE_SHIFT));
	}
	return p;
}

static __noinline void block_free_slow(struct page *p, unsigned order)
{
	irqflags_t f = spin_lock_irqsave(&buddy.lock);

	block_free(p, order);
	spin_unlock_irqrestore(&buddy.lock, f);
}

/* A page nobody refers to goes onto this CPU's stack. Interrupts off. */
static inline void pcp_push(struct pcp *c, struct page *p)
{
	p->flags = 0;
	if (unlikely(c->n == PCP_MAX))
		pcp_drain(c, PCP_MAX - PCP_BATCH);
	c->v[c->n++] = p;
}

static void page_poison(struct page *p)
{
	BUG_ON(p->flags & (PG_BUDDY | PG_SLAB));
	memset(page_to_virt(p), 0x6b, PAGE_SIZE << p->order);
}

/* The last reference is gone. */
void page_put_final(struct page *p)
{
	irqflags_t f;

	if (CONFIG_DEBUG)
		page_poison(p);
	if (unlikely(p->order)) {
		p->flags = 0;
		block_free_slow(p, p->order);
		return;
	}
	f = arch_irq_save();
	pcp_push(&this_cpu(pcp), p);
	arch_irq_restore(f);
}

void page_put_many(struct page **v, unsigned n)
{
	irqflags_t f = arch_irq_save();
	struct pcp *c = &this_cpu(pcp);

	for (unsigned i = 0; i < n; i++) {
		struct page *p = v[i];

		if (!ref_put(&p->refs))
			continue;
		if (unlikely(p->order || CONFIG_DEBUG))
			page_put_final(p);
		else
			pcp_push(c, p);
	}
	arch_irq_restore(f);
}

void page_free(struct page *p, unsigned order)
{
	ASSERT(p->order == order);
	if (ref_put(&p->refs))
		page_put_final(p);
}

void *page_alloc_virt(unsigned order, gfp_t gfp)
{
	struct page *p = page_alloc(order, gfp);

	return p ? page_to_virt(p) : NULL;
}

void page_free_virt(void *p, unsigned order)
{
	if (p)
		page_free(virt_to_page(p), order);
}

/* Frames that never had an owner (boot memory, .init, ramdisk) join the free ones. */
void page_alloc_add_range(paddr_t base, paddr_t end)
{
	uint64_t pfn = base >> PAGE_SHIFT, last = end >> PAGE_SHIFT;

	while (pfn < last) {
		unsigned order = pfn ? (unsigned)__builtin_ctzll(pfn) : MAX_ORDER;
		irqflags_t f;

		order = MIN(order, (unsigned)MAX_ORDER);
		while (pfn + (1ull << order) > last)
			order--;
		f = spin_lock_irqsave(&buddy.lock);
		block_free(pfn_to_page(pfn), order);
		buddy.total += 1ull << order;
		spin_unlock_irqrestore(&buddy.lock, f);
		pfn += 1ull << order;
	}
}

void page_alloc_init(void)
{
	paddr_t pos = PAGE_SIZE, base, end;

	for (unsigned i = 0; i <= MAX_ORDER; i++)
		list_init(&buddy.free[i]);
	while (memblock_next_free(&pos, &base, &end))
		page_alloc_add_range(base, end);
	memblock_hand_over();
	/* 1/512 of memory, 256 KiB to 8 MiB. */
	reserve_pages = MIN(MAX(buddy.total / 512, 64ul), 2048ul);
	mm_ready = true;
}

uint64_t page_watermark(void)
{
	return reserve_pages;
}

uint64_t mem_total_pages(void)
{
	return buddy.total;
}

uint64_t mem_free_pages(void)
{
	uint64_t n = READ_ONCE(buddy.nr_free);

	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		if (cpu == 0 || percpu_offset[cpu])
			n += READ_ONCE(per_cpu(pcp, cpu).n);
	return n;
}

void mem_count(enum mem_counter c, long pages)
{
	irqflags_t f = arch_irq_save();

	mem_count_here(c, pages);
	arch_irq_restore(f);
}
