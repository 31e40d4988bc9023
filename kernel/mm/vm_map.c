/* SPDX-License-Identifier: MIT */
/*
 * The map of a user address space: areas in a tree that knows its gaps; finding, linking,
 * splitting, merging them.
 *
 * Invariants: areas do not overlap; start < end <= USER_END, both page aligned; the counters
 * of struct mm are the sums over the areas; an area of a file is on its page cache's list
 * exactly while it is in the tree.
 *
 * Merging follows what Linux shows in /proc/PID/maps: neighbours become one when flags, file
 * and page offsets agree, nothing wants to be told of a close, and their private pages have
 * one history. Linux keeps that history as a chain of anon_vma; here it is a number (anon_id),
 * given at the first private page, taken over from a neighbour that would otherwise agree. An
 * area inherited over fork does not merge with one that has no pages yet.
 *
 * Locks: mm->lock for writing, except vm_find/vm_first/vm_next (reading). page_cache->map_lock
 * inside. References: mmap(2), proc(5) of man-pages 6.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

static struct kmem_cache *area_cache;

struct vm_area *area_alloc(struct mm *mm)
{
	struct vm_area *a = kmem_cache_alloc(area_cache, GFP_KERNEL | GFP_ZERO);

	if (a) {
		a->mm = mm;
		list_init(&a->cache_link);
	}
	return a;
}

void area_free(struct vm_area *a)
{
	kmem_cache_free(area_cache, a);
}

void vm_map_init(void)
{
	area_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 8, 0, NULL);
	BUG_ON(!area_cache);
}

/* ---- finding */

struct vm_area *vm_find(struct mm *mm, vaddr_t va)
{
	struct vm_area *a = READ_ONCE(mm->cached);

	if (a && a->start <= va && va < a->end)
		return a;
	a = (struct vm_area *)gap_find(&mm->areas, va);
	/* Readers race for this hint; any of their answers is as good. Writers clear it. */
	if (a && a->start <= va)
		WRITE_ONCE(mm->cached, a);
	return a;
}

struct vm_area *vm_next(struct vm_area *a)
{
	return rb_entry_safe(rb_next(&a->node), struct vm_area, node);
}

struct vm_area *area_prev(struct vm_area *a)
{
	return rb_entry_safe(rb_prev(&a->node), struct vm_area, node);
}

struct vm_area *vm_first(struct mm *mm)
{
	return rb_entry_safe(rb_first(&mm->areas), struct vm_area, node);
}

const char *vm_area_name(struct vm_area *a)
{
	struct mm *mm = a->mm;

	if (a->ops && a->ops->name)
		return a->ops->name(a);
	if (a->file)
		return NULL;
	if (a->flags & VM_VDSO)
		return "[vdso]";
	if (a->start <= mm->brk && a->end >= mm->brk_start && mm->brk_start)
		return "[heap]";
	if (a->start < mm->stack_top && a->end >= mm->stack_top)
		return "[stack]";
	return NULL;
}

/* ---- counters and links */

