/* SPDX-License-Identifier: MIT */
/*
 * The real-mode part of bzImage: the setup header, and code for loaders that enter in 16-bit mode (QEMU's option ROM).
 *
 * Linux's x86 boot protocol 2.15. The segment it is loaded to becomes the zero page: the first 4096 bytes have nothing
 * but the header at its place in both layouts, the code lies behind them. It asks the BIOS for the memory map, opens A20 and
 * enters unpack.S by its 32-bit entry with the zero page in ESI. Linked at address 0 in a section of its own;
 * the linker script puts it in front of that, which makes the flat image a bzImage.
 */
#include <generated/version.h>
#include <machine/boot.h>
#include <machine/layout.h>

#define ZP_ALT_MEM_K	0x1e0
#define ZP_E820_ENTRIES	0x1e8
#define ZP_CODE32_START	0x214
#define ZP_E820_TABLE	0x2d0
#define E820_MAX	128
#define SETUP_SECTORS	10		/* the linker script knows it too: X86_SETUP_SIZE */

	.section .setup, "ax"
	.code16
	.globl	__setup_start
__setup_start:
	.org	0x1f1
	.byte	SETUP_SECTORS - 1	/* the boot sector is not counted */
	.word	1			/* root_flags: read-only */
	.long	__setup_syssize		/* protected-mode part, in 16 bytes */
	.word	0
	.word	0xffff			/* vid_mode: normal */
	.word	0
	.word	0xaa55
	.byte	0xeb, setup_entry - 1f	/* also tells where the header ends */
1:	.ascii	"HdrS"
	.word	0x020f
	.long	0
	.word	0x1000
	.word	version_string - 0x200
	.byte	0			/* type_of_loader, by the loader */
	.byte	0x01			/* LOADED_HIGH */
	.word	0x8000
	.long	0x100000		/* code32_start */
	.long	0, 0			/* ramdisk_image, ramdisk_size */
	.long	0
	.word	0
	.byte	0, 0
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	0x200000		/* kernel_alignment */
	.byte	1			/* relocatable_kernel */
	.byte	21			/* min_alignment: 4 KiB would do, loaders know 2 MiB */
	.word	1			/* xloadflags: XLF_KERNEL_64 */
	.long	2047			/* cmdline_size */
	.long	0
	.quad	0
	.long	payload, payload_size	/* from the start of the protected-mode part; an LZ4 frame */
	.quad	0			/* setup_data */
	.quad	0x1000000		/* pref_address */
	.long	__init_size		/* what lies there, and where it unpacks the kernel to */
	.long	0			/* no EFI handover */
	.long	kernel_info
setup_entry:
	jmp	start16			/* near: beyond the zero page */

	.org	0x1000
start16:
	cld
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movl	$0x8000, %esp
	pushw	%ds			/* CS is 0x20 further on: make both the same */
	pushw	$2f
	lretw
2:	sti
	movb	$0, ZP_E820_ENTRIES
	xorl	%ebx, %ebx
	movw	$ZP_E820_TABLE, %di
3:	movl	$0xe820, %eax
	movl	$20, %ecx
	movl	$0x534d4150, %edx	/* "SMAP" */
	int	$0x15
	jc	4f			/* after the last one, with some firmware */
	cmpl	$0x534d4150, %eax
	jne	4f
	addw	$20, %di
	incb	ZP_E820_ENTRIES
	cmpb	$E820_MAX, ZP_E820_ENTRIES
	jae	4f
	testl	%ebx, %ebx
	jnz	3b
4:	xorw	%cx, %cx		/* older: AX/CX KiB from 1 MiB, BX/DX 64 KiB blocks from 16 MiB */
	xorw	%dx, %dx
	movw	$0xe801, %ax
	int	$0x15
	jc	6f
	jcxz	5f
	movw	%cx, %ax
	movw	%dx, %bx
5:	movzwl	%ax, %eax
	movl	%eax, ZP_ALT_MEM_K
	cmpw	$0x3c00, %ax		/* all of 1-16 MiB: then what follows adjoins */
	jne	6f
	movzwl	%bx, %ebx
	shll	$6, %ebx
	addl	%ebx, ZP_ALT_MEM_K
6:	movw	$0x2401, %ax		/* A20, by the BIOS and by port 92h */
	int	$0x15
	cli
	inb	$0x92, %al
	testb	$2, %al
	jnz	7f
	orb	$2, %al
	andb	$0xfe, %al		/* bit 0 resets */
	outb	%al, $0x92
7:	xorl	%esi, %esi
	movw	%ds, %si
	shll	$4, %esi
	leal	gdt16(%esi), %eax
	movl	%eax, gdtr16 + 2
	leal	start32(%esi), %eax
	movl	%eax, far32
	movl	ZP_CODE32_START, %ebx
	lidtw	idtr16
	lgdtl	gdtr16
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	*far32

	.code32
start32:
	movl	$X86_BOOT_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%ebp, %ebp
	xorl	%edi, %edi
	jmp	*%ebx

	.balign	8
gdt16:	.quad	0, 0
	.quad	0x00cf9a000000ffff	/* X86_BOOT_CS32: flat code */
	.quad	0x00cf92000000ffff	/* X86_BOOT_DS: flat data */
gdtr16:	.word	. - gdt16 - 1
	.long	0
idtr16:	.word	0
	.long	0
far32:	.long	0
	.word	X86_BOOT_CS32
version_string:
	.asciz	AR_RELEASE
	.org	SETUP_SECTORS * 512
