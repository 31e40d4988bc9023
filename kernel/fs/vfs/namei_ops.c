/* SPDX-License-Identifier: MIT */
/*
 * Names made and removed: mkdirat, mknodat, symlinkat, linkat, unlinkat, and the kernel's own
 * forms of them.
 * renameat2 is in rename.c.
 *
 * Each call walks to the parent, takes write access to the mount, locks the directory, looks
 * the last name up there, asks
 * permission, and calls the file system. The order of errors is Linux's: an existing name
 * beats a read-only mount.
 */
#include "vfs_internal.h"

/*
 * After a LOOKUP_PARENT walk: locks the parent and gives the (negative) name that is to be
 * made. @dir: a directory is being
 * made, so "name/" is fine. The caller ends with create_done() in every case in which this
 * returned 0.
 */
int create_at(struct walk *w, bool dir, struct dentry **out)
{
	struct inode *parent = w->path.dentry->inode;
	struct dentry *d;
	int err, ro;

	if (w->last_type != LAST_NORM)
		return -EEXIST;
	ro = mnt_want_write(w->path.mnt);
	down_write(&parent->rwsem);
	err = dir_lookup_locked(w->path.dentry, &w->last, LOOKUP_CREATE | LOOKUP_EXCL, &d);
	if (err)
		goto unlock;
	err = -EEXIST;
	if (d->inode)
		goto put;
	err = -ENOENT;
	if (w->trailing && !dir)
		goto put;
	err = ro;
	if (err)
		goto put;
	*out = d;
	return 0;
put:
	dentry_put(d);
unlock:
	up_write(&parent->rwsem);
	if (!ro)
		mnt_drop_write(w->path.mnt);
	return err;
}

void create_done(struct walk *w, struct dentry *d)
{
	dentry_put(d);
	up_write(&w->path.dentry->inode->rwsem);
	mnt_drop_write(w->path.mnt);
}

static void notify_create(struct inode *dir, struct dentry *d)
{
	if (inode_watched(dir))
		fsnotify_dirent(dir, &d->name, S_ISDIR(d->inode->mode) ? 0x40000100 : 0x100,
				d->inode, 0);
}

static int do_mkdir(struct walk *w, umode_t mode)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	int err = create_at(w, true, &d);

	if (err)
		return err;
	err = may_create(dir);
	if (!err && !dir->ops->mkdir)
		err = -EPERM;
	if (!err)
		err = dir->ops->mkdir(
			dir, d,
			(umode_t)(S_IFDIR | (mode & (S_IRWXUGO | S_ISVTX) & ~current->fs->umask)));
	if (!err)
		notify_create(dir, d);
	create_done(w, d);
	return err;
}

static int do_mknod(struct walk *w, umode_t mode, dev_t dev)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	int err = create_at(w, false, &d);
	bool whiteout = S_ISCHR(mode) && !dev;

	if (err)
		return err;
	mode &= ~current->fs->umask;
	err = may_create(dir);
	if (!err && (S_ISCHR(mode) || S_ISBLK(mode)) && !whiteout && !capable(CAP_MKNOD))
		err = -EPERM;
	if (!err) {
		if (S_ISREG(mode))
			err = dir->ops->create ? dir->ops->create(dir, d, mode, true) : -EACCES;
		else
			err = dir->ops->mknod ? dir->ops->mknod(dir, d, mode, dev) : -EPERM;
	}
	if (!err)
		notify_create(dir, d);
	create_done(w, d);
	return err;
}

/* The name of a socket that is being bound. @mode is cut by the caller's umask. *out: where it is, with references. */
static int do_mksocket(struct walk *w, umode_t mode, struct path *out)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	int err = create_at(w, false, &d);

	if (err)
		return err;
	err = may_create(dir);
	if (!err)
		err = dir->ops->mknod ? dir->ops->mknod(dir, d, mode & ~current->fs->umask, 0) : -EPERM;
	if (!err) {
		notify_create(dir, d);
		mnt_get(w->path.mnt);
		out->mnt = w->path.mnt;
		out->dentry = dentry_get(d);
	}
	create_done(w, d);
	return err;
}

static int do_symlink(struct walk *w, const char *target)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	int err = create_at(w, false, &d);

	if (err)
		return err;
	err = may_create(dir);
	if (!err)
		err = dir->ops->symlink ? dir->ops->symlink(dir, d, target) : -EPERM;
	if (!err)
		notify_create(dir, d);
	create_done(w, d);
	return err;
}

