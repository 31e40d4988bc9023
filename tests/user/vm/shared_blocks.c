/* SPDX-License-Identifier: MIT */
/*
 * Large private regions after fork, where a kernel may share whole 2 MiB blocks until somebody writes: contents stay private
 * whatever parent, children and grandchildren do with their parts, in any order and at the same time.
 * Deterministic: only sums of what is wrong are printed; who runs when is settled by pipes and waits.
 */
#define TEST_SECONDS 120
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <sys/uio.h>
#include <sys/sysinfo.h>

#define PAGE 4096UL
#define BLOCK (2UL << 20)
#define PER_BLOCK (BLOCK / PAGE)
#define RW (PROT_READ | PROT_WRITE)

static uint32_t *word(char *p, size_t page)
{
	return (uint32_t *)(p + page * PAGE);
}

static uint32_t mark(size_t page)
{
	return (uint32_t)(page * 2654435761U + 1);
}

static char *blocks(size_t count)
{
	char *p = mmap(NULL, (count + 1) * BLOCK, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned = (char *)(((uintptr_t)p + BLOCK - 1) & ~(BLOCK - 1));

	REQUIRE_TRUE(p != MAP_FAILED);
	madvise(aligned, count * BLOCK, MADV_HUGEPAGE);
	for (size_t i = 0; i < count * PER_BLOCK; i++)
		*word(aligned, i) = mark(i);
	return aligned;
}

static int wrong(char *p, size_t from, size_t to)
{
	int bad = 0;

	for (size_t i = from; i < to; i++)
		bad += *word(p, i) != mark(i);
	return bad;
}

TEST(shared_blocks, each_generation_keeps_its_own)
{
	char *p = blocks(2);
	int depth = 0, bad = 0;
	pid_t pid = 0;

	/* Each process of the chain changes a page of its own, before or after its child is made. */
	while (depth < 6) {
		if (depth % 2)
			*word(p, 100 + depth) = depth;
		pid = fork();
		if (pid)
			break;
		depth++;
	}
	for (int i = 0; i < depth; i++)
		bad += *word(p, 100 + i) != (i % 2 ? (uint32_t)i : mark(100 + i));
	if (depth < 6 && depth % 2 == 0)
		*word(p, 100 + depth) = 1000 + depth;
	bad += wrong(p, 0, 100) + wrong(p, 107, 2 * PER_BLOCK);
	if (pid) {
		int status;

		REQUIRE_TRUE(waitpid(pid, &status, 0) == pid);
		bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		for (int i = depth + 1; i < 7; i++)
			bad += *word(p, 100 + i) != mark(100 + i);
	}
	if (depth)
		_exit(bad != 0);
	note("bad %d", bad);
}

TEST(shared_blocks, siblings_write_the_same_page)
{
	char *p = blocks(2);
	int bad = 0, status;
	pid_t pid[5];

	for (int i = 0; i < 5; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			*word(p, 7) = 70 + i;
			*word(p, PER_BLOCK + i) = i;
			bad = wrong(p, 0, 7) + wrong(p, 8, PER_BLOCK) + wrong(p, PER_BLOCK + 5, 2 * PER_BLOCK);
			for (int k = 0; k < 5; k++)
				bad += *word(p, PER_BLOCK + k) != (k == i ? (uint32_t)i : mark(PER_BLOCK + k));
			_exit((bad != 0) + (*word(p, 7) != 70U + i));
		}
	}
	for (int i = 0; i < 5; i++)
		bad += waitpid(pid[i], &status, 0) != pid[i] || status != 0;
	note("bad %d %d", bad, wrong(p, 0, 2 * PER_BLOCK));
}

TEST(shared_blocks, parent_writes_while_the_child_looks)
{
	char *p = blocks(3);
	int go[2], status;
	char c;

	REQUIRE_OK(pipe(go));
	pid_t pid = fork();

	if (pid == 0) {
		close(go[1]);
		read(go[0], &c, 1);
		_exit(wrong(p, 0, 3 * PER_BLOCK) != 0);
	}
	*word(p, 3) = 1;			/* a page of the first */
	memset(p + BLOCK, 2, BLOCK);		/* all of the second */
	REQUIRE_TRUE(munmap(p + 2 * BLOCK, BLOCK) == 0);
	close(go[1]);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	note("child %x, page %u, bad %d", status, *word(p, 3), wrong(p, 4, PER_BLOCK));
	*word(p, 3) = mark(3);
	note("bad %d", wrong(p, 0, PER_BLOCK));
}

