/* SPDX-License-Identifier: MIT */
/* Processes, threads, mappings and files leave nothing behind: free memory is where it was. */
#define TEST_SECONDS 60
#include "../harness.h"
#include "util.h"
#include "reclaim.h"
#include <pthread.h>

static void fork_dirty(void)
{
	static char data[256 * 1024];
	pid_t pid = fork();

	if (pid == 0) {
		memset(data, 1, sizeof(data));
		_exit(0);
	}
	child_status(pid);
}

static void *thread(void *arg)
{
	return arg;
}

static void thread_once(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL) == 0)
		pthread_join(t, NULL);
	else
		fail("pthread_create");
}

static void map_once(void)
{
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 1, 1 << 20);
	munmap(p, 1 << 20);
}

static void killed_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGKILL);
	child_status(pid);
}

static void file_once(void)
{
	static char data[65536];
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);

	write_all(fd, data, sizeof(data));
	unlink("f");
	close(fd);
}

TEST(reclaim, forks_that_dirty_memory)
{
	expect_reclaimed("100 forks that write 256 KiB", fork_dirty, 20, 100);
}

TEST(reclaim, threads)
{
	expect_reclaimed("300 threads", thread_once, 50, 300);
}

TEST(reclaim, mappings)
{
	expect_reclaimed("50 mappings of 1 MiB", map_once, 10, 50);
}

TEST(reclaim, killed_processes)
{
	expect_reclaimed("200 killed", killed_once, 20, 200);
}

TEST(reclaim, unlinked_files)
{
	expect_reclaimed("200 files of 64 KiB", file_once, 20, 200);
}

TEST(reclaim, process_numbers_do_not_run_out)
{
	int ok = 0;

	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		ok += pid > 0 && child_status(pid) == 0;
	}
	note("%d", ok);
}
