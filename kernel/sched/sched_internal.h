/* SPDX-License-Identifier: MIT */
/*
 * Run queues, private to kernel/sched.
 *
 * Locks used to protect struct members in this file:
 *	q	rq->lock (LR_RUNQ, interrupts off; two: the lower CPU number first)
 *	o	own CPU only
 *	-	read without the lock as a hint
 */
#pragma once
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/timer.h>

#define NICE_0_WEIGHT	1024u
#define IDLE_WEIGHT	3u
#define SLICE_NS	(3 * NSEC_PER_MSEC)	/* fair slice of nice 0 while others wait */
#define MIN_GRAN_NS	(750 * NSEC_PER_USEC)	/* no slice is shorter */
#define WAKE_GRAN_NS	(1 * NSEC_PER_MSEC)	/* a woken task must lag by this to preempt */
#define WAKE_CREDIT_NS	(3 * NSEC_PER_MSEC)	/* a sleeper comes back at most so far behind */
#define WAKE_COST_MIN_NS (5 * NSEC_PER_USEC)	/* to wake an idle CPU: bounds of what is measured */
#define WAKE_COST_MAX_NS (200 * NSEC_PER_USEC)
#define HANDOVER_MAX	4			/* tasks on a CPU to which one more is handed over */
#define RR_SLICE_NS	(100 * NSEC_PER_MSEC)
#define SAMPLE_MIN_NS	(4 * NSEC_PER_MSEC)	/* accounting samples of a task that runs alone */
#define SAMPLE_MAX_NS	(64 * NSEC_PER_MSEC)
#define RT_PRIOS	100

#define TASK_WAKING	128u		/* task->state: a waker moves it to another queue */

struct rq {
	struct spinlock lock;
	unsigned cpu;
	unsigned nr_running;		/* [q -] queued and running, without the idle task */
	unsigned nr_fair;		/* [q] of these in the fair class */
	struct task *curr, *idle;	/* [q -] */
	uint64_t clock;			/* [q] ns at the last update */
	/* Fair: ordered by virtual run time; the running task is not in the tree. */
	struct rb_root_cached fair;	/* [q] */
	uint64_t min_vruntime;		/* [q -] never goes back */
	uint64_t load;			/* [q] sum of weights, the running task included */
	/* Real time. The running task stays at the head of its list. */
	unsigned nr_rt;			/* [q -] */
	unsigned long rt_map[2];	/* [q] bit 99 - prio, so that the first set bit is the highest */
	struct list_head rt[RT_PRIOS];	/* [q] */
	bool rt_throttled;		/* [q] its time is used up: the fair class goes first until rt_end */
	uint64_t rt_time;		/* [q] ns that real-time tasks ran in the period that ends at rt_end */
	uint64_t rt_end;		/* [q] */
	/* The tick: armed lazily, left armed when the competition ends. */
	struct timer tick;
	bool tick_armed;		/* [o] */
	bool want_tick;			/* [q -] another CPU put a competitor here */
	nsec_t tick_period;		/* [o] */
	nsec_t next_balance;		/* [o] */
	uint64_t nr_switches;		/* [q -] */
	struct cpu_times times;		/* [q -] */
	uint64_t idle_since;		/* [q -] 0: not idle */
	bool online;
	bool in_idle_wait;		/* [-] waits for an interrupt */
	uint64_t load_sum;
} __cacheline_aligned;
DECLARE_PERCPU(struct rq, runqueues);
#define cpu_rq(c) (&per_cpu(runqueues, c))
#define this_rq() (&this_cpu(runqueues))

