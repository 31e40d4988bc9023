/* SPDX-License-Identifier: MIT */
/* Clocks: every id with every call, values that are no times, who may set what. */
#include "harness.h"
#include <sys/time.h>
#include <sys/timex.h>

/* Without 8 and 9, which need a chip that wakes the machine. */
static const int ids[] = { -1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 15, 16, 100, -6, -7 };

TEST(clockerr, every_id)
{
	struct timespec t, one = { 0, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		int id = ids[i];
		timer_t timer;

		note("clock %d: gettime %s", id, RESULT(syscall(SYS_clock_gettime, id, &t)));
		note("getres %s", RESULT(syscall(SYS_clock_getres, id, &t)));
		note("getres of nothing %s", RESULT(syscall(SYS_clock_getres, id, NULL)));
		if (id != CLOCK_REALTIME)
			note("settime %s", RESULT(syscall(SYS_clock_settime, id, &t)));
		/* A clock of this process's own CPU time would wait for it to run. */
		if (id != -6 && id != -7 && id != 2)
			note("nanosleep %s", RESULT(syscall(SYS_clock_nanosleep, id, 0, &one, NULL)));
		note("timer %s", RESULT(syscall(SYS_timer_create, id, NULL, &timer) == 0 ? 0 : -1));
	}
}

TEST(clockerr, pointers_and_values)
{
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 }, less = { 0, -1 }, one = { 0, 1 };
	struct timeval tv = { 0, 1000000 };

	SHOW(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8));
	SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, (void *)8));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &bad));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &negative));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &less));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, (void *)8));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &negative, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &negative, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 2, &one, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (void *)8, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &one, (void *)8));
	SHOW(syscall(SYS_nanosleep, &bad, NULL));
	SHOW(syscall(SYS_nanosleep, &negative, NULL));
	SHOW(syscall(SYS_nanosleep, NULL, NULL));
	SHOW(syscall(SYS_gettimeofday, NULL, NULL));
	SHOW(syscall(SYS_gettimeofday, (void *)8, NULL));
	SHOW(syscall(SYS_gettimeofday, NULL, (void *)8));
	SHOW(syscall(SYS_settimeofday, &tv, NULL));
	tv = (struct timeval){ -1, 0 };
	SHOW(syscall(SYS_settimeofday, &tv, NULL));
	SHOW(syscall(SYS_settimeofday, (void *)8, NULL));
	SHOW(syscall(SYS_settimeofday, NULL, &(struct timezone){ 1000, 0 }));
	SHOW(syscall(SYS_settimeofday, NULL, (void *)8));
	SHOW(syscall(SYS_settimeofday, NULL, NULL));
	AS_USER(1000, 1000, {
		clock_gettime(CLOCK_REALTIME, &one);
		SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &one));
		SHOW(syscall(SYS_settimeofday, &tv, NULL));
		SHOW(syscall(SYS_settimeofday, NULL, NULL));
	});
}

TEST(clockerr, adjtimex)
{
	struct timex t = { 0 };

	SHOW(syscall(SYS_adjtimex, &t) >= 0);
	note("tick %ld precision %ld tolerance %ld", t.tick, t.precision, t.tolerance);
	SHOW(syscall(SYS_adjtimex, NULL));
	SHOW(syscall(SYS_adjtimex, (void *)8));
	t.modes = 0;
	SHOW(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t) >= 0);
	SHOW(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &t));
	SHOW(syscall(SYS_clock_adjtime, 100, &t));
	t.modes = ADJ_TICK;
	t.tick = 5;
	SHOW(syscall(SYS_adjtimex, &t));
	t.tick = 20000;
	SHOW(syscall(SYS_adjtimex, &t));
	t.modes = ADJ_SETOFFSET;
	t.time = (struct timeval){ 0, -1 };
	SHOW(syscall(SYS_adjtimex, &t));
	t.modes = ADJ_SETOFFSET | ADJ_NANO;
	t.time = (struct timeval){ 0, 1000000000 };
	SHOW(syscall(SYS_adjtimex, &t));
	t.modes = ADJ_OFFSET_SS_READ;
	SHOW(syscall(SYS_adjtimex, &t) >= 0);
	note("left %ld", t.offset);
	AS_USER(1000, 1000, {
		t.modes = 0;
		SHOW(syscall(SYS_adjtimex, &t) >= 0);
		t.modes = ADJ_TICK;
		t.tick = 10000;
		SHOW(syscall(SYS_adjtimex, &t));
		t.modes = ADJ_SETOFFSET;
		SHOW(syscall(SYS_adjtimex, &t));
		t.modes = ADJ_OFFSET_SS_READ;
		SHOW(syscall(SYS_adjtimex, &t) >= 0);
	});
}
