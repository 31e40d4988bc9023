/* SPDX-License-Identifier: MIT */
/*
 * From head.S to the portable kernel: the zero page is read, ACPI too, and both become a device tree.
 *
 * Runs at the link address on the boot stack, interrupts off, no exceptions caught, on x86_boot_root: the low 4 GiB can be read at
 * their physical addresses, and nothing above is followed. No per-CPU data, no log: what is worth saying is in the tree.
 * Reference: Linux's x86 boot protocol (Documentation of the zero page and of setup_data).
 */
#include <kernel/init.h>
#include <kernel/string.h>
#include <machine/boot.h>
#include <machine/layout.h>
#include <machine/x86.h>
#include "boot_internal.h"

#define LOW_LIMIT	(4ull << 30)
#define TREE_SIZE	24576
#define CMDLINE_MAX	2048
#define SETUP_DATA_MAX	32		/* pieces; a longer chain is a loop */
#define MAP_MAX		256
#define SEED_MAX	4096
/* Devices of a PCI bus may be put from 1 MiB on up to the I/O APIC, the first thing in the area of the chip set. */
#define WINDOW32_START	0x100000ull
#define WINDOW32_END	0xfec00000ull

extern const uint8_t x86_builtin_dtb[];

/* Zeroed by head.S, in no file, given back after boot. */
#define BOOT_BUFFER __section(".boot.init")
static uint8_t tree[TREE_SIZE] BOOT_BUFFER __aligned(8);
static struct e820_entry map[MAP_MAX] BOOT_BUFFER;
static unsigned map_entries BOOT_BUFFER;
static struct boot_info info BOOT_BUFFER;
static struct acpi_info acpi BOOT_BUFFER;

paddr_t x86_boot_root_pa;
paddr_t x86_trampoline_pa;

/* @n readable bytes at @pa, or NULL. */
static const void *__init low_memory(uint64_t pa, uint64_t n)
{
	return pa && pa < LOW_LIMIT && n <= LOW_LIMIT - pa ? (const void *)pa : NULL;
}

/* For ACPI: below 1 MiB, or where the firmware says that there is memory. Elsewhere are registers, and reading may disturb them. */
static const void *__init acpi_map(void *arg, uint64_t pa, uint64_t n)
{
	const void *p = low_memory(pa, n);
	unsigned i;

	if (!p || pa + n <= 0x100000)
		return p;
	for (i = 0; i < map_entries; i++)
		if (pa >= map[i].addr && pa - map[i].addr < map[i].size && n <= map[i].size - (pa - map[i].addr))
			return p;
	return NULL;
}

static const void *__init acpi_map_nothing(void *arg, uint64_t pa, uint64_t n)
{
	return NULL;
}

static void __init add_map(const struct e820_entry *e, unsigned n)
{
	for (; n-- && map_entries < MAP_MAX; e++)
		map[map_entries++] = *e;
}

static void __init read_map(const struct boot_params *bp)
{
	add_map(bp->e820, MIN((unsigned)bp->e820_entries, (unsigned)E820_MAX));
	if (!map_entries) {		/* a BIOS of the last century, or a lazy loader */
		map[0] = (struct e820_entry){ 0, 0x9f000, E820_RAM };
		map[1] = (struct e820_entry){ 0x100000, (uint64_t)bp->alt_mem_k << 10, E820_RAM };
		map_entries = 2;
	}
}

static void __init read_setup_data(uint64_t pa)
{
	unsigned i;

	for (i = 0; pa && i < SETUP_DATA_MAX; i++) {
		const struct setup_data *d = low_memory(pa, sizeof(*d));

		if (!d || !low_memory(pa + sizeof(*d), d->len))
			return;
		if (d->type == SETUP_E820_EXT)
			add_map((const struct e820_entry *)d->data, d->len / sizeof(struct e820_entry));
		if (d->type == SETUP_RNG_SEED && d->len <= SEED_MAX && !info.seed_len) {
			info.seed = d->data;
			info.seed_len = d->len;
		}
		pa = d->next;
	}
}

static const char *__init command_line(uint64_t pa)
{
	static char line[CMDLINE_MAX] BOOT_BUFFER;
	const char *s = low_memory(pa, CMDLINE_MAX);

	if (s)
		memcpy(line, s, CMDLINE_MAX - 1);	/* without an end: cut */
	return line;
}

static bool __init has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (; *line; line++) {
		if (!strncmp(line, word, n) && (!line[n] || line[n] == ' '))
			return true;
		while (*line && *line != ' ')
			line++;
		if (!*line)
			return false;
	}
	return false;
}

/* The first address that the CPU has no wires for. */
static uint64_t __init physical_limit(void)
{
	unsigned bits = cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;

	return 1ull << MIN(MAX(bits, 32u), 52u);
}

static void __init read_zero_page(const struct boot_params *bp)
{
	read_map(bp);
	read_setup_data(bp->setup_data);
	info.nr_ram = e820_ram(map, map_entries, info.ram, RAM_RANGES_MAX);
	(void)e820_gap(map, map_entries, WINDOW32_START, WINDOW32_END, &info.window32);
	(void)e820_gap(map, map_entries, LOW_LIMIT, physical_limit(), &info.window64);
	info.cmdline = command_line(bp->cmd_line_ptr | (uint64_t)bp->ext_cmd_line_ptr << 32);
	info.initrd = bp->ramdisk_image | (uint64_t)bp->ext_ramdisk_image << 32;
	info.initrd_size = bp->ramdisk_size | (uint64_t)bp->ext_ramdisk_size << 32;
	if (!info.initrd || info.initrd + info.initrd_size < info.initrd)
		info.initrd_size = 0;
	info.rsdp = bp->acpi_rsdp_addr;
	info.acpi_off = has_word(info.cmdline, "acpi=off");
}

/* A page below 64 KiB, which the tree reserves, that is RAM: not the first, which has the BIOS's vectors. 0: none. */
static paddr_t __init find_trampoline(void)
{
	paddr_t pa;
	unsigned i;

	for (pa = 0x8000; pa >= 0x1000; pa -= 0x1000)
		for (i = 0; i < info.nr_ram; i++)
			if (info.ram[i].start <= pa && pa + 0x1000 <= info.ram[i].end)
				return pa;
	return 0;
}

__noreturn void __init x86_start(paddr_t zero_page, paddr_t load)
{
	const struct acpi_memory mem = { acpi_map, NULL }, no_memory = { acpi_map_nothing, NULL };

	read_zero_page((const struct boot_params *)zero_page);
	info.boot_cpu = x86_apic_id();
	/* Without: one CPU and the defaults. */
	(void)acpi_parse(info.acpi_off ? &no_memory : &mem, info.rsdp, &acpi);
	(void)x86_tree_build(tree, sizeof(tree), x86_builtin_dtb, &info, &acpi);
	x86_trampoline_pa = find_trampoline();
	x86_boot_root_pa = (paddr_t)x86_boot_root - X86_IMAGE + load;
	x86_early_cpu_init(load);
	kernel_main((paddr_t)tree - X86_IMAGE + load);
}
