/* SPDX-License-Identifier: MIT */
/* Robust lists: what the kernel does with the locks of a thread or process that dies. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"

struct lock {
	struct robust_list list;
	int word;
};

struct area {
	struct robust_list_head head;
	struct lock locks[8];
};

static struct area *area;

static void setup(void)
{
	area = shared_memory(8192);
	area->head.list.next = &area->head.list;
	area->head.futex_offset = offsetof(struct lock, word) - offsetof(struct lock, list);
	REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
}

static void hold(int index, int extra)
{
	struct lock *lock = &area->locks[index];

	lock->word = syscall(SYS_gettid) | extra;
	lock->list.next = area->head.list.next;
	area->head.list.next = &lock->list;
}

static void show(const char *what, int index)
{
	int word = area->locks[index].word;

	note("%s: tid %s%s%s", what, word & FUTEX_TID_MASK ? "kept" : "cleared",
	     word & FUTEX_OWNER_DIED ? " OWNER_DIED" : "", word & FUTEX_WAITERS ? " WAITERS" : "");
}

TEST(robust, exit_marks_every_held_lock)
{
	pid_t pid;

	setup();
	CHILD(pid) {
		REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
		hold(0, 0);
		hold(1, 0);
		hold(2, FUTEX_WAITERS);
		area->locks[3].word = 12345;	/* on the list, but not ours */
		area->locks[3].list.next = area->head.list.next;
		area->head.list.next = &area->locks[3].list;
	}
	EXPECT_CHILD_OK(pid);
	for (int i = 0; i < 4; i++)
		show("lock", i);
}

TEST(robust, a_killed_process_too_and_a_waiter_is_woken)
{
	struct gate ready = gate_make();
	pid_t owner, waiter;

	setup();
	CHILD(owner) {
		REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
		hold(0, FUTEX_WAITERS);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	CHILD(waiter) {
		int word = area->locks[0].word;

		EXPECT_OK(futex_wait(&area->locks[0].word, word));
		show("woken", 0);
	}
	wait_state(waiter, 'S');
	kill(owner, SIGKILL);
	EXPECT_CHILD_OK(waiter);
	note("%s", status_name(child_status(owner)));
}

TEST(robust, without_the_waiters_bit_nobody_is_woken)
{
	struct gate ready = gate_make();
	struct timespec span = { 0, 100000000 };
	pid_t owner, waiter;

	setup();
	CHILD(owner) {
		REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
		hold(0, 0);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	CHILD(waiter)
		EXPECT_ERRNO(futex(&area->locks[0].word, FUTEX_WAIT, area->locks[0].word, &span, NULL, 0),
			     ETIMEDOUT);
	wait_state(waiter, 'S');
	kill(owner, SIGKILL);
	child_status(owner);
	EXPECT_CHILD_OK(waiter);
	show("after", 0);
}

TEST(robust, the_operation_in_progress_counts)
{
	pid_t pid;

	setup();
	CHILD(pid) {
		REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
		area->locks[5].word = getpid();
		area->head.list_op_pending = &area->locks[5].list;
	}
	EXPECT_CHILD_OK(pid);
	show("pending", 5);
}

TEST(robust, exec_releases_them)
{
	pid_t pid;

	setup();
	CHILD(pid) {
		REQUIRE_OK(syscall(SYS_set_robust_list, &area->head, sizeof(area->head)));
		hold(0, 0);
		execl("/proc/self/exe", "x", "no-such-test", NULL);
	}
	EXPECT_CHILD_OK(pid);
	show("exec", 0);
}

TEST(robust, broken_lists_harm_nobody)
{
	pid_t pid;

	for (int how = 0; how < 6; how++) {
		setup();
		CHILD(pid) {
			REQUIRE_OK(syscall(SYS_set_robust_list, how == 0 ? wild(8) : how == 1 ?
					   wild(0xffff000000000000) : &area->head, sizeof(area->head)));
			hold(0, 0);
			switch (how) {
			case 2:		/* a loop that never comes back to the head */
				area->locks[0].list.next = &area->locks[0].list;
				break;
			case 3:
				area->head.list.next = wild(0x1234);
				break;
			case 4:
				area->head.futex_offset = 1;
				break;
			case 5:
				area->head.list_op_pending = wild(0xffff000000000000);
				break;
			}
		}
		note("%d: %s", how, status_name(child_status(pid)));
		if (how >= 2 && how != 4)
			show("lock", 0);
	}
}

TEST(robust, the_library_reports_owner_dead)
{
	pthread_mutex_t *mutex = shared_memory(4096);
	pthread_mutexattr_t attr;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &attr);
	CHILD(pid) {
		pthread_mutex_lock(mutex);
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	note("%s", errno_name(pthread_mutex_lock(mutex)));
	EXPECT_EQ(pthread_mutex_consistent(mutex), 0);
	EXPECT_EQ(pthread_mutex_unlock(mutex), 0);
	EXPECT_EQ(pthread_mutex_lock(mutex), 0);
	EXPECT_EQ(pthread_mutex_unlock(mutex), 0);
}

static pthread_mutex_t robust_mutex;

static void *locks_and_leaves(void *arg)
{
	pthread_mutex_lock(&robust_mutex);
	return arg;
}

TEST(robust, a_thread_that_ends_with_a_lock)
{
	pthread_mutexattr_t attr;
	pthread_t thread;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust_mutex, &attr);
	pthread_create(&thread, NULL, locks_and_leaves, NULL);
	pthread_join(thread, NULL);
	note("%s", errno_name(pthread_mutex_lock(&robust_mutex)));
	EXPECT_EQ(pthread_mutex_unlock(&robust_mutex), 0);
	note("not made consistent: %s", errno_name(pthread_mutex_lock(&robust_mutex)));
}
