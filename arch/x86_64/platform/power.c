/* SPDX-License-Identifier: MIT */
/*
 * Power of a PC: off by ACPI's sleep state S5, restart by the FADT's reset register, the chip set's port CF9h, the keyboard
 * controller, and, when all that fails, a triple fault.
 *
 * Binding: "aramid,pc-power" (dts/x86_64.dts), made of the FADT and of \_S5 by boot/x86_64/tree.c.
 * Locks: none; runs at the end, alone, interrupts off. References: ACPI 6.5, 4.8.3.2.1 (PM1 control), 4.8.3.6 (reset),
 * 4.8.3.7 (sleep control of hardware-reduced machines).
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <arch/ioport.h>
#include "platform.h"

#define SCI_EN		1u
#define SLP_TYP_SHIFT	10
#define SLP_EN		(1u << 13)

static uint32_t pm1a, pm1b, type_a, type_b, smi_cmd, acpi_enable;
static uint32_t reset_value;
static char __iomem *reset_reg, *sleep_reg;	/* in memory or in port space */

static void sleep_write(uint32_t port, uint32_t type)
{
	uint32_t v = port_readw((uint16_t)port);

	v = (v & ~(7u << SLP_TYP_SHIFT | SLP_EN)) | type << SLP_TYP_SHIFT;
	port_writew((uint16_t)v, (uint16_t)port);
	port_writew((uint16_t)(v | SLP_EN), (uint16_t)port);
}

static void power_off(void)
{
	nsec_t start = 0;

	if (!(port_readw((uint16_t)pm1a) & SCI_EN) && smi_cmd) {
		port_writeb((uint8_t)acpi_enable, (uint16_t)smi_cmd);
		while (!(port_readw((uint16_t)pm1a) & SCI_EN) && poll_timeout(&start, NSEC_PER_SEC))
			;
	}
	if (pm1b)
		sleep_write(pm1b, type_b);
	sleep_write(pm1a, type_a);
	udelay(100000);		/* the machine may take its time */
}

static void write8(char __iomem *reg, uint32_t v)
{
	if (io_is_port(reg))
		port_writeb((uint8_t)v, (uint16_t)(uintptr_t)reg);
	else
		writeb((uint8_t)v, reg);
}

static void sleep_reduced(void)
{
	write8(sleep_reg, type_a << 2 | 1 << 5);	/* SLP_TYP, SLP_EN */
	udelay(100000);
}

static void reset_acpi(void)
{
	write8(reset_reg, reset_value);
	udelay(50000);
}

static void reset_legacy(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __packed no_idt = { 0, 0 };
	nsec_t start = 0;

	port_writeb(0x02, 0xcf9);	/* hard reset, armed; then done */
	port_writeb(0x06, 0xcf9);
	udelay(50000);
	while (port_readb(0x64) & 2 && poll_timeout(&start, 10 * NSEC_PER_MSEC))
		;
	port_writeb(0xfe, 0x64);	/* the controller's output that is wired to RESET */
	udelay(50000);
	/* An exception without a table to find its handler by shuts the CPU down, which chip sets answer with a reset. */
	__asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt));
}

/* A port's pointer is its number; there is none of number 0. */
static char __iomem *register_at(struct dt_node *node, const char *port, const char *address)
{
	uint64_t at;

	if (!dt_u64(node, port, &at))
		return at < IO_PORTS ? (char __iomem *)(uintptr_t)at : NULL;
	return dt_u64(node, address, &at) ? NULL : ioremap(at, 1);
}

static int power_probe(struct dt_node *node, const struct dt_match *match)
{
	(void)dt_u32(node, "aramid,pm1b-control", &pm1b);
	(void)dt_u32(node, "aramid,sleep-type-a", &type_a);
	(void)dt_u32(node, "aramid,sleep-type-b", &type_b);
	(void)dt_u32(node, "aramid,smi-command", &smi_cmd);
	(void)dt_u32(node, "aramid,acpi-enable", &acpi_enable);
	if (!dt_u32(node, "aramid,pm1a-control", &pm1a))
		power_register(power_off, NULL);
	sleep_reg = register_at(node, "aramid,sleep-port", "aramid,sleep-address");
	if (sleep_reg)
		power_register(sleep_reduced, NULL);
	(void)dt_u32(node, "aramid,reset-value", &reset_value);
	reset_reg = register_at(node, "aramid,reset-port", "aramid,reset-address");
	if (reset_reg)
		power_register(NULL, reset_acpi);
	power_register(NULL, reset_legacy);
	return 0;
}

static const struct dt_match power_match[] = { { "aramid,pc-power", NULL }, { NULL, NULL } };
DRIVER(pc_power, .match = power_match, .probe = power_probe, .phase = PROBE_FIRMWARE);
