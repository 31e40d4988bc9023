/* SPDX-License-Identifier: MIT */
/* The vDSO as bytes, whole pages. $(BUILD)/vdso.so is on the assembler's include path (arch.mk). */
	.section .rodata.vdso, "a"
	.balign	4096
	.global	arch_vdso_start, arch_vdso_end
arch_vdso_start:
	.incbin	"vdso.so"
	.balign	4096
arch_vdso_end:
