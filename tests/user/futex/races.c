/* SPDX-License-Identifier: MIT */
/* No wake-up is lost: hand-overs, hand-made locks and requeues between processors. */
#define TEST_SECONDS 60
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"

static int word, lock, counter;

static void *ping(void *arg)
{
	int me = (long)arg;

	for (int i = 0; i < 400; i++) {
		int value;

		while ((value = __atomic_load_n(&word, __ATOMIC_ACQUIRE)) % 2 != me)
			futex(&word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
		__atomic_store_n(&word, value + 1, __ATOMIC_RELEASE);
		futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

TEST(races, two_threads_hand_over)
{
	pthread_t a, b;

	pthread_create(&a, NULL, ping, (void *)0L);
	pthread_create(&b, NULL, ping, (void *)1L);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	note("%d", word);
}

TEST(races, two_processes_hand_over)
{
	int *shared = shared_memory(4096);
	pid_t pid = fork();
	int me = pid == 0;

	for (int i = 0; i < 200; i++) {
		int value;

		while ((value = __atomic_load_n(shared, __ATOMIC_ACQUIRE)) % 2 != me)
			futex_wait(shared, value);
		__atomic_store_n(shared, value + 1, __ATOMIC_RELEASE);
		futex_wake(shared, 1);
	}
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(child_status(pid), 0);
	note("%d", *shared);
}

/* 0 free, 1 held, 2 held and perhaps waited for. */
static void acquire(int *l)
{
	int seen = 0;

	if (__atomic_compare_exchange_n(l, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	if (seen != 2)
		seen = __atomic_exchange_n(l, 2, __ATOMIC_ACQUIRE);
	while (seen) {
		futex(l, FUTEX_WAIT, 2, NULL, NULL, 0);
		seen = __atomic_exchange_n(l, 2, __ATOMIC_ACQUIRE);
	}
}

static void release(int *l)
{
	if (__atomic_exchange_n(l, 0, __ATOMIC_RELEASE) == 2)
		futex(l, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *locks(void *arg)
{
	for (int i = 0; i < 300; i++) {
		acquire(&lock);
		int value = counter;

		if (i % 64 == 0)
			sched_yield();
		counter = value + 1;
		release(&lock);
	}
	return arg;
}

TEST(races, a_lock_of_threads)
{
	pthread_t t[5];

	for (int i = 0; i < 5; i++)
		pthread_create(&t[i], NULL, locks, NULL);
	for (int i = 0; i < 5; i++)
		pthread_join(t[i], NULL);
	note("%d", counter);
}

TEST(races, a_lock_of_processes)
{
	int *s = shared_memory(4096);
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		CHILD(pids[i])
			for (int j = 0; j < 200; j++) {
				acquire(&s[0]);
				s[1]++;
				release(&s[0]);
			}
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("%d", s[1]);
}

static volatile int go, woken;
static int gate_word, second_word;

static void *waits(void *arg)
{
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		futex(&gate_word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	return arg;
}

TEST(races, requeues_while_waiters_come_and_go)
{
	pthread_t t[8];
	long moved = 0;

	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, waits, NULL);
	for (int i = 0; i < 100; i++) {
		moved += futex(&gate_word, FUTEX_REQUEUE_PRIVATE, i & 1, (void *)2L, &second_word, 0);
		futex(&second_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	gate_word = 1;
	while (woken < 8) {
		futex(&gate_word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0);
		futex(&second_word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0);
		sched_yield();
	}
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	note("%d", woken);
}

static void *times_out(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 40; i++) {
		struct timespec span = { 0, 100000 };
		long result = futex(&second_word, FUTEX_WAIT_PRIVATE, 0, &span, NULL, 0);

		bad += result != 0 && errno != ETIMEDOUT && errno != EAGAIN;
	}
	(void)arg;
	return (void *)bad;
}

TEST(races, time_outs_against_wakes)
{
	pthread_t t[4];
	long bad = 0;

	second_word = 0;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, times_out, NULL);
	for (int i = 0; i < 300; i++)
		futex(&second_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(t[i], &result);
		bad += (long)result;
	}
	note("bad %ld", bad);
}
