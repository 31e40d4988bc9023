/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees after Cormen et al., "Introduction to Algorithms", chapter "Red-Black Trees".
 *
 * Invariants: the root is black; a red node has black children; every path from a node down to a missing child
 * passes the same number of black nodes. Augmented trees: after each change the summaries of all nodes
 * on the path from the lowest changed node to the root are recomputed, rotations recompute the two they turn.
 */
#include <kernel/rbtree.h>

#define RED 0ul
#define BLACK 1ul

static inline struct rb_node *parent_of(const struct rb_node *n) { return (struct rb_node *)(n->parent_colour & ~1ul); }
static inline bool is_red(const struct rb_node *n) { return n && !(n->parent_colour & 1); }
static inline void set_parent(struct rb_node *n, struct rb_node *p) { n->parent_colour = (n->parent_colour & 1) | (uintptr_t)p; }
static inline void set_colour(struct rb_node *n, uintptr_t c) { n->parent_colour = (n->parent_colour & ~1ul) | c; }
static inline uintptr_t colour_of(const struct rb_node *n) { return n->parent_colour & 1; }

/* Puts @new where @old hangs below @parent (NULL: the root). */
static inline void replace_child(struct rb_node *parent, struct rb_node *old, struct rb_node *new, struct rb_root *root)
{
	if (!parent)
		root->node = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
}

static struct rb_node *rotate_left(struct rb_node *x, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *y = x->right, *p = parent_of(x);

	x->right = y->left;
	if (y->left)
		set_parent(y->left, x);
	set_parent(y, p);
	replace_child(p, x, y, root);
	y->left = x;
	set_parent(x, y);
	if (update) {
		update(x);
		update(y);
	}
	return y;
}

static struct rb_node *rotate_right(struct rb_node *x, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *y = x->left, *p = parent_of(x);

	x->left = y->right;
	if (y->right)
		set_parent(y->right, x);
	set_parent(y, p);
	replace_child(p, x, y, root);
	y->right = x;
	set_parent(x, y);
	if (update) {
		update(x);
		update(y);
	}
	return y;
}

static void update_path(struct rb_node *n, rb_update_fn update)
{
	for (; n; n = parent_of(n))
		update(n);
}

static inline __attribute__((always_inline)) void insert_fixup(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *p, *g, *u;

	/* rb_link left the colour bit clear: the node is red. */
	while ((p = parent_of(n)) && is_red(p)) {
		g = parent_of(p);	/* exists: a red node is not the root */
		u = p == g->left ? g->right : g->left;
		if (is_red(u)) {
			set_colour(p, BLACK);
			set_colour(u, BLACK);
			set_colour(g, RED);
			n = g;
			continue;
		}
		if (p == g->left) {
			if (n == p->right)
				p = rotate_left(p, root, update);
			rotate_right(g, root, update);
		} else {
			if (n == p->left)
				p = rotate_right(p, root, update);
			rotate_left(g, root, update);
		}
		set_colour(p, BLACK);
		set_colour(g, RED);
		break;
	}
	set_colour(root->node, BLACK);
}

void rb_insert_fixup(struct rb_node *n, struct rb_root *root)
{
	insert_fixup(n, root, NULL);
}

void rb_insert_fixup_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	update_path(n, update);
	insert_fixup(n, root, update);
}

/* The subtree at @n (may be missing) under @p has one black node too few. */
static void erase_fixup(struct rb_node *n, struct rb_node *p, struct rb_root *root, rb_update_fn update)
{
	while (p && !is_red(n)) {
		bool left = n == p->left;
		struct rb_node *s = left ? p->right : p->left;	/* exists: its side is blacker */
		struct rb_node *near, *far;

		if (is_red(s)) {
			set_colour(s, BLACK);
			set_colour(p, RED);
			if (left)
				rotate_left(p, root, update);
			else
				rotate_right(p, root, update);
			s = left ? p->right : p->left;
		}
		near = left ? s->left : s->right;
		far = left ? s->right : s->left;
		if (!is_red(near) && !is_red(far)) {
			set_colour(s, RED);
			n = p;
			p = parent_of(n);
			continue;
		}
		if (!is_red(far)) {
			set_colour(near, BLACK);
			set_colour(s, RED);
			s = left ? rotate_right(s, root, update) : rotate_left(s, root, update);
			far = left ? s->right : s->left;
		}
		set_colour(s, colour_of(p));
		set_colour(p, BLACK);
		set_colour(far, BLACK);
		if (left)
			rotate_left(p, root, update);
		else
			rotate_right(p, root, update);
		return;
	}
	if (n)
		set_colour(n, BLACK);
}

static inline __attribute__((always_inline)) void erase(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *child, *parent = parent_of(n), *lowest;
	uintptr_t removed;

	if (n->left && n->right) {
		/* The successor takes n's place and colour; it is the one that leaves its own. */
		struct rb_node *s = n->right;

		while (s->left)
			s = s->left;
		removed = colour_of(s);
		child = s->right;
		if (parent_of(s) == n) {
			lowest = s;
		} else {
			lowest = parent_of(s);
			lowest->left = child;
			if (child)
				set_parent(child, lowest);
			s->right = n->right;
			set_parent(s->right, s);
		}
		s->left = n->left;
		set_parent(s->left, s);
		s->parent_colour = n->parent_colour;
		replace_child(parent, n, s, root);
	} else {
		child = n->left ? n->left : n->right;
		removed = colour_of(n);
		lowest = parent;
		if (child)
			set_parent(child, parent);
		replace_child(parent, n, child, root);
	}
	if (update)
		update_path(lowest, update);
	if (removed == BLACK)
		erase_fixup(child, lowest, root, update);
}

void rb_erase(struct rb_node *n, struct rb_root *root)
{
	erase(n, root, NULL);
}

void rb_erase_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	erase(n, root, update);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->left)
		n = n->left;
	return n;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->right)
		n = n->right;
	return n;
}

struct rb_node *rb_next(const struct rb_node *n)
{
	const struct rb_node *p;

	if (n->right) {
		n = n->right;
		while (n->left)
			n = n->left;
		return (struct rb_node *)(uintptr_t)n;
	}
	while ((p = parent_of(n)) && n == p->right)
		n = p;
	return (struct rb_node *)(uintptr_t)p;
}

struct rb_node *rb_prev(const struct rb_node *n)
{
	const struct rb_node *p;

	if (n->left) {
		n = n->left;
		while (n->right)
			n = n->right;
		return (struct rb_node *)(uintptr_t)n;
	}
	while ((p = parent_of(n)) && n == p->left)
		n = p;
	return (struct rb_node *)(uintptr_t)p;
}
