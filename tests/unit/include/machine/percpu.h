/* SPDX-License-Identifier: MIT */
/* Host stand-in: one CPU. */
#pragma once
static inline unsigned long arch_percpu_offset(void) { return 0; }
