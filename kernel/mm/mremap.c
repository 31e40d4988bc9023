/* SPDX-License-Identifier: MIT */
/*
 * mremap: shrinking, growing in place, moving, moving without unmapping.
 *
 * Invariant: the bytes of the old range are at the new one, or nothing has changed. Entries
 * are moved, not copied; the TLB is flushed before anybody can reach the pages by the old
 * address.
 *
 * Locks: mm->lock for writing; the file's map_lock over the move, so that truncation finds
 * each entry at one of the two places. References: mremap(2).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/panic.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

struct remap {
	struct mm *mm;
	vaddr_t old, new;
	uint64_t old_len, new_len;
	unsigned flags;
	uint64_t populate_from, populate_len;
};

/* Can the area at r->old be moved or grown? */
static int check_area(struct remap *r, struct vm_area **out)
{
	struct vm_area *a = vm_find(r->mm, r->old);
	uint64_t grow = r->new_len > r->old_len ? (r->new_len - r->old_len) >> PAGE_SHIFT : 0;

	if (!a || a->start > r->old)
		return -EFAULT;
	/* Old length 0 asks for a second mapping of the same pages: only shared areas have such. */
	if (!r->old_len && !(a->flags & VM_SHARED))
		return -EINVAL;
	if ((r->flags & MREMAP_DONTUNMAP) && (a->flags & (VM_DONTEXPAND | VM_SPECIAL)))
		return -EINVAL;
	if (r->old_len > a->end - r->old)
		return -EFAULT;
	*out = a;
	if (r->new_len == r->old_len)
		return 0;
	if (area_pgoff(a, r->old) + (r->new_len >> PAGE_SHIFT) < area_pgoff(a, r->old))
		return -EINVAL;
	if (a->flags & (VM_DONTEXPAND | VM_SPECIAL))
		return -EFAULT;
	if ((a->flags & VM_LOCKED) && mlock_limit_check(r->mm, grow))
		return -EAGAIN;
	if (!vm_may_expand(r->mm, a->flags, grow))
		return -ENOMEM;
	return 0;
}

/* Grows the area that ends where the old range ends. */
static bool grow_in_place(struct remap *r, struct vm_area *a)
{
	uint64_t grow = r->new_len - r->old_len;
	vaddr_t end = a->end + grow;
	struct vm_area *n = vm_next(a);

	if (a->end != r->old + r->old_len || end < a->end || end > USER_END)
		return false;
	if (n && n->start - MIN(n->start, (vaddr_t)n->guard) < end)
		return false;
	if ((a->flags & VM_ACCOUNT) && !vm_may_commit(grow >> PAGE_SHIFT))
		return false;
	if (a->flags & VM_LOCKED) {
		r->populate_from = a->end;
		r->populate_len = grow;
	}
	area_set_bounds(a, a->start, end, a->pgoff);
	area_try_merge(r->mm, a);
	return true;
}

/* The area of the new range: joined to a neighbour, or a copy of the old one. */
static struct vm_area *make_target(struct remap *r, struct vm_area *a)
{
	struct vm_area *n = area_dup(r->mm, a);

	if (!n)
		return NULL;
	n->start = r->new;
	n->end = r->new + r->new_len;
	/* An untouched anonymous area has no history: its pages are numbered by where it lies. */
	if (!a->file && !a->anon_id && !(a->flags & VM_SPECIAL))
		n->pgoff = r->new >> PAGE_SHIFT;
	else
		n->pgoff = area_pgoff(a, r->old);
	area_link(r->mm, n);
	return n;
}

/* The entries go over; on failure they come back and -ENOMEM is returned. */
static int move_entries(struct remap *r, struct vm_area *a, struct vm_area *n)
{
	uint64_t len = MIN(r->old_len, r->new_len);
	int err;

	if (a->cache)
		down_write(&a->cache->map_lock);
	err = pt_move(a, r->old, n, r->new, len);
	if (err)
		/* the tables there exist: cannot fail */
		(void)pt_move(n, r->new, a, r->old, len);
	if (a->cache)
		up_write(&a->cache->map_lock);
	return err;
}

/* The old range becomes an area of its own, so that unmapping it later cannot fail. */
static int isolate(struct remap *r, struct vm_area **ap)
{
	struct vm_area *a = *ap;
	int err;

	if (a->start < r->old) {
		err = area_split(r->mm, a, r->old);
		if (err)
			return err;
		a = vm_next(a);
	}
	if (a->end > r->old + r->old_len) {
		err = area_split(r->mm, a, r->old + r->old_len);
		if (err) {
			area_try_merge(r->mm, a);
			return err;
		}
	}
	*ap = a;
	return 0;
}

