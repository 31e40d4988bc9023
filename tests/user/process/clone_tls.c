/* SPDX-License-Identifier: MIT */
/* The thread pointer across clone(2): the live one is inherited without CLONE_SETTLS, else replaced. */
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>

#if defined(__aarch64__)
#define EXIT_WITH "mov x8, #93\nsvc #0\n"

/* Set the thread pointer to TP, clone with FLAGS and TLS; the child exits 1 if its pointer is WANT. */
static long clone_tp(unsigned long flags, unsigned long tp, unsigned long tls, unsigned long want)
{
	register long x0 __asm__("x0") = flags;
	register long x1 __asm__("x1") = 0;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = tls;
	register long x4 __asm__("x4") = 0;
	register long x8 __asm__("x8") = SYS_clone;
	register long x9 __asm__("x9") = tp;
	register long x10 __asm__("x10") = want;

	__asm__ volatile("mrs x11, tpidr_el0\n"
			 "msr tpidr_el0, x9\n"
			 "svc #0\n"
			 "cbnz x0, 1f\n"
			 "mrs x1, tpidr_el0\n"
			 "cmp x1, x10\n"
			 "cset x0, eq\n"
			 EXIT_WITH
			 "1: msr tpidr_el0, x11\n"
			 : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8), "r"(x9), "r"(x10)
			 : "x11", "memory", "cc");
	return x0;
}
#else
static long clone_tp(unsigned long flags, unsigned long tp, unsigned long tls, unsigned long want)
{
	long pid = fork();

	(void)flags, (void)tp, (void)tls, (void)want;
	if (pid == 0)
		_exit(1);
	return pid;
}
#endif

TEST(clone_tls, without_settls_the_live_register_is_inherited)
{
	note("%s", status_name(child_status(clone_tp(SIGCHLD, 0x1234560, 0x999, 0x1234560))));
}

TEST(clone_tls, settls_replaces_it)
{
	note("%s", status_name(child_status(clone_tp(CLONE_SETTLS | SIGCHLD, 0x1234560, 0x777000,
						     0x777000))));
}

TEST(clone_tls, any_64_bit_value_survives)
{
	note("%s", status_name(child_status(clone_tp(SIGCHLD, 0xdeadbeefcafef00dUL, 0,
						     0xdeadbeefcafef00dUL))));
}

TEST(clone_tls, it_survives_system_calls_and_switches)
{
	static __thread int mine = 77;

	for (int i = 0; i < 200; i++) {
		sched_yield();
		getppid();
	}
	EXPECT_EQ(mine, 77);
	IN_CHILD(EXPECT_EQ(mine, 77); mine = 8);
	EXPECT_EQ(mine, 77);
}
