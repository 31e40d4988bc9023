/* SPDX-License-Identifier: MIT */
/* Host stand-in. */
#pragma once
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096ul
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define HUGE_SHIFT 21
#define HUGE_SIZE (1ul << HUGE_SHIFT)
#define USER_END (1ul << 48)
#define USER_MMAP_MIN 65536ul
struct page;
extern struct page *host_vmemmap;
#define VMEMMAP host_vmemmap
void *phys_to_virt(paddr_t pa);
paddr_t virt_to_phys(const void *p);
