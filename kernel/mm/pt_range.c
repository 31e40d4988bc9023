/* SPDX-License-Identifier: MIT */
/*
 * Page tables over ranges: unmap, protect, copy for fork, move for mremap, and giving tables back.
 *
 * The rule that everything here serves: a page is reused only after every CPU has dropped its
 * translation. Pages and tables that were unlinked wait in a struct gather until
 * gather_flush() has flushed the TLBs. When the address space itself is dead (exit), its
 * translations were dropped at once before the walk.
 *
 * Locks: mm->pt_lock around changes of entries, never over a flush that many entries share.
 * Callers hold mm->lock for writing (munmap, mprotect, mremap, fork), for reading (madvise),
 * or the map_lock of the file whose pages go (truncation); see pgtable.c for why the walk
 * needs no more.
 */
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/errno.h>
#include <kernel/task.h>
#include <kernel/vm_block.h>
#include "mm_internal.h"

void gather_init(struct gather *g, struct mm *mm, bool exiting)
{
	g->mm = mm;
	g->exiting = exiting;
	g->tables = false;
	g->blocks = false;
	g->nr = 0;
	g->start = ~(vaddr_t)0;
	g->end = 0;
	g->table_list = NULL;
}

/* The blocks among the pages go; the others stay for the caller. */
static __noinline void put_blocks(struct gather *g)
{
	unsigned left = 0;

	for (unsigned i = 0; i < g->nr; i++) {
		uintptr_t v = (uintptr_t)g->pages[i];

		if (v & GATHER_BLOCK)
			vm_block_put((struct page *)(v & ~GATHER_BLOCK));
		else
			g->pages[left++] = g->pages[i];
	}
	g->nr = left;
	g->blocks = false;
}

void gather_flush(struct gather *g)
{
	if (g->end > g->start && !g->exiting)
		arch_tlb_flush_range(g->mm, g->start, g->end, g->tables);
	if (unlikely(g->blocks))
		put_blocks(g);
	if (g->nr)
		page_put_many(g->pages, g->nr);
	while (g->table_list) {
		struct page *t = g->table_list;

		g->table_list = (struct page *)t->private;
		pt_page_free(g->mm, t);
	}
	g->nr = 0;
	g->tables = false;
	g->start = ~(vaddr_t)0;
	g->end = 0;
}

static inline void gather_range(struct gather *g, vaddr_t start, vaddr_t end)
{
	if (start < g->start)
		g->start = start;
	if (end > g->end)
		g->end = end;
}

static void gather_table(struct gather *g, struct page *t)
{
	t->private = (uint64_t)g->table_list;
	g->table_list = t;
}

/*
 * The next address whose level-2 entry exists, at or after @va; its entry in *out. False: none
 * before @end.
 */
static bool next_l2(struct mm *mm, vaddr_t *va, vaddr_t end, pte_t **out)
{
	while (*va < end) {
		pte_t *t = arch_mm_root(mm);
		int level;

		for (level = 0;; level++) {
			pte_t *p = &t[pt_index(*va, level)];
			pte_t e = pte_get(p);

			if (pte_none(e))
				break;
			if (level == 2) {
				*out = p;
				return true;
			}
			t = pt_table(e);
		}
		*va = ALIGN_DOWN(*va, pt_span(level)) + pt_span(level);
		if (!*va)
			break;
	}
	return false;
}

/* What zapping took from the counters. */
struct zapped {
	long anon, file, shmem;
};

static void zap_account(struct mm *mm, const struct zapped *z)
{
	if (z->anon) {
		rss_add(&mm->rss_anon, -z->anon);
		mem_count_here(MEM_ANON, -z->anon);
	}
	if (z->file | z->shmem) {
		rss_add(&mm->rss_file, -z->file);
		rss_add(&mm->rss_shmem, -z->shmem);
		mem_count_here(MEM_MAPPED, -(z->file + z->shmem));
	}
}

/* pt_lock held: only the CPU changes entries meanwhile, and none that are empty. */
static inline bool none_of_eight(const pte_t *p)
{
	return !(p[0].v | p[1].v | p[2].v | p[3].v | p[4].v | p[5].v | p[6].v | p[7].v);
}

/*
 * Entries [p, last) of one table; stops early when the gather is full. pt_lock held. Returns
 * where it stopped.
 */
