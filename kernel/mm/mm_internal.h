/* SPDX-License-Identifier: MIT */
/* Private to kernel/mm. */
#pragma once
#include <kernel/mm.h>
#include <kernel/pagecache.h>
#include <kernel/percpu.h>
#include <kernel/vm.h>

/* ---- memblock.c */
bool memblock_next_free(paddr_t *pos, paddr_t *base, paddr_t *end);
void memblock_hand_over(void);
bool memblock_is_memory(paddr_t pa);

/* ---- gaptree.c: layout shared with struct vm_area */
struct gap_node {
	struct rb_node node;
	vaddr_t start, end;
	vaddr_t gap, first, last;
	uint64_t guard;
};
_Static_assert(offsetof(struct vm_area, start) == offsetof(struct gap_node, start) &&
		       offsetof(struct vm_area, first) == offsetof(struct gap_node, first) &&
		       offsetof(struct vm_area, guard) == offsetof(struct gap_node, guard),
	       "a vm_area starts as a gap_node");
void gap_insert(struct gap_node *n, struct rb_root *root);
void gap_erase(struct gap_node *n, struct rb_root *root);
void gap_changed(struct gap_node *n);
struct gap_node *gap_find(const struct rb_root *root, vaddr_t va);
vaddr_t gap_find_high(const struct rb_root *root, uint64_t len, vaddr_t lo, vaddr_t hi);
vaddr_t gap_find_low(const struct rb_root *root, uint64_t len, vaddr_t lo, vaddr_t hi);
static inline struct gap_node *area_gap(struct vm_area *a) { return (struct gap_node *)a; }

/* ---- page_alloc.c, slab.c, vmalloc.c, oom.c */
extern bool mm_ready;				/* the page allocator works */
DECLARE_PERCPU(long, mem_counters[MEM_COUNTERS]);
/* Preemption is off and interrupts do not touch this counter: three instructions. */
static inline void mem_count_here(enum mem_counter c, long n)
{
	this_cpu(mem_counters)[c] += n;
}
void page_alloc_init(void);
void page_alloc_add_range(paddr_t base, paddr_t end);
void page_drain_all(void);
uint64_t page_watermark(void);
void vmemmap_init(void);
uint64_t vm_committed(void);
void vm_commit_again(uint64_t pages);
void slab_init(void);
void vmalloc_init(void);
uint64_t shrink_caches(uint64_t want);
/* Out of memory for an allocation of 2^order pages: true when it is worth trying again. */
bool oom_kill_and_wait(unsigned order, gfp_t gfp);

/* ---- pgtable.c */
/* A page-table page, all zeroes; the free form takes one that is all zeroes again. */
struct page *pt_page_alloc(struct mm *mm);
void pt_page_free(struct mm *mm, struct page *p);
/* no allocation; NULL: a table is missing or a block is there */
pte_t *pt_walk(struct mm *mm, vaddr_t va, int to_level);
/* NULL: no memory, or a block is there */
pte_t *pt_walk_alloc(struct mm *mm, vaddr_t va, int to_level);
/* break-before-make; pt_lock held */
void pt_replace(struct mm *mm, vaddr_t va, pte_t *p, pte_t new);
/* 2 MiB block at va -> 512 pages; nothing when there is none */
void pt_split_block(struct mm *mm, vaddr_t va);
/* Table pages that wait for a block to be cut, one for each that is mapped. pt_lock held. */
static inline void pt_put_aside(struct mm *mm, struct page *table)
{
	table->private = (uint64_t)mm->aside;
	mm->aside = table;
}
static inline struct page *pt_take_aside(struct mm *mm)
{
	struct page *table = mm->aside;

	mm->aside = (struct page *)table->private;
	return table;
}
static inline unsigned pt_index(vaddr_t va, int level) { return va >> (39 - 9 * level) & 511; }
static inline vaddr_t pt_span(int level) { return 1ull << (39 - 9 * level); }
static inline pte_t *pt_table(pte_t e) { return phys_to_virt(pte_phys(e)); }

/*
 * Pages on their way out: freed only after the TLB flush. One is on the stack of every
 * unmapping operation: small.
 */
#define GATHER_MAX 24
#define GATHER_BLOCK 1ul		/* in a pointer of pages[]: a block entry's share of it */
struct gather {
	struct mm *mm;
	bool exiting;			/* the address space is dead: no flush at all */
	bool tables;			/* page-table pages were unlinked */
	bool blocks;			/* some of the pages are heads of blocks: GATHER_BLOCK */
	unsigned nr;
	vaddr_t start, end;		/* what has to be flushed */
	struct page *table_list;	/* linked by ->private */
	struct page *pages[GATHER_MAX];
};
void gather_init(struct gather *g, struct mm *mm, bool exiting);
void gather_flush(struct gather *g);
/* Clears the entries of [start, end) within @a. @keep: only private pages stay out? see ZAP_*. */
#define ZAP_ALL		0u
#define ZAP_FILE_ONLY	1u /* leave private copies alone: truncation of shared contents */
void pt_zap(struct gather *g, struct vm_area *a, vaddr_t start, vaddr_t end, unsigned how);
/* Frees the tables that serve only [floor, ceil) and lie under [start, end). */
/* @ceil behind the last area: where the root's slot of the user's last page ends, USER_END may lie inside it. */
#define PT_USER_CEIL ALIGN_UP((vaddr_t)USER_END, BIT64(39))
void pt_free_tables(struct gather *g, vaddr_t start, vaddr_t end, vaddr_t floor, vaddr_t ceil);
void pt_init(void);
void vm_map_init(void);
void mm_life_init(void);
void fault_init(void);
/* @lost: permissions of the area that are not in @prot any more. */
void pt_protect(struct vm_area *a, vaddr_t start, vaddr_t end, unsigned prot, unsigned lost);
int pt_copy(struct mm *to, struct mm *from, struct vm_area *a, bool *protected);
int pt_move(struct vm_area *from, vaddr_t old, struct vm_area *to, vaddr_t new, uint64_t len);

