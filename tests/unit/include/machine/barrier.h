/* SPDX-License-Identifier: MIT */
/* Host stand-in. */
#pragma once
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define dma_mb() smp_mb()
#define dma_rmb() smp_mb()
#define dma_wmb() smp_mb()
static inline void arch_cpu_relax(void) { }
