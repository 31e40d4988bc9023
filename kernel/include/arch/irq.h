/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: the CPU's interrupt mask.
 *	irqflags_t arch_irq_save(void)		mask interrupts, return the former state
 *	void arch_irq_restore(irqflags_t)	back to a saved state
 *	void arch_irq_enable(void), arch_irq_disable(void)
 *	bool arch_irqs_disabled(void)
 * All are compiler barriers.
 */
#pragma once
#include <kernel/types.h>
#include <machine/irq.h>
