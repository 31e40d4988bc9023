/* SPDX-License-Identifier: MIT */
/*
 * Blocks of 2 MiB that several address spaces share: who holds what. The contract is in <kernel/vm_block.h>.
 *
 * Invariants
 *	While a block is whole, head->owner is the number of block entries that exist or existed and are not yet flushed, at least
 *	one, and head->refs is one more than the speculative references of page-cache readers. An entry's share goes after its TLB
 *	flush only (struct gather): so when another address space makes the block counted, the pages that a stale translation
 *	still reaches are counted for it, and vm_block_put() drops them afterwards.
 *	PG_HEAD and head->owner change under the block's lock only. A count of one cannot grow behind its owner's back: only fork
 *	of the address space that has the entry adds one.
 *
 * Locks: one of block_locks (LR_VM_BLOCK), by frame number, inside any mm's pt_lock; nothing is taken or freed under it.
 */
#include <kernel/panic.h>
#include <kernel/vm_block.h>
#include "mm_internal.h"

#define BLOCK_ORDER	9u
#define BLOCK_PAGES	(1u << BLOCK_ORDER)
#define NR_LOCKS	16u
#define PUT_BATCH	32u

static struct spinlock block_locks[NR_LOCKS] = { [0 ... NR_LOCKS - 1] = SPINLOCK_INIT(LR_VM_BLOCK) };

static inline struct spinlock *lock_of(const struct page *head)
{
	return &block_locks[(page_to_pfn(head) >> BLOCK_ORDER) % NR_LOCKS];
}

struct page *vm_block_alloc(void)
{
	struct page *head = page_alloc(BLOCK_ORDER, GFP_HIGHUSER | GFP_ZERO | GFP_NOWARN | GFP_NOOOM);

	if (!head)
		return NULL;
	head->owner = 1;
	head->flags = PG_ANON | PG_HEAD;
	return head;
}

bool vm_block_share(struct page *head)
{
	struct spinlock *l = lock_of(head);
	bool whole;

	spin_lock(l);
	whole = head->flags & PG_HEAD;
	if (likely(whole))
		head->owner++;
	spin_unlock(l);
	return whole;
}

bool vm_block_alone(const struct page *head)
{
	return READ_ONCE(head->owner) == 1 && (READ_ONCE(head->flags) & PG_HEAD);
}

void vm_block_count(struct page *head)
{
	struct spinlock *l = lock_of(head);
	int n;

	spin_lock(l);
	if (head->flags & PG_HEAD) {
		n = (int)head->owner;
		for (unsigned i = 1; i < BLOCK_PAGES; i++) {
			head[i].flags = PG_ANON;
			head[i].order = 0;
			atomic_set(&head[i].refs, n);
		}
		head->order = 0;
		if (n > 1)
			atomic_add(&head->refs, n - 1);
		page_flag_clear(head, PG_HEAD);
	}
	spin_unlock(l);
}

/* One reference of each page. */
static __noinline void put_pages(struct page *head)
{
	struct page *v[PUT_BATCH];

	for (unsigned i = 0; i < BLOCK_PAGES; i += PUT_BATCH) {
		for (unsigned k = 0; k < PUT_BATCH; k++)
			v[k] = head + i + k;
		page_put_many(v, PUT_BATCH);
	}
}

void vm_block_put(struct page *head)
{
	struct spinlock *l = lock_of(head);
	bool whole, last = false;

	spin_lock(l);
	whole = head->flags & PG_HEAD;
	if (whole)
		last = --head->owner == 0;
	spin_unlock(l);
	if (last)
		page_put(head);
	else if (!whole)
		put_pages(head);
}

unsigned vm_block_mappings(const struct page *p)
{
	return READ_ONCE(p->flags) & PG_HEAD ? (unsigned)READ_ONCE(p->owner) : 0;
}
