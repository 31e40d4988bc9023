/* SPDX-License-Identifier: MIT */
/* Address-space identifiers: arch/arm64/asid.c. */
#pragma once
#include <kernel/vm.h>

#define ASID_MASK	0xfffful	/* the generation is above, also where only 8 bits are used */

static inline uint64_t arm64_asid(const struct mm *mm) { return READ_ONCE(mm->arch.id) & ASID_MASK; }
void arm64_asid_init(void);
