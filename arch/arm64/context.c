/* SPDX-License-Identifier: MIT */
/*
 * Tasks' registers: creation, fork, exec, switch, FP and SIMD state, frame-pointer backtraces.
 *
 * FP state. The kernel never touches the FP registers. TIF_FPU clear: the current task's state
 * is in the registers, and arch.fpu is stale. TIF_FPU set: it is in arch.fpu and is loaded on
 * the way to user mode. A task that is switched out has it in arch.fpu always; the registers
 * keep a copy, which is still good when the same task is the next user of FP on that CPU:
 * `fpu_owner` of the CPU and fpu_cpu of the task then name each other, and nothing is loaded.
 * Whoever changes arch.fpu sets fpu_cpu to -1. Kernel threads have TIF_FPU set and fpu_cpu -1
 * for ever. Own task only; with interrupts masked, or with preemption off where noted.
 */
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/errno.h>
#include <uapi/sched.h>
#include <machine/arm64.h>
#include <machine/frame.h>

_Static_assert(offsetof(struct pt_regs, regs[30]) == FRAME_LR, "frame.h");
_Static_assert(offsetof(struct pt_regs, sp) == FRAME_SP, "frame.h");
_Static_assert(offsetof(struct pt_regs, pc) == FRAME_PC, "frame.h");
_Static_assert(offsetof(struct pt_regs, pstate) == FRAME_PSTATE, "frame.h");
_Static_assert(offsetof(struct pt_regs, orig_x0) == FRAME_ORIG_X0, "frame.h");
_Static_assert(offsetof(struct pt_regs, syscall) == FRAME_SYSCALL, "frame.h");
_Static_assert(offsetof(struct pt_regs, task) == FRAME_TASK, "frame.h");
_Static_assert(offsetof(struct pt_regs, esr) == FRAME_ESR, "frame.h");
_Static_assert(offsetof(struct pt_regs, record) == FRAME_RECORD, "frame.h");
_Static_assert(sizeof(struct pt_regs) == FRAME_SIZE, "frame.h");
_Static_assert(offsetof(struct task_head, work) == TASK_WORK, "frame.h");
_Static_assert(offsetof(struct task_head, cpu) == TASK_CPU, "frame.h");
_Static_assert(offsetof(struct task_head, kstack) == TASK_KSTACK, "frame.h");
_Static_assert(offsetof(struct task, arch.context) == TASK_CONTEXT, "frame.h");
_Static_assert(offsetof(struct cpu_context, fp) == 80 && offsetof(struct cpu_context, pc) == 96, "entry.S");
_Static_assert(offsetof(struct fpu_state, fpsr) == FPU_FPSR && offsetof(struct fpu_state, fpcr) == FPU_FPCR, "frame.h");
_Static_assert(sizeof(struct syscall_desc) == 1 << SYSCALL_DESC_SHIFT && offsetof(struct syscall_desc, fn) == 0, "entry.S");
_Static_assert(NR_SYSCALLS == 512, "entry.S");
_Static_assert(KSTACK_SIZE == 1 << KSTACK_SHIFT, "frame.h");
_Static_assert(TIF_EXIT_WORK == 0x1f && TIF_TRACE == BIT(8) && TIF_ENTRY_WORK == TIF_TRACE, "entry.S");

static DEFINE_PERCPU(struct task *, fpu_owner);

/* ---- FP state */
void arm64_fpu_restore(void)
{
	struct task *t = current;

	arm64_fpu_load(&t->arch.fpu);
	t->arch.fpu_cpu = (int)t->head.cpu;
	this_cpu(fpu_owner) = t;
	__atomic_fetch_and(&t->head.work, ~TIF_FPU, __ATOMIC_RELAXED);
}

void arm64_fpu_sync(void)
{
	struct task *t = current;

	preempt_disable();
	if (!(READ_ONCE(t->head.work) & TIF_FPU))
		arm64_fpu_save(&t->arch.fpu);
	preempt_enable();
}

void arm64_fpu_changed(void)
{
	struct task *t = current;

	preempt_disable();
	t->arch.fpu_cpu = -1;
	__atomic_fetch_or(&t->head.work, TIF_FPU, __ATOMIC_RELAXED);
	preempt_enable();
}

