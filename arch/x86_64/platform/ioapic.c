/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs: a domain each. A specifier is <pin type>, type as IRQ_TYPE_* has it (binding intel,ce4100-ioapic).
 *
 * Each pin has a vector of its own for good, the same on every CPU, given at probe. The end of a level interrupt
 * is told to all I/O APICs by the local APIC's broadcast (SDM 3, 11.8.5), so ending is one write to the local APIC.
 * An entry is changed low half last, and masked while its type changes.
 *
 * Locks: lock (LR_DEVICE) around the index and data registers.
 * Reference: Intel 82093AA data sheet.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <machine/boot.h>
#include "platform.h"

#define IOREGSEL	0x00
#define IOWIN		0x10
#define REG_VERSION	0x01
#define REG_ENTRY	0x10
#define ENTRY_LOW	BIT(13)		/* active low */
#define ENTRY_LEVEL	BIT(15)
#define ENTRY_MASKED	BIT(16)
#define NR_VECTORS	(X86_VEC_MSI - X86_VEC_FIRST)

struct ioapic {
	struct irq_domain domain;
	char __iomem *regs;
	unsigned first_vector;
	uint32_t *low;			/* [lock] lower half of each entry */
};
static struct {
	struct ioapic *io;
	unsigned pin;
} by_vector[NR_VECTORS];		/* written at probe only */
static unsigned next_vector;
static DEFINE_SPINLOCK(lock, LR_DEVICE);

static uint32_t io_read(struct ioapic *io, unsigned reg)
{
	writel_relaxed(reg, io->regs + IOREGSEL);
	return readl_relaxed(io->regs + IOWIN);
}

static void io_write(struct ioapic *io, unsigned reg, uint32_t v)
{
	writel_relaxed(reg, io->regs + IOREGSEL);
	writel_relaxed(v, io->regs + IOWIN);
}

static struct ioapic *to_ioapic(struct irq_desc *d)
{
	return d->dom->chip_data;
}

static void set_low(struct ioapic *io, unsigned pin, uint32_t clear, uint32_t set)
{
	io->low[pin] = (io->low[pin] & ~clear) | set;
	io_write(io, REG_ENTRY + 2 * pin, io->low[pin]);
}

static void ioapic_mask(struct irq_desc *d)
{
	irqflags_t f = spin_lock_irqsave(&lock);

	set_low(to_ioapic(d), d->line, 0, ENTRY_MASKED);
	(void)io_read(to_ioapic(d), REG_ENTRY + 2 * d->line);	/* it has arrived */
	spin_unlock_irqrestore(&lock, f);
}

static void ioapic_unmask(struct irq_desc *d)
{
	irqflags_t f = spin_lock_irqsave(&lock);

	set_low(to_ioapic(d), d->line, ENTRY_MASKED, 0);
	spin_unlock_irqrestore(&lock, f);
}

static void ioapic_eoi(struct irq_desc *d)
{
	apic_eoi();
}

static int ioapic_set_type(struct irq_desc *d, unsigned type)
{
	uint32_t bits;
	irqflags_t f;

	switch (type) {
	case IRQ_TYPE_EDGE_RISING:
		bits = 0;
		break;
	case IRQ_TYPE_EDGE_FALLING:
		bits = ENTRY_LOW;
		break;
	case IRQ_TYPE_LEVEL_HIGH:
		bits = ENTRY_LEVEL;
		break;
	case IRQ_TYPE_LEVEL_LOW:
		bits = ENTRY_LEVEL | ENTRY_LOW;
		break;
	default:
		return -EINVAL;
	}
	f = spin_lock_irqsave(&lock);
	set_low(to_ioapic(d), d->line, ENTRY_LEVEL | ENTRY_LOW, bits);
	spin_unlock_irqrestore(&lock, f);
	return 0;
}

static int ioapic_set_affinity(struct irq_desc *d, unsigned cpu)
{
	uint32_t id = apic_id_of_cpu[cpu];
	irqflags_t f;

	if (id > 0xfe)		/* the entry has eight bits; more need interrupt remapping */
		return -EINVAL;
	f = spin_lock_irqsave(&lock);
	io_write(to_ioapic(d), REG_ENTRY + 2 * d->line + 1, id << 24);
	spin_unlock_irqrestore(&lock, f);
	return 0;
}

static const struct irq_chip ioapic_chip = {
	.name = "IO-APIC",
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.eoi = ioapic_eoi,
	.set_type = ioapic_set_type,
	.set_affinity = ioapic_set_affinity,
};

void ioapic_handle(unsigned vector)
{
	unsigned i = vector - X86_VEC_FIRST;

	if (likely(by_vector[i].io))
		irq_domain_handle(&by_vector[i].io->domain, by_vector[i].pin);
	else
		apic_eoi();
}

static int ioapic_xlate(struct irq_domain *dom, const uint32_t *spec, unsigned n, unsigned *line, unsigned *type)
{
	if (n != 2 || spec[0] >= dom->nr_lines)
		return -EINVAL;
	*line = spec[0];
	*type = spec[1] & 0xf;
	return 0;
}

static int setup_pins(struct ioapic *io, unsigned pins)
{
	uint32_t id = apic_id_of_cpu[0];
	unsigned i;

	io->low = kvmalloc(pins * sizeof(*io->low), GFP_KERNEL | GFP_ZERO);
	if (!io->low)
		return -ENOMEM;
	io->first_vector = next_vector;
	for (i = 0; i < pins; i++) {
		by_vector[next_vector].io = io;
		by_vector[next_vector].pin = i;
		set_low(io, i, 0, ENTRY_MASKED | (X86_VEC_FIRST + next_vector));
		io_write(io, REG_ENTRY + 2 * i + 1, (id & 0xff) << 24);
		next_vector++;
	}
	return 0;
}

static int ioapic_probe(struct dt_node *node, const struct dt_match *match)
{
	struct ioapic *io;
	uint32_t version;
	unsigned pins;
	int err;

	if (!apic_ready())
		return -EPROBE_LATER;
	io = kzalloc(sizeof(*io), GFP_KERNEL);
	if (!io)
		return -ENOMEM;
	err = -ENOMEM;
	io->regs = dt_ioremap(node, 0);
	if (!io->regs)
		goto out_free;
	version = io_read(io, REG_VERSION);
	err = -ENODEV;
	if (version == UINT32_MAX || !version)
		goto out_unmap;		/* nothing at that address */
	pins = (version >> 16 & 0xff) + 1;
	/* Pins that get no vector do not exist for us. */
	pins = MIN(pins, NR_VECTORS - next_vector);
	err = -ENOSPC;
	if (!pins)
		goto out_unmap;
	io->domain.node = node;
	io->domain.chip = &ioapic_chip;
	io->domain.chip_data = io;
	io->domain.nr_lines = pins;
	io->domain.xlate = ioapic_xlate;
	err = irq_domain_register(&io->domain);
	if (err)
		goto out_unmap;
	err = setup_pins(io, pins);
	if (err)
		goto out_unmap;
	pr_info("ioapic: %u pins\n", pins);
	return 0;
out_unmap:
	iounmap(io->regs);
out_free:
	kfree(io);
	return err;
}

static const struct dt_match ioapic_match[] = { { "intel,ce4100-ioapic", NULL }, { NULL, NULL } };
DRIVER(ioapic, .match = ioapic_match, .probe = ioapic_probe, .phase = PROBE_IRQ);
