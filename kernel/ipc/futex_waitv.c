/* SPDX-License-Identifier: MIT */
/*
 * futex_waitv(2): one task waits on several words. A waiter for each hangs in its word's bucket; the first that is woken ends
 * the wait, the others are taken out again. The words are looked at in order, each under its bucket's lock as in
 * futex_queue(), so a wake-up after the look finds the waiter.
 */
#include "futex_internal.h"
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include <uapi/futex.h>

/* Takes the first @n waiters out; the lowest one that was woken, or -1. Waiters that were woken keep nothing but their key. */
static int waitv_unqueue(struct futex_waiter *w, unsigned n)
{
	int woken = -1;

	for (unsigned i = 0; i < n; i++) {
		if (!futex_unqueue(&w[i]) && woken < 0)
			woken = (int)i;
		futex_key_put(&w[i].key);
	}
	return woken;
}

static bool waitv_woken(const struct futex_waiter *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!smp_load_acquire(&w[i].bucket))
			return true;
	return false;
}

/* All are queued, or none is: then the result is *ret. */
static bool waitv_queue(struct futex_waiter *w, const struct futex_waitv *v, unsigned n, long *ret)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t __user *uaddr = (uint32_t __user *)(uintptr_t)v[i].uaddr;
		int err, woken;

		w[i].task = current;
		w[i].bitset = FUTEX_BITSET_MATCH_ANY;
		err = futex_queue(&w[i], uaddr, !(v[i].flags & FUTEX_PRIVATE_FLAG), (uint32_t)v[i].val);
		if (!err)
			continue;
		set_current_running();
		/* A wake-up that came already is not lost, although a later word was not as expected. */
		woken = waitv_unqueue(w, i);
		*ret = woken >= 0 ? woken : err;
		return false;
	}
	return true;
}

static long waitv_wait(struct futex_waiter *w, const struct futex_waitv *v, unsigned n, nsec_t deadline, bool realtime)
{
	struct futex_timer to;
	long ret;

	for (;;) {
		if (!waitv_queue(w, v, n, &ret))
			return ret;
		futex_timer_start(&to, deadline, realtime);
		set_current_state(TASK_INTERRUPTIBLE);
		if (!waitv_woken(w, n) && !signal_pending(current) && !READ_ONCE(to.fired))
			schedule();
		set_current_running();
		futex_timer_stop(&to);
		ret = waitv_unqueue(w, n);
		if (ret >= 0)
			return ret;
		if (READ_ONCE(to.fired))
			return -ETIMEDOUT;
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
}

long sys_futex_waitv(const struct futex_waitv __user *uwaiters, unsigned int nr, unsigned int flags,
		     const struct timespec __user *utime, int clock)
{
	nsec_t deadline = NSEC_NEVER;
	struct futex_waiter *w;
	struct futex_waitv *v;
	long ret;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !uwaiters)
		return -EINVAL;
	if (utime) {
		if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
			return -EINVAL;
		ret = timespec_from_user(&deadline, utime);
		if (ret)
			return ret;
	}
	w = kzalloc(nr * (sizeof(*w) + sizeof(*v)), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	v = (struct futex_waitv *)(w + nr);
	ret = copy_from_user(v, uwaiters, nr * sizeof(*v)) ? -EFAULT : 0;
	for (unsigned i = 0; !ret && i < nr; i++)
		if ((v[i].flags & ~(FUTEX_32 | FUTEX_PRIVATE_FLAG)) || v[i].reserved || !(v[i].flags & FUTEX_32))
			ret = -EINVAL;
	if (!ret)
		ret = waitv_wait(w, v, nr, deadline, clock == CLOCK_REALTIME);
	kfree(w);
	return ret;
}
