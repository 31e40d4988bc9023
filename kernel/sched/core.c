/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's core: wake-up, switch, the tick.
 *
 * One lock per CPU's queue protects everything about its tasks, the state change of a wake-up included: there
 * is no second lock per task. A task belongs to the queue of head.cpu, also while it sleeps. The lock is held from the
 * choice of the next task until the switch is over (the next task releases it), so whoever holds it
 * and finds a task that is not rq->curr knows that its registers are saved and its stack is not in use.
 *
 * No lost wake-up: a sleeper stores its state, full barrier, tests its condition. A waker stores the condition, full
 * barrier (in wake_up_state), reads the state. One of the two sees the other. schedule() looks at the state again under
 * the lock, so a wake-up in between just makes it return.
 *
 * Tickless: the tick of a CPU is a timer that is armed when a second task competes, or for accounting samples of a
 * user task that runs alone (4 ms after it starts, then ever rarer down to 64 ms: see cputime.c). It is not
 * cancelled when the competition ends, since arming costs more than one needless interrupt.
 */
#include "sched_internal.h"
#include <kernel/init.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/trace.h>
#include <kernel/vm.h>

DEFINE_PERCPU(struct rq, runqueues);
struct cpumask cpu_possible_mask, cpu_online_mask;
unsigned nr_cpus = 1;

/* ---- states */
void set_current_state(unsigned state)
{
	WRITE_ONCE(current->state, state);
	smp_mb();	/* before the caller tests its condition; pairs with wake_up_state() */
}

void set_current_running(void)
{
	WRITE_ONCE(current->state, TASK_RUNNING);
}

void might_sleep(void)
{
	if (CONFIG_DEBUG && unlikely(preempt_count() || arch_irqs_disabled()) && system_state != SYSTEM_BOOTING &&
	    !panic_in_progress)
		panic("%s may sleep in a context that must not (preempt count %x, interrupts %s)", current->comm,
		      preempt_count(), arch_irqs_disabled() ? "off" : "on");
}

/* ---- the queue */
void rq_update_curr(struct rq *rq)
{
	struct task *t = rq->curr;
	uint64_t now = (uint64_t)clock_monotonic(), delta = now - t->se.exec_start;

	rq->clock = now;
	if ((int64_t)delta <= 0)
		return;
	t->se.exec_start = now;
	if (t == rq->idle) {
		rq->times.idle += delta;
		return;
	}
	t->se.sum_exec += delta;
	account_time(rq, t, delta);
	if (likely(!rt_task(t)))
		fair_charge(rq, t, delta);
	else {
		t->se.slice_used += delta;
		rt_charge(rq, delta);
	}
}

void rq_enqueue(struct rq *rq, struct task *t, bool wakeup)
{
	if (likely(!rt_task(t)))
		fair_enqueue(rq, t, wakeup);
	else
		rt_enqueue(rq, t, false);
	t->se.on_rq = true;
	WRITE_ONCE(rq->nr_running, rq->nr_running + 1);
}

void rq_dequeue(struct rq *rq, struct task *t)
{
	if (likely(!rt_task(t)))
		fair_dequeue(rq, t);
	else
		rt_dequeue(rq, t);
	t->se.on_rq = false;
	WRITE_ONCE(rq->nr_running, rq->nr_running - 1);
}

/* @t has just become runnable here: must the running task go? */
void rq_check_preempt(struct rq *rq, struct task *t)
{
	struct task *curr = rq->curr;

	if (curr == rq->idle) {
		resched_curr(rq);
	} else if (rt_task(t)) {
		if (t->se.rt_priority > curr->se.rt_priority && (rt_task(curr) || rt_may_run(rq)))
			resched_curr(rq);
	} else if (!rt_task(curr)) {
		if (fair_wakeup_preempts(rq, curr, t))
			resched_curr(rq);
	} else if (!rt_may_run(rq)) {
		resched_curr(rq);
	}
	if (rq->cpu != current_head()->cpu && !rq->want_tick && rq->nr_running > 1 && !READ_ONCE(rq->tick_armed)) {
		rq->want_tick = true;
		ipi_send(rq->cpu, IPI_RESCHED);	/* timers are armed by their own CPU */
	}
}

/* ---- the tick */
static inline void tick_start(struct rq *rq, nsec_t deadline)
{
	rq->tick_armed = true;
	timer_start(&rq->tick, deadline);
}

