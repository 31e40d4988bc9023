/* SPDX-License-Identifier: MIT */
/*
 * The tree of mounts: making, hashing, attaching, taking apart, releasing.
 *
 * mount_sem (sleeping) serialises every change of the topology. mount_lock with mount_seq
 * makes each step atomic
 * for readers: look-ups go through the hash under RCU and are valid if mount_seq stood still.
 *
 * References: the tree holds one on each attached mount, a child one on its parent and one on
 * the dentry it is
 * mounted on, users the rest. A mount without references has left the tree before.
 */
#include "vfs_internal.h"

#define MOUNT_BUCKETS 256u
DEFINE_SPINLOCK(mount_lock, LR_MOUNT);
struct seqcount mount_seq;
int sysctl_mount_max = 100000;
struct rwsem mount_sem;
struct mnt_ns init_mnt_ns = { .refs = ATOMIC_INIT(1), .ino = 0xf0000000u };
static struct hlist_head mount_table[MOUNT_BUCKETS];
static DECLARE_BITMAP(ids, 4096);	/* [mount_lock] */
static int next_id = 4096;
static struct kmem_cache *mount_cache;

static struct hlist_head *mount_bucket(const struct mount *parent, const struct dentry *d)
{
	return &mount_table[hash_u64((uintptr_t)parent / 64 + (uintptr_t)d / 64 * 31, 8)];
}

struct mount *mount_lookup(struct mount *parent, struct dentry *d)
{
	struct mount *m;

	hlist_for_each_entry(m, mount_bucket(parent, d), hash)
		if (READ_ONCE(m->parent) == parent && READ_ONCE(m->mountpoint) == d)
			return m;
	return NULL;
}

struct mount *mount_lookup_locked(struct mount *parent, struct dentry *d)
{
	return mount_lookup(parent, d);
}

static int id_get(void)
{
	unsigned n;

	spin_lock(&mount_lock);
	n = find_next_zero_bit(ids, 4096, 1);
	if (n < 4096)
		ids[n / 64] |= 1ul << (n % 64);
	else
		n = (unsigned)next_id++;
	spin_unlock(&mount_lock);
	return (int)n;
}

static void id_put(int id)
{
	if (id >= 4096)
		return;
	spin_lock(&mount_lock);
	ids[id / 64] &= ~(1ul << (id % 64));
	spin_unlock(&mount_lock);
}

struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname,
			  unsigned flags)
{
	struct mount *m = kmem_cache_alloc(mount_cache, GFP_KERNEL | GFP_ZERO);

	if (!m)
		return NULL;
	if (devname) {
		m->devname = kstrdup(devname, GFP_KERNEL);
		if (!m->devname) {
			kmem_cache_free(mount_cache, m);
			return NULL;
		}
	}
	m->parent = m;
	m->mountpoint = root;
	m->root = dentry_get(root);
	m->sb = sb;
	atomic_inc(&sb->refs);
	atomic_set(&m->refs, 1);
	m->flags = flags;
	m->id = id_get();
	list_init(&m->children);
	list_init(&m->child_link);
	list_init(&m->ns_link);
	list_init(&m->share);
	list_init(&m->slaves);
	list_init(&m->slave_link);
	list_init(&m->prop_link);
	list_init(&m->dead_link);
	return m;
}

static void mount_free_rcu(struct rcu_head *h)
{
	struct mount *m = container_of(h, struct mount, rcu);

	kfree(m->devname);
	kmem_cache_free(mount_cache, m);
}

void mnt_put(struct mount *m)
{
	if (unlikely(m->expiry_mark))
		WRITE_ONCE(m->expiry_mark, false);
	if (!ref_put(&m->refs))
		return;
	ASSERT(m->parent == m && !m->ns);
	id_put(m->id);
	dentry_put(m->root);
	super_put(m->sb);
	call_rcu(&m->rcu, mount_free_rcu);
}

/*
 * A copy of one mount, not attached. The relation to the original is as @cl says; mount_sem
 * held.
 */
struct mount *mount_clone(struct mount *old, struct dentry *root, unsigned cl)
{
	struct mount *m =
		mount_alloc(old->sb, root, old->devname, old->flags & ~(MNT_SHARED | MNT_LOCKED));

