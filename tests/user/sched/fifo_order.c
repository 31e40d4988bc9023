/* SPDX-License-Identifier: MIT */
/*
 * Real-time order on one CPU: a higher priority preempts at once, equal FIFO tasks run until they block or
 * yield, and everything real-time goes before everything ordinary.
 */
#include "../harness.h"
#include "../process/util.h"
#include <linux/futex.h>
#include <sched.h>

struct log {
	int used;
	char text[60];
};

static struct log *shared_log;

static void record(char c)
{
	int at = __atomic_fetch_add(&shared_log->used, 1, __ATOMIC_SEQ_CST);

	if (at < 59)
		shared_log->text[at] = c;
}

static void pin(void)
{
	uint64_t mask = 1;

	REQUIRE_OK(syscall(SYS_sched_setaffinity, 0, 8, &mask));
}

static void policy(pid_t pid, int policy, int priority)
{
	struct sched_param param = { priority };

	REQUIRE_OK(sched_setscheduler(pid, policy, &param));
}

static pid_t runner(char name, int kind, int priority, struct gate *gate, int yields)
{
	pid_t pid;

	CHILD(pid) {
		policy(0, kind, priority);
		gate_wait(gate);
		for (int i = 0; i <= yields; i++) {
			record(name);
			if (i < yields)
				sched_yield();
		}
	}
	if (!wait_state(pid, 'S'))
		fail("runner");
	return pid;
}

static void setup(void)
{
	shared_log = shared_memory(4096);
	pin();
	policy(0, SCHED_FIFO, 90);
}

TEST(fifo_order, the_highest_priority_runs_first)
{
	struct gate gates[4] = { gate_make(), gate_make(), gate_make(), gate_make() };
	pid_t pids[4];

	setup();
	pids[0] = runner('a', SCHED_FIFO, 10, &gates[0], 0);
	pids[1] = runner('b', SCHED_FIFO, 30, &gates[1], 0);
	pids[2] = runner('c', SCHED_OTHER, 0, &gates[2], 0);
	pids[3] = runner('d', SCHED_RR, 20, &gates[3], 0);
	for (int i = 0; i < 4; i++)
		gate_open(&gates[i]);
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%s", shared_log->text);
}

TEST(fifo_order, equals_run_in_the_order_of_waking)
{
	struct gate gates[4] = { gate_make(), gate_make(), gate_make(), gate_make() };
	pid_t pids[4];

	setup();
	for (int i = 0; i < 4; i++)
		pids[i] = runner('a' + i, SCHED_FIFO, 10, &gates[i], 0);
	gate_open(&gates[2]);
	gate_open(&gates[0]);
	gate_open(&gates[3]);
	gate_open(&gates[1]);
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%s", shared_log->text);
}

TEST(fifo_order, yield_goes_to_the_end_of_the_equals)
{
	struct gate gates[3] = { gate_make(), gate_make(), gate_make() };
	pid_t pids[3];

	setup();
	pids[0] = runner('a', SCHED_FIFO, 10, &gates[0], 3);
	pids[1] = runner('b', SCHED_FIFO, 10, &gates[1], 3);
	pids[2] = runner('c', SCHED_FIFO, 9, &gates[2], 0);
	for (int i = 0; i < 3; i++)
		gate_open(&gates[i]);
	for (int i = 0; i < 3; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%s", shared_log->text);
}

TEST(fifo_order, a_woken_higher_priority_preempts_at_once)
{
	struct gate gate = gate_make();
	pid_t pid;

	setup();
	policy(0, SCHED_FIFO, 10);
	pid = runner('h', SCHED_FIFO, 50, &gate, 0);
	record('1');
	gate_open(&gate);
	record('2');
	EXPECT_CHILD_OK(pid);
	note("%s", shared_log->text);
}

TEST(fifo_order, a_woken_lower_or_equal_priority_waits)
{
	struct gate gates[2] = { gate_make(), gate_make() };
	pid_t pids[2];

	setup();
	pids[0] = runner('e', SCHED_FIFO, 90, &gates[0], 0);
	pids[1] = runner('l', SCHED_FIFO, 50, &gates[1], 0);
	record('1');
	gate_open(&gates[1]);
	gate_open(&gates[0]);
	for (int i = 0; i < 1000; i++)
		getppid();
	record('2');
	EXPECT_CHILD_OK(pids[1]);
	EXPECT_CHILD_OK(pids[0]);
	note("%s", shared_log->text);
}

TEST(fifo_order, raising_and_lowering_priorities_takes_effect)
{
	struct gate gate = gate_make();
	pid_t pid;

	setup();
	policy(0, SCHED_FIFO, 40);
	pid = runner('x', SCHED_FIFO, 20, &gate, 0);
	gate_open(&gate);
	record('1');
	policy(pid, SCHED_FIFO, 60);	/* now above us: it runs here */
	record('2');
	EXPECT_CHILD_OK(pid);
	pid = runner('y', SCHED_FIFO, 20, &gate, 0);
	gate_open(&gate);
	record('3');
	policy(0, SCHED_FIFO, 10);	/* now below it: it runs here */
	record('4');
	EXPECT_CHILD_OK(pid);
	note("%s", shared_log->text);
}

TEST(fifo_order, futex_wakes_the_highest_waiter_first)
{
	int *word = shared_memory(4096);
	pid_t pids[3];

	setup();
	for (int i = 0; i < 3; i++) {
		static const int priorities[] = { 10, 30, 20 };

		CHILD(pids[i]) {
			policy(0, SCHED_FIFO, priorities[i]);
			syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL);
			record('a' + i);
		}
		wait_state(pids[i], 'S');
	}
	/* Woken one by one while we are above them all: the order of waking is by priority. */
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(syscall(SYS_futex, word, FUTEX_WAKE, 1), 1);
		sleep_ms(20);
	}
	for (int i = 0; i < 3; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%s", shared_log->text);
}

TEST(fifo_order, rr_equals_share_the_cpu)
{
	volatile unsigned long *counts = shared_memory(4096);
	struct gate gates[2] = { gate_make(), gate_make() };
	pid_t pids[2];

	setup();
	for (int i = 0; i < 2; i++) {
		CHILD(pids[i]) {
			policy(0, SCHED_RR, 10);
			gate_wait(&gates[i]);
			while (counts[0] == 0 || counts[1] == 0 || counts[2] < 2) {
				if (counts[i] == 0)
					counts[2]++;
				counts[i]++;
			}
		}
		wait_state(pids[i], 'S');
	}
	gate_open(&gates[0]);
	gate_open(&gates[1]);
	for (int i = 0; i < 2; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("both ran %d", counts[0] > 0 && counts[1] > 0);
}