/* This CPU's queue has competitors. Interrupts off, no queue lock (timers come before queues in the lock order). */
void tick_arm_here(struct rq *rq)
{
	if (rq->tick_armed)
		return;
	tick_start(rq, clock_monotonic() + SLICE_NS);
}

static void tick_fire(struct timer *timer)
{
	struct rq *rq = this_rq();
	struct task *t = current;
	nsec_t next = 0;

	rq->tick_armed = false;
	if (preempt_count() == PREEMPT_HARD)
		rcu_quiescent();	/* what we interrupted is no reader */
	rq_lock(rq);
	rq->want_tick = false;
	if (t == rq->idle) {
		rq_unlock(rq);
		watchdog_tick(clock_monotonic(), false, rq->nr_switches);
		return;
	}
	account_sample(rq, t, t->mm && regs_syscall_nr(task_regs(t)) < 0);
	rq_update_curr(rq);
	if (rq->nr_running > 1) {
		uint64_t slice = rt_task(t) ? RR_SLICE_NS : fair_slice(rq, t);

		if (rt_task(t) ? rt_tick(rq, t) : ((rq->nr_rt && rt_may_run(rq)) || fair_tick(rq, t)))
			resched_curr(rq);
		next = (nsec_t)(slice > t->se.slice_used ? slice - t->se.slice_used : slice);
		next = MAX(next, (nsec_t)MIN_GRAN_NS);
		if (unlikely(rq->nr_rt))
			next = rt_next_tick(rq, next);
		rq->tick_period = SAMPLE_MIN_NS;
	} else if (t->mm) {
		rq->tick_period = MIN(MAX(rq->tick_period * 2, (nsec_t)SAMPLE_MIN_NS), (nsec_t)SAMPLE_MAX_NS);
		next = rq->tick_period;
	}
	rq_unlock(rq);
	if (nr_cpus > 1)
		balance_tick(rq);
	if (next)
		tick_start(rq, (nsec_t)rq->clock + next);
	watchdog_tick((nsec_t)rq->clock, next != 0, rq->nr_switches);
	loadavg_update((nsec_t)rq->clock);
}

void sched_tick(void)
{
	struct rq *rq = this_rq();

	if (preempt_count() == PREEMPT_HARD)
		rcu_quiescent();
	if (READ_ONCE(rq->want_tick)) {
		rq->want_tick = false;
		tick_arm_here(rq);
	}
}

/* ---- wake-up */
bool wake_up_state(struct task *t, unsigned states)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq, *to;
	unsigned cpu;
	bool arm;

	smp_mb();	/* the condition is stored before the state is read; pairs with set_current_state() */
	rq = task_rq_lock(t);
	if (!(READ_ONCE(t->state) & states)) {
		rq_unlock(rq);
		arch_irq_restore(f);
		return false;
	}
	if (t->se.on_rq) {
		/* Still running, or preempted, on its way to sleep: it will not. */
		WRITE_ONCE(t->state, TASK_RUNNING);
		rq_unlock(rq);
		arch_irq_restore(f);
		return true;
	}
	if (nr_cpus > 1) {
		if (!current->se.wake_at && !in_interrupt())
			current->se.wake_at = (uint64_t)clock_monotonic();
		while ((cpu = select_wake_cpu(t)) != rq->cpu) {
			to = cpu_rq(cpu);
			WRITE_ONCE(t->state, TASK_WAKING);	/* other wakers pass by; the affinity may change */
			if (!rt_task(t))
				fair_migrate(t, rq, to);
			task_set_cpu(t, cpu);
			rq_unlock(rq);
			rq_lock(to);
			rq = to;
			if (likely(cpumask_test(&t->se.affinity, cpu)))
				break;
		}
	}
	WRITE_ONCE(t->state, TASK_RUNNING);
	t->se.sent_at = 0;
	if (rq->curr != rq->idle)
		rq_update_curr(rq);
	else if (nr_cpus > 1 && rq->cpu != current_head()->cpu && !rq->nr_running)
		t->se.sent_at = (uint64_t)clock_monotonic();
	rq_enqueue(rq, t, true);
	rq_check_preempt(rq, t);
	arm = rq->nr_running > 1 && !rq->tick_armed && rq->cpu == current_head()->cpu;
	rq_unlock(rq);
	if (arm)
		tick_arm_here(rq);
	arch_irq_restore(f);
	/* On this CPU the interrupt's end, or the caller's next preempt_enable(), switches. */
	if (unlikely(READ_ONCE(current->head.work) & TIF_NEED_RESCHED) && preempt_count() == 0)
		preempt_schedule();
	return true;
}

