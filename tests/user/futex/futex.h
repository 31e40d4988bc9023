/* SPDX-License-Identifier: MIT */
/* futex.h - the raw futex call and shared helpers of this family. */
#ifndef TESTS_USER_FUTEX_FUTEX_H
#define TESTS_USER_FUTEX_FUTEX_H

#include <linux/futex.h>
#include <pthread.h>

#define futex(word, op, val, timeout, word2, val3) \
	syscall(SYS_futex, (word), (op), (val), (timeout), (word2), (val3))

HARNESS_UNUSED static long futex_wait(volatile int *word, int value)
{
	return futex(word, FUTEX_WAIT, value, NULL, NULL, 0);
}

HARNESS_UNUSED static long futex_wake(volatile int *word, int count)
{
	return futex(word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* COUNT children that wait on WORD by OP (value 0, bits BITS) and exit 0 when woken. */
HARNESS_UNUSED static void futex_waiters(pid_t *pids, int count, volatile int *word, int op, int bits)
{
	for (int i = 0; i < count; i++) {
		CHILD(pids[i])
			if (futex(word, op, 0, NULL, NULL, bits) < 0)
				_exit(errno);
		wait_state(pids[i], 'S');
	}
}

HARNESS_UNUSED static int futex_reap(pid_t *pids, int count)
{
	int ok = 0;

	for (int i = 0; i < count; i++)
		ok += child_status(pids[i]) == 0;
	return ok;
}

#endif /* TESTS_USER_FUTEX_FUTEX_H */
