/* SPDX-License-Identifier: MIT */
/* reclaim.h - whether an action, repeated, leaves free memory where it was. */
#ifndef TESTS_USER_PROCESS_RECLAIM_H
#define TESTS_USER_PROCESS_RECLAIM_H

static long free_kib(void)
{
	char *line = strstr(get_file("/proc/meminfo"), "MemFree:");

	return line ? atol(line + 8) : 0;
}

/*
 * Free memory wanders by per-CPU caches and late frees, but a leak repeats: it is one if ROUNDS lose more
 * than 3 MiB three times in a row, each time after the system had time to become quiet.
 */
static void expect_reclaimed(const char *what, void (*once)(void), int warm, int rounds)
{
	long before, after, lost = 0;

	for (int i = 0; i < warm; i++)
		once();
	for (int batch = 0; batch < 3; batch++) {
		before = free_kib();
		for (int i = 0; i < rounds; i++)
			once();
		for (int i = 0; i < 20; i++) {
			after = free_kib();
			if (after > before - 3072) {
				note("%s: ok", what);
				return;
			}
			sleep_ms(50);
		}
		lost = before - after;
	}
	note("%s: lost %ld KiB", what, lost);
}

#endif /* TESTS_USER_PROCESS_RECLAIM_H */
