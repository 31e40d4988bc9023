/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: 2 MiB blocks of private memory, shared copy-on-write by address spaces after fork. kernel/mm/vm_block.c.
 *
 * A block is 512 frames allocated as one and mapped by level-2 entries. Its head is in one of two states:
 *	whole	PG_HEAD is set. Only block entries map it; vm_block_mappings() of them, which together hold one
 *		reference, on the head. The other frames have none. The last one to go frees all 512 frames at once.
 *	counted	PG_HEAD is clear. Every frame has its own references: one for each block entry that still spans it
 *		and one for each page entry. Frames are freed one by one. A counted block is never whole again.
 * It becomes counted when the first of its address spaces cuts its entry into pages; the others keep theirs until they need
 * pages themselves. So a write to a shared block copies one page, and what only one address space uses is never copied.
 *
 * Who maps a block has put a page-table page aside in its own mm (pt_put_aside()): cutting an entry cannot fail.
 */
#pragma once
#include <kernel/mm.h>

/* A block of zeroes with one mapping, the caller's. NULL: no memory that is plentiful. May sleep. */
struct page *vm_block_alloc(void) __must_check;

/*
 * One more block entry is about to map it; whoever asks has one himself and keeps his mm->lock for writing. False: it is
 * counted, nothing has changed.
 */
bool vm_block_share(struct page *head) __must_check;

/*
 * Is the caller's entry all that maps it, so that a write needs no copy? The answer holds while the caller holds his
 * mm->lock (fork is the only way to more) and pt_lock. May say no for a moment after another one left.
 */
bool vm_block_alone(const struct page *head);

/* A block entry becomes 512 page entries: from here on the block is counted, the caller's references are the pages'. */
void vm_block_count(struct page *head);

/* A block entry is gone and no CPU can use it any more (after the TLB flush). May free. */
void vm_block_put(struct page *head);

/* Block entries that map a whole block; 0: @p is not the head of one. For people: it may change at once. */
unsigned vm_block_mappings(const struct page *p);
