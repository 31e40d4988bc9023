/* SPDX-License-Identifier: MIT */
/*
 * Sparse pointer arrays: a radix tree of 64-slot nodes.
 *
 * `root` is a tagged pointer: the node's address with the number of levels below it in the low bits,
 * stored as one word, so that a reader without a lock never combines an old root with a new height. A node is
 * published by a release store after its slots are set up and freed through RCU. A tree with nothing
 * in it has no node, and one with an entry at index 0 only is that entry itself (height 0): the many one-page
 * files cost no node. Levels: a tree of height h holds indices below 64^h; 11 levels cover 64 bits.
 * Entries are 16-byte aligned, so that the tag bits of the root are free.
 */
#include <kernel/xarray.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/rcu.h>

#define XA_BITS 6
#define XA_SLOTS 64
#define XA_LEVELS_MAX 11
#define XA_TAG 15ul

struct xa_node {
	void *slot[XA_SLOTS];
	uint32_t used;
	struct rcu_head rcu;
};

static inline struct xa_node *tag_node(struct xa_node *t) { return (struct xa_node *)((uintptr_t)t & ~XA_TAG); }
static inline unsigned tag_levels(struct xa_node *t) { return (uintptr_t)t & XA_TAG; }
static inline struct xa_node *tag_make(struct xa_node *n, unsigned levels) { return (struct xa_node *)((uintptr_t)n | levels); }
static inline unsigned slot_of(uint64_t index, unsigned level) { return index >> (level * XA_BITS) & (XA_SLOTS - 1); }

/* Does a tree of @levels hold @index? */
static inline bool covers(unsigned levels, uint64_t index)
{
	return levels >= XA_LEVELS_MAX || index >> (levels * XA_BITS) == 0;
}

void *xa_load(const struct xarray *xa, uint64_t index)
{
	struct xa_node *t = rcu_dereference(((struct xarray *)(uintptr_t)xa)->root);
	unsigned levels = tag_levels(t);
	void *p = tag_node(t);

	if (!p || !covers(levels, index))
		return NULL;
	while (p && levels--)
		p = rcu_dereference(((struct xa_node *)p)->slot[slot_of(index, levels)]);
	return p;
}

static struct xa_node *node_alloc(void)
{
	/* Atomic: the writers' locks are mostly spinlocks. */
	return kzalloc(sizeof(struct xa_node), GFP_ATOMIC);
}

/* Adds levels on top until @index is covered by at least one node. */
static int grow(struct xarray *xa, uint64_t index)
{
	while (!xa->levels || !covers(xa->levels, index)) {
		struct xa_node *n = node_alloc();

		if (!n)
			return -ENOMEM;
		xa->levels++;
		if (xa->root) {
			n->slot[0] = tag_node(xa->root);
			n->used = 1;
		} else {
			while (!covers(xa->levels, index))
				xa->levels++;
		}
		smp_store_release(&xa->root, tag_make(n, xa->levels));
	}
	return 0;
}

static void prune(struct xarray *xa, uint64_t index);

int xa_store(struct xarray *xa, uint64_t index, void *p, void **old)
{
	struct xa_node *n;
	unsigned s;

	if (!index && !xa->levels) {
		if (old)
			*old = xa->root;
		xa->count = 1;
		smp_store_release(&xa->root, p);
		return 0;
	}
	if (grow(xa, index))
		goto nomem;
	n = tag_node(xa->root);
	for (unsigned level = xa->levels - 1; level; level--) {
		struct xa_node *next = n->slot[s = slot_of(index, level)];

		if (!next) {
			next = node_alloc();
			if (!next)
				goto nomem;
			n->used++;
			smp_store_release(&n->slot[s], next);
		}
		n = next;
	}
	s = slot_of(index, 0);
	if (old)
		*old = n->slot[s];
	if (!n->slot[s]) {
		n->used++;
		xa->count++;
	}
	smp_store_release(&n->slot[s], p);
	return 0;
nomem:
	prune(xa, index);	/* nodes made on the way that hold nothing */
	return -ENOMEM;
}

/* Frees the empty nodes on the path to @index, and drops levels whose only child is slot 0. */
static void prune(struct xarray *xa, uint64_t index)
{
	struct xa_node *path[XA_LEVELS_MAX], *n = tag_node(xa->root);
	unsigned level = xa->levels;

	if (!level)
		return;
	while (n && level) {
		path[--level] = n;
		n = level ? n->slot[slot_of(index, level)] : NULL;
	}
	for (; level < xa->levels && !path[level]->used; level++) {
		if (level + 1 == xa->levels) {
			smp_store_release(&xa->root, NULL);
			xa->levels = 0;
			kfree_rcu(path[level], rcu);
			return;
		}
		smp_store_release(&path[level + 1]->slot[slot_of(index, level + 1)], NULL);
		path[level + 1]->used--;
		kfree_rcu(path[level], rcu);
	}
	while (xa->levels && (n = tag_node(xa->root))->used == 1 && n->slot[0]) {
		xa->levels--;
		smp_store_release(&xa->root, tag_make(n->slot[0], xa->levels));
		kfree_rcu(n, rcu);
	}
}

void *xa_erase(struct xarray *xa, uint64_t index)
{
	struct xa_node *n = tag_node(xa->root);
	void *old;
	unsigned s;

	if (!n || !covers(xa->levels, index))
		return NULL;
	if (!xa->levels) {
		smp_store_release(&xa->root, NULL);
		xa->count = 0;
		return n;
	}
	for (unsigned level = xa->levels - 1; level && n; level--)
		n = n->slot[slot_of(index, level)];
	s = slot_of(index, 0);
	if (!n || !(old = n->slot[s]))
		return NULL;
	smp_store_release(&n->slot[s], NULL);
	n->used--;
	xa->count--;
	if (n->used <= 1)
		prune(xa, index);
	return old;
}

void *xa_find(const struct xarray *xa, uint64_t *index)
{
	struct xa_node *t = rcu_dereference(((struct xarray *)(uintptr_t)xa)->root);
	unsigned levels = tag_levels(t);
	uint64_t i = *index;

	if (!tag_node(t) || !covers(levels, i))
		return NULL;
	if (!levels)
		return t;
	for (;;) {
		struct xa_node *n = tag_node(t);
		unsigned level = levels - 1;

		for (;;) {
			void *p = rcu_dereference(n->slot[slot_of(i, level)]);

			if (p && !level) {
				*index = i;
				return p;
			}
			if (p) {
				n = p;
				level--;
				continue;
			}
			/* Nothing here: the next index is where this slot ends. */
			uint64_t step = 1ull << (level * XA_BITS);
			uint64_t next = (i | (step - 1)) + 1;

			if (next == 0 || !covers(levels, next))
				return NULL;
			bool same_node = slot_of(next, level) != 0;
			i = next;
			if (!same_node)
				break;	/* again from the root */
		}
	}
}

uint64_t xa_find_free(const struct xarray *xa, uint64_t from)
{
	while (xa_load(xa, from))
		from++;
	return from;
}

static void free_nodes(struct xa_node *n, unsigned level)
{
	for (unsigned s = 0; level && s < XA_SLOTS; s++)
		if (n->slot[s])
			free_nodes(n->slot[s], level - 1);	/* at most 11 deep */
	kfree_rcu(n, rcu);
}

void xa_destroy(struct xarray *xa)
{
	if (xa->levels)
		free_nodes(tag_node(xa->root), xa->levels - 1);
	xa->root = NULL;
	xa->levels = 0;
	xa->count = 0;
}
