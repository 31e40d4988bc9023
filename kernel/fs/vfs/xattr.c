/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes, xattr(7): who may touch which name, and the twelve calls.
 *
 * user.*: regular files and directories, by the file's permissions (in sticky directories the
 * owner's alone to change);
 * trusted.*: CAP_SYS_ADMIN, invisible to others; security.*: writing needs CAP_SYS_ADMIN,
 * security.capability
 * CAP_SETFCAP; system.posix_acl_*: EOPNOTSUPP, no file system has them.
 */
#include <uapi/capability.h>
#include "vfs_internal.h"

#define XATTR_CAPS "security.capability"

static int xattr_permission(const struct path *p, const char *name, int mask)
{
	struct inode *inode = p->dentry->inode;

	if (mask & MAY_WRITE) {
		if (inode->iflags & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
			return -EPERM;
	}
	if (!strncmp(name, "security.", 9)) {
		if (!(mask & MAY_WRITE))
			return 0;
		if (!strcmp(name, XATTR_CAPS))
			return capable(CAP_SETFCAP) ? 0 : -EPERM;
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	if (!strncmp(name, "system.", 7))
		return 0;
	if (!strncmp(name, "trusted.", 8)) {
		if (capable(CAP_SYS_ADMIN))
			return 0;
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	}
	if (!strncmp(name, "user.", 5)) {
		if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
			return mask & MAY_WRITE ? -EPERM : -ENODATA;
		if (S_ISDIR(inode->mode) && (inode->mode & S_ISVTX) && (mask & MAY_WRITE) &&
		    !inode_owner_or_capable(inode))
			return -EPERM;
	}
	return inode_permission(inode, mask);
}

static int copy_name(char *to, const char __user *u)
{
	ssize_t n = strncpy_from_user(to, u, XATTR_NAME_MAX + 1);

	if (n < 0)
		return (int)n;
	return !n || n > XATTR_NAME_MAX ? -ERANGE : 0;
}

/*
 * A name with nothing behind its prefix, or without one that is known, is not supported (user.
 * alone: EINVAL).
 */
static int name_ok(const char *name)
{
	static const char *const spaces[] = { "user.", "trusted.", "security." };

	for (unsigned i = 0; i < ARRAY_SIZE(spaces); i++)
		if (!strncmp(name, spaces[i], strlen(spaces[i])))
			return name[strlen(spaces[i])] ? 0 : -EINVAL;
	return -EOPNOTSUPP;
}

/* ---- file capabilities */

/* Version 2, or 3 with the user id of a namespace's root. Nothing at all may be stored; exec refuses it. */
static int check_file_caps(const struct vfs_cap_data *d, size_t size)
{
	uint32_t version = size ? d->magic & ~VFS_CAP_EFFECTIVE : 0;	/* no other flag is known */

	if (!size || (size == VFS_CAP_SIZE_2 && version == VFS_CAP_REVISION_2) ||
	    (size == VFS_CAP_SIZE_3 && version == VFS_CAP_REVISION_3 && d->rootid != UINT32_MAX))
		return 0;
	return -EINVAL;
}

static void mark_file_caps(struct inode *inode, bool has)
{
	spin_lock(&inode->lock);
	inode->state = has ? inode->state | I_FILE_CAPS : inode->state & ~(uint32_t)I_FILE_CAPS;
	spin_unlock(&inode->lock);
}

void inode_kill_file_caps(struct inode *inode)
{
	if (!(inode->state & I_FILE_CAPS))
		return;
	(void)inode->ops->removexattr(inode, XATTR_CAPS);
	mark_file_caps(inode, false);
}

/* As whoever is not in a user namespace sees them: version 3 of the first root is version 2. */
static ssize_t get_file_caps(struct inode *inode, void *buf, size_t size)
{
	struct vfs_cap_data d = { 0 };
	ssize_t n = inode->ops->getxattr(inode, XATTR_CAPS, &d, sizeof(d));

	if (n < 0)
		return n;
	if (check_file_caps(&d, (size_t)n) || !n)
		return -EINVAL;
	if (n == VFS_CAP_SIZE_3 && !d.rootid) {
		d.magic = VFS_CAP_REVISION_2 | (d.magic & VFS_CAP_EFFECTIVE);
		n = VFS_CAP_SIZE_2;
	}
	if (!size)
		return n;
	if ((size_t)n > size)
		return -ERANGE;
	memcpy(buf, &d, (size_t)n);
	return n;
}

static long do_set(const struct path *p, const char __user *uname, const void __user *value,
		   size_t size, int flags)
{
	struct inode *inode = p->dentry->inode;
	char name[XATTR_NAME_MAX + 1];
	void *buf = NULL;
	bool caps;
	long err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	err = copy_name(name, uname);
	if (err)
		return err;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size) {
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
		err = -EFAULT;
		if (copy_from_user(buf, value, size))
			goto out;
	}
	caps = !strcmp(name, XATTR_CAPS);
	if (caps) {
		err = check_file_caps(buf, size);
		if (err)
			goto out;
	}
	err = mnt_want_write(p->mnt);
	if (err)
		goto out;
	down_write(&inode->rwsem);
	err = xattr_permission(p, name, MAY_WRITE);
	if (!err)
		err = inode->ops && inode->ops->setxattr ? name_ok(name) : -EOPNOTSUPP;
	if (!err)
		err = inode->ops->setxattr(inode, name, buf ? buf : "", size, flags);
	if (!err && caps)
		mark_file_caps(inode, true);
	up_write(&inode->rwsem);
	mnt_drop_write(p->mnt);
	if (!err && inode_watched(inode))
		fsnotify_path(p, 0x4 /* IN_ATTRIB */);
out:
	kvfree(buf);
	return err;
}

static long do_get(const struct path *p, const char __user *uname, void __user *value, size_t size)
{
	struct inode *inode = p->dentry->inode;
	char name[XATTR_NAME_MAX + 1];
	void *buf = NULL;
	long err;

	err = copy_name(name, uname);
	if (err)
		return err;
	if (size) {
		size = MIN(size, (size_t)XATTR_SIZE_MAX);
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	down_read(&inode->rwsem);
	err = xattr_permission(p, name, MAY_READ);
	if (!err)
		err = inode->ops && inode->ops->getxattr ? name_ok(name) : -EOPNOTSUPP;
	if (!err)
		err = unlikely(!strcmp(name, XATTR_CAPS)) ? get_file_caps(inode, buf, size) :
							   inode->ops->getxattr(inode, name, buf, size);
	up_read(&inode->rwsem);
	if (err > 0 && size && copy_to_user(value, buf, (size_t)err))
		err = -EFAULT;
	kvfree(buf);
	return err;
}

static long do_list(const struct path *p, char __user *list, size_t size)
{
	struct inode *inode = p->dentry->inode;
	void *buf = NULL;
	long err = 0;

	if (size) {
		size = MIN(size, (size_t)XATTR_LIST_MAX);
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	if (inode->ops && inode->ops->listxattr) {
		down_read(&inode->rwsem);
		err = inode->ops->listxattr(inode, buf, size);
		up_read(&inode->rwsem);
	}
	if (err > 0 && size && copy_to_user(list, buf, (size_t)err))
		err = -EFAULT;
	kvfree(buf);
	return err;
}

static long do_remove(const struct path *p, const char __user *uname)
{
	struct inode *inode = p->dentry->inode;
	char name[XATTR_NAME_MAX + 1];
	long err;

	err = copy_name(name, uname);
	if (err)
		return err;
	err = mnt_want_write(p->mnt);
	if (err)
		return err;
	down_write(&inode->rwsem);
	err = xattr_permission(p, name, MAY_WRITE);
	if (!err)
		err = inode->ops && inode->ops->removexattr ? name_ok(name) : -EOPNOTSUPP;
	if (!err)
		err = inode->ops->removexattr(inode, name);
	if (!err && !strcmp(name, XATTR_CAPS))
		mark_file_caps(inode, false);
	up_write(&inode->rwsem);
	mnt_drop_write(p->mnt);
	if (!err && inode_watched(inode))
		fsnotify_path(p, 0x4);
	return err;
}

/* By path, following or not, and by descriptor. */
#define BY_PATH(path, lookup, call) ({				\
	struct path p;						\
	long _e = user_path_at(AT_FDCWD, path, lookup, &p);	\
	if (!_e) {						\
		_e = (call);					\
		path_put(&p);					\
	}							\
	_e; })
#define BY_FD(n, call) ({					\
	struct fd _f = fd_get((unsigned)(n));			\
	long _e = -EBADF;					\
	if (_f.file) {						\
		struct path p = _f.file->path;			\
		_e = (call);					\
		fd_put(_f);					\
	}							\
	_e; })

