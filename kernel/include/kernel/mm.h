/* SPDX-License-Identifier: MIT */
/*
 * Physical memory and kernel memory: page frames, objects, kernel address ranges. kernel/mm/.
 *
 * Every allocation may fail; __GFP-like flags say what the allocator may do first.
 * Context: GFP_ATOMIC from anywhere but NMI; GFP_KERNEL may sleep (reclaim, and in the end the OOM killer).
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <arch/layout.h>	/* PAGE_SHIFT, phys_to_virt(), virt_to_phys(), region bases */

#define GFP_ATOMIC	0u
#define GFP_WAIT	1u	/* may sleep and reclaim */
#define GFP_ZERO	2u
#define GFP_NOFAIL_SMALL 4u	/* unused by ordinary code: boot only */
#define GFP_NOOOM	8u	/* fail rather than kill somebody: big user-sized kernel buffers */
#define GFP_NOWARN	16u
#define GFP_HIGHUSER	32u	/* a user page: leaves the kernel's reserve alone */
#define GFP_KERNEL	GFP_WAIT
#define GFP_USER	(GFP_WAIT | GFP_HIGHUSER)
#define MAX_ORDER	10	/* 4 MiB is the largest block */

/* 32 bytes: there is one for each frame of the machine. */
struct kmem_cache;
struct page_cache;
struct page {
	uint16_t flags;		/* PG_*; owner's lock or atomic helpers */
	uint8_t order;		/* buddy: of a free block or the head of an allocated one */
	uint8_t cpu;
	atomic_t refs;		/* 0: free */
	union {
		struct list_head link;				/* free, or owner's list */
		struct { struct page_cache *cache; uint64_t index; };	/* file page */
		struct { struct kmem_cache *slab; void *free; };	/* slab page */
		struct { uint64_t owner, owner2; };
	};
	union {
		uint64_t private;
		struct { uint16_t inuse, objects; uint32_t slab_cpu; };
	};
};
_Static_assert(sizeof(struct page) == 32, "one per frame");
#define PG_RESERVED	BIT(0)
#define PG_SLAB		BIT(1)
#define PG_BUDDY	BIT(2)
#define PG_UPTODATE	BIT(3)
#define PG_DIRTY	BIT(4)
#define PG_LOCKED	BIT(5)
#define PG_ERROR	BIT(6)
#define PG_ANON		BIT(7)
#define PG_TABLE	BIT(8)	/* page-table page */
#define PG_KMALLOC	BIT(9)	/* large kmalloc */
#define PG_HEAD		BIT(10)	/* first of a block of 2^order that is counted as one */
#define PG_TAIL		BIT(11)
#define PG_SHMEM	PG_TAIL	/* of a file page: tmpfs and the like, has no device behind it */
#define PG_WRITEBACK	BIT(12)
#define PG_KERNEL	BIT(13)
#define PG_WAITERS	BIT(14)
#define PG_ICACHE	BIT(15)	/* the instruction cache has seen these contents */

#define page_to_pfn(p)	((uint64_t)((p) - VMEMMAP))
#define pfn_to_page(n)	(VMEMMAP + (n))
#define page_to_phys(p)	((paddr_t)page_to_pfn(p) << PAGE_SHIFT)
#define phys_to_page(pa) pfn_to_page((pa) >> PAGE_SHIFT)
#define virt_to_page(v)	phys_to_page(virt_to_phys(v))
static inline void *page_to_virt(const struct page *p) { return phys_to_virt(page_to_phys(p)); }
bool pfn_valid(uint64_t pfn);

