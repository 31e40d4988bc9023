/* SPDX-License-Identifier: MIT */
/* musl's threads: clone with its flags, futex locks, condition variables, TLS, cancellation, setxid. */
#include "harness.h"
#include <pthread.h>
#include <semaphore.h>

enum { THREADS = 4, ROUNDS = 5000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long mine;

static void *count(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		mine++;
	}
	return (void *)mine;
}

TEST(threads, a_mutex_excludes_and_tls_is_private)
{
	pthread_t threads[THREADS];
	void *result;
	long sum = 0;

	for (int i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		EXPECT_EQ(pthread_join(threads[i], &result), 0);
		sum += (long)result;
	}
	note("counter %ld sum %ld mine %ld", counter, sum, mine);
}

static int turn;

static void *take_turns(void *argument)
{
	long me = (long)argument;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		while (turn % THREADS != me)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

TEST(threads, condition_variables_pass_the_turn)
{
	pthread_t threads[THREADS];

	for (long i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, take_turns, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	note("turn %d", turn);
}

static sem_t semaphore;

static void *wait_for_it(void *argument)
{
	sem_wait(&semaphore);
	return argument;
}

TEST(threads, semaphores_wake)
{
	pthread_t threads[THREADS];

	sem_init(&semaphore, 0, 0);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, wait_for_it, NULL);
	for (int i = 0; i < THREADS; i++)
		sem_post(&semaphore);
	for (int i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	note("all woke");
}

static void *sleep_long(void *argument)
{
	sem_post(&semaphore);
	sleep(1000);
	return NULL;
}

TEST(threads, cancellation_ends_a_sleep)
{
	pthread_t thread;
	void *result = NULL;

	sem_init(&semaphore, 0, 0);
	pthread_create(&thread, NULL, sleep_long, NULL);
	sem_wait(&semaphore);
	SHOW(pthread_cancel(thread));
	SHOW(pthread_join(thread, &result));
	SHOW(result == PTHREAD_CANCELED);
}

static void *report_uid(void *argument)
{
	sem_wait(&semaphore);
	return (void *)(long)getuid();
}

TEST(threads, setuid_reaches_every_thread)
{
	pthread_t thread;
	void *result = NULL;

	sem_init(&semaphore, 0, 0);
	pthread_create(&thread, NULL, report_uid, NULL);
	SHOW(setuid(1000));
	sem_post(&semaphore);
	pthread_join(thread, &result);
	note("the other thread: %ld", (long)result);
}

static void *leave(void *argument)
{
	return argument;
}

TEST(threads, five_hundred_come_and_go)
{
	int failures = 0;

	for (int i = 0; i < 500; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, leave, NULL) || pthread_join(thread, NULL))
			failures++;
	}
	note("failures %d", failures);
}

static pthread_mutex_t robust;

static void *die_holding(void *argument)
{
	pthread_mutex_lock(&robust);
	return NULL;
}

TEST(threads, a_robust_mutex_tells_of_its_owners_death)
{
	pthread_mutexattr_t attributes;
	pthread_t thread;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attributes);
	pthread_create(&thread, NULL, die_holding, NULL);
	pthread_join(thread, NULL);
	note("%s", errno_name(pthread_mutex_lock(&robust)));
	SHOW(pthread_mutex_consistent(&robust));
	SHOW(pthread_mutex_unlock(&robust));
}
