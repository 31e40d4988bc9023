/* SPDX-License-Identifier: MIT */
/* Threads by the library: create and join, mutexes, conditions, barriers, TLS, once, cancellation, storms. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"
#include <semaphore.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long tls = 5;

static void *returns(void *arg)
{
	return (char *)arg + 1;
}

TEST(pthreads, create_and_join)
{
	pthread_t threads[50];
	long bad = 0;

	for (long i = 0; i < 50; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, returns, (void *)i), 0);
	for (long i = 0; i < 50; i++) {
		void *result;

		EXPECT_EQ(pthread_join(threads[i], &result), 0);
		bad += (long)result != i + 1;
	}
	note("bad %ld", bad);
}

static void *adds(void *arg)
{
	for (long i = 0; i < (long)arg; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(pthreads, a_mutex_excludes)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, adds, (void *)1000L);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	note("%ld", counter);
}

static int stage;

static void *ping(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&mutex);
		while (stage % 2 != me)
			pthread_cond_wait(&cond, &mutex);
		stage++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(pthreads, conditions_hand_over)
{
	pthread_t a, b;

	pthread_create(&a, NULL, ping, (void *)0L);
	pthread_create(&b, NULL, ping, (void *)1L);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	note("%d", stage);
}

TEST(pthreads, a_timed_wait_ends)
{
	struct timespec until;
	long long start = now_ms();

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&mutex);
	int error;

	while ((error = pthread_cond_timedwait(&cond, &mutex, &until)) == 0)
		;
	note("%s", errno_name(error));
	EXPECT_TRUE(now_ms() - start >= 99);
	pthread_mutex_unlock(&mutex);
}

static pthread_barrier_t barrier;
static int arrived, serial, early;

static void *meets(void *arg)
{
	(void)arg;
	for (int i = 1; i <= 15; i++) {
		__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < 4 * i)
			__atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

TEST(pthreads, barriers)
{
	pthread_t threads[4];

	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, meets, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	note("arrived %d serial %d early %d", arrived, serial, early);
}

static void *uses_tls(void *arg)
{
	long bad = tls != 5;

	for (int i = 0; i < 1000; i++) {
		tls = (long)arg * 1000 + i;
		if (i % 50 == 0)
			sched_yield();
		bad += tls != (long)arg * 1000 + i;
	}
	return (void *)bad;
}

TEST(pthreads, thread_local_storage)
{
	pthread_t threads[8];
	long bad = 0;

	for (long i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, uses_tls, (void *)i);
	for (int i = 0; i < 8; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld mine %ld", bad, tls);
}

static void *waits_forever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

TEST(pthreads, cancellation)
{
	pthread_t thread;
	void *result;

	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, waits_forever, NULL);
		EXPECT_EQ(pthread_cancel(thread), 0);
		EXPECT_EQ(pthread_join(thread, &result), 0);
		EXPECT_TRUE(result == PTHREAD_CANCELED);
	}
}

static sem_t semaphore;

static void *posts(void *arg)
{
	for (long i = 0; i < (long)arg; i++)
		sem_post(&semaphore);
	return NULL;
}

TEST(pthreads, semaphores)
{
	pthread_t threads[4];
	int value;

	sem_init(&semaphore, 0, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, posts, (void *)500L);
	for (int i = 0; i < 2000; i++)
		sem_wait(&semaphore);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	sem_getvalue(&semaphore, &value);
	note("%d", value);
}

TEST(pthreads, process_shared_mutex_and_condition)
{
	struct {
		pthread_mutex_t mutex;
		pthread_cond_t cond;
		int turn;
	} *s = shared_memory(4096);
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	pid_t pid;

	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->mutex, &ma);
	pthread_condattr_init(&ca);
	pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&s->cond, &ca);
	pid = fork();
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&s->mutex);
		while (s->turn % 2 != (pid == 0))
			pthread_cond_wait(&s->cond, &s->mutex);
		s->turn++;
		pthread_cond_signal(&s->cond);
		pthread_mutex_unlock(&s->mutex);
	}
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(child_status(pid), 0);
	note("%d", s->turn);
}

static void *forks(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit((long)arg + i);
		bad += WEXITSTATUS(child_status(pid)) != (long)arg + i;
	}
	return (void *)bad;
}

TEST(pthreads, fork_from_several_threads)
{
	pthread_t threads[4];
	long bad = 0;

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, forks, (void *)(i * 10));
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld", bad);
}

TEST(pthreads, a_child_of_a_thread_has_one_thread)
{
	pthread_t thread;
	pid_t pid;

	pthread_create(&thread, NULL, waits_forever, NULL);
	CHILD(pid) {
		char *line = strstr(get_file("/proc/self/status"), "Threads:");

		note("%.*s", line ? (int)strcspn(line, "\n") : 0, line);
	}
	EXPECT_CHILD_OK(pid);
	char *line = strstr(get_file("/proc/self/status"), "Threads:");

	note("%.*s", line ? (int)strcspn(line, "\n") : 0, line);
}

static void *creates(void *arg)
{
	long depth = (long)arg;
	pthread_t a, b;
	void *ra, *rb;

	if (depth == 0)
		return (void *)1;
	if (pthread_create(&a, NULL, creates, (void *)(depth - 1)) ||
	    pthread_create(&b, NULL, creates, (void *)(depth - 1)))
		return (void *)-1000000L;
	pthread_join(a, &ra);
	pthread_join(b, &rb);
	return (void *)((long)ra + (long)rb + 1);
}

TEST(pthreads, a_storm_of_threads)
{
	note("%ld", (long)creates((void *)6L));
}

static void *raw_storm(void *arg)
{
	(void)arg;
	for (int i = 0; i < 40; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, returns, NULL))
			return (void *)1;
		if (i & 1)
			pthread_join(t, NULL);
		else
			pthread_detach(t);
	}
	return NULL;
}

TEST(pthreads, detached_and_joined_at_once)
{
	pthread_t threads[4];
	long bad = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, raw_storm, NULL);
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld", bad);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static long pair[2];

static void *reads_or_writes(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 100; i++) {
		if ((long)arg == 0) {
			pthread_rwlock_wrlock(&rwlock);
			pair[0]++;
			pair[1]++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			bad += pair[0] != pair[1];
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return (void *)bad;
}

TEST(pthreads, read_write_locks)
{
	pthread_t threads[6];
	long bad = 0;

	for (long i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, reads_or_writes, (void *)(i % 3));
	for (int i = 0; i < 6; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld pair %ld", bad, pair[0]);
}
