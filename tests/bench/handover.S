/* SPDX-License-Identifier: MIT */
/*
 * A bzImage that only tells how many instructions the machine had run when the loader entered it: what firmware and loader
 * cost, which is in every kernel's "to_init" and is no kernel's work. Under `-icount shift=0` the time-stamp counter counts
 * instructions. Prints "bench handover N" on the first serial port and resets, which ends QEMU under -no-reboot.
 *
 * Entered at offset 0x200 in 16-bit mode, DS = the segment it lies in (Linux's x86 boot protocol).
 */
	.code16
	.text
base:	.org	0x1f1
	.byte	1			/* setup_sects */
	.word	0
	.long	32			/* syssize: one empty sector */
	.word	0, 0, 0, 0xaa55
	.byte	0xeb, start - 1f
1:	.ascii	"HdrS"
	.word	0x0206
	.long	0
	.word	0x1000, 0
	.byte	0, 1			/* LOADED_HIGH */
	.word	0x8000
	.long	0x100000, 0, 0, 0
	.word	0
	.byte	0, 0
	.long	0, 0x7fffffff		/* cmd_line_ptr, initrd_addr_max */
	.long	0x200000
	.byte	0, 0
	.word	0
	.long	255
start:	rdtsc
	movw	$(digits_end - base), %di
	movl	$10, %ecx
2:	divl	%ecx			/* fits for 4 G instructions and more: the quotient is 32 bits */
	addb	$'0', %dl
	decw	%di
	movb	%dl, (%di)
	xorl	%edx, %edx
	testl	%eax, %eax
	jnz	2b
	movw	$(text - base), %si
	call	print
	movw	%di, %si
	call	print
	movb	$0xfe, %al		/* the keyboard controller's reset line */
	outb	%al, $0x64
3:	hlt
	jmp	3b

print:	lodsb
	testb	%al, %al
	jz	5f
	movb	%al, %ah
	movw	$0x3fd, %dx
4:	inb	%dx, %al
	testb	$0x20, %al
	jz	4b
	movw	$0x3f8, %dx
	movb	%ah, %al
	outb	%al, %dx
	jmp	print
5:	ret

text:	.asciz	"bench handover "
	.skip	12
digits_end:
	.asciz	"\n"
	.org	0x600
