/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: memory barriers.
 *	smp_mb, smp_rmb, smp_wmb	against other CPUs (inner shareable)
 *	dma_mb, dma_rmb, dma_wmb	against devices that read and write memory (outer shareable)
 *	arch_cpu_relax			in a spin: lets the other thread run, a compiler barrier
 */
#pragma once
#include <machine/barrier.h>