bool wake_up_task(struct task *t)
{
	return wake_up_state(t, TASK_NORMAL);
}

void sched_fork(struct task *child)
{
	struct task *parent = current;
	struct sched_entity *se = &child->se;

	*se = parent->se;
	se->on_rq = se->migrating = se->in_kernel = false;
	se->sum_exec = se->slice_used = 0;
	se->wake_at = se->sent_at = se->slept_exec = 0;
	se->wake_run = se->burst = WAKE_COST_MAX_NS;	/* not known yet: one that goes on */
	if (parent->se.reset_on_fork) {
		se->reset_on_fork = false;
		if (rt_policy(se->policy) || se->policy == SCHED_IDLE) {
			se->policy = SCHED_NORMAL;
			se->own_priority = 0;
		}
		if (se->nice < 0 || rt_policy(parent->se.policy))
			se->nice = 0;
		se->weight = sched_weight(child);
	}
	se->rt_priority = se->own_priority;	/* nothing is inherited from one's parent's waiters */
	list_init(&se->rt_link);
	child->state = TASK_NEW;
	child->head.cpu = current_head()->cpu;
	child->head.preempt_count = 2;	/* as if it had called schedule(): see task_start_tail() */
}

void wake_up_new_task(struct task *t)
{
	irqflags_t f = arch_irq_save();
	unsigned cpu = nr_cpus > 1 ? select_fork_cpu(t) : 0;
	struct rq *rq = cpu_rq(cpu);
	bool arm;

	task_set_cpu(t, cpu);
	rq_lock(rq);
	if (rq->curr != rq->idle)
		rq_update_curr(rq);
	/* Behind those who are here already by most of a slice: a fork does not cheat the neighbours. */
	t->se.vruntime = rq->min_vruntime + SLICE_NS / 2;
	t->state = TASK_RUNNING;
	rq_enqueue(rq, t, false);
	if (rt_task(t) || rq->curr == rq->idle)
		rq_check_preempt(rq, t);
	else if (rq->cpu != current_head()->cpu)
		rq_check_preempt(rq, t);
	arm = rq->nr_running > 1 && !rq->tick_armed && rq->cpu == current_head()->cpu;
	rq_unlock(rq);
	if (arm)
		tick_arm_here(rq);
	arch_irq_restore(f);
}

void resched_cpu(unsigned cpu)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq = cpu_rq(cpu);

	rq_lock(rq);
	resched_curr(rq);
	rq_unlock(rq);
	arch_irq_restore(f);
}

/* ---- the switch */
static __always_inline void switch_mm(struct task *prev, struct task *next)
{
	if (next->mm) {
		if (prev->active_mm != next->mm)
			arch_mm_switch(prev->active_mm, next->mm);
		next->active_mm = next->mm;
	} else {
		/* Kernel threads run on the kernel's tables alone: no reference to an address space is kept. */
		if (prev->active_mm != &init_mm)
			arch_mm_deactivate();
		next->active_mm = &init_mm;
	}
}

/*
 * Releases the queue lock that the switch was made under. Runs on the new task's stack. Returns true when @prev was
 * dead and the caller is to let go of it (with interrupts on: its stack may have to be unmapped).
 */
static __always_inline bool finish_switch(struct task *prev)
{
	bool dead = prev->state == TASK_DEAD && !prev->se.on_rq, migrate = prev->se.migrating;

	rq_unlock(this_rq());
	if (unlikely(migrate)) {
		/* Its affinity forbids this CPU. It is in no queue; now that its stack is free it can go to another one. */
		unsigned cpu = cpumask_first_online(&prev->se.affinity);
		struct rq *to;

		if (cpu >= nr_cpus)
			cpu = current_head()->cpu;
		to = cpu_rq(cpu);
		if (!rt_task(prev))
			fair_migrate(prev, this_rq(), to);
		rq_lock(to);
		task_set_cpu(prev, cpu);
		prev->se.migrating = false;
		rq_enqueue(to, prev, false);
		rq_check_preempt(to, prev);
		rq_unlock(to);
	}
	return dead;
}

