/* SPDX-License-Identifier: MIT */
/*
 * CPU time. What a task used in all (sum_exec) is exact: charged at each switch. How it divides into user and
 * system time is sampled, so that system calls, interrupts and faults pay nothing for it: each tick finds the task in
 * a system call or not and books everything since the last booking as that; a switch books as the last tick found. Ticks
 * come every few milliseconds while tasks compete and 4, 8, .. 64 ms apart while a user task runs alone.
 * utime + stime is always sum_exec. A page fault counts as user time.
 *
 * The load average decays when somebody looks, ticks or leaves idle; while all CPUs are idle nothing has to run for it.
 */
#include "sched_internal.h"
#include <kernel/time.h>

static inline void book(struct rq *rq, struct task *t, uint64_t delta)
{
	if (t->se.in_kernel || !t->mm) {
		t->stime += delta;
		rq->times.system += delta;
	} else {
		t->utime += delta;
		if (t->se.nice > 0)
			rq->times.nice += delta;
		else
			rq->times.user += delta;
	}
}

void account_time(struct rq *rq, struct task *t, uint64_t delta)
{
	book(rq, t, delta);
}

/* Before the update that books: what the tick interrupted. */
void account_sample(struct rq *rq, struct task *t, bool user)
{
	t->se.in_kernel = !user;
}

uint64_t task_sum_exec(struct task *t)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq = task_rq_lock(t);
	uint64_t v;

	if (rq->curr == t)
		rq_update_curr(rq);
	v = t->se.sum_exec;
	rq_unlock(rq);
	arch_irq_restore(f);
	return v;
}

void task_cputime(struct task *t, uint64_t *utime, uint64_t *stime)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq = task_rq_lock(t);

	if (rq->curr == t)
		rq_update_curr(rq);
	*utime = t->utime;
	*stime = t->stime;
	rq_unlock(rq);
	arch_irq_restore(f);
}

/* Callers may hold siglock. times_seq changes when a thread's figures move to the totals of the gone. */
void proc_cputime(struct proc *p, uint64_t *utime, uint64_t *stime)
{
	uint64_t u, s, tu, ts;
	struct task *t;
	uint32_t seq;

	rcu_read_lock();
	do {
		seq = seq_read_begin(&p->times_seq);
		u = p->utime;
		s = p->stime;
		proc_for_each_thread(t, p) {
			if (READ_ONCE(t->exit_accounted))
				continue;
			task_cputime(t, &tu, &ts);
			u += tu;
			s += ts;
		}
	} while (seq_read_retry(&p->times_seq, seq));
	rcu_read_unlock();
	*utime = u;
	*stime = s;
}

uint64_t proc_sum_exec(struct proc *p)
{
	uint64_t u, s;

	proc_cputime(p, &u, &s);
	return u + s;
}

/* ---- the machine */
unsigned long sched_nr_running(void)
{
	unsigned long n = 0;

	for_each_cpu(cpu, &cpu_online_mask)
		n += READ_ONCE(cpu_rq(cpu)->nr_running);
	return n;
}

uint64_t sched_cpu_switches(unsigned cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_switches);
}

uint64_t sched_nr_switches(void)
{
	uint64_t n = 0;

	for_each_cpu(cpu, &cpu_online_mask)
		n += sched_cpu_switches(cpu);
	return n;
}

bool sched_cpu_is_idle(unsigned cpu)
{
	return rq_is_idle(cpu_rq(cpu));
}

void sched_cpu_times(unsigned cpu, struct cpu_times *out)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq = cpu_rq(cpu);

	rq_lock(rq);
	if (rq->online)
		rq_update_curr(rq);
	*out = rq->times;
	rq_unlock(rq);
	arch_irq_restore(f);
}

uint64_t cpu_idle_ns(unsigned cpu)
{
	struct cpu_times t;

	sched_cpu_times(cpu, &t);
	return t.idle;
}

#define LOAD_PERIOD	(5 * NSEC_PER_SEC)
#define LOAD_ONE	2048u		/* 11 bits of fraction */
static DEFINE_SPINLOCK(load_lock, LR_LEAF);
static uint64_t load_avg[3];
static nsec_t load_next;
/* e^(-5 s / 1, 5, 15 min) in 11 bits. */
static const unsigned load_decay[3] = { 1884, 2014, 2037 };

static void load_step(uint64_t active)
{
	for (unsigned i = 0; i < 3; i++) {
		uint64_t v = load_avg[i] * load_decay[i] + active * (LOAD_ONE - load_decay[i]);

		if (active >= load_avg[i])
			v += LOAD_ONE - 1;
		load_avg[i] = v / LOAD_ONE;
	}
}

void loadavg_update(nsec_t now)
{
	irqflags_t f;
	uint64_t active;
	unsigned n = 0;

	if (likely(now < READ_ONCE(load_next)))
		return;
	active = sched_nr_running() * LOAD_ONE;
	f = spin_lock_irqsave(&load_lock);
	if (load_next == 0)
		load_next = now + LOAD_PERIOD;
	/* After a long idle time: as many steps as were missed, all of them settled after some hundreds. */
	while (now >= load_next && n++ < 1000) {
		load_step(active);
		load_next += LOAD_PERIOD;
	}
	if (now >= load_next)
		load_next = now + LOAD_PERIOD;
	spin_unlock_irqrestore(&load_lock, f);
}

void sched_loadavg(uint64_t out[3])
{
	loadavg_update(clock_monotonic());
	for (unsigned i = 0; i < 3; i++)
		out[i] = READ_ONCE(load_avg[i]);
}
