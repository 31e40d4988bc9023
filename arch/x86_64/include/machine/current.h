/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/current.h>: the first word of the CPU's struct x86_cpu, which GS points to while the kernel runs. A task
 * always finds itself there, whatever CPU it goes on: the compiler may keep the value.
 */
#pragma once

static inline struct task *arch_current(void)
{
	struct task *t;

	__asm__("movq %%gs:0, %0" : "=r"(t));
	return t;
}
static inline void arch_set_current(struct task *t)
{
	__asm__ volatile("movq %0, %%gs:0" : : "r"(t) : "memory");
}
