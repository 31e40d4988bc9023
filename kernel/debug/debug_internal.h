/* SPDX-License-Identifier: MIT */
/* Shared by the files of kernel/debug. */
#pragma once
#include <kernel/panic.h>

void report_context(void);			/* CPU, task, system call, release */
void report_held_locks(struct task *t);		/* debug build: sleeping locks with where they were taken */
void backtrace_other_cpus(void);
void show_blocked_tasks(void);
void show_memory(void);
