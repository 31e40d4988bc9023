/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: root of interrupts, inter-processor interrupts, the timer's hardware.
 *
 * Registers are reached by memory (xAPIC) or by MSR (x2APIC), decided once: x2APIC when firmware has turned it on or a
 * hypervisor offers it. On hardware, leaving it off avoids the need for interrupt remapping (SDM 3, 11.12.1).
 * Every interrupt is sent in physical mode to one CPU. Vectors: machine/boot.h. LINT0 has the 8259s, masked, LINT1
 * the NMI, unless ACPI says otherwise.
 *
 * Invariants: apic_id_of_cpu[] is written by each CPU at its start, before it is online.
 * Locks: none; a CPU touches its own APIC only, with interrupts off where two writes belong together.
 * References: Intel SDM volume 3, chapter 11; MP specification 1.4.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <arch/irq.h>
#include <machine/boot.h>
#include <machine/x86.h>
#include "platform.h"

#define APIC_ID		0x020
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR_HIGH	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0
#define APIC_VERSION	0x030
#define APIC_SELF_IPI	0x3f0		/* x2APIC only */

#define SVR_ENABLE	BIT(8)
#define LVT_MASKED	BIT(16)
#define LVT_NMI		(4u << 8)
#define LVT_LOW		BIT(13)
#define ICR_BUSY	BIT(12)
#define ICR_SELF	BIT(18)
#define TDCR_BY_1	0xb
#define BASE_ENABLE	BIT(11)
#define BASE_X2		BIT(10)
#define MSR_X2APIC	0x800u

bool apic_x2 __ro_after_init;
uint32_t apic_id_of_cpu[CONFIG_NR_CPUS];
static char __iomem *regs __ro_after_init;
static bool ready __ro_after_init;
static uint32_t nmi_inputs __ro_after_init = 2, nmi_low __ro_after_init;	/* bit 0 LINT0, bit 1 LINT1 */
static void (*tlb_handler)(void) __ro_after_init;

static inline uint32_t apic_read(unsigned reg)
{
	return apic_x2 ? (uint32_t)rdmsr(MSR_X2APIC + (reg >> 4)) : readl_relaxed(regs + reg);
}

static inline void apic_write(unsigned reg, uint32_t v)
{
	if (apic_x2)
		wrmsr(MSR_X2APIC + (reg >> 4), v);
	else
		writel_relaxed(v, regs + reg);
}

bool x86_virtual(void)
{
	return cpuid(1, 0).c >> 31;
}

uint32_t x86_apic_id_of(unsigned cpu)
{
	return apic_id_of_cpu[cpu];
}

uint32_t x86_apic_id(void)
{
	struct cpuid_regs r;

	if (cpuid(0, 0).a >= 0xb) {
		r = cpuid(0xb, 0);
		if (r.b & 0xffff)	/* else the leaf is not there in truth */
			return r.d;
	}
	return cpuid(1, 0).b >> 24;
}

