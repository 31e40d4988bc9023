/* SPDX-License-Identifier: MIT */
/*
 * Arm Generic Interrupt Controller, architecture version 2 (GIC-400 and the like).
 * Binding: arm,gic. Registers: Arm IHI 0048B.
 *
 * Ids 0-15 are software interrupts (IPIs), 16-31 private to each CPU, 32-1019 shared. EOImode 0: one write to EOIR drops the
 * priority and deactivates. All lines are group 0 or 1 as firmware left them; priority 0xa0 throughout.
 *
 * Locks: gic_lock (LR_DEVICE) around read-modify-write of shared registers (ICFGR, ITARGETSR); the set- and
 * clear-registers need none.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include "gic.h"

#define GICC_CTLR	0x00
#define GICC_PMR	0x04
#define GICC_BPR	0x08
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10
#define GICD_ITARGETSR	0x800
#define GICD_SGIR	0xf00
#define PRIORITY_ALL	0xf0

static char __iomem *dist, *cpuif;
static struct irq_domain domain;
static uint8_t cpu_target[CONFIG_NR_CPUS];	/* interface bit of each CPU; written by itself at its start */
static DEFINE_SPINLOCK(gic_lock, LR_DEVICE);

static void gicv2_mask(struct irq_desc *d)
{
	gicd_set_bit(dist, GICD_ICENABLER, d->line);
}

static void gicv2_unmask(struct irq_desc *d)
{
	gicd_set_bit(dist, GICD_ISENABLER, d->line);
}

static void gicv2_eoi(struct irq_desc *d)
{
	writel(d->line, cpuif + GICC_EOIR);
}

static int gicv2_set_type(struct irq_desc *d, unsigned type)
{
	irqflags_t f;
	int err;

	if (d->line < 16)
		return -EINVAL;
	f = spin_lock_irqsave(&gic_lock);
	err = gicd_set_type(dist, d->line, type);
	spin_unlock_irqrestore(&gic_lock, f);
	/* Private lines may be fixed in hardware: then the tree only describes them. */
	return d->line < 32 ? 0 : err;
}

static int gicv2_set_affinity(struct irq_desc *d, unsigned cpu)
{
	if (d->line < 32 || !cpu_target[cpu])
		return -EINVAL;
	writeb(cpu_target[cpu], dist + GICD_ITARGETSR + d->line);	/* byte-accessible */
	return 0;
}

static const struct irq_chip gicv2_chip = {
	.name = "GICv2",
	.mask = gicv2_mask,
	.unmask = gicv2_unmask,
	.eoi = gicv2_eoi,
	.set_type = gicv2_set_type,
	.set_affinity = gicv2_set_affinity,
};

static void gicv2_handle(void)
{
	uint32_t iar = readl(cpuif + GICC_IAR), id = iar & 0x3ff;

	if (likely(id - 16 < 1020 - 16)) {
		irq_domain_handle(&domain, id);
	} else if (id < 16) {
		/* The whole value goes back: it names the CPU that sent. Ended first: the handler may not return (stop). */
		writel(iar, cpuif + GICC_EOIR);
		if (id < IPI_COUNT)
			ipi_handle(id);
	}
	/* 1020-1023: nothing is pending any more. */
}

static void gicv2_send(const struct cpumask *mask, enum ipi ipi)
{
	uint32_t targets = 0;

	for_each_cpu(cpu, mask)
		targets |= cpu_target[cpu];
	/* writel orders the sender's earlier stores before the interrupt is raised. */
	writel(targets << 16 | ipi, dist + GICD_SGIR);
}
static const struct ipi_ops gicv2_ipi = { .send = gicv2_send };

/* The banked target registers of the private lines read as this CPU's own bit. */
static uint8_t own_target(void)
{
	for (unsigned i = 0; i < 32; i += 4) {
		uint32_t v = readl_relaxed(dist + GICD_ITARGETSR + i);

		v |= v >> 16;
		v |= v >> 8;
		if (v & 0xff)
			return (uint8_t)v;
	}
	return 1;	/* a uniprocessor implementation reads as zero */
}

static void gicv2_cpu_init(void)
{
	cpu_target[smp_processor_id()] = own_target();
	gicd_init_private(dist);
	writel_relaxed(PRIORITY_ALL, cpuif + GICC_PMR);
	writel_relaxed(0, cpuif + GICC_BPR);
	writel(1, cpuif + GICC_CTLR);
}

static int gicv2_probe(struct dt_node *node, const struct dt_match *match)
{
	paddr_t base;
	uint64_t size;
	int err;

	if (dist)
		return -EBUSY;	/* SIMPLE: one root controller; a cascaded GIC has no user yet */
	err = dt_reg(node, 1, &base, &size);
	if (err)
		return err;
	dist = dt_ioremap(node, 0);
	/* The CPU interface is two pages (EOIR and DIR on different ones) where the tree says so; we use the first. */
	cpuif = ioremap(base, MIN(size, (uint64_t)0x2000));
	if (!dist || !cpuif)
		return -ENOMEM;
	domain.node = node;
	domain.chip = &gicv2_chip;
	domain.nr_lines = gicd_lines(dist);
	domain.nr_percpu = 32;
	domain.xlate = gic_xlate;
	err = irq_domain_register(&domain);
	if (err)
		return err;
	writel(0, dist + GICD_CTLR);
	gicd_init_shared(dist, domain.nr_lines);
	{
		uint32_t t = own_target() * 0x01010101u;

		for (unsigned i = 32; i < domain.nr_lines; i += 4)
			writel_relaxed(t, dist + GICD_ITARGETSR + i);
	}
	writel(1, dist + GICD_CTLR);
	gicv2_cpu_init();
	irq_register_cpu_init(gicv2_cpu_init);
	irq_set_root(gicv2_handle);
	ipi_register(&gicv2_ipi);
	pr_info("GICv2: %u lines\n", domain.nr_lines);
	return 0;
}

static const struct dt_match gicv2_match[] = {
	{ "arm,cortex-a15-gic", NULL },
	{ "arm,gic-400", NULL },
	{ "arm,cortex-a9-gic", NULL },
	{ "arm,cortex-a7-gic", NULL },
	{ NULL, NULL },
};
DRIVER(gicv2, .match = gicv2_match, .probe = gicv2_probe, .phase = PROBE_IRQ);
