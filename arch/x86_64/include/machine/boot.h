/* SPDX-License-Identifier: MIT */
/*
 * What boot/x86_64 and arch/x86_64 share.
 *
 * The head code of the boot CPU calls, in this order, in long mode, on a stack at a link address (x86_boot_stack),
 * with interrupts off, the image mapped at its link address and the first 4 GiB mapped one to one (its tables too):
 *
 *	x86_early_cpu_init(load)	@load: physical address of _text. Afterwards GDT, TSS, IDT, GS, system-call MSRs and control
 *					registers are final, CR3 is x86_kernel_root. The one-to-one map stays (slot 0 of the
 *					former root is kept) until arch_mm_setup().
 *	kernel_main(dtb)
 *
 * A secondary, entered by INIT/SIPI through boot code of its own: in long mode, with CR3 = the physical address of
 * x86_kernel_root (x86_kernel_cr3), RSP = top of the kernel stack of x86_secondary_task[cpu], less FRAME_SIZE:
 *
 *	x86_secondary_start(cpu)	does not return
 *
 * arch_cpu_prepare() gives cpu_ops.start() entry = physical address of x86_secondary_entry (64-bit, link address
 * x86_secondary_entry, in entry.S: EDI/RDI = cpu, any CR3 that maps the image; it loads the rest) and context = cpu.
 */
#pragma once
#ifndef __ASSEMBLY__
#include <kernel/types.h>

extern uint64_t x86_kernel_root[512];
extern char x86_boot_stack[];		/* KSTACK_SIZE bytes, in context.c */

void x86_early_cpu_init(paddr_t load);

struct task;
extern struct task *x86_secondary_task[CONFIG_NR_CPUS];
void x86_secondary_entry(void);
__noreturn void x86_secondary_start(unsigned long cpu);

/*
 * What boot/x86_64 gives. head.S maps the image page by page, all of it writable and executable, through slot 511 of
 * x86_boot_root, whose slot 0 maps the low 4 GiB one to one; the order is x86_start() [device tree made] ->
 * x86_early_cpu_init(load) -> kernel_main(). x86_boot_root stays: the trampoline of the other CPUs starts on it, its slots
 * 256-511 copied from x86_kernel_root before.
 */
extern uint64_t x86_boot_root[512];
__noreturn void x86_start(paddr_t zero_page, paddr_t load);
extern paddr_t x86_boot_root_pa, x86_trampoline_pa;

/*
 * arch/x86_64/platform/apic.c. Its root handler gets every vector from 32 on (x86_current_vector()) and ends the interrupt itself.
 */
uint32_t x86_apic_id_of(unsigned cpu);	/* of one that has started */
uint64_t x86_tsc_hz(void);
uint32_t x86_apic_id(void);		/* of this CPU, by CPUID: works before the driver; arch_boot_hwid() */
/* Raises @vector on the CPUs of @mask; earlier stores are visible to its handler. */
struct cpumask;
void x86_ipi_send_vector(const struct cpumask *mask, unsigned vector);
/* Raises X86_VEC_NMI on this CPU; from an NMI, which may have interrupted anything. */
void x86_ipi_self_from_nmi(void);
/* The handler of X86_VEC_TLB; called after the interrupt was ended. */
void x86_ipi_set_tlb_handler(void (*fn)(void));
#endif

#define X86_BOOT_IMAGE_MAX	0x800000	/* what head.S maps, .bss included */

/* Selectors of the boot GDT, until the real one is loaded. */
#define X86_BOOT_CS64	0x08
#define X86_BOOT_CS32	0x10
#define X86_BOOT_DS	0x18

/* Vectors. */
#define X86_VEC_LEGACY	0x20		/* 16 for the 8259s, which stay masked: only spurious ones come */
#define X86_VEC_FIRST	0x30		/* lines of I/O APICs */
#define X86_VEC_MSI	0xb0		/* messages of devices */
#define X86_VEC_TIMER	0xf0
#define X86_VEC_IPI	0xf1		/* + enum ipi */
#define X86_VEC_TLB	0xf8
#define X86_VEC_NMI	0xf9		/* an NMI came: report it where locks may be taken */
#define X86_VEC_ERROR	0xfe
#define X86_VEC_SPURIOUS 0xff
