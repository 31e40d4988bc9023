/* SPDX-License-Identifier: MIT */
/*
 * through_x86.h - all registers of an x86_64 CPU before and after an entry into the kernel.
 *
 * Fill through_in, call one of the through_*() functions, read through_out: general registers (by their
 * number; rsp is left alone), flags, the 128 bytes below the stack pointer, vector registers, the
 * control words of both kinds of floating point, and one value on the x87 stack.
 */
#ifndef TESTS_USER_PROCESS_THROUGH_X86_H
#define TESTS_USER_PROCESS_THROUGH_X86_H

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

struct through {
	uint64_t gpr[16];
	uint64_t flags;			/* 128 */
	uint64_t red[16];		/* 136 */
	double x87;			/* 264 */
	uint32_t mxcsr;			/* 272 */
	uint32_t cw;			/* 276 */
	uint64_t pad;
	uint8_t ymm[16][32];		/* 288 */
};
_Static_assert(offsetof(struct through, ymm) == 288, "the assembly below counts on it");

__attribute__((used)) struct through through_in, through_out;
__attribute__((used)) uint64_t through_keep[8];

void through_syscall(void), through_ud2(void), through_store(void);

__asm__(
	".pushsection .text\n"
	".altmacro\n"
	".macro ymm_load n\n vmovdqu through_in+288+32*\\n(%rip), %ymm\\n\n.endm\n"
	".macro ymm_save n\n vmovdqu %ymm\\n, through_out+288+32*\\n(%rip)\n.endm\n"
	".macro red_load n\n mov through_in+136+8*\\n(%rip), %rax\n mov %rax, -8*(\\n+1)(%rsp)\n.endm\n"
	".macro red_save n\n mov -8*(\\n+1)(%rsp), %rax\n mov %rax, through_out+136+8*\\n(%rip)\n.endm\n"
	".macro sixteen what\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n \\what \\n\n.endr\n"
	".endm\n"
	".macro through name, enter:vararg\n"
	".globl through_\\name\n"
	".type through_\\name, @function\n"
	"through_\\name:\n"
	"	push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
	"	fnstcw through_keep(%rip)\n stmxcsr through_keep+8(%rip)\n"
	"	sixteen ymm_load\n"
	"	fldcw through_in+276(%rip)\n fldl through_in+264(%rip)\n ldmxcsr through_in+272(%rip)\n"
	"	push through_in+128(%rip)\n popfq\n"
	"	sixteen red_load\n"
	"	mov through_in+0(%rip), %rax\n mov through_in+8(%rip), %rcx\n"
	"	mov through_in+16(%rip), %rdx\n mov through_in+24(%rip), %rbx\n"
	"	mov through_in+40(%rip), %rbp\n mov through_in+48(%rip), %rsi\n"
	"	mov through_in+56(%rip), %rdi\n mov through_in+64(%rip), %r8\n"
	"	mov through_in+72(%rip), %r9\n mov through_in+80(%rip), %r10\n"
	"	mov through_in+88(%rip), %r11\n mov through_in+96(%rip), %r12\n"
	"	mov through_in+104(%rip), %r13\n mov through_in+112(%rip), %r14\n"
	"	mov through_in+120(%rip), %r15\n"
	"	\\enter\n"
	"	mov %rax, through_out+0(%rip)\n mov %rcx, through_out+8(%rip)\n"
	"	mov %rdx, through_out+16(%rip)\n mov %rbx, through_out+24(%rip)\n"
	"	mov %rbp, through_out+40(%rip)\n mov %rsi, through_out+48(%rip)\n"
	"	mov %rdi, through_out+56(%rip)\n mov %r8, through_out+64(%rip)\n"
	"	mov %r9, through_out+72(%rip)\n mov %r10, through_out+80(%rip)\n"
	"	mov %r11, through_out+88(%rip)\n mov %r12, through_out+96(%rip)\n"
	"	mov %r13, through_out+104(%rip)\n mov %r14, through_out+112(%rip)\n"
	"	mov %r15, through_out+120(%rip)\n"
	"	sixteen red_save\n"
	"	pushfq\n pop through_out+128(%rip)\n cld\n"
	"	sixteen ymm_save\n"
	"	fnstcw through_out+276(%rip)\n fstpl through_out+264(%rip)\n stmxcsr through_out+272(%rip)\n"
	"	vzeroupper\n"
	"	fldcw through_keep(%rip)\n ldmxcsr through_keep+8(%rip)\n"
	"	pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
	"	ret\n"
	".endm\n"
	"through syscall, syscall\n"
	"through ud2, ud2\n"
	"through store, movb $1, (%r15)\n"	/* r15: where to */
	".noaltmacro\n"
	".popsection\n");

/* Patterns everywhere; flags: carry, parity, adjust, zero, sign, direction and overflow are set. */
HARNESS_UNUSED static void through_fill(void)
{
	memset(&through_out, 0, sizeof(through_out));
	for (int i = 0; i < 16; i++) {
		through_in.gpr[i] = 0x0101010101010101ULL * (i + 1) + 0x1000;
		through_in.red[i] = 0x1111111111111111ULL * (i % 15 + 1) + i;
		for (int j = 0; j < 32; j++)
			through_in.ymm[i][j] = i * 32 + j * 7 + 1;
	}
	through_in.flags = 0xed7;
	through_in.x87 = 1.375;
	through_in.mxcsr = 0x7f80 | 0x21;
	through_in.cw = 0xe7f;
}

/* Note what changed; the registers whose bits are set in IGNORE are not looked at. */
HARNESS_UNUSED static void through_check(const char *what, unsigned ignore)
{
	int general = 0, red = 0, vectors = 0;

	for (int i = 0; i < 16; i++) {
		if (i != RSP && !(ignore >> i & 1) && through_in.gpr[i] != through_out.gpr[i]) {
			fail("%s: register %d is %#llx", what, i, (long long)through_out.gpr[i]);
			general++;
		}
		red += through_in.red[i] != through_out.red[i];
		vectors += memcmp(through_in.ymm[i], through_out.ymm[i], 32) != 0;
	}
	note("%s: changed: general %d, vectors %d, below the stack %d; flags %#llx mxcsr %#x x87 %#x %g", what, general,
	     vectors, red, (long long)through_out.flags, through_out.mxcsr, through_out.cw & 0xffff, through_out.x87);
}

#endif /* TESTS_USER_PROCESS_THROUGH_X86_H */
