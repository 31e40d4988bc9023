/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/layout.h>. 48-bit addresses, 4 KiB pages, four levels.
 *
 *	0x0000000000000000	user, 256 TiB
 *	0xffff000000000000	direct map: address = base + physical address, 64 TiB
 *	0xffff800000000000	boot windows: the device tree, the early console (2 MiB blocks)
 *	0xffff800080000000	image, at most 16 MiB
 *	0xffff800100000000	vmalloc, kernel stacks, ioremap: up to
 *	0xffffc00000000000
 *	0xffffe00000000000	struct page array, 32 bytes a frame: 512 GiB for 64 TiB
 */
#pragma once

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define HUGE_SHIFT	21
#define HUGE_SIZE	(1ul << HUGE_SHIFT)

#define VA_BITS		48
#define PA_BITS_MAX	48
#define USER_END	(1ul << VA_BITS)
#define USER_MMAP_MIN	0x10000ul

#define DIRECT_MAP_BASE	0xffff000000000000ul
#define DIRECT_MAP_END	0xffff400000000000ul
#define ARCH_WINDOWS	0xffff800040000000
#define ARM64_IMAGE	0xffff800080000000
#define ARM64_IMAGE_MAX	0x1000000
#define VMALLOC_BASE	0xffff800100000000ul
#define VMALLOC_END	0xffffc00000000000ul
#define VMEMMAP		((struct page *)0xffffe00000000000ul)

#ifndef __ASSEMBLY__
/* Link address minus load address of the image; constant once the boot code has run. */
extern uint64_t arm64_image_offset;

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(pa + DIRECT_MAP_BASE);
}
/* Bit 47 tells the image from the direct map. */
static inline paddr_t virt_to_phys(const void *p)
{
	uint64_t va = (uint64_t)p;

	return va & 1ul << 47 ? va - arm64_image_offset : va - DIRECT_MAP_BASE;
}
#endif
