/* SPDX-License-Identifier: MIT */
/* Scheduling policies: setting, getting, inheriting, refusing. */
#include "../harness.h"
#include "../process/util.h"
#include <sched.h>
#include <sys/resource.h>

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

static const char *set(int policy, int priority)
{
	struct sched_param param = { priority };

	return RESULT(sched_setscheduler(0, policy, &param));
}

static void show(const char *what)
{
	struct sched_param param = { -1 };

	sched_getparam(0, &param);
	note("%s: policy %#x priority %d", what, sched_getscheduler(0), param.sched_priority);
}

TEST(policy, each_can_be_set)
{
	show("start");
	note("FIFO 1: %s", set(SCHED_FIFO, 1));
	show("FIFO");
	note("FIFO 99: %s", set(SCHED_FIFO, 99));
	show("FIFO");
	note("RR 50: %s", set(SCHED_RR, 50));
	show("RR");
	note("BATCH: %s", set(SCHED_BATCH, 0));
	show("BATCH");
	note("IDLE: %s", set(SCHED_IDLE, 0));
	show("IDLE");
	note("OTHER: %s", set(SCHED_OTHER, 0));
	show("OTHER");
}

TEST(policy, priorities_out_of_range)
{
	note("FIFO 0: %s", set(SCHED_FIFO, 0));
	note("FIFO 100: %s", set(SCHED_FIFO, 100));
	note("FIFO -1: %s", set(SCHED_FIFO, -1));
	note("OTHER 1: %s", set(SCHED_OTHER, 1));
	note("IDLE 1: %s", set(SCHED_IDLE, 1));
	note("BATCH 1: %s", set(SCHED_BATCH, 1));
	note("policy 4: %s", set(4, 0));
	note("DEADLINE: %s", set(6, 0));
	note("policy 7: %s", set(7, 0));
	note("policy -1: %s", set(-1, 0));
	show("unchanged");
}

TEST(policy, ranges)
{
	for (int policy = 0; policy < 8; policy++) {
		note("%d: max %s", policy, RESULT(sched_get_priority_max(policy)));
		note("%d: min %s", policy, RESULT(sched_get_priority_min(policy)));
	}
	note("-1: %s", RESULT(sched_get_priority_max(-1)));
}

TEST(policy, pids_and_pointers)
{
	struct sched_param param = { 0 };

	EXPECT_ERRNO(sched_getscheduler(-1), EINVAL);
	EXPECT_ERRNO(sched_getscheduler(0x7ffffff), ESRCH);
	EXPECT_ERRNO(sched_getparam(-1, &param), EINVAL);
	EXPECT_ERRNO(sched_getparam(0x7ffffff, &param), ESRCH);
	EXPECT_ERRNO(sched_setscheduler(-1, 0, &param), EINVAL);
	EXPECT_ERRNO(sched_setscheduler(0x7ffffff, 0, &param), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, 0, wild(8)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, 0, wild(8)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_setparam, 0, NULL), EINVAL);
	EXPECT_EQ(sched_getscheduler(getpid()), 0);
}

TEST(policy, setparam_keeps_the_policy)
{
	struct sched_param param = { 20 };

	EXPECT_ERRNO(sched_setparam(0, &param), EINVAL);
	set(SCHED_RR, 10);
	EXPECT_OK(sched_setparam(0, &param));
	show("RR");
	param.sched_priority = 0;
	EXPECT_ERRNO(sched_setparam(0, &param), EINVAL);
}

TEST(policy, inherited_by_fork_unless_reset)
{
	set(SCHED_FIFO, 30);
	IN_CHILD(show("child"));
	set(SCHED_FIFO | SCHED_RESET_ON_FORK, 30);
	show("parent");
	IN_CHILD(show("child of reset-on-fork"));
	set(SCHED_OTHER, 0);
	setpriority(PRIO_PROCESS, 0, -7);
	note("reset with OTHER: %s", set(SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
	IN_CHILD(note("child nice %d", getpriority(PRIO_PROCESS, 0)); show("child"));
}

TEST(policy, a_user_needs_the_limit)
{
	struct rlimit limit = { 10, 20 };
	pid_t pid;

	AS_USER(1000, 1000,
		note("FIFO 1: %s", set(SCHED_FIFO, 1));
		note("RR 1: %s", set(SCHED_RR, 1));
		note("BATCH: %s", set(SCHED_BATCH, 0));
		note("IDLE: %s", set(SCHED_IDLE, 0));
		note("back to OTHER: %s", set(SCHED_OTHER, 0));
		note("another's: %s", RESULT(sched_setscheduler(1, SCHED_OTHER,
				&(struct sched_param){ 0 })));
		EXPECT_OK(sched_getscheduler(1)));
	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_RTPRIO, &limit));
		harness_become(1000, 1000);
		note("limit 10, FIFO 10: %s", set(SCHED_FIFO, 10));
		note("FIFO 11: %s", set(SCHED_FIFO, 11));
		note("RR 5: %s", set(SCHED_RR, 5));
		note("OTHER: %s", set(SCHED_OTHER, 0));
		note("reset flag: %s", set(SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
		note("reset flag off: %s", set(SCHED_OTHER, 0));
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		set(SCHED_FIFO, 15);
		limit.rlim_cur = 0;
		EXPECT_OK(setrlimit(RLIMIT_RTPRIO, &limit));
		harness_become(1000, 1000);
		note("already FIFO 15, to 14: %s", set(SCHED_FIFO, 14));
		note("to 16: %s", set(SCHED_FIFO, 16));
		note("to RR 14: %s", set(SCHED_RR, 14));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(policy, rr_interval)
{
	struct timespec span = { -1, -1 };

	EXPECT_ERRNO(sched_rr_get_interval(-1, &span), EINVAL);
	EXPECT_ERRNO(sched_rr_get_interval(0x7ffffff, &span), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_rr_get_interval, 0, wild(8)), EFAULT);
	set(SCHED_FIFO, 5);
	EXPECT_OK(sched_rr_get_interval(0, &span));
	note("FIFO %ld.%09ld", (long)span.tv_sec, span.tv_nsec);
	set(SCHED_RR, 5);
	EXPECT_OK(sched_rr_get_interval(0, &span));
	note("RR %ld.%09ld", (long)span.tv_sec, span.tv_nsec);
}
