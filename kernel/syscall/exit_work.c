/* SPDX-License-Identifier: MIT */
/*
 * What is done between the end of a system call, fault or interrupt and user mode, when task_head.work asks for it; and the
 * long way into a system call. The architecture calls these; kernel/syscall.h and task.h have the contracts.
 */
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <arch/context.h>
#include <arch/irq.h>

/* Called and left with interrupts off, so that a flag set by an interrupt meanwhile is seen before we go. */
void exit_to_user_work(struct pt_regs *regs, unsigned long work)
{
	do {
		arch_irq_enable();
		if (work & TIF_NEED_RESCHED)
			schedule();
		if (work & TIF_NOTIFY)
			task_work_run();
		if (work & (TIF_SIGPENDING | TIF_RESTORE_SIGMASK))
			do_signal(regs);
		arch_irq_disable();
		work = READ_ONCE(current->head.work);
	} while (work & (TIF_EXIT_WORK & ~TIF_FPU));
}

/* The long way in, for a task with TIF_TRACE: the recorder's place. */
long syscall_traced(struct pt_regs *regs, unsigned nr)
{
	unsigned long args[6];
	long result;

	for (unsigned i = 0; i < 6; i++)
		args[i] = regs_syscall_arg(regs, i);
	if (!trace_wants(TRACE_SYSCALLS)) {
		(void)__atomic_fetch_and(&current->head.work, ~TIF_TRACE, __ATOMIC_RELAXED);
		return nr < NR_SYSCALLS ? syscall_table[nr].fn(args) : sys_ni(args);
	}
	trace_syscall_enter(nr, args);
	result = nr < NR_SYSCALLS ? syscall_table[nr].fn(args) : sys_ni(args);
	trace_syscall_exit(nr, args, result);
	return result;
}

const unsigned nr_syscalls = NR_SYSCALLS;

const char *syscall_name(unsigned nr)
{
	return nr < NR_SYSCALLS && syscall_table[nr].name ? syscall_table[nr].name : "unknown";
}
