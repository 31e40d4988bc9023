/* SPDX-License-Identifier: MIT */
/*
 * Sleeping locks: mutex, reader-writer semaphore. The uncontended path is one compare-and-swap; the
 * rest is in kernel/sync/. Both wake in order; a woken waiter owns the lock or competes once before it is
 * handed over, so nobody starves. Task context only. Ranks as for spinlocks, kept per task.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>

struct task;
struct __capability("mutex") mutex {
	uintptr_t owner;	/* [a] struct task *; bit 0: there are waiters */
	struct spinlock lock;	/* protects waiters */
	struct list_head waiters;
#if CONFIG_LOCKDEP
	uint16_t rank;
#endif
};
#if CONFIG_LOCKDEP
#define MUTEX_INIT(n, r) { 0, SPINLOCK_INIT(LR_SEM), LIST_HEAD_INIT((n).waiters), (r) }
#else
#define MUTEX_INIT(n, r) { 0, SPINLOCK_INIT(LR_SEM), LIST_HEAD_INIT((n).waiters) }
#endif
#define DEFINE_MUTEX(n, r) struct mutex n = MUTEX_INIT(n, r)
void mutex_init(struct mutex *m, enum lockrank rank);
void mutex_lock(struct mutex *m) __acquires(*m);
void mutex_lock_nested(struct mutex *m) __acquires(*m);		/* second lock of one rank */
int mutex_lock_interruptible(struct mutex *m) __must_check;	/* 0 or -EINTR (a signal is pending) */
int mutex_lock_killable(struct mutex *m) __must_check;
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m) __releases(*m);
static inline bool mutex_is_locked(const struct mutex *m) { return READ_ONCE(m->owner) & ~1ul; }
bool mutex_is_mine(const struct mutex *m);

struct __capability("rwsem") rwsem {
	atomic64_t count;	/* readers held; RWSEM_WRITER when written; RWSEM_WAITERS when a queue exists */
	struct spinlock lock;
	struct list_head waiters;
	struct task *writer;	/* for assertions and the crash report */
#if CONFIG_LOCKDEP
	uint16_t rank;
#endif
};
void rwsem_init(struct rwsem *s, enum lockrank rank);
void down_read(struct rwsem *s) __acquires(*s);
bool down_read_trylock(struct rwsem *s);
int down_read_killable(struct rwsem *s) __must_check;
void up_read(struct rwsem *s) __releases(*s);
void down_write(struct rwsem *s) __acquires(*s);
void down_write_nested(struct rwsem *s) __acquires(*s);
int down_write_killable(struct rwsem *s) __must_check;
bool down_write_trylock(struct rwsem *s);
void up_write(struct rwsem *s) __releases(*s);
void downgrade_write(struct rwsem *s);
bool rwsem_is_locked(const struct rwsem *s);