static inline struct task *pick_next(struct rq *rq)
{
	struct task *t;

	if (unlikely(rq->nr_rt) && (t = rt_pick(rq)))
		return t;
	t = fair_pick(rq);
	if (likely(t))
		return t;
	if (nr_cpus > 1 && balance_steal(rq))
		return pick_next(rq);
	return rq->idle;
}

/* Preemption is off. @sleep: a state other than running means that prev is to leave the queue. */
static __always_inline void schedule_once(bool sleep)
{
	irqflags_t f = arch_irq_save();
	struct rq *rq = this_rq();
	struct task *prev = current, *next;
	bool dead = false, from_idle = false;
	unsigned state;

	rcu_quiescent();
	rq_lock(rq);
	rq_update_curr(rq);
	if (READ_ONCE(prev->head.work) & TIF_NEED_RESCHED)
		__atomic_fetch_and(&prev->head.work, ~TIF_NEED_RESCHED, __ATOMIC_RELAXED);
	state = prev->state;
	if (prev == rq->idle) {
		from_idle = nr_cpus > 1;
	} else if (sleep && state != TASK_RUNNING) {
		if (unlikely(READ_ONCE(prev->head.work) & TIF_SIGPENDING) && signal_pending_state(state, prev)) {
			WRITE_ONCE(prev->state, TASK_RUNNING);
			goto runnable;
		}
		rq_dequeue(rq, prev);
		if (nr_cpus > 1)
			sleep_learn(prev, rq->clock);
		prev->nvcsw++;
	} else {
		if (!sleep)
			prev->nivcsw++;
		else
			prev->nvcsw++;
runnable:
		if (prev->rseq)		/* it may be in the middle of a restartable sequence */
			__atomic_fetch_or(&prev->head.work, TIF_NOTIFY, __ATOMIC_RELAXED);
		if (unlikely(!cpumask_test(&prev->se.affinity, rq->cpu))) {
			rq_dequeue(rq, prev);
			prev->se.on_rq = true;
			prev->se.migrating = true;
		} else if (likely(!rt_task(prev))) {
			fair_put(rq, prev);
		}
	}
	next = pick_next(rq);
	if (likely(prev != next)) {
		rq->nr_switches++;
		next->se.exec_start = rq->clock;
		if (unlikely(from_idle) && next->se.sent_at)
			wake_cost_update(next, rq->clock);
		WRITE_ONCE(rq->curr, next);
		trace_switch(prev, next);
		switch_mm(prev, next);
		if (CONFIG_DEBUG && next->head.preempt_count != 2)
			panic("switch to %s with preempt count %x", next->comm, next->head.preempt_count);
		prev = arch_switch(prev, next);
		dead = finish_switch(prev);
		rq = this_rq();
	} else {
		if (unlikely(prev->se.migrating)) {	/* nowhere to go */
			prev->se.migrating = false;
			prev->se.on_rq = false;
			rq_enqueue(rq, prev, false);
		}
		rq_unlock(rq);
	}
	if (unlikely(!rq->tick_armed) && current->mm)
		tick_start(rq, (nsec_t)rq->clock + (rq->nr_running > 1 ? SLICE_NS : (rq->tick_period = SAMPLE_MIN_NS)));
	if (unlikely(current->proc->cpu_timers_armed))
		cputimer_switch_in();
	arch_irq_restore(f);
	if (unlikely(dead))
		sched_exit_task(prev);
}

void schedule(void)
{
	if (CONFIG_DEBUG && unlikely(preempt_count()) && !panic_in_progress)
		panic("schedule() with preempt count %x", preempt_count());
	do {
		preempt_disable();
		schedule_once(true);
		preempt_enable_no_resched();
	} while (READ_ONCE(current->head.work) & TIF_NEED_RESCHED);
}

void preempt_schedule(void)
{
	if (preempt_count() || arch_irqs_disabled())
		return;
	do {
		preempt_disable();
		schedule_once(false);
		preempt_enable_no_resched();
	} while (READ_ONCE(current->head.work) & TIF_NEED_RESCHED);
}

void preempt_schedule_irq(void)
{
	if (preempt_count())
		return;
	do {
		preempt_disable();
		schedule_once(false);
		preempt_enable_no_resched();
	} while (READ_ONCE(current->head.work) & TIF_NEED_RESCHED);
}

void cond_resched(void)
{
	if (unlikely(READ_ONCE(current->head.work) & TIF_NEED_RESCHED))
		preempt_schedule();
}

