/* SPDX-License-Identifier: MIT */
/*
 * Drivers bind to device-tree nodes by `compatible`. DRIVER() puts one in a linker section; phases run in
 * order, no order inside a phase is promised. probe: 0; -ENODEV (not mine); -EPROBE_LATER (again in
 * the next pass); other errors are logged with the node's path. kernel/drivers/driver.c.
 */
#pragma once
#include <kernel/dt.h>

enum probe_phase {
	PROBE_IRQ,	/* interrupt controllers: the allocator and the tree work */
	PROBE_FIRMWARE,	/* PSCI: CPUs can be started, power switched */
	PROBE_TIMER,	/* clocks and events: interrupts can be requested */
	PROBE_CONSOLE,	/* the console proper; time works */
	PROBE_BUS,	/* buses that make further nodes: the scheduler works, probes may sleep */
	PROBE_DEVICE,
	PROBE_PHASES
};
struct dt_match {
	const char *compatible;
	const void *data;
};
struct driver {
	const char *name;
	const struct dt_match *match;
	enum probe_phase phase;
	int (*probe)(struct dt_node *node, const struct dt_match *match);
};
#define DRIVER(n, ...) \
	static const struct driver driver_##n = { .name = #n, __VA_ARGS__ }; \
	static const struct driver *const driver_ptr_##n __used __section(".drivers") = &driver_##n
void driver_probe_phase(enum probe_phase phase);

/* Device registers. Mapped Device-nGnRE; never unmapped by drivers in practice. NULL: no memory. */
void __iomem *ioremap(paddr_t pa, size_t size);
void __iomem *ioremap_wc(paddr_t pa, size_t size);	/* frame buffers: normal non-cacheable */
void iounmap(void __iomem *p);
/* Also for a register in I/O port space (<arch/ioport.h>): then the pointer is the port's number, below IO_PORTS. */
void __iomem *dt_ioremap(struct dt_node *n, unsigned index);
#define IO_PORTS 0x10000u
static inline bool io_is_port(const volatile void __iomem *p)
{
	return (uintptr_t)p < IO_PORTS;
}
#include <arch/io.h>	/* readb/w/l/q, writeb/w/l/q ordered against memory, *_relaxed not */
