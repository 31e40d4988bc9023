/* SPDX-License-Identifier: MIT */
/*
 * Lock-order checking (CONFIG_LOCKDEP): every lock has a rank (<kernel/lockrank.h>), and a lock may be
 * taken only while all locks held have lower ranks. Held spinlocks are kept per CPU, sleeping locks per
 * task. An interrupt handler's locks are compared among themselves only: what it interrupted had left
 * interrupts on and so holds no lock that a handler takes (that is what irqsave is for).
 *
 * The run queue's lock changes its task, but never its CPU, between acquire and release.
 */
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/task.h>
#include "lockdep.h"

#define MAX_HELD 24

struct held_spins {
	unsigned n;
	struct {
		struct spinlock *lock;
		const void *where;
		bool hard;
	} l[MAX_HELD];
};
static DEFINE_PERCPU(struct held_spins, held_spins);
static bool lockdep_off;

static __maybe_unused __noinline __cold void lockdep_report(const char *what, unsigned rank, const void *where, unsigned held_rank,
					      const void *held_where)
{
	if (lockdep_off || panic_in_progress)
		return;
	lockdep_off = true;
	panic("lock order: %s: rank %u at %pS while rank %u is held, taken at %pS", what, rank, where, held_rank,
	      held_where);
}

void lockdep_spin_acquire(struct spinlock *l, bool nested, const void *where)
{
#if CONFIG_LOCKDEP
	struct held_spins *h = &this_cpu(held_spins);
	irqflags_t f = arch_irq_save();
	bool hard = in_hardirq();

	for (unsigned i = 0; i < h->n && !lockdep_off; i++) {
		struct spinlock *o = h->l[i].lock;

		if (o == l)
			lockdep_report("taken twice", l->rank, where, o->rank, h->l[i].where);
		if (h->l[i].hard != hard || !l->rank || !o->rank)
			continue;
		if (o->rank > l->rank || (o->rank == l->rank && !nested))
			lockdep_report("descending", l->rank, where, o->rank, h->l[i].where);
	}
	if (h->n < MAX_HELD) {
		h->l[h->n].lock = l;
		h->l[h->n].where = where;
		h->l[h->n++].hard = hard;
	} else {
		lockdep_off = true;
	}
	arch_irq_restore(f);
#endif
}

void lockdep_spin_release(struct spinlock *l)
{
#if CONFIG_LOCKDEP
	struct held_spins *h = &this_cpu(held_spins);
	irqflags_t f = arch_irq_save();
	unsigned i = h->n;

	while (i > 0 && h->l[i - 1].lock != l)
		i--;
	if (i == 0) {
		arch_irq_restore(f);
		if (!lockdep_off && !panic_in_progress) {
			lockdep_off = true;
			panic("spinlock of rank %u is released but this CPU does not hold it", l->rank);
		}
		return;
	}
	for (h->n--; i <= h->n; i++)
		h->l[i - 1] = h->l[i];
	arch_irq_restore(f);
#endif
}

void lockdep_sleep_acquire(const void *lock, unsigned rank, bool nested, const void *where)
{
#if CONFIG_LOCKDEP
	struct task *t = current;

	for (unsigned i = 0; i < t->nheld && !lockdep_off; i++) {
		if (t->held[i].lock == lock && !nested)
			lockdep_report("taken twice", rank, where, t->held[i].rank, t->held[i].where);
		if (rank && t->held[i].rank && (t->held[i].rank > rank || (t->held[i].rank == rank && !nested)))
			lockdep_report("descending", rank, where, t->held[i].rank, t->held[i].where);
	}
	if (t->nheld >= ARRAY_SIZE(t->held)) {
		lockdep_off = true;
		return;
	}
	t->held[t->nheld].rank = (uint16_t)rank;
	t->held[t->nheld].lock = lock;
	t->held[t->nheld++].where = where;
#endif
}

void lockdep_sleep_release(const void *lock)
{
#if CONFIG_LOCKDEP
	struct task *t = current;
	unsigned i = t->nheld;

	while (i > 0 && t->held[i - 1].lock != lock)
		i--;
	if (i == 0) {
		if (!lockdep_off && !panic_in_progress) {
			lockdep_off = true;
			panic("a sleeping lock is released by a task that does not hold it");
		}
		return;
	}
	for (t->nheld--; i <= t->nheld; i++)
		t->held[i - 1] = t->held[i];
#endif
}

bool lockdep_any_spin_held(void)
{
	return this_cpu(held_spins).n != 0;
}

void lockdep_task_exit(struct task *t)
{
#if CONFIG_LOCKDEP
	if (t->nheld && !lockdep_off)
		panic("%s exits with a lock of rank %u held, taken at %pS", t->comm, t->held[0].rank, t->held[0].where);
#endif
}
