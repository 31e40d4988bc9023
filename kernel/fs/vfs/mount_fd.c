/* SPDX-License-Identifier: MIT */
/*
 * Mounts by descriptor: open_tree(2), move_mount(2), mount_setattr(2).
 *
 * A detached tree of mounts is in no namespace and is held by one descriptor; it goes with it unless it was
 * attached before. MNT_DETACHED marks its top, whose tree reference nobody else has.
 *
 * Locks: mount_sem for writing over each change. References: open_tree(2), move_mount(2), mount_setattr(2).
 */
#include <uapi/mount.h>
#include "vfs_internal.h"

#define ATTRS_KNOWN                                                                                \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |            \
	 MOUNT_ATTR_ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

/* All attributes but the access times'. */
static unsigned plain_flags(uint64_t attrs)
{
	static const struct {
		unsigned attr, flag;
	} map[] = {
		{ MOUNT_ATTR_RDONLY, MNT_READONLY },
		{ MOUNT_ATTR_NOSUID, MNT_NOSUID },
		{ MOUNT_ATTR_NODEV, MNT_NODEV },
		{ MOUNT_ATTR_NOEXEC, MNT_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MNT_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	unsigned flags = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		if (attrs & map[i].attr)
			flags |= map[i].flag;
	return flags;
}

static int atime_flags(uint64_t attrs, unsigned *flags)
{
	switch (attrs & MOUNT_ATTR_ATIME) {
	case 0:
		*flags |= MNT_RELATIME;
		return 0;
	case MOUNT_ATTR_NOATIME:
		*flags |= MNT_NOATIME;
		return 0;
	case MOUNT_ATTR_STRICTATIME:
		return 0;
	default:
		return -EINVAL;
	}
}

int mount_attrs_to_flags(uint64_t attrs, unsigned *flags)
{
	if (attrs & ~(uint64_t)ATTRS_KNOWN)
		return -EINVAL;
	*flags = plain_flags(attrs);
	return atime_flags(attrs, flags);
}

/* ---- detached trees */

void mount_dissolve(struct mount *m)
{
	down_write(&mount_sem);
	if (m->flags & MNT_DETACHED) {
		m->flags &= ~MNT_DETACHED;
		mount_drop_tree(m);
	}
	up_write(&mount_sem);
}

int mount_detached_fd(struct mount *m, bool cloexec)
{
	struct path p = { m, m->root };
	struct file *f;
	int err;

	f = file_open_path(&p, O_PATH, &err);
	if (!f) {
		mount_dissolve(m);
		return err;
	}
	f->mode |= FMODE_DETACHED;
	return fd_install_new(f, cloexec ? O_CLOEXEC : 0);
}

static int clone_tree(const struct path *p, bool recursive, struct mount **out)
{
	int err = -EINVAL;

	down_write(&mount_sem);
	if (mount_is_mine(p->mnt) && !(p->mnt->flags & MNT_UNBINDABLE))
		err = mount_copy_tree(p->mnt, p->dentry, recursive, 0, out);
	if (!err)
		(*out)->flags |= MNT_DETACHED;
	up_write(&mount_sem);
	return err;
}

long sys_open_tree(int dfd, const char __user *upath, unsigned int flags)
{
	unsigned lookup = LOOKUP_FOLLOW;
	struct mount *m;
	struct path p;
	struct file *f;
	long ret;
	int err;

	if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE |
				AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE | O_CLOEXEC))
		return -EINVAL;
	if ((flags & (AT_RECURSIVE | OPEN_TREE_CLONE)) == AT_RECURSIVE)
		return -EINVAL;
	if ((flags & OPEN_TREE_CLONE) && !may_mount())
		return -EPERM;
	if (flags & AT_SYMLINK_NOFOLLOW)
		lookup = 0;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, upath, lookup, &p);
	if (err)
		return err;
	if (flags & OPEN_TREE_CLONE) {
		ret = clone_tree(&p, flags & AT_RECURSIVE, &m);
		if (!ret)
			ret = mount_detached_fd(m, flags & O_CLOEXEC);
	} else {
		f = file_open_path(&p, O_PATH, &err);
		ret = f ? fd_install_new(f, flags & O_CLOEXEC) : err;
	}
	path_put(&p);
	return ret;
}

/* ---- moving */

/* MOVE_MOUNT_SET_GROUP: @to, private so far, becomes a peer, or a slave of the same master, as @from is. */
static int join_group(struct mount *from, struct mount *to)
{
	int err = -EINVAL;

	down_write(&mount_sem);
	if (!mount_is_mine(from) || !mount_is_mine(to) || from->sb != to->sb)
		goto out;
	if (mount_is_shared(to) || to->master || (!mount_is_shared(from) && !from->master))
		goto out;
	if (!d_is_ancestor(from->root, to->root))
		goto out;
	spin_lock(&mount_lock);
	if (from->master) {
		to->master = from->master;
		list_add(&to->slave_link, &from->slave_link);
	}
	if (mount_is_shared(from)) {
		to->group_id = from->group_id;
		list_add(&to->share, &from->share);
		to->flags |= MNT_SHARED;
	}
	mnt_ns_changed(to->ns);
	spin_unlock(&mount_lock);
	err = 0;
out:
	up_write(&mount_sem);
	return err;
}

static unsigned move_lookup(unsigned flags, unsigned symlinks, unsigned empty)
{
	return (flags & symlinks ? LOOKUP_FOLLOW : 0) | (flags & empty ? LOOKUP_EMPTY : 0);
}

