/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/uaccess.h>. STAC and CLAC open user memory for one access or one block copy; where the CPU has no SMAP they
 * stay no-operations (their places are listed in .smap_sites and filled in at boot). A fault finds the instruction in
 * .extable: { int32_t insn - here, int32_t fixup - here }.
 */
#pragma once
#include <kernel/errno.h>

#define X86_EXTABLE(insn, fixup)                                                                   \
	".pushsection .extable, \"a\"\n\t.balign 4\n\t.long (" insn ") - ., (" fixup ") - .\n\t.popsection\n"
/* NOP of three bytes; the second word is the last byte of the instruction it becomes: STAC 0f 01 cb, CLAC 0f 01 ca. */
#define X86_SMAP_SITE(last)                                                                        \
	"771: .byte 0x0f, 0x1f, 0x00\n\t.pushsection .smap_sites, \"a\"\n\t.balign 4\n\t"          \
	".long 771b - ., " last "\n\t.popsection\n\t"
#define X86_STAC X86_SMAP_SITE("0xcb")
#define X86_CLAC X86_SMAP_SITE("0xca")

#define X86_GET(ins, reg, err, v, p)                                                               \
	__asm__ volatile(X86_STAC "1: " ins " (%2), %" reg "1\n2: " X86_CLAC                      \
			 "\n.pushsection .text.fixup, \"ax\"\n3: movl %3, %k0\n\txorl %k1, %k1\n\tjmp 2b\n\t.popsection\n" \
			 X86_EXTABLE("1b", "3b")                                                   \
			 : "+r"(err), "=&r"(v) : "r"(p), "i"(-EFAULT) : "memory", "cc")
#define X86_PUT(ins, reg, err, v, p)                                                               \
	__asm__ volatile(X86_STAC "1: " ins " %" reg "1, (%2)\n2: " X86_CLAC                      \
			 "\n.pushsection .text.fixup, \"ax\"\n3: movl %3, %k0\n\tjmp 2b\n\t.popsection\n" \
			 X86_EXTABLE("1b", "3b")                                                   \
			 : "+r"(err) : "r"(v), "r"(p), "i"(-EFAULT) : "memory")

static __always_inline int arch_user_load(uint64_t *out, const volatile void __user *p, unsigned size)
{
	int err = 0;
	uint64_t v;

	switch (size) {
	case 1: X86_GET("movzbl", "k", err, v, p); break;
	case 2: X86_GET("movzwl", "k", err, v, p); break;
	case 4: X86_GET("movl", "k", err, v, p); break;
	default: X86_GET("movq", "q", err, v, p); break;
	}
	*out = v;
	return err;
}

static __always_inline int arch_user_store(uint64_t v, volatile void __user *p, unsigned size)
{
	int err = 0;

	switch (size) {
	case 1: X86_PUT("movb", "b", err, v, p); break;
	case 2: X86_PUT("movw", "w", err, v, p); break;
	case 4: X86_PUT("movl", "k", err, v, p); break;
	default: X86_PUT("movq", "q", err, v, p); break;
	}
	return err;
}
