/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/irq.h>: PSTATE.DAIF. Only I and F are touched; they go together because some
 * controllers deliver group 0 interrupts as FIQ. SError (A) is unmasked once and for all after
 * entry.
 */
#pragma once

#define ARM64_DAIF_I (1ul << 7)

static inline irqflags_t arch_irq_save(void)
{
	irqflags_t f;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(f) : : "memory");
	return f;
}
static inline void arch_irq_restore(irqflags_t f)
{
	__asm__ volatile("msr daif, %0" : : "r"(f) : "memory");
}
static inline void arch_irq_enable(void)
{
	__asm__ volatile("msr daifclr, #3" : : : "memory");
}
static inline void arch_irq_disable(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
}
static inline bool arch_irqs_disabled(void)
{
	irqflags_t f;

	__asm__ volatile("mrs %0, daif" : "=r"(f) : : "memory");
	return f & ARM64_DAIF_I;
}
