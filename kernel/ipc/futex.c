/* SPDX-License-Identifier: MIT */
/*
 * Futexes: wait and wake on a user word, futex(2); and what exit owes: robust lists, clear_child_tid. Two words at once are
 * futex_requeue.c's, priority inheritance futex_pi.c's, many words futex_waitv.c's.
 *
 * Waiters hang in hashed buckets. A waiter links itself, full barrier, reads the word; a waker (after the user's store to the
 * word), full barrier, looks at the bucket: one of them sees the other, so a wake-up with nobody waiting takes no lock.
 * The word is read under the bucket's lock with faults disabled; when it is not there, the lock is dropped, the page
 * faulted in, and everything starts again.
 *
 * A waker unlinks the waiter and stores bucket = NULL as its last access to the waiter's stack.
 */
#include "futex_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include <uapi/futex.h>
#include "../proc/proc_internal.h"

static struct futex_bucket buckets[FUTEX_BUCKETS] = {
	[0 ... FUTEX_BUCKETS - 1] = { .lock = SPINLOCK_INIT(LR_FUTEX) },
};

/* List heads cannot be initialised statically in an array: an empty one is { NULL, NULL } until its first use. */
static inline bool bucket_empty(const struct futex_bucket *b)
{
	const struct list_head *n = READ_ONCE(b->waiters.next);

	return !n || n == &b->waiters;
}

static inline void bucket_ready(struct futex_bucket *b)
{
	if (unlikely(!b->waiters.next))
		list_init(&b->waiters);
}

int futex_key_get(uint32_t __user *uaddr, bool shared, bool write, struct vm_key *key)
{
	vaddr_t va = (vaddr_t)uaddr;

	if (va & 3)
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	if (!shared) {
		key->a = (uint64_t)current->mm;
		key->b = va & ~(PAGE_SIZE - 1);
		key->offset = (uint32_t)(va & (PAGE_SIZE - 1));
		key->shared = false;
		return 0;
	}
	key->shared = true;
	return vm_futex_key(va, true, write, key);
}

struct futex_bucket *futex_bucket(const struct vm_key *key)
{
	uint64_t h = key->a * 0x9e3779b97f4a7c15ull + key->b + key->offset;

	return &buckets[hash_u64(h, 8)];
}

struct futex_bucket *futex_bucket_lock(const struct vm_key *key)
{
	struct futex_bucket *b = futex_bucket(key);

	spin_lock(&b->lock);
	bucket_ready(b);
	return b;
}

