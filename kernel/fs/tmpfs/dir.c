/* SPDX-License-Identifier: MIT */
/*
 * tmpfs directories. A pinned dentry is the directory entry: what is not in the dentry cache
 * is not there.
 *
 * A directory also keeps its names in a list of its own, newest first (the order Linux lists
 * them in), each with an
 * ascending number. The list changes only with the directory's rwsem held for writing, so a
 * reader, who holds it
 * for reading, needs neither lock nor reference per name. A position in a listing is derived
 * from the number of the
 * name that stands there: names that come and go between two calls move nobody else.
 */
#include "tmpfs_internal.h"

#define POS_BASE (1ll << 48)	/* position of entry number n: POS_BASE - n */

static void entry_add(struct inode *dir, struct dentry *d)
{
	struct tmpfs_inode *ti = tmpfs_i(dir);

	d->fsdata = (void *)(uintptr_t)++ti->next_id;
	ti->version++;
	list_add(&d->lru, &ti->entries);
}

static void entry_del(struct inode *dir, struct dentry *d)
{
	tmpfs_i(dir)->version++;
	list_del_init(&d->lru);
}

static void dir_changed(struct inode *dir, int size, nsec_t now)
{
	WRITE_ONCE(dir->size, dir->size + size);
	dir->mtime = dir->ctime = now;
	dir->version++;
}

/*
 * The new name is born with its inode: pinned, listed, hashed last, so that whoever finds it
 * finds all of it.
 */
static void entry_born(struct inode *dir, struct dentry *d, struct inode *inode)
{
	d->flags |= D_PINNED;
	dentry_get(d);
	entry_add(dir, d);
	dir_changed(dir, TMPFS_DIRENT_SIZE, inode->ctime);
	d_add(d, inode);
}

