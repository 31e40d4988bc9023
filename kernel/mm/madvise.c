/* SPDX-License-Identifier: MIT */
/*
 * madvise: advice that frees, keeps, splits or only marks.
 *
 * Advice about contents (DONTNEED, FREE, POPULATE, WILLNEED) holds mm->lock for reading,
 * advice about areas for writing, REMOVE none while the file works. Holes in the range are
 * passed over and reported at the end as ENOMEM, as on Linux. References: madvise(2).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/panic.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE 1
#define FALLOC_FL_PUNCH_HOLE 2
#endif

static bool known_advice(int advice)
{
	switch (advice) {
	case MADV_NORMAL ... MADV_DONTNEED:
	case MADV_FREE ... MADV_DONTNEED_LOCKED:
		return true;
	default:
		return false;	/* COLLAPSE and the poisoning ones are not offered */
	}
}

/* New flags of an area for advice that is about areas. */
static int advised_flags(const struct vm_area *a, int advice, unsigned *flags)
{
	unsigned f = a->flags;

	switch (advice) {
	case MADV_NORMAL:
		f &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_RANDOM:
		f = (f & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_SEQUENTIAL:
		f = (f & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_DONTFORK:
		f |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (f & VM_SPECIAL)
			return -EINVAL;
		f &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (a->file || (f & VM_SHARED))
			return -EINVAL;
		f |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		f &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		f |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (f & VM_SPECIAL)
			return -EINVAL;
		f &= ~VM_DONTDUMP;
		break;
	case MADV_MERGEABLE:
		/* SIMPLE: noted, shown and inherited; no page is ever merged. */
		if (!(f & (VM_SPECIAL | VM_SHARED)))
			f |= VM_MERGEABLE;
		break;
	case MADV_UNMERGEABLE:
		f &= ~VM_MERGEABLE;
		break;
	case MADV_HUGEPAGE:
		if (f & VM_SPECIAL)
			return -EINVAL;
		f = (f & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		break;
	case MADV_NOHUGEPAGE:
		f = (f & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
		break;
	default:
		break;
	}
	*flags = f;
	return 0;
}

static int discard(struct mm *mm, struct vm_area *a, vaddr_t start, vaddr_t end, int advice)
{
	struct gather g;

	if (a->flags & VM_SPECIAL)
		return -EINVAL;
	if ((a->flags & VM_LOCKED) && advice != MADV_DONTNEED_LOCKED)
		return -EINVAL;
	if (advice == MADV_FREE && (a->file || (a->flags & VM_SHARED)))
		return -EINVAL;
	/* MADV_FREE may drop the pages at any time: here that is at once. */
	gather_init(&g, mm, false);
	pt_zap(&g, a, start, end, ZAP_ALL);
	gather_flush(&g);
	return 0;
}

static int populate(struct mm *mm, vaddr_t start, vaddr_t end, unsigned access)
{
	int err = 0;

	while (start < end && !err) {
		struct vm_area *a;

		down_read(&mm->lock);
		a = vm_find(mm, start);
		if (!a || a->start > start)
			err = -ENOMEM;
		else if (a->flags & VM_SPECIAL)
			err = -EINVAL;
		else
			err = fault_in_page(mm, start, access);
		up_read(&mm->lock);
		if (err == -EACCES)
			err = -EINVAL;
		else if (err == -EIO)
			err = -EFAULT;
		if (!err) {
			int level;
			pte_t *p = pt_lookup(mm, start, &level);

			/* Same test as the hardware's: was it served, or must it be asked again? */
			if (p && (access != VM_WRITE || pte_writable(pte_get(p))))
				start += PAGE_SIZE;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return err;
}

/*
 * MADV_REMOVE: a hole in the file behind. mm->lock is held for reading, dropped while the file
 * works, taken again.
 */
static int remove_range(struct mm *mm, struct vm_area *a, vaddr_t start, vaddr_t end)
{
	struct file *f = a->file;
	loff_t off;
	long err;

	if (a->flags & VM_LOCKED)
		return -EINVAL;
	if (!f || !a->cache || !f->ops->fallocate)
		return -EINVAL;
	if ((a->flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
		return -EACCES;
	off = (loff_t)(area_pgoff(a, start) << PAGE_SHIFT);
	file_get(f);
	up_read(&mm->lock);
	err = f->ops->fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off,
				(loff_t)(end - start));
	file_put(f);
	down_read(&mm->lock);
	return (int)err;
}

/* What @advice means for the part [start, end) of one area. *ap may become another area. */
static int advise_area(struct mm *mm, struct vm_area **ap, vaddr_t start, vaddr_t end, int advice)
{
	struct vm_area *a = *ap;
	unsigned flags;
	int err;

	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return discard(mm, a, start, end, advice);
	case MADV_REMOVE:
		return remove_range(mm, a, start, end);
	case MADV_WILLNEED:
		return 0;	/* whatever is here is in memory */
	case MADV_COLD:
	case MADV_PAGEOUT:
		return a->flags & (VM_LOCKED | VM_SPECIAL) ? -EINVAL : 0;
	default:
		err = advised_flags(a, advice, &flags);
		return err ? err : area_flags_apply(mm, ap, start, end, flags);
	}
}

static bool advice_writes_map(int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_WILLNEED:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return false;
	default:
		return true;
	}
}

static int advise_range(struct mm *mm, vaddr_t start, vaddr_t end, int advice)
{
	bool hole = false;

	while (start < end) {
		struct vm_area *a = vm_find(mm, start);
		vaddr_t stop;
		int err;

		if (!a)
			return -ENOMEM;
		if (a->start > start) {
			hole = true;
			if (a->start >= end)
				break;
			start = a->start;
		}
		stop = MIN(end, a->end);
		err = advise_area(mm, &a, start, stop, advice);
		if (err)
			return err;
		start = stop;
	}
	return hole ? -ENOMEM : 0;
}

long sys_madvise(unsigned long addr, size_t len, int advice)
{
	struct mm *mm = current->mm;
	int err;

	if (!known_advice(advice)) {
		gap_note("madvise", (unsigned)advice);
		return -EINVAL;
	}
	if (!IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (len && !ALIGN_UP(len, PAGE_SIZE))
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (addr + len < addr)
		return -EINVAL;
	if (!len)
		return 0;
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return populate(mm, addr, addr + len,
				advice == MADV_POPULATE_READ ? VM_READ : VM_WRITE);
	if (advice_writes_map(advice)) {
		if (down_write_killable(&mm->lock))
			return -EINTR;
		err = advise_range(mm, addr, addr + len, advice);
		up_write(&mm->lock);
	} else {
		down_read(&mm->lock);
		err = advise_range(mm, addr, addr + len, advice);
		up_read(&mm->lock);
	}
	return err;
}
