/* SPDX-License-Identifier: MIT */
/*
 * The fair policy: SCHED_NORMAL, SCHED_BATCH and, with a weight of 3, SCHED_IDLE. Every task has a virtual
 * run time that grows by ns * 1024 / weight while it runs; the one furthest behind runs next. The tree holds the
 * runnable tasks except the running one.
 *
 * min_vruntime follows the smallest virtual time in play and never goes back. A new task starts there plus a
 * slice, a woken one not more than WAKE_CREDIT_NS behind it, so sleepers get the CPU soon and cannot
 * save up. A task that changes CPU keeps its distance to min_vruntime.
 *
 * All functions: rq->lock held.
 */
#include "sched_internal.h"

/* Each step of nice is a factor of 1.25 (so ten per cent of the CPU between two tasks), 1024 at nice 0. */
const uint32_t nice_weight[40] = {
	88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
	9537, 7629, 6104, 4883, 3906, 3125, 2500, 2000, 1600, 1280,
	1024, 819, 655, 524, 419, 336, 268, 215, 172, 137,
	110, 88, 70, 56, 45, 36, 29, 23, 18, 15,
};

uint32_t sched_weight(const struct task *t)
{
	return t->se.policy == SCHED_IDLE ? IDLE_WEIGHT : nice_weight[t->se.nice + 20];
}

static inline uint64_t scale(uint64_t delta, uint32_t weight)
{
	return weight == NICE_0_WEIGHT ? delta : delta * NICE_0_WEIGHT / weight;
}

static bool fair_less(const struct rb_node *a, const struct rb_node *b)
{
	const struct task *x = rb_entry(a, struct task, se.node), *y = rb_entry(b, struct task, se.node);

	return (int64_t)(x->se.vruntime - y->se.vruntime) < 0;
}

static void update_min(struct rq *rq, const struct task *curr)
{
	uint64_t v = rq->min_vruntime;
	bool have = false;

	if (curr) {
		v = curr->se.vruntime;
		have = true;
	}
	if (rq->fair.leftmost) {
		uint64_t l = rb_entry(rq->fair.leftmost, struct task, se.node)->se.vruntime;

		if (!have || (int64_t)(l - v) < 0)
			v = l;
	}
	if ((int64_t)(v - rq->min_vruntime) > 0)
		WRITE_ONCE(rq->min_vruntime, v);
}

void fair_charge(struct rq *rq, struct task *t, uint64_t delta)
{
	t->se.vruntime += scale(delta, t->se.weight);
	t->se.slice_used += delta;
	update_min(rq, t);
}

static void fair_insert(struct rq *rq, struct task *t)
{
	(void)rb_insert_cached(&t->se.node, &rq->fair, fair_less);
}

void fair_enqueue(struct rq *rq, struct task *t, bool wakeup)
{
	if (wakeup) {
		uint64_t floor = rq->min_vruntime - (t->se.policy == SCHED_IDLE ? 0 : WAKE_CREDIT_NS);

		if ((int64_t)(t->se.vruntime - floor) < 0)
			t->se.vruntime = floor;
		t->se.slice_used = 0;
	}
	rq->nr_fair++;
	rq->load += t->se.weight;
	fair_insert(rq, t);
}

void fair_dequeue(struct rq *rq, struct task *t)
{
	rq->nr_fair--;
	rq->load -= t->se.weight;
	if (t != rq->curr)
		rb_erase_cached(&t->se.node, &rq->fair);
}

struct task *fair_pick(struct rq *rq)
{
	struct task *t;

	if (!rq->fair.leftmost)
		return NULL;
	t = rb_entry(rq->fair.leftmost, struct task, se.node);
	rb_erase_cached(&t->se.node, &rq->fair);
	t->se.slice_used = 0;
	return t;
}

void fair_put(struct rq *rq, struct task *t)
{
	fair_insert(rq, t);
}

uint64_t fair_slice(const struct rq *rq, const struct task *t)
{
	uint64_t period = SLICE_NS * MAX(rq->nr_fair, 2u);
	uint64_t s = rq->load ? period * t->se.weight / rq->load : period;

	return MAX(MIN(s, (uint64_t)SLICE_NS * 4), (uint64_t)MIN_GRAN_NS);
}

bool fair_tick(struct rq *rq, struct task *t)
{
	struct task *l;

	if (!rq->fair.leftmost || t->se.slice_used < MIN_GRAN_NS)
		return false;
	l = rb_entry(rq->fair.leftmost, struct task, se.node);
	if (t->se.slice_used >= fair_slice(rq, t))
		return true;
	return (int64_t)(t->se.vruntime - l->se.vruntime) > (int64_t)(2 * SLICE_NS);
}

bool fair_wakeup_preempts(struct rq *rq, const struct task *curr, const struct task *t)
{
	if (curr->se.policy == SCHED_IDLE && t->se.policy != SCHED_IDLE)
		return true;
	if (t->se.policy != SCHED_NORMAL)
		return false;
	return (int64_t)(curr->se.vruntime - t->se.vruntime) > (int64_t)scale(WAKE_GRAN_NS, t->se.weight);
}

void fair_migrate(struct task *t, const struct rq *from, const struct rq *to)
{
	t->se.vruntime += READ_ONCE(to->min_vruntime) - READ_ONCE(from->min_vruntime);
}

/* The task that would wait longest here and may run there. */
struct task *fair_steal_candidate(struct rq *rq, unsigned to_cpu)
{
	unsigned looked = 0;

	for (struct rb_node *n = rb_last(&rq->fair.root); n && looked < 8; n = rb_prev(n), looked++) {
		struct task *t = rb_entry(n, struct task, se.node);

		if (cpumask_test(&t->se.affinity, to_cpu))
			return t;
	}
	return NULL;
}
