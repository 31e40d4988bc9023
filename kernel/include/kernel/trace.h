/* SPDX-License-Identifier: MIT */
/*
 * The recorder: what tasks, CPUs and devices did, in one ring a CPU, read from /proc/ktrace and decoded on the host by
 * tools/ktrace. Off, a place that records costs one load and one branch; system calls cost nothing at all, because
 * they are recorded on the long way in (TIF_TRACE). docs/debugging.md shows its use; kernel/debug/trace*.c.
 *
 * All recorders may be called in any context but NMI, with any lock held but one of rank LR_LEAF; those that read user
 * memory say so.
 */
#pragma once
#include <kernel/compiler.h>
#include <kernel/types.h>

struct task;

/* What is recorded; names for users are in trace_file.c. Life and names of tasks are, whenever anything is. */
#define TRACE_SYSCALLS	BIT(0)
#define TRACE_SWITCHES	BIT(1)
#define TRACE_FAULTS	BIT(2)
#define TRACE_IRQS	BIT(3)
#define TRACE_SIGNALS	BIT(4)
#define TRACE_FRAMES	BIT(5)
#define TRACE_ALL	0x3fu

extern unsigned trace_mask;	/* written by trace_set() only */
#define trace_wants(bits) unlikely(READ_ONCE(trace_mask) & (bits))

/* Types of records; tools/ktrace knows them by number: add, never change. */
enum trace_type {
	TRACE_T_ENTER = 1,	/* uint32_t nr; uint32_t captured; uint64_t args[6]; then captures */
	TRACE_T_EXIT,		/* uint32_t nr; uint32_t captured; int64_t result; then captures */
	TRACE_T_SWITCH,		/* uint32_t next tid, uint32_t state of the one that leaves; char next's name[16] */
	TRACE_T_FAULT,		/* uint64_t address; uint32_t access (VM_*); int32_t result */
	TRACE_T_IRQ_ENTER,	/* uint32_t number; char name[12] */
	TRACE_T_IRQ_EXIT,	/* uint32_t number */
	TRACE_T_SIGNAL,		/* uint32_t signal; int32_t si_code */
	TRACE_T_FORK,		/* uint32_t tid, uint32_t pid of the new task; char name[16] */
	TRACE_T_NAME,		/* char name[16]: exec or prctl */
	TRACE_T_GONE,		/* uint32_t wait status */
	TRACE_T_FRAME,		/* uint32_t interface; uint16_t out; uint16_t captured; uint32_t length; bytes */
	TRACE_T_MARK,		/* text that a program wrote */
};

/* One record. @size counts this header and the padding to a multiple of 8. */
struct trace_record {
	uint64_t time;		/* monotonic ns */
	uint32_t tid;
	uint16_t type;
	uint16_t size;
};
_Static_assert(sizeof(struct trace_record) == 16, "tools/ktrace reads it");
#define TRACE_RECORD_MAX 512u

/* Writes one record of two parts; either may be empty. Too long a second part is cut. */
void trace_write(enum trace_type type, const void *head, size_t nhead, const void *tail, size_t ntail);

/* Sets what is recorded (0: off); allocates the rings at the first use. Sleeps. -ENOMEM. */
int trace_set(unsigned mask) __must_check;

/* System calls, from syscall_traced(). They read user memory: may fault and sleep. */
void trace_syscall_enter(unsigned nr, const unsigned long *args);
void trace_syscall_exit(unsigned nr, const unsigned long *args, long result);

void trace_record_switch(const struct task *prev, const struct task *next);
void trace_record_fault(uintptr_t va, unsigned access, int result);
void trace_record_irq(enum trace_type type, unsigned number, const char *name);
void trace_record_signal(int sig, int code);
void trace_record_fork(const struct task *child);
void trace_record_name(const struct task *t);
void trace_record_gone(int status);
/* @data: at least MIN(@len, @captured) bytes from the first of the link layer's header. */
void trace_record_frame(unsigned interface, bool out, const void *data, size_t captured, size_t len);

static __always_inline void trace_switch(const struct task *prev, const struct task *next)
{
	if (trace_wants(TRACE_SWITCHES))
		trace_record_switch(prev, next);
}
static __always_inline void trace_fault(uintptr_t va, unsigned access, int result)
{
	if (trace_wants(TRACE_FAULTS))
		trace_record_fault(va, access, result);
}
static __always_inline void trace_irq_enter(unsigned number, const char *name)
{
	if (trace_wants(TRACE_IRQS))
		trace_record_irq(TRACE_T_IRQ_ENTER, number, name);
}
static __always_inline void trace_irq_exit(unsigned number)
{
	if (trace_wants(TRACE_IRQS))
		trace_record_irq(TRACE_T_IRQ_EXIT, number, NULL);
}
static __always_inline void trace_signal(int sig, int code)
{
	if (trace_wants(TRACE_SIGNALS))
		trace_record_signal(sig, code);
}
static __always_inline void trace_fork(const struct task *child)
{
	if (trace_wants(TRACE_ALL))
		trace_record_fork(child);
}
static __always_inline void trace_name(const struct task *t)
{
	if (trace_wants(TRACE_ALL))
		trace_record_name(t);
}
static __always_inline void trace_gone(int status)
{
	if (trace_wants(TRACE_ALL))
		trace_record_gone(status);
}
static __always_inline void trace_frame(unsigned interface, bool out, const void *data, size_t captured, size_t len)
{
	if (trace_wants(TRACE_FRAMES))
		trace_record_frame(interface, out, data, captured, len);
}
