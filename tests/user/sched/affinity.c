/* SPDX-License-Identifier: MIT */
/* CPU affinity: reading, setting, refusing, inheriting, and that it is obeyed. */
#include "../harness.h"
#include "../process/util.h"
#include <sched.h>

static long raw_get(pid_t pid, size_t size, void *mask)
{
	return syscall(SYS_sched_getaffinity, pid, size, mask);
}

static long raw_set(pid_t pid, size_t size, const void *mask)
{
	return syscall(SYS_sched_setaffinity, pid, size, mask);
}

static int last_cpu(void)
{
	uint64_t mask = 0;

	raw_get(0, sizeof(mask), &mask);
	return 63 - __builtin_clzll(mask);
}

TEST(affinity, get_sizes)
{
	uint64_t mask[64] = { 0 };

	EXPECT_TRUE(raw_get(0, sizeof(mask), mask) >= 8);
	EXPECT_TRUE(mask[0] & 1);
	EXPECT_ERRNO(raw_get(0, 0, mask), EINVAL);
	EXPECT_ERRNO(raw_get(0, 7, mask), EINVAL);
	EXPECT_ERRNO(raw_get(0, 513, mask), EINVAL);
	EXPECT_ERRNO(raw_get(0, sizeof(mask), wild(8)), EFAULT);
	EXPECT_ERRNO(raw_get(-1, sizeof(mask), mask), ESRCH);
	EXPECT_ERRNO(raw_get(0x7ffffff, sizeof(mask), mask), ESRCH);
}

TEST(affinity, set_rules)
{
	uint64_t mask = 0, all;

	raw_get(0, sizeof(all), &all);
	EXPECT_ERRNO(raw_set(0, sizeof(mask), &mask), EINVAL);
	mask = 1ULL << 63;
	EXPECT_ERRNO(raw_set(0, sizeof(mask), &mask), EINVAL);
	EXPECT_ERRNO(raw_set(0, sizeof(mask), wild(8)), EFAULT);
	EXPECT_ERRNO(raw_set(0x7ffffff, sizeof(mask), &all), ESRCH);
	EXPECT_ERRNO(raw_set(0, 0, &all), EINVAL);
	/* CPUs that do not exist are ignored as long as one exists. */
	mask = 1ULL | 1ULL << 63;
	EXPECT_OK(raw_set(0, sizeof(mask), &mask));
	EXPECT_OK(raw_get(0, sizeof(mask), &mask));
	EXPECT_EQ(mask, 1);
	/* A short mask is enough, bytes beyond are zero. */
	unsigned char one = 1;

	EXPECT_OK(raw_set(0, 1, &one));
	EXPECT_OK(raw_set(0, sizeof(all), &all));
}

TEST(affinity, obeyed_at_once)
{
	unsigned int cpu;

	for (int i = 0; i <= last_cpu(); i++) {
		uint64_t mask = 1ULL << i, all;

		raw_get(0, sizeof(all), &all);
		if (raw_set(0, sizeof(mask), &mask) < 0)
			continue;
		EXPECT_OK(syscall(SYS_getcpu, &cpu, NULL, NULL));
		EXPECT_EQ(cpu, i);
		for (int j = 0; j < 20; j++) {
			sched_yield();
			syscall(SYS_getcpu, &cpu, NULL, NULL);
			EXPECT_EQ(cpu, i);
		}
		raw_set(0, sizeof(all), &all);
	}
}

TEST(affinity, another_process_is_moved_while_it_runs)
{
	volatile unsigned int *shared = shared_memory(4096);
	uint64_t mask = 1ULL << last_cpu();
	pid_t pid;
	unsigned int want = last_cpu();

	CHILD(pid)
		for (;;) {
			unsigned int cpu;

			syscall(SYS_getcpu, &cpu, NULL, NULL);
			shared[0] = cpu + 1;
		}
	EXPECT_OK(raw_set(pid, sizeof(mask), &mask));
	while (shared[0] != want + 1)
		sched_yield();
	for (int i = 0; i < 50; i++) {
		EXPECT_EQ(shared[0], want + 1);
		sched_yield();
	}
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(affinity, inherited_and_shown)
{
	uint64_t mask = 1, got;

	EXPECT_OK(raw_set(0, sizeof(mask), &mask));
	IN_CHILD(
		EXPECT_OK(raw_get(0, sizeof(got), &got));
		EXPECT_EQ(got, 1));
	char *line = strstr(get_file("/proc/self/status"), "Cpus_allowed_list:");

	note("%.*s", line ? (int)strcspn(line, "\n") : 0, line);
}

TEST(affinity, permission)
{
	uint64_t mask = 1;
	struct gate gate = gate_make();
	pid_t pid;

	CHILD(pid)
		gate_wait(&gate);
	AS_USER(1000, 1000,
		EXPECT_ERRNO(raw_set(pid, sizeof(mask), &mask), EPERM);
		EXPECT_OK(raw_get(pid, sizeof(mask), &mask));
		mask = 1;
		EXPECT_OK(raw_set(0, sizeof(mask), &mask)));
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
}
