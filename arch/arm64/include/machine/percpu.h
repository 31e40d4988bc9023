/* SPDX-License-Identifier: MIT */
/* Behind <arch/percpu.h>: TPIDR_EL1 holds this CPU's offset. Not user-visible, never saved. */
#pragma once

static inline unsigned long arch_percpu_offset(void)
{
	unsigned long off;

	/*
	 * Not a plain asm: after a switch to another CPU it must be read again, so it pretends
	 * to depend on memory that any barrier() may change.
	 */
	__asm__("mrs %0, tpidr_el1" : "=r"(off) : "m"(*(const unsigned long *)__builtin_frame_address(0)));
	return off;
}
static inline void arch_percpu_set_offset(unsigned long off)
{
	__asm__ volatile("msr tpidr_el1, %0" : : "r"(off) : "memory");
}
