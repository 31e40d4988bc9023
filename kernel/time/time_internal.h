/* SPDX-License-Identifier: MIT */
/* Inside kernel/time only. */
#pragma once
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>

void timer_clock_was_set(void);		/* this CPU: real-time timers may be due now */
void timerfd_clock_was_set(void);
void time_update_vdso(void);

/* A clock id that names CPU time: the two fixed ids and the encoded ones of clock_getcpuclockid(3). */
struct cpu_clock {
	struct task *task;	/* a reference */
	bool thread;		/* of the thread alone */
	unsigned which;		/* 0 user + system, 1 user, 2 scheduler's precise sum */
};
bool clock_is_cpu(int id);
/* 0 with a task reference; -EINVAL: no such process, or not visible to the caller. */
int cpu_clock_get(int id, struct cpu_clock *out) __must_check;
void cpu_clock_put(struct cpu_clock *c);
nsec_t cpu_clock_read(const struct cpu_clock *c);
nsec_t cpu_time_thread(struct task *t, unsigned which);
nsec_t cpu_time_proc(struct proc *p, unsigned which);

/* Timers on CPU time, sampled while the process runs; cputimer.c. */
struct cpu_timer {
	struct list_head link;		/* proc->cpu_timers; [siglock] */
	struct task *thread;		/* thread timers: whose time; else NULL */
	unsigned which;
	nsec_t expires;			/* CPU time; 0: not armed */
	void (*fn)(struct cpu_timer *t);	/* siglock held, interrupts off */
};
void cpu_timer_arm(struct proc *p, struct cpu_timer *t, nsec_t expires);	/* siglock held */
void cpu_timer_disarm(struct cpu_timer *t);					/* siglock held */

/* clock_nanosleep(2) on a CPU clock. */
long cpu_clock_nanosleep(int id, int flags, const struct timespec __user *req, struct timespec __user *rem);

/* Forwards @t past @now by whole intervals; returns how many were passed. */
static inline uint64_t interval_forward(nsec_t *t, nsec_t now, nsec_t interval)
{
	uint64_t n;

	if (now < *t || interval <= 0)
		return 0;
	n = (uint64_t)(now - *t) / (uint64_t)interval + 1;
	*t += (nsec_t)(n * (uint64_t)interval);
	return n;
}