long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
		  size_t size, int flags)
{
	return BY_PATH(path, LOOKUP_FOLLOW, do_set(&p, name, value, size, flags));
}

long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
		   size_t size, int flags)
{
	return BY_PATH(path, 0, do_set(&p, name, value, size, flags));
}

long sys_fsetxattr(int fd, const char __user *name, const void __user *value, size_t size,
		   int flags)
{
	return BY_FD(fd, do_set(&p, name, value, size, flags));
}

long sys_getxattr(const char __user *path, const char __user *name, void __user *value, size_t size)
{
	return BY_PATH(path, LOOKUP_FOLLOW, do_get(&p, name, value, size));
}

long sys_lgetxattr(const char __user *path, const char __user *name, void __user *value,
		   size_t size)
{
	return BY_PATH(path, 0, do_get(&p, name, value, size));
}

long sys_fgetxattr(int fd, const char __user *name, void __user *value, size_t size)
{
	return BY_FD(fd, do_get(&p, name, value, size));
}

long sys_listxattr(const char __user *path, char __user *list, size_t size)
{
	return BY_PATH(path, LOOKUP_FOLLOW, do_list(&p, list, size));
}

long sys_llistxattr(const char __user *path, char __user *list, size_t size)
{
	return BY_PATH(path, 0, do_list(&p, list, size));
}

long sys_flistxattr(int fd, char __user *list, size_t size)
{
	return BY_FD(fd, do_list(&p, list, size));
}

long sys_removexattr(const char __user *path, const char __user *name)
{
	return BY_PATH(path, LOOKUP_FOLLOW, do_remove(&p, name));
}

long sys_lremovexattr(const char __user *path, const char __user *name)
{
	return BY_PATH(path, 0, do_remove(&p, name));
}

long sys_fremovexattr(int fd, const char __user *name)
{
	return BY_FD(fd, do_remove(&p, name));
}
