/* SPDX-License-Identifier: MIT */
/*
 * What UART drivers share, and the early console: "earlycon" alone takes the device of stdout-path,
 * "earlycon=NAME,ADDRESS" (pl011, sbsauart, uart8250) the one at that address.
 */
#include "uart.h"
#include <kernel/init.h>
#include <kernel/kernel_map.h>
#include <kernel/string.h>
#include <arch/ioport.h>
#include <arch/smp.h>

extern const struct earlycon __earlycon_start[], __earlycon_end[];
static bool wanted;
static char wanted_value[64];

unsigned uart_line_of_node(const struct dt_node *node, unsigned *next)
{
	const struct dt_node *aliases = dt_find_path("/aliases");

	for (const struct dt_prop *p = aliases ? aliases->props : NULL; p; p = p->next) {
		uint64_t n;
		const char *path;

		if (strncmp(p->name, "serial", 6) || kstrtou64(p->name + 6, 10, &n) || n > 63)
			continue;
		path = dt_string(aliases, p->name);
		if (path && dt_find_path(path) == node) {
			if (n >= *next)
				*next = (unsigned)n + 1;
			return (unsigned)n;
		}
	}
	return (*next)++;
}

unsigned uart_clock_of_node(const struct dt_node *node)
{
	uint32_t hz, phandle;
	const struct dt_node *clk;

	if (!dt_u32(node, "clock-frequency", &hz))
		return hz;
	if (dt_u32(node, "clocks", &phandle))
		return 0;
	clk = dt_find_phandle(phandle);
	return clk && dt_compatible(clk, "fixed-clock") && !dt_u32(clk, "clock-frequency", &hz) ? hz : 0;
}

static const struct earlycon *active;
static paddr_t active_base;
static bool active_port;

/* The boot's windows close when it is over: from the first driver on, a mapping of our own. */
void earlycon_remap(void)
{
	char __iomem *regs = active && !active_port ? ioremap(active_base, 0x100) : NULL;

	if (regs)
		(void)active->setup(regs, "");
}

static void start(const struct earlycon *e, paddr_t base, bool port, const char *options)
{
	char __iomem *regs = port ? (char __iomem *)(uintptr_t)base : early_map_device(base);
	struct console *c = regs ? e->setup(regs, options) : NULL;

	if (!c)
		return;
	active = e;
	active_base = base;
	active_port = port;
	console_register(c);
	pr_info("earlycon: %s at %#llx\n", e->name, (unsigned long long)base);
}

static void start_stdout(void)
{
	const char *list;
	size_t len;
	paddr_t base;
	unsigned shift;

	if (!dt_early_stdout(&list, &len, &base, &shift))
		return;
	for (const char *s = list; s < list + len; s += strlen(s) + 1)
		for (const struct earlycon *e = __earlycon_start; e < __earlycon_end; e++)
			if (!strcmp(s, e->compatible)) {
				start(e, base, dt_early_stdout_is_port(), dt_early_stdout_options());
				return;
			}
}

/* Something broke before there was a console: the device that the tree names says what. */
void earlycon_for_panic(void)
{
	if (!active)
		start_stdout();
}

void earlycon_init(void)
{
	const char *p = wanted_value, *comma;
	uint64_t base;
	bool port;

	if (!wanted)
		return;
	comma = strchr(p, ',');
	if (!comma) {
		start_stdout();
		return;
	}
	for (const struct earlycon *e = __earlycon_start; e < __earlycon_end; e++) {
		size_t n = (size_t)(comma - p);

		if (strlen(e->name) != n || strncmp(e->name, p, n))
			continue;
		p = comma + 1;
		port = ARCH_HAS_IOPORT && !strncmp(p, "io,", 3);
		if (port)
			p += 3;
		if (!strncmp(p, "mmio", 4)) {	/* mmio, mmio32: the width is the driver's affair */
			p = strchr(p, ',');
			if (!p)
				return;
			p++;
		}
		base = memparse(p, &p);
		if (base && (!port || base < IO_PORTS))
			start(e, base, port, *p == ',' ? p + 1 : "");
		return;
	}
}

static int earlycon_word(const char *v)
{
	wanted = true;
	strscpy(wanted_value, v ? v : "", sizeof(wanted_value));
	return 0;
}
BOOT_PARAM(earlycon, "earlycon", earlycon_word);
BOOT_PARAM(earlycon_value, "earlycon=", earlycon_word);
