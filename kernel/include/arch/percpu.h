/* SPDX-License-Identifier: MIT */
/* CONTRACT: unsigned long arch_percpu_offset(void), arch_percpu_set_offset(unsigned long): this CPU's offset into the per-CPU areas. */
#pragma once
#include <machine/percpu.h>
