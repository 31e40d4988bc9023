/* SPDX-License-Identifier: MIT */
/* Behind <arch/smp.h>. */
#pragma once

static inline void arch_cpu_online(void) { }	/* TLB maintenance reached this CPU all the time */
