/* SPDX-License-Identifier: MIT */
/*
 * Opening: open(2)'s flags, the creation of what is not there, O_TMPFILE, O_PATH, and the
 * kernel's own opens.
 *
 * The order of errors is Linux's: flags, name, descriptor, walk, creation, type, permission,
 * truncation.
 * inode->writers counts files open for writing; an executable being run holds it below zero.
 */
#include "vfs_internal.h"

#define OPEN_FLAGS                                                                                 \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |     \
	 O_PATH | O_TMPFILE_BIT)
#define PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define RESOLVE_ALL                                                                                \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |         \
	 RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* @strict: openat2(2), where what is not understood is EINVAL; open(2) ignores it. */
int open_flags_build(uint64_t flags, uint64_t mode, uint64_t resolve, bool strict,
		     struct open_flags *of)
{
	unsigned acc;

	if (strict) {
		if ((flags & ~(uint64_t)OPEN_FLAGS) || (resolve & ~(uint64_t)RESOLVE_ALL))
			return -EINVAL;
		if ((resolve & RESOLVE_BENEATH) && (resolve & RESOLVE_IN_ROOT))
			return -EINVAL;
		if (mode & ~(uint64_t)S_IALLUGO)
			return -EINVAL;
		if (mode && !(flags & (O_CREAT | O_TMPFILE_BIT)))
			return -EINVAL;
		if ((flags & O_PATH) && (flags & ~(uint64_t)PATH_FLAGS))
			return -EINVAL;
	} else {
		flags &= OPEN_FLAGS;
		mode &= S_IALLUGO;
		if (flags & O_PATH)
			flags &= PATH_FLAGS;
	}
	of->mode = flags & (O_CREAT | O_TMPFILE_BIT) ? (umode_t)mode | S_IFREG : 0;
	if ((flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT))
		return -EINVAL;
	acc = (unsigned)flags & O_ACCMODE;
	if (flags & O_TMPFILE_BIT) {
		if (!(flags & O_DIRECTORY) || (flags & O_CREAT) || acc == O_RDONLY)
			return -EINVAL;
	}
	if ((flags & O_SYNC) == (O_SYNC & ~O_DSYNC))
		flags |= O_DSYNC;
	/* 3 asks for both permissions and gives neither read nor write: ioctl only. */
	of->acc = acc == O_RDONLY ? MAY_READ : acc == O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
	if (flags & O_TRUNC)
		of->acc |= MAY_WRITE;
	if (flags & O_PATH)
		of->acc = 0;
	of->flags = (unsigned)flags;
	of->lookup = 0;
	if (!(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		of->lookup |= LOOKUP_FOLLOW;
	if (flags & O_DIRECTORY)
		of->lookup |= LOOKUP_DIRECTORY;
	if (flags & O_CREAT)
		of->lookup |= LOOKUP_CREATE;
	if (resolve & RESOLVE_NO_XDEV)
		of->lookup |= LOOKUP_NO_XDEV;
	if (resolve & RESOLVE_NO_MAGICLINKS)
		of->lookup |= LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_NO_SYMLINKS)
		of->lookup |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_BENEATH)
		of->lookup |= LOOKUP_BENEATH;
	if (resolve & RESOLVE_IN_ROOT)
		of->lookup |= LOOKUP_IN_ROOT;
	if (resolve & RESOLVE_CACHED) {
		if (flags & (O_TRUNC | O_CREAT | O_TMPFILE_BIT))
			return -EAGAIN;
		of->lookup |= LOOKUP_CACHED;
	}
	return 0;
}

