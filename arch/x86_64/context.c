/* SPDX-License-Identifier: MIT */
/*
 * Tasks' registers: creation, fork, exec, switch, extended state, frame-pointer backtraces.
 *
 * Extended (x87, SSE, AVX) state. The kernel never touches these registers. TIF_FPU clear: the current task's state is in the
 * registers, and arch.fpu is stale. TIF_FPU set: it is in arch.fpu and is loaded on the way to user mode. A task that is switched
 * out has it in arch.fpu always; the registers keep a copy, which is still good when the same task is the next user on that
 * CPU: `fpu_owner` of the CPU and fpu_cpu of the task then name each other, and nothing is loaded. Whoever changes arch.fpu sets
 * fpu_cpu to -1. Own task only; with interrupts masked, or with preemption off where noted. The area is in the standard
 * format (SDM volume 1, "XSAVE-managed state"), its legacy part also what FXSAVE writes on a CPU without XSAVE.
 *
 * FS and GS bases of user mode are read at the switch where the user may change them without us (FSGSBASE); otherwise
 * the copies in arch_thread are the truth, changed by arch_prctl() alone.
 */
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/errno.h>
#include <uapi/sched.h>
#include <machine/boot.h>
#include <machine/x86.h>

#define AT_FRAME(m, o) _Static_assert(offsetof(struct pt_regs, m) == (o), "frame.h")
AT_FRAME(syscall, FRAME_SYSCALL);
AT_FRAME(r15, FRAME_R15);
AT_FRAME(r12, FRAME_R12);
AT_FRAME(bx, FRAME_BX);
AT_FRAME(bp, FRAME_BP);
AT_FRAME(di, FRAME_DI);
AT_FRAME(r9, FRAME_DI + 40);
AT_FRAME(r9, FRAME_R9);
AT_FRAME(ax, FRAME_AX);
AT_FRAME(cx, FRAME_CX);
AT_FRAME(r11, FRAME_R11);
AT_FRAME(orig_ax, FRAME_ORIG_AX);
AT_FRAME(ip, FRAME_IP);
AT_FRAME(cs, FRAME_CS);
AT_FRAME(flags, FRAME_FLAGS);
AT_FRAME(sp, FRAME_SP);
AT_FRAME(ss, FRAME_SS);
_Static_assert(sizeof(struct pt_regs) == FRAME_SIZE && FRAME_SIZE % 16 == 0, "frame.h, and calls want an aligned stack");
_Static_assert(offsetof(struct task_head, work) == TASK_WORK, "frame.h");
_Static_assert(offsetof(struct task_head, kstack) == TASK_KSTACK, "frame.h");
_Static_assert(offsetof(struct task, arch.ksp) == TASK_KSP, "frame.h");
_Static_assert(offsetof(struct x86_cpu, task) == CPU_CURRENT, "frame.h");
_Static_assert(offsetof(struct x86_cpu, offset) == CPU_OFFSET, "frame.h");
_Static_assert(offsetof(struct x86_cpu, kstack_top) == CPU_KSTACK_TOP, "frame.h");
_Static_assert(offsetof(struct x86_cpu, user_sp) == CPU_USER_SP, "frame.h");
_Static_assert(sizeof(struct x86_ist) == IST_STACK_SIZE, "frame.h");
_Static_assert(sizeof(struct syscall_desc) == 1 << SYSCALL_DESC_SHIFT && offsetof(struct syscall_desc, fn) == 0, "entry.S");
_Static_assert(NR_SYSCALLS == 512, "entry.S");
_Static_assert(KSTACK_SIZE == 16384, "entry.S");
_Static_assert(TIF_EXIT_WORK == 0x1f && TIF_TRACE == 0x100 && TIF_ENTRY_WORK == TIF_TRACE, "entry.S");

/* What x86_cpu_switch() takes off a new task's stack. */
struct switch_frame {
	uint64_t r15, r14, r13, r12, bx, bp, ip;
};

char x86_boot_stack[KSTACK_SIZE] __aligned(4096);

static DEFINE_PERCPU(struct task *, fpu_owner);

/* ---- extended state */
static void fpu_save(uint8_t *to)
{
	if (likely(x86_has_xsave))
		__asm__ volatile("xsave64 (%0)" : : "r"(to), "a"((uint32_t)x86_xstate_mask), "d"((uint32_t)(x86_xstate_mask >> 32)) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(to) : "memory");
}

static void fpu_load(const uint8_t *from)
{
	if (likely(x86_has_xsave))
		__asm__ volatile("xrstor64 (%0)" : : "r"(from), "a"((uint32_t)x86_xstate_mask), "d"((uint32_t)(x86_xstate_mask >> 32)) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(from) : "memory");
}

