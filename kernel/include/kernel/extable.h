/* SPDX-License-Identifier: MIT */
/*
 * The exception table: instructions that are allowed to fault on user memory, and where each goes on when the fault is not to be
 * mended. Made by the architecture's access code in section .extable; sorted once at boot, by the boot CPU, before the first
 * such access. A fault handler asks with the address that faulted.
 */
#pragma once
#include <kernel/types.h>

/* Relative to the place of the field itself. */
struct extable_entry {
	int32_t insn, fixup;
};
extern struct extable_entry __extable_start[], __extable_end[];
void extable_sort(void);

static inline uintptr_t extable_insn(const struct extable_entry *e)
{
	return (uintptr_t)&e->insn + (uintptr_t)(intptr_t)e->insn;
}

static inline uintptr_t extable_fixup(const struct extable_entry *e)
{
	return (uintptr_t)&e->fixup + (uintptr_t)(intptr_t)e->fixup;
}

/* Inline: copies to fresh pages come here. NULL: @pc may not fault. */
static inline const struct extable_entry *extable_find(uintptr_t pc)
{
	const struct extable_entry *lo = __extable_start, *hi = __extable_end, *mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (extable_insn(mid) == pc)
			return mid;
		if (extable_insn(mid) < pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
