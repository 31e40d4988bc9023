/* SPDX-License-Identifier: MIT */
/*
 * The device tree of a PC: the built-in one (dts/x86_64.dts), completed with the loader's and the firmware's facts, so that
 * drivers bind in the one way there is.
 *
 * Errors of libfdt (no space left) are collected in one place: the first one ends the work; what was there before, a tree with less in
 * it, stays usable. The order is by importance: memory first.
 * Reference: Devicetree Specification 0.4; bindings named at each node.
 */
#include <kernel/init.h>
#include <kernel/string.h>
#include <libfdt.h>
#include "boot_internal.h"

#define PHANDLE_IOAPIC	0x100

struct tree {
	void *blob;
	int err;	/* first error */
};

static void __init check(struct tree *t, int err)
{
	if (err < 0 && !t->err)
		t->err = err;
}

static void __init set_u32(struct tree *t, int node, const char *name, uint32_t v)
{
	check(t, fdt_setprop_u32(t->blob, node, name, v));
}

static void __init set_u64(struct tree *t, int node, const char *name, uint64_t v)
{
	check(t, fdt_setprop_u64(t->blob, node, name, v));
}

static void __init set_string(struct tree *t, int node, const char *name, const char *v)
{
	check(t, fdt_setprop_string(t->blob, node, name, v));
}

static void __init set_reg(struct tree *t, int node, uint64_t base, uint64_t size)
{
	fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	check(t, fdt_setprop(t->blob, node, "reg", reg, sizeof(reg)));
}

/* "name@unit" below @parent; negative when there is no room. */
static int __init add_node(struct tree *t, int parent, const char *name, uint64_t unit)
{
	char buf[48];
	size_t n = strlen(name);
	int shift, node;
	bool digits = false;

	memcpy(buf, name, n);
	buf[n++] = '@';
	for (shift = 60; shift >= 0; shift -= 4) {
		unsigned d = unit >> shift & 0xf;

		digits |= d || !shift;
		if (digits)
			buf[n++] = "0123456789abcdef"[d];
	}
	buf[n] = 0;
	node = fdt_add_subnode(t->blob, parent, buf);
	check(t, node);
	return node;
}

static int __init find(struct tree *t, const char *path)
{
	int node = fdt_path_offset(t->blob, path);

	check(t, node);
	return node;
}

static void __init add_memory(struct tree *t, const struct boot_info *b)
{
	int node = add_node(t, 0, "memory", b->nr_ram ? b->ram[0].start : 0);
	unsigned i;

	if (node < 0)
		return;
	set_string(t, node, "device_type", "memory");
	for (i = 0; i < b->nr_ram; i++) {
		fdt64_t reg[2] = { cpu_to_fdt64(b->ram[i].start), cpu_to_fdt64(b->ram[i].end - b->ram[i].start) };

		check(t, fdt_appendprop(t->blob, node, "reg", reg, sizeof(reg)));
	}
}

static void __init add_chosen(struct tree *t, const struct boot_info *b)
{
	int node = find(t, "/chosen");

	if (node < 0)
		return;
	set_string(t, node, "bootargs", b->cmdline);
	if (b->initrd_size) {
		set_u64(t, node, "linux,initrd-start", b->initrd);
		set_u64(t, node, "linux,initrd-end", b->initrd + b->initrd_size);
	}
	if (b->seed_len)
		check(t, fdt_setprop(t->blob, node, "rng-seed", b->seed, (int)b->seed_len));
}

static void __init add_cpu(struct tree *t, uint32_t id)
{
	int cpus = find(t, "/cpus"), node;

	node = cpus < 0 ? cpus : add_node(t, cpus, "cpu", id);
	if (node < 0)
		return;
	set_string(t, node, "device_type", "cpu");
	set_string(t, node, "compatible", "x86_64");
	set_string(t, node, "enable-method", "aramid,init-sipi");
	set_u32(t, node, "reg", id);
}

/* Nodes are put in front of their siblings: the last one added is the first in the tree. The boot CPU need not be first. */
static void __init add_cpus(struct tree *t, const struct boot_info *b, const struct acpi_info *a)
{
	unsigned i;

	for (i = a->nr_cpus; i--; )
		add_cpu(t, a->cpu[i]);
	if (!a->nr_cpus)
		add_cpu(t, b->boot_cpu);
}

