/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU variables. The variable's own address is the template in .percpu; CPU n's copy lies
 * percpu_offset[n] beyond it. this_cpu() needs preemption off (or a single read where moving to another CPU
 * afterwards does no harm).
 */
#pragma once
#include <kernel/types.h>
#include <arch/percpu.h>	/* arch_percpu_offset(): this CPU's offset, one instruction where possible */

#define DEFINE_PERCPU(type, name) __section(".percpu") __typeof__(type) name
#define DECLARE_PERCPU(type, name) extern __typeof__(type) name

extern unsigned long percpu_offset[CONFIG_NR_CPUS];
#define PERCPU_PTR(var, off) ((__typeof__(&(var)))((uintptr_t)&(var) + (off)))
#define per_cpu(var, cpu) (*PERCPU_PTR(var, percpu_offset[cpu]))
#define this_cpu(var) (*PERCPU_PTR(var, arch_percpu_offset()))
