/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables: RSDP, RSDT or XSDT, MADT, FADT, MCFG, HPET, and the \_S5 package found in the DSDT's byte code.
 *
 * Everything read is foreign. A table counts only when its header and all its bytes are readable, its length is sane and its bytes
 * sum to zero; entries inside must fit. The number of tables and of entries is bounded, tables do not nest, so
 * nothing can loop. What is broken is left out; the rest is used.
 *
 * Pure: no allocation, no state, no kernel function beyond memcmp and memcpy. Fuzzed by tests/fuzz/fuzz_acpi.c.
 * Reference: ACPI 6.5, chapters 5.2 (tables), 20.2 (AML encoding); IA-PC HPET 1.0a, 3.2.4; PCI Firmware 3.3, 4.1.2 (MCFG).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "acpi_parse.h"

#define TABLE_MAX	(16u << 20)	/* bytes; a DSDT of a large server has less than one MiB */
#define HEADER		36u
#define TABLES_MAX	256u

struct table {
	const uint8_t *p;
	uint32_t len;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static bool sums_to_zero(const uint8_t *p, uint32_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum = (uint8_t)(sum + *p++);
	return !sum;
}

static const uint8_t *map(const struct acpi_memory *mem, uint64_t pa, uint64_t n)
{
	if (!pa || pa + n < pa)
		return NULL;
	return mem->map(mem->arg, pa, n);
}

void acpi_note_damage(struct acpi_info *o, const uint8_t *sig, enum acpi_damage what)
{
	unsigned i, n = o->nr_damaged++;

	if (n >= ACPI_MAX_DAMAGED)
		return;
	for (i = 0; i < 4; i++)
		o->damaged[n].sig[i] = sig && sig[i] > ' ' && sig[i] < 0x7f ? (char)sig[i] : '?';
	o->damaged[n].sig[4] = 0;
	o->damaged[n].what = what;
}

/* @sig: four letters, NULL: any. What stops the table from being used is noted in @o. */
static bool table_at(const struct acpi_memory *mem, uint64_t pa, const char *sig, struct table *out, struct acpi_info *o)
{
	const uint8_t *head = map(mem, pa, HEADER), *p;
	uint32_t len;

	if (!head || (sig && memcmp(head, sig, 4))) {
		acpi_note_damage(o, (const uint8_t *)sig, ACPI_UNREADABLE);
		return false;
	}
	len = get32(head + 4);
	p = len < HEADER || len > TABLE_MAX ? NULL : map(mem, pa, len);
	if (!p || !sums_to_zero(p, len)) {
		acpi_note_damage(o, head, p ? ACPI_CHECKSUM : ACPI_LENGTH);
		return false;
	}
	out->p = p;
	out->len = len;
	return true;
}

/* ---- root */

struct root {
	struct table t;
	unsigned width;		/* of an entry: 4 in the RSDT, 8 in the XSDT */
};

static bool root_from_rsdp(const struct acpi_memory *mem, const uint8_t *p, uint64_t pa, struct root *out, struct acpi_info *o)
{
	if (memcmp(p, "RSD PTR ", 8) || !sums_to_zero(p, 20))
		return false;
	if (p[15] >= 2) {
		const uint8_t *x = map(mem, pa, 36);

		if (x && get32(x + 20) >= 36 && sums_to_zero(x, 36) && table_at(mem, get64(x + 24), "XSDT", &out->t, o)) {
			out->width = 8;
			return true;
		}
	}
	out->width = 4;
	return get32(p + 16) && table_at(mem, get32(p + 16), "RSDT", &out->t, o);
}

static bool search(const struct acpi_memory *mem, uint64_t from, uint64_t bytes, struct root *out, struct acpi_info *o)
{
	uint64_t pa;

	for (pa = from; pa < from + bytes; pa += 16) {
		const uint8_t *p = map(mem, pa, 20);

		if (p && root_from_rsdp(mem, p, pa, out, o))
			return true;
	}
	return false;
}

static bool find_root(const struct acpi_memory *mem, uint64_t hint, struct root *out, struct acpi_info *o)
{
	const uint8_t *p = hint ? map(mem, hint, 20) : NULL;
	uint64_t ebda;

	if (p && root_from_rsdp(mem, p, hint, out, o))
		return true;
	/* The first KiB of the extended BIOS data area, whose segment is at 40:0e; then the BIOS itself. */
	p = map(mem, 0x40e, 2);
	ebda = p ? (uint64_t)get16(p) << 4 : 0;
	if (ebda >= 0x400 && ebda < 0xa0000 && search(mem, ebda, 1024, out, o))
		return true;
	return search(mem, 0xe0000, 0x20000, out, o);
}

/* ---- MADT */

static void madt_cpu(struct acpi_info *o, uint32_t id, uint32_t flags)
{
	unsigned i;

	/* Bit 0 enabled; bit 1 alone: could be plugged in later, which nobody does here. */
	if (!(flags & 1) || o->nr_cpus >= ACPI_MAX_CPUS)
		return;
	for (i = 0; i < o->nr_cpus; i++)
		if (o->cpu[i] == id)
			return;
	o->cpu[o->nr_cpus++] = id;
}

static void madt_ioapic(struct acpi_info *o, uint8_t id, uint64_t base, uint32_t gsi)
{
	unsigned i;

	if (!base || (base & 0xf) || o->nr_ioapics >= ACPI_MAX_IOAPICS)
		return;
	for (i = 0; i < o->nr_ioapics; i++)
		if (o->ioapic[i].base == base || o->ioapic[i].gsi == gsi)
			return;
	o->ioapic[o->nr_ioapics].base = base;
	o->ioapic[o->nr_ioapics].gsi = gsi;
	o->ioapic[o->nr_ioapics++].id = id;
}

static void madt_nmi(struct acpi_info *o, uint8_t lint, uint16_t flags)
{
	if (lint > 1)
		return;
	o->nmi_lint |= (uint8_t)(1 << lint);
	if ((flags & 3) == 3)
		o->nmi_low |= (uint8_t)(1 << lint);
}

static void madt_entry(struct acpi_info *o, const uint8_t *e, unsigned len)
{
	switch (e[0]) {
	case 0:		/* local APIC */
		if (len >= 8 && e[3] != 0xff)
			madt_cpu(o, e[3], get32(e + 4));
		break;
	case 1:		/* I/O APIC */
		if (len >= 12)
			madt_ioapic(o, e[2], get32(e + 4), get32(e + 8));
		break;
	case 2:		/* interrupt source override, of bus 0: ISA */
		if (len >= 10 && !e[2] && e[3] < ACPI_ISA_LINES) {
			o->isa[e[3]].gsi = get32(e + 4);
			o->isa[e[3]].flags = get16(e + 8);
		}
		break;
	case 4:		/* an NMI at an input of local APICs: of all of them, in every machine seen */
		if (len >= 6)
			madt_nmi(o, e[5], get16(e + 3));
		break;
	case 10:	/* the same for x2APICs */
		if (len >= 9)
			madt_nmi(o, e[8], get16(e + 2));
		break;
	case 5:		/* 64-bit address of the local APICs */
		if (len >= 12)
			o->lapic = get64(e + 4);
		break;
	case 9:		/* local x2APIC */
		if (len >= 16 && get32(e + 4) != UINT32_MAX)
			madt_cpu(o, get32(e + 4), get32(e + 8));
		break;
	default:
		break;
	}
}

static void parse_madt(const struct table *t, struct acpi_info *o)
{
	uint32_t at = 44;

	if (t->len < 44 || o->madt)
		return;
	o->madt = true;
	o->lapic = get32(t->p + 36);
	while (t->len - at >= 2) {
		unsigned len = t->p[at + 1];

		if (len < 2 || len > t->len - at)
			return;
		madt_entry(o, t->p + at, len);
		at += len;
	}
}

/* ---- FADT */

/* A generic address structure; without an address, @legacy: a port of @width bits. */
static struct acpi_reg gas(const struct table *t, uint32_t off, uint32_t legacy, uint8_t width)
{
	struct acpi_reg r = { 1, width, legacy };

