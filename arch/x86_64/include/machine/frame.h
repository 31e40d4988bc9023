/* SPDX-License-Identifier: MIT */
/*
 * Offsets that assembly uses. Each is pinned to its C member by a _Static_assert in arch/x86_64/context.c.
 */
#pragma once

/* struct pt_regs */
#define FRAME_SYSCALL	0
#define FRAME_R15	8
#define FRAME_R14	16
#define FRAME_R13	24
#define FRAME_R12	32
#define FRAME_BX	40
#define FRAME_BP	48
#define FRAME_DI	56		/* from here: the six arguments of a system call, in order */
#define FRAME_SI	64
#define FRAME_DX	72
#define FRAME_R10	80
#define FRAME_R8	88
#define FRAME_R9	96
#define FRAME_AX	104
#define FRAME_CX	112
#define FRAME_R11	120
#define FRAME_ORIG_AX	128
#define FRAME_IP	136
#define FRAME_CS	144
#define FRAME_FLAGS	152
#define FRAME_SP	160
#define FRAME_SS	168
#define FRAME_SIZE	176

/* struct task_head */
#define TASK_WORK	0
#define TASK_KSTACK	16

/* struct arch_thread, from the start of struct task */
#define TASK_KSP	64

/* struct x86_cpu, from GS */
#define CPU_CURRENT	0
#define CPU_OFFSET	8
#define CPU_KSTACK_TOP	16
#define CPU_USER_SP	24

/* struct syscall_desc */
#define SYSCALL_DESC_SHIFT 5

/* Selectors. SYSRET wants user data and 64-bit user code after a slot for 32-bit code, which stays empty. */
#define SEL_KERNEL_CODE	0x10
#define SEL_KERNEL_DATA	0x18
#define SEL_USER_CODE32	0x23
#define SEL_USER_DATA	0x2b
#define SEL_USER_CODE	0x33
#define SEL_TSS		0x40
#define SEL_CPU_NUMBER	0x7b		/* its limit is the CPU's number: vdso/clock.c */

#define IST_DF	1
#define IST_NMI	2
#define IST_DB	3
#define IST_MC	4
#define IST_COUNT	4
#define IST_STACK_SIZE	8192
