/* SPDX-License-Identifier: MIT */
/* UNIT-SOURCES: kernel/lib/rbtree.c */
#include <kernel/rbtree.h>
#include "unit.h"

struct item {
	struct rb_node rb;
	unsigned key;
	unsigned max;	/* largest key of the subtree: the augmentation under test */
};

static struct item *of(struct rb_node *n) { return rb_entry(n, struct item, rb); }
static void update(struct rb_node *n)
{
	struct item *i = of(n);

	i->max = i->key;
	if (n->left && of(n->left)->max > i->max)
		i->max = of(n->left)->max;
	if (n->right && of(n->right)->max > i->max)
		i->max = of(n->right)->max;
}

/* Black height, or -1 when a rule is broken. */
static int check(struct rb_node *n, unsigned lo, unsigned hi)
{
	int l, r;
	bool red;

	if (!n)
		return 1;
	red = !(n->parent_colour & 1);
	if (of(n)->key < lo || of(n)->key > hi)
		return -1;
	if (red && ((n->left && !(n->left->parent_colour & 1)) || (n->right && !(n->right->parent_colour & 1))))
		return -1;
	l = check(n->left, lo, of(n)->key);
	r = check(n->right, of(n)->key, hi);
	struct item was = *of(n);
	update(n);
	if (was.max != of(n)->max || l != r || l < 0)
		return -1;
	return l + !red;
}

static void insert(struct rb_root *root, struct item *i)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = i->key < of(parent)->key ? &parent->left : &parent->right;
	}
	i->max = i->key;
	rb_link(&i->rb, parent, link);
	rb_insert_fixup_augmented(&i->rb, root, update);
}

TEST(rules_hold_through_random_inserts_and_erases)
{
	enum { N = 600 };
	static struct item items[N];
	static bool in[N];
	struct rb_root root = RB_ROOT;
	uint32_t x = 7;
	unsigned count = 0;

	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (x = x * 1664525 + 1013904223) >> 8;

		i %= N;
		if (in[i]) {
			rb_erase_augmented(&items[i].rb, &root, update);
			count--;
		} else {
			items[i].key = (x >> 4) % 1000;
			insert(&root, &items[i]);
			count++;
		}
		in[i] = !in[i];
		if (step % 16 == 0) {
			unsigned n = 0, last = 0;

			CHECK(check(root.node, 0, ~0u) > 0);
			for (struct rb_node *p = rb_first(&root); p; p = rb_next(p), n++) {
				CHECK(of(p)->key >= last);
				last = of(p)->key;
			}
			CHECK_EQ(n, count);
			n = 0;
			for (struct rb_node *p = rb_last(&root); p; p = rb_prev(p))
				n++;
			CHECK_EQ(n, count);
		}
	}
}
