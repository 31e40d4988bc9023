/* SPDX-License-Identifier: MIT */
/*
 * tmpfs files: contents are the page cache's; here are size changes, fallocate(2), seals, and
 * files without a
 * name (memfd, shared anonymous memory).
 *
 * Seals are added under the inode's rwsem and asked for under it. F_SEAL_WRITE needs that no
 * writable shared mapping
 * exists: page_cache.writable_maps goes from zero to below zero, and mmap takes it only from
 * zero or above.
 */
#include <kernel/vm.h>
#include "tmpfs_internal.h"

int tmpfs_setattr(struct dentry *d, struct iattr *a)
{
	struct inode *inode = d->inode;
	struct tmpfs_inode *ti = tmpfs_i(inode);
	int err = setattr_check(d, a);

	if (err)
		return err;
	if ((a->valid & ATTR_SIZE) && S_ISREG(inode->mode)) {
		loff_t old = inode->size;

		if ((a->size < old && (ti->seals & F_SEAL_SHRINK)) ||
		    (a->size > old && (ti->seals & F_SEAL_GROW)))
			return -EPERM;
		if (a->size != old) {
			WRITE_ONCE(inode->size, a->size);
			inode->mtime = inode->ctime = clock_realtime_coarse();
		}
		if (a->size < old)
			page_cache_truncate(&ti->cache, a->size);
	}
	setattr_copy(inode, a);
	return 0;
}

static loff_t tmpfs_llseek(struct file *f, loff_t off, int whence)
{
	loff_t size, pos;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_llseek(f, off, whence);
	down_read(&f->inode->rwsem);
	size = f->inode->size;
	pos = off < 0 || off >= size ? -ENXIO
				     : page_cache_seek(f->cache, off, size, whence == SEEK_HOLE);
	up_read(&f->inode->rwsem);
	if (pos >= 0)
		f->pos = pos;
	return pos;
}

/*
 * Pages [first, last] are made, so that later writes cannot fail for want of room. What was
 * made stays on failure.
 */
static int populate(struct inode *inode, uint64_t first, uint64_t last)
{
	uint64_t i;
	struct page *p;
	int err;

	for (i = first; i <= last; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = page_cache_get(inode->cache, i, &p);
		if (err) {
			/* As Linux: nothing half-allocated stays behind. */
			if (i > first && (loff_t)(first << PAGE_SHIFT) >= inode->size)
				page_cache_punch(inode->cache, (loff_t)(first << PAGE_SHIFT),
						 (loff_t)(i << PAGE_SHIFT));
			return err;
		}
		page_put(p);
		if (!(i & 63))
			cond_resched();
	}
	return 0;
}

static long tmpfs_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct inode *inode = f->inode;
	struct tmpfs_inode *ti = tmpfs_i(inode);
	struct tmpfs_sb *s = tmpfs_s(inode->sb);
	loff_t end = off + len;
	long err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	down_write(&inode->rwsem);
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		err = -EPERM;
		if (ti->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			goto out;
		page_cache_punch(inode->cache, off, end);
		err = 0;
		goto changed;
	}
	/* The limits hold for what is only reserved, too. */
	if (end > inode->size) {
		uint64_t limit = rlimit(RLIMIT_FSIZE);

		err = -EPERM;
		if (ti->seals & F_SEAL_GROW)
			goto out;
		err = -EFBIG;
		if ((uint64_t)end > limit) {
			send_signal_task(SIGXFSZ, NULL, current);
			goto out;
		}
	}
	err = -ENOSPC;
	if (s->max_blocks && (uint64_t)len / PAGE_SIZE > s->max_blocks)
		goto out;
	err = populate(inode, (uint64_t)off >> PAGE_SHIFT, (uint64_t)(end - 1) >> PAGE_SHIFT);
	if (err)
		goto out;
	if (!(mode & FALLOC_FL_KEEP_SIZE) && end > inode->size)
		WRITE_ONCE(inode->size, end);
changed:
	err = file_remove_privs(f);
	inode->mtime = inode->ctime = clock_realtime_coarse();
	inode->version++;
out:
	up_write(&inode->rwsem);
	return err;
}

static int tmpfs_mmap(struct file *f, struct vm_area *a)
{
	unsigned seals = tmpfs_i(f->inode)->seals;

	/* Sealed against writing: what is mapped shared can only be read, and never become writable. */
	if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) && (a->flags & VM_SHARED)) {
		if (a->flags & VM_WRITE)
			return -EPERM;
		a->flags &= ~VM_MAYWRITE;
	}
	return page_cache_mmap(f, a);
}

static ssize_t tmpfs_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = f->inode;
	unsigned seals = tmpfs_i(inode)->seals;

	if (unlikely(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_GROW))) {
		loff_t size = inode->size, at = f->flags & O_APPEND ? size : *pos;

		if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			return -EPERM;
		/* As Linux, page by page: what lies in pages before the one that would grow is written. */
		if (at + (loff_t)from->count > size) {
			size &= (loff_t)PAGE_MASK;
			if (at >= size)
				return -EPERM;
			from->count = (size_t)(size - at);
		}
	}
	return page_cache_write(f, from, pos);
}

static int sync_nothing(struct file *f, bool data_only)
{
	return 0;
}

/*
 * Read-only shared mappings count too in writable_maps when they may become writable: mmap
 * does the counting.
 */
