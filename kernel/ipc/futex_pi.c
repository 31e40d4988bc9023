/* SPDX-License-Identifier: MIT */
/*
 * Futexes with priority inheritance: FUTEX_LOCK_PI and its kin, and the condition variables on top (REQUEUE_PI).
 *
 * The word holds the owner's tid, FUTEX_WAITERS (its unlock must come to us) and FUTEX_OWNER_DIED. Who finds it taken sets
 * FUTEX_WAITERS and hangs a waiter with a futex_pi into the word's bucket; the futex_pi is found through any waiter of the same
 * word and lives as long as there is one. An unlock gives the lock to the first waiter directly: it writes the new owner's tid
 * into the word, makes it the owner in the graph (kernel/sync/pi.c) and wakes it. A waiter leaves the bucket by itself,
 * so a word whose lock was given is never seen without its futex_pi before its owner has returned to user mode.
 *
 * An owner that exits gives its locks on in the same way, but cannot write all the words: the next owner does that, with
 * FUTEX_OWNER_DIED (pi_fix_word).
 *
 * What user space wrote into the word is checked against what we know and answered with EINVAL where they differ: futex(2),
 * and the comments of FUTEX_LOCK_PI there.
 *
 * Locks: bucket (two by address), then pi_lock. The word is accessed under them with faults disabled; a miss drops them, faults
 * the page in, and everything starts again.
 */
#include "futex_internal.h"
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/uaccess.h>
#include <uapi/futex.h>

static DEFINE_WAITQ(exit_wait);		/* for a task to be done with its robust list */

static struct futex_pi *pi_alloc(void)
{
	struct futex_pi *p = kmalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	pi_lock_init(&p->lock);
	p->refs = 0;
	p->owner_died = false;
	return p;
}

static struct futex_waiter *find_waiter(struct futex_bucket *b, const struct vm_key *key)
{
	struct futex_waiter *w;

	list_for_each_entry(w, &b->waiters, link)
		if (key_equal(&w->key, key))
			return w;
	return NULL;
}

/* ---- becoming the owner, or a waiter */

/* The state of a word that others wait for already: does the word agree with it? */
static int pi_attach_known(uint32_t v, struct futex_waiter *top, struct futex_pi **out)
{
	uint32_t tid = v & FUTEX_TID_MASK;
	struct task *owner;
	int err = -EINVAL;

	if (!top->pi)
		return -EINVAL;		/* somebody sleeps here by FUTEX_WAIT */
	spin_lock(&pi_lock);
	owner = top->pi->lock.owner;
	/* Between the death of an owner and its heir's mark on the word, the word names nobody or the dead one. */
	if (owner && (tid == (uint32_t)owner->tid || ((v & FUTEX_OWNER_DIED) && !tid) || top->pi->owner_died))
		err = 0;
	spin_unlock(&pi_lock);
	if (!err)
		*out = top->pi;
	return err;
}

/*
 * The first to wait: who is the owner? -ESRCH: nobody of that id, and the word still says so; -EAGAIN: the word has changed;
 * -EBUSY: *exiting (with a reference) is about to mark the word.
 */
static int pi_attach_owner(uint32_t __user *uaddr, uint32_t v, struct futex_pi *p, struct task **exiting)
{
	struct task *t = task_find_get((pid_t)(v & FUTEX_TID_MASK));
	unsigned state = FUTEX_STATE_DEAD;
	uint32_t now;

	if (t && (t->flags & TF_KTHREAD)) {
		task_put(t);
		return -EPERM;
	}
	if (t) {
		spin_lock(&pi_lock);
		pi_set_owner(&p->lock, t);
		smp_mb();	/* the list before the state: pairs with the one in futex_pi_exit() */
		state = READ_ONCE(t->futex_state);
		if (state != FUTEX_STATE_OK)
			pi_set_owner(&p->lock, NULL);
		spin_unlock(&pi_lock);
		if (state == FUTEX_STATE_EXITING) {
			*exiting = t;
			return -EBUSY;
		}
		task_put(t);
	}
	if (state == FUTEX_STATE_OK)
		return 0;
	if (get_user(now, uaddr))
		return -EFAULT;
	return now == v ? -ESRCH : -EAGAIN;
}

