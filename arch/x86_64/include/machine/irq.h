/* SPDX-License-Identifier: MIT */
/* Behind <arch/irq.h>: RFLAGS.IF. Only that bit of a saved state counts. */
#pragma once

#define X86_FLAGS_IF	(1ul << 9)

static inline irqflags_t arch_irq_save(void)
{
	irqflags_t f;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(f) : : "memory");
	return f;
}
static inline void arch_irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}
static inline void arch_irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}
/* POPF is slow, and the state is "off" already: whoever restores has saved. */
static inline void arch_irq_restore(irqflags_t f)
{
	if (f & X86_FLAGS_IF)
		arch_irq_enable();
	else
		arch_irq_disable();
}
static inline bool arch_irqs_disabled(void)
{
	irqflags_t f;

	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(f) : : "memory");
	return !(f & X86_FLAGS_IF);
}
