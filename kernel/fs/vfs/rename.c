/* SPDX-License-Identifier: MIT */
/*
 * renameat2(2).
 *
 * Two directories are locked ancestor first (else by address), under the super's rename_mutex,
 * which keeps ancestry
 * still. A directory cannot go below itself (EINVAL) nor onto its own ancestor (ENOTEMPTY).
 */
#include "vfs_internal.h"

/* Locks both; the child of one parent that is an ancestor of the other's, or NULL. */
static struct dentry *lock_rename(struct dentry *a, struct dentry *b)
{
	struct dentry *p;

	if (a == b) {
		down_write(&a->inode->rwsem);
		return NULL;
	}
	mutex_lock(&a->sb->rename_mutex);
	/* With the mutex held no directory changes its parent. */
	for (p = b; p->parent != p; p = p->parent)
		if (p->parent == a) {
			down_write(&a->inode->rwsem);
			down_write_nested(&b->inode->rwsem);
			return p;
		}
	for (p = a; p->parent != p; p = p->parent)
		if (p->parent == b) {
			down_write(&b->inode->rwsem);
			down_write_nested(&a->inode->rwsem);
			return p;
		}
	if (a > b)
		SWAP(a, b);
	down_write(&a->inode->rwsem);
	down_write_nested(&b->inode->rwsem);
	return NULL;
}

static void unlock_rename(struct dentry *a, struct dentry *b)
{
	up_write(&a->inode->rwsem);
	if (a == b)
		return;
	up_write(&b->inode->rwsem);
	mutex_unlock(&a->sb->rename_mutex);
}

static int check_target(struct inode *ndir, struct dentry *nd, bool isdir, unsigned flags)
{
	if (!nd->inode)
		return may_create(ndir);
	return may_delete(ndir, nd, flags & RENAME_EXCHANGE ? S_ISDIR(nd->inode->mode) : isdir);
}

/* @inode's name was @old in @from and is @new in @to. @replaced lost that name; NULL: nobody did. */
static void notify_move(struct inode *from, const struct qstr *old, struct inode *to, const struct qstr *new,
			struct inode *inode, struct inode *replaced)
{
	static atomic_t cookies;
	uint32_t cookie;

	if (!inode_watched(inode))
		return;
	cookie = (uint32_t)atomic_add_return(&cookies, 1);
	if (from == to)
		fsnotify_dirent(from, old, FSN_RENAME, inode, 0);
	fsnotify_dirent(from, old, 0x40 /* IN_MOVED_FROM */, inode, cookie);
	fsnotify_dirent(to, new, 0x80 /* IN_MOVED_TO */, inode, cookie);
	if (replaced)
		fsnotify_inode(replaced, 0x4 /* IN_ATTRIB: its link count */);
	fsnotify_inode(inode, 0x800 /* IN_MOVE_SELF */);
}

static int do_rename_locked(struct inode *odir, struct dentry *od, struct inode *ndir,
			    struct dentry *nd, unsigned flags)
{
	struct inode *inode = od->inode, *target = nd->inode;
	bool isdir = S_ISDIR(inode->mode), tdir = target && S_ISDIR(target->mode);
	int err;

