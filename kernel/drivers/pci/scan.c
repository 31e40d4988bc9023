/* SPDX-License-Identifier: MIT */
/*
 * Finding what is on the buses, and giving addresses to what firmware gave none (a kernel started without firmware).
 *
 * Bridges without bus numbers get the next ones; their windows are set behind the addresses of what is below them, so each bridge's
 * pieces follow each other in the host's window (1 MiB steps of memory, 4 KiB of ports).
 * Everything on a bus is sized before anything is assigned: what firmware did give is not given twice.
 * References: PCI Local Bus 3.0, 6.2.5.1 (sizing); PCI-to-PCI Bridge 1.2, 3.2.5.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "pci_internal.h"

#define MAX_DEPTH	8
#define BRIDGE_MEM_STEP	(1u << 20)
#define BRIDGE_IO_STEP	(1u << 12)

static unsigned nr_bars(const struct pci_dev *d)
{
	return d->header == 0 ? 6 : d->header == 1 ? 2 : 0;
}

/* Sizes one register pair; returns how many registers it was. Decoding is off. */
static unsigned bar_read(struct pci_dev *d, unsigned i)
{
	unsigned reg = PCI_BAR0 + 4 * i;
	struct pci_bar *b = &d->bar[i];
	uint32_t was = pci_read32(d, reg), hi = 0, ones, hi_ones = UINT32_MAX;

	pci_write32(d, reg, UINT32_MAX);
	ones = pci_read32(d, reg);
	pci_write32(d, reg, was);
	if (!ones || ones == UINT32_MAX)
		return 1;
	if (ones & 1) {
		b->flags = PCI_BAR_IO;
		b->bus = was & ~3u;
		b->size = -(ones & ~3u) & 0xffff;	/* the upper half may be fixed to zero */
		return 1;
	}
	b->flags = ones & 8 ? PCI_BAR_PREF : 0;
	if ((ones & 6) == 4 && i + 1 < nr_bars(d)) {
		b->flags |= PCI_BAR_64;
		hi = pci_read32(d, reg + 4);
		pci_write32(d, reg + 4, UINT32_MAX);
		hi_ones = pci_read32(d, reg + 4);
		pci_write32(d, reg + 4, hi);
	}
	b->bus = (uint64_t)hi << 32 | (was & ~0xfu);
	b->size = -((uint64_t)hi_ones << 32 | (ones & ~0xfu));
	if (b->size & (b->size - 1))
		b->size = 0;		/* no power of two: not a base register */
	return b->flags & PCI_BAR_64 ? 2 : 1;
}

