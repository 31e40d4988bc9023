/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: caches against devices that do not take part in coherency. Never called for those that do.
 *	ARCH_DMA_NONCOHERENT		0 where every device is coherent
 *	arch_dma_clean(p, n)		what the CPU has written is in memory
 *	arch_dma_flush(p, n)		the same, and no line of it is cached: what the device writes is read from memory next.
 *					Lines that the range shares with its neighbours are written back, not lost
 */
#pragma once
#include <kernel/types.h>
#include <machine/dma.h>
