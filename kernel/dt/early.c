/* SPDX-License-Identifier: MIT */
/*
 * The device tree before there is an allocator: memory, reservations, /chosen, the boot console.
 *
 * Everything is read from the flat blob by libfdt, which checks each offset against the header's bounds, after lengths
 * that it cannot count with have been refused. The blob is foreign data: numbers are checked for overflow, depth is bounded, and whatever does not
 * make sense is left out. The blob must stay mapped: strings and property values are used in place for good.
 *
 * Runs on the boot CPU only; no locks.
 * References: Devicetree Specification 0.4; Linux's Documentation of /chosen (bindings/chosen.txt).
 */
#include "dt_internal.h"
#include <kernel/errno.h>
#include <kernel/string.h>

const void *dt_blob;
static size_t early_size;
static int chosen_off = -1;	/* offset of /chosen, negative: none */

/*
 * libfdt adds the length of a property to its offset as int: one of 2 GiB and more leads it back to where it was, for ever,
 * or reads as negative. So the lengths are checked here, once, and the walks that follow can rely on them. What else is
 * wrong (an unknown token, an early end) ends a walk, and what came before it is used.
 */
static bool lengths_are_sound(const void *blob)
{
	uint32_t off = fdt_off_dt_struct(blob);
	uint32_t end = fdt_version(blob) >= 17 ? off + fdt_size_dt_struct(blob) : fdt_totalsize(blob);
	const char *base = blob;

	if (off % FDT_TAGSIZE)
		return false;
	while (end - off >= FDT_TAGSIZE) {
		const struct fdt_property *p = (const void *)(base + off);
		uint32_t left = end - off, len;

		switch (fdt32_to_cpu(p->tag)) {
		case FDT_BEGIN_NODE:
			len = FDT_TAGSIZE + (uint32_t)strnlen(base + off + FDT_TAGSIZE, left - FDT_TAGSIZE) + 1;
			break;
		case FDT_PROP:
			if (left < sizeof(*p))
				return true;
			if (fdt32_to_cpu(p->len) > left - sizeof(*p))
				return false;
			len = (uint32_t)sizeof(*p) + fdt32_to_cpu(p->len);
			break;
		case FDT_END_NODE:
		case FDT_NOP:
			len = FDT_TAGSIZE;
			break;
		default:
			return true;
		}
		len = (len + FDT_TAGSIZE - 1) & ~(FDT_TAGSIZE - 1);
		if (len > left)
			return true;
		off += len;
	}
	return true;
}

int dt_early_init(const void *blob, size_t max)
{
	if (!blob || (uintptr_t)blob % 8 || max < sizeof(struct fdt_header))
		return -EINVAL;
	if (fdt_magic(blob) != FDT_MAGIC || fdt_totalsize(blob) > max)
		return -EINVAL;
	/* Version 16 is the first whose strings block carries its size, without which names cannot be checked. */
	if (fdt_version(blob) < 16 || fdt_check_header(blob) || !lengths_are_sound(blob))
		return -EINVAL;
	dt_blob = blob;
	early_size = fdt_totalsize(blob);
	chosen_off = fdt_path_offset(blob, "/chosen");
	return 0;
}

size_t dt_early_size(void)
{
	return early_size;	/* of the firmware's copy, also when we have our own */
}

/* Big-endian number of @cells cells; false when it does not fit 64 bits. */
bool dt_cells(const fdt32_t *p, unsigned cells, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < cells; i++) {
		if (v >> 32)
			return false;
		v = v << 32 | fdt32_to_cpu(p[i]);
	}
	*out = v;
	return true;
}

static unsigned flat_cells(int node, const char *name, unsigned fallback)
{
	int len;
	const fdt32_t *p = fdt_getprop(dt_blob, node, name, &len);

	if (!p || len != 4 || fdt32_to_cpu(*p) > DT_MAX_CELLS)
		return fallback;
	return fdt32_to_cpu(*p);
}

static bool flat_available(int node)
{
	int len;
	const char *s = fdt_getprop(dt_blob, node, "status", &len);

	return !s || (len >= 2 && !strncmp(s, "ok", (size_t)len) ) || (len >= 4 && !strncmp(s, "okay", (size_t)len));
}

typedef void (*range_fn)(paddr_t base, uint64_t size, void *arg);

