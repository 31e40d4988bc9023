/* SPDX-License-Identifier: MIT */
/*
 * virtio over PCI: the modern register layout, found by capabilities, and the interrupts of both layouts. A transitional device is used
 * by its modern side. Reference: VIRTIO 1.2, 4.1.
 *
 * Interrupts: a message for configuration changes and one for each queue; else two messages; else the line.
 * Locks: none. Probes run one at a time; handlers touch the interrupt status only.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "pci.h"

#define C_FEATURE_SEL	0x00
#define C_FEATURE	0x04
#define C_DRIVER_SEL	0x08
#define C_DRIVER	0x0c
#define C_MSIX_CONFIG	0x10
#define C_NUM_QUEUES	0x12
#define C_STATUS	0x14
#define C_GENERATION	0x15
#define C_QUEUE_SEL	0x16
#define C_QUEUE_SIZE	0x18
#define C_QUEUE_VECTOR	0x1a
#define C_QUEUE_ENABLE	0x1c
#define C_QUEUE_NOTIFY	0x1e
#define C_QUEUE_DESC	0x20
#define C_QUEUE_AVAIL	0x28
#define C_QUEUE_USED	0x30
#define C_SIZE		0x38

#define CAP_LEN		2
#define CAP_TYPE	3
#define CAP_BAR		4
#define CAP_OFFSET	8
#define CAP_LENGTH	12
#define CAP_NOTIFY_STEP	16
#define TYPE_COMMON	1
#define TYPE_NOTIFY	2
#define TYPE_ISR	3
#define TYPE_DEVICE	4

#define ISR_QUEUE	1u
#define ISR_CONFIG	2u

static uint8_t vpci_get_status(struct virtio_device *d)
{
	return readb(to_vpci(d)->common + C_STATUS);
}

static void vpci_set_status(struct virtio_device *d, uint8_t status)
{
	char __iomem *c = to_vpci(d)->common;
	nsec_t start = 0;

	writeb(status, c + C_STATUS);
	if (status)
		return;
	while (readb(c + C_STATUS) && poll_timeout(&start, NSEC_PER_SEC))
		arch_cpu_relax();
}

static uint64_t vpci_get_features(struct virtio_device *d)
{
	char __iomem *c = to_vpci(d)->common;
	uint64_t f;

	writel(0, c + C_FEATURE_SEL);
	f = readl(c + C_FEATURE);
	writel(1, c + C_FEATURE_SEL);
	return f | (uint64_t)readl(c + C_FEATURE) << 32;
}

static void vpci_set_features(struct virtio_device *d, uint64_t f)
{
	char __iomem *c = to_vpci(d)->common;

	writel(0, c + C_DRIVER_SEL);
	writel((uint32_t)f, c + C_DRIVER);
	writel(1, c + C_DRIVER_SEL);
	writel((uint32_t)(f >> 32), c + C_DRIVER);
}

static bool config_fits(struct vpci *v, unsigned off, unsigned n)
{
	return off <= v->config_len && n <= v->config_len - off;
}

static void vpci_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n)
{
	struct vpci *v = to_vpci(d);
	char __iomem *at = v->config + off;

	if (!config_fits(v, off, n)) {
		memset(p, 0, n);
	} else if (n == 2 && !(off & 1)) {
		*(uint16_t *)p = readw(at);
	} else if (n == 4 && !(off & 3)) {
		*(uint32_t *)p = readl(at);
	} else if (n == 8 && !(off & 3)) {
		((uint32_t *)p)[0] = readl(at);
		((uint32_t *)p)[1] = readl(at + 4);
	} else {
		for (unsigned i = 0; i < n; i++)
			((uint8_t *)p)[i] = readb(at + i);
	}
}

static void vpci_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n)
{
	struct vpci *v = to_vpci(d);
	char __iomem *at = v->config + off;

	if (!config_fits(v, off, n))
		return;
	if (n == 2 && !(off & 1))
		writew(*(const uint16_t *)p, at);
	else if (n == 4 && !(off & 3))
		writel(*(const uint32_t *)p, at);
	else
		for (unsigned i = 0; i < n; i++)
			writeb(((const uint8_t *)p)[i], at + i);
}

static uint32_t vpci_generation(struct virtio_device *d)
{
	return readb(to_vpci(d)->common + C_GENERATION);
}

static uint16_t vpci_queue_max(struct virtio_device *d, unsigned index)
{
	char __iomem *c = to_vpci(d)->common;

	if (index >= readw(c + C_NUM_QUEUES))
		return 0;
	writew((uint16_t)index, c + C_QUEUE_SEL);
	if (readw(c + C_QUEUE_ENABLE))
		return 0;
	return readw(c + C_QUEUE_SIZE);
}

static void write_addr(char __iomem *reg, paddr_t pa)
{
	writel((uint32_t)pa, reg);
	writel((uint32_t)(pa >> 32), reg + 4);
}

static int vpci_queue_start(struct virtio_device *d, struct virtq *q)
{
	struct vpci *v = to_vpci(d);
	char __iomem *c = v->common;
	size_t avail, used;
	uint64_t at;

	(void)virtq_layout(q->size, &avail, &used);
	/* Also after a reset, which forgets both. */
	writew(vpci_config_vector(v), c + C_MSIX_CONFIG);
	writew(q->index, c + C_QUEUE_SEL);
	writew(q->size, c + C_QUEUE_SIZE);
	writew(vpci_queue_vector(v, q), c + C_QUEUE_VECTOR);
	/* The device says no to a vector by not keeping it. */
	if (readw(c + C_QUEUE_VECTOR) != vpci_queue_vector(v, q) || readw(c + C_MSIX_CONFIG) != vpci_config_vector(v))
		return -EBUSY;
	write_addr(c + C_QUEUE_DESC, q->ring_pa);
	write_addr(c + C_QUEUE_AVAIL, q->ring_pa + avail);
	write_addr(c + C_QUEUE_USED, q->ring_pa + used);
	at = (uint64_t)readw(c + C_QUEUE_NOTIFY) * v->notify_step;
	if (at + 2 > v->notify_len)
		return -EINVAL;
	q->notify = v->notify + at;
	writew(1, c + C_QUEUE_ENABLE);
	return 0;
}

