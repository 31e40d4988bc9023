/* SPDX-License-Identifier: MIT */
/* FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: condition variables whose mutex inherits priority. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"
#include <sched.h>

static volatile int *cond, *mutex;

#define wait_pi(timeout) futex(cond, FUTEX_WAIT_REQUEUE_PI, 0, (timeout), mutex, 0)
#define move_pi(wake, move, value) futex(cond, FUTEX_CMP_REQUEUE_PI, (wake), (void *)(long)(move), mutex, (value))

static void setup(void)
{
	cond = shared_memory(4096);
	mutex = cond + 1;
}

static long lock(void)
{
	return futex(mutex, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long unlock(void)
{
	return futex(mutex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static pid_t waiter(void)
{
	pid_t pid;

	CHILD(pid) {
		EXPECT_EQ(wait_pi(NULL), 0);
		EXPECT_EQ(*mutex & FUTEX_TID_MASK, getpid());
		EXPECT_EQ(unlock(), 0);
	}
	wait_state(pid, 'S');
	return pid;
}

TEST(pi_requeue, errors)
{
	pid_t a;

	setup();
	EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, cond, 0), EINVAL);
	EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI, 1, NULL, mutex, 0), EAGAIN);
	EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, wild(8), 0), EFAULT);
	EXPECT_ERRNO(futex(wild(8), FUTEX_WAIT_REQUEUE_PI, 0, NULL, mutex, 0), EFAULT);
	EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, (char *)mutex + 1, 0), EINVAL);
	EXPECT_ERRNO(futex(cond, FUTEX_CMP_REQUEUE_PI, 1, NULL, cond, 0), EINVAL);
	EXPECT_ERRNO(move_pi(0, 1, 0), EINVAL);
	EXPECT_ERRNO(move_pi(2, 1, 0), EINVAL);
	EXPECT_ERRNO(move_pi(1, -1, 0), EINVAL);
	EXPECT_ERRNO(move_pi(1, 1, 5), EAGAIN);
	EXPECT_EQ(move_pi(1, 1, 0), 0);
	a = waiter();
	EXPECT_ERRNO(futex_wake(cond, 1), EINVAL);
	EXPECT_ERRNO(futex(cond, FUTEX_CMP_REQUEUE, 1, (void *)1, mutex, 0), EINVAL);
	EXPECT_ERRNO(futex(cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, mutex + 1, 0), EINVAL);
	EXPECT_EQ(move_pi(1, 0, 0), 1);
	EXPECT_CHILD_OK(a);
	/* Somebody sleeps there in the ordinary way. */
	CHILD(a)
		EXPECT_EQ(futex_wait(cond, 0), 0);
	wait_state(a, 'S');
	EXPECT_ERRNO(move_pi(1, 1, 0), EINVAL);
	EXPECT_EQ(futex_wake(cond, 1), 1);
	EXPECT_CHILD_OK(a);
}

TEST(pi_requeue, a_free_mutex_goes_to_the_first)
{
	pid_t p[3];

	setup();
	for (int i = 0; i < 3; i++)
		p[i] = waiter();
	EXPECT_EQ(move_pi(1, INT32_MAX, 0), 3);
	for (int i = 0; i < 3; i++)
		EXPECT_CHILD_OK(p[i]);
	note("mutex %d", *mutex & FUTEX_TID_MASK);
}

TEST(pi_requeue, a_held_mutex_is_waited_for)
{
	pid_t p[3];

	setup();
	EXPECT_EQ(lock(), 0);
	for (int i = 0; i < 3; i++)
		p[i] = waiter();
	EXPECT_EQ(move_pi(1, 1, 0), 2);
	note("mutex WAITERS %d", !!(*mutex & FUTEX_WAITERS));
	EXPECT_EQ(unlock(), 0);
	EXPECT_CHILD_OK(p[0]);
	EXPECT_CHILD_OK(p[1]);
	note("third %c", task_state(p[2]));
	EXPECT_EQ(move_pi(1, 0, 0), 1);
	EXPECT_CHILD_OK(p[2]);
	EXPECT_EQ(lock(), 0);
	EXPECT_EQ(unlock(), 0);
}

