/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, exactly as Linux's arm64 lays them out: programs, unwinders and sigreturn read
 * them.
 *
 *	sp ->	siginfo				128 bytes
 *		ucontext			registers, then 4096 bytes of tagged records:
 *			fpsimd_context		always
 *			esr_context		after a fault
 *			{ 0, 0 }
 *		frame record { x29, x30 }	what the handler's frame pointer points to
 *
 * Everything that the frame says on return is checked; a bad frame is a SIGSEGV.
 */
#include <kernel/errno.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <arch/context.h>
#include <machine/arm64.h>
#include <machine/sigcontext.h>
#include <generated/vdso_offsets.h>

#define FRAME_USED offsetof(struct signal_frame, uc.mcontext.reserved)

/*
 * What user mode may have in PSTATE: flags, DIT, SSBS. BTYPE is not offered, single step is a
 * debugger's.
 */
#define PSTATE_USER	(0xf0000000ul | BIT(24) | BIT(12))

static bool on_altstack(const struct task *t, uintptr_t sp)
{
	uintptr_t base = (uintptr_t)t->sigaltstack.sp;

	return t->sigaltstack.size && sp > base && sp - base <= t->sigaltstack.size &&
	       !(t->sigaltstack.flags & SS_AUTODISARM);
}

static int put_records(struct signal_frame __user *frame)
{
	struct task *t = current;
	char __user *at = (char __user *)frame->uc.mcontext.reserved;
	struct record_head fp = { FPSIMD_MAGIC, sizeof(struct fpsimd_record) };
	struct fpsimd_record __user *rec = (struct fpsimd_record __user *)at;
	struct esr_record esr = { { ESR_MAGIC, sizeof(esr) }, t->arch.fault_esr };
	struct record_head end = { 0, 0 };

	arm64_fpu_sync();
	if (copy_to_user(&rec->head, &fp, sizeof(fp)) || put_user(t->arch.fpu.fpsr, &rec->fpsr) ||
	    put_user(t->arch.fpu.fpcr, &rec->fpcr) || copy_to_user(rec->v, t->arch.fpu.v, sizeof(rec->v)))
		return -EFAULT;
	at += sizeof(*rec);
	if (esr.esr) {
		if (copy_to_user(at, &esr, sizeof(esr)))
			return -EFAULT;
		at += sizeof(esr);
	}
	return copy_to_user(at, &end, sizeof(end)) ? -EFAULT : 0;
}

static int put_context(struct signal_frame __user *frame, uint64_t mask, const struct pt_regs *regs)
{
	struct task *t = current;
	struct {
		struct context_head head;
		uint64_t unused[16];
		struct context_regs regs;
	} uc;

	_Static_assert(sizeof(uc) == offsetof(struct user_context, mcontext.reserved) - 8, "no gap but the last");
	memset(&uc, 0, sizeof(uc));
	uc.head.stack.ss_sp = (__typeof__(uc.head.stack.ss_sp))(uintptr_t)t->sigaltstack.sp;
	uc.head.stack.ss_flags = (int)(t->sigaltstack.size ? t->sigaltstack.flags & SS_AUTODISARM : SS_DISABLE) |
				 (on_altstack(t, regs->sp) ? SS_ONSTACK : 0);
	uc.head.stack.ss_size = t->sigaltstack.size;
	uc.head.sigmask = mask;
	uc.regs.fault_address = t->arch.fault_address;
	memcpy(uc.regs.regs, regs->regs, sizeof(uc.regs.regs));
	uc.regs.sp = regs->sp;
	uc.regs.pc = regs->pc;
	uc.regs.pstate = regs->pstate;
	return copy_to_user(&frame->uc, &uc, sizeof(uc)) ? -EFAULT : 0;
}

/* __kernel_rt_sigreturn as the current process sees it; 0: it has no vDSO. */
static uintptr_t vdso_sigreturn(void)
{
	vaddr_t base = current->mm->vdso;

	return base ? base + VDSO_SIGRETURN_OFFSET : 0;
}

