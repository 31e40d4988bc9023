/* SPDX-License-Identifier: MIT */
/*
 * What reports are made of: who runs, backtraces, tasks, memory. Callable from any context, panics included; takes
 * no lock that a crashed CPU may hold (task lists are walked under RCU).
 */
#include <kernel/atomic.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <arch/barrier.h>
#include <arch/context.h>
#include <generated/version.h>
#include "debug_internal.h"

#define MAX_FRAMES 32

static struct cpumask backtrace_wanted;		/* [atomic bits] CPUs that have yet to answer */

void report_context(void)
{
	struct task *t = current;
	long nr = t->mm && t->user_regs ? regs_syscall_nr(t->user_regs) : -1;

	pr_emerg("CPU %u, task %s, tid %d, pid %d, %s, %s, preempt %#x\n", smp_processor_id(), t->comm, t->tid,
		 t->proc ? t->proc->pid : 0, in_interrupt() ? "in interrupt" : t->flags & TF_KTHREAD ? "kernel thread" :
		 "in task", AR_RELEASE " " AR_CONFIG, preempt_count());
	if (nr >= 0)
		pr_emerg("system call %ld (%s), args %#lx %#lx %#lx %#lx %#lx %#lx\n", nr,
			 (unsigned long)nr < nr_syscalls ? syscall_name((unsigned)nr) : "?",
			 regs_syscall_arg(t->user_regs, 0), regs_syscall_arg(t->user_regs, 1),
			 regs_syscall_arg(t->user_regs, 2), regs_syscall_arg(t->user_regs, 3),
			 regs_syscall_arg(t->user_regs, 4), regs_syscall_arg(t->user_regs, 5));
}

/* The members exist in the debug build only. */
#if CONFIG_LOCKDEP
void report_held_locks(struct task *t)
{
	for (unsigned i = 0; i < MIN(t->nheld, (unsigned)ARRAY_SIZE(t->held)); i++)
		pr_emerg("  holds lock %p, rank %u, taken at %pS\n", t->held[i].lock, t->held[i].rank, t->held[i].where);
}
#else
void report_held_locks(struct task *t)
{
}
#endif

/* @pc: where the frame goes on. A call that never returns may be its function's last instruction: look one byte before. */
static void show_frame(uintptr_t pc, bool is_return)
{
	size_t offset, size;
	const char *name;

	if (ksym_lookup(pc - is_return, &name, &offset, &size))
		pr_emerg("  [<%016lx>] %s+%#lx/%#lx\n", (unsigned long)pc, name, (unsigned long)(offset + is_return),
			 (unsigned long)size);
	else
		pr_emerg("  [<%016lx>]\n", (unsigned long)pc);
}

static void unwind(struct unwind *u)
{
	for (unsigned n = 0; n < MAX_FRAMES && u->fp >= u->lo && u->fp < u->hi && arch_unwind(u); n++)
		show_frame(u->pc, true);
}

void show_backtrace(struct task *t, const struct pt_regs *regs)
{
	struct unwind u = { 0 };

	if (!t)
		t = current;
	u.lo = (uintptr_t)t->head.kstack;
	u.hi = u.lo + KSTACK_SIZE;
	if (!u.lo)
		return;
	pr_emerg("backtrace of %s (%d):\n", t->comm, t->tid);
	if (regs && !regs_user_mode(regs)) {
		u.pc = regs_pc(regs);
		u.fp = regs_fp(regs);
		show_frame(u.pc, false);
	} else if (t == current) {
		u.fp = (uintptr_t)__builtin_frame_address(0);
	} else {
		u.pc = arch_task_saved_pc(t);
		u.fp = arch_task_saved_fp(t);
		show_frame(u.pc, false);
	}
	unwind(&u);
}

/* ---- every CPU */

