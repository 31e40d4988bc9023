/* SPDX-License-Identifier: MIT */
/* Sleeping locks under contention from several threads, on however many CPUs there are. */
#include <kernel/atomic.h>
#include <kernel/ktest.h>
#include <kernel/mutex.h>
#include <kernel/task.h>
#include <kernel/waitq.h>

#define THREADS 4
#define ROUNDS 640

struct crew {
	struct mutex m;
	struct rwsem s;
	uint64_t a, b;			/* changed together under the lock */
	atomic_t torn, left, writes;
	struct completion done;
	int (*fn)(struct crew *c, unsigned id);
	atomic_t next_id;
};

static int crew_main(void *arg)
{
	struct crew *c = arg;
	unsigned id = (unsigned)atomic_fetch_add(&c->next_id, 1);

	(void)c->fn(c, id);
	if (atomic_dec_and_test(&c->left))
		complete(&c->done);
	return 0;
}

static void crew_run(struct crew *c, int (*fn)(struct crew *c, unsigned id))
{
	c->fn = fn;
	atomic_set(&c->left, THREADS);
	completion_init(&c->done);
	for (unsigned i = 0; i < THREADS; i++)
		if (!kthread_create(crew_main, c, -1, "ktest/%u", i) && atomic_dec_and_test(&c->left))
			complete(&c->done);
	wait_for_completion(&c->done);
}

static void change(struct crew *c, unsigned round)
{
	c->a++;
	if (round % 64 == 0)
		cond_resched();
	c->b++;
}

static int mutex_worker(struct crew *c, unsigned id)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		mutex_lock(&c->m);
		if (c->a != c->b)
			atomic_inc(&c->torn);
		change(c, i + id);
		if (i % 128 == 0)
			sched_sleep_ns(1000);	/* with the lock held: the others queue */
		mutex_unlock(&c->m);
	}
	return 0;
}

KTEST(mutex, excludes_and_loses_nobody)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	mutex_init(&c.m, LR_MUTEX_LEAF);
	crew_run(&c, mutex_worker);
	EXPECT_EQ(c.a, THREADS * ROUNDS);
	EXPECT_EQ(c.b, THREADS * ROUNDS);
	EXPECT_EQ(atomic_read(&c.torn), 0);
	EXPECT_TRUE(!mutex_is_locked(&c.m));
	EXPECT_TRUE(mutex_trylock(&c.m));
	EXPECT_TRUE(mutex_is_mine(&c.m));
	EXPECT_TRUE(!mutex_trylock(&c.m));
	mutex_unlock(&c.m);
}

static int rwsem_worker(struct crew *c, unsigned id)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (id == 0 && i % 8 == 0) {
			down_write(&c->s);
			change(c, i);
			if (i % 64 == 0)
				sched_sleep_ns(1000);
			if (i % 16 == 0) {
				downgrade_write(&c->s);
				if (c->a != c->b)
					atomic_inc(&c->torn);
				up_read(&c->s);
			} else {
				up_write(&c->s);
			}
			atomic_inc(&c->writes);
		} else {
			down_read(&c->s);
			if (c->a != c->b)
				atomic_inc(&c->torn);
			if (i % 32 == id)
				cond_resched();
			up_read(&c->s);
		}
	}
	return 0;
}

KTEST(rwsem, writers_get_in_among_readers)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	rwsem_init(&c.s, LR_MUTEX_LEAF);
	crew_run(&c, rwsem_worker);
	EXPECT_EQ(atomic_read(&c.writes), ROUNDS / 8);
	EXPECT_EQ(c.a, ROUNDS / 8);
	EXPECT_EQ(atomic_read(&c.torn), 0);
	EXPECT_TRUE(!rwsem_is_locked(&c.s));
	EXPECT_EQ(atomic64_read(&c.s.count), 0);
}

