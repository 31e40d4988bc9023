/* SPDX-License-Identifier: MIT */
/* Behind <arch/smp.h>. */
#pragma once

struct task;
uint64_t arch_boot_hwid(void);
int arch_cpu_prepare(unsigned cpu, struct task *idle, paddr_t *entry, uint64_t *context);
void arch_cpu_init(unsigned cpu);
void arch_cpu_online(void);
void arch_early_init(void);
void arch_mm_setup(void);
void arch_finish_init(void);
__noreturn void arch_halt(void);
