/* SPDX-License-Identifier: MIT */
/* What both GIC drivers share: the distributor's register layout, which the redistributors repeat. */
#pragma once
#include <kernel/device.h>
#include <kernel/irq.h>

#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ICPENDR	0x280
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR	0x400
#define GICD_ICFGR	0xc00
#define GIC_PRIORITY	0xa0a0a0a0u

static inline void gicd_set_bit(char __iomem *base, unsigned reg, unsigned line)
{
	writel(1u << (line % 32), base + reg + line / 32 * 4);
}
unsigned gicd_lines(char __iomem *base);
void gicd_init_shared(char __iomem *base, unsigned nr_lines);
void gicd_init_private(char __iomem *base);
int gicd_set_type(char __iomem *base, unsigned line, unsigned type);
/* gicv3.c, for its.c: a CPU's redistributor (NULL: there is no GICv3, or not that CPU), and who takes interrupts from 8192 on. */
char __iomem *gicv3_rdist(unsigned cpu);
paddr_t gicv3_rdist_pa(unsigned cpu);
extern void (*gicv3_lpi_handle)(uint32_t id);
int gic_xlate(struct irq_domain *dom, const uint32_t *spec, unsigned n, unsigned *line, unsigned *type);
