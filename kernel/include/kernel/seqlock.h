/* SPDX-License-Identifier: MIT */
/* Sequence counters: readers never write. Odd while a writer is inside. Writers exclude one another by a lock of theirs. */
#pragma once
#include <kernel/spinlock.h>
#include <arch/barrier.h>

struct seqcount { uint32_t seq; };
static inline uint32_t seq_read_begin(const struct seqcount *s)
{
	uint32_t v;

	while ((v = smp_load_acquire(&s->seq)) & 1)
		arch_cpu_relax();
	return v;
}
static inline bool seq_read_retry(const struct seqcount *s, uint32_t v)
{
	smp_rmb();	/* the data was read before this second look; pairs with the writer's barriers */
	return READ_ONCE(s->seq) != v;
}
static inline void seq_write_begin(struct seqcount *s)
{
	WRITE_ONCE(s->seq, s->seq + 1);
	smp_wmb();	/* readers see odd before any changed data */
}
static inline void seq_write_end(struct seqcount *s)
{
	smp_store_release(&s->seq, s->seq + 1);
}
