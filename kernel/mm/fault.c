/* SPDX-License-Identifier: MIT */
/*
 * Faults of user memory: the one place where anonymous memory, file pages and copy-on-write meet.
 *
 * Method: look at the entry without a lock, prepare a page, take pt_lock, see that the entry
 * is still what it was, write it. A changed entry means that another CPU was here: drop what
 * was prepared and let the access run again.
 *
 * Invariants
 *	A private page has PG_ANON; each entry that maps it holds one reference; refs == 1
 *	under pt_lock means that nobody else sees it, so a write needs no copy. A file page is
 *	entered only if it still belongs to its cache under pt_lock; truncation takes pages out
 *	of the cache first and unmaps second, so it meets every entry made in time. An entry
 *	with pte_special holds no reference (zero page, devices, vDSO). Blocks of 2 MiB have
 *	their own rules: <kernel/vm_block.h>.
 *
 * Locks: mm->lock for reading (a stack grows under writing), pt_lock. Nothing is held over an
 * allocation or read.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <kernel/vm_block.h>
#include "mm_internal.h"

#define AROUND_PAGES 16u
#define RETRY 1			/* internal: the entry changed; let the access run again */

struct page *zero_page;

void fault_init(void)
{
	zero_page = page_alloc(0, GFP_KERNEL | GFP_ZERO);
	BUG_ON(!zero_page);
	zero_page->flags = PG_KERNEL;
}

/* Code was written through the direct map: once per page and contents. */
void page_sync_icache(struct page *p)
{
	if (ARCH_PTE_CACHE_COHERENT_ICACHE || (p->flags & PG_ICACHE))
		return;
	arch_sync_icache(page_to_virt(p), PAGE_SIZE);
	page_flag_set(p, PG_ICACHE);
}

static inline pte_t entry_for(struct vm_area *a, struct page *p, unsigned prot)
{
	if (unlikely(prot & VM_EXEC))
		page_sync_icache(p);
	return pte_make(page_to_phys(p), prot, 3);
}

/* ---- anonymous memory */

static int map_zero_page(struct vm_area *a, pte_t *p)
{
	pte_t e = pte_mkspecial(pte_make(page_to_phys(zero_page), area_prot(a) & ~VM_WRITE, 3));
	struct mm *mm = a->mm;

	spin_lock(&mm->pt_lock);
	if (likely(pte_none(pte_get(p))))
		pte_set(p, e);
	spin_unlock(&mm->pt_lock);
	return 0;
}

/* Enters a private page, whose reference goes to the entry. Drops it when somebody was faster. */
static int map_anon(struct vm_area *a, pte_t *p, struct page *page)
{
	struct mm *mm = a->mm;
	pte_t e;

	page->flags = PG_ANON;
	e = entry_for(a, page, area_prot(a));
	spin_lock(&mm->pt_lock);
	if (unlikely(!pte_none(pte_get(p)))) {
		spin_unlock(&mm->pt_lock);
		page_put(page);
		return 0;
	}
	if (unlikely(!a->anon_id))
		area_note_anon(a);
	rss_add(&mm->rss_anon, 1);
	mem_count_here(MEM_ANON, 1);
	pte_set(p, e);
	spin_unlock(&mm->pt_lock);
	return 0;
}

static int anon_fault(struct vm_area *a, pte_t *p, unsigned access)
{
	struct page *page;

	if (access == VM_READ)
		return map_zero_page(a, p);
	page = page_alloc(0, GFP_USER | GFP_ZERO);
	if (unlikely(!page))
		return -ENOMEM;
	return map_anon(a, p, page);
}

/* May [va's 2 MiB] be one block? Only where nothing is mapped yet. */
static bool huge_fits(struct vm_area *a, vaddr_t va, unsigned access)
{
	vaddr_t base = ALIGN_DOWN(va, HUGE_SIZE);

	if (a->end - a->start < HUGE_SIZE || a->ops || access != VM_WRITE)
		return false;
	if (a->flags &
	    (VM_NOHUGEPAGE | VM_EXEC | VM_GROWSDOWN | VM_SHARED | VM_LOCKONFAULT | VM_SPECIAL))
		return false;
	if (base < a->start || base + HUGE_SIZE > a->end)
		return false;
	/* Unasked only while memory is plentiful. */
	return (a->flags & VM_HUGEPAGE) || mem_free_pages() > mem_total_pages() / 4;
}

