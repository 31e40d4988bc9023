/* SPDX-License-Identifier: MIT */
/*
 * virtio over memory-mapped registers, versions 1 (legacy) and 2. Binding: virtio,mmio. Reference: VIRTIO 1.2, 4.2.
 *
 * Machines offer dozens of windows, most of them empty, several in a page: the page mapped last is kept for the next look.
 *
 * Locks: none. Probes run one at a time; the interrupt handler touches its status and acknowledge registers only.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virtio.h>

#define R_MAGIC		0x000
#define R_VERSION	0x004
#define R_DEVICE	0x008
#define R_FEATURES	0x010
#define R_FEATURES_SEL	0x014
#define R_DRIVER	0x020
#define R_DRIVER_SEL	0x024
#define R_PAGE_SIZE	0x028	/* version 1 */
#define R_QUEUE_SEL	0x030
#define R_QUEUE_MAX	0x034
#define R_QUEUE_NUM	0x038
#define R_QUEUE_ALIGN	0x03c	/* version 1 */
#define R_QUEUE_PFN	0x040	/* version 1 */
#define R_QUEUE_READY	0x044
#define R_NOTIFY	0x050
#define R_IRQ_STATUS	0x060
#define R_IRQ_ACK	0x064
#define R_STATUS	0x070
#define R_DESC		0x080
#define R_AVAIL		0x090
#define R_USED		0x0a0
#define R_GENERATION	0x0fc
#define R_CONFIG	0x100
#define MAGIC		0x74726976u
#define IRQ_QUEUE	1u
#define IRQ_CONFIG	2u

struct vmmio {
	struct virtio_device dev;
	char __iomem *regs;
	uint32_t size;
	struct irq_desc *irq;
};

static struct vmmio *to_vmmio(struct virtio_device *d)
{
	return container_of(d, struct vmmio, dev);
}

static uint8_t vmmio_get_status(struct virtio_device *d)
{
	return (uint8_t)readl(to_vmmio(d)->regs + R_STATUS);
}

static void vmmio_set_status(struct virtio_device *d, uint8_t status)
{
	char __iomem *regs = to_vmmio(d)->regs;
	nsec_t start = 0;

	writel(status, regs + R_STATUS);
	if (status)
		return;
	while (readl(regs + R_STATUS) && poll_timeout(&start, NSEC_PER_SEC))
		arch_cpu_relax();
	if (!d->modern)
		writel(PAGE_SIZE, regs + R_PAGE_SIZE);
}

static uint64_t vmmio_get_features(struct virtio_device *d)
{
	char __iomem *regs = to_vmmio(d)->regs;
	uint64_t f;

	writel(0, regs + R_FEATURES_SEL);
	f = readl(regs + R_FEATURES);
	writel(1, regs + R_FEATURES_SEL);
	return f | (uint64_t)readl(regs + R_FEATURES) << 32;
}

static void vmmio_set_features(struct virtio_device *d, uint64_t f)
{
	char __iomem *regs = to_vmmio(d)->regs;

	writel(0, regs + R_DRIVER_SEL);
	writel((uint32_t)f, regs + R_DRIVER);
	writel(1, regs + R_DRIVER_SEL);
	writel((uint32_t)(f >> 32), regs + R_DRIVER);
}

static bool config_fits(struct vmmio *v, unsigned off, unsigned n)
{
	return v->size >= R_CONFIG && off <= v->size - R_CONFIG && n <= v->size - R_CONFIG - off;
}

