/* SPDX-License-Identifier: MIT */
/* Private to x86: what each CPU has of its own, registers and instructions. */
#pragma once
#ifndef MACHDEP
#error "private to the architecture"
#endif
#include <kernel/percpu.h>
#include <kernel/types.h>
#include <machine/frame.h>

struct x86_tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iomap;
} __packed;
_Static_assert(sizeof(struct x86_tss) == 104, "SDM volume 3, \"64-bit TSS\"");

/*
 * Each stack ends in a word with its CPU's struct x86_cpu: how an entry that may come at any instruction finds GS (entry.S). So does
 * its lower half, which an NMI inside an NMI gets.
 */
struct x86_ist {
	struct {
		uint8_t stack[IST_STACK_SIZE / 2 - 16];
		struct x86_cpu *cpu;
		uint64_t pad;
	} half[2];
};

struct x86_cpu {
	struct task *task;		/* 0: arch_current() */
	unsigned long offset;		/* 8: of this CPU's area, arch_percpu_offset() */
	uint64_t kstack_top;		/* 16: of the current task */
	uint64_t user_sp;		/* 24: scratch of the system-call entry */
	unsigned vector;		/* of the interrupt being handled */
	unsigned nmis;			/* since the last report, and where the last one came; trap.c */
	uint8_t nmi_reason;
	uint64_t nmi_ip;
	struct x86_tss tss;
	uint64_t gdt[16] __aligned(16);
	struct x86_ist *ist;		/* [IST_COUNT] */
};
DECLARE_PERCPU(struct x86_cpu, x86_cpu);

#define MSR_APIC_BASE	0x1bu
#define MSR_MISC_ENABLE	0x1a0u
#define MSR_MCG_CAP	0x179u
#define MSR_MCG_STATUS	0x17au
#define MSR_MCG_CTL	0x17bu
#define MSR_MC_CTL(bank)	(0x400u + 4 * (bank))
#define MSR_MC_STATUS(bank)	(0x401u + 4 * (bank))
#define MSR_MC_ADDR(bank)	(0x402u + 4 * (bank))
#define MSR_PAT		0x277u
#define MSR_EFER	0xc0000080u
#define MSR_STAR	0xc0000081u
#define MSR_LSTAR	0xc0000082u
#define MSR_CSTAR	0xc0000083u
#define MSR_SFMASK	0xc0000084u
#define MSR_FS_BASE	0xc0000100u
#define MSR_GS_BASE	0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX	0xc0000103u
#define EFER_SCE	BIT(0)
#define EFER_NXE	BIT(11)

#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_AM		BIT(18)
#define CR4_DE		BIT(3)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_MCE		BIT(6)
#define CR4_PGE		BIT(7)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_FSGSBASE	BIT(16)
#define CR4_PCIDE	BIT(17)
#define CR4_OSXSAVE	BIT(18)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)

#define FLAGS_CF	BIT(0)
#define FLAGS_FIXED	BIT(1)
#define FLAGS_PF	BIT(2)
#define FLAGS_AF	BIT(4)
#define FLAGS_ZF	BIT(6)
#define FLAGS_SF	BIT(7)
#define FLAGS_TF	BIT(8)
#define FLAGS_IF	BIT(9)
#define FLAGS_DF	BIT(10)
#define FLAGS_OF	BIT(11)
#define FLAGS_NT	BIT(14)
#define FLAGS_RF	BIT(16)
#define FLAGS_AC	BIT(18)
#define FLAGS_ID	BIT(21)

#define X86_CR(n)                                                                                  \
	static inline uint64_t read_cr##n(void)                                                    \
	{                                                                                          \
		uint64_t v;                                                                        \
		__asm__ volatile("movq %%cr" #n ", %0" : "=r"(v) : : "memory");                    \
		return v;                                                                          \
	}                                                                                          \
	static inline void write_cr##n(uint64_t v) { __asm__ volatile("movq %0, %%cr" #n : : "r"(v) : "memory"); }
X86_CR(0)
X86_CR(2)
X86_CR(3)
X86_CR(4)

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}
static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}
struct cpuid_regs {
	uint32_t a, b, c, d;
};
static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(sub));
	return r;
}
/* Ordered behind earlier loads by LFENCE: not read before what the program has done until here. */
static inline uint64_t rdtsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}
