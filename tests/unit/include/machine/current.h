/* SPDX-License-Identifier: MIT */
/* Host stand-in: one task head, never switched. */
#pragma once
extern struct task *host_current;
static inline struct task *arch_current(void) { return host_current; }
static inline void arch_set_current(struct task *t) { host_current = t; }
