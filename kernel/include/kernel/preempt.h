/* SPDX-License-Identifier: MIT */
/*
 * Preemption and interrupt context. One counter per task, at a fixed place in struct task (see task.h):
 *	bits 0-7	preempt_disable() and spinlock depth
 *	bits 8-15	soft (bottom-half) depth
 *	bits 16-19	hard interrupt depth
 * The kernel may be preempted wherever the counter is zero and interrupts are on.
 */
#pragma once
#include <kernel/task_head.h>

#define PREEMPT_SOFT	0x100u
#define PREEMPT_HARD	0x10000u

static inline unsigned preempt_count(void) { return READ_ONCE(current_head()->preempt_count); }
static inline void preempt_disable(void)
{
	struct task_head *h = current_head();
	WRITE_ONCE(h->preempt_count, h->preempt_count + 1);
	barrier();
}
static inline void preempt_enable_no_resched(void)
{
	struct task_head *h = current_head();
	barrier();
	WRITE_ONCE(h->preempt_count, h->preempt_count - 1);
}
/* sched.c: switches when a reschedule is due and it is allowed here. */
void preempt_schedule(void);
static inline void preempt_enable(void)
{
	struct task_head *h = current_head();
	unsigned n;

	barrier();
	n = h->preempt_count - 1;
	WRITE_ONCE(h->preempt_count, n);
	if (unlikely(n == 0 && (READ_ONCE(h->work) & TIF_NEED_RESCHED)))
		preempt_schedule();
}
static inline bool in_interrupt(void) { return preempt_count() & ~0xffu; }
static inline bool in_hardirq(void) { return preempt_count() & 0xf0000u; }
/* Asserts (debug build) that the caller may sleep: no spinlock, no interrupt. */
void might_sleep(void);