static int greedy_reader(struct crew *c, unsigned id)
{
	if (id == 0) {
		for (int i = 0; i < 20; i++) {
			down_write(&c->s);
			c->a++;
			up_write(&c->s);
			sched_sleep_ns(20000);
		}
		atomic_set(&c->writes, 1);
		return 0;
	}
	/* Readers that overlap for as long as the writer is not through: it must not starve. */
	while (!atomic_read(&c->writes)) {
		down_read(&c->s);
		sched_sleep_ns(5000);
		up_read(&c->s);
	}
	return 0;
}

KTEST(rwsem, a_writer_does_not_starve)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	rwsem_init(&c.s, LR_MUTEX_LEAF);
	crew_run(&c, greedy_reader);
	EXPECT_EQ(c.a, 20);
}

static int greedy_writer(struct crew *c, unsigned id)
{
	if (id == 0) {
		for (int i = 0; i < 20; i++) {
			down_read(&c->s);
			if (c->a != c->b)
				atomic_inc(&c->torn);
			up_read(&c->s);
			sched_sleep_ns(20000);
		}
		atomic_set(&c->writes, 1);
		return 0;
	}
	/* Writers that take the lock again at once, two of them always spinning for it. */
	for (unsigned i = 0; !atomic_read(&c->writes); i++) {
		down_write(&c->s);
		change(c, i);
		up_write(&c->s);
		cond_resched();
	}
	return 0;
}

KTEST(rwsem, a_reader_does_not_starve)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	rwsem_init(&c.s, LR_MUTEX_LEAF);
	crew_run(&c, greedy_writer);
	EXPECT_EQ(atomic_read(&c.torn), 0);
	EXPECT_EQ(atomic64_read(&c.s.count), 0);
}

static int rwsem_mixer(struct crew *c, unsigned id)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		if ((i + id) % 3) {
			down_write(&c->s);
			change(c, i);
			if (i % 64 == id)
				sched_sleep_ns(1000);	/* spinners give up and queue */
			if (i % 5 == 0)
				downgrade_write(&c->s);
			if (c->a != c->b)
				atomic_inc(&c->torn);
			if (i % 5 == 0)
				up_read(&c->s);
			else
				up_write(&c->s);
			atomic_inc(&c->writes);
		} else if (down_read_killable(&c->s) == 0) {
			if (c->a != c->b)
				atomic_inc(&c->torn);
			up_read(&c->s);
		}
	}
	return 0;
}

KTEST(rwsem, excludes_and_loses_nobody)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	rwsem_init(&c.s, LR_MUTEX_LEAF);
	crew_run(&c, rwsem_mixer);
	EXPECT_EQ(c.a, atomic_read(&c.writes));
	EXPECT_EQ(c.b, atomic_read(&c.writes));
	EXPECT_EQ(atomic_read(&c.torn), 0);
	EXPECT_EQ(atomic64_read(&c.s.count), 0);
	EXPECT_TRUE(list_empty(&c.s.waiters));
}

static DEFINE_SPINLOCK(spin_test, LR_LEAF);

static int spin_worker(struct crew *c, unsigned id)
{
	for (unsigned i = 0; i < 20 * ROUNDS; i++) {
		irqflags_t f = spin_lock_irqsave(&spin_test);

		if (c->a != c->b)
			atomic_inc(&c->torn);
		c->a++;
		/* Held long enough now and then that the others lose their patience and claim it. */
		for (volatile int n = 0; n < (i % 256 == 0 ? 20000 : 0); n++)
			;
		c->b++;
		spin_unlock_irqrestore(&spin_test, f);
		if (i % 64 == id)
			cond_resched();
	}
	return 0;
}

KTEST(spinlock, excludes_and_loses_nobody)
{
	static struct crew c;

	c = (struct crew){ .a = 0 };
	crew_run(&c, spin_worker);
	EXPECT_EQ(c.a, THREADS * 20 * ROUNDS);
	EXPECT_EQ(c.b, THREADS * 20 * ROUNDS);
	EXPECT_EQ(atomic_read(&c.torn), 0);
	EXPECT_EQ(spin_test.word, 0);
	EXPECT_TRUE(spin_trylock(&spin_test));
	EXPECT_TRUE(!spin_trylock(&spin_test));
	spin_unlock(&spin_test);
}