/* Fields of two and four bytes are read as such (4.2.2.2); arrays of bytes byte by byte. */
static void vmmio_config_read(struct virtio_device *d, unsigned off, void *p, unsigned n)
{
	char __iomem *at = to_vmmio(d)->regs + R_CONFIG + off;

	if (!config_fits(to_vmmio(d), off, n)) {
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

static void vmmio_config_write(struct virtio_device *d, unsigned off, const void *p, unsigned n)
{
	char __iomem *at = to_vmmio(d)->regs + R_CONFIG + off;

	if (!config_fits(to_vmmio(d), off, n))
		return;
	if (n == 2 && !(off & 1))
		writew(*(const uint16_t *)p, at);
	else if (n == 4 && !(off & 3))
		writel(*(const uint32_t *)p, at);
	else
		for (unsigned i = 0; i < n; i++)
			writeb(((const uint8_t *)p)[i], at + i);
}

static uint32_t vmmio_generation(struct virtio_device *d)
{
	return d->modern ? readl(to_vmmio(d)->regs + R_GENERATION) : 0;
}

static uint16_t vmmio_queue_max(struct virtio_device *d, unsigned index)
{
	char __iomem *regs = to_vmmio(d)->regs;
	uint32_t n;

	writel(index, regs + R_QUEUE_SEL);
	if (d->modern ? readl(regs + R_QUEUE_READY) : readl(regs + R_QUEUE_PFN))
		return 0;	/* in use: a device that did not reset */
	n = readl(regs + R_QUEUE_MAX);
	/* Version 1 lets us choose, too. */
	return (uint16_t)MIN(n, d->modern ? 32768u : 256u);
}

static void write_addr(char __iomem *reg, paddr_t pa)
{
	writel((uint32_t)pa, reg);
	writel((uint32_t)(pa >> 32), reg + 4);
}

static int vmmio_queue_start(struct virtio_device *d, struct virtq *q)
{
	char __iomem *regs = to_vmmio(d)->regs;
	size_t avail, used;

	(void)virtq_layout(q->size, &avail, &used);
	writel(q->index, regs + R_QUEUE_SEL);
	writel(q->size, regs + R_QUEUE_NUM);
	q->notify = regs + R_NOTIFY;
	if (!d->modern) {
		if (q->ring_pa >> PAGE_SHIFT > UINT32_MAX)
			return -ENOMEM;
		writel(PAGE_SIZE, regs + R_QUEUE_ALIGN);
		writel((uint32_t)(q->ring_pa >> PAGE_SHIFT), regs + R_QUEUE_PFN);
		return 0;
	}
	write_addr(regs + R_DESC, q->ring_pa);
	write_addr(regs + R_AVAIL, q->ring_pa + avail);
	write_addr(regs + R_USED, q->ring_pa + used);
	writel(1, regs + R_QUEUE_READY);
	return readl(regs + R_QUEUE_READY) == 1 ? 0 : -EIO;
}

static void vmmio_notify(struct virtq *q)
{
	writel(q->index, q->notify);
}

static void vmmio_interrupt(void *arg)
{
	struct vmmio *v = arg;
	uint32_t status = readl(v->regs + R_IRQ_STATUS);

	/* Acknowledged before the rings are looked at: what comes later raises the line again. */
	writel(status, v->regs + R_IRQ_ACK);
	if (status & IRQ_QUEUE)
		virtio_interrupt_all(&v->dev);
	if (status & IRQ_CONFIG)
		virtio_interrupt_config(&v->dev);
}

static int vmmio_irqs_request(struct virtio_device *d)
{
	struct vmmio *v = to_vmmio(d);

	return irq_request(v->irq, vmmio_interrupt, v, d->where);
}

static void vmmio_irqs_free(struct virtio_device *d)
{
	irq_free(to_vmmio(d)->irq);
}

static const struct virtio_transport vmmio_ops = {
	.name = "virtio-mmio",
	.get_status = vmmio_get_status,
	.set_status = vmmio_set_status,
	.get_features = vmmio_get_features,
	.set_features = vmmio_set_features,
	.config_read = vmmio_config_read,
	.config_write = vmmio_config_write,
	.generation = vmmio_generation,
	.queue_max = vmmio_queue_max,
	.queue_start = vmmio_queue_start,
	.notify = vmmio_notify,
	.irqs_request = vmmio_irqs_request,
	.irqs_free = vmmio_irqs_free,
};

/* The window's registers; *kept tells that the mapping outlives iounmap() by the caller. */
static char __iomem *map_window(paddr_t base, uint64_t size, bool *kept)
{
	static paddr_t last;
	static char __iomem *last_map;
	paddr_t page = ALIGN_DOWN(base, PAGE_SIZE);

	*kept = base + size <= page + PAGE_SIZE;
	if (!*kept)
		return ioremap(base, size);
	if (!last_map || last != page) {
		last_map = ioremap(page, PAGE_SIZE);
		last = page;
	}
	return last_map ? last_map + (base - page) : NULL;
}

static int vmmio_probe(struct dt_node *node, const struct dt_match *match)
{
	char __iomem *regs;
	struct vmmio *v;
	uint32_t version, id;
	uint64_t size;
	paddr_t base;
	bool kept;
	int err;

	err = dt_reg(node, 0, &base, &size);
	if (err || size < R_CONFIG || size > 1u << 20)
		return -EINVAL;
	regs = map_window(base, size, &kept);
	if (!regs)
		return -ENOMEM;
	version = readl(regs + R_VERSION);
	id = readl(regs + R_DEVICE);
	err = -ENODEV;
	if (readl(regs + R_MAGIC) != MAGIC || !id || version < 1 || version > 2)
		goto out_unmap;
	err = -ENOMEM;
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		goto out_unmap;
	v->regs = regs;
	v->size = (uint32_t)size;
	v->dev.ops = &vmmio_ops;
	v->dev.id = id;
	v->dev.modern = version == 2;
	dma_dev_init(&v->dev.dma, node);
	snprintf(v->dev.where, sizeof(v->dev.where), "virtio@%lx", (unsigned long)base);
	err = irq_of_node(node, 0, &v->irq);
	if (!err)
		err = virtio_register(&v->dev);
	if (!err)
		return 0;
	kfree(v);
out_unmap:
	if (!kept)
		iounmap(regs);
	return err == -EPROBE_LATER ? err : -ENODEV;
}

static const struct dt_match vmmio_match[] = { { "virtio,mmio", NULL }, { NULL, NULL } };
DRIVER(virtio_mmio, .match = vmmio_match, .probe = vmmio_probe, .phase = PROBE_DEVICE);
