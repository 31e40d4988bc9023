/* SPDX-License-Identifier: MIT */
/*
 * The first bytes of every struct task: what assembly and the hottest inlines touch. Offsets are
 * fixed (machine/frame.h names them for assembly).
 */
#pragma once
#include <kernel/types.h>

/* task_head.work: what is to be done before user mode is entered again. Set atomically by anyone, cleared by the owner. */
#define TIF_NEED_RESCHED	BIT(0)
#define TIF_SIGPENDING		BIT(1)	/* look for signals */
#define TIF_NOTIFY		BIT(2)	/* task_work to run */
#define TIF_FPU			BIT(3)	/* user FP state is not in the registers (arch) */
#define TIF_RESTORE_SIGMASK	BIT(4)	/* saved_sigmask goes back when no handler runs */
/* Reasons to leave the short system-call path on entry. */
#define TIF_TRACE		BIT(8)	/* recorder or (later) ptrace, seccomp */
#define TIF_EXIT_WORK		0x1ful	/* every bit looked at on the way to user mode */
#define TIF_ENTRY_WORK		(TIF_TRACE)

struct task_head {
	unsigned long work;		/* 0: TIF_* */
	uint32_t preempt_count;		/* 8: own CPU only */
	uint32_t cpu;			/* 12: CPU it runs, or last ran, on; [rq] */
	void *kstack;			/* 16: lowest address of the kernel stack (above its guard page) */
	unsigned long user_sp;		/* 24: scratch for the architecture's entry code */
};
#define KSTACK_SIZE	16384u

#include <arch/current.h>	/* arch_current(): struct task *, one instruction */
static inline struct task_head *current_head(void) { return (struct task_head *)arch_current(); }
#define current arch_current()
/* The CPU we are on; stable only with preemption off. */
#define smp_processor_id() (READ_ONCE(current_head()->cpu))
