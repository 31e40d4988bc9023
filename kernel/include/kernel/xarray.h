/* SPDX-License-Identifier: MIT */
/*
 * A sparse array of pointers indexed by unsigned 64-bit numbers (a radix tree of 64-slot nodes).
 * Writers hold a lock of the user's; readers may look up under rcu_read_lock() (nodes are freed
 * through RCU; a found pointer may be stale: the user revalidates). kernel/lib/xarray.c.
 */
#pragma once
#include <kernel/types.h>
struct xa_node;
struct xarray {
	struct xa_node *root;
	uint32_t levels;	/* 0: empty */
	uint64_t count;
};
#define XARRAY_INIT { NULL, 0, 0 }
void *xa_load(const struct xarray *xa, uint64_t index);
/* Stores @p (non-NULL); replaces what is there, returned through *old when old is not NULL. 0 or -ENOMEM. */
int xa_store(struct xarray *xa, uint64_t index, void *p, void **old) __must_check;
/* Removes and returns, or NULL. Never fails. */
void *xa_erase(struct xarray *xa, uint64_t index);
/* The first entry at or after *index, whose number goes to *index; NULL when there is none. */
void *xa_find(const struct xarray *xa, uint64_t *index);
/* The lowest index >= @from with no entry. */
uint64_t xa_find_free(const struct xarray *xa, uint64_t from);
/* Frees the nodes of an array whose entries the caller has disposed of. */
void xa_destroy(struct xarray *xa);
