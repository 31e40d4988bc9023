/* SPDX-License-Identifier: MIT */
/*
 * Changes of a task's policy, priority, nice value and affinity, wherever it is.
 *
 * A change under the queue's lock: take the task out of its queue if it waits there, change, put it back. Priorities,
 * own and inherited, change under pi_lock too (kernel/sync/pi.c), so that of two changes none is lost.
 */
#include "sched_internal.h"
#include <kernel/errno.h>
#include <kernel/pi.h>

struct change {
	struct rq *rq;
	bool queued, running;
	irqflags_t flags;
};

static void change_begin(struct change *c, struct task *t)
{
	c->flags = arch_irq_save();
	c->rq = task_rq_lock(t);
	rq_update_curr(c->rq);
	c->queued = t->se.on_rq && !t->se.migrating;
	c->running = c->rq->curr == t;
	if (c->queued)
		rq_dequeue(c->rq, t);
}

static void change_end(struct change *c, struct task *t)
{
	struct rq *rq = c->rq;

	if (c->queued) {
		rq_enqueue(rq, t, false);
		if (c->running) {
			/* A running fair task is not in the tree, a running real-time task heads its list. */
			if (!rt_task(t))
				rb_erase_cached(&t->se.node, &rq->fair);
			else
				list_move(&t->se.rt_link, &rq->rt[RT_PRIOS - 1 - t->se.rt_priority]);
			resched_curr(rq);
		} else {
			rq_check_preempt(rq, t);
		}
	}
	rq_unlock(rq);
	arch_irq_restore(c->flags);
	if (t == current && (READ_ONCE(t->head.work) & TIF_NEED_RESCHED))
		preempt_schedule();
}

void set_user_nice(struct task *t, int nice)
{
	struct change c;

	change_begin(&c, t);
	t->se.nice = nice;
	t->se.weight = sched_weight(t);
	change_end(&c, t);
}

/* The priority to run with, within a change. One that comes down to the fair class starts with the others there. */
static void set_effective(struct change *c, struct task *t, int prio)
{
	bool was_rt = rt_task(t);

	t->se.rt_priority = prio;
	if (was_rt && !prio)
		t->se.vruntime = c->rq->min_vruntime;
}

bool sched_inherit(struct task *t, int prio)
{
	struct change c;

	prio = MAX(prio, t->se.own_priority);
	if (prio == t->se.rt_priority)
		return false;
	change_begin(&c, t);
	set_effective(&c, t, prio);
	change_end(&c, t);
	return true;
}

void sched_set_policy(struct task *t, int policy, int prio, int nice, bool reset)
{
	struct change c;
	int was;

	spin_lock(&pi_lock);	/* what it inherits stays what it is */
	was = t->se.rt_priority;
	change_begin(&c, t);
	t->se.policy = policy;
	t->se.own_priority = prio;
	if (policy == SCHED_NORMAL || policy == SCHED_BATCH)
		t->se.nice = nice;
	t->se.reset_on_fork = reset;
	t->se.weight = sched_weight(t);
	set_effective(&c, t, MAX(prio, pi_inherited(t)));
	change_end(&c, t);
	if (t->se.rt_priority != was)
		pi_changed(t);
	spin_unlock(&pi_lock);
}

int sched_set_affinity(struct task *t, const struct cpumask *m)
{
	irqflags_t f;
	struct rq *rq;
	unsigned cpu = nr_cpus, n = 0;

	for_each_cpu(i, m) {
		if (!cpumask_test(&cpu_online_mask, i))
			continue;
		n++;
		if (cpu >= nr_cpus)
			cpu = i;
	}
	if (!n)
		return -EINVAL;
	f = arch_irq_save();
	rq = task_rq_lock(t);
	t->se.affinity = *m;
	t->se.nr_allowed = n;
	if (!t->se.on_rq || t->se.migrating || cpumask_test(m, rq->cpu)) {
		rq_unlock(rq);	/* a sleeper moves when it is woken */
	} else if (rq->curr == t) {
		resched_curr(rq);	/* leaves at its next switch: now, or on that CPU's interrupt */
		rq_unlock(rq);
	} else {
		struct rq *to = cpu_rq(cpu);

		rq_dequeue(rq, t);
		t->se.on_rq = true;
		t->se.migrating = true;	/* wakers leave it alone between the two locks */
		if (!rt_task(t))
			fair_migrate(t, rq, to);
		task_set_cpu(t, cpu);
		rq_unlock(rq);
		rq_lock(to);
		t->se.migrating = false;
		rq_enqueue(to, t, false);
		rq_check_preempt(to, t);
		rq_unlock(to);
	}
	arch_irq_restore(f);
	if (t == current)
		preempt_schedule_if_due();
	return 0;
}

void preempt_schedule_if_due(void)
{
	if (READ_ONCE(current->head.work) & TIF_NEED_RESCHED)
		preempt_schedule();
}
