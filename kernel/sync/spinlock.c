/* SPDX-License-Identifier: MIT */
/*
 * The slow path of spinlocks.
 *
 * A strict queue (tickets) makes all wait for the next in line, and where virtual CPUs outnumber the host's that one is often
 * not running: each hand-over then costs a time slice of the host. So whoever runs takes a free lock. That alone would let one be
 * passed for ever; a waiter that has looked PATIENCE times therefore claims the lock: the word is then not 0 even when
 * the lock is free, so the fast path and the other waiters leave it alone, and the claimant is next.
 *
 * The word changes by compare-and-swap only, but for the release, which stores its low byte. The acquiring ones pair with that
 * store.
 */
#include <kernel/spinlock.h>
#include <kernel/panic.h>
#include <arch/barrier.h>

#define PATIENCE 4096	/* looks: some ten microseconds on hardware, where waiting times are far below */

static inline bool word_cas(struct spinlock *l, uint32_t old, uint32_t new)
{
	return __atomic_compare_exchange_n(&l->word, &old, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

__noinline void spin_lock_contended(struct spinlock *l)
{
	bool claimed = false;

	for (unsigned looks = 0;; looks++) {
		uint32_t w = READ_ONCE(l->word);

		if (!(w & SPIN_LOCKED) && (claimed || !(w & SPIN_CLAIMED))) {
			if (word_cas(l, w, SPIN_LOCKED))
				return;
		} else if (looks >= PATIENCE && !(w & SPIN_CLAIMED)) {
			claimed = word_cas(l, w, w | SPIN_CLAIMED);
		}
		arch_cpu_relax();
	}
}
