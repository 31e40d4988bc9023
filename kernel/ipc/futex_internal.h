/* SPDX-License-Identifier: MIT */
/* Inside the futex files. */
#pragma once
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/vm.h>

#define FUTEX_BUCKETS	256u		/* a power of two */

struct futex_bucket {
	struct spinlock lock;		/* LR_FUTEX; two: the lower address first */
	struct list_head waiters;
} __cacheline_aligned;

struct futex_waiter {
	struct list_head link;		/* [bucket lock] */
	struct task *task;
	struct vm_key key;		/* [bucket lock]: requeue changes it */
	uint32_t bitset;
	struct futex_bucket *bucket;	/* NULL: woken; stored last by the waker */
};

/* The identity of a futex word. Private: (address space, address), nothing to look up. */
int futex_key_get(uint32_t __user *uaddr, bool shared, bool write, struct vm_key *key) __must_check;
static inline void futex_key_put(struct vm_key *key)
{
	if (key->shared)
		vm_futex_key_put(key);
}
struct futex_bucket *futex_bucket(const struct vm_key *key);
static inline bool key_equal(const struct vm_key *x, const struct vm_key *y)
{
	return x->a == y->a && x->b == y->b && x->offset == y->offset && x->shared == y->shared;
}
/* Bucket lock held: unlinks and wakes. */
void futex_wake_one(struct futex_waiter *w);
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);
long futex_wake(uint32_t __user *uaddr, bool shared, int nr, uint32_t bitset);
long futex_requeue(uint32_t __user *uaddr1, uint32_t __user *uaddr2, bool shared, int nr_wake, int nr_requeue, const uint32_t *cmp);
long futex_wake_op(uint32_t __user *uaddr1, uint32_t __user *uaddr2, bool shared, int nr_wake, int nr_wake2, uint32_t op);
