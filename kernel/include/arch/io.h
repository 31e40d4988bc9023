/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: readb/w/l/q, writeb/w/l/q (ordered against normal memory and DMA), *_relaxed (ordered among themselves per device).
 *	void __iomem *arch_early_ioremap(paddr_t pa, size_t size)	device registers (at most one page) before mm_init(): earlycon.
 *		Stays mapped for good. NULL: cannot.
 */
#pragma once
#include <kernel/types.h>
void __iomem *arch_early_ioremap(paddr_t pa, size_t size);
#include <machine/io.h>