/*
 * Takes the lock for @t if it is free: 1. Else marks the word and finds the state to wait with: 0, *out; made of *spare, which
 * is NULL then, if nobody waits yet. -EFAULT: the word has to be faulted in. Bucket lock held.
 */
static int pi_take(uint32_t __user *uaddr, struct futex_bucket *b, const struct vm_key *key, struct task *t, bool set_waiters,
		   struct futex_pi **spare, struct futex_pi **out, struct task **exiting)
{
	struct futex_waiter *top;
	uint32_t v, new, was;
	int err;

	if (get_user(v, uaddr))
		return -EFAULT;
	if ((v & FUTEX_TID_MASK) == (uint32_t)t->tid)
		return -EDEADLK;
	top = find_waiter(b, key);
	if (top) {
		err = pi_attach_known(v, top, out);
		if (err)
			return err;
	}
	new = v | FUTEX_WAITERS;
	if (!top && !(v & FUTEX_TID_MASK))
		new = (v & FUTEX_OWNER_DIED) | (uint32_t)t->tid | (set_waiters ? FUTEX_WAITERS : 0);
	if (new != v) {
		if (arch_user_cmpxchg32(uaddr, v, new, &was))
			return -EFAULT;
		if (was != v)
			return -EAGAIN;
	}
	if (top)
		return 0;
	if (!(v & FUTEX_TID_MASK))
		return 1;
	err = pi_attach_owner(uaddr, new, *spare, exiting);
	if (err)
		return err;
	*out = *spare;
	*spare = NULL;
	return 0;
}

/* Nobody waits with @p any more (bucket lock held): the caller frees it. */
static struct futex_pi *pi_drop(struct futex_pi *p)
{
	if (p->refs)
		return NULL;
	spin_lock(&pi_lock);
	if (p->lock.owner)
		pi_set_owner(&p->lock, NULL);
	spin_unlock(&pi_lock);
	return p;
}

/* @w waits with @p, if that makes no circle. Bucket lock held; the caller links @w into the bucket. */
static int pi_join(struct futex_waiter *w, struct futex_pi *p)
{
	int err;

	spin_lock(&pi_lock);
	w->wait.task = w->task;
	w->given = false;
	err = pi_block(&p->lock, &w->wait);
	if (!err) {
		w->pi = p;
		p->refs++;
	}
	spin_unlock(&pi_lock);
	return err;
}

/* What a failed attempt needs before the next one. 0: try again. */
static int pi_resolve(int err, uint32_t __user *uaddr, struct task **exiting)
{
	if (err == -EFAULT)
		return arch_user_fault_in(uaddr, true) ? -EFAULT : 0;
	if (err == -EBUSY) {
		struct task *t = *exiting;

		wait_event(&exit_wait, READ_ONCE(t->futex_state) != FUTEX_STATE_EXITING);
		task_put(t);
		*exiting = NULL;
		return 0;
	}
	if (err == -EAGAIN) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		return 0;
	}
	return err;
}

/* ---- giving it on */

/* The first waiter becomes the owner; pi_lock held. It may run at once, but leaves only under pi_lock. */
static void pi_give(struct futex_pi *p)
{
	struct pi_waiter *first = pi_top_waiter(&p->lock);
	struct futex_waiter *w;

	if (!first) {
		pi_set_owner(&p->lock, NULL);
		return;
	}
	w = container_of(first, struct futex_waiter, wait);
	pi_unblock(first);
	pi_set_owner(&p->lock, w->task);
	WRITE_ONCE(w->given, true);
	wake_up_task(w->task);
}

