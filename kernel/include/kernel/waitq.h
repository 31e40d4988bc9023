/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. Every object that can be waited for has its own; a wake-up wakes those who asked.
 *
 * A sleeper enqueues itself, sets its state, tests the condition again, and only then sleeps; wait_event*()
 * does this. A waker changes the condition, then wakes: the queue's lock orders the two, so no wake-up
 * is lost. waitq_wake() is cheap when nobody waits (one load behind a full barrier).
 *
 * Locks: waitq.lock (LR_WAITQ), taken with interrupts off; call-backs run under it and must not sleep.
 */
#pragma once
#include <kernel/errno.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <arch/barrier.h>

struct task;
struct waiter;
/* Returns true when this waiter counts as woken (exclusive accounting). @key: poll events or object's own. */
typedef bool (*waiter_fn)(struct waiter *w, unsigned mode, uint32_t key);

struct waitq {
	struct spinlock lock;
	struct list_head head;
};
struct waiter {
	struct list_head link;
	struct task *task;
	waiter_fn fn;		/* NULL: wake ->task and unlink */
	bool exclusive;		/* wake at most n of these */
};
#define WAITQ_INIT(n) { SPINLOCK_INIT(LR_WAITQ), LIST_HEAD_INIT((n).head) }
#define DEFINE_WAITQ(n) struct waitq n = WAITQ_INIT(n)
void waitq_init(struct waitq *q);
/* For a queue that is woken from another queue's call-back (epoll's own). */
void waitq_init_inner(struct waitq *q);

static inline bool waitq_active(struct waitq *q)
{
	smp_mb();	/* the condition was stored before we look for sleepers; pairs with set_task_state()'s */
	return !list_empty(&q->head);
}
/* Wakes all non-exclusive waiters and at most @nr exclusive ones. Any context. */
void waitq_wake_nr(struct waitq *q, unsigned nr, uint32_t key);
static inline void waitq_wake(struct waitq *q) { if (waitq_active(q)) waitq_wake_nr(q, 1, 0); }
static inline void waitq_wake_all(struct waitq *q) { if (waitq_active(q)) waitq_wake_nr(q, UINT32_MAX, 0); }
/* With poll events for key: waiters that asked for other events sleep on. */
static inline void waitq_wake_poll(struct waitq *q, uint32_t events) { if (waitq_active(q)) waitq_wake_nr(q, 1, events); }
static inline void waitq_wake_all_poll(struct waitq *q, uint32_t events) { if (waitq_active(q)) waitq_wake_nr(q, UINT32_MAX, events); }

void waiter_init(struct waiter *w, struct task *t);
void waitq_add(struct waitq *q, struct waiter *w);		/* call-back waiters: poll, epoll */
void waitq_remove(struct waitq *q, struct waiter *w);
/* Enqueue (unless queued) and set the state of the running task: TASK_INTERRUPTIBLE, TASK_KILLABLE or TASK_UNINTERRUPTIBLE. */
void waitq_prepare(struct waitq *q, struct waiter *w, unsigned state);
void waitq_prepare_exclusive(struct waitq *q, struct waiter *w, unsigned state);
void waitq_finish(struct waitq *q, struct waiter *w);
/* The same for a sleeper that gives up (signal, time-out): a wake-up that it took as an exclusive waiter goes to the next one. */
void waitq_abort(struct waitq *q, struct waiter *w);

/* Sleep until woken, a signal that ends this state's sleep is pending, or @deadline. See sched.h. */
bool schedule_deadline(nsec_t deadline);	/* false: the deadline passed */
void schedule(void);
bool signal_pending_state(unsigned state, struct task *t);

/* 0; -ERESTARTSYS on a signal (interruptible and killable); -ETIMEDOUT. The condition wins over both. */
#define wait_event_state(q, cond, state, deadline, excl) ({                                        \
	int _ret = 0;                                                                              \
	if (!(cond)) {                                                                             \
		struct waiter _w;                                                                  \
		nsec_t _dl = (deadline);                                                           \
		bool _in_time = true;                                                              \
		waiter_init(&_w, current);                                                         \
		for (;;) {                                                                         \
			if (excl)                                                                  \
				waitq_prepare_exclusive(q, &_w, state);                            \
			else                                                                       \
				waitq_prepare(q, &_w, state);                                      \
			if (cond)                                                                  \
				break;                                                             \
			if (signal_pending_state(state, current)) {                                \
				_ret = -ERESTARTSYS;                                               \
				break;                                                             \
			}                                                                          \
			if (!_in_time) {                                                           \
				_ret = -ETIMEDOUT;                                                 \
				break;                                                             \
			}                                                                          \
			_in_time = schedule_deadline(_dl);                                         \
		}                                                                                  \
		if (_ret)                                                                          \
			waitq_abort(q, &_w);                                                       \
		else                                                                               \
			waitq_finish(q, &_w);                                                      \
	}                                                                                          \
	_ret; })
#define wait_event(q, cond) ((void)wait_event_state(q, cond, TASK_UNINTERRUPTIBLE, NSEC_NEVER, false))
#define wait_event_interruptible(q, cond) wait_event_state(q, cond, TASK_INTERRUPTIBLE, NSEC_NEVER, false)
#define wait_event_killable(q, cond) wait_event_state(q, cond, TASK_KILLABLE, NSEC_NEVER, false)
#define wait_event_exclusive(q, cond) wait_event_state(q, cond, TASK_INTERRUPTIBLE, NSEC_NEVER, true)
#define wait_event_deadline(q, cond, deadline) wait_event_state(q, cond, TASK_INTERRUPTIBLE, deadline, false)

/* One-shot events. */
struct completion {
	struct waitq wait;
	bool done;
};
void completion_init(struct completion *c);
void complete(struct completion *c);
void wait_for_completion(struct completion *c);
int wait_for_completion_killable(struct completion *c) __must_check;	/* 0 or -EINTR */