bool backtrace_this_cpu(const struct pt_regs *regs)
{
	unsigned cpu = smp_processor_id();

	if (!test_bit(cpu, backtrace_wanted.bits))
		return false;
	pr_emerg("CPU %u runs %s (%d)\n", cpu, current->comm, current->tid);
	if (current->mm && current->user_regs)
		pr_emerg("  user pc %#lx sp %#lx\n", (unsigned long)regs_pc(current->user_regs),
			 (unsigned long)regs_sp(current->user_regs));
	if (!(current->flags & TF_IDLE))
		show_backtrace(NULL, regs);
	clear_bit(cpu, backtrace_wanted.bits);
	return true;
}

static void wait_for_backtrace(unsigned cpu)
{
	nsec_t start = 0;

	while (test_bit(cpu, backtrace_wanted.bits) && poll_timeout(&start, 200 * NSEC_PER_MSEC))
		arch_cpu_relax();
}

/* One after the other, so that their lines do not mix; one that does not answer in time is left. */
void backtrace_other_cpus(void)
{
	unsigned self = smp_processor_id();

	for_each_cpu(cpu, &cpu_online_mask) {
		if (cpu == self)
			continue;
		set_bit(cpu, backtrace_wanted.bits);
		ipi_send(cpu, IPI_BACKTRACE);
		wait_for_backtrace(cpu);
		if (test_bit(cpu, backtrace_wanted.bits) && ipi_send_hard(cpu))
			wait_for_backtrace(cpu);
		if (test_and_clear_bit(cpu, backtrace_wanted.bits))
			pr_emerg("CPU %u does not answer: its interrupts are off\n", cpu);
	}
}

void show_all_cpus(void)
{
	pr_emerg("CPU %u runs %s (%d)\n", smp_processor_id(), current->comm, current->tid);
	show_backtrace(NULL, NULL);
	backtrace_other_cpus();
}

/* ---- tasks */

static char state_letter(const struct task *t)
{
	unsigned s = READ_ONCE(t->state);

	if (t->exit_state == EXIT_ZOMBIE)
		return 'Z';
	if (t->exit_state == EXIT_DEAD)
		return 'X';
	if (s & TASK_STOPPED_BIT)
		return 'T';
	if (s & TASK_UNINTERRUPTIBLE)
		return t->flags & TF_KTHREAD ? 'I' : 'D';	/* kernel threads wait for work that way */
	return s & TASK_INTERRUPTIBLE ? 'S' : 'R';
}

static void show_task(struct task *t)
{
	long nr = t->mm && t->user_regs ? regs_syscall_nr(t->user_regs) : -1;
	const struct task *parent = t->real_parent;

	pr_emerg("%-15s %c tid %d pid %d parent %d cpu %u %s%s\n", t->comm, state_letter(t), t->tid,
		 t->proc ? t->proc->pid : 0, parent ? parent->tid : 0, t->head.cpu, nr >= 0 ? "in " : "",
		 nr >= 0 && (unsigned long)nr < nr_syscalls ? syscall_name((unsigned)nr) : "");
	if (!t->exit_state && !task_is_running(t))
		show_backtrace(t, NULL);
	report_held_locks(t);
}

static void show_matching(bool blocked_only)
{
	struct task *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (!blocked_only || state_letter(t) == 'D')
			show_task(t);
	rcu_read_unlock();
}

void show_tasks(void)
{
	show_matching(false);
}

void show_blocked_tasks(void)
{
	show_matching(true);
}

/* ---- memory */

void show_memory(void)
{
	struct mem_stats m;

	mem_stats(&m);
	pr_emerg("memory, pages: total %lu free %lu available %lu cached %lu shmem %lu anon %lu mapped %lu\n",
		 (unsigned long)m.total, (unsigned long)m.free, (unsigned long)m.available, (unsigned long)m.cached,
		 (unsigned long)m.shmem, (unsigned long)m.anon, (unsigned long)m.mapped);
	pr_emerg("  slab %lu page tables %lu stacks %lu vmalloc %lu committed %lu dirty %lu\n", (unsigned long)m.slab,
		 (unsigned long)m.page_tables, (unsigned long)m.kstacks, (unsigned long)m.vmalloc,
		 (unsigned long)m.committed, (unsigned long)m.dirty);
}
