/* SPDX-License-Identifier: MIT */
#pragma once
#include "boot_params.h"

#define RAM_RANGES_MAX	64

struct ram_range {
	uint64_t start, end;
};
/*
 * The pages that are RAM and nothing else in @map, in ascending order, not touching one another. At most @max > 0; of more, the
 * smallest are lost. A map that overlaps, wraps, is unsorted or has empty entries is no error.
 */
unsigned e820_ram(const struct e820_entry *map, unsigned n, struct ram_range *out, unsigned max);
/* The largest piece of [@lo, @hi) that @map says nothing about: there the firmware puts devices. False: there is none. */
bool e820_gap(const struct e820_entry *map, unsigned n, uint64_t lo, uint64_t hi, struct ram_range *out);
