/* SPDX-License-Identifier: MIT */
/*
 * What exceptions mean: page faults, signals for what user mode did wrong, reports for what the
 * kernel did.
 *
 * entry.S calls in with the frame complete. From user mode interrupts are on already (except in
 * interrupt handlers); in kernel mode they are as they were only where a fault is going to
 * sleep.
 *
 * Signal numbers, codes and addresses are Linux's for arm64. Reference: Arm ARM DDI 0487,
 * "ESR_EL1, Exception Syndrome Register".
 */
#include <kernel/extable.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <machine/arm64.h>

DEFINE_PERCPU(char, arm64_emergency_stack)[EMERGENCY_SIZE] __aligned(16);

/* Fault status codes (DFSC, IFSC) without the level. */
#define FSC(esr)	((unsigned)(esr) & 0x3f)
#define FSC_TYPE(esr)	((unsigned)(esr) & 0x3c)
#define FSC_TRANSLATION	0x04
#define FSC_ACCESS	0x08
#define FSC_PERMISSION	0x0c
#define FSC_EXTERNAL	0x10
#define FSC_EXTERNAL_WALK 0x14
#define FSC_ALIGNMENT	0x21
#define ESR_WNR		BIT(6)
#define ESR_CM		BIT(8)
#define ESR_FNV		BIT(10)
#define ESR_IL		BIT(25)

/* ---- user mode */
static void user_fault(int sig, int code, unsigned long addr, uint64_t esr, unsigned long far)
{
	/* Where the kernel's half is mapped is nobody's business: all of it looks unmapped. */
	if (far >= USER_END) {
		if (ESR_EC(esr) == EC_DABT_EL0)
			esr = (esr & (0xfc000000 | ESR_IL | ESR_CM | ESR_WNR)) | FSC_TRANSLATION;
		else if (ESR_EC(esr) == EC_IABT_EL0)
			esr = (esr & (0xfc000000 | ESR_IL)) | FSC_TRANSLATION;
	}
	current->arch.fault_address = far;
	current->arch.fault_esr = esr;
	force_signal_fault(sig, code, addr);
}

/* As part of the line about a process that dies of a fault. */
int arch_fault_text(char *buf, size_t size)
{
	uint64_t esr = current->arch.fault_esr;

	return esr ? scnprintf(buf, size, " esr %#lx", (unsigned long)esr) : 0;
}

static unsigned fault_access(uint64_t esr)
{
	unsigned ec = ESR_EC(esr);

	if (ec == EC_IABT_EL0 || ec == EC_IABT_EL1)
		return VM_EXEC;
	/* Cache maintenance reports WnR but needs read permission only. */
	return (esr & (ESR_WNR | ESR_CM)) == ESR_WNR ? VM_WRITE : VM_READ;
}

static bool fault_is_paging(uint64_t esr)
{
	unsigned type = FSC_TYPE(esr);

	return type == FSC_TRANSLATION || type == FSC_ACCESS || type == FSC_PERMISSION;
}

static void user_abort(uint64_t far, uint64_t esr)
{
	/* TBI0: the top byte takes no part in translation, but is in FAR. */
	uint64_t va = far & 1ull << 55 ? far : far & ~(0xffull << 56);
	int err;

	if (likely(fault_is_paging(esr))) {
		err = va < USER_END ? vm_fault(current->mm, va, fault_access(esr), true) : -EFAULT;
		if (likely(!err))
			return;
		if (err == -EFAULT || err == -EACCES)
			user_fault(SIGSEGV, err == -EFAULT ? SEGV_MAPERR : SEGV_ACCERR, va, esr, far);
		else if (err == -EIO)
			user_fault(SIGBUS, BUS_ADRERR, va, esr, far);
		/* -ENOMEM, -EINTR: it is being killed */
		return;
	}
	if (FSC(esr) == FSC_ALIGNMENT)
		user_fault(SIGBUS, BUS_ADRALN, va, esr, far);
	else if (FSC_TYPE(esr) == FSC_EXTERNAL || FSC_TYPE(esr) == FSC_EXTERNAL_WALK)
		user_fault(SIGBUS, BUS_OBJERR, esr & ESR_FNV ? 0 : va, esr, esr & ESR_FNV ? 0 : far);
	else
		force_signal(SIGKILL);	/* TLB conflict, address size: nothing the program can have done */
}

