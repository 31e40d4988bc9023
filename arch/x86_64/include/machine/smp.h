/* SPDX-License-Identifier: MIT */
/* Behind <arch/smp.h>. */
#pragma once

void arch_cpu_online(void);