void futex_pi_exit(struct task *t)
{
	WRITE_ONCE(t->futex_state, FUTEX_STATE_DEAD);
	smp_mb();	/* the state before the list: pairs with the one in pi_attach_owner() */
	waitq_wake_all(&exit_wait);
	if (likely(list_empty(&t->pi_states)))
		return;
	spin_lock(&pi_lock);
	while (!list_empty(&t->pi_states)) {
		struct futex_pi *p = container_of(list_first_entry(&t->pi_states, struct pi_lock_state, owner_link),
						  struct futex_pi, lock);

		p->owner_died = true;
		pi_give(p);
	}
	spin_unlock(&pi_lock);
}

long futex_unlock_pi(uint32_t __user *uaddr, bool shared)
{
	uint32_t v, was, me = (uint32_t)current->tid;
	struct futex_waiter *top;
	struct pi_waiter *next;
	struct futex_bucket *b;
	struct vm_key key;
	int err;

again:
	if (get_user(v, uaddr))
		return -EFAULT;
	if ((v & FUTEX_TID_MASK) != me)
		return -EPERM;
	err = futex_key_get(uaddr, shared, true, &key);
	if (err)
		return err;
	b = futex_bucket_lock(&key);
	top = find_waiter(b, &key);
	if (!top) {
		err = arch_user_cmpxchg32(uaddr, v, 0, &was);
		if (!err && was != v)
			err = -EAGAIN;
	} else if (!top->pi) {
		err = -EINVAL;
	} else {
		spin_lock(&pi_lock);
		next = pi_top_waiter(&top->pi->lock);
		if (top->pi->lock.owner != current || !next) {
			err = -EINVAL;
		} else {
			err = arch_user_cmpxchg32(uaddr, v, (uint32_t)next->task->tid | FUTEX_WAITERS, &was);
			if (!err && was != v)	/* only FUTEX_WAITERS may have come meanwhile */
				err = (was & FUTEX_TID_MASK) == v ? -EAGAIN : -EINVAL;
			if (!err)
				pi_give(top->pi);
		}
		spin_unlock(&pi_lock);
	}
	spin_unlock(&b->lock);
	futex_key_put(&key);
	if (err == -EFAULT || err == -EAGAIN) {
		err = pi_resolve(err, uaddr, NULL);
		if (!err)
			goto again;
	}
	return err;
}

/* ---- waiting */

static void pi_sleep(struct futex_waiter *w, struct futex_timer *to)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!READ_ONCE(w->bucket) || READ_ONCE(w->given) || signal_pending(current) || READ_ONCE(to->fired))
			break;
		schedule();
	}
	set_current_running();
}

/*
 * The lock was inherited from a dead owner: the word gets our tid. Called and returns with the bucket's lock held. If the word
 * is not there any more the lock goes on to the next waiter, who has to mark it too.
 */
static int pi_fix_word(struct futex_waiter *w, struct futex_bucket *b, uint32_t __user *uaddr)
{
	uint32_t v, was;

	for (;;) {
		if (!get_user(v, uaddr) &&
		    !arch_user_cmpxchg32(uaddr, v, (uint32_t)w->task->tid | FUTEX_WAITERS | FUTEX_OWNER_DIED, &was)) {
			if (was != v)
				continue;
			spin_lock(&pi_lock);
			w->pi->owner_died = false;
			spin_unlock(&pi_lock);
			return 0;
		}
		spin_unlock(&b->lock);
		if (arch_user_fault_in(uaddr, true)) {
			spin_lock(&b->lock);
			spin_lock(&pi_lock);
			pi_give(w->pi);
			spin_unlock(&pi_lock);
			return -EFAULT;
		}
		spin_lock(&b->lock);
	}
}

