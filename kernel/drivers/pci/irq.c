/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of PCI functions: messages (MSI-X) and the four lines that all share.
 *
 * A line's way: pins rotate by the slot number at each bridge, then the host's "interrupt-map", or, on PCs, the number that firmware
 * left in the function's own register and "aramid,line-map" of the host.
 *
 * Locks: lines_lock (LR_DEVICE) around changes of who shares a line; the interrupt handler walks that list under RCU. The list of lines
 * itself is changed by probes only, one at a time.
 * References: PCI Local Bus 3.0, 6.8.2; Open Firmware interrupt mapping 0.9.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/msi.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include "pci_internal.h"

#define MSIX_CONTROL	2
#define MSIX_TABLE	4
#define MSIX_ENABLE	0x8000u
#define MSIX_MASK_ALL	0x4000u
#define ENTRY_SIZE	16u
#define ENTRY_MASKED	1u

static uint32_t rid(const struct pci_dev *d)
{
	return (uint32_t)d->bus << 8 | d->devfn;
}

static void entry_write(struct pci_dev *d, unsigned i, const struct msi_msg *m)
{
	char __iomem *e = d->msix_table + i * ENTRY_SIZE;

	writel(ENTRY_MASKED, e + 12);
	writel((uint32_t)m->addr, e);
	writel((uint32_t)(m->addr >> 32), e + 4);
	writel(m->data, e + 8);
}

static int msix_setup(struct pci_dev *d, unsigned n)
{
	struct msi_msg *msgs = kmalloc_array(n, sizeof(*msgs), GFP_KERNEL);
	uint32_t id;
	int err = -ENOMEM;

	d->msix = kmalloc_array(n, sizeof(*d->msix), GFP_KERNEL);
	if (!msgs || !d->msix)
		goto out_free;
	d->msi = msi_controller_find(d->host->node, rid(d), &id);
	err = d->msi ? d->msi->alloc(d->msi, id, n, d->msix, msgs) : -ENODEV;
	if (err)
		goto out_free;
	for (unsigned i = 0; i < n; i++)
		entry_write(d, i, &msgs[i]);
	kfree(msgs);
	d->nr_msix = n;
	return 0;
out_free:
	kfree(msgs);
	kfree(d->msix);
	d->msix = NULL;
	return err;
}

int pci_msix_enable(struct pci_dev *d, unsigned min, unsigned max)
{
	uint8_t cap = pci_find_cap(d, PCI_CAP_MSIX, 0);
	unsigned size, n;
	uint32_t table;
	uint16_t control;
	int err = -ENOSPC;

	if (!cap)
		return -ENODEV;
	control = pci_read16(d, cap + MSIX_CONTROL);
	size = (control & 0x7ffu) + 1;
	if (size < min)
		return -ENOSPC;
	table = pci_read32(d, cap + MSIX_TABLE);
	d->msix_table = pci_map(d, table & 7, table & ~7u, size * ENTRY_SIZE);
	if (!d->msix_table)
		return -ENOMEM;
	pci_command(d, 0, PCI_COMMAND_MEMORY);
	/* On, but silent: entries may be written now. */
	pci_write16(d, cap + MSIX_CONTROL, (uint16_t)(control | MSIX_ENABLE | MSIX_MASK_ALL));
	for (unsigned i = 0; i < size; i++)
		writel(ENTRY_MASKED, d->msix_table + i * ENTRY_SIZE + 12);
	for (n = MIN(max, size); err && n >= min && n; n = n > min ? min : 0)
		err = msix_setup(d, n);
	if (err) {
		pci_write16(d, cap + MSIX_CONTROL, (uint16_t)(control & ~MSIX_ENABLE));
		iounmap(d->msix_table);
		d->msix_table = NULL;
		return err;
	}
	pci_command(d, 0, PCI_COMMAND_INTX_OFF);
	pci_write16(d, cap + MSIX_CONTROL, (uint16_t)((control | MSIX_ENABLE) & ~MSIX_MASK_ALL));
	return (int)d->nr_msix;
}

int pci_msix_request(struct pci_dev *d, unsigned i, irq_handler fn, void *arg, const char *name)
{
	int err;

	if (i >= d->nr_msix)
		return -EINVAL;
	err = irq_request(d->msix[i], fn, arg, name);
	if (!err)
		writel(0, d->msix_table + i * ENTRY_SIZE + 12);
	return err;
}

int pci_msix_set_cpu(struct pci_dev *d, unsigned i, unsigned cpu)
{
	const struct irq_chip *chip;
	struct msi_msg msg;
	uint32_t masked;
	int err;

	if (i >= d->nr_msix)
		return -EINVAL;
	chip = d->msix[i]->dom->chip;
	if (!d->msi->target)
		return chip->set_affinity ? chip->set_affinity(d->msix[i], cpu) : -EOPNOTSUPP;
	err = d->msi->target(d->msi, d->msix[i], cpu, &msg);
	if (err)
		return err;
	masked = readl(d->msix_table + i * ENTRY_SIZE + 12) & ENTRY_MASKED;
	entry_write(d, i, &msg);
	writel(masked, d->msix_table + i * ENTRY_SIZE + 12);
	return 0;
}

void pci_msix_free(struct pci_dev *d, unsigned i)
{
	writel(ENTRY_MASKED, d->msix_table + i * ENTRY_SIZE + 12);
	(void)readl(d->msix_table + i * ENTRY_SIZE + 12);	/* the write has arrived, and messages sent before it */
	irq_free(d->msix[i]);
}

