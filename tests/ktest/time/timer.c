/* SPDX-License-Identifier: MIT */
/* High-resolution timers and the monotonic clock. */
#include <kernel/ktest.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>

struct shot {
	struct timer timer;
	nsec_t fired;
	int order;
};
static int next_order;

/* Sleeps; nothing wakes us before. */
static void schedule_until(nsec_t deadline)
{
	while (clock_monotonic() < deadline) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_deadline(deadline);
	}
	set_current_running();
}

static void shot_fire(struct timer *t)
{
	struct shot *s = container_of(t, struct shot, timer);

	s->fired = clock_monotonic();
	s->order = ++next_order;
}

/* Starts shot i of n at now + (n - i) units, the longest first. */
static void shots_start(struct shot *s, int n, nsec_t now, nsec_t unit)
{
	next_order = 0;
	for (int i = 0; i < n; i++) {
		timer_setup(&s[i].timer, shot_fire, TIMER_MONO);
		s[i].order = 0;
		timer_start(&s[i].timer, now + (nsec_t)(n - i) * unit);
	}
}

/*
 * Both tests below need a stretch in which no deadline passes. A busy host may stop the machine in the middle of it:
 * then they start again with deadlines four times as far away.
 */
#define LONGEST_UNIT (256 * NSEC_PER_MSEC)

KTEST(timer, fires_in_order_of_deadlines_and_never_early)
{
	static struct shot s[5];
	nsec_t now, unit = NSEC_PER_MSEC;

	for (;; unit *= 4) {
		now = clock_monotonic();
		shots_start(s, 5, now, unit);
		if (clock_monotonic() < now + unit || unit >= LONGEST_UNIT)
			break;
		for (int i = 0; i < 5; i++)
			timer_cancel_sync(&s[i].timer);
	}
	while (READ_ONCE(next_order) < 5 && clock_monotonic() < now + 5 * unit + 2 * NSEC_PER_SEC)
		schedule_until(clock_monotonic() + unit);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(s[i].order, 5 - i);
		EXPECT_TRUE(s[i].fired >= now + (nsec_t)(5 - i) * unit);
		EXPECT_TRUE(!timer_pending(&s[i].timer));
	}
}

KTEST(timer, a_cancelled_timer_does_not_fire)
{
	static struct shot s;
	nsec_t now, unit = 3 * NSEC_PER_MSEC;
	bool pending, cancelled;

	for (;; unit *= 4) {
		now = clock_monotonic();
		shots_start(&s, 1, now, unit);
		pending = timer_pending(&s.timer);
		cancelled = timer_cancel_sync(&s.timer);
		if (clock_monotonic() < now + unit || unit >= LONGEST_UNIT)
			break;
	}
	EXPECT_TRUE(pending);
	EXPECT_TRUE(cancelled);
	EXPECT_TRUE(!timer_cancel(&s.timer));
	schedule_until(now + 2 * unit);
	EXPECT_EQ(next_order, 0);
}

KTEST(timer, starting_again_moves_the_deadline)
{
	static struct shot s;
	nsec_t now = clock_monotonic();

	next_order = 0;
	timer_setup(&s.timer, shot_fire, TIMER_MONO);
	timer_start(&s.timer, now + NSEC_PER_SEC * 1000);
	timer_start(&s.timer, now + NSEC_PER_MSEC);
	schedule_until(now + 20 * NSEC_PER_MSEC);
	EXPECT_EQ(next_order, 1);
	EXPECT_TRUE(s.fired < now + NSEC_PER_SEC * 1000);
}

KTEST(timer, a_real_time_timer_follows_the_clock_that_is_set)
{
	static struct shot s;
	nsec_t real = clock_realtime();

	next_order = 0;
	timer_setup(&s.timer, shot_fire, TIMER_REAL);
	timer_start(&s.timer, real + 3600 * NSEC_PER_SEC);
	clock_set_realtime(real + 3601 * NSEC_PER_SEC);
	schedule_until(clock_monotonic() + 20 * NSEC_PER_MSEC);
	EXPECT_EQ(next_order, 1);
	clock_set_realtime(clock_realtime() - 3601 * NSEC_PER_SEC);
	timer_cancel_sync(&s.timer);
}

static nsec_t seen[CONFIG_NR_CPUS];

static void look(void *arg)
{
	seen[smp_processor_id()] = clock_monotonic();
}

KTEST(clock, does_not_go_back_from_cpu_to_cpu)
{
	nsec_t last = clock_monotonic();

	for (int turn = 0; turn < 20; turn++) {
		for_each_cpu(cpu, &cpu_online_mask) {
			smp_call_cpu(cpu, look, NULL, true);
			EXPECT_TRUE(seen[cpu] >= last);
			last = seen[cpu];
		}
	}
}
