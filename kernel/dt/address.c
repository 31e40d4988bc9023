/* SPDX-License-Identifier: MIT */
/*
 * Addresses and interrupts of device-tree nodes: reg through the ranges of every bus above, interrupts to
 * the controller they belong to.
 *
 * References: Devicetree Specification 0.4, 2.3.6-2.3.8 (reg, ranges) and 2.4 (interrupts).
 */
#include "dt_internal.h"
#include <kernel/errno.h>
#include <kernel/string.h>

unsigned dt_cell_count(const struct dt_node *n, const char *name, unsigned fallback)
{
	uint32_t v;

	return n && !dt_u32(n, name, &v) && v <= DT_MAX_CELLS ? v : fallback;
}

/* The last two cells are the number; a third in front (PCI's address-space word) has to match in its space bits. */
static bool address(const fdt32_t *p, unsigned cells, uint64_t *out)
{
	unsigned skip = cells > 2 ? cells - 2 : 0;

	return dt_cells(p + skip, cells - skip, out);
}

bool dt_ranges_apply(const fdt32_t *ranges, size_t len, unsigned cac, unsigned pac, unsigned sc, uint64_t *addr)
{
	size_t step = cac + pac + sc;

	if (!len)
		return true;
	if (!cac || !pac || !sc)
		return false;
	for (size_t left = len / 4; left >= step; left -= step, ranges += step) {
		uint64_t child, parent, size;

		if (!address(ranges, cac, &child) || !address(ranges + cac, pac, &parent) ||
		    !dt_cells(ranges + cac + pac, sc, &size))
			continue;
		if (*addr < child || *addr - child >= size || parent + (*addr - child) < parent)
			continue;
		*addr = parent + (*addr - child);
		return true;
	}
	return false;
}

int dt_reg(const struct dt_node *n, unsigned index, paddr_t *base, uint64_t *size)
{
	const struct dt_node *bus = n ? n->parent : NULL;
	unsigned ac = dt_cell_count(bus, "#address-cells", 2), sc = dt_cell_count(bus, "#size-cells", 1);
	uint64_t addr, bytes = 0;
	const fdt32_t *p;
	uint32_t len;

	p = bus ? dt_prop(n, "reg", &len) : NULL;
	if (!p)
		return -ENOENT;
	if (!ac || (uint64_t)(index + 1) * (ac + sc) * 4 > len)
		return -ENOENT;
	p += (size_t)index * (ac + sc);
	if (!address(p, ac, &addr) || !dt_cells(p + ac, sc, &bytes))
		return -EINVAL;
	for (; bus->parent; bus = bus->parent) {
		const fdt32_t *ranges = dt_prop(bus, "ranges", &len);

		if (!ranges)
			return -EINVAL;		/* a bus that the CPU cannot reach by loads and stores */
		if (!dt_ranges_apply(ranges, len, dt_cell_count(bus, "#address-cells", 2),
				     dt_cell_count(bus->parent, "#address-cells", 2),
				     dt_cell_count(bus, "#size-cells", 1), &addr))
			return -EINVAL;
	}
	if (bytes && addr + bytes - 1 < addr)
		return -EINVAL;
	*base = addr;
	if (size)
		*size = bytes;
	return 0;
}

int dt_ioport(const struct dt_node *n, unsigned index, uint16_t *port, uint32_t *size)
{
	const fdt32_t *reg;
	uint32_t len;

	if (!n || !n->parent || !dt_compatible(n->parent, "isa"))
		return -ENOENT;
	reg = dt_prop(n, "reg", &len);
	if (!reg || ((uint64_t)index + 1) * 12 > len)
		return -ENOENT;
	reg += (size_t)index * 3;
	if (fdt32_to_cpu(reg[0]) != 1 || !fdt32_to_cpu(reg[1]) || fdt32_to_cpu(reg[1]) > UINT16_MAX ||
	    fdt32_to_cpu(reg[2]) > 0x10000 - fdt32_to_cpu(reg[1]))
		return -EINVAL;
	*port = (uint16_t)fdt32_to_cpu(reg[1]);
	*size = fdt32_to_cpu(reg[2]);
	return 0;
}

/* The nearest interrupt-parent of @n, or the nearest ancestor that is a controller. */
static struct dt_node *interrupt_parent(const struct dt_node *n)
{
	for (unsigned depth = 0; n && depth < DT_MAX_DEPTH; depth++) {
		uint32_t phandle;

		if (!dt_u32(n, "interrupt-parent", &phandle))
			return dt_find_phandle(phandle);
		n = n->parent;
		if (n && dt_has(n, "interrupt-controller"))
			return (struct dt_node *)n;
	}
	return NULL;
}

static int fill_spec(struct dt_irq_spec *out, struct dt_node *ctrl, const fdt32_t *p, unsigned cells)
{
	out->controller = ctrl;
	out->n = cells;
	for (unsigned i = 0; i < cells; i++)
		out->cell[i] = fdt32_to_cpu(p[i]);
	return 0;
}

static int extended_spec(const fdt32_t *p, size_t left, unsigned index, struct dt_irq_spec *out)
{
	while (left) {
		struct dt_node *ctrl = dt_find_phandle(fdt32_to_cpu(*p));
		unsigned cells = dt_cell_count(ctrl, "#interrupt-cells", 0);

		if (!ctrl || !cells || left < cells + 1)
			return -EINVAL;
		if (!index--)
			return fill_spec(out, ctrl, p + 1, cells);
		p += cells + 1;
		left -= cells + 1;
	}
	return -ENOENT;
}

int dt_irq(const struct dt_node *n, unsigned index, struct dt_irq_spec *out)
{
	struct dt_node *ctrl;
	const fdt32_t *p;
	unsigned cells;
	uint32_t len;

	p = dt_prop(n, "interrupts-extended", &len);
	if (p)
		return extended_spec(p, len / 4, index, out);
	p = dt_prop(n, "interrupts", &len);
	if (!p)
		return -ENOENT;
	ctrl = interrupt_parent(n);
	cells = dt_cell_count(ctrl, "#interrupt-cells", 0);
	if (!ctrl || !cells)
		return -EINVAL;
	if (((uint64_t)index + 1) * cells > len / 4)
		return -ENOENT;
	return fill_spec(out, ctrl, p + (size_t)index * cells, cells);
}
