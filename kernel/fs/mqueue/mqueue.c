/* SPDX-License-Identifier: MIT */
/*
 * The file system of POSIX message queues: mq_open(3), mq_unlink(3), /dev/mqueue.
 *
 * Each IPC namespace has one instance, made when it is first asked for, and all mounts of it show the same
 * names. Names are pinned dentries of the one directory; the inode's private part is the queue. An instance
 * may outlive its namespace while somebody has it mounted: it then makes no more queues.
 *
 * Locks: the directory's rwsem for names; instance_lock for making an instance; count_lock for super->private
 * and the number of queues. References: mq_overview(7).
 */
#include "../vfs/vfs_internal.h"
#include <kernel/init.h>
#include <kernel/mqueue.h>
#include <kernel/nsproxy.h>

#define MQUEUE_MAGIC	0x19800202
#define QUEUE_FILE_SIZE 80 /* what stat(2) says of a queue on Linux */

static DEFINE_MUTEX(instance_lock, LR_MUTEX_LEAF);
static DEFINE_SPINLOCK(count_lock, LR_IPC_IDS);
static struct fs_type mqueue_type;

/* One more queue in the instance's namespace, which is returned with a reference. */
static int count_queue(struct super *sb, struct ipc_ns **out)
{
	struct ipc_ns *ns;
	int err = 0;

	spin_lock(&count_lock);
	ns = sb->private;
	if (!ns) {
		err = -EACCES;
	} else if (ns->mq_count >= READ_ONCE(ns->mq_queues_max) && !capable(CAP_SYS_RESOURCE)) {
		err = -ENOSPC;
	} else {
		ns->mq_count++;
		*out = ipc_ns_get(ns);
	}
	spin_unlock(&count_lock);
	return err;
}

static void uncount_queue(struct super *sb)
{
	struct ipc_ns *ns;

	spin_lock(&count_lock);
	ns = sb->private;
	if (ns)
		ns->mq_count--;
	spin_unlock(&count_lock);
}

static void queue_evict(struct inode *inode)
{
	if (!S_ISREG(inode->mode))
		return;
	mqueue_free(inode->private);
	uncount_queue(inode->sb);
}

static const struct inode_ops queue_iops = { .setattr = simple_setattr };

static int queue_inode(struct inode *dir, umode_t mode, const struct mq_attr *attr,
		       struct inode **out)
{
	struct inode *inode;
	struct mqueue *q;
	struct ipc_ns *ns;
	int err;

	err = count_queue(dir->sb, &ns);
	if (err)
		return err;
	err = mqueue_create(ns, attr, &q);
	ipc_ns_put(ns);
	if (err)
		goto uncount;
	inode = inode_create(dir->sb);
	if (!inode) {
		mqueue_free(q);
		err = -ENOMEM;
		goto uncount;
	}
	inode->private = q;
	inode->ops = &queue_iops;
	inode->fops = &mqueue_fops;
	inode->nlink = 1;
	inode->size = QUEUE_FILE_SIZE;
	inode_init_owner(inode, NULL, S_IFREG | (mode & S_IALLUGO));
	*out = inode;
	return 0;
uncount:
	uncount_queue(dir->sb);
	return err;
}

int mqueue_make(struct inode *dir, struct dentry *d, umode_t mode, const struct mq_attr *attr)
{
	struct inode *inode;
	int err = queue_inode(dir, mode, attr, &inode);

	if (err)
		return err;
	dentry_get(d);
	d_instantiate(d, inode);
	dentry_set_flag(d, D_PINNED, 0);
	dir->mtime = dir->ctime = clock_realtime_coarse();
	return 0;
}

static int queue_create(struct inode *dir, struct dentry *d, umode_t mode, bool excl)
{
	return mqueue_make(dir, d, mode, NULL);
}

static int queue_unlink(struct inode *dir, struct dentry *d)
{
	inode_nlink_add(d->inode, -1);
	d->inode->ctime = dir->mtime = dir->ctime = clock_realtime_coarse();
	dentry_set_flag(d, 0, D_PINNED);
	dentry_put(d); /* the caller has another one */
	return 0;
}

static int queue_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	d_add(d, NULL);
	return 0;
}

static const struct inode_ops dir_iops = { .lookup = queue_lookup,
					   .create = queue_create,
					   .unlink = queue_unlink };
static const struct super_ops mqueue_super_ops = { .evict = queue_evict, .statfs = simple_statfs };

/* ---- instances */

static int instance_make(struct ipc_ns *ns, unsigned flags, struct super **out)
{
	struct super *sb = super_alloc(&mqueue_type, flags);
	struct inode *root;

	if (!sb)
		return -ENOMEM;
	sb->ops = &mqueue_super_ops;
	sb->magic = MQUEUE_MAGIC;
	sb->private = ns;
	root = inode_create(sb);
	if (!root)
		goto fail;
	root->ops = &dir_iops;
	root->fops = &simple_dir_fops;
	root->nlink = 2;
	inode_init_owner(root, NULL, S_IFDIR | S_ISVTX | S_IRWXUGO);
	sb->root = dentry_alloc_root(root);
	if (!sb->root) {
		inode_put(root);
		goto fail;
	}
	*out = sb;
	return 0;
fail:
	super_put(sb);
	return -ENOMEM;
}

/* The namespace's, with a reference. */
static int instance_get(struct ipc_ns *ns, unsigned flags, struct super **out)
{
	int err = 0;

	mutex_lock(&instance_lock);
	if (!ns->mq_sb)
		err = instance_make(ns, flags, &ns->mq_sb);
	if (!err) {
		atomic_inc(&ns->mq_sb->refs);
		*out = ns->mq_sb;
	}
	mutex_unlock(&instance_lock);
	return err;
}

