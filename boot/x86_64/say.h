/* SPDX-License-Identifier: MIT */
/* For the first instructions, of either mode: a word to whoever looks, when there is nothing else that could be done. */
#pragma once

/* The text at ESI to the first serial port, if there is one. Changes EAX, ECX, EDX. */
	.macro	say
2:	lodsb
	testb	%al, %al
	jz	4f
	movb	%al, %ah
	movw	$0x3fd, %dx
	movl	$100000, %ecx
3:	inb	%dx, %al
	testb	$0x20, %al
	loopz	3b
	movw	$0x3f8, %dx
	movb	%ah, %al
	outb	%al, %dx
	jmp	2b
4:
	.endm

	.macro	stop
5:	hlt
	jmp	5b
	.endm
