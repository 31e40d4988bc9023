/* SPDX-License-Identifier: MIT */
/* Behind <arch/smccc.h>: no such firmware. */
#pragma once
#include <kernel/types.h>

static inline long arch_smccc(bool smc, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3) { return -1; }
