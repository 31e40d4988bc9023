/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/uaccess.h>. Single accesses use LDTR and STTR, which have user mode's
 * permissions whatever PSTATE.PAN says; the block copies (uaccess.S) clear PAN for their
 * duration, where the CPU has it. A fault finds the instruction in .extable: { int32_t insn -
 * here, int32_t fixup - here }.
 */
#pragma once
#include <kernel/errno.h>

#define ARM64_EXTABLE(insn, fixup)                                                                 \
	".pushsection .extable, \"a\"\n\t.balign 4\n\t.word (" insn ") - ., (" fixup ") - .\n\t.popsection\n"

#define ARM64_GET(ins, reg, err, v, p)                                                             \
	__asm__ volatile("1: " ins " %" reg "1, [%2]\n2:\n"                                        \
			 ".pushsection .text.fixup, \"ax\"\n3: mov %w0, %3\n\tmov %1, #0\n\tb 2b\n\t.popsection\n" \
			 ARM64_EXTABLE("1b", "3b")                                                 \
			 : "+r"(err), "=&r"(v) : "r"(p), "i"(-EFAULT) : "memory")
#define ARM64_PUT(ins, reg, err, v, p)                                                             \
	__asm__ volatile("1: " ins " %" reg "1, [%2]\n2:\n"                                        \
			 ".pushsection .text.fixup, \"ax\"\n3: mov %w0, %3\n\tb 2b\n\t.popsection\n" \
			 ARM64_EXTABLE("1b", "3b")                                                 \
			 : "+r"(err) : "rZ"(v), "r"(p), "i"(-EFAULT) : "memory")

static __always_inline int arch_user_load(uint64_t *out, const volatile void __user *p, unsigned size)
{
	int err = 0;
	uint64_t v;

	switch (size) {
	case 1: ARM64_GET("ldtrb", "w", err, v, p); break;
	case 2: ARM64_GET("ldtrh", "w", err, v, p); break;
	case 4: ARM64_GET("ldtr", "w", err, v, p); break;
	default: ARM64_GET("ldtr", "x", err, v, p); break;
	}
	*out = v;
	return err;
}

static __always_inline int arch_user_store(uint64_t v, volatile void __user *p, unsigned size)
{
	int err = 0;

	switch (size) {
	case 1: ARM64_PUT("sttrb", "w", err, v, p); break;
	case 2: ARM64_PUT("sttrh", "w", err, v, p); break;
	case 4: ARM64_PUT("sttr", "w", err, v, p); break;
	default: ARM64_PUT("sttr", "x", err, v, p); break;
	}
	return err;
}