static int fpe_code(uint64_t esr)
{
	if (!(esr & BIT(23)))		/* TFV: the other bits say nothing */
		return FPE_FLTUNK;
	if (esr & BIT(0))
		return FPE_FLTINV;
	if (esr & BIT(1))
		return FPE_FLTDIV;
	if (esr & BIT(2))
		return FPE_FLTOVF;
	if (esr & BIT(3))
		return FPE_FLTUND;
	return esr & BIT(4) ? FPE_FLTRES : FPE_FLTUNK;
}

/*
 * Reading an ID register from user mode (HWCAP_CPUID). With FEAT_IDST the syndrome says so,
 * else it is just undefined.
 */
static bool user_emulate(struct pt_regs *regs)
{
	uint32_t insn;
	uint64_t value;
	unsigned rt;

	if ((regs->pc & 3) || get_user(insn, (const uint32_t __user *)regs->pc))
		return false;
	if ((insn & 0xfff00000) != 0xd5300000 || !arm64_id_register(insn >> 5 & 0x7fff, &value))
		return false;
	rt = insn & 31;
	if (rt != 31)
		regs->regs[rt] = value;
	regs->pc += 4;
	return true;
}

void arm64_el0_sync(struct pt_regs *regs, uint64_t far, uint64_t esr)
{
	switch (ESR_EC(esr)) {
	case EC_DABT_EL0:
	case EC_IABT_EL0:
		user_abort(far, esr);
		break;
	case EC_UNKNOWN:
	case EC_MRS:
		if (user_emulate(regs))
			break;
		/* Linux reports no syndrome for an undefined instruction, nor for a breakpoint. */
		user_fault(SIGILL, ILL_ILLOPC, regs->pc, 0, 0);
		break;
	default:		/* SVE, SME, BTI, illegal state: nothing that is offered */
		user_fault(SIGILL, ILL_ILLOPC, regs->pc, esr, 0);
		break;
	case EC_PC_ALIGN:
		user_fault(SIGBUS, BUS_ADRALN, far, esr, 0);
		break;
	case EC_SP_ALIGN:
		user_fault(SIGBUS, BUS_ADRALN, regs->sp, esr, 0);
		break;
	case EC_FP_EXC:
		user_fault(SIGFPE, fpe_code(esr), regs->pc, 0, 0);
		break;
	case EC_BRK64:
		user_fault(SIGTRAP, TRAP_BRKPT, regs->pc, 0, 0);
		break;
	case EC_STEP_EL0:
		user_fault(SIGTRAP, TRAP_TRACE, regs->pc, esr, 0);
		break;
	case EC_BREAK_EL0:
		user_fault(SIGTRAP, TRAP_HWBKPT, regs->pc, esr, 0);
		break;
	case EC_WATCH_EL0:
		user_fault(SIGTRAP, TRAP_HWBKPT, far, esr, far);
		break;
	}
}

/*
 * Interrupts masked; returns the same way with nothing left to do. exit_to_user_work() may
 * sleep and switch, so the word is read again each time. The FP registers come last: whatever
 * ran in between may have used the CPU for another task.
 */
void arm64_exit_work(struct pt_regs *regs)
{
	struct task_head *head = current_head();
	unsigned long work;

	while ((work = READ_ONCE(head->work)) & TIF_EXIT_WORK) {
		if (work & TIF_EXIT_WORK & ~TIF_FPU) {
			exit_to_user_work(regs, work);
			arch_irq_disable();
		} else {
			arm64_fpu_restore();
		}
	}
}

/* ---- interrupts */
void arm64_irq_el0(struct pt_regs *regs)
{
	irq_enter();
	irq_root_handler();
	irq_exit();
}

void arm64_irq_el1(struct pt_regs *regs)
{
	irq_enter();
	irq_root_handler();
	irq_exit();
}

/* ---- kernel mode */
static const char *const ubsan_kinds[] = {
	[0] = "add overflow", [1] = "builtin unreachable", [2] = "control-flow check", [3] = "divrem overflow",
	[4] = "dynamic type cache miss", [5] = "float cast overflow", [6] = "function type mismatch",
	[7] = "implicit conversion", [8] = "invalid builtin argument", [9] = "invalid Objective-C cast", [10] = "invalid load",
	[11] = "missing return", [12] = "mul overflow", [13] = "negate overflow", [14] = "null argument",
	[15] = "null return", [16] = "pointer not null", [17] = "pointer not null", [18] = "index out of bounds",
	[19] = "pointer overflow", [20] = "shift out of bounds", [21] = "sub overflow", [22] = "type mismatch",
	[23] = "alignment assumption", [24] = "negative array length",
};

