/* SPDX-License-Identifier: MIT */
/*
 * User-mode clocks. Runs in every process: position-independent, no data of its own, no calls out. The page with the
 * constants lies directly in front (vdso.lds). What cannot be answered here goes to the system call.
 */
#define VDSO_BUILD
#include <kernel/vdso.h>

struct timespec {
	int64_t sec, nsec;
};
struct timeval {
	int64_t sec, usec;
};

#define NR_gettimeofday 96
#define NR_time 201
#define NR_clock_gettime 228
#define NR_clock_getres 229
#define NR_getcpu 309

int __vdso_clock_gettime(int clock, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, void *tz);
int __vdso_clock_getres(int clock, struct timespec *ts);
int64_t __vdso_time(int64_t *out);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *cache);

/* The page in front of us. */
extern const struct vdso_data vdso_page __attribute__((visibility("hidden")));

static inline long fallback(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return ret;
}

/* Nanoseconds of one of the clocks in d->clocks. */
static inline uint64_t read_clock(const struct vdso_data *d, unsigned clock)
{
	uint32_t lo, hi;

	/* LFENCE: the counter is not read before what the program has done until here. */
	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)((unsigned __int128)(((uint64_t)hi << 32 | lo) - d->base) * d->mult >> VDSO_SHIFT) +
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

int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	const struct vdso_data *d = &vdso_page;
	uint64_t ns, sec;

	if (!known(d, (unsigned)clock))
		return (int)fallback(NR_clock_gettime, clock, (long)ts, 0);
	ns = read_clock(d, (unsigned)clock);
	sec = seconds(d, ns);
	ts->sec = (int64_t)sec;
	ts->nsec = (int64_t)(ns - sec * d->nsec_per_sec);
	return 0;
}

int __vdso_gettimeofday(struct timeval *tv, void *tz)
{
	const struct vdso_data *d = &vdso_page;
	uint64_t ns, sec;

	if (tz || !known(d, 0))
		return (int)fallback(NR_gettimeofday, (long)tv, (long)tz, 0);
	if (tv) {
		ns = read_clock(d, 0);
		sec = seconds(d, ns);
		tv->sec = (int64_t)sec;
		tv->usec = (int64_t)((ns - sec * d->nsec_per_sec) / 1000);
	}
	return 0;
}

int __vdso_clock_getres(int clock, struct timespec *ts)
{
	const struct vdso_data *d = &vdso_page;

	if (!known(d, (unsigned)clock) || VDSO_COARSE_MASK >> clock & 1)
		return (int)fallback(NR_clock_getres, clock, (long)ts, 0);
	if (ts) {
		ts->sec = 0;
		ts->nsec = 1;
	}
	return 0;
}

int64_t __vdso_time(int64_t *out)
{
	const struct vdso_data *d = &vdso_page;
	int64_t now;

	if (!known(d, 0))
		return fallback(NR_time, (long)out, 0, 0);
	now = (int64_t)seconds(d, read_clock(d, 0));
	if (out)
		*out = now;
	return now;
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *cache)
{
	return fallback(NR_getcpu, (long)cpu, (long)node, (long)cache);
}

/* The names without a prefix, which older programs look for. */
#define ALIAS(name) extern __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))
ALIAS(clock_gettime);
ALIAS(gettimeofday);
ALIAS(clock_getres);
ALIAS(time);
ALIAS(getcpu);
