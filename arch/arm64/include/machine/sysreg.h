/* SPDX-License-Identifier: MIT */
/*
 * System registers: access, and the fields this port uses (Arm ARM DDI 0487, "AArch64 System
 * register descriptions").
 */
#pragma once

/* Short descriptors of memory types: index into MAIR_EL1. */
#define MT_NORMAL	0
#define MT_DEVICE	1	/* Device-nGnRE: registers */
#define MT_NORMAL_NC	2	/* frame buffers: unaligned access and gathering allowed */
#define MAIR_VALUE	(0xff | 0x04 << 8 | 0x44 << 16)

#define PTE_VALID	0x1
#define PTE_TABLE	0x3	/* levels 0-2; at level 3 the same value means a page */
#define PTE_ATTR(i)	((i) << 2)
#define PTE_USER	0x40
#define PTE_RDONLY	0x80
#define PTE_SH_INNER	0x300
#define PTE_AF		0x400
#define PTE_NG		0x800
#define PTE_PXN		0x0020000000000000
#define PTE_UXN		0x0040000000000000
#define PTE_NORMAL	(PTE_ATTR(MT_NORMAL) | PTE_SH_INNER | PTE_AF)

/*
 * SCTLR_EL1. RES1 bits of ARMv8.0 that later became features are set to keep the v8.0
 * behaviour: LSMAOE 29, nTLSMD 28, EIS 22, TSCXT 20, EOS 11. Then M 0, C 2, SA 3, SA0 4, I 12,
 * DZE 14, UCT 15, nTWI 16, nTWE 18, UCI 26. SPAN (23) stays clear: PSTATE.PAN is set by every
 * exception to EL1. EnIA and its sisters stay clear: pointer authentication is not offered.
 */
#define SCTLR_MMU_OFF	0x30500800
#define SCTLR_VALUE	(SCTLR_MMU_OFF | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 18 | 1 << 26)

/*
 * TCR_EL1 less IPS and AS: 48-bit halves, 4 KiB granules, tables in write-back inner-shareable
 * memory, TBI0 as Linux's ABI has it.
 */
#define TCR_T0SZ	(16 << 0)
#define TCR_WALK0	(1 << 8 | 1 << 10 | 3 << 12)
#define TCR_T1SZ	(16 << 16)
#define TCR_WALK1	(1 << 24 | 1 << 26 | 3 << 28)
#define TCR_TG1_4K	(2 << 30)
#define TCR_AS		(1 << 36)
#define TCR_TBI0	(1 << 37)
#define TCR_VALUE	(TCR_T0SZ | TCR_WALK0 | TCR_T1SZ | TCR_WALK1 | TCR_TG1_4K | TCR_TBI0)

#define ESR_EC(esr)	((unsigned)((esr) >> 26) & 0x3f)
#define ESR_ISS(esr)	((unsigned)(esr) & 0x1ffffff)
#define EC_UNKNOWN	0x00
#define EC_WFX		0x01
#define EC_FP_TRAP	0x07
#define EC_BTI		0x0d
#define EC_ILLEGAL	0x0e
#define EC_SVC64	0x15
#define EC_MRS		0x18
#define EC_SVE		0x19
#define EC_SME		0x1d
#define EC_IABT_EL0	0x20
#define EC_IABT_EL1	0x21
#define EC_PC_ALIGN	0x22
#define EC_DABT_EL0	0x24
#define EC_DABT_EL1	0x25
#define EC_SP_ALIGN	0x26
#define EC_FP_EXC	0x2c
#define EC_BREAK_EL0	0x30
#define EC_BREAK_EL1	0x31
#define EC_STEP_EL0	0x32
#define EC_STEP_EL1	0x33
#define EC_WATCH_EL0	0x34
#define EC_WATCH_EL1	0x35
#define EC_BRK64	0x3c

#ifndef __ASSEMBLY__
#include <kernel/types.h>
#define read_sysreg(r) ({ uint64_t _v; __asm__ volatile("mrs %0, " #r : "=r"(_v)); _v; })
#define write_sysreg(r, v) __asm__ volatile("msr " #r ", %x0" : : "rZ"((uint64_t)(v)) : "memory")
#define isb() __asm__ volatile("isb" : : : "memory")
#define dsb(scope) __asm__ volatile("dsb " #scope : : : "memory")
/* Registers that the assembler's base architecture does not know, by encoding. */
#define ID_AA64ISAR2	S3_0_C0_C6_2
#define ID_AA64MMFR2	S3_0_C0_C7_2
#define SYS_RNDR	S3_3_C2_C4_0
#define SYS_PAN		S3_0_C4_C2_3

static inline unsigned id_field(uint64_t reg, unsigned shift) { return (reg >> shift) & 0xf; }
#endif
