/* SPDX-License-Identifier: MIT */
/*
 * PCI hosts: configuration space as memory (ECAM) or, on PCs without the table that says where, by ports 0xcf8 and 0xcfc.
 * Bindings: pci-host-ecam-generic; "aramid,pci-host-ports" with both ports as its reg. "aramid,io-ports" of a host: its I/O space
 * is the CPU's port space, and addresses are one to one.
 *
 * A bus's megabyte of ECAM is mapped when it is first looked at. Locks: cf8_lock (LR_DEVICE) around address and data port;
 * mapping happens while probes run one at a time.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <arch/ioport.h>
#include "pci_internal.h"

#define ECAM_BUS_SHIFT	20

struct ecam {
	struct pci_host host;
	paddr_t base;
	char __iomem *bus[256];
};
static DEFINE_SPINLOCK(cf8_lock, LR_DEVICE);
static uint16_t cf8_port;		/* address; the data port is four further */

static char __iomem *ecam_at(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off)
{
	struct ecam *e = container_of(h, struct ecam, host);

	if (bus < h->bus_start || bus > h->bus_end || off >= 4096)
		return NULL;
	if (!e->bus[bus])
		e->bus[bus] = ioremap(e->base + ((paddr_t)(bus - h->bus_start) << ECAM_BUS_SHIFT), 1u << ECAM_BUS_SHIFT);
	return e->bus[bus] ? e->bus[bus] + ((unsigned)devfn << 12 | off) : NULL;
}

static uint32_t ecam_read(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size)
{
	char __iomem *p = ecam_at(h, bus, devfn, off);

	if (!p)
		return UINT32_MAX;
	return size == 1 ? readb(p) : size == 2 ? readw(p) : readl(p);
}

static void ecam_write(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size, uint32_t v)
{
	char __iomem *p = ecam_at(h, bus, devfn, off);

	if (!p)
		return;
	if (size == 1)
		writeb((uint8_t)v, p);
	else if (size == 2)
		writew((uint16_t)v, p);
	else
		writel(v, p);
}

static const struct pci_config_ops ecam_ops = { .read = ecam_read, .write = ecam_write };

static uint32_t cf8_address(uint8_t bus, uint8_t devfn, unsigned off)
{
	return 0x80000000u | (uint32_t)bus << 16 | (uint32_t)devfn << 8 | (off & 0xfc);
}

static uint32_t cf8_read(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size)
{
	uint16_t port = (uint16_t)(cf8_port + 4 + (off & 3));
	irqflags_t f;
	uint32_t v;

	if (off >= 256)
		return UINT32_MAX;
	f = spin_lock_irqsave(&cf8_lock);
	port_writel(cf8_address(bus, devfn, off), cf8_port);
	v = size == 1 ? port_readb(port) : size == 2 ? port_readw(port) : port_readl(port);
	spin_unlock_irqrestore(&cf8_lock, f);
	return v;
}

static void cf8_write(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size, uint32_t v)
{
	uint16_t port = (uint16_t)(cf8_port + 4 + (off & 3));
	irqflags_t f;

	if (off >= 256)
		return;
	f = spin_lock_irqsave(&cf8_lock);
	port_writel(cf8_address(bus, devfn, off), cf8_port);
	if (size == 1)
		port_writeb((uint8_t)v, port);
	else if (size == 2)
		port_writew((uint16_t)v, port);
	else
		port_writel(v, port);
	spin_unlock_irqrestore(&cf8_lock, f);
}

static const struct pci_config_ops cf8_ops = { .read = cf8_read, .write = cf8_write };

static uint64_t cells64(const uint32_t *p)
{
	return (uint64_t)__builtin_bswap32(p[0]) << 32 | __builtin_bswap32(p[1]);
}

/*
 * ranges: <space bus-address(2) CPU-address(as the parent has it) size(2)>. Of several windows of a kind the largest counts.
 * The CPU's address is taken as it stands: hosts are on buses that are one to one.
 */