void pci_msix_disable(struct pci_dev *d)
{
	uint8_t cap = pci_find_cap(d, PCI_CAP_MSIX, 0);
	uint32_t id;

	if (!d->nr_msix)
		return;
	pci_write16(d, cap + MSIX_CONTROL, (uint16_t)(pci_read16(d, cap + MSIX_CONTROL) & ~MSIX_ENABLE));
	pci_command(d, PCI_COMMAND_INTX_OFF, 0);
	(void)msi_controller_find(d->host->node, rid(d), &id);
	d->msi->free(d->msi, id, d->nr_msix, d->msix);
	iounmap(d->msix_table);
	kfree(d->msix);
	d->msix = NULL;
	d->msix_table = NULL;
	d->nr_msix = 0;
}

/* ---- lines */

/* A line in use, and who is on it. */
struct intx {
	struct list_head link;
	struct irq_desc *irq;
	struct list_head members;	/* pci_dev.intx_link */
};
static LIST_HEAD(lines);
static DEFINE_SPINLOCK(lines_lock, LR_DEVICE);

/* Handlers that share run without the lock: members leave by a grace period (interrupts are off here, so RCU waits for us). */
static void intx_interrupt(void *arg)
{
	struct intx *l = arg;
	struct pci_dev *d;

	list_for_each_entry_rcu(d, &l->members, intx_link)
		d->intx_fn(d->intx_arg);
}

static uint32_t cell(const uint32_t *p)
{
	return __builtin_bswap32(*p);
}

/* interrupt-map: <unit address(3) pin  controller  its unit address  its specifier>, masked by interrupt-map-mask. */
static int map_lookup(struct dt_node *node, const uint32_t unit[4], struct dt_irq_spec *out)
{
	const uint32_t *p, *mask;
	uint32_t len, mask_len;

	p = dt_prop(node, "interrupt-map", &len);
	mask = dt_prop(node, "interrupt-map-mask", &mask_len);
	if (!p || (mask && mask_len != 16))
		return -ENOENT;
	len /= 4;
	while (len >= 5) {
		struct dt_node *ctrl = dt_find_phandle(cell(p + 4));
		unsigned ac = dt_cell_count(ctrl, "#address-cells", 0), ic = dt_cell_count(ctrl, "#interrupt-cells", 0);
		bool same = true;

		if (!ctrl || !ic || len < 5 + ac + ic)
			return -EINVAL;
		for (unsigned i = 0; i < 4; i++)
			same &= !((cell(p + i) ^ unit[i]) & (mask ? cell(mask + i) : UINT32_MAX));
		if (same) {
			out->controller = ctrl;
			out->n = ic;
			for (unsigned i = 0; i < ic; i++)
				out->cell[i] = cell(p + 5 + ac + i);
			return 0;
		}
		p += 5 + ac + ic;
		len -= 5 + ac + ic;
	}
	return -ENOENT;
}

static int line_lookup(struct pci_dev *d, struct dt_irq_spec *out)
{
	uint32_t phandle;

	if (d->line >= 16 || dt_u32_index(d->host->node, "aramid,line-map", d->line * 3u, &phandle) ||
	    dt_u32_index(d->host->node, "aramid,line-map", d->line * 3u + 1, &out->cell[0]) ||
	    dt_u32_index(d->host->node, "aramid,line-map", d->line * 3u + 2, &out->cell[1]))
		return -ENOENT;
	out->controller = dt_find_phandle(phandle);
	out->n = 2;
	return out->controller ? 0 : -ENOENT;
}

static int intx_find(struct pci_dev *d, struct irq_desc **irq)
{
	struct pci_dev *top = d;
	unsigned pin = d->pin;
	struct dt_irq_spec spec;
	int err;

	if (pin < 1 || pin > 4)
		return -ENODEV;
	for (; top->bridge; top = top->bridge)
		pin = (pin - 1 + (top->devfn >> 3)) % 4 + 1;
	err = map_lookup(d->host->node, (const uint32_t[4]){ (uint32_t)top->bus << 16 | (uint32_t)top->devfn << 8, 0, 0, pin }, &spec);
	if (err)
		err = line_lookup(d, &spec);
	return err ? err : irq_of_spec(&spec, irq);
}

static struct intx *line_of(struct irq_desc *irq)
{
	struct intx *l;

	list_for_each_entry(l, &lines, link)
		if (l->irq == irq)
			return l;
	return NULL;
}

int pci_intx_request(struct pci_dev *d, irq_handler fn, void *arg)
{
	struct irq_desc *irq;
	struct intx *l;
	irqflags_t f;
	bool fresh;
	int err = intx_find(d, &irq);

	if (err)
		return err;
	d->intx_fn = fn;
	d->intx_arg = arg;
	l = line_of(irq);
	fresh = !l;
	if (fresh) {
		l = kzalloc(sizeof(*l), GFP_KERNEL);
		if (!l)
			return -ENOMEM;
		l->irq = irq;
		list_init(&l->members);
	}
	f = spin_lock_irqsave(&lines_lock);
	list_add_tail(&d->intx_link, &l->members);
	spin_unlock_irqrestore(&lines_lock, f);
	if (fresh) {
		/* A member is there first: a line that is up already has somebody to quiet it. */
		err = irq_request(irq, intx_interrupt, l, "pci");
		if (err) {
			list_init(&d->intx_link);
			kfree(l);
			return err;
		}
		list_add(&l->link, &lines);
	}
	d->intx = irq;
	pci_command(d, PCI_COMMAND_INTX_OFF, 0);
	return 0;
}

void pci_intx_free(struct pci_dev *d)
{
	irqflags_t f;

	if (!d->intx)
		return;
	pci_command(d, 0, PCI_COMMAND_INTX_OFF);
	f = spin_lock_irqsave(&lines_lock);
	list_del(&d->intx_link);
	spin_unlock_irqrestore(&lines_lock, f);
	synchronize_rcu();
	list_init(&d->intx_link);
	d->intx = NULL;
}
