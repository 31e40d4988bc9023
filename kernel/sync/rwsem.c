/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer semaphores. count: bit 0 a writer holds it, bit 1 somebody waits, readers above in units of
 * RWSEM_READER. The fast paths are one compare-and-swap, taken only while nobody waits, so writers do not
 * starve. Waiters queue in order; whoever releases, or queues, grants ownership to the head of the queue under s->lock
 * (one writer, or all the readers in front of the next writer) and wakes; a woken waiter owns the lock.
 */
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include "lockdep.h"

#define RWSEM_WRITER	1
#define RWSEM_WAITERS	2
#define RWSEM_READER	4
#define RWSEM_READERS	(~(int64_t)3)

struct rwsem_waiter {
	struct list_head link;
	struct task *task;	/* NULL once granted; then the waiter owns this memory again */
	bool writer;
};

void rwsem_init(struct rwsem *s, enum lockrank rank)
{
	atomic64_set(&s->count, 0);
	spin_lock_init(&s->lock, LR_SEM);
	list_init(&s->waiters);
	s->writer = NULL;
#if CONFIG_LOCKDEP
	s->rank = rank;
#endif
}

static inline void rwsem_note(struct rwsem *s, bool nested, const void *where)
{
#if CONFIG_LOCKDEP
	lockdep_sleep_acquire(s, s->rank, nested, where);
#endif
}

static inline bool count_cas(struct rwsem *s, int64_t old, int64_t new)
{
	return __atomic_compare_exchange_n(&s->count.v, &old, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Adds @add when (count & busy) == 0. The bits can change under us only by fast paths of others. */
static bool rwsem_grant(struct rwsem *s, int64_t busy, int64_t add)
{
	int64_t c = atomic64_read(&s->count);

	while (!(c & busy)) {
		if (count_cas(s, c, c + add))
			return true;
		c = atomic64_read(&s->count);
	}
	return false;
}

/* Lets the head of the queue in when it can be. s->lock held: preemption is off, so a woken task's struct stays. */
static void rwsem_advance(struct rwsem *s)
{
	struct rwsem_waiter *w, *n;

	list_for_each_entry_safe(w, n, &s->waiters, link) {
		struct task *t = w->task;
		bool writer = w->writer;

		if (!rwsem_grant(s, writer ? RWSEM_WRITER | RWSEM_READERS : RWSEM_WRITER,
				 writer ? RWSEM_WRITER : RWSEM_READER))
			break;
		list_del(&w->link);
		if (writer)
			s->writer = t;
		smp_store_release(&w->task, NULL);
		wake_up_task(t);
		if (writer)
			break;
	}
	if (list_empty(&s->waiters))
		atomic64_and(&s->count, ~(int64_t)RWSEM_WAITERS);
}

static __noinline int rwsem_wait(struct rwsem *s, bool writer, unsigned state)
{
	struct rwsem_waiter w = { .task = current, .writer = writer };
	int err = 0;

	spin_lock(&s->lock);
	list_add_tail(&w.link, &s->waiters);
	atomic64_or(&s->count, RWSEM_WAITERS);
	rwsem_advance(s);	/* it may have been released since the fast path looked */
	spin_unlock(&s->lock);
	for (;;) {
		set_current_state(state);
		if (!smp_load_acquire(&w.task))
			break;
		if (state != TASK_UNINTERRUPTIBLE && signal_pending_state(state, current)) {
			spin_lock(&s->lock);
			if (w.task) {
				list_del(&w.link);
				rwsem_advance(s);	/* readers behind a writer that gave up */
				err = -EINTR;
			}
			spin_unlock(&s->lock);
			break;
		}
		schedule();
	}
	set_current_running();
	return err;
}

static __noinline void rwsem_wake(struct rwsem *s)
{
	irqflags_t f = spin_lock_irqsave(&s->lock);

	rwsem_advance(s);
	spin_unlock_irqrestore(&s->lock, f);
}

static __always_inline bool read_fast(struct rwsem *s)
{
	int64_t c = atomic64_read(&s->count);

	while (likely(!(c & (RWSEM_WRITER | RWSEM_WAITERS)))) {
		if (likely(count_cas(s, c, c + RWSEM_READER)))
			return true;
		c = atomic64_read(&s->count);
	}
	return false;
}

static __always_inline int read_state(struct rwsem *s, unsigned state, const void *where)
{
	if (CONFIG_DEBUG)
		might_sleep();
	if (CONFIG_LOCKDEP)
		rwsem_note(s, false, where);
	if (likely(read_fast(s)) || rwsem_wait(s, false, state) == 0)
		return 0;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(s);
	return -EINTR;
}

void down_read(struct rwsem *s) __no_lock_check
{
	(void)read_state(s, TASK_UNINTERRUPTIBLE, __builtin_return_address(0));
}

int down_read_killable(struct rwsem *s)
{
	return read_state(s, TASK_KILLABLE, __builtin_return_address(0));
}

bool down_read_trylock(struct rwsem *s)
{
	if (!read_fast(s))
		return false;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_acquire(s, LR_NONE, true, __builtin_return_address(0));
	return true;
}

void up_read(struct rwsem *s) __no_lock_check
{
	int64_t c;

	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(s);
	c = __atomic_sub_fetch(&s->count.v, RWSEM_READER, __ATOMIC_RELEASE);
	ASSERT(c >= 0);
	if (unlikely(c == RWSEM_WAITERS))
		rwsem_wake(s);
}

static __always_inline int write_state(struct rwsem *s, unsigned state, bool nested, const void *where)
{
	if (CONFIG_DEBUG)
		might_sleep();
	if (CONFIG_LOCKDEP)
		rwsem_note(s, nested, where);
	if (likely(count_cas(s, 0, RWSEM_WRITER))) {
		s->writer = current;
		return 0;
	}
	if (rwsem_wait(s, true, state) == 0)
		return 0;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(s);
	return -EINTR;
}

void down_write(struct rwsem *s) __no_lock_check
{
	(void)write_state(s, TASK_UNINTERRUPTIBLE, false, __builtin_return_address(0));
}

void down_write_nested(struct rwsem *s) __no_lock_check
{
	(void)write_state(s, TASK_UNINTERRUPTIBLE, true, __builtin_return_address(0));
}

int down_write_killable(struct rwsem *s)
{
	return write_state(s, TASK_KILLABLE, false, __builtin_return_address(0));
}

bool down_write_trylock(struct rwsem *s)
{
	if (!count_cas(s, 0, RWSEM_WRITER))
		return false;
	s->writer = current;
	if (CONFIG_LOCKDEP)
		lockdep_sleep_acquire(s, LR_NONE, true, __builtin_return_address(0));
	return true;
}

void up_write(struct rwsem *s) __no_lock_check
{
	int64_t c;

	if (CONFIG_LOCKDEP)
		lockdep_sleep_release(s);
	ASSERT(s->writer == current);
	s->writer = NULL;
	c = __atomic_sub_fetch(&s->count.v, RWSEM_WRITER, __ATOMIC_RELEASE);
	if (unlikely(c & RWSEM_WAITERS))
		rwsem_wake(s);
}

/* From writer to reader without letting another writer in between. */
void downgrade_write(struct rwsem *s)
{
	int64_t c;

	s->writer = NULL;
	c = __atomic_add_fetch(&s->count.v, RWSEM_READER - RWSEM_WRITER, __ATOMIC_RELEASE);
	if (c & RWSEM_WAITERS)
		rwsem_wake(s);
}

bool rwsem_is_locked(const struct rwsem *s)
{
	return atomic64_read(&s->count) & ~(int64_t)RWSEM_WAITERS;
}
