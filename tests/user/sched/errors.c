/* SPDX-License-Identifier: MIT */
/* sched_*: each call with wrong ids, policies, priorities, sizes; who may do what to whom. */
#include "harness.h"
#include <sched.h>
#include <sys/resource.h>

struct attr { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; uint32_t min, max; };

TEST(schederr, policies)
{
	struct sched_param p = { 0 };

	for (int policy = -1; policy < 8; policy++) {
		note("policy %d: max %s", policy, RESULT(syscall(SYS_sched_get_priority_max, policy)));
		note("min %s", RESULT(syscall(SYS_sched_get_priority_min, policy)));
		if (policy == 6)
			continue;
		for (int priority = -1; priority < 101; priority += policy == 1 || policy == 2 ? 50 : 1) {
			if (priority > 1 && priority < 49)
				continue;
			if (priority > 1 && policy != 1 && policy != 2)
				break;
			p.sched_priority = priority;
			note("priority %d: %s", priority, RESULT(syscall(SYS_sched_setscheduler, 0, policy, &p)));
		}
		p.sched_priority = 0;
		syscall(SYS_sched_setscheduler, 0, 0, &p);
	}
	p.sched_priority = 0;
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH | 0x40000000, &p));
	SHOW(syscall(SYS_sched_getscheduler, 0));
	IN_CHILD(SHOW(syscall(SYS_sched_getscheduler, 0)));
}

TEST(schederr, ids_and_pointers)
{
	struct sched_param p = { 0 };
	struct timespec t;

	SHOW(syscall(SYS_sched_setscheduler, -1, 0, &p));
	SHOW(syscall(SYS_sched_setscheduler, 99999999, 0, &p));
	SHOW(syscall(SYS_sched_setscheduler, 0, 0, NULL));
	SHOW(syscall(SYS_sched_setscheduler, 0, 0, (void *)8));
	SHOW(syscall(SYS_sched_getscheduler, -1));
	SHOW(syscall(SYS_sched_getscheduler, 99999999));
	SHOW(syscall(SYS_sched_setparam, -1, &p));
	SHOW(syscall(SYS_sched_setparam, 0, NULL));
	SHOW(syscall(SYS_sched_setparam, 0, &p));
	SHOW(syscall(SYS_sched_setparam, 99999999, &p));
	SHOW(syscall(SYS_sched_getparam, -1, &p));
	SHOW(syscall(SYS_sched_getparam, 0, NULL));
	SHOW(syscall(SYS_sched_getparam, 0, (void *)8));
	SHOW(syscall(SYS_sched_rr_get_interval, -1, &t));
	SHOW(syscall(SYS_sched_rr_get_interval, 99999999, &t));
	SHOW(syscall(SYS_sched_rr_get_interval, 0, (void *)8));
	SHOW(syscall(SYS_sched_rr_get_interval, 0, &t));
	p.sched_priority = 1;
	SHOW(syscall(SYS_sched_setparam, 0, &p));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &p));
	SHOW(syscall(SYS_sched_rr_get_interval, 0, &t));
	note("%ld %ld", (long)t.tv_sec, t.tv_nsec);
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p));
	SHOW(syscall(SYS_sched_rr_get_interval, 0, &t));
	note("%ld %ld", (long)t.tv_sec, t.tv_nsec);
	SHOW(syscall(SYS_sched_yield));
}

TEST(schederr, affinity)
{
	unsigned long set[32] = { 1 }, none[32] = { 0 };

	SHOW(syscall(SYS_sched_setaffinity, -1, sizeof(set), set));
	SHOW(syscall(SYS_sched_setaffinity, 99999999, sizeof(set), set));
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(set), NULL));
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(none), none));
	SHOW(syscall(SYS_sched_setaffinity, 0, 0, set));
	none[31] = 1;
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(none), none));
	SHOW(syscall(SYS_sched_setaffinity, 0, 1, set));
	SHOW(syscall(SYS_sched_getaffinity, 0, 0, set));
	SHOW(syscall(SYS_sched_getaffinity, 0, 7, set));
	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof(set), set) > 0);
	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof(set), (void *)8));
	SHOW(syscall(SYS_sched_getaffinity, 99999999, sizeof(set), set));
	SHOW(syscall(SYS_sched_getaffinity, -1, sizeof(set), set));
	AS_USER(1000, 1000, {
		set[0] = 1;
		SHOW(syscall(SYS_sched_setaffinity, 1, sizeof(set), set));
		SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(set), set));
		SHOW(syscall(SYS_sched_getaffinity, 1, sizeof(set), set) > 0);
	});
}

TEST(schederr, attributes)
{
	struct attr a = { .size = 48 }, got;

	SHOW(syscall(SYS_sched_setattr, 0, NULL, 0));
	SHOW(syscall(SYS_sched_setattr, 0, &a, 1));
	SHOW(syscall(SYS_sched_setattr, -1, &a, 0));
	SHOW(syscall(SYS_sched_setattr, 99999999, &a, 0));
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.size = 10;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	note("size %u", a.size);
	a.size = 8192;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	note("size %u", a.size);
	a.size = 0;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.size = 48;
	a.policy = 99;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.policy = 0;
	a.nice = 7;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.nice = 99;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.nice = 0;
	a.priority = 3;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.priority = 0;
	a.flags = 1;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.flags = 1ull << 40;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.flags = 8;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &got, 48, 0));
	note("policy %u flags %llu nice %d priority %u", got.policy, (unsigned long long)got.flags, got.nice, got.priority);
	SHOW(syscall(SYS_sched_getattr, 0, &got, 47, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &got, 5000, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &got, 48, 1));
	SHOW(syscall(SYS_sched_getattr, 0, NULL, 48, 0));
	SHOW(syscall(SYS_sched_getattr, -1, &got, 48, 0));
	SHOW(syscall(SYS_sched_getattr, 99999999, &got, 48, 0));
	SHOW(syscall(SYS_sched_getattr, 0, (void *)8, 48, 0));
}

TEST(schederr, by_a_user)
{
	struct rlimit r = { 10, 10 };
	struct sched_param p = { 0 };

	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &p));
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &p));
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &p));
		SHOW(syscall(SYS_sched_setscheduler, 1, SCHED_OTHER, &p));
		p.sched_priority = 1;
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p));
	});
	REQUIRE_OK(setrlimit(RLIMIT_RTPRIO, &r));
	AS_USER(1000, 1000, {
		p.sched_priority = 10;
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p));
		p.sched_priority = 11;
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p));
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_RR | 0x40000000, &(struct sched_param){ 5 }));
		SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(struct sched_param){ 5 }));
	});
}

TEST(schederr, io_priorities)
{
	SHOW(syscall(SYS_ioprio_get, 1, 0));
	SHOW(syscall(SYS_ioprio_get, 0, 0));
	SHOW(syscall(SYS_ioprio_get, 4, 0));
	SHOW(syscall(SYS_ioprio_get, 1, 99999999));
	SHOW(syscall(SYS_ioprio_get, 2, 99999999));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5));
	SHOW(syscall(SYS_ioprio_get, 1, 0));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 8));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 4 << 13));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 0 << 13 | 1));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 3 << 13 | 7));
	SHOW(syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 7));
	SHOW(syscall(SYS_ioprio_set, 4, 0, 2 << 13));
	SHOW(syscall(SYS_ioprio_set, 1, 99999999, 2 << 13));
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_ioprio_set, 1, 0, 1 << 13));
		SHOW(syscall(SYS_ioprio_set, 1, 0, 3 << 13));
		SHOW(syscall(SYS_ioprio_set, 1, 1, 3 << 13));
	});
}
