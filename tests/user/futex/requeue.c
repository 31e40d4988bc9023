/* SPDX-License-Identifier: MIT */
/* FUTEX_REQUEUE, CMP_REQUEUE and WAKE_OP. */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"

#define requeue(op, from, wake, move, to, value) \
	syscall(SYS_futex, (from), (op), (wake), (long)(move), (to), (value))

TEST(requeue, moves_waiters)
{
	int *w = shared_memory(4096);
	pid_t pids[5];

	futex_waiters(pids, 5, w, FUTEX_WAIT, 0);
	note("requeue 1, 2: %ld", requeue(FUTEX_REQUEUE, w, 1, 2, w + 1, 0));
	note("left at the first: %ld", futex_wake(w, 0x7fffffff));
	note("at the second: %ld", futex_wake(w + 1, 0x7fffffff));
	note("ok %d", futex_reap(pids, 5));
}

TEST(requeue, cmp_requeue_checks_the_value)
{
	int *w = shared_memory(4096);
	pid_t pids[4];

	futex_waiters(pids, 4, w, FUTEX_WAIT, 0);
	EXPECT_ERRNO(requeue(FUTEX_CMP_REQUEUE, w, 1, 1, w + 1, 7), EAGAIN);
	note("cmp_requeue 1, 1: %ld", requeue(FUTEX_CMP_REQUEUE, w, 1, 1, w + 1, 0));
	note("cmp_requeue 0, all: %ld", requeue(FUTEX_CMP_REQUEUE, w, 0, 0x7fffffff, w + 1, 0));
	note("at the second: %ld", futex_wake(w + 1, 0x7fffffff));
	note("ok %d", futex_reap(pids, 4));
}

TEST(requeue, errors)
{
	int *w = shared_memory(4096);

	EXPECT_ERRNO(requeue(FUTEX_REQUEUE, w, -1, 1, w + 1, 0), EINVAL);
	EXPECT_ERRNO(requeue(FUTEX_REQUEUE, w, 1, -1, w + 1, 0), EINVAL);
	EXPECT_ERRNO(requeue(FUTEX_CMP_REQUEUE, w, 1, 1, (char *)w + 1, 0), EINVAL);
	EXPECT_ERRNO(requeue(FUTEX_CMP_REQUEUE, (char *)w + 2, 1, 1, w, 0), EINVAL);
	EXPECT_ERRNO(requeue(FUTEX_CMP_REQUEUE, w, 1, 1, wild(8), 0), EFAULT);
	EXPECT_ERRNO(requeue(FUTEX_CMP_REQUEUE, wild(8), 1, 1, w, 0), EFAULT);
	EXPECT_EQ(requeue(FUTEX_REQUEUE, w, 1, 1, w, 0), 0);
}

TEST(requeue, a_requeued_waiter_that_times_out_leaves_the_second)
{
	int *w = shared_memory(4096);
	struct timespec span = { 0, 200000000 };
	pid_t pid;

	CHILD(pid)
		EXPECT_ERRNO(futex(w, FUTEX_WAIT, 0, &span, NULL, 0), ETIMEDOUT);
	wait_state(pid, 'S');
	requeue(FUTEX_REQUEUE, w, 0, 1, w + 1, 0);
	EXPECT_CHILD_OK(pid);
	note("%ld %ld", futex_wake(w, 1), futex_wake(w + 1, 1));
}

TEST(requeue, a_requeued_waiter_can_be_requeued_again)
{
	int *w = shared_memory(4096);
	pid_t pids[2];

	futex_waiters(pids, 2, w, FUTEX_WAIT, 0);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(requeue(FUTEX_REQUEUE, w + i, 0, 10, w + i + 1, 0), 2);
	EXPECT_EQ(futex_wake(w + 5, 10), 2);
	note("ok %d", futex_reap(pids, 2));
}

#define OP(op, oparg, cmp, cmparg) \
	(((op) & 0xf) << 28 | ((cmp) & 0xf) << 24 | ((oparg) & 0xfff) << 12 | ((cmparg) & 0xfff))

static long wake_op(int *a, int wake, int *b, int wake2, unsigned int op)
{
	return syscall(SYS_futex, a, FUTEX_WAKE_OP, wake, (long)wake2, b, op);
}

TEST(requeue, wake_op_operations)
{
	static const struct { const char *name; unsigned int op; int arg, start; } ops[] = {
		{ "SET", FUTEX_OP_SET, 5, 9 }, { "ADD", FUTEX_OP_ADD, 3, 9 }, { "OR", FUTEX_OP_OR, 6, 9 },
		{ "ANDN", FUTEX_OP_ANDN, 1, 9 }, { "XOR", FUTEX_OP_XOR, 3, 9 },
		{ "ADD -1", FUTEX_OP_ADD, -1, 9 }, { "OR 1 << 5", FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 5, 1 },
		{ "SET 0xfff", FUTEX_OP_SET, 0xfff, 0 },
	};
	int *w = shared_memory(4096);

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		w[1] = ops[i].start;
		EXPECT_EQ(wake_op(w, 1, w + 1, 1, OP(ops[i].op, ops[i].arg, FUTEX_OP_CMP_EQ, 0)), 0);
		note("%s: %d", ops[i].name, w[1]);
	}
	note("unknown operation: %s", RESULT(wake_op(w, 1, w + 1, 1, OP(5, 0, 0, 0))));
	note("unknown comparison: %s", RESULT(wake_op(w, 1, w + 1, 1, OP(0, 0, 6, 0))));
	EXPECT_ERRNO(wake_op(w, 1, wild(8), 1, 0), EFAULT);
	EXPECT_ERRNO(wake_op(wild(8), 1, w, 1, 0), EFAULT);
	EXPECT_ERRNO(wake_op(w, 1, (int *)((char *)w + 1), 1, 0), EINVAL);
	int *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_ERRNO(wake_op(w, 1, ro, 1, 0), EFAULT);
}

TEST(requeue, wake_op_wakes_by_comparison)
{
	static const struct { const char *name; unsigned int cmp; int old, arg; } cmps[] = {
		{ "EQ yes", FUTEX_OP_CMP_EQ, 4, 4 }, { "EQ no", FUTEX_OP_CMP_EQ, 4, 5 },
		{ "NE yes", FUTEX_OP_CMP_NE, 4, 5 }, { "LT yes", FUTEX_OP_CMP_LT, 4, 5 },
		{ "LT no", FUTEX_OP_CMP_LT, 5, 5 }, { "LE yes", FUTEX_OP_CMP_LE, 5, 5 },
		{ "GT yes", FUTEX_OP_CMP_GT, 6, 5 }, { "GE no", FUTEX_OP_CMP_GE, 4, 5 },
		{ "LT -1", FUTEX_OP_CMP_LT, -2, -1 },
	};
	int *w = shared_memory(4096);

	for (size_t i = 0; i < ARRAY_SIZE(cmps); i++) {
		pid_t a, b;

		w[0] = w[1] = 0;
		futex_waiters(&a, 1, w, FUTEX_WAIT, 0);
		futex_waiters(&b, 1, w + 1, FUTEX_WAIT, 0);
		w[1] = cmps[i].old;
		note("%s: woke %ld", cmps[i].name,
		     wake_op(w, 5, w + 1, 5, OP(FUTEX_OP_SET, 0, cmps[i].cmp, cmps[i].arg)));
		futex_wake(w + 1, 5);
		EXPECT_EQ(child_status(a), 0);
		EXPECT_EQ(child_status(b), 0);
	}
}