static int huge_fault(struct vm_area *a, vaddr_t va)
{
	struct mm *mm = a->mm;
	pte_t *p = pt_walk_alloc(mm, va, 2);
	struct page *head, *table;

	if (!p || !pte_none(pte_get(p)))
		return RETRY;
	table = pt_page_alloc(mm);
	if (!table)
		return RETRY;
	head = vm_block_alloc();
	if (!head) {
		pt_page_free(mm, table);
		return RETRY;
	}
	spin_lock(&mm->pt_lock);
	if (!pte_none(pte_get(p))) {
		spin_unlock(&mm->pt_lock);
		pt_page_free(mm, table);
		vm_block_put(head);
		return 0;
	}
	if (!a->anon_id)
		area_note_anon(a);
	rss_add(&mm->rss_anon, 512);
	mem_count_here(MEM_ANON, 512);
	pt_put_aside(mm, table);
	pte_set(p, pte_make(page_to_phys(head), area_prot(a), 2));
	spin_unlock(&mm->pt_lock);
	return 0;
}

/* ---- files */

/* What an entry for a page of the file may allow: private pages and watched writes fault again. */
static unsigned file_prot(const struct vm_area *a)
{
	unsigned prot = area_prot(a);

	if (!(a->flags & VM_SHARED) || (a->ops && a->ops->make_writable))
		prot &= ~VM_WRITE;
	return prot;
}

/*
 * pt_lock held: enters a page of the cache unless it was truncated or another is there. Takes
 * the reference if true.
 */
static bool enter_file_page(struct vm_area *a, pte_t *p, struct page *page, pte_t e)
{
	struct mm *mm = a->mm;

	if (!pte_none(pte_get(p)) || unlikely(READ_ONCE(page->cache) != a->cache))
		return false;
	pte_set(p, e);
	rss_add(rss_of_file(mm, page), 1);
	mem_count_here(MEM_MAPPED, 1);
	return true;
}

/*
 * Pages of the cache that lie next to the one that faulted are entered too: 16 pages, aligned,
 * only what is there. Returns whether the faulting page was among them.
 */
static bool fault_around(struct vm_area *a, vaddr_t va, pte_t *p)
{
	vaddr_t lo = MAX(ALIGN_DOWN(va, AROUND_PAGES * PAGE_SIZE), a->start);
	vaddr_t hi =
		MIN(ALIGN_DOWN(va, AROUND_PAGES * PAGE_SIZE) + AROUND_PAGES * PAGE_SIZE, a->end);
	struct mm *mm = a->mm;
	unsigned prot = file_prot(a), n = (unsigned)((hi - lo) >> PAGE_SHIFT), left = 0;
	struct page *pages[AROUND_PAGES];
	bool hit = false;

	n = page_cache_find_many(a->cache, area_pgoff(a, lo), n, pages);
	p -= (va - lo) >> PAGE_SHIFT;
	if (unlikely(prot & VM_EXEC))
		for (unsigned i = 0; i < n; i++)
			if (pages[i])
				page_sync_icache(pages[i]);
	spin_lock(&mm->pt_lock);
	for (unsigned i = 0; i < n; i++) {
		struct page *page = pages[i];

		if (!page)
			continue;
		if (enter_file_page(a, p + i, page, pte_make(page_to_phys(page), prot, 3)))
			hit = hit || lo + ((vaddr_t)i << PAGE_SHIFT) == va;
		else
			pages[left++] = page;
	}
	spin_unlock(&mm->pt_lock);
	page_put_many(pages, left);
	return hit;
}