static void read_windows(struct pci_host *h)
{
	unsigned pac = dt_cell_count(h->node->parent, "#address-cells", 2), step = 5 + pac;
	const uint32_t *p;
	uint32_t len;

	p = dt_prop(h->node, "ranges", &len);
	if (!p || pac < 1 || pac > 2)
		return;
	for (len /= 4; len >= step; len -= step, p += step) {
		uint32_t space = __builtin_bswap32(p[0]) >> 24 & 3;
		struct pci_window w = { .bus = cells64(p + 1), .size = cells64(p + 3 + pac) };
		unsigned kind = space == 1 ? PCI_WIN_IO : space == 2 ? PCI_WIN_MEM : PCI_WIN_MEM64;

		w.cpu = pac == 2 ? cells64(p + 3) : __builtin_bswap32(p[3]);
		/* A 64-bit space below 4 GiB serves 32-bit ranges as well. */
		if (kind == PCI_WIN_MEM64 && w.bus + w.size <= 1ull << 32 && !h->window[PCI_WIN_MEM].size)
			kind = PCI_WIN_MEM;
		if (!space || w.size <= h->window[kind].size || w.bus + w.size < w.bus)
			continue;
		w.next = w.bus ? w.bus : 0x1000;	/* address 0 means "none" in a base register */
		h->window[kind] = w;
	}
}

static void read_host(struct pci_host *h)
{
	uint32_t first = 0, last = 255;

	(void)dt_u32_index(h->node, "bus-range", 0, &first);
	(void)dt_u32_index(h->node, "bus-range", 1, &last);
	h->bus_start = (uint8_t)MIN(first, 255u);
	h->bus_end = (uint8_t)MAX(MIN(last, 255u), MIN(first, 255u));
	h->identity = dt_has(h->node, "aramid,io-ports");
	read_windows(h);
	dma_dev_init(&h->dma, h->node);
}

static int ecam_probe(struct dt_node *node, const struct dt_match *match)
{
	struct ecam *e;
	uint32_t domain = 0;
	uint64_t size;
	paddr_t base;
	int err = dt_reg(node, 0, &base, &size);

	if (err)
		return err;
	if (size < 1u << ECAM_BUS_SHIFT)
		return -EINVAL;
	e = kvmalloc(sizeof(*e), GFP_KERNEL | GFP_ZERO);
	if (!e)
		return -ENOMEM;
	(void)dt_u32(node, "linux,pci-domain", &domain);
	e->host.ops = &ecam_ops;
	e->host.node = node;
	e->host.domain = domain;
	e->base = base;
	read_host(&e->host);
	e->host.bus_end = (uint8_t)MIN((uint64_t)e->host.bus_end, e->host.bus_start + (size >> ECAM_BUS_SHIFT) - 1);
	return pci_host_register(&e->host);
}

static int cf8_probe(struct dt_node *node, const struct dt_match *match)
{
	static struct pci_host host;
	uint32_t size;

	if (!ARCH_HAS_IOPORT || pci_host_exists(0))
		return -ENODEV;
	if (dt_ioport(node, 0, &cf8_port, &size) || size < 8)
		return -EINVAL;
	/* What is there keeps the enable bit; an empty port reads as ones. */
	port_writel(0x80000000u, cf8_port);
	if (port_readl(cf8_port) != 0x80000000u)
		return -ENODEV;
	host.ops = &cf8_ops;
	host.node = node;
	read_host(&host);
	return pci_host_register(&host);
}

static const struct dt_match ecam_match[] = { { "pci-host-ecam-generic", NULL }, { NULL, NULL } };
DRIVER(pci_ecam, .match = ecam_match, .probe = ecam_probe, .phase = PROBE_BUS);
/* One phase later: ECAM comes first. */
static const struct dt_match cf8_match[] = { { "aramid,pci-host-ports", NULL }, { NULL, NULL } };
DRIVER(pci_ports, .match = cf8_match, .probe = cf8_probe, .phase = PROBE_DEVICE);
