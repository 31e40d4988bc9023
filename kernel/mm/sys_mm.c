/* SPDX-License-Identifier: MIT */
/*
 * System calls of the memory family that are thin: mmap, munmap, brk, msync. The others are in
 * their subjects' files.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      unsigned long fd, unsigned long offset)
{
	struct file *f = NULL;
	long r;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		f = file_get_fd((unsigned)fd);
		if (!f)
			return -EBADF;
		if (flags & MAP_HUGETLB) {
			file_put(f);
			return -EINVAL;
		}
	} else if (flags & MAP_HUGETLB) {
		gap_note("mmap flags", MAP_HUGETLB);
		return -ENOMEM;		/* the pool of huge pages is empty */
	}
	r = vm_mmap_mm(current->mm, addr, len, (unsigned)prot, (unsigned)flags, f, offset);
	if (f)
		file_put(f);
	return r;
}

long sys_munmap(unsigned long addr, size_t len)
{
	return vm_munmap(addr, len);
}

long sys_brk(unsigned long brk)
{
	return vm_brk_set(brk);
}

/*
 * Writes one shared file area's part back. mm->lock is held for reading, dropped meanwhile,
 * taken again.
 */
static int sync_part(struct mm *mm, struct vm_area *a)
{
	struct file *f = file_get(a->file);
	int err;

	up_read(&mm->lock);
	err = f->ops->fsync ? f->ops->fsync(f, false) : 0;
	file_put(f);
	down_read(&mm->lock);
	return err;
}

long sys_msync(unsigned long addr, size_t len, int flags)
{
	struct mm *mm = current->mm;
	vaddr_t end;
	int err = 0;
	bool hole = false;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || !IS_ALIGNED(addr, PAGE_SIZE) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	end = addr + len;
	if (end < addr)
		return -ENOMEM;
	down_read(&mm->lock);
	while (addr < end) {
		struct vm_area *a = vm_find(mm, addr);
		vaddr_t next;

		if (!a || a->start >= end) {
			hole = true;
			break;
		}
		if (a->start > addr)
			hole = true;
		if ((flags & MS_INVALIDATE) && (a->flags & VM_LOCKED)) {
			err = -EBUSY;
			break;
		}
		next = a->end;
		if ((flags & MS_SYNC) && a->file && (a->flags & VM_SHARED)) {
			err = sync_part(mm, a);
			if (err)
				break;
		}
		addr = next;
	}
	up_read(&mm->lock);
	return err ? err : hole ? -ENOMEM : 0;
}
