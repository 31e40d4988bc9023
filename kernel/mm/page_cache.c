/* SPDX-License-Identifier: MIT */
/*
 * The page cache: finding, making and dropping the pages of a file; mapping them.
 * Reading and writing through it is file_rw.c.
 *
 * Invariants
 *	A page in the tree has page->cache and page->index set and holds one reference of the
 *	tree's. It is taken out by clearing page->cache, erasing the slot and dropping that
 *	reference, all under cache->lock. Look-up without a lock: load the slot, raise a
 *	non-zero reference count, look at page->cache and index again. struct page never goes
 *	away, so the count of a page that changed hands is raised at worst for a moment.
 *	Truncation: size first, then pages out of the tree, then unmap. A fault enters a page
 *	only if it is still in the tree under pt_lock; hence whatever it entered before is met
 *	by the unmapping.
 *
 * Locks: cache->lock (LR_PAGE_CACHE) for tree changes; map_lock for the list of areas;
 * PG_LOCKED while a page is filled from a device.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/waitq.h>
#include "mm_internal.h"

/* SIMPLE: one queue for all pages being read; devices come later */
static DEFINE_WAITQ(page_waitq);

void page_cache_init(struct page_cache *c, struct inode *inode, const struct page_cache_ops *ops)
{
	memset(c, 0, sizeof(*c));
	c->inode = inode;
	c->ops = ops;
	spin_lock_init(&c->lock, LR_PAGE_CACHE);
	rwsem_init(&c->map_lock, LR_MAPPING);
	list_init(&c->areas);
}

struct page *page_cache_find(struct page_cache *c, uint64_t index)
{
	struct page *p;

	rcu_read_lock();
	for (;;) {
		p = xa_load(&c->pages, index);
		if (!p)
			break;
		if (unlikely(!atomic_inc_not_zero(&p->refs)))
			continue;
		if (likely(READ_ONCE(p->cache) == c && READ_ONCE(p->index) == index))
			break;
		page_put(p);
	}
	rcu_read_unlock();
	return p;
}

