/* SPDX-License-Identifier: MIT */
/*
 * Power by a write to a system controller's register: syscon-poweroff, syscon-reboot.
 * Bindings: power/reset/syscon-poweroff.yaml, syscon-reboot.yaml (regmap, offset, value, mask).
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/smp.h>

struct syscon_write {
	char __iomem *reg;
	uint32_t value, mask;
};
static struct syscon_write off_write, restart_write;

static void do_write(const struct syscon_write *w)
{
	writel((readl(w->reg) & ~w->mask) | (w->value & w->mask), w->reg);
}

static void syscon_off(void)
{
	do_write(&off_write);
}

static void syscon_restart(void)
{
	do_write(&restart_write);
}

static int syscon_probe(struct dt_node *node, const struct dt_match *match)
{
	struct syscon_write *w = match->data ? &off_write : &restart_write;
	uint32_t phandle, offset = 0, value, mask = ~0u;
	char __iomem *base;
	struct dt_node *regs;
	bool has_mask;

	if (w->reg)
		return -EBUSY;
	regs = !dt_u32(node, "regmap", &phandle) ? dt_find_phandle(phandle) : node->parent;
	(void)dt_u32(node, "offset", &offset);
	has_mask = !dt_u32(node, "mask", &mask);
	if (dt_u32(node, "value", &value)) {
		/* The older form: only a mask, which is the value too. */
		if (!has_mask)
			return -EINVAL;
		value = mask;
		mask = ~0u;
	}
	base = regs ? dt_ioremap(regs, 0) : NULL;
	if (!base)
		return -ENOMEM;
	if (offset > 0xfffc)
		return -EINVAL;
	w->value = value;
	w->mask = mask;
	w->reg = base + offset;
	if (match->data)
		power_register(syscon_off, NULL);
	else
		power_register(NULL, syscon_restart);
	return 0;
}

static const struct dt_match syscon_match[] = {
	{ "syscon-poweroff", "off" },
	{ "syscon-reboot", NULL },
	{ NULL, NULL },
};
DRIVER(syscon_power, .match = syscon_match, .probe = syscon_probe, .phase = PROBE_FIRMWARE);
