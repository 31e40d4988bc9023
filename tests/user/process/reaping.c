/* SPDX-License-Identifier: MIT */
/* Orphans, subreapers and the signal at a parent's death. */
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/prctl.h>

TEST(reaping, an_orphan_goes_to_the_nearest_subreaper)
{
	struct gate gate = gate_make();
	int *shared = shared_memory(4096);
	pid_t middle;
	int status;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(middle) {
		pid_t inner;

		CHILD(inner) {
			shared[0] = getpid();
			gate_wait(&gate);
			shared[1] = getppid();
			_exit(33);
		}
		(void)inner;
	}
	EXPECT_CHILD_OK(middle);
	gate_open(&gate);
	EXPECT_EQ(waitpid(-1, &status, 0), shared[0]);
	EXPECT_EQ(shared[1], getpid());
	note("%s", status_name(status));
}

TEST(reaping, an_orphan_that_is_already_a_zombie_is_reported_to_the_new_parent)
{
	uint64_t set = SIGBIT(SIGCHLD);
	pid_t middle;
	int status, count = 0;

	raw_mask(SIG_BLOCK, &set);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(middle) {
		pid_t inner = fork();

		if (inner == 0)
			_exit(34);
		wait_state(inner, 'Z');
	}
	while (wait(&status) > 0)
		count += WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
	note("%d", count);
}

TEST(reaping, init_takes_what_no_subreaper_wants)
{
	struct gate gate = gate_make(), done = gate_make();
	int *shared = shared_memory(4096);
	pid_t middle;

	CHILD(middle) {
		pid_t inner, parent = getpid();

		CHILD(inner) {
			gate_wait(&gate);
			while (getppid() == parent)
				sched_yield();
			shared[0] = getppid();
			gate_open(&done);
		}
		(void)inner;
	}
	EXPECT_CHILD_OK(middle);
	gate_open(&gate);
	gate_wait(&done);
	note("%d", shared[0]);
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

TEST(reaping, pdeathsig_comes_when_the_parent_ends)
{
	struct gate gate = gate_make(), done = gate_make();
	uint64_t set = SIGBIT(SIGUSR1);
	pid_t middle;

	raw_mask(SIG_BLOCK, &set);
	CHILD(middle) {
		pid_t inner;

		CHILD(inner) {
			siginfo_t info;
			int sig = 0;

			EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
			EXPECT_OK(prctl(PR_GET_PDEATHSIG, &sig));
			EXPECT_EQ(sig, SIGUSR1);
			gate_open(&gate);
			EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGUSR1);
			note("code %d", info.si_code);
			gate_open(&done);
		}
		gate_wait(&gate);
		(void)inner;
	}
	EXPECT_CHILD_OK(middle);
	gate_wait(&done);
}

TEST(reaping, pdeathsig_is_cleared_by_fork_and_by_change_of_ids)
{
	int sig = -1;

	EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	IN_CHILD(EXPECT_OK(prctl(PR_GET_PDEATHSIG, &sig)); EXPECT_EQ(sig, 0));
	EXPECT_OK(setresuid(1000, 1000, 1000));
	EXPECT_OK(prctl(PR_GET_PDEATHSIG, &sig));
	note("%d", sig);
}

static void *forks_child(void *arg)
{
	struct gate *gates = arg;
	pid_t pid = fork();

	if (pid == 0) {
		uint64_t set = SIGBIT(SIGUSR1);
		siginfo_t info;

		raw_mask(SIG_BLOCK, &set);
		prctl(PR_SET_PDEATHSIG, SIGUSR1);
		gate_open(&gates[0]);
		sigwaitinfo((sigset_t *)&set, &info);
		_exit(44);
	}
	gate_wait(&gates[0]);
	return NULL;
}

TEST(reaping, pdeathsig_comes_when_the_parent_thread_ends)
{
	struct gate gates[1] = { gate_make() };
	pthread_t thread;
	int status;

	pthread_create(&thread, NULL, forks_child, gates);
	pthread_join(thread, NULL);
	EXPECT_OK(wait(&status));
	note("%s", status_name(status));
}

TEST(reaping, a_deep_chain_of_orphans_is_collected)
{
	int *shared = shared_memory(4096), status, count = 0;
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		for (int i = 0; i < 20; i++) {
			pid_t next = fork();

			if (next > 0)
				_exit(0);
			__atomic_add_fetch(&shared[0], 1, __ATOMIC_SEQ_CST);
		}
	}
	while (wait(&status) > 0)
		count++;
	note("%d made, %d reaped", shared[0], count);
}
