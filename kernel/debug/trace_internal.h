/* SPDX-License-Identifier: MIT */
/* The recorder's rings, between trace.c and trace_file.c. */
#pragma once
#include <kernel/spinlock.h>
#include <kernel/trace.h>

/*
 * One CPU's ring. Positions count bytes since the start and never wrap; the byte at position p is buf[p & (size - 1)].
 * [lock] everything; writers are on the ring's own CPU, so that only a reader is ever met.
 */
struct trace_ring {
	struct spinlock lock;		/* LR_LEAF */
	uint8_t *buf;			/* [lock] NULL: nothing was ever recorded */
	size_t size;			/* a power of two */
	uint64_t head, tail;		/* newest byte written, oldest kept; whole records between them */
	uint64_t lost;			/* records overwritten since a reader last asked */
};

#define TRACE_KIB_DEFAULT 1024u
#define TRACE_KIB_MIN 16u
#define TRACE_KIB_MAX (256u * 1024)

/* Another size for every ring; what was recorded is dropped. -EINVAL, -ENOMEM. */
int trace_resize(unsigned kib) __must_check;
void trace_clear(void);
uint64_t trace_ring_head(unsigned cpu);
/* Takes whole records up to position @end out of the ring, at most @max bytes. Returns bytes; *lost: records gone before them. */
size_t trace_ring_take(unsigned cpu, uint64_t end, uint8_t *out, size_t max, uint64_t *lost);
