/* SPDX-License-Identifier: MIT */
/* sched_setattr and sched_getattr: sizes, flags, nice values, refused combinations. */
#include "../harness.h"
#include "../process/util.h"
#include <sched.h>
#include <sys/resource.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
	uint64_t tail[8];
};

#define KEEP_POLICY 8
#define KEEP_PARAMS 16

static const char *set(struct attr *a)
{
	return RESULT(syscall(SYS_sched_setattr, 0, a, 0));
}

static void show(const char *what)
{
	struct attr a;

	memset(&a, 0, sizeof(a));
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 48, 0));
	note("%s: size %u policy %u flags %llx nice %d priority %u", what, a.size, a.policy,
	     (long long)a.flags, a.nice, a.priority);
}

TEST(attr, get_sizes)
{
	struct attr a;

	memset(&a, 0, sizeof(a));
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &a, 47, 0), EINVAL);
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 48, 0));
	note("%u", a.size);
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 56, 0));
	note("%u", a.size);
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 120, 0));
	note("%u", a.size);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &a, 4097, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &a, 48, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, -1, &a, 48, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0x7ffffff, &a, 48, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, NULL, 48, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, wild(8), 48, 0), EFAULT);
}

TEST(attr, set_sizes)
{
	struct attr a = { .size = 48 };

	note("48: %s", set(&a));
	a.size = 0;
	note("0: %s", set(&a));
	a.size = 47;
	note("47: %s", set(&a));
	note("size now %u", a.size);
	a.size = 4097;
	note("4097: %s", set(&a));
	a.size = 120;
	note("120, zero tail: %s", set(&a));
	a.tail[3] = 1;
	note("120, tail not zero: %s", set(&a));
	note("size now %u", a.size);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, wild(8), 0), EFAULT);
	a = (struct attr){ .size = 48 };
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, &a, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, -1, &a, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0x7ffffff, &a, 0), ESRCH);
}

TEST(attr, policies_and_nice)
{
	struct attr a = { .size = 48, .nice = 11 };

	note("OTHER nice 11: %s", set(&a));
	show("OTHER");
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 11);
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .priority = 12 };
	note("FIFO 12: %s", set(&a));
	show("FIFO");
	a = (struct attr){ .size = 48, .policy = SCHED_BATCH, .nice = -3 };
	note("BATCH nice -3: %s", set(&a));
	show("BATCH");
	a = (struct attr){ .size = 48, .policy = SCHED_IDLE, .nice = 6 };
	note("IDLE nice 6: %s", set(&a));
	show("IDLE");
	a = (struct attr){ .size = 48, .nice = 25 };
	note("nice 25: %s", set(&a));
	show("clamped");
	a = (struct attr){ .size = 48, .nice = -25 };
	note("nice -25: %s", set(&a));
	show("clamped");
}

TEST(attr, flags)
{
	struct attr a = { .size = 48, .flags = 1, .nice = 2 };

	note("reset on fork: %s", set(&a));
	show("reset");
	a.flags = 1ULL << 40;
	note("unknown: %s", set(&a));
	a = (struct attr){ .size = 48, .flags = KEEP_POLICY, .policy = 99, .nice = 5 };
	note("keep policy: %s", set(&a));
	show("kept policy");
	a = (struct attr){ .size = 48, .flags = KEEP_PARAMS, .policy = SCHED_BATCH, .nice = 9 };
	note("keep params: %s", set(&a));
	show("kept params");
	a = (struct attr){ .size = 48, .policy = 99 };
	note("policy 99: %s", set(&a));
	a = (struct attr){ .size = 48, .policy = (uint32_t)-1 };
	note("policy -1: %s", set(&a));
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO };
	note("FIFO 0: %s", set(&a));
	a = (struct attr){ .size = 48, .policy = SCHED_OTHER, .priority = 1 };
	note("OTHER 1: %s", set(&a));
}

TEST(attr, a_user)
{
	AS_USER(1000, 1000,
		struct attr a = { .size = 48 };
		a.nice = 5;
		note("nice 5: %s", set(&a));
		a.nice = 4;
		note("nice 4: %s", set(&a));
		a.policy = SCHED_RR;
		a.priority = 1;
		note("RR 1: %s", set(&a)));
}
