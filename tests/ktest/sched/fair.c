/* SPDX-License-Identifier: MIT */
/* CPU time is shared by weight; real-time goes first; affinity is obeyed. */
#include <kernel/ktest.h>
#include <kernel/task.h>
#include <kernel/waitq.h>

struct hog {
	struct task *t;
	uint64_t used;
	int nice, policy;
	unsigned cpu_seen;
	struct completion done;
};
static bool stop;

static int hog_main(void *arg)
{
	struct hog *h = arg;

	while (!READ_ONCE(stop)) {
		for (volatile int i = 0; i < 200; i++)
			;
		if (smp_processor_id() != 0)
			h->cpu_seen++;
		cond_resched();
	}
	h->used = task_sum_exec(current);
	complete(&h->done);
	return 0;
}

static void hog_start(struct hog *h, int nice)
{
	completion_init(&h->done);
	h->nice = nice;
	h->t = kthread_create(hog_main, h, 0, "ktest/hog");
	if (h->t)
		set_user_nice(h->t, nice);
}

/*
 * What a busy host takes from the virtual CPU is charged to whoever ran just then: a share may be off once or twice
 * by that. A scheduler that shares wrongly is off every time.
 */
#define TURNS 5u

/* n hogs run for 300 ms; fills their used. */
static void hogs_run(struct hog *h, unsigned n, const int *nice)
{
	stop = false;
	for (unsigned i = 0; i < n; i++) {
		h[i].cpu_seen = 0;
		hog_start(&h[i], nice[i]);
	}
	sched_sleep_ns(300 * NSEC_PER_MSEC);
	WRITE_ONCE(stop, true);
	for (unsigned i = 0; i < n; i++)
		wait_for_completion(&h[i].done);
}

/* All on CPU 0. Nice 0 against nice 5 is 1024 : 336. */
KTEST(sched, cpu_time_follows_the_weights)
{
	static struct hog h[2];
	static const int nice[2] = { 0, 5 };
	bool fair = false;

	for (unsigned turn = 0; turn < TURNS && !fair; turn++) {
		uint64_t permille;

		hogs_run(h, 2, nice);
		permille = h[1].used * 1000 / (h[0].used + h[1].used);
		fair = permille > 200 && permille < 300;	/* 247 by the weights */
		EXPECT_EQ(h[0].cpu_seen + h[1].cpu_seen, 0);
	}
	EXPECT_TRUE(fair);
}

KTEST(sched, equals_share_equally)
{
	static struct hog h[3];
	static const int nice[3];
	bool fair = false;

	for (unsigned turn = 0; turn < TURNS && !fair; turn++) {
		uint64_t sum = 0, max = 0, min = UINT64_MAX;

		hogs_run(h, 3, nice);
		for (int i = 0; i < 3; i++) {
			sum += h[i].used;
			max = MAX(max, h[i].used);
			min = MIN(min, h[i].used);
		}
		fair = max - min < sum / 15;
	}
	EXPECT_TRUE(fair);
}

static int mover(void *arg)
{
	struct completion *c = arg;
	struct cpumask m;
	unsigned bad = 0;

	for (unsigned i = 0; i < 60; i++) {
		unsigned cpu = i % nr_cpus;

		if (!cpumask_test(&cpu_online_mask, cpu))
			continue;
		cpumask_zero(&m);
		cpumask_set(&m, cpu);
		if (sched_set_affinity(current, &m) || smp_processor_id() != cpu)
			bad++;
	}
	EXPECT_EQ(bad, 0);
	complete(c);
	return 0;
}

KTEST(sched, a_task_goes_where_its_affinity_says)
{
	struct completion done;

	completion_init(&done);
	EXPECT_TRUE(kthread_create(mover, &done, -1, "ktest/mover") != NULL);
	wait_for_completion(&done);
}

KTEST(sched, a_sleep_is_as_long_as_asked)
{
	nsec_t t = clock_monotonic();

	sched_sleep_ns(5 * NSEC_PER_MSEC);
	t = clock_monotonic() - t;
	EXPECT_TRUE(t >= 5 * NSEC_PER_MSEC);
	/* On a loaded host under multi-threaded emulation the upper bound is generous. */
	EXPECT_TRUE(t < 10 * NSEC_PER_SEC);
}
