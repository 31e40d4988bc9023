/* SPDX-License-Identifier: MIT */
/* What boot/arm64 and arch/arm64 share. */
#pragma once
#include <kernel/types.h>

/* boot/arm64/early.c */
void arm64_boot_tables(uint64_t load);
extern uint64_t arm64_idmap_l0[512], arm64_kernel_root[512];
/* boot/arm64/head.S */
void arm64_secondary_entry(void);
/* arch/arm64/cpu.c, called by head.S */
struct task;
extern struct task *arm64_secondary_task[CONFIG_NR_CPUS];
__noreturn void arm64_start(paddr_t dtb, paddr_t load, unsigned long el);
__noreturn void arm64_secondary_start(unsigned long cpu);
