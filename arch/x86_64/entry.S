/* SPDX-License-Identifier: MIT */
/*
 * System calls, exceptions, interrupts: saving and restoring of registers; the switch; the first code of a task and of a CPU.
 *
 * Everything saves a whole struct pt_regs. From user mode it lies at the top of the kernel stack (TSS.RSP0, x86_cpu.kstack_top).
 * GS points to the CPU's struct x86_cpu while the kernel runs; SWAPGS is the first instruction from user mode, the last to it.
 *
 * A system call that meets no work on the way out does not reload rbx, rbp and r12-r15: C code has preserved them, and whoever
 * changes them in the frame (exec, sigreturn, signal delivery) leads to the work path, which reloads all. There
 * IP is still that behind the SYSCALL, which is canonical because USER_END is a page below the limit: SYSRET cannot fault. After
 * work the frame may say anything: SYSRET only if it would restore exactly that, IRET otherwise.
 *
 * NMI, #DB, #MC and #DF come on stacks of their own, at any instruction, also between a kernel entry and its SWAPGS. They take
 * GS from the word at the end of the stack and put back what was there (machine/cpu.h). NMIs are blocked until the next IRET.
 * The handler takes no exception, so that is its own; where system management code lets one in all the same, it
 * finds the other half of the stack (trap.c).
 *
 * All gates clear IF; SFMASK does so for SYSCALL. CLAC: user mode may have set AC.
 * AMD64 manual volume 2, "SYSCALL and SYSRET", "Interrupt control transfers"; SDM volume 3, "Interrupt and exception handling".
 */
#include <machine/frame.h>
#include <machine/layout.h>

	/* A no-operation until the boot has found SMAP. */
	.macro	clac_if_smap
771:	.byte	0x0f, 0x1f, 0x00
	.pushsection .smap_sites, "a"
	.balign	4
	.long	771b - ., 0xca
	.popsection
	.endm

	/* From r11 down to syscall; r11 is pushed already. */
	.macro	save_rest
	pushq	%rcx
	pushq	%rax
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	load_all_and_iret
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%r10
	popq	%r8
	popq	%r9
	popq	%rax
	popq	%rcx
	popq	%r11
	addq	$8, %rsp
	iretq
	.endm

	.text
/* ---- system calls */
	.balign	64
	.global	x86_syscall_entry
x86_syscall_entry:
	swapgs
	movq	%rsp, %gs:CPU_USER_SP
	movq	%gs:CPU_KSTACK_TOP, %rsp
	pushq	$SEL_USER_DATA
	pushq	%gs:CPU_USER_SP
	pushq	%r11
	pushq	$SEL_USER_CODE
	pushq	%rcx
	pushq	%rax			/* orig_ax */
	pushq	%r11
	save_rest
	movl	%eax, %eax		/* the number is an unsigned int */
	pushq	%rax			/* syscall */
	sti
	movq	%gs:CPU_CURRENT, %rcx
	leaq	FRAME_DI(%rsp), %rdi
	testl	$0x100, TASK_WORK(%rcx)	/* TIF_TRACE */
	jnz	syscall_traced_path
	cmpl	$512, %eax
	jae	syscall_out_of_range
	/* In range even under wrong speculation of the branch above. */
	andl	$511, %eax
	shll	$SYSCALL_DESC_SHIFT, %eax
	call	*syscall_table(%rax)
syscall_done:
	movq	%rax, FRAME_AX(%rsp)
	cli
	movq	%gs:CPU_CURRENT, %rcx
	testl	$0x1f, TASK_WORK(%rcx)	/* TIF_EXIT_WORK */
	jnz	syscall_work
	movq	FRAME_DI(%rsp), %rdi
	movq	FRAME_SI(%rsp), %rsi
	movq	FRAME_DX(%rsp), %rdx
	movq	FRAME_R10(%rsp), %r10
	movq	FRAME_R8(%rsp), %r8
	movq	FRAME_R9(%rsp), %r9
	movq	FRAME_IP(%rsp), %rcx
	movq	FRAME_FLAGS(%rsp), %r11
	movq	FRAME_SP(%rsp), %rsp
	swapgs
	sysretq

syscall_out_of_range:
	call	sys_ni
	jmp	syscall_done

syscall_traced_path:
	movq	%rsp, %rdi
	movl	%eax, %esi
	call	syscall_traced
	/* A tracer may have changed any register: reload them all. */
	movq	%rax, FRAME_AX(%rsp)
	cli

syscall_work:
	movq	%rsp, %rdi
	call	x86_exit_work		/* returns with interrupts off and nothing left to do */
	movq	FRAME_IP(%rsp), %rcx
	movq	FRAME_FLAGS(%rsp), %r11
	cmpq	%rcx, FRAME_CX(%rsp)
	jne	return_by_iret
	cmpq	%r11, FRAME_R11(%rsp)
	jne	return_by_iret
	testl	$0x10100, %r11d		/* RF is not restored by SYSRET; TF would trap in the kernel */
	jnz	return_by_iret
	movq	%rcx, %rax
	shrq	$VA_BITS, %rax
	jnz	return_by_iret
	movq	FRAME_R15(%rsp), %r15
	movq	FRAME_R14(%rsp), %r14
	movq	FRAME_R13(%rsp), %r13
	movq	FRAME_R12(%rsp), %r12
	movq	FRAME_BX(%rsp), %rbx
	movq	FRAME_BP(%rsp), %rbp
	movq	FRAME_DI(%rsp), %rdi
	movq	FRAME_SI(%rsp), %rsi
	movq	FRAME_DX(%rsp), %rdx
	movq	FRAME_R10(%rsp), %r10
	movq	FRAME_R8(%rsp), %r8
	movq	FRAME_R9(%rsp), %r9
	movq	FRAME_AX(%rsp), %rax
	movq	FRAME_SP(%rsp), %rsp
	swapgs
	sysretq

