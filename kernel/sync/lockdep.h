/* SPDX-License-Identifier: MIT */
/* Hooks of the sleeping locks; empty outside the debug build by `if (CONFIG_LOCKDEP)`. */
#pragma once
#include <kernel/types.h>
struct task;
void lockdep_sleep_acquire(const void *lock, unsigned rank, bool nested, const void *where);
void lockdep_sleep_release(const void *lock);
bool lockdep_any_spin_held(void);
void lockdep_task_exit(struct task *t);