static void fpu_switch(struct task *prev, struct task *next)
{
	if (!(READ_ONCE(prev->head.work) & TIF_FPU)) {
		arm64_fpu_save(&prev->arch.fpu);
		__atomic_fetch_or(&prev->head.work, TIF_FPU, __ATOMIC_RELAXED);
	}
	if (next->arch.fpu_cpu == (int)next->head.cpu && this_cpu(fpu_owner) == next)
		__atomic_fetch_and(&next->head.work, ~TIF_FPU, __ATOMIC_RELAXED);
}

/* ---- switch */
struct task *arch_switch(struct task *prev, struct task *next)
{
	fpu_switch(prev, next);
	prev->arch.tpidr = read_sysreg(tpidr_el0);
	write_sysreg(tpidr_el0, next->arch.tpidr);
	return arm64_cpu_switch(prev, next);
}

static struct pt_regs *frame_of(const struct task *t)
{
	return (struct pt_regs *)((uintptr_t)t->head.kstack + KSTACK_SIZE) - 1;
}

void arch_task_init(struct task *t)
{
	struct pt_regs *regs = frame_of(t);

	memset(regs, 0, sizeof(*regs));
	regs->task = t;
	regs->syscall = -1;
	t->user_regs = regs;
	t->arch.fpu_cpu = -1;
	t->head.work |= TIF_FPU;
	memset(&t->arch.context, 0, sizeof(t->arch.context));
	t->arch.context.sp = (uintptr_t)regs;
	t->arch.context.pc = (uintptr_t)arm64_ret_from_fork;
}

int arch_task_fork(struct task *child, const struct clone_args *args)
{
	struct task *t = current;
	struct pt_regs *regs = frame_of(child);

	*regs = *t->user_regs;
	regs->task = child;
	regs->regs[0] = 0;
	regs->syscall = -1;
	if (args->stack)
		regs->sp = args->stack + args->stack_size;
	/* Without CLONE_SETTLS the child goes on with the caller's live register. */
	child->arch.tpidr = args->flags & CLONE_SETTLS ? args->tls : read_sysreg(tpidr_el0);
	child->arch.fault_address = 0;
	child->arch.fault_esr = 0;
	preempt_disable();
	if (READ_ONCE(t->head.work) & TIF_FPU)
		child->arch.fpu = t->arch.fpu;
	else
		arm64_fpu_save(&child->arch.fpu);
	preempt_enable();
	return 0;
}

void arch_task_kthread(struct task *t, int (*fn)(void *), void *arg)
{
	t->arch.tpidr = 0;
	memset(&t->arch.fpu, 0, sizeof(t->arch.fpu));
	t->arch.context.x19 = (uintptr_t)fn;
	t->arch.context.x20 = (uintptr_t)arg;
}

/*
 * A kernel thread's function is done. One that has become a process by exec goes on to user
 * mode.
 */
void arm64_kthread_return(int ret)
{
	if (current->flags & TF_KTHREAD)
		do_exit(ret);
}

void arch_exec_regs(struct pt_regs *regs, vaddr_t pc, vaddr_t sp)
{
	struct task *t = current;

	memset(regs, 0, offsetof(struct pt_regs, task));
	regs->pc = pc;
	regs->sp = sp;
	regs->pstate = PSR_EL0t;
	regs->syscall = -1;
	memset(&t->arch.fpu, 0, sizeof(t->arch.fpu));
	/* Also what makes the exit reload every register (entry.S). */
	arm64_fpu_changed();
	t->arch.fault_address = 0;
	t->arch.fault_esr = 0;
	write_sysreg(tpidr_el0, 0);
}

void arch_task_release(struct task *t)
{
	/*
	 * A CPU's fpu_owner may still point here. A new task at the same address has fpu_cpu -1
	 * until it is loaded somewhere, and only the CPU where that happened, which then names
	 * it rightly, is taken at its word.
	 */
}

/* ---- backtraces */
uintptr_t arch_task_saved_pc(const struct task *t)
{
	return t->arch.context.pc;
}

uintptr_t arch_task_saved_fp(const struct task *t)
{
	return t->arch.context.fp;
}

/*
 * A frame record is { caller's frame pointer, return address } at x29 (AAPCS64, "The Frame
 * Pointer"). Exceptions from kernel mode leave one in their pt_regs.
 */
bool arch_unwind(struct unwind *u)
{
	return unwind_record(u, (const uintptr_t *)u->fp);
}
