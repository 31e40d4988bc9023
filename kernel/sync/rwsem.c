/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer semaphores. count: bit 0 a writer holds it, bit 1 somebody waits, bit 2 the lock is reserved for the head of
 * the queue, readers above in units of RWSEM_READER. The fast paths are one compare-and-swap: a writer's when
 * the count is 0, a reader's while no writer holds it and nobody waits.
 *
 * Who does not get it spins while the writer that has it runs on another CPU: it will be gone sooner than we could sleep and
 * wake. A spinner may take a lock that is entirely free although others wait (they are on their way, the lock is
 * busy meanwhile). The rest queue in order. A release wakes the head: a writer, which then competes; or all the readers
 * in front of the next writer, to whom it gives the lock at once, since readers are not in each other's way. A head that
 * was woken and found the lock taken reserves it: from then on nobody passes it, so each waiter loses at most one race.
 *
 * Invariants: RWSEM_WAITERS is set exactly while the queue is not empty, RWSEM_RESERVED only then; both change under s->lock.
 * Only the fast paths, spinners that steal, and releases change the count without s->lock.
 *
 * s->lock (LR_SEM) protects the queue; taken with interrupts on or off, never from interrupts.
 */
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include "lockdep.h"

#define RWSEM_WRITER	1
#define RWSEM_WAITERS	2
#define RWSEM_RESERVED	4
#define RWSEM_READER	8
#define RWSEM_READERS	(~(int64_t)7)
#define RWSEM_QUEUE	(RWSEM_WAITERS | RWSEM_RESERVED)

#define SPIN_LIMIT	200	/* looks at a running writer before sleeping */
#define SPIN_READERS	20	/* looks at readers, of whom we do not know whether they run */

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

/* Adds @add and clears @clear when (count & busy) == 0. The bits can change under us by fast paths of others. */
static bool count_take(struct rwsem *s, int64_t busy, int64_t add, int64_t clear)
{
	int64_t c = atomic64_read(&s->count);

	while (!(c & busy)) {
		if (count_cas(s, c, (c + add) & ~clear))
			return true;
		c = atomic64_read(&s->count);
	}
	return false;
}

/*
 * Spins while whoever has the lock is likely to be gone soon. @head: we are the head of the queue, for whom the lock may be
 * reserved, and only look. True: the lock was entirely free (head), or it is ours (others).
 */
static bool rwsem_spin(struct rwsem *s, bool writer, bool head)
{
	unsigned readers = 0;
	bool got = false;

	if (nr_cpus == 1)
		return false;
	rcu_read_lock();	/* the writer's struct stays while we look at it */
	for (int i = 0; i < SPIN_LIMIT; i++) {
		int64_t c = atomic64_read(&s->count);
		struct task *t = READ_ONCE(s->writer);

		if ((c & RWSEM_RESERVED) && !head)
			break;
		if (!(c & (RWSEM_WRITER | RWSEM_READERS)) || (!writer && !(c & (RWSEM_WRITER | RWSEM_WAITERS)))) {
			got = head || count_cas(s, c, c + (writer ? RWSEM_WRITER : RWSEM_READER));
			if (got)
				break;
			continue;
		}
		if (!(c & RWSEM_WRITER) && ++readers > SPIN_READERS)
			break;
		if (READ_ONCE(current->head.work) & TIF_NEED_RESCHED)
			break;
		/* A writer that has just come has not stored its name yet. */
		if ((c & RWSEM_WRITER) && t && !task_is_running(t))
			break;
		arch_cpu_relax();
	}
	if (got && writer && !head)
		s->writer = current;
	rcu_read_unlock();
	return got;
}

/* The queue has changed, or the lock been released: its head is woken, or has the lock. s->lock held. */
static void rwsem_advance(struct rwsem *s)
{
	struct rwsem_waiter *w;

	/* Under s->lock preemption is off, so a woken task's struct stays. */
	while ((w = list_first_entry_or_null(&s->waiters, struct rwsem_waiter, link)) != NULL) {
		struct task *t = w->task;

		if (w->writer) {
			if (!(atomic64_read(&s->count) & (RWSEM_WRITER | RWSEM_READERS)))
				wake_up_task(t);
			break;
		}
		if (!count_take(s, RWSEM_WRITER, RWSEM_READER, RWSEM_RESERVED)) {
			/* A writer was quicker: the next one will not be, if it is not gone already. */
			atomic64_or(&s->count, RWSEM_RESERVED);
			if (atomic64_read(&s->count) & RWSEM_WRITER)
				break;
			continue;
		}
		list_del(&w->link);
		smp_store_release(&w->task, NULL);
		wake_up_task(t);
	}
	if (list_empty(&s->waiters))
		atomic64_and(&s->count, ~(int64_t)RWSEM_QUEUE);
}

