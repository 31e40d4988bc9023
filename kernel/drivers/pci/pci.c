/* SPDX-License-Identifier: MIT */
/*
 * PCI functions: the list, capabilities, mapping of their ranges, the way to drivers.
 * Locks: none; the list grows while probes run, one at a time, and is only read afterwards.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <arch/ioport.h>
#include "pci_internal.h"

LIST_HEAD(pci_devices);
extern const struct pci_driver *const __pci_drivers_start[], *const __pci_drivers_end[];
static unsigned long domains[4];

uint8_t pci_find_cap(struct pci_dev *d, uint8_t id, uint8_t from)
{
	uint8_t at;

	if (!(pci_read16(d, PCI_STATUS) & PCI_STATUS_CAPS))
		return 0;
	at = pci_read8(d, from ? from + 1u : PCI_CAPS) & 0xfc;
	/* A list of more than 48 does not fit: it is a loop. */
	for (unsigned n = 0; at >= 0x40 && n < 48; n++, at = pci_read8(d, at + 1u) & 0xfc)
		if (pci_read8(d, at) == id)
			return at;
	return 0;
}

void pci_command(struct pci_dev *d, uint16_t clear, uint16_t set)
{
	uint16_t was = pci_read16(d, PCI_COMMAND), now = (uint16_t)((was & ~clear) | set);

	if (now != was)
		pci_write16(d, PCI_COMMAND, now);
}

bool pci_bar_cpu(const struct pci_dev *d, unsigned bar, uint64_t *cpu)
{
	const struct pci_bar *b = &d->bar[bar];

	if (!b->size || !b->bus)
		return false;
	if (d->host->identity) {
		*cpu = b->bus;
		return true;
	}
	for (unsigned i = b->flags & PCI_BAR_IO ? PCI_WIN_IO : PCI_WIN_MEM; i < PCI_NR_WINDOWS; i++) {
		const struct pci_window *w = &d->host->window[i];

		if (w->size && b->bus >= w->bus && b->bus - w->bus < w->size && b->size <= w->size - (b->bus - w->bus)) {
			*cpu = w->cpu + (b->bus - w->bus);
			return true;
		}
		if (b->flags & PCI_BAR_IO)
			break;
	}
	return false;
}

void __iomem *pci_map(struct pci_dev *d, unsigned bar, uint64_t off, uint64_t len)
{
	uint64_t cpu;

	if (bar >= PCI_NR_BARS || !len || off > d->bar[bar].size || len > d->bar[bar].size - off || !pci_bar_cpu(d, bar, &cpu))
		return NULL;
	if (d->bar[bar].flags & PCI_BAR_IO && d->host->identity)
		return ARCH_HAS_IOPORT && cpu + off + len <= IO_PORTS ? (void __iomem *)(uintptr_t)(cpu + off) : NULL;
	return ioremap(cpu + off, len);
}

static const struct pci_driver *driver_of(const struct pci_dev *d)
{
	for (const struct pci_driver *const *p = __pci_drivers_start; p < __pci_drivers_end; p++)
		for (const struct pci_id *id = (*p)->ids; id->vendor; id++)
			if (id->vendor == d->vendor && d->device >= id->first && d->device <= id->last)
				return *p;
	return NULL;
}

bool pci_host_exists(unsigned domain)
{
	return domain < 256 && test_bit(domain, domains);
}

int pci_host_register(struct pci_host *h)
{
	struct pci_dev *d;
	int err;

	if (h->domain > 255 || test_and_set_bit(h->domain, domains))
		return -EEXIST;
	pci_scan(h);
	pci_assign(h);
	list_for_each_entry(d, &pci_devices, link) {
		const struct pci_driver *drv = d->host == h && !d->driver ? driver_of(d) : NULL;

		if (!drv)
			continue;
		d->driver = drv;
		err = drv->probe(d);
		if (err)
			d->driver = NULL;
		if (err && err != -ENODEV)
			pr_warn("%s: %s: probe failed: error %d\n", d->name, drv->name, -err);
	}
	return 0;
}
