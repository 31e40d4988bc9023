/* SPDX-License-Identifier: MIT */
/*
 * The firmware's memory map, brought into order. Pure: runs on the host too (tests/fuzz/fuzz_acpi.c).
 *
 * Where entries overlap, whatever is not RAM wins. The ends of all entries cut the address space into intervals that
 * are of one kind each; those covered by RAM alone are joined and rounded inwards to pages.
 * Reference: ACPI 6.5, 15.1 "INT 15H, E820H".
 */
#include "e820.h"

#define PAGE	4096ull

/* The last byte may be the last there is: ends are exclusive and saturate. */
static uint64_t entry_end(const struct e820_entry *e)
{
	return e->addr + e->size < e->addr ? UINT64_MAX : e->addr + e->size;
}

/* The smallest boundary above @at; UINT64_MAX when there is none. */
static uint64_t next_boundary(const struct e820_entry *map, unsigned n, uint64_t at)
{
	uint64_t best = UINT64_MAX;
	unsigned i;

	for (i = 0; i < n; i++) {
		uint64_t start = map[i].addr, end = entry_end(&map[i]);

		if (start > at && start < best)
			best = start;
		if (end > at && end < best)
			best = end;
	}
	return best;
}

static bool is_ram(const struct e820_entry *map, unsigned n, uint64_t at)
{
	bool ram = false;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (at < map[i].addr || at >= entry_end(&map[i]))
			continue;
		if (map[i].type != E820_RAM)
			return false;
		ram = true;
	}
	return ram;
}

static unsigned smallest(const struct ram_range *r, unsigned n)
{
	unsigned i, best = 0;

	for (i = 1; i < n; i++)
		if (r[i].end - r[i].start < r[best].end - r[best].start)
			best = i;
	return best;
}

/* When there is no room left, the smallest goes: a map in pieces costs little memory, whatever the order of its entries. */
static unsigned emit(struct ram_range *out, unsigned count, unsigned max, uint64_t start, uint64_t end)
{
	unsigned i;

	start = start > UINT64_MAX - PAGE ? UINT64_MAX : (start + PAGE - 1) & ~(PAGE - 1);
	end &= ~(PAGE - 1);
	if (start >= end)
		return count;
	if (count == max) {
		i = smallest(out, count);
		if (out[i].end - out[i].start >= end - start)
			return count;
		for (count--; i < count; i++)
			out[i] = out[i + 1];
	}
	out[count].start = start;
	out[count].end = end;
	return count + 1;
}

unsigned e820_ram(const struct e820_entry *map, unsigned n, struct ram_range *out, unsigned max)
{
	uint64_t at = 0, next, start = 0;
	unsigned count = 0;
	bool inside = false;

	for (;; at = next) {
		bool ram = is_ram(map, n, at);

		if (ram && !inside)
			start = at;
		if (!ram && inside)
			count = emit(out, count, max, start, at);
		inside = ram;
		next = next_boundary(map, n, at);
		if (next == UINT64_MAX) {
			if (inside)
				count = emit(out, count, max, start, next);
			return count;
		}
	}
}

bool e820_gap(const struct e820_entry *map, unsigned n, uint64_t lo, uint64_t hi, struct ram_range *out)
{
	uint64_t at = lo, next, best = 0;
	unsigned i;

	while (at < hi) {
		/* Past everything that begins at or before @at; then to the next thing that begins. */
		for (i = 0; i < n; )
			if (map[i].addr <= at && entry_end(&map[i]) > at) {
				at = entry_end(&map[i]);
				i = 0;
			} else {
				i++;
			}
		next = hi;
		for (i = 0; i < n; i++)
			if (map[i].size && map[i].addr > at && map[i].addr < next)
				next = map[i].addr;
		if (at < next && next - at > best) {
			best = next - at;
			out->start = at;
			out->end = next;
		}
		at = MAX(next, at);
	}
	return best;
}
