/* SPDX-License-Identifier: MIT */
/*
 * devpts: the names of pseudo-terminal slaves, and a ptmx of its own in every instance.
 *
 * Each mount is an instance with its own numbers. A pair holds a reference on its instance's super, so numbers and
 * names have somewhere to go after an unmount. Names come and go with their masters: dentries are pinned, nothing
 * is looked up elsewhere. A slave's inode holds a reference on the terminal.
 *
 * Locks: the root directory's rwsem for names; devpts.lock (LR_LEAF) for numbers.
 * Reference: Linux's Documentation/filesystems/devpts.rst for options and layout.
 */
#include "../vfs/vfs_internal.h"
#include "../../tty/pty.h"
#include <kernel/init.h>
#include <kernel/tty.h>

#define DEVPTS_MAGIC	0x1cd1
#define MAX_PTYS	4096u		/* kernel.pty.max */
#define INO_ROOT	1
#define INO_PTMX	2
#define INO_FIRST	3

struct devpts {
	struct super *sb;
	struct spinlock lock;
	DECLARE_BITMAP(used, MAX_PTYS);	/* [lock] */
	unsigned count, max;		/* [lock] */
	bool set_uid, set_gid;
	uid_t uid;
	gid_t gid;
	umode_t mode, ptmxmode;
	struct inode *ptmx;
};

static atomic_t nr_ptys;		/* of all instances: kernel.pty.nr */

/* ---- options */