/* r->new is free. Returns the new address. */
static long move_area(struct remap *r, struct vm_area *a)
{
	struct mm *mm = r->mm;
	uint64_t charge = 0;
	struct vm_area *n;
	int err;

	/* Up to two more areas by splitting the old one, and the new one. */
	if (mm->nr_areas + 3 > MAX_MAP_COUNT)
		return -ENOMEM;
	if (a->flags & VM_ACCOUNT) {
		charge = (r->flags & MREMAP_DONTUNMAP ? r->new_len
						      : r->new_len - MIN(r->old_len, r->new_len)) >>
			 PAGE_SHIFT;
		if (charge && !vm_may_commit(charge))
			return -ENOMEM;
	}
	if (r->old_len && !(r->flags & MREMAP_DONTUNMAP)) {
		err = isolate(r, &a);
		if (err)
			goto out_uncommit;
	}
	n = make_target(r, a);
	if (!n) {
		area_try_merge(mm, a);
		err = -ENOMEM;
		goto out_uncommit;
	}
	err = move_entries(r, a, n);
	if (err) {
		area_unlink(mm, n);
		area_release(n);
		area_try_merge(mm, a);
		goto out_uncommit;
	}
	if (r->flags & MREMAP_DONTUNMAP) {
		/* The old range stays, empty; it is not locked any more. */
		if (r->old == a->start && r->old_len == a->end - a->start) {
			area_set_flags(mm, a, a->flags & ~(VM_LOCKED | VM_LOCKONFAULT));
			a->has_anon = false;
			a->anon_id = 0;
			a->anon_inherited = false;
		}
	} else if (r->old_len) {
		/*
		 * Unmapping gives back the charge of the old range, which has gone along to
		 * the new one: charge it again. No limit is asked: the sum does not change.
		 */
		if (a->flags & VM_ACCOUNT)
			vm_commit_again(r->old_len >> PAGE_SHIFT);
		err = do_munmap(mm, r->old, r->old_len);
		BUG_ON(err);	/* a whole area: nothing has to be split */
	}
	if (n->flags & VM_LOCKED) {
		r->populate_from = r->new + r->old_len;
		r->populate_len = r->new_len > r->old_len ? r->new_len - r->old_len : 0;
	}
	area_try_merge(mm, n);
	return (long)r->new;
out_uncommit:
	if (charge)
		vm_uncommit(charge);
	return err;
}

static long remap_to(struct remap *r)
{
	struct mm *mm = r->mm;
	struct vm_area *a;
	int err;

	if (!IS_ALIGNED(r->new, PAGE_SIZE) || r->new_len > USER_END ||
	    r->new > USER_END - r->new_len)
		return -EINVAL;
	if (r->old + r->old_len > r->new && r->new + r->new_len > r->old)
		return -EINVAL;
	if (r->flags & MREMAP_FIXED) {
		if (r->new < USER_MMAP_MIN && !capable(CAP_SYS_RAWIO))
			return -EPERM;
		err = do_munmap(mm, r->new, r->new_len);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = do_munmap(mm, r->old + r->new_len, r->old_len - r->new_len);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	err = check_area(r, &a);
	if (err)
		return err;
	if (!(r->flags & MREMAP_FIXED)) {
		err = vm_get_unmapped(mm, r->new, r->new_len, PAGE_SIZE, &r->new);
		if (err)
			return err;
	}
	return move_area(r, a);
}

static long remap_locked(struct remap *r)
{
	struct mm *mm = r->mm;
	struct vm_area *a;
	int err;

	if (!vm_find(mm, r->old) || vm_find(mm, r->old)->start > r->old)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(r);
	if (r->old_len >= r->new_len && r->old_len) {
		if (r->old_len > r->new_len) {
			err = do_munmap(mm, r->old + r->new_len, r->old_len - r->new_len);
			if (err)
				return err;
		}
		return (long)r->old;
	}
	err = check_area(r, &a);
	if (err)
		return err;
	if (r->old_len && grow_in_place(r, a))
		return (long)r->old;
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	err = vm_get_unmapped(mm, 0, r->new_len, PAGE_SIZE, &r->new);
	if (err)
		return err;
	return move_area(r, a);
}

long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr)
{
	struct remap r = {
		.mm = current->mm, .old = addr, .new = new_addr, .flags = (unsigned)flags
	};
	long ret;

	if (flags & ~(unsigned long)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
		return -EINVAL;
	if (!IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	r.old_len = ALIGN_UP(old_len, PAGE_SIZE);
	r.new_len = ALIGN_UP(new_len, PAGE_SIZE);
	if (!r.new_len)
		return -EINVAL;
	if (down_write_killable(&r.mm->lock))
		return -EINTR;
	ret = remap_locked(&r);
	up_write(&r.mm->lock);
	if (ret >= 0 && r.populate_len)
		vm_populate(r.mm, r.populate_from, r.populate_len);
	return ret;
}
