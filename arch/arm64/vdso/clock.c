/* SPDX-License-Identifier: MIT */
/*
 * User-mode clocks. Runs in every process: position-independent, no data of its own, no calls
 * out. The page with the constants lies directly in front (vdso.lds). What cannot be answered
 * here goes to the system call.
 */
#define VDSO_BUILD
#include <kernel/vdso.h>

struct timespec {
	int64_t sec, nsec;
};
struct timeval {
	int64_t sec, usec;
};

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

/* The page in front of us. ADRP alone reaches it: it is page aligned. */
static inline const struct vdso_data *data(void)
{
	const struct vdso_data *d;

	__asm__("adrp %0, vdso_page" : "=r"(d));
	return d;
}

/* Nanoseconds of one of the clocks in d->clocks. */
static inline uint64_t read_clock(const struct vdso_data *d, unsigned clock)
{
	uint64_t count;

	/* isb: the counter is not read before what the program has done until here. */
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
	return (uint64_t)((unsigned __int128)(count - d->base) * d->mult >> VDSO_SHIFT) +
	       (uint64_t)*(const volatile int64_t *)&d->offset[clock];
}

static inline uint64_t seconds(const struct vdso_data *d, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)(ns >> 9) * d->inverse >> 64) >> 11;
}

static inline int known(const struct vdso_data *d, unsigned clock)
{
	return clock < VDSO_CLOCKS && d->clocks >> clock & 1;
}

int __kernel_clock_gettime(int clock, struct timespec *ts)
{
	const struct vdso_data *d = data();
	uint64_t ns, sec;

	if (!known(d, (unsigned)clock))
		return (int)fallback(NR_clock_gettime, clock, (long)ts);
	ns = read_clock(d, (unsigned)clock);
	sec = seconds(d, ns);
	ts->sec = (int64_t)sec;
	ts->nsec = (int64_t)(ns - sec * d->nsec_per_sec);
	return 0;
}

int __kernel_gettimeofday(struct timeval *tv, void *tz)
{
	const struct vdso_data *d = data();
	uint64_t ns, sec;

	if (tz || !known(d, 0))
		return (int)fallback(NR_gettimeofday, (long)tv, (long)tz);
	if (tv) {
		ns = read_clock(d, 0);
		sec = seconds(d, ns);
		tv->sec = (int64_t)sec;
		tv->usec = (int64_t)((ns - sec * d->nsec_per_sec) / 1000);
	}
	return 0;
}

int __kernel_clock_getres(int clock, struct timespec *ts)
{
	const struct vdso_data *d = data();

	if (!known(d, (unsigned)clock) || VDSO_COARSE_MASK >> clock & 1)
		return (int)fallback(NR_clock_getres, clock, (long)ts);
	if (ts) {
		ts->sec = 0;
		ts->nsec = 1;
	}
	return 0;
}
