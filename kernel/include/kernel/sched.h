/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: per-CPU run queues; SCHED_FIFO and SCHED_RR above a fair policy (virtual run time
 * weighted by nice) above SCHED_IDLE. Tickless: a timer is armed only while more than one
 * task competes. kernel/sched/.
 */
#pragma once
#include <kernel/rbtree.h>
#include <kernel/list.h>
#include <kernel/types.h>
#include <uapi/sched.h>

struct task;
struct cpumask {
	unsigned long bits[(CONFIG_NR_CPUS + 63) / 64];
};
extern struct cpumask cpu_possible_mask, cpu_online_mask;
extern unsigned nr_cpus;		/* possible */
static inline bool cpumask_test(const struct cpumask *m, unsigned cpu) { return READ_ONCE(m->bits[cpu / 64]) >> (cpu % 64) & 1; }
static inline void cpumask_set(struct cpumask *m, unsigned cpu) { (void)__atomic_fetch_or(&m->bits[cpu / 64], 1ul << cpu % 64, __ATOMIC_RELAXED); }
static inline void cpumask_clear_cpu(struct cpumask *m, unsigned cpu) { (void)__atomic_fetch_and(&m->bits[cpu / 64], ~(1ul << cpu % 64), __ATOMIC_RELAXED); }
static inline void cpumask_zero(struct cpumask *m)
{
	for (unsigned i = 0; i < (CONFIG_NR_CPUS + 63) / 64; i++)
		m->bits[i] = 0;
}
unsigned cpumask_weight(const struct cpumask *m);
/* The first CPU of the mask that is online too; nr_cpus when there is none. */
unsigned cpumask_first_online(const struct cpumask *m);
unsigned cpus_online(void);
#define for_each_cpu(cpu, mask) for (unsigned cpu = 0; cpu < nr_cpus; cpu++) if (cpumask_test(mask, cpu))

struct sched_entity {
	struct rb_node node;		/* fair queue */
	struct list_head rt_link;	/* real-time queue */
	uint64_t vruntime;		/* weighted ns */
	uint64_t deadline_v;		/* virtual deadline */
	uint64_t exec_start;		/* when it last began to be charged */
	uint64_t sum_exec;		/* ns of CPU time */
	uint64_t slice_used;		/* ns */
	uint32_t weight;
	int policy;
	int nice;			/* -20..19 */
	int rt_priority;		/* what it runs with: its own or an inherited one; 0: fair */
	int own_priority;		/* 1..99 for FIFO and RR, else 0 */
	bool on_rq;			/* queued or running */
	bool reset_on_fork;
	bool migrating;			/* on_rq, but between two queues */
	bool in_kernel;			/* mode the last accounting sample found */
	struct cpumask affinity;
	unsigned nr_allowed;
	/* Several CPUs only, see balance.c: what a task does tells where those it wakes had better run. */
	uint32_t wake_run;		/* ns it mostly runs on after it woke somebody */
	uint32_t burst;			/* ns it mostly runs between two sleeps */
	uint64_t slept_exec;		/* sum_exec when it last went to sleep */
	uint64_t wake_at;		/* its first wake-up of somebody since then; 0: none */
	uint64_t sent_at;		/* put on another, idle CPU at this time, has not run since; 0: no */
};

void sched_init(void);
void sched_init_cpu(unsigned cpu);	/* on that CPU */
__noreturn void sched_idle_loop(void);	/* becomes this CPU's idle task */

void schedule(void);
/* The interrupt return's form: interrupts are off, and off again on return. */
void preempt_schedule_irq(void);
void preempt_schedule_if_due(void);
/* Sleeps (state already set) until woken or @deadline; false when the deadline has passed. */
bool schedule_deadline(nsec_t deadline);
/* Make runnable if its state is one of @states. Returns whether it did. Any context. */
bool wake_up_state(struct task *t, unsigned states);
bool wake_up_task(struct task *t);	/* TASK_NORMAL */
void wake_up_new_task(struct task *t);
struct pt_regs;
/* The idle task of a CPU that is about to be started (boot CPU: init_task). */
struct task *sched_idle_task(unsigned cpu);
void sched_set_idle_task(unsigned cpu, struct task *t);
/* On that CPU, before its first schedule(). The caller's task is its idle task. */
void sched_exit_task(struct task *t);		/* a dying task's last look at the scheduler's data */
void sched_sleep_ns(nsec_t ns);			/* uninterruptible: kernel threads */
void set_current_state(unsigned state);	/* with the full barrier a sleeper needs */
void set_current_running(void);
void sched_fork(struct task *child);
void sched_exec(void);
void sched_yield(void);
void resched_cpu(unsigned cpu);
/* Called from the timer and reschedule interrupts. */
void sched_tick(void);
bool task_is_running(const struct task *t);	/* on a CPU now */
/* The priority inherited from others has become @prio (0: none). Whether that changed what @t runs with. pi_lock held. */
bool sched_inherit(struct task *t, int prio);
void set_user_nice(struct task *t, int nice);
int sched_set_affinity(struct task *t, const struct cpumask *m);
unsigned long sched_nr_running(void);
uint64_t sched_nr_switches(void);
void sched_loadavg(uint64_t out[3]);		/* fixed point, 11 bits */
uint64_t cpu_idle_ns(unsigned cpu);
uint64_t sched_cpu_switches(unsigned cpu);
struct cpu_times { uint64_t user, nice, system, idle, irq, iowait; };	/* ns */
void sched_cpu_times(unsigned cpu, struct cpu_times *out);	/* /proc/stat */
bool sched_cpu_is_idle(unsigned cpu);
void cond_resched(void);
/* From irq_exit(), interrupts off: switches, and returns with interrupts off. */
void preempt_schedule_irq(void);
/* The idle task of a secondary CPU, not running yet. NULL: no memory. */
struct task *idle_task_create(unsigned cpu);