static int map_special(struct vm_area *a, pte_t *p, const struct vm_fault *vmf)
{
	paddr_t pa = vmf->page ? page_to_phys(vmf->page) : vmf->pa;
	unsigned prot = a->flags & VM_SHARED ? area_prot(a) : file_prot(a);
	struct mm *mm = a->mm;

	spin_lock(&mm->pt_lock);
	if (pte_none(pte_get(p)))
		pte_set(p, pte_mkspecial(pte_make(pa, prot, 3)));
	spin_unlock(&mm->pt_lock);
	return 0;
}

static int private_copy_of(struct vm_area *a, pte_t *p, struct page *src)
{
	struct page *page = page_alloc(0, GFP_USER);

	if (page)
		arch_copy_page(page_to_virt(page), page_to_virt(src));
	page_put(src);
	return page ? map_anon(a, p, page) : -ENOMEM;
}

static int file_fault(struct vm_area *a, vaddr_t va, pte_t *p, unsigned access)
{
	struct vm_fault vmf = { .area = a, .va = va, .pgoff = area_pgoff(a, va), .access = access };
	bool copy = access == VM_WRITE && !(a->flags & VM_SHARED);
	bool entered;
	int err;

	if (a->cache && !copy && !(a->flags & VM_RAND_READ) && fault_around(a, va, p))
		return 0;
	err = a->ops->fault(&vmf);
	if (unlikely(err))
		return err == -ENOMEM ? err : -EIO;
	if (a->flags & VM_SPECIAL)
		return map_special(a, p, &vmf);
	if (copy)
		return private_copy_of(a, p, vmf.page);
	if (access == VM_WRITE && a->ops->make_writable) {
		vmf.access = VM_WRITE;
		err = a->ops->make_writable(&vmf);
		if (err) {
			page_put(vmf.page);
			return err == -ENOMEM ? err : -EIO;
		}
	}
	spin_lock(&a->mm->pt_lock);
	entered = enter_file_page(
		a, p, vmf.page,
		entry_for(a, vmf.page, access == VM_WRITE ? area_prot(a) : file_prot(a)));
	spin_unlock(&a->mm->pt_lock);
	if (!entered)
		page_put(vmf.page);
	return 0;
}

/* ---- writes to what is mapped without permission to write */

static int make_shared_writable(struct vm_area *a, vaddr_t va, pte_t *p, pte_t e)
{
	struct mm *mm = a->mm;

	if (a->ops && a->ops->make_writable) {
		struct vm_fault vmf = {
			.area = a, .va = va, .pgoff = area_pgoff(a, va), .access = VM_WRITE
		};
		int err;

		vmf.page = page_cache_find(a->cache, vmf.pgoff);
		if (!vmf.page)
			return 0;
		err = a->ops->make_writable(&vmf);
		page_put(vmf.page);
		if (err)
			return err == -ENOMEM ? err : -EIO;
	}
	spin_lock(&mm->pt_lock);
	if (pte_get(p).v == e.v)
		pte_set(p, pte_modify(e, area_prot(a)));
	spin_unlock(&mm->pt_lock);
	arch_tlb_flush_relaxed(mm, va, va + PAGE_SIZE);
	return 0;
}

/*
 * The private copy of what @e maps takes its place. @old has a reference of ours, or is NULL
 * for a special entry: the zero page, a page of the vDSO or of a driver.
 */
static int replace_by_copy(struct vm_area *a, vaddr_t va, pte_t *p, pte_t e, struct page *old)
{
	struct page *from = old ? old : phys_to_page(pte_phys(e)), *page;
	struct mm *mm = a->mm;
	pte_t new;

	if (unlikely(!old && !pfn_valid(pte_phys(e) >> PAGE_SHIFT)))
		return -EFAULT;		/* a driver's registers have no copy */
	page = page_alloc(0, from == zero_page ? GFP_USER | GFP_ZERO : GFP_USER);
	if (!page) {
		if (old)
			page_put(old);
		return -ENOMEM;
	}
	if (from != zero_page)
		arch_copy_page(page_to_virt(page), page_to_virt(from));
	page->flags = PG_ANON;
	new = entry_for(a, page, area_prot(a));
	spin_lock(&mm->pt_lock);
	if (likely(pte_get(p).v == e.v)) {
		if (!a->anon_id)
			area_note_anon(a);
		pt_replace(mm, va, p, new);
		if (!old || !(old->flags & PG_ANON)) {
			rss_add(&mm->rss_anon, 1);
			mem_count_here(MEM_ANON, 1);
		}
		if (old && !(old->flags & PG_ANON)) {
			rss_add(rss_of_file(mm, old), -1);
			mem_count_here(MEM_MAPPED, -1);
		}
		page = old;	/* the entry's reference to the old one goes */
	}
	spin_unlock(&mm->pt_lock);
	if (page)
		page_put(page);
	if (old)
		page_put(old);
	return 0;
}

