/* SPDX-License-Identifier: MIT */
/* Signals and threads: who gets a process-wide signal, what belongs to one thread. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

static __thread int my_hits;
static volatile int hits, last_tid;

static void handler(int number)
{
	(void)number;
	my_hits++;
	last_tid = syscall(SYS_gettid);
	__atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
}

struct worker {
	pthread_t thread;
	struct gate ready, gate;
	uint64_t block;
	int tid, hits;
	bool waits;
	int got;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	raw_mask(SIG_SETMASK, &w->block);
	w->tid = syscall(SYS_gettid);
	gate_open(&w->ready);
	if (w->waits) {
		siginfo_t info;

		w->got = syscall(SYS_rt_sigtimedwait, &w->block, &info, NULL, 8);
	}
	gate_wait(&w->gate);
	w->hits = my_hits;
	return NULL;
}

static void start(struct worker *w, uint64_t block, bool waits)
{
	memset(w, 0, sizeof(*w));
	w->ready = gate_make();
	w->gate = gate_make();
	w->block = block;
	w->waits = waits;
	if (pthread_create(&w->thread, NULL, work, w))
		fail("pthread_create");
	gate_wait(&w->ready);
}

static void finish(struct worker *w)
{
	gate_open(&w->gate);
	pthread_join(w->thread, NULL);
}

TEST(threads, a_process_signal_goes_to_a_thread_that_does_not_block_it)
{
	uint64_t set = SIGBIT(SIGUSR1);
	struct worker a, b;

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	start(&a, set, false);
	start(&b, 0, false);
	for (int i = 1; i <= 20; i++) {
		kill(getpid(), SIGUSR1);
		while (hits < i)
			sched_yield();
		EXPECT_EQ(last_tid, b.tid);
	}
	finish(&a);
	finish(&b);
	note("main %d a %d b %d", my_hits, a.hits, b.hits);
}

TEST(threads, blocked_by_all_it_waits_for_the_first_that_opens)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;
	struct worker a;

	signal(SIGUSR1, handler);
	raw_mask(SIG_BLOCK, &set);
	start(&a, set, false);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(raw_pending(), set);
	EXPECT_EQ(hits, 0);
	raw_mask(SIG_SETMASK, &none);
	note("main %d", my_hits);
	finish(&a);
	note("a %d", a.hits);
}

TEST(threads, tgkill_reaches_only_the_thread_named)
{
	uint64_t set = SIGBIT(SIGUSR1);
	struct worker a, b;

	signal(SIGUSR1, handler);
	start(&a, set, false);
	start(&b, 0, false);
	syscall(SYS_tgkill, getpid(), b.tid, SIGUSR1);
	while (hits < 1)
		sched_yield();
	EXPECT_EQ(last_tid, b.tid);
	/* Blocked there: nobody else takes it, and it is not pending for others. */
	syscall(SYS_tgkill, getpid(), a.tid, SIGUSR1);
	EXPECT_EQ(raw_pending(), 0);
	finish(&a);
	finish(&b);
	note("main %d a %d b %d", my_hits, a.hits, b.hits);
	/* Who joins is woken a little before the thread's number is gone. */
	while (!syscall(SYS_tgkill, getpid(), a.tid, 0))
		sched_yield();
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), a.tid, 0), ESRCH);
}

TEST(threads, a_waiting_thread_takes_a_process_signal)
{
	uint64_t set = SIGBIT(SIGUSR1);
	struct worker a;

	raw_mask(SIG_BLOCK, &set);
	start(&a, set, true);
	wait_thread_state(getpid(), a.tid, 'S');
	kill(getpid(), SIGUSR1);
	finish(&a);
	note("got %s", signal_name(a.got));
}

TEST(threads, masks_are_per_thread_and_inherited_at_creation)
{
	uint64_t set = SIGBIT(SIGUSR2);
	struct worker a;

	start(&a, SIGBIT(SIGHUP), false);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 0);
	raw_mask(SIG_BLOCK, &set);
	finish(&a);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), set);
}

TEST(threads, sleeping_threads_are_woken_one_by_one)
{
	struct worker w[4];
	int total = 0;

	signal(SIGUSR1, handler);
	for (int i = 0; i < 4; i++)
		start(&w[i], 0, false);
	for (int i = 0; i < 4; i++)
		wait_thread_state(getpid(), w[i].tid, 'S');
	for (int i = 0; i < 4; i++)
		syscall(SYS_tgkill, getpid(), w[i].tid, SIGUSR1);
	while (hits < 4)
		sched_yield();
	for (int i = 0; i < 4; i++) {
		finish(&w[i]);
		total += w[i].hits == 1;
	}
	note("%d", total);
}

TEST(threads, pending_signals_of_a_thread_that_exits_are_dropped_those_of_the_process_stay)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2);
	struct worker a;

	raw_mask(SIG_BLOCK, &set);
	start(&a, set, false);
	syscall(SYS_tgkill, getpid(), a.tid, SIGUSR1);
	kill(getpid(), SIGUSR2);
	finish(&a);
	note("%#llx", (long long)raw_pending());
}

static void *faults(void *arg)
{
	(void)arg;
	*(volatile int *)wild(8) = 1;
	return NULL;
}

static void on_segv(int number)
{
	(void)number;
	last_tid = syscall(SYS_gettid);
	pthread_exit((void *)(long)(last_tid != getpid()));
}

TEST(threads, a_fault_goes_to_the_thread_that_made_it)
{
	pthread_t thread;
	void *result;

	signal(SIGSEGV, on_segv);
	pthread_create(&thread, NULL, faults, NULL);
	pthread_join(thread, &result);
	note("%ld", (long)result);
}

static void *storm(void *arg)
{
	for (int i = 0; i < 500; i++)
		syscall(SYS_tgkill, getpid(), *(int *)arg, SIGUSR1);
	return NULL;
}

TEST(threads, a_storm_of_signals_loses_no_thread)
{
	pthread_t threads[3];
	int me = getpid();
	volatile double sum = 0;

	signal(SIGUSR1, handler);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, storm, &me);
	for (int i = 1; i < 200000; i++)
		sum = sum + 1.0 / i;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_TRUE(hits > 0 && hits <= 1500);
	note("sum %.6f", sum);
}
