/* SPDX-License-Identifier: MIT */
/*
 * memcpy, memmove, memset, and whole pages. No SIMD: the registers are the user's.
 *
 * Up to 32 bytes everything is loaded before anything is stored, by overlapping accesses from both ends; larger blocks go by
 * words with REP, which the CPUs do in whole cache lines. A block that overlaps its source from above goes backwards.
 */
	.section .text.memcpy, "ax"
	.global	memcpy, memmove
	.balign	16
memcpy:
memmove:
	movq	%rdi, %rax
	cmpq	$32, %rdx
	ja	large
	cmpl	$16, %edx
	jae	16f
	cmpl	$8, %edx
	jae	8f
	cmpl	$4, %edx
	jae	4f
	testl	%edx, %edx
	je	1f
	movzbl	(%rsi), %ecx
	movzbl	-1(%rsi, %rdx), %r8d
	movl	%edx, %r10d
	shrl	%r10d
	movzbl	(%rsi, %r10), %r9d	/* the middle one of three, or one of the others again */
	movb	%cl, (%rdi)
	movb	%r9b, (%rdi, %r10)
	movb	%r8b, -1(%rdi, %rdx)
	ret
4:	movl	(%rsi), %ecx
	movl	-4(%rsi, %rdx), %r8d
	movl	%ecx, (%rdi)
	movl	%r8d, -4(%rdi, %rdx)
1:	ret
8:	movq	(%rsi), %rcx
	movq	-8(%rsi, %rdx), %r8
	movq	%rcx, (%rdi)
	movq	%r8, -8(%rdi, %rdx)
	ret
16:	movq	(%rsi), %rcx
	movq	8(%rsi), %r8
	movq	-16(%rsi, %rdx), %r9
	movq	-8(%rsi, %rdx), %r10
	movq	%rcx, (%rdi)
	movq	%r8, 8(%rdi)
	movq	%r9, -16(%rdi, %rdx)
	movq	%r10, -8(%rdi, %rdx)
	ret
large:	movq	%rdi, %rcx
	subq	%rsi, %rcx
	cmpq	%rdx, %rcx
	jb	backward		/* dst - src < n, unsigned: dst lies within the source */
	movq	-8(%rsi, %rdx), %r8	/* the end, before it can be overwritten */
	leaq	-8(%rdi, %rdx), %r9
	leaq	-1(%rdx), %rcx
	shrq	$3, %rcx
	rep movsq
	movq	%r8, (%r9)
	ret
backward:
	testq	%rcx, %rcx
	je	1f
	movq	(%rsi), %r8		/* the beginning, likewise */
	leaq	-1(%rdx), %rcx
	shrq	$3, %rcx
	leaq	-8(%rsi, %rdx), %rsi
	leaq	-8(%rdi, %rdx), %rdi
	std
	rep movsq
	cld
	movq	%r8, (%rax)
1:	ret

	.section .text.memset, "ax"
	.global	memset
	.balign	16
memset:
	movq	%rdi, %r8
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	cmpq	$8, %rdx
	jb	2f
	movq	%rax, -8(%rdi, %rdx)
	leaq	-1(%rdx), %rcx
	shrq	$3, %rcx
	rep stosq
	movq	%r8, %rax
	ret
2:	movl	%edx, %ecx
	rep stosb
	movq	%r8, %rax
	ret

	.section .text.arch_clear_page, "ax"
	.global	arch_clear_page
	.balign	16
arch_clear_page:
	xorl	%eax, %eax
	movl	$512, %ecx
	rep stosq
	ret

	.section .text.arch_copy_page, "ax"
	.global	arch_copy_page
	.balign	16
arch_copy_page:
	movl	$512, %ecx
	rep movsq
	ret
	.section .note.GNU-stack, "", @progbits