/* A waiter that has slept leaves, as the owner or not: 0, or @err (why it stopped waiting). */
static int pi_leave(struct futex_waiter *w, uint32_t __user *uaddr, int err)
{
	struct futex_bucket *b = w->bucket;	/* a waiter with a futex_pi is moved no more */
	struct futex_pi *dead;
	bool fix = false;

	spin_lock(&b->lock);
	spin_lock(&pi_lock);
	if (w->given) {
		err = 0;
		fix = w->pi->owner_died;
	} else {
		pi_unblock(&w->wait);
	}
	spin_unlock(&pi_lock);
	if (fix)
		err = pi_fix_word(w, b, uaddr);
	list_del(&w->link);
	w->bucket = NULL;
	w->pi->refs--;
	dead = pi_drop(w->pi);
	spin_unlock(&b->lock);
	kfree(dead);
	return err;
}

long futex_lock_pi(uint32_t __user *uaddr, bool shared, nsec_t deadline, bool realtime, bool try)
{
	struct futex_waiter w = { .task = current, .bitset = FUTEX_BITSET_MATCH_ANY };
	struct task *exiting = NULL;
	struct futex_pi *spare = NULL, *p = NULL;
	struct futex_bucket *b;
	struct futex_timer to;
	int err;

again:
	if (!spare) {
		spare = pi_alloc();
		if (!spare)
			return -ENOMEM;
	}
	err = futex_key_get(uaddr, shared, true, &w.key);
	if (err)
		goto out;
	b = futex_bucket_lock(&w.key);
	err = pi_take(uaddr, b, &w.key, current, false, &spare, &p, &exiting);
	if (!err) {
		err = try ? -EWOULDBLOCK : pi_join(&w, p);
		if (err) {
			spare = pi_drop(p);
			spin_unlock(&b->lock);
			goto out_key;
		}
		w.bucket = b;
		futex_bucket_insert(b, &w);
		spin_unlock(&b->lock);
		futex_timer_start(&to, deadline, realtime);
		pi_sleep(&w, &to);
		futex_timer_stop(&to);
		err = pi_leave(&w, uaddr, READ_ONCE(to.fired) ? -ETIMEDOUT : -ERESTARTNOINTR);
		goto out_key;
	}
	spin_unlock(&b->lock);
	if (err == 1) {
		err = 0;
		goto out_key;
	}
	futex_key_put(&w.key);
	err = pi_resolve(err, uaddr, &exiting);
	if (!err)
		goto again;
	goto out;
out_key:
	futex_key_put(&w.key);
out:
	kfree(spare);
	return err;
}

/* ---- condition variables */

long futex_wait_requeue_pi(uint32_t __user *u1, uint32_t __user *u2, bool shared, uint32_t val, nsec_t deadline, bool realtime)
{
	struct futex_waiter w = { .task = current, .bitset = FUTEX_BITSET_MATCH_ANY };
	struct futex_bucket *b;
	struct futex_timer to;
	struct vm_key target;
	int err;

	if (u1 == u2)
		return -EINVAL;
	err = futex_key_get(u2, shared, true, &target);
	if (err)
		return err;
	w.target = &target;
	err = futex_queue(&w, u1, shared, val);
	if (err)
		goto out;
	futex_timer_start(&to, deadline, realtime);
	if (key_equal(&w.key, &target))
		err = -EINVAL;
	else
		pi_sleep(&w, &to);
	set_current_running();
	futex_timer_stop(&to);
	for (;;) {
		b = smp_load_acquire(&w.bucket);
		if (!b)
			goto out_key;	/* the requeuing thread took the lock for us */
		spin_lock(&b->lock);
		if (b == w.bucket)
			break;
		spin_unlock(&b->lock);	/* it has just been moved */
	}
	if (!w.pi) {
		list_del(&w.link);
		spin_unlock(&b->lock);
		if (!err)
			err = READ_ONCE(to.fired) ? -ETIMEDOUT : -ERESTARTNOINTR;
		goto out_key;
	}
	spin_unlock(&b->lock);
	/* Moved, so the condition was signalled: the call cannot start again, the user has to take the lock. */
	err = pi_leave(&w, u2, READ_ONCE(to.fired) ? -ETIMEDOUT : -EWOULDBLOCK);
out_key:
	futex_key_put(&w.key);
out:
	futex_key_put(&target);
	return err;
}

struct requeue {
	uint32_t __user *u2;
	struct vm_key k1, k2, key;	/* key: another reference to the second word, for the waiter that moves */
	struct futex_bucket *b1, *b2;
	struct futex_pi *spare;
	struct task *exiting;
	bool moved;			/* key has gone to a waiter, whose own is in it */
};

/* One waiter gets the lock, or waits for it. Both buckets locked. */
static int requeue_waiter(struct requeue *r, struct futex_waiter *w, bool set_waiters)
{
	struct futex_pi *p;
	int err;

	if (!w->target || w->pi || !key_equal(w->target, &r->k2))
		return -EINVAL;
	err = pi_take(r->u2, r->b2, &r->k2, w->task, set_waiters, &r->spare, &p, &r->exiting);
	if (err == 1) {
		futex_wake_one(w);
		return 0;
	}
	if (err)
		return err;
	err = pi_join(w, p);
	if (err) {
		struct futex_pi *dead = pi_drop(p);

		if (dead)
			r->spare = dead;
		return err;
	}
	SWAP(w->key, r->key);
	r->moved = true;
	list_move_tail(&w->link, &r->b2->waiters);
	w->bucket = r->b2;
	return 0;
}

/* As many as one look at the keys allows. 1: there may be more. */
static int requeue_round(struct requeue *r, uint32_t __user *u1, int limit, int *count, const uint32_t *cmp, bool set_waiters)
{
	struct futex_waiter *w, *n;
	uint32_t now;
	int err;

	if (cmp) {
		if (get_user(now, u1))
			return -ENXIO;	/* the first word, not the second: for the caller only */
		if (now != *cmp)
			return -ENOENT;
	}
	list_for_each_entry_safe(w, n, &r->b1->waiters, link) {
		if (!key_equal(&w->key, &r->k1))
			continue;
		if (*count >= limit)
			break;
		err = requeue_waiter(r, w, set_waiters);
		if (err)
			return err;
		++*count;
		if (r->moved)
			return 1;
	}
	return 0;
}

long futex_requeue_pi(uint32_t __user *u1, uint32_t __user *u2, bool shared, int nr_wake, int nr_requeue, uint32_t cmp)
{
	struct requeue r = { .u2 = u2 };
	int err, count = 0, limit;

	if (nr_requeue < 0 || nr_wake != 1 || u1 == u2)
		return -EINVAL;
	limit = nr_requeue == INT32_MAX ? nr_requeue : nr_requeue + 1;
again:
	if (!r.spare) {
		r.spare = pi_alloc();
		if (!r.spare)
			return -ENOMEM;
	}
	err = futex_key_get(u1, shared, false, &r.k1);
	if (err)
		goto out;
	err = futex_key_get(u2, shared, true, &r.k2);
	if (err)
		goto out_k1;
	err = key_equal(&r.k1, &r.k2) ? -EINVAL : futex_key_get(u2, shared, true, &r.key);
	if (err)
		goto out_k2;
	r.b1 = futex_bucket(&r.k1);
	r.b2 = futex_bucket(&r.k2);
	r.moved = false;
	futex_lock_two(r.b1, r.b2);
	err = requeue_round(&r, u1, limit, &count, count ? NULL : &cmp, nr_requeue != 0);
	futex_unlock_two(r.b1, r.b2);
	futex_key_put(&r.key);
	futex_key_put(&r.k2);
	futex_key_put(&r.k1);
	if (err == -ENOENT) {
		err = -EAGAIN;
		goto out;
	}
	if (err == -ENXIO)
		err = arch_user_fault_in(u1, false);
	else if (err == 1)
		err = 0;
	else if (err)
		err = pi_resolve(err, u2, &r.exiting);
	else
		goto out;
	if (!err)
		goto again;
	goto out;
out_k2:
	futex_key_put(&r.k2);
out_k1:
	futex_key_put(&r.k1);
out:
	kfree(r.spare);
	return err ? err : count;
}
