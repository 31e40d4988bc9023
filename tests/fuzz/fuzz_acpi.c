/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: what a PC's firmware says. ACPI tables raw and with lengths and checksums put right, AML, e820 maps.
 * FUZZ-SOURCES: arch/x86_64/platform/acpi_parse.c boot/x86_64/e820.c
 * FUZZ-FLAGS: -Iarch/x86_64/platform -Iboot/x86_64 -Wno-unused-function
 */
#include <kernel/types.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "acpi_parse.h"
#include "e820.h"

void *malloc(size_t n);
void free(void *p);
void abort(void);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE	0xe0000ull	/* where the pretended memory lies */

struct area {
	const uint8_t *p;
	size_t n;
};

/* A copy of exactly the bytes asked for would hide overruns between tables: one allocation of exactly the area's size. */
static const void *area_map(void *arg, uint64_t pa, uint64_t n)
{
	struct area *a = arg;

	return pa >= BASE && pa - BASE <= a->n && n <= a->n - (pa - BASE) ? a->p + (pa - BASE) : NULL;
}

static void check(const struct acpi_info *o)
{
	if (o->nr_cpus > ACPI_MAX_CPUS || o->nr_ioapics > ACPI_MAX_IOAPICS || o->nr_ecams > ACPI_MAX_ECAMS || o->slp_typ_a > 7 ||
	    o->slp_typ_b > 7)
		abort();
}

static void parse(const uint8_t *p, size_t n, uint64_t hint)
{
	struct area a = { p, n };
	struct acpi_memory mem = { area_map, &a };
	struct acpi_info info;

	(void)acpi_parse(&mem, hint, &info);
	check(&info);
}

static void put32(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void seal(uint8_t *p, size_t n, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	p[at] = (uint8_t)-sum;
}

/* Root and tables around the data: each table takes a byte that chooses its name and one that gives its length. */
static void parse_built(const uint8_t *data, size_t size)
{
	static const char sigs[5][5] = { "APIC", "FACP", "MCFG", "HPET", "DSDT" };
	size_t total = 64 + 36 + 8 * 4 + size + 8 * 40, at = 64 + 36 + 8 * 4, n = 0;
	uint8_t *m = malloc(total), *rsdt = m + 64;
	uint64_t dsdt = 0;

	memset(m, 0, total);
	while (size >= 2 && n < 8) {
		unsigned sig = data[0] % 5;
		size_t body = MIN((size_t)data[1] * 2, size - 2), len = 36 + body;

		memcpy(m + at, sigs[sig], 4);
		memcpy(m + at + 36, data + 2, body);
		put32(m + at + 4, len);
		m[at + 8] = 3;
		if (sig == 1 && dsdt && body >= 8)
			put32(m + at + 40, dsdt);
		if (sig == 4)
			dsdt = BASE + at;
		seal(m + at, len, 9);
		put32(rsdt + 36 + 4 * n++, BASE + at);
		at += len;
		data += 2 + body;
		size -= 2 + body;
	}
	memcpy(rsdt, "RSDT", 4);
	put32(rsdt + 4, 36 + 4 * n);
	seal(rsdt, 36 + 4 * n, 9);
	memcpy(m, "RSD PTR ", 8);
	put32(m + 16, BASE + 64);
	seal(m, 20, 8);
	parse(m, at, BASE);
	free(m);
}

static uint64_t end_of(const struct e820_entry *e)
{
	return e->addr + e->size < e->addr ? UINT64_MAX : e->addr + e->size;
}

static void e820(const uint8_t *data, size_t size)
{
	struct e820_entry map[E820_MAX];
	struct ram_range out[RAM_RANGES_MAX], gap;
	unsigned n = (unsigned)MIN(size / sizeof(map[0]), (size_t)E820_MAX), count;

	memcpy(map, data, n * sizeof(map[0]));
	for (unsigned i = 0; i < n; i++)
		map[i].type %= 6;
	if (e820_gap(map, n, 0x100000, 0xfec00000, &gap)) {
		if (gap.start >= gap.end || gap.start < 0x100000 || gap.end > 0xfec00000)
			abort();
		for (unsigned k = 0; k < n; k++)
			if (map[k].size && map[k].addr < gap.end && end_of(&map[k]) > gap.start)
				abort();
	}
	count = e820_ram(map, n, out, RAM_RANGES_MAX);
	if (count > RAM_RANGES_MAX)
		abort();
	for (unsigned i = 0; i < count; i++) {
		if (out[i].start >= out[i].end || (out[i].start | out[i].end) & 0xfff || (i && out[i].start <= out[i - 1].end))
			abort();
		/* No byte of it is anything else. */
		for (unsigned k = 0; k < n; k++) {
			if (map[k].type != E820_RAM && map[k].size && map[k].addr < out[i].end && end_of(&map[k]) > out[i].start)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1), a, b;

	memcpy(copy, data, size);
	parse(copy, size, BASE);
	parse(copy, size, 0);
	(void)acpi_find_s5(copy, size, &a, &b);
	parse_built(copy, size);
	e820(copy, size);
	free(copy);
	return 0;
}
