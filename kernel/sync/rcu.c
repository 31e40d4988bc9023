/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update. A grace period is a number: the one who wants it increments rcu_seq (full barrier: the
 * removal of the object comes first) and waits until each CPU has stored that number, or a later one, in its
 * `passed`, or is seen idle. A CPU stores it in rcu_quiescent(): at a context switch, on the tick or the reschedule
 * interrupt when that interrupted no reader. While nobody asks, a quiescent state costs two loads.
 *
 * Idle: `idle` is set while the CPU waits with interrupts masked, and cleared, with a barrier, before the
 * interrupt that woke it is taken; so no handler runs, and reads, while it is set.
 *
 * CPUs that stay busy in user mode or in the kernel are poked by a reschedule interrupt once a grace period
 * has waited RCU_POKE_NS. Nothing ticks.
 *
 * Call-backs collect in per-CPU lists. The first one wakes the rcu thread through a timer, RCU_BATCH_NS later,
 * or at once when a list gets long; it takes all lists, waits for one grace period and runs them all.
 *
 * Locks: rcu_cpu.lock (LR_RCU), interrupts off.
 */
#include <kernel/rcu.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/task.h>

#define RCU_BATCH_NS	(5 * NSEC_PER_MSEC)
#define RCU_POLL_NS	(500 * NSEC_PER_USEC)
#define RCU_POKE_NS	(2 * NSEC_PER_MSEC)
#define RCU_LONG_LIST	512u
#define RCU_RUN_BATCH	64u		/* call-backs between looks at need_resched */

struct rcu_cpu {
	uint64_t passed;
	bool idle;
	struct spinlock lock;
	struct rcu_head *head, **tail;
	unsigned count;
};
static DEFINE_PERCPU(struct rcu_cpu, rcu_cpu);
static uint64_t rcu_seq __cacheline_aligned;
static struct task *rcu_task;
static bool rcu_ready;
static atomic_t rcu_pending;		/* 0 no call-back, 1 the thread is told, 2 at once */
static struct timer rcu_timer;

void rcu_quiescent(void)
{
	struct rcu_cpu *rc = &this_cpu(rcu_cpu);
	uint64_t seq = READ_ONCE(rcu_seq);

	if (likely(rc->passed == seq))
		return;
	/*
	 * Our readers' loads come before the store, and the loads of readers to come after the load of rcu_seq.
	 * Pairs with the increment in rcu_wait().
	 */
	smp_mb();
	WRITE_ONCE(rc->passed, seq);
}

/* Interrupts are off, and stay off until rcu_idle_exit(). */
void rcu_idle_enter(void)
{
	smp_store_release(&this_cpu(rcu_cpu).idle, true);
}

void rcu_idle_exit(void)
{
	WRITE_ONCE(this_cpu(rcu_cpu).idle, false);
	smp_mb();	/* the flag is down before any reader's load; pairs with rcu_cpu_done() */
}

static bool rcu_cpu_done(struct rcu_cpu *rc, uint64_t seq)
{
	return smp_load_acquire(&rc->passed) >= seq || smp_load_acquire(&rc->idle);
}

static void rcu_wait(void)
{
	uint64_t seq = __atomic_add_fetch(&rcu_seq, 1, __ATOMIC_SEQ_CST);
	nsec_t start = 0;

	smp_mb();	/* the number is out before we look whether a CPU is idle; pairs with rcu_idle_exit() */
	for (;;) {
		bool all = true, poke = start && clock_monotonic() - start > RCU_POKE_NS;

		preempt_disable();
		rcu_quiescent();	/* we are no reader, so this CPU runs none */
		for_each_cpu(cpu, &cpu_online_mask) {
			if (rcu_cpu_done(&per_cpu(rcu_cpu, cpu), seq))
				continue;
			all = false;
			if (poke)
				resched_cpu(cpu);	/* it switches, at the latest when its reader is done */
		}
		preempt_enable();
		if (all)
			break;
		if (!start)
			start = clock_monotonic();
		sched_sleep_ns(RCU_POLL_NS);
	}
	smp_mb();	/* what follows (freeing) comes after every reader that was there */
}

