/* SPDX-License-Identifier: MIT */
/* The ends of a process with several threads. */
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/prctl.h>

static void *thread_pauses(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void *thread_spins(void *arg)
{
	volatile unsigned long *n = arg;

	for (;;)
		++*n;
	return NULL;
}

static void *thread_exits_group(void *arg)
{
	(void)arg;
	syscall(SYS_exit_group, 21);
	return NULL;
}

static void *thread_exits_alone(void *arg)
{
	(void)arg;
	syscall(SYS_exit, 22);
	return NULL;
}

TEST(exit_group, from_a_thread_ends_sleeping_and_running_ones)
{
	static unsigned long n[2];
	pthread_t t[4];
	pid_t pid;

	CHILD(pid) {
		pthread_create(&t[0], NULL, thread_pauses, NULL);
		pthread_create(&t[1], NULL, thread_spins, &n[0]);
		pthread_create(&t[2], NULL, thread_spins, &n[1]);
		pthread_create(&t[3], NULL, thread_exits_group, NULL);
		for (;;)
			pause();
	}
	note("%s", status_name(child_status(pid)));
}

TEST(exit_group, exit_of_one_thread_leaves_the_process)
{
	pthread_t t;
	pid_t pid;

	CHILD(pid) {
		pthread_create(&t, NULL, thread_exits_alone, NULL);
		pthread_join(t, NULL);
		_exit(5);
	}
	note("%s", status_name(child_status(pid)));
}

static void *thread_waits_for_leader(void *arg)
{
	struct gate *gate = arg;

	wait_thread_state(getpid(), getpid(), 'Z');
	gate_wait(gate);
	/* The leader is a zombie, but the process is alive: no status yet. */
	syscall(SYS_exit, 23);
	return NULL;
}

TEST(exit_group, a_leader_that_left_keeps_its_status_until_the_last_thread_ends)
{
	struct gate gate = gate_make();
	pthread_t t;
	pid_t pid;

	CHILD(pid) {
		pthread_create(&t, NULL, thread_waits_for_leader, &gate);
		syscall(SYS_exit, 24);
	}
	EXPECT_TRUE(wait_state(pid, 'Z'));
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_OK(kill(pid, 0));
	gate_open(&gate);
	note("%s", status_name(child_status(pid)));
}

TEST(exit_group, a_fatal_signal_to_one_thread_ends_all)
{
	pthread_t t[2];
	pid_t pid;

	CHILD(pid) {
		pthread_create(&t[0], NULL, thread_pauses, NULL);
		pthread_create(&t[1], NULL, thread_pauses, NULL);
		pthread_kill(t[1], SIGTERM);
		for (;;)
			pause();
	}
	note("%s", status_name(child_status(pid)));
}

TEST(exit_group, several_threads_exit_at_once_and_one_wins)
{
	for (int round = 0; round < 20; round++) {
		pid_t pid;

		CHILD(pid) {
			pthread_t t[4];

			for (int i = 0; i < 4; i++)
				pthread_create(&t[i], NULL, thread_exits_group, NULL);
			for (;;)
				pause();
		}
		EXPECT_EQ(WEXITSTATUS(child_status(pid)), 21);
	}
}

TEST(exit_group, children_see_their_parent_go)
{
	struct gate gate = gate_make(), done = gate_make(), seen = gate_make();
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		pid_t parent = getpid(), inner;

		CHILD(inner) {
			EXPECT_EQ(getppid(), parent);
			gate_open(&seen);
			gate_wait(&gate);
			while (getppid() == parent)
				sched_yield();
			gate_open(&done);
		}
		gate_wait(&seen);
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	gate_open(&gate);
	gate_wait(&done);
	EXPECT_OK(wait(NULL));
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

TEST(exit_group, the_upper_half_of_the_status_is_ignored)
{
	pid_t pid = fork();

	if (pid == 0)
		syscall(SYS_exit_group, 0x123456789abcde03L);
	note("%#x", child_status(pid));
}
