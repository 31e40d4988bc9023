/* SPDX-License-Identifier: MIT */
/*
 * SCHED_FIFO and SCHED_RR: one list per priority and a bitmap of the lists in use. The running task stays at
 * the head of its list; a task that is preempted keeps its place, one that yields or has used its RR slice goes to the tail.
 * All functions: rq->lock held.
 */
#include "sched_internal.h"

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

struct task *rt_pick(struct rq *rq)
{
	unsigned s;

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
