/* SPDX-License-Identifier: MIT */
/*
 * What exceptions mean: page faults, signals for what user mode did wrong, reports for what the kernel did. The descriptor table.
 *
 * entry.S calls in with the frame complete and interrupts off. For user mode they go on once the registers that the next
 * exception would overwrite (CR2, DR6) are read; in kernel mode only where a fault is going to sleep.
 *
 * Signal numbers, codes, addresses and what the frame says in trapno, err and cr2 are Linux's for x86_64. Reference: SDM
 * volume 3, "Exception and interrupt reference".
 */
#include <kernel/extable.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <arch/ioport.h>
#include <machine/boot.h>
#include <machine/x86.h>

enum { DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14,
       MF = 16, AC = 17, MC = 18, XM = 19, CP = 21 };

#define PF_PROT		BIT(0)
#define PF_WRITE	BIT(1)
#define PF_USER		BIT(2)
#define PF_RSVD		BIT(3)
#define PF_INSTR	BIT(4)

#define ILL_ILLOPN	2
#define DR6_STEP	BIT(14)
#define DR6_TRAPS	0xful

/* ---- the descriptor table */
struct idt_gate {
	uint16_t lo, sel;
	uint8_t ist, type;
	uint16_t mid;
	uint32_t hi, zero;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM volume 3, \"64-bit mode IDT\"");
static struct idt_gate idt[256] __ro_after_init __aligned(64);

void x86_idt_init(void)
{
	unsigned v;

	for (v = 0; v < 256; v++) {
		uint64_t at = (uintptr_t)x86_idt_stubs[v];

		idt[v] = (struct idt_gate){
			.lo = (uint16_t)at, .mid = (uint16_t)(at >> 16), .hi = (uint32_t)(at >> 32), .sel = SEL_KERNEL_CODE,
			.ist = v == DF ? IST_DF : v == NMI ? IST_NMI : v == DB ? IST_DB : v == MC ? IST_MC : 0,
			/* Interrupt gate; INT3 and INTO are the user's to raise. */
			.type = 0x8e | (v == BP || v == OF ? 0x60 : 0),
		};
	}
}

void x86_idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __packed desc = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lidt %0" : : "m"(desc) : "memory");
}

/* ---- user mode */
static void note_trap(unsigned vector, uint64_t error)
{
	current->arch.trap = vector;
	current->arch.error = error;
}

/* As part of the line about a process that dies of a fault. */
int arch_fault_text(char *buf, size_t size)
{
	return scnprintf(buf, size, " trap %u error %lx", current->arch.trap, (unsigned long)current->arch.error);
}

static unsigned fault_access(uint64_t error)
{
	return error & PF_INSTR ? VM_EXEC : error & PF_WRITE ? VM_WRITE : VM_READ;
}

static void user_page_fault(uint64_t va, uint64_t error)
{
	int err;

	if (unlikely(error & PF_RSVD))
		panic("page tables of %s are damaged: address %#lx, error %#lx", current->comm, (unsigned long)va, (unsigned long)error);
	err = va < USER_END ? vm_fault(current->mm, va, fault_access(error), true) : -EFAULT;
	if (likely(!err))
		return;
	if (err != -EFAULT && err != -EACCES && err != -EIO)
		return;		/* -ENOMEM, -EINTR: it is being killed */
	/* Where the kernel's half is mapped is nobody's business: all of it looks mapped. */
	note_trap(PF, va < USER_END ? error : error | PF_PROT);
	current->arch.cr2 = va;
	if (err == -EIO)
		force_signal_fault(SIGBUS, BUS_ADRERR, va);
	else
		force_signal_fault(SIGSEGV, err == -EFAULT ? SEGV_MAPERR : SEGV_ACCERR, va);
}

/* Unmasked exceptions of the x87 and SSE units: one code, by priority. @status: bits invalid, denormal, zero, over, under, precision. */
static int fpe_code(unsigned status)
{
	if (status & BIT(0))
		return FPE_FLTINV;
	if (status & BIT(2))
		return FPE_FLTDIV;
	if (status & BIT(3))
		return FPE_FLTOVF;
	if (status & (BIT(1) | BIT(4)))
		return FPE_FLTUND;
	return status & BIT(5) ? FPE_FLTRES : 0;
}

