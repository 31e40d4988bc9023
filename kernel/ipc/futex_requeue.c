/* SPDX-License-Identifier: MIT */
/*
 * Futex operations on two words: requeue (condition variables) and wake-op. Both buckets are locked, the one with the lower
 * address first; user words are touched under the locks with faults disabled, as in futex.c.
 */
#include "futex_internal.h"
#include <kernel/errno.h>
#include <kernel/uaccess.h>
#include <uapi/futex.h>

struct two_keys {
	struct vm_key k1, k2;
	struct futex_bucket *b1, *b2;
};

static int keys_get(struct two_keys *k, uint32_t __user *u1, uint32_t __user *u2, bool shared, bool write2)
{
	int err = futex_key_get(u1, shared, false, &k->k1);

	if (err)
		return err;
	err = futex_key_get(u2, shared, write2, &k->k2);
	if (err) {
		futex_key_put(&k->k1);
		return err;
	}
	k->b1 = futex_bucket(&k->k1);
	k->b2 = futex_bucket(&k->k2);
	return 0;
}

static void keys_put(struct two_keys *k)
{
	futex_key_put(&k->k2);
	futex_key_put(&k->k1);
}

/* The waiter goes over to the second word. A shared key's reference moves with it: it is taken anew. */
static void requeue_one(struct futex_waiter *w, struct two_keys *k, bool shared, struct vm_key *spare)
{
	if (shared)
		SWAP(w->key, *spare);
	else
		w->key = k->k2;
	if (k->b1 != k->b2) {
		list_move_tail(&w->link, &k->b2->waiters);
		w->bucket = k->b2;
	}
}

long futex_requeue(uint32_t __user *u1, uint32_t __user *u2, bool shared, int nr_wake, int nr_requeue, const uint32_t *cmp)
{
	struct futex_waiter *w, *n;
	struct two_keys k;
	struct vm_key spare;
	bool have_spare;
	uint32_t now;
	long done;
	int err, woken, moved;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
	woken = moved = 0;
again:
	have_spare = false;
	err = keys_get(&k, u1, u2, shared, false);
	if (err)
		return woken + moved ? woken + moved : err;
	if (shared && moved < nr_requeue) {
		/* The reference for one waiter that moves; looking a key up may sleep, so it is done before the locks. */
		err = futex_key_get(u2, true, false, &spare);
		if (err) {
			keys_put(&k);
			return err;
		}
		have_spare = true;
	}
	futex_lock_two(k.b1, k.b2);
	if (cmp && !(woken + moved)) {
		err = get_user(now, u1);
		if (err || now != *cmp) {
			futex_unlock_two(k.b1, k.b2);
			if (have_spare)
				futex_key_put(&spare);
			keys_put(&k);
			if (!err)
				return -EAGAIN;
			if (get_user(now, u1))
				return -EFAULT;
			goto again;
		}
	}
	done = -1;
	list_for_each_entry_safe(w, n, &k.b1->waiters, link) {
		if (!key_equal(&w->key, &k.k1))
			continue;
		if (!futex_waiter_ordinary(w)) {
			err = -EINVAL;
			break;
		}
		if (woken < nr_wake) {
			futex_wake_one(w);
			woken++;
			continue;
		}
		if (moved >= nr_requeue)
			break;
		if (key_equal(&k.k1, &k.k2)) {
			moved++;	/* to where it is */
			continue;
		}
		if (shared && !have_spare) {
			done = 0;	/* another round with another reference */
			break;
		}
		requeue_one(w, &k, shared, &spare);
		moved++;
		if (shared) {
			/* spare holds the first word's reference now, given back below. */
			have_spare = false;
			futex_unlock_two(k.b1, k.b2);
			futex_key_put(&spare);
			keys_put(&k);
			goto again;
		}
	}
	futex_unlock_two(k.b1, k.b2);
	if (have_spare)
		futex_key_put(&spare);
	keys_put(&k);
	if (done == 0)
		goto again;
	return err ? err : woken + moved;
}

/* The comparison of a wake-op with the word's old value; -ENOSYS: there is no such one. */
static int compare(unsigned cmp, int32_t old, int32_t arg)
{
	switch (cmp) {
	case FUTEX_OP_CMP_EQ: return old == arg;
	case FUTEX_OP_CMP_NE: return old != arg;
	case FUTEX_OP_CMP_LT: return old < arg;
	case FUTEX_OP_CMP_LE: return old <= arg;
	case FUTEX_OP_CMP_GT: return old > arg;
	case FUTEX_OP_CMP_GE: return old >= arg;
	}
	return -ENOSYS;
}

static int wake_matching(struct futex_bucket *b, const struct vm_key *key, int nr)
{
	struct futex_waiter *w, *n;
	int woken = 0;

	list_for_each_entry_safe(w, n, &b->waiters, link) {
		if (!key_equal(&w->key, key))
			continue;
		if (!futex_waiter_ordinary(w))
			return -EINVAL;
		futex_wake_one(w);
		if (++woken >= nr)
			break;
	}
	return woken;
}

long futex_wake_op(uint32_t __user *u1, uint32_t __user *u2, bool shared, int nr_wake, int nr_wake2, uint32_t encoded)
{
	unsigned op = encoded >> 28 & 7, cmp = encoded >> 24 & 15;
	int32_t arg = (int32_t)(encoded << 8) >> 20, cmparg = (int32_t)(encoded << 20) >> 20;
	struct two_keys k;
	uint32_t old;
	int err, ret;

	if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
		arg = (int32_t)(1u << (arg & 31));
	if (op > FUTEX_OP_XOR)
		return -ENOSYS;
again:
	err = keys_get(&k, u1, u2, shared, true);
	if (err)
		return err;
	futex_lock_two(k.b1, k.b2);
	if (arch_user_atomic_op32((int)op, arg, u2, &old)) {
		futex_unlock_two(k.b1, k.b2);
		keys_put(&k);
		if (arch_user_fault_in(u2, true))
			return -EFAULT;
		goto again;
	}
	ret = compare(cmp, (int32_t)old, cmparg);
	if (ret >= 0) {
		bool second = ret;

		ret = wake_matching(k.b1, &k.k1, nr_wake);
		if (second && ret >= 0) {
			int more = wake_matching(k.b2, &k.k2, nr_wake2);

			ret = more < 0 ? more : ret + more;
		}
	}
	futex_unlock_two(k.b1, k.b2);
	keys_put(&k);
	return ret;
}
