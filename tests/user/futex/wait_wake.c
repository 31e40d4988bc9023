/* SPDX-License-Identifier: MIT */
/* FUTEX_WAIT and FUTEX_WAKE: counts, keys, private and shared, time-outs, errors. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

TEST(wait_wake, errors)
{
	static int words[4];
	struct timespec bad = { 0, 1000000000 }, zero = { 0, 0 };
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_ERRNO(futex_wait(words, 1), EAGAIN);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, &zero, NULL, 0), ETIMEDOUT);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	bad = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, wild(8), NULL, 0), EFAULT);
	EXPECT_ERRNO(futex_wait((int *)((char *)words + 1), 0), EINVAL);
	EXPECT_ERRNO(futex_wake((int *)((char *)words + 2), 1), EINVAL);
	EXPECT_ERRNO(futex_wait(NULL, 0), EFAULT);
	EXPECT_ERRNO(futex_wait(wild(0xffff000000000000), 0), EFAULT);
	EXPECT_ERRNO(futex_wake(wild(0xffff000000000000), 1), EFAULT);
	EXPECT_ERRNO(futex_wait((int *)none, 0), EFAULT);
	note("wait on read-only anonymous: %s", RESULT(futex(ro, FUTEX_WAIT, 0, &zero, NULL, 0)));
	note("private wait on read-only: %s", RESULT(futex(ro, FUTEX_WAIT_PRIVATE, 0, &zero, NULL, 0)));
	note("private wake unmapped: %s", RESULT(futex(wild(0x10000), FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0)));
	note("shared wake unmapped: %s", RESULT(futex_wake(wild(0x10000), 1)));
	note("private wait unmapped: %s", RESULT(futex(wild(0x10000), FUTEX_WAIT_PRIVATE, 0, &zero, NULL, 0)));
	note("unknown operation 13: %s", RESULT(futex(words, 14, 0, NULL, NULL, 0)));
	note("FUTEX_FD: %s", RESULT(futex(words, 2, 0, NULL, NULL, 0)));
	note("WAKE with CLOCK_REALTIME: %s", RESULT(futex(words, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0)));
	note("WAIT with CLOCK_REALTIME: %s",
	     RESULT(futex(words, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &zero, NULL, 0)));
	note("WAIT_BITSET without bits: %s", RESULT(futex(words, FUTEX_WAIT_BITSET, 0, &zero, NULL, 0)));
	note("WAKE_BITSET without bits: %s", RESULT(futex(words, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0)));
}

TEST(wait_wake, wakes_as_many_as_asked)
{
	int *word = shared_memory(4096);
	pid_t pids[5];

	EXPECT_EQ(futex_wake(word, 1), 0);
	futex_waiters(pids, 5, word, FUTEX_WAIT, 0);
	EXPECT_EQ(futex_wake(word + 1, 10), 0);
	note("wake 0: %ld", futex_wake(word, 0));
	note("wake 2: %ld", futex_wake(word, 2));
	note("wake -1: %ld", futex_wake(word, -1));
	note("wake the rest: %ld", futex_wake(word, 0x7fffffff));
	note("left: %ld", futex_wake(word, 10));
	note("ok %d", futex_reap(pids, 5));
}

TEST(wait_wake, first_come_first_woken)
{
	int *word = shared_memory(4096);
	pid_t pids[4];

	futex_waiters(pids, 4, word, FUTEX_WAIT, 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(futex_wake(word, 1), 1);
		EXPECT_EQ(child_status(pids[i]), 0);
		for (int j = i + 1; j < 4; j++)
			EXPECT_EQ(waitpid(pids[j], NULL, WNOHANG), 0);
	}
}

TEST(wait_wake, shared_words_are_the_same_at_any_address)
{
	int fd = temp_fd();
	int *a, *b;
	pid_t pid;

	EXPECT_OK(ftruncate(fd, 8192));
	a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	futex_waiters(&pid, 1, a + 1024, FUTEX_WAIT, 0);
	EXPECT_EQ(futex_wake(a, 1), 0);
	EXPECT_EQ(futex(b, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(futex_wake(b, 1), 1);
	EXPECT_EQ(child_status(pid), 0);
}

TEST(wait_wake, private_memory_of_two_processes_is_not_shared)
{
	static int word;
	struct timespec span = { 0, 50000000 };
	pid_t pid;

	CHILD(pid)
		EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 0, &span, NULL, 0), ETIMEDOUT);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(futex_wake(&word, 1), 0);
		sleep_ms(2);
	}
	EXPECT_CHILD_OK(pid);
}

TEST(wait_wake, a_read_only_mapping_of_a_shared_file_works)
{
	int fd = temp_fd();
	int *rw, *ro;
	pid_t pid;

	EXPECT_OK(ftruncate(fd, 4096));
	rw = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ro = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	futex_waiters(&pid, 1, ro, FUTEX_WAIT, 0);
	note("%ld", futex_wake(rw, 1));
	note("%s", status_name(child_status(pid)));
}

TEST(wait_wake, signals_interrupt)
{
	int *word = shared_memory(4096);
	struct sigaction action = { .sa_handler = handler };
	pid_t pid, me = getpid();

	sigaction(SIGUSR1, &action, NULL);
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	EXPECT_ERRNO(futex_wait(word, 0), EINTR);
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(futex_wake(word, 1), 0);
	note("hits %d", (int)hits);
}

TEST(wait_wake, bitsets_choose)
{
	int *word = shared_memory(4096);
	pid_t a, b, c;

	futex_waiters(&a, 1, word, FUTEX_WAIT_BITSET, 1);
	futex_waiters(&b, 1, word, FUTEX_WAIT_BITSET, 2);
	futex_waiters(&c, 1, word, FUTEX_WAIT, 0);
	EXPECT_EQ(futex(word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 2), 2);
	EXPECT_EQ(child_status(b), 0);
	EXPECT_EQ(child_status(c), 0);
	EXPECT_EQ(waitpid(a, NULL, WNOHANG), 0);
	EXPECT_EQ(futex(word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 4), 0);
	EXPECT_EQ(futex(word, FUTEX_WAKE_BITSET, 10, NULL, NULL, -1), 1);
	EXPECT_EQ(child_status(a), 0);
}

TEST(wait_wake, absolute_time_outs)
{
	static int word;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &until, NULL, -1), ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &until);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &until, NULL, -1), ETIMEDOUT);
	until = (struct timespec){ 0, 0 };
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &until, NULL, -1), ETIMEDOUT);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 1, &until, NULL, -1), EAGAIN);
	long long start = now_ms();

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &until, NULL, -1), ETIMEDOUT);
	EXPECT_TRUE(now_ms() - start >= 998);
}

TEST(wait_wake, huge_pages_and_file_offsets_keep_words_apart)
{
	int *words = shared_memory(64 * 4096);
	pid_t pids[8];

	for (int i = 0; i < 8; i++)
		futex_waiters(&pids[i], 1, words + i * 1024 + i, FUTEX_WAIT, 0);
	for (int i = 7; i >= 0; i--) {
		EXPECT_EQ(futex_wake(words + i * 1024 + i, 100), 1);
		EXPECT_EQ(child_status(pids[i]), 0);
	}
}

TEST(wait_wake, a_killed_waiter_is_forgotten)
{
	int *word = shared_memory(4096);
	pid_t pids[3];

	futex_waiters(pids, 3, word, FUTEX_WAIT, 0);
	kill(pids[0], SIGKILL);
	child_status(pids[0]);
	EXPECT_EQ(futex_wake(word, 1), 1);
	EXPECT_EQ(child_status(pids[1]), 0);
	EXPECT_EQ(futex_wake(word, 10), 1);
	EXPECT_EQ(child_status(pids[2]), 0);
}
