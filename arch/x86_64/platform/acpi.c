/* SPDX-License-Identifier: MIT */
/*
 * What became of the firmware's ACPI tables, for the log. They were read before there was one (boot/x86_64/early.c), and what
 * came out is in the device tree; node /acpi has what is worth saying.
 *
 * Binding: "aramid,acpi" (dts/x86_64.dts). Words: acpi=off, as Linux has it. Boot CPU only; no state.
 */
#include <kernel/device.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>

static int __init acpi_probe(struct dt_node *node, const struct dt_match *match)
{
	uint32_t tables, len;
	const char *s = dt_prop(node, "aramid,damaged", &len), *end = s + len;

	/* Strings of ours, each with its end. */
	for (; s && s < end; s += strlen(s) + 1)
		pr_warn("acpi: %s: left out\n", s);
	if (dt_has(node, "aramid,off"))
		pr_notice("acpi: off: one CPU, devices at their usual addresses\n");
	else if (dt_u32(node, "aramid,tables", &tables))
		pr_notice("acpi: no tables: one CPU, devices at their usual addresses\n");
	else if (dt_has(node, "aramid,no-cpus"))
		pr_warn("acpi: no table of CPUs: one CPU\n");
	else
		pr_debug("acpi: %u tables\n", tables);
	return 0;
}

static const struct dt_match acpi_match[] = { { "aramid,acpi", NULL }, { NULL, NULL } };
DRIVER(acpi, .match = acpi_match, .probe = acpi_probe, .phase = PROBE_IRQ);

/* acpi=off was heeded long before; its other values choose between ways that do not exist here. */
static int __init acpi_word(const char *v)
{
	return 0;
}
BOOT_PARAM(acpi, "acpi=", acpi_word);

static int __init need_apic(const char *v)
{
	pr_warn("there is nothing to take the APIC's place: noapic, nolapic: ignored\n");
	return 0;
}
BOOT_PARAM(noapic, "noapic", need_apic);
BOOT_PARAM(nolapic, "nolapic", need_apic);
