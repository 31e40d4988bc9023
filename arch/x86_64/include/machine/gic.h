/* SPDX-License-Identifier: MIT */
/* Behind <arch/gic.h>: there is none. Only arch_cpu_hwid() has a meaning: the local APIC's id. */
#pragma once
#include <kernel/types.h>

static inline bool arch_gic_enable(void) { return false; }
static inline uint32_t arch_gic_ack(void) { return 1023; }
static inline void arch_gic_eoi(uint32_t id) { }
static inline void arch_gic_sgi(uint64_t target) { }
uint64_t arch_cpu_hwid(void);
