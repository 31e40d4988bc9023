/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. The owner word is 0 (free), the owner, or either with MUTEX_WAITERS. It is changed by compare-
 * and-swap only. With MUTEX_WAITERS set every lock and unlock takes the slow path under m->lock, where the
 * waiters queue in order.
 *
 * An unlock with waiters frees the word and wakes the first, which then competes with passers-by (they keep the lock
 * busy while the sleeper is on its way). A first waiter that has lost once asks for a hand-over: the next unlock
 * makes it the owner directly, so nobody starves.
 */
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include "lockdep.h"

#define MUTEX_WAITERS	1ul
#define SPIN_LIMIT	200	/* looks at a running owner before sleeping */

struct mutex_waiter {
	struct list_head link;
	struct task *task;
	bool handover;
};

void mutex_init(struct mutex *m, enum lockrank rank)
{
	m->owner = 0;
	spin_lock_init(&m->lock, LR_SEM);
	list_init(&m->waiters);
#if CONFIG_LOCKDEP
	m->rank = rank;
#endif
}

static inline bool owner_cas(struct mutex *m, uintptr_t old, uintptr_t new, int order)
{
	return order == __ATOMIC_ACQUIRE ?
		__atomic_compare_exchange_n(&m->owner, &old, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED) :
		__atomic_compare_exchange_n(&m->owner, &old, new, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static inline void mutex_note_acquire(struct mutex *m, bool nested, const void *where)
{
#if CONFIG_LOCKDEP
	lockdep_sleep_acquire(m, m->rank, nested, where);
#endif
}

/* Takes a word whose owner part is free, keeping the waiters' bit. */
static bool mutex_try_take(struct mutex *m)
{
	uintptr_t o = READ_ONCE(m->owner);

	while (!(o & ~MUTEX_WAITERS)) {
		if (owner_cas(m, o, (uintptr_t)current | o, __ATOMIC_ACQUIRE))
			return true;
		o = READ_ONCE(m->owner);
	}
	return false;
}

/*
 * While the owner runs on another CPU it will be gone sooner than we could sleep and wake. Also for the first waiter, who
 * has asked for the hand-over.
 */
static bool mutex_spin(struct mutex *m)
{
	bool got = false;

	if (nr_cpus == 1)
		return false;
	rcu_read_lock();
	for (int i = 0; i < SPIN_LIMIT; i++) {
		uintptr_t o = READ_ONCE(m->owner);
		struct task *t = (struct task *)(o & ~MUTEX_WAITERS);

		if (!t || t == current) {
			got = t || mutex_try_take(m);
			if (got)
				break;
			continue;
		}
		if (!t || !task_is_running(t) || (READ_ONCE(current->head.work) & TIF_NEED_RESCHED))
			break;
		arch_cpu_relax();
	}
	rcu_read_unlock();
	return got;
}

static __noinline int mutex_lock_slow(struct mutex *m, unsigned state)
{
	struct mutex_waiter w = { .task = current };
	uintptr_t me = (uintptr_t)current;
	bool slept = false, spun = false;
	int err = 0;

	if (mutex_spin(m))
		return 0;
	spin_lock(&m->lock);
	list_add_tail(&w.link, &m->waiters);
	__atomic_fetch_or(&m->owner, MUTEX_WAITERS, __ATOMIC_RELAXED);
	for (;;) {
		if ((READ_ONCE(m->owner) & ~MUTEX_WAITERS) == me)
			break;			/* handed over */
		if (mutex_try_take(m))
			break;
		if (state != TASK_UNINTERRUPTIBLE && signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		if (slept && list_first_entry(&m->waiters, struct mutex_waiter, link) == &w) {
			w.handover = true;
			if (!spun) {
				spun = true;
				spin_unlock(&m->lock);
				(void)mutex_spin(m);
				spin_lock(&m->lock);
				continue;
			}
		}
		set_current_state(state);
		spin_unlock(&m->lock);
		schedule();
		slept = true;
		spun = false;
		spin_lock(&m->lock);
	}
	set_current_running();
	list_del(&w.link);
	if (list_empty(&m->waiters))
		__atomic_fetch_and(&m->owner, ~MUTEX_WAITERS, __ATOMIC_RELAXED);
	else if (err && !(READ_ONCE(m->owner) & ~MUTEX_WAITERS))
		/* The wake-up that was meant for us goes on. */
		wake_up_task(list_first_entry(&m->waiters, struct mutex_waiter, link)->task);
	spin_unlock(&m->lock);
	return err;
}

static __noinline void mutex_unlock_slow(struct mutex *m)
{
	struct mutex_waiter *w;

	spin_lock(&m->lock);
	w = list_first_entry_or_null(&m->waiters, struct mutex_waiter, link);
	if (!w) {
		__atomic_store_n(&m->owner, 0, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&m->owner, (w->handover ? (uintptr_t)w->task : 0) | MUTEX_WAITERS, __ATOMIC_RELEASE);
		wake_up_task(w->task);	/* w cannot go: its task leaves under m->lock */
	}
	spin_unlock(&m->lock);
}

static __always_inline int mutex_lock_state(struct mutex *m, unsigned state, bool nested, const void *where)
{
	if (CONFIG_DEBUG)
		might_sleep();
	if (CONFIG_LOCKDEP)
		mutex_note_acquire(m, nested, where);
	if (likely(owner_cas(m, 0, (uintptr_t)current, __ATOMIC_ACQUIRE)))
		return 0;
	if (CONFIG_DEBUG && mutex_is_mine(m))
		panic("mutex taken twice by %s", current->comm);
	if (mutex_lock_slow(m, state) == 0)
		return 0;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(m);
	return -EINTR;
}

void mutex_lock(struct mutex *m) __no_lock_check
{
	(void)mutex_lock_state(m, TASK_UNINTERRUPTIBLE, false, __builtin_return_address(0));
}

void mutex_lock_nested(struct mutex *m) __no_lock_check
{
	(void)mutex_lock_state(m, TASK_UNINTERRUPTIBLE, true, __builtin_return_address(0));
}

int mutex_lock_interruptible(struct mutex *m)
{
	return mutex_lock_state(m, TASK_INTERRUPTIBLE, false, __builtin_return_address(0));
}

int mutex_lock_killable(struct mutex *m)
{
	return mutex_lock_state(m, TASK_KILLABLE, false, __builtin_return_address(0));
}

bool mutex_trylock(struct mutex *m)
{
	if (!owner_cas(m, 0, (uintptr_t)current, __ATOMIC_ACQUIRE))
		return false;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_acquire(m, LR_NONE, true, __builtin_return_address(0));
	return true;
}

void mutex_unlock(struct mutex *m) __no_lock_check
{
	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(m);
	if (CONFIG_DEBUG && !mutex_is_mine(m))
		panic("mutex released by %s, which does not own it", current->comm);
	if (likely(owner_cas(m, (uintptr_t)current, 0, __ATOMIC_RELEASE)))
		return;
	mutex_unlock_slow(m);
}

bool mutex_is_mine(const struct mutex *m)
{
	return (READ_ONCE(m->owner) & ~MUTEX_WAITERS) == (uintptr_t)current;
}
