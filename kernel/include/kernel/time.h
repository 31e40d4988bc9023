/* SPDX-License-Identifier: MIT */
/* Clocks. kernel/time/. All clocks are 64-bit nanoseconds; conversion to seconds happens at the ABI. */
#pragma once
#include <kernel/types.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define CLOCK_REALTIME_ALARM 8
#define CLOCK_BOOTTIME_ALARM 9
#define CLOCK_TAI 11

struct timespec {		/* the ABI's __kernel_timespec */
	int64_t tv_sec, tv_nsec;
};
struct timeval {
	int64_t tv_sec, tv_usec;
};
struct itimerspec {
	struct timespec it_interval, it_value;
};
struct itimerval {
	struct timeval it_interval, it_value;
};
nsec_t clock_monotonic(void);		/* hot: counter read, multiply, shift */
nsec_t clock_realtime(void);
nsec_t clock_boottime(void);
static inline nsec_t realtime_from_monotonic(nsec_t m);
/* Time stamps of files: real time, at the granularity of coarse clocks (up to 4 ms old). */
nsec_t clock_realtime_coarse(void);
void clock_set_realtime(nsec_t now);	/* settime, PL031 at boot; wakes absolute real-time timers */
extern nsec_t realtime_offset;		/* realtime - monotonic */
static inline nsec_t realtime_from_monotonic(nsec_t m) { return m + READ_ONCE(realtime_offset); }

/* The counter behind the clocks, registered by its driver at boot. */
struct clocksource {
	const char *name;
	uint64_t (*read)(void);		/* monotone on every CPU, 64 bits */
	uint64_t freq_hz;
};
void clocksource_register(const struct clocksource *cs);
static inline bool timespec_valid(const struct timespec *t)
{
	return t->tv_sec >= 0 && (uint64_t)t->tv_nsec < NSEC_PER_SEC;
}
/* Saturates at NSEC_NEVER. */
static inline nsec_t timespec_to_ns(const struct timespec *t)
{
	return t->tv_sec >= NSEC_NEVER / NSEC_PER_SEC ? NSEC_NEVER : t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}
static inline struct timespec ns_to_timespec(nsec_t ns)
{
	struct timespec t = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	if (t.tv_nsec < 0) {
		t.tv_nsec += NSEC_PER_SEC;
		t.tv_sec--;
	}
	return t;
}
/* now + rel without overflow; rel < 0 counts as 0. */
static inline nsec_t deadline_after(nsec_t now, nsec_t rel)
{
	if (rel <= 0)
		return now;
	return rel > NSEC_NEVER - now ? NSEC_NEVER : now + rel;
}
int timespec_from_user(nsec_t *ns, const void __user *uts) __must_check;	/* -EFAULT, -EINVAL */
int timespec_to_user(nsec_t ns, void __user *uts) __must_check;
void time_init(void);			/* after the TIMER drivers */
/* Spins. Drivers' short hardware waits. */
void udelay(unsigned us);
/* True until @timeout_ns have passed since *start (0 at first call): hardware waits with a deadline. */
bool poll_timeout(nsec_t *start, nsec_t timeout_ns);

struct proc;
/* Hooks of fork, exit, the context switch and signal dequeueing. */
void itimer_init(struct proc *p);
void itimer_exit(struct proc *p);
void itimer_real_rearm(struct proc *p);		/* SIGALRM was dequeued; siglock held */
void cputimer_switch_in(void);			/* interrupts off; next->proc->cpu_timers_armed */
void cputimer_arm_proc(struct proc *p);		/* siglock held: itimer, RLIMIT_CPU or list changed */
struct siginfo;
void posix_timer_dequeued(void *timer, struct siginfo *info);	/* its signal is being delivered; no lock held */
void posix_timers_exit(struct proc *p);		/* last thread, or exec */
unsigned itimer_alarm(unsigned seconds);	/* alarm(2), for architectures that have it: itimer.c */