static int write_fault(struct vm_area *a, vaddr_t va, pte_t *p, pte_t e)
{
	struct mm *mm = a->mm;
	struct page *old;

	if (a->flags & VM_SHARED)
		return make_shared_writable(a, va, p, e);
	if (pte_special(e))
		return replace_by_copy(a, va, p, e, NULL);
	old = phys_to_page(pte_phys(e));
	spin_lock(&mm->pt_lock);
	if (pte_get(p).v != e.v) {
		spin_unlock(&mm->pt_lock);
		return 0;
	}
	if ((old->flags & PG_ANON) && atomic_read(&old->refs) == 1) {
		pte_set(p, pte_modify(e, area_prot(a)));
		spin_unlock(&mm->pt_lock);
		arch_tlb_flush_relaxed(mm, va, va + PAGE_SIZE);
		return 0;
	}
	page_get(old);
	spin_unlock(&mm->pt_lock);
	return replace_by_copy(a, va, p, e, old);
}

/*
 * A write to a block: the block is made writable when nobody else has it; when others do it becomes
 * pages, of which the caller copies the one that is written: false.
 */
static bool block_make_writable(struct vm_area *a, vaddr_t va, pte_t *p)
{
	struct mm *mm = a->mm;
	pte_t e;

	spin_lock(&mm->pt_lock);
	e = pte_get(p);
	if (pte_none(e) || pte_is_table(e, 2) || pte_writable(e)) {
		spin_unlock(&mm->pt_lock);
		return true;	/* another CPU was faster: the access shows what there is */
	}
	if (vm_block_alone(phys_to_page(pte_phys(e)))) {
		pte_set(p, pte_modify(e, area_prot(a)));
		spin_unlock(&mm->pt_lock);
		arch_tlb_flush_relaxed(mm, va, va + PAGE_SIZE);
		return true;
	}
	spin_unlock(&mm->pt_lock);
	pt_split_block(mm, va);
	return false;
}

/* ---- the common path */

/*
 * There is no last-level table. Makes a block, or a table: then *out is the entry to go on with.
 * *out NULL: done, or an error.
 */
static __noinline int resolve_upper(struct vm_area *a, vaddr_t va, unsigned access, pte_t **out)
{
	struct mm *mm = a->mm;
	pte_t *block;

	*out = NULL;
	if (huge_fits(a, va, access) && huge_fault(a, va) == 0)
		return 0;
	*out = pt_walk_alloc(mm, va, 3);
	if (*out)
		return 0;
	block = pt_walk(mm, va, 2);
	if (!block || pte_none(pte_get(block)))
		return -ENOMEM;
	if (access == VM_WRITE && !block_make_writable(a, va, block))
		*out = pt_walk(mm, va, 3);
	else
		arch_tlb_flush_page_local_spurious(mm, va);
	return 0;
}

/* The access is allowed by the area. Returns 0: try again, or an error of vm_fault(). */
static int resolve(struct vm_area *a, vaddr_t va, unsigned access)
{
	struct mm *mm = a->mm;
	pte_t *p = pt_walk(mm, va, 3), e;

	if (unlikely(!p)) {
		int err = resolve_upper(a, va, access, &p);

		if (!p)
			return err;
	}
	e = pte_get(p);
	if (pte_none(e))
		return a->ops ? file_fault(a, va, p, access) : anon_fault(a, p, access);
	if (access == VM_WRITE && !pte_writable(e))
		return write_fault(a, va, p, e);
	/* Another CPU was faster, or the entry only lacks the mark of use. */
	if (!pte_young(e)) {
		spin_lock(&mm->pt_lock);
		if (pte_get(p).v == e.v)
			pte_set(p, pte_mkyoung(e));
		spin_unlock(&mm->pt_lock);
	}
	arch_tlb_flush_page_local_spurious(mm, va);
	return 0;
}