static int mqueue_mount(const struct fs_type *t, unsigned flags, const char *source,
			const char *data, struct super **out)
{
	return data && *data ? -EINVAL : instance_get(current->ns->ipc, flags, out);
}

static const char *const mqueue_params[] = { NULL };
static struct fs_type mqueue_type = { .name = "mqueue",
				      .flags = FS_NODEV | FS_USERNS_MOUNT,
				      .mount = mqueue_mount,
				      .params = mqueue_params };

int mqueue_root(struct ipc_ns *ns, struct path *out)
{
	struct super *sb;
	struct mount *m;
	int err;

	if (!READ_ONCE(ns->mq_mount)) {
		err = instance_get(ns, 0, &sb);
		if (err)
			return err;
		m = mount_alloc(sb, sb->root, "mqueue", 0);
		super_put(sb);
		if (!m)
			return -ENOMEM;
		if (cmpxchg(&ns->mq_mount, NULL, m))
			mnt_put(m); /* somebody was faster */
	}
	out->mnt = ns->mq_mount;
	out->dentry = out->mnt->root;
	path_get(out);
	return 0;
}

void mqueue_ns_exit(struct ipc_ns *ns)
{
	if (!ns->mq_sb)
		return;
	spin_lock(&count_lock);
	ns->mq_sb->private = NULL;
	spin_unlock(&count_lock);
	if (ns->mq_mount)
		mnt_put(ns->mq_mount);
	super_put(ns->mq_sb);
}

/* ---- calls */

/* One component, as it stands. */
static int get_name(const char __user *u, struct name_buf *nb, const struct dentry *root,
		    struct qstr *q)
{
	int err = name_get(nb, u, 0);

	if (err)
		return err;
	q->name = nb->name;
	q->len = (uint32_t)strlen(nb->name);
	err = -EACCES;
	if (strchr(nb->name, '/') || !strcmp(nb->name, ".") || !strcmp(nb->name, ".."))
		goto fail;
	err = -ENAMETOOLONG;
	if (q->len > NAME_MAX)
		goto fail;
	q->hash = name_hash(root, q->name, q->len);
	return 0;
fail:
	name_put(nb);
	return err;
}

static int check_existing(const struct inode *inode, int flags)
{
	static const int wanted[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE };

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission((struct inode *)(uintptr_t)inode, wanted[flags & O_ACCMODE]);
}

/* Finds or makes; p->dentry becomes the queue's, with a reference. */
static int find_queue(struct path *p, const struct qstr *name, int flags, umode_t mode,
		      const struct mq_attr *attr)
{
	struct dentry *root = p->dentry, *d;
	struct inode *dir = root->inode;
	int err;

	down_write(&dir->rwsem);
	err = dir_lookup_locked(root, name, 0, &d);
	if (err)
		goto out;
	if (d->inode) {
		err = check_existing(d->inode, flags);
	} else if (!(flags & O_CREAT)) {
		err = -ENOENT;
	} else {
		err = may_create(dir);
		if (!err)
			err = mqueue_make(dir, d, mode & ~current->fs->umask, attr);
	}
	if (err) {
		dentry_put(d);
	} else {
		p->dentry = d;
		dentry_put(root);
	}
out:
	up_write(&dir->rwsem);
	return err;
}

static struct file *open_queue(struct path *p, int flags, int *err)
{
	static const uint32_t modes[] = { FMODE_READ, FMODE_WRITE, FMODE_READ | FMODE_WRITE, 0 };
	struct file *f = file_alloc(
		p, (unsigned)flags & ~(unsigned)(O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | O_TRUNC),
		&mqueue_fops, err);

	if (f)
		f->mode |= modes[flags & O_ACCMODE] | FMODE_LSEEK | FMODE_PREAD;
	return f;
}

long sys_mq_open(const char __user *uname, int flags, umode_t mode,
		 const struct mq_attr __user *uattr)
{
	struct mq_attr attr;
	struct name_buf nb;
	struct qstr name;
	struct path p;
	struct file *f;
	int err;

	if (uattr && copy_from_user(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	err = mqueue_root(current->ns->ipc, &p);
	if (err)
		return err;
	err = get_name(uname, &nb, p.dentry, &name);
	if (err)
		goto out;
	err = find_queue(&p, &name, flags, mode, uattr ? &attr : NULL);
	name_put(&nb);
	if (err)
		goto out;
	f = open_queue(&p, flags, &err);
	if (!f)
		goto out;
	return fd_install_new(f, O_CLOEXEC);
out:
	path_put(&p);
	return err;
}

long sys_mq_unlink(const char __user *uname)
{
	struct name_buf nb;
	struct dentry *d = NULL;
	struct inode *dir;
	struct qstr name;
	struct path p;
	int err;

	err = mqueue_root(current->ns->ipc, &p);
	if (err)
		return err;
	err = get_name(uname, &nb, p.dentry, &name);
	if (err)
		goto out;
	dir = p.dentry->inode;
	down_write(&dir->rwsem);
	err = dir_lookup_locked(p.dentry, &name, 0, &d);
	if (!err)
		err = d->inode ? vfs_unlink_locked(dir, d) : -ENOENT;
	up_write(&dir->rwsem);
	if (d)
		dentry_put(d);
	name_put(&nb);
out:
	path_put(&p);
	return err;
}

static int mqueue_init(void)
{
	return fs_type_register(&mqueue_type);
}
INITCALL(INITCALL_FS, mqueue_init);