/* Calls @fn for each (address, size) pair of a property; pairs that wrap around or are empty are left out. */
static void flat_for_each_range(int node, const char *name, unsigned ac, unsigned sc, range_fn fn, void *arg)
{
	int len;
	const fdt32_t *p = fdt_getprop(dt_blob, node, name, &len);
	size_t step = ac + sc;

	if (!p || !ac || !sc)
		return;
	for (size_t left = (size_t)len / 4; left >= step; left -= step, p += step) {
		uint64_t base, size;

		if (!dt_cells(p, ac, &base) || !dt_cells(p + ac, sc, &size))
			continue;
		if (!size)
			continue;
		if (base + size - 1 < base)
			size = UINT64_MAX - base + (base ? 1 : 0);
		fn(base, size, arg);
	}
}

struct scan {
	void (*add)(paddr_t base, uint64_t size);
	void (*reserve)(paddr_t base, uint64_t size, bool nomap);
	bool nomap;
	uint64_t lo, hi;	/* linux,usable-memory-range */
};

static void scan_add(paddr_t base, uint64_t size, void *arg)
{
	struct scan *s = arg;
	uint64_t last = base + size - 1;

	if (base < s->lo)
		base = s->lo;
	if (last > s->hi)
		last = s->hi;
	if (base < last)
		s->add(base, last - base + 1);
}

static void scan_reserve(paddr_t base, uint64_t size, void *arg)
{
	struct scan *s = arg;

	s->reserve(base, size, s->nomap);
}

static void scan_usable(paddr_t base, uint64_t size, void *arg)
{
	struct scan *s = arg;

	s->lo = base;
	s->hi = base + size - 1;
}

static bool is_memory_node(int node)
{
	int len;
	const char *type = fdt_getprop(dt_blob, node, "device_type", &len);

	return type && len == 7 && !memcmp(type, "memory", 7) && flat_available(node);
}

static void scan_reserved_children(int parent, struct scan *s)
{
	unsigned ac = flat_cells(parent, "#address-cells", 2), sc = flat_cells(parent, "#size-cells", 1);
	int node, budget = DT_MAX_NODES;

	fdt_for_each_subnode(node, dt_blob, parent) {
		if (!budget--)
			return;
		/* A reusable region is the system's own until a driver asks for it, and none of ours does. */
		if (!flat_available(node) || fdt_getprop(dt_blob, node, "reusable", NULL))
			continue;
		s->nomap = fdt_getprop(dt_blob, node, "no-map", NULL) != NULL;
		flat_for_each_range(node, "reg", ac, sc, scan_reserve, s);
	}
}

void dt_early_scan_memory(void (*add)(paddr_t base, uint64_t size),
			  void (*reserve)(paddr_t base, uint64_t size, bool nomap))
{
	struct scan s = { .add = add, .reserve = reserve, .hi = UINT64_MAX };
	unsigned ac, sc;
	int node, budget = DT_MAX_NODES;

	if (!dt_blob)
		return;
	ac = flat_cells(0, "#address-cells", 2);
	sc = flat_cells(0, "#size-cells", 1);
	if (chosen_off >= 0)
		flat_for_each_range(chosen_off, "linux,usable-memory-range", ac, sc, scan_usable, &s);
	fdt_for_each_subnode(node, dt_blob, 0) {
		if (!budget--)
			break;
		if (!is_memory_node(node))
			continue;
		if (fdt_getprop(dt_blob, node, "linux,usable-memory", NULL))
			flat_for_each_range(node, "linux,usable-memory", ac, sc, scan_add, &s);
		else
			flat_for_each_range(node, "reg", ac, sc, scan_add, &s);
	}
	for (int i = 0, n = fdt_num_mem_rsv(dt_blob); i < n && i < DT_MAX_NODES; i++) {
		uint64_t base, size;

		if (!fdt_get_mem_rsv(dt_blob, i, &base, &size) && size && base + size > base)
			reserve(base, size, false);
	}
	node = fdt_path_offset(dt_blob, "/reserved-memory");
	if (node >= 0)
		scan_reserved_children(node, &s);
}

const char *dt_early_bootargs(void)
{
	int len;
	const char *s = chosen_off < 0 ? NULL : fdt_getprop(dt_blob, chosen_off, "bootargs", &len);

	return s && len > 0 && !s[len - 1] ? s : "";
}

const char *dt_early_model(void)
{
	int len;
	const char *s = fdt_getprop(dt_blob, 0, "model", &len);

	return s && len > 0 && !s[len - 1] ? s : "without a name";
}

static bool chosen_number(const char *name, uint64_t *out)
{
	int len;
	const fdt32_t *p = chosen_off < 0 ? NULL : fdt_getprop(dt_blob, chosen_off, name, &len);

	return p && (len == 4 || len == 8) && dt_cells(p, (unsigned)len / 4, out);
}

