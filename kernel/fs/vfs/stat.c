/* SPDX-License-Identifier: MIT */
/* stat(2), statx(2), readlinkat(2), statfs(2): what an object is, in the ABI's layouts. */
#include <uapi/statfs.h>
#include "vfs_internal.h"

/* The user's device number of 64-bit Linux: minor bits 0-7 and 20 up, major bits 8-19. */
static uint64_t dev_encode(dev_t d)
{
	return (MINOR(d) & 0xff) | (uint64_t)MAJOR(d) << 8 | (uint64_t)(MINOR(d) & ~0xffu) << 12;
}

static inline void split_time(nsec_t t, int64_t *sec, uint64_t *nsec)
{
	int64_t s = t / NSEC_PER_SEC, n = t % NSEC_PER_SEC;

	if (unlikely(n < 0)) {
		n += NSEC_PER_SEC;
		s--;
	}
	*sec = s;
	*nsec = (uint64_t)n;
}

static int stat_out(const struct kstat *k, struct stat __user *u)
{
	struct stat s;

	s.st_dev = dev_encode(k->dev);
	s.st_ino = k->ino;
	s.st_mode = k->mode;
	s.st_nlink = k->nlink;
	s.st_uid = k->uid;
	s.st_gid = k->gid;
	s.st_rdev = dev_encode(k->rdev);
	s.st_size = k->size;
	s.st_blksize = (int32_t)k->blksize;
	s.st_blocks = (int64_t)k->blocks;
	split_time(k->atime, &s.st_atime, &s.st_atime_nsec);
	split_time(k->mtime, &s.st_mtime, &s.st_mtime_nsec);
	split_time(k->ctime, &s.st_ctime, &s.st_ctime_nsec);
	arch_stat_pad(&s);
	return copy_to_user(u, &s, sizeof(s)) ? -EFAULT : 0;
}

#define STAT_AT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)

static int fd_getattr(unsigned n, struct kstat *k)
{
	struct fd f = fd_get_raw(n);
	int err;

	if (unlikely(!f.file))
		return -EBADF;
	err = vfs_getattr(&f.file->path, k);
	fd_put(f);
	return err;
}

