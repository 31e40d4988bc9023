/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a task runs on. A woken task goes back to where it ran last when that CPU is idle, else to an idle one,
 * else it stays. But who hands over and sleeps (the sides of a pipe, a futex passed on, a process that ends) keeps whom
 * it wakes on its own CPU, when waiting for this CPU is likely to be shorter than what it takes to wake another one: that
 * is measured (wake_cost), some microseconds on real machines, up to milliseconds on virtual ones whose host has other
 * things to do. How long tasks run tells what they did before; a wrong guess lasts until the tick (balance_tick).
 *
 * A CPU that runs out of work takes a waiting task from another (in the switch itself, by try-lock, so no two queue
 * locks are ever waited for in the wrong order). A CPU with competitors looks around on its tick and gives tasks away;
 * CPUs that are idle or run one task never look.
 *
 * SIMPLE: CPUs are equal and few (a scan of all), and three tasks on two CPUs stay two against one until one sleeps.
 */
#include "sched_internal.h"

#define BALANCE_NS (16 * NSEC_PER_MSEC)

static inline bool cpu_usable(const struct task *t, unsigned cpu)
{
	return cpumask_test(&t->se.affinity, cpu) && cpumask_test(&cpu_online_mask, cpu);
}

unsigned cpumask_weight(const struct cpumask *m)
{
	unsigned n = 0;

	for_each_cpu(cpu, m)
		n++;
	return n;
}

unsigned cpumask_first_online(const struct cpumask *m)
{
	for_each_cpu(cpu, m)
		if (cpumask_test(&cpu_online_mask, cpu))
			return cpu;
	return nr_cpus;
}

unsigned cpus_online(void)
{
	return cpumask_weight(&cpu_online_mask);
}

/* An idle CPU for @t, the own one preferred (its cache has what the waker wrote); nr_cpus: none. */
static unsigned find_idle(const struct task *t)
{
	unsigned me = current_head()->cpu;

	if (rq_is_idle(cpu_rq(me)) && cpu_usable(t, me))
		return me;
	for_each_cpu(cpu, &cpu_online_mask)
		if (cpumask_test(&t->se.affinity, cpu) && rq_is_idle(cpu_rq(cpu)))
			return cpu;
	return nr_cpus;
}

/* For a real-time task: the CPU whose running task has the lowest priority. */
static unsigned find_lowest(const struct task *t, unsigned best)
{
	int lowest = 1000;

	for_each_cpu(cpu, &cpu_online_mask) {
		const struct rq *rq = cpu_rq(cpu);
		const struct task *curr = READ_ONCE(rq->curr);
		int prio = READ_ONCE(rq->rt_throttled) ? RT_PRIOS : curr->se.rt_priority;

		if (cpumask_test(&t->se.affinity, cpu) && (prio < lowest || (prio == lowest && cpu == best))) {
			lowest = prio;
			best = cpu;
		}
	}
	return best;
}

/* From the wake-up of an idle CPU until it runs the task, a moving average; written without a lock, read as a hint. */
static uint32_t wake_cost = WAKE_COST_MIN_NS * 2;

/* An idle CPU switches to @t, which another CPU put there at t->se.sent_at. */
void wake_cost_update(struct task *t, uint64_t now)
{
	uint64_t took = MIN(now - t->se.sent_at, (uint64_t)WAKE_COST_MAX_NS);

	t->se.sent_at = 0;
	WRITE_ONCE(wake_cost, (uint32_t)((READ_ONCE(wake_cost) * 7ull + MAX(took, (uint64_t)WAKE_COST_MIN_NS)) / 8));
}

/* Down at once, up slowly: a time that somebody else lengthened (a host that took the CPU away) says little about the next. */
static uint32_t learn(uint32_t avg, uint64_t sample)
{
	return (uint32_t)(sample < avg ? (avg + sample) / 2 : avg + (sample - avg) / 8);
}

/*
 * @t goes to sleep, at @now. Learned from it: how long it ran, and how long it went on after its first wake-up of somebody.
 */
void sleep_learn(struct task *t, uint64_t now)
{
	struct sched_entity *se = &t->se;
	uint64_t limit = 2ull * READ_ONCE(wake_cost), ran = MIN(se->sum_exec - se->slept_exec, limit);

	se->slept_exec = se->sum_exec;
	se->burst = learn(se->burst, ran);
	if (se->wake_at) {
		ran = MIN(now - se->wake_at, limit);
		se->wake_run = learn(se->wake_run, ran);
		se->wake_at = 0;
	}
}

/*
 * Is this CPU, where the running task wakes @t, likely to be free for it before another one would be awake? The running task has
 * to be about to leave, and those who wait here already are taken to be like @t: they came by this rule.
 */
