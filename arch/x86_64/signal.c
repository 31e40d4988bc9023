/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, exactly as Linux's x86_64 lays them out: programs, unwinders and sigreturn read them.
 *
 *	sp ->	return address		SA_RESTORER's
 *		ucontext		registers, what the last fault said, the mask
 *		siginfo			128 bytes
 *		(gap)
 *		extended state		64-byte aligned: XSAVE's standard format, with a description in the unused words of
 *					its legacy area, and a second magic number behind it
 *	then the red zone of the interrupted function: 128 bytes
 *
 * Everything that the frame says on return is checked; a bad frame is a SIGSEGV. The selectors of user mode are fixed: others
 * are bad, as IRET would fault on them or enter code of 32 bits.
 */
#include <kernel/errno.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <arch/context.h>
#include <machine/sigcontext.h>
#include <machine/x86.h>

#define RED_ZONE 128u

/* What a frame may set: arithmetic flags, direction, trap, resume, alignment check. */
#define FLAGS_USER (FLAGS_CF | FLAGS_PF | FLAGS_AF | FLAGS_ZF | FLAGS_SF | FLAGS_TF | FLAGS_DF | FLAGS_OF | FLAGS_RF | FLAGS_AC)

static bool on_altstack(const struct task *t, uintptr_t sp)
{
	uintptr_t base = (uintptr_t)t->sigaltstack.sp;

	return t->sigaltstack.size && sp > base && sp - base <= t->sigaltstack.size &&
	       !(t->sigaltstack.flags & SS_AUTODISARM);
}

/* Bytes of extended state in a frame. */
static size_t fp_size(void)
{
	return x86_has_xsave ? x86_xstate_size + sizeof(uint32_t) : FX_SIZE;
}

/* The smallest alternate stack that a frame fits on, wherever it begins: AT_MINSIGSTKSZ. */
size_t x86_min_sigstack(void)
{
	return MAX(ARCH_MINSIGSTKSZ, ALIGN_UP(sizeof(struct signal_frame) + 15 + 63 + fp_size(), 16));
}

static int put_fp(char __user *at)
{
	struct task *t = current;
	struct fpx_words words = {
		.magic1 = FP_XSTATE_MAGIC1, .extended_size = (uint32_t)fp_size(), .features = x86_xstate_mask,
		.xstate_size = x86_xstate_size,
	};
	uint64_t bv;

	x86_fpu_sync();
	if (!x86_has_xsave)
		return copy_to_user(at, t->arch.fpu, FX_SIZE) ? -EFAULT : 0;
	if (copy_to_user(at, t->arch.fpu, x86_xstate_size) || copy_to_user(at + FPX_WORDS_AT, &words, sizeof(words)) ||
	    put_user(FP_XSTATE_MAGIC2, (uint32_t __user *)(at + x86_xstate_size)))
		return -EFAULT;
	/* Programs may edit the legacy part without knowing of the header: it counts as in use. */
	memcpy(&bv, t->arch.fpu + FX_SIZE, sizeof(bv));
	return put_user(bv | 3, (uint64_t __user *)(at + FX_SIZE));
}

static int put_context(struct user_context __user *to, uint64_t mask, uintptr_t fp, const struct pt_regs *r)
{
	struct task *t = current;
	struct user_context uc;

	memset(&uc, 0, sizeof(uc));
	uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (x86_has_xsave ? UC_FP_XSTATE : 0);
	uc.stack.ss_sp = (uintptr_t)t->sigaltstack.sp;
	uc.stack.ss_flags = (int)(t->sigaltstack.size ? t->sigaltstack.flags & SS_AUTODISARM : SS_DISABLE) |
			    (on_altstack(t, r->sp) ? SS_ONSTACK : 0);
	uc.stack.ss_size = t->sigaltstack.size;
	uc.sigmask = mask;
	uc.regs = (struct context_regs){
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11, .r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.di = r->di, .si = r->si, .bp = r->bp, .bx = r->bx, .dx = r->dx, .ax = r->ax, .cx = r->cx, .sp = r->sp, .ip = r->ip,
		.flags = r->flags, .cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss,
		.err = t->arch.error, .trapno = t->arch.trap, .oldmask = mask, .cr2 = t->arch.cr2, .fpstate = fp,
	};
	return copy_to_user(to, &uc, sizeof(uc)) ? -EFAULT : 0;
}

int arch_setup_frame(struct ksignal *ks, uint64_t old_mask, struct pt_regs *regs)
{
	struct task *t = current;
	struct signal_frame __user *frame;
	uintptr_t sp = regs->sp - RED_ZONE, fp;
	uint8_t info[128];
	bool nested = on_altstack(t, regs->sp);

	if ((ks->sa.flags & SA_ONSTACK) && t->sigaltstack.size && !nested)
		sp = (uintptr_t)t->sigaltstack.sp + t->sigaltstack.size;
	fp = ALIGN_DOWN(sp - fp_size(), 64);
	/* A function's first instruction finds the stack pointer 8 bytes off a multiple of 16. */
	frame = (struct signal_frame __user *)(ALIGN_DOWN(fp - sizeof(*frame), 16) - 8);
	if (nested && (uintptr_t)frame - (uintptr_t)t->sigaltstack.sp > t->sigaltstack.size)
		return -EFAULT;		/* the alternate stack is used up: not onto what lies below it */
	if (!(ks->sa.flags & SA_RESTORER))
		return -EFAULT;		/* there is no default on this architecture */
	if (!access_ok(frame, sizeof(*frame)) || put_fp((char __user *)fp) || put_context(&frame->uc, old_mask, fp, regs) ||
	    put_user((uint64_t)(uintptr_t)ks->sa.restorer, &frame->restorer))
		return -EFAULT;
	if (ks->sa.flags & SA_SIGINFO) {
		siginfo_to_user_layout(&ks->info, info);
		if (copy_to_user(&frame->info, info, sizeof(info)))
			return -EFAULT;
	}

	/* From here on nothing fails. Handlers without SA_SIGINFO get all arguments too. */
	regs->di = (uint64_t)ks->sig;
	regs->si = (uintptr_t)&frame->info;
	regs->dx = (uintptr_t)&frame->uc;
	regs->ax = 0;			/* no vector registers carry arguments */
	regs->sp = (uintptr_t)frame;
	regs->ip = (uintptr_t)ks->sa.handler;
	regs->cs = SEL_USER_CODE;
	regs->ss = SEL_USER_DATA;
	regs->flags &= ~(FLAGS_DF | FLAGS_RF | FLAGS_TF);
	regs->syscall = -1;
	if (t->sigaltstack.flags & SS_AUTODISARM)	/* the frame has it; sigreturn puts it back */
		t->sigaltstack = (stack_t_kernel){ .flags = SS_DISABLE };
	return 0;
}

