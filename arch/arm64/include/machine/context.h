/* SPDX-License-Identifier: MIT */
/* Behind <arch/context.h>. */
#pragma once
#include <machine/frame.h>

/*
 * Registers at an exception. The first 34 words are Linux's user_pt_regs. The frame of user
 * mode lies at the top of the kernel stack and its task member is set once, when the task is
 * made: entry.S finds the current task by it.
 */
struct pt_regs {
	uint64_t regs[31];
	uint64_t sp;
	uint64_t pc;
	uint64_t pstate;
	uint64_t orig_x0;	/* first argument of a system call, for restarts */
	int64_t syscall;	/* its number; -1: the exception was none, or no restart is wanted */
	struct task *task;
	uint64_t esr;		/* syndrome; unspecified for interrupts and system calls */
	uint64_t record[2];	/* frame record {x29, pc} of kernel-mode exceptions: backtraces go through */
};

/* 128-bit registers as pairs: nothing here computes with them. */
struct fpu_state {
	uint64_t v[64];
	uint32_t fpsr, fpcr;
};

struct cpu_context {		/* what a C function must preserve */
	uint64_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
	uint64_t fp, sp, pc;
};

struct arch_thread {
	struct cpu_context context;	/* valid while it does not run */
	uint64_t tpidr;			/* user TLS, valid while it does not run */
	int fpu_cpu;			/* CPU whose registers last held the FP state; -1: none */
	uint64_t fault_address;		/* of the last fault signal: sigcontext */
	uint64_t fault_esr;		/* 0: none */
	struct fpu_state fpu __aligned(16);	/* the state, unless it is live (TIF_FPU clear) */
};

#define PSR_MODE_MASK	0xful
#define PSR_EL0t	0x0ul
#define PSR_EL1h	0x5ul
#define PSR_MODE32	0x10ul
#define PSR_DAIF	0x3c0ul
#define PSR_I		0x80ul
#define PSR_BTYPE	0xc00ul
#define PSR_SS		0x200000ul
#define PSR_PAN		0x400000ul

static inline bool regs_user_mode(const struct pt_regs *r) { return !(r->pstate & PSR_MODE_MASK); }
static inline uintptr_t regs_pc(const struct pt_regs *r) { return r->pc; }
static inline uintptr_t regs_sp(const struct pt_regs *r) { return r->sp; }
static inline uintptr_t regs_fp(const struct pt_regs *r) { return r->regs[29]; }
static inline void regs_set_pc(struct pt_regs *r, uintptr_t pc) { r->pc = pc; }
static inline void regs_set_sp(struct pt_regs *r, uintptr_t sp) { r->sp = sp; }
static inline long regs_syscall_nr(const struct pt_regs *r) { return r->syscall; }
static inline unsigned long regs_syscall_arg(const struct pt_regs *r, unsigned n) { return n ? r->regs[n] : r->orig_x0; }
static inline long regs_result(const struct pt_regs *r) { return (long)r->regs[0]; }
static inline void regs_set_result(struct pt_regs *r, long v) { r->regs[0] = (uint64_t)v; }
static inline void regs_syscall_restart(struct pt_regs *r)
{
	r->regs[0] = r->orig_x0;
	r->pc -= 4;
}
static inline void regs_set_syscall_nr(struct pt_regs *r, long nr) { r->regs[8] = (uint64_t)nr; }
static inline void regs_clear_syscall(struct pt_regs *r) { r->syscall = -1; }


#define ARCH_NR_restart_syscall 128
#define ARCH_MINSIGSTKSZ 5120u		/* a frame is 4,700 bytes; sigaltstack(2) refuses less */
static inline size_t arch_min_sigstack(void) { return ARCH_MINSIGSTKSZ; }
#define ARCH_ELF_MACHINE 183		/* EM_AARCH64 */
#define ARCH_UTS_MACHINE "aarch64"
#define ARCH_VDSO_AUXV	33		/* AT_SYSINFO_EHDR */
static inline const char *arch_platform(void) { return "aarch64"; }
static inline bool arch_compat_ok(uint32_t e_flags) { return true; }	/* AArch64 ELF defines no flags */
/*
 * WFI returns when an interrupt is pending even though it is masked; dsb: our stores are not
 * held back while we sleep.
 */
static inline void arch_cpu_idle(void) { __asm__ volatile("dsb sy\n\twfi" : : : "memory"); }