/* ---- vm_map.c */
#define MAX_MAP_COUNT 65530
#define STACK_GUARD_GAP (256ull << PAGE_SHIFT)
struct vm_area *area_alloc(struct mm *mm);
void area_free(struct vm_area *a);		/* struct only */
/* unlinks from the file, drops its references, frees */
void area_release(struct vm_area *a);
/* into the tree and the file's list, counts */
void area_link(struct mm *mm, struct vm_area *a);
void area_unlink(struct mm *mm, struct vm_area *a);	/* out of the tree; counts */
void area_file_link(struct vm_area *a);
void area_file_unlink(struct vm_area *a);
struct vm_area *area_prev(struct vm_area *a);
int area_split(struct mm *mm, struct vm_area *a, vaddr_t at);	/* a keeps [start, at) */
/* copy with references, in no tree */
struct vm_area *area_dup(struct mm *mm, struct vm_area *a);
/* Merges @a with its neighbours where they agree; returns the area that covers @a's range. */
struct vm_area *area_try_merge(struct mm *mm, struct vm_area *a);
/* Could [start, end) with these properties simply extend a neighbour? Does so. NULL: no. */
struct vm_area *area_extend(struct mm *mm, vaddr_t start, vaddr_t end, unsigned flags,
			    struct file *f, uint64_t pgoff);
bool area_mergeable(struct vm_area *left, struct vm_area *right);
/* moves the counters along */
void area_set_flags(struct mm *mm, struct vm_area *a, unsigned flags);
void area_set_bounds(struct vm_area *a, vaddr_t start, vaddr_t end, uint64_t pgoff);
void area_count(struct mm *mm, struct vm_area *a, int64_t pages);
int vm_get_unmapped(struct mm *mm, vaddr_t hint, uint64_t len, uint64_t align, vaddr_t *out)
	__must_check;
bool vm_may_expand(struct mm *mm, unsigned flags, uint64_t pages);
int area_expand_down(struct vm_area *a, vaddr_t to);
/* pt_lock held: a private page is about to be mapped */
void area_note_anon(struct vm_area *a);
static inline unsigned area_prot(const struct vm_area *a)
{
	unsigned prot = a->flags & (VM_PROT | VM_DEVICE | VM_WC);

	/* What may be written may be read: a page that is not to be written yet must not become one that nobody may touch. */
	return (prot & VM_WRITE ? prot | VM_READ : prot) | VM_USER;
}
/* Permissions of entries for pages that are not (yet) this area's own: no writing. */
static inline bool area_is_private_write(const struct vm_area *a)
{
	return (a->flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}
static inline uint64_t area_pages(const struct vm_area *a)
{
	return (a->end - a->start) >> PAGE_SHIFT;
}
static inline uint64_t area_pgoff(const struct vm_area *a, vaddr_t va)
{
	return a->pgoff + ((va - a->start) >> PAGE_SHIFT);
}
static inline bool area_accounts(unsigned flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* ---- mmap.c, fault.c */
int do_munmap(struct mm *mm, vaddr_t start, uint64_t len);	/* mm->lock held for writing */
long do_mmap(struct mm *mm, vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags,
	     unsigned vm_flags, struct file *f, uint64_t pgoff, uint64_t *populate);
void vm_populate(struct mm *mm, vaddr_t start, uint64_t len);	/* best effort; lock not held */
/* mm->lock held for reading; as vm_fault */
int fault_in_page(struct mm *mm, vaddr_t va, unsigned access);
extern struct page *zero_page;
int force_page(struct vm_area *a, vaddr_t va, bool write, struct page **out);
bool mlock_allowed(void);
int mlock_limit_check(struct mm *mm, uint64_t pages);		/* 0 or -EAGAIN */
int area_flags_apply(struct mm *mm, struct vm_area **ap, vaddr_t start, vaddr_t end,
		     unsigned flags);
static inline void rss_add(atomic64_t *c, int64_t n)
{
	atomic64_set(c, atomic64_read(c) + n);
} /* pt_lock held */
/* Counter of a file page. */
static inline atomic64_t *rss_of_file(struct mm *mm, const struct page *p)
{
	return p->flags & PG_SHMEM ? &mm->rss_shmem : &mm->rss_file;
}
/*
 * Up to @n pages from @index on that are in the cache, with references; NULL where there is
 * none. Returns n, cut at the file size.
 */
unsigned page_cache_find_many(struct page_cache *c, uint64_t index, unsigned n, struct page **out);
int page_cache_charge(struct page_cache *c);
void page_cache_uncharge(struct page_cache *c, uint64_t n);
void page_sync_icache(struct page *p);
