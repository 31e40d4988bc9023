/* SPDX-License-Identifier: MIT */
/*
 * PCI: hosts, functions, drivers. kernel/drivers/pci/. References: PCI Local Bus 3.0, PCI Express Base 4.0, Open Firmware's
 * PCI bus binding.
 *
 * Functions are found once, at boot, and never go away: the list needs no lock. Base addresses that firmware has given stay; others are
 * given out of the host's windows.
 */
#pragma once
#include <kernel/dma.h>
#include <kernel/irq.h>
#include <kernel/list.h>

#define PCI_VENDOR	0x00
#define PCI_DEVICE	0x02
#define PCI_COMMAND	0x04
#define PCI_COMMAND_IO		0x1u
#define PCI_COMMAND_MEMORY	0x2u
#define PCI_COMMAND_MASTER	0x4u
#define PCI_COMMAND_INTX_OFF	0x400u
#define PCI_STATUS	0x06
#define PCI_STATUS_CAPS		0x10u
#define PCI_REVISION	0x08	/* with the class above it: 32 bits */
#define PCI_HEADER	0x0e
#define PCI_BAR0	0x10
#define PCI_BUSES	0x18	/* bridges: primary, secondary, subordinate */
#define PCI_IO_WINDOW	0x1c
#define PCI_MEM_WINDOW	0x20
#define PCI_PREF_WINDOW	0x24
#define PCI_SUB_VENDOR	0x2c
#define PCI_SUB_DEVICE	0x2e
#define PCI_CAPS	0x34
#define PCI_LINE	0x3c
#define PCI_PIN		0x3d

#define PCI_CAP_MSI	0x05
#define PCI_CAP_VENDOR	0x09
#define PCI_CAP_EXPRESS	0x10
#define PCI_CAP_MSIX	0x11

#define PCI_NR_BARS	6
#define PCI_DEVFN(d, f)	((uint8_t)((d) << 3 | (f)))

struct dt_node;
struct pci_host;
struct pci_config_ops {
	/* @size 1, 2, 4; @off aligned to it. No function there: all ones. */
	uint32_t (*read)(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size);
	void (*write)(struct pci_host *h, uint8_t bus, uint8_t devfn, unsigned off, unsigned size, uint32_t v);
};
enum { PCI_WIN_IO, PCI_WIN_MEM, PCI_WIN_MEM64, PCI_NR_WINDOWS };
struct pci_window {
	uint64_t bus, cpu, size;	/* where it is for devices and for the CPU; size 0: there is none */
	uint64_t next;			/* bus address of the first free byte */
};
struct pci_host {
	const struct pci_config_ops *ops;
	struct dt_node *node;
	unsigned domain;
	uint8_t bus_start, bus_end, last_bus;
	bool identity;			/* I/O space is the CPU's ports, memory is where firmware put it, one to one */
	struct pci_window window[PCI_NR_WINDOWS];
	struct dma_dev dma;
	void *private;
};
#define PCI_BAR_IO	1u
#define PCI_BAR_64	2u
#define PCI_BAR_PREF	4u
struct pci_bar {
	uint64_t bus;			/* 0: not assigned */
	uint64_t size;			/* 0: there is none */
	uint32_t flags;
};
struct pci_driver;
struct pci_dev {
	struct list_head link;		/* in order of discovery */
	struct pci_host *host;
	struct pci_dev *bridge;		/* above it; NULL: on the root bus */
	uint8_t bus, devfn, header, revision, pin, line;
	uint16_t vendor, device, sub_vendor, sub_device;
	uint32_t class;			/* 24 bits: class, subclass, interface */
	uint8_t secondary, subordinate;	/* bridges */
	bool fresh;			/* a bridge whose buses and windows are ours to set */
	struct pci_bar bar[PCI_NR_BARS];
	const struct pci_driver *driver;
	void *private;
	char name[16];			/* "0000:00:01.0" */
	struct msi_controller *msi;
	unsigned nr_msix;		/* given out */
	struct irq_desc **msix;
	char __iomem *msix_table;
	struct irq_desc *intx;
	struct list_head intx_link;	/* those who share a line */
	irq_handler intx_fn;
	void *intx_arg;
};
struct pci_id {
	uint16_t vendor, first, last;	/* device numbers */
};
struct pci_driver {
	const char *name;
	const struct pci_id *ids;	/* ends with vendor 0 */
	int (*probe)(struct pci_dev *d);	/* thread; 0; -ENODEV: not mine; others are logged */
};
#define PCI_DRIVER(n, ...) \
	static const struct pci_driver pci_driver_##n = { .name = #n, __VA_ARGS__ }; \
	static const struct pci_driver *const pci_driver_ptr_##n __used __section(".pci_drivers") = &pci_driver_##n

static inline uint8_t pci_read8(struct pci_dev *d, unsigned off) { return (uint8_t)d->host->ops->read(d->host, d->bus, d->devfn, off, 1); }
static inline uint16_t pci_read16(struct pci_dev *d, unsigned off) { return (uint16_t)d->host->ops->read(d->host, d->bus, d->devfn, off, 2); }
static inline uint32_t pci_read32(struct pci_dev *d, unsigned off) { return d->host->ops->read(d->host, d->bus, d->devfn, off, 4); }
static inline void pci_write8(struct pci_dev *d, unsigned off, uint8_t v) { d->host->ops->write(d->host, d->bus, d->devfn, off, 1, v); }
static inline void pci_write16(struct pci_dev *d, unsigned off, uint16_t v) { d->host->ops->write(d->host, d->bus, d->devfn, off, 2, v); }
static inline void pci_write32(struct pci_dev *d, unsigned off, uint32_t v) { d->host->ops->write(d->host, d->bus, d->devfn, off, 4, v); }

/* The next capability @id behind @from (0: the first); 0: none. */
uint8_t pci_find_cap(struct pci_dev *d, uint8_t id, uint8_t from);
void pci_command(struct pci_dev *d, uint16_t clear, uint16_t set);
/* A piece of a base address's range. In I/O port space the pointer is a port's number (io_is_port()). NULL: no such range, no memory. */
void __iomem *pci_map(struct pci_dev *d, unsigned bar, uint64_t off, uint64_t len);
/* A range's address for the CPU; false: unassigned. */
bool pci_bar_cpu(const struct pci_dev *d, unsigned bar, uint64_t *cpu);

/* Messages. Asks for up to @max, at least @min: the number, or an error. Entries are masked until pci_msix_request(). */
int pci_msix_enable(struct pci_dev *d, unsigned min, unsigned max);
int pci_msix_request(struct pci_dev *d, unsigned i, irq_handler fn, void *arg, const char *name) __must_check;
void pci_msix_free(struct pci_dev *d, unsigned i);
/* Has the message interrupt that CPU from now on. -EOPNOTSUPP: it stays where it is. */
int pci_msix_set_cpu(struct pci_dev *d, unsigned i, unsigned cpu);
void pci_msix_disable(struct pci_dev *d);
/* The line; handlers that share it are all called. */
int pci_intx_request(struct pci_dev *d, irq_handler fn, void *arg) __must_check;
void pci_intx_free(struct pci_dev *d);

/* From host drivers. */
int pci_host_register(struct pci_host *h) __must_check;
bool pci_host_exists(unsigned domain);
extern struct list_head pci_devices;
