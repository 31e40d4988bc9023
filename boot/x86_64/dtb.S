/* SPDX-License-Identifier: MIT */
/* The built-in device tree. $(BUILD)/x86_64.dtb is on the assembler's include path (arch.mk). */
	.section .init.data.dtb, "aw"
	.balign	8
	.globl	x86_builtin_dtb
x86_builtin_dtb:
	.incbin	"x86_64.dtb"
