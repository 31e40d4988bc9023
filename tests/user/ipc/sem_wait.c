/* SPDX-License-Identifier: MIT */
/* semop(2) that waits: who is served, in which order, and what ends the wait. Sleepers are seen by GETNCNT and GETZCNT. */
#include "ipc.h"
#include <sys/time.h>

TEST(semwait, a_taker_waits_for_a_giver)
{
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	CHILD(pid) EXPECT_OK(sem_do(id, 0, -2, 0));
	wait_waiters(id, 0, GETNCNT, 1);
	SHOW(semctl(id, 0, GETZCNT));
	EXPECT_OK(sem_do(id, 0, 1, 0));
	SHOW(semctl(id, 0, GETNCNT));
	SHOW(sem_value(id, 0));
	EXPECT_OK(sem_do(id, 0, 2, 0));
	SHOW(semctl(id, 0, GETNCNT));
	SHOW(sem_value(id, 0));
	EXPECT_EQ(semctl(id, 0, GETPID), pid);
	EXPECT_CHILD_OK(pid);
}

TEST(semwait, zero_is_waited_for)
{
	pid_t a, b;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	sem_set(id, 0, 2);
	CHILD(a) EXPECT_OK(sem_do(id, 0, 0, 0));
	CHILD(b) EXPECT_OK(sem_do(id, 0, 0, 0));
	wait_waiters(id, 0, GETZCNT, 2);
	SHOW(semctl(id, 0, GETNCNT));
	EXPECT_OK(sem_do(id, 0, -1, 0));
	SHOW(semctl(id, 0, GETZCNT));
	EXPECT_OK(sem_do(id, 0, -1, 0));
	SHOW(semctl(id, 0, GETZCNT));
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
}

TEST(semwait, in_order_of_arrival)
{
	pid_t pid[4];
	int id, out[2];
	char c;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	REQUIRE_OK(pipe(out));
	for (int i = 0; i < 4; i++) {
		CHILD(pid[i]) {
			EXPECT_OK(sem_do(id, 0, -1, 0));
			c = (char)('a' + i);
			write_all(out[1], &c, 1);
		}
		wait_waiters(id, 0, GETNCNT, i + 1);
	}
	for (int i = 0; i < 4; i++) {
		EXPECT_OK(sem_do(id, 0, 1, 0));
		REQUIRE_OK(read(out[0], &c, 1));
		note("%c", c);
	}
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pid[i]);
}

TEST(semwait, a_small_wish_passes_a_large_one)
{
	pid_t large, small;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	CHILD(large) EXPECT_OK(sem_do(id, 0, -3, 0));
	wait_waiters(id, 0, GETNCNT, 1);
	CHILD(small) EXPECT_OK(sem_do(id, 0, -1, 0));
	wait_waiters(id, 0, GETNCNT, 2);
	EXPECT_OK(sem_do(id, 0, 1, 0));
	EXPECT_CHILD_OK(small);
	SHOW(semctl(id, 0, GETNCNT));
	EXPECT_OK(sem_do(id, 0, 3, 0));
	EXPECT_CHILD_OK(large);
	SHOW(sem_value(id, 0));
}

TEST(semwait, several_operations_wait_together)
{
	struct sembuf both[] = { { 0, -1, 0 }, { 1, -1, 0 } };
	pid_t pid, single;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	CHILD(single) EXPECT_OK(sem_do(id, 1, -1, 0));
	wait_waiters(id, 1, GETNCNT, 1);
	CHILD(pid) EXPECT_OK(semop(id, both, 2));
	wait_waiters(id, 0, GETNCNT, 1);
	SHOW(semctl(id, 1, GETNCNT));
	EXPECT_OK(sem_do(id, 0, 1, 0));
	note("after the first: %d %d, waiting %d %d", sem_value(id, 0), sem_value(id, 1), semctl(id, 0, GETNCNT), semctl(id, 1, GETNCNT));
	EXPECT_OK(sem_do(id, 1, 1, 0));
	EXPECT_CHILD_OK(single);
	note("after the second: %d %d, waiting %d %d", sem_value(id, 0), sem_value(id, 1), semctl(id, 0, GETNCNT), semctl(id, 1, GETNCNT));
	EXPECT_OK(sem_do(id, 1, 1, 0));
	EXPECT_CHILD_OK(pid);
	note("after the third: %d %d, waiting %d %d", sem_value(id, 0), sem_value(id, 1), semctl(id, 0, GETNCNT), semctl(id, 1, GETNCNT));
}