TEST(shared_blocks, changes_of_the_map_in_the_child)
{
	char *p = blocks(6);
	int bad;

	IN_CHILD(
		EXPECT_OK(munmap(p + 10 * PAGE, 20 * PAGE));
		EXPECT_EQ(wrong(p, 0, 10) + wrong(p, 30, PER_BLOCK), 0);
		EXPECT_OK(munmap(p + BLOCK, BLOCK));
		EXPECT_OK(mprotect(p + 2 * BLOCK, BLOCK, PROT_READ));
		EXPECT_OK(mprotect(p + 2 * BLOCK, BLOCK, RW));
		memset(p + 2 * BLOCK, 3, BLOCK);
		EXPECT_OK(mprotect(p + 3 * BLOCK + 5 * PAGE, 5 * PAGE, PROT_NONE));
		EXPECT_OK(mprotect(p + 3 * BLOCK + 5 * PAGE, 5 * PAGE, RW));
		memset(p + 3 * BLOCK, 4, BLOCK / 2);
		EXPECT_EQ(wrong(p, 3 * PER_BLOCK + PER_BLOCK / 2, 4 * PER_BLOCK), 0);
		EXPECT_OK(madvise(p + 4 * BLOCK, BLOCK, MADV_DONTNEED));
		EXPECT_EQ(*word(p, 4 * PER_BLOCK + 9), 0);
		char *to = mremap(p + 5 * BLOCK, BLOCK, 2 * BLOCK, MREMAP_MAYMOVE);
		EXPECT_TRUE(to != MAP_FAILED);
		EXPECT_EQ(*word(to, 17), mark(5 * PER_BLOCK + 17));
		memset(to, 5, BLOCK));
	bad = wrong(p, 0, 6 * PER_BLOCK);
	note("bad %d", bad);
	memset(p, 0, 6 * BLOCK);
	for (size_t i = 0; i < 6 * PER_BLOCK; i++)
		*word(p, i) = mark(i);
	note("bad %d", wrong(p, 0, 6 * PER_BLOCK));
}

TEST(shared_blocks, the_child_outlives_its_parent)
{
	char *p = blocks(2);
	int report[2], bad = -1;

	REQUIRE_OK(pipe(report));
	pid_t pid = fork();

	if (pid == 0) {
		int alive[2];
		char c;

		REQUIRE_OK(pipe(alive));
		*word(p, 5) = 55;
		if (fork()) {
			*word(p, 6) = 66;
			_exit(0);
		}
		close(alive[1]);
		read(alive[0], &c, 1);		/* until the one in the middle is gone */
		*word(p, 8) = 88;
		bad = wrong(p, 0, 5) + (*word(p, 5) != 55) + wrong(p, 6, 8) + wrong(p, 9, 2 * PER_BLOCK);
		write(report[1], &bad, sizeof(bad));
		_exit(0);
	}
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	close(report[1]);
	EXPECT_EQ(read(report[0], &bad, sizeof(bad)), (long)sizeof(bad));
	note("bad %d, parent %d", bad, wrong(p, 0, 2 * PER_BLOCK));
}

TEST(shared_blocks, the_kernel_writes_into_them)
{
	char *p = blocks(2);
	static char text[3 * PAGE];
	int pipes[2], bad;

	memset(text, 'x', sizeof(text));
	REQUIRE_OK(pipe(pipes));
	EXPECT_EQ(write(pipes[1], text, sizeof(text)), (long)sizeof(text));
	pid_t pid = fork();

	if (pid == 0) {
		bad = read(pipes[0], p + BLOCK - PAGE, 2 * PAGE) != 2 * (long)PAGE;
		bad += memcmp(p + BLOCK - PAGE, text, 2 * PAGE) != 0;
		struct iovec mine = { text, PAGE }, far = { p + 20 * PAGE, PAGE };

		bad += process_vm_writev(getpid(), &mine, 1, &far, 1, 0) != (long)PAGE;
		bad += p[20 * PAGE] != 'x' || p[21 * PAGE - 1] != 'x';
		bad += wrong(p, 0, 20) + wrong(p, 21, PER_BLOCK - 1) + wrong(p, PER_BLOCK + 1, 2 * PER_BLOCK);
		_exit(bad != 0);
	}
	int status;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	note("child %x, bad %d", status, wrong(p, 0, 2 * PER_BLOCK));
}

