/* SPDX-License-Identifier: MIT */
/* Inside the futex files. */
#pragma once
#include <kernel/list.h>
#include <kernel/pi.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/vm.h>

#define FUTEX_BUCKETS	256u		/* a power of two */

struct futex_bucket {
	struct spinlock lock;		/* LR_FUTEX; two: the lower address first */
	struct list_head waiters;
} __cacheline_aligned;

/* A PI futex that somebody waits for. It lives while a waiter of the word is in the bucket. */
struct futex_pi {
	struct pi_lock_state lock;
	unsigned refs;			/* [bucket lock] waiters that point here */
	bool owner_died;		/* [pi_lock] given on by an exiting task: the next owner marks the word */
};

struct futex_waiter {
	struct list_head link;		/* [bucket lock] */
	struct task *task;
	struct vm_key key;		/* [bucket lock]: requeue changes it */
	uint32_t bitset;
	struct futex_bucket *bucket;	/* NULL: woken; stored last by the waker */
	/* Priority inheritance. A waiter with a futex_pi leaves the bucket by itself, also when it was given the lock. */
	struct futex_pi *pi;		/* [bucket lock] the lock it waits for or was given; NULL: an ordinary waiter */
	const struct vm_key *target;	/* FUTEX_WAIT_REQUEUE_PI: the only word it may be moved to; else NULL */
	bool given;			/* [pi_lock] it owns the lock */
	struct pi_waiter wait;
};
static inline bool futex_waiter_ordinary(const struct futex_waiter *w) { return !w->pi && !w->target; }

/* The identity of a futex word. Private: (address space, address), nothing to look up. */
int futex_key_get(uint32_t __user *uaddr, bool shared, bool write, struct vm_key *key) __must_check;
static inline void futex_key_put(struct vm_key *key)
{
	if (key->shared)
		vm_futex_key_put(key);
}
struct futex_bucket *futex_bucket(const struct vm_key *key);
struct futex_bucket *futex_bucket_lock(const struct vm_key *key);	/* ready for use */
static inline bool key_equal(const struct vm_key *x, const struct vm_key *y)
{
	return x->a == y->a && x->b == y->b && x->offset == y->offset && x->shared == y->shared;
}
struct futex_timer {
	struct timer timer;
	struct task *task;
	nsec_t deadline;		/* NSEC_NEVER: none */
	bool fired;
};
void futex_timer_start(struct futex_timer *t, nsec_t deadline, bool realtime);
void futex_timer_stop(struct futex_timer *t);
void futex_bucket_insert(struct futex_bucket *b, struct futex_waiter *w);
/* Links the waiter if the word is @val. The running task's state is set; -EAGAIN: the word differs. */
int futex_queue(struct futex_waiter *w, uint32_t __user *uaddr, bool shared, uint32_t val) __must_check;
/* Takes a waiter out; false: it was woken. */
bool futex_unqueue(struct futex_waiter *w);
/* Bucket lock held: unlinks and wakes. */
void futex_wake_one(struct futex_waiter *w);
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);
long futex_wake(uint32_t __user *uaddr, bool shared, int nr, uint32_t bitset);
long futex_requeue(uint32_t __user *uaddr1, uint32_t __user *uaddr2, bool shared, int nr_wake, int nr_requeue, const uint32_t *cmp);
long futex_wake_op(uint32_t __user *uaddr1, uint32_t __user *uaddr2, bool shared, int nr_wake, int nr_wake2, uint32_t op);
/* futex_pi.c */
long futex_lock_pi(uint32_t __user *uaddr, bool shared, nsec_t deadline, bool realtime, bool try);
long futex_unlock_pi(uint32_t __user *uaddr, bool shared);
long futex_wait_requeue_pi(uint32_t __user *u1, uint32_t __user *u2, bool shared, uint32_t val, nsec_t deadline, bool realtime);
long futex_requeue_pi(uint32_t __user *u1, uint32_t __user *u2, bool shared, int nr_wake, int nr_requeue, uint32_t cmp);
void futex_pi_exit(struct task *t);	/* the locks it owns go on to their first waiters */