	if (inode == target)
		return 0;	/* two names of one file: nothing to do */
	err = may_delete(odir, od, isdir);
	if (!err)
		err = check_target(ndir, nd, isdir, flags);
	if (err)
		return err;
	if (!odir->ops->rename)
		return -EPERM;
	/* A directory that moves needs its ".." written. */
	if (odir != ndir) {
		if (isdir)
			err = inode_permission(inode, MAY_WRITE);
		if (!err && (flags & RENAME_EXCHANGE) && tdir)
			err = inode_permission(target, MAY_WRITE);
		if (err)
			return err;
	}
	if ((od->flags | nd->flags) & D_MOUNTED)
		return -EBUSY;
	dentry_get(nd);
	if (target) {
		inode_get(target);
		struct inode *first = inode, *second = target;

		/* A directory before a file (ranks), else by address. */
		if ((tdir && !isdir) || (tdir == isdir && inode > target))
			SWAP(first, second);
		down_write_nested(&first->rwsem);
		down_write_nested(&second->rwsem);
	} else {
		down_write_nested(&inode->rwsem);
	}
	err = odir->ops->rename(odir, od, ndir, nd, flags);
	if (!err) {
		if (!(flags & RENAME_EXCHANGE) && tdir)
			target->state |= I_DEAD;
		d_move(od, nd, flags & RENAME_EXCHANGE);
	}
	if (target)
		up_write(&target->rwsem);
	up_write(&inode->rwsem);
	if (!err) {
		/* After d_move the names have changed places: nd has the old one. */
		notify_move(odir, &nd->name, ndir, &od->name, inode, flags & RENAME_EXCHANGE ? NULL : target);
		if (flags & RENAME_EXCHANGE)
			notify_move(ndir, &od->name, odir, &nd->name, target, NULL);
	}
	dentry_put(nd);
	if (target)
		inode_put(target);
	return err;
}

static int do_rename(struct walk *o, struct walk *n, unsigned flags)
{
	struct dentry *od, *nd, *trap;
	int err;

	if (o->path.mnt != n->path.mnt)
		return -EXDEV;
	if (o->last_type != LAST_NORM)
		return -EBUSY;
	if (n->last_type != LAST_NORM)
		return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = mnt_want_write(o->path.mnt);
	if (err)
		return err;
	trap = lock_rename(o->path.dentry, n->path.dentry);
	err = dir_lookup_locked(o->path.dentry, &o->last, 0, &od);
	if (err)
		goto unlock;
	err = -ENOENT;
	if (!od->inode)
		goto put_old;
	err = dir_lookup_locked(n->path.dentry, &n->last, LOOKUP_RENAME_TARGET, &nd);
	if (err)
		goto put_old;
	err = -EEXIST;
	if ((flags & RENAME_NOREPLACE) && nd->inode)
		goto put_new;
	if (flags & RENAME_EXCHANGE) {
		err = -ENOENT;
		if (!nd->inode)
			goto put_new;
		err = -ENOTDIR;
		if (!S_ISDIR(nd->inode->mode) && n->trailing)
			goto put_new;
	}
	err = -ENOTDIR;
	if (!S_ISDIR(od->inode->mode)) {
		if (o->trailing || (!(flags & RENAME_EXCHANGE) && n->trailing))
			goto put_new;
	}
	err = -EINVAL;		/* the source is an ancestor of the target's directory */
	if (od == trap)
		goto put_new;
	err = flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	if (nd == trap)
		goto put_new;
	err = do_rename_locked(o->path.dentry->inode, od, n->path.dentry->inode, nd, flags);
put_new:
	dentry_put(nd);
put_old:
	dentry_put(od);
unlock:
	unlock_rename(o->path.dentry, n->path.dentry);
	mnt_drop_write(o->path.mnt);
	return err;
}

long sys_renameat2(int odfd, const char __user *oldname, int ndfd, const char __user *newname,
		   unsigned int flags)
{
	struct name_buf ob, nb;
	struct walk o, n;
	long err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if ((flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) && (flags & RENAME_EXCHANGE))
		return -EINVAL;
	err = user_walk(&o, &ob, odfd, oldname, LOOKUP_PARENT);
	if (err)
		return err;
	err = user_walk(&n, &nb, ndfd, newname, LOOKUP_PARENT);
	if (!err) {
		err = do_rename(&o, &n, flags);
		path_put(&n.path);
		walk_end(&n);
		name_put(&nb);
	}
	path_put(&o.path);
	walk_end(&o);
	name_put(&ob);
	return err;
}

long sys_renameat(int odfd, const char __user *oldname, int ndfd, const char __user *newname)
{
	return sys_renameat2(odfd, oldname, ndfd, newname, 0);
}