static int tmpfs_mknod(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev)
{
	struct inode *inode;
	int err = tmpfs_inode_new(dir->sb, dir, mode, dev, &inode);

	if (err)
		return err;
	entry_born(dir, d, inode);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *d, umode_t mode, bool excl)
{
	return tmpfs_mknod(dir, d, mode | S_IFREG, 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *d, umode_t mode)
{
	int err = tmpfs_mknod(dir, d, mode | S_IFDIR, 0);

	if (!err)
		inode_nlink_add(dir, 1);
	return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	size_t n = strlen(target);
	struct inode *inode;
	char *text;
	int err;

	text = kzalloc(n + 1 + NAME_PAD, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	memcpy(text, target, n);
	err = tmpfs_inode_new(dir->sb, dir, S_IFLNK | S_IRWXUGO, 0, &inode);
	if (err) {
		kfree(text);
		return err;
	}
	inode->link = text;
	inode->size = (loff_t)n;
	entry_born(dir, d, inode);
	return 0;
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *inode = old->inode;
	int err = 0;

	/*
	 * A further name costs an inode's worth of memory; the first name of an O_TMPFILE was
	 * paid for.
	 */
	if (inode->nlink) {
		err = tmpfs_inode_reserve(dir->sb);
		if (err)
			return err;
	}
	inode_get(inode);
	inode_nlink_add(inode, 1);
	inode->ctime = clock_realtime_coarse();
	entry_born(dir, d, inode);
	return 0;
}

static void unpin(struct dentry *d)
{
	dentry_set_flag(d, 0, D_PINNED);
	dentry_put(d);		/* the caller has another one */
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d->inode;
	nsec_t now = clock_realtime_coarse();

	if (inode->nlink > 1 && !S_ISDIR(inode->mode))
		tmpfs_inode_release(inode->sb);
	inode_nlink_add(inode, -1);
	inode->ctime = now;
	entry_del(dir, d);
	dir_changed(dir, -TMPFS_DIRENT_SIZE, now);
	unpin(d);
	return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
	if (!list_empty(&tmpfs_i(d->inode)->entries))
		return -ENOTEMPTY;
	inode_nlink_add(d->inode, -1);
	inode_nlink_add(dir, -1);
	return tmpfs_unlink(dir, d);
}

static int whiteout(struct inode *dir, struct dentry *od)
{
	struct qstr name = { od->name.name, od->name.len, od->name.hash };
	struct dentry *w = dentry_alloc(od->parent, &name);
	int err;

	if (!w)
		return -ENOMEM;
	err = tmpfs_mknod(dir, w, S_IFCHR, 0);
	dentry_put(w);
	return err;
}

static int tmpfs_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
			struct dentry *nd, unsigned flags)
{
	struct inode *inode = od->inode, *target = nd->inode;
	bool dir = S_ISDIR(inode->mode), tdir = target && S_ISDIR(target->mode);
	nsec_t now = clock_realtime_coarse();
	int err;

	if (target && tdir && !(flags & RENAME_EXCHANGE) && !list_empty(&tmpfs_i(target)->entries))
		return -ENOTEMPTY;
	if (flags & RENAME_WHITEOUT) {
		err = whiteout(odir,
			       od); /* hashed under the old name; the old one moves away below */
		if (err)
			return err;
	}
	entry_del(odir, od);
	if (flags & RENAME_EXCHANGE) {
		entry_del(ndir, nd);
		entry_add(ndir, od);
		entry_add(odir, nd);
		if (odir != ndir && dir != tdir) {
			inode_nlink_add(dir ? odir : ndir, -1);
			inode_nlink_add(dir ? ndir : odir, 1);
		}
		target->ctime = now;
		dir_changed(odir, 0, now);
		dir_changed(ndir, 0, now);
	} else {
		if (target) {
			if (tdir) {
				inode_nlink_add(target, -1);
				inode_nlink_add(ndir, -1);
			}
			tmpfs_unlink(ndir, nd);
		}
		if (dir && odir != ndir) {
			inode_nlink_add(odir, -1);
			inode_nlink_add(ndir, 1);
		}
		entry_add(ndir, od);
		dir_changed(odir, -TMPFS_DIRENT_SIZE, now);
		dir_changed(ndir, TMPFS_DIRENT_SIZE, now);
	}
	inode->ctime = now;
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct dentry *d, umode_t mode)
{
	struct inode *inode;
	int err = tmpfs_inode_new(dir->sb, dir, mode, 0, &inode);

	if (err)
		return err;
	inode->nlink = 0;
	d_instantiate(d, inode);
	return 0;
}

/* Where a listing goes on; kept in file->private as a hint. */
struct dir_hint {
	struct dentry *next;		/* valid while version stands */
	uint64_t version;
	loff_t pos;
};

static inline uint64_t entry_id(const struct dentry *d)
{
	return (uintptr_t)d->fsdata;
}

static struct list_head *find_place(struct tmpfs_inode *ti, const struct dir_hint *h, loff_t pos)
{
	struct dentry *d;

	if (h && h->pos == pos && h->version == ti->version)
		return &h->next->lru;
	list_for_each_entry(d, &ti->entries, lru)
		if (POS_BASE - (loff_t)entry_id(d) >= pos)
			break;
	return &d->lru;
}

static int tmpfs_iterate(struct file *f, struct dir_context *c)
{
	static const uint8_t types[16] = { 0, DT_FIFO, DT_CHR, 0,      DT_DIR, 0,      DT_BLK,
					   0, DT_REG,  0,      DT_LNK, 0,      DT_SOCK };
	struct tmpfs_inode *ti = tmpfs_i(f->inode);
	struct dir_hint *h = f->private;
	struct list_head *p;

	if (!dir_emit_dots(f, c))
		return 0;
	for (p = find_place(ti, h, c->pos); p != &ti->entries; p = p->next) {
		struct dentry *d = list_entry(p, struct dentry, lru);
		struct inode *inode = d->inode;

		c->pos = POS_BASE - (loff_t)entry_id(d);
		if (!dir_emit(c, d->name.name, d->name.len, inode->ino, types[inode->mode >> 12]))
			goto stopped;
	}
	c->pos = POS_BASE;
	return 0;
stopped:
	if (!h) {
		h = kmalloc(sizeof(*h), GFP_KERNEL | GFP_NOWARN);
		f->private = h;	/* without it the place is searched for */
	}
	if (h) {
		h->next = list_entry(p, struct dentry, lru);
		h->version = ti->version;
		h->pos = c->pos;
	}
	return 0;
}

static void tmpfs_dir_release(struct inode *inode, struct file *f)
{
	kfree(f->private);
}

static int sync_nothing(struct file *f, bool data_only)
{
	return 0;
}

const struct inode_ops tmpfs_dir_ops = {
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.removexattr = tmpfs_removexattr,
	.listxattr = tmpfs_listxattr,
};
const struct file_ops tmpfs_dir_fops = {
	.llseek = endless_llseek,
	.iterate = tmpfs_iterate,
	.release = tmpfs_dir_release,
	.fsync = sync_nothing,
};