/* With interrupts off: the queue's lock does not count preemption again. */
static __always_inline void rq_lock(struct rq *rq)
{
	preempt_disable();
	if (CONFIG_LOCKDEP)
		lockdep_spin_acquire(&rq->lock, false, __builtin_return_address(0));
	spin_raw_lock(&rq->lock);
}
static __always_inline void rq_lock_nested(struct rq *rq)
{
	preempt_disable();
	if (CONFIG_LOCKDEP)
		lockdep_spin_acquire(&rq->lock, true, __builtin_return_address(0));
	spin_raw_lock(&rq->lock);
}
static __always_inline void rq_unlock(struct rq *rq)
{
	if (CONFIG_LOCKDEP)
		lockdep_spin_release(&rq->lock);
	spin_raw_unlock(&rq->lock);
	preempt_enable_no_resched();
}
/* The queue that @t belongs to, locked; interrupts are off already. */
static __always_inline struct rq *task_rq_lock(struct task *t)
{
	for (;;) {
		struct rq *rq = cpu_rq(READ_ONCE(t->head.cpu));

		rq_lock(rq);
		if (likely(rq->cpu == READ_ONCE(t->head.cpu)))
			return rq;
		rq_unlock(rq);
	}
}
/* Queue lock held, or the task in no queue. A thread with a restartable sequence hears of it. */
static inline void task_set_cpu(struct task *t, unsigned cpu)
{
	WRITE_ONCE(t->head.cpu, cpu);
	if (unlikely(t->rseq))
		__atomic_fetch_or(&t->head.work, TIF_NOTIFY, __ATOMIC_RELAXED);
}
static inline bool rt_policy(int policy) { return policy == SCHED_FIFO || policy == SCHED_RR; }
static inline bool rt_task(const struct task *t) { return t->se.rt_priority > 0; }
static inline bool rq_is_idle(const struct rq *rq)
{
	return READ_ONCE(rq->curr) == rq->idle && READ_ONCE(rq->nr_running) == 0;
}
static inline void resched_curr(struct rq *rq)
{
	struct task *t = rq->curr;

	if (READ_ONCE(t->head.work) & TIF_NEED_RESCHED)
		return;
	__atomic_fetch_or(&t->head.work, TIF_NEED_RESCHED, __ATOMIC_SEQ_CST);
	if (rq->cpu != current_head()->cpu)
		ipi_send(rq->cpu, IPI_RESCHED);
}

/* fair.c; all with rq->lock. */
extern const uint32_t nice_weight[40];
void fair_enqueue(struct rq *rq, struct task *t, bool wakeup);
void fair_dequeue(struct rq *rq, struct task *t);
struct task *fair_pick(struct rq *rq);			/* takes it out of the tree: it is about to run */
void fair_put(struct rq *rq, struct task *t);		/* back into the tree: it stays runnable */
bool fair_tick(struct rq *rq, struct task *t);		/* true: the slice is used up */
bool fair_wakeup_preempts(struct rq *rq, const struct task *curr, const struct task *t);
uint64_t fair_slice(const struct rq *rq, const struct task *t);
void fair_charge(struct rq *rq, struct task *t, uint64_t delta);
uint32_t sched_weight(const struct task *t);
void fair_migrate(struct task *t, const struct rq *from, const struct rq *to);
struct task *fair_steal_candidate(struct rq *rq, unsigned to_cpu);
/* change.c */
void sched_set_policy(struct task *t, int policy, int prio, int nice, bool reset);
/* rt.c */
void rt_init(struct rq *rq);
void rt_enqueue(struct rq *rq, struct task *t, bool head);
void rt_dequeue(struct rq *rq, struct task *t);
struct task *rt_pick(struct rq *rq);
void rt_yield(struct rq *rq, struct task *t);
bool rt_tick(struct rq *rq, struct task *t);
void rt_charge(struct rq *rq, uint64_t delta);
bool rt_may_run(struct rq *rq);				/* at rq->clock: before the fair class */
nsec_t rt_next_tick(const struct rq *rq, nsec_t next);	/* not later than the end of what is left, or of waiting */
struct task *rt_steal_candidate(struct rq *rq, unsigned to_cpu);
/* core.c */
void rq_enqueue(struct rq *rq, struct task *t, bool wakeup);
void rq_dequeue(struct rq *rq, struct task *t);
void rq_update_curr(struct rq *rq);
void rq_check_preempt(struct rq *rq, struct task *t);
void tick_arm_here(struct rq *rq);
/* balance.c */
unsigned select_wake_cpu(const struct task *t);
void sleep_learn(struct task *t, uint64_t now);
void wake_cost_update(struct task *t, uint64_t now);
unsigned select_fork_cpu(const struct task *t);
bool balance_steal(struct rq *rq);			/* rq unlocked, interrupts off: an idle CPU looks for work */
void balance_tick(struct rq *rq);
int migration_thread_start(void);
/* cputime.c */
void account_time(struct rq *rq, struct task *t, uint64_t delta);
void account_sample(struct rq *rq, struct task *t, bool user);
void loadavg_update(nsec_t now);
/* Calls fn for each task that getpriority's (which, who) names; fn must not sleep. What it returns is the next one's acc, -ESRCH at first. */
int priority_for_each(int which, int who, int (*fn)(struct task *t, int arg, int acc), int arg);
