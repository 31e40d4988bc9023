/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks: fair (ticket), preemption off while held. The irqsave forms are for locks that an
 * interrupt handler takes too. Nothing may sleep, fault on user memory or allocate with GFP_KERNEL under one.
 * lock_debug hooks (CONFIG_LOCKDEP) check ranks, recursion and the owner.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/lockrank.h>
#include <kernel/preempt.h>
#include <arch/irq.h>

struct __capability("spinlock") spinlock {
	union {
		uint32_t both;
		struct {
			uint16_t owner, next;	/* little-endian: next is the upper half */
		};
	};
#if CONFIG_LOCKDEP
	uint16_t rank;
	int16_t cpu;
	const void *where;
#endif
};
#if CONFIG_LOCKDEP
#define SPINLOCK_INIT(r) { .both = 0, .rank = (r), .cpu = -1 }
#else
#define SPINLOCK_INIT(r) { .both = 0 }
#endif
#define DEFINE_SPINLOCK(name, r) struct spinlock name = SPINLOCK_INIT(r)

void lockdep_spin_acquire(struct spinlock *l, bool nested, const void *where);
void lockdep_spin_release(struct spinlock *l);
void spin_lock_contended(struct spinlock *l, uint16_t ticket);

static inline void spin_lock_init(struct spinlock *l, enum lockrank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(rank);
}
static __always_inline void spin_raw_lock(struct spinlock *l)
{
	uint32_t old = __atomic_fetch_add(&l->both, 1u << 16, __ATOMIC_ACQUIRE);
	uint16_t ticket = (uint16_t)(old >> 16);

	if (unlikely((uint16_t)old != ticket))
		spin_lock_contended(l, ticket);
}
static __always_inline void spin_raw_unlock(struct spinlock *l)
{
	smp_store_release(&l->owner, (uint16_t)(l->owner + 1));
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
	uint32_t old = READ_ONCE(l->both);

	if ((uint16_t)old != (uint16_t)(old >> 16))
		return false;
	preempt_disable();
	if (!__atomic_compare_exchange_n(&l->both, &old, old + (1u << 16), false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED)) {
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
	uint32_t v = READ_ONCE(l->both);

	return (uint16_t)v != (uint16_t)(v >> 16);
}