void pci_bars_read(struct pci_dev *d)
{
	uint16_t command = pci_read16(d, PCI_COMMAND);
	unsigned n = nr_bars(d), i = 0;

	if (n)
		pci_write16(d, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	while (i < n)
		i += bar_read(d, i);
	if (n)
		pci_write16(d, PCI_COMMAND, command);
}

static void scan_bus(struct pci_host *h, uint8_t bus, struct pci_dev *bridge, unsigned depth);

static void scan_bridge(struct pci_dev *d, unsigned depth)
{
	struct pci_host *h = d->host;
	uint32_t buses = pci_read32(d, PCI_BUSES);

	d->secondary = (uint8_t)(buses >> 8);
	d->subordinate = (uint8_t)(buses >> 16);
	d->fresh = d->secondary <= d->bus || d->subordinate < d->secondary;
	if (d->fresh) {
		if (h->last_bus == h->bus_end)
			return;
		d->secondary = ++h->last_bus;
		/* Everything until we know how far it goes. */
		pci_write32(d, PCI_BUSES, (buses & 0xff000000u) | (uint32_t)h->bus_end << 16 | (uint32_t)d->secondary << 8 | d->bus);
	} else {
		h->last_bus = MAX(h->last_bus, d->subordinate);
	}
	if (depth < MAX_DEPTH)
		scan_bus(h, d->secondary, d, depth + 1);
	if (d->fresh) {
		d->subordinate = h->last_bus;
		pci_write32(d, PCI_BUSES,
			    (buses & 0xff000000u) | (uint32_t)d->subordinate << 16 | (uint32_t)d->secondary << 8 | d->bus);
	}
}

/* The header byte; 0xff when there is nothing. */
static uint8_t scan_function(struct pci_host *h, uint8_t bus, uint8_t devfn, struct pci_dev *bridge, unsigned depth)
{
	uint32_t id = h->ops->read(h, bus, devfn, PCI_VENDOR, 4), class;
	struct pci_dev *d;
	uint8_t header;

	if ((id & 0xffff) == 0xffff || !(id & 0xffff))
		return 0xff;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return 0xff;
	d->host = h;
	d->bridge = bridge;
	d->bus = bus;
	d->devfn = devfn;
	d->vendor = (uint16_t)id;
	d->device = (uint16_t)(id >> 16);
	header = pci_read8(d, PCI_HEADER);
	d->header = header & 0x7f;
	class = pci_read32(d, PCI_REVISION);
	d->class = class >> 8;
	d->revision = (uint8_t)class;
	d->pin = pci_read8(d, PCI_PIN);
	d->line = pci_read8(d, PCI_LINE);
	if (!d->header) {
		d->sub_vendor = pci_read16(d, PCI_SUB_VENDOR);
		d->sub_device = pci_read16(d, PCI_SUB_DEVICE);
	}
	snprintf(d->name, sizeof(d->name), "%04x:%02x:%02x.%u", h->domain, bus, devfn >> 3, devfn & 7u);
	list_init(&d->intx_link);
	/* Nobody listens yet; a line that stays up with no driver to lower it would not end. */
	if (d->pin && !d->header)
		pci_command(d, 0, PCI_COMMAND_INTX_OFF);
	pci_bars_read(d);
	list_add_tail(&d->link, &pci_devices);
	if (d->header == 1)
		scan_bridge(d, depth);
	return header;
}

/* Behind a root or downstream port of PCI Express there is one device only; it may answer to every number. */
static bool one_device_below(struct pci_dev *bridge)
{
	uint8_t cap = pci_find_cap(bridge, PCI_CAP_EXPRESS, 0);
	unsigned type = cap ? pci_read16(bridge, cap + 2u) >> 4 & 0xf : 0;

	return type == 4 || type == 6;
}

static void scan_bus(struct pci_host *h, uint8_t bus, struct pci_dev *bridge, unsigned depth)
{
	unsigned slots = bridge && one_device_below(bridge) ? 1 : 32;

	for (unsigned slot = 0; slot < slots; slot++) {
		uint8_t header = scan_function(h, bus, PCI_DEVFN(slot, 0), bridge, depth);

		if (header == 0xff || !(header & 0x80))
			continue;
		for (unsigned fn = 1; fn < 8; fn++)
			(void)scan_function(h, bus, PCI_DEVFN(slot, fn), bridge, depth);
	}
}

void pci_scan(struct pci_host *h)
{
	h->last_bus = h->bus_start;
	scan_bus(h, h->bus_start, NULL, 0);
}

/* ---- addresses */

static void bar_write(struct pci_dev *d, unsigned i)
{
	struct pci_bar *b = &d->bar[i];

	pci_write32(d, PCI_BAR0 + 4 * i, (uint32_t)b->bus);
	if (b->flags & PCI_BAR_64)
		pci_write32(d, PCI_BAR0 + 4 * i + 4, (uint32_t)(b->bus >> 32));
}

/* From the window's free end; 0: it does not fit. */
static uint64_t take(struct pci_window *w, uint64_t size, uint64_t align)
{
	uint64_t at = ALIGN_UP(w->next, align);

	if (!w->size || at < w->next || at - w->bus > w->size || size > w->size - (at - w->bus))
		return 0;
	w->next = at + size;
	return at;
}

static void bar_assign(struct pci_dev *d, unsigned i)
{
	struct pci_host *h = d->host;
	struct pci_bar *b = &d->bar[i];
	uint64_t cpu, at;

	if (!b->size || pci_bar_cpu(d, i, &cpu))
		return;
	if (b->flags & PCI_BAR_IO) {
		at = take(&h->window[PCI_WIN_IO], b->size, b->size);
	} else {
		/* The low window unless the range is large; the high one is behind no bridge's 32-bit window. */
		bool high = b->flags & PCI_BAR_64 && !d->bridge && b->size > h->window[PCI_WIN_MEM].size / 8;

		at = high ? take(&h->window[PCI_WIN_MEM64], b->size, b->size) : 0;
		if (!at)
			at = take(&h->window[PCI_WIN_MEM], b->size, b->size);
	}
	b->bus = at;
	if (at)
		bar_write(d, i);
	else if (!(b->flags & PCI_BAR_IO))	/* drivers have another way than ports */
		pr_warn("%s: no room for range %u of %#lx bytes\n", d->name, i, (unsigned long)b->size);
}

/* What firmware has placed in a window is behind its free end. */
static void reserve_assigned(struct pci_host *h)
{
	struct pci_dev *d;
	uint64_t cpu;

	list_for_each_entry(d, &pci_devices, link) {
		if (d->host != h)
			continue;
		for (unsigned i = 0; i < PCI_NR_BARS; i++) {
			const struct pci_bar *b = &d->bar[i];

			if (!pci_bar_cpu(d, i, &cpu))
				continue;
			for (unsigned k = 0; k < PCI_NR_WINDOWS; k++) {
				struct pci_window *w = &h->window[k];

				if ((k == PCI_WIN_IO) == !!(b->flags & PCI_BAR_IO) && b->bus >= w->bus && b->bus - w->bus < w->size)
					w->next = MAX(w->next, b->bus + b->size);
			}
		}
	}
}

static void assign_bus(struct pci_host *h, struct pci_dev *bridge, unsigned depth);

/* Its window is what was taken while its bus was served. */
static void assign_bridge(struct pci_dev *d, unsigned depth)
{
	struct pci_window *mem = &d->host->window[PCI_WIN_MEM], *io = &d->host->window[PCI_WIN_IO];
	uint64_t mem_at, io_at;

	mem->next = mem_at = ALIGN_UP(mem->next, BRIDGE_MEM_STEP);
	io->next = io_at = ALIGN_UP(io->next, BRIDGE_IO_STEP);
	assign_bus(d->host, d, depth + 1);
	if (mem->next > mem_at) {
		mem->next = ALIGN_UP(mem->next, BRIDGE_MEM_STEP);
		pci_write32(d, PCI_MEM_WINDOW, ((uint32_t)(mem->next - 1) & 0xfff00000u) | (uint32_t)mem_at >> 16);
	} else {
		pci_write32(d, PCI_MEM_WINDOW, 0x0000fff0u);	/* base above limit: closed */
	}
	if (io->next > io_at && io->next <= 0x10000) {
		io->next = ALIGN_UP(io->next, BRIDGE_IO_STEP);
		pci_write16(d, PCI_IO_WINDOW, (uint16_t)(((io->next - 1) & 0xf000) | (io_at >> 8 & 0xf0)));
	} else {
		pci_write16(d, PCI_IO_WINDOW, 0x00f0);
	}
	pci_write32(d, PCI_PREF_WINDOW, 0x0000fff0u);
	pci_command(d, 0, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void assign_bus(struct pci_host *h, struct pci_dev *bridge, unsigned depth)
{
	struct pci_dev *d;

	list_for_each_entry(d, &pci_devices, link) {
		if (d->host != h || d->bridge != bridge)
			continue;
		for (unsigned i = 0; i < PCI_NR_BARS; i++)
			bar_assign(d, i);
		if (d->header == 1 && d->fresh && depth < MAX_DEPTH)
			assign_bridge(d, depth);
	}
}

void pci_assign(struct pci_host *h)
{
	reserve_assigned(h);
	assign_bus(h, NULL, 0);
}
