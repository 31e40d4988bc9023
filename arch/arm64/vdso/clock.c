/* SPDX-License-Identifier: MIT */
/*
 * User-mode clocks. Runs in every process: position-independent, no data of its own, no calls out. The page with the
 * constants lies directly in front (vdso.lds). What cannot be answered here goes to the system call.
 */
#define VDSO_BUILD
#include <kernel/vdso.h>

extern const struct vdso_data vdso_page __attribute__((visibility("hidden")));

struct timespec {
	int64_t sec, nsec;
};
struct timeval {
	int64_t sec, usec;
};

#define NSEC_PER_SEC 1000000000ull
#define NR_clock_gettime 113
#define NR_clock_getres 114
#define NR_gettimeofday 169

int __kernel_clock_gettime(int clock, struct timespec *ts);
int __kernel_gettimeofday(struct timeval *tv, void *tz);
int __kernel_clock_getres(int clock, struct timespec *ts);

static inline long fallback(long nr, long a, long b)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
	return x0;
}

/* Nanoseconds of one of the clocks in d->clocks. Retries while the kernel writes; pairs with vdso_update(). */
static inline uint64_t read_clock(const struct vdso_data *d, unsigned clock)
{
	uint64_t count, ns;
	uint32_t seq;

	do {
		while ((seq = *(const volatile uint32_t *)&d->seq) & 1)
			__asm__ volatile("yield" : : : "memory");
		/* ishld: the constants are read after the count was even. isb: and the counter not before this point. */
		__asm__ volatile("dmb ishld\n\tisb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
		ns = (uint64_t)((unsigned __int128)(count - d->base) * d->mult >> VDSO_SHIFT) + (uint64_t)d->offset[clock];
		__asm__ volatile("dmb ishld" : : : "memory");	/* all constants before the count is read again */
	} while (*(const volatile uint32_t *)&d->seq != seq);
	return ns;
}

static inline int known(const struct vdso_data *d, unsigned clock)
{
	return clock < VDSO_CLOCKS && d->clocks >> clock & 1;
}

int __kernel_clock_gettime(int clock, struct timespec *ts)
{
	const struct vdso_data *d = &vdso_page;
	uint64_t ns;

	if (!known(d, (unsigned)clock))
		return (int)fallback(NR_clock_gettime, clock, (long)ts);
	ns = read_clock(d, (unsigned)clock);
	ts->sec = (int64_t)(ns / NSEC_PER_SEC);
	ts->nsec = (int64_t)(ns % NSEC_PER_SEC);
	return 0;
}

int __kernel_gettimeofday(struct timeval *tv, void *tz)
{
	const struct vdso_data *d = &vdso_page;
	uint64_t ns;

	if (tz || !known(d, 0))
		return (int)fallback(NR_gettimeofday, (long)tv, (long)tz);
	if (tv) {
		ns = read_clock(d, 0);
		tv->sec = (int64_t)(ns / NSEC_PER_SEC);
		tv->usec = (int64_t)(ns % NSEC_PER_SEC / 1000);
	}
	return 0;
}

int __kernel_clock_getres(int clock, struct timespec *ts)
{
	const struct vdso_data *d = &vdso_page;

	if (!known(d, (unsigned)clock) || VDSO_COARSE_MASK >> clock & 1)
		return (int)fallback(NR_clock_getres, clock, (long)ts);
	if (ts) {
		ts->sec = 0;
		ts->nsec = 1;
	}
	return 0;
}
