/* SPDX-License-Identifier: MIT */
/*
 * Arm Generic Interrupt Controller, architecture versions 3 and 4. Message-signalled interrupts: its.c.
 * Binding: arm,gic-v3. Registers: Arm IHI 0069.
 *
 * The distributor holds the shared lines; each CPU has a redistributor with its private and software ones and
 * system registers for acknowledge and end (<arch/gic.h>). Affinity routing is on: a shared line goes to the one CPU
 * whose affinity its router register names. All lines are group 1.
 *
 * Locks: gic_lock (LR_DEVICE) around read-modify-write of ICFGR.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <arch/gic.h>
#include "gic.h"

#define GICD_CTLR_RWP	BIT(31)
#define GICD_CTLR_ARE	BIT(4)
#define GICD_CTLR_G1A	BIT(1)
#define GICD_CTLR_G1	BIT(0)
#define GICD_IROUTER	0x6000
#define GICR_CTLR	0x0000
#define GICR_TYPER	0x0008
#define GICR_WAKER	0x0014
#define GICR_TYPER_VLPIS BIT(1)
#define GICR_TYPER_LAST	BIT(4)
#define WAKER_SLEEP	BIT(1)
#define WAKER_ASLEEP	BIT(2)
#define FRAME		0x10000u	/* a redistributor is two of these, four with virtual LPIs */
#define MAX_REGIONS	8

static char __iomem *dist;
static struct {
	char __iomem *base;
	paddr_t pa;
	uint64_t size;
} region[MAX_REGIONS];
static unsigned nr_regions;
static uint64_t stride;			/* of the tree; 0: by TYPER */
static char __iomem *rdist[CONFIG_NR_CPUS];	/* RD frame of each CPU, set by itself at its start */
static struct irq_domain domain;
static DEFINE_SPINLOCK(gic_lock, LR_DEVICE);

/* The registers of a line: the distributor's, or this CPU's own SGI frame. */
static char __iomem *line_base(unsigned line)
{
	return line < 32 ? rdist[smp_processor_id()] + FRAME : dist;
}

static int wait_rwp(char __iomem *reg, uint32_t bit)
{
	nsec_t start = 0;

	while (readl(reg) & bit)
		if (!poll_timeout(&start, NSEC_PER_SEC))
			return -ETIMEDOUT;
	return 0;
}

static void gicv3_mask(struct irq_desc *d)
{
	gicd_set_bit(line_base(d->line), GICD_ICENABLER, d->line);
	/* Until the write has taken effect the line may still fire. */
	if (d->line < 32)
		(void)wait_rwp(rdist[smp_processor_id()] + GICR_CTLR, BIT(3));
	else
		(void)wait_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
}

static void gicv3_unmask(struct irq_desc *d)
{
	gicd_set_bit(line_base(d->line), GICD_ISENABLER, d->line);
}

static void gicv3_eoi(struct irq_desc *d)
{
	arch_gic_eoi(d->line);
}

static int gicv3_set_type(struct irq_desc *d, unsigned type)
{
	irqflags_t f;
	int err;

	if (d->line < 16)
		return -EINVAL;
	f = spin_lock_irqsave(&gic_lock);
	err = gicd_set_type(line_base(d->line), d->line, type);
	spin_unlock_irqrestore(&gic_lock, f);
	return d->line < 32 ? 0 : err;
}

static void route(unsigned line, uint64_t hwid)
{
	writeq(hwid & 0xff00ffffffull, dist + GICD_IROUTER + line * 8);
}

static int gicv3_set_affinity(struct irq_desc *d, unsigned cpu)
{
	if (d->line < 32)
		return -EINVAL;
	route(d->line, cpu_hwid[cpu]);
	return 0;
}

static const struct irq_chip gicv3_chip = {
	.name = "GICv3",
	.mask = gicv3_mask,
	.unmask = gicv3_unmask,
	.eoi = gicv3_eoi,
	.set_type = gicv3_set_type,
	.set_affinity = gicv3_set_affinity,
};

void (*gicv3_lpi_handle)(uint32_t id);

static void gicv3_handle(void)
{
	uint32_t id = arch_gic_ack();

	if (likely(id - 16 < 1020 - 16)) {
		irq_domain_handle(&domain, id);
	} else if (id < 16) {
		arch_gic_eoi(id);	/* before the handler: stop does not return */
		if (id < IPI_COUNT)
			ipi_handle(id);
	} else if (id >= 8192 && gicv3_lpi_handle) {
		gicv3_lpi_handle(id);
	}
}

/* One register write reaches up to 16 CPUs that share affinity levels 1-3. */
static void gicv3_send(const struct cpumask *mask, enum ipi ipi)
{
	struct cpumask left = *mask;

	for_each_cpu(cpu, mask) {
		uint64_t id = cpu_hwid[cpu], cluster = id & ~0xfull, targets = 0;

		if (!cpumask_test(&left, cpu))
			continue;
		for_each_cpu(other, &left) {
			if ((cpu_hwid[other] & ~0xfull) != cluster)
				continue;
			targets |= 1ull << (cpu_hwid[other] & 0xf);
			clear_bit(other, left.bits);
		}
		/* ICC_SGI1R_EL1: Aff3 55:48, RS 47:44, Aff2 39:32, INTID 27:24, Aff1 23:16, targets 15:0 */
		arch_gic_sgi((id >> 32 & 0xff) << 48 | (id >> 4 & 0xf) << 44 | (id >> 16 & 0xff) << 32 |
			     (uint64_t)ipi << 24 | (id >> 8 & 0xff) << 16 | targets);
	}
}
static const struct ipi_ops gicv3_ipi = { .send = gicv3_send };