/* Without ACPI: the one that chip sets have had at this address since 1996. Its driver finds out whether it is there. */
static void __init add_ioapics(struct tree *t, const struct acpi_info *a)
{
	unsigned i, n = a->nr_ioapics ? a->nr_ioapics : 1;

	for (i = 0; i < n; i++) {
		uint64_t base = a->nr_ioapics ? a->ioapic[i].base : 0xfec00000;
		int node = add_node(t, 0, "interrupt-controller", base);

		if (node < 0)
			return;
		set_string(t, node, "compatible", "intel,ce4100-ioapic");
		set_reg(t, node, base, 0x1000);
		check(t, fdt_setprop_empty(t->blob, node, "interrupt-controller"));
		set_u32(t, node, "#interrupt-cells", 2);
		set_u32(t, node, "aramid,gsi-base", a->nr_ioapics ? a->ioapic[i].gsi : 0);
		set_u32(t, node, "phandle", PHANDLE_IOAPIC + i);
	}
}

/* Global system interrupt to controller and pin. */
static uint32_t __init ioapic_of_gsi(const struct acpi_info *a, uint32_t gsi, uint32_t *pin)
{
	unsigned i, best = 0;
	uint32_t base = 0;

	for (i = 0; i < a->nr_ioapics; i++)
		if (a->ioapic[i].gsi <= gsi && a->ioapic[i].gsi >= base) {
			base = a->ioapic[i].gsi;
			best = i;
		}
	*pin = gsi - base;
	return PHANDLE_IOAPIC + best;
}

/* MADT's flags; what it leaves open is as the ISA bus has it, or as the tree says. */
static uint32_t __init irq_type(uint16_t flags, uint32_t fallback)
{
	bool low = (flags & 3) == 3, level = (flags >> 2 & 3) == 3;

	if (!(flags & 0xf))
		return fallback;
	return level ? (low ? 8 : 4) : (low ? 2 : 1);
}

static void __init route_isa(struct tree *t, const struct acpi_info *a)
{
	int isa = find(t, "/isa"), node, len;

	if (isa < 0)
		return;
	fdt_for_each_subnode(node, t->blob, isa) {
		const fdt32_t *p = fdt_getprop(t->blob, node, "aramid,isa-irq", &len);
		uint32_t line, pin, out[3];
		fdt32_t cells[3];
		unsigned i;

		if (!p || len != 8)
			continue;
		line = fdt32_to_cpu(p[0]);
		if (line >= ACPI_ISA_LINES)
			continue;
		out[0] = ioapic_of_gsi(a, a->isa[line].gsi, &pin);
		out[1] = pin;
		out[2] = irq_type(a->isa[line].flags, fdt32_to_cpu(p[1]));
		for (i = 0; i < 3; i++)
			cells[i] = cpu_to_fdt32(out[i]);
		check(t, fdt_setprop(t->blob, node, "interrupts-extended", cells, sizeof(cells)));
		check(t, fdt_delprop(t->blob, node, "aramid,isa-irq"));
	}
}

static void __init set_lapic(struct tree *t, const struct acpi_info *a)
{
	int node = fdt_node_offset_by_compatible(t->blob, -1, "intel,ce4100-lapic");

	check(t, node);
	if (node < 0)
		return;
	if (a->lapic && !(a->lapic & 0xfff))
		set_reg(t, node, a->lapic, 0x1000);
	if (a->nmi_lint) {
		fdt32_t cells[2] = { cpu_to_fdt32(a->nmi_lint), cpu_to_fdt32(a->nmi_low) };

		check(t, fdt_setprop(t->blob, node, "aramid,nmi-inputs", cells, sizeof(cells)));
	}
}

static void __init set_timer(struct tree *t, const struct acpi_info *a)
{
	int node = find(t, "/timer");

	if (node < 0)
		return;
	if (a->hpet.addr)
		set_u64(t, node, "aramid,hpet", a->hpet.addr);
	if (a->pm_timer.addr && a->pm_timer.space == 1)
		set_u32(t, node, "aramid,pm-timer-port", (uint32_t)a->pm_timer.addr);
}

static void __init set_power(struct tree *t, const struct acpi_info *a)
{
	int node = find(t, "/power");

	if (node < 0)
		return;
	if (a->have_s5 && a->pm1a_cnt.addr && a->pm1a_cnt.space == 1) {
		set_u32(t, node, "aramid,pm1a-control", (uint32_t)a->pm1a_cnt.addr);
		set_u32(t, node, "aramid,sleep-type-a", a->slp_typ_a);
		if (a->pm1b_cnt.addr && a->pm1b_cnt.space == 1) {
			set_u32(t, node, "aramid,pm1b-control", (uint32_t)a->pm1b_cnt.addr);
			set_u32(t, node, "aramid,sleep-type-b", a->slp_typ_b);
		}
		if (a->smi_cmd && a->smi_cmd < 0x10000 && a->acpi_enable) {
			set_u32(t, node, "aramid,smi-command", a->smi_cmd);
			set_u32(t, node, "aramid,acpi-enable", a->acpi_enable);
		}
	}
	if (a->have_s5 && a->sleep.addr && a->sleep.space <= 1) {
		set_u64(t, node, a->sleep.space ? "aramid,sleep-port" : "aramid,sleep-address", a->sleep.addr);
		set_u32(t, node, "aramid,sleep-type-a", a->slp_typ_a);
	}
	if (a->have_reset && a->reset.space <= 1) {
		set_u64(t, node, a->reset.space ? "aramid,reset-port" : "aramid,reset-address", a->reset.addr);
		set_u32(t, node, "aramid,reset-value", a->reset_value);
	}
}

