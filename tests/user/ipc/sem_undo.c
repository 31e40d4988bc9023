/* SPDX-License-Identifier: MIT */
/* SEM_UNDO: what a process did is taken back at its end. */
#include "ipc.h"

#ifndef CLONE_SYSVSEM
#define CLONE_SYSVSEM 0x00040000
#endif

TEST(semundo, exit_takes_back)
{
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	sem_set(id, 0, 5);
	CHILD(pid) {
		EXPECT_OK(sem_do(id, 0, -2, SEM_UNDO));
		EXPECT_OK(sem_do(id, 0, -1, 0));
		EXPECT_OK(sem_do(id, 1, 3, SEM_UNDO));
		note("%d %d", sem_value(id, 0), sem_value(id, 1));
	}
	EXPECT_CHILD_OK(pid);
	note("%d %d", sem_value(id, 0), sem_value(id, 1));
	EXPECT_EQ(semctl(id, 0, GETPID), pid);
}

TEST(semundo, exit_by_a_signal_takes_back_and_wakes)
{
	pid_t holder, waiter;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	sem_set(id, 0, 1);
	CHILD(holder) {
		EXPECT_OK(sem_do(id, 0, -1, SEM_UNDO));
		pause();
	}
	while (sem_value(id, 0) == 1)
		sleep_ms(1);
	CHILD(waiter) EXPECT_OK(sem_do(id, 0, -1, 0));
	wait_waiters(id, 0, GETNCNT, 1);
	kill(holder, SIGKILL);
	EXPECT_CHILD_OK(waiter);
	note("%s, value %d", status_name(child_status(holder)), sem_value(id, 0));
}

TEST(semundo, a_value_stays_in_its_range)
{
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	CHILD(pid) {
		EXPECT_OK(sem_do(id, 0, 4, SEM_UNDO));
		EXPECT_OK(sem_do(id, 0, -3, 0));
		EXPECT_OK(sem_do(id, 1, 10, 0));
		EXPECT_OK(sem_do(id, 1, -10, SEM_UNDO));
		EXPECT_OK(sem_do(id, 1, 32760, 0));
	}
	EXPECT_CHILD_OK(pid);
	note("%d %d", sem_value(id, 0), sem_value(id, 1));
}

TEST(semundo, setval_forgets_adjustments)
{
	unsigned short all[2] = { 7, 7 };
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 2, 0600));
	CHILD(pid) {
		EXPECT_OK(sem_do(id, 0, 2, SEM_UNDO));
		EXPECT_OK(sem_do(id, 1, 2, SEM_UNDO));
		sem_set(id, 0, 4);
	}
	EXPECT_CHILD_OK(pid);
	note("%d %d", sem_value(id, 0), sem_value(id, 1));
	CHILD(pid) {
		EXPECT_OK(sem_do(id, 0, 2, SEM_UNDO));
		semctl(id, 0, SETALL, (union semun){ .array = all });
	}
	EXPECT_CHILD_OK(pid);
	note("%d %d", sem_value(id, 0), sem_value(id, 1));
}

TEST(semundo, adjustments_have_a_range)
{
	struct sembuf ops[] = { { 0, 20000, SEM_UNDO }, { 0, -20000, 0 }, { 0, 20000, SEM_UNDO } };
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	SHOW(semop(id, ops, 3));
	SHOW(sem_value(id, 0));
	SHOW(semop(id, ops, 2));
	SHOW(sem_do(id, 0, 20000, SEM_UNDO));
	SHOW(sem_do(id, 0, 12768, SEM_UNDO));
	SHOW(sem_value(id, 0));
}

TEST(semundo, fork_does_not_inherit_exec_keeps)
{
	pid_t pid;
	int id;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	EXPECT_OK(sem_do(id, 0, 3, SEM_UNDO));
	IN_CHILD(SHOW(sem_value(id, 0)));
	SHOW(sem_value(id, 0));
	CHILD(pid) {
		char *argv[] = { "self", "no such test", NULL }, *envp[] = { NULL };

		EXPECT_OK(sem_do(id, 0, 4, SEM_UNDO));
		execve("/proc/self/exe", argv, envp);
		fail("execve");
	}
	note("%s", status_name(child_status(pid)));
	SHOW(sem_value(id, 0));
}

TEST(semundo, sharers_of_the_list_apply_it_when_the_last_one_ends)
{
	int id, status;
	long pid;

	own_namespace();
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	pid = syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		if (sem_do(id, 0, 5, SEM_UNDO))
			_exit(1);
		_exit(0);
	}
	waitpid((pid_t)pid, &status, 0);
	note("%s, value %d", status_name(status), sem_value(id, 0));
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	SHOW(sem_value(id, 0));
}

TEST(semundo, a_removed_set_is_forgotten)
{
	int id;

	own_namespace();
	for (int i = 0; i < 200; i++) {
		id = REQUIRE_OK(semget(IPC_PRIVATE, 4, 0600));
		REQUIRE_OK(sem_do(id, i & 3, 1, SEM_UNDO));
		REQUIRE_OK(semctl(id, 0, IPC_RMID));
	}
	id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	SHOW(sem_do(id, 0, 1, SEM_UNDO));
	SHOW(unshare(CLONE_SYSVSEM));
	SHOW(sem_value(id, 0));
}

TEST(semundo, a_new_namespace_takes_back_too)
{
	int id = semget(31415, 1, IPC_CREAT | 0600);
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(sem_do(id, 0, 2, SEM_UNDO));
		EXPECT_OK(unshare(CLONE_NEWIPC));
		SHOW(semctl(id, 0, GETVAL));
	}
	EXPECT_CHILD_OK(pid);
	SHOW(sem_value(id, 0));
	semctl(id, 0, IPC_RMID);
	SHOW(syscall(SYS_clone, CLONE_SYSVSEM | CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0));
}
