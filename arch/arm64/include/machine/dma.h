/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/dma.h>. By virtual address to the point of coherency; DSB waits until the maintenance is done (Arm ARM,
 * "Ordering and completion of data and instruction cache instructions").
 */
#pragma once

#define ARCH_DMA_NONCOHERENT 1

#define ARM64_DC_RANGE(name, ins)                                                                             \
	static inline void name(const void *p, size_t n)                                                      \
	{                                                                                                     \
		uintptr_t line, at, end = (uintptr_t)p + n;                                                   \
													      \
		__asm__("mrs %0, ctr_el0" : "=r"(line));                                                      \
		line = 4ul << (line >> 16 & 0xf); /* DminLine, in words */                                    \
		for (at = (uintptr_t)p & ~(line - 1); at < end; at += line)                                   \
			__asm__ volatile("dc " ins ", %0" : : "r"(at) : "memory");                            \
		__asm__ volatile("dsb sy" : : : "memory");                                                    \
	}
ARM64_DC_RANGE(arch_dma_clean, "cvac")
ARM64_DC_RANGE(arch_dma_flush, "civac")
