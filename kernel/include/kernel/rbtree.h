/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees, intrusive. The user descends to find the place, then links and rebalances:
 *	rb_link(&n->rb, parent, link); rb_insert_fixup(&n->rb, root);
 * or uses rb_insert() with a comparison. No locking of their own. kernel/lib/rbtree.c, host-testable.
 */
#pragma once
#include <kernel/compiler.h>

struct rb_node {
	uintptr_t parent_colour;	/* parent pointer; bit 0: 1 = black */
	struct rb_node *left, *right;
};
struct rb_root {
	struct rb_node *node;
};
/* With the leftmost node at hand: timers and run queues. */
struct rb_root_cached {
	struct rb_root root;
	struct rb_node *leftmost;
};
#define RB_ROOT (struct rb_root){ NULL }
#define rb_entry(p, type, member) container_of(p, type, member)
#define rb_entry_safe(p, type, member) ({ __typeof__(p) _p = (p); _p ? container_of(_p, type, member) : NULL; })

/* A node that is in no tree. */
static inline void rb_clear(struct rb_node *n) { n->parent_colour = (uintptr_t)n; }
static inline bool rb_is_clear(const struct rb_node *n) { return n->parent_colour == (uintptr_t)n; }

static inline void rb_link(struct rb_node *n, struct rb_node *parent, struct rb_node **link)
{
	n->parent_colour = (uintptr_t)parent;
	n->left = n->right = NULL;
	*link = n;
}
void rb_insert_fixup(struct rb_node *n, struct rb_root *root);
void rb_erase(struct rb_node *n, struct rb_root *root);
/* Augmented forms: @update(n) recomputes n's summary from itself and its two children. */
typedef void (*rb_update_fn)(struct rb_node *n);
void rb_insert_fixup_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update);
void rb_erase_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

/* Returns true when the new node is the leftmost. Equal keys go to the right: first in, first out. */
static inline bool rb_insert_cached(struct rb_node *n, struct rb_root_cached *root,
				    bool (*less)(const struct rb_node *a, const struct rb_node *b))
{
	struct rb_node **link = &root->root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(n, parent)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_link(n, parent, link);
	if (leftmost)
		root->leftmost = n;
	rb_insert_fixup(n, &root->root);
	return leftmost;
}
static inline void rb_erase_cached(struct rb_node *n, struct rb_root_cached *root)
{
	if (root->leftmost == n)
		root->leftmost = rb_next(n);
	rb_erase(n, &root->root);
}
