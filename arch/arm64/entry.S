/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: vectors, saving and restoring of registers, the system-call path.
 *
 * Every exception saves a struct pt_regs on the kernel stack. From user mode the stack is
 * empty, so the frame lies at the top of the stack, in the place whose `task` member names the
 * current task: x18 is loaded from there and then stays. SP_EL0 is the user's only; between
 * entry and exit its value lives in the frame and the register is scratch.
 *
 * A system call that meets no work on the way out does not reload x19-x29: C code has preserved
 * them, and whoever changes them in the frame (exec, sigreturn, fork's child, a tracer) sets
 * TIF_FPU or TIF_TRACE, which lead to the full reload. The result is written to x0's slot at
 * one place, el0_svc_done.
 *
 * Interrupts are masked from exception entry until the frame is complete, and from the last
 * look at the work word until ERET. ERET is a context synchronisation event and so is exception
 * entry: no ISB is needed for ELR, SPSR and SP_EL0.
 *
 * Arm ARM DDI 0487, "AArch64 Exception vectors", "Exception entry".
 */
#include <machine/frame.h>
#include <machine/sysreg.h>

	.macro	save_x0_x29
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	.endm

	.macro	load_x0_x17
	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	.endm

	.macro	load_x20_x29
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	.endm

	.macro	save_el0
	sub	sp, sp, #FRAME_SIZE
	save_x0_x29
	mrs	x9, sp_el0
	mrs	x10, elr_el1
	mrs	x11, spsr_el1
	stp	x30, x9, [sp, #FRAME_LR]
	stp	x10, x11, [sp, #FRAME_PC]
	ldr	x18, [sp, #FRAME_TASK]
	.endm

	/* All of a system call's frame that C code may have changed. */
	.macro	load_el0_scratch_and_eret
	ldp	x9, x10, [sp, #FRAME_SP]
	ldr	x11, [sp, #FRAME_PSTATE]
	msr	sp_el0, x9
	msr	elr_el1, x10
	msr	spsr_el1, x11
	load_x0_x17
	ldp	x18, x19, [sp, #144]
	ldr	x30, [sp, #FRAME_LR]
	add	sp, sp, #FRAME_SIZE
	eret
	.endm

	/*
	 * @old_sp: register with the stack pointer before the exception; not x10, x11, x29 or
	 * x30.
	 */
	.macro	finish_save_el1, old_sp
	mrs	x10, elr_el1
	mrs	x11, spsr_el1
	stp	x30, \old_sp, [sp, #FRAME_LR]
	stp	x10, x11, [sp, #FRAME_PC]
	stp	x29, x10, [sp, #FRAME_RECORD]
	mov	x9, #-1
	stp	x9, x9, [sp, #FRAME_ORIG_X0]
	add	x29, sp, #FRAME_RECORD
	.endm

	.macro	save_el1
	sub	sp, sp, #FRAME_SIZE
	save_x0_x29
	add	x9, sp, #FRAME_SIZE
	finish_save_el1 x9
	.endm

	/* For exceptions that are no system call: nothing to restart. */
	.macro	not_a_syscall
	mov	x9, #-1
	str	x9, [sp, #FRAME_SYSCALL]
	mov	x29, xzr
	.endm

	.macro	vector
	.balign	128
	.endm

	.macro	bad_vector, from, kind
	vector
	sub	sp, sp, #FRAME_SIZE
	save_x0_x29
	add	x9, sp, #FRAME_SIZE
	mov	x1, #\kind
	b	\from
	.endm

	.section .text.vectors, "ax"
	.balign	2048
	.global	arm64_vectors
arm64_vectors:
	/* EL1 on SP_EL0: never used */
	bad_vector el1_bad, 0
	bad_vector el1_bad, 1
	bad_vector el1_bad, 2
	bad_vector el1_bad, 3

	/* EL1 */
	vector
	/*
	 * Synchronous: it may be that the stack has run into its guard page. Saving the frame
	 * there would fault again and for ever, so the stack pointer is looked at first. SP_EL0
	 * keeps x0 meanwhile.
	 */
	msr	sp_el0, x0
	ldr	x0, [x18, #TASK_KSTACK]
	sub	x0, sp, x0
	sub	x0, x0, #FRAME_SIZE
	lsr	x0, x0, #KSTACK_SHIFT
	cbnz	x0, el1_other_stack
	mrs	x0, sp_el0
	b	el1_sync
	vector
	save_el1
	mov	x0, sp
	bl	arm64_irq_el1
	b	el1_return
	vector
	save_el1
	mov	x0, sp
	bl	arm64_irq_el1
	b	el1_return
	vector
	save_el1
	mov	x0, sp
	b	el1_serror

	/* EL0, AArch64 */
	vector
	save_el0
	mrs	x12, esr_el1
	lsr	x13, x12, #26
	cmp	x13, #EC_SVC64
	b.ne	el0_sync
	stp	x0, x8, [sp, #FRAME_ORIG_X0]
	ldr	x9, [x18, #TASK_WORK]
	tbz	x9, #8, 1f			/* TIF_TRACE; its branches reach 32 KiB only, the slow way lies further */
	b	el0_svc_traced
1:	b	el0_svc
	vector
	save_el0
	b	el0_irq
	vector
	save_el0
	b	el0_irq
	vector
	save_el0
	b	el0_serror

	/* EL0, AArch32: not supported, an AArch32 program is refused by exec */
	bad_vector el0_bad, 0
	bad_vector el0_bad, 1
	bad_vector el0_bad, 2
	bad_vector el0_bad, 3

	.text
/* ---- system calls; user registers are still in place */
el0_svc:
	cmp	w8, #512
	b.hs	el0_svc_out_of_range
	adrp	x10, syscall_table
	add	x10, x10, :lo12:syscall_table
	/* Nine bits of the number: in range even under wrong speculation of the branch above. */
	ubfiz	x11, x8, #SYSCALL_DESC_SHIFT, #9
	ldr	x10, [x10, x11]
	msr	daifclr, #7
	mov	x0, sp
	blr	x10
el0_svc_done:
	str	x0, [sp, #FRAME_X0]
	msr	daifset, #3
	ldr	x9, [x18, #TASK_WORK]
	tst	x9, #0x1f			/* TIF_EXIT_WORK */
	b.ne	el0_work
	load_el0_scratch_and_eret

el0_svc_out_of_range:
	msr	daifclr, #7
	mov	x0, sp
	bl	sys_ni
	b	el0_svc_done

el0_svc_traced:
	msr	daifclr, #7
	mov	x0, sp
	mov	w1, w8
	bl	syscall_traced
	/* A tracer may have changed any register: reload them all. */
	str	x0, [sp, #FRAME_X0]
	b	ret_to_user

/* ---- everything else from user mode */
el0_sync:
	mrs	x1, far_el1
	str	x12, [sp, #FRAME_ESR]
	mov	x2, x12
	not_a_syscall
	msr	daifclr, #7
	mov	x0, sp
	bl	arm64_el0_sync
	b	ret_to_user

el0_irq:
	not_a_syscall
	mov	x0, sp
	bl	arm64_irq_el0
	b	ret_to_user

el0_serror:
	not_a_syscall
	mov	x0, sp
	mrs	x1, esr_el1
	bl	arm64_serror
	b	ret_to_user

	.global	ret_to_user
ret_to_user:
	msr	daifset, #3
	ldr	x9, [x18, #TASK_WORK]
	tst	x9, #0x1f
	b.eq	1f
el0_work:
	mov	x0, sp
	bl	arm64_exit_work			/* returns with interrupts masked and nothing left to do */
1:	load_x20_x29
	load_el0_scratch_and_eret

/* ---- kernel mode */
el1_sync:
	save_el1
	mrs	x1, far_el1
	mrs	x2, esr_el1
	str	x2, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	arm64_el1_sync
	/* fall through */
el1_return:
	ldp	x9, x10, [sp, #FRAME_PC]
	msr	elr_el1, x9
	msr	spsr_el1, x10
	load_x0_x17
	ldr	x19, [sp, #152]			/* x18 is the same task still */
	load_x20_x29
	ldr	x30, [sp, #FRAME_LR]
	add	sp, sp, #FRAME_SIZE
	eret

/*
 * Not on the task's stack. If it is on this CPU's emergency stack already (a report that met
 * bad memory), go on there; otherwise the stack has overflown: report from the emergency stack.
 * x0 is in SP_EL0, TPIDRRO_EL0 takes the stack pointer.
 */
el1_other_stack:
	mov	x0, sp
	msr	tpidrro_el0, x0
	adrp	x0, arm64_emergency_stack + EMERGENCY_SIZE
	add	x0, x0, :lo12:arm64_emergency_stack + EMERGENCY_SIZE
	mov	sp, x0
	mrs	x0, tpidr_el1
	add	sp, sp, x0
	mrs	x0, tpidrro_el0
	sub	x0, sp, x0
	lsr	x0, x0, #EMERGENCY_SHIFT
	cbnz	x0, 1f
	mrs	x0, tpidrro_el0
	mov	sp, x0
	mrs	x0, sp_el0
	b	el1_sync
1:	mrs	x0, sp_el0
	sub	sp, sp, #FRAME_SIZE
	save_x0_x29
	mrs	x9, tpidrro_el0
	finish_save_el1 x9
	mrs	x1, far_el1
	mrs	x2, esr_el1
	str	x2, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	arm64_stack_overflow

el1_serror:
	mrs	x1, esr_el1
	bl	arm64_serror
	b	el1_return

el1_bad:
	finish_save_el1 x9
	mrs	x2, esr_el1
	mov	x0, sp
	bl	arm64_bad_exception

el0_bad:
	ldr	x18, [sp, #FRAME_TASK]
	finish_save_el1 x9
	mrs	x2, esr_el1
	mov	x0, sp
	bl	arm64_bad_exception

/*
 * First code of a new task. x0: the task before it; x19: a kernel thread's function or 0, x20:
 * its argument. The stack pointer is at the user frame.
 */
	.global	arm64_ret_from_fork
arm64_ret_from_fork:
	bl	task_start_tail
	cbz	x19, ret_to_user
	mov	x0, x20
	blr	x19
	bl	arm64_kthread_return		/* comes back only after an exec */
	b	ret_to_user

/*
 * struct task *arm64_cpu_switch(struct task *prev, struct task *next): prev is handed through
 * in x0.
 */
	.global	arm64_cpu_switch
	.balign	16
arm64_cpu_switch:
	add	x8, x0, #TASK_CONTEXT
	add	x9, x1, #TASK_CONTEXT
	mov	x10, sp
	stp	x19, x20, [x8, #0]
	stp	x21, x22, [x8, #16]
	stp	x23, x24, [x8, #32]
	stp	x25, x26, [x8, #48]
	stp	x27, x28, [x8, #64]
	stp	x29, x10, [x8, #80]
	str	x30, [x8, #96]
	ldp	x19, x20, [x9, #0]
	ldp	x21, x22, [x9, #16]
	ldp	x23, x24, [x9, #32]
	ldp	x25, x26, [x9, #48]
	ldp	x27, x28, [x9, #64]
	ldp	x29, x10, [x9, #80]
	ldr	x30, [x9, #96]
	mov	sp, x10
	mov	x18, x1
	ret

/* FP and SIMD registers: 32 times 128 bits, FPSR, FPCR. x0: struct fpu_state. */
	.arch_extension simd
	.global	arm64_fpu_save
arm64_fpu_save:
	stp	q0, q1, [x0, #0]
	stp	q2, q3, [x0, #32]
	stp	q4, q5, [x0, #64]
	stp	q6, q7, [x0, #96]
	stp	q8, q9, [x0, #128]
	stp	q10, q11, [x0, #160]
	stp	q12, q13, [x0, #192]
	stp	q14, q15, [x0, #224]
	stp	q16, q17, [x0, #256]
	stp	q18, q19, [x0, #288]
	stp	q20, q21, [x0, #320]
	stp	q22, q23, [x0, #352]
	stp	q24, q25, [x0, #384]
	stp	q26, q27, [x0, #416]
	stp	q28, q29, [x0, #448]
	stp	q30, q31, [x0, #480]
	mrs	x1, fpsr
	mrs	x2, fpcr
	add	x0, x0, #FPU_FPSR
	stp	w1, w2, [x0]
	ret

	.global	arm64_fpu_load
arm64_fpu_load:
	ldp	q0, q1, [x0, #0]
	ldp	q2, q3, [x0, #32]
	ldp	q4, q5, [x0, #64]
	ldp	q6, q7, [x0, #96]
	ldp	q8, q9, [x0, #128]
	ldp	q10, q11, [x0, #160]
	ldp	q12, q13, [x0, #192]
	ldp	q14, q15, [x0, #224]
	ldp	q16, q17, [x0, #256]
	ldp	q18, q19, [x0, #288]
	ldp	q20, q21, [x0, #320]
	ldp	q22, q23, [x0, #352]
	ldp	q24, q25, [x0, #384]
	ldp	q26, q27, [x0, #416]
	ldp	q28, q29, [x0, #448]
	ldp	q30, q31, [x0, #480]
	add	x0, x0, #FPU_FPSR
	ldp	w1, w2, [x0]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