static void __init set_rtc(struct tree *t, const struct acpi_info *a)
{
	int node = fdt_node_offset_by_compatible(t->blob, -1, "motorola,mc146818");

	check(t, node);
	if (node < 0)
		return;
	if (a->no_cmos)
		set_string(t, node, "status", "disabled");
	else if (a->century >= 0x0e && a->century < 0x80)
		set_u32(t, node, "aramid,century", a->century);
}

/* ---- PCI */

/*
 * A device's interrupt line register has the ISA line that the firmware routed its pin to; for each of the 16 here is
 * where that ends, a controller, a pin and a type. It is what INTx has without an interpreter for ACPI's _PRT.
 */
static void __init set_line_map(struct tree *t, int node, const struct acpi_info *a)
{
	fdt32_t cells[ACPI_ISA_LINES * 3];
	unsigned i;

	for (i = 0; i < ACPI_ISA_LINES; i++) {
		uint32_t pin;

		cells[3 * i] = cpu_to_fdt32(ioapic_of_gsi(a, a->isa[i].gsi, &pin));
		cells[3 * i + 1] = cpu_to_fdt32(pin);
		cells[3 * i + 2] = cpu_to_fdt32(irq_type(a->isa[i].flags, 8));
	}
	check(t, fdt_setprop(t->blob, node, "aramid,line-map", cells, sizeof(cells)));
}

static void __init add_window(struct tree *t, int node, uint32_t space, const struct ram_range *w)
{
	uint32_t v[7] = { space, (uint32_t)(w->start >> 32), (uint32_t)w->start, (uint32_t)(w->start >> 32), (uint32_t)w->start,
		(uint32_t)((w->end - w->start) >> 32), (uint32_t)(w->end - w->start) };
	fdt32_t cells[7];
	unsigned i;

	if (w->start >= w->end)
		return;
	for (i = 0; i < 7; i++)
		cells[i] = cpu_to_fdt32(v[i]);
	check(t, fdt_appendprop(t->blob, node, "ranges", cells, sizeof(cells)));
}

/* What both kinds of host bridge have. I/O space is the CPU's port space, which is no address here: not in "ranges". */
static void __init set_pci(struct tree *t, int node, const struct boot_info *b, const struct acpi_info *a, uint32_t first,
			   uint32_t last)
{
	fdt32_t buses[2] = { cpu_to_fdt32(first), cpu_to_fdt32(last) };

	set_string(t, node, "device_type", "pci");
	set_u32(t, node, "#address-cells", 3);
	set_u32(t, node, "#size-cells", 2);
	check(t, fdt_setprop(t->blob, node, "bus-range", buses, sizeof(buses)));
	check(t, fdt_setprop_empty(t->blob, node, "dma-coherent"));
	check(t, fdt_setprop_empty(t->blob, node, "aramid,io-ports"));
	add_window(t, node, 0x02000000, &b->window32);
	add_window(t, node, 0x43000000, &b->window64);
	set_line_map(t, node, a);
}

/* Binding: pci-host-ecam-generic. */
static void __init add_ecams(struct tree *t, const struct boot_info *b, const struct acpi_info *a)
{
	unsigned i;

	for (i = 0; i < a->nr_ecams; i++) {
		const struct acpi_ecam *e = &a->ecam[i];
		/* The table gives the address of bus 0, whether it is in the window or not. */
		uint64_t base = e->base + ((uint64_t)e->bus_start << 20);
		int node = add_node(t, 0, "pcie", base);

		if (node < 0)
			return;
		set_string(t, node, "compatible", "pci-host-ecam-generic");
		set_reg(t, node, base, (uint64_t)(e->bus_end - e->bus_start + 1u) << 20);
		set_u32(t, node, "linux,pci-domain", e->segment);
		set_pci(t, node, b, a, e->bus_start, e->bus_end);
	}
}

