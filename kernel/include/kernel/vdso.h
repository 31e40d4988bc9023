/* SPDX-License-Identifier: MIT */
/*
 * What the vDSO's clock_gettime computes with: one read-only page, [vvar], that every process sees. The kernel is the
 * only writer. ns = ((counter - base) * mult >> VDSO_SHIFT) + offset[clock], with a 128-bit product.
 *
 * base and mult are set once at boot, before there is a process; later only an offset changes, one aligned 64-bit word.
 * So a reader needs no sequence count and never waits.
 *
 * Also compiled into the vDSO itself: no kernel types beyond the fixed-width ones.
 */
#pragma once
#include <stdint.h>

#define VDSO_SHIFT	32
#define VDSO_CLOCKS	12
/* Clocks that are the counter plus an offset: REALTIME, MONOTONIC, MONOTONIC_RAW, REALTIME_COARSE, MONOTONIC_COARSE, BOOTTIME, TAI. */
#define VDSO_CLOCK_MASK	0x8f3u
#define VDSO_COARSE_MASK 0x60u		/* of these, the ones that clock_getres calls coarse */

/* floor(n / 10^9) == (n >> 9) * VDSO_INVERSE >> 64 >> 11 for every 64-bit n. */
#define VDSO_INVERSE 0x44b82fa09b5a53ull

struct vdso_data {
	int64_t offset[VDSO_CLOCKS];	/* by clock id: clock minus monotonic */
	uint64_t base;			/* counter at monotonic zero */
	uint64_t mult;			/* 2^-32 ns per count */
	uint64_t inverse;		/* VDSO_INVERSE: cheaper to load than to build out of immediates */
	uint64_t nsec_per_sec;
	uint32_t clocks;		/* mask of the clocks that may be read here; 0: ask the kernel */
};

#ifndef VDSO_BUILD
#include <kernel/types.h>
struct mm;
/* New constants; callers serialise. kernel/time/vdso.c. */
void vdso_update(uint64_t base, uint64_t mult, nsec_t real_offset);
/*
 * Maps [vvar] and [vdso] into a new address space, at an address of the kernel's choice, and notes it in mm->vdso.
 * For exec, before the program starts. 0 or -ENOMEM.
 */
int vdso_map(struct mm *mm);
/* The architecture's object, whole pages. */
extern const char arch_vdso_start[], arch_vdso_end[];
#endif
