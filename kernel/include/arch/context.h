/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: registers, threads and switching.
 *	struct pt_regs			the user (or interrupted kernel) registers as saved on the kernel stack
 *	struct arch_thread		in struct task: callee-saved registers, FP/SIMD state, TLS
 *	regs_user_mode(regs), regs_pc, regs_sp, regs_fp, regs_set_pc, regs_set_sp
 *	regs_syscall_nr(regs), regs_syscall_arg(regs, n), regs_result(regs), regs_set_result(regs, v)
 *	regs_syscall_restart(regs)	rewind so that the same call is made again with its first argument restored
 *	regs_set_syscall_nr(regs, nr)	for restart_syscall
 *	regs_clear_syscall(regs)	no restart any more (a frame was set up, sigreturn)
 *	arch_task_init(struct task *)	user_regs at the top of its stack
 *	int arch_task_fork(struct task *child, const struct clone_args *args)	copies the caller's registers and FP state; child returns 0
 *	void arch_task_kthread(struct task *t, int (*fn)(void *), void *arg)
 *	struct task *arch_switch(struct task *prev, struct task *next)	returns the task we came from
 *	void arch_exec_regs(struct pt_regs *, vaddr_t pc, vaddr_t sp)	clean registers and FP state, TLS 0
 *	uintptr_t arch_task_saved_pc(task), arch_task_saved_fp(task)	of a sleeping task
 *	bool arch_unwind(struct unwind *u)	one frame: u->pc, u->fp; bounded by u->lo, u->hi
 *	void arch_task_release(struct task *)
 * Signals:
 *	int arch_setup_frame(struct ksignal *, sigset_t old, struct pt_regs *)	0 or -EFAULT
 *	int arch_restore_frame(struct pt_regs *, sigset_t *mask)	rt_sigreturn's heart
 * ELF and CPU:
 *	ARCH_ELF_MACHINE, arch_hwcap(), arch_hwcap2(), arch_platform(), ARCH_VDSO_AUXV; arch_compat_ok(e_flags)
 *	arch_random_long(unsigned long *)	CPU instruction, false when there is none
 *	int arch_fault_text(char *buf, size_t size)	what the CPU said about the last fault signal of current; length, 0: nothing
 *	int arch_cpuinfo_show(struct seq *, unsigned cpu)
 *	arch_cpu_idle()			waits for an interrupt; called with interrupts off, returns with them off; where handlers run
 *					inside it, rcu_idle_exit() is called before them
 *	arch_cpu_wake_hint
 */
#pragma once
#include <kernel/types.h>
struct task;
struct clone_args;
struct ksignal;
struct seq;
struct unwind {
	uintptr_t pc, fp, sp;
	uintptr_t lo, hi;		/* stack bounds */
};
#include <machine/context.h>

void arch_task_init(struct task *t);
int arch_task_fork(struct task *child, const struct clone_args *args);
void arch_task_kthread(struct task *t, int (*fn)(void *), void *arg);
struct task *arch_switch(struct task *prev, struct task *next);
void arch_exec_regs(struct pt_regs *regs, vaddr_t pc, vaddr_t sp);
uintptr_t arch_task_saved_pc(const struct task *t);
uintptr_t arch_task_saved_fp(const struct task *t);
bool arch_unwind(struct unwind *u);
void arch_task_release(struct task *t);
int arch_setup_frame(struct ksignal *ks, uint64_t old_mask, struct pt_regs *regs);
int arch_restore_frame(struct pt_regs *regs, uint64_t *mask);
unsigned long arch_hwcap(void);
unsigned long arch_hwcap2(void);
bool arch_random_long(unsigned long *out);
int arch_fault_text(char *buf, size_t size);
int arch_cpuinfo_show(struct seq *s, unsigned cpu);

/* A record { caller's frame pointer, return address }, as most calling conventions have it. Only up, within the bounds: a damaged chain ends. */
static inline bool unwind_record(struct unwind *u, const uintptr_t *record)
{
	uintptr_t fp = (uintptr_t)record, next;

	if (fp < u->lo || fp > u->hi - 16 || fp & 7)
		return false;
	next = READ_ONCE(record[0]);
	u->pc = READ_ONCE(record[1]);
	u->sp = fp + 16;
	if (next && next <= fp)
		next = 0;
	u->fp = next;
	return u->pc != 0;
}
