/* SPDX-License-Identifier: MIT */
/*
 * chmod, chown, utimensat, access, truncate, fallocate: system calls that change or ask
 * attributes.
 */
#include "vfs_internal.h"

static unsigned lookup_of(int flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

static int change(const struct path *p, struct iattr *a)
{
	int err = mnt_want_write(p->mnt);

	if (err)
		return err;
	err = notify_change(p, a);
	mnt_drop_write(p->mnt);
	return err;
}

/* The descriptor's object. O_PATH ones are refused. */
static long change_fd(unsigned n, struct iattr *a)
{
	struct fd f = fd_get(n);
	long err;

	if (!f.file)
		return -EBADF;
	err = f.file->path.mnt ? change(&f.file->path, a) : -EINVAL;
	fd_put(f);
	return err;
}

static long change_path(int dfd, const char __user *name, unsigned lookup, struct iattr *a)
{
	struct path p;
	long err = user_path_at(dfd, name, lookup, &p);

	if (err)
		return err;
	err = change(&p, a);
	path_put(&p);
	return err;
}

/* chmod */
long sys_fchmod(unsigned int fd, umode_t mode)
{
	return change_fd(fd, &(struct iattr){ .valid = ATTR_MODE, .mode = mode & S_IALLUGO });
}

long sys_fchmodat2(int dfd, const char __user *path, umode_t mode, unsigned int flags)
{
	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_path(dfd, path, lookup_of((int)flags),
			   &(struct iattr){ .valid = ATTR_MODE, .mode = mode & S_IALLUGO });
}

long sys_fchmodat(int dfd, const char __user *path, umode_t mode)
{
	return sys_fchmodat2(dfd, path, mode, 0);
}

/* chown: -1 leaves an id as it is; set-id bits of what is no directory go. */
static void chown_attr(struct iattr *a, const struct inode *inode, uid_t uid, gid_t gid)
{
	*a = (struct iattr){ .valid = 0, .uid = uid, .gid = gid };
	if (uid != (uid_t)-1)
		a->valid |= ATTR_UID;
	if (gid != (gid_t)-1)
		a->valid |= ATTR_GID;
	if (!S_ISDIR(inode->mode))
		a->valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
}

long sys_fchown(unsigned int fd, uid_t uid, gid_t gid)
{
	struct fd f = fd_get(fd);
	struct iattr a;
	long err = -EINVAL;

	if (!f.file)
		return -EBADF;
	chown_attr(&a, f.file->inode, uid, gid);
	if (f.file->path.mnt)
		err = change(&f.file->path, &a);
	fd_put(f);
	return err;
}

long sys_fchownat(int dfd, const char __user *path, uid_t uid, gid_t gid, int flags)
{
	struct iattr a;
	struct path p;
	long err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_path_at(dfd, path, lookup_of(flags), &p);
	if (err)
		return err;
	chown_attr(&a, p.dentry->inode, uid, gid);
	err = change(&p, &a);
	path_put(&p);
	return err;
}

/* utimensat(2) */
static int times_attr(const struct timespec *t, struct iattr *a)
{
	a->valid = ATTR_ATIME | ATTR_MTIME;
	for (int i = 0; i < 2; i++) {
		unsigned set = i ? ATTR_MTIME_SET : ATTR_ATIME_SET;
		nsec_t *to = i ? &a->mtime : &a->atime;

		if (t[i].tv_nsec == UTIME_NOW)
			continue;
		if (t[i].tv_nsec == UTIME_OMIT) {
			a->valid &= ~(unsigned)(i ? ATTR_MTIME : ATTR_ATIME);
			continue;
		}
		if ((uint64_t)t[i].tv_nsec >= NSEC_PER_SEC)
			return -EINVAL;
		/* Beyond what 64 bits of nanoseconds hold, the nearest. */
		if (t[i].tv_sec >= NSEC_NEVER / NSEC_PER_SEC)
			*to = NSEC_NEVER;
		else if (t[i].tv_sec <= -(NSEC_NEVER / NSEC_PER_SEC))
			*to = -NSEC_NEVER;
		else
			*to = t[i].tv_sec * NSEC_PER_SEC + t[i].tv_nsec;
		a->valid |= set;
	}
	/* One now and one given, or one alone: needs the owner, unlike both now. */
	if ((a->valid & (ATTR_ATIME | ATTR_MTIME)) != (ATTR_ATIME | ATTR_MTIME) ||
	    (a->valid & (ATTR_ATIME_SET | ATTR_MTIME_SET))) {
		nsec_t now = clock_realtime_coarse();

		if ((a->valid & ATTR_ATIME) && !(a->valid & ATTR_ATIME_SET))
			a->atime = now;
		if ((a->valid & ATTR_MTIME) && !(a->valid & ATTR_MTIME_SET))
			a->mtime = now;
		if (a->valid & ATTR_ATIME)
			a->valid |= ATTR_ATIME_SET;
		if (a->valid & ATTR_MTIME)
			a->valid |= ATTR_MTIME_SET;
	}
	return 0;
}

/* @t: two kernel values, or NULL: now. Also of the older forms, syscall/legacy.c. */
long vfs_utimens(int dfd, const char __user *path, const struct timespec *t, int flags)
{
	struct iattr a = { .valid = ATTR_ATIME | ATTR_MTIME };
	int err;

	if (t) {
		if (t[0].tv_nsec == UTIME_OMIT && t[1].tv_nsec == UTIME_OMIT)
			return 0;
		err = times_attr(t, &a);
		if (err)
			return err;
	}
	if (!path && dfd != AT_FDCWD) {
		if (flags)
			return -EINVAL;
		return change_fd((unsigned)dfd, &a);
	}
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_path(dfd, path, lookup_of(flags), &a);
}

long sys_utimensat(int dfd, const char __user *path, const struct timespec __user *times, int flags)
{
	struct timespec t[2];

	if (times && copy_from_user(t, times, sizeof(t)))
		return -EFAULT;
	return vfs_utimens(dfd, path, times ? t : NULL, flags);
}

/*
 * access(2) asks for the real ids: the running task's credentials with those, root keeping its
 * capabilities.
 */
static struct cred *access_cred(void)
{
	struct cred *c = cred_prepare();

	if (!c)
		return NULL;
	c->fsuid = c->uid;
	c->fsgid = c->gid;
	if (!(c->securebits & 4))		/* SECBIT_NO_SETUID_FIXUP */
		c->cap_effective = c->uid ? 0 : c->cap_permitted;
	return c;
}

static long do_access(int dfd, const char __user *path, int mode, unsigned lookup)
{
	struct inode *inode;
	struct path p;
	long err = user_path_at(dfd, path, lookup, &p);

	if (err)
		return err;
	inode = p.dentry->inode;
	if ((mode & MAY_EXEC) && S_ISREG(inode->mode) &&
	    ((p.mnt->flags & MNT_NOEXEC) || (p.mnt->sb->flags & SB_NOEXEC)))
		err = -EACCES;
	if (!err && mode)
		err = inode_permission(inode, mode | MAY_ACCESS);
	if (!err && (mode & MAY_WRITE) && !S_ISCHR(inode->mode) && !S_ISBLK(inode->mode) &&
	    !S_ISFIFO(inode->mode) && !S_ISSOCK(inode->mode) && mount_readonly(p.mnt))
		err = -EROFS;
	path_put(&p);
	return err;
}

long sys_faccessat2(int dfd, const char __user *path, int mode, int flags)
{
	const struct cred *mine = current_cred();
	struct cred *c;
	long err;

	if ((mode & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	/*
	 * Where real and effective ids agree, and with them the capabilities, nothing is to be
	 * pretended.
	 */
	if ((flags & AT_EACCESS) || (mine->fsuid == mine->uid && mine->fsgid == mine->gid &&
				     mine->cap_effective == (mine->uid ? 0 : mine->cap_permitted)))
		return do_access(dfd, path, mode, lookup_of(flags));
	c = access_cred();
	if (!c)
		return -ENOMEM;
	rcu_assign_pointer(current->cred, c);
	err = do_access(dfd, path, mode, lookup_of(flags));
	rcu_assign_pointer(current->cred, mine);
	cred_put(c);
	return err;
}

long sys_faccessat(int dfd, const char __user *path, int mode)
{
	return sys_faccessat2(dfd, path, mode, 0);
}

/* truncate(2) */
static long do_truncate(const struct path *p, loff_t length)
{
	struct inode *inode = p->dentry->inode;
	struct iattr a;
	long err;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	err = mnt_want_write(p->mnt);
	if (err)
		return err;
	err = inode_permission(inode, MAY_WRITE);
	if (!err && (inode->iflags & STATX_ATTR_APPEND))
		err = -EPERM;
	if (!err && atomic_read(&inode->writers) < 0)
		err = -ETXTBSY;
	if (!err) {
		truncate_attr(&a, inode, length, NULL);
		err = notify_change(p, &a);
	}
	mnt_drop_write(p->mnt);
	return err;
}

long sys_truncate(const char __user *path, loff_t length)
{
	struct path p;
	long err;

	if (length < 0)
		return -EINVAL;
	err = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	err = do_truncate(&p, length);
	path_put(&p);
	return err;
}

long sys_ftruncate(unsigned int fd, loff_t length)
{
	struct fd f;
	struct iattr a;
	long err = -EINVAL;

	if (length < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (!f.file)
		return -EBADF;
	if (S_ISREG(f.file->inode->mode) && (f.file->mode & FMODE_WRITE)) {
		err = -EPERM;
		if (!(f.file->inode->iflags & STATX_ATTR_APPEND)) {
			truncate_attr(&a, f.file->inode, length, f.file);
			err = notify_change(&f.file->path, &a);
		}
	}
	fd_put(f);
	return err;
}

static long do_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct inode *inode = f->inode;
	const int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
			  FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
	int op = mode & ~FALLOC_FL_KEEP_SIZE;

	if (off < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~known)
		return -EOPNOTSUPP;
	/* One operation at a time; punching needs KEEP_SIZE, collapsing and inserting forbid it. */
	if ((mode & FALLOC_FL_PUNCH_HOLE) && (mode & FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (((mode & FALLOC_FL_COLLAPSE_RANGE) || (mode & FALLOC_FL_INSERT_RANGE)) &&
	    (mode & (mode - 1)))
		return -EINVAL;
	if ((mode & FALLOC_FL_UNSHARE_RANGE) && op != FALLOC_FL_UNSHARE_RANGE)
		return -EINVAL;
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (op && (inode->iflags & STATX_ATTR_APPEND))
		return -EPERM;
	if (inode->iflags & STATX_ATTR_IMMUTABLE)
		return -EPERM;
	if (S_ISFIFO(inode->mode))
		return -ESPIPE;
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode) && !S_ISBLK(inode->mode))
		return -ENODEV;
	if (off + len > inode->sb->max_bytes || off + len < 0)
		return -EFBIG;
	if (!f->ops->fallocate)
		return -EOPNOTSUPP;
	return f->ops->fallocate(f, mode, off, len);
}

long sys_fallocate(int fd, int mode, loff_t off, loff_t len)
{
	struct fd f = fd_get((unsigned)fd);
	long err;

	if (!f.file)
		return -EBADF;
	err = do_fallocate(f.file, mode, off, len);
	if (!err && inode_watched(f.file->inode))
		fsnotify_path(&f.file->path, 0x2);
	fd_put(f);
	return err;
}

/* For the ramdisk. */
static int change_kern(const char *name, unsigned lookup, struct iattr *a)
{
	struct path p;
	int err = kern_path(name, lookup, &p);

	if (err)
		return err;
	err = change(&p, a);
	path_put(&p);
	return err;
}

int vfs_chown(const char *name, uid_t uid, gid_t gid, bool follow)
{
	return change_kern(name, follow ? LOOKUP_FOLLOW : 0,
			   &(struct iattr){ .valid = ATTR_UID | ATTR_GID, .uid = uid, .gid = gid });
}

int vfs_chmod(const char *name, umode_t mode)
{
	return change_kern(name, LOOKUP_FOLLOW,
			   &(struct iattr){ .valid = ATTR_MODE, .mode = mode & S_IALLUGO });
}

int vfs_set_times(const char *name, nsec_t atime, nsec_t mtime)
{
	return change_kern(
		name, 0,
		&(struct iattr){ .valid = ATTR_ATIME | ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET,
				 .atime = atime,
				 .mtime = mtime });
}
