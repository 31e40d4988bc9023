/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: the address map.
 *	PAGE_SHIFT, PAGE_SIZE (4096), PAGE_MASK; HUGE_SHIFT (21), HUGE_SIZE
 *	USER_END		first address that is not the user's (a page below the architectural limit on x86)
 *	USER_MMAP_MIN		65536
 *	DIRECT_MAP_BASE/END	all memory, linear: phys_to_virt(pa), virt_to_phys(direct-map or image address)
 *	VMEMMAP			(struct page *): frame n's struct page; mapped where memory is
 *	VMALLOC_BASE/END	vmalloc, kernel stacks, ioremap
 *	image			_text.._end, mapped by the boot code at its link address wherever it was loaded
 */
#pragma once
#include <kernel/types.h>
#include <machine/layout.h>
