/* SPDX-License-Identifier: MIT */
/*
 * mount(2), umount2(2), pivot_root(2).
 *
 * All of them change the topology under mount_sem, after the walks that find their paths.
 * References: docs/fs.md,
 * mount(2), umount2(2), pivot_root(2), mount_namespaces(7).
 */
#include <uapi/mount.h>
#include "vfs_internal.h"

#define PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

bool may_mount(void)
{
	return capable(CAP_SYS_ADMIN);
}

bool mount_is_mine(const struct mount *m)
{
	return m->ns == task_mnt_ns(current);
}

static unsigned mnt_flags_of(unsigned long flags)
{
	unsigned f = 0;

	if (!(flags & MS_NOATIME))
		f |= MNT_RELATIME;
	if (flags & MS_NOSUID)
		f |= MNT_NOSUID;
	if (flags & MS_NODEV)
		f |= MNT_NODEV;
	if (flags & MS_NOEXEC)
		f |= MNT_NOEXEC;
	if (flags & MS_NOATIME)
		f |= MNT_NOATIME;
	if (flags & MS_NODIRATIME)
		f |= MNT_NODIRATIME;
	if (flags & MS_STRICTATIME)
		f &= ~(MNT_RELATIME | MNT_NOATIME);
	if (flags & MS_RDONLY)
		f |= MNT_READONLY;
	if (flags & MS_NOSYMFOLLOW)
		f |= MNT_NOSYMFOLLOW;
	return f;
}

/*
 * Climbs to the top of what is mounted at @p and takes mount_sem for writing; the place is
 * then stable. -ENOENT: the
 * directory was removed meanwhile.
 */
int mount_lock_place(struct path *p)
{
	for (;;) {
		down_write(&mount_sem);
		if (d_unhashed(p->dentry) && !d_is_root(p->dentry)) {
			up_write(&mount_sem);
			return -ENOENT;
		}
		if (!mount_lookup_locked(p->mnt, p->dentry))
			return 0;
		up_write(&mount_sem);
		mount_follow(p);
	}
}

static int check_graft(const struct path *at, const struct mount *tree)
{
	if (!mount_is_mine(at->mnt))
		return -EINVAL;
	if (d_is_dir(at->dentry) != d_is_dir(tree->root))
		return -ENOTDIR;
	return 0;
}

static int mount_new(struct path *at, const char *type, const char *source, unsigned sb_flags,
		     unsigned mflags, const char *data)
{
	struct mount *m;
	int err;

	if (!type)
		return -EINVAL;
	m = kern_mount_detached(type, source ? source : "none", sb_flags, data, &err);
	if (!m)
		return err;
	m->flags = mflags;
	err = mount_lock_place(at);
	if (err)
		goto put;
	err = -EBUSY;		/* the same thing once more at the same place */
	if (at->mnt->sb == m->sb && at->mnt->root == at->dentry)
		goto unlock;
	err = -EINVAL;
	if (S_ISLNK(m->root->inode->mode))
		goto unlock;
	err = check_graft(at, m);
	if (!err)
		err = mount_attach_tree(m, at, false);
unlock:
	up_write(&mount_sem);
put:
	if (err)
		mnt_put(m);
	return err;
}

void mount_drop_tree(struct mount *m)
{
	LIST_HEAD(dead);

	spin_lock(&mount_lock);
	mount_kill_tree_locked(m, false, &dead);
	spin_unlock(&mount_lock);
	mount_release_list(&dead);
}

