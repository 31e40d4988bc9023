/* SPDX-License-Identifier: MIT */
/* Tasks that are moved between processors all the time keep their state; idle processors take work. */
#define TEST_SECONDS 60
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

static uint64_t all;

static int cpus(void)
{
	syscall(SYS_sched_getaffinity, 0, 8, &all);
	return __builtin_popcountll(all);
}

static void *hops(void *arg)
{
	long me = (long)arg, bad = 0;
	double sum = 0, want = 0;
	uint64_t hash = me;

	for (int i = 0; i < 40; i++) {
		uint64_t mask = 1ULL << ((i + me) % cpus());

		syscall(SYS_sched_setaffinity, 0, 8, &mask);
		for (int j = 1; j < 200; j++) {
			sum += 1.0 / j;
			hash = hash * 31 + j;
		}
		if (i == 0)
			want = sum;
		bad += sum != want;
		sum = 0;
		syscall(SYS_sched_setaffinity, 0, 8, &all);
	}
	return (void *)bad;
}

TEST(migration, threads_hop_and_keep_their_registers)
{
	pthread_t t[6];
	long bad = 0;

	cpus();
	for (long i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, hops, (void *)i);
	for (int i = 0; i < 6; i++) {
		void *result;

		pthread_join(t[i], &result);
		bad += (long)result;
	}
	note("bad %ld", bad);
}

TEST(migration, a_running_task_is_pushed_around_by_another)
{
	volatile unsigned long *counter = shared_memory(4096);
	int n = cpus();
	pid_t pid;
	unsigned long last = 0;

	CHILD(pid)
		for (;;)
			counter[0]++;
	for (int i = 0; i < 16; i++) {
		uint64_t mask = 1ULL << (i % n);

		EXPECT_OK(syscall(SYS_sched_setaffinity, pid, 8, &mask));
		last = counter[0];
		while (counter[0] == last)
			sched_yield();
	}
	kill(pid, SIGKILL);
	note("%s", status_name(child_status(pid)));
}

TEST(migration, sleeping_tasks_can_be_moved)
{
	struct gate gate = gate_make(), back = gate_make();
	int n = cpus(), bad = 0;
	pid_t pid;

	CHILD(pid)
		for (int i = 0; i < 16; i++) {
			unsigned int cpu;

			gate_wait(&gate);
			syscall(SYS_getcpu, &cpu, NULL, NULL);
			if (cpu != (unsigned int)(i % n))
				fail("on another processor");
			gate_open(&back);
		}
	for (int i = 0; i < 16; i++) {
		uint64_t mask = 1ULL << (i % n);

		bad += syscall(SYS_sched_setaffinity, pid, 8, &mask) != 0;
		gate_open(&gate);
		gate_wait(&back);
	}
	EXPECT_CHILD_OK(pid);
	note("bad %d", bad);
}

TEST(migration, every_processor_gets_work)
{
	volatile unsigned long *seen = shared_memory(4096);
	int n = cpus(), missing = 0;
	pid_t pids[8];

	for (int i = 0; i < 8; i++)
		CHILD(pids[i])
			for (;;) {
				unsigned int cpu;

				syscall(SYS_getcpu, &cpu, NULL, NULL);
				seen[cpu & 63] = 1;
			}
	for (int i = 0; i < 2000; i++) {
		missing = 0;
		for (int j = 0; j < n; j++)
			missing += !seen[j];
		if (!missing)
			break;
		sleep_ms(5);
	}
	for (int i = 0; i < 8; i++) {
		kill(pids[i], SIGKILL);
		child_status(pids[i]);
	}
	note("missing %d", missing);
}

TEST(migration, wake_ups_between_processors)
{
	struct gate there[3] = { gate_make(), gate_make(), gate_make() }, back = gate_make();
	pid_t pids[3];

	for (int i = 0; i < 3; i++)
		CHILD(pids[i]) {
			uint64_t mask = 1ULL << ((i + 1) % cpus());

			syscall(SYS_sched_setaffinity, 0, 8, &mask);
			for (int j = 0; j < 40; j++) {
				gate_wait(&there[i]);
				gate_open(&back);
			}
		}
	for (int j = 0; j < 40; j++) {
		for (int i = 0; i < 3; i++)
			gate_open(&there[i]);
		for (int i = 0; i < 3; i++)
			gate_wait(&back);
	}
	for (int i = 0; i < 3; i++)
		EXPECT_CHILD_OK(pids[i]);
}
