/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of the unpacked kernel: from unpack/unpack.S (32-bit code, ESI = zero page, interrupts off, flat
 * segments; paging off, or with a 64-bit loader an identity map) to C code at the link address.
 *
 * The image may lie at any page boundary below 4 GiB. It is mapped in 4 KiB pages, all writable: x86_early_cpu_init() makes the final
 * map. Addresses are link addresses less X86_IMAGE, added to the load address in EBP,
 * which a 32-bit program can learn only by a call; the protocol lends it four bytes of the zero page as a stack.
 *
 * Registers kept: ESI zero page, EBP load address.
 */
#include <machine/boot.h>
#include <machine/layout.h>
#include "say.h"

#define P(sym)		(sym - X86_IMAGE)
#define IMAGE_TABLES	(X86_BOOT_IMAGE_MAX >> 21)
#define ZP_SCRATCH	0x1e4
#define BOOT_STACK_SIZE	16384		/* KSTACK_SIZE */

#define CR0_WP_PG_PE	0x80010001
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME	0x100
#define EFER_NXE	0x800
#define MSR_MISC_ENABLE	0x1a0
#define MISC_XD_DISABLE	0x4		/* of the upper half */
#define PTE_TABLE	0x03		/* present, writable */
#define PTE_BLOCK	0xe3		/* present, writable, accessed, dirty, 2 MiB */
#define PTE_PAGE	0x63		/* present, writable, accessed, dirty */

/* Fills @count entries from EDI on: EAX, EAX + @step, ... The upper halves are zero already. */
	.macro	fill, count, step
	movl	$\count, %ecx
9:	movl	%eax, (%edi)
	addl	$\step, %eax
	addl	$8, %edi
	decl	%ecx
	jnz	9b
	.endm

	.macro	entry, table, index, to
	leal	(P(\to) + PTE_TABLE)(%ebp), %eax
	movl	%eax, (P(\table) + 8 * \index)(%ebp)
	.endm

/* The same source is assembled for both modes: it uses only 32-bit registers and addresses. */
	.macro	build_tables
	cld
	leal	P(__boot_start)(%ebp), %edi
	movl	$P(__boot_end), %ecx
	subl	$P(__boot_start), %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	entry	x86_boot_root, 0, ident_l1
	leal	P(ident_l1)(%ebp), %edi
	leal	(P(ident_l2) + PTE_TABLE)(%ebp), %eax
	fill	4, 4096
	leal	P(ident_l2)(%ebp), %edi
	movl	$PTE_BLOCK, %eax
	fill	2048, 0x200000
	entry	x86_boot_root, 511, kernel_l1
	entry	kernel_l1, 510, image_l2
	leal	P(image_l2)(%ebp), %edi
	leal	(P(image_l3) + PTE_TABLE)(%ebp), %eax
	fill	IMAGE_TABLES, 4096
	leal	P(image_l3)(%ebp), %edi
	leal	PTE_PAGE(%ebp), %eax
	fill	(IMAGE_TABLES * 512), 4096
	.endm

	.section .head.text, "ax"
	.code32
	.globl	_text
_text:
	cli
	leal	(ZP_SCRATCH + 4)(%esi), %esp
	call	1f
1:	popl	%ebp
	subl	$(1b - _text), %ebp
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	no_long_mode
	build_tables
	leal	P(boot_gdt)(%ebp), %eax
	movl	%eax, (P(boot_gdtr) + 2)(%ebp)
	lgdtl	P(boot_gdtr)(%ebp)
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	leal	P(x86_boot_root)(%ebp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$CR0_WP_PG_PE, %eax
	movl	%eax, %cr0		/* compatibility mode from here on */
	leal	P(long_mode)(%ebp), %eax
	movl	%eax, P(far64)(%ebp)
	ljmpl	*P(far64)(%ebp)

/* A 32-bit CPU. */
no_long_mode:
	leal	P(no_long_mode_text)(%ebp), %esi
	say
	stop

	.code64
long_mode:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	/* Every 64-bit CPU can keep data from being executed, but firmware may have hidden that of Intel's (SDM 4, MSR 1a0h). */
	xorl	%eax, %eax
	cpuid
	cmpl	$0x6c65746e, %ecx	/* "ntel" */
	jne	1f
	movl	$MSR_MISC_ENABLE, %ecx
	rdmsr
	andl	$~MISC_XD_DISABLE, %edx
	wrmsr
1:	movl	$0x80000001, %eax
	cpuid
	btl	$20, %edx
	jnc	no_nx
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr
	movq	%cr0, %rax
	orl	$(1 << 16), %eax	/* WP: a 64-bit loader may have left it off */
	movq	%rax, %cr0
	movq	$primary_virtual, %rax
	jmp	*%rax

no_nx:
	leal	P(no_nx_text)(%ebp), %esi
	say
	stop

primary_virtual:
	lgdt	x86_boot_gdtr(%rip)	/* the low half of the address space goes away */
	movq	$(x86_boot_stack + BOOT_STACK_SIZE - 512), %rsp	/* room for the frame of user registers at the top */
	/* A gate for each of the CPU's exceptions, which say so and stop until the kernel has its own. */
	movq	$early_stubs, %rax
	movq	$boot_idt, %rdi
	movl	$32, %ecx
1:	movq	%rax, %rdx
	movw	%dx, (%rdi)
	movl	$X86_BOOT_CS64, 2(%rdi)
	movb	$0x8e, 5(%rdi)		/* interrupt gate, present */
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	addq	$16, %rax
	addq	$16, %rdi
	decl	%ecx
	jnz	1b
	lidt	x86_boot_idtr(%rip)
	movq	$__bss_start, %rdi
	movq	$__bss_end, %rcx
	subq	%rdi, %rcx
	shrq	$3, %rcx
	xorl	%eax, %eax
	rep stosq
	xorl	%ebp, %ebp
	movl	%esi, %edi
	movq	image_l3(%rip), %rsi
	andq	$~0xfff, %rsi		/* the first page of the image */
	call	x86_start
	ud2

	.balign	16
early_stubs:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	early_exception
	.set	vector, vector + 1
	.endr
early_exception:
	cld
	movq	%rsp, %rdi
	andq	$~15, %rsp
	call	x86_early_exception
1:	cli
	hlt
	jmp	1b

	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00af9a000000ffff	/* X86_BOOT_CS64 */
	.quad	0x00cf9a000000ffff	/* X86_BOOT_CS32 */
	.quad	0x00cf92000000ffff	/* X86_BOOT_DS */
boot_gdt_end:
boot_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.quad	0
far64:	.long	0
	.word	X86_BOOT_CS64
	.globl	x86_boot_gdtr, x86_boot_idtr	/* by link addresses; CPUs that start use them too (entry.S) */
x86_boot_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.quad	boot_gdt
x86_boot_idtr:
	.word	32 * 16 - 1
	.quad	boot_idt
no_long_mode_text:
	.asciz	"Aramid: this CPU has no 64-bit mode: halted\r\n"
no_nx_text:
	.asciz	"Aramid: this CPU has no execute-disable (NX): halted\r\n"

	.section .boot.bss, "aw", @nobits
	.balign	4096
	.macro	table, name, pages=1
	.globl	\name
\name:	.skip	4096 * \pages
	.endm
	table	x86_boot_root
	table	ident_l1
	table	ident_l2, 4
	table	kernel_l1
	table	image_l2
	table	image_l3, IMAGE_TABLES
	table	boot_idt
	.globl	x86_boot_fault_stack	/* the rest of that page: for a CPU that has no stack yet */
x86_boot_fault_stack:
