/* SPDX-License-Identifier: MIT */
/* alarm, pause, setitimer: what is left, what a fork, an exec and a second alarm do to it. */
#include "harness.h"
#include <sys/time.h>

static volatile sig_atomic_t count;

static void on_alarm(int number)
{
	count++;
}

TEST(alarms, what_is_left)
{
	SHOW(alarm(0));
	SHOW(alarm(1000));
	SHOW(alarm(500) >= 999);
	SHOW(alarm(0) >= 499);
	SHOW(alarm(0));
	SHOW(alarm(0xffffffff));
	SHOW(alarm(0) > 1000000);
}

TEST(alarms, a_child_has_none)
{
	alarm(1000);
	IN_CHILD(SHOW(alarm(0)));
	SHOW(alarm(0) >= 999);
}

TEST(alarms, pause_ends)
{
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
	SHOW(pause());
	note("signals %d", count);
	SHOW(alarm(0));
}

TEST(alarms, an_interval_goes_on)
{
	struct itimerval each = { { 0, 5000 }, { 0, 5000 } }, left;

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &each, NULL);
	while (count < 5)
		pause();
	each = (struct itimerval){ { 0, 0 }, { 0, 0 } };
	SHOW(setitimer(ITIMER_REAL, &each, &left));
	note("interval %ld.%06ld", (long)left.it_interval.tv_sec, (long)left.it_interval.tv_usec);
	SHOW(alarm(0));
}

TEST(alarms, alarm_and_itimer_are_one)
{
	struct itimerval v;

	alarm(1000);
	getitimer(ITIMER_REAL, &v);
	note("%d %ld", v.it_value.tv_sec >= 999, (long)v.it_interval.tv_sec);
	v = (struct itimerval){ { 0, 0 }, { 500, 0 } };
	setitimer(ITIMER_REAL, &v, NULL);
	SHOW(alarm(0) >= 499);
	v = (struct itimerval){ { 0, 0 }, { 0, 1 } };
	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &v, NULL);
	do
		getitimer(ITIMER_REAL, &v);
	while (v.it_value.tv_sec || v.it_value.tv_usec);
	note("over");
}
