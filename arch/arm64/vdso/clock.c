/* SPDX-License-Identifier: MIT */
/* User-mode clocks: what kernel/time/vdso_clock.h needs of the machine. */
#define VDSO_BUILD
#include <kernel/vdso.h>

#define NR_clock_gettime 113
#define NR_clock_getres 114
#define NR_gettimeofday 169
#define VDSO(name) __kernel_##name

static inline long fallback(long nr, long a, long b)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
	return x0;
}

/* The page in front of us. ADRP alone reaches it: it is page aligned. */
static inline const struct vdso_data *data(void)
{
	const struct vdso_data *d;

	__asm__("adrp %0, vdso_page" : "=r"(d));
	return d;
}

static inline uint64_t counter(void)
{
	uint64_t count;

	/* isb: the counter is not read before what the program has done until here. */
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
	return count;
}

#include "../../../kernel/time/vdso_clock.h"