/* ---- many at once */

#define WRITERS 4
#define ROUNDS 300

static char *field;
static int running;

/* Counts up in pages of its own, each time in all of them. */
static void *writer(void *arg)
{
	size_t me = (size_t)arg;

	for (uint32_t n = 1; n <= ROUNDS || __atomic_load_n(&running, __ATOMIC_ACQUIRE); n++) {
		for (size_t i = me; i < 4 * PER_BLOCK; i += 97 * WRITERS)
			*(volatile uint32_t *)word(field, i) += 1;
		if (n > ROUNDS)
			sched_yield();
	}
	return NULL;
}

TEST(shared_blocks, threads_write_while_the_process_forks)
{
	pthread_t t[WRITERS];
	int bad = 0, status;

	field = blocks(4);
	memset(field, 0, 4 * BLOCK);
	running = 1;
	for (size_t i = 0; i < WRITERS; i++)
		REQUIRE_TRUE(pthread_create(&t[i], NULL, writer, (void *)i) == 0);
	for (int i = 0; i < 12; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			/* A picture of one moment: it stands still, and no two words of a thread are more than one apart. */
			for (size_t me = 0; me < WRITERS; me++) {
				uint32_t first = *word(field, me), v;

				for (size_t k = me; k < 4 * PER_BLOCK; k += 97 * WRITERS) {
					v = *word(field, k);
					bad += v != first && v + 1 != first;
				}
				*word(field, me) = 0;
				bad += first != 0 && *word(field, me + 97 * WRITERS) + 1 < first;
			}
			_exit(bad != 0);
		}
		bad += pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
	}
	__atomic_store_n(&running, 0, __ATOMIC_RELEASE);
	for (size_t i = 0; i < WRITERS; i++) {
		pthread_join(t[i], NULL);
		for (size_t k = i; k < 4 * PER_BLOCK; k += 97 * WRITERS)
			bad += *word(field, k) != *word(field, i) || *word(field, k) < ROUNDS;
	}
	note("bad %d", bad);
}

/* Processes that share blocks cut, write and leave them at the same time. */
TEST(shared_blocks, many_let_go_at_once)
{
	char *p = blocks(4);
	int go[2], bad = 0, status;
	pid_t pid[8];
	char c;

	for (int round = 0; round < 4; round++) {
		REQUIRE_OK(pipe(go));
		for (int i = 0; i < 8; i++) {
			pid[i] = fork();
			if (pid[i])
				continue;
			close(go[1]);
			read(go[0], &c, 1);
			for (int b = 0; b < 4; b++) {
				switch ((i + b + round) % 4) {
				case 0:
					munmap(p + b * BLOCK, BLOCK);
					break;
				case 1:
					*word(p, b * PER_BLOCK + i) = i;
					bad += wrong(p, b * PER_BLOCK + 8, (b + 1) * PER_BLOCK);
					break;
				case 2:
					munmap(p + b * BLOCK + 9 * PAGE, PAGE);
					bad += wrong(p, b * PER_BLOCK, b * PER_BLOCK + 9);
					break;
				}
			}
			_exit(bad != 0);
		}
		close(go[1]);
		close(go[0]);
		*word(p, round) = mark(round);
		for (int i = 0; i < 8; i++)
			bad += waitpid(pid[i], &status, 0) != pid[i] || status != 0;
		bad += wrong(p, 0, 4 * PER_BLOCK);
	}
	note("bad %d", bad);
}

TEST(shared_blocks, memory_comes_back)
{
	char *p = blocks(4);
	struct sysinfo before, after;

	for (int i = 0; i < 60; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (i % 3 == 0)
				*word(p, i) = 1;
			else if (i % 3 == 1)
				munmap(p + i * PAGE, BLOCK);
			_exit(0);
		}
		*word(p, PER_BLOCK + i) = 1;
		REQUIRE_TRUE(waitpid(pid, NULL, 0) == pid);
		if (i == 10)
			sysinfo(&before);
	}
	sysinfo(&after);
	/* 50 rounds that each lost as much as one block would be 100 MiB. */
	note("lost %d", before.freeram > after.freeram && (before.freeram - after.freeram) * before.mem_unit > 24UL << 20);
}