/* @name may be empty with AT_EMPTY_PATH: the descriptor itself, the C library's fstat. */
static int do_statx_path(int dfd, const char __user *name, unsigned flags, struct kstat *k)
{
	struct path p;
	char c;
	int err;

	if ((flags & AT_EMPTY_PATH) && dfd >= 0) {
		if (get_user(c, name))
			return -EFAULT;
		if (!c)
			return fd_getattr((unsigned)dfd, k);
	}
	err = user_path_at(dfd, name,
			   (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
				   (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			   &p);
	if (unlikely(err))
		return err;
	err = vfs_getattr(&p, k);
	path_put(&p);
	return err;
}

long sys_newfstatat(int dfd, const char __user *path, struct stat __user *st, int flags)
{
	struct kstat k;
	int err;

	if (flags & ~STAT_AT_FLAGS)
		return -EINVAL;
	err = do_statx_path(dfd, path, (unsigned)flags, &k);
	return unlikely(err) ? err : stat_out(&k, st);
}

long sys_fstat(unsigned int fd, struct stat __user *st)
{
	struct kstat k;
	int err = fd_getattr(fd, &k);

	return unlikely(err) ? err : stat_out(&k, st);
}

static struct statx_timestamp stamp(nsec_t t)
{
	struct statx_timestamp s = { 0 };
	uint64_t n;

	split_time(t, &s.tv_sec, &n);
	s.tv_nsec = (uint32_t)n;
	return s;
}

long sys_statx(int dfd, const char __user *path, unsigned int flags, unsigned int mask,
	       struct statx __user *buf)
{
	struct kstat k;
	struct statx x;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	if (flags & ~(unsigned)STAT_AT_FLAGS)
		return -EINVAL;
	err = do_statx_path(dfd, path, flags, &k);
	if (unlikely(err))
		return err;
	memset(&x, 0, sizeof(x));
	x.stx_mask = mask & STATX_BTIME ? k.mask : k.mask & ~STATX_BTIME;	/* only who asks is told */
	x.stx_blksize = k.blksize;
	x.stx_attributes = k.attributes;
	x.stx_attributes_mask = k.attributes_mask;
	x.stx_nlink = k.nlink;
	x.stx_uid = k.uid;
	x.stx_gid = k.gid;
	x.stx_mode = k.mode;
	x.stx_ino = k.ino;
	x.stx_size = (uint64_t)k.size;
	x.stx_blocks = k.blocks;
	x.stx_atime = stamp(k.atime);
	x.stx_btime = stamp(k.btime);
	x.stx_ctime = stamp(k.ctime);
	x.stx_mtime = stamp(k.mtime);
	x.stx_rdev_major = MAJOR(k.rdev);
	x.stx_rdev_minor = MINOR(k.rdev);
	x.stx_dev_major = MAJOR(k.dev);
	x.stx_dev_minor = MINOR(k.dev);
	x.stx_mnt_id = k.mnt_id;
	return copy_to_user(buf, &x, sizeof(x)) ? -EFAULT : 0;
}

static long link_out(const char *text, char __user *buf, size_t size)
{
	size_t n = strlen(text);

	if (n > size)
		n = size;
	return copy_to_user(buf, text, n) ? -EFAULT : (long)n;
}

static long do_readlink(const struct path *p, char __user *buf, size_t size)
{
	struct inode *inode = p->dentry->inode;
	void (*done)(void *) = NULL;
	void *done_arg = NULL;
	const char *text;
	char *tmp;
	long n;
	int err = 0;

	touch_atime(p);
	if (inode->link)
		return link_out(inode->link, buf, size);
	if (inode->ops->readlink) {
		tmp = kmalloc(PATH_MAX, GFP_KERNEL);
		if (!tmp)
			return -ENOMEM;
		n = inode->ops->readlink(p->dentry, tmp, PATH_MAX);
		if (n > 0) {
			n = MIN(n, (long)size);
			n = copy_to_user(buf, tmp, (size_t)n) ? -EFAULT : n;
		}
		kfree(tmp);
		return n;
	}
	if (!inode->ops->get_link)
		return -EINVAL;
	text = inode->ops->get_link(p->dentry, inode, &err, &done, &done_arg);
	if (!text)
		return err ? err : -ENOENT;
	n = link_out(text, buf, size);
	if (done)
		done(done_arg);
	return n;
}

long sys_readlinkat(int dfd, const char __user *name, char __user *buf, int size)
{
	struct path p;
	struct name_buf nb;
	struct walk w;
	long ret;

	if (size <= 0)
		return -EINVAL;
	ret = user_walk(&w, &nb, dfd, name, LOOKUP_EMPTY);
	if (ret)
		return ret;
	p = w.path;
	/* An empty name reads the link that the descriptor (O_PATH | O_NOFOLLOW) stands for. */
	ret = *nb.name ? -EINVAL : -ENOENT;
	if (S_ISLNK(p.dentry->inode->mode))
		ret = do_readlink(&p, buf, (size_t)size);
	path_put(&p);
	walk_end(&w);
	name_put(&nb);
	return ret;
}

/* statfs(2) */
static int statfs_flags(const struct mount *m)
{
	unsigned f = m->flags;
	int out = ST_VALID;

	if ((f & MNT_READONLY) || (m->sb->flags & SB_RDONLY))
		out |= ST_RDONLY;
	if (f & MNT_NOSUID)
		out |= ST_NOSUID;
	if (f & MNT_NODEV)
		out |= ST_NODEV;
	if (f & MNT_NOEXEC)
		out |= ST_NOEXEC;
	if (f & MNT_NOATIME)
		out |= ST_NOATIME;
	if (f & MNT_NODIRATIME)
		out |= ST_NODIRATIME;
	if (f & MNT_RELATIME)
		out |= ST_RELATIME;
	if (f & MNT_NOSYMFOLLOW)
		out |= ST_NOSYMFOLLOW;
	if (m->sb->flags & SB_SYNCHRONOUS)
		out |= ST_SYNCHRONOUS;
	return out;
}

int simple_statfs(struct super *sb, struct kstatfs *st)
{
	st->type = sb->magic;
	st->bsize = PAGE_SIZE;
	st->namelen = NAME_MAX;
	return 0;
}

static long do_statfs(const struct path *p, struct statfs __user *buf)
{
	struct super *sb = p->dentry->sb;
	struct kstatfs k = { 0 };
	struct statfs s;
	int err;

	err = sb->ops && sb->ops->statfs ? sb->ops->statfs(sb, &k) : simple_statfs(sb, &k);
	if (err)
		return err;
	memset(&s, 0, sizeof(s));
	s.f_type = (int64_t)k.type;
	s.f_bsize = (int64_t)k.bsize;
	s.f_blocks = k.blocks;
	s.f_bfree = k.bfree;
	s.f_bavail = k.bavail;
	s.f_files = k.files;
	s.f_ffree = k.ffree;
	s.f_fsid[0] = (int32_t)k.fsid;
	s.f_fsid[1] = (int32_t)(k.fsid >> 32);
	s.f_namelen = (int64_t)k.namelen;
	s.f_frsize = (int64_t)(k.frsize ? k.frsize : k.bsize);
	s.f_flags = p->mnt ? statfs_flags(p->mnt) : ST_VALID;
	return copy_to_user(buf, &s, sizeof(s)) ? -EFAULT : 0;
}

long sys_statfs(const char __user *path, struct statfs __user *buf)
{
	struct path p;
	long err = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = do_statfs(&p, buf);
	path_put(&p);
	return err;
}

long sys_fstatfs(unsigned int fd, struct statfs __user *buf)
{
	struct fd f = fd_get_raw(fd);
	long err;

	if (!f.file)
		return -EBADF;
	err = do_statfs(&f.file->path, buf);
	fd_put(f);
	return err;
}
