/* SPDX-License-Identifier: MIT */
/* Copy-on-write and shared memory between processes. */
#include "../harness.h"
#include "../process/util.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static char *map(size_t pages, int flags)
{
	char *p = mmap(NULL, pages * PAGE, RW, flags | MAP_ANONYMOUS, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

static int count_wrong(const char *p, size_t pages, char want)
{
	int bad = 0;

	for (size_t i = 0; i < pages; i++)
		bad += p[i * PAGE] != want || p[i * PAGE + PAGE - 1] != want;
	return bad;
}

TEST(copy_on_write, the_childs_writes_are_its_own)
{
	char *p = map(100, MAP_PRIVATE);

	memset(p, 'p', 100 * PAGE);
	IN_CHILD(
		EXPECT_EQ(count_wrong(p, 100, 'p'), 0);
		memset(p, 'c', 100 * PAGE);
		EXPECT_EQ(count_wrong(p, 100, 'c'), 0));
	EXPECT_EQ(count_wrong(p, 100, 'p'), 0);
}

TEST(copy_on_write, the_parents_writes_do_not_reach_the_child)
{
	char *p = map(100, MAP_PRIVATE);
	struct gate gate = gate_make();
	pid_t pid;

	memset(p, 'p', 100 * PAGE);
	CHILD(pid) {
		gate_wait(&gate);
		EXPECT_EQ(count_wrong(p, 100, 'p'), 0);
	}
	memset(p, 'q', 100 * PAGE);
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(count_wrong(p, 100, 'q'), 0);
}

TEST(copy_on_write, system_calls_copy_too)
{
	char *p = map(2, MAP_PRIVATE);
	int pipes[2];

	memset(p, 'p', 2 * PAGE);
	EXPECT_OK(pipe(pipes));
	IN_CHILD(
		write_all(pipes[1], "kernel", 6);
		EXPECT_EQ(read(pipes[0], p + PAGE - 3, 6), 6);
		EXPECT_EQ(memcmp(p + PAGE - 3, "kernel", 6), 0));
	EXPECT_EQ(count_wrong(p, 2, 'p'), 0);
}

TEST(copy_on_write, chains_of_children)
{
	char *p = map(10, MAP_PRIVATE);
	int *shared = shared_memory(4096);

	memset(p, '0', 10 * PAGE);
	for (int level = 1; level <= 6; level++) {
		pid_t pid = fork();

		if (pid > 0) {
			EXPECT_EQ(child_status(pid), 0);
			EXPECT_EQ(count_wrong(p, 10, '0' + level - 1), 0);
			if (level > 1)
				harness_child_exit();
			break;
		}
		memset(p, '0' + level, 10 * PAGE);
		shared[0]++;
		if (level == 6)
			harness_child_exit();
	}
	note("%d levels", shared[0]);
}

TEST(copy_on_write, pages_that_were_only_read_are_zero_in_both)
{
	char *p = map(10, MAP_PRIVATE);
	volatile char sum = 0;

	for (int i = 0; i < 10; i++)
		sum += p[i * PAGE];
	IN_CHILD(p[3 * PAGE] = 1; EXPECT_EQ(p[4 * PAGE], 0));
	p[4 * PAGE] = 1;
	note("%d %d %d", p[3 * PAGE], p[4 * PAGE], sum);
}

TEST(copy_on_write, shared_anonymous_memory_is_one)
{
	volatile int *s = (volatile int *)map(4, MAP_SHARED);
	pid_t pid;

	s[0] = 1;
	CHILD(pid) {
		EXPECT_EQ(s[0], 1);
		s[1] = 2;
		while (s[0] != 5)
			sched_yield();
		s[2 * PAGE / 4] = 6;
	}
	while (s[1] != 2)
		sched_yield();
	s[0] = 5;
	EXPECT_CHILD_OK(pid);
	note("%d %d %d", s[0], s[1], s[2 * PAGE / 4]);
}

TEST(copy_on_write, shared_memory_outlives_who_made_it)
{
	int *shared = shared_memory(4096);
	struct gate gate = gate_make(), done = gate_make();
	pid_t pid;

	CHILD(pid) {
		int *s = (int *)map(1, MAP_SHARED);
		pid_t inner;

		s[0] = 42;
		CHILD(inner) {
			gate_wait(&gate);
			shared[0] = s[0];
			gate_open(&done);
		}
	}
	EXPECT_CHILD_OK(pid);
	gate_open(&gate);
	gate_wait(&done);
	note("%d", shared[0]);
}

TEST(copy_on_write, atomics_from_several_processes)
{
	int *s = (int *)map(1, MAP_SHARED);
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		CHILD(pids[i])
			for (int j = 0; j < 20000; j++)
				__atomic_add_fetch(s, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%d", s[0]);
}

TEST(copy_on_write, many_children_of_one_page)
{
	char *p = map(1, MAP_PRIVATE);
	struct gate gate = gate_make();
	pid_t pids[20];

	p[0] = 7;
	for (int i = 0; i < 20; i++)
		CHILD(pids[i]) {
			gate_wait(&gate);
			EXPECT_EQ(p[0], 7);
			p[0] = 50 + i;
			EXPECT_EQ(p[0], 50 + i);
		}
	for (int i = 0; i < 20; i++)
		gate_open(&gate);
	for (int i = 0; i < 20; i++)
		EXPECT_CHILD_OK(pids[i]);
	EXPECT_EQ(p[0], 7);
}

TEST(copy_on_write, read_only_after_fork_stays_read_only)
{
	char *p = map(1, MAP_PRIVATE);
	pid_t pid;

	p[0] = 1;
	mprotect(p, PAGE, PROT_READ);
	CHILD(pid)
		p[0] = 2;
	note("%s", status_name(child_status(pid)));
	IN_CHILD(mprotect(p, PAGE, RW); p[0] = 3);
	EXPECT_EQ(p[0], 1);
}
