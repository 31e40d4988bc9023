/* SPDX-License-Identifier: MIT */
#pragma once
extern struct task *host_current;
static inline struct task *arch_current(void) { return host_current; }
