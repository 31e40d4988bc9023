/* SPDX-License-Identifier: MIT */
/*
 * /proc/N/pagemap: eight bytes for each page of the address space, the position being eight times the page's number.
 *
 * Bit 63 says present, 61 a page of a file or of shared memory, 56 mapped here only; the bits below 55 hold the frame
 * for those who opened the file with CAP_SYS_ADMIN and zero for others. Swap does not exist, so bit 62 is never set; soft-dirty tracking
 * (bit 55) does not exist either. proc(5); the layout is documented in Linux's admin guide, "pagemap".
 *
 * Lock: mm->lock for reading while a batch of entries is made, never while they are copied to the reader.
 */
#include "proc_internal.h"
#include <kernel/vm.h>

#define PM_PRESENT	(1ull << 63)
#define PM_FILE		(1ull << 61)
#define PM_EXCLUSIVE	(1ull << 56)
#define PM_FRAME_MASK	((1ull << 55) - 1)
#define BATCH		64

static uint64_t entry_of(struct mm *mm, vaddr_t va, bool frames)
{
	int level;
	pte_t *p = pt_lookup(mm, va, &level), e;
	uint64_t out = PM_PRESENT;

	if (!p)
		return 0;
	e = pte_get(p);
	if (pte_none(e) || !pte_present(e) || pte_is_table(e, level))
		return 0;
	if (frames) {
		vaddr_t block = 1ull << (PAGE_SHIFT + 9 * (3 - level));

		out |= ((pte_phys(e) + (va & (block - 1))) >> PAGE_SHIFT) & PM_FRAME_MASK;
	}
	if (!pte_special(e)) {
		struct page *page = phys_to_page(pte_phys(e));

		if (!(page->flags & PG_ANON))
			out |= PM_FILE;
		if (proc_page_mappings(page) == 1)
			out |= PM_EXCLUSIVE;
	}
	return out;
}

ssize_t proc_pagemap_read(struct file *f, struct mm *mm, struct iov_iter *to, loff_t *pos)
{
	uint64_t batch[BATCH];
	bool frames = cred_capable(f->cred, CAP_SYS_ADMIN);
	ssize_t done = 0;

	if ((*pos | to->count) & 7)
		return -EINVAL;
	while (to->count) {
		uint64_t page = (uint64_t)*pos / 8, last = USER_END >> PAGE_SHIFT;
		size_t n = MIN(to->count / 8, (size_t)BATCH);

		if (page >= last)
			break;
		n = MIN(n, last - page);
		down_read(&mm->lock);
		for (size_t i = 0; i < n; i++)
			batch[i] = entry_of(mm, (page + i) << PAGE_SHIFT, frames);
		up_read(&mm->lock);
		if (copy_to_iter(batch, n * 8, to) != n * 8)
			return done ? done : -EFAULT;
		*pos += (loff_t)(n * 8);
		done += (ssize_t)(n * 8);
	}
	return done;
}
