/* SPDX-License-Identifier: MIT */
/*
 * Changes of attributes: who may make them (setattr_check), how they land in an inode
 * (setattr_copy), and
 * notify_change(), through which every chmod, chown, utimensat and truncate goes. The inode's
 * rwsem is taken there.
 */
#include "vfs_internal.h"

int setattr_check(struct dentry *d, struct iattr *a)
{
	struct inode *inode = d->inode;
	const struct cred *c = current_cred();
	bool owner = c->fsuid == inode->uid;

	if (a->valid & ATTR_SIZE) {
		uint64_t limit = rlimit(RLIMIT_FSIZE);

		if (a->size > inode->size && (uint64_t)a->size > limit) {
			send_signal_task(SIGXFSZ, NULL, current);
			return -EFBIG;
		}
		if (a->size > inode->sb->max_bytes)
			return -EFBIG;
	}
	if (a->valid & ATTR_FORCE)
		return 0;
	if ((a->valid & ATTR_UID) && !(owner && a->uid == inode->uid) && !capable(CAP_CHOWN))
		return -EPERM;
	if ((a->valid & ATTR_GID) &&
	    !(owner && (a->gid == inode->gid || cred_in_group(c, a->gid))) && !capable(CAP_CHOWN))
		return -EPERM;
	if (a->valid & ATTR_MODE) {
		gid_t gid = a->valid & ATTR_GID ? a->gid : inode->gid;

		if (!inode_owner_or_capable(inode))
			return -EPERM;
		if (!cred_in_group(c, gid) && !capable(CAP_FSETID))
			a->mode &= ~S_ISGID;
	}
	if ((a->valid & (ATTR_ATIME_SET | ATTR_MTIME_SET)) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

void setattr_copy(struct inode *inode, const struct iattr *a)
{
	if (a->valid & ATTR_UID)
		inode->uid = a->uid;
	if (a->valid & ATTR_GID)
		inode->gid = a->gid;
	if (a->valid & ATTR_MODE)
		WRITE_ONCE(inode->mode, (umode_t)((inode->mode & S_IFMT) | (a->mode & S_IALLUGO)));
	if (a->valid & ATTR_ATIME)
		inode->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		inode->mtime = a->mtime;
	if (a->valid & ATTR_CTIME)
		inode->ctime = a->ctime;
}

int simple_setattr(struct dentry *d, struct iattr *a)
{
	int err = setattr_check(d, a);

	if (!err)
		setattr_copy(d->inode, a);
	return err;
}

/* A change of owner or contents takes the set-id bits away. */
static void kill_privs(struct inode *inode, unsigned kill)
{
	umode_t mode = inode->mode;

	if (kill & ATTR_KILL_SUID)
		mode &= ~S_ISUID;
	if ((kill & ATTR_KILL_SGID) && (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		mode &= ~S_ISGID;
	if (mode != inode->mode) /* the right to do this comes with the change that causes it */
		WRITE_ONCE(inode->mode, mode);
}

/* What a change of size to @length means: for set-id programs, that they are none any more. */
void truncate_attr(struct iattr *a, const struct inode *inode, loff_t length, struct file *f)
{
	*a = (struct iattr){ .valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME,
			     .size = length,
			     .file = f };
	if ((inode->mode & (S_ISUID | S_ISGID)) && !capable(CAP_FSETID))
		a->valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
}

int notify_change(const struct path *p, struct iattr *a)
{
	struct inode *inode = p->dentry->inode;
	nsec_t now = clock_realtime_coarse();
	unsigned kill = a->valid & (ATTR_KILL_SUID | ATTR_KILL_SGID);
	int err;

	down_write(&inode->rwsem);
	if ((inode->iflags & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) &&
	    (a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET | ATTR_MTIME_SET))) {
		err = -EPERM;
		goto out;
	}
	/* utimes(path, NULL): whoever can write the file may. */
	if ((a->valid & (ATTR_ATIME | ATTR_MTIME)) &&
	    !(a->valid & (ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_SIZE)) &&
	    !(a->valid & ATTR_FORCE) && !inode_owner_or_capable(inode)) {
		err = inode_permission(inode, MAY_WRITE);
		if (err)
			goto out;
	}
	if (!(a->valid & ATTR_ATIME_SET))
		a->atime = now;
	if (!(a->valid & ATTR_MTIME_SET))
		a->mtime = now;
	a->ctime = now;
	a->valid |= ATTR_CTIME;
	if (S_ISLNK(inode->mode) && (a->valid & ATTR_MODE)) {
		err = -EOPNOTSUPP;
		goto out;
	}
	a->valid &= ~kill;
	err = inode->ops && inode->ops->setattr ? inode->ops->setattr(p->dentry, a)
						: simple_setattr(p->dentry, a);
	if (!err && kill)
		kill_privs(inode, kill);
	if (!err && unlikely(inode->state & I_FILE_CAPS) && (kill || (a->valid & ATTR_SIZE)))
		inode_kill_file_caps(inode);
out:
	up_write(&inode->rwsem);
	if (!err && inode_watched(inode)) {
		unsigned mask = a->valid & (ATTR_UID | ATTR_GID | ATTR_MODE) ? 0x4 : 0;

		if (a->valid & ATTR_SIZE)
			mask |= 0x2;
		if ((a->valid & (ATTR_ATIME | ATTR_MTIME)) == (ATTR_ATIME | ATTR_MTIME))
			mask |= 0x4;
		else if (a->valid & ATTR_ATIME)
			mask |= 0x1;
		else if (a->valid & ATTR_MTIME)
			mask |= 0x2;
		fsnotify_path(p, mask);
	}
	return err;
}