void area_count(struct mm *mm, struct vm_area *a, int64_t pages)
{
	mm->total_pages += pages;
	if (a->flags & VM_GROWSDOWN)
		mm->stack_pages += pages;
	else if ((a->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_pages += pages;
	else if ((a->flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		mm->exec_pages += pages;
	if (a->flags & VM_LOCKED)
		mm->locked_pages += pages;
	if (mm->total_pages > mm->hiwater_vm)
		mm->hiwater_vm = mm->total_pages;
}

void area_set_flags(struct mm *mm, struct vm_area *a, unsigned flags)
{
	area_count(mm, a, -(int64_t)area_pages(a));
	a->flags = flags;
	area_count(mm, a, (int64_t)area_pages(a));
}

void area_file_link(struct vm_area *a)
{
	struct page_cache *c = a->cache;

	if (!c)
		return;
	down_write(&c->map_lock);
	list_add_tail(&a->cache_link, &c->areas);
	up_write(&c->map_lock);
}

void area_file_unlink(struct vm_area *a)
{
	struct page_cache *c = a->cache;

	if (!c || list_empty(&a->cache_link))
		return;
	down_write(&c->map_lock);
	list_del_init(&a->cache_link);
	up_write(&c->map_lock);
}

static void link_in_tree(struct mm *mm, struct vm_area *a)
{
	a->guard = a->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;
	gap_insert(area_gap(a), &mm->areas);
	mm->nr_areas++;
	mm->seq++;
	area_count(mm, a, (int64_t)area_pages(a));
}

void area_link(struct mm *mm, struct vm_area *a)
{
	link_in_tree(mm, a);
	area_file_link(a);
}

void area_unlink(struct mm *mm, struct vm_area *a)
{
	gap_erase(area_gap(a), &mm->areas);
	mm->nr_areas--;
	mm->seq++;
	mm->cached = NULL;
	area_count(mm, a, -(int64_t)area_pages(a));
}

/*
 * The area is in no tree any more. May sleep: the file's last reference may go. That of a device or socket may need locks
 * that are not taken under mm->lock.
 */
void area_release(struct vm_area *a)
{
	area_file_unlink(a);
	if (a->ops && a->ops->close)
		a->ops->close(a);
	if (a->cache && (a->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		atomic_dec(&a->cache->writable_maps);
	if (a->file && unlikely(a->flags & VM_SPECIAL))
		file_put_late(a->file);
	else if (a->file)
		file_put(a->file);
	area_free(a);
}

static void set_bounds(struct vm_area *a, vaddr_t start, vaddr_t end, uint64_t pgoff)
{
	struct mm *mm = a->mm;

	area_count(mm, a, -(int64_t)area_pages(a));
	a->start = start;
	a->end = end;
	a->pgoff = pgoff;
	area_count(mm, a, (int64_t)area_pages(a));
	gap_changed(area_gap(a));
	mm->seq++;
}

/*
 * Moves the borders of an area in the tree. Truncation walks the file's list: it must not see
 * a torn change.
 */
void area_set_bounds(struct vm_area *a, vaddr_t start, vaddr_t end, uint64_t pgoff)
{
	if (a->cache)
		down_write(&a->cache->map_lock);
	set_bounds(a, start, end, pgoff);
	if (a->cache)
		up_write(&a->cache->map_lock);
}

/* A copy with references of its own, in no tree and on no list. */
struct vm_area *area_dup(struct mm *mm, struct vm_area *a)
{
	struct vm_area *n = kmem_cache_alloc(area_cache, GFP_KERNEL);

	if (!n)
		return NULL;
	*n = *a;
	n->mm = mm;
	list_init(&n->cache_link);
	if (n->file)
		file_get(n->file);
	if (n->cache && (n->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		atomic_inc(&n->cache->writable_maps);
	if (n->ops && n->ops->open)
		n->ops->open(n);
	return n;
}

/* ---- splitting and merging */

int area_split(struct mm *mm, struct vm_area *a, vaddr_t at)
{
	struct vm_area *n;
	int err;

	if (mm->nr_areas >= MAX_MAP_COUNT)
		return -ENOMEM;
	if (a->ops && a->ops->may_split) {
		err = a->ops->may_split(a, at);
		if (err)
			return err;
	}
	n = area_dup(mm, a);
	if (!n)
		return -ENOMEM;
	n->start = at;
	n->pgoff = area_pgoff(a, at);
	/*
	 * First shrink, then link: the tree never holds overlapping ranges. Truncation sees
	 * both parts or neither.
	 */
	if (a->cache)
		down_write(&a->cache->map_lock);
	set_bounds(a, a->start, at, a->pgoff);
	link_in_tree(mm, n);
	if (a->cache) {
		list_add(&n->cache_link, &a->cache_link);
		up_write(&a->cache->map_lock);
	}
	return 0;
}

static bool anon_compatible(uint32_t id1, bool inherited1, uint32_t id2, bool inherited2)
{
	if (id1 && id2)
		return id1 == id2;
	return !(id1 && inherited1) && !(id2 && inherited2);
}

static bool may_merge_at_all(const struct vm_area *a)
{
	return !(a->flags & (VM_SPECIAL | VM_DONTEXPAND)) && !(a->ops && a->ops->close);
}

bool area_mergeable(struct vm_area *l, struct vm_area *r)
{
	return l->end == r->start && l->flags == r->flags && l->file == r->file &&
	       l->ops == r->ops && l->private == r->private && may_merge_at_all(l) &&
	       l->pgoff + area_pages(l) == r->pgoff &&
	       anon_compatible(l->anon_id, l->anon_inherited, r->anon_id, r->anon_inherited);
}

static void anon_take_over(struct vm_area *to, const struct vm_area *from)
{
	if (!from->anon_id)
		return;
	to->has_anon = to->has_anon || from->has_anon;
	to->anon_id = from->anon_id;
	to->anon_inherited = from->anon_inherited;
}

/* The right one disappears into the left one. */
static void absorb_right(struct mm *mm, struct vm_area *l, struct vm_area *r)
{
	vaddr_t end = r->end;

	area_unlink(mm, r);
	anon_take_over(l, r);
	area_set_bounds(l, l->start, end, l->pgoff);
	area_release(r);
}

struct vm_area *area_try_merge(struct mm *mm, struct vm_area *a)
{
	struct vm_area *p = area_prev(a), *n = vm_next(a);

	if (n && area_mergeable(a, n))
		absorb_right(mm, a, n);
	if (p && area_mergeable(p, a)) {
		absorb_right(mm, p, a);
		a = p;
	}
	return a;
}

/* Does a fresh range with these properties continue @a? */
static bool fresh_fits(const struct vm_area *a, unsigned flags, const struct file *f)
{
	return a->flags == flags && a->file == f && may_merge_at_all(a) &&
	       !(a->anon_id && a->anon_inherited) && (f || !a->ops);
}

struct vm_area *area_extend(struct mm *mm, vaddr_t start, vaddr_t end, unsigned flags,
			    struct file *f, uint64_t pgoff)
{
	struct vm_area *n = (struct vm_area *)gap_find(&mm->areas, start), *p;

	if (flags & (VM_SPECIAL | VM_DONTEXPAND))
		return NULL;
	if (n)
		p = area_prev(n);
	else
		p = rb_entry_safe(rb_last(&mm->areas), struct vm_area, node);
	if (n && (n->start != end || !fresh_fits(n, flags, f) ||
		  n->pgoff != pgoff + ((end - start) >> PAGE_SHIFT)))
		n = NULL;
	if (p && p->end == start && fresh_fits(p, flags, f) && p->pgoff + area_pages(p) == pgoff) {
		area_set_bounds(p, p->start, end, p->pgoff);
		if (n && area_mergeable(p, n))
			absorb_right(mm, p, n);
		return p;
	}
	if (n)
		area_set_bounds(n, start, n->end, pgoff);
	return n;
}

/* Would the neighbours share a history of private pages, were it not for their permissions? */
static bool anon_related(const struct vm_area *l, const struct vm_area *r)
{
	return l->end == r->start && !((l->flags ^ r->flags) & ~VM_PROT) && l->file == r->file &&
	       l->pgoff + area_pages(l) == r->pgoff;
}

/* pt_lock held, mm->lock at least for reading: the tree stands still. */
void area_note_anon(struct vm_area *a)
{
	struct mm *mm = a->mm;
	struct vm_area *o;

	a->has_anon = true;
	if (a->anon_id)
		return;
	o = vm_next(a);
	if (o && o->anon_id && !o->anon_inherited && anon_related(a, o)) {
		a->anon_id = o->anon_id;
		return;
	}
	o = area_prev(a);
	if (o && o->anon_id && !o->anon_inherited && anon_related(o, a)) {
		a->anon_id = o->anon_id;
		return;
	}
	a->anon_id = ++mm->next_anon_id;
}

/* ---- where a new mapping goes */

static bool range_free_at(struct mm *mm, vaddr_t addr, uint64_t len)
{
	struct vm_area *n = (struct vm_area *)gap_find(&mm->areas, addr);
	vaddr_t limit = n ? n->start - MIN(n->start, (vaddr_t)n->guard) : USER_END;

	return addr + len <= limit;
}

/* @align: a power of two, PAGE_SIZE or more. The hint is taken when it is free. */
int vm_get_unmapped(struct mm *mm, vaddr_t hint, uint64_t len, uint64_t align, vaddr_t *out)
{
	uint64_t need = len + align - PAGE_SIZE;
	vaddr_t va;

	if (len > USER_END - USER_MMAP_MIN)
		return -ENOMEM;
	if (hint) {
		hint = ALIGN_UP(hint, PAGE_SIZE);
		if (hint >= USER_MMAP_MIN && hint <= USER_END - len &&
		    range_free_at(mm, hint, len)) {
			*out = hint;
			return 0;
		}
	}
	va = gap_find_high(&mm->areas, need, USER_MMAP_MIN, mm->mmap_base);
	if (va) {
		va = ALIGN_DOWN(va + need - len, align);
	} else {
		/* Top-down is exhausted: from a third of the space upwards. */
		va = gap_find_low(&mm->areas, len, ALIGN_DOWN(USER_END / 3, PAGE_SIZE), USER_END);
		if (!va)
			va = gap_find_low(&mm->areas, len, USER_MMAP_MIN, USER_END);
		if (!va)
			return -ENOMEM;
	}
	*out = va;
	return 0;
}

/* RLIMIT_AS and RLIMIT_DATA. The limits are those of the process that runs. */
bool vm_may_expand(struct mm *mm, unsigned flags, uint64_t pages)
{
	if (mm->total_pages + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE &&
	    mm->data_pages + pages > rlimit(RLIMIT_DATA) >> PAGE_SHIFT)
		return false;
	return true;
}

/*
 * A stack grows down to @to (page aligned). mm->lock held for writing. -ENOMEM: a limit or a
 * neighbour.
 */
int area_expand_down(struct vm_area *a, vaddr_t to)
{
	struct mm *mm = a->mm;
	uint64_t pages;
	struct vm_area *p;

	if (to >= a->start)
		return 0;
	if (to < USER_MMAP_MIN)
		return -EPERM;
	p = area_prev(a);
	if (p && p->end > to)
		return -ENOMEM;
	/* An accessible neighbour keeps its distance; stacks may touch. */
	if (p && !(p->flags & VM_GROWSDOWN) && (p->flags & VM_PROT) &&
	    to - p->end < STACK_GUARD_GAP)
		return -ENOMEM;
	pages = (a->start - to) >> PAGE_SHIFT;
	if (a->end - to > rlimit(RLIMIT_STACK) || !vm_may_expand(mm, a->flags, pages) ||
	    a->pgoff < pages)
		return -ENOMEM;
	if ((a->flags & VM_LOCKED) && mlock_limit_check(mm, pages))
		return -ENOMEM;
	if ((a->flags & VM_ACCOUNT) && !vm_may_commit(pages))
		return -ENOMEM;
	area_set_bounds(a, to, a->end, a->pgoff - pages);
	return 0;
}
