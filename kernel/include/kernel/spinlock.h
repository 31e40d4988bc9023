/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks, preemption off while held. Not in order of arrival, since under a hypervisor the next in line is often
 * not running, but a waiter that has looked long enough claims the lock and nobody passes it: see kernel/sync/spinlock.c. The
 * irqsave forms are for locks that an interrupt handler takes too. Nothing may sleep, fault on user memory or allocate with GFP_KERNEL under one.
 * lock_debug hooks (CONFIG_LOCKDEP) check ranks, recursion and the owner.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/lockrank.h>
#include <kernel/preempt.h>
#include <arch/irq.h>

struct __capability("spinlock") spinlock {
	union {
		uint32_t word;
		struct {
			uint8_t locked;		/* bits 0-7 of the word: SPIN_LOCKED or 0; its holder clears it */
			uint8_t claimed;	/* bits 8-15: a waiter is next, whoever comes */
		};
	};
#if CONFIG_LOCKDEP
	uint16_t rank;
	int16_t cpu;
	const void *where;
#endif
};
#if CONFIG_LOCKDEP
#define SPINLOCK_INIT(r) { .word = 0, .rank = (r), .cpu = -1 }
#else
#define SPINLOCK_INIT(r) { .word = 0 }
#endif
#define SPIN_LOCKED	0x1u
#define SPIN_CLAIMED	0x100u
#define DEFINE_SPINLOCK(name, r) struct spinlock name = SPINLOCK_INIT(r)

void lockdep_spin_acquire(struct spinlock *l, bool nested, const void *where);
void lockdep_spin_release(struct spinlock *l);
void spin_lock_contended(struct spinlock *l);

static inline void spin_lock_init(struct spinlock *l, enum lockrank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(rank);
}
static __always_inline void spin_raw_lock(struct spinlock *l)
{
	uint32_t free = 0;

	if (unlikely(!__atomic_compare_exchange_n(&l->word, &free, SPIN_LOCKED, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		spin_lock_contended(l);
}
static __always_inline bool spin_raw_trylock(struct spinlock *l)
{
	uint32_t free = 0;

	return READ_ONCE(l->word) == 0 &&
	       __atomic_compare_exchange_n(&l->word, &free, SPIN_LOCKED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static __always_inline void spin_raw_unlock(struct spinlock *l)
{
	smp_store_release(&l->locked, (uint8_t)0);
}
static __always_inline void spin_lock_where(struct spinlock *l, bool nested) __acquires(*l) __no_lock_check
{
	preempt_disable();
	if (CONFIG_LOCKDEP)
		lockdep_spin_acquire(l, nested, __builtin_return_address(0));
	spin_raw_lock(l);
}
static __always_inline void spin_lock(struct spinlock *l) __acquires(*l) __no_lock_check { spin_lock_where(l, false); }
static __always_inline void spin_lock_nested(struct spinlock *l) __acquires(*l) __no_lock_check { spin_lock_where(l, true); }
static __always_inline void spin_unlock(struct spinlock *l) __releases(*l) __no_lock_check
{
	if (CONFIG_LOCKDEP)
		lockdep_spin_release(l);
	spin_raw_unlock(l);
	preempt_enable();
}
static __always_inline bool spin_trylock(struct spinlock *l) __no_lock_check
{
	preempt_disable();
	if (!spin_raw_trylock(l)) {
		preempt_enable();
		return false;
	}
	if (CONFIG_LOCKDEP)
		lockdep_spin_acquire(l, true, __builtin_return_address(0));
	return true;
}
static __always_inline irqflags_t spin_lock_irqsave(struct spinlock *l) __acquires(*l) __no_lock_check
{
	irqflags_t f = arch_irq_save();

	spin_lock(l);
	return f;
}
static __always_inline irqflags_t spin_lock_irqsave_nested(struct spinlock *l) __acquires(*l) __no_lock_check
{
	irqflags_t f = arch_irq_save();

	spin_lock_nested(l);
	return f;
}
static __always_inline void spin_unlock_irqrestore(struct spinlock *l, irqflags_t f) __releases(*l) __no_lock_check
{
	if (CONFIG_LOCKDEP)
		lockdep_spin_release(l);
	spin_raw_unlock(l);
	arch_irq_restore(f);
	preempt_enable();
}
static inline bool spin_is_locked(const struct spinlock *l)
{
	return READ_ONCE(l->locked);
}
