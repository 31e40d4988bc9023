/* SPDX-License-Identifier: MIT */
/*
 * What the vDSO's clock_gettime computes with: one read-only page, [vvar], that every process sees. The kernel is the
 * only writer. ns = ((counter - base) * mult >> VDSO_SHIFT) + offset[clock], with a 128-bit product.
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

struct vdso_data {
	uint32_t seq;			/* odd while the kernel writes */
	uint32_t clocks;		/* mask of the clocks that may be read here; 0: ask the kernel */
	uint64_t base;			/* counter at monotonic zero */
	uint64_t mult;			/* 2^-32 ns per count */
	int64_t offset[VDSO_CLOCKS];	/* by clock id: clock minus monotonic */
};

#ifndef VDSO_BUILD
#include <kernel/types.h>
struct mm;
/* New constants; callers serialise. The architecture's vdso.c. */
void vdso_update(uint64_t base, uint64_t mult, nsec_t real_offset);
/*
 * Maps [vvar] and [vdso] into a new address space, at an address of the kernel's choice, and notes it in mm->vdso.
 * For exec, before the program starts. 0 or -ENOMEM.
 */
int arch_vdso_map(struct mm *mm);
#endif
