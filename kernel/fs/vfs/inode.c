/* SPDX-License-Identifier: MIT */
/*
 * The life of inodes, and the attributes that every file system keeps alike.
 *
 * An inode is made with one reference by inode_create(); names and file systems hold further
 * ones. With the last
 * one it is evicted (super_ops.evict drops contents), unless the file system keeps unused
 * inodes with links. The memory
 * goes after a grace period, because path walks read mode, owner and link text without a reference.
 *
 * Times are written without a lock by their natural writers (a torn update does no harm on 64
 * bits).
 */
#include "vfs_internal.h"

static atomic64_t next_ino = ATOMIC_INIT(1);
static struct kmem_cache *inode_cache;

ino_t ino_next(void)
{
	return (ino_t)atomic64_fetch_add(&next_ino, 1);
}

struct inode *inode_create(struct super *sb)
{
	struct inode *i;

	if (sb->ops && sb->ops->alloc_inode)
		i = sb->ops->alloc_inode(sb);
	else
		i = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	if (!i)
		return NULL;
	memset(i, 0, sizeof(*i));
	atomic_set(&i->refs, 1);
	i->sb = sb;
	i->nlink = 1;
	i->ino = ino_next();
	i->atime = i->mtime = i->ctime = i->btime = clock_realtime_coarse();
	spin_lock_init(&i->lock, LR_INODE_SPIN);
	rwsem_init(&i->rwsem, LR_INODE);
	list_init(&i->locks);
	list_init(&i->watches);
	spin_lock(&sb->inodes_lock);
	list_add_tail(&i->sb_link, &sb->inodes);
	spin_unlock(&sb->inodes_lock);
	return i;
}

void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode)
{
	const struct cred *c = current_cred();

	inode->uid = c->fsuid;
	inode->gid = c->fsgid;
	if (dir && (dir->mode & S_ISGID)) {
		inode->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !cred_in_group(c, dir->gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;
	}
	inode->mode = mode;
	if (CONFIG_LOCKDEP && S_ISDIR(mode))
		rwsem_init(&inode->rwsem, LR_INODE_DIR);
}

void inode_set_opflags(struct inode *inode)
{
	uint16_t f = inode->opflags | IOP_READY;

	if (inode->ops && inode->ops->permission)
		f |= IOP_PERMISSION;
	WRITE_ONCE(inode->opflags, f);
	if (CONFIG_LOCKDEP && S_ISDIR(inode->mode) && !rwsem_is_locked(&inode->rwsem))
		rwsem_init(&inode->rwsem, LR_INODE_DIR);
}

static void inode_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(inode_cache, container_of(head, struct inode, rcu));
}

static void inode_evict(struct inode *i)
{
	struct super *sb = i->sb;

	spin_lock(&sb->inodes_lock);
	list_del(&i->sb_link);
	spin_unlock(&sb->inodes_lock);
	if (sb->ops && sb->ops->evict)
		sb->ops->evict(i);
	call_rcu(&i->rcu, sb->ops && sb->ops->free_inode ? sb->ops->free_inode : inode_free_rcu);
}

void inode_put(struct inode *i)
{
	if (!ref_put(&i->refs))
		return;
	if (i->nlink && i->sb->ops && i->sb->ops->keep_unused)
		return;
	inode_evict(i);
}

void inode_init_special(struct inode *inode, umode_t mode, dev_t dev)
{
	inode->mode = mode;
	switch (mode & S_IFMT) {
	case S_IFCHR:
		inode->fops = &chrdev_fops;
		inode->rdev = dev;
		break;
	case S_IFBLK:
		inode->fops = &bad_fops;	/* TODO: block devices come with the disks */
		inode->rdev = dev;
		break;
	case S_IFIFO:
		inode->fops = &fifo_fops;
		break;
	default:
		inode->fops = &bad_fops;	/* a socket's name: opening it is ENXIO */
		break;
	}
}

void inode_nlink_add(struct inode *inode, int n)
{
	spin_lock(&inode->lock);
	inode->nlink = (uint32_t)((int)inode->nlink + n);
	spin_unlock(&inode->lock);
}

void generic_fill_stat(struct inode *i, struct kstat *st)
{
	st->mask = STATX_BASIC_STATS | STATX_BTIME;
	st->blksize = i->sb->block_size;
	st->attributes = 0;
	st->attributes_mask = i->sb->attributes_mask;
	st->mode = i->mode;
	st->nlink = i->nlink;
	st->uid = i->uid;
	st->gid = i->gid;
	st->ino = i->ino;
	st->size = READ_ONCE(i->size);
	st->blocks = READ_ONCE(i->blocks);
	st->dev = i->sb->dev;
	st->rdev = i->rdev;
	st->atime = i->atime;
	st->mtime = i->mtime;
	st->ctime = i->ctime;
	st->btime = i->btime;
}

int vfs_getattr(const struct path *p, struct kstat *st)
{
	struct inode *i = p->dentry->inode;
	int err;

	if (unlikely(i->ops && i->ops->getattr)) {
		err = i->ops->getattr(p, st);
		if (err)
			return err;
	} else {
		generic_fill_stat(i, st);
	}
	st->mask |= STATX_MNT_ID;
	st->mnt_id = (uint64_t)p->mnt->id;
	st->attributes_mask |= STATX_ATTR_MOUNT_ROOT | STATX_ATTR_AUTOMOUNT | STATX_ATTR_DAX;
	if (p->dentry == p->mnt->root)
		st->attributes |= STATX_ATTR_MOUNT_ROOT;
	return 0;
}

/* relatime: only when the stamp is no later than the last change, or a day old. */
bool walk_atime_due(const struct mount *m, const struct inode *i)
{
	unsigned mf = m->flags;

	if ((i->sb->flags & (SB_NOATIME | SB_RDONLY)) || (mf & (MNT_NOATIME | MNT_READONLY)) ||
	    (i->state & I_NOATIME))
		return false;
	if (S_ISDIR(i->mode) && ((mf & MNT_NODIRATIME) || (i->sb->flags & SB_NODIRATIME)))
		return false;
	if (!(mf & MNT_RELATIME))
		return i->atime != clock_realtime_coarse();
	if (i->mtime >= i->atime || i->ctime >= i->atime)
		return i->atime != clock_realtime_coarse();
	return clock_realtime_coarse() - i->atime >= 24 * 3600 * NSEC_PER_SEC;
}

void touch_atime(const struct path *p)
{
	struct inode *i = p->dentry->inode;

	if (p->mnt && walk_atime_due(p->mnt, i))
		WRITE_ONCE(i->atime, clock_realtime_coarse());
}

int file_update_time(struct file *f)
{
	struct inode *i = f->inode;
	nsec_t now = clock_realtime_coarse();

	if (unlikely(i->state &
		     I_SEALED)) /* asked here because the writer holds the inode's rwsem */
		return -EPERM;
	if (i->mtime != now)
		WRITE_ONCE(i->mtime, now);
	if (i->ctime != now)
		WRITE_ONCE(i->ctime, now);
	i->version++;
	return 0;
}

/*
 * Set-id bits go when somebody without CAP_FSETID writes, file capabilities whoever writes. The
 * inode's rwsem is held for writing.
 */
int file_remove_privs(struct file *f)
{
	struct inode *i = f->inode;
	umode_t kill = 0;

	if (likely(!(i->mode & (S_ISUID | S_ISGID)) && !(i->state & I_FILE_CAPS)) || !S_ISREG(i->mode))
		return 0;
	inode_kill_file_caps(i);
	if (capable(CAP_FSETID))
		return 0;
	kill = i->mode & S_ISUID;
	if ((i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		kill |= S_ISGID;
	if (kill) {
		WRITE_ONCE(i->mode, i->mode & ~kill);
		i->ctime = clock_realtime_coarse();
	}
	return 0;
}

void __init inode_init_caches(void)
{
	inode_cache = kmem_cache_create("inode", sizeof(struct inode), CACHE_LINE, 0, NULL);
	if (!inode_cache)
		panic("vfs: no memory for inodes");
}
