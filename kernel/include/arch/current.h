/* SPDX-License-Identifier: MIT */
/* CONTRACT: struct task *arch_current(void), arch_set_current(struct task *): the running task; one instruction to read. */
#pragma once
struct task;
#include <machine/current.h>
