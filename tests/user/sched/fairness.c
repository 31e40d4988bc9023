/* SPDX-License-Identifier: MIT */
/* Ordinary tasks: nobody starves, nice has weight, SCHED_IDLE takes what is left, yield gives way. */
#include "../harness.h"
#include "../process/util.h"
#include <sched.h>
#include <sys/resource.h>

static void pin(void)
{
	uint64_t mask = 1;

	REQUIRE_OK(syscall(SYS_sched_setaffinity, 0, 8, &mask));
}

static long cpu_ms(pid_t pid)
{
	struct timespec now = { 0, 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0)
		clock_gettime(clock, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static pid_t spinner(struct gate *gate, int nice_value, int policy)
{
	pid_t pid;

	CHILD(pid) {
		struct sched_param param = { 0 };

		sched_setscheduler(0, policy, &param);
		if (policy != SCHED_IDLE)
			setpriority(PRIO_PROCESS, 0, nice_value);
		gate_wait(gate);
		for (;;)
			;
	}
	wait_state(pid, 'S');
	return pid;
}

/* Let both compute until they have had TOTAL ms together; the share of the first in per cent. */
static int share(int nice_a, int policy_a, int nice_b, int policy_b, long total)
{
	struct gate gates[2] = { gate_make(), gate_make() };
	struct sched_param param = { 50 };
	pid_t a, b;
	long ms_a, ms_b;

	pin();
	sched_setscheduler(0, SCHED_FIFO, &param);
	a = spinner(&gates[0], nice_a, policy_a);
	b = spinner(&gates[1], nice_b, policy_b);
	gate_open(&gates[0]);
	gate_open(&gates[1]);
	do {
		sleep_ms(50);
		ms_a = cpu_ms(a);
		ms_b = cpu_ms(b);
	} while (ms_a + ms_b < total);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	child_status(a);
	child_status(b);
	return ms_a * 100 / (ms_a + ms_b);
}

/*
 * Measured up to five times: time that a busy host takes from the machine is counted for the task that runs, and its timer comes
 * late then. A scheduler that shares wrongly does so each time.
 */
static void expect_share(const char *words, int from, int to, int nice_b, int policy_b, long total)
{
	int percent = -1;

	for (int i = 0; i < 5 && !(percent >= from && percent <= to); i++)
		percent = share(0, SCHED_OTHER, nice_b, policy_b, total);
	if (percent >= from && percent <= to)
		note("%s", words);
	else
		note("%d per cent", percent);
}

TEST(fairness, equals_get_equal_shares)
{
	expect_share("about half", 35, 65, 0, SCHED_OTHER, 1000);
}

TEST(fairness, nice_ten_gets_about_a_tenth)
{
	expect_share("most", 80, 98, 10, SCHED_OTHER, 1500);
}

TEST(fairness, idle_policy_gets_almost_nothing_but_not_nothing)
{
	expect_share("nearly all", 93, 100, 0, SCHED_IDLE, 1500);
}

TEST(fairness, a_sleeper_gets_the_cpu_although_others_compute)
{
	struct gate gates[3] = { gate_make(), gate_make(), gate_make() };
	pid_t pids[3];
	int late = 0;

	pin();
	for (int i = 0; i < 3; i++)
		pids[i] = spinner(&gates[i], 0, SCHED_OTHER);
	for (int i = 0; i < 3; i++)
		gate_open(&gates[i]);
	for (int i = 0; i < 20; i++) {
		long long start = now_ms();

		sleep_ms(5);
		if (now_ms() - start > 2000)
			late++;
	}
	for (int i = 0; i < 3; i++) {
		kill(pids[i], SIGKILL);
		child_status(pids[i]);
	}
	note("late %d", late);
}

TEST(fairness, yield_lets_an_equal_progress)
{
	volatile int *shared = shared_memory(4096);
	pid_t pid;

	pin();
	CHILD(pid) {
		while (shared[0] < 200) {
			while (shared[0] % 2 == 0 && shared[0] < 200)
				sched_yield();
			shared[0]++;
		}
	}
	while (shared[0] < 200) {
		while (shared[0] % 2 == 1)
			sched_yield();
		if (shared[0] < 200)
			shared[0]++;
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(sched_yield());
}

TEST(fairness, fifty_tasks_all_finish)
{
	pid_t pids[50];
	int ok = 0;

	for (int i = 0; i < 50; i++)
		CHILD(pids[i])
			for (int j = 0; j < 200; j++) {
				for (volatile int k = 0; k < 1000; k++)
					;
				sched_yield();
			}
	for (int i = 0; i < 50; i++)
		ok += child_status(pids[i]) == 0;
	note("%d", ok);
}