/* This CPU's redistributor: the one whose TYPER carries our affinity. */
static char __iomem *find_rdist(void)
{
	uint64_t hwid = arch_cpu_hwid();
	uint32_t aff = (uint32_t)((hwid >> 32 & 0xff) << 24 | (hwid & 0xffffff));

	for (unsigned r = 0; r < nr_regions; r++) {
		uint64_t at = 0;

		while (at + 2 * FRAME <= region[r].size) {
			char __iomem *rd = region[r].base + at;
			uint64_t typer = readq(rd + GICR_TYPER);

			if ((uint32_t)(typer >> 32) == aff)
				return rd;
			if (typer & GICR_TYPER_LAST)
				break;
			at += stride ? stride : typer & GICR_TYPER_VLPIS ? 4 * FRAME : 2 * FRAME;
		}
	}
	return NULL;
}

static void gicv3_cpu_init(void)
{
	unsigned cpu = smp_processor_id();
	char __iomem *rd = find_rdist();
	nsec_t start = 0;

	/* Without its redistributor this CPU gets no interrupt at all: that is the machine's fault, and final. */
	if (!rd)
		panic("GICv3: CPU %u has no redistributor", cpu);
	rdist[cpu] = rd;
	writel(readl(rd + GICR_WAKER) & ~(uint32_t)WAKER_SLEEP, rd + GICR_WAKER);
	while (readl(rd + GICR_WAKER) & WAKER_ASLEEP)
		if (!poll_timeout(&start, NSEC_PER_SEC))
			break;
	writel_relaxed(~0u, rd + FRAME + GICD_IGROUPR);
	gicd_init_private(rd + FRAME);
	if (wait_rwp(rd + GICR_CTLR, BIT(3)))
		pr_warn("GICv3: CPU %u: redistributor does not settle\n", cpu);
	if (!arch_gic_enable())
		panic("GICv3: CPU %u: no system-register interface", cpu);
}

char __iomem *gicv3_rdist(unsigned cpu)
{
	return rdist[cpu];
}

paddr_t gicv3_rdist_pa(unsigned cpu)
{
	for (unsigned r = 0; r < nr_regions; r++)
		if (rdist[cpu] >= region[r].base && rdist[cpu] < region[r].base + region[r].size)
			return region[r].pa + (paddr_t)(rdist[cpu] - region[r].base);
	return 0;
}

static int map_regions(struct dt_node *node)
{
	uint32_t n = 1;
	uint64_t s;

	(void)dt_u32(node, "#redistributor-regions", &n);
	if (!dt_u64(node, "redistributor-stride", &s) && s >= 2 * FRAME && s <= 16 * FRAME)
		stride = s;
	for (unsigned i = 0; i < n && i < MAX_REGIONS; i++) {
		paddr_t base;

		if (dt_reg(node, 1 + i, &base, &region[i].size))
			break;
		/* Room for every CPU we can have, not for the thousands that the window may offer. */
		region[i].size = MIN(region[i].size, (uint64_t)256 * 2 * FRAME);
		region[i].pa = base;
		region[i].base = ioremap(base, region[i].size);
		if (!region[i].base)
			return -ENOMEM;
		nr_regions++;
	}
	return nr_regions ? 0 : -EINVAL;
}

static int gicv3_probe(struct dt_node *node, const struct dt_match *match)
{
	int err;

	if (dist)
		return -EBUSY;
	err = map_regions(node);
	if (err)
		return err;
	dist = dt_ioremap(node, 0);
	if (!dist)
		return -ENOMEM;
	domain.node = node;
	domain.chip = &gicv3_chip;
	domain.nr_lines = gicd_lines(dist);
	domain.nr_percpu = 32;
	domain.xlate = gic_xlate;
	err = irq_domain_register(&domain);
	if (err)
		return err;
	writel(0, dist + GICD_CTLR);
	(void)wait_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned i = 32; i < domain.nr_lines; i += 32)
		writel_relaxed(~0u, dist + GICD_IGROUPR + i / 8);
	gicd_init_shared(dist, domain.nr_lines);
	/* Routing registers exist only with affinity routing on. */
	writel(GICD_CTLR_ARE | GICD_CTLR_G1A | GICD_CTLR_G1, dist + GICD_CTLR);
	(void)wait_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned i = 32; i < domain.nr_lines; i++)
		route(i, arch_cpu_hwid());
	gicv3_cpu_init();
	irq_register_cpu_init(gicv3_cpu_init);
	irq_set_root(gicv3_handle);
	ipi_register(&gicv3_ipi);
	pr_info("GICv3: %u lines\n", domain.nr_lines);
	return 0;
}

static const struct dt_match gicv3_match[] = {
	{ "arm,gic-v3", NULL },
	{ NULL, NULL },
};
DRIVER(gicv3, .match = gicv3_match, .probe = gicv3_probe, .phase = PROBE_IRQ);
