/* SPDX-License-Identifier: MIT */
/* Private to arch/x86_64 and the platform's drivers: what its files and entry.S call of one another. */
#pragma once
#ifndef MACHDEP
#error "private to the architecture"
#endif
#include <kernel/types.h>
#include <machine/cpu.h>

struct pt_regs;
struct task;
struct mm;

/* entry.S */
void x86_syscall_entry(void);
extern const uint8_t x86_idt_stubs[256][16];
void x86_ret_from_fork(void);
extern const char x86_idle_woken[];	/* where an interrupt finds a CPU that waits idle */
struct task *x86_cpu_switch(struct task *prev, struct task *next);

/* trap.c, called by entry.S */
void x86_user_exception(struct pt_regs *regs, unsigned vector);
void x86_kernel_exception(struct pt_regs *regs, unsigned vector);
void x86_interrupt(struct pt_regs *regs, unsigned vector);
void x86_exit_work(struct pt_regs *regs);
void x86_ist_exception(struct pt_regs *regs, unsigned vector);
void x86_mce_init_cpu(void);
void x86_nmi_report(void);		/* in the handler of X86_VEC_NMI */
void x86_idt_init(void);		/* once */
void x86_idt_load(void);		/* each CPU */
/* The vector that irq_root_handler() was called for: the root controller's driver asks. */
static inline unsigned x86_current_vector(void) { return this_cpu(x86_cpu).vector; }

/* context.c */
void x86_kthread_return(int ret);
void x86_fpu_restore(void);		/* own task: state into the registers; interrupts masked */
void x86_fpu_sync(void);		/* own task: state into current->arch.fpu as well */
void x86_fpu_changed(void);		/* own task: current->arch.fpu is the state now */
void x86_fpu_clean(void *area);		/* the state of a new program */

/* features.c */
void x86_features_boot(void);
void x86_features_secondary(unsigned cpu);
void x86_fpu_init_cpu(void);
extern bool x86_has_fsgsbase, x86_has_smap, x86_has_xsave, x86_has_pcid, x86_has_invpcid;
extern unsigned x86_xstate_size;	/* of the save area, standard format */
extern uint64_t x86_xstate_mask;	/* XCR0 */
extern uint32_t x86_mxcsr_mask;
extern uint64_t x86_cr4;		/* every CPU's */

/* mmu.c */
void x86_kernel_tables(paddr_t load);
/* tlb.c */
void x86_tlb_init(void);
void x86_tlb_mm_init(struct mm *mm);