static int parse_one(struct devpts *fs, const char *name, const char *value)
{
	uint64_t n = 0;

	if (!strcmp(name, "newinstance"))
		return 0;		/* every mount is one */
	if (!value || kstrtou64(value, !strcmp(name, "mode") || !strcmp(name, "ptmxmode") ? 8 : 10, &n))
		return -EINVAL;
	if (!strcmp(name, "mode")) {
		fs->mode = n & 07777;
	} else if (!strcmp(name, "ptmxmode")) {
		fs->ptmxmode = n & 07777;
	} else if (!strcmp(name, "max")) {
		if (n > MAX_PTYS)
			return -EINVAL;
		fs->max = (unsigned)n;
	} else if (!strcmp(name, "uid")) {
		fs->uid = (uid_t)n;
		fs->set_uid = true;
	} else if (!strcmp(name, "gid")) {
		fs->gid = (gid_t)n;
		fs->set_gid = true;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int parse_options(struct devpts *fs, const char *data)
{
	char *copy, *p, *next;
	int err = 0;

	fs->set_uid = fs->set_gid = false;
	fs->mode = 0600;
	fs->ptmxmode = 0;
	fs->max = MAX_PTYS;
	if (!data || !*data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (p = copy; p && !err; p = next) {
		char *eq;

		next = strchr(p, ',');
		if (next)
			*next++ = 0;
		if (!*p)
			continue;
		eq = strchr(p, '=');
		if (eq)
			*eq++ = 0;
		err = parse_one(fs, p, eq);
	}
	kfree(copy);
	return err;
}

static int devpts_show_options(struct super *sb, char *buf, size_t size)
{
	struct devpts *fs = sb->private;
	int n = 0;

	if (size)
		buf[0] = 0;
	if (fs->set_uid)
		n += scnprintf(buf + n, size - (size_t)n, ",uid=%u", fs->uid);
	if (fs->set_gid)
		n += scnprintf(buf + n, size - (size_t)n, ",gid=%u", fs->gid);
	n += scnprintf(buf + n, size - (size_t)n, ",mode=%03o,ptmxmode=%03o", fs->mode, fs->ptmxmode);
	if (fs->max < MAX_PTYS)
		n += scnprintf(buf + n, size - (size_t)n, ",max=%u", fs->max);
	return n;
}

static int devpts_remount(struct super *sb, unsigned flags, const char *data)
{
	struct devpts *fs = sb->private;
	int err = parse_options(fs, data);

	if (!err)
		fs->ptmx->mode = S_IFCHR | fs->ptmxmode;
	return err;
}

/* ---- inodes */

static int devpts_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	d_add(d, NULL);
	return 0;
}

static const struct inode_ops dir_ops = { .lookup = devpts_lookup };
static const struct inode_ops node_ops = { .setattr = simple_setattr };

static int slave_open(struct inode *inode, struct file *f)
{
	return pty_open_slave(inode->private, f);
}
static const struct file_ops slave_fops = { .open = slave_open };

static void devpts_evict(struct inode *inode)
{
	if (inode->fops == &slave_fops)
		tty_unref(inode->private);
}

static const struct super_ops devpts_super_ops = {
	.evict = devpts_evict,
	.remount = devpts_remount,
	.show_options = devpts_show_options,
};

/* Puts a pinned name into the root directory. Takes over the reference of @inode on success. */
static int add_name(struct super *sb, const char *name, struct inode *inode)
{
	struct dentry *root = sb->root, *d;
	char padded[24] = { 0 };
	struct qstr q;
	int err;

	strscpy(padded, name, sizeof(padded) - NAME_PAD);
	q.name = padded;
	q.len = (uint32_t)strlen(padded);
	q.hash = name_hash(root, padded, q.len);
	down_write(&root->inode->rwsem);
	err = dir_lookup_locked(root, &q, 0, &d);
	if (!err && d->inode) {
		dentry_put(d);
		err = -EEXIST;
	}
	if (!err) {
		d_instantiate(d, inode);
		dentry_set_flag(d, D_PINNED, 0);	/* the reference stays */
		root->inode->mtime = root->inode->ctime = clock_realtime_coarse();
	}
	up_write(&root->inode->rwsem);
	return err;
}

static struct inode *new_inode(struct super *sb, ino_t ino, umode_t mode, dev_t dev)
{
	struct inode *inode = inode_create(sb);

	if (!inode)
		return NULL;
	inode->ino = ino;
	inode->nlink = 1;
	inode->ops = &node_ops;
	inode_init_special(inode, mode, dev);
	return inode;
}

/* ---- mount */

static int fill(struct super *sb, struct devpts *fs)
{
	struct inode *root = inode_create(sb);
	int err;

	if (!root)
		return -ENOMEM;
	root->ino = INO_ROOT;
	root->mode = S_IFDIR | 0755;
	root->nlink = 2;
	root->ops = &dir_ops;
	root->fops = &simple_dir_fops;
	sb->root = dentry_alloc_root(root);
	if (!sb->root) {
		inode_put(root);
		return -ENOMEM;
	}
	fs->ptmx = new_inode(sb, INO_PTMX, S_IFCHR | fs->ptmxmode, MKDEV(5, 2));
	if (!fs->ptmx)
		return -ENOMEM;
	err = add_name(sb, "ptmx", fs->ptmx);
	if (err)
		inode_put(fs->ptmx);
	return err;
}

static int devpts_mount(const struct fs_type *t, unsigned flags, const char *source, const char *data,
			struct super **out)
{
	struct devpts *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
	struct super *sb;
	int err;

	if (!fs)
		return -ENOMEM;
	spin_lock_init(&fs->lock, LR_LEAF);
	err = parse_options(fs, data);
	if (err) {
		kfree(fs);
		return err;
	}
	sb = super_alloc(t, flags);
	if (!sb) {
		kfree(fs);
		return -ENOMEM;
	}
	fs->sb = sb;
	sb->private = fs;		/* kill() frees it from here on */
	sb->ops = &devpts_super_ops;
	sb->magic = DEVPTS_MAGIC;
	sb->block_size = 1024;
	err = fill(sb, fs);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

static void devpts_kill(struct super *sb)
{
	kfree(sb->private);
}

static struct fs_type devpts_type = {
	.name = "devpts",
	.flags = FS_NODEV | FS_USERNS_MOUNT,
	.mount = devpts_mount,
	.kill = devpts_kill,
};

static int devpts_init(void)
{
	return fs_type_register(&devpts_type);
}
INITCALL(INITCALL_FS, devpts_init);

/* ---- for pty.c */

void devpts_put(struct devpts *fs)
{
	super_put(fs->sb);
}

void devpts_get(struct devpts *fs)
{
	atomic_inc(&fs->sb->refs);
}

int devpts_of_master(struct file *f, struct devpts **out)
{
	struct dentry *d = f->path.dentry, *parent;
	struct super *sb = NULL;
	struct mount *m;
	struct path at;

	if (d->sb->type == &devpts_type) {
		sb = d->sb;
		atomic_inc(&sb->refs);
	} else {
		/* A ptmx elsewhere: what is mounted at "pts" beside it. */
		at.mnt = f->path.mnt;
		parent = dentry_get(d->parent);
		at.dentry = parent;
		if (!path_lookup_at(&at, "pts", LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &at)) {
			m = at.mnt;
			if (m->sb->type == &devpts_type && at.dentry == m->sb->root) {
				sb = m->sb;
				atomic_inc(&sb->refs);
			}
			path_put(&at);
		}
		dentry_put(parent);
	}
	if (!sb)
		return -ENODEV;
	*out = sb->private;
	return 0;
}

int devpts_index(struct devpts *fs, unsigned *index)
{
	unsigned n;
	int err = -ENOSPC;

	spin_lock(&fs->lock);
	n = find_first_zero_bit(fs->used, MAX_PTYS);
	if (n < MAX_PTYS && fs->count < fs->max && atomic_read(&nr_ptys) < (int)MAX_PTYS) {
		set_bit(n, fs->used);
		fs->count++;
		atomic_inc(&nr_ptys);
		*index = n;
		err = 0;
	}
	spin_unlock(&fs->lock);
	return err;
}

void devpts_index_free(struct devpts *fs, unsigned index)
{
	spin_lock(&fs->lock);
	clear_bit(index, fs->used);
	fs->count--;
	atomic_dec(&nr_ptys);
	spin_unlock(&fs->lock);
}

int devpts_add(struct devpts *fs, unsigned index, struct tty *slave)
{
	struct inode *inode = new_inode(fs->sb, INO_FIRST + index, S_IFCHR | fs->mode, tty_device_of(slave));
	const struct cred *c = current_cred();
	char name[12];
	int err;

	if (!inode)
		return -ENOMEM;
	inode->uid = fs->set_uid ? fs->uid : c->fsuid;
	inode->gid = fs->set_gid ? fs->gid : c->fsgid;
	tty_ref(slave);
	inode->private = slave;
	inode->fops = &slave_fops;
	snprintf(name, sizeof(name), "%u", index);
	err = add_name(fs->sb, name, inode);
	if (err)
		inode_put(inode);
	return err;
}

static struct dentry *find_name(struct devpts *fs, unsigned index)
{
	struct dentry *root = fs->sb->root;
	char padded[24] = { 0 };
	struct qstr q;

	snprintf(padded, sizeof(padded) - NAME_PAD, "%u", index);
	q.name = padded;
	q.len = (uint32_t)strlen(padded);
	q.hash = name_hash(root, padded, q.len);
	return d_lookup(root, &q);
}

void devpts_remove(struct devpts *fs, unsigned index)
{
	struct dentry *root = fs->sb->root, *d;
	struct inode *dir = root ? root->inode : NULL;

	if (!dir)
		return;
	down_write(&dir->rwsem);
	d = find_name(fs, index);
	if (d && d->inode) {
		d->inode->nlink = 0;
		dentry_set_flag(d, 0, D_PINNED);
		d_drop(d);
		dentry_put(d);		/* the pin */
		dir->mtime = dir->ctime = clock_realtime_coarse();
	}
	up_write(&dir->rwsem);
	if (d)
		dentry_put(d);
}

long devpts_open_peer(struct file *master, struct devpts *fs, unsigned index, unsigned flags)
{
	struct dentry *d = find_name(fs, index);
	struct mount *m = NULL;
	struct path p;
	struct file *f;
	int err;

	if (!d)
		return -EIO;
	/* Through the mount that the master was opened by, or the one at "pts" beside it. */
	if (master->path.dentry->sb == fs->sb) {
		m = master->path.mnt;
		mnt_get(m);
	} else {
		p.mnt = master->path.mnt;
		p.dentry = master->path.dentry->parent;
		err = path_lookup_at(&p, "pts", LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);
		if (err || p.mnt->sb != fs->sb) {
			if (!err)
				path_put(&p);
			dentry_put(d);
			return -ENODEV;
		}
		m = p.mnt;
		mnt_get(m);
		path_put(&p);
	}
	p.mnt = m;
	p.dentry = d;
	f = file_open_path(&p, flags, &err);
	path_put(&p);
	return f ? fd_install_new(f, flags & O_CLOEXEC) : err;
}