/* Without MCFG: configuration space by the ports 0xcf8 and 0xcfc, where there is a bus at all (PCI 3.0, 3.2.2.3.2). */
static void __init add_pci_ports(struct tree *t, const struct boot_info *b, const struct acpi_info *a)
{
	int isa = find(t, "/isa"), node = isa < 0 ? isa : fdt_add_subnode(t->blob, isa, "pci@1,cf8");
	fdt32_t reg[3] = { cpu_to_fdt32(1), cpu_to_fdt32(0xcf8), cpu_to_fdt32(8) };

	check(t, node);
	if (node < 0)
		return;
	set_string(t, node, "compatible", "aramid,pci-host-ports");
	check(t, fdt_setprop(t->blob, node, "reg", reg, sizeof(reg)));
	set_pci(t, node, b, a, 0, 255);
}

/* For the log: what platform/acpi.c says. */
static void __init set_acpi(struct tree *t, const struct boot_info *b, const struct acpi_info *a)
{
	static const char *const what[] = {
		[ACPI_UNREADABLE] = " is not where the tables say", [ACPI_LENGTH] = " has a wrong length",
		[ACPI_CHECKSUM] = " has a wrong checksum", [ACPI_ADDRESS] = " names an address that is memory",
	};
	int node = find(t, "/acpi");
	char buf[64];
	unsigned i;

	if (node < 0)
		return;
	if (b->acpi_off)
		check(t, fdt_setprop_empty(t->blob, node, "aramid,off"));
	if (a->root)
		set_u32(t, node, "aramid,tables", a->nr_tables);
	if (a->root && !a->nr_cpus)
		check(t, fdt_setprop_empty(t->blob, node, "aramid,no-cpus"));
	for (i = 0; i < a->nr_damaged && i < ACPI_MAX_DAMAGED; i++) {
		strscpy(buf, a->damaged[i].sig, sizeof(buf));
		strscpy(buf + 4, what[a->damaged[i].what], sizeof(buf) - 4);
		check(t, fdt_appendprop_string(t->blob, node, "aramid,damaged", buf));
	}
}

/* Registers do not lie in memory: what says so is not followed, for a write there would hit what memory holds. */
static bool __init in_ram(const struct boot_info *b, uint64_t base, uint64_t size)
{
	unsigned i;

	for (i = 0; i < b->nr_ram; i++)
		if (base < b->ram[i].end && base + size > b->ram[i].start)
			return true;
	return base + size < base;
}

static void __init refuse_memory(const struct boot_info *b, struct acpi_info *a)
{
	unsigned i, n;

	if (a->hpet.addr && in_ram(b, a->hpet.addr, 0x400)) {
		acpi_note_damage(a, (const uint8_t *)"HPET", ACPI_ADDRESS);
		a->hpet.addr = 0;
	}
	if (a->have_reset && !a->reset.space && in_ram(b, a->reset.addr, 1)) {
		acpi_note_damage(a, (const uint8_t *)"FACP", ACPI_ADDRESS);
		a->have_reset = false;
	}
	if (a->sleep.addr && !a->sleep.space && in_ram(b, a->sleep.addr, 1)) {
		acpi_note_damage(a, (const uint8_t *)"FACP", ACPI_ADDRESS);
		a->sleep.addr = 0;
	}
	if (a->lapic && in_ram(b, a->lapic, 0x1000)) {
		acpi_note_damage(a, (const uint8_t *)"APIC", ACPI_ADDRESS);
		a->lapic = 0;
	}
	for (i = n = 0; i < a->nr_ioapics; i++)
		if (in_ram(b, a->ioapic[i].base, 0x1000))
			acpi_note_damage(a, (const uint8_t *)"APIC", ACPI_ADDRESS);
		else
			a->ioapic[n++] = a->ioapic[i];
	a->nr_ioapics = n;
	for (i = n = 0; i < a->nr_ecams; i++) {
		const struct acpi_ecam *e = &a->ecam[i];

		if (in_ram(b, e->base + ((uint64_t)e->bus_start << 20), (uint64_t)(e->bus_end - e->bus_start + 1u) << 20))
			acpi_note_damage(a, (const uint8_t *)"MCFG", ACPI_ADDRESS);
		else
			a->ecam[n++] = a->ecam[i];
	}
	a->nr_ecams = n;
}

int __init x86_tree_build(void *buf, size_t size, const void *base, const struct boot_info *b, struct acpi_info *a)
{
	struct tree t = { buf, 0 };

	t.err = fdt_open_into(base, buf, (int)size);
	if (t.err)
		return t.err;
	refuse_memory(b, a);
	add_memory(&t, b);
	add_chosen(&t, b);
	set_lapic(&t, a);
	add_ioapics(&t, a);
	route_isa(&t, a);
	set_timer(&t, a);
	set_rtc(&t, a);
	set_power(&t, a);
	set_acpi(&t, b, a);
	add_cpus(&t, b, a);
	add_ecams(&t, b, a);
	if (!a->nr_ecams)
		add_pci_ports(&t, b, a);
	return t.err;
}
