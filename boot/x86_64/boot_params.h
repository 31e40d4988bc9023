/* SPDX-License-Identifier: MIT */
/*
 * The zero page of Linux's x86 boot protocol, as far as it is read here: the loader's memory map, command line, ramdisk and
 * extra data. Foreign data: addresses are checked before they are followed.
 */
#pragma once
#include <kernel/types.h>

#define E820_RAM	1
#define E820_MAX	128

struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} __packed;

/* A piece of the list that starts at setup_data. */
struct setup_data {
	uint64_t next;
	uint32_t type, len;
	uint8_t data[];
};
#define SETUP_E820_EXT	1
#define SETUP_RNG_SEED	9

struct boot_params {
	uint8_t screen[0x070];
	uint64_t acpi_rsdp_addr;	/* 070 */
	uint8_t unused1[0x048];
	uint32_t ext_ramdisk_image;	/* 0c0 */
	uint32_t ext_ramdisk_size;
	uint32_t ext_cmd_line_ptr;
	uint8_t unused2[0x114];
	uint32_t alt_mem_k;		/* 1e0 */
	uint32_t scratch;
	uint8_t e820_entries;		/* 1e8 */
	uint8_t unused3[0x02f];
	uint32_t ramdisk_image;		/* 218 */
	uint32_t ramdisk_size;
	uint8_t unused5[0x008];
	uint32_t cmd_line_ptr;		/* 228 */
	uint8_t unused6[0x024];
	uint64_t setup_data;		/* 250 */
	uint8_t unused7[0x078];
	struct e820_entry e820[E820_MAX];	/* 2d0 */
} __packed;

_Static_assert(offsetof(struct boot_params, acpi_rsdp_addr) == 0x070, "boot protocol");
_Static_assert(offsetof(struct boot_params, ext_ramdisk_image) == 0x0c0, "boot protocol");
_Static_assert(offsetof(struct boot_params, alt_mem_k) == 0x1e0, "boot protocol");
_Static_assert(offsetof(struct boot_params, e820_entries) == 0x1e8, "boot protocol");
_Static_assert(offsetof(struct boot_params, ramdisk_image) == 0x218, "boot protocol");
_Static_assert(offsetof(struct boot_params, cmd_line_ptr) == 0x228, "boot protocol");
_Static_assert(offsetof(struct boot_params, setup_data) == 0x250, "boot protocol");
_Static_assert(offsetof(struct boot_params, e820) == 0x2d0, "boot protocol");
