/* SPDX-License-Identifier: MIT */
/*
 * Kernel address ranges: vmalloc, kernel stacks, mappings of devices.
 *
 * Invariants: each range is followed by an unmapped guard page; kernel stacks also have one
 * below (that of the range before, or their own: the range starts with an unmapped page).
 * Pages of a range that owns them are linked through page->link. A range leaves the tree only
 * after its translations are gone from every CPU.
 *
 * Locks: vm_ranges_lock (LR_VMALLOC) for the tree; the per-CPU stack cache: preemption off.
 */
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/task.h>
#include "mm_internal.h"

struct vm_range {
	struct gap_node gap;		/* guard pages included */
	vaddr_t va;			/* first mapped byte */
	uint64_t size;			/* mapped */
	struct list_head pages;		/* owned, or empty */
	unsigned nr;
};
static struct rb_root ranges;
static DEFINE_SPINLOCK(vm_ranges_lock, LR_VMALLOC);
static struct kmem_cache *range_cache;

#define STACK_CACHE 6u			/* per CPU */
struct stack_cache {
	unsigned n;
	void *stack[STACK_CACHE];
};
static DEFINE_PERCPU(struct stack_cache, stack_cache);

bool is_vmalloc_addr(const void *p)
{
	return (uintptr_t)p >= VMALLOC_BASE && (uintptr_t)p < VMALLOC_END;
}

/* Reserves @size bytes of addresses with a guard page behind and, if @below, one before. */
static struct vm_range *range_alloc(uint64_t size, uint64_t align, bool below)
{
	struct vm_range *r = kmem_cache_alloc(range_cache, GFP_KERNEL);
	uint64_t lead = below ? PAGE_SIZE : 0, span = size + PAGE_SIZE + lead;
	irqflags_t f;
	vaddr_t va;

	if (!r)
		return NULL;
	f = spin_lock_irqsave(&vm_ranges_lock);
	va = gap_find_low(&ranges, span + align - PAGE_SIZE, VMALLOC_BASE, VMALLOC_END);
	if (!va) {
		spin_unlock_irqrestore(&vm_ranges_lock, f);
		kmem_cache_free(range_cache, r);
		return NULL;
	}
	r->va = ALIGN_UP(va + lead, align);
	r->size = size;
	r->nr = 0;
	list_init(&r->pages);
	r->gap.start = r->va - lead;
	r->gap.end = r->va + size + PAGE_SIZE;
	r->gap.guard = 0;
	gap_insert(&r->gap, &ranges);
	spin_unlock_irqrestore(&vm_ranges_lock, f);
	return r;
}

static struct vm_range *range_find(vaddr_t va)
{
	irqflags_t f = spin_lock_irqsave(&vm_ranges_lock);
	struct vm_range *r = container_of(gap_find(&ranges, va), struct vm_range, gap);

	spin_unlock_irqrestore(&vm_ranges_lock, f);
	BUG_ON(!r || r->va > va || va >= r->va + r->size);
	return r;
}

/* Unmaps (which flushes), frees the pages, then the addresses. */
static void range_free(struct vm_range *r)
{
	struct page *p, *n;
	irqflags_t f;

	kernel_unmap(r->va, r->size);
	list_for_each_entry_safe(p, n, &r->pages, link)
		page_free(p, 0);
	f = spin_lock_irqsave(&vm_ranges_lock);
	gap_erase(&r->gap, &ranges);
	spin_unlock_irqrestore(&vm_ranges_lock, f);
	kmem_cache_free(range_cache, r);
}

static int range_populate(struct vm_range *r, gfp_t gfp)
{
	for (vaddr_t va = r->va; va < r->va + r->size; va += PAGE_SIZE) {
		struct page *p = page_alloc(0, gfp);
		int err;

		if (!p)
			return -ENOMEM;
		p->flags = PG_KERNEL;
		list_add(&p->link, &r->pages);
		r->nr++;
		err = kernel_map(va, page_to_phys(p), PAGE_SIZE, VM_READ | VM_WRITE | VM_GLOBAL);
		if (err)
			return err;
	}
	return 0;
}

