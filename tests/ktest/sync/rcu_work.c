/* SPDX-License-Identifier: MIT */
/* Grace periods and deferred work. */
#include <kernel/atomic.h>
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/rcu.h>
#include <kernel/task.h>
#include <kernel/work.h>

struct object {
	int alive;
	struct rcu_head rcu;
};
static struct {
	struct object *cur;
	atomic_t stop, dead_seen, freed, left;
	struct completion done;
} r;

static void object_free(struct rcu_head *h)
{
	struct object *o = container_of(h, struct object, rcu);

	WRITE_ONCE(o->alive, 0);
	atomic_inc(&r.freed);
	kfree(o);
}

static int reader(void *arg)
{
	while (!atomic_read(&r.stop)) {
		struct object *o;

		rcu_read_lock();
		o = rcu_dereference(r.cur);
		for (int i = 0; i < 200; i++)
			if (READ_ONCE(o->alive) != 1)
				atomic_inc(&r.dead_seen);
		rcu_read_unlock();
		cond_resched();
	}
	if (atomic_dec_and_test(&r.left))
		complete(&r.done);
	return 0;
}

KTEST(rcu, readers_never_see_a_freed_object)
{
	enum { READERS = 3, SWAPS = 40 };
	struct object *o = kmalloc(sizeof(*o), GFP_KERNEL), *old;
	unsigned i;

	o->alive = 1;
	r.cur = o;
	atomic_set(&r.stop, 0);
	atomic_set(&r.dead_seen, 0);
	atomic_set(&r.freed, 0);
	atomic_set(&r.left, READERS);
	completion_init(&r.done);
	for (i = 0; i < READERS; i++)
		EXPECT_TRUE(kthread_create(reader, NULL, -1, "ktest/reader%u", i) != NULL);
	for (i = 0; i < SWAPS; i++) {
		o = kmalloc(sizeof(*o), GFP_KERNEL);
		o->alive = 1;
		old = r.cur;
		rcu_assign_pointer(r.cur, o);
		if (i % 10 == 0) {
			synchronize_rcu();
			old->alive = 0;
			atomic_inc(&r.freed);
			kfree(old);
		} else {
			call_rcu(&old->rcu, object_free);
		}
		cond_resched();
	}
	atomic_set(&r.stop, 1);
	wait_for_completion(&r.done);
	for (i = 0; i < 1000 && atomic_read(&r.freed) < SWAPS; i++)
		sched_sleep_ns(NSEC_PER_MSEC);
	EXPECT_EQ(atomic_read(&r.freed), SWAPS);
	EXPECT_EQ(atomic_read(&r.dead_seen), 0);
	kfree(r.cur);
}

static atomic_t runs;
static bool inside, overlap;

static void count_run(struct work *w)
{
	if (inside)
		overlap = true;
	inside = true;
	sched_sleep_ns(50 * NSEC_PER_USEC);
	inside = false;
	atomic_inc(&runs);
}

KTEST(work, flush_waits_and_nothing_runs_twice_at_once)
{
	struct work w;
	int queued = 0;

	work_init(&w, count_run);
	atomic_set(&runs, 0);
	overlap = false;
	for (int i = 0; i < 50; i++) {
		queued += work_queue(&w);
		if (i % 3 == 0)
			sched_sleep_ns(20 * NSEC_PER_USEC);
	}
	work_flush(&w);
	EXPECT_EQ(atomic_read(&runs), queued);
	EXPECT_TRUE(!overlap);
	EXPECT_TRUE(!work_cancel_sync(&w));
}

KTEST(work, a_delayed_work_comes_after_its_delay_or_not_at_all)
{
	struct delayed_work d;
	nsec_t start = clock_monotonic();

	delayed_work_init(&d, count_run);
	atomic_set(&runs, 0);
	/* Long enough that a stalled host does not let it run between these two lines. */
	EXPECT_TRUE(delayed_work_queue(&d, 300 * NSEC_PER_MSEC));
	EXPECT_TRUE(!delayed_work_queue(&d, NSEC_PER_MSEC));
	while (!atomic_read(&runs) && clock_monotonic() - start < 20 * NSEC_PER_SEC)
		sched_sleep_ns(10 * NSEC_PER_MSEC);
	EXPECT_EQ(atomic_read(&runs), 1);
	EXPECT_TRUE(clock_monotonic() - start >= 300 * NSEC_PER_MSEC);
	work_flush(&d.work);
	EXPECT_TRUE(delayed_work_queue(&d, 1000 * NSEC_PER_SEC));
	EXPECT_TRUE(delayed_work_cancel_sync(&d));
	EXPECT_EQ(atomic_read(&runs), 1);
}