static void user_fpe(struct pt_regs *regs, unsigned vector)
{
	const struct task *t = current;
	uint16_t cw, sw;
	uint32_t mxcsr;
	int code;

	x86_fpu_sync();
	memcpy(&cw, t->arch.fpu, 2);
	memcpy(&sw, t->arch.fpu + 2, 2);
	memcpy(&mxcsr, t->arch.fpu + 24, 4);
	code = vector == MF ? fpe_code(sw & ~(unsigned)cw) : fpe_code(~(mxcsr >> 7) & mxcsr);
	/* The exception was pending and is gone: nothing to tell. */
	if (code)
		force_signal_fault(SIGFPE, code, regs->ip);
}

static void user_debug(struct pt_regs *regs, uint64_t dr6)
{
	/* The trap flag is the program's own: it stays, and the frame has it. */
	force_signal_fault(SIGTRAP, dr6 & DR6_STEP ? TRAP_TRACE : dr6 & DR6_TRAPS ? TRAP_HWBKPT : TRAP_BRKPT, regs->ip);
}

/* What a debug exception was about; cleared for the next one. Some bits read as ones when nothing happened. */
static uint64_t debug_status(void)
{
	uint64_t dr6;

	__asm__ volatile("movq %%db6, %0" : "=r"(dr6));
	__asm__ volatile("movq %0, %%db6" : : "r"(0xffff0ff0ul));
	return dr6 ^ 0xffff0ff0ul;
}

void x86_user_exception(struct pt_regs *regs, unsigned vector)
{
	uint64_t cr2 = 0, dr6 = 0, error = regs->orig_ax;

	if (likely(vector == PF)) {
		cr2 = read_cr2();
	} else if (vector == DB) {
		dr6 = debug_status();
	}
	arch_irq_enable();
	if (likely(vector == PF)) {
		user_page_fault(cr2, error);
		return;
	}
	note_trap(vector, error);
	switch (vector) {
	case DE:
		force_signal_fault(SIGFPE, FPE_INTDIV, regs->ip);
		break;
	case DB:
		user_debug(regs, dr6);
		break;
	case BP:
		force_signal(SIGTRAP);
		break;
	case UD:
		force_signal_fault(SIGILL, ILL_ILLOPN, regs->ip);
		break;
	case MF:
	case XM:
		user_fpe(regs, vector);
		break;
	case AC:
		force_signal_fault(SIGBUS, BUS_ADRALN, 0);
		break;
	case NP:
	case SS:
		force_signal(SIGBUS);
		break;
	case NM:
		panic("extended state is off: CR0 %#lx", (unsigned long)read_cr0());
	default:		/* general protection, overflow, bound, segments */
		force_signal(SIGSEGV);
		break;
	}
}

/*
 * Interrupts masked; returns the same way with nothing left to do. exit_to_user_work() may sleep and switch, so the word is read
 * again each time. The registers of the FP units come last: whatever ran in between may have used the CPU for another task.
 * An address that is not canonical would make IRET fault in the kernel: it becomes the signal that Linux makes of that.
 */
void x86_exit_work(struct pt_regs *regs)
{
	struct task_head *head = current_head();
	unsigned long work;

	for (;;) {
		while ((work = READ_ONCE(head->work)) & TIF_EXIT_WORK) {
			if (work & TIF_EXIT_WORK & ~TIF_FPU) {
				exit_to_user_work(regs, work);
				arch_irq_disable();
			} else {
				x86_fpu_restore();
			}
		}
		if (likely(!(regs->ip >> VA_BITS)))
			return;
		note_trap(GP, 0);
		arch_irq_enable();
		force_signal(SIGSEGV);
		arch_irq_disable();
	}
}

/* ---- interrupts */
void x86_interrupt(struct pt_regs *regs, unsigned vector)
{
	/* Handlers are RCU readers, and may switch to a task on their way out: the CPU no longer counts as idle. */
	if (regs->ip == (uintptr_t)x86_idle_woken)
		rcu_idle_exit();
	irq_enter();
	this_cpu(x86_cpu).vector = vector;
	irq_root_handler();
	irq_exit();
}

/* ---- kernel mode */
static const char *exception_name(unsigned vector)
{
	static const char *const names[] = {
		[DE] = "divide error", [DB] = "debug exception", [NMI] = "NMI", [BP] = "INT3", [OF] = "overflow", [BR] = "bound",
		[UD] = "invalid opcode", [NM] = "device not available", [DF] = "double fault", [TS] = "invalid TSS",
		[NP] = "segment not present", [SS] = "stack fault", [GP] = "general protection fault", [PF] = "page fault",
		[MF] = "x87 exception", [AC] = "alignment check", [MC] = "machine check", [XM] = "SSE exception",
		[CP] = "control protection",
	};

	return vector < ARRAY_SIZE(names) && names[vector] ? names[vector] : "reserved exception";
}