	if (!m)
		return NULL;
	spin_lock(&mount_lock);
	if (cl & CL_SLAVE) {
		m->master = old;
		list_add(&m->slave_link, &old->slaves);
	} else if (!(cl & CL_PRIVATE)) {
		if ((cl & CL_MAKE_SHARED) || mount_is_shared(old)) {
			m->group_id = old->group_id;
			m->flags |= MNT_SHARED;
			list_add(&m->share, &old->share);
		}
		if (old->master) {
			m->master = old->master;
			list_add(&m->slave_link, &old->slave_link);
		}
	}
	spin_unlock(&mount_lock);
	return m;
}

/* The next mount of @top's tree in depth-first order, parents first. */
struct mount *mount_next(struct mount *m, struct mount *top)
{
	if (!list_empty(&m->children))
		return list_first_entry(&m->children, struct mount, child_link);
	while (m != top) {
		struct mount *parent = m->parent;

		if (m->child_link.next != &parent->children)
			return list_entry(m->child_link.next, struct mount, child_link);
		m = parent;
	}
	return NULL;
}

static void clear_mounted(struct dentry *d)
{
	unsigned i;
	struct mount *m;

	for (i = 0; i < MOUNT_BUCKETS; i++)
		hlist_for_each_entry(m, &mount_table[i], hash)
			if (m->mountpoint == d)
				return;
	dentry_set_flag(d, 0, D_MOUNTED);
}

/* mount_lock held, mount_seq odd, for the next two. */
void mount_hash_locked(struct mount *m, struct mount *parent, struct dentry *at)
{
	mnt_get(parent);
	WRITE_ONCE(m->parent, parent);
	WRITE_ONCE(m->mountpoint, dentry_get(at));
	dentry_set_flag(at, D_MOUNTED, 0);
	hlist_add_head(&m->hash, mount_bucket(parent, at));
	list_add_tail(&m->child_link, &parent->children);
}

/*
 * The references on parent and mountpoint are dropped by mount_release_list(), or given up by
 * a mover.
 */
void mount_unhash_locked(struct mount *m)
{
	struct dentry *at = m->mountpoint;

	m->ex_parent = m->parent;
	hlist_del(&m->hash);
	list_del_init(&m->child_link);
	WRITE_ONCE(m->parent, m);
	clear_mounted(at);
}

void mount_collect_tree(struct mount *top, struct list_head *out)
{
	struct mount *m;

	for (m = top; m; m = mount_next(m, top))
		list_add_tail(&m->dead_link, out);
}

/* A tree joins the namespace. mount_lock held. */
void mount_commit_locked(struct mount *tree, struct mnt_ns *ns)
{
	struct mount *m;

	for (m = tree; m; m = mount_next(m, tree)) {
		m->ns = ns;
		list_add_tail(&m->ns_link, &ns->mounts);
		ns->nr++;
	}
}

/*
 * Copies @m (from @root down) and, recursively, what is mounted below it. The copy is held
 * together by its links but
 * not committed to a namespace. mount_sem held for writing.
 */
int mount_copy_tree(struct mount *m, struct dentry *root, bool recursive, unsigned cl,
		    struct mount **out)
{
	LIST_HEAD(dead);
	struct mount *top, *p, *q, *to;

	if (!(cl & CL_UNBINDABLE) && (m->flags & MNT_UNBINDABLE))
		return -EINVAL;
	top = mount_clone(m, root, cl);
	if (!top)
		return -ENOMEM;
	*out = top;
	if (!recursive)
		return 0;
	to = top;
	for (p = mount_next(m, m), q = m; p; ) {
		struct mount *parent = p->parent;

		if ((parent == m && !d_is_ancestor(root, p->mountpoint)) ||
		    (!(cl & CL_UNBINDABLE) && (p->flags & MNT_UNBINDABLE))) {
			/* Skip it and what is below. */
			while (p && p != m && p->child_link.next == &p->parent->children)
				p = p->parent;
			p = p == m ? NULL
				   : list_entry(p->child_link.next, struct mount, child_link);
			continue;
		}
		while (q != parent) {		/* climb both trees to the common parent */
			q = q->parent;
			to = to->parent;
		}
		{
			struct mount *c = mount_clone(p, p->root, cl);

			if (!c) {
				spin_lock(&mount_lock);
				mount_kill_tree_locked(top, false, &dead);
				spin_unlock(&mount_lock);
				mount_release_list(&dead);
				return -ENOMEM;
			}
			spin_lock(&mount_lock);
			seq_write_begin(&mount_seq);
			mount_hash_locked(c, to, p->mountpoint);
			seq_write_end(&mount_seq);
			spin_unlock(&mount_lock);
			q = p;
			to = c;
		}
		p = mount_next(p, m);
	}
	return 0;
}

