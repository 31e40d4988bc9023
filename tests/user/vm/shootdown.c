/* SPDX-License-Identifier: MIT */
/*
 * After munmap, mprotect, mremap or madvise has returned, no thread on any CPU uses the old translation.
 * The other threads run pinned to CPUs of their own where there are several.
 */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <setjmp.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#define THREADS 3
#define ROUNDS 20

static char *volatile target;
static volatile int command[THREADS], answer[THREADS];
static __thread sigjmp_buf back;

enum { IDLE, READ, WRITE, QUIT };

static void on_fault(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static void pin(int index)
{
	uint64_t mask = 1ULL << index;

	/* Fails where there is no such CPU: then they share one. */
	syscall(SYS_sched_setaffinity, 0, 8, &mask);
}

/* 1: access succeeded and saw the value; -1: fault; 2 + value: another value. */
static int probe(int what)
{
	volatile char *p = target;

	if (sigsetjmp(back, 1))
		return -1;
	if (what == WRITE) {
		*p = 9;
		return 1;
	}
	return *p == 7 ? 1 : 2 + *p;
}

static void *worker(void *arg)
{
	long me = (long)arg;

	pin(me + 1);
	for (;;) {
		int what = __atomic_load_n(&command[me], __ATOMIC_ACQUIRE);

		if (what == QUIT)
			return NULL;
		if (what == IDLE) {
			sched_yield();
			continue;
		}
		answer[me] = probe(what);
		__atomic_store_n(&command[me], IDLE, __ATOMIC_RELEASE);
	}
}

static pthread_t threads[THREADS];

static void start(void)
{
	signal(SIGSEGV, on_fault);
	pin(0);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, worker, (void *)i);
}

static void stop(void)
{
	for (int i = 0; i < THREADS; i++) {
		__atomic_store_n(&command[i], QUIT, __ATOMIC_RELEASE);
		pthread_join(threads[i], NULL);
	}
}

/* Have all of them do it; how many gave WANT. */
static int ask(int what, int want)
{
	int count = 0;

	for (int i = 0; i < THREADS; i++)
		__atomic_store_n(&command[i], what, __ATOMIC_RELEASE);
	for (int i = 0; i < THREADS; i++) {
		while (__atomic_load_n(&command[i], __ATOMIC_ACQUIRE) != IDLE)
			sched_yield();
		count += answer[i] == want;
	}
	return count;
}

static char *fresh(void)
{
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);

	memset(p, 7, 4 * PAGE);
	return p;
}

TEST(shootdown, munmap)
{
	int seen = 0, faulted = 0;

	start();
	for (int i = 0; i < ROUNDS; i++) {
		target = fresh();
		seen += ask(READ, 1);
		munmap(target, 4 * PAGE);
		faulted += ask(READ, -1);
	}
	stop();
	note("seen %d faulted %d", seen, faulted);
}

TEST(shootdown, mprotect)
{
	int written = 0, faulted = 0, unreadable = 0;

	start();
	target = fresh();
	for (int i = 0; i < ROUNDS; i++) {
		mprotect(target, PAGE, RW);
		written += ask(WRITE, 1);
		mprotect(target, PAGE, PROT_READ);
		faulted += ask(WRITE, -1);
		mprotect(target, PAGE, PROT_NONE);
		unreadable += ask(READ, -1);
	}
	stop();
	note("written %d faulted %d unreadable %d", written, faulted, unreadable);
}

TEST(shootdown, madvise_dontneed)
{
	int seen = 0, zero = 0;

	start();
	target = fresh();
	for (int i = 0; i < ROUNDS; i++) {
		target[0] = 7;
		seen += ask(READ, 1);
		madvise(target, PAGE, MADV_DONTNEED);
		zero += ask(READ, 2);
	}
	stop();
	note("seen %d zero %d", seen, zero);
}

TEST(shootdown, a_page_replaced_by_fixed_mapping)
{
	int seen = 0, replaced = 0;

	start();
	target = fresh();
	for (int i = 0; i < ROUNDS; i++) {
		target[0] = 7;
		seen += ask(READ, 1);
		mmap(target, PAGE, RW, ANON | MAP_FIXED, -1, 0);
		target[0] = 5;
		replaced += ask(READ, 7);
	}
	stop();
	note("seen %d replaced %d", seen, replaced);
}

TEST(shootdown, mremap_moves)
{
	int seen = 0, faulted = 0, moved = 0;

	start();
	for (int i = 0; i < ROUNDS; i++) {
		char *from = fresh(), *to = mmap(NULL, 4 * PAGE, PROT_NONE, ANON, -1, 0);

		target = from;
		seen += ask(READ, 1);
		mremap(from, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		faulted += ask(READ, -1);
		target = to;
		moved += ask(READ, 1);
		munmap(to, 4 * PAGE);
	}
	stop();
	note("seen %d faulted %d moved %d", seen, faulted, moved);
}

TEST(shootdown, fork_makes_pages_copy_on_write_for_every_thread)
{
	int bad = 0;

	start();
	target = fresh();
	for (int i = 0; i < 20; i++) {
		struct gate gate = gate_make();
		pid_t pid;

		target[0] = 7;
		ask(WRITE, 1);		/* now 9 everywhere, with writable translations */
		target[0] = 7;
		pid = fork();
		if (pid == 0) {
			gate_wait(&gate);
			_exit(target[0] == 7 ? 0 : 1);
		}
		ask(WRITE, 1);
		gate_open(&gate);
		bad += child_status(pid) != 0;
		close(gate.fd[0]);
		close(gate.fd[1]);
	}
	stop();
	note("bad %d", bad);
}

TEST(shootdown, pages_are_not_reused_while_another_thread_may_write_them)
{
	/* Writers hammer mappings that come and go; what is mapped afterwards must be zero. */
	int bad = 0;

	start();
	for (int i = 0; i < ROUNDS; i++) {
		char *p = fresh(), *q;

		target = p + PAGE;
		for (int j = 0; j < THREADS; j++)
			__atomic_store_n(&command[j], WRITE, __ATOMIC_RELEASE);
		munmap(p, 4 * PAGE);
		q = mmap(NULL, 64 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
		for (int j = 0; j < THREADS; j++)
			while (__atomic_load_n(&command[j], __ATOMIC_ACQUIRE) != IDLE)
				sched_yield();
		/* A writer may hit the new mapping if it got the same address: that page is not counted. */
		for (char *at = q; at < q + 64 * PAGE; at++)
			if (*at && at != target)
				bad++;
		munmap(q, 64 * PAGE);
	}
	stop();
	note("bad %d", bad);
}
