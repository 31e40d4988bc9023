/* SPDX-License-Identifier: MIT */
/* Wake-ups are not lost, exclusive ones wake one, deadlines end when they should. */
#include <kernel/atomic.h>
#include <kernel/ktest.h>
#include <kernel/task.h>
#include <kernel/waitq.h>

#define ROUNDS 400

static struct {
	struct waitq a, b;
	uint64_t ball;			/* odd: the other side's turn */
	struct completion done;
} pong;

static int pong_main(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		wait_event(&pong.b, READ_ONCE(pong.ball) & 1);
		WRITE_ONCE(pong.ball, pong.ball + 1);
		waitq_wake(&pong.a);
	}
	complete(&pong.done);
	return 0;
}

/* A lost wake-up hangs it; the test run's time limit finds that. */
KTEST(waitq, ping_pong_loses_no_wake_up)
{
	waitq_init(&pong.a);
	waitq_init(&pong.b);
	completion_init(&pong.done);
	pong.ball = 0;
	EXPECT_TRUE(kthread_create(pong_main, NULL, -1, "ktest/pong") != NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		WRITE_ONCE(pong.ball, pong.ball + 1);
		waitq_wake(&pong.b);
		wait_event(&pong.a, !(READ_ONCE(pong.ball) & 1));
	}
	wait_for_completion(&pong.done);
	EXPECT_EQ(pong.ball, 2 * ROUNDS);
}

static struct {
	struct waitq q;
	atomic_t tokens, taken, ready, left;
	struct completion done;
} pool;

/* A lost race against the producer is no reason to sleep: the wake-up is used up. */
static bool take_token(void)
{
	int n;

	while ((n = atomic_read(&pool.tokens)) > 0)
		if (atomic_cas(&pool.tokens, n, n - 1))
			return true;
	return false;
}

static int taker(void *arg)
{
	atomic_inc(&pool.ready);
	(void)wait_event_state(&pool.q, take_token(), TASK_UNINTERRUPTIBLE, NSEC_NEVER, true);
	atomic_inc(&pool.taken);
	if (atomic_dec_and_test(&pool.left))
		complete(&pool.done);
	return 0;
}

KTEST(waitq, each_exclusive_wake_up_reaches_one)
{
	enum { N = 5 };

	waitq_init(&pool.q);
	completion_init(&pool.done);
	atomic_set(&pool.tokens, 0);
	atomic_set(&pool.taken, 0);
	atomic_set(&pool.ready, 0);
	atomic_set(&pool.left, N);
	for (unsigned i = 0; i < N; i++)
		EXPECT_TRUE(kthread_create(taker, NULL, -1, "ktest/taker%u", i) != NULL);
	while (atomic_read(&pool.ready) < N)
		sched_sleep_ns(10000);
	for (unsigned i = 0; i < N; i++) {
		atomic_inc(&pool.tokens);
		waitq_wake(&pool.q);
	}
	wait_for_completion(&pool.done);
	EXPECT_EQ(atomic_read(&pool.taken), N);
	EXPECT_EQ(atomic_read(&pool.tokens), 0);
}

KTEST(waitq, a_deadline_ends_the_wait_in_time)
{
	struct waitq q;
	nsec_t start = clock_monotonic(), took;

	waitq_init(&q);
	EXPECT_EQ(wait_event_state(&q, false, TASK_UNINTERRUPTIBLE, start + 3 * NSEC_PER_MSEC, false), -ETIMEDOUT);
	took = clock_monotonic() - start;
	EXPECT_TRUE(took >= 3 * NSEC_PER_MSEC);
	EXPECT_TRUE(list_empty(&q.head));
	/* The condition wins over a deadline that has passed. */
	EXPECT_EQ(wait_event_state(&q, true, TASK_UNINTERRUPTIBLE, 1, false), 0);
}