static bool handed_over(const struct task *t)
{
	const struct task *w = current;
	const struct rq *rq = this_rq();
	uint64_t wait = w->flags & TF_EXITING ? 0 : w->se.wake_run;
	unsigned n = READ_ONCE(rq->nr_running);

	if (in_interrupt() || n == 0 || n > HANDOVER_MAX || rq->curr == rq->idle || rt_task(w) || rt_task(t))
		return false;
	return wait + (n - 1) * (uint64_t)t->se.burst < READ_ONCE(wake_cost) && cpu_usable(t, rq->cpu);
}

unsigned select_wake_cpu(const struct task *t)
{
	unsigned prev = t->head.cpu, cpu;
	bool ok = cpu_usable(t, prev);

	if (handed_over(t))
		return current_head()->cpu;
	if (likely(ok && (t->se.nr_allowed == 1 || rq_is_idle(cpu_rq(prev)))))
		return prev;
	cpu = find_idle(t);
	if (cpu < nr_cpus)
		return cpu;
	if (rt_task(t))
		return find_lowest(t, prev);
	if (ok)
		return prev;
	cpu = cpumask_first_online(&t->se.affinity);
	return cpu < nr_cpus ? cpu : prev;
}

unsigned select_fork_cpu(const struct task *t)
{
	unsigned me = current_head()->cpu, best = me, n = ~0u;

	if (t->se.nr_allowed == 1 && cpu_usable(t, me))
		return me;
	for_each_cpu(cpu, &cpu_online_mask) {
		unsigned r = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (cpumask_test(&t->se.affinity, cpu) && (r < n || (r == n && cpu == me))) {
			n = r;
			best = cpu;
		}
	}
	/* At equal load the parent's CPU: its cache is warm. */
	if (cpu_usable(t, me) && READ_ONCE(cpu_rq(me)->nr_running) <= n)
		best = me;
	return best;
}

static bool rq_trylock(struct rq *rq)
{
	if (!spin_raw_trylock(&rq->lock))
		return false;
	preempt_disable();
	if (CONFIG_LOCKDEP)
		lockdep_spin_acquire(&rq->lock, true, __builtin_return_address(0));
	return true;
}

static void move_task(struct task *t, struct rq *from, struct rq *to)
{
	rq_dequeue(from, t);
	if (!rt_task(t))
		fair_migrate(t, from, to);
	task_set_cpu(t, to->cpu);
	rq_enqueue(to, t, false);
}

/* Both locks held. A queue with one task that is running has nothing to give. */
static struct task *steal_candidate(struct rq *from, unsigned to_cpu)
{
	struct task *t = NULL;

	if (from->nr_rt)
		t = rt_steal_candidate(from, to_cpu);
	if (!t)
		t = fair_steal_candidate(from, to_cpu);
	return t;
}

/* rq->lock is held, and nothing is runnable here. True: now there is. */
bool balance_steal(struct rq *rq)
{
	if (!rq->online)
		return false;
	for (unsigned i = 1; i < nr_cpus; i++) {
		struct rq *from = cpu_rq((rq->cpu + i) % nr_cpus);
		struct task *t;

		if (READ_ONCE(from->nr_running) < 2 || !rq_trylock(from))
			continue;
		t = steal_candidate(from, rq->cpu);
		if (t)
			move_task(t, from, rq);
		rq_unlock(from);
		if (t)
			return true;
	}
	return false;
}

/* From the tick, without locks, interrupts off: gives one task to the CPU with the fewest. */
void balance_tick(struct rq *rq)
{
	struct rq *to = NULL;
	unsigned n = READ_ONCE(rq->nr_running);
	bool due = (nsec_t)rq->clock >= rq->next_balance;

	if (n < 2)
		return;
	if (due)
		rq->next_balance = (nsec_t)rq->clock + BALANCE_NS;
	for_each_cpu(cpu, &cpu_online_mask) {
		struct rq *o = cpu_rq(cpu);

		if (!due && !rq_is_idle(o))
			continue;	/* an idle CPU takes what waits at once */

		if (o != rq && READ_ONCE(o->nr_running) + 1 < n && (!to || o->nr_running < to->nr_running))
			to = o;
	}
	if (!to || !rq_trylock(to))
		return;
	if (rq_trylock(rq)) {
		struct task *t = to->nr_running + 1 < rq->nr_running ? steal_candidate(rq, to->cpu) : NULL;

		if (t) {
			move_task(t, rq, to);
			rq_check_preempt(to, t);
		}
		rq_unlock(rq);
	}
	rq_unlock(to);
}

/* exec: the old address space is about to go, the cheapest moment to move. */
void sched_exec(void)
{
	struct task *t = current;
	struct cpumask saved, one;
	unsigned cpu;

	if (nr_cpus == 1 || READ_ONCE(this_rq()->nr_running) < 2 || rt_task(t))
		return;
	cpu = find_idle(t);
	if (cpu >= nr_cpus || cpu == current_head()->cpu)
		return;
	saved = t->se.affinity;
	cpumask_zero(&one);
	cpumask_set(&one, cpu);
	if (sched_set_affinity(t, &one) == 0)
		(void)sched_set_affinity(t, &saved);
}
