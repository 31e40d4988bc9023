/* SPDX-License-Identifier: MIT */
/*
 * The graph of priority inheritance. A task runs with the highest real-time priority among its own and those of the tasks that
 * wait for a lock it owns; and what it inherits it hands on to the owner of the lock it waits for itself.
 *
 * Invariants: a task waits for at most one lock (task.pi_blocked). A lock's waiters are sorted by the priority they run with.
 * The graph has no cycle: pi_block() refuses the edge that would close one, and an owner that is put in does not wait.
 *
 * One lock for the whole graph: it is taken only for contended locks of this kind and when a priority is set, and a chain
 * can be walked without a hand-over of locks. SIMPLE: right while few tasks contend at once; a chain is at most
 * PI_DEPTH_MAX long.
 *
 * Real-time priorities only are inherited; nice values order nobody here, as on Linux.
 */
#include <kernel/pi.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/task.h>

#define PI_DEPTH_MAX 1024	/* links of a chain; beyond it counts as a deadlock */

DEFINE_SPINLOCK(pi_lock, LR_PI);

void pi_lock_init(struct pi_lock_state *l)
{
	l->owner = NULL;
	list_init(&l->owner_link);
	list_init(&l->waiters);
}

int pi_inherited(const struct task *t)
{
	struct pi_lock_state *l;
	int prio = 0;

	list_for_each_entry(l, &t->pi_states, owner_link) {
		struct pi_waiter *w = pi_top_waiter(l);

		if (w && w->task->se.rt_priority > prio)
			prio = w->task->se.rt_priority;
	}
	return prio;
}

static void waiter_insert(struct pi_lock_state *l, struct pi_waiter *w)
{
	int prio = w->task->se.rt_priority;
	struct pi_waiter *o;

	list_for_each_entry(o, &l->waiters, link)
		if (o->task->se.rt_priority < prio)
			break;
	list_add_tail(&w->link, &o->link);
}

/* What @t runs with is worked out anew, and for as long as it changes somebody, for the owner that somebody waits for. */
static void pi_propagate(struct task *t)
{
	while (t && sched_inherit(t, pi_inherited(t))) {
		struct pi_waiter *w = t->pi_blocked;

		if (!w)
			break;
		list_del(&w->link);
		waiter_insert(w->lock, w);
		t = w->lock->owner;
	}
}

void pi_changed(struct task *t)
{
	struct pi_waiter *w = t->pi_blocked;

	if (!w)
		return;
	list_del(&w->link);
	waiter_insert(w->lock, w);
	pi_propagate(w->lock->owner);
}

void pi_set_owner(struct pi_lock_state *l, struct task *t)
{
	struct task *old = l->owner;

	if (old)
		list_del_init(&l->owner_link);
	l->owner = t;
	if (t)
		list_add_tail(&l->owner_link, &t->pi_states);
	pi_propagate(old);
	pi_propagate(t);
}

int pi_block(struct pi_lock_state *l, struct pi_waiter *w)
{
	struct task *t = l->owner;
	int depth = 0;

	while (t) {
		if (t == w->task || ++depth > PI_DEPTH_MAX)
			return -EDEADLK;
		t = t->pi_blocked ? t->pi_blocked->lock->owner : NULL;
	}
	w->lock = l;
	w->task->pi_blocked = w;
	waiter_insert(l, w);
	pi_propagate(l->owner);
	return 0;
}

void pi_unblock(struct pi_waiter *w)
{
	struct task *owner = w->lock->owner;

	list_del(&w->link);
	w->lock = NULL;
	w->task->pi_blocked = NULL;
	pi_propagate(owner);
}
