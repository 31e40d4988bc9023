/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/layout.h>. 48-bit addresses, 4 KiB pages, four levels, one root for user and kernel.
 *
 *	0x0000000000000000	user, 128 TiB less a page: the byte behind a SYSCALL at the very end is canonical
 *	0xffff888000000000	direct map: address = base + physical address, 64 TiB
 *	0xffffc90000000000	vmalloc, kernel stacks, ioremap: 1 TiB (two slots of the root, the same in every root)
 *	0xffffea0000000000	struct page array, 32 bytes a frame: 512 GiB for 64 TiB
 *	0xffffffff80000000	image, at most 32 MiB
 *	0xffffffffc0000000	boot windows: the device tree, the early console (2 MiB blocks)
 */
#pragma once

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define HUGE_SHIFT	21
#define HUGE_SIZE	(1ul << HUGE_SHIFT)

#define VA_BITS		47
#define PA_BITS_MAX	46			/* what the direct map holds */
#define USER_END	((1ul << VA_BITS) - PAGE_SIZE)
#define USER_MMAP_MIN	0x10000ul

#define DIRECT_MAP_BASE	0xffff888000000000ul
#define DIRECT_MAP_END	0xffffc88000000000ul
#define X86_IMAGE	0xffffffff80000000
#define X86_IMAGE_MAX	0x2000000
#define ARCH_WINDOWS	0xffffffffc0000000
#define VMALLOC_BASE	0xffffc90000000000ul
#define VMALLOC_END	0xffffca0000000000ul
#define VMEMMAP		((struct page *)0xffffea0000000000ul)

#ifndef __ASSEMBLY__
/* Link address minus load address of the image; constant once the boot code has run. */
extern uint64_t x86_image_offset;

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(pa + DIRECT_MAP_BASE);
}
/* The image lies above everything else. */
static inline paddr_t virt_to_phys(const void *p)
{
	uint64_t va = (uint64_t)p;

	return va >= X86_IMAGE ? va - x86_image_offset : va - DIRECT_MAP_BASE;
}
#endif
