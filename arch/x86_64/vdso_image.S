/* SPDX-License-Identifier: MIT */
/* The vDSO as bytes, whole pages. $(BUILD)/vdso.so is on the assembler's include path (arch.mk). */
	.section .rodata.vdso, "a"
	.balign	4096
	.global	x86_vdso_start, x86_vdso_end
x86_vdso_start:
	.incbin	"vdso.so"
	.balign	4096
x86_vdso_end:
	.section .note.GNU-stack, "", @progbits
