/* SPDX-License-Identifier: MIT */
/*
 * devtmpfs: one tmpfs instance that drivers fill with device nodes, and that may be mounted
 * anywhere, any number of times.
 *
 * Works before anybody mounts it. Names are made directly in the instance with the kernel's
 * own rights, whoever is
 * running; a name that root removed or replaced is not touched.
 */
#include <kernel/init.h>
#include "../vfs/vfs_internal.h"

static struct super *dev_super;
static struct mount *dev_mount;		/* mounted nowhere; for mount_want_write and paths */

static int devtmpfs_mount(const struct fs_type *t, unsigned flags, const char *source,
			  const char *data, struct super **out)
{
	if (dev_super->ops->remount && data && *data)
		dev_super->ops->remount(dev_super, flags, data);
	atomic_inc(&dev_super->refs);
	*out = dev_super;
	return 0;
}

static struct fs_type devtmpfs_type = { .name = "devtmpfs",
					.flags = FS_NODEV,
					.mount = devtmpfs_mount };

/*
 * A component of @dir under its lock; made as a directory when @make. Takes over dir's
 * reference.
 */
static int enter(struct dentry *dir, const char *name, unsigned len, bool make, struct dentry **out)
{
	struct qstr q = { name, len, name_hash(dir, name, len) };
	struct dentry *d;
	int err;

	down_write(&dir->inode->rwsem);
	err = dir_lookup_locked(dir, &q, LOOKUP_CREATE, &d);
	if (!err && !d->inode) {
		err = make ? dir->inode->ops->mkdir(dir->inode, d, S_IFDIR | 0755) : -ENOENT;
		if (!err) {
			d->inode->uid = 0;
			d->inode->gid = 0;
		} else {
			dentry_put(d);
		}
	}
	up_write(&dir->inode->rwsem);
	dentry_put(dir);
	if (!err)
		*out = d;
	return err;
}

/* The directory that holds the last component of @name, and that component. */
static int find_parent(const char *name, bool make, struct dentry **dir, const char **last)
{
	struct dentry *d = dentry_get(dev_super->root);
	const char *slash;
	int err;

	while ((slash = strchr(name, '/'))) {
		err = enter(d, name, (unsigned)(slash - name), make, &d);
		if (err)
			return err;
		name = slash + 1;
		if (!d_is_dir(d)) {
			dentry_put(d);
			return -ENOTDIR;
		}
	}
	*dir = d;
	*last = name;
	return 0;
}

int devtmpfs_create(const char *name, umode_t mode, dev_t dev)
{
	struct dentry *dir, *d;
	const char *last;
	struct qstr q;
	int err;

	if (!dev_super)
		return -EAGAIN;
	err = find_parent(name, true, &dir, &last);
	if (err)
		return err;
	q = (struct qstr){ last, (uint32_t)strlen(last), 0 };
	q.hash = name_hash(dir, last, q.len);
	down_write(&dir->inode->rwsem);
	err = dir_lookup_locked(dir, &q, LOOKUP_CREATE, &d);
	if (!err) {
		if (!(mode & S_IFMT))
			mode |= S_IFCHR;
		err = d->inode ? -EEXIST : dir->inode->ops->mknod(dir->inode, d, mode, dev);
		if (!err) {
			d->inode->uid = 0;
			d->inode->gid = 0;
			if (inode_watched(dir->inode))
				fsnotify_dirent(dir->inode, &d->name, 0x100, d->inode, 0);
		}
		dentry_put(d);
	}
	up_write(&dir->inode->rwsem);
	dentry_put(dir);
	return err;
}

int devtmpfs_remove(const char *name)
{
	struct dentry *dir, *d;
	const char *last;
	struct qstr q;
	int err;

	if (!dev_super)
		return -EAGAIN;
	err = find_parent(name, false, &dir, &last);
	if (err)
		return err;
	q = (struct qstr){ last, (uint32_t)strlen(last), 0 };
	q.hash = name_hash(dir, last, q.len);
	down_write(&dir->inode->rwsem);
	err = dir_lookup_locked(dir, &q, 0, &d);
	if (!err) {
		/* Only what we made: a device node. */
		if (!d->inode || (!S_ISCHR(d->inode->mode) && !S_ISBLK(d->inode->mode)))
			err = -ENOENT;
		else
			err = dir->inode->ops->unlink(dir->inode, d);
		if (!err)
			d_delete(d);
		dentry_put(d);
	}
	up_write(&dir->inode->rwsem);
	dentry_put(dir);
	return err;
}

void __init devtmpfs_init(void)
{
	int err = fs_type_register(&devtmpfs_type);

	if (!err)
		err = tmpfs_make_super(&devtmpfs_type, 0755, &dev_super);
	if (err)
		panic("devtmpfs: cannot start: %d", err);
	dev_mount = mount_alloc(dev_super, dev_super->root, "devtmpfs", 0);
	if (!dev_mount)
		panic("devtmpfs: no memory");
}
