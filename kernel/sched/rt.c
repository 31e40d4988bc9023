/* SPDX-License-Identifier: MIT */
/*
 * SCHED_FIFO and SCHED_RR: one list per priority and a bitmap of the lists in use. The running task stays at
 * the head of its list; a task that is preempted keeps its place, one that yields or has used its RR slice goes to the tail.
 *
 * Throttling, sched(7): when the real-time tasks of a CPU have run for rt_runtime within rt_period, the fair class goes
 * first there, until the period is over but for at least what rt_runtime leaves of one. Only a CPU with tasks of both
 * kinds notices. Time is charged when a real-time task leaves the CPU and on the tick, which comes when the time is up; so
 * the fair class pays nothing for it.
 *
 * All functions: rq->lock held.
 */
#include "sched_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/procfs.h>

/* ---- throttling */
static int rt_period_us = 1000000, rt_runtime_us = 950000;	/* a runtime of -1: no limit */

static inline uint64_t period_ns(void)
{
	return (uint64_t)READ_ONCE(rt_period_us) * NSEC_PER_USEC;
}

/* What may be used of a period; one that is the whole of it is no limit. */
static inline uint64_t runtime_ns(void)
{
	int us = READ_ONCE(rt_runtime_us);

	return us < 0 || us >= READ_ONCE(rt_period_us) ? UINT64_MAX : (uint64_t)us * NSEC_PER_USEC;
}

static void period_start(struct rq *rq)
{
	rq->rt_throttled = false;
	rq->rt_time = 0;
	rq->rt_end = rq->clock + period_ns();
}

/* A real-time task ran for @delta until now. */
void rt_charge(struct rq *rq, uint64_t delta)
{
	uint64_t runtime = runtime_ns(), period = period_ns();

	if (rq->clock - delta >= rq->rt_end)	/* it began after the end of the period */
		period_start(rq);
	rq->rt_time += delta;
	if (!rq->rt_throttled && rq->rt_time >= runtime) {
		rq->rt_throttled = true;
		rq->rt_end = MAX(rq->rt_end, rq->clock + (period > runtime ? period - runtime : 0));
	} else if (rq->clock >= rq->rt_end) {
		period_start(rq);
	}
}

bool rt_may_run(struct rq *rq)
{
	if (likely(!rq->rt_throttled))
		return true;
	if (rq->clock < rq->rt_end && runtime_ns() != UINT64_MAX)
		return false;
	period_start(rq);
	return true;
}

nsec_t rt_next_tick(const struct rq *rq, nsec_t next)
{
	uint64_t runtime = runtime_ns(), left;

	if (rq->rt_throttled)
		left = rq->rt_end > rq->clock ? rq->rt_end - rq->clock : 0;
	else if (rt_task(rq->curr) && runtime != UINT64_MAX)
		left = runtime > rq->rt_time ? runtime - rq->rt_time : 0;
	else
		return next;
	return MAX(MIN(next, (nsec_t)left), (nsec_t)(100 * NSEC_PER_USEC));
}

static int set_period(int us)
{
	if (us <= 0 || us < rt_runtime_us)
		return -EINVAL;
	WRITE_ONCE(rt_period_us, us);
	return 0;
}

static int set_runtime(int us)
{
	if (us < -1 || us > rt_period_us)
		return -EINVAL;
	WRITE_ONCE(rt_runtime_us, us);
	return 0;
}

static int rt_sysctl_init(void)
{
	static const struct sysctl_int values[] = {
		{ "kernel/sched_rt_period_us", 0644, &rt_period_us, INT32_MIN, INT32_MAX, set_period },
		{ "kernel/sched_rt_runtime_us", 0644, &rt_runtime_us, INT32_MIN, INT32_MAX, set_runtime },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(values); i++)
		if (sysctl_add_int(&values[i]))
			return -ENOMEM;
	return 0;
}
INITCALL(INITCALL_LATE, rt_sysctl_init);

/* ---- the queue */

static inline unsigned slot(const struct task *t)
{
	return (unsigned)(RT_PRIOS - 1 - t->se.rt_priority);
}

void rt_init(struct rq *rq)
{
	for (unsigned i = 0; i < RT_PRIOS; i++)
		list_init(&rq->rt[i]);
}

void rt_enqueue(struct rq *rq, struct task *t, bool head)
{
	unsigned s = slot(t);

	if (head)
		list_add(&t->se.rt_link, &rq->rt[s]);
	else
		list_add_tail(&t->se.rt_link, &rq->rt[s]);
	rq->rt_map[s / 64] |= 1ul << s % 64;
	WRITE_ONCE(rq->nr_rt, rq->nr_rt + 1);
	t->se.slice_used = 0;
}

void rt_dequeue(struct rq *rq, struct task *t)
{
	unsigned s = slot(t);

	list_del(&t->se.rt_link);
	if (list_empty(&rq->rt[s]))
		rq->rt_map[s / 64] &= ~(1ul << s % 64);
	WRITE_ONCE(rq->nr_rt, rq->nr_rt - 1);
}

/* NULL: none, or it is the fair class's turn and it has one. */
struct task *rt_pick(struct rq *rq)
{
	unsigned s;

	if (unlikely(rq->rt_throttled) && rq->fair.leftmost && !rt_may_run(rq))
		return NULL;
	if (rq->rt_map[0])
		s = (unsigned)__builtin_ctzl(rq->rt_map[0]);
	else if (rq->rt_map[1])
		s = 64 + (unsigned)__builtin_ctzl(rq->rt_map[1]);
	else
		return NULL;
	return list_first_entry(&rq->rt[s], struct task, se.rt_link);
}

void rt_yield(struct rq *rq, struct task *t)
{
	list_move_tail(&t->se.rt_link, &rq->rt[slot(t)]);
	t->se.slice_used = 0;
}

bool rt_tick(struct rq *rq, struct task *t)
{
	struct list_head *l = &rq->rt[slot(t)];

	if (rq->fair.leftmost && !rt_may_run(rq))
		return true;
	if (t->se.policy != SCHED_RR || t->se.slice_used < RR_SLICE_NS)
		return false;
	t->se.slice_used = 0;
	if (l->next->next == l)
		return false;	/* alone at its priority */
	list_move_tail(&t->se.rt_link, l);
	return true;
}

struct task *rt_steal_candidate(struct rq *rq, unsigned to_cpu)
{
	for (unsigned s = find_next_bit(rq->rt_map, RT_PRIOS, 0); s < RT_PRIOS;
	     s = find_next_bit(rq->rt_map, RT_PRIOS, s + 1)) {
		struct task *t;

		list_for_each_entry(t, &rq->rt[s], se.rt_link)
			if (t != rq->curr && cpumask_test(&t->se.affinity, to_cpu))
				return t;
	}
	return NULL;
}