/* Somebody else's file may be linked only if the linker could write it (protected_hardlinks). */
static int may_link(const struct path *old)
{
	struct inode *inode = old->dentry->inode;

	if (!sysctl_protected_hardlinks || inode_owner_or_capable(inode))
		return 0;
	if (!S_ISREG(inode->mode) || (inode->mode & S_ISUID) ||
	    (inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ||
	    inode_permission(inode, MAY_READ | MAY_WRITE))
		return -EPERM;
	return 0;
}

static int do_link(const struct path *old, struct walk *w)
{
	struct inode *dir = w->path.dentry->inode, *inode = old->dentry->inode;
	struct dentry *d;
	int err = create_at(w, false, &d);

	if (err)
		return err;
	err = -EXDEV;
	if (old->mnt != w->path.mnt)
		goto done;
	err = may_link(old);
	if (err)
		goto done;
	err = may_create(dir);
	if (err)
		goto done;
	err = -EXDEV;
	if (dir->sb != inode->sb)
		goto done;
	err = -EPERM;
	if ((inode->iflags & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE)) || !dir->ops->link ||
	    S_ISDIR(inode->mode))
		goto done;
	down_write(&inode->rwsem);
	if (!inode->nlink && !(inode->state & I_LINKABLE))
		err = -ENOENT;
	else if (inode->nlink >= INT32_MAX)
		err = -EMLINK;
	else
		err = dir->ops->link(old->dentry, dir, d);
	if (!err)
		inode->state &= ~I_LINKABLE;
	up_write(&inode->rwsem);
	if (!err) {
		if (inode_watched(inode))
			fsnotify_inode(inode, 0x4 /* IN_ATTRIB */);
		notify_create(dir, d);
	}
done:
	create_done(w, d);
	return err;
}

int vfs_rmdir_locked(struct inode *dir, struct dentry *d)
{
	int err = may_delete(dir, d, true);

	if (err)
		return err;
	if (!dir->ops->rmdir)
		return -EPERM;
	dentry_get(d);
	down_write_nested(&d->inode->rwsem);
	err = -EBUSY;
	if (!(d->flags & D_MOUNTED))
		err = dir->ops->rmdir(dir, d);
	if (!err)
		d->inode->state |= I_DEAD;
	up_write(&d->inode->rwsem);
	if (!err) {
		if (inode_watched(dir))
			fsnotify_dirent(dir, &d->name, 0x40000200 /* IN_DELETE | IN_ISDIR */,
					d->inode, 0);
		d_delete(d);
	}
	dentry_put(d);
	return err;
}

int vfs_unlink_locked(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d->inode;
	int err = may_delete(dir, d, false);

	if (err)
		return err;
	if (!dir->ops->unlink)
		return -EPERM;
	down_write(&inode->rwsem);
	err = -EBUSY;
	if (!(d->flags & D_MOUNTED))
		err = dir->ops->unlink(dir, d);
	up_write(&inode->rwsem);
	if (err)
		return err;
	d_delete(d);
	if (inode_watched(inode)) {
		fsnotify_inode(inode, 0x4 /* IN_ATTRIB */);
		fsnotify_dirent(dir, &d->name, 0x200 /* IN_DELETE */, inode, 0);
	}
	return 0;
}

static int do_remove(struct walk *w, bool rmdir)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	struct inode *keep = NULL;
	int err;

	if (w->last_type != LAST_NORM) {
		if (!rmdir)
			return -EISDIR;
		return w->last_type == LAST_DOTDOT ? -ENOTEMPTY
		       : w->last_type == LAST_DOT  ? -EINVAL
						   : -EBUSY;
	}
	err = mnt_want_write(w->path.mnt);
	if (err)
		return err;
	down_write(&dir->rwsem);
	err = dir_lookup_locked(w->path.dentry, &w->last, 0, &d);
	if (err)
		goto unlock;
	if (!d->inode) {
		err = -ENOENT;
	} else if (rmdir) {
		err = vfs_rmdir_locked(dir, d);
	} else if (w->trailing) {
		err = S_ISDIR(d->inode->mode) ? -EISDIR : -ENOTDIR;
	} else {
		keep = inode_get(d->inode);	/* its contents go after the lock */
		err = vfs_unlink_locked(dir, d);
	}
	dentry_put(d);
