/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update. A reader runs with preemption off and takes no lock; memory that readers may hold
 * is freed after a grace period, when every CPU has passed a quiescent state (a context switch,
 * idle, user mode, or an interrupt that found the counter at zero). kernel/sync/rcu.c.
 */
#pragma once
#include <kernel/preempt.h>
#include <kernel/atomic.h>

struct rcu_head {
	struct rcu_head *next;
	void (*fn)(struct rcu_head *);
};
static inline void rcu_read_lock(void) { preempt_disable(); }
static inline void rcu_read_unlock(void) { preempt_enable(); }
#define rcu_dereference(p) smp_load_acquire(&(p))
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)
/* Runs fn(head) after a grace period, in a thread or on the idle path; any context. */
void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *));
/* kfree(p) after a grace period; @off is the offset of the rcu_head in the object. */
void kfree_rcu_head(struct rcu_head *head, void *obj);
#define kfree_rcu(p, member) kfree_rcu_head(&(p)->member, (p))
/* Waits for a grace period. May sleep. */
void synchronize_rcu(void);
/* Called by the scheduler and the idle loop on this CPU. */
void rcu_quiescent(void);
void rcu_init(void);
/* Runs what waits for a grace period now; may sleep. For reclaim. */
void rcu_flush(void);
/* The idle loop, around its wait; interrupts stay off in between. */
void rcu_idle_enter(void);
void rcu_idle_exit(void);
