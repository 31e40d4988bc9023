/* SPDX-License-Identifier: MIT */
/*
 * High-resolution timers: a red-black tree per CPU, one hardware event armed for the earliest. Call-backs
 * run in the timer interrupt. kernel/time/timer.c.
 */
#pragma once
#include <kernel/rbtree.h>
#include <kernel/types.h>

struct timer;
typedef void (*timer_fn)(struct timer *t);
struct timer {
	struct rb_node node;
	nsec_t deadline;	/* in the clock's own time */
	timer_fn fn;
	uint32_t cpu;		/* whose tree */
	uint8_t clock;		/* TIMER_MONO or TIMER_REAL (absolute real-time timers follow clock_settime) */
	uint8_t state;		/* 0 idle, 1 queued, 2 running */
};
#define TIMER_MONO 0
#define TIMER_REAL 1
void timer_setup(struct timer *t, timer_fn fn, unsigned clock);
/* (Re)arms on this CPU. A deadline in the past fires at once (from the interrupt, not from here). May be called by the call-back. */
void timer_start(struct timer *t, nsec_t deadline);
/* Returns true when it was queued. timer_cancel_sync also waits for a running call-back (never call it holding what the call-back takes). */
bool timer_cancel(struct timer *t);
bool timer_cancel_sync(struct timer *t);
bool timer_pending(const struct timer *t);

/* One-shot event device of each CPU, registered by its driver; called with interrupts off. */
struct clockevent {
	const char *name;
	void (*set_deadline)(nsec_t deadline);	/* absolute monotonic; in the past: fire at once */
	void (*stop)(void);
};
void clockevent_register(const struct clockevent *ce);
void clockevent_interrupt(void);	/* from the timer interrupt: runs what is due, arms the next */
void timer_init_cpu(void);	/* on a secondary CPU, before its first timer */
