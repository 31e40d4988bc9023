/* SPDX-License-Identifier: MIT */
/*
 * Interrupt Translation Service of GICv3: a device writes the number of an event, and its own number comes along; tables in memory say
 * which interrupt (LPI) that is. Binding: arm,gic-v3-its. Registers, tables and commands: Arm IHI 0069, "Interrupt Translation Service".
 *
 * - A collection for each CPU, of its number. Messages go to the boot CPU until told otherwise; another one's redistributor gets the
 *   64 KiB it needs when the first message is sent there.
 * - The device table is of two levels where the ITS can: a page for the numbers that are used, not for all 65,536.
 * - An LPI's priority and whether it is enabled are a byte in memory; the ITS is told of a change (INV).
 * - Memory that the ITS and the redistributors read must be coherent with the CPUs' caches: one that says otherwise is left alone.
 *
 * Locks: its_lock (LR_DEVICE) over the command queue, the configuration bytes and which LPIs are given out.
 */
#include <kernel/device.h>
#include <kernel/dma.h>
#include <kernel/errno.h>
#include <kernel/list.h>
#include <kernel/mm.h>
#include <kernel/msi.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <arch/gic.h>
#include "gic.h"

#define GITS_CTLR	0x0000
#define GITS_TYPER	0x0008
#define GITS_CBASER	0x0080
#define GITS_CWRITER	0x0088
#define GITS_CREADR	0x0090
#define GITS_BASER(n)	(0x0100 + 8 * (n))
#define GITS_TRANSLATER	0x10040
#define GICR_CTLR	0x0000
#define GICR_TYPER	0x0008
#define GICR_PROPBASER	0x0070
#define GICR_PENDBASER	0x0078

#define VALID		BIT64(63)
#define INDIRECT	BIT64(62)
#define PENDING_ZERO	BIT64(62)
#define INNER_SHARED	BIT64(10)		/* in every *BASER: 11:10 */
#define SHARED_MASK	(3ull << 10)
#define BASER_CACHED	(7ull << 59)		/* write-back, read and write allocate */
#define GICR_CACHED	(7ull << 7)
#define TABLE_DEVICES	1u
#define TABLE_COLLECTIONS 4u

#define CMD_MOVI	0x01u
#define CMD_SYNC	0x05u
#define CMD_MAPD	0x08u
#define CMD_MAPC	0x09u
#define CMD_MAPTI	0x0au
#define CMD_INV		0x0cu
#define CMD_INVALL	0x0du
#define CMD_DISCARD	0x0fu

#define LPI_FIRST	8192u
#define LPI_BITS	14u			/* numbers of so many bits: 8,192 of them are LPIs */
#define LPI_COUNT	1024u			/* that we give out */
#define LPI_PRIORITY	0xa2u			/* as all others have, group 1 */
#define LPI_ENABLED	1u
#define QUEUE_SIZE	PAGE_SIZE
#define PENDING_ORDER	4u			/* aligned to 64 KiB, whatever its size */
#define L1_MAX		8192u			/* bytes of the first level of the device table */

struct event {
	uint32_t device, number;
	unsigned cpu;
};
static struct {
	struct msi_controller msi;
	char __iomem *regs;
	paddr_t doorbell;
	uint64_t *queue;
	uint32_t head;				/* bytes into the queue */
	uint64_t target[CONFIG_NR_CPUS];	/* each CPU's redistributor as commands name it */
	bool open[CONFIG_NR_CPUS];		/* it takes messages */
	unsigned itt_entry, device_bits, event_bits;
	uint64_t *l1;				/* the device table, first level or all of it */
	bool indirect;
	uint32_t page, dev_entry, l1_size;
	bool dead;				/* it does not take commands any more */
} its;
static uint8_t *config;				/* of LPI_FIRST on */
static struct event events[LPI_COUNT];
static unsigned long used[BITS_TO_LONGS(LPI_COUNT)];
static struct irq_domain lpis;
static DEFINE_SPINLOCK(its_lock, LR_DEVICE);

/* ---- commands */

/* its_lock held. Waits until the ITS has taken it: rare, and never long. */
static void command(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t *at = (uint64_t *)((char *)its.queue + its.head);
	nsec_t start = 0;

	if (its.dead)
		return;
	at[0] = a;
	at[1] = b;
	at[2] = c;
	at[3] = 0;
	its.head = (its.head + 32) % QUEUE_SIZE;
	dma_wmb();	/* the command before the register that says so */
	writeq(its.head, its.regs + GITS_CWRITER);
	while ((readq(its.regs + GITS_CREADR) & 0xfffe0u) != its.head)
		if (!poll_timeout(&start, NSEC_PER_SEC)) {
			its.dead = true;
			pr_err("ITS: takes no commands any more\n");
			return;
		}
}