/* First thing a new task does, on its own stack, with the queue lock of the switch. */
void task_start_tail(struct task *prev)
{
	struct task *t = current;

	bool dead = finish_switch(prev);

	if (unlikely(t->proc->cpu_timers_armed))
		cputimer_switch_in();
	arch_irq_enable();
	if (unlikely(dead))
		sched_exit_task(prev);
	preempt_enable();
	if (t->set_child_tid)
		task_set_child_tid(t);
}

/* ---- sleeping with a deadline */
struct sleeper {
	struct timer timer;
	struct task *task;
};

static void sleeper_fire(struct timer *timer)
{
	wake_up_task(container_of(timer, struct sleeper, timer)->task);
}

bool schedule_deadline(nsec_t deadline)
{
	struct sleeper s;
	bool queued;

	if (deadline == NSEC_NEVER) {
		schedule();
		return true;
	}
	if (deadline <= clock_monotonic()) {
		set_current_running();
		return false;
	}
	s.task = current;
	timer_setup(&s.timer, sleeper_fire, TIMER_MONO);
	timer_start(&s.timer, deadline);
	schedule();
	queued = timer_cancel_sync(&s.timer);
	return queued;
}

void sched_sleep_ns(nsec_t ns)
{
	nsec_t end = deadline_after(clock_monotonic(), ns);

	do
		set_current_state(TASK_UNINTERRUPTIBLE);
	while (schedule_deadline(end));
	set_current_running();
}

void sched_yield(void)
{
	struct task *t = current;
	struct rq *rq;
	irqflags_t f;

	if (READ_ONCE(this_rq()->nr_running) <= 1)
		return;		/* nobody to yield to */
	f = arch_irq_save();
	rq = this_rq();
	rq_lock(rq);
	if (rt_task(t)) {
		rt_yield(rq, t);
	} else if (rq->fair.leftmost) {
		uint64_t v = rb_entry(rq->fair.leftmost, struct task, se.node)->se.vruntime;

		rq_update_curr(rq);
		if ((int64_t)(t->se.vruntime - v) <= 0)
			t->se.vruntime = v + 1;
	}
	rq_unlock(rq);
	arch_irq_restore(f);
	schedule();
}

bool task_is_running(const struct task *t)
{
	return READ_ONCE(cpu_rq(READ_ONCE(t->head.cpu))->curr) == t;
}

/* ---- start */
static void rq_init(unsigned cpu, struct task *idle)
{
	struct rq *rq = cpu_rq(cpu);

	idle->active_mm = &init_mm;
	spin_lock_init(&rq->lock, LR_RUNQ);
	rq->cpu = cpu;
	rq->curr = rq->idle = idle;
	rq->fair = (struct rb_root_cached){ RB_ROOT, NULL };
	rq->tick_period = SAMPLE_MIN_NS;
	rt_init(rq);
	timer_setup(&rq->tick, tick_fire, TIMER_MONO);
}

struct task *sched_idle_task(unsigned cpu)
{
	return cpu_rq(cpu)->idle ? cpu_rq(cpu)->idle : idle_task_create(cpu);
}

void sched_set_idle_task(unsigned cpu, struct task *t)
{
	t->flags |= TF_KTHREAD | TF_IDLE;
	t->state = TASK_RUNNING;
	t->head.cpu = cpu;
	t->head.preempt_count = 0;
	t->se.policy = SCHED_NORMAL;
	t->se.weight = NICE_0_WEIGHT;
	cpumask_zero(&t->se.affinity);
	cpumask_set(&t->se.affinity, cpu);
	t->se.nr_allowed = 1;
	rq_init(cpu, t);
}

void sched_init(void)
{
	cpumask_set(&cpu_possible_mask, 0);
	cpumask_set(&cpu_online_mask, 0);
	sched_set_idle_task(0, &init_task);
	/* The boot task hands its affinity on to all that come: everywhere. */
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		cpumask_set(&init_task.se.affinity, cpu);
	init_task.se.nr_allowed = CONFIG_NR_CPUS;
	init_task.se.exec_start = (uint64_t)clock_monotonic();
	cpu_rq(0)->online = true;
}

void sched_init_cpu(unsigned cpu)
{
	struct rq *rq = cpu_rq(cpu);

	rq->idle->se.exec_start = (uint64_t)clock_monotonic();
	rq->clock = rq->idle->se.exec_start;
	WRITE_ONCE(rq->online, true);
}
