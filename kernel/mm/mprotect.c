/* SPDX-License-Identifier: MIT */
/*
 * Changing what areas are: mprotect, and the splitting and merging that madvise and mlock
 * share with it.
 *
 * Invariant: when mprotect returns, no thread can use the old permissions. Areas before an
 * error keep the change, as on Linux.
 *
 * Locks: mm->lock for writing. References: mprotect(2).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

/*
 * Gives [start, end) of *ap, which lies inside it, other flags: splits off what is outside,
 * changes, merges. *ap becomes the area that then covers the range.
 */
int area_flags_apply(struct mm *mm, struct vm_area **ap, vaddr_t start, vaddr_t end, unsigned flags)
{
	struct vm_area *a = *ap;
	int err;

	if (a->flags == flags)
		return 0;
	if (a->start < start) {
		err = area_split(mm, a, start);
		if (err)
			return err;
		a = vm_next(a);
	}
	if (a->end > end) {
		err = area_split(mm, a, end);
		if (err)
			return err;
	}
	area_set_flags(mm, a, flags);
	*ap = area_try_merge(mm, a);
	return 0;
}

/* One area's part of mprotect. */
static int protect_area(struct mm *mm, struct vm_area **ap, vaddr_t start, vaddr_t end,
			unsigned prot)
{
	struct vm_area *a = *ap;
	unsigned flags = (a->flags & ~VM_PROT) | prot, lost = a->flags & VM_PROT & ~prot, charge = 0;
	uint64_t pages = (end - start) >> PAGE_SHIFT;
	int err;

	/* VM_MAY* lie 8 bits above the permissions themselves. */
	if (prot & ~(a->flags >> 8))
		return -EACCES;
	if (a->flags == flags)
		return 0;
	/* A private area that becomes writable begins to count. */
	if ((prot & VM_WRITE) && !(a->flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
		if (!vm_may_expand(mm, flags, 0) || !vm_may_commit(pages))
			return -ENOMEM;
		charge = VM_ACCOUNT;
		flags |= VM_ACCOUNT;
	}
	if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE && !(a->flags & VM_WRITE) &&
	    mm->data_pages + pages > rlimit(RLIMIT_DATA) >> PAGE_SHIFT) {
		err = -ENOMEM;
		goto out_uncommit;
	}
	err = area_flags_apply(mm, ap, start, end, flags);
	if (err)
		goto out_uncommit;
	pt_protect(*ap, start, end, area_prot(*ap), lost);
	return 0;
out_uncommit:
	if (charge)
		vm_uncommit(pages);
	return err;
}

static int protect_range(struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot, unsigned grows)
{
	struct vm_area *a = vm_find(mm, start);
	bool read_implies_exec = (mm->personality & READ_IMPLIES_EXEC) && (prot & PROT_READ);
	vaddr_t at;

	if (!a)
		return -ENOMEM;
	if (grows & PROT_GROWSDOWN) {
		if (a->start >= end)
			return -ENOMEM;
		if (!(a->flags & VM_GROWSDOWN))
			return -EINVAL;
		start = a->start;
	} else if (a->start > start) {
		return -ENOMEM;
	}
	for (at = start; at < end;) {
		vaddr_t stop;
		unsigned p = prot;
		int err;

		if (!a || a->start > at)
			return -ENOMEM;
		stop = MIN(end, a->end);
		if (read_implies_exec && (a->flags & VM_MAYEXEC))
			p |= VM_EXEC;
		err = protect_area(mm, &a, at, stop, p);
		if (err)
			return err;
		at = stop;
		if (at >= a->end)
			a = vm_next(a);
	}
	return 0;
}

long sys_mprotect(unsigned long addr, size_t len, unsigned long prot)
{
	unsigned grows = (unsigned)prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct mm *mm = current->mm;
	int err;

	prot &= ~(unsigned long)(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || !IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (!len)
		return 0;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (addr + len <= addr)
		return -ENOMEM;
	if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (grows & PROT_GROWSUP)
		return -EINVAL;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	err = protect_range(mm, addr, addr + len, (unsigned)prot & VM_PROT, grows);
	up_write(&mm->lock);
	return err;
}
