/* SPDX-License-Identifier: MIT */
/*
 * Descriptors in flight, and the collector of sockets that only messages hold.
 *
 * Two sockets whose descriptors are sent to each other and then closed are reachable by nobody, but each is held by a
 * message in the other's queue. A socket all of whose file references are such messages is a candidate. From the
 * candidates' counts the references that come from candidates' own queues are taken away; one with some left is held from
 * outside, and so is whatever its queue holds, and so on. The rest is garbage: the messages with descriptors go, and with
 * them the sockets.
 *
 * Counts are never changed by a collection (it works on copies and marks), so a message that arrives meanwhile does no harm:
 * it can only make more reachable. A receiver that has dequeued a message but not yet uncounted it leaves a count
 * that no queue explains: reachable. Nobody can receive from garbage, since no descriptor of it exists.
 *
 * Locks: unix_gc_lock over counts, the list, marks and msg->rights; unix_sock.lock inside it for the queues.
 */
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <uapi/resource.h>
#include "unix_internal.h"

#define GC_TRIGGER 16000u

enum { GC_NONE, GC_CANDIDATE, GC_REACHED };

DEFINE_SPINLOCK(unix_gc_lock, LR_UNIX_GC);
unsigned unix_inflight_sockets;			/* references by messages to sockets; read freely */
static LIST_HEAD(gc_list);			/* sockets with inflight > 0 */

static struct unix_sock *unix_of_file(struct file *f)
{
	int err;
	struct socket *s = f->ops == &socket_fops ? socket_from_file(f, &err) : NULL;

	return s && s->family == AF_UNIX ? unix_sk(s) : NULL;
}

/* A sender that fills the machine with descriptors looks for garbage itself, when there are twice as many as were left. */
static void collect_when_many(void)
{
	static unsigned limit = GC_TRIGGER;

	if (likely(READ_ONCE(unix_inflight_sockets) < READ_ONCE(limit)))
		return;
	unix_gc();
	WRITE_ONCE(limit, MAX(GC_TRIGGER, 2 * READ_ONCE(unix_inflight_sockets)));
}

int unix_inflight_add(struct unix_rights *r)
{
	struct user *user = current_cred()->user;

	collect_when_many();
	if ((uint64_t)atomic_read(&user->unix_inflight) > rlimit(RLIMIT_NOFILE) && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN))
		return -ETOOMANYREFS;
	atomic_inc(&user->refs);
	r->user = user;
	atomic_add(&user->unix_inflight, (int)r->count);
	spin_lock(&unix_gc_lock);
	for (unsigned i = 0; i < r->count; i++) {
		struct unix_sock *u = unix_of_file(r->file[i]);

		if (!u)
			continue;
		if (!u->inflight++)
			list_add_tail(&u->gc_link, &gc_list);
		WRITE_ONCE(unix_inflight_sockets, unix_inflight_sockets + 1);
	}
	spin_unlock(&unix_gc_lock);
	return 0;
}

void unix_inflight_del(struct unix_rights *r)
{
	spin_lock(&unix_gc_lock);
	for (unsigned i = 0; i < r->count; i++) {
		struct unix_sock *u = unix_of_file(r->file[i]);

		if (!u)
			continue;
		if (!--u->inflight)
			list_del_init(&u->gc_link);
		WRITE_ONCE(unix_inflight_sockets, unix_inflight_sockets - 1);
	}
	spin_unlock(&unix_gc_lock);
	atomic_sub(&r->user->unix_inflight, (int)r->count);
	user_put(r->user);
	r->user = NULL;
}

/* ---- collecting; unix_gc_lock held */

typedef void (*child_fn)(struct unix_sock *child, struct list_head *arg);

static void each_in_queue(struct unix_sock *u, child_fn fn, struct list_head *arg)
{
	spin_lock(&u->lock);
	for (struct unix_msg *m = u->head; m; m = m->next) {
		for (unsigned i = 0; m->rights && i < m->rights->count; i++) {
			struct unix_sock *child = unix_of_file(m->rights->file[i]);

			if (child && child->gc_state == GC_CANDIDATE)
				fn(child, arg);
		}
	}
	spin_unlock(&u->lock);
}

/* What @u's queue holds; a listener's is in the sockets that wait to be accepted. */
static void each_child(struct unix_sock *u, child_fn fn, struct list_head *arg)
{
	struct unix_sock *e;

	if (u->s.state != UNIX_LISTEN) {
		each_in_queue(u, fn, arg);
		return;
	}
	/* Each is kept by the listener's queue, and that by the lock. */
	spin_lock(&u->lock);
	list_for_each_entry(e, &u->accept_list, accept_link) {
		spin_lock_nested(&e->lock);
		for (struct unix_msg *m = e->head; m; m = m->next)
			for (unsigned i = 0; m->rights && i < m->rights->count; i++) {
				struct unix_sock *child = unix_of_file(m->rights->file[i]);

				if (child && child->gc_state == GC_CANDIDATE)
					fn(child, arg);
			}
		spin_unlock(&e->lock);
	}
	spin_unlock(&u->lock);
}

static void take_away(struct unix_sock *child, struct list_head *arg)
{
	if (child->gc_refs)
		child->gc_refs--;
}

static void reach(struct unix_sock *child, struct list_head *reached)
{
	child->gc_state = GC_REACHED;
	list_move_tail(&child->gc_link, reached);
}

/* Takes the messages with descriptors out of the queue of @u. */
static void harvest(struct unix_sock *u, struct unix_msg **out)
{
	struct unix_msg **link = &u->head, *m, *last = NULL;

	while ((m = *link)) {
		if (m->rights) {
			*link = m->next;
			if (u->oob == m)
				u->oob = NULL;
			if (u->s.type != SOCK_STREAM)
				WRITE_ONCE(u->qlen, u->qlen - 1);
			m->next = *out;
			*out = m;
			continue;
		}
		last = m;
		link = &m->next;
	}
	u->tail = last;
}

static void harvest_socket(struct unix_sock *u, struct unix_msg **out)
{
	struct unix_sock *e;

	spin_lock(&u->lock);
	harvest(u, out);
	list_for_each_entry(e, &u->accept_list, accept_link) {
		spin_lock_nested(&e->lock);
		harvest(e, out);
		spin_unlock(&e->lock);
	}
	spin_unlock(&u->lock);
}

/* Leaves the garbage in @candidates, everything else in gc_list. */
static void find_garbage(struct list_head *candidates)
{
	struct unix_sock *u, *n;
	LIST_HEAD(reached);
	LIST_HEAD(done);

	list_for_each_entry_safe(u, n, &gc_list, gc_link) {
		struct file *f = READ_ONCE(u->s.file);

		if (!f || (unsigned)atomic_read(&f->refs) != u->inflight)
			continue;
		u->gc_state = GC_CANDIDATE;
		u->gc_refs = u->inflight;
		list_move_tail(&u->gc_link, candidates);
	}
	list_for_each_entry(u, candidates, gc_link)
		each_child(u, take_away, NULL);
	list_for_each_entry_safe(u, n, candidates, gc_link)
		if (u->gc_refs)
			reach(u, &reached);
	while (!list_empty(&reached)) {
		u = list_first_entry(&reached, struct unix_sock, gc_link);
		list_move_tail(&u->gc_link, &done);
		each_child(u, reach, &reached);
	}
	list_for_each_entry(u, &done, gc_link)
		u->gc_state = GC_NONE;
	list_splice_tail_init(&done, &gc_list);
}

void unix_gc(void)
{
	struct unix_msg *doomed = NULL;
	struct unix_sock *u;
	LIST_HEAD(garbage);

	spin_lock(&unix_gc_lock);
	find_garbage(&garbage);
	list_for_each_entry(u, &garbage, gc_link) {
		u->gc_state = GC_NONE;
		harvest_socket(u, &doomed);
	}
	list_splice_tail_init(&garbage, &gc_list);
	spin_unlock(&unix_gc_lock);
	while (doomed) {
		struct unix_msg *next = doomed->next;

		unix_msg_put(doomed);
		doomed = next;
	}
}
