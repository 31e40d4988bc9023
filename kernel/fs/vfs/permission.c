/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: mode bits with the capability overrides (path_resolution(7),
 * capabilities(7)), sticky
 * directories, and the protected_* restrictions of proc(5), all off by default as in Linux.
 */
#include "vfs_internal.h"

unsigned sysctl_protected_symlinks, sysctl_protected_hardlinks, sysctl_protected_fifos,
	sysctl_protected_regular;

static int permission_class(const struct inode *inode, int mask)
{
	const struct cred *c = current_cred();
	unsigned mode = READ_ONCE(inode->mode);

	if (c->fsuid == inode->uid)
		mode >>= 6;
	else if ((((mode >> 3) ^ mode) & 7) && cred_in_group(c, inode->gid))
		mode >>= 3;	/* only asked where group and others differ */
	return mask & ~mode & (MAY_READ | MAY_WRITE | MAY_EXEC) ? -EACCES : 0;
}

int generic_permission(struct inode *inode, int mask)
{
	umode_t mode = READ_ONCE(inode->mode);

	if (!permission_class(inode, mask))
		return 0;
	mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
	if (S_ISDIR(mode)) {
		if (!(mask & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return 0;
		return capable(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (mask == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return 0;
	if (!(mask & MAY_EXEC) || (mode & S_IXUGO))
		if (capable(CAP_DAC_OVERRIDE))
			return 0;
	return -EACCES;
}

int inode_permission(struct inode *inode, int mask)
{
	if (mask & MAY_WRITE) {
		umode_t mode = inode->mode;

		if ((inode->sb->flags & SB_RDONLY) &&
		    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
			return -EROFS;
		if (inode->iflags & STATX_ATTR_IMMUTABLE)
			return -EPERM;
	}
	if (unlikely(inode->opflags & IOP_PERMISSION))
		return inode->ops->permission(inode, mask, false);
	return generic_permission(inode, mask);
}

/* Search permission on a directory during the walk without references. */
int permission_rcu(struct inode *inode, int mask)
{
	if (unlikely(inode->opflags & IOP_PERMISSION)) {
		int err = inode->ops->permission(inode, mask, true);

		return err == -EAGAIN ? -ECHILD : err;
	}
	return generic_permission(inode, mask);
}

bool inode_owner_or_capable(const struct inode *inode)
{
	return current_cred()->fsuid == inode->uid || capable(CAP_FOWNER);
}

/* The directory's rwsem is held for the next two. */
int may_create(struct inode *dir)
{
	if (dir->state & I_DEAD)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

int may_delete(struct inode *dir, struct dentry *victim, bool isdir)
{
	struct inode *inode = victim->inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (dir->iflags & STATX_ATTR_APPEND)
		return -EPERM;
	if ((dir->mode & S_ISVTX) && current_cred()->fsuid != inode->uid &&
	    current_cred()->fsuid != dir->uid && !capable(CAP_FOWNER))
		return -EPERM;
	if (inode->iflags & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE))
		return -EPERM;
	if (isdir) {
		if (!S_ISDIR(inode->mode))
			return -ENOTDIR;
		if (d_is_root(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->mode)) {
		return -EISDIR;
	}
	return dir->state & I_DEAD ? -ENOENT : 0;
}

int may_follow_link(const struct inode *dir, const struct inode *link)
{
	if (!sysctl_protected_symlinks || current_cred()->fsuid == link->uid)
		return 0;
	if ((dir->mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) || dir->uid == link->uid)
		return 0;
	return -EACCES;
}

/*
 * O_CREAT of what is already there in a sticky directory that others can write
 * (protected_fifos, protected_regular).
 */
int may_create_in_sticky(const struct inode *dir, const struct inode *inode)
{
	unsigned level = S_ISFIFO(inode->mode)	? sysctl_protected_fifos
			 : S_ISREG(inode->mode) ? sysctl_protected_regular
						: 0;

	if (!level || !dir || !(dir->mode & S_ISVTX) || inode->uid == dir->uid ||
	    current_cred()->fsuid == inode->uid)
		return 0;
	if ((dir->mode & S_IWOTH) || (level >= 2 && (dir->mode & S_IWGRP)))
		return -EACCES;
	return 0;
}

/* What open(2) asks of an existing object, in Linux's order. */
int may_open_path(const struct path *p, unsigned acc, unsigned flags)
{
	struct inode *inode = p->dentry->inode;
	int err;

	switch (inode->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc & MAY_WRITE)
			return -EISDIR;
		if (acc & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFBLK:
	case S_IFCHR:
		if ((p->mnt->flags & MNT_NODEV) || (p->mnt->sb->flags & SB_NODEV))
			return -EACCES;
		fallthrough;
	case S_IFIFO:
	case S_IFSOCK:
		if (acc & MAY_EXEC)
			return -EACCES;
		break;
	default:
		if ((acc & MAY_EXEC) &&
		    ((p->mnt->flags & MNT_NOEXEC) || (p->mnt->sb->flags & SB_NOEXEC)))
			return -EACCES;
	}
	if (acc & (MAY_READ | MAY_WRITE | MAY_EXEC)) {
		err = inode_permission(inode,
				       (int)(acc & (MAY_READ | MAY_WRITE | MAY_EXEC)) | MAY_OPEN);
		if (err)
			return err;
	}
	if (inode->iflags & STATX_ATTR_APPEND) {
		if ((flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND))
			return -EPERM;
		if (flags & O_TRUNC)
			return -EPERM;
	}
	if ((flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}
