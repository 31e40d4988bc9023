/* SPDX-License-Identifier: MIT */
/*
 * What the firmware's ACPI tables say about the machine, as numbers. acpi_parse.c: pure, no state, runs on the host too.
 */
#pragma once
#include <kernel/types.h>

#define ACPI_MAX_CPUS		64
#define ACPI_MAX_IOAPICS	8
#define ACPI_MAX_ECAMS		8
#define ACPI_ISA_LINES		16
#define ACPI_MAX_DAMAGED	4

/* Readable memory: @n bytes at physical @pa, or NULL when that is none. */
struct acpi_memory {
	const void *(*map)(void *arg, uint64_t pa, uint64_t n);
	void *arg;
};
struct acpi_ecam {
	uint64_t base;
	uint16_t segment;
	uint8_t bus_start, bus_end;
};
/* A register: in memory (space 0), in I/O space (1) or in PCI configuration space (2). */
struct acpi_reg {
	uint8_t space, width;
	uint64_t addr;		/* 0: there is none */
};
enum acpi_damage { ACPI_UNREADABLE, ACPI_LENGTH, ACPI_CHECKSUM, ACPI_ADDRESS };
struct acpi_info {
	bool root;			/* there are tables at all */
	bool madt, fadt, have_s5, have_reset;
	unsigned nr_tables;		/* sound ones that the root names */
	unsigned nr_damaged;		/* may be larger than the array: the first ones */
	struct {
		char sig[5];		/* "?" for what is no letter */
		enum acpi_damage what;
	} damaged[ACPI_MAX_DAMAGED];
	bool no_8042, no_cmos;		/* IA-PC boot flags say so */
	uint8_t century;		/* CMOS index, 0: none */
	uint64_t lapic;			/* physical address, 0: not said */
	uint8_t nmi_lint;		/* inputs of the local APICs at which an NMI comes: bit 0, bit 1 */
	uint8_t nmi_low;		/* those of them that are active low */
	unsigned nr_cpus, nr_ioapics, nr_ecams;
	uint32_t cpu[ACPI_MAX_CPUS];	/* APIC ids of enabled CPUs */
	struct {
		uint64_t base;
		uint32_t gsi;
		uint8_t id;
	} ioapic[ACPI_MAX_IOAPICS];
	struct {
		uint32_t gsi;
		uint16_t flags;		/* polarity in bits 1-0, trigger in bits 3-2 */
	} isa[ACPI_ISA_LINES];
	struct acpi_ecam ecam[ACPI_MAX_ECAMS];
	struct acpi_reg pm1a_cnt, pm1b_cnt, reset, hpet, pm_timer;
	struct acpi_reg sleep;		/* the sleep control register of reduced hardware, instead of pm1* */
	uint32_t smi_cmd;
	uint8_t acpi_enable, reset_value, slp_typ_a, slp_typ_b;
};

/*
 * Fills @out with what can be trusted. @hint: where the loader says that the RSDP is, 0: search as the BIOS leaves it.
 * Returns 0; -ENOENT: no usable root table (@out then holds the defaults of a PC without ACPI).
 */
int acpi_parse(const struct acpi_memory *mem, uint64_t hint, struct acpi_info *out);
void acpi_note_damage(struct acpi_info *o, const uint8_t *sig, enum acpi_damage what);
/* The sleep types of \_S5 in AML; false: not found. */
bool acpi_find_s5(const uint8_t *aml, size_t n, uint8_t *a, uint8_t *b);
