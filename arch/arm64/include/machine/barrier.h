/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/barrier.h>. DMB orders, it does not wait: enough between observers of memory.
 * Inner shareable holds all CPUs of one operating system, outer shareable also the devices that
 * read and write memory (Arm ARM, "Shareability domains").
 */
#pragma once

#define smp_mb()	__asm__ volatile("dmb ish" : : : "memory")
#define smp_rmb()	__asm__ volatile("dmb ishld" : : : "memory")
#define smp_wmb()	__asm__ volatile("dmb ishst" : : : "memory")
#define dma_mb()	__asm__ volatile("dmb osh" : : : "memory")
#define dma_rmb()	__asm__ volatile("dmb oshld" : : : "memory")
#define dma_wmb()	__asm__ volatile("dmb oshst" : : : "memory")

/*
 * YIELD lets the other thread of the core run; "memory" makes the caller's condition be read
 * again.
 */
#define arch_cpu_relax() __asm__ volatile("yield" : : : "memory")