void *vmalloc(size_t size)
{
	struct vm_range *r;

	size = ALIGN_UP(size, PAGE_SIZE);
	if (!size || size >> PAGE_SHIFT > mem_total_pages())
		return NULL;
	r = range_alloc(size, PAGE_SIZE, false);
	if (!r)
		return NULL;
	if (range_populate(r, GFP_KERNEL | GFP_NOOOM)) {
		range_free(r);
		return NULL;
	}
	mem_count(MEM_VMALLOC, (long)(size >> PAGE_SHIFT));
	return (void *)r->va;
}

void vfree(const void *p)
{
	struct vm_range *r;

	if (!p)
		return;
	might_sleep();
	r = range_find((vaddr_t)p);
	mem_count(MEM_VMALLOC, -(long)(r->size >> PAGE_SHIFT));
	range_free(r);
}

paddr_t vmalloc_to_phys(const void *p)
{
	vaddr_t va = (vaddr_t)p;
	pte_t *e;
	int level;

	ASSERT(is_vmalloc_addr(p));
	e = pt_lookup(&init_mm, va, &level);
	BUG_ON(!e);
	return pte_phys(pte_get(e)) + (va & (pt_span(level) - 1));
}

static void *stack_make(void)
{
	struct vm_range *r = range_alloc(KSTACK_SIZE, PAGE_SIZE, true);

	if (!r)
		return NULL;
	if (range_populate(r, GFP_KERNEL)) {
		range_free(r);
		return NULL;
	}
	mem_count(MEM_KSTACK, KSTACK_SIZE >> PAGE_SHIFT);
	return (void *)r->va;
}

void *kstack_alloc(void)
{
	struct stack_cache *c;
	void *s = NULL;

	preempt_disable();
	c = &this_cpu(stack_cache);
	if (likely(c->n))
		s = c->stack[--c->n];
	preempt_enable();
	return s ? s : stack_make();
}

/* Any task context. The stack must not be in use any more. */
void kstack_free(void *stack)
{
	struct stack_cache *c;

	preempt_disable();
	c = &this_cpu(stack_cache);
	if (likely(c->n < STACK_CACHE)) {
		c->stack[c->n++] = stack;
		stack = NULL;
	}
	preempt_enable();
	if (stack) {
		mem_count(MEM_KSTACK, -(long)(KSTACK_SIZE >> PAGE_SHIFT));
		range_free(range_find((vaddr_t)stack));
	}
}

/* Reclaim: this CPU's spare stacks. */
static uint64_t stack_shrink(uint64_t want)
{
	uint64_t freed = 0;

	while (freed < want) {
		struct stack_cache *c;
		void *s = NULL;

		preempt_disable();
		c = &this_cpu(stack_cache);
		if (c->n)
			s = c->stack[--c->n];
		preempt_enable();
		if (!s)
			break;
		mem_count(MEM_KSTACK, -(long)(KSTACK_SIZE >> PAGE_SHIFT));
		range_free(range_find((vaddr_t)s));
		freed += KSTACK_SIZE >> PAGE_SHIFT;
	}
	return freed;
}

void *vmap_phys(paddr_t pa, size_t size, unsigned prot)
{
	paddr_t base = ALIGN_DOWN(pa, PAGE_SIZE);
	uint64_t span = ALIGN_UP(pa + size, PAGE_SIZE) - base;
	struct vm_range *r;

	if (!size || pa + size < pa)
		return NULL;
	/* Large windows get addresses that allow 2 MiB blocks. */
	r = range_alloc(span,
			span >= HUGE_SIZE && IS_ALIGNED(base, HUGE_SIZE) ? HUGE_SIZE : PAGE_SIZE,
			false);
	if (!r)
		return NULL;
	if (kernel_map(r->va, base, span, prot | VM_GLOBAL)) {
		range_free(r);
		return NULL;
	}
	return (void *)(r->va + (pa - base));
}

void vunmap_phys(void *p)
{
	if (p)
		range_free(range_find((vaddr_t)p));
}

void vmalloc_init(void)
{
	static struct shrinker shrinker = { .name = "kstacks", .shrink = stack_shrink };

	range_cache = kmem_cache_create("vm_range", sizeof(struct vm_range), 8, 0, NULL);
	BUG_ON(!range_cache);
	shrinker_register(&shrinker);
}
