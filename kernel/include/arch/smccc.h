/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: calls to firmware, after Arm's SMC Calling Convention (DEN 0028). An architecture without answers -1.
 *	long arch_smccc(bool smc, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
 *		first result register; @smc: by SMC, else by HVC
 */
#pragma once
#include <kernel/types.h>
#include <machine/smccc.h>
