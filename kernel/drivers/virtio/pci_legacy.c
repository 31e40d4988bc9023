/* SPDX-License-Identifier: MIT */
/*
 * virtio over PCI, the register layout from before version 1: one block in base address 0, usually in port space. The device's
 * configuration follows, at 20, or at 24 while messages are on. Reference: VIRTIO 1.2, 4.1.4.10.
 *
 * Locks: none, as pci.c.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <arch/ioport.h>
#include "pci.h"

#define L_FEATURES	0
#define L_DRIVER	4
#define L_QUEUE_PFN	8
#define L_QUEUE_SIZE	12
#define L_QUEUE_SEL	14
#define L_NOTIFY	16
#define L_STATUS	18
#define L_ISR		19
#define L_MSIX_CONFIG	20
#define L_MSIX_QUEUE	22
#define L_SIZE		20

static uint32_t rd(struct vpci *v, unsigned off, unsigned size)
{
	char __iomem *p = v->common + off;
	uint16_t port = (uint16_t)(uintptr_t)p;

	if (ARCH_HAS_IOPORT && io_is_port(p))
		return size == 1 ? port_readb(port) : size == 2 ? port_readw(port) : port_readl(port);
	return size == 1 ? readb(p) : size == 2 ? readw(p) : readl(p);
}

static void wr(struct vpci *v, unsigned off, unsigned size, uint32_t x)
{
	char __iomem *p = v->common + off;
	uint16_t port = (uint16_t)(uintptr_t)p;

	if (ARCH_HAS_IOPORT && io_is_port(p)) {
		if (size == 1)
			port_writeb((uint8_t)x, port);
		else if (size == 2)
			port_writew((uint16_t)x, port);
		else
			port_writel(x, port);
	} else if (size == 1) {
		writeb((uint8_t)x, p);
	} else if (size == 2) {
		writew((uint16_t)x, p);
	} else {
		writel(x, p);
	}
}

static uint8_t legacy_get_status(struct virtio_device *d)
{
	return (uint8_t)rd(to_vpci(d), L_STATUS, 1);
}

static void legacy_set_status(struct virtio_device *d, uint8_t status)
{
	wr(to_vpci(d), L_STATUS, 1, status);
	(void)rd(to_vpci(d), L_STATUS, 1);	/* it has arrived; a reset is done with that */
}

static uint64_t legacy_get_features(struct virtio_device *d)
{
	return rd(to_vpci(d), L_FEATURES, 4);
}

static void legacy_set_features(struct virtio_device *d, uint64_t f)
{
	wr(to_vpci(d), L_DRIVER, 4, (uint32_t)f);
}

static unsigned config_at(struct vpci *v)
{
	return v->nr_vectors ? 24 : 20;
}

static void legacy_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n)
{
	struct vpci *v = to_vpci(d);
	unsigned at = config_at(v) + off;

	if (at + n > v->config_len)
		memset(p, 0, n);
	else if (n == 2)
		*(uint16_t *)p = (uint16_t)rd(v, at, 2);
	else if (n == 4)
		*(uint32_t *)p = rd(v, at, 4);
	else
		for (unsigned i = 0; i < n; i++)
			((uint8_t *)p)[i] = (uint8_t)rd(v, at + i, 1);
}

static void legacy_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n)
{
	struct vpci *v = to_vpci(d);
	unsigned at = config_at(v) + off;

	if (at + n > v->config_len)
		return;
	for (unsigned i = 0; i < n; i++)
		wr(v, at + i, 1, ((const uint8_t *)p)[i]);
}

static uint16_t legacy_queue_max(struct virtio_device *d, unsigned index)
{
	struct vpci *v = to_vpci(d);

	wr(v, L_QUEUE_SEL, 2, index);
	return rd(v, L_QUEUE_PFN, 4) ? 0 : (uint16_t)rd(v, L_QUEUE_SIZE, 2);
}

static int legacy_queue_start(struct virtio_device *d, struct virtq *q)
{
	struct vpci *v = to_vpci(d);

	if (q->ring_pa >> PAGE_SHIFT > UINT32_MAX)
		return -ENOMEM;
	wr(v, L_QUEUE_SEL, 2, q->index);
	if (v->nr_vectors) {
		wr(v, L_MSIX_CONFIG, 2, vpci_config_vector(v));
		wr(v, L_MSIX_QUEUE, 2, vpci_queue_vector(v, q));
		if (rd(v, L_MSIX_QUEUE, 2) != vpci_queue_vector(v, q))
			return -EBUSY;
	}
	wr(v, L_QUEUE_PFN, 4, (uint32_t)(q->ring_pa >> PAGE_SHIFT));
	return 0;
}

static void legacy_notify(struct virtq *q)
{
	wr(to_vpci(q->dev), L_NOTIFY, 2, q->index);
}

static const struct virtio_transport legacy_ops = {
	.name = "virtio-pci-legacy",
	.get_status = legacy_get_status,
	.set_status = legacy_set_status,
	.get_features = legacy_get_features,
	.set_features = legacy_set_features,
	.config_read = legacy_config_read,
	.config_write = legacy_config_write,
	.queue_max = legacy_queue_max,
	.queue_start = legacy_queue_start,
	.notify = legacy_notify,
	.irqs_request = vpci_irqs_request,
	.irqs_free = vpci_irqs_free,
	.set_cpu = vpci_set_cpu,
};

uint8_t vpci_isr(struct vpci *v)
{
	return v->dev.modern ? readb(v->isr) : (uint8_t)rd(v, L_ISR, 1);
}

int vpci_legacy_setup(struct vpci *v)
{
	uint64_t size = MIN(v->pci->bar[0].size, (uint64_t)PAGE_SIZE);

	if (v->pci->revision || size < L_SIZE)
		return -ENODEV;
	v->common = pci_map(v->pci, 0, 0, size);
	if (!v->common)
		return -ENODEV;
	v->config_len = (uint32_t)size;
	v->dev.ops = &legacy_ops;
	return 0;
}
