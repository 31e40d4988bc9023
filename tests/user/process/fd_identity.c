/* SPDX-License-Identifier: MIT */
/*
 * A descriptor number that was closed, dup2'ed, dup3'ed, close_range'd or closed on exec never reaches the
 * old object again, whatever caches a look-up; also between threads, CLONE_FILES processes and vfork.
 */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>
#include <pthread.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4
#endif

static int file(char c)
{
	int fd = temp_fd();

	write_all(fd, &c, 1);
	return fd;
}

/* The byte at the start of what the number means now; '-' if nothing. */
static char what(int fd)
{
	char c = '?';

	return pread(fd, &c, 1, 0) == 1 ? c : '-';
}

static int other_main(int argc, char **argv)
{
	note("after exec: %c %c %c", what(atoi(argv[2])), what(atoi(argv[3])), what(atoi(argv[4])));
	return argc != 5;
}

TEST(fd_identity, close_and_dup2)
{
	int a = file('a'), b = file('b');

	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(what(a), i % 2 ? 'b' : 'a');
		EXPECT_EQ(dup2(b, a), a);
		EXPECT_EQ(what(a), 'b');
		close(a);
		EXPECT_EQ(what(a), '-');
		EXPECT_EQ(i % 2 ? (close(file('x')), 0) : 0, 0);
		EXPECT_EQ(dup3(b, a, 0), a);
		EXPECT_EQ(what(a), 'b');
		close(a);
		int c = file(i % 2 ? 'a' : 'b');

		EXPECT_EQ(c, a);
	}
}

TEST(fd_identity, close_range)
{
	int fds[10], n;

	for (int i = 0; i < 10; i++)
		fds[i] = file('0' + i);
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(what(fds[i]), '0' + i);
	EXPECT_OK(syscall(SYS_close_range, fds[2], fds[7], 0));
	char line[16];

	for (n = 0; n < 10; n++)
		line[n] = what(fds[n]);
	line[n] = 0;
	note("%s", line);
	EXPECT_EQ(file('n'), fds[2]);
	EXPECT_EQ(what(fds[2]), 'n');
}

static char stack[65536] __attribute__((aligned(16)));
static int number, replacement;

static int replaces(void *arg)
{
	(void)arg;
	dup2(replacement, number);
	return what(number);
}

TEST(fd_identity, a_process_that_shares_the_table_changes_ours)
{
	number = file('a');
	replacement = file('b');
	EXPECT_EQ(what(number), 'a');
	pid_t pid = clone(replaces, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);

	EXPECT_EQ(WEXITSTATUS(child_status(pid)), 'b');
	note("%c", what(number));
}

TEST(fd_identity, one_that_does_not_share_it_leaves_ours)
{
	number = file('a');
	replacement = file('b');
	EXPECT_EQ(what(number), 'a');
	pid_t pid = clone(replaces, stack + sizeof(stack), SIGCHLD, NULL);

	EXPECT_EQ(WEXITSTATUS(child_status(pid)), 'b');
	note("fork: %c", what(number));
	pid = clone(replaces, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	EXPECT_EQ(WEXITSTATUS(child_status(pid)), 'b');
	note("vfork: %c", what(number));
}

static int unshares(void *arg)
{
	(void)arg;
	if (unshare(CLONE_FILES))
		return 1;
	dup2(replacement, number);
	return what(number);
}

TEST(fd_identity, unshare_ends_the_sharing)
{
	number = file('a');
	replacement = file('b');
	pid_t pid = clone(unshares, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);

	EXPECT_EQ(WEXITSTATUS(child_status(pid)), 'b');
	note("%c", what(number));
}

static int close_range_unshares(void *arg)
{
	(void)arg;
	if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_UNSHARE))
		return 1;
	return what(number);
}

TEST(fd_identity, close_range_unshare_leaves_the_others)
{
	number = file('a');
	pid_t pid = clone(close_range_unshares, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);

	EXPECT_EQ(WEXITSTATUS(child_status(pid)), '-');
	note("%c", what(number));
}

TEST(fd_identity, closed_on_exec)
{
	char a[16], b[16], c[16];
	int x = file('x'), y = file('y'), z = file('z');
	pid_t pid;

	fcntl(x, F_SETFD, FD_CLOEXEC);
	EXPECT_OK(syscall(SYS_close_range, z, z, CLOSE_RANGE_CLOEXEC));
	snprintf(a, sizeof(a), "%d", x);
	snprintf(b, sizeof(b), "%d", y);
	snprintf(c, sizeof(c), "%d", z);
	CHILD(pid)
		execl("/proc/self/exe", "x", "@fds", a, b, c, NULL);
	EXPECT_CHILD_OK(pid);
	note("here: %c %c %c", what(x), what(y), what(z));
	/* A vfork child that executes closes only its own. */
	pid = vfork();
	if (pid == 0) {
		execl("/proc/self/exe", "x", "@fds", a, b, c, NULL);
		_exit(1);
	}
	EXPECT_EQ(child_status(pid), 0);
	note("here: %c %c %c", what(x), what(y), what(z));
}

static volatile int stop;
static int pair[2];

static void *flips(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; !stop; i++)
		dup2(pair[i & 1], fd);
	return NULL;
}

TEST(fd_identity, a_thread_that_flips_a_number)
{
	pthread_t thread;
	int fd, bad = 0;
	char c;

	pair[0] = file('a');
	pair[1] = file('b');
	fd = dup(pair[0]);
	pthread_create(&thread, NULL, flips, &fd);
	for (int i = 0; i < 3000; i++) {
		c = what(fd);
		bad += c != 'a' && c != 'b';
	}
	stop = 1;
	pthread_join(thread, NULL);
	dup2(pair[1], fd);
	note("bad %d, at last %c", bad, what(fd));
}

static void *reads_pipe(void *arg)
{
	char byte = 0;
	long n = read(*(int *)arg, &byte, 1);

	return (void *)(n * 256 + byte);
}

TEST(fd_identity, a_sleeping_reader_keeps_its_object)
{
	pthread_t thread;
	void *result;
	int pipes[2], fd;

	EXPECT_OK(pipe(pipes));
	fd = pipes[0];
	pthread_create(&thread, NULL, reads_pipe, &fd);
	/* Whether it sleeps already or not: it reads the pipe or finds the number free, never the file. */
	for (int i = 0; i < 100; i++)
		sched_yield();
	sleep_ms(50);
	close(pipes[0]);
	EXPECT_EQ(file('f'), pipes[0]);
	signal(SIGPIPE, SIG_IGN);
	write_all(pipes[1], "p", 1);
	pthread_join(thread, &result);
	note("%ld %c", (long)result / 256, (int)((long)result % 256));
}