/* Is there more behind the legacy area, as XSAVE leaves it? Else what lies there means nothing. */
static bool fp_is_extended(const char __user *at)
{
	struct fpx_words words;
	uint32_t magic;

	return x86_has_xsave && !copy_from_user(&words, at + FPX_WORDS_AT, sizeof(words)) && words.magic1 == FP_XSTATE_MAGIC1 &&
	       words.xstate_size >= FX_SIZE + 64 && words.xstate_size <= x86_xstate_size &&
	       words.extended_size >= words.xstate_size && !get_user(magic, (const uint32_t __user *)(at + words.xstate_size)) &&
	       magic == FP_XSTATE_MAGIC2;
}

/*
 * The extended state of the frame becomes the task's. What XRSTOR would fault on is refused: reserved bits of MXCSR, components
 * that do not exist, the compacted format, reserved bytes of the header. A null pointer: initial state.
 */
static int get_fp(uintptr_t from)
{
	const char __user *at = (const char __user *)from;
	uint8_t *to = current->arch.fpu;
	uint64_t header[8] = { 3 };
	uint32_t mxcsr;
	bool extended;

	/* First the flag, then the contents: the live registers are worth nothing now. */
	x86_fpu_changed();
	if (!from) {
		x86_fpu_clean(to);
		return 0;
	}
	extended = fp_is_extended(at);
	if (copy_from_user(to, at, extended ? x86_xstate_size : FX_SIZE))
		goto bad;
	if (extended) {
		memcpy(header, to + FX_SIZE, 3 * sizeof(header[0]));
		if ((header[0] & ~x86_xstate_mask) || header[1] || header[2])
			goto bad;
	}
	memcpy(to + FX_SIZE, header, sizeof(header));
	memcpy(&mxcsr, to + 24, sizeof(mxcsr));
	if (mxcsr & ~x86_mxcsr_mask)
		goto bad;
	return 0;
bad:
	x86_fpu_clean(to);
	return -EFAULT;
}

static void get_altstack(const struct user_context __user *uc)
{
	struct task *t = current;
	struct altstack_user ss;

	if (copy_from_user(&ss, &uc->stack, sizeof(ss)) || on_altstack(t, t->user_regs->sp))
		return;
	if (ss.ss_flags & SS_DISABLE) {
		t->sigaltstack = (stack_t_kernel){ .flags = SS_DISABLE };
	} else if (ss.ss_size >= ARCH_MINSIGSTKSZ) {
		t->sigaltstack.sp = (void __user *)ss.ss_sp;
		t->sigaltstack.size = ss.ss_size;
		t->sigaltstack.flags = (unsigned)ss.ss_flags & SS_AUTODISARM;
	}
}

/* The caller installs *mask and returns regs_result(): ax is then as the frame has it. RET has taken the return address off. */
int arch_restore_frame(struct pt_regs *regs, uint64_t *mask)
{
	const struct signal_frame __user *frame = (const struct signal_frame __user *)(regs->sp - sizeof(uint64_t));
	struct context_regs r;
	uint64_t set, flags;

	if (!access_ok(frame, sizeof(*frame)))
		return -EFAULT;
	if (copy_from_user(&set, &frame->uc.sigmask, sizeof(set)) || copy_from_user(&r, &frame->uc.regs, sizeof(r)) ||
	    get_user(flags, &frame->uc.flags))
		return -EFAULT;
	/* Programs older than UC_STRICT_RESTORE_SS may leave anything in place of ss. */
	if ((r.cs | 3) != SEL_USER_CODE || ((flags & UC_STRICT_RESTORE_SS) && (r.ss | 3) != SEL_USER_DATA))
		return -EFAULT;
	if (get_fp(r.fpstate))
		return -EFAULT;
	regs->r8 = r.r8;
	regs->r9 = r.r9;
	regs->r10 = r.r10;
	regs->r11 = r.r11;
	regs->r12 = r.r12;
	regs->r13 = r.r13;
	regs->r14 = r.r14;
	regs->r15 = r.r15;
	regs->di = r.di;
	regs->si = r.si;
	regs->bp = r.bp;
	regs->bx = r.bx;
	regs->dx = r.dx;
	regs->ax = r.ax;
	regs->cx = r.cx;
	regs->sp = r.sp;
	regs->ip = r.ip;
	regs->flags = (regs->flags & ~FLAGS_USER) | (r.flags & FLAGS_USER);
	regs->cs = SEL_USER_CODE;
	regs->ss = SEL_USER_DATA;
	regs->syscall = -1;
	get_altstack(&frame->uc);
	*mask = set;
	return 0;
}