/* All in their initial state: control word 0x37f, MXCSR 0x1f80, an empty header. */
void x86_fpu_clean(void *area)
{
	memset(area, 0, X86_XSTATE_MAX);
	*(uint16_t *)area = 0x37f;
	*(uint32_t *)((uint8_t *)area + 24) = 0x1f80;
}

void x86_fpu_restore(void)
{
	struct task *t = current;

	fpu_load(t->arch.fpu);
	t->arch.fpu_cpu = (int)t->head.cpu;
	this_cpu(fpu_owner) = t;
	(void)__atomic_fetch_and(&t->head.work, ~TIF_FPU, __ATOMIC_RELAXED);
}

void x86_fpu_sync(void)
{
	struct task *t = current;

	preempt_disable();
	if (!(READ_ONCE(t->head.work) & TIF_FPU))
		fpu_save(t->arch.fpu);
	preempt_enable();
}

void x86_fpu_changed(void)
{
	struct task *t = current;

	preempt_disable();
	t->arch.fpu_cpu = -1;
	(void)__atomic_fetch_or(&t->head.work, TIF_FPU, __ATOMIC_RELAXED);
	preempt_enable();
}

static void fpu_switch(struct task *prev, struct task *next)
{
	if (!(READ_ONCE(prev->head.work) & TIF_FPU)) {
		fpu_save(prev->arch.fpu);
		(void)__atomic_fetch_or(&prev->head.work, TIF_FPU, __ATOMIC_RELAXED);
	}
	if (next->arch.fpu_cpu == (int)next->head.cpu && this_cpu(fpu_owner) == next)
		(void)__atomic_fetch_and(&next->head.work, ~TIF_FPU, __ATOMIC_RELAXED);
}

/* ---- bases of user mode; interrupts off around the two SWAPGS, or GS would be the user's in a handler */
static uint64_t user_gs_read(void)
{
	uint64_t v;

	__asm__ volatile("swapgs\n\trdgsbase %0\n\tswapgs" : "=r"(v) : : "memory");
	return v;
}

static void user_gs_write(uint64_t v)
{
	if (x86_has_fsgsbase)
		__asm__ volatile("swapgs\n\twrgsbase %0\n\tswapgs" : : "r"(v) : "memory");
	else
		wrmsr(MSR_KERNEL_GS_BASE, v);
}

static uint64_t user_fs_read(void)
{
	uint64_t v;

	__asm__ volatile("rdfsbase %0" : "=r"(v) : : "memory");
	return v;
}

static void user_fs_write(uint64_t v)
{
	if (x86_has_fsgsbase)
		__asm__ volatile("wrfsbase %0" : : "r"(v) : "memory");
	else
		wrmsr(MSR_FS_BASE, v);
}

/* Own task: the truth into arch_thread. */
static void bases_sync(struct task *t)
{
	irqflags_t f;

	if (!x86_has_fsgsbase)
		return;
	f = arch_irq_save();
	t->arch.fs_base = user_fs_read();
	t->arch.gs_base = user_gs_read();
	arch_irq_restore(f);
}

static void bases_set(struct task *t, uint64_t fs, uint64_t gs)
{
	irqflags_t f = arch_irq_save();

	t->arch.fs_base = fs;
	t->arch.gs_base = gs;
	user_fs_write(fs);
	user_gs_write(gs);
	arch_irq_restore(f);
}

/*
 * ---- selectors
 *
 * Those of DS and ES mean nothing in 64-bit mode, but a program finds in them what it has put there. Nearly all hold 0.
 */
static inline uint32_t data_selectors(void)
{
	uint32_t ds, es;

	__asm__ volatile("movl %%ds, %0\n\tmovl %%es, %1" : "=r"(ds), "=r"(es));
	return ds | es << 16;
}

static void data_selectors_load(uint32_t both)
{
	__asm__ volatile("movl %0, %%ds\n\tmovl %1, %%es" : : "r"(both & 0xffff), "r"(both >> 16));
}

/* All of a new program's, before its bases: loading one changes them. */
static void selectors_clear(void)
{
	irqflags_t f = arch_irq_save();

	data_selectors_load(0);
	__asm__ volatile("movl %0, %%fs\n\tswapgs\n\tmovl %0, %%gs\n\tswapgs" : : "r"(0));
	arch_irq_restore(f);
}

/* ---- switch; interrupts are off */
struct task *arch_switch(struct task *prev, struct task *next)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);
	uint64_t top = (uintptr_t)next->head.kstack + KSTACK_SIZE;

	fpu_switch(prev, next);
	if (likely(x86_has_fsgsbase)) {
		prev->arch.fs_base = user_fs_read();
		prev->arch.gs_base = user_gs_read();
	}
	if (prev->arch.fs_base != next->arch.fs_base)
		user_fs_write(next->arch.fs_base);
	if (prev->arch.gs_base != next->arch.gs_base)
		user_gs_write(next->arch.gs_base);
	prev->arch.selectors = data_selectors();
	if (unlikely(prev->arch.selectors != next->arch.selectors))
		data_selectors_load(next->arch.selectors);
	cpu->kstack_top = top;
	cpu->tss.rsp[0] = top;
	return x86_cpu_switch(prev, next);
}