void futex_wake_one(struct futex_waiter *w)
{
	struct task *t = w->task;	/* stays: our lock keeps preemption off, its struct outlives a grace period */

	list_del(&w->link);
	smp_store_release(&w->bucket, NULL);
	wake_up_task(t);
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		SWAP(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock);
	bucket_ready(a);
	bucket_ready(b);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

long futex_wake(uint32_t __user *uaddr, bool shared, int nr, uint32_t bitset)
{
	struct futex_waiter *w, *n;
	struct futex_bucket *b;
	struct vm_key key;
	int err, woken = 0;

	if (!bitset)
		return -EINVAL;
	err = futex_key_get(uaddr, shared, false, &key);
	if (err)
		return err;
	b = futex_bucket(&key);
	smp_mb();	/* the caller's store to the word before our look; pairs with the one in futex_queue() */
	if (bucket_empty(b))
		goto out;
	spin_lock(&b->lock);
	list_for_each_entry_safe(w, n, &b->waiters, link) {
		if (!key_equal(&w->key, &key))
			continue;
		if (unlikely(!futex_waiter_ordinary(w))) {
			woken = -EINVAL;
			break;
		}
		if (!(w->bitset & bitset))
			continue;
		futex_wake_one(w);
		if (++woken >= nr)
			break;
	}
	spin_unlock(&b->lock);
out:
	futex_key_put(&key);
	return woken;
}

/* Real-time waiters stand in front, by priority; the others in order of arrival. */
void futex_bucket_insert(struct futex_bucket *b, struct futex_waiter *w)
{
	int prio = w->task->se.rt_priority;
	struct futex_waiter *o;

	if (likely(!prio)) {
		list_add_tail(&w->link, &b->waiters);
		return;
	}
	list_for_each_entry(o, &b->waiters, link)
		if (o->task->se.rt_priority < prio)
			break;
	list_add_tail(&w->link, &o->link);
}

/* Takes a waiter out; false: it was woken. The bucket may change under us by a requeue. */
bool futex_unqueue(struct futex_waiter *w)
{
	for (;;) {
		struct futex_bucket *b = smp_load_acquire(&w->bucket);

		if (!b)
			return false;
		spin_lock(&b->lock);
		if (b == w->bucket) {
			list_del(&w->link);
			w->bucket = NULL;
			spin_unlock(&b->lock);
			return true;
		}
		spin_unlock(&b->lock);
	}
}

int futex_queue(struct futex_waiter *w, uint32_t __user *uaddr, bool shared, uint32_t val)
{
	struct futex_bucket *b;
	uint32_t now;
	int err;

	for (;;) {
		err = futex_key_get(uaddr, shared, false, &w->key);
		if (err)
			return err;
		b = futex_bucket_lock(&w->key);
		w->bucket = b;
		futex_bucket_insert(b, w);
		smp_mb();	/* the link before the load: a waker that looks without the lock stores the value first */
		err = get_user(now, uaddr);
		if (!err && now == val) {
			/* Only now: who sees us asleep may change the value and still expect us to be woken. */
			set_current_state(TASK_INTERRUPTIBLE);
			spin_unlock(&b->lock);
			return 0;
		}
		list_del(&w->link);
		w->bucket = NULL;
		spin_unlock(&b->lock);
		futex_key_put(&w->key);
		if (!err)
			return -EAGAIN;
		if (get_user(now, uaddr))
			return -EFAULT;
	}
}

static void futex_timeout(struct timer *timer)
{
	struct futex_timer *t = container_of(timer, struct futex_timer, timer);

	WRITE_ONCE(t->fired, true);
	wake_up_task(t->task);
}

/* The running task is woken at @deadline, unless that is NSEC_NEVER. */
void futex_timer_start(struct futex_timer *t, nsec_t deadline, bool realtime)
{
	t->task = current;
	t->deadline = deadline;
	t->fired = false;
	if (deadline == NSEC_NEVER)
		return;
	timer_setup(&t->timer, futex_timeout, realtime ? TIMER_REAL : TIMER_MONO);
	timer_start(&t->timer, deadline);
}

void futex_timer_stop(struct futex_timer *t)
{
	if (t->deadline != NSEC_NEVER)
		(void)timer_cancel_sync(&t->timer);
}

static long futex_wait_restart(struct restart_block *r);

/* @deadline: absolute on the clock; NSEC_NEVER: none. */
static long futex_wait(uint32_t __user *uaddr, bool shared, uint32_t val, nsec_t deadline, bool realtime, uint32_t bitset)
{
	struct futex_waiter w = { .task = current, .bitset = bitset };
	struct futex_timer to;
	bool timed = deadline != NSEC_NEVER;
	struct restart_block *r;
	long err;

	if (!bitset)
		return -EINVAL;
again:
	err = futex_queue(&w, uaddr, shared, val);
	if (err)
		return err;
	futex_timer_start(&to, deadline, realtime);
	if (READ_ONCE(w.bucket) && !signal_pending(current) && !READ_ONCE(to.fired))
		schedule();
	set_current_running();
	futex_timer_stop(&to);
	if (!futex_unqueue(&w))
		err = 0;
	else if (timed && READ_ONCE(to.fired))
		err = -ETIMEDOUT;
	else if (signal_pending(current))
		err = -ERESTARTSYS;
	else
		err = 1;	/* woken for no reason of ours */
	futex_key_put(&w.key);
	if (err == 1)
		goto again;
	if (err != -ERESTARTSYS || !timed)
		return err;
	r = &current->restart;
	r->fn = futex_wait_restart;
	r->deadline = deadline;
	r->futex.uaddr = uaddr;
	r->futex.val = val;
	r->futex.bitset = bitset;
	r->futex.flags = (shared ? 0 : FUTEX_PRIVATE_FLAG) | (realtime ? FUTEX_CLOCK_REALTIME : 0);
	return -ERESTART_RESTARTBLOCK;
}

static long futex_wait_restart(struct restart_block *r)
{
	r->fn = NULL;
	return futex_wait(r->futex.uaddr, !(r->futex.flags & FUTEX_PRIVATE_FLAG), r->futex.val, r->deadline,
			  r->futex.flags & FUTEX_CLOCK_REALTIME, r->futex.bitset);
}

long sys_futex(uint32_t __user *uaddr, int op, uint32_t val, const struct timespec __user *utime, uint32_t __user *uaddr2, uint32_t val3)
{
	int cmd = op & FUTEX_CMD_MASK, err;
	bool shared = !(op & FUTEX_PRIVATE_FLAG), realtime = op & FUTEX_CLOCK_REALTIME;
	int val2 = (int)(uintptr_t)utime;
	nsec_t t, deadline = NSEC_NEVER;

	if (likely(cmd == FUTEX_WAKE) && !realtime)
		return futex_wake(uaddr, shared, (int)val, FUTEX_BITSET_MATCH_ANY);
	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	if (utime && (cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET || cmd == FUTEX_LOCK_PI || cmd == FUTEX_LOCK_PI2 ||
		      cmd == FUTEX_WAIT_REQUEUE_PI)) {
		err = timespec_from_user(&t, utime);
		if (err)
			return err;
		deadline = cmd == FUTEX_WAIT ? deadline_after(clock_monotonic(), t) : t;
	}
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(uaddr, shared, val, deadline, false, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(uaddr, shared, val, deadline, realtime, val3);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, shared, (int)val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, (int)val, val2, val3);
	case FUTEX_LOCK_PI:
		return futex_lock_pi(uaddr, shared, deadline, true, false);
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(uaddr, shared, deadline, realtime, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, shared, NSEC_NEVER, false, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, shared);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(uaddr, uaddr2, shared, val, deadline, realtime);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_requeue_pi(uaddr, uaddr2, shared, (int)val, val2, val3);
	}
	gap_note("futex", (unsigned)op);
	return -ENOSYS;		/* FUTEX_FD is gone from Linux */
}