/* Forget peers, masters and slaves. mount_lock held. */
static void leave_groups(struct mount *m)
{
	if (mount_is_shared(m) || m->master || !list_empty(&m->slaves))
		propagate_change(m, 1u << 18 /* MS_PRIVATE */);
}

/*
 * Takes a tree apart; its mounts go to @dead, to be released by mount_release_list() after
 * mount_lock. With @propagate the
 * mounts that mirror them elsewhere go too, where nothing else is mounted on them.
 */
void mount_kill_tree_locked(struct mount *top, bool propagate, struct list_head *dead)
{
	LIST_HEAD(tree);
	LIST_HEAD(targets);
	struct mount *m, *n, *t;

	mount_collect_tree(top, &tree);
	seq_write_begin(&mount_seq);
	if (propagate) {
		LIST_HEAD(more);

		/* Leaves first, so that a mirror whose children all go can go too. */
		list_for_each_entry_reverse(m, &tree, dead_link) {
			if (m->parent == m || !mount_is_shared(m->parent))
				continue;
			propagate_targets(m->parent, &targets);
			list_for_each_entry(t, &targets, prop_link) {
				struct mount *c = mount_lookup(t, m->mountpoint);
				struct mount *k;
				bool empty = true;

				if (!c || !list_empty(&c->dead_link))
					continue;
				list_for_each_entry(k, &c->children, child_link)
					empty = empty && !list_empty(&k->dead_link);
				if (empty && !(c->flags & MNT_LOCKED))
					list_add(&c->dead_link, &more);
			}
			list_for_each_entry_safe(t, n, &targets, prop_link)
				list_del_init(&t->prop_link);
		}
		list_splice_init(&more, tree.prev);
	}
	list_for_each_entry_safe(m, n, &tree, dead_link) {
		if (m->ns) {
			m->ns->nr--;
			mnt_ns_changed(m->ns);
			list_del_init(&m->ns_link);
			m->ns = NULL;
		}
	}
	while (!list_empty(&tree)) {
		m = list_last_entry(&tree, struct mount, dead_link);
		if (m->parent != m)
			mount_unhash_locked(m);
		leave_groups(m);
		list_move(&m->dead_link, dead);
	}
	seq_write_end(&mount_seq);
}

/* Drops the tree's references, with no lock held. */
void mount_release_list(struct list_head *dead)
{
	struct mount *m, *n;

	list_for_each_entry_safe(m, n, dead, dead_link) {
		list_del_init(&m->dead_link);
		if (m->ex_parent) {
			dentry_put(m->mountpoint);
			m->mountpoint = m->root;
			mnt_put(m->ex_parent);
			m->ex_parent = NULL;
		}
		mnt_put(m);
	}
}

/* fs.mount-max bounds what a namespace holds. SIMPLE: copies for several places of one namespace are not added up. */
static int mount_count_check(struct mount *tree, const struct mnt_ns *ns)
{
	unsigned long n = ns->nr;
	struct mount *m;

	for (m = tree; m; m = mount_next(m, tree))
		n++;
	return n > (unsigned long)READ_ONCE(sysctl_mount_max) ? -ENOSPC : 0;
}

/*
 * Attaches @tree (its reference goes to the tree) at @at. If @at's mount is shared, copies
 * appear at its peers and
 * slaves. @moving: the tree was attached elsewhere and has its place in the namespace already.
 * mount_sem held.
 */