static struct pt_regs *frame_of(const struct task *t)
{
	return (struct pt_regs *)((uintptr_t)t->head.kstack + KSTACK_SIZE) - 1;
}

static struct switch_frame *switch_frame_of(const struct task *t)
{
	return (struct switch_frame *)frame_of(t) - 1;
}

void arch_task_init(struct task *t)
{
	struct pt_regs *regs = frame_of(t);
	struct switch_frame *sf = switch_frame_of(t);

	memset(regs, 0, sizeof(*regs));
	memset(sf, 0, sizeof(*sf));
	regs->syscall = -1;
	t->user_regs = regs;
	t->arch.fpu_cpu = -1;
	t->head.work |= TIF_FPU;
	sf->ip = (uintptr_t)x86_ret_from_fork;
	t->arch.ksp = (uintptr_t)sf;
}

int arch_task_fork(struct task *child, const struct clone_args *args)
{
	struct task *t = current;
	struct pt_regs *regs = frame_of(child);

	if ((args->flags & CLONE_SETTLS) && args->tls >= USER_END)
		return -EPERM;
	*regs = *t->user_regs;
	regs->ax = 0;
	regs->syscall = -1;
	if (args->stack)
		regs->sp = args->stack + args->stack_size;
	bases_sync(t);
	child->arch.fs_base = args->flags & CLONE_SETTLS ? args->tls : t->arch.fs_base;
	child->arch.gs_base = t->arch.gs_base;
	child->arch.selectors = data_selectors();
	child->arch.trap = 0;
	child->arch.error = 0;
	child->arch.cr2 = 0;
	preempt_disable();
	if (READ_ONCE(t->head.work) & TIF_FPU)
		memcpy(child->arch.fpu, t->arch.fpu, x86_xstate_size);
	else
		fpu_save(child->arch.fpu);
	preempt_enable();
	return 0;
}

void arch_task_kthread(struct task *t, int (*fn)(void *), void *arg)
{
	struct switch_frame *sf = switch_frame_of(t);

	t->arch.fs_base = 0;
	t->arch.gs_base = 0;
	t->arch.selectors = 0;
	x86_fpu_clean(t->arch.fpu);
	sf->bx = (uintptr_t)fn;
	sf->r12 = (uintptr_t)arg;
}

/* A kernel thread's function is done. One that has become a process by exec goes on to user mode. */
void x86_kthread_return(int ret)
{
	if (current->flags & TF_KTHREAD)
		do_exit(ret);
}

void arch_exec_regs(struct pt_regs *regs, vaddr_t pc, vaddr_t sp)
{
	struct task *t = current;

	memset(regs, 0, sizeof(*regs));
	regs->syscall = -1;
	regs->ip = pc;
	regs->cs = SEL_USER_CODE;
	regs->flags = FLAGS_IF | FLAGS_FIXED;
	regs->sp = sp;
	regs->ss = SEL_USER_DATA;
	x86_fpu_clean(t->arch.fpu);
	/* Also what makes the exit reload every register (entry.S). */
	x86_fpu_changed();
	t->arch.trap = 0;
	t->arch.error = 0;
	t->arch.cr2 = 0;
	selectors_clear();
	bases_set(t, 0, 0);
}

void arch_task_release(struct task *t)
{
	/*
	 * A CPU's fpu_owner may still point here. A new task at the same address has fpu_cpu -1 until it is loaded
	 * somewhere, and only the CPU where that happened, which then names it rightly, is taken at its word.
	 */
}

/* ---- arch_prctl(2) */
#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004

long sys_arch_prctl(int option, unsigned long arg)
{
	struct task *t = current;

	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (arg >= USER_END)
			return -EPERM;
		bases_sync(t);
		bases_set(t, option == ARCH_SET_FS ? arg : t->arch.fs_base, option == ARCH_SET_GS ? arg : t->arch.gs_base);
		return 0;
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		bases_sync(t);
		return put_user(option == ARCH_GET_FS ? t->arch.fs_base : t->arch.gs_base, (uint64_t __user *)arg);
	default:
		gap_note("arch_prctl", (unsigned long)option);
		return -EINVAL;
	}
}

/* ---- backtraces */
uintptr_t arch_task_saved_pc(const struct task *t)
{
	return ((const struct switch_frame *)t->arch.ksp)->ip;
}

uintptr_t arch_task_saved_fp(const struct task *t)
{
	return ((const struct switch_frame *)t->arch.ksp)->bp;
}

/* { caller's RBP, return address } at RBP. */
bool arch_unwind(struct unwind *u)
{
	return unwind_record(u, (const uintptr_t *)u->fp);
}