/* ---- exit */
void futex_wake_one_user(int __user *uaddr)
{
	(void)futex_wake((uint32_t __user *)uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
}

/* A lock word of a dead owner: marked, and one waiter told. -1: user memory is bad, give up. */
static int robust_death(uint32_t __user *uaddr, bool pi, bool pending)
{
	uint32_t v, was, tid = (uint32_t)current->tid;

	if ((uintptr_t)uaddr & 3)
		return -1;
	if (get_user(v, uaddr))
		return -1;
	for (;;) {
		/* It died between unlocking and leaving the list: a waiter may have missed its wake-up. */
		if (pending && !pi && !v) {
			(void)futex_wake(uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
			return 0;
		}
		if ((v & FUTEX_TID_MASK) != tid)
			return 0;
		if (arch_user_cmpxchg32(uaddr, v, (v & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &was))
			return -1;
		if (was == v)
			break;
		v = was;
	}
	if (!pi && (v & FUTEX_WAITERS))
		(void)futex_wake(uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

static void robust_exit(struct task *t)
{
	struct robust_list_head __user *head = t->robust_list;
	uint64_t entry, next = 0, pending;
	int64_t offset;
	unsigned limit = ROBUST_LIST_LIMIT;

	t->robust_list = NULL;
	if (get_user(entry, &head->list) || get_user(offset, &head->futex_offset) || get_user(pending, &head->list_op_pending))
		return;
	while ((entry & ~1ull) != (uint64_t)(uintptr_t)head && limit--) {
		/* Fetched first: the other side may free the entry as soon as its lock is marked. */
		int err = get_user(next, (const uint64_t __user *)(entry & ~1ull));

		if ((entry & ~1ull) != (pending & ~1ull) &&
		    robust_death((uint32_t __user *)((entry & ~1ull) + (uint64_t)offset), entry & 1, false))
			return;
		if (err)
			return;
		entry = next;
		cond_resched();
	}
	if (pending)
		(void)robust_death((uint32_t __user *)((pending & ~1ull) + (uint64_t)offset), pending & 1, true);
}

/*
 * By exit and exec, with the address space still there. Whoever wants to make us the owner of a PI futex from now on waits
 * until the words are marked (FUTEX_STATE_EXITING), or finds us gone (FUTEX_STATE_DEAD).
 */
void futex_exit(struct task *t)
{
	if (t->robust_list || !list_empty(&t->pi_states)) {
		WRITE_ONCE(t->futex_state, FUTEX_STATE_EXITING);
		if (t->robust_list)
			robust_exit(t);
	}
	futex_pi_exit(t);
}

long sys_set_robust_list(struct robust_list_head __user *head, size_t len)
{
	if (len != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

long sys_get_robust_list(int pid, struct robust_list_head __user *__user *head, size_t __user *len)
{
	struct robust_list_head __user *list = current->robust_list;
	const struct cred *me = current_cred(), *c;
	struct task *t;
	bool ok;

	if (pid) {
		t = task_find_get(pid);
		if (!t)
			return -ESRCH;
		rcu_read_lock();
		c = rcu_dereference(t->cred);
		ok = t->proc == current->proc || (me->uid == c->uid && me->uid == c->euid && me->uid == c->suid) ||
		     capable(CAP_SYS_PTRACE);
		rcu_read_unlock();
		list = t->robust_list;
		task_put(t);
		if (!ok)
			return -EPERM;
	}
	if (put_user(sizeof(struct robust_list_head), len) || put_user((uint64_t)list, (uint64_t __user *)head))
		return -EFAULT;
	return 0;
}
