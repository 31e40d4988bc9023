/* SPDX-License-Identifier: MIT */
/* Private to arch/arm64: what its files and entry.S call of one another. */
#pragma once
#ifndef MACHDEP
#error "private to the architecture"
#endif
#include <kernel/types.h>
#include <machine/sysreg.h>

struct pt_regs;
struct task;
struct fpu_state;

/* entry.S */
extern char arm64_vectors[];
void arm64_ret_from_fork(void);
struct task *arm64_cpu_switch(struct task *prev, struct task *next);
void arm64_fpu_save(struct fpu_state *to);
void arm64_fpu_load(const struct fpu_state *from);

/* trap.c, called by entry.S */
void arm64_el0_sync(struct pt_regs *regs, uint64_t far, uint64_t esr);
void arm64_el1_sync(struct pt_regs *regs, uint64_t far, uint64_t esr);
void arm64_irq_el0(struct pt_regs *regs);
void arm64_irq_el1(struct pt_regs *regs);
void arm64_exit_work(struct pt_regs *regs);
void arm64_serror(struct pt_regs *regs, uint64_t esr);
__noreturn void arm64_stack_overflow(struct pt_regs *regs, uint64_t far, uint64_t esr);
__noreturn void arm64_bad_exception(struct pt_regs *regs, unsigned kind, uint64_t esr);

/* context.c */
void arm64_kthread_return(int ret);
void arm64_fpu_restore(void);		/* own task: state into the registers; interrupts masked */
void arm64_fpu_sync(void);		/* own task: state into current->arch.fpu as well */
void arm64_fpu_changed(void);		/* own task: current->arch.fpu is the state now */

/* cpufeature.c */
void arm64_features_boot(void);
void arm64_features_secondary(unsigned cpu);
void arm64_cpu_identify(unsigned cpu);
/*
 * @reg: op0..op2 as in the instruction (bits 19-5, 15 bits). False: not one that user mode may
 * read.
 */
bool arm64_id_register(unsigned reg, uint64_t *value);
extern uint64_t arm64_hwcap, arm64_hwcap2;
extern bool arm64_has_pan;