static void vpci_notify(struct virtq *q)
{
	writew(q->index, q->notify);
}

static const struct virtio_transport vpci_ops = {
	.name = "virtio-pci",
	.get_status = vpci_get_status,
	.set_status = vpci_set_status,
	.get_features = vpci_get_features,
	.set_features = vpci_set_features,
	.config_read = vpci_config_read,
	.config_write = vpci_config_write,
	.generation = vpci_generation,
	.queue_max = vpci_queue_max,
	.queue_start = vpci_queue_start,
	.notify = vpci_notify,
	.irqs_request = vpci_irqs_request,
	.irqs_free = vpci_irqs_free,
	.set_cpu = vpci_set_cpu,
};

/* ---- interrupts */

uint16_t vpci_queue_vector(const struct vpci *v, const struct virtq *q)
{
	if (!v->nr_vectors || !q->callback)
		return VPCI_NO_VECTOR;
	return v->nr_vectors > 2 ? (uint16_t)(1 + (q - q->dev->queues)) : 1;
}

int vpci_set_cpu(struct virtq *q, unsigned cpu)
{
	struct vpci *v = to_vpci(q->dev);

	return v->nr_vectors > 2 ? pci_msix_set_cpu(v->pci, vpci_queue_vector(v, q), cpu) : -EOPNOTSUPP;
}

static void line_interrupt(void *arg)
{
	struct vpci *v = arg;
	uint8_t isr = vpci_isr(v);	/* reading lowers the line */

	if (isr & ISR_QUEUE)
		virtio_interrupt_all(&v->dev);
	if (isr & ISR_CONFIG)
		virtio_interrupt_config(&v->dev);
}

static void config_interrupt(void *arg)
{
	virtio_interrupt_config(arg);
}

static void all_interrupt(void *arg)
{
	virtio_interrupt_all(arg);
}

static void queue_interrupt(void *arg)
{
	virtio_interrupt_queue(arg);
}

static int request_vector(struct vpci *v, unsigned i)
{
	struct virtio_device *d = &v->dev;
	struct virtq *q;

	if (!i)
		return pci_msix_request(v->pci, 0, config_interrupt, d, d->where);
	if (v->nr_vectors == 2)
		return pci_msix_request(v->pci, 1, all_interrupt, d, d->where);
	q = &d->queues[i - 1];
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-%s", d->where, q->name);
	return pci_msix_request(v->pci, i, queue_interrupt, q, q->irq_name);
}