/* What CALL has pushed, before the function has made a frame. */
static uintptr_t return_address(const struct pt_regs *regs)
{
	return regs->sp - (uintptr_t)current_head()->kstack < KSTACK_SIZE && !(regs->sp & 7) ? *(const uintptr_t *)regs->sp : 0;
}

/*
 * A fault in the kernel. On a user address from an instruction that is allowed to fault: a page fault like the user's own, if
 * we may sleep. If that is refused, or for any other address (copies that probe kernel memory): the fixup.
 */
static void kernel_page_fault(struct pt_regs *regs, uint64_t va, uint64_t error)
{
	const struct extable_entry *fix = extable_find(regs->ip);
	int err;

	if (likely(fix)) {
		if (va < USER_END && !(error & PF_RSVD) && !user_access_disabled() && current->mm && (regs->flags & FLAGS_IF)) {
			arch_irq_enable();
			err = vm_fault(current->mm, va, fault_access(error), false);
			arch_irq_disable();
			if (likely(!err))
				return;
		}
		regs->ip = extable_fixup(fix);
		return;
	}
	if (fault_access(error) == VM_EXEC)
		oops(regs, "bad jump to %#lx from %pS, error %#lx", (unsigned long)va, (void *)return_address(regs), (unsigned long)error);
	oops(regs, "%s at %#lx, error %#lx", va < USER_END && va >= PAGE_SIZE && (error & PF_PROT) ? "user memory touched without leave" :
	     va < PAGE_SIZE ? "null pointer" : fault_access(error) == VM_WRITE ? "bad write" : "bad read",
	     (unsigned long)va, (unsigned long)error);
}

void x86_kernel_exception(struct pt_regs *regs, unsigned vector)
{
	const struct extable_entry *fix;

	if (likely(vector == PF)) {
		kernel_page_fault(regs, read_cr2(), regs->orig_ax);
		return;
	}
	/* An address that is not canonical, in a copy: general protection, or stack fault by way of RSP and RBP. */
	if ((vector == GP || vector == SS) && (fix = extable_find(regs->ip))) {
		regs->ip = extable_fixup(fix);
		return;
	}
	if (vector == UD)
		oops(regs, "invalid opcode: undefined behaviour or unreachable code");
	oops(regs, "%s, error %#lx", exception_name(vector), (unsigned long)regs->orig_ax);
}

static __noreturn void double_fault(struct pt_regs *regs)
{
	uintptr_t low = (uintptr_t)current_head()->kstack;
	uint64_t cr2 = read_cr2();

	if (low - cr2 - 1 < PAGE_SIZE || regs->sp - low > KSTACK_SIZE)
		panic_at(regs, "kernel stack of %s overflowed: sp %#lx, stack from %#lx, pc %#lx (%pS), address %#lx", current->comm,
		      (unsigned long)regs->sp, (unsigned long)low, (unsigned long)regs->ip, (void *)regs->ip, (unsigned long)cr2);
	panic_at(regs, "double fault: pc %#lx (%pS), cr2 %#lx", (unsigned long)regs->ip, (void *)regs->ip, (unsigned long)cr2);
}

/* ---- machine checks, NMIs, debug traps: on stacks of their own, possibly between any two instructions of the kernel */

/* Errors are signalled from here on; what firmware has left is no error of ours. */
void x86_mce_init_cpu(void)
{
	uint64_t cap;
	unsigned bank;

	if ((cpuid(1, 0).d & (BIT(7) | BIT(14))) != (BIT(7) | BIT(14)))
		return;
	cap = rdmsr(MSR_MCG_CAP);
	if (cap & BIT(8))
		wrmsr(MSR_MCG_CTL, ~0ull);
	for (bank = 0; bank < (cap & 0xff); bank++) {
		wrmsr(MSR_MC_CTL(bank), ~0ull);
		wrmsr(MSR_MC_STATUS(bank), 0);
	}
}

/* Only errors that nothing has corrected come this way. On many CPUs all get it: one reports. */
static __noreturn void machine_check(struct pt_regs *regs)
{
	unsigned bank, n = (unsigned)rdmsr(MSR_MCG_CAP) & 0xff;
	uint64_t status = 0;

	for (bank = 0; bank < n; bank++) {
		status = rdmsr(MSR_MC_STATUS(bank));
		if (status & BIT64(63) && status & BIT64(61))
			break;
	}
	if (bank < n)
		panic_at(regs, "machine check: the hardware reports an error: state %#lx, bank %u: status %#lx, address %#lx",
			 (unsigned long)rdmsr(MSR_MCG_STATUS), bank, (unsigned long)status,
			 (unsigned long)(status & BIT64(58) ? rdmsr(MSR_MC_ADDR(bank)) : 0));
	panic_at(regs, "machine check: the hardware reports an error: state %#lx", (unsigned long)rdmsr(MSR_MCG_STATUS));
}

