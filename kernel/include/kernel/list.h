/* SPDX-License-Identifier: MIT */
/* Circular doubly linked lists, and singly linked hash chains that RCU readers may walk. */
#pragma once
#include <kernel/atomic.h>

struct list_head {
	struct list_head *next, *prev;
};
#define LIST_HEAD_INIT(n) { &(n), &(n) }
#define LIST_HEAD(n) struct list_head n = LIST_HEAD_INIT(n)

static inline void list_init(struct list_head *h) { h->next = h->prev = h; }
static inline bool list_empty(const struct list_head *h) { return READ_ONCE(h->next) == h; }
static inline void list_insert_between(struct list_head *n, struct list_head *p, struct list_head *q)
{
	n->next = q;
	n->prev = p;
	q->prev = n;
	/* Release: an RCU walker that finds n sees n's own fields. */
	smp_store_release(&p->next, n);
}
static inline void list_add(struct list_head *n, struct list_head *h) { list_insert_between(n, h, h->next); }
static inline void list_add_tail(struct list_head *n, struct list_head *h) { list_insert_between(n, h->prev, h); }
/* Unlinks; n->next stays as it was, for RCU walkers. */
static inline void list_del(struct list_head *n)
{
	n->next->prev = n->prev;
	WRITE_ONCE(n->prev->next, n->next);
}
/* Unlinks and makes n an empty list: may be repeated, and list_empty(n) tells "not queued". */
static inline void list_del_init(struct list_head *n)
{
	list_del(n);
	list_init(n);
}
static inline void list_move(struct list_head *n, struct list_head *h) { list_del(n); list_add(n, h); }
static inline void list_move_tail(struct list_head *n, struct list_head *h) { list_del(n); list_add_tail(n, h); }
/* Moves all of @from to the front of @to; @from becomes empty. */
static inline void list_splice_init(struct list_head *from, struct list_head *to)
{
	if (list_empty(from))
		return;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	from->next->prev = to;
	to->next = from->next;
	list_init(from);
}
static inline void list_splice_tail_init(struct list_head *from, struct list_head *to)
{
	if (!list_empty(from))
		list_splice_init(from, to->prev);
}
#define list_entry(p, type, member) container_of(p, type, member)
#define list_first_entry(h, type, member) list_entry((h)->next, type, member)
#define list_last_entry(h, type, member) list_entry((h)->prev, type, member)
#define list_first_entry_or_null(h, type, member) (list_empty(h) ? NULL : list_first_entry(h, type, member))
#define list_next_entry(p, member) list_entry((p)->member.next, __typeof__(*(p)), member)
#define list_for_each(p, h) for (p = (h)->next; p != (h); p = p->next)
#define list_for_each_entry(e, h, member)                                                          \
	for (e = list_first_entry(h, __typeof__(*e), member); &e->member != (h);                   \
	     e = list_next_entry(e, member))
#define list_for_each_entry_safe(e, n, h, member)                                                  \
	for (e = list_first_entry(h, __typeof__(*e), member), n = list_next_entry(e, member);      \
	     &e->member != (h); e = n, n = list_next_entry(n, member))
#define list_for_each_entry_reverse(e, h, member)                                                  \
	for (e = list_last_entry(h, __typeof__(*e), member); &e->member != (h);                    \
	     e = list_entry(e->member.prev, __typeof__(*e), member))
/* Under rcu_read_lock(), against list_add/list_del under the writers' lock. */
#define list_for_each_entry_rcu(e, h, member)                                                      \
	for (e = list_entry(smp_load_acquire(&(h)->next), __typeof__(*e), member);                 \
	     &e->member != (h); e = list_entry(smp_load_acquire(&e->member.next), __typeof__(*e), member))

struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	n->next = h->first;
	if (n->next)
		n->next->pprev = &n->next;
	n->pprev = &h->first;
	smp_store_release(&h->first, n);
}
/* n->next stays, for RCU walkers; pprev NULL tells "not hashed". */
static inline void hlist_del(struct hlist_node *n)
{
	WRITE_ONCE(*n->pprev, n->next);
	if (n->next)
		n->next->pprev = n->pprev;
	n->pprev = NULL;
}
static inline bool hlist_unhashed(const struct hlist_node *n) { return !n->pprev; }
#define hlist_entry_safe(p, type, member) ({ __typeof__(p) _p = (p); _p ? container_of(_p, type, member) : NULL; })
#define hlist_for_each_entry(e, h, member)                                                         \
	for (e = hlist_entry_safe(smp_load_acquire(&(h)->first), __typeof__(*e), member); e;       \
	     e = hlist_entry_safe(smp_load_acquire(&e->member.next), __typeof__(*e), member))
#define hlist_for_each_entry_safe(e, n, h, member)                                                 \
	for (e = hlist_entry_safe((h)->first, __typeof__(*e), member);                             \
	     e && ((n = e->member.next), 1); e = hlist_entry_safe(n, __typeof__(*e), member))