static void sync(unsigned cpu)
{
	command(CMD_SYNC, 0, its.target[cpu]);
}

/* ---- interrupts */

static void set_config(struct irq_desc *d, uint8_t v)
{
	struct event *e = &events[d->line];
	irqflags_t f = spin_lock_irqsave(&its_lock);

	config[d->line] = v;
	dma_wmb();
	command(CMD_INV | (uint64_t)e->device << 32, e->number, 0);
	sync(e->cpu);
	spin_unlock_irqrestore(&its_lock, f);
}

static void lpi_mask(struct irq_desc *d)
{
	set_config(d, LPI_PRIORITY);
}

static void lpi_unmask(struct irq_desc *d)
{
	set_config(d, LPI_PRIORITY | LPI_ENABLED);
}

static void lpi_eoi(struct irq_desc *d)
{
	arch_gic_eoi(LPI_FIRST + d->line);
}

static int lpi_set_affinity(struct irq_desc *d, unsigned cpu);

static const struct irq_chip lpi_chip = {
	.name = "ITS", .mask = lpi_mask, .unmask = lpi_unmask, .eoi = lpi_eoi, .set_affinity = lpi_set_affinity,
};

static void lpi_handle(uint32_t id)
{
	if (likely(id - LPI_FIRST < LPI_COUNT))
		irq_domain_handle(&lpis, id - LPI_FIRST);
	else
		arch_gic_eoi(id);
}

/* ---- devices */

/* The page of the second level that a device's entry is in, made when it is new. */
static int device_page(uint32_t device)
{
	uint32_t per = its.page / its.dev_entry;
	unsigned order = its.page == PAGE_SIZE ? 0 : ilog2_u64(its.page / PAGE_SIZE);
	void *p;

	if (!its.indirect)
		return (device + 1) * its.dev_entry <= its.l1_size ? 0 : -ENOSPC;
	if (device / per * sizeof(uint64_t) >= its.l1_size)
		return -ENOSPC;
	if (its.l1[device / per] & VALID)
		return 0;
	p = page_alloc_virt(order, GFP_KERNEL | GFP_ZERO);
	if (!p)
		return -ENOMEM;
	dma_wmb();
	its.l1[device / per] = virt_to_phys(p) | VALID;
	dma_wmb();
	return 0;
}

/* @n numbers in a row are not needed: each event has its own. */
static int take_lpi(void)
{
	for (unsigned i = 0; i < LPI_COUNT; i++)
		if (!test_and_set_bit(i, used))
			return (int)i;
	return -ENOSPC;
}

/* A device that the ITS knows. Written by drivers that start, one at a time. */
struct mapped {
	struct list_head link;
	uint32_t device;
};
static LIST_HEAD(mapped);

static bool is_mapped(uint32_t device)
{
	struct mapped *m;

	list_for_each_entry(m, &mapped, link)
		if (m->device == device)
			return true;
	return false;
}

/*
 * The table of a device's events: a page, whatever of it is asked for first. It is the device's for good, for the ITS may hold
 * on to it, and to map a device anew while it has events is undefined.
 */
static int map_device(uint32_t device, unsigned n)
{
	unsigned bits = MIN(ilog2_u64(PAGE_SIZE / its.itt_entry), its.event_bits);
	struct mapped *m;
	irqflags_t f;
	void *itt;
	int err;

	if (device >> its.device_bits || n > 1u << bits)
		return -ENOSPC;
	if (is_mapped(device))
		return 0;
	err = device_page(device);
	if (err)
		return err;
	m = kmalloc(sizeof(*m), GFP_KERNEL);
	itt = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	if (!m || !itt) {
		kfree(m);
		page_free_virt(itt, 0);
		return -ENOMEM;
	}
	m->device = device;
	list_add(&m->link, &mapped);
	f = spin_lock_irqsave(&its_lock);
	command(CMD_MAPD | (uint64_t)device << 32, bits - 1, virt_to_phys(itt) | VALID);
	spin_unlock_irqrestore(&its_lock, f);
	return 0;
}

static void its_free(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs)
{
	irqflags_t f = spin_lock_irqsave(&its_lock);

	while (n--) {
		command(CMD_DISCARD | (uint64_t)device << 32, events[irqs[n]->line].number, 0);
		sync(events[irqs[n]->line].cpu);
		clear_bit(irqs[n]->line, used);
	}
	spin_unlock_irqrestore(&its_lock, f);
}

static int its_alloc(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs, struct msi_msg *msgs)
{
	irqflags_t f;
	unsigned i;
	int err = its.dead ? -EIO : map_device(device, n);

	if (err)
		return err;
	for (i = 0; i < n; i++) {
		int line = take_lpi();

		err = line < 0 ? line : irq_domain_line(&lpis, (unsigned)line, IRQ_TYPE_EDGE_RISING, &irqs[i]);
		if (err) {
			if (line >= 0)
				clear_bit((unsigned)line, used);
			its_free(c, device, i, irqs);
			return err;
		}
		events[line] = (struct event){ device, i, 0 };
		f = spin_lock_irqsave(&its_lock);
		config[line] = LPI_PRIORITY;
		dma_wmb();
		command(CMD_MAPTI | (uint64_t)device << 32, i | (uint64_t)(LPI_FIRST + (unsigned)line) << 32, 0);
		command(CMD_INV | (uint64_t)device << 32, i, 0);
		sync(0);
		spin_unlock_irqrestore(&its_lock, f);
		msgs[i] = (struct msi_msg){ its.doorbell, i };
	}
	return 0;
}

/* ---- tables */

/* Sets one of the ITS's tables up with pages of the size that it accepts. */
static int table(unsigned n, uint64_t flags, void *p, uint32_t size)
{
	static const uint32_t sizes[] = { 4096, 16384, 65536 };
	uint64_t v = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (size % sizes[i])
			break;
		writeq(VALID | flags | BASER_CACHED | INNER_SHARED | virt_to_phys(p) | (uint64_t)i << 8 | (size / sizes[i] - 1),
		       its.regs + GITS_BASER(n));
		v = readq(its.regs + GITS_BASER(n));
		its.page = sizes[i];
		if ((v >> 8 & 3) == i && (v & SHARED_MASK) == INNER_SHARED && !((v ^ flags) & INDIRECT))
			return 0;
	}
	writeq(0, its.regs + GITS_BASER(n));
	return -EOPNOTSUPP;
}

static int device_table(unsigned n, uint64_t baser)
{
	unsigned order = ilog2_u64(65536 / PAGE_SIZE);
	int err;

	its.dev_entry = (uint32_t)(baser >> 48 & 0x1f) + 1;
	/* Two levels of 4 KiB: a page is enough for the numbers of a PCI domain. */
	its.l1_size = PAGE_SIZE;
	its.l1 = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	if (!its.l1)
		return -ENOMEM;
	its.indirect = true;
	if (!table(n, INDIRECT, its.l1, its.l1_size))
		return 0;
	page_free_virt(its.l1, 0);
	/* One level: the first few thousand. */
	its.l1_size = 65536;
	its.l1 = page_alloc_virt(order, GFP_KERNEL | GFP_ZERO);
	if (!its.l1)
		return -ENOMEM;
	its.indirect = false;
	err = table(n, 0, its.l1, its.l1_size);
	if (err)
		page_free_virt(its.l1, order);
	return err;
}

static int collection_table(unsigned n)
{
	unsigned order = ilog2_u64(65536 / PAGE_SIZE);
	uint32_t page = its.page;
	void *p = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	int err;

	if (!p)
		return -ENOMEM;
	err = table(n, 0, p, PAGE_SIZE);
	if (err) {
		page_free_virt(p, 0);
		p = page_alloc_virt(order, GFP_KERNEL | GFP_ZERO);
		err = p ? table(n, 0, p, 65536) : -ENOMEM;
		if (err && p)
			page_free_virt(p, order);
	}
	its.page = page;
	return err;
}

static int tables(void)
{
	bool devices = false;

	for (unsigned n = 0; n < 8; n++) {
		uint64_t baser = readq(its.regs + GITS_BASER(n));
		unsigned type = baser >> 56 & 7;
		int err = 0;

		if (type == TABLE_DEVICES)
			err = device_table(n, baser);
		else if (type == TABLE_COLLECTIONS)
			err = collection_table(n);
		if (err)
			return err;
		devices |= type == TABLE_DEVICES;
	}
	return devices ? 0 : -EOPNOTSUPP;
}

/* A redistributor takes LPIs. It must not do so already: its tables cannot be changed then. */
static int redistributor(char __iomem *rd)
{
	void *pending;
	uint64_t v;

	if (!(readq(rd + GICR_TYPER) & 1) || readl(rd + GICR_CTLR) & 1)
		return -EOPNOTSUPP;
	writeq(virt_to_phys(config) | INNER_SHARED | GICR_CACHED | (LPI_BITS - 1), rd + GICR_PROPBASER);
	v = readq(rd + GICR_PROPBASER);
	if ((v & SHARED_MASK) != INNER_SHARED)
		return -EOPNOTSUPP;
	pending = page_alloc_virt(PENDING_ORDER, GFP_KERNEL | GFP_ZERO);
	if (!pending)
		return -ENOMEM;
	writeq(virt_to_phys(pending) | INNER_SHARED | GICR_CACHED | PENDING_ZERO, rd + GICR_PENDBASER);
	dma_wmb();
	writel(readl(rd + GICR_CTLR) | 1, rd + GICR_CTLR);
	return 0;
}

