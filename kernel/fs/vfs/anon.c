/* SPDX-License-Identifier: MIT */
/*
 * Open files without a name: epoll, eventfd, pidfd share one inode; pipes (and sockets) have
 * one each.
 *
 * The name of such a dentry is its whole text ("anon_inode:[eventpoll]"); a pipe's is made
 * from its inode number.
 */
#include <uapi/statfs.h>
#include "vfs_internal.h"

struct anon_fs {
	struct fs_type type;
	struct super *sb;
	struct mount *mnt;
	uint64_t magic;
};
static struct anon_fs anon_fs[] = {
	{ .type = { .name = "anon_inodefs", .flags = FS_NODEV }, .magic = ANON_INODE_FS_MAGIC },
	{ .type = { .name = "pipefs", .flags = FS_NODEV }, .magic = PIPEFS_MAGIC },
	{ .type = { .name = "sockfs", .flags = FS_NODEV }, .magic = SOCKFS_MAGIC },
};
static struct inode *shared_inode;

static int text_name(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "%s%s", *d->name.name == '[' ? "anon_inode:" : "", d->name.name);
}

static int numbered_name(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "%s:[%lu]", d->name.name,
			d->inode ? (unsigned long)d->inode->ino : 0);
}

static const struct dentry_ops text_ops = { .name = text_name },
			       numbered_ops = { .name = numbered_name };

struct inode *anon_inode_create(const char *fs_name, umode_t mode)
{
	for (unsigned i = 0; i < ARRAY_SIZE(anon_fs); i++)
		if (!strncmp(anon_fs[i].type.name, fs_name, 4)) {
			struct inode *inode = inode_create(anon_fs[i].sb);

			if (inode)
				inode_init_owner(inode, NULL, mode);
			return inode;
		}
	return NULL;
}

/* A dentry and mount for @inode (its reference is taken over on success). */
static int anon_path(const char *name, const struct dentry_ops *ops, struct inode *inode,
		     struct path *out)
{
	struct super *sb = inode->sb;

	for (unsigned i = 0; i < ARRAY_SIZE(anon_fs); i++)
		if (anon_fs[i].sb == sb)
			out->mnt = anon_fs[i].mnt;
	out->dentry = dentry_alloc_anon(sb, &(struct qstr){ name, (uint32_t)strlen(name), 0 });
	if (!out->dentry)
		return -ENOMEM;
	out->dentry->ops = ops;
	d_instantiate(out->dentry, inode);
	mnt_get(out->mnt);
	return 0;
}

static struct file *anon_open(const char *name, const struct dentry_ops *dops, struct inode *inode,
			      const struct file_ops *ops, void *private, unsigned flags, int *err)
{
	struct path p;
	struct file *f;

	*err = anon_path(name, dops, inode, &p);
	if (*err)
		return NULL;
	f = file_alloc(&p, flags, ops, err);
	if (!f) {
		inode_get(inode);	/* the caller keeps its reference on failure */
		path_put(&p);
		return NULL;
	}
	f->private = private;
	if (ops->llseek == noop_llseek)
		f->mode |= FMODE_LSEEK;
	return f;
}

struct file *anon_file_create(const char *name, const struct file_ops *ops, void *private,
			      unsigned flags, int *err)
{
	struct file *f =
		anon_open(name, &text_ops, inode_get(shared_inode), ops, private, flags, err);

	if (!f)
		inode_put(shared_inode);
	return f;
}

/* "pipe:[12]", "socket:[7]". The file takes a reference of its own on @inode. */
struct file *anon_inode_file(struct inode *inode, const struct file_ops *ops, void *private,
			     unsigned flags, int *err)
{
	const char *name = S_ISFIFO(inode->mode)   ? "pipe"
			   : S_ISSOCK(inode->mode) ? "socket"
						   : "anon_inode";
	struct file *f = anon_open(name, &numbered_ops, inode_get(inode), ops, private, flags, err);

	if (!f)
		inode_put(inode);
	return f;
}

void __init anon_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(anon_fs); i++) {
		struct anon_fs *a = &anon_fs[i];
		struct dentry *root;
		struct inode *inode;

		a->sb = super_alloc(&a->type, 0);
		if (!a->sb)
			panic("vfs: no memory for %s", a->type.name);
		a->sb->magic = a->magic;
		inode = inode_create(a->sb);
		if (!inode)
			panic("vfs: no memory for %s", a->type.name);
		inode->mode = S_IFDIR | S_IRUSR | S_IWUSR;
		root = dentry_alloc_root(inode);
		if (!root)
			panic("vfs: no memory for %s", a->type.name);
		a->sb->root = root;
		a->mnt = mount_alloc(a->sb, root, a->type.name, 0);
		if (!a->mnt)
			panic("vfs: no memory for %s", a->type.name);
	}
	shared_inode = inode_create(anon_fs[0].sb);
	if (!shared_inode)
		panic("vfs: no memory for anonymous files");
	shared_inode->mode = S_IRUSR | S_IWUSR;	/* no type: as Linux shows it */
}
