/* SPDX-License-Identifier: MIT */
/* Behind <arch/percpu.h>: the second word of the CPU's struct x86_cpu (machine/cpu.h). */
#pragma once

static inline unsigned long arch_percpu_offset(void)
{
	unsigned long off;

	/*
	 * Not a plain asm: after a switch to another CPU it must be read again, so it pretends to depend
	 * on memory that any barrier() may change.
	 */
	__asm__("movq %%gs:8, %0" : "=r"(off) : "m"(*(const unsigned long *)__builtin_frame_address(0)));
	return off;
}
/* Points GS at the struct x86_cpu of the area @off, and notes the offset there. */
void arch_percpu_set_offset(unsigned long off);
