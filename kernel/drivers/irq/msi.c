/* SPDX-License-Identifier: MIT */
/*
 * The list of controllers of message-signalled interrupts, and which one a device writes to.
 * Written by probes, one at a time; read by probes. Bindings: interrupt-controller/msi, pci/pci-msi.
 */
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/msi.h>

static LIST_HEAD(controllers);

void msi_controller_register(struct msi_controller *c)
{
	list_add_tail(&c->link, &controllers);
}

static struct msi_controller *by_node(const struct dt_node *n)
{
	struct msi_controller *c;

	list_for_each_entry(c, &controllers, link)
		if (!c->node || c->node == n)
			return c;
	return NULL;
}

struct msi_controller *msi_controller_find(const struct dt_node *bus, uint32_t rid, uint32_t *device)
{
	uint32_t parent, mask = UINT32_MAX, base, phandle, out, len;

	*device = rid;
	(void)dt_u32(bus, "msi-map-mask", &mask);
	/* <first id, controller, first id there, count> each */
	for (unsigned i = 0; !dt_u32_index(bus, "msi-map", i * 4 + 3, &len); i++) {
		if (dt_u32_index(bus, "msi-map", i * 4, &base) || dt_u32_index(bus, "msi-map", i * 4 + 1, &phandle) ||
		    dt_u32_index(bus, "msi-map", i * 4 + 2, &out))
			break;
		if ((rid & mask) < base || (rid & mask) - base >= len)
			continue;
		*device = (rid & mask) - base + out;
		return by_node(dt_find_phandle(phandle));
	}
	if (!dt_u32(bus, "msi-parent", &parent))
		return by_node(dt_find_phandle(parent));
	return by_node(NULL);
}
