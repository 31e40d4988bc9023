/* SPDX-License-Identifier: MIT */
/* Behind <arch/gic.h>: ICC_* system registers by their encodings, which every assembler takes. */
#pragma once
#include <kernel/types.h>

/* Register numbers: Arm IHI 0069, "AArch64 System register descriptions". */
#define ARM64_ICC_PMR	"s3_0_c4_c6_0"
#define ARM64_ICC_SGI1R	"s3_0_c12_c11_5"
#define ARM64_ICC_IAR1	"s3_0_c12_c12_0"
#define ARM64_ICC_EOIR1	"s3_0_c12_c12_1"
#define ARM64_ICC_BPR1	"s3_0_c12_c12_3"
#define ARM64_ICC_CTLR	"s3_0_c12_c12_4"
#define ARM64_ICC_SRE	"s3_0_c12_c12_5"
#define ARM64_ICC_GRPEN1 "s3_0_c12_c12_7"

static inline bool arch_gic_enable(void)
{
	uint64_t sre;

	__asm__ volatile("mrs %0, " ARM64_ICC_SRE : "=r"(sre));
	if (!(sre & 1)) {
		__asm__ volatile("msr " ARM64_ICC_SRE ", %0\n\tisb" : : "r"(sre | 1));
		/* The bit stays zero where a higher level keeps the memory-mapped interface. */
		__asm__ volatile("mrs %0, " ARM64_ICC_SRE : "=r"(sre));
		if (!(sre & 1))
			return false;
	}
	__asm__ volatile("msr " ARM64_ICC_CTLR ", %0" : : "r"(0ul)); /* one EOI write does both steps */
	__asm__ volatile("msr " ARM64_ICC_PMR ", %0" : : "r"(0xf0ul));
	__asm__ volatile("msr " ARM64_ICC_BPR1 ", %0" : : "r"(0ul));
	/* isb: the CPU interface is on before interrupts are unmasked */
	__asm__ volatile("msr " ARM64_ICC_GRPEN1 ", %0\n\tisb" : : "r"(1ul) : "memory");
	return true;
}
static inline uint32_t arch_gic_ack(void)
{
	uint64_t id;

	/*
	 * dsb: the acknowledge takes effect before the handler looks at the device (IHI 0069,
	 * "Observability of acknowledge").
	 */
	__asm__ volatile("mrs %0, " ARM64_ICC_IAR1 "\n\tdsb sy" : "=r"(id) : : "memory");
	return (uint32_t)id & 0xffffff;
}
static inline void arch_gic_eoi(uint32_t id)
{
	/* isb: the line is dropped before interrupts can be unmasked again. */
	__asm__ volatile("msr " ARM64_ICC_EOIR1 ", %0\n\tisb" : : "r"((uint64_t)id) : "memory");
}
static inline void arch_gic_sgi(uint64_t target)
{
	/*
	 * dsb: what the receiver shall see was stored before the interrupt is raised. isb: it
	 * is raised now.
	 */
	__asm__ volatile("dsb ishst\n\tmsr " ARM64_ICC_SGI1R ", %0\n\tisb" : : "r"(target) : "memory");
}
static inline uint64_t arch_cpu_hwid(void)
{
	uint64_t v;

	__asm__("mrs %0, mpidr_el1" : "=r"(v));
	return v & 0xff00fffffful;	/* Aff3..Aff0 */
}