#define PORT_NMI_REASON	0x61
static bool nmi_panics __ro_after_init;

/*
 * Another CPU that reports a crash and found this one deaf; or a button, a watchdog, failing hardware. Of the latter nothing is
 * printed and no lock taken: whatever that needs may be what was interrupted. An interrupt to ourselves reports it. Meanwhile another
 * NMI gets the other half of the stack.
 */
static void nmi(struct pt_regs *regs)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);
	uint64_t top = cpu->tss.ist[IST_NMI - 1];
	static unsigned panicking;

	cpu->tss.ist[IST_NMI - 1] = (uintptr_t)&cpu->ist[IST_NMI - 1].half[0].cpu;
	barrier();
	if (ipi_handle_hard(regs))
		goto out;
	/* All CPUs may get it at once. The others stay fit for the reporter's questions. */
	if (nmi_panics && !xchg(&panicking, 1u))
		panic_at(regs, "NMI, reason %02x", port_readb(PORT_NMI_REASON));
	cpu->nmi_ip = regs->ip;
	cpu->nmi_reason = port_readb(PORT_NMI_REASON);
	WRITE_ONCE(cpu->nmis, cpu->nmis + 1);
	x86_ipi_self_from_nmi();
out:
	barrier();
	cpu->tss.ist[IST_NMI - 1] = top;
}

void x86_nmi_report(void)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);
	unsigned n = xchg(&cpu->nmis, 0u);
	uint64_t ip = READ_ONCE(cpu->nmi_ip);

	/* Bits 7 and 6 of the reason: a bus or an expansion card reports an error. */
	if (n)
		pr_emerg("x86: NMI on CPU%u at %#lx (%pS), reason %02x%s, %u since the last report", smp_processor_id(), (unsigned long)ip,
			 ip >> VA_BITS ? (void *)ip : NULL, cpu->nmi_reason, cpu->nmi_reason & 0xc0 ? ": hardware error" : "", n);
}

static int nmi_word(const char *v)
{
	nmi_panics = true;
	return 0;
}
BOOT_PARAM(unknown_nmi_panic, "unknown_nmi_panic", nmi_word);

void x86_ist_exception(struct pt_regs *regs, unsigned vector)
{
	switch (vector) {
	case DF:
		double_fault(regs);
	case NMI:
		nmi(regs);
		return;
	case DB:
		/* A single step of the user's that went through SYSCALL (SFMASK clears TF one instruction late). */
		(void)debug_status();
		regs->flags &= ~FLAGS_TF;
		return;
	default:
		machine_check(regs);
	}
}

void show_registers(const struct pt_regs *r)
{
	pr_emerg("pc %04x:%016lx %pS", (unsigned)r->cs, (unsigned long)r->ip, regs_user_mode(r) ? NULL : (void *)r->ip);
	pr_emerg("sp %04x:%016lx flags %08lx orig_ax %lx syscall %ld", (unsigned)r->ss, (unsigned long)r->sp, (unsigned long)r->flags,
		 (unsigned long)r->orig_ax, regs_syscall_nr(r));
	pr_emerg("ax %016lx  bx %016lx  cx %016lx", (unsigned long)r->ax, (unsigned long)r->bx, (unsigned long)r->cx);
	pr_emerg("dx %016lx  si %016lx  di %016lx", (unsigned long)r->dx, (unsigned long)r->si, (unsigned long)r->di);
	pr_emerg("bp %016lx  r8 %016lx  r9 %016lx", (unsigned long)r->bp, (unsigned long)r->r8, (unsigned long)r->r9);
	pr_emerg("r10 %016lx  r11 %016lx  r12 %016lx", (unsigned long)r->r10, (unsigned long)r->r11, (unsigned long)r->r12);
	pr_emerg("r13 %016lx  r14 %016lx  r15 %016lx", (unsigned long)r->r13, (unsigned long)r->r14, (unsigned long)r->r15);
	pr_emerg("cr2 %016lx  cr3 %016lx  cr4 %08lx", (unsigned long)read_cr2(), (unsigned long)read_cr3(), (unsigned long)read_cr4());
}
