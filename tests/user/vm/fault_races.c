/* SPDX-License-Identifier: MIT */
/* Page faults of several threads and processes on the same pages, against each other and against changes. */
#define TEST_SECONDS 60
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <setjmp.h>

#define PAGE 4096UL
#define PAGES 32
#define RW (PROT_READ | PROT_WRITE)
#define THREADS 4

static char *area;
static pthread_barrier_t barrier;

static void *adds(void *arg)
{
	for (int round = 0; round < 5; round++) {
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < PAGES; i++)
			__atomic_add_fetch((int *)(area + i * PAGE), 1, __ATOMIC_RELAXED);
		pthread_barrier_wait(&barrier);
		/* One of them empties it again. */
		if ((long)arg == 0 && round < 4)
			madvise(area, PAGES * PAGE, MADV_DONTNEED);
	}
	return NULL;
}

static int run(void *(*fn)(void *))
{
	pthread_t t[THREADS];
	long bad = 0;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fn, (void *)i);
	for (int i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(t[i], &result);
		bad += (long)result;
	}
	return bad;
}

TEST(fault_races, first_touches_by_all_threads_lose_nothing)
{
	int bad = 0;

	area = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	run(adds);
	for (int i = 0; i < PAGES; i++)
		bad += *(int *)(area + i * PAGE) != THREADS;
	note("private: bad %d", bad);
	area = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bad = 0;
	run(adds);
	for (int i = 0; i < PAGES; i++)
		bad += *(int *)(area + i * PAGE) != THREADS * 5;
	note("shared: bad %d", bad);
}

static void *copies(void *arg)
{
	long bad = 0;

	for (int round = 0; round < 5; round++) {
		pthread_barrier_wait(&barrier);
		if ((long)arg == 0) {
			pid_t pid = fork();

			if (pid == 0) {
				long wrong = 0;

				/* Each counter was a multiple of nothing in particular, but stays what it is. */
				for (int i = 0; i < PAGES; i++) {
					volatile int *p = (int *)(area + i * PAGE);
					int a = *p, b = *p;

					wrong += a != b;
				}
				_exit(wrong != 0);
			}
			bad += child_status(pid) != 0;
		} else {
			for (int i = 0; i < PAGES; i++)
				__atomic_add_fetch((int *)(area + i * PAGE), 1, __ATOMIC_RELAXED);
		}
		pthread_barrier_wait(&barrier);
	}
	return (void *)bad;
}

TEST(fault_races, fork_while_other_threads_write)
{
	int bad = 0, lost;

	area = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bad = run(copies);
	lost = 0;
	for (int i = 0; i < PAGES; i++)
		lost += *(int *)(area + i * PAGE) != (THREADS - 1) * 5;
	note("bad %d lost %d", bad, lost);
}

static void *maps(void *arg)
{
	long bad = 0;
	unsigned int seed = (long)arg * 7 + 1;

	for (int i = 0; i < 40; i++) {
		size_t pages = rand_r(&seed) % 16 + 1;
		char *p = mmap(NULL, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return (void *)1000L;
		for (size_t j = 0; j < pages; j++) {
			bad += p[j * PAGE] != 0;
			p[j * PAGE] = (long)arg + 1;
		}
		if (pages > 2)
			mprotect(p + PAGE, PAGE, PROT_READ);
		for (size_t j = 0; j < pages; j++)
			bad += p[j * PAGE] != (long)arg + 1;
		munmap(p, pages * PAGE);
	}
	return (void *)bad;
}

TEST(fault_races, every_thread_maps_and_unmaps)
{
	note("bad %d", run(maps));
}

static int fd;

static void *files(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 20; i++) {
		int *p = mmap(NULL, 16 * PAGE, RW, MAP_SHARED, fd, 0);

		if (p == MAP_FAILED)
			return (void *)1000L;
		for (int j = 0; j < 16; j++)
			__atomic_add_fetch(p + j * 1024 + (long)arg, 1, __ATOMIC_RELAXED);
		munmap(p, 16 * PAGE);
	}
	return (void *)bad;
}

TEST(fault_races, every_thread_maps_the_same_file)
{
	int *p, bad = 0;

	fd = temp_fd();
	EXPECT_OK(ftruncate(fd, 16 * PAGE));
	EXPECT_EQ(run(files), 0);
	p = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	for (int j = 0; j < 16; j++)
		for (int t = 0; t < THREADS; t++)
			bad += p[j * 1024 + t] != 20;
	note("bad %d", bad);
}

static __thread sigjmp_buf back;

static void on_bus(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static volatile int stop;

static void *truncates(void *arg)
{
	volatile char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	volatile long seen = 0, bad = 0;

	if ((long)arg == 0) {
		for (int i = 0; i < 30; i++) {
			(void)!ftruncate(fd, 0);
			(void)!ftruncate(fd, 4 * PAGE);
		}
		stop = 1;
		return NULL;
	}
	while (!stop) {
		if (sigsetjmp(back, 1) == 0) {
			char c = p[3 * PAGE];

			if (c != 0 && c != 9)
				bad++;
			p[3 * PAGE] = 9;
			seen++;
		}
	}
	return (void *)bad;
}

TEST(fault_races, truncation_against_access)
{
	fd = temp_fd();
	EXPECT_OK(ftruncate(fd, 4 * PAGE));
	signal(SIGBUS, on_bus);
	note("bad %d", run(truncates));
}

TEST(fault_races, processes_share_first_touches)
{
	pid_t pids[4];
	int bad = 0;

	for (int round = 0; round < 3; round++) {
		int *s = mmap(NULL, 64 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < 4; i++)
			CHILD(pids[i])
				for (int j = 0; j < 64; j++)
					__atomic_add_fetch(s + j * 1024, 1, __ATOMIC_RELAXED);
		for (int i = 0; i < 4; i++)
			bad += child_status(pids[i]) != 0;
		for (int j = 0; j < 64; j++)
			bad += s[j * 1024] != 4;
		munmap(s, 64 * PAGE);
	}
	note("bad %d", bad);
}

static void *system_calls(void *arg)
{
	long bad = 0;
	int zero = open("/dev/zero", O_RDONLY);

	for (int i = 0; i < 30; i++) {
		char *p = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		/* The kernel's own stores fault the pages in. */
		bad += read(zero, p + 100, 6 * PAGE) != (long)(6 * PAGE);
		munmap(p, 8 * PAGE);
	}
	close(zero);
	(void)arg;
	return (void *)bad;
}

TEST(fault_races, the_kernel_faults_too)
{
	note("bad %d", run(system_calls));
}
