/* SPDX-License-Identifier: MIT */
/*
 * GICv2m: a frame in which a write raises a shared line of the GIC. Binding: arm,gic-v2m-frame, a child of the GIC's node.
 * Reference: Arm Server Base System Architecture, appendix "GICv2m".
 *
 * Locks: used_lock (LR_DEVICE): which lines are given out.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/msi.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

#define MSI_TYPER	0x008	/* first line 25:16, count 9:0 */
#define MSI_SETSPI	0x040

struct v2m {
	struct msi_controller msi;
	struct irq_domain *gic;
	paddr_t doorbell;
	unsigned first, count;
	unsigned long used[BITS_TO_LONGS(1024)];
};
static DEFINE_SPINLOCK(used_lock, LR_DEVICE);

/* A free line, marked used; -1: none. */
static int take_line(struct v2m *v)
{
	irqflags_t f = spin_lock_irqsave(&used_lock);
	int line = -1;

	for (unsigned i = 0; i < v->count && line < 0; i++)
		if (!test_and_set_bit(i, v->used))
			line = (int)(v->first + i);
	spin_unlock_irqrestore(&used_lock, f);
	return line;
}

static void v2m_free(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs)
{
	struct v2m *v = container_of(c, struct v2m, msi);

	while (n--)
		clear_bit(irqs[n]->line - v->first, v->used);
}

static int v2m_alloc(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs, struct msi_msg *msgs)
{
	struct v2m *v = container_of(c, struct v2m, msi);
	unsigned i;
	int err;

	for (i = 0; i < n; i++) {
		int line = take_line(v);

		err = -ENOSPC;
		if (line < 0)
			goto out_free;
		err = irq_domain_line(v->gic, (unsigned)line, IRQ_TYPE_EDGE_RISING, &irqs[i]);
		if (!err)
			err = v->gic->chip->set_type(irqs[i], IRQ_TYPE_EDGE_RISING);
		if (err) {
			clear_bit((unsigned)line - v->first, v->used);
			goto out_free;
		}
		irqs[i]->type = IRQ_TYPE_EDGE_RISING;
		msgs[i] = (struct msi_msg){ v->doorbell, (uint32_t)line };
	}
	return 0;
out_free:
	v2m_free(c, device, i, irqs);
	return err;
}

static int v2m_probe(struct dt_node *node, const struct dt_match *match)
{
	uint32_t typer, first, count;
	char __iomem *regs;
	struct v2m *v;
	paddr_t base;
	int err;

	if (!node->parent || !node->parent->bound || !node->parent->data)
		return -EPROBE_LATER;
	err = dt_reg(node, 0, &base, NULL);
	if (err)
		return err;
	regs = ioremap(base, PAGE_SIZE);
	if (!regs)
		return -ENOMEM;
	typer = readl(regs + MSI_TYPER);
	iounmap(regs);
	first = typer >> 16 & 0x3ff;
	count = typer & 0x3ff;
	/* The tree may know better. */
	(void)dt_u32(node, "arm,msi-base-spi", &first);
	(void)dt_u32(node, "arm,msi-num-spis", &count);
	if (first < 32 || !count || first + count > 1020 || first > 1020)
		return -EINVAL;
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	v->gic = node->parent->data;
	v->doorbell = base + MSI_SETSPI;
	v->first = first;
	v->count = count;
	v->msi.name = "GICv2m";
	v->msi.node = node;
	v->msi.alloc = v2m_alloc;
	v->msi.free = v2m_free;
	msi_controller_register(&v->msi);
	return 0;
}

static const struct dt_match v2m_match[] = { { "arm,gic-v2m-frame", NULL }, { NULL, NULL } };
DRIVER(gicv2m, .match = v2m_match, .probe = v2m_probe, .phase = PROBE_TIMER);