static int mount_bind(struct path *at, const char __user *source, bool recursive)
{
	struct mount *copy;
	struct path old;
	int err;

	err = user_path_at(AT_FDCWD, source, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	err = mount_lock_place(at);
	if (err)
		goto put;
	err = -EINVAL;
	if ((old.mnt->flags & MNT_UNBINDABLE) || !mount_is_mine(at->mnt) || !mount_is_mine(old.mnt))
		goto unlock;
	err = mount_copy_tree(old.mnt, old.dentry, recursive, 0, &copy);
	if (err)
		goto unlock;
	err = check_graft(at, copy);
	if (!err)
		err = mount_attach_tree(copy, at, false);
	if (err)
		mount_drop_tree(copy);
unlock:
	up_write(&mount_sem);
put:
	path_put(&old);
	return err;
}

/* Does @tree contain a mount that may not be below a shared one? */
static bool has_unbindable(struct mount *tree)
{
	struct mount *m;

	for (m = tree; m; m = mount_next(m, tree))
		if (m->flags & MNT_UNBINDABLE)
			return true;
	return false;
}

/* A tree that was cloned or made by fsmount(2) and is nowhere yet: its top. */
static bool is_detached_top(const struct mount *m)
{
	return (m->flags & MNT_DETACHED) && m->parent == m;
}

int mount_move_to(const struct path *old, struct path *at)
{
	struct mount *m = old->mnt, *p;
	bool detached;
	int err = mount_lock_place(at);

	if (err)
		return err;
	err = -EINVAL;
	detached = is_detached_top(m);
	if (!mount_is_mine(at->mnt) || old->dentry != m->root || (m->flags & MNT_LOCKED))
		goto unlock;
	if (!detached && (!mount_is_mine(m) || m->parent == m))
		goto unlock;
	if (d_is_dir(at->dentry) != d_is_dir(old->dentry))
		goto unlock;
	if (!detached && mount_is_shared(m->parent))
		goto unlock;
	if (mount_is_shared(at->mnt) && has_unbindable(m))
		goto unlock;
	err = -ELOOP;
	for (p = at->mnt; p->parent != p; p = p->parent)
		if (p == m)
			goto unlock;
	err = mount_attach_tree(m, at, !detached);
	if (!err && detached)
		m->flags &= ~MNT_DETACHED;
unlock:
	up_write(&mount_sem);
	return err;
}

static int mount_move(struct path *at, const char __user *source)
{
	struct path old;
	int err = user_path_at(AT_FDCWD, source, LOOKUP_FOLLOW, &old);

	if (err)
		return err;
	err = mount_move_to(&old, at);
	path_put(&old);
	return err;
}

static int change_propagation(const struct path *at, unsigned long flags)
{
	unsigned type = (unsigned)(flags & ~(unsigned long)(MS_REC | MS_SILENT));
	struct mount *m;
	int err = 0;

	if (at->dentry != at->mnt->root)
		return -EINVAL;
	if ((type & ~PROPAGATION) || !is_power_of_2(type))
		return -EINVAL;
	down_write(&mount_sem);
	if (type == MS_SHARED) {
		/*
		 * Ids for the whole tree even when only its top changes would be wasted: one
		 * mount at a time.
		 */
		if (flags & MS_REC) {
			err = propagate_invent_ids(at->mnt);
		} else if (!at->mnt->group_id) {
			err = propagate_invent_one(at->mnt);
		}
	}
	if (!err) {
		spin_lock(&mount_lock);
		for (m = at->mnt; m; m = flags & MS_REC ? mount_next(m, at->mnt) : NULL)
			propagate_change(m, type);
		spin_unlock(&mount_lock);
	}
	up_write(&mount_sem);
	return err;
}

/*
 * The flags of one mount change. -EBUSY: read-only is asked for while files are open for
 * writing.
 */
static int set_mount_flags(struct mount *m, unsigned mflags)
{
	int err = 0;

	spin_lock(&mount_lock);
	if ((mflags & MNT_READONLY) && !(m->flags & MNT_READONLY)) {
		WRITE_ONCE(m->flags, m->flags | MNT_READONLY);
		smp_mb();	/* pairs with mnt_want_write() */
		if (atomic_read(&m->writers)) {
			WRITE_ONCE(m->flags, m->flags & ~MNT_READONLY);
			err = -EBUSY;
		}
	}
	if (!err)
		WRITE_ONCE(m->flags, (m->flags & ~MNT_USER_FLAGS) | mflags);
	if (!err && m->ns)
		mnt_ns_changed(m->ns);
	spin_unlock(&mount_lock);
	return err;
}

static bool super_written(struct super *sb)
{
	struct mnt_ns *ns;
	struct mount *m;
	bool busy = false;

	spin_lock(&mount_lock);
	list_for_each_entry(ns, &mnt_namespaces, link)
		list_for_each_entry(m, &ns->mounts, ns_link)
			if (m->sb == sb && atomic_read(&m->writers))
				busy = true;
	spin_unlock(&mount_lock);
	return busy;
}

/* Of the flags those in @mask change. mount_sem held for writing. -EBUSY: it is being written. */
int super_reconfigure(struct super *sb, unsigned flags, unsigned mask, const char *data)
{
	unsigned old = sb->flags;
	int err = 0;

	if ((flags & mask & SB_RDONLY) && !(old & SB_RDONLY)) {
		WRITE_ONCE(sb->flags, old | SB_RDONLY);
		smp_mb();	/* pairs with mnt_want_write() */
		if (super_written(sb))
			err = -EBUSY;
	}
	if (!err && sb->ops && sb->ops->remount)
		err = sb->ops->remount(sb, flags, data);
	WRITE_ONCE(sb->flags, err ? old : (old & ~mask) | (flags & mask));
	return err;
}

static int remount(const struct path *at, unsigned sb_flags, unsigned mflags, const char *data)
{
	int err;

	if (!mount_is_mine(at->mnt) || at->dentry != at->mnt->root)
		return -EINVAL;
	down_write(&mount_sem);
	err = super_reconfigure(at->mnt->sb, sb_flags, SB_RDONLY | SB_SYNCHRONOUS, data);
	if (!err)
		err = set_mount_flags(at->mnt, mflags);
	up_write(&mount_sem);
	return err;
}

static int remount_bind(const struct path *at, unsigned mflags)
{
	int err;

	if (!mount_is_mine(at->mnt) || at->dentry != at->mnt->root)
		return -EINVAL;
	down_write(&mount_sem);
	err = set_mount_flags(at->mnt, mflags);
	up_write(&mount_sem);
	return err;
}

static int do_mount(struct path *at, const char __user *source, const char *src, const char *type,
		    unsigned long flags, const char *data)
{
	unsigned mflags, sb_flags;

	if (!may_mount())
		return -EPERM;
	mflags = mnt_flags_of(flags);
	/* A remount that names no atime policy keeps the one it has. */
	if ((flags & MS_REMOUNT) &&
	    !(flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)))
		mflags = (mflags & ~(MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME)) |
			 (at->mnt->flags & (MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME));
	sb_flags = (unsigned)flags & (SB_RDONLY | SB_SYNCHRONOUS | SB_SILENT);
	if ((flags & (MS_REMOUNT | MS_BIND)) == (MS_REMOUNT | MS_BIND))
		return remount_bind(at, mflags);
	if (flags & MS_REMOUNT)
		return remount(at, sb_flags, mflags, data);
	if (flags & MS_BIND)
		return src && *src ? mount_bind(at, source, flags & MS_REC) : -EINVAL;
	if (flags & PROPAGATION)
		return change_propagation(at, flags);
	if (flags & MS_MOVE)
		return src && *src ? mount_move(at, source) : -EINVAL;
	return mount_new(at, type, src, sb_flags, mflags, data);
}

