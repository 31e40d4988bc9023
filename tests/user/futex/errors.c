/* SPDX-License-Identifier: MIT */
/* futex(2), futex_waitv(2), the robust list, set_tid_address: each operation with wrong arguments. */
#include "harness.h"
#include <linux/futex.h>

static int word;

static long op(int operation, unsigned value, void *timeout, int *second, unsigned third)
{
	return syscall(SYS_futex, &word, operation, value, timeout, second, third);
}

TEST(futexerr, each_operation_at_a_bad_address)
{
	struct timespec zero = { 0, 0 };

	for (int operation = 0; operation < 16; operation++) {
		/* For some it is a time-out, for others a count. */
		bool counts = operation == FUTEX_REQUEUE || operation == FUTEX_CMP_REQUEUE || operation == FUTEX_WAKE_OP ||
			      operation == FUTEX_CMP_REQUEUE_PI;
		void *fourth = counts ? NULL : &zero;

		note("operation %d at 8: %s", operation, RESULT(syscall(SYS_futex, 8, operation, 0, fourth, &word, 0)));
		note("at an odd address: %s", RESULT(syscall(SYS_futex, (char *)&word + 1, operation, 0, fourth, &word, 0)));
		note("private: %s", RESULT(syscall(SYS_futex, 8, operation | FUTEX_PRIVATE_FLAG, 0, fourth, &word, 0)));
	}
	SHOW(syscall(SYS_futex, &word, 77, 0, NULL, NULL, 0));
	SHOW(syscall(SYS_futex, &word, -1, 0, NULL, NULL, 0));
}

TEST(futexerr, waits)
{
	struct timespec zero = { 0, 0 }, bad = { 0, 1000000000 }, negative = { -1, 0 };

	word = 5;
	SHOW(op(FUTEX_WAIT, 4, NULL, NULL, 0));
	SHOW(op(FUTEX_WAIT, 5, &zero, NULL, 0));
	SHOW(op(FUTEX_WAIT, 5, &bad, NULL, 0));
	SHOW(op(FUTEX_WAIT, 5, &negative, NULL, 0));
	SHOW(op(FUTEX_WAIT, 5, (void *)8, NULL, 0));
	SHOW(op(FUTEX_WAIT_BITSET, 5, &zero, NULL, 0));
	SHOW(op(FUTEX_WAIT_BITSET, 5, &zero, NULL, 1));
	SHOW(op(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &zero, NULL, 1));
	SHOW(op(FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 5, &zero, NULL, 1));
	SHOW(op(FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 5, &zero, NULL, 1));
	SHOW(op(FUTEX_WAKE, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_WAKE, -1, NULL, NULL, 0));
	SHOW(op(FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	SHOW(op(FUTEX_WAKE_BITSET, 1, NULL, NULL, 1));
}

TEST(futexerr, requeues)
{
	int other = 0;

	word = 5;
	SHOW(op(FUTEX_REQUEUE, 1, (void *)1, &other, 0));
	SHOW(op(FUTEX_REQUEUE, 1, (void *)1, &word, 0));
	SHOW(op(FUTEX_REQUEUE, -1, (void *)1, &other, 0));
	SHOW(op(FUTEX_REQUEUE, 1, (void *)-1, &other, 0));
	SHOW(op(FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 4));
	SHOW(op(FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5));
	SHOW(op(FUTEX_CMP_REQUEUE, 1, (void *)1, (void *)8, 5));
	SHOW(op(FUTEX_CMP_REQUEUE, 1, (void *)1, (void *)((char *)&other + 1), 5));
	SHOW(op(FUTEX_CMP_REQUEUE_PI, 2, (void *)1, &other, 5));
	SHOW(op(FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &word, 5));
	SHOW(op(FUTEX_WAIT_REQUEUE_PI, 5, NULL, &word, 0));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_SET, 3, FUTEX_OP_CMP_EQ, 0)));
	note("%d", other);
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0)));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_EQ, 0)));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ANDN, 2, FUTEX_OP_CMP_EQ, 0)));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_XOR, 1, FUTEX_OP_CMP_EQ, 0)));
	note("%d", other);
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(7, 1, FUTEX_OP_CMP_EQ, 0)));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_SET, 1, 9, 0)));
	SHOW(op(FUTEX_WAKE_OP, 1, (void *)1, (void *)8, FUTEX_OP(FUTEX_OP_SET, 1, 0, 0)));
}

TEST(futexerr, priority_inheritance)
{
	struct timespec zero = { 0, 0 };
	int me = (int)syscall(SYS_gettid);

	word = 0;
	SHOW(op(FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	note("mine %d", word == me);
	SHOW(op(FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	note("%d", word);
	SHOW(op(FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	word = 99999999;
	SHOW(op(FUTEX_LOCK_PI, 0, &zero, NULL, 0));
	SHOW(op(FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	SHOW(op(FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	word = (int)FUTEX_OWNER_DIED;
	SHOW(op(FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	note("mine %d, died %d", (word & FUTEX_TID_MASK) == (unsigned)me, !!(word & FUTEX_OWNER_DIED));
	word = 1;
	SHOW(op(FUTEX_LOCK_PI2, 0, &(struct timespec){ 0, -1 }, NULL, 0));
}

TEST(futexerr, lists_and_ids)
{
	struct robust_list_head head = { { &head.list }, 0, NULL };
	void *got;
	size_t size;

	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head)));
	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head) - 1));
	SHOW(syscall(SYS_get_robust_list, 0, &got, &size));
	note("%d %zu", got == &head, size);
	SHOW(syscall(SYS_get_robust_list, -1, &got, &size));
	SHOW(syscall(SYS_get_robust_list, 99999999, &got, &size));
	SHOW(syscall(SYS_get_robust_list, 0, NULL, &size));
	SHOW(syscall(SYS_get_robust_list, 0, &got, (void *)8));
	AS_USER(1000, 1000, SHOW(syscall(SYS_get_robust_list, 1, &got, &size)));
	SHOW(syscall(SYS_set_tid_address, NULL) == syscall(SYS_gettid));
	SHOW(syscall(SYS_set_tid_address, 8) == syscall(SYS_gettid));
}

TEST(futexerr, waitv)
{
	struct { uint64_t value, address; uint32_t flags, reserved; } w[2] = { { 5, (uintptr_t)&word, 2, 0 }, { 5, (uintptr_t)&word, 2, 0 } };
	struct timespec zero = { 0, 0 }, bad = { 0, -1 };

	word = 5;
	SHOW(syscall(SYS_futex_waitv, w, 0, 0, NULL, CLOCK_MONOTONIC));
	SHOW(syscall(SYS_futex_waitv, w, 129, 0, NULL, CLOCK_MONOTONIC));
	SHOW(syscall(SYS_futex_waitv, w, 1, 1, NULL, CLOCK_MONOTONIC));
	SHOW(syscall(SYS_futex_waitv, NULL, 1, 0, NULL, CLOCK_MONOTONIC));
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_REALTIME));
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_BOOTTIME));
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &bad, CLOCK_MONOTONIC));
	w[1].value = 4;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	w[1].value = 5;
	w[1].flags = 0;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	w[1].flags = 2;
	w[1].reserved = 1;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	w[1].reserved = 0;
	w[1].value = 1ull << 32;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	w[1].value = 5;
	w[1].address = 8;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
	w[1].address = (uintptr_t)&word + 2;
	SHOW(syscall(SYS_futex_waitv, w, 2, 0, &zero, CLOCK_MONOTONIC));
}