bool apic_ready(void)
{
	return ready;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* ---- timer */

void apic_timer_mode(uint32_t mode)
{
	apic_write(APIC_TDCR, TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, X86_VEC_TIMER | mode);
	/* The write by memory is done before a deadline is written by MSR (SDM 3, 11.5.4.1). */
	__asm__ volatile("mfence" : : : "memory");
}

void apic_timer_count(uint32_t counts)
{
	apic_write(APIC_TMICT, counts);
}

uint32_t apic_timer_left(void)
{
	return apic_read(APIC_TMCCT);
}

/* ---- inter-processor interrupts */

void apic_command(uint32_t id, uint32_t command)
{
	irqflags_t f;
	unsigned i;

	if (apic_x2) {
		/* WRMSR here orders nothing: what the receiver shall see is stored before (SDM 3, 11.12.3). */
		__asm__ volatile("mfence\n\tlfence" : : : "memory");
		wrmsr(MSR_X2APIC + (APIC_ICR >> 4), (uint64_t)id << 32 | command);
		return;
	}
	f = arch_irq_save();	/* both halves together */
	for (i = 0; i < 1000000 && readl_relaxed(regs + APIC_ICR) & ICR_BUSY; i++)
		arch_cpu_relax();
	writel(id << 24, regs + APIC_ICR_HIGH);
	writel(command, regs + APIC_ICR);
	arch_irq_restore(f);
}

void x86_ipi_send_vector(const struct cpumask *mask, unsigned vector)
{
	for_each_cpu(cpu, mask)
		apic_command(apic_id_of_cpu[cpu], APIC_ICR_ASSERT | vector);
}

/*
 * The shorthand for "self" needs no second register, so a command that was being written is not disturbed; one to ourselves is taken
 * at once, so the unit is not busy for it. Before the APIC is set up the report has to wait for the next NMI.
 */
void x86_ipi_self_from_nmi(void)
{
	if (!ready)
		return;
	if (apic_x2)
		wrmsr(MSR_X2APIC + (APIC_SELF_IPI >> 4), X86_VEC_NMI);
	else
		writel(ICR_SELF | APIC_ICR_ASSERT | X86_VEC_NMI, regs + APIC_ICR);
}

void x86_ipi_set_tlb_handler(void (*fn)(void))
{
	tlb_handler = fn;
}

static void apic_send(const struct cpumask *mask, enum ipi ipi)
{
	x86_ipi_send_vector(mask, X86_VEC_IPI + ipi);
}

static void apic_send_nmi(unsigned cpu)
{
	apic_command(apic_id_of_cpu[cpu], APIC_ICR_ASSERT | APIC_ICR_NMI);
}
static const struct ipi_ops apic_ipi = { .send = apic_send, .send_hard = apic_send_nmi };
_Static_assert(X86_VEC_IPI + IPI_COUNT <= X86_VEC_TLB, "vectors overlap");

/* ---- root */

static void __cold error_interrupt(void)
{
	uint32_t esr;

	apic_write(APIC_ESR, 0);	/* latches */
	esr = apic_read(APIC_ESR);
	apic_eoi();
	pr_warn("apic: CPU%u: error %#x\n", smp_processor_id(), esr);
}

static void apic_handle(void)
{
	unsigned v = x86_current_vector();

	if (v == X86_VEC_TIMER) {
		apic_eoi();
		x86_timer_interrupt();
	} else if (v - X86_VEC_IPI < IPI_COUNT) {
		apic_eoi();	/* before: the handler may not return (stop) */
		ipi_handle(v - X86_VEC_IPI);
	} else if (v == X86_VEC_TLB) {
		apic_eoi();
		if (tlb_handler)
			tlb_handler();
	} else if (v - X86_VEC_FIRST < X86_VEC_MSI - X86_VEC_FIRST) {
		ioapic_handle(v);
	} else if (v - X86_VEC_MSI < X86_VEC_TIMER - X86_VEC_MSI) {
		x86_msi_handle(v);
	} else if (v == X86_VEC_NMI) {
		apic_eoi();
		x86_nmi_report();
	} else if (v == X86_VEC_ERROR) {
		error_interrupt();
	}
	/* Spurious ones, of the APIC or the 8259s, are not ended: they are not in service. */
}

/* Whatever firmware left in service would block its priority for ever. */
static void end_leftovers(void)
{
	unsigned i, n;

	for (i = 0; i < 8; i++)
		for (n = 0; n < 32 && apic_read(APIC_ISR + i * 0x10); n++)
			apic_eoi();
}

static void set_lint(unsigned reg, uint32_t bit)
{
	if (nmi_inputs & bit)
		apic_write(reg, LVT_NMI | (nmi_low & bit ? LVT_LOW : 0));
	else
		apic_write(reg, LVT_MASKED | X86_VEC_SPURIOUS);
}

static void apic_cpu_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | BASE_ENABLE;
	unsigned lvts;

	wrmsr(MSR_APIC_BASE, base);
	if (apic_x2 && !(base & BASE_X2))
		wrmsr(MSR_APIC_BASE, base | BASE_X2);	/* by way of xAPIC mode */
	apic_id_of_cpu[smp_processor_id()] = apic_x2 ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, SVR_ENABLE | X86_VEC_SPURIOUS);
	lvts = (apic_read(APIC_VERSION) >> 16 & 0xff) + 1;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | X86_VEC_TIMER);
	if (lvts > 4)
		apic_write(APIC_LVT_PERF, LVT_MASKED | X86_VEC_SPURIOUS);
	if (lvts > 5)
		apic_write(APIC_LVT_THERMAL, LVT_MASKED | X86_VEC_SPURIOUS);
	set_lint(APIC_LVT_LINT0, 1);
	set_lint(APIC_LVT_LINT1, 2);
	end_leftovers();
	apic_write(APIC_ESR, 0);
	apic_write(APIC_LVT_ERROR, X86_VEC_ERROR);
	apic_timer_count(0);
	if (smp_processor_id())
		x86_timer_init_cpu();
}

static int apic_probe(struct dt_node *node, const struct dt_match *match)
{
	struct cpuid_regs f = cpuid(1, 0);

	if (ready)
		return -EBUSY;
	if (!(f.d & BIT(9))) {
		pr_err("apic: this CPU has no local APIC, or firmware has disabled it: not supported\n");
		return -EOPNOTSUPP;
	}
	apic_x2 = f.c & BIT(21) && (rdmsr(MSR_APIC_BASE) & BASE_X2 || x86_virtual());
	if (!apic_x2) {
		regs = dt_ioremap(node, 0);
		if (!regs)
			return -ENOMEM;
	}
	(void)dt_u32_index(node, "aramid,nmi-inputs", 0, &nmi_inputs);
	(void)dt_u32_index(node, "aramid,nmi-inputs", 1, &nmi_low);
	i8259_mask();
	apic_cpu_init();
	ready = true;
	irq_register_cpu_init(apic_cpu_init);
	irq_set_root(apic_handle);
	ipi_register(&apic_ipi);
	x86_smp_register();
	if (x86_msi_init())
		pr_warn("apic: no memory for messages of devices\n");
	pr_info("apic: %s, CPU0 is %u\n", apic_x2 ? "x2APIC" : "xAPIC", apic_id_of_cpu[0]);
	return 0;
}

static const struct dt_match apic_match[] = { { "intel,ce4100-lapic", NULL }, { NULL, NULL } };
DRIVER(apic, .match = apic_match, .probe = apic_probe, .phase = PROBE_IRQ);