static int copy_string(const char __user *u, char **out)
{
	*out = NULL;
	return u ? getname(u, LOOKUP_EMPTY, out) : 0;
}

/*
 * A page of option text, as much of it as can be read; not always text, so it is not looked at
 * here.
 */
static int copy_data(const void __user *u, char **out)
{
	size_t left;

	*out = NULL;
	if (!u)
		return 0;
	*out = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!*out)
		return -ENOMEM;
	left = copy_from_user(*out, u, PAGE_SIZE - 1);
	if (left == PAGE_SIZE - 1) {
		kfree(*out);
		*out = NULL;
		return -EFAULT;
	}
	memset(*out + (PAGE_SIZE - 1 - left), 0, left + 1);
	return 0;
}

long sys_mount(const char __user *source, const char __user *target, const char __user *type,
	       unsigned long flags, const void __user *udata)
{
	char *ktype, *ksource, *data;
	struct path at;
	long err;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	err = copy_string(type, &ktype);
	if (err)
		return err;
	err = copy_string(source, &ksource);
	if (err)
		goto free_type;
	err = copy_data(udata, &data);
	if (err)
		goto free_source;
	err = user_path_at(AT_FDCWD, target, LOOKUP_FOLLOW, &at);
	if (!err) {
		err = do_mount(&at, source, ksource, ktype, flags, data);
		path_put(&at);
	}
	kfree(data);
free_source:
	if (ksource)
		putname(ksource);
free_type:
	if (ktype)
		putname(ktype);
	return err;
}

/* umount: @m's path reference is the caller's, and one of the two that an unused mount has. */
static int do_umount(struct mount *m, int flags)
{
	LIST_HEAD(dead);
	int err = 0;

	down_write(&mount_sem);
	if (!mount_is_mine(m)) {
		err = -EINVAL;
		goto out;
	}
	if (flags & MNT_EXPIRE) {
		if (m == current->fs->root.mnt || (flags & (MNT_FORCE | MNT_DETACH)))
			err = -EINVAL;
		else if (atomic_read(&m->refs) != 2)
			err = -EBUSY;
		else if (!xchg(&m->expiry_mark, true))
			err = -EAGAIN;
		if (err)
			goto out;
	}
	if (m == current->fs->root.mnt && !(flags & MNT_DETACH)) {
		/* The root cannot go while we stand on it; it becomes read-only. */
		struct path root = { m, m->root };

		up_write(&mount_sem);
		return remount(&root, SB_RDONLY, m->flags & MNT_USER_FLAGS, NULL);
	}
	spin_lock(&mount_lock);
	if (m == m->ns->root) {
		err = -EINVAL;
	} else if (flags & MNT_DETACH) {
		mount_kill_tree_locked(m, true, &dead);
	} else {
		/* Whoever takes a reference after this sees mount_seq move and gives it back. */
		seq_write_begin(&mount_seq);
		smp_mb();
		if (propagate_busy(m, 2))
			err = -EBUSY;
		seq_write_end(&mount_seq);
		if (!err)
			mount_kill_tree_locked(m, true, &dead);
	}
	spin_unlock(&mount_lock);
out:
	up_write(&mount_sem);
	mount_release_list(&dead);
	return err;
}

