/* SPDX-License-Identifier: MIT */
/* Threads by clone(2) itself: ids, cleartid and its wake-up, exit codes, limits of what is shared. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"
#include <linux/sched.h>

#define STACK 65536
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static char stacks[8][STACK] __attribute__((aligned(16)));
static volatile int tids[8], pids_seen[8], done[8], release_word;

static int thread(void *arg)
{
	long me = (long)arg;

	pids_seen[me] = syscall(SYS_getpid);
	done[me] = syscall(SYS_gettid);
	syscall(SYS_futex, &release_word, FUTEX_WAIT_PRIVATE, 0, NULL);
	syscall(SYS_exit, 0);
	return 0;
}

static int start(long i)
{
	return clone(thread, stacks[i] + STACK, THREAD_FLAGS | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID,
		     (void *)i, &tids[i], NULL, &tids[i]);
}

static void finish(int count)
{
	release_word = 1;
	syscall(SYS_futex, &release_word, FUTEX_WAKE_PRIVATE, 100);
	for (int i = 0; i < count; i++)
		for (int tid; (tid = tids[i]) != 0; )
			syscall(SYS_futex, &tids[i], FUTEX_WAIT, tid, NULL);
}

TEST(raw_threads, ids_and_cleartid)
{
	int ids[4];

	for (int i = 0; i < 4; i++) {
		ids[i] = start(i);
		EXPECT_TRUE(ids[i] > 0);
	}
	for (int i = 0; i < 4; i++) {
		while (!done[i])
			sched_yield();
		EXPECT_EQ(done[i], ids[i]);
		EXPECT_EQ(pids_seen[i], getpid());
		EXPECT_TRUE(ids[i] != getpid());
	}
	finish(4);
	for (int i = 0; i < 4; i++)
		note("%d", tids[i]);
}

TEST(raw_threads, threads_are_not_children)
{
	start(0);
	EXPECT_ERRNO(waitpid(-1, NULL, __WALL), ECHILD);
	EXPECT_ERRNO(waitpid(tids[0], NULL, __WALL), ECHILD);
	finish(1);
	EXPECT_ERRNO(waitpid(-1, NULL, __WALL), ECHILD);
}

TEST(raw_threads, a_thread_id_is_no_process_id_for_kill_but_is_one_for_lookups)
{
	int tid = start(0);

	while (!done[0])
		sched_yield();
	note("kill: %s", RESULT(kill(tid, 0)));
	note("tgkill: %s", RESULT(syscall(SYS_tgkill, getpid(), tid, 0)));
	note("tgkill with the wrong group: %s", RESULT(syscall(SYS_tgkill, tid, tid, 0)));
	note("tkill: %s", RESULT(syscall(SYS_tkill, tid, 0)));
	note("getpgid: %d", getpgid(tid) == getpgrp());
	note("getsid: %d", getsid(tid) == getsid(0));
	note("setpgid: %s", RESULT(setpgid(tid, 0)));
	note("sched_getscheduler: %s", RESULT(sched_getscheduler(tid)));
	note("pidfd_open: %s", RESULT(syscall(SYS_pidfd_open, tid, 0)));
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	note("/proc/TID: %s", RESULT(stat(path, &st)));
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	note("/proc/self/task/TID: %s", RESULT(stat(path, &st)));
	finish(1);
}

TEST(raw_threads, a_bad_cleartid_address_is_harmless)
{
	int tid = clone(thread, stacks[0] + STACK, THREAD_FLAGS | CLONE_CHILD_CLEARTID, (void *)0L, NULL, NULL,
			wild(8));

	EXPECT_TRUE(tid > 0);
	while (!done[0])
		sched_yield();
	release_word = 1;
	syscall(SYS_futex, &release_word, FUTEX_WAKE_PRIVATE, 100);
	while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
		sched_yield();
	note("%s", errno_name(errno));
}

TEST(raw_threads, fork_flags_that_threads_refuse)
{
	note("exit signal is ignored: %d", start(0) > 0);
	/* CLONE_PARENT of a thread's group: the caller's parent stays. */
	int tid = clone(thread, stacks[1] + STACK, THREAD_FLAGS | CLONE_PARENT | SIGCHLD | CLONE_CHILD_CLEARTID |
			CLONE_PARENT_SETTID, (void *)1L, &tids[1], NULL, &tids[1]);

	note("with PARENT: %d", tid > 0);
	note("NEWPID: %s", RESULT(clone(thread, stacks[2] + STACK, THREAD_FLAGS | CLONE_NEWPID, NULL)));
	note("NEWUSER: %s", RESULT(clone(thread, stacks[2] + STACK, THREAD_FLAGS | CLONE_NEWUSER, NULL)));
	finish(tid > 0 ? 2 : 1);
}

TEST(raw_threads, descriptors_and_directory_are_shared)
{
	int fd;

	start(0);
	fd = temp_fd();
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/task/%d/fd/%d", tids[0], fd);
	EXPECT_OK(lstat(path, &st));
	close(fd);
	EXPECT_ERRNO(lstat(path, &st), ENOENT);
	finish(1);
}
