/* SPDX-License-Identifier: MIT */
/*
 * High-resolution timers. Each CPU has a base with two trees, monotonic and real-time deadlines; its clock event is
 * armed for the earliest of both.
 *
 * Invariants
 * - A queued timer is in the tree of the CPU named by timer->cpu, which changes only with that base locked.
 * - `programmed` is what the hardware was told last. It may be earlier than needed (a timer was cancelled): the
 *   interrupt then finds nothing due and arms the next. It is never later than the earliest queued deadline.
 * - A call-back runs with no lock held, interrupts off, on the base's CPU; base->running names it meanwhile.
 *   A running timer that is started again stays on its base, so it cannot run on two CPUs at once.
 * Locks: base->lock (LR_TIMER), interrupts off.
 */
#include <kernel/timer.h>
#include <kernel/percpu.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include "time_internal.h"

struct timer_base {
	struct spinlock lock;
	struct rb_root_cached tree[2];	/* TIMER_MONO, TIMER_REAL */
	struct timer *running;
	nsec_t programmed;
	bool in_interrupt;		/* arms the hardware when it is done */
};
static DEFINE_PERCPU(struct timer_base, timer_base) = {
	.lock = SPINLOCK_INIT(LR_TIMER),
	.programmed = NSEC_NEVER,
};
static const struct clockevent *event __ro_after_init;

/* A secondary's area begins zeroed. */
void timer_init_cpu(void)
{
	struct timer_base *b = &this_cpu(timer_base);

	spin_lock_init(&b->lock, LR_TIMER);
	b->programmed = NSEC_NEVER;
}

#define TIMER_IDLE 0
#define TIMER_QUEUED 1

void clockevent_register(const struct clockevent *ce)
{
	if (!event)
		event = ce;
}

static bool earlier(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct timer, node)->deadline < rb_entry(b, struct timer, node)->deadline;
}

static inline nsec_t to_monotonic(const struct timer *t)
{
	nsec_t d = t->deadline;

	if (t->clock == TIMER_REAL && d != NSEC_NEVER)
		d -= READ_ONCE(realtime_offset);
	return d;
}

static nsec_t base_earliest(struct timer_base *b)
{
	nsec_t first = NSEC_NEVER;

	for (unsigned i = 0; i < 2; i++) {
		struct rb_node *n = b->tree[i].leftmost;

		if (n)
			first = MIN(first, to_monotonic(rb_entry(n, struct timer, node)));
	}
	return first;
}

static void program(struct timer_base *b, nsec_t deadline)
{
	b->programmed = deadline;
	if (deadline == NSEC_NEVER)
		event->stop();
	else
		event->set_deadline(deadline);
}

static struct timer_base *base_lock(const struct timer *t, irqflags_t *flags)
{
	for (;;) {
		uint32_t cpu = READ_ONCE(t->cpu);
		struct timer_base *b = &per_cpu(timer_base, cpu);

		*flags = spin_lock_irqsave(&b->lock);
		if (likely(t->cpu == cpu))
			return b;
		spin_unlock_irqrestore(&b->lock, *flags);
	}
}

static void dequeue(struct timer_base *b, struct timer *t)
{
	rb_erase_cached(&t->node, &b->tree[t->clock]);
	WRITE_ONCE(t->state, TIMER_IDLE);
}

void timer_setup(struct timer *t, timer_fn fn, unsigned clock)
{
	t->fn = fn;
	t->clock = (uint8_t)clock;
	t->state = TIMER_IDLE;
	t->cpu = smp_processor_id();
}

void timer_start(struct timer *t, nsec_t deadline)
{
	irqflags_t f, inner;
	struct timer_base *b = base_lock(t, &f), *here = &this_cpu(timer_base);

	if (t->state == TIMER_QUEUED)
		dequeue(b, t);
	if (b != here && b->running != t) {
		t->cpu = smp_processor_id();
		spin_unlock(&b->lock);
		/* Interrupts stay off, so `here' is still this CPU's; a racing start may have queued it there. */
		b = base_lock(t, &inner);
		if (t->state == TIMER_QUEUED)
			dequeue(b, t);
	}
	t->deadline = deadline;
	if (deadline != NSEC_NEVER) {
		rb_insert_cached(&t->node, &b->tree[t->clock], earlier);
		WRITE_ONCE(t->state, TIMER_QUEUED);
		/* A remote base is only used while it runs this very timer: it re-arms when that returns. */
		if (b == here && !b->in_interrupt) {
			nsec_t mono = to_monotonic(t);

			if (mono < b->programmed)
				program(b, mono);
		}
	}
	spin_unlock_irqrestore(&b->lock, f);
}

bool timer_cancel(struct timer *t)
{
	irqflags_t f;
	struct timer_base *b;
	bool queued;

	if (READ_ONCE(t->state) == TIMER_IDLE)
		return false;
	b = base_lock(t, &f);
	queued = t->state == TIMER_QUEUED;
	if (queued)
		dequeue(b, t);
	spin_unlock_irqrestore(&b->lock, f);
	return queued;
}

bool timer_cancel_sync(struct timer *t)
{
	bool queued = false, running;

	for (;;) {
		irqflags_t f;
		struct timer_base *b = base_lock(t, &f);

		if (t->state == TIMER_QUEUED) {
			dequeue(b, t);
			queued = true;
		}
		running = b->running == t;
		spin_unlock_irqrestore(&b->lock, f);
		if (!running)
			return queued;
		arch_cpu_relax();
	}
}

bool timer_pending(const struct timer *t)
{
	return READ_ONCE(t->state) == TIMER_QUEUED;
}

/* The first timer of @clock that is due, taken out of its tree; NULL: none. */
static struct timer *take_due(struct timer_base *b, unsigned clock, nsec_t now)
{
	struct rb_node *n = b->tree[clock].leftmost;
	struct timer *t;

	if (!n)
		return NULL;
	t = rb_entry(n, struct timer, node);
	if (to_monotonic(t) > now)
		return NULL;
	dequeue(b, t);
	return t;
}

void clockevent_interrupt(void)
{
	struct timer_base *b = &this_cpu(timer_base);
	struct timer *t;
	nsec_t next, now;

	spin_lock(&b->lock);
	b->in_interrupt = true;
	do {
		now = clock_monotonic();
		while ((t = take_due(b, TIMER_MONO, now)) || (t = take_due(b, TIMER_REAL, now))) {
			b->running = t;
			spin_unlock(&b->lock);
			t->fn(t);
			spin_lock(&b->lock);
			b->running = NULL;
		}
		next = base_earliest(b);
		/* Due meanwhile: once more, rather than a second interrupt. */
	} while (next <= clock_monotonic());
	b->in_interrupt = false;
	program(b, next);
	spin_unlock(&b->lock);
}

void timer_clock_was_set(void)
{
	irqflags_t f = arch_irq_save();
	struct timer_base *b = &this_cpu(timer_base);

	spin_lock(&b->lock);
	if (event && !b->in_interrupt)
		program(b, base_earliest(b));
	spin_unlock_irqrestore(&b->lock, f);
}
