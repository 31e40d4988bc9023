/* SPDX-License-Identifier: MIT */
/*
 * Where a signal handler without SA_RESTORER returns to. Unwinders know a signal frame by
 * exactly these two instructions; those that use the call frame information find the registers
 * at their places in the frame (machine/sigcontext.h): siginfo 128, then ucontext with the
 * registers from 176 + 8 on. The NOP in front: an unwinder looks up "return address - 1" and
 * must find this entry.
 */
	.text
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa	x29, 0
	.cfi_offset	x29, 0
	.cfi_offset	x30, 8
	nop
	.global	__kernel_rt_sigreturn
	.type	__kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
	mov	x8, #139
	svc	#0
	.cfi_endproc
	.size	__kernel_rt_sigreturn, . - __kernel_rt_sigreturn

	/* What the object is for, and since when. */
	.section .note.kernel, "a"
	.balign	4
	.long	6, 4, 0
	.asciz	"Linux"
	.balign	4
	.long	0x060600
	.section .note.GNU-stack, ""
