/* SPDX-License-Identifier: MIT */
/*
 * Where a CPU starts that got INIT and SIPI: real mode, CS = page << 8, IP = 0. Copied to a page below 64 KiB, whose base
 * smp.c writes into x86_tramp_base and into the two far pointers; ends in x86_secondary_entry with the CPU's number in RDI.
 *
 * 16-bit code reaches its data relative to the page (DS = CS); 32-bit code relative to EBX, the page's address.
 */
#include <machine/boot.h>

#define T(sym)		((sym) - x86_tramp_start)
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME	0x100
#define EFER_NXE	0x800
#define CR0_WP_PG_PE	0x80010001

	.section .rodata.trampoline, "a"
	.balign	16
	.globl	x86_tramp_start, x86_tramp_end, x86_tramp_data
	.code16
x86_tramp_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	xorl	%ebx, %ebx
	movw	%ax, %bx
	shll	$4, %ebx
	leal	T(tramp_gdt)(%ebx), %eax
	movl	%eax, T(tramp_gdtr) + 2
	leal	T(tramp32)(%ebx), %eax
	movl	%eax, T(far32)
	leal	T(tramp64)(%ebx), %eax
	movl	%eax, T(far64)
	lgdtl	T(tramp_gdtr)
	movl	%cr0, %eax
	orb	$1, %al
	andl	$0x9fffffff, %eax		/* INIT leaves caches off: NW, CD */
	movl	%eax, %cr0
	ljmpl	*T(far32)

	.code32
tramp32:
	movl	$X86_BOOT_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	T(data_cr3)(%ebx), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	orl	T(data_nxe)(%ebx), %eax
	wrmsr
	movl	$CR0_WP_PG_PE, %eax
	movl	%eax, %cr0
	ljmpl	*T(far64)(%ebx)

	.code64
tramp64:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%ebx, %ebx
	movq	T(data_cpu)(%rbx), %rdi
	movq	T(data_entry)(%rbx), %rax
	movl	$1, T(data_alive)(%rbx)
	jmp	*%rax

	.balign	8
tramp_gdt:
	.quad	0
	.quad	0x00af9a000000ffff	/* X86_BOOT_CS64 */
	.quad	0x00cf9a000000ffff	/* X86_BOOT_CS32 */
	.quad	0x00cf92000000ffff	/* X86_BOOT_DS */
tramp_gdtr:
	.word	. - tramp_gdt - 1
	.long	0
	.balign	4
far32:	.long	0
	.word	X86_BOOT_CS32
	.balign	4
far64:	.long	0
	.word	X86_BOOT_CS64
	.balign	8
x86_tramp_data:				/* struct tramp_data, smp.c */
data_cpu:
	.quad	0
data_entry:
	.quad	0
data_cr3:
	.long	0
data_nxe:
	.long	0
data_alive:
	.long	0
	.long	0
x86_tramp_end:
