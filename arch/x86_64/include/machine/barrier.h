/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/barrier.h>. Loads are not reordered with loads nor stores with stores (SDM volume 3, "Memory ordering"): only a
 * store followed by a load needs an instruction. A locked operation on the stack is cheaper than MFENCE.
 */
#pragma once

#define smp_mb()	__asm__ volatile("lock addl $0, -4(%%rsp)" : : : "memory", "cc")
#define smp_rmb()	__asm__ volatile("" : : : "memory")
#define smp_wmb()	__asm__ volatile("" : : : "memory")
/* Devices take part in coherency; write-combined stores need a fence. */
#define dma_mb()	__asm__ volatile("mfence" : : : "memory")
#define dma_rmb()	__asm__ volatile("lfence" : : : "memory")
#define dma_wmb()	__asm__ volatile("sfence" : : : "memory")

#define arch_cpu_relax() __asm__ volatile("pause" : : : "memory")
