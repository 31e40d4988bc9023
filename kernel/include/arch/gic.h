/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: the system-register CPU interface of Arm's interrupt controller, versions 3 and later (IHI 0069).
 * An architecture without one answers false from arch_gic_enable() and never is asked again.
 *	bool arch_gic_enable(void)		system registers on for this CPU; every priority passes, group 1 on
 *	uint32_t arch_gic_ack(void)		takes the highest pending interrupt; 1020 and above: none
 *	void arch_gic_eoi(uint32_t id)		priority drop and deactivation; what the handler wrote is done before
 *	void arch_gic_sgi(uint64_t target)	raises a software interrupt; earlier stores are visible to its receivers
 *	uint64_t arch_cpu_hwid(void)		this CPU's id, as "reg" of its node has it
 */
#pragma once
#include <kernel/types.h>
#include <machine/gic.h>