static int deny_writable_maps(struct page_cache *c)
{
	int n = atomic_read(&c->writable_maps);

	while (n <= 0) {
		if (atomic_cas(&c->writable_maps, n, n - 1))
			return 0;
		n = atomic_read(&c->writable_maps);
	}
	return -EBUSY;
}

long shmem_seals(struct file *f, unsigned cmd, unsigned long arg)
{
	struct inode *inode = f->inode;
	struct tmpfs_inode *ti = tmpfs_i(inode);
	unsigned seals = (unsigned)arg;
	long err;

	if (f->ops != &tmpfs_file_fops)
		return -EINVAL;
	if (cmd == F_GET_SEALS)
		return ti->seals;
	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if (arg & ~(unsigned long)F_SEAL_ALL)
		return -EINVAL;
	down_write(&inode->rwsem);
	err = -EPERM;
	if (ti->seals & F_SEAL_SEAL)
		goto out;
	if ((seals & F_SEAL_WRITE) && !(ti->seals & F_SEAL_WRITE)) {
		err = deny_writable_maps(inode->cache);
		if (err)
			goto out;
	}
	ti->seals |= seals;
	if (ti->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		inode->state |= I_SEALED;
	err = 0;
out:
	up_write(&inode->rwsem);
	return err;
}

const struct inode_ops tmpfs_file_ops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.removexattr = tmpfs_removexattr,
	.listxattr = tmpfs_listxattr,
};
const struct inode_ops tmpfs_link_ops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.removexattr = tmpfs_removexattr,
	.listxattr = tmpfs_listxattr,
};
const struct inode_ops tmpfs_special_ops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.removexattr = tmpfs_removexattr,
	.listxattr = tmpfs_listxattr,
};
const struct file_ops tmpfs_file_fops = {
	.read = page_cache_read,
	.write = tmpfs_write,
	.llseek = tmpfs_llseek,
	.mmap = tmpfs_mmap,
	.fsync = sync_nothing,
	.fallocate = tmpfs_fallocate,
};

/* Files without a name live in an instance of their own that is mounted nowhere. */
static struct mount *shmem_mount;

static int shmem_name(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "/%s (deleted)", d->name.name);
}

static const struct dentry_ops shmem_dentry_ops = { .name = shmem_name };

struct file *shmem_file_create(const char *name, loff_t size, unsigned flags, int *err)
{
	struct qstr q = { name, (uint32_t)strlen(name), 0 };
	struct path p = { shmem_mount, NULL };
	struct inode *inode;
	struct file *f;

	*err = -ENFILE;
	if (!shmem_mount)
		return NULL;
	if (q.len > NAME_MAX)
		q.len = NAME_MAX;
	p.dentry = dentry_alloc_anon(shmem_mount->sb, &q);
	*err = -ENOMEM;
	if (!p.dentry)
		return NULL;
	p.dentry->ops = &shmem_dentry_ops;
	*err = tmpfs_inode_new(shmem_mount->sb, NULL, S_IFREG | S_IRWXUGO, 0, &inode);
	if (*err) {
		dentry_put(p.dentry);
		return NULL;
	}
	inode->nlink = 0;
	inode->size = size;
	d_instantiate(p.dentry, inode);
	mnt_get(p.mnt);
	f = file_alloc(&p, flags | O_LARGEFILE, &tmpfs_file_fops, err);
	if (!f) {
		path_put(&p);
		return NULL;
	}
	f->mode |= FMODE_READ | FMODE_WRITE | FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE |
		   FMODE_ATOMIC_POS;
	f->flags |= O_RDWR;
	return f;
}

/* memfd_create(2) */
#define MFD_PREFIX "memfd:"
long sys_memfd_create(const char __user *uname, unsigned int flags)
{
	char *name;
	struct file *f;
	ssize_t len;
	int err;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC))
		return -EINVAL;
	if (flags & MFD_HUGETLB)
		return -ENOSYS;		/* TODO: no hugetlbfs */
	if ((flags & (MFD_EXEC | MFD_NOEXEC_SEAL)) == (MFD_EXEC | MFD_NOEXEC_SEAL))
		return -EINVAL;
	name = kmalloc(NAME_MAX + 8, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	memcpy(name, MFD_PREFIX, 6);
	len = strncpy_from_user(name + 6, uname, NAME_MAX + 1 - 6);
	err = (int)len;
	if (len < 0)
		goto out;
	err = -EINVAL;
	if (len > NAME_MAX - 6)
		goto out;
	f = shmem_file_create(name, 0, 0, &err);
	if (!f)
		goto out;
	if (flags & MFD_ALLOW_SEALING)
		tmpfs_i(f->inode)->seals = 0;
	if (flags & MFD_NOEXEC_SEAL) {
		f->inode->mode &= ~S_IXUGO;
		tmpfs_i(f->inode)->seals = F_SEAL_EXEC;
	}
	err = fd_install_new(f, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
out:
	kfree(name);
	return err;
}

void __init shmem_init(const struct fs_type *t)
{
	struct super *sb;

	if (tmpfs_make_super(t, S_IRWXUGO | S_ISVTX, &sb))
		panic("tmpfs: no memory for anonymous files");
	tmpfs_s(sb)->max_blocks = 0;
	tmpfs_s(sb)->max_inodes = 0;
	shmem_mount = mount_alloc(sb, sb->root, "tmpfs", 0);
	if (!shmem_mount)
		panic("tmpfs: no memory for anonymous files");
	super_put(sb);
}
