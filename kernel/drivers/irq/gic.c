/* SPDX-License-Identifier: MIT */
/*
 * The parts of Arm's Generic Interrupt Controller that versions 2 and 3 have in common: the distributor's
 * registers (a redistributor's SGI frame has the same layout) and the tree's three-cell specifier.
 * References: Arm IHI 0048B, IHI 0069; bindings arm,gic and arm,gic-v3.
 */
#include "gic.h"
#include <kernel/errno.h>
#include <kernel/string.h>

unsigned gicd_lines(char __iomem *base)
{
	unsigned n = ((readl(base + GICD_TYPER) & 0x1f) + 1) * 32;

	return MIN(n, 1020u);
}

void gicd_init_shared(char __iomem *base, unsigned nr_lines)
{
	for (unsigned i = 32; i < nr_lines; i += 32) {
		writel_relaxed(~0u, base + GICD_ICENABLER + i / 8);
		writel_relaxed(~0u, base + GICD_ICACTIVER + i / 8);
		writel_relaxed(~0u, base + GICD_ICPENDR + i / 8);
	}
	for (unsigned i = 32; i < nr_lines; i += 16)
		writel_relaxed(0, base + GICD_ICFGR + i / 4);	/* level */
	for (unsigned i = 32; i < nr_lines; i += 4)
		writel_relaxed(GIC_PRIORITY, base + GICD_IPRIORITYR + i);
}

void gicd_init_private(char __iomem *base)
{
	writel_relaxed(0xffff0000u, base + GICD_ICENABLER);
	writel_relaxed(~0u, base + GICD_ICACTIVER);
	for (unsigned i = 0; i < 32; i += 4)
		writel_relaxed(GIC_PRIORITY, base + GICD_IPRIORITYR + i);
	writel_relaxed(0x0000ffffu, base + GICD_ISENABLER);	/* IPIs are always on */
}

int gicd_set_type(char __iomem *base, unsigned line, unsigned type)
{
	char __iomem *reg = base + GICD_ICFGR + line / 16 * 4;
	uint32_t bit = 2u << (line % 16 * 2), was = readl(reg), want;

	/* The controller knows rising edges and high levels; the private lines of some are active low inside. */
	if (type & (IRQ_TYPE_EDGE_RISING | IRQ_TYPE_EDGE_FALLING))
		want = was | bit;
	else
		want = was & ~bit;
	if (want == was)
		return 0;
	/* Changing the mode of an enabled line is unpredictable: all of ours are set before they are enabled. */
	writel(want, reg);
	return readl(reg) == want ? 0 : -EINVAL;
}

/* <kind number flags>: kind 0 shared, 1 private; flags 3:0 trigger. */
int gic_xlate(struct irq_domain *dom, const uint32_t *spec, unsigned n, unsigned *line, unsigned *type)
{
	if (n < 3)
		return -EINVAL;
	if (spec[0] == 0 && spec[1] < 988)
		*line = spec[1] + 32;
	else if (spec[0] == 1 && spec[1] < 16)
		*line = spec[1] + 16;
	else
		return -EINVAL;
	if (*line >= dom->nr_lines)
		return -EINVAL;
	*type = spec[2] & 0xf;
	return 0;
}
