/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/current.h>: x18, the platform register of the procedure call standard, holds the
 * running task while the kernel runs (-ffixed-x18 keeps the compiler away from it). It changes
 * in two places only: the entry from user mode (entry.S) and the switch (switch.S). Reading it
 * costs nothing.
 */
#pragma once

register struct task *arm64_current __asm__("x18");

static inline struct task *arch_current(void)
{
	return arm64_current;
}
static inline void arch_set_current(struct task *t)
{
	__asm__ volatile("mov x18, %0" : : "r"(t) : "memory");
}