long sys_umount2(const char __user *target, int flags)
{
	struct path p;
	long err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = user_path_at(AT_FDCWD, target, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	if (!may_mount())
		err = -EPERM;
	else if (p.dentry != p.mnt->root || !mount_is_mine(p.mnt) || (p.mnt->flags & MNT_LOCKED))
		err = -EINVAL;
	else
		err = do_umount(p.mnt, flags);
	dentry_put(p.dentry);
	/* Not mnt_put(): that would take the expiry mark away again. */
	if (err == -EAGAIN)
		atomic_dec(&p.mnt->refs);
	else
		mnt_put(p.mnt);
	return err;
}

static bool reaches(struct mount *m, struct dentry *d, const struct path *root)
{
	while (m != root->mnt) {
		if (m->parent == m)
			return false;
		d = m->mountpoint;
		m = m->parent;
	}
	return d_is_ancestor(root->dentry, d);
}

static int check_pivot(const struct path *new, const struct path *old, const struct path *root)
{
	struct mount *n = new->mnt, *r = root->mnt;

	if (mount_is_shared(old->mnt) || mount_is_shared(n->parent) || mount_is_shared(r->parent))
		return -EINVAL;
	if (!mount_is_mine(r) || !mount_is_mine(n) || (n->flags & MNT_LOCKED))
		return -EINVAL;
	if (d_unhashed(new->dentry) && !d_is_root(new->dentry))
		return -ENOENT;
	if (n == r || old->mnt == r)
		return -EBUSY;		/* loops, on the same file system */
	if (root->dentry != r->root || r->parent == r)
		return -EINVAL;		/* not a mount point, or the root of everything */
	if (new->dentry != n->root || n->parent == n)
		return -EINVAL;
	if (!reaches(old->mnt, old->dentry, new))
		return -EINVAL;		/* put_old is not below new_root */
	if (!reaches(n, new->dentry, root))
		return -EINVAL;
	return 0;
}

/* new_root takes the root's place; the root moves to put_old. */
static void pivot_locked(struct mount *n, struct mount *r, const struct path *old)
{
	struct mount *parent = r->parent;
	struct dentry *at = r->mountpoint;

	/* Every reference on a parent or mountpoint that is given up here is replaced first. */
	mnt_get(parent);
	dentry_get(at);
	mount_unhash_locked(n);
	mount_unhash_locked(r);
	n->ex_parent = r->ex_parent = NULL;
	mount_hash_locked(r, old->mnt, old->dentry);
	mount_hash_locked(n, parent, at);
	atomic_dec(&parent->refs);	/* ours; n has one of its own */
	atomic_dec(&at->refs);
	atomic_dec(&parent->refs);	/* r's old ones */
	atomic_dec(&at->refs);
	mnt_ns_changed(n->ns);
}

long sys_pivot_root(const char __user *new_root, const char __user *put_old)
{
	struct path new, old, root;
	struct dentry *was;
	struct mount *nparent;
	long err;

	if (!may_mount())
		return -EPERM;
	err = user_path_at(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = user_path_at(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (err)
		goto put_new;
	spin_lock(&current->fs->lock);
	root = current->fs->root;
	path_get(&root);
	spin_unlock(&current->fs->lock);
	err = mount_lock_place(&old);
	if (err)
		goto put_root;
	err = check_pivot(&new, &old, &root);
	if (err) {
		up_write(&mount_sem);
		goto put_root;
	}
	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	was = new.mnt->mountpoint;
	nparent = new.mnt->parent;
	pivot_locked(new.mnt, root.mnt, &old);
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
	up_write(&mount_sem);
	dentry_put(was);
	mnt_put(nparent);
	fs_replace_all(&root, &new);
put_root:
	path_put(&root);
	path_put(&old);
put_new:
	path_put(&new);
	return err;
}