int arch_setup_frame(struct ksignal *ks, uint64_t old_mask, struct pt_regs *regs)
{
	struct task *t = current;
	struct signal_frame __user *frame;
	uint64_t record[2] = { regs->regs[29], regs->regs[30] };
	uintptr_t sp = regs->sp, restorer;
	uint8_t info[128];

	if ((ks->sa.flags & SA_ONSTACK) && t->sigaltstack.size && !on_altstack(t, sp))
		sp = (uintptr_t)t->sigaltstack.sp + t->sigaltstack.size;
	else if (on_altstack(t, sp) && sp - sizeof(*frame) - 32 - (uintptr_t)t->sigaltstack.sp > t->sigaltstack.size)
		return -EFAULT;		/* the alternate stack is used up: not onto what lies below it */
	sp = ALIGN_DOWN(sp - sizeof(record), 16);
	if (copy_to_user((void __user *)sp, record, sizeof(record)))
		return -EFAULT;
	frame = (struct signal_frame __user *)ALIGN_DOWN(sp - sizeof(*frame), 16);
	if (!access_ok(frame, sizeof(*frame)) || put_context(frame, old_mask, regs) || put_records(frame))
		return -EFAULT;
	if (ks->sa.flags & SA_SIGINFO) {
		siginfo_to_user_layout(&ks->info, info);
		if (copy_to_user(&frame->info, info, sizeof(info)))
			return -EFAULT;
	}
	restorer = ks->sa.flags & SA_RESTORER ? (uintptr_t)ks->sa.restorer : vdso_sigreturn();

	/* From here on nothing fails. */
	t->arch.fault_address = 0;
	t->arch.fault_esr = 0;
	regs->regs[0] = (uint64_t)ks->sig;
	if (ks->sa.flags & SA_SIGINFO) {
		regs->regs[1] = (uintptr_t)&frame->info;
		regs->regs[2] = (uintptr_t)&frame->uc;
	}
	regs->regs[29] = sp;
	regs->regs[30] = restorer;
	regs->sp = (uintptr_t)frame;
	regs->pc = (uintptr_t)ks->sa.handler;
	regs->pstate &= PSTATE_USER;
	regs->syscall = -1;
	if (t->sigaltstack.flags & SS_AUTODISARM)	/* the frame has it; sigreturn puts it back */
		t->sigaltstack = (stack_t_kernel){ .flags = SS_DISABLE };
	return 0;
}

/*
 * The records: exactly one FP record, known ones at most once, unknown ones are an error, the
 * end within bounds.
 */
static int get_records(const struct signal_frame __user *frame)
{
	const char __user *at = (const char __user *)frame->uc.mcontext.reserved;
	size_t left = sizeof(frame->uc.mcontext.reserved);
	const struct fpsimd_record __user *fp = NULL;
	struct fpu_state *to = &current->arch.fpu;
	struct record_head head;
	uint32_t fpsr, fpcr;

	for (;;) {
		if (left < sizeof(head) || copy_from_user(&head, at, sizeof(head)))
			return -EFAULT;
		if (!head.magic && !head.size)
			break;
		if (head.size < sizeof(head) || head.size > left || head.size % 16)
			return -EFAULT;
		if (head.magic == FPSIMD_MAGIC && !fp && head.size == sizeof(*fp))
			fp = (const struct fpsimd_record __user *)at;
		else if (head.magic != ESR_MAGIC)
			return -EFAULT;
		at += head.size;
		left -= head.size;
	}
	if (!fp || get_user(fpsr, &fp->fpsr) || get_user(fpcr, &fp->fpcr))
		return -EFAULT;
	/* First the flag, then the contents: the live registers are worth nothing now. */
	arm64_fpu_changed();
	if (copy_from_user(to->v, fp->v, sizeof(to->v)))
		return -EFAULT;
	to->fpsr = fpsr;
	to->fpcr = fpcr;
	return 0;
}

static void get_altstack(const struct user_context __user *uc)
{
	struct task *t = current;
	struct altstack_user ss;

	if (copy_from_user(&ss, &uc->head.stack, sizeof(ss)) || on_altstack(t, t->user_regs->sp))
		return;
	if (ss.ss_flags & SS_DISABLE) {
		t->sigaltstack = (stack_t_kernel){ .flags = SS_DISABLE };
	} else if (ss.ss_size >= 5120) {	/* MINSIGSTKSZ of arm64 */
		t->sigaltstack.sp = (void __user *)ss.ss_sp;
		t->sigaltstack.size = ss.ss_size;
		t->sigaltstack.flags = (unsigned)ss.ss_flags & SS_AUTODISARM;
	}
}

/* The caller installs *mask and returns regs_result(): x0 is then as the frame has it. */
int arch_restore_frame(struct pt_regs *regs, uint64_t *mask)
{
	const struct signal_frame __user *frame = (const struct signal_frame __user *)regs->sp;
	struct context_regs r;
	uint64_t set;

	if (regs->sp & 15 || !access_ok(frame, sizeof(*frame)))
		return -EFAULT;
	if (copy_from_user(&set, &frame->uc.head.sigmask, sizeof(set)) ||
	    copy_from_user(&r, &frame->uc.mcontext.regs, sizeof(r)))
		return -EFAULT;
	if (r.pstate & (PSR_MODE_MASK | PSR_MODE32 | PSR_DAIF))
		return -EFAULT;
	if (get_records(frame))
		return -EFAULT;
	memcpy(regs->regs, r.regs, sizeof(r.regs));
	regs->sp = r.sp;
	regs->pc = r.pc;
	regs->pstate = r.pstate & PSTATE_USER;
	regs->syscall = -1;
	get_altstack(&frame->uc);
	*mask = set;
	return 0;
}
