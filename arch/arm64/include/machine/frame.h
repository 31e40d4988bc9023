/* SPDX-License-Identifier: MIT */
/*
 * Offsets that assembly uses. Each is pinned to its C member by a _Static_assert in
 * arch/arm64/context.c.
 */
#pragma once

/* struct pt_regs */
#define FRAME_X0	0
#define FRAME_LR	240
#define FRAME_SP	248
#define FRAME_PC	256
#define FRAME_PSTATE	264
#define FRAME_ORIG_X0	272
#define FRAME_SYSCALL	280
#define FRAME_TASK	288
#define FRAME_ESR	296
#define FRAME_RECORD	304
#define FRAME_SIZE	320

/* struct task_head */
#define TASK_WORK	0
#define TASK_CPU	12
#define TASK_KSTACK	16

/* struct arch_thread, from the start of struct task */
#define TASK_CONTEXT	48

/* struct fpu_state */
#define FPU_FPSR	512
#define FPU_FPCR	516

/* struct syscall_desc */
#define SYSCALL_DESC_SHIFT 5

#define KSTACK_SHIFT	14
#define EMERGENCY_SHIFT	13
#define EMERGENCY_SIZE	8192
