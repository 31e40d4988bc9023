/* SPDX-License-Identifier: MIT */
/* Mutexes in memory that processes share: robust, inheriting, both; and conditions on them. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int value, ready;
};

static struct shared *s;

static void setup(int protocol, int robust)
{
	pthread_mutexattr_t m;
	pthread_condattr_t c;

	s = shared_memory(sizeof(*s));
	pthread_mutexattr_init(&m);
	EXPECT_EQ(pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED), 0);
	EXPECT_EQ(pthread_mutexattr_setprotocol(&m, protocol), 0);
	EXPECT_EQ(pthread_mutexattr_setrobust(&m, robust), 0);
	EXPECT_EQ(pthread_mutex_init(&s->mutex, &m), 0);
	pthread_condattr_init(&c);
	pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
	EXPECT_EQ(pthread_cond_init(&s->cond, &c), 0);
}

static void count_together(void)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		CHILD(pids[i])
			for (int n = 0; n < 500; n++) {
				EXPECT_EQ(pthread_mutex_lock(&s->mutex), 0);
				s->value++;
				EXPECT_EQ(pthread_mutex_unlock(&s->mutex), 0);
			}
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("value %d", s->value);
}

/* A child dies with the mutex; @sleepers wait for it meanwhile. */
static void owner_dies(int sleepers, int signal)
{
	struct gate held = gate_make(), go = gate_make();
	pid_t owner, pids[4];

	CHILD(owner) {
		EXPECT_EQ(pthread_mutex_lock(&s->mutex), 0);
		gate_open(&held);
		gate_wait(&go);
		if (signal)
			raise(signal);
	}
	gate_wait(&held);
	for (int i = 0; i < sleepers; i++) {
		CHILD(pids[i]) {
			int err = pthread_mutex_lock(&s->mutex);

			if (err == EOWNERDEAD) {
				s->value += 100;
				err = pthread_mutex_consistent(&s->mutex);
			}
			EXPECT_EQ(err, 0);
			s->value++;
			EXPECT_EQ(pthread_mutex_unlock(&s->mutex), 0);
		}
		wait_state(pids[i], 'S');
	}
	EXPECT_EQ(pthread_mutex_trylock(&s->mutex), EBUSY);
	gate_open(&go);
	note("owner: %s", status_name(child_status(owner)));
	for (int i = 0; i < sleepers; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("value %d", s->value);
	note("then: %s", errno_name(pthread_mutex_lock(&s->mutex)));
	if (!sleepers)
		note("consistent: %s", errno_name(pthread_mutex_consistent(&s->mutex)));
	note("unlock: %s", errno_name(pthread_mutex_unlock(&s->mutex)));
}

TEST(shared_locks, plain)
{
	setup(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED);
	count_together();
}

TEST(shared_locks, inheriting)
{
	setup(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED);
	count_together();
}

TEST(shared_locks, robust)
{
	setup(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST);
	count_together();
	owner_dies(3, SIGKILL);
}

TEST(shared_locks, robust_without_waiters)
{
	setup(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST);
	owner_dies(0, 0);
}

TEST(shared_locks, robust_and_inheriting)
{
	setup(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_ROBUST);
	count_together();
	owner_dies(3, SIGKILL);
}

TEST(shared_locks, robust_and_inheriting_without_waiters)
{
	setup(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_ROBUST);
	owner_dies(0, SIGTERM);
}

TEST(shared_locks, an_owner_that_executes_another_program_is_dead)
{
	struct gate held = gate_make();
	pid_t pid;

	setup(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST);
	CHILD(pid) {
		EXPECT_EQ(pthread_mutex_lock(&s->mutex), 0);
		gate_open(&held);
		execl("/proc/self/exe", "self", "no such test", NULL);
	}
	gate_wait(&held);
	note("lock: %s", errno_name(pthread_mutex_lock(&s->mutex)));
	EXPECT_CHILD_OK(pid);
}

TEST(shared_locks, conditions)
{
	pid_t pids[4];

	setup(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < 4; i++) {
		CHILD(pids[i]) {
			EXPECT_EQ(pthread_mutex_lock(&s->mutex), 0);
			while (!s->ready)
				pthread_cond_wait(&s->cond, &s->mutex);
			s->value++;
			EXPECT_EQ(pthread_mutex_unlock(&s->mutex), 0);
		}
		wait_state(pids[i], 'S');
	}
	pthread_mutex_lock(&s->mutex);
	s->ready = 1;
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->mutex);
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("value %d", s->value);
}
