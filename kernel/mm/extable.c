/* SPDX-License-Identifier: MIT */
/* The exception table's order. Its entries are read-only after boot; no locks. See <kernel/extable.h>. */
#include <kernel/extable.h>
#include <kernel/init.h>

/* Insertion sort: the linker leaves long ascending runs. An entry's fields are relative to its own place. */
void __init extable_sort(void)
{
	struct extable_entry *e, *at;
	uintptr_t insn, fixup;

	for (e = __extable_start + 1; e < __extable_end; e++) {
		insn = extable_insn(e);
		fixup = extable_fixup(e);
		for (at = e; at > __extable_start && extable_insn(at - 1) > insn; at--) {
			at->insn = at[-1].insn - (int32_t)sizeof(*at);
			at->fixup = at[-1].fixup - (int32_t)sizeof(*at);
		}
		at->insn = (int32_t)(insn - (uintptr_t)&at->insn);
		at->fixup = (int32_t)(fixup - (uintptr_t)&at->fixup);
	}
}
