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
	char kinds[6];			/* of the arguments, for the recorder; SYSCALL_ARG_*, 0 behind the last */
} __aligned(32);			/* the entry code shifts instead of multiplying */
/* What an argument is, guessed by tools/gen_syscalls.awk from its type and name. */
#define SYSCALL_ARG_INT		'd'
#define SYSCALL_ARG_HEX		'x'
#define SYSCALL_ARG_MODE	'o'
#define SYSCALL_ARG_FD		'f'
#define SYSCALL_ARG_POINTER	'p'
#define SYSCALL_ARG_STRING	's'	/* user string */
#define SYSCALL_ARG_IN		'i'	/* user bytes that the call reads; their number is the next argument */
#define SYSCALL_ARG_OUT		'b'	/* user bytes that the call fills; their number is the result */
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