	if (t->len >= off + 12 && get64(t->p + off + 4) && t->p[off] <= 2) {
		r.space = t->p[off];
		r.width = t->p[off + 1];
		r.addr = get64(t->p + off + 4);
	}
	/* I/O space has 64 KiB. */
	if (r.space == 1 && r.addr > 0xfffc)
		r.addr = 0;
	return r;
}

bool acpi_find_s5(const uint8_t *aml, size_t n, uint8_t *a, uint8_t *b)
{
	size_t i, p;

	for (i = 1; i + 8 <= n; i++) {
		uint8_t v[2] = { 0, 0 };
		unsigned k;

		if (memcmp(aml + i, "_S5_", 4))
			continue;
		/* NameOp before it, with or without the root character. */
		if (aml[i - 1] != 0x08 && !(i >= 2 && aml[i - 1] == '\\' && aml[i - 2] == 0x08))
			continue;
		p = i + 4;
		if (aml[p++] != 0x12)		/* PackageOp */
			continue;
		p += 1u + (aml[p] >> 6);	/* PkgLength: one byte and up to three more */
		if (p >= n || !aml[p++])	/* number of elements */
			continue;
		for (k = 0; k < 2; k++) {
			if (p < n && aml[p] <= 1) {
				v[k] = aml[p++];		/* ZeroOp, OneOp */
			} else if (p + 1 < n && aml[p] == 0x0a) {
				v[k] = aml[p + 1];		/* BytePrefix */
				p += 2;
			} else if (p + 2 < n && aml[p] == 0x0b) {
				v[k] = aml[p + 1];		/* WordPrefix */
				p += 3;
			} else if (!k) {
				break;
			} else {
				v[1] = v[0];	/* a package of one */
			}
		}
		if (!k)
			continue;
		*a = v[0] & 7;
		*b = v[1] & 7;
		return true;
	}
	return false;
}

static void parse_fadt(const struct acpi_memory *mem, const struct table *t, struct acpi_info *o)
{
	const uint8_t *p = t->p;
	uint64_t dsdt_pa;
	struct table dsdt;
	uint32_t flags;

	if (t->len < 116 || o->fadt)
		return;
	o->fadt = true;
	flags = get32(p + 112);
	o->smi_cmd = get32(p + 48);
	o->acpi_enable = p[52];
	o->century = p[108];
	if (t->p[8] >= 2) {	/* revision 1 has these bytes reserved */
		uint16_t arch = get16(p + 109);

		o->no_8042 = t->p[8] >= 3 && !(arch & 2);
		o->no_cmos = arch & 1 << 5;
	}
	if (flags & 1 << 20) {		/* HW_REDUCED_ACPI: none of the fixed hardware */
		o->sleep = gas(t, 244, 0, 8);
		o->smi_cmd = 0;
	} else {
		o->pm1a_cnt = gas(t, 172, get32(p + 64), 16);
		o->pm1b_cnt = gas(t, 184, get32(p + 68), 16);
		o->pm_timer = gas(t, 208, get32(p + 76), 32);
		if (p[91] != 4)		/* PM_TMR_LEN */
			o->pm_timer.addr = 0;
	}
	if (t->len >= 129 && flags & 1 << 10) {
		o->reset = gas(t, 116, 0, 8);
		o->reset_value = p[128];
		o->have_reset = o->reset.addr != 0;
	}
	dsdt_pa = t->len >= 148 ? get64(p + 140) : 0;
	if (!dsdt_pa)
		dsdt_pa = get32(p + 40);
	if (dsdt_pa && table_at(mem, dsdt_pa, "DSDT", &dsdt, o))
		o->have_s5 = acpi_find_s5(dsdt.p + HEADER, dsdt.len - HEADER, &o->slp_typ_a, &o->slp_typ_b);
}

/* ---- the others */

static void parse_mcfg(const struct table *t, struct acpi_info *o)
{
	uint32_t at;

	for (at = 44; at <= t->len && t->len - at >= 16 && o->nr_ecams < ACPI_MAX_ECAMS; at += 16) {
		const uint8_t *p = t->p + at;
		struct acpi_ecam e = { get64(p), get16(p + 8), p[10], p[11] };

		if (e.base && !(e.base & 0xfffff) && e.bus_start <= e.bus_end)
			o->ecam[o->nr_ecams++] = e;
	}
}

static void parse_hpet(const struct table *t, struct acpi_info *o)
{
	struct acpi_reg r;

	if (t->len < 56)
		return;
	r = gas(t, 40, 0, 64);
	if (!r.space && !(r.addr & 7))
		o->hpet = r;
}

static void defaults(struct acpi_info *o)
{
	unsigned i;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < ACPI_ISA_LINES; i++)
		o->isa[i].gsi = i;
	/* A PC with an I/O APIC has the timer at pin 2 (MP specification 1.4, 3.6.2.3), whatever the tables fail to say. */
	o->isa[0].gsi = 2;
}

int acpi_parse(const struct acpi_memory *mem, uint64_t hint, struct acpi_info *o)
{
	struct root root;
	unsigned i, n;

	defaults(o);
	if (!find_root(mem, hint, &root, o))
		return -ENOENT;
	o->root = true;
	n = (root.t.len - HEADER) / root.width;
	for (i = 0; i < n && i < TABLES_MAX; i++) {
		const uint8_t *e = root.t.p + HEADER + (size_t)i * root.width;
		struct table t;

		if (!table_at(mem, root.width == 8 ? get64(e) : get32(e), NULL, &t, o))
			continue;
		o->nr_tables++;
		if (!memcmp(t.p, "APIC", 4)) {
			if (!o->madt)
				o->isa[0].gsi = 0;	/* now the tables say it */
			parse_madt(&t, o);
		} else if (!memcmp(t.p, "FACP", 4)) {
			parse_fadt(mem, &t, o);
		} else if (!memcmp(t.p, "MCFG", 4)) {
			parse_mcfg(&t, o);
		} else if (!memcmp(t.p, "HPET", 4)) {
			parse_hpet(&t, o);
		}
	}
	return 0;
}
