/* SPDX-License-Identifier: MIT */
/*
 * The firmware of a PC in a few instructions, for boots in which every byte that the kernel sees is the test's: from the reset vector to
 * the kernel's entry. pcloader.py makes the rest. Assembled with
 *	KERNEL	where the protected-mode part of bzImage lies	ZERO_PAGE	its zero page
 *	BITS	32 or 64: which entry
 * Linked for the top 4 KiB below 4 GiB, which is where the CPU begins.
 */
#define GDT_CODE	0x10
#define GDT_DATA	0x18
#define GDT_CODE64	0x20
#define TABLES		0x80000		/* for the 64-bit entry: root, one page of GiB entries */

	.section .text
	.code32
start32:
	movl	$GDT_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$0x7000, %esp
	/* As firmware leaves the chip set: q35's power block at port 0x600, its PCI window at 0xb0000000; those of i440FX likewise. */
	movl	$0x80000000, %eax
	call	pci_read
	cmpl	$0x29c08086, %eax
	jne	1f
	movl	$0x8000f840, %eax
	movl	$0x601, %ebx
	call	pci_write
	movl	$0x8000f844, %eax
	movl	$0x80, %ebx
	call	pci_write
	movl	$0x80000060, %eax
	movl	$0xb0000001, %ebx
	call	pci_write
	jmp	2f
1:	movl	$0x80000b40, %eax
	movl	$0x601, %ebx
	call	pci_write
	movl	$0x80000b80, %eax
	movl	$0x01, %ebx
	call	pci_write
2:	movl	$ZERO_PAGE, %esi
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%edi, %edi
#if BITS == 32
	movl	$KERNEL, %eax
	jmp	*%eax
#else
	movl	$TABLES, %edi
	movl	$2048, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$(TABLES + 0x1003), TABLES
	movl	$(TABLES + 0x2003), TABLES + 0x1000
	movl	$(TABLES + 0x3003), TABLES + 0x1008
	movl	$(TABLES + 0x4003), TABLES + 0x1010
	movl	$(TABLES + 0x5003), TABLES + 0x1018
	movl	$(TABLES + 0x2000), %edi
	movl	$0x83, %eax
	movl	$2048, %ecx
3:	movl	%eax, (%edi)
	movl	$0, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	3b
	movl	$0x20, %eax
	movl	%eax, %cr4
	movl	$TABLES, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmpl	$GDT_CODE64, $start64
	.code64
start64:
	movl	$ZERO_PAGE, %esi
	movl	$(KERNEL + 0x200), %eax
	jmp	*%rax
	.code32
#endif

pci_read:
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	inl	%dx, %eax
	ret
pci_write:
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	movl	%ebx, %eax
	outl	%eax, %dx
	ret

	.balign	8
gdt:	.quad	0, 0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
	.quad	0x00af9a000000ffff
gdtr:	.word	. - gdt - 1
	.long	gdt

	.code16
start16:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	gdtr - 0xffff0000
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$GDT_CODE, $start32
	.org	0xff0
	jmp	start16
	.org	0x1000