static pte_t *zap_entries(struct gather *g, struct vm_area *a, pte_t *p, pte_t *last, vaddr_t va,
			  unsigned how, struct zapped *z)
{
	vaddr_t lo = 0, hi = 0;

	for (; p < last; p++, va += PAGE_SIZE) {
		pte_t e = pte_get(p);
		struct page *page;

		if (pte_none(e)) {
			/* Mostly followed by more of them, in the large areas that stacks and heaps are. */
			while (last - p > 8 && none_of_eight(p + 1)) {
				p += 8;
				va += 8 * PAGE_SIZE;
			}
			continue;
		}
		if (unlikely(pte_special(e))) {
			WRITE_ONCE(p->v, 0);
			goto cleared;
		}
		page = phys_to_page(pte_phys(e));
		if (page->flags & PG_ANON) {
			if (how & ZAP_FILE_ONLY)
				continue;
			z->anon++;
			WRITE_ONCE(p->v, 0);
		} else {
			/* Another CPU may be setting the dirty bit: take what is there. */
			if (a->flags & VM_SHARED) {
				e.v = xchg(&p->v, 0);
				if (pte_dirty(e) && !(page->flags & PG_DIRTY))
					page_flag_set(page, PG_DIRTY);
			} else {
				WRITE_ONCE(p->v, 0);
			}
			if (page->flags & PG_SHMEM)
				z->shmem++;
			else
				z->file++;
		}
		g->pages[g->nr++] = page;
cleared:
		if (!hi)
			lo = va;
		hi = va + PAGE_SIZE;
		if (unlikely(g->nr == GATHER_MAX)) {
			p++;
			break;
		}
	}
	if (hi)
		gather_range(g, lo, hi);
	return p;
}

/* A whole 2 MiB block goes. pt_lock held. */
static void zap_block(struct gather *g, pte_t *p, vaddr_t va, struct zapped *z)
{
	struct page *head = phys_to_page(pte_phys(pte_get(p)));

	WRITE_ONCE(p->v, 0);
	z->anon += 512;
	gather_table(g, pt_take_aside(g->mm));
	g->pages[g->nr++] = (struct page *)((uintptr_t)head | GATHER_BLOCK);
	g->blocks = true;
	gather_range(g, va, va + HUGE_SIZE);
}

void pt_zap(struct gather *g, struct vm_area *a, vaddr_t start, vaddr_t end, unsigned how)
{
	struct mm *mm = g->mm;
	vaddr_t va = start;
	pte_t *l2;

	while (next_l2(mm, &va, end, &l2)) {
		vaddr_t next = MIN(end, ALIGN_DOWN(va, HUGE_SIZE) + HUGE_SIZE);
		struct zapped z = { 0, 0, 0 };
		pte_t *t, *p, *last, e;

		spin_lock(&mm->pt_lock);
		e = pte_get(l2);
		if (unlikely(!pte_is_table(e, 2))) {
			if (pte_none(e) || (how & ZAP_FILE_ONLY)) {
				spin_unlock(&mm->pt_lock);
				va = next;
				continue;
			}
			if (next - va != HUGE_SIZE) {
				spin_unlock(&mm->pt_lock);
				pt_split_block(mm, va);
				continue;
			}
			zap_block(g, l2, va, &z);
			zap_account(mm, &z);
			spin_unlock(&mm->pt_lock);
			va = next;
			goto flush_if_full;
		}
		t = pt_table(e);
		p = &t[pt_index(va, 3)];
		last = p + ((next - va) >> PAGE_SHIFT);
		p = zap_entries(g, a, p, last, va, how, &z);
		zap_account(mm, &z);
		spin_unlock(&mm->pt_lock);
		va = next - ((vaddr_t)(last - p) << PAGE_SHIFT);
flush_if_full:
		if (g->nr == GATHER_MAX)
			gather_flush(g);
	}
}

/* Table @t of @level; [start, end) lies under it. */
static void free_level(struct gather *g, pte_t *t, int level, vaddr_t start, vaddr_t end,
		       vaddr_t floor, vaddr_t ceil)
{
	vaddr_t span = pt_span(level), va = start;

	while (va < end) {
		vaddr_t base = ALIGN_DOWN(va, span), next = MIN(end, base + span);
		pte_t *p = &t[pt_index(va, level)];
		pte_t e = pte_get(p);

		if (!pte_none(e) && pte_is_table(e, level)) {
			if (level < 2)
				free_level(g, pt_table(e), level + 1, va, next, floor, ceil);
			if (base >= floor && base + span - 1 < ceil) {
				spin_lock(&g->mm->pt_lock);
				WRITE_ONCE(p->v, 0);
				rss_add(&g->mm->pt_pages, -1);
				spin_unlock(&g->mm->pt_lock);
				gather_table(g, phys_to_page(pte_phys(e)));
				gather_range(g, base, base + span);
				g->tables = true;
			}
		}
		va = next;
	}
}

void pt_free_tables(struct gather *g, vaddr_t start, vaddr_t end, vaddr_t floor, vaddr_t ceil)
{
	free_level(g, arch_mm_root(g->mm), 0, start, end, floor, ceil);
}

/* The new entry of a page whose area now has permissions @prot. */
static pte_t protected_entry(struct vm_area *a, pte_t e, unsigned prot)
{
	if (prot & VM_WRITE) {
		bool writable;

		if (a->flags & VM_SHARED) {
			writable = pte_writable(e) || !a->ops || !a->ops->make_writable;
		} else if (pte_special(e)) {
			writable = false;
		} else {
			struct page *page = phys_to_page(pte_phys(e));

			/* Ours alone: no need to fault again. */
			writable = (page->flags & PG_ANON) && atomic_read(&page->refs) == 1;
		}
		if (!writable)
			prot &= ~VM_WRITE;
	}
	if ((prot & VM_EXEC) && !pte_special(e))
		page_sync_icache(phys_to_page(pte_phys(e)));
	return pte_modify(e, prot);
}

/* A block that others have as well is not made writable by a change of permissions. */
static unsigned block_prot(pte_t e, unsigned prot)
{
	return vm_block_alone(phys_to_page(pte_phys(e))) ? prot : prot & ~VM_WRITE;
}

/*
 * New permissions for what is mapped in [start, end); when this returns no CPU uses those that
 * were lost.
 */
void pt_protect(struct vm_area *a, vaddr_t start, vaddr_t end, unsigned prot, unsigned lost)
{
	struct mm *mm = a->mm;
	vaddr_t va = start, lo = ~(vaddr_t)0, hi = 0;
	pte_t *l2;

	while (next_l2(mm, &va, end, &l2)) {
		vaddr_t next = MIN(end, ALIGN_DOWN(va, HUGE_SIZE) + HUGE_SIZE);
		pte_t *p, e;

		spin_lock(&mm->pt_lock);
		e = pte_get(l2);
		if (pte_none(e)) {
			spin_unlock(&mm->pt_lock);
			va = next;
			continue;
		}
		if (unlikely(!pte_is_table(e, 2))) {
			if (next - va != HUGE_SIZE || (prot & VM_EXEC)) {
				spin_unlock(&mm->pt_lock);
				pt_split_block(mm, va);
				continue;
			}
			lost |= pte_writable(e) ? prot & ~block_prot(e, prot) : 0;
			pte_set(l2, pte_modify(e, block_prot(e, prot)));
			lo = MIN(lo, va);
			hi = next;
			spin_unlock(&mm->pt_lock);
			va = next;
			continue;
		}
		p = &pt_table(e)[pt_index(va, 3)];
		for (; va < next; va += PAGE_SIZE, p++) {
			pte_t was = pte_get(p), new;

			if (pte_none(was))
				continue;
			new = protected_entry(a, was, prot);
			if (new.v == was.v)
				continue;
			pte_set(p, new);
			if (pte_accessible(was)) {
				/* Somebody looks at the page just now: it is written no more until the next fault. */
				lost |= pte_writable(was) && !pte_writable(new) ? VM_WRITE : 0;
				lo = MIN(lo, va);
				hi = va + PAGE_SIZE;
			}
		}
		spin_unlock(&mm->pt_lock);
	}
	if (!hi)
		return;
	if (lost)
		arch_tlb_flush_range(mm, lo, hi, false);
	else
		arch_tlb_flush_relaxed(mm, lo, hi);
}

#define RETRY 1			/* internal: not this way */

/* The child maps the parent's block. RETRY: somebody cut it into pages, or it is not there. */
static int copy_block(struct mm *to, struct mm *from, vaddr_t va, pte_t *src, bool *protected)
{
	pte_t *dst = pt_walk_alloc(to, va, 2), e;
	struct page *table = dst ? pt_page_alloc(to) : NULL;
	int err = RETRY;

	if (!table)
		return -ENOMEM;
	spin_lock(&from->pt_lock);
	e = pte_get(src);
	if (!pte_none(e) && vm_block_share(phys_to_page(pte_phys(e)))) {
		if (pte_writable(e)) {
			e = pte_wrprotect(e);
			pte_set(src, e);
			*protected = true;
		}
		pt_put_aside(to, table);
		pte_set(dst, e);
		table = NULL;
		err = 0;
	}
	spin_unlock(&from->pt_lock);
	if (table)
		pt_page_free(to, table);
	return err;
}

/*
 * Fork: the child gets the parent's private pages, both without write permission; everything
 * else it faults in again. *protected: the parent's TLB has to be flushed. The child is not
 * visible to anybody: its tables need no lock.
 */
int pt_copy(struct mm *to, struct mm *from, struct vm_area *a, bool *protected)
{
	vaddr_t va = a->start;
	long copied = 0;
	pte_t *l2;
	int err = 0;

	while (next_l2(from, &va, a->end, &l2)) {
		vaddr_t next = MIN(a->end, ALIGN_DOWN(va, HUGE_SIZE) + HUGE_SIZE);
		pte_t *src, *dst;

		if (!pte_is_table(pte_get(l2), 2)) {
			err = next - va == HUGE_SIZE ? copy_block(to, from, va, l2, protected) : RETRY;
			if (err == 0) {
				va = next;
				copied += 512;
				continue;
			}
			if (err != RETRY)
				goto out;
			err = 0;
			pt_split_block(from, va);
		}
		dst = pt_walk_alloc(to, va, 3);
		if (!dst) {
			err = -ENOMEM;
			goto out;
		}
		src = &pt_table(pte_get(l2))[pt_index(va, 3)];
		/*
		 * The parent's map stands still, but truncation may take private copies behind
		 * the end of a file.
		 */
		spin_lock(&from->pt_lock);
		for (; va < next; va += PAGE_SIZE, src++, dst++) {
			pte_t e = pte_get(src);
			struct page *page;

			if (pte_none(e) || pte_special(e))
				continue;
			page = phys_to_page(pte_phys(e));
			if (!(page->flags & PG_ANON))
				continue;
			if (pte_writable(e)) {
				e = pte_wrprotect(e);
				pte_set(src, e);
				*protected = true;
			}
			page_get(page);
			pte_set(dst, e);
			copied++;
		}
		spin_unlock(&from->pt_lock);
	}
out:
	rss_add(&to->rss_anon, copied);
	mem_count(MEM_ANON, copied);
	return err;
}

/*
 * Moves what is mapped at [old, old + len) to @new. Both maps' owner holds mm->lock for
 * writing and, for a file, its map_lock. A stale translation of the old address reaches the
 * same page until the flush at the end, which comes before anything else can happen to the
 * pages. -ENOMEM: a part was moved; the caller moves it back.
 */
int pt_move(struct vm_area *from, vaddr_t old, struct vm_area *to, vaddr_t new, uint64_t len)
{
	struct mm *mm = from->mm;
	vaddr_t va = old, end = old + len;
	pte_t *l2;
	int err = 0;

	while (next_l2(mm, &va, end, &l2)) {
		vaddr_t next = MIN(end, ALIGN_DOWN(va, HUGE_SIZE) + HUGE_SIZE);
		pte_t *src, *dst = NULL;

		if (!pte_is_table(pte_get(l2), 2))
			pt_split_block(mm, va);
		src = &pt_table(pte_get(l2))[pt_index(va, 3)];
		for (; va < next; va += PAGE_SIZE, src++) {
			vaddr_t nva = new + (va - old);
			pte_t e;

			if (pte_none(pte_get(src)))
				continue;
			if (!dst || pt_index(nva, 3) == 0)
				dst = pt_walk_alloc(mm, nva, 3);
			else
				dst = pt_walk(mm, nva, 3);
			if (!dst) {
				err = -ENOMEM;
				goto out;
			}
			spin_lock(&mm->pt_lock);
			e.v = xchg(&src->v, 0);
			pte_set(dst, e);
			spin_unlock(&mm->pt_lock);
		}
	}
out:
	arch_tlb_flush_range(mm, old, end, false);
	return err;
}
