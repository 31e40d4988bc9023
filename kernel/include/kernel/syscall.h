/* SPDX-License-Identifier: MIT */
/*
 * System-call dispatch. The architecture's entry code saves the user's registers and calls a thunk of
 * syscall_table[] (generated) with a pointer to the six arguments; the result is written to the return register in
 * one place, there. kernel/syscall/.
 */
#pragma once
#include <kernel/types.h>

struct pt_regs;
typedef long (*syscall_thunk)(const unsigned long *args);
struct syscall_desc {
	syscall_thunk fn;		/* never NULL: sys_ni for rows without a handler */
	const char *name;
	uint8_t nargs;
} __aligned(32);			/* the entry code shifts instead of multiplying */
extern const struct syscall_desc syscall_table[];	/* NR_SYSCALLS rows */
extern const unsigned nr_syscalls;
/* NR_SYSCALLS and every handler's prototype. */
#include <generated/syscall_protos.h>

long sys_ni(const unsigned long *args);			/* -ENOSYS, counted for /proc/gaps */
/* The long way: tracing and entry work. Returns the result. */
long syscall_traced(struct pt_regs *regs, unsigned nr);
const char *syscall_name(unsigned nr);
/* Something asked for that we do not have: counted with its last caller, shown by /proc/gaps. */
void gap_note(const char *what, unsigned long detail);
