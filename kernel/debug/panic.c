/* SPDX-License-Identifier: MIT */
/*
 * When an invariant is broken: panic, oops, warnings.
 *
 * panic() stops the machine after a report: what, where, the current task and its system call, the registers, a
 * backtrace of every CPU. One CPU reports; one that panics meanwhile waits to be stopped; a panic inside the report
 * says one more line and ends it. No lock is respected: consoles and the log break theirs.
 *
 * oops() is for an unexpected exception in the kernel. The task is killed where nothing else depends on it (task context,
 * no spinlock held, not init); everything else panics.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <arch/barrier.h>
#include <arch/smp.h>
#include <generated/version.h>
#include "debug_internal.h"

bool panic_in_progress;
int panic_timeout;			/* panic=: seconds until a restart; 0: halt; negative: at once */
int panic_on_oops;
static int panic_cpu = -1;		/* [cas] who reports */
static atomic_t oopses;

static void __cold report_head(const char *kind, const char *text)
{
	pr_emerg("%s: %s\n", kind, text);
	report_context();
}

/* As panic= says. Sets it to 0 first: what goes wrong in here halts. */
static __noreturn void __cold finish(void)
{
	int seconds = panic_timeout;

	panic_timeout = 0;
	if (seconds) {
		nsec_t start = 0;

		if (seconds > 0)
			pr_emerg("restart in %d seconds\n", seconds);
		while (seconds > 0 && poll_timeout(&start, (nsec_t)seconds * NSEC_PER_SEC))
			arch_cpu_relax();
		system_restart();
	}
	pr_emerg("halted\n");
	arch_halt();
}

static __noreturn void __cold vpanic(const struct pt_regs *regs, const char *fmt, va_list ap)
{
	static char text[256];
	int self, owner;

	(void)arch_irq_save();
	self = (int)smp_processor_id();
	owner = cmpxchg(&panic_cpu, -1, self);
	if (owner == self) {
		pr_emerg("panic inside the report of one\n");
		finish();
	}
	if (owner != -1) {
		/* Somebody else reports; we are in the way of nothing. */
		arch_halt();
	}
	WRITE_ONCE(panic_in_progress, true);
	vsnprintf(text, sizeof(text), fmt, ap);
	console_flush_panic();
	report_head("Kernel panic", text);
	if (regs)
		show_registers(regs);
	show_backtrace(NULL, regs);
	report_held_locks(current);
	backtrace_other_cpus();
	smp_stop_others();
	console_flush_panic();
	finish();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpanic(NULL, fmt, ap);
}

void panic_at(const struct pt_regs *regs, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpanic(regs, fmt, ap);
}

static bool __cold can_kill(void)
{
	return !in_interrupt() && !preempt_count() && system_state >= SYSTEM_RUNNING && current->tid &&
	       current->proc->pid != 1 && !(current->flags & (TF_EXITING | TF_IDLE)) && !panic_on_oops;
}

void oops(struct pt_regs *regs, const char *fmt, ...)
{
	char text[128];
	va_list ap, copy;

	va_start(ap, fmt);
	va_copy(copy, ap);
	vsnprintf(text, sizeof(text), fmt, copy);
	va_end(copy);
	if (!can_kill() || panic_in_progress)
		vpanic(regs, fmt, ap);
	atomic_inc(&oopses);
	console_verbose();
	report_head("Oops", text);
	show_registers(regs);
	show_backtrace(NULL, regs);
	report_held_locks(current);
	pr_emerg("%s (%d) is killed\n", current->comm, current->tid);
	arch_irq_enable();
	do_exit(SIGSEGV);
}

void warn_report(const char *file, int line, const char *what)
{
	static atomic_t count;

	/* A warning in a hot path must not drown what led to it. */
	if (atomic_fetch_add(&count, 1) >= 50 || panic_in_progress)
		return;
	pr_warn("warning at %s:%d: %s\n", file, line, what);
	report_context();
	show_backtrace(NULL, NULL);
}

static int panic_word(const char *v)
{
	int64_t n;

	if (!kstrtos64(v, 0, &n) && n >= -1 && n <= 86400)
		panic_timeout = (int)n;
	return 0;
}
BOOT_PARAM(panic, "panic=", panic_word);

static int oops_word(const char *v)
{
	if (!strcmp(v, "panic"))
		panic_on_oops = 1;
	return 0;
}
BOOT_PARAM(oops_panic, "oops=", oops_word);

/*
 * The debug build's stack canary. SIMPLE: one constant for all; it finds overruns, it does not hide from an attacker. The
 * zero byte stops string copies.
 */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = 0x9bd1f6c3e25a4700ul;

/* The compiler's stack protector found a clobbered canary. */
__noreturn void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	panic("stack smashed in %pS", __builtin_return_address(0));
}
