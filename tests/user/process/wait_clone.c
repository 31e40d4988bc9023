/* SPDX-License-Identifier: MIT */
/* Waiting for "clone children" and between threads: __WCLONE, __WALL, __WNOTHREAD. */
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <linux/sched.h>

TEST(wait_clone, a_child_with_another_exit_signal_needs_wclone_or_wall)
{
	int status;
	long a = raw_clone(0, NULL, NULL, NULL, NULL), b;

	if (a == 0)
		_exit(1);
	EXPECT_ERRNO(waitpid(-1, &status, 0), ECHILD);
	EXPECT_EQ(waitpid(-1, &status, __WCLONE), a);
	EXPECT_EQ(WEXITSTATUS(status), 1);
	a = fork();
	if (a == 0)
		_exit(2);
	EXPECT_ERRNO(waitpid(-1, &status, __WCLONE), ECHILD);
	signal(SIGUSR2, SIG_IGN);
	b = raw_clone(SIGUSR2, NULL, NULL, NULL, NULL);
	if (b == 0)
		_exit(3);
	EXPECT_EQ(waitpid(a, &status, __WALL), a);
	EXPECT_ERRNO(waitpid(b, &status, 0), ECHILD);
	EXPECT_EQ(waitpid(b, &status, __WALL), b);
	EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST(wait_clone, waitid_knows_them_too)
{
	siginfo_t info;
	long pid = raw_clone(0, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(4);
	EXPECT_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | __WCLONE));
	EXPECT_EQ(info.si_status, 4);
}

TEST(wait_clone, exec_turns_the_exit_signal_into_sigchld)
{
	int status;
	long pid = raw_clone(0, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		execl("/proc/self/exe", "x", "no-such-test", NULL);
		_exit(1);
	}
	/* __WALL first so that there is no race with the exec. */
	EXPECT_EQ(waitpid(pid, &status, __WALL), pid);
	note("%s", status_name(status));
}

static void *forks(void *arg)
{
	struct gate *gates = arg;
	pid_t pid = fork();

	if (pid == 0)
		_exit(5);
	*(pid_t *)&gates[2] = pid;
	gate_open(&gates[0]);
	gate_wait(&gates[1]);
	return NULL;
}

TEST(wait_clone, a_thread_may_wait_for_another_threads_child_unless_wnothread)
{
	struct gate gates[3] = { gate_make(), gate_make() };
	pthread_t thread;
	int status;
	pid_t pid;

	pthread_create(&thread, NULL, forks, gates);
	gate_wait(&gates[0]);
	pid = *(pid_t *)&gates[2];
	EXPECT_ERRNO(waitpid(pid, &status, __WNOTHREAD), ECHILD);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 5);
	gate_open(&gates[1]);
	pthread_join(thread, NULL);
}

static void *forks_and_leaves(void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(6);
	*(pid_t *)arg = pid;
	return NULL;
}

TEST(wait_clone, children_of_a_thread_that_left_pass_to_another)
{
	pthread_t thread;
	int status;
	pid_t pid;

	pthread_create(&thread, NULL, forks_and_leaves, &pid);
	pthread_join(thread, NULL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 6);
}
