/* SPDX-License-Identifier: MIT */
/*
 * Shared by the System V tests: union semun, clean-up of what a test made, waiting for sleepers.
 * Every TEST runs in a namespace of its own where it can, so that objects of others are not seen and
 * nothing is left over.
 */
#ifndef TESTS_USER_IPC_H
#define TESTS_USER_IPC_H
#include "harness.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

HARNESS_UNUSED static void own_namespace(void)
{
	REQUIRE_OK(unshare(CLONE_NEWIPC));
}

HARNESS_UNUSED static int sem_value(int id, int n)
{
	return semctl(id, n, GETVAL);
}

HARNESS_UNUSED static void sem_set(int id, int n, int value)
{
	REQUIRE_OK(semctl(id, n, SETVAL, (union semun){ .val = value }));
}

/* One operation. */
HARNESS_UNUSED static int sem_do(int id, int n, int op, int flags)
{
	struct sembuf b = { n, op, flags };

	return semop(id, &b, 1);
}

/* Wait until that many wait for the semaphore to grow (or with CMD GETZCNT to be zero). */
HARNESS_UNUSED static void wait_waiters(int id, int n, int cmd, int count)
{
	for (int i = 0; i < 5000 && semctl(id, n, cmd) != count; i++)
		sleep_ms(i < 20 ? 1 : 5);
	EXPECT_EQ(semctl(id, n, cmd), count);
}
#endif