unlock:
	up_write(&dir->rwsem);
	mnt_drop_write(w->path.mnt);
	if (keep)
		inode_put(keep);
	return err;
}

/* The walk to the parent of a user's name, then @what. */
#define WITH_PARENT(dfd, uname, what) ({						\
	struct name_buf _nb;								\
	struct walk w;									\
	long _ret = user_walk(&w, &_nb, dfd, uname, LOOKUP_PARENT);			\
	if (!_ret) {									\
		_ret = (what);								\
		path_put(&w.path);							\
		walk_end(&w);								\
		name_put(&_nb);								\
	}										\
	_ret; })

long sys_mkdirat(int dfd, const char __user *path, umode_t mode)
{
	return WITH_PARENT(dfd, path, do_mkdir(&w, mode));
}

static int mknod_type(umode_t mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/* The user's device number: minor bits 0-7 and 20-31, major bits 8-19. */
static dev_t dev_decode(unsigned dev)
{
	return MKDEV((dev & 0xfff00) >> 8, (dev & 0xff) | (dev >> 12 & 0xfff00));
}

long sys_mknodat(int dfd, const char __user *path, umode_t mode, unsigned int dev)
{
	int err = mknod_type(mode);

	if (err)
		return err;
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	return WITH_PARENT(
		dfd, path,
		do_mknod(&w, mode, S_ISCHR(mode) || S_ISBLK(mode) ? dev_decode(dev) : 0));
}

long sys_symlinkat(const char __user *target, int dfd, const char __user *path)
{
	struct name_buf tb;
	long err = name_get(&tb, target, 0);

	if (err)
		return err;
	err = WITH_PARENT(dfd, path, do_symlink(&w, tb.name));
	name_put(&tb);
	return err;
}

long sys_linkat(int olddfd, const char __user *oldpath, int newdfd, const char __user *newpath,
		int flags)
{
	struct path old;
	unsigned lookup = 0;
	long err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		lookup |= LOOKUP_EMPTY;
	}
	if (flags & AT_SYMLINK_FOLLOW)
		lookup |= LOOKUP_FOLLOW;
	err = user_path_at(olddfd, oldpath, lookup, &old);
	if (err)
		return err;
	err = WITH_PARENT(newdfd, newpath, do_link(&old, &w));
	path_put(&old);
	return err;
}

long sys_unlinkat(int dfd, const char __user *path, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return WITH_PARENT(dfd, path, do_remove(&w, flags & AT_REMOVEDIR));
}

/* For the ramdisk and devtmpfs: kernel names, umask of the caller. */
#define KERN_PARENT(kname, what)                                                                   \
	({                                                                                         \
		struct name_buf _nb;                                                               \
		struct walk w;                                                                     \
		int _ret = name_get_kernel(&_nb, kname);                                           \
		if (!_ret) {                                                                       \
			_ret = *_nb.name ? walk_path(&w, AT_FDCWD, NULL, _nb.name, LOOKUP_PARENT)  \
					 : -ENOENT;                                                \
			if (!_ret) {                                                               \
				_ret = (what);                                                     \
				path_put(&w.path);                                                 \
				walk_end(&w);                                                      \
			}                                                                          \
			name_put(&_nb);                                                            \
		}                                                                                  \
		_ret;                                                                              \
	})

int vfs_mkdir(const char *name, umode_t mode)
{
	return KERN_PARENT(name, do_mkdir(&w, mode));
}

int vfs_mknod(const char *name, umode_t mode, dev_t dev)
{
	return KERN_PARENT(name, do_mknod(&w, mode, dev));
}

int vfs_mksocket(const char *name, umode_t mode, struct path *out)
{
	return KERN_PARENT(name, do_mksocket(&w, mode, out));
}

int vfs_symlink(const char *target, const char *name)
{
	return KERN_PARENT(name, do_symlink(&w, target));
}

int vfs_link(const char *oldname, const char *name)
{
	struct path old;
	int err = kern_path(oldname, 0, &old);

	if (err)
		return err;
	err = KERN_PARENT(name, do_link(&old, &w));
	path_put(&old);
	return err;
}

int vfs_unlink(const char *name, bool dir)
{
	return KERN_PARENT(name, do_remove(&w, dir));
}