void synchronize_rcu(void)
{
	might_sleep();
	if (system_state == SYSTEM_BOOTING)
		return;		/* one CPU, no other task, and we are no reader */
	rcu_wait();
}

static void rcu_timer_fire(struct timer *t)
{
	if (rcu_task)
		wake_up_task(rcu_task);
}

void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *))
{
	irqflags_t f = arch_irq_save();
	struct rcu_cpu *rc = &this_cpu(rcu_cpu);
	unsigned n;

	head->fn = fn;
	head->next = NULL;
	spin_lock(&rc->lock);
	*rc->tail = head;
	rc->tail = &head->next;
	n = ++rc->count;
	spin_unlock(&rc->lock);
	if (unlikely(atomic_read(&rcu_pending) == 0) && atomic_cas(&rcu_pending, 0, 1) && rcu_ready)
		timer_start(&rcu_timer, clock_monotonic() + RCU_BATCH_NS);
	if (unlikely(n == RCU_LONG_LIST) && rcu_ready && rcu_task) {
		atomic_set(&rcu_pending, 2);
		wake_up_task(rcu_task);
	}
	arch_irq_restore(f);
}

void kfree_rcu_head(struct rcu_head *head, void *obj)
{
	size_t off = (size_t)((char *)head - (char *)obj);

	ASSERT(off < PAGE_SIZE);
	/* No function lies in the first page: a small number is the offset of the head in its object. */
	call_rcu(head, (void (*)(struct rcu_head *))(uintptr_t)(off + 1));
}

static void rcu_run(struct rcu_head *list)
{
	unsigned n = 0;

	while (list) {
		struct rcu_head *h = list;
		uintptr_t fn = (uintptr_t)h->fn;

		list = h->next;
		if (fn <= PAGE_SIZE)
			kfree((char *)h - (fn - 1));
		else
			h->fn(h);
		if (++n % RCU_RUN_BATCH == 0)
			cond_resched();
	}
}

static struct rcu_head *rcu_take_all(void)
{
	struct rcu_head *list = NULL, **tail = &list;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct rcu_cpu *rc = &per_cpu(rcu_cpu, cpu);
		irqflags_t f;

		if (!READ_ONCE(rc->head))
			continue;
		f = spin_lock_irqsave(&rc->lock);
		*tail = rc->head;
		tail = rc->tail;
		rc->head = NULL;
		rc->tail = &rc->head;
		rc->count = 0;
		spin_unlock_irqrestore(&rc->lock, f);
	}
	return list;
}

static int rcu_thread(void *arg)
{
	for (;;) {
		struct rcu_head *list;

		/* The timer, or a long list, wakes us; sleeping with the list non-empty means that one of them will. */
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (atomic_read(&rcu_pending) == 0 || (atomic_read(&rcu_pending) == 1 && timer_pending(&rcu_timer)))
			schedule();
		set_current_running();
		if (atomic_read(&rcu_pending) == 1 && timer_pending(&rcu_timer))
			continue;
		atomic_set(&rcu_pending, 0);
		smp_mb();	/* a call_rcu() that saw it non-zero has its call-back in what we take now */
		list = rcu_take_all();
		if (list) {
			rcu_wait();
			rcu_run(list);
		}
	}
	return 0;
}

/* Low memory: what waits for a grace period is freed now. May sleep. */
void rcu_flush(void)
{
	struct rcu_head *list = rcu_take_all();

	if (!list)
		return;
	rcu_wait();
	rcu_run(list);
}

/* Before anything may call call_rcu(). */
void rcu_init(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		struct rcu_cpu *rc;

		if (cpu && cpu >= nr_cpus)
			break;
		rc = &per_cpu(rcu_cpu, cpu);
		spin_lock_init(&rc->lock, LR_RCU);
		rc->head = NULL;
		rc->tail = &rc->head;
	}
	timer_setup(&rcu_timer, rcu_timer_fire, TIMER_MONO);
}

static int rcu_start(void)
{
	rcu_task = kthread_create(rcu_thread, NULL, -1, "rcu");
	if (!rcu_task)
		panic("no memory for the rcu thread");
	rcu_ready = true;
	atomic_set(&rcu_pending, 2);
	wake_up_task(rcu_task);
	return 0;
}
INITCALL(1, rcu_start);