static void kernel_break(struct pt_regs *regs, uint64_t esr)
{
	unsigned imm = (unsigned)esr & 0xffff, kind = imm & 0xff;

	/*
	 * clang -fsanitize-trap: 0x5500 and the kind of check; gcc: brk 1000 for every kind and
	 * __builtin_trap.
	 */
	if ((imm & 0xff00) == 0x5500)
		oops(regs, "undefined behaviour: %s",
		     kind < ARRAY_SIZE(ubsan_kinds) && ubsan_kinds[kind] ? ubsan_kinds[kind] : "unknown kind");
	oops(regs, imm == 1000 ? "undefined behaviour or unreachable code" : "unexpected BRK %#x", imm);
}

/*
 * A fault in the kernel. On a user address from an instruction that is allowed to fault: a page
 * fault like the user's own, if we may sleep. If that is refused, or for any other address
 * (copies that probe kernel memory): the fixup.
 */
static void kernel_abort(struct pt_regs *regs, uint64_t far, uint64_t esr)
{
	const struct extable_entry *fix = extable_find(regs->pc);
	uint64_t va = far & 1ull << 55 ? far : far & ~(0xffull << 56);
	int err;

	if (likely(fix)) {
		if (va < USER_END && fault_is_paging(esr) && !user_access_disabled() && current->mm &&
		    !(regs->pstate & PSR_I)) {
			arch_irq_enable();
			err = vm_fault(current->mm, va, fault_access(esr), false);
			arch_irq_disable();
			if (likely(!err))
				return;
		}
		regs->pc = extable_fixup(fix);
		return;
	}
	oops(regs, "%s at %#lx, esr %#lx", fault_access(esr) == VM_EXEC ? "bad jump" :
	     va < USER_END && va >= PAGE_SIZE && FSC_TYPE(esr) == FSC_PERMISSION ? "user memory touched without leave" :
	     va < PAGE_SIZE ? "null pointer" : fault_access(esr) == VM_WRITE ? "bad write" : "bad read",
	     (unsigned long)far, (unsigned long)esr);
}

void arm64_el1_sync(struct pt_regs *regs, uint64_t far, uint64_t esr)
{
	switch (ESR_EC(esr)) {
	case EC_DABT_EL1:
	case EC_IABT_EL1:
		kernel_abort(regs, far, esr);
		break;
	case EC_BRK64:
		kernel_break(regs, esr);
		break;
	default:
		oops(regs, "unexpected exception, esr %#lx", (unsigned long)esr);
	}
}

__noreturn void arm64_stack_overflow(struct pt_regs *regs, uint64_t far, uint64_t esr)
{
	uintptr_t low = (uintptr_t)current_head()->kstack;

	show_registers(regs);
	show_backtrace(NULL, regs);
	panic("kernel stack of %s overflowed: sp %#lx, stack from %#lx, pc %#lx (%pS), address %#lx, esr %#lx", current->comm,
	      (unsigned long)regs->sp, (unsigned long)low, (unsigned long)regs->pc, (void *)regs->pc, (unsigned long)far,
	      (unsigned long)esr);
}

void arm64_serror(struct pt_regs *regs, uint64_t esr)
{
	show_registers(regs);
	panic("SError interrupt: the memory system reports an error, esr %#lx", (unsigned long)esr);
}

__noreturn void arm64_bad_exception(struct pt_regs *regs, unsigned kind, uint64_t esr)
{
	static const char *const kinds[] = { "synchronous", "IRQ", "FIQ", "SError" };

	show_registers(regs);
	panic("exception through an unused vector: %s, esr %#lx", kinds[kind & 3], (unsigned long)esr);
}

void show_registers(const struct pt_regs *regs)
{
	unsigned i;

	pr_emerg("pc %016lx %pS", (unsigned long)regs->pc, regs_user_mode(regs) ? NULL : (void *)regs->pc);
	pr_emerg("lr %016lx %pS", (unsigned long)regs->regs[30], regs_user_mode(regs) ? NULL : (void *)regs->regs[30]);
	pr_emerg("sp %016lx pstate %08lx esr %08lx syscall %ld", (unsigned long)regs->sp, (unsigned long)regs->pstate,
		 (unsigned long)regs->esr, regs_syscall_nr(regs));
	for (i = 0; i < 30; i += 3)
		pr_emerg("x%-2u %016lx  x%-2u %016lx  x%-2u %016lx", i, (unsigned long)regs->regs[i], i + 1,
			 (unsigned long)regs->regs[i + 1], i + 2, (unsigned long)regs->regs[i + 2]);
}
