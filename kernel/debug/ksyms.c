/* SPDX-License-Identifier: MIT */
/*
 * Names of kernel functions, from the table that tools/ksyms.awk makes of the first link. Read-only; no locks.
 */
#include <kernel/init.h>
#include <kernel/panic.h>

extern const uint32_t ksyms_count, ksyms_offset[], ksyms_name[];
extern const char ksyms_strings[];

bool ksym_lookup(uintptr_t addr, const char **name, size_t *offset, size_t *size)
{
	uint32_t count = ksyms_count, lo = 0, hi = count, off;
	/* The boot's own code lies behind the text, until its pages are given back. */
	uintptr_t end = (uintptr_t)(system_state < SYSTEM_RUNNING ? _init_end : _etext);

	if (addr < (uintptr_t)_text || addr >= end || !count)
		return false;
	off = (uint32_t)(addr - (uintptr_t)_text);
	if (off < ksyms_offset[0])
		return false;
	/* The last entry that does not lie behind it: [lo] <= off < [hi]. */
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ksyms_offset[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	*name = ksyms_strings + ksyms_name[lo];
	*offset = off - ksyms_offset[lo];
	*size = (hi < count ? ksyms_offset[hi] : (uint32_t)(end - (uintptr_t)_text)) - ksyms_offset[lo];
	return true;
}