static inline bool area_allows(const struct vm_area *a, unsigned access)
{
	/*
	 * Whatever is mapped at all may be read: the tables know no write-only and no
	 * execute-only pages.
	 */
	return access == VM_READ ? (a->flags & VM_PROT) != 0 : (a->flags & access) != 0;
}

int fault_in_page(struct mm *mm, vaddr_t va, unsigned access)
{
	struct vm_area *a = vm_find(mm, va);

	if (!a || va < a->start)
		return -EFAULT;
	if (!area_allows(a, access))
		return -EACCES;
	return resolve(a, ALIGN_DOWN(va, PAGE_SIZE), access);
}

/* The address lies below a stack: grow it. The lock is held for reading before and after. */
static int grow_stack(struct mm *mm, vaddr_t va, struct vm_area **out)
{
	struct vm_area *a;
	int err;

	up_read(&mm->lock);
	down_write(&mm->lock);
	a = vm_find(mm, va);
	err = -EFAULT;
	if (a && (a->start <= va || (a->flags & VM_GROWSDOWN)))
		err = area_expand_down(a, va);
	downgrade_write(&mm->lock);
	*out = a;
	return err ? -EFAULT : 0;
}

static __noinline int fault_failed(int err, bool user)
{
	if (err == -ENOMEM) {
		/* Nobody could be made to give up memory: this task ends, the kernel goes on. */
		if (fatal_signal_pending(current))
			return -EINTR;
		if (user)
			force_signal(SIGKILL);
	}
	return err;
}

int vm_fault(struct mm *mm, vaddr_t va, unsigned access, bool user)
{
	struct vm_area *a;
	int err;

	va = ALIGN_DOWN(va, PAGE_SIZE);
	current->min_flt++;
	down_read(&mm->lock);
	a = vm_find(mm, va);
	if (unlikely(!a || va < a->start)) {
		err = -EFAULT;
		if (!a || !(a->flags & VM_GROWSDOWN))
			goto out;
		err = grow_stack(mm, va, &a);
		if (err)
			goto out;
	}
	err = -EACCES;
	if (likely(area_allows(a, access)))
		err = resolve(a, va, access);
out:
	up_read(&mm->lock);
	trace_fault(va, access, err);
	return likely(err == 0) ? 0 : fault_failed(err, user);
}

/*
 * The page of @va although the area forbids the access: for debuggers. Writing makes a private
 * copy, which stays without write permission. mm->lock held for reading. The page comes with a
 * reference.
 */
int force_page(struct vm_area *a, vaddr_t va, bool write, struct page **out)
{
	struct mm *mm = a->mm;

	if (write && !area_is_private_write(a))
		return -EFAULT;
	for (unsigned tries = 0; tries < 16; tries++) {
		pte_t *p = pt_walk(mm, va, 3), e;
		struct page *page;
		int err;

		if (!p || pte_none(pte_get(p))) {
			pt_split_block(mm, va);
			err = resolve(a, va, VM_READ);
			if (err)
				return err == -ENOMEM ? err : -EFAULT;
			continue;
		}
		spin_lock(&mm->pt_lock);
		e = pte_get(p);
		page = pte_none(e) ? NULL : phys_to_page(pte_phys(e));
		if (!page || (!write && pte_special(e) && page != zero_page)) {
			spin_unlock(&mm->pt_lock);
			continue;
		}
		if (!write || ((page->flags & PG_ANON) && atomic_read(&page->refs) == 1)) {
			page_get(page);
			spin_unlock(&mm->pt_lock);
			*out = page;
			return 0;
		}
		if (!pte_special(e))
			page_get(page);
		spin_unlock(&mm->pt_lock);
		err = replace_by_copy(a, va, p, e, pte_special(e) ? NULL : page);
		if (err)
			return err;
	}
	return -EFAULT;
}
