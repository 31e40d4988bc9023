/* SPDX-License-Identifier: MIT */
/* Many processes and threads being born and dying at once, on all processors. */
#define HARNESS_EXEC other_main
#define TEST_SECONDS 60
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/prctl.h>

static int other_main(int argc, char **argv)
{
	return argc > 2 ? atoi(argv[2]) : 0;
}

TEST(storm, fork_exec_wait_from_several_processes)
{
	pid_t pids[4];
	int ok = 0;

	for (int i = 0; i < 4; i++)
		CHILD(pids[i])
			for (int j = 0; j < 6; j++) {
				char number[8];
				pid_t pid;

				snprintf(number, sizeof(number), "%d", i * 6 + j);
				CHILD(pid)
					execl("/proc/self/exe", "x", "@exit", number, NULL);
				EXPECT_EQ(WEXITSTATUS(child_status(pid)), i * 6 + j);
			}
	for (int i = 0; i < 4; i++)
		ok += child_status(pids[i]) == 0;
	note("%d", ok);
}

TEST(storm, kill_races_with_exit)
{
	int killed = 0, exited = 0, other = 0;

	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			for (volatile int j = 0; j < i * 20; j++)
				;
			_exit(1);
		}
		kill(pid, i & 1 ? SIGKILL : SIGTERM);
		status = child_status(pid);
		if (WIFSIGNALED(status))
			killed++;
		else if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
			exited++;
		else
			other++;
	}
	note("sum %d other %d", killed + exited, other);
}

TEST(storm, kill_races_with_exec)
{
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			execl("/proc/self/exe", "x", "@exit", "7", NULL);
			_exit(1);
		}
		for (volatile int j = 0; j < i * 3000; j++)
			;
		kill(pid, SIGTERM);
		status = child_status(pid);
		bad += !(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) &&
		       !(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	}
	note("bad %d", bad);
}

static void *forks(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i);
		int status = child_status(pid);

		bad += WEXITSTATUS(status) != i;
	}
	(void)arg;
	return (void *)bad;
}

TEST(storm, threads_fork_while_threads_come_and_go)
{
	long bad = 0;

	for (int round = 0; round < 2; round++) {
		pthread_t t[4];

		for (int i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, forks, NULL);
		for (int i = 0; i < 4; i++) {
			void *result;

			pthread_join(t[i], &result);
			bad += (long)result;
		}
	}
	note("bad %ld", bad);
}

static void *waits(void *arg)
{
	volatile int *reaped = arg;
	int status;

	while (waitpid(-1, &status, 0) > 0)
		__atomic_add_fetch(reaped, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

TEST(storm, several_threads_reap_each_child_once)
{
	static volatile int reaped;
	pthread_t t[3];
	struct gate gate = gate_make();
	pid_t pids[24];

	for (int i = 0; i < 24; i++)
		CHILD(pids[i])
			gate_wait(&gate);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, waits, (void *)&reaped);
	for (int i = 0; i < 24; i++)
		gate_open(&gate);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	note("%d", reaped);
}

TEST(storm, proc_of_dying_processes_can_be_read)
{
	static const char *const files[] = { "stat", "status", "maps", "cmdline", "environ", "statm", "comm",
					     "limits", "wchan", "io" };
	static char buffer[65536];
	long bytes = 0;

	for (int i = 0; i < 30; i++) {
		char path[64];
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		for (size_t j = 0; j < ARRAY_SIZE(files); j++) {
			snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[j]);
			int fd = open(path, O_RDONLY);

			if (fd >= 0) {
				ssize_t n = read(fd, buffer, sizeof(buffer));

				bytes += n > 0 ? n : 0;
				close(fd);
			}
		}
		child_status(pid);
	}
	note("%d", bytes > 0);
}

TEST(storm, orphans_of_many_parents)
{
	int *shared = shared_memory(4096), count = 0;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (int i = 0; i < 10; i++) {
		pid_t pid;

		CHILD(pid)
			for (int j = 0; j < 3; j++) {
				pid_t inner = fork();

				if (inner == 0) {
					__atomic_add_fetch(shared, 1, __ATOMIC_SEQ_CST);
					_exit(0);
				}
			}
	}
	while (wait(NULL) > 0)
		count++;
	note("%d of 30, %d reaped", shared[0], count);
}

TEST(storm, group_changes_and_group_signals)
{
	volatile int *shared = shared_memory(4096);
	pid_t pids[4];
	int ok = 0;

	for (int i = 0; i < 4; i++)
		CHILD(pids[i]) {
			signal(SIGUSR1, SIG_IGN);
			while (!shared[0]) {
				setpgid(0, 0);
				setpgid(0, getpgid(getppid()));
				kill(0, 0);
			}
		}
	for (int i = 0; i < 60; i++)
		kill(-pids[i % 4], SIGUSR1);
	shared[0] = 1;
	for (int i = 0; i < 4; i++)
		ok += child_status(pids[i]) == 0;
	note("%d", ok);
}