/* ---- exceptions and interrupts: 16 bytes for each vector, which goes to r11d; error codes of the CPU or 0 are at orig_ax */
	.balign	16
	.global	x86_idt_stubs
x86_idt_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	%r11
	movl	$vector, %r11d
	.if	vector == 1
	jmp	debug_entry
	.elseif	vector == 2 || vector == 8 || vector == 18
	jmp	ist_entry
	.elseif	vector < 32
	jmp	exception_entry
	.else
	jmp	interrupt_entry
	.endif
	.set	vector, vector + 1
	.endr
	.balign	16

exception_entry:
	cld
	save_rest
	pushq	$-1
	clac_if_smap
	testb	$3, FRAME_CS(%rsp)
	jz	1f
	swapgs
user_exception:
	movq	%rsp, %rdi
	movl	%r11d, %esi
	xorl	%ebp, %ebp
	call	x86_user_exception
	jmp	ret_to_user
1:	movq	%rsp, %rdi
	movl	%r11d, %esi
	call	x86_kernel_exception
	load_all_and_iret

interrupt_entry:
	cld
	save_rest
	pushq	$-1
	clac_if_smap
	testb	$3, FRAME_CS(%rsp)
	jz	1f
	swapgs
	movq	%rsp, %rdi
	movl	%r11d, %esi
	xorl	%ebp, %ebp
	call	x86_interrupt
	jmp	ret_to_user
1:	movq	%rsp, %rdi
	movl	%r11d, %esi
	call	x86_interrupt
	load_all_and_iret

	.global	ret_to_user
ret_to_user:
	cli
	movq	%gs:CPU_CURRENT, %rcx
	testl	$0x1f, TASK_WORK(%rcx)
	jz	return_by_iret
	movq	%rsp, %rdi
	call	x86_exit_work
return_by_iret:
	swapgs
	load_all_and_iret

/* #DB has a stack of its own, for those between SYSCALL and SWAPGS; a user's goes on as any other exception, on the task's stack. */
debug_entry:
	cld
	save_rest
	pushq	$-1
	clac_if_smap
	testb	$3, FRAME_CS(%rsp)
	jz	ist_common
	swapgs
	movq	%rsp, %rsi
	movq	%gs:CPU_KSTACK_TOP, %rdi
	subq	$FRAME_SIZE, %rdi
	movq	%rdi, %rsp
	movl	$FRAME_SIZE / 8, %ecx
	rep movsq
	jmp	user_exception

ist_entry:
	cld
	save_rest
	pushq	$-1
	clac_if_smap
ist_common:
	movl	%r11d, %ebx
	movl	$0xc0000101, %ecx	/* GS base */
	rdmsr
	movl	%eax, %r12d
	movl	%edx, %r13d
	movq	FRAME_SIZE(%rsp), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	wrmsr
	movq	%rsp, %rdi
	movl	%ebx, %esi
	call	x86_ist_exception
	movl	$0xc0000101, %ecx
	movl	%r12d, %eax
	movl	%r13d, %edx
	wrmsr
	load_all_and_iret

/*
 * First code of a new task. rax: the task before it; rbx: a kernel thread's function or 0, r12: its argument. The stack pointer is
 * at the user frame.
 */
	.global	x86_ret_from_fork
x86_ret_from_fork:
	movq	%rax, %rdi
	call	task_start_tail
	testq	%rbx, %rbx
	jz	2f
	movq	%r12, %rdi
	call	*%rbx
	movl	%eax, %edi
	call	x86_kthread_return	/* comes back only after an exec */
2:	cli
	jmp	syscall_work

/* struct task *x86_cpu_switch(struct task *prev, struct task *next): prev is handed through in rax. */
	.global	x86_cpu_switch
	.balign	16
x86_cpu_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rdi, %rax
	movq	%rsp, TASK_KSP(%rdi)
	movq	TASK_KSP(%rsi), %rsp
	movq	%rsi, %gs:CPU_CURRENT
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

/* STI takes effect after the next instruction: an interrupt cannot come between it and HLT, only at x86_idle_woken. */
	.global	x86_idle_wait, x86_idle_woken
	.balign	16
x86_idle_wait:
	sti
	hlt
x86_idle_woken:
	cli
	ret

/* A secondary, 64-bit mode, any tables that map the image and this code where it runs. rdi: the CPU. */
	.global	x86_secondary_entry
x86_secondary_entry:
	movabsq	$1f, %rax
	jmp	*%rax
1:	movl	%edi, %edi
	movq	x86_kernel_cr3(%rip), %rax
	movq	%rax, %cr3
	lgdt	x86_boot_gdtr(%rip)	/* the low half is gone, and the trampoline's with it */
	lidt	x86_boot_idtr(%rip)
	movq	$x86_boot_fault_stack, %rsp
	movq	x86_secondary_task(, %rdi, 8), %rax
	movq	TASK_KSTACK(%rax), %rsp
	addq	$16384 - FRAME_SIZE, %rsp
	xorl	%ebp, %ebp
	call	x86_secondary_start
	ud2
	.section .note.GNU-stack, "", @progbits
