/* SPDX-License-Identifier: MIT */
/* Behind <arch/context.h>. */
#pragma once
#include <machine/frame.h>

/*
 * Registers at an exception or system call. The frame of user mode lies at the top of the kernel stack. The arguments of
 * a system call lie in their order: thunks get a pointer to di. orig_ax: the number before the result replaced it, or an
 * exception's error code.
 */
struct pt_regs {
	int64_t syscall;	/* number; -1: the exception was none, or no restart is wanted */
	uint64_t r15, r14, r13, r12, bx, bp;
	uint64_t di, si, dx, r10, r8, r9;
	uint64_t ax, cx, r11;
	uint64_t orig_ax;
	uint64_t ip, cs, flags, sp, ss;
};

/* Standard format of XSAVE: legacy area, header, AVX, gap of MPX, AVX-512. What the CPU has may end earlier. */
#define X86_XSTATE_MAX 2688
struct arch_thread {
	uint64_t ksp;			/* kernel stack pointer, valid while it does not run */
	uint64_t fs_base, gs_base;	/* of user mode, valid while it does not run */
	uint32_t selectors;		/* DS, and ES in the upper half; valid like those */
	int fpu_cpu;			/* CPU whose registers last held the FP state; -1: none */
	uint32_t trap;			/* vector, error code, address of the last fault signal: sigcontext */
	uint64_t error;
	uint64_t cr2;
	uint8_t fpu[X86_XSTATE_MAX] __aligned(64); /* the state, unless it is live (TIF_FPU clear) */
};

static inline bool regs_user_mode(const struct pt_regs *r) { return r->cs & 3; }
static inline uintptr_t regs_pc(const struct pt_regs *r) { return r->ip; }
static inline uintptr_t regs_sp(const struct pt_regs *r) { return r->sp; }
static inline uintptr_t regs_fp(const struct pt_regs *r) { return r->bp; }
static inline void regs_set_pc(struct pt_regs *r, uintptr_t pc) { r->ip = pc; }
static inline void regs_set_sp(struct pt_regs *r, uintptr_t sp) { r->sp = sp; }
static inline long regs_syscall_nr(const struct pt_regs *r) { return r->syscall; }
static inline unsigned long regs_syscall_arg(const struct pt_regs *r, unsigned n) { return (&r->di)[n]; }
static inline long regs_result(const struct pt_regs *r) { return (long)r->ax; }
static inline void regs_set_result(struct pt_regs *r, long v) { r->ax = (uint64_t)v; }
/* SYSCALL is two bytes long. */
static inline void regs_syscall_restart(struct pt_regs *r)
{
	r->ax = r->orig_ax;
	r->ip -= 2;
}
static inline void regs_set_syscall_nr(struct pt_regs *r, long nr) { r->ax = (uint64_t)nr; }
static inline void regs_clear_syscall(struct pt_regs *r) { r->syscall = -1; }

#define ARCH_NR_restart_syscall 219
/* sigaltstack(2) refuses less; a frame with the whole extended state may need more than that: AT_MINSIGSTKSZ. */
#define ARCH_MINSIGSTKSZ 2048u
size_t x86_min_sigstack(void);
static inline size_t arch_min_sigstack(void) { return x86_min_sigstack(); }
#define ARCH_ELF_MACHINE 62		/* EM_X86_64 */
#define ARCH_UTS_MACHINE "x86_64"
#define ARCH_VDSO_AUXV	33		/* AT_SYSINFO_EHDR */
static inline const char *arch_platform(void) { return "x86_64"; }
static inline bool arch_compat_ok(uint32_t e_flags) { return true; }	/* x86-64 ELF defines no flags */
/* entry.S. HLT needs interrupts open: their handlers run inside, and x86_interrupt() ends the idle state first. */
void x86_idle_wait(void);
static inline void arch_cpu_idle(void) { x86_idle_wait(); }
