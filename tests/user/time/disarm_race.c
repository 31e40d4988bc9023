/* SPDX-License-Identifier: MIT */
/*
 * A timer that is disarmed, or set to much later, sends nothing more: also when it expires on another CPU just then.
 * The caller arms on one CPU, goes to another and disarms at about the time of the expiry, again and again; a signal
 * of the setting before is there when the call returns or never comes.
 */
#include "harness.h"
#include <sched.h>
#include <sys/time.h>
#include <time.h>

#define ROUNDS 1000
#define LIMIT_NS 1000000000ll	/* a slow machine does fewer rounds */

static volatile sig_atomic_t count;

static void handler(int sig)
{
	(void)sig;
	count++;
}

static void go_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);	/* stays where it is on a machine of one */
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void spin_until(int64_t end)
{
	while (now_ns() < end)
		;
}

/* arm(ns) with a period of that too, disarm(0): signals that come later than the second returns. */
static int late(void (*arm)(int64_t ns), void (*disarm)(void))
{
	int64_t end = now_ns() + LIMIT_NS;
	int n = 0;

	signal(SIGALRM, handler);
	for (int i = 0; i < ROUNDS && now_ns() < end; i++) {
		int64_t start;
		int before;

		go_to(0);
		start = now_ns();
		arm(300000);
		go_to(1);
		/* From a little before it expires until a little after. */
		spin_until(start + 300000 - 20000 + i % 60 * 1000);
		disarm();
		before = count;
		spin_until(now_ns() + 30000);
		n += count != before;
	}
	return n;
}

static void real_arm(int64_t ns)
{
	struct itimerval v = { { 0, ns / 1000 }, { 0, ns / 1000 } };

	setitimer(ITIMER_REAL, &v, NULL);
}

static void real_disarm(void)
{
	struct itimerval v = { { 0, 0 }, { 0, 0 } };

	setitimer(ITIMER_REAL, &v, NULL);
}

static void real_later(void)
{
	struct itimerval v = { { 0, 0 }, { 1000, 0 } };

	setitimer(ITIMER_REAL, &v, NULL);
}

static timer_t timer;

static void posix_arm(int64_t ns)
{
	struct itimerspec v = { { 0, ns }, { 0, ns } };

	timer_settime(timer, 0, &v, NULL);
}

static void posix_disarm(void)
{
	struct itimerspec v = { { 0, 0 }, { 0, 0 } };

	timer_settime(timer, 0, &v, NULL);
}

static void posix_later(void)
{
	struct itimerspec v = { { 0, 0 }, { 1000, 0 } };

	timer_settime(timer, 0, &v, NULL);
}

TEST(disarm_race, setitimer_to_nothing)
{
	EXPECT_EQ(late(real_arm, real_disarm), 0);
}

TEST(disarm_race, setitimer_to_much_later)
{
	EXPECT_EQ(late(real_arm, real_later), 0);
}

TEST(disarm_race, timer_settime_to_nothing)
{
	REQUIRE_OK(timer_create(CLOCK_MONOTONIC, NULL, &timer));
	EXPECT_EQ(late(posix_arm, posix_disarm), 0);
}

TEST(disarm_race, timer_settime_to_much_later)
{
	REQUIRE_OK(timer_create(CLOCK_MONOTONIC, NULL, &timer));
	EXPECT_EQ(late(posix_arm, posix_later), 0);
}
