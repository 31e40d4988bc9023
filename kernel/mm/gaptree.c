/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses in a red-black tree that knows its gaps: user areas and kernel ranges.
 *
 * Each node summarises its subtree by the first address (guard included), the last address and
 * the largest free gap between two ranges of the subtree. That makes an update local (no look
 * at neighbours), and a search for the highest or lowest gap of a size visits only paths that
 * hold one.
 *
 * Invariant: ranges do not overlap. A guard below a range (stacks) shrinks the gap below it,
 * never anything else. Locks: the owner's.
 */
#include "mm_internal.h"

static vaddr_t guarded_start(const struct gap_node *n)
{
	return n->start > n->guard ? n->start - n->guard : 0;
}

static void gap_update(struct rb_node *rb)
{
	struct gap_node *n = rb_entry(rb, struct gap_node, node);
	struct gap_node *l = rb_entry_safe(rb->left, struct gap_node, node);
	struct gap_node *r = rb_entry_safe(rb->right, struct gap_node, node);
	vaddr_t start = guarded_start(n), gap = 0;

	n->first = start;
	n->last = n->end;
	if (l) {
		n->first = l->first;
		gap = l->gap;
		if (start > l->last && start - l->last > gap)
			gap = start - l->last;
	}
	if (r) {
		n->last = r->last;
		if (r->gap > gap)
			gap = r->gap;
		if (r->first > n->end && r->first - n->end > gap)
			gap = r->first - n->end;
	}
	n->gap = gap;
}

static inline struct rb_node *rb_up(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_colour & ~1ul);
}

/* After start, end or guard of a node in the tree changed. */
void gap_changed(struct gap_node *n)
{
	for (struct rb_node *p = &n->node; p; p = rb_up(p))
		gap_update(p);
}

void gap_insert(struct gap_node *n, struct rb_root *root)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = n->start < rb_entry(parent, struct gap_node, node)->start ? &parent->left
										 : &parent->right;
	}
	rb_link(&n->node, parent, link);
	rb_insert_fixup_augmented(&n->node, root, gap_update);
}

void gap_erase(struct gap_node *n, struct rb_root *root)
{
	rb_erase_augmented(&n->node, root, gap_update);
}

/* First range with end > va. */
struct gap_node *gap_find(const struct rb_root *root, vaddr_t va)
{
	struct rb_node *p = root->node;
	struct gap_node *best = NULL;

	while (p) {
		struct gap_node *n = rb_entry(p, struct gap_node, node);

		if (n->end > va) {
			best = n;
			if (n->start <= va)
				break;
			p = p->left;
		} else {
			p = p->right;
		}
	}
	return best;
}

struct search {
	uint64_t len;
	vaddr_t lo, hi;
};

/* Could a gap of s->len lie in subtree n, which sits alone between floor and ceil? */
static bool may_hold(const struct gap_node *n, vaddr_t floor, vaddr_t ceil, uint64_t len)
{
	return n->gap >= len || (n->first > floor && n->first - floor >= len) ||
	       (ceil > n->last && ceil - n->last >= len);
}

/* Where the addresses left of @n end: a guard reaches down to the range before, not across it. */
static vaddr_t left_end(const struct gap_node *n)
{
	struct gap_node *l = rb_entry_safe(n->node.left, struct gap_node, node);
	vaddr_t start = guarded_start(n);

	return l && l->last > start ? l->last : start;
}

static vaddr_t leaf(vaddr_t floor, vaddr_t ceil, const struct search *s, bool high)
{
	floor = MAX(floor, s->lo);
	ceil = MIN(ceil, s->hi);
	if (ceil < floor || ceil - floor < s->len)
		return 0;
	return high ? ceil - s->len : floor;
}

/* Depth is that of the tree: at most 2 log2(n), 34 for the largest map. */
static vaddr_t search_high(struct rb_node *p, vaddr_t floor, vaddr_t ceil, const struct search *s)
{
	struct gap_node *n = rb_entry_safe(p, struct gap_node, node);
	vaddr_t found = 0;

	if (!n)
		return leaf(floor, ceil, s, true);
	if (ceil <= s->lo || floor >= s->hi || !may_hold(n, floor, ceil, s->len))
		return 0;
	if (n->end < s->hi)
		found = search_high(p->right, n->end, ceil, s);
	if (!found && n->start > s->lo)
		found = search_high(p->left, floor, left_end(n), s);
	return found;
}

static vaddr_t search_low(struct rb_node *p, vaddr_t floor, vaddr_t ceil, const struct search *s)
{
	struct gap_node *n = rb_entry_safe(p, struct gap_node, node);
	vaddr_t found = 0;

	if (!n)
		return leaf(floor, ceil, s, false);
	if (ceil <= s->lo || floor >= s->hi || !may_hold(n, floor, ceil, s->len))
		return 0;
	if (n->start > s->lo)
		found = search_low(p->left, floor, left_end(n), s);
	if (!found && n->end < s->hi)
		found = search_low(p->right, n->end, ceil, s);
	return found;
}

/* The highest (lowest) free address a with lo <= a and a + len <= hi; 0: none. */
vaddr_t gap_find_high(const struct rb_root *root, uint64_t len, vaddr_t lo, vaddr_t hi)
{
	struct search s = { len, lo, hi };

	return search_high(root->node, 0, ~(vaddr_t)0, &s);
}

vaddr_t gap_find_low(const struct rb_root *root, uint64_t len, vaddr_t lo, vaddr_t hi)
{
	struct search s = { len, lo, hi };

	return search_low(root->node, 0, ~(vaddr_t)0, &s);
}
