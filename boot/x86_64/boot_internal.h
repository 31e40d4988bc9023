/* SPDX-License-Identifier: MIT */
/* Shared by the C files of boot/x86_64. */
#pragma once
#include "boot_params.h"
#include "e820.h"
#include "../../arch/x86_64/platform/acpi_parse.h"

/* What the zero page says, checked and copied. */
struct boot_info {
	struct ram_range ram[RAM_RANGES_MAX];
	unsigned nr_ram;
	struct ram_range window32, window64;	/* where nothing is but devices; empty: none */
	bool acpi_off;			/* the command line says so */
	uint64_t initrd, initrd_size;
	uint64_t rsdp;
	const char *cmdline;		/* terminated */
	const uint8_t *seed;
	uint32_t seed_len;
	uint32_t boot_cpu;		/* APIC id */
};
/* fault.c, called by head.S: what the stack holds then. */
struct early_frame {
	uint64_t vector, error, ip, cs, flags, sp, ss;
};
void x86_early_exception(const struct early_frame *f);
/* Makes the tree of this machine in @buf, and takes out of @a what cannot be. 0, or a negative code of libfdt's when it does not fit. */
int x86_tree_build(void *buf, size_t size, const void *base, const struct boot_info *b, struct acpi_info *a);
