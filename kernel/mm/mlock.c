/* SPDX-License-Identifier: MIT */
/*
 * mlock and its family, mincore. There is no swap: locking means that pages are there and that
 * advice cannot drop them.
 *
 * Locks: mm->lock for writing while flags change; populating happens after it was dropped.
 * References: mlock(2), mincore(2).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/mman.h>
#include "mm_internal.h"

#define LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)

static int lock_area(struct mm *mm, struct vm_area **ap, vaddr_t start, vaddr_t end, unsigned lock)
{
	unsigned flags = ((*ap)->flags & ~LOCK_FLAGS) | lock;

	if ((*ap)->flags & VM_SPECIAL)
		return 0;
	return area_flags_apply(mm, ap, start, end, flags);
}

/* All areas of [start, end) get these lock flags; -ENOMEM for a hole. */
static int lock_range(struct mm *mm, vaddr_t start, vaddr_t end, unsigned lock)
{
	while (start < end) {
		struct vm_area *a = vm_find(mm, start);
		vaddr_t stop;
		int err;

		if (!a || a->start > start)
			return -ENOMEM;
		stop = MIN(end, a->end);
		err = lock_area(mm, &a, start, stop, lock);
		if (err)
			return err;
		start = stop;
	}
	return 0;
}

static uint64_t locked_in(struct mm *mm, vaddr_t start, vaddr_t end)
{
	uint64_t n = 0;

	for (struct vm_area *a = vm_find(mm, start); a && a->start < end; a = vm_next(a))
		if (a->flags & VM_LOCKED)
			n += (MIN(a->end, end) - MAX(a->start, start)) >> PAGE_SHIFT;
	return n;
}

/* Pages that mlock promises must be there: whether one could not be made. */
static int populate_locked(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int err = 0;

	vm_populate(mm, start, end - start);
	down_read(&mm->lock);
	for (struct vm_area *a = vm_find(mm, start); a && a->start < end && !err; a = vm_next(a)) {
		int level;

		if (!(a->flags & VM_PROT))
			err = -ENOMEM;	/* what cannot be accessed cannot be brought in */
		else if (!(a->flags & VM_SPECIAL) && !pt_lookup(mm, MAX(a->start, start), &level))
			err = -ENOMEM;
	}
	up_read(&mm->lock);
	return err;
}

static long do_mlock(unsigned long addr, size_t len, unsigned lock)
{
	struct mm *mm = current->mm;
	vaddr_t start = addr & PAGE_MASK, end;
	uint64_t pages, limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err = -ENOMEM;

	if (!mlock_allowed())
		return -EPERM;
	len = ALIGN_UP(len + (addr & ~PAGE_MASK), PAGE_SIZE);
	end = start + len;
	if (end < start)
		return -EINVAL;
	if (!len)
		return 0;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	pages = len >> PAGE_SHIFT;
	if (mm->locked_pages + pages > limit && !capable(CAP_IPC_LOCK))
		pages -= MIN(pages, locked_in(mm, start, end));
	if (mm->locked_pages + pages <= limit || capable(CAP_IPC_LOCK))
		err = lock_range(mm, start, end, lock);
	up_write(&mm->lock);
	if (err)
		return err;
	return lock & VM_LOCKONFAULT ? 0 : populate_locked(mm, start, end);
}

long sys_mlock(unsigned long addr, size_t len)
{
	return do_mlock(addr, len, VM_LOCKED);
}

long sys_mlock2(unsigned long addr, size_t len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(addr, len, VM_LOCKED | (flags & MLOCK_ONFAULT ? VM_LOCKONFAULT : 0));
}

long sys_munlock(unsigned long addr, size_t len)
{
	struct mm *mm = current->mm;
	vaddr_t start = addr & PAGE_MASK;
	int err;

	len = ALIGN_UP(len + (addr & ~PAGE_MASK), PAGE_SIZE);
	if (start + len < start)
		return -EINVAL;
	if (!len)
		return 0;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	err = lock_range(mm, start, start + len, 0);
	up_write(&mm->lock);
	return err;
}

static void lock_all(struct mm *mm, unsigned lock)
{
	struct vm_area *a = vm_first(mm);

	while (a) {
		/* Errors leave an area as it was, as on Linux. */
		(void)lock_area(mm, &a, a->start, a->end, lock);
		a = vm_next(a);
	}
}

long sys_mlockall(int flags)
{
	struct mm *mm = current->mm;
	unsigned lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);
	bool populate = false;
	int err = -ENOMEM;

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!mlock_allowed())
		return -EPERM;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	if (!(flags & MCL_CURRENT) || mm->total_pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ||
	    capable(CAP_IPC_LOCK)) {
		mm->def_flags &= ~LOCK_FLAGS;
		if (flags & MCL_FUTURE)
			mm->def_flags |= lock;
		if (flags & MCL_CURRENT) {
			lock_all(mm, lock);
			populate = !(flags & MCL_ONFAULT);
		}
		err = 0;
	}
	up_write(&mm->lock);
	if (populate)
		vm_populate(mm, 0, USER_END);
	return err;
}

long sys_munlockall(void)
{
	struct mm *mm = current->mm;

	if (down_write_killable(&mm->lock))
		return -EINTR;
	mm->def_flags &= ~LOCK_FLAGS;
	lock_all(mm, 0);
	up_write(&mm->lock);
	return 0;
}

/* Is the page of this address in memory? */
static unsigned char resident(struct mm *mm, struct vm_area *a, vaddr_t va)
{
	int level;
	struct page *p;

	if (pt_lookup(mm, va, &level))
		return 1;
	if (!a->cache)
		return 0;
	p = page_cache_find(a->cache, area_pgoff(a, va));
	if (!p)
		return 0;
	page_put(p);
	return 1;
}

long sys_mincore(unsigned long addr, size_t len, unsigned char __user *vec)
{
	struct mm *mm = current->mm;
	unsigned char buf[256];
	uint64_t pages;

	if (!IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (!access_ok((void __user *)addr, len))
		return -ENOMEM;
	pages = ALIGN_UP(len, PAGE_SIZE) >> PAGE_SHIFT;
	if (!access_ok(vec, pages))
		return -EFAULT;
	while (pages) {
		unsigned n = (unsigned)MIN(pages, (uint64_t)sizeof(buf));

		down_read(&mm->lock);
		for (unsigned i = 0; i < n; i++) {
			struct vm_area *a = vm_find(mm, addr);

			if (!a || a->start > addr) {
				up_read(&mm->lock);
				return -ENOMEM;
			}
			buf[i] = resident(mm, a, addr);
			addr += PAGE_SIZE;
		}
		up_read(&mm->lock);
		if (copy_to_user(vec, buf, n))
			return -EFAULT;
		vec += n;
		pages -= n;
	}
	return 0;
}
