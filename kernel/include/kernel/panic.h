/* SPDX-License-Identifier: MIT */
/* Broken kernel invariants, and the reports made of them. kernel/debug/. */
#pragma once
#include <kernel/printk.h>

struct pt_regs;
struct task;
__noreturn __cold void panic(const char *fmt, ...) __printf(1, 2);
/* The same from an exception that leaves no way on: the registers and the backtrace are those of @regs. */
__noreturn __cold void panic_at(const struct pt_regs *regs, const char *fmt, ...) __printf(2, 3);
/* An unexpected exception in the kernel: report; kills the task where that is safe, else panics. */
__noreturn __cold void oops(struct pt_regs *regs, const char *fmt, ...) __printf(2, 3);
void warn_report(const char *file, int line, const char *what);
void show_registers(const struct pt_regs *regs);	/* the architecture's */
void show_backtrace(struct task *t, const struct pt_regs *regs);	/* symbolised; t NULL: current */
void show_all_cpus(void);
void show_tasks(void);
extern bool panic_in_progress;
extern int panic_timeout;
extern int panic_on_oops;
/* "name+0x12/0x40" of a kernel text address; false: none. */
bool ksym_lookup(uintptr_t addr, const char **name, size_t *offset, size_t *size);

#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define BUG_ON(c) do { if (unlikely(c)) panic("BUG at %s:%d: %s", __FILE__, __LINE__, #c); } while (0)
#define WARN_ON(c) ({ bool _c = (c); if (unlikely(_c)) warn_report(__FILE__, __LINE__, #c); unlikely(_c); })
/* Debug build only. */
#define ASSERT(c) do { if (CONFIG_DEBUG && unlikely(!(c))) panic("assertion at %s:%d: %s", __FILE__, __LINE__, #c); } while (0)
/* In the IPI_BACKTRACE handler; @regs: of what was interrupted, NULL: further up this stack. false: nobody wants one. */
bool backtrace_this_cpu(const struct pt_regs *regs);
/* From the scheduler's tick; @more: another one is armed. debug/watchdog.c */
void watchdog_tick(int64_t now, bool more, uint64_t switches);
