/* SPDX-License-Identifier: MIT */
/*
 * Memory from boot on: struct page array, hand-over from memblock, giving back what only the
 * boot needed, counters.
 *
 * Invariant: every frame of a 4 MiB block that holds memory has a struct page (the allocator
 * looks at buddies within such a block only); nothing is mapped in the array for holes in
 * memory.
 *
 * Locks: none at boot; shrinkers_lock for additions to the list of caches that can shrink,
 * which is walked freely.
 */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include "mm_internal.h"

#define BLOCK_BYTES (PAGE_SIZE << MAX_ORDER)

static LIST_HEAD(shrinkers);
static DEFINE_SPINLOCK(shrinkers_lock, LR_LEAF);	/* additions; nothing is ever taken out */
static atomic_t shrinking;

/*
 * struct page for the frames of [base, end), as far as there are none yet. @done: end of the
 * array so far.
 */
static vaddr_t vmemmap_add(paddr_t base, paddr_t end, vaddr_t done)
{
	vaddr_t from = ALIGN_DOWN((vaddr_t)phys_to_page(ALIGN_DOWN(base, BLOCK_BYTES)), PAGE_SIZE);
	vaddr_t to = ALIGN_UP((vaddr_t)phys_to_page(ALIGN_UP(end, BLOCK_BYTES)), PAGE_SIZE);

	from = MAX(from, done);
	while (from < to) {
		/* 2 MiB blocks where they fit: one entry instead of a table. */
		uint64_t step = IS_ALIGNED(from, HUGE_SIZE) && to - from >= HUGE_SIZE
					? ALIGN_DOWN(to - from, HUGE_SIZE)
					: MIN(to - from, ALIGN_UP(from + 1, HUGE_SIZE) - from);
		paddr_t pa = memblock_alloc(step, step >= HUGE_SIZE ? HUGE_SIZE : PAGE_SIZE);

		if (!pa && step > PAGE_SIZE) {
			step = PAGE_SIZE;
			pa = memblock_alloc(step, PAGE_SIZE);
		}
		if (!pa || kernel_map(from, pa, step, VM_READ | VM_WRITE | VM_GLOBAL))
			panic("no memory for the page array");
		from += step;
	}
	return MAX(done, to);
}

void vmemmap_init(void)
{
	unsigned iter = 0;
	paddr_t base;
	uint64_t size;
	vaddr_t done = 0;

	while (memblock_next(&iter, &base, &size))
		done = vmemmap_add(base, base + size, done);
}

bool pfn_valid(uint64_t pfn)
{
	return memblock_is_memory((paddr_t)pfn << PAGE_SHIFT);
}

void mm_init(void)
{
	vmemmap_init();
	page_alloc_init();
	slab_init();
	vmalloc_init();
	pt_init();
	vm_map_init();
	mm_life_init();
	fault_init();
}

void mm_free_range(paddr_t base, uint64_t size)
{
	paddr_t start = ALIGN_UP(base, PAGE_SIZE), end = ALIGN_DOWN(base + size, PAGE_SIZE);

	/* Only what is memory: a ramdisk may have been put partly where no memory is. */
	for (; start < end; start += PAGE_SIZE) {
		paddr_t run = start;

		while (run < end && memblock_is_memory(run))
			run += PAGE_SIZE;
		if (run > start)
			page_alloc_add_range(start, run);
		start = run;
	}
}

void mm_free_init(void)
{
	if (CONFIG_DEBUG)
		/* undefined instructions */
		memset(phys_to_virt(virt_to_phys(_init_begin)), 0,
		       (size_t)(_init_end - _init_begin));
	mm_free_range(virt_to_phys(_init_begin), (uint64_t)(_init_end - _init_begin));
}

void shrinker_register(struct shrinker *s)
{
	spin_lock(&shrinkers_lock);
	list_add_tail(&s->link, &shrinkers);
	spin_unlock(&shrinkers_lock);
}

uint64_t shrink_caches(uint64_t want)
{
	struct shrinker *s;
	uint64_t freed = 0;

	if (!atomic_cas(&shrinking, 0, 1))
		return 0;	/* somebody is at it: try the allocation again, then fail or kill */
	list_for_each_entry_rcu(s, &shrinkers, link) {
		freed += s->shrink(want);
		if (freed >= want)
			break;
	}
	atomic_set_release(&shrinking, 0);
	return freed;
}

void mm_shrink_caches(void)
{
	(void)shrink_caches(UINT64_MAX / 32);	/* some count finer than pages */
}

static uint64_t counter_sum(enum mem_counter c)
{
	long n = 0;

	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		if (cpu == 0 || percpu_offset[cpu])
			n += READ_ONCE(per_cpu(mem_counters, cpu)[c]);
	return n > 0 ? (uint64_t)n : 0;
}

void mem_stats(struct mem_stats *out)
{
	uint64_t reserve = page_watermark();

	memset(out, 0, sizeof(*out));
	out->total = mem_total_pages();
	out->free = mem_free_pages();
	out->shmem = counter_sum(MEM_SHMEM);
	out->cached = counter_sum(MEM_FILE);
	out->anon = counter_sum(MEM_ANON);
	out->mapped = counter_sum(MEM_MAPPED);
	out->slab = counter_sum(MEM_SLAB);
	out->page_tables = counter_sum(MEM_PAGETABLE);
	out->kstacks = counter_sum(MEM_KSTACK);
	out->vmalloc = counter_sum(MEM_VMALLOC);
	out->committed = vm_committed();
	/* Pages of files with a device behind them can be dropped. */
	out->reclaimable = out->cached > out->shmem ? out->cached - out->shmem : 0;
	out->available = (out->free > reserve ? out->free - reserve : 0) + out->reclaimable;
}
