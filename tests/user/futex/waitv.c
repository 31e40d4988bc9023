/* SPDX-License-Identifier: MIT */
/* futex_waitv(2). */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};
#define SIZE_32 2

static volatile int *word;
static struct waitv v[129];

static void fill(int n)
{
	for (int i = 0; i < n; i++)
		v[i] = (struct waitv){ 0, (uintptr_t)(word + i), SIZE_32, 0 };
}

static long waitv(int n, unsigned flags, const struct timespec *t, int clock)
{
	return syscall(SYS_futex_waitv, v, n, flags, t, clock);
}

/*
 * A task looks asleep from before its first word is queued to after the last: wakes one waiter as soon as there is one.
 */
static void wake_one(volatile int *at)
{
	while (futex_wake(at, 1) != 1)
		sched_yield();
}

TEST(waitv, errors)
{
	struct timespec past = { 1, 0 }, bad = { 0, 1000000000 };

	word = shared_memory(4096);
	fill(129);
	EXPECT_ERRNO(waitv(0, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(waitv(129, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(waitv(1, 1, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_futex_waitv, NULL, 1, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_futex_waitv, wild(8), 1, 0, NULL, 0), EFAULT);
	EXPECT_ERRNO(waitv(1, 0, &bad, CLOCK_MONOTONIC), EINVAL);
	EXPECT_ERRNO(waitv(1, 0, wild(8), CLOCK_MONOTONIC), EFAULT);
	EXPECT_ERRNO(waitv(1, 0, &past, CLOCK_BOOTTIME), EINVAL);
	EXPECT_ERRNO(waitv(1, 0, &past, -1), EINVAL);
	v[0].flags = 0;
	EXPECT_ERRNO(waitv(1, 0, NULL, 0), EINVAL);
	v[0].flags = SIZE_32 | 4;
	EXPECT_ERRNO(waitv(1, 0, NULL, 0), EINVAL);
	fill(2);
	v[1].reserved = 1;
	EXPECT_ERRNO(waitv(2, 0, NULL, 0), EINVAL);
	fill(2);
	v[1].uaddr++;
	EXPECT_ERRNO(waitv(2, 0, NULL, 0), EINVAL);
	fill(2);
	v[1].uaddr = 8;
	EXPECT_ERRNO(waitv(2, 0, NULL, 0), EFAULT);
	fill(2);
	v[1].val = 7;
	EXPECT_ERRNO(waitv(2, 0, NULL, 0), EAGAIN);
}

TEST(waitv, the_deadline_is_absolute)
{
	struct timespec past = { 1, 0 }, t;
	long long start = now_ms();

	word = shared_memory(4096);
	fill(128);
	EXPECT_ERRNO(waitv(128, 0, &past, CLOCK_REALTIME), ETIMEDOUT);
	EXPECT_ERRNO(waitv(1, 0, &past, CLOCK_MONOTONIC), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec++;
	EXPECT_ERRNO(waitv(128, 0, &t, CLOCK_MONOTONIC), ETIMEDOUT);
	EXPECT_GE(now_ms() - start, 990);
}

TEST(waitv, says_which_was_woken)
{
	static const int which[] = { 0, 1, 63, 127 };
	pid_t pid;

	word = shared_memory(4096);
	for (size_t i = 0; i < ARRAY_SIZE(which); i++) {
		CHILD(pid) {
			fill(128);
			_exit(waitv(128, 0, NULL, 0));
		}
		wait_state(pid, 'S');
		wake_one(word + which[i]);
		note("woken: %d", WEXITSTATUS(child_status(pid)));
		EXPECT_EQ(futex_wake(word, 1) + futex_wake(word + 127, 1), 0);
	}
}

TEST(waitv, private_and_shared_words)
{
	static int mine;
	pid_t pid;

	word = shared_memory(4096);
	CHILD(pid) {
		fill(2);
		v[0] = (struct waitv){ 0, (uintptr_t)&mine, SIZE_32 | FUTEX_PRIVATE_FLAG, 0 };
		_exit(waitv(2, 0, NULL, 0));
	}
	wait_state(pid, 'S');
	EXPECT_EQ(futex(&mine, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	wake_one(word + 1);
	note("woken: %d", WEXITSTATUS(child_status(pid)));
}

static void handler(int number)
{
}

TEST(waitv, a_signal_ends_it)
{
	struct sigaction action = { .sa_handler = handler };
	pid_t pid;

	word = shared_memory(4096);
	CHILD(pid) {
		sigaction(SIGUSR1, &action, NULL);
		fill(3);
		EXPECT_ERRNO(waitv(3, 0, NULL, 0), EINTR);
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(waitv, can_be_requeued)
{
	pid_t pid;

	word = shared_memory(4096);
	CHILD(pid) {
		fill(3);
		_exit(waitv(3, 0, NULL, 0));
	}
	wait_state(pid, 'S');
	while (futex(word + 1, FUTEX_REQUEUE, 0, (void *)1, word + 50, 0) != 1)
		sched_yield();
	EXPECT_EQ(futex_wake(word + 1, 1), 0);
	EXPECT_EQ(futex_wake(word + 50, 1), 1);
	note("woken: %d", WEXITSTATUS(child_status(pid)));
}
