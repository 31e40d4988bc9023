/* SPDX-License-Identifier: MIT */
/* The vDSO as bytes, whole pages. $(BUILD)/vdso.so is on the assembler's include path (arch.mk). */
	.section .rodata.vdso, "a"
	.balign	4096
	.global	arm64_vdso_start, arm64_vdso_end
arm64_vdso_start:
	.incbin	"vdso.so"
	.balign	4096
arm64_vdso_end:
