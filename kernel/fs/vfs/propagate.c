/* SPDX-License-Identifier: MIT */
/*
 * Mount propagation (mount_namespaces(7)): shared groups of peers, slaves that receive from a
 * master, private and
 * unbindable mounts.
 *
 * Peers form a ring through mount->share; a slave hangs on the slaves list of one member of
 * its master group. All is
 * changed under mount_sem; what mountinfo shows also under mount_lock.
 */
#include <uapi/mount.h>
#include "vfs_internal.h"

#define MAX_SLAVE_DEPTH 32	/* SIMPLE: slaves of slaves deeper than this: -ENOSPC */
static DECLARE_BITMAP(group_ids, 4096);	/* [mount_sem] */

static int group_id_get(void)
{
	unsigned n = find_next_zero_bit(group_ids, 4096, 1);

	if (n >= 4096)
		return -ENOSPC;
	group_ids[n / 64] |= 1ul << (n % 64);
	return (int)n;
}

static void group_id_put(int id)
{
	group_ids[id / 64] &= ~(1ul << (id % 64));
}

int propagate_invent_one(struct mount *m)
{
	int id;

	if (m->group_id || mount_is_shared(m))
		return 0;
	id = group_id_get();
	if (id < 0)
		return id;
	m->group_id = id;
	return 0;
}

/* On failure the ids given so far go when their mounts go or become private. */
int propagate_invent_ids(struct mount *tree)
{
	struct mount *m;
	int err = 0;

	for (m = tree; m && !err; m = mount_next(m, tree))
		err = propagate_invent_one(m);
	return err;
}

#define for_each_peer(p, m) for (p = list_entry((m)->share.next, struct mount, share); p != (m); \
				 p = list_entry(p->share.next, struct mount, share))

static int copy_to(struct mount *to, struct dentry *at, struct mount *src, unsigned cl,
		   struct list_head *copies, struct mount **copy)
{
	int err;

	*copy = NULL;
	if (!d_is_ancestor(to->root, at) || !to->ns)
		return 0;	/* this mount does not show the place */
	err = mount_copy_tree(src, src->root, true, cl | CL_UNBINDABLE, copy);
	if (err)
		return err;
	(*copy)->ex_parent = to;	/* where it goes; no reference */
	list_add_tail(&(*copy)->ns_link, copies);
	return 0;
}

/* Copies of @tree for every peer and slave of @parent, itself excluded. */
int propagate_attach(struct mount *parent, struct dentry *at, struct mount *tree,
		     struct list_head *copies, unsigned depth)
{
	struct mount *p = parent, *s, *copy;
	int err;

	if (depth > MAX_SLAVE_DEPTH)
		return -ENOSPC;
	do {
		if (p != parent) {
			err = copy_to(p, at, tree, CL_MAKE_SHARED, copies, &copy);
			if (err)
				return err;
		}
		list_for_each_entry(s, &p->slaves, slave_link) {
			err = copy_to(s, at, tree, CL_SLAVE, copies, &copy);
			if (err)
				return err;
			if (!copy)
				continue;
			if (mount_is_shared(s)) {
				struct mount *m;

				err = propagate_invent_ids(copy);
				if (err)
					return err;
				for (m = copy; m; m = mount_next(m, copy))
					m->flags |= MNT_SHARED;
			}
			err = propagate_attach(s, at, copy, copies, depth + 1);
			if (err)
				return err;
		}
		p = list_entry(p->share.next, struct mount, share);
	} while (p != parent && p->group_id == parent->group_id && mount_is_shared(parent));
	return 0;
}

/* All mounts that receive @origin's events, on @out through prop_link. */
void propagate_targets(struct mount *origin, struct list_head *out)
{
	struct list_head *done = out;
	struct mount *m = origin, *p, *s;

	for (;;) {
		if (mount_is_shared(m))
			for_each_peer(p, m)
				if (p != origin && list_empty(&p->prop_link))
					list_add_tail(&p->prop_link, out);
		list_for_each_entry(s, &m->slaves, slave_link)
			if (s != origin && list_empty(&s->prop_link))
				list_add_tail(&s->prop_link, out);
		done = done->next;
		if (done == out)
			return;
		m = list_entry(done, struct mount, prop_link);
	}
}

/* Is @m, or one of its mirrors, used beyond @refs references? */
bool propagate_busy(struct mount *m, int refs)
{
	LIST_HEAD(targets);
	struct mount *t, *n, *c;
	bool busy = atomic_read(&m->refs) > refs || !list_empty(&m->children);

	if (busy || m->parent == m || !mount_is_shared(m->parent))
		return busy;
	propagate_targets(m->parent, &targets);
	list_for_each_entry_safe(t, n, &targets, prop_link) {
		list_del_init(&t->prop_link);
		c = mount_lookup_locked(t, m->mountpoint);
		if (c && list_empty(&c->children) && atomic_read(&c->refs) > 1)
			busy = true;
	}
	return busy;
}

static void make_slave(struct mount *m)
{
	struct mount *master, *s, *n;

	if (list_empty(&m->share)) {
		if (m->group_id)
			group_id_put(m->group_id);
		master = m->master;
	} else {
		struct mount *p;

		master = list_entry(m->share.next, struct mount, share);
		for_each_peer(p, m)
			if (p->root == m->root) {
				master = p;
				break;
			}
		list_del_init(&m->share);
	}
	m->group_id = 0;
	m->flags &= ~MNT_SHARED;
	list_for_each_entry_safe(s, n, &m->slaves, slave_link) {
		list_del_init(&s->slave_link);
		s->master = master;
		if (master)
			list_add_tail(&s->slave_link, &master->slaves);
	}
	if (!master)
		return;
	list_del_init(&m->slave_link);
	list_add(&m->slave_link, &master->slaves);
	m->master = master;
}

/* mount_lock held. MS_SHARED expects that ids were invented. */
void propagate_change(struct mount *m, unsigned type)
{
	if (type == MS_SHARED) {
		m->flags = (m->flags | MNT_SHARED) & ~MNT_UNBINDABLE;
		return;
	}
	make_slave(m);
	if (type == MS_SLAVE)
		return;
	list_del_init(&m->slave_link);
	m->master = NULL;
	m->flags &= ~MNT_UNBINDABLE;
	if (type == MS_UNBINDABLE)
		m->flags |= MNT_UNBINDABLE;
}
