/* SPDX-License-Identifier: MIT */
/*
 * Priority inheritance: who owns what, who waits for it, and the priority that follows. kernel/sync/pi.c.
 *
 * Locks used to protect struct members in this file:
 *	P	pi_lock (LR_PI), interrupts on; the run queue's lock is taken inside
 */
#pragma once
#include <kernel/list.h>
#include <kernel/spinlock.h>

struct task;

/* A lock with an owner. The owner's task.pi_states lists those that somebody waits for. */
struct pi_lock_state {
	struct task *owner;		/* [P] NULL: nobody */
	struct list_head owner_link;	/* [P] in owner->pi_states */
	struct list_head waiters;	/* [P] by priority, then by arrival */
};

struct pi_waiter {
	struct list_head link;		/* [P] */
	struct task *task;
	struct pi_lock_state *lock;	/* [P] NULL: not waiting */
};

extern struct spinlock pi_lock;

void pi_lock_init(struct pi_lock_state *l);
/* All with pi_lock held. The new owner inherits from those who wait; NULL: the old one gives it up. */
void pi_set_owner(struct pi_lock_state *l, struct task *t);
/* @w->task waits for @l; its owner, and whoever that one waits for, inherit. -EDEADLK: @w->task would wait for itself. */
int pi_block(struct pi_lock_state *l, struct pi_waiter *w) __must_check;
void pi_unblock(struct pi_waiter *w);		/* it waits no more: given the lock, or gives up */
static inline struct pi_waiter *pi_top_waiter(const struct pi_lock_state *l)
{
	return list_first_entry_or_null(&l->waiters, struct pi_waiter, link);
}

/* The highest real-time priority among those who wait for @t; 0: none. */
int pi_inherited(const struct task *t);
/* @t's own priority has changed: whom it waits for hears of it. */
void pi_changed(struct task *t);