unsigned page_cache_find_many(struct page_cache *c, uint64_t index, unsigned n, struct page **out)
{
	loff_t size = c->inode ? READ_ONCE(c->inode->size) : INT64_MAX;
	uint64_t pages = ((uint64_t)size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (index >= pages)
		return 0;
	n = (unsigned)MIN((uint64_t)n, pages - index);
	rcu_read_lock();
	for (unsigned i = 0; i < n; i++) {
		struct page *p = xa_load(&c->pages, index + i);

		out[i] = NULL;
		if (!p || !(p->flags & PG_UPTODATE) || !atomic_inc_not_zero(&p->refs))
			continue;
		if (likely(READ_ONCE(p->cache) == c && READ_ONCE(p->index) == index + i))
			out[i] = p;
		else
			page_put(p);
	}
	rcu_read_unlock();
	return n;
}

int page_cache_add(struct page_cache *c, uint64_t index, struct page *p)
{
	int err;

	p->cache = c;
	p->index = index;
	p->private = 0;
	spin_lock(&c->lock);
	if (xa_load(&c->pages, index))
		err = -EEXIST;
	else
		err = xa_store(&c->pages, index, p, NULL);
	if (!err)
		c->nr_pages++;
	spin_unlock(&c->lock);
	if (err) {
		p->cache = NULL;
		return err;
	}
	mem_count(MEM_FILE, 1);
	if (c->is_shmem)
		mem_count(MEM_SHMEM, 1);
	return 0;
}

/* cache->lock held. The tree's reference goes to the caller. */
static void remove_locked(struct page_cache *c, struct page *p)
{
	xa_erase(&c->pages, p->index);
	WRITE_ONCE(p->cache, NULL);
	c->nr_pages--;
}

/*
 * A page is about to be made: the file system's limit, and the commit limit for what has no
 * device behind it.
 */
int page_cache_charge(struct page_cache *c)
{
	int err;

	if (c->is_shmem && !vm_may_commit(1))
		return -ENOMEM;
	err = c->ops && c->ops->charge ? c->ops->charge(c, 1) : 0;
	if (err && c->is_shmem)
		vm_uncommit(1);
	return err;
}

void page_cache_uncharge(struct page_cache *c, uint64_t n)
{
	if (c->is_shmem)
		vm_uncommit(n);
	if (c->ops && c->ops->uncharge)
		c->ops->uncharge(c, n);
}

static void account_removed(struct page_cache *c, unsigned n)
{
	if (!n)
		return;
	mem_count(MEM_FILE, -(long)n);
	if (c->is_shmem)
		mem_count(MEM_SHMEM, -(long)n);
	page_cache_uncharge(c, n);
}

static int wait_page_ready(struct page *p)
{
	wait_event(&page_waitq, !(READ_ONCE(p->flags) & PG_LOCKED));
	return p->flags & PG_UPTODATE ? 0 : -EIO;
}

static int fill_page(struct page_cache *c, struct page *p)
{
	int err = c->ops->read_page(c, p);

	page_flag_set(p, err ? PG_ERROR : PG_UPTODATE);
	page_flag_clear(p, PG_LOCKED);
	waitq_wake_all(&page_waitq);
	if (err) {
		spin_lock(&c->lock);
		if (p->cache == c) {
			remove_locked(c, p);
			spin_unlock(&c->lock);
			account_removed(c, 1);
			page_put(p);
		} else {
			spin_unlock(&c->lock);
		}
	}
	return err;
}

/* One new page in the tree, with a reference for the caller. -EEXIST: somebody was faster. */
static int make_page(struct page_cache *c, uint64_t index, struct page **out)
{
	bool from_device = c->ops && c->ops->read_page;
	struct page *p;
	int err = page_cache_charge(c);

	if (err)
		return err;
	p = page_alloc(0, GFP_USER | (from_device ? 0 : GFP_ZERO));
	if (!p) {
		err = -ENOMEM;
		goto out_uncharge;
	}
	p->flags = (from_device ? PG_LOCKED : PG_UPTODATE) | (c->is_shmem ? PG_SHMEM : 0);
	page_get(p);
	err = page_cache_add(c, index, p);
	if (err) {
		atomic_dec(&p->refs);
		page_put(p);
		goto out_uncharge;
	}
	if (from_device) {
		err = fill_page(c, p);
		if (err) {
			page_put(p);
			return err;
		}
	}
	*out = p;
	return 0;
out_uncharge:
	page_cache_uncharge(c, 1);
	return err;
}

int page_cache_get(struct page_cache *c, uint64_t index, struct page **out)
{
	for (;;) {
		struct page *p = page_cache_find(c, index);
		int err;

		if (p) {
			if (unlikely(!(READ_ONCE(p->flags) & PG_UPTODATE))) {
				err = wait_page_ready(p);
				if (err) {
					page_put(p);
					return err;
				}
			}
			*out = p;
			return 0;
		}
		err = make_page(c, index, out);
		if (err != -EEXIST)
			return err;
	}
}

/* ---- dropping */

/* All pages of [first, last] leave the tree. */
static void drop_range(struct page_cache *c, uint64_t first, uint64_t last)
{
	struct page *batch[GATHER_MAX];
	uint64_t at = first;
	bool more = true;

	while (more) {
		unsigned n = 0;

		spin_lock(&c->lock);
		while (n < GATHER_MAX) {
			struct page *p = xa_find(&c->pages, &at);

			if (!p || at > last) {
				more = false;
				break;
			}
			remove_locked(c, p);
			batch[n++] = p;
			if (at++ == ~0ull) {
				more = false;
				break;
			}
		}
		spin_unlock(&c->lock);
		account_removed(c, n);
		/*
		 * Entries may still map them: those hold references of their own until they
		 * are flushed out.
		 */
		page_put_many(batch, n);
	}
}

/* Clears [from, to) of the page that holds @from, if it is there. */
static void zero_part(struct page_cache *c, loff_t from, loff_t to)
{
	struct page *p = page_cache_find(c, (uint64_t)from >> PAGE_SHIFT);
	size_t off = (size_t)from & (PAGE_SIZE - 1);

	if (!p)
		return;
	memset((char *)page_to_virt(p) + off, 0, (size_t)(to - from));
	page_flag_set(p, PG_DIRTY);
	page_put(p);
}

void page_cache_truncate(struct page_cache *c, loff_t size)
{
	uint64_t first = ((uint64_t)size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	drop_range(c, first, ~0ull);
	if (!list_empty(&c->areas))
		vm_unmap_cache(c, first, ~0ull, true);
	/* What lies behind the new end must read as zeroes when the file grows again. */
	if (size & (loff_t)(PAGE_SIZE - 1))
		zero_part(c, size, (loff_t)(first << PAGE_SHIFT));
}

void page_cache_punch(struct page_cache *c, loff_t from, loff_t to)
{
	uint64_t first = ((uint64_t)from + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t end = (uint64_t)to >> PAGE_SHIFT;

	if (from >= to)
		return;
	if (first > end) {	/* inside one page */
		zero_part(c, from, to);
		return;
	}
	if (from & (loff_t)(PAGE_SIZE - 1))
		zero_part(c, from, (loff_t)(first << PAGE_SHIFT));
	if (to & (loff_t)(PAGE_SIZE - 1))
		zero_part(c, (loff_t)(end << PAGE_SHIFT), to);
	if (first < end) {
		drop_range(c, first, end - 1);
		if (!list_empty(&c->areas))
			vm_unmap_cache(c, first, end - 1, false);
	}
}

void page_cache_destroy(struct page_cache *c)
{
	BUG_ON(!list_empty(&c->areas));
	drop_range(c, 0, ~0ull);
	xa_destroy(&c->pages);
}

loff_t page_cache_seek(struct page_cache *c, loff_t off, loff_t size, bool hole)
{
	uint64_t index = (uint64_t)off >> PAGE_SHIFT, at;
	loff_t pos;

	if (off < 0 || off >= size)
		return -ENXIO;
	rcu_read_lock();
	if (hole) {
		at = index;
		if (xa_load(&c->pages, at))
			at = xa_find_free(&c->pages, at);
	} else {
		at = index;
		if (!xa_find(&c->pages, &at))
			at = ~0ull >> PAGE_SHIFT;
	}
	rcu_read_unlock();
	pos = at == index			       ? off
	      : at > (uint64_t)INT64_MAX >> PAGE_SHIFT ? INT64_MAX
						       : (loff_t)(at << PAGE_SHIFT);
	if (pos >= size)
		return hole ? size : -ENXIO;
	return pos;
}

/* ---- mapping */

int page_cache_fault(struct vm_fault *vmf)
{
	struct page_cache *c = vmf->area->cache;
	struct page *p;
	int err;

	if ((loff_t)(vmf->pgoff << PAGE_SHIFT) >= READ_ONCE(c->inode->size))
		return -EFAULT;
	err = page_cache_get(c, vmf->pgoff, &p);
	if (err)
		return err == -ENOMEM ? err : -EFAULT;
	/* The file may have shrunk while the page was made: then the page must not stay. */
	if (unlikely((loff_t)(vmf->pgoff << PAGE_SHIFT) >= READ_ONCE(c->inode->size))) {
		spin_lock(&c->lock);
		if (p->cache == c) {
			remove_locked(c, p);
			spin_unlock(&c->lock);
			account_removed(c, 1);
			page_put(p);
		} else {
			spin_unlock(&c->lock);
		}
		page_put(p);
		return -EFAULT;
	}
	vmf->page = p;
	return 0;
}

static const struct vm_ops page_cache_vm_ops = {
	.fault = page_cache_fault,
};

int page_cache_mmap(struct file *f, struct vm_area *a)
{
	a->cache = f->cache;
	a->ops = &page_cache_vm_ops;
	touch_atime(&f->path);
	return 0;
}

/*
 * Removes the entries for pages [first, last] of a file from every address space. The areas on
 * the list keep their tables while map_lock is held (see pgtable.c).
 */
void vm_unmap_cache(struct page_cache *c, uint64_t first, uint64_t last, bool even_private)
{
	struct vm_area *a;

	down_read(&c->map_lock);
	list_for_each_entry(a, &c->areas, cache_link) {
		uint64_t lo = MAX(first, a->pgoff), hi = MIN(last, a->pgoff + area_pages(a) - 1);
		struct gather g;

		if (lo > hi)
			continue;
		gather_init(&g, a->mm, false);
		pt_zap(&g, a, a->start + ((lo - a->pgoff) << PAGE_SHIFT),
		       a->start + ((hi + 1 - a->pgoff) << PAGE_SHIFT),
		       even_private ? ZAP_ALL : ZAP_FILE_ONLY);
		gather_flush(&g);
	}
	up_read(&c->map_lock);
}