int mount_attach_tree(struct mount *tree, const struct path *at, bool moving)
{
	LIST_HEAD(copies);
	LIST_HEAD(dead);
	struct mount *c, *n;
	struct dentry *old_at = NULL;
	int err = moving ? 0 : mount_count_check(tree, at->mnt->ns);

	if (err)
		return err;
	if (mount_is_shared(at->mnt)) {
		err = propagate_invent_ids(tree);
		if (!err)
			err = propagate_attach(at->mnt, at->dentry, tree, &copies, 0);
		list_for_each_entry(c, &copies, ns_link)
			if (!err)
				err = mount_count_check(c, c->ex_parent->ns);
		if (err) {
			spin_lock(&mount_lock);
			list_for_each_entry_safe(c, n, &copies, ns_link) {
				list_del_init(&c->ns_link);
				mount_kill_tree_locked(c, false, &dead);
			}
			spin_unlock(&mount_lock);
			mount_release_list(&dead);
			return err;
		}
	}
	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	if (moving && tree->parent != tree) {
		old_at = tree->mountpoint;
		mount_unhash_locked(tree);
	}
	if (mount_is_shared(at->mnt))
		for (c = tree; c; c = mount_next(c, tree))
			c->flags |= MNT_SHARED;
	mount_hash_locked(tree, at->mnt, at->dentry);
	if (!moving)
		mount_commit_locked(tree, at->mnt->ns);
	list_for_each_entry_safe(c, n, &copies, ns_link) {
		struct mount *parent = c->ex_parent, *below;

		list_del_init(&c->ns_link);
		c->ex_parent = NULL;
		/* Something there already: it ends up on top of ours. */
		below = mount_lookup(parent, at->dentry);
		mount_hash_locked(c, parent, at->dentry);
		if (below) {
			struct dentry *was = below->mountpoint;

			mount_unhash_locked(below);
			mount_hash_locked(below, c, c->root);
			below->ex_parent = NULL;
			atomic_dec(&parent->refs);
			atomic_dec(
				&was->refs); /* c holds another one on each: neither can be the last */
		}
		mount_commit_locked(c, parent->ns);
	}
	mnt_ns_changed(at->mnt->ns);
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
	if (old_at) {
		dentry_put(old_at);
		mnt_put(tree->ex_parent);
		tree->ex_parent = NULL;
	}
	return 0;
}

bool mount_readonly(const struct mount *m)
{
	return (READ_ONCE(m->flags) & MNT_READONLY) || (m->sb->flags & SB_RDONLY);
}

int mnt_want_write(struct mount *m)
{
	atomic_inc(&m->writers);
	smp_mb(); /* a remount sets the flag, then looks at writers: one of us sees the other */
	if (unlikely(mount_readonly(m))) {
		atomic_dec(&m->writers);
		return -EROFS;
	}
	return 0;
}

void mnt_drop_write(struct mount *m)
{
	atomic_dec(&m->writers);
}

struct mount *kern_mount_detached(const char *type, const char *source, unsigned flags,
				  const char *data, int *err)
{
	struct fs_type *t = fs_type_find(type);
	struct super *sb;
	struct mount *m;

	if (!t) {
		*err = -ENODEV;
		return NULL;
	}
	*err = super_mount(t, flags, source, data, &sb);
	if (*err)
		return NULL;
	m = mount_alloc(sb, sb->root, source, MNT_RELATIME);
	super_put(sb);
	if (!m)
		*err = -ENOMEM;
	return m;
}

int kern_mount(const char *type, const char *source, const char *dir, unsigned flags,
	       const char *data)
{
	struct path at;
	struct mount *m;
	int err;

	err = kern_path(dir, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &at);
	if (err)
		return err;
	m = kern_mount_detached(type, source, flags, data, &err);
	if (m) {
		down_write(&mount_sem);
		err = mount_attach_tree(m, &at, false);
		up_write(&mount_sem);
		if (err)
			mnt_put(m);
	}
	path_put(&at);
	return err;
}

/* rootfs, and the running task's root and working directory. */
int __init mount_root_init(void)
{
	struct mount *m;
	struct path p;
	int err;

	m = kern_mount_detached("rootfs", "rootfs", 0, NULL, &err);
	if (!m)
		return err;
	m->flags = 0;	/* as Linux: neither relatime nor anything else */
	down_write(&mount_sem);
	spin_lock(&mount_lock);
	init_mnt_ns.root = m;
	list_add(&init_mnt_ns.link, &mnt_namespaces);
	mount_commit_locked(m, &init_mnt_ns);
	spin_unlock(&mount_lock);
	up_write(&mount_sem);
	p.mnt = m;
	p.dentry = m->root;
	return fs_context_init(&p);
}

void __init mount_init(void)
{
	rwsem_init(&mount_sem, LR_MOUNT_SEM);
	list_init(&init_mnt_ns.mounts);
	waitq_init(&init_mnt_ns.poll);
	mount_cache = kmem_cache_create("mount", sizeof(struct mount), CACHE_LINE, 0, NULL);
	if (!mount_cache)
		panic("vfs: no memory for mounts");
}