TEST(semwait, one_change_starts_a_chain)
{
	struct sembuf pass1[] = { { 0, -1, 0 }, { 1, 1, 0 } }, pass2[] = { { 1, -1, 0 }, { 2, 1, 0 } };
	pid_t a, b, c;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 3, 0600));
	CHILD(c) EXPECT_OK(sem_do(id, 2, -1, 0));
	wait_waiters(id, 2, GETNCNT, 1);
	CHILD(b) EXPECT_OK(semop(id, pass2, 2));
	wait_waiters(id, 1, GETNCNT, 1);
	CHILD(a) EXPECT_OK(semop(id, pass1, 2));
	wait_waiters(id, 0, GETNCNT, 1);
	EXPECT_OK(sem_do(id, 0, 1, 0));
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	EXPECT_CHILD_OK(c);
	note("%d %d %d", sem_value(id, 0), sem_value(id, 1), sem_value(id, 2));
}

TEST(semwait, setval_and_setall_wake_too)
{
	unsigned short all[2] = { 1, 1 };
	pid_t a, b;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	CHILD(a) EXPECT_OK(sem_do(id, 0, -1, 0));
	CHILD(b) EXPECT_OK(sem_do(id, 1, -1, 0));
	wait_waiters(id, 0, GETNCNT, 1);
	wait_waiters(id, 1, GETNCNT, 1);
	sem_set(id, 0, 5);
	EXPECT_CHILD_OK(a);
	SHOW(sem_value(id, 0));
	EXPECT_OK(semctl(id, 0, SETALL, (union semun){ .array = all }));
	EXPECT_CHILD_OK(b);
	note("%d %d", sem_value(id, 0), sem_value(id, 1));
}

TEST(semwait, removal_ends_the_wait)
{
	pid_t a, b;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	sem_set(id, 0, 1);
	CHILD(a) EXPECT_ERRNO(sem_do(id, 0, -2, SEM_UNDO), EIDRM);
	CHILD(b) EXPECT_ERRNO(sem_do(id, 0, 0, 0), EIDRM);
	wait_waiters(id, 0, GETNCNT, 1);
	wait_waiters(id, 0, GETZCNT, 1);
	EXPECT_OK(semctl(id, 0, IPC_RMID));
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	SHOW(sem_do(id, 0, 1, 0));
}

static void nothing(int number)
{
	(void)number;
}

TEST(semwait, a_signal_ends_the_wait_whatever_sa_restart_says)
{
	struct sigaction act = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	CHILD(pid) {
		sigaction(SIGUSR1, &act, NULL);
		EXPECT_ERRNO(sem_do(id, 0, -1, 0), EINTR);
	}
	wait_waiters(id, 0, GETNCNT, 1);
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
	SHOW(semctl(id, 0, GETNCNT));
}

TEST(semwait, a_timeout_is_eagain)
{
	struct timespec soon = { 0, 20000000 }, zero = { 0, 0 };
	struct sembuf op = { 0, -1, 0 };
	long long start = now_ms();
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	SHOW(semtimedop(id, &op, 1, &soon));
	EXPECT_GE(now_ms() - start, 19);
	SHOW(semtimedop(id, &op, 1, &zero));
	SHOW(semctl(id, 0, GETNCNT));
	op.sem_op = 1;
	SHOW(semtimedop(id, &op, 1, &zero));
}

TEST(semwait, many_hands_one_counter)
{
	enum { WORKERS = 4, ROUNDS = 300 };
	volatile int *shared;
	pid_t pid[WORKERS];
	int id, shm;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	shm = REQUIRE_OK(shmget(IPC_PRIVATE, 4096, 0600));
	shared = shmat(shm, NULL, 0);
	sem_set(id, 0, 1);
	for (int i = 0; i < WORKERS; i++)
		CHILD(pid[i])
			for (int n = 0; n < ROUNDS; n++) {
				EXPECT_OK(sem_do(id, 0, -1, n & 1 ? SEM_UNDO : 0));
				*shared = *shared + 1;
				EXPECT_OK(sem_do(id, 0, 1, n & 1 ? SEM_UNDO : 0));
			}
	for (int i = 0; i < WORKERS; i++)
		EXPECT_CHILD_OK(pid[i]);
	note("%d, semaphore %d", *shared, sem_value(id, 0));
}
