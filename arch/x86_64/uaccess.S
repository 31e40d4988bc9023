/* SPDX-License-Identifier: MIT */
/*
 * Block copies from and to user memory, and atomics on it.
 *
 * A copy goes by words with REP, then by bytes. When a word faults, what is left is tried byte by byte, so that the result is
 * exact: the fault may have been in the middle. The counts of REP are in RCX at the fault.
 * Only instructions that touch user memory have an entry in .extable (and one in features.c that reads a register).
 */
#include <uapi/errno.h>
#include <machine/layout.h>

	.macro	smap_site last
771:	.byte	0x0f, 0x1f, 0x00
	.pushsection .smap_sites, "a"
	.balign	4
	.long	771b - ., \last
	.popsection
	.endm
	.macro	stac
	smap_site 0xcb
	.endm
	.macro	clac
	smap_site 0xca
	.endm
	/* An instruction that may fault. */
	.macro	user fixup, insn:vararg
772:	\insn
	.pushsection .extable, "a"
	.balign	4
	.long	772b - ., \fixup - .
	.popsection
	.endm

/* size_t raw_copy_{from,to}_user(dst, src, n): bytes not done. */
	.section .text.raw_copy_user, "ax"
	.global	raw_copy_from_user, raw_copy_to_user
	.balign	16
raw_copy_from_user:
raw_copy_to_user:
	stac
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
	user	copy_words_fault, rep movsq
	movl	%edx, %ecx
	jz	1f			/* of ANDL: REP changes no flags */
copy_bytes:
	user	copy_bytes_fault, rep movsb
1:
copy_bytes_fault:
	clac
	movq	%rcx, %rax
	ret
copy_words_fault:
	leaq	(%rdx, %rcx, 8), %rcx
	jmp	copy_bytes

	.section .text.raw_clear_user, "ax"
	.global	raw_clear_user
	.balign	16
raw_clear_user:
	stac
	movq	%rsi, %rcx
	shrq	$3, %rcx
	xorl	%eax, %eax
	andl	$7, %esi
	user	clear_words_fault, rep stosq
	movl	%esi, %ecx
clear_bytes:
	user	clear_bytes_fault, rep stosb
clear_bytes_fault:
	clac
	movq	%rcx, %rax
	ret
clear_words_fault:
	leaq	(%rsi, %rcx, 8), %rcx
	jmp	clear_bytes

/* int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was): fully ordered. */
	.section .text.user_atomics, "ax"
	.global	arch_user_cmpxchg32
	.balign	16
arch_user_cmpxchg32:
	movq	%rdi, %r8
	shrq	$VA_BITS, %r8
	jnz	user_atomic_fault_early
	movl	%esi, %eax
	stac
	user	user_atomic_fault, lock cmpxchgl %edx, (%rdi)
	clac
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
user_atomic_fault:
	clac
user_atomic_fault_early:
	movl	$-EFAULT, %eax
	ret

/* int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old): 0 SET, 1 ADD, 2 OR, 3 ANDN, 4 XOR. */
	.global	arch_user_atomic_op32
	.balign	16
arch_user_atomic_op32:
	movq	%rdx, %r8
	shrq	$VA_BITS, %r8
	jnz	user_atomic_fault_early
	cmpl	$4, %edi
	ja	7f
	stac
	user	user_atomic_fault, movl (%rdx), %eax
1:	movl	%esi, %r9d
	testl	%edi, %edi
	je	6f
	cmpl	$2, %edi
	je	2f
	ja	3f
	addl	%eax, %r9d
	jmp	6f
2:	orl	%eax, %r9d
	jmp	6f
3:	cmpl	$3, %edi
	je	4f
	xorl	%eax, %r9d
	jmp	6f
4:	notl	%r9d
	andl	%eax, %r9d
6:	user	user_atomic_fault, lock cmpxchgl %r9d, (%rdx)
	jne	1b
	clac
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
7:	movl	$-ENOSYS, %eax
	ret
	.section .note.GNU-stack, "", @progbits
