/* SPDX-License-Identifier: MIT */
/*
 * Work queues: functions to be called in a kernel thread, from any context. One queue, served by a few threads
 * (one per CPU, at most WORKERS_MAX), in order; a work that sleeps keeps only its own thread. A work never runs
 * twice at once: while it runs, a second entry of it stays queued.
 *
 * Locks: work_lock (LR_WORKQ, interrupts off): the queue, the workers' `running`, wake-ups of flushers.
 */
#include <kernel/work.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/task.h>

#define WORKERS_MAX 4u

struct worker {
	struct task *task;
	struct work *running;
	bool idle;
};
static DEFINE_SPINLOCK(work_lock, LR_WORKQ);
static LIST_HEAD(work_list);
static struct worker workers[WORKERS_MAX];
static unsigned nr_workers;
static DEFINE_WAITQ(work_done);

void work_init(struct work *w, void (*fn)(struct work *))
{
	list_init(&w->link);
	w->fn = fn;
	w->pending = 0;
}

static struct worker *work_runner(const struct work *w)
{
	for (unsigned i = 0; i < nr_workers; i++)
		if (workers[i].running == w)
			return &workers[i];
	return NULL;
}

bool work_queue(struct work *w)
{
	struct task *t = NULL;
	irqflags_t f;

	if (test_and_set_bit(0, &w->pending))
		return false;
	f = spin_lock_irqsave(&work_lock);
	list_add_tail(&w->link, &work_list);
	for (unsigned i = 0; i < nr_workers && !t; i++)
		if (workers[i].idle) {
			workers[i].idle = false;
			t = workers[i].task;
		}
	spin_unlock_irqrestore(&work_lock, f);
	if (t)
		wake_up_task(t);	/* workers never exit */
	return true;
}

/* The first queued work that no other worker is running. work_lock held. */
static struct work *work_pick(void)
{
	struct work *w;

	list_for_each_entry(w, &work_list, link)
		if (!work_runner(w))
			return w;
	return NULL;
}

static int work_thread(void *arg)
{
	struct worker *me = arg;
	struct work *w;
	void (*fn)(struct work *);
	irqflags_t f;

	f = spin_lock_irqsave(&work_lock);
	for (;;) {
		w = work_pick();
		if (!w) {
			me->idle = true;
			set_current_state(TASK_UNINTERRUPTIBLE);
			spin_unlock_irqrestore(&work_lock, f);
			schedule();
			f = spin_lock_irqsave(&work_lock);
			me->idle = false;
			continue;
		}
		list_del_init(&w->link);
		me->running = w;
		fn = w->fn;
		clear_bit(0, &w->pending);	/* from here on it may be queued again; it may also free itself */
		spin_unlock_irqrestore(&work_lock, f);
		fn(w);
		if (CONFIG_DEBUG && preempt_count())
			panic("work %pS returned with preempt count %x", (void *)fn, preempt_count());
		f = spin_lock_irqsave(&work_lock);
		me->running = NULL;
		spin_unlock_irqrestore(&work_lock, f);
		waitq_wake_all(&work_done);
		f = spin_lock_irqsave(&work_lock);
	}
	return 0;
}

static bool work_is_idle(struct work *w)
{
	irqflags_t f = spin_lock_irqsave(&work_lock);
	bool idle = !test_bit(0, &w->pending) && !work_runner(w);

	spin_unlock_irqrestore(&work_lock, f);
	return idle;
}

void work_flush(struct work *w)
{
	might_sleep();
	wait_event(&work_done, work_is_idle(w));
}

bool work_cancel_sync(struct work *w)
{
	irqflags_t f;
	bool was = false;

	might_sleep();
	f = spin_lock_irqsave(&work_lock);
	if (!list_empty(&w->link)) {
		list_del_init(&w->link);
		clear_bit(0, &w->pending);
		was = true;
	}
	spin_unlock_irqrestore(&work_lock, f);
	work_flush(w);
	return was;
}

static void delayed_work_fire(struct timer *t)
{
	struct delayed_work *d = container_of(t, struct delayed_work, timer);

	(void)work_queue(&d->work);
}

void delayed_work_init(struct delayed_work *w, void (*fn)(struct work *))
{
	work_init(&w->work, fn);
	timer_setup(&w->timer, delayed_work_fire, TIMER_MONO);
}

bool delayed_work_queue(struct delayed_work *w, nsec_t delay)
{
	if (timer_pending(&w->timer) || test_bit(0, &w->work.pending))
		return false;
	if (delay <= 0)
		return work_queue(&w->work);
	timer_start(&w->timer, deadline_after(clock_monotonic(), delay));
	return true;
}

bool delayed_work_cancel_sync(struct delayed_work *w)
{
	bool was = timer_cancel_sync(&w->timer);

	return work_cancel_sync(&w->work) || was;
}

/* Queueing works before this; the threads start when the scheduler does. */
void workqueue_init(void)
{
}

static int work_start(void)
{
	unsigned n = MIN(cpus_online(), WORKERS_MAX);

	for (unsigned i = 0; i < MAX(n, 2u); i++) {
		workers[i].task = kthread_create(work_thread, &workers[i], -1, "kworker/%u", i);
		if (!workers[i].task)
			panic("no memory for the work threads");
		nr_workers = i + 1;
	}
	return 0;
}
INITCALL(1, work_start);