TEST(pi_requeue, time_runs_out_before_and_after_the_move)
{
	struct timespec t, past = { 1, 0 };
	struct gate in = gate_make();
	pid_t a;

	setup();
	EXPECT_EQ(lock(), 0);
	CHILD(a) {
		EXPECT_ERRNO(wait_pi(&past), ETIMEDOUT);
		EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME, 0, &past, mutex, 0), ETIMEDOUT);
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_sec += 2;
		gate_open(&in);
		EXPECT_ERRNO(wait_pi(&t), ETIMEDOUT);
	}
	gate_wait(&in);
	wait_state(a, 'S');
	note("moved %ld", move_pi(1, 0, 0));
	EXPECT_CHILD_OK(a);
	EXPECT_EQ(unlock(), 0);
	note("mutex %d", *mutex);
}

static void handler(int number)
{
}

TEST(pi_requeue, a_signal_before_and_after_the_move)
{
	struct sigaction action = { .sa_handler = handler };
	struct gate in = gate_make();
	pid_t a;

	setup();
	EXPECT_EQ(lock(), 0);
	CHILD(a) {
		sigaction(SIGUSR1, &action, NULL);
		gate_open(&in);
		EXPECT_ERRNO(wait_pi(NULL), EAGAIN);	/* the word has changed when it starts again */
		gate_open(&in);
		EXPECT_ERRNO(futex(cond, FUTEX_WAIT_REQUEUE_PI, 1, NULL, mutex, 0), EAGAIN);
	}
	gate_wait(&in);
	wait_state(a, 'S');
	*cond = 1;
	kill(a, SIGUSR1);
	gate_wait(&in);
	wait_state(a, 'S');
	EXPECT_EQ(move_pi(1, 0, 1), 1);
	kill(a, SIGUSR1);
	EXPECT_CHILD_OK(a);
	EXPECT_EQ(unlock(), 0);
	note("mutex %d", *mutex);
}

TEST(pi_requeue, the_owner_may_not_be_moved_to_its_own)
{
	pid_t a;

	setup();
	CHILD(a) {
		EXPECT_EQ(lock(), 0);
		EXPECT_ERRNO(wait_pi(NULL), EAGAIN);
	}
	wait_state(a, 'S');
	EXPECT_ERRNO(move_pi(1, 0, 0), EDEADLK);
	*cond = 1;
	kill(a, SIGSTOP);
	waitpid(a, NULL, WUNTRACED);
	kill(a, SIGCONT);
	EXPECT_CHILD_OK(a);
}

static pthread_mutex_t m;
static pthread_cond_t c;
static int turns, go;

static void *sleeper(void *arg)
{
	pthread_mutex_lock(&m);
	while (!go)
		pthread_cond_wait(&c, &m);
	turns++;
	pthread_mutex_unlock(&m);
	return NULL;
}

TEST(pi_requeue, pthread_condition_variables)
{
	pthread_mutexattr_t attr;
	pthread_t t[8];

	pthread_mutexattr_init(&attr);
	EXPECT_EQ(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), 0);
	EXPECT_EQ(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT_EQ(pthread_mutex_init(&m, &attr), 0);
	pthread_cond_init(&c, NULL);
	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, sleeper, NULL);
	pthread_mutex_lock(&m);
	go = 1;
	pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	note("turns %d", turns);
}

static void *dies(void *arg)
{
	pthread_mutex_lock(&m);
	return NULL;
}

TEST(pi_requeue, a_robust_pi_mutex_of_a_dead_thread)
{
	pthread_mutexattr_t attr;
	pthread_t t;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&m, &attr);
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	note("lock: %s", errno_name(pthread_mutex_lock(&m)));
	note("consistent: %s", errno_name(pthread_mutex_consistent(&m)));
	note("unlock: %s", errno_name(pthread_mutex_unlock(&m)));
	note("lock: %s", errno_name(pthread_mutex_lock(&m)));
	note("unlock: %s", errno_name(pthread_mutex_unlock(&m)));
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	note("lock: %s", errno_name(pthread_mutex_lock(&m)));
	note("unlock: %s", errno_name(pthread_mutex_unlock(&m)));
	note("given up: %s", errno_name(pthread_mutex_lock(&m)));
}
