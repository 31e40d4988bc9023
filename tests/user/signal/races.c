/* SPDX-License-Identifier: MIT */
/* Signals against everything that happens at the same time: no wake-up lost, no signal lost or doubled. */
#define TEST_SECONDS 60
#include "../harness.h"
#include "../process/util.h"
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

TEST(races, sigsuspend_loses_no_signal)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	pid_t pid, me = getpid();
	int rounds = 80;

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	volatile int *shared = shared_memory(4096);

	CHILD(pid)
		for (int i = 1; i <= rounds; i++) {
			kill(me, SIGUSR1);
			while (shared[0] < i)
				sched_yield();
		}
	while (hits < rounds) {
		syscall(SYS_rt_sigsuspend, &none, 8);
		shared[0] = hits;
	}
	EXPECT_CHILD_OK(pid);
	note("%d", (int)hits);
}

TEST(races, sigwaitinfo_loses_no_signal)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2);
	pid_t pid, me = getpid();
	int got = 0, rounds = 80;

	raw_mask(SIG_BLOCK, &set);
	CHILD(pid) {
		siginfo_t info;

		for (int i = 0; i < rounds; i++) {
			kill(me, SIGUSR1);
			EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGUSR2);
		}
	}
	for (int i = 0; i < rounds; i++) {
		siginfo_t info;

		got += sigwaitinfo((sigset_t *)&set, &info) == SIGUSR1;
		kill(pid, SIGUSR2);
	}
	EXPECT_CHILD_OK(pid);
	note("%d", got);
}

TEST(races, ppoll_loses_no_signal)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	pid_t pid, me = getpid();
	volatile int *shared = shared_memory(4096);
	int rounds = 60;

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	CHILD(pid)
		for (int i = 1; i <= rounds; i++) {
			kill(me, SIGUSR1);
			while (shared[0] < i)
				sched_yield();
		}
	while (hits < rounds) {
		struct timespec limit = { 20, 0 };

		EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, &limit, &none, 8), EINTR);
		shared[0] = hits;
	}
	EXPECT_CHILD_OK(pid);
	note("%d", (int)hits);
}

TEST(races, queued_values_arrive_once_each)
{
	uint64_t set = SIGBIT(40);
	pid_t pids[4], me = getpid();
	static int count[4][40];
	int bad = 0;

	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 4; i++)
		CHILD(pids[i])
			for (int j = 0; j < 40; j++)
				while (sigqueue(me, 40, (union sigval){ .sival_int = i * 40 + j }) < 0)
					sched_yield();
	for (int i = 0; i < 160; i++) {
		siginfo_t info;

		if (sigwaitinfo((sigset_t *)&set, &info) == 40)
			count[info.si_int / 40][info.si_int % 40]++;
	}
	for (int i = 0; i < 4; i++) {
		EXPECT_CHILD_OK(pids[i]);
		for (int j = 0; j < 40; j++)
			bad += count[i][j] != 1;
	}
	EXPECT_EQ(raw_pending(), 0);
	note("bad %d", bad);
}

TEST(races, stop_and_continue_in_quick_succession)
{
	volatile unsigned long *counter = shared_memory(4096);
	pid_t pid;
	unsigned long before;

	CHILD(pid)
		for (;;)
			counter[0]++;
	for (int i = 0; i < 50; i++) {
		kill(pid, SIGSTOP);
		kill(pid, SIGCONT);
	}
	before = counter[0];
	while (counter[0] == before)
		sched_yield();
	kill(pid, SIGSTOP);
	EXPECT_TRUE(wait_state(pid, 'T'));
	kill(pid, SIGKILL);
	note("%s", status_name(child_status(pid)));
}

TEST(races, handlers_interrupt_computation_without_harm)
{
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } };
	double sum = 0;
	uint64_t hash = 1;

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 1; i < 500000; i++) {
		sum += 1.0 / i;
		hash = hash * 6364136223846793005ULL + i;
	}
	while (!hits)
		;
	memset(&timer, 0, sizeof(timer));
	setitimer(ITIMER_REAL, &timer, NULL);
	note("%.9f %016llx", sum, (long long)hash);
}

TEST(races, system_calls_restart_under_a_rain_of_signals)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } };
	int pipes[2], bad = 0;
	pid_t pid;

	EXPECT_OK(pipe(pipes));
	sigaction(SIGALRM, &action, NULL);
	CHILD(pid)
		for (int i = 0; i < 300; i++)
			write_all(pipes[1], &i, sizeof(i));
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 300; i++) {
		int value = -1;

		bad += read(pipes[0], &value, sizeof(value)) != sizeof(value) || value != i;
	}
	memset(&timer, 0, sizeof(timer));
	setitimer(ITIMER_REAL, &timer, NULL);
	EXPECT_CHILD_OK(pid);
	note("bad %d", bad);
}

static volatile int quit;

static void *sends(void *arg)
{
	while (!quit)
		kill(getpid(), SIGUSR1);
	return arg;
}

static void *masks(void *arg)
{
	uint64_t set = SIGBIT(SIGUSR1);

	for (int i = 0; i < 300; i++) {
		raw_mask(SIG_BLOCK, &set);
		raw_mask(SIG_UNBLOCK, &set);
	}
	return arg;
}

TEST(races, masks_change_while_process_signals_fly)
{
	pthread_t sender, maskers[3];

	signal(SIGUSR1, handler);
	pthread_create(&sender, NULL, sends, NULL);
	for (int i = 0; i < 3; i++)
		pthread_create(&maskers[i], NULL, masks, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(maskers[i], NULL);
	/* The sender may only come to run now. */
	while (!hits)
		sched_yield();
	quit = 1;
	pthread_join(sender, NULL);
	EXPECT_TRUE(hits > 0);
}

TEST(races, sigchld_of_many_children_is_never_missed)
{
	uint64_t set = SIGBIT(SIGCHLD);
	int reaped = 0;

	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (volatile int j = 0; j < i * 500; j++)
				;
			_exit(0);
		}
	}
	while (reaped < 20) {
		siginfo_t info;

		if (sigwaitinfo((sigset_t *)&set, &info) == SIGCHLD)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				reaped++;
	}
	note("%d", reaped);
}