static int writers_inc(struct inode *inode)
{
	int old = atomic_read(&inode->writers);

	while (old >= 0)
		if (__atomic_compare_exchange_n(&inode->writers.v, &old, old + 1, true,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return 0;
	return -ETXTBSY;
}

static int deny_write(struct inode *inode)
{
	int old = atomic_read(&inode->writers);

	while (old <= 0)
		if (__atomic_compare_exchange_n(&inode->writers.v, &old, old - 1, true,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return 0;
	return -ETXTBSY;
}

/*
 * From a path (whose references go to the file, on success and on failure) to an open file.
 * Permission has been checked.
 */
static struct file *open_path(struct path *p, unsigned flags, int *err)
{
	struct inode *inode = p->dentry->inode;
	struct file *f;
	bool writer = false;

	f = file_alloc(p, flags & ~(O_CREAT | O_EXCL | O_TRUNC), inode->fops, err);
	if (unlikely(!f)) {
		path_put(p);
		return NULL;
	}
	if (unlikely(flags & O_PATH)) {
		f->mode = FMODE_PATH;
		f->ops = &bad_fops; /* whoever forgets to look at the mode finds nothing to call */
		f->flags = flags & PATH_FLAGS;
		return f;
	}
	f->mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	if (likely(S_ISREG(inode->mode) || S_ISDIR(inode->mode)))
		f->mode |= FMODE_ATOMIC_POS;
	if (unlikely(!f->ops)) {
		*err = -ENXIO;
		goto fail;
	}
	if ((f->mode & FMODE_WRITE) && !S_ISCHR(inode->mode) && !S_ISFIFO(inode->mode) &&
	    !S_ISBLK(inode->mode) && !S_ISSOCK(inode->mode)) {
		*err = writers_inc(inode);
		if (*err)
			goto fail;
		*err = mnt_want_write(p->mnt);
		if (*err) {
			atomic_dec(&inode->writers);
			goto fail;
		}
		writer = true;
		f->mode |= FMODE_WRITER;
	}
	if (f->ops->open) {
		*err = f->ops->open(inode, f);
		if (unlikely(*err))
			goto fail_writer;
	}
	f->flags &= ~(unsigned)O_NOCTTY;	/* said its word to the terminal's open */
	if (unlikely(flags & O_DIRECT) && S_ISREG(inode->mode) && !(f->mode & FMODE_CAN_ODIRECT)) {
		*err = -EINVAL;
		if (f->ops->release)
			f->ops->release(inode, f);
		goto fail_writer;
	}
	return f;
fail_writer:
	if (writer) {
		atomic_dec(&inode->writers);
		mnt_drop_write(p->mnt);
	}
fail:
	if (f->owner)
		pid_put(f->owner);
	file_free_unopened(f);
	path_put(p);
	return NULL;
}

static int open_truncate(struct file *f)
{
	struct iattr a;

	if (!S_ISREG(f->inode->mode))
		return 0;
	truncate_attr(&a, f->inode, 0, f);
	return notify_change(&f->path, &a);
}

/*
 * Permission, opening and truncation of an existing object; takes over the references of
 * w->path.
 */
static struct file *open_existing(struct walk *w, const struct open_flags *of, bool created,
				  int *err)
{
	unsigned flags = of->flags;
	struct inode *inode = w->path.dentry->inode;
	struct file *f;

	if (!created) {
		*err = -EISDIR;
		if ((flags & O_CREAT) && S_ISDIR(inode->mode))
			goto put;
		if ((flags & O_CREAT) && (inode->mode & S_IFMT) != S_IFLNK) {
			struct inode *dir = w->path.dentry->parent->inode;

			*err = may_create_in_sticky(dir, inode);
			if (*err)
				goto put;
		}
		*err = -ENOTDIR;
		if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
			goto put;
		if (!(flags & O_PATH)) {
			if ((flags & O_TRUNC) && S_ISREG(inode->mode) &&
			    mount_readonly(w->path.mnt)) {
				*err = -EROFS;
				goto put;
			}
			*err = may_open_path(&w->path, of->acc, flags);
			if (*err)
				goto put;
		}
	}
	f = open_path(&w->path, flags, err);
	if (!f)
		return NULL;
	if (unlikely((flags & O_TRUNC) && !created)) {
		*err = f->mode & FMODE_WRITER ? 0 : writers_inc(inode);
		if (!*err) {
			*err = open_truncate(f);
			if (!(f->mode & FMODE_WRITER))
				atomic_dec(&inode->writers);
		}
		if (*err) {
			file_put(f);
			return NULL;
		}
	}
	if (inode_watched(inode))
		fsnotify_path(&f->path, 0x20 /* IN_OPEN */);
	return f;
put:
	path_put(&w->path);
	return NULL;
}

/*
 * The last name is not there (or was not a moment ago): w->path is its directory. 0: w->path
 * is the object, *created
 * says whose doing; 1: it is a symbolic link that somebody made meanwhile: walk again.
 */
static int open_create(struct walk *w, const struct open_flags *of, bool *created)
{
	struct inode *dir = w->path.dentry->inode;
	struct dentry *d;
	int err, ro;

	ro = mnt_want_write(w->path.mnt);
	down_write(&dir->rwsem);
	err = dir_lookup_locked(w->path.dentry, &w->last, LOOKUP_CREATE, &d);
	if (err)
		goto out;
	*created = false;
	if (d->inode) {
		err = 0;
	} else if (ro) {
		err = ro;
	} else {
		err = may_create(dir);
		if (!err && !dir->ops->create)
			err = -EACCES;
		if (!err)
			err = dir->ops->create(
				dir, d,
				(umode_t)(S_IFREG | (of->mode & S_IALLUGO & ~current->fs->umask)),
				of->flags & O_EXCL);
		*created = !err;
	}
	if (err) {
		dentry_put(d);
		goto out;
	}
	up_write(&dir->rwsem);
	if (!ro)
		mnt_drop_write(w->path.mnt);
	if (*created && inode_watched(dir))
		fsnotify_dirent(dir, &d->name, 0x100 /* IN_CREATE */, d->inode, 0);
	dentry_put(w->path.dentry);
	w->path.dentry = d;
	if (!*created) {
		mount_follow(&w->path);
		if (S_ISLNK(w->path.dentry->inode->mode) && (of->lookup & LOOKUP_FOLLOW)) {
			path_put(&w->path);
			return 1;
		}
		if (of->flags & O_EXCL) {
			path_put(&w->path);
			return -EEXIST;
		}
	}
	return 0;
out:
	up_write(&dir->rwsem);
	if (!ro)
		mnt_drop_write(w->path.mnt);
	path_put(&w->path);
	return err;
}

static struct file *open_tmpfile(struct walk *w, const struct open_flags *of, int *err)
{
	struct inode *dir = w->path.dentry->inode;
	struct path p = { w->path.mnt, NULL };
	struct file *f = NULL;

	*err = mnt_want_write(p.mnt);
	if (*err)
		goto put;
	*err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (*err)
		goto drop;
	*err = -EOPNOTSUPP;
	if (!dir->ops->tmpfile)
		goto drop;
	p.dentry = dentry_alloc(w->path.dentry, &(struct qstr){ "#", 1, 0 });
	*err = -ENOMEM;
	if (!p.dentry)
		goto drop;
	*err = dir->ops->tmpfile(dir, p.dentry,
				 (umode_t)(S_IFREG | (of->mode & S_IALLUGO & ~current->fs->umask)));
	if (*err) {
		dentry_put(p.dentry);
		goto drop;
	}
	/* What /proc/PID/fd shows; nobody else has seen the name yet. */
	p.dentry->name.len = (uint32_t)scnprintf(p.dentry->inline_name, DNAME_INLINE, "#%lu",
						 (unsigned long)p.dentry->inode->ino);
	if (!(of->flags & O_EXCL))
		p.dentry->inode->state |= I_LINKABLE;
	mnt_get(p.mnt);
	f = open_path(&p, of->flags, err);
drop:
	mnt_drop_write(w->path.mnt);
put:
	path_put(&w->path);
	return f;
}

/* @name is padded (struct name_buf). */
struct file *open_at(int dfd, const char *name, const struct open_flags *of, int *err)
{
	struct file *f = NULL;
	struct walk w;
	bool created;
	int tries = 0;

again:
	*err = walk_path(&w, dfd, NULL, name, of->lookup);
	if (*err)
		return NULL;
	created = false;
	if (unlikely(of->flags & O_TMPFILE_BIT)) {
		f = open_tmpfile(&w, of, err);
		goto out;
	}
	if (unlikely(of->flags & O_CREAT)) {
		if (w.missing) {
			*err = open_create(&w, of, &created);
			if (*err == 1) {
				walk_end(&w);
				*err = -ELOOP;
				if (++tries < 40)
					goto again;
				return NULL;
			}
			if (*err)
				goto out;
		} else if (of->flags & O_EXCL) {
			*err = -EEXIST;
			path_put(&w.path);
			goto out;
		}
	}
	f = open_existing(&w, of, created, err);
out:
	walk_end(&w);
	return f;
}

static long do_open(int dfd, const char __user *uname, const struct open_flags *of)
{
	struct name_buf nb;
	struct file *f;
	int n, err;

	err = name_get(&nb, uname, 0);
	if (unlikely(err))
		return err;
	n = fd_alloc(of->flags);
	if (likely(n >= 0)) {
		f = open_at(dfd, nb.name, of, &err);
		if (likely(f)) {
			fd_install((unsigned)n, f);
		} else {
			fd_unreserve((unsigned)n);
			n = err;
		}
	}
	name_put(&nb);
	return n;
}

long sys_openat(int dfd, const char __user *path, int flags, umode_t mode)
{
	struct open_flags of;
	int err = open_flags_build((unsigned)flags | O_LARGEFILE, mode, 0, false, &of);

	return err ? err : do_open(dfd, path, &of);
}

long sys_openat2(int dfd, const char __user *path, const struct open_how __user *uhow, size_t size)
{
	struct open_flags of;
	struct open_how how;
	int err;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&how, sizeof(how), uhow, size);
	if (err)
		return err;
	err = open_flags_build(how.flags, how.mode, how.resolve, true, &of);
	return err ? err : do_open(dfd, path, &of);
}

long sys_close(unsigned int fd)
{
	long err = fd_close(fd);

	/* The number is free whatever happened: the call must not be made again. */
	if (unlikely(err == -ERESTARTSYS || err == -ERESTARTNOINTR || err == -ERESTARTNOHAND ||
		     err == -ERESTART_RESTARTBLOCK))
		err = -EINTR;
	return err;
}

/* The kernel's own opens. */
struct file *file_open(int dfd, const char *name, unsigned flags, umode_t mode, int *err)
{
	struct open_flags of;
	struct name_buf nb;
	struct file *f;

	*err = open_flags_build(flags, mode, 0, false, &of);
	if (!*err)
		*err = name_get_kernel(&nb, name);
	if (*err)
		return NULL;
	f = open_at(dfd, nb.name, &of, err);
	name_put(&nb);
	return f;
}

struct file *file_open_path(const struct path *p, unsigned flags, int *err)
{
	struct path own = *p;

	path_get(&own);
	return open_path(&own, flags, err);
}

struct file *file_open_exec(int dfd, const char *name, unsigned at_flags, int *err)
{
	unsigned lookup = at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct name_buf nb;
	struct inode *inode;
	struct file *f;
	struct walk w;

	if (at_flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) {
		*err = -EINVAL;
		return NULL;
	}
	if (!*name && !(at_flags & AT_EMPTY_PATH)) {
		*err = -ENOENT;
		return NULL;
	}
	*err = name_get_kernel(&nb, name);
	if (*err)
		return NULL;
	*err = walk_path(&w, dfd, NULL, nb.name, lookup);
	name_put(&nb);
	walk_end(&w);
	if (*err)
		return NULL;
	inode = w.path.dentry->inode;
	*err = may_open_path(&w.path, MAY_EXEC, O_RDONLY);
	if (!*err && !S_ISREG(inode->mode))
		*err = -EACCES;
	if (!*err)
		*err = deny_write(inode);
	if (*err) {
		path_put(&w.path);
		return NULL;
	}
	f = open_path(&w.path, O_RDONLY | O_LARGEFILE, err);
	if (!f) {
		atomic_inc(&inode->writers);
		return NULL;
	}
	f->mode |= FMODE_EXEC | FMODE_DENYWRITE;
	if (inode_watched(inode))
		fsnotify_path(&f->path, 0x20);
	return f;
}
