/* SPDX-License-Identifier: MIT */
/*
 * The protected-mode part of bzImage: entered by Linux's x86 boot protocol (32-bit entry at offset 0, 64-bit entry at 0x200,
 * ESI/RSI = zero page, interrupts off, flat segments or an identity map), it unpacks the kernel behind itself and enters it
 * as a 32-bit program: boot/x86_64/head.S.
 *
 * A 64-bit loader's tables stay loaded: compatibility mode runs the same code through them. The protocol has init_size bytes from
 * here mapped one to one and free. Linked at address 0: symbols are offsets from the load address, which is in EBP and
 * below 4 GiB.
 */
#include <machine/boot.h>
#include "../say.h"

#define ZP_SCRATCH	0x1e4		/* four bytes of the zero page that the protocol lends as a stack */
#define KERNEL_ALIGN	0x200000

	.section .head.text, "ax"
	.code32
	.globl	_start
_start:
	cli
	leal	(ZP_SCRATCH + 4)(%esi), %esp
	call	1f
1:	popl	%ebp
	subl	$(1b - _start), %ebp
unpack:
	cld
	leal	stack_end(%ebp), %esp
	leal	__bss_start(%ebp), %edi
	movl	$__bss_size, %ecx
	xorl	%eax, %eax
	rep stosb
	leal	(__unpack_end + KERNEL_ALIGN - 1)(%ebp), %ebx
	andl	$-KERNEL_ALIGN, %ebx
	pushl	%esi
	pushl	$payload_size
	leal	payload(%ebp), %eax
	pushl	%eax
	pushl	$kernel_size
	pushl	%ebx
	call	x86_unpack
	addl	$16, %esp
	popl	%esi
	testl	%eax, %eax
	jnz	1f
	jmp	*%ebx
1:	pushl	%eax
	leal	name_text(%ebp), %esi
	call	print
	popl	%esi
	call	print
	leal	halted_text(%ebp), %esi
	call	print
	stop
print:
	say
	ret

	.org	0x200
	.code64
	cli
	leaq	_start(%rip), %rbp
	leaq	gdt(%rip), %rax
	movq	%rax, gdtr + 2(%rip)
	lgdt	gdtr(%rip)
	leaq	compatibility(%rip), %rax
	movl	%eax, far32(%rip)
	ljmpl	*far32(%rip)
	.code32
compatibility:
	movl	$X86_BOOT_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	jmp	unpack

	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00cf9a000000ffff	/* X86_BOOT_CS32 */
	.quad	0x00cf92000000ffff	/* X86_BOOT_DS */
gdt_end:
gdtr:	.word	gdt_end - gdt - 1
	.quad	0
far32:	.long	0
	.word	X86_BOOT_CS32
	.globl	kernel_info
kernel_info:				/* protocol 2.15 */
	.ascii	"LToP"
	.long	kernel_info_end - kernel_info, kernel_info_end - kernel_info
	.long	0x80000000 + 9		/* setup_type_max: the random seed */
kernel_info_end:
name_text:
	.asciz	"Aramid: "
halted_text:
	.asciz	": halted\r\n"

	.section .payload, "a"
	.globl	payload, payload_size
payload:
	.incbin	"kernel.lz4"
	.set	payload_size, . - payload

	.bss
	.balign	16
	.skip	8192
stack_end:
