/* SPDX-License-Identifier: MIT */
/*
 * Binding drivers to device-tree nodes, phase by phase, and device registers.
 *
 * A node is bound once; drivers that answer -EPROBE_LATER are asked again after every pass that bound
 * something, in this phase and in later ones. Boot CPU only (PROBE_BUS and later: one thread); no locks.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/vm.h>
#include <arch/ioport.h>

extern const struct driver *const __drivers_start[], *const __drivers_end[];

static const struct dt_match *match_node(const struct driver *drv, const struct dt_node *n)
{
	for (const struct dt_match *m = drv->match; m && m->compatible; m++)
		if (dt_compatible(n, m->compatible))
			return m;
	return NULL;
}

/* Asks @drv for @n. True: bound, or asked to come back (*later). */
static bool probe_one(const struct driver *drv, struct dt_node *n, bool *later)
{
	const struct dt_match *m = match_node(drv, n);
	char path[128];
	int err;

	if (!m)
		return false;
	err = drv->probe(n, m);
	if (!err) {
		n->bound = true;
		return true;
	}
	if (err == -EPROBE_LATER) {
		*later = true;
	} else if (err != -ENODEV) {
		dt_node_path(n, path, sizeof(path));
		pr_warn("%s: %s: probe failed: error %d\n", path, drv->name, -err);
		n->bound = true;	/* it failed for good: do not ask again in each pass */
	}
	return false;
}

/* A node below a disabled one is unreachable too. */
static bool usable(const struct dt_node *n)
{
	for (; n; n = n->parent)
		if (!dt_available(n))
			return false;
	return true;
}

void driver_probe_phase(enum probe_phase phase)
{
	bool progress, later;

	if (phase == PROBE_IRQ)
		earlycon_remap();
	do {
		progress = later = false;
		for (struct dt_node *n = dt_root; n; n = dt_next(n)) {
			if (n->bound || !n->props || !dt_has(n, "compatible") || !usable(n))
				continue;
			for (const struct driver *const *d = __drivers_start; d < __drivers_end && !n->bound; d++)
				if ((*d)->phase <= phase)
					progress |= probe_one(*d, n, &later);
		}
	} while (progress && later);
}

void __iomem *ioremap(paddr_t pa, size_t size)
{
	paddr_t start = ALIGN_DOWN(pa, PAGE_SIZE);
	char *p;

	if (!size || pa + size < pa)
		return NULL;
	p = vmap_phys(start, ALIGN_UP(pa + size - start, PAGE_SIZE), VM_READ | VM_WRITE | VM_DEVICE | VM_GLOBAL);
	return p ? (void __iomem *)(p + (pa - start)) : NULL;
}

void __iomem *ioremap_wc(paddr_t pa, size_t size)
{
	paddr_t start = ALIGN_DOWN(pa, PAGE_SIZE);
	char *p;

	if (!size || pa + size < pa)
		return NULL;
	p = vmap_phys(start, ALIGN_UP(pa + size - start, PAGE_SIZE), VM_READ | VM_WRITE | VM_WC | VM_GLOBAL);
	return p ? (void __iomem *)(p + (pa - start)) : NULL;
}

void iounmap(void __iomem *p)
{
	if (!io_is_port(p))
		vunmap_phys((void *)ALIGN_DOWN((uintptr_t)p, PAGE_SIZE));
}

void __iomem *dt_ioremap(struct dt_node *n, unsigned index)
{
	paddr_t base;
	uint64_t size;
	uint32_t ports;
	uint16_t port;

	if (ARCH_HAS_IOPORT && !dt_ioport(n, index, &port, &ports))
		return (void __iomem *)(uintptr_t)port;
	/* A register block beyond 256 MiB is no register block. */
	if (dt_reg(n, index, &base, &size) || !size || size > 256u << 20)
		return NULL;
	return ioremap(base, size);
}