/* A waiter leaves the queue, with or without the lock. s->lock held. */
static void rwsem_leave(struct rwsem *s, struct rwsem_waiter *w, bool head)
{
	list_del(&w->link);
	if (list_empty(&s->waiters))
		atomic64_and(&s->count, ~(int64_t)RWSEM_QUEUE);
	else if (head)
		atomic64_and(&s->count, ~(int64_t)RWSEM_RESERVED);
}

static __noinline int rwsem_wait_write(struct rwsem *s, unsigned state)
{
	struct rwsem_waiter w = { .task = current, .writer = true };
	bool slept = false, head, spun = false;
	int err = 0;

	if (rwsem_spin(s, true, false))
		return 0;
	spin_lock(&s->lock);
	list_add_tail(&w.link, &s->waiters);
	atomic64_or(&s->count, RWSEM_WAITERS);	/* before the look at the count: a release before this one wakes nobody */
	for (;;) {
		head = s->waiters.next == &w.link;
		set_current_state(state);
		if (head && count_take(s, RWSEM_WRITER | RWSEM_READERS, RWSEM_WRITER, 0))
			break;
		if (state != TASK_UNINTERRUPTIBLE && signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		if (head && slept) {
			atomic64_or(&s->count, RWSEM_RESERVED);
			if (!spun) {
				/* It cannot be taken away any more; whoever has it is gone soon, or sleeps. */
				set_current_running();
				spin_unlock(&s->lock);
				spun = !rwsem_spin(s, true, true);
				spin_lock(&s->lock);
				continue;
			}
		}
		spin_unlock(&s->lock);
		schedule();
		slept = true;
		spun = false;
		spin_lock(&s->lock);
	}
	set_current_running();
	rwsem_leave(s, &w, head);
	if (err)
		rwsem_advance(s);	/* a wake-up that was meant for us, or readers behind us */
	else
		s->writer = current;
	spin_unlock(&s->lock);
	return err;
}

static __noinline int rwsem_wait_read(struct rwsem *s, unsigned state)
{
	struct rwsem_waiter w = { .task = current };
	int err = 0;

	if (rwsem_spin(s, false, false))
		return 0;
	spin_lock(&s->lock);
	list_add_tail(&w.link, &s->waiters);
	atomic64_or(&s->count, RWSEM_WAITERS);	/* as above */
	if (s->waiters.next == &w.link && !(atomic64_read(&s->count) & RWSEM_WRITER))
		rwsem_advance(s);	/* released since we looked */
	spin_unlock(&s->lock);
	for (;;) {
		set_current_state(state);
		if (!smp_load_acquire(&w.task))
			break;
		if (state != TASK_UNINTERRUPTIBLE && signal_pending_state(state, current)) {
			spin_lock(&s->lock);
			if (w.task) {
				rwsem_leave(s, &w, s->waiters.next == &w.link);
				rwsem_advance(s);
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
	if (likely(read_fast(s)) || rwsem_wait_read(s, state) == 0)
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
	if (unlikely((c & RWSEM_WAITERS) && !(c & RWSEM_READERS)))
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
	if (rwsem_wait_write(s, state) == 0)
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
	WRITE_ONCE(s->writer, NULL);
	c = __atomic_sub_fetch(&s->count.v, RWSEM_WRITER, __ATOMIC_RELEASE);
	if (unlikely(c & RWSEM_WAITERS))
		rwsem_wake(s);
}

/* From writer to reader without letting another writer in between. */
void downgrade_write(struct rwsem *s)
{
	int64_t c;

	WRITE_ONCE(s->writer, NULL);
	c = __atomic_add_fetch(&s->count.v, RWSEM_READER - RWSEM_WRITER, __ATOMIC_RELEASE);
	if (c & RWSEM_WAITERS)
		rwsem_wake(s);
}

bool rwsem_is_locked(const struct rwsem *s)
{
	return atomic64_read(&s->count) & (RWSEM_WRITER | RWSEM_READERS);
}