int vpci_irqs_request(struct virtio_device *d)
{
	struct vpci *v = to_vpci(d);
	int n = pci_msix_enable(v->pci, 2, d->nr_queues + 1), err = 0;
	unsigned i;

	if (n < 0)
		return pci_intx_request(v->pci, line_interrupt, v);
	v->nr_vectors = (unsigned)n < d->nr_queues + 1 ? 2 : (unsigned)n;
	for (i = 0; i < v->nr_vectors && !err; i++)
		err = request_vector(v, i);
	if (!err)
		return 0;
	for (i--; i--; )
		pci_msix_free(v->pci, i);
	pci_msix_disable(v->pci);
	v->nr_vectors = 0;
	return err;
}

void vpci_irqs_free(struct virtio_device *d)
{
	struct vpci *v = to_vpci(d);

	for (unsigned i = 0; i < v->nr_vectors; i++)
		pci_msix_free(v->pci, i);
	pci_msix_disable(v->pci);
	pci_intx_free(v->pci);
	v->nr_vectors = 0;
}

/* ---- probe */

/* Maps what the first usable capability of a type names. */
static char __iomem *map_cap(struct vpci *v, uint8_t type, uint32_t min, uint32_t *len, uint32_t *step)
{
	struct pci_dev *p = v->pci;
	uint8_t cap = 0;

	while ((cap = pci_find_cap(p, PCI_CAP_VENDOR, cap))) {
		char __iomem *m;
		uint32_t n;

		if (pci_read8(p, cap + CAP_TYPE) != type || pci_read8(p, cap + CAP_LEN) < (step ? 20 : 16))
			continue;
		n = pci_read32(p, cap + CAP_LENGTH);
		if (n < min)
			continue;
		n = MIN(n, 1u << 20);
		m = pci_map(p, pci_read8(p, cap + CAP_BAR), pci_read32(p, cap + CAP_OFFSET), n);
		if (!m || io_is_port(m))	/* the same structures may also be offered in port space */
			continue;
		if (len)
			*len = n;
		if (step)
			*step = pci_read32(p, cap + CAP_NOTIFY_STEP);
		return m;
	}
	return NULL;
}

static void unmap(char __iomem *p)
{
	if (p)
		iounmap(p);
}

static int modern_setup(struct vpci *v)
{
	v->common = map_cap(v, TYPE_COMMON, C_SIZE, NULL, NULL);
	if (!v->common)
		return -ENODEV;
	v->notify = map_cap(v, TYPE_NOTIFY, 2, &v->notify_len, &v->notify_step);
	v->isr = map_cap(v, TYPE_ISR, 1, NULL, NULL);
	v->config = map_cap(v, TYPE_DEVICE, 1, &v->config_len, NULL);	/* not every device has one */
	if (v->notify && v->isr) {
		v->dev.ops = &vpci_ops;
		v->dev.modern = true;
		return 0;
	}
	unmap(v->common);
	unmap(v->notify);
	unmap(v->isr);
	unmap(v->config);
	return -EINVAL;
}

static int vpci_probe(struct pci_dev *p)
{
	struct vpci *v = kzalloc(sizeof(*v), GFP_KERNEL);
	int err;

	if (!v)
		return -ENOMEM;
	v->pci = p;
	v->dev.dma = p->host->dma;
	v->dev.id = p->device >= 0x1040 ? p->device - 0x1040u : p->sub_device;
	strscpy(v->dev.where, p->name, sizeof(v->dev.where));
	pci_command(p, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	err = modern_setup(v);
	if (err == -ENODEV && p->device < 0x1040)
		err = vpci_legacy_setup(v);
	if (!err)
		err = virtio_register(&v->dev);
	if (!err) {
		p->private = v;
		return 0;
	}
	pci_command(p, PCI_COMMAND_MASTER, 0);
	if (v->dev.modern) {
		unmap(v->notify);
		unmap(v->isr);
		unmap(v->config);
	}
	unmap(v->common);
	kfree(v);
	return err;
}

static const struct pci_id vpci_ids[] = { { 0x1af4, 0x1000, 0x107f }, { 0 } };
PCI_DRIVER(virtio_pci, .ids = vpci_ids, .probe = vpci_probe);
