/* SPDX-License-Identifier: MIT */
/* Host tests: "physical memory" is an array; the direct map is its address. */
#pragma once
#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define HUGE_SHIFT	21
#define HUGE_SIZE	(1ul << HUGE_SHIFT)
#define USER_END	(1ul << 48)
#define USER_MMAP_MIN	0x10000ul
#define VMALLOC_BASE	0xffff800100000000ul
#define VMALLOC_END	0xffffc00000000000ul
struct page;
extern struct page *host_vmemmap;
extern char *host_memory;
#define VMEMMAP		host_vmemmap
static inline void *phys_to_virt(paddr_t pa) { return host_memory + pa; }
static inline paddr_t virt_to_phys(const void *p) { return (paddr_t)((const char *)p - host_memory); }
