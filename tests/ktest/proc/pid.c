/* SPDX-License-Identifier: MIT */
/* Process ids, tasks' life, credentials. */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>

KTEST(pid, numbers_are_found_while_they_are_used)
{
	struct pid *a, *b, *c;
	pid_t nr;

	EXPECT_OK(pid_alloc(0, &a));
	EXPECT_OK(pid_alloc(0, &b));
	EXPECT_TRUE(a->nr > 0 && b->nr > a->nr);
	nr = a->nr;
	EXPECT_EQ(pid_alloc(nr, &c), -EEXIST);
	rcu_read_lock();
	EXPECT_TRUE(pid_find(nr) == a);
	EXPECT_TRUE(pid_find(-1) == NULL);
	EXPECT_TRUE(pid_find(PID_MAX_LIMIT) == NULL);
	rcu_read_unlock();
	c = pid_find_get(nr);
	EXPECT_TRUE(c == a);
	pid_free(a);
	EXPECT_TRUE(pid_find_get(nr) == NULL);
	EXPECT_EQ(c->nr, nr);		/* the struct outlives the number */
	pid_put(c);
	pid_free(b);
}

static int quick(void *arg)
{
	return 0;
}

/* Threads that end give everything back. */
KTEST(task, two_hundred_threads_leave_no_trace)
{
	int before = atomic_read(&nr_threads);
	uint64_t free_before;

	for (int round = 0; round < 2; round++) {
		free_before = mem_free_pages();		/* after the first round the caches are warm */
		for (int i = 0; i < 100; i++) {
			EXPECT_TRUE(kthread_create(quick, NULL, -1, "ktest/q") != NULL);
			if (i % 16 == 15)
				sched_sleep_ns(20 * NSEC_PER_USEC);
		}
		for (int i = 0; i < 2000 && atomic_read(&nr_threads) > before; i++)
			sched_sleep_ns(NSEC_PER_MSEC);
		rcu_flush();
		sched_sleep_ns(20 * NSEC_PER_MSEC);
		rcu_flush();
	}
	EXPECT_TRUE(atomic_read(&nr_threads) <= before);
	EXPECT_TRUE(mem_free_pages() + 128 > free_before);
}

KTEST(cred, a_copy_is_private_until_committed)
{
	struct cred *c = cred_prepare();

	EXPECT_TRUE(c != NULL);
	c->euid = 1234;
	EXPECT_EQ(current_cred()->euid, 0);
	cred_abort(c);
	EXPECT_EQ(current_cred()->euid, 0);
	EXPECT_TRUE(capable(CAP_SYS_ADMIN));
}

KTEST(cred, users_are_shared_by_id)
{
	struct user *a = user_find(4711), *b = user_find(4711), *r = user_find(0);

	EXPECT_TRUE(a && a == b);
	EXPECT_TRUE(r == &root_user);
	user_put(a);
	user_put(b);
	user_put(r);
}