#define MOVE_MOUNT_KNOWN                                                                           \
	(MOVE_MOUNT_F_SYMLINKS | MOVE_MOUNT_F_AUTOMOUNTS | MOVE_MOUNT_F_EMPTY_PATH |               \
	 MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_T_AUTOMOUNTS | MOVE_MOUNT_T_EMPTY_PATH |               \
	 MOVE_MOUNT_SET_GROUP)

long sys_move_mount(int from_dfd, const char __user *from_path, int to_dfd,
		    const char __user *to_path, unsigned int flags)
{
	struct path from, to;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~MOVE_MOUNT_KNOWN)
		return -EINVAL;
	err = user_path_at(from_dfd, from_path,
			   move_lookup(flags, MOVE_MOUNT_F_SYMLINKS, MOVE_MOUNT_F_EMPTY_PATH),
			   &from);
	if (err)
		return err;
	err = user_path_at(to_dfd, to_path,
			   move_lookup(flags, MOVE_MOUNT_T_SYMLINKS, MOVE_MOUNT_T_EMPTY_PATH), &to);
	if (err)
		goto out;
	if (!(flags & MOVE_MOUNT_SET_GROUP))
		err = mount_move_to(&from, &to);
	else if (from.dentry != from.mnt->root || to.dentry != to.mnt->root)
		err = -EINVAL;
	else
		err = join_group(from.mnt, to.mnt);
	path_put(&to);
out:
	path_put(&from);
	return err;
}

/* ---- attributes */

struct change {
	unsigned set, clear, propagation;
	bool recursive;
};

static struct mount *next_of(struct mount *m, struct mount *top, const struct change *c)
{
	return c->recursive ? mount_next(m, top) : NULL;
}

/* Undoes deny_writers() on what comes before @end. */
static void allow_writers(struct mount *top, const struct mount *end, const struct change *c)
{
	struct mount *m;

	for (m = top; m && m != end; m = next_of(m, top, c))
		if (m->flags & MNT_WAS_WRITABLE)
			WRITE_ONCE(m->flags, m->flags & ~(MNT_WAS_WRITABLE | MNT_READONLY));
}

/* All become read-only, or none. mount_lock held. */
static int deny_writers(struct mount *top, const struct change *c)
{
	struct mount *m;

	for (m = top; m; m = next_of(m, top, c)) {
		if (m->flags & MNT_READONLY)
			continue;
		WRITE_ONCE(m->flags, m->flags | MNT_READONLY | MNT_WAS_WRITABLE);
		smp_mb(); /* pairs with mnt_want_write() */
		if (atomic_read(&m->writers)) {
			WRITE_ONCE(m->flags, m->flags & ~(MNT_WAS_WRITABLE | MNT_READONLY));
			allow_writers(top, m, c);
			return -EBUSY;
		}
	}
	return 0;
}

static int change_tree(struct mount *top, const struct change *c)
{
	struct mount *m;
	int err = 0;

	if (c->propagation == MS_SHARED) {
		err = c->recursive ? propagate_invent_ids(top) : propagate_invent_one(top);
		if (err)
			return err;
	}
	spin_lock(&mount_lock);
	if (c->set & MNT_READONLY)
		err = deny_writers(top, c);
	for (m = top; m && !err; m = next_of(m, top, c)) {
		WRITE_ONCE(m->flags, (m->flags & ~(c->clear | MNT_WAS_WRITABLE)) | c->set);
		if (c->propagation)
			propagate_change(m, c->propagation);
	}
	if (!err && top->ns)
		mnt_ns_changed(top->ns);
	spin_unlock(&mount_lock);
	return err;
}

static int change_build(const struct mount_attr *a, struct change *c)
{
	uint64_t known = ATTRS_KNOWN;

	if (a->propagation & ~(uint64_t)(MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED))
		return -EINVAL;
	if (a->propagation && !is_power_of_2((unsigned)a->propagation))
		return -EINVAL;
	/* MOUNT_ATTR_IDMAP needs user namespaces: unknown here. */
	if ((a->attr_set | a->attr_clr) & ~known)
		return -EINVAL;
	c->propagation = (unsigned)a->propagation;
	c->set = plain_flags(a->attr_set);
	c->clear = plain_flags(a->attr_clr);
	/* The access times are one field: it is replaced as a whole. */
	if (!(a->attr_clr & MOUNT_ATTR_ATIME))
		return a->attr_set & MOUNT_ATTR_ATIME ? -EINVAL : 0;
	if ((a->attr_clr & MOUNT_ATTR_ATIME) != MOUNT_ATTR_ATIME)
		return -EINVAL;
	c->clear |= MNT_RELATIME | MNT_NOATIME;
	return atime_flags(a->attr_set, &c->set);
}

static int change_at(const struct path *p, const struct change *c)
{
	struct mount *m = p->mnt;
	int err = -EINVAL;

	if (p->dentry != m->root)
		return -EINVAL;
	down_write(&mount_sem);
	if (mount_is_mine(m) || (m->flags & MNT_DETACHED))
		err = change_tree(m, c);
	up_write(&mount_sem);
	return err;
}

long sys_mount_setattr(int dfd, const char __user *upath, unsigned int flags,
		       struct mount_attr __user *uattr, size_t size)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct change c = { .recursive = flags & AT_RECURSIVE };
	struct mount_attr a;
	struct path p;
	int err;

	if (flags &
	    ~(unsigned)(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < sizeof(a))
		return -EINVAL;
	if (!may_mount())
		return -EPERM;
	err = copy_struct_from_user(&a, sizeof(a), uattr, size);
	if (err)
		return err;
	if (!a.attr_set && !a.attr_clr && !a.propagation)
		return 0;
	err = change_build(&a, &c);
	if (err)
		return err;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, upath, lookup, &p);
	if (err)
		return err;
	err = change_at(&p, &c);
	path_put(&p);
	return err;
}
