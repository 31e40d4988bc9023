/* SPDX-License-Identifier: MIT */
/*
 * The clocks of the vDSO. Runs in user mode, in every process: position-independent, no data of its own, no calls out. What cannot
 * be answered here goes to the system call. Included by arch/NAME/vdso/clock.c, which gives before:
 *
 *	VDSO(name)			the name under which programs of the architecture look for it
 *	NR_clock_gettime, NR_clock_getres, NR_gettimeofday
 *	fallback(nr, a, b)		the system call
 *	counter()			the counter of the clock, not read before what the program has done until then
 *	data()				the page with the constants; it lies directly in front of the object (vdso.lds)
 */
struct timespec {
	int64_t sec, nsec;
};
struct timeval {
	int64_t sec, usec;
};

int VDSO(clock_gettime)(int clock, struct timespec *ts);
int VDSO(gettimeofday)(struct timeval *tv, void *tz);
int VDSO(clock_getres)(int clock, struct timespec *ts);

/* Nanoseconds of one of the clocks in d->clocks. */
static inline uint64_t read_clock(const struct vdso_data *d, unsigned clock)
{
	return (uint64_t)((unsigned __int128)(counter() - d->base) * d->mult >> VDSO_SHIFT) +
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

int VDSO(clock_gettime)(int clock, struct timespec *ts)
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

int VDSO(gettimeofday)(struct timeval *tv, void *tz)
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

int VDSO(clock_getres)(int clock, struct timespec *ts)
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