/* Messages may be sent to that CPU from now on. Thread context, one at a time (probes). */
static int open_cpu(unsigned cpu)
{
	char __iomem *rd = gicv3_rdist(cpu);
	irqflags_t f;
	int err;

	if (its.open[cpu])
		return 0;
	if (!rd)
		return -EINVAL;
	/* A redistributor is named by its address or by its number. */
	its.target[cpu] = readq(its.regs + GITS_TYPER) & BIT64(19) ? gicv3_rdist_pa(cpu) : (readq(rd + GICR_TYPER) >> 8 & 0xffff) << 16;
	err = redistributor(rd);
	if (err)
		return err;
	f = spin_lock_irqsave(&its_lock);
	command(CMD_MAPC, 0, its.target[cpu] | VALID | cpu);
	command(CMD_INVALL, 0, cpu);
	sync(cpu);
	spin_unlock_irqrestore(&its_lock, f);
	its.open[cpu] = !its.dead;
	return its.dead ? -EIO : 0;
}

static int lpi_set_affinity(struct irq_desc *d, unsigned cpu)
{
	struct event *e = &events[d->line];
	irqflags_t f;
	int err = open_cpu(cpu);

	if (err)
		return err;
	f = spin_lock_irqsave(&its_lock);
	command(CMD_MOVI | (uint64_t)e->device << 32, e->number, cpu);
	sync(e->cpu);
	e->cpu = cpu;
	sync(cpu);
	spin_unlock_irqrestore(&its_lock, f);
	return its.dead ? -EIO : 0;
}

static int start(void)
{
	uint64_t typer = readq(its.regs + GITS_TYPER);
	int err;

	writel(0, its.regs + GITS_CTLR);
	its.itt_entry = (unsigned)(typer >> 4 & 0xf) + 1;
	its.device_bits = (unsigned)(typer >> 13 & 0x1f) + 1;
	its.event_bits = (unsigned)(typer >> 8 & 0x1f) + 1;
	its.queue = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	if (!its.queue)
		return -ENOMEM;
	err = tables();
	if (err)
		return err;
	writeq(VALID | BASER_CACHED | INNER_SHARED | virt_to_phys(its.queue), its.regs + GITS_CBASER);
	if ((readq(its.regs + GITS_CBASER) & SHARED_MASK) != INNER_SHARED)
		return -EOPNOTSUPP;
	writeq(0, its.regs + GITS_CWRITER);
	config = page_alloc_virt(ilog2_u64((1u << LPI_BITS) - LPI_FIRST) - PAGE_SHIFT, GFP_KERNEL | GFP_ZERO);
	if (!config)
		return -ENOMEM;
	memset(config, LPI_PRIORITY, (1u << LPI_BITS) - LPI_FIRST);
	writel(1, its.regs + GITS_CTLR);
	return open_cpu(0);
}

static int its_probe(struct dt_node *node, const struct dt_match *match)
{
	paddr_t base;
	int err;

	if (!node->parent || !node->parent->bound)
		return -EPROBE_LATER;
	if (its.regs || !gicv3_rdist(0))
		return -EBUSY;		/* more of them serve other parts of larger machines: devices there use their lines */
	err = dt_reg(node, 0, &base, NULL);
	if (err)
		return err;
	its.regs = ioremap(base, 0x20000);
	if (!its.regs)
		return -ENOMEM;
	lpis.node = node;
	lpis.chip = &lpi_chip;
	lpis.nr_lines = LPI_COUNT;
	err = irq_domain_register(&lpis);
	if (!err)
		err = start();
	if (err) {
		writel(0, its.regs + GITS_CTLR);
		return err;
	}
	gicv3_lpi_handle = lpi_handle;
	its.doorbell = base + GITS_TRANSLATER;
	its.msi.name = "ITS";
	its.msi.node = node;
	its.msi.alloc = its_alloc;
	its.msi.free = its_free;
	msi_controller_register(&its.msi);
	pr_info("ITS: %u messages\n", LPI_COUNT);
	return 0;
}

static const struct dt_match its_match[] = { { "arm,gic-v3-its", NULL }, { NULL, NULL } };
DRIVER(gicv3_its, .match = its_match, .probe = its_probe, .phase = PROBE_TIMER);
