/* SPDX-License-Identifier: MIT */
#pragma once
static inline unsigned long arch_percpu_offset(void) { return 0; }
