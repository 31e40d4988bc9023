/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: CPUs.
 *	unsigned arch_cpu_count_from_dt(): via smp_init; uint64_t arch_boot_hwid(void): this CPU's id as "reg" of its cpu node has it
 *	int arch_cpu_prepare(unsigned cpu, struct task *idle, paddr_t *entry, uint64_t *context)	what the firmware shall start with
 *	void arch_cpu_init(unsigned cpu)	a secondary's features and tables, first thing on it; the boot CPU's are arch_early_init()'s
 *	void arch_cpu_online(void)		a secondary, interrupts off, just in cpu_online_mask: drops what flushes by interrupt missed
 *	void arch_early_init(void)		before the allocator: percpu of CPU 0
 *	void arch_mm_setup(void)		final kernel map: kernel_map_memory(), and without what the boot code needed
 *	void arch_finish_init(void)		after CPUs are up: capabilities common to all; kernel_map_finish()
 *	__noreturn void arch_halt(void)
 */
#pragma once
#include <kernel/types.h>
struct task;
#include <machine/smp.h>

uint64_t arch_boot_hwid(void);
int arch_cpu_prepare(unsigned cpu, struct task *idle, paddr_t *entry, uint64_t *context);
void arch_cpu_init(unsigned cpu);
void arch_early_init(void);
void arch_mm_setup(void);
void arch_finish_init(void);
__noreturn void arch_halt(void);
