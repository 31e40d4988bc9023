/* SPDX-License-Identifier: MIT */
/* Stopping and continuing: STOP, TSTP, CONT, and what each cancels. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

static volatile int *shared;

static void count(int number)
{
	shared[number]++;
}

/* A child in a group of its own (so that it is not orphaned) that counts USR1, CONT and TSTP if asked. */
static pid_t sleeper(int catch_tstp)
{
	struct gate ready = gate_make();
	pid_t pid;

	if (!shared)
		shared = shared_memory(4096);
	memset((void *)shared, 0, 4096);
	CHILD(pid) {
		setpgid(0, 0);
		signal(SIGUSR1, count);
		signal(SIGCONT, count);
		if (catch_tstp)
			signal(SIGTSTP, count);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	wait_state(pid, 'S');
	return pid;
}

static const char *next(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED | WCONTINUED) != pid)
		return "waitpid failed";
	return status_name(status);
}

static void finish(pid_t pid)
{
	kill(pid, SIGKILL);
	note("end: %s", next(pid));
}

TEST(stop_continue, all_four_stop_signals)
{
	static const int numbers[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		pid_t pid = sleeper(0);

		kill(pid, numbers[i]);
		note("%s", next(pid));
		EXPECT_TRUE(wait_state(pid, 'T'));
		kill(pid, SIGCONT);
		note("%s", next(pid));
		EXPECT_TRUE(wait_state(pid, 'S'));
		EXPECT_EQ(shared[SIGCONT], 1);
		finish(pid);
	}
}

TEST(stop_continue, signals_wait_while_stopped)
{
	pid_t pid = sleeper(0);

	kill(pid, SIGSTOP);
	note("%s", next(pid));
	kill(pid, SIGUSR1);
	sleep_ms(30);
	note("while stopped %d", shared[SIGUSR1]);
	EXPECT_TRUE(wait_state(pid, 'T'));
	kill(pid, SIGCONT);
	note("%s", next(pid));
	while (!shared[SIGUSR1])
		sched_yield();
	note("after %d cont %d", shared[SIGUSR1], shared[SIGCONT]);
	finish(pid);
}

TEST(stop_continue, kill_ends_a_stopped_process)
{
	pid_t pid = sleeper(0);

	kill(pid, SIGSTOP);
	note("%s", next(pid));
	finish(pid);
	/* TERM has to wait for CONT. */
	pid = sleeper(0);
	kill(pid, SIGSTOP);
	note("%s", next(pid));
	kill(pid, SIGTERM);
	sleep_ms(30);
	EXPECT_TRUE(wait_state(pid, 'T'));
	kill(pid, SIGCONT);
	int status;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	note("%s", status_name(status));
}

TEST(stop_continue, cont_discards_pending_stops_and_the_other_way_round)
{
	uint64_t set = SIGBIT(SIGTSTP) | SIGBIT(SIGTTIN) | SIGBIT(SIGCONT);

	raw_mask(SIG_BLOCK, &set);
	kill(getpid(), SIGTSTP);
	kill(getpid(), SIGTTIN);
	note("%#llx", (long long)raw_pending());
	kill(getpid(), SIGCONT);
	note("%#llx", (long long)raw_pending());
	kill(getpid(), SIGTSTP);
	note("%#llx", (long long)raw_pending());
}

TEST(stop_continue, cont_wakes_even_if_blocked_or_ignored)
{
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		struct gate ready = gate_make();

		CHILD(pid) {
			uint64_t set = SIGBIT(SIGCONT);

			if (i == 0)
				raw_mask(SIG_BLOCK, &set);
			else
				signal(SIGCONT, SIG_IGN);
			gate_open(&ready);
			for (;;)
				pause();
		}
		gate_wait(&ready);
		kill(pid, SIGSTOP);
		note("%s", next(pid));
		kill(pid, SIGCONT);
		note("%s", next(pid));
		EXPECT_TRUE(wait_state(pid, 'S'));
		finish(pid);
	}
}

TEST(stop_continue, tstp_may_be_caught_and_ignored_but_stop_not)
{
	pid_t pid = sleeper(1);

	kill(pid, SIGTSTP);
	while (!shared[SIGTSTP])
		sched_yield();
	EXPECT_EQ(waitpid(pid, NULL, WUNTRACED | WNOHANG), 0);
	kill(pid, SIGSTOP);
	note("%s", next(pid));
	finish(pid);
	EXPECT_TRUE(signal(SIGSTOP, SIG_IGN) == SIG_ERR && errno == EINVAL);
	uint64_t set = ~0ULL;

	raw_mask(SIG_SETMASK, &set);
	note("blocked %d", (raw_mask(SIG_BLOCK, NULL) & (SIGBIT(SIGSTOP) | SIGBIT(SIGKILL))) != 0);
}

TEST(stop_continue, a_second_stop_is_not_reported_again)
{
	pid_t pid = sleeper(0);

	kill(pid, SIGSTOP);
	note("%s", next(pid));
	kill(pid, SIGSTOP);
	kill(pid, SIGTSTP);
	EXPECT_EQ(waitpid(pid, NULL, WUNTRACED | WNOHANG), 0);
	kill(pid, SIGCONT);
	note("%s", next(pid));
	/* CONT took the stops that came after the first away. */
	EXPECT_TRUE(wait_state(pid, 'S'));
	EXPECT_EQ(waitpid(pid, NULL, WUNTRACED | WNOHANG), 0);
	finish(pid);
}

static void *spins(void *arg)
{
	volatile int *n = arg;

	for (;;) {
		++*n;
		sched_yield();
	}
	return NULL;
}

TEST(stop_continue, every_thread_stops)
{
	volatile int *counters = shared_memory(4096);
	int before[3];
	pid_t pid;

	CHILD(pid) {
		pthread_t t[3];

		for (int i = 0; i < 3; i++)
			pthread_create(&t[i], NULL, spins, (void *)&counters[i]);
		for (;;)
			pause();
	}
	while (!counters[0] || !counters[1] || !counters[2])
		sched_yield();
	kill(pid, SIGSTOP);
	note("%s", next(pid));
	for (int i = 0; i < 3; i++)
		before[i] = counters[i];
	sleep_ms(50);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(counters[i], before[i]);
	kill(pid, SIGCONT);
	note("%s", next(pid));
	for (int i = 0; i < 3; i++)
		while (counters[i] == before[i])
			sched_yield();
	finish(pid);
}

TEST(stop_continue, a_stopped_sleep_keeps_its_deadline)
{
	pid_t pid;
	long long start = now_ms();

	CHILD(pid) {
		struct timespec span = { 0, 300000000 };

		EXPECT_OK(nanosleep(&span, NULL));
	}
	wait_state(pid, 'S');
	kill(pid, SIGSTOP);
	note("%s", next(pid));
	sleep_ms(50);
	kill(pid, SIGCONT);
	note("%s", next(pid));
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_TRUE(now_ms() - start >= 300);
}