/* Page frames. 2^order contiguous pages, refs = 1. NULL: no memory. */
struct page *page_alloc(unsigned order, gfp_t gfp);
/* Gives back what page_alloc() returned: drops that one reference, so a passing speculative one does no harm. */
void page_free(struct page *p, unsigned order);
/* Drops one reference of each; frees those that were the last. Faster than one by one. */
void page_put_many(struct page **v, unsigned n);
static inline void page_flag_set(struct page *p, unsigned f) { (void)__atomic_fetch_or(&p->flags, (uint16_t)f, __ATOMIC_RELAXED); }
static inline void page_flag_clear(struct page *p, unsigned f) { (void)__atomic_fetch_and(&p->flags, (uint16_t)~f, __ATOMIC_RELAXED); }
static inline void page_get(struct page *p) { atomic_inc(&p->refs); }
void page_put_final(struct page *p);
static inline void page_put(struct page *p)
{
	if (ref_put(&p->refs))
		page_put_final(p);
}
void *page_alloc_virt(unsigned order, gfp_t gfp);	/* the direct-map address */
void page_free_virt(void *p, unsigned order);
/* Machine-wide counters, pages. */
struct mem_stats {
	uint64_t total, free, available, cached, shmem, anon, mapped, slab, page_tables, kstacks, vmalloc, committed, dirty, reclaimable;
};
void mem_stats(struct mem_stats *out);
uint64_t mem_total_pages(void);
uint64_t mem_free_pages(void);
enum mem_counter { MEM_ANON, MEM_FILE, MEM_SHMEM, MEM_SLAB, MEM_PAGETABLE, MEM_KSTACK, MEM_VMALLOC, MEM_MAPPED, MEM_COUNTERS };
void mem_count(enum mem_counter c, long pages);		/* per-CPU, cheap */
/* Caches that can shrink register; called before the OOM killer. Returns pages freed. */
struct shrinker {
	struct list_head link;
	const char *name;
	uint64_t (*shrink)(uint64_t want);
};
void shrinker_register(struct shrinker *s);
void mm_shrink_caches(void);		/* all that can go */

/* Early memory: a list of ranges, before the frames have an owner. */
void memblock_add(paddr_t base, uint64_t size);
void memblock_reserve(paddr_t base, uint64_t size);
void memblock_reserve_nomap(paddr_t base, uint64_t size);
paddr_t memblock_alloc(uint64_t size, uint64_t align);	/* zeroed through the direct map; 0: none */
void memblock_limit(uint64_t bytes);			/* mem= */
bool memblock_next(unsigned *iter, paddr_t *base, uint64_t *size);	/* memory ranges, in order */
bool memblock_next_reserved(unsigned *iter, paddr_t *base, uint64_t *size);
uint64_t memblock_total(void);
bool memblock_covers(paddr_t base, paddr_t end);	/* all of it is memory */
void mm_init(void);		/* vmemmap, buddy, slab, vmalloc: allocation works from here */
void mm_free_init(void);	/* gives back .init and, later, the ramdisk */
void mm_free_range(paddr_t base, uint64_t size);

/* Objects. kmalloc's are aligned to their size class up to a page, at least 16; above 2 pages they are whole pages. */
void *kmalloc(size_t size, gfp_t gfp) __attribute__((malloc, alloc_size(1)));
static inline void *kzalloc(size_t size, gfp_t gfp) { return kmalloc(size, gfp | GFP_ZERO); }
void *kmalloc_array(size_t n, size_t size, gfp_t gfp);	/* overflow checked */
void *krealloc(void *p, size_t size, gfp_t gfp);
void kfree(const void *p);				/* NULL is fine */
size_t ksize(const void *p);
char *kstrdup(const char *s, gfp_t gfp);
char *kasprintf(gfp_t gfp, const char *fmt, ...) __printf(2, 3);
/* Each cache, in the order they were made: /proc/slabinfo. */
struct kmem_cache_stat {
	const char *name;
	uint32_t size, per_slab, pages;		/* bytes an object takes; objects and pages of a slab */
	uint64_t slabs, objects, used;
};
void kmem_cache_for_each(void (*fn)(const struct kmem_cache_stat *st, void *arg), void *arg);
/* kmalloc, or vmalloc when that is large. */
void *kvmalloc(size_t size, gfp_t gfp);
void kvfree(const void *p);
#define KMEM_TYPESAFE_RCU 1u	/* pages return only after a grace period; objects may be reused at once */
#define KMEM_ZEROED_ONCE  2u	/* ctor runs when the slab is made, not at each allocation */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned flags, void (*ctor)(void *));
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *c, void *p);
/* Kernel address ranges with a guard page behind them. Sleep. */
void *vmalloc(size_t size);
void vfree(const void *p);
paddr_t vmalloc_to_phys(const void *p);		/* of a byte in such a range */
bool is_vmalloc_addr(const void *p);
/* Kernel stacks: KSTACK_SIZE, guard page below, kept in a per-CPU cache. */
void *kstack_alloc(void);
void kstack_free(void *stack);
/* Maps physical pages for ioremap and friends; prot in VM_* of vm.h. */
void *vmap_phys(paddr_t pa, size_t size, unsigned prot);
void vunmap_phys(void *p);