bool dt_early_initrd(paddr_t *start, paddr_t *end)
{
	uint64_t a, b;

	if (!chosen_number("linux,initrd-start", &a) || !chosen_number("linux,initrd-end", &b) || a >= b)
		return false;
	*start = a;
	*end = b;
	return true;
}

bool dt_early_rng_seed(const void **p, size_t *n)
{
	int len;
	const void *seed = chosen_off < 0 ? NULL : fdt_getprop(dt_blob, chosen_off, "rng-seed", &len);

	if (!seed || len <= 0)
		return false;
	*p = seed;
	*n = (size_t)len;
	return true;
}

bool dt_early_kaslr_seed(uint64_t *out)
{
	return chosen_number("kaslr-seed", out) && *out;
}

/* ---- the boot console */

/* The node that stdout-path names, by path or alias, and what follows the colon. Negative: none. */
static int stdout_node(const char **options)
{
	const char *s, *colon;
	int len;

	if (chosen_off < 0)
		return -1;
	s = fdt_getprop(dt_blob, chosen_off, "stdout-path", &len);
	if (!s)
		s = fdt_getprop(dt_blob, chosen_off, "linux,stdout-path", &len);
	if (!s || len < 2 || s[len - 1])
		return -1;
	colon = strchr(s, ':');
	*options = colon ? colon + 1 : "";
	return fdt_path_offset_namelen(dt_blob, s, colon ? (int)(colon - s) : (int)strlen(s));
}

/*
 * Translates @addr, an address on the bus @path[depth - 1], through the ranges of every bus up to the root.
 * @path[0] is the root.
 */
static bool flat_translate(const int *path, int depth, uint64_t *addr)
{
	for (int d = depth - 1; d > 0; d--) {
		unsigned cac = flat_cells(path[d], "#address-cells", 2), sc = flat_cells(path[d], "#size-cells", 1);
		unsigned pac = flat_cells(path[d - 1], "#address-cells", 2);
		int len;
		const fdt32_t *r = fdt_getprop(dt_blob, path[d], "ranges", &len);

		if (!r || !dt_ranges_apply(r, (size_t)len, cac, pac, sc, addr))
			return false;
	}
	return true;
}

static bool stdout_is_port;

bool dt_early_stdout_is_port(void)
{
	return stdout_is_port;
}

bool dt_early_stdout(const char **compatible_list, size_t *len, paddr_t *base, unsigned *reg_shift)
{
	const char *options;
	int target = stdout_node(&options), path[DT_MAX_DEPTH], depth = 0, plen;
	const fdt32_t *reg;
	const char *compat;
	uint64_t addr;
	unsigned ac;

	if (target <= 0)
		return false;
	for (int off = 0; off >= 0 && depth >= 0; off = fdt_next_node(dt_blob, off, &depth)) {
		if (depth >= DT_MAX_DEPTH || off > target)
			return false;
		path[depth] = off;
		if (off == target)
			break;
	}
	if (depth < 1 || path[depth] != target)
		return false;
	ac = flat_cells(path[depth - 1], "#address-cells", 2);
	reg = fdt_getprop(dt_blob, target, "reg", &plen);
	if (!reg || !ac || (size_t)plen < ac * 4)
		return false;
	/* I/O ports: <1 port size> on an ISA bus. */
	stdout_is_port = ac == 2 && fdt32_to_cpu(reg[0]) == 1 && !fdt_node_check_compatible(dt_blob, path[depth - 1], "isa");
	if (stdout_is_port)
		addr = fdt32_to_cpu(reg[1]) & 0xffff;
	else if (!dt_cells(reg, ac, &addr) || !flat_translate(path, depth, &addr))
		return false;
	compat = fdt_getprop(dt_blob, target, "compatible", &plen);
	if (!compat || plen < 2 || compat[plen - 1])
		return false;
	*compatible_list = compat;
	*len = (size_t)plen;
	*base = addr;
	*reg_shift = flat_cells(target, "reg-shift", 0);
	return true;
}

bool dt_early_stdout_u32(const char *name, uint32_t *out)
{
	const char *options;
	int node = stdout_node(&options), len;
	const fdt32_t *p = node < 0 ? NULL : fdt_getprop(dt_blob, node, name, &len);

	if (!p || len != 4)
		return false;
	*out = fdt32_to_cpu(*p);
	return true;
}

const char *dt_early_stdout_options(void)
{
	const char *options = "";

	return stdout_node(&options) < 0 ? "" : options;
}
