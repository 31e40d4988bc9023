/* SPDX-License-Identifier: MIT */
/*
 * What exec does to the credentials: set-user-id and set-group-id bits, file capabilities, root's rights. Rules:
 * execve(2), capabilities(7) "Transformation of capabilities during execve()".
 *
 *	P'(ambient)	= (file is privileged) ? 0 : P(ambient)
 *	P'(permitted)	= (P(inheritable) & F(inheritable)) | (F(permitted) & P(bounding)) | P'(ambient)
 *	P'(effective)	= F(effective) ? P'(permitted) : P'(ambient)
 */
#include <kernel/errno.h>
#include <uapi/capability.h>
#include "exec_internal.h"

struct file_caps {
	bool any, effective;
	cap_t permitted, inheritable;
};

/* Mounted without set-id programs, or not among the mounts that this task sees: memory files, detached trees. */
static bool no_privileges(const struct binprm *b)
{
	const struct mount *m = b->file->path.mnt;

	return (m->flags & MNT_NOSUID) || (m->sb->flags & SB_NOSUID) || READ_ONCE(m->ns) != task_mnt_ns(current);
}

static int file_caps_read(struct inode *inode, struct file_caps *fc)
{
	struct vfs_cap_data d = { 0 };
	uint32_t rev;
	ssize_t n;

	n = inode->ops->getxattr(inode, "security.capability", &d, sizeof(d));
	if (n == -ENODATA || n == -EOPNOTSUPP)
		return 0;
	if (n < 0)
		return (int)n;
	rev = d.magic & VFS_CAP_REVISION_MASK;
	if (!((rev == VFS_CAP_REVISION_1 && n == 12) || (rev == VFS_CAP_REVISION_2 && n == 20) ||
	      (rev == VFS_CAP_REVISION_3 && n == 24)))
		return -EINVAL;
	if (rev == VFS_CAP_REVISION_3 && d.rootid)
		return 0;	/* meant for another user namespace */
	fc->any = true;
	fc->effective = d.magic & VFS_CAP_EFFECTIVE;
	fc->permitted = d.w[0].permitted;
	fc->inheritable = d.w[0].inheritable;
	if (rev != VFS_CAP_REVISION_1) {
		fc->permitted |= (cap_t)d.w[1].permitted << 32;
		fc->inheritable |= (cap_t)d.w[1].inheritable << 32;
	}
	fc->permitted &= CAP_FULL;
	fc->inheritable &= CAP_FULL;
	return 0;
}

static void set_ids(struct binprm *b)
{
	struct inode *inode = b->file->inode;
	umode_t mode = inode->mode;

	if (likely(!(mode & (S_ISUID | S_ISGID))) || current->no_new_privs || no_privileges(b))
		return;
	if (mode & S_ISUID)
		b->cred->euid = inode->uid;
	/* Without group execution the bit once meant mandatory locking. */
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		b->cred->egid = inode->gid;
}

int exec_cred(struct binprm *b)
{
	const struct cred *old = current_cred();
	struct cred *c = b->cred;
	struct file_caps fc = { 0 };
	cap_t was = old->cap_permitted;
	bool setid, root;
	int err;

	set_ids(b);
	if (unlikely(READ_ONCE(b->file->inode->state) & I_FILE_CAPS) && !no_privileges(b)) {
		err = file_caps_read(b->file->inode, &fc);
		if (err)
			return err;
	}
	c->cap_permitted = fc.any ? (old->cap_inheritable & fc.inheritable) | (fc.permitted & old->cap_bounding) : 0;
	/* A program that does not know about capabilities must get all it was marked with, or not run. */
	if (fc.any && fc.effective && (fc.permitted & ~c->cap_permitted))
		return -EPERM;
	root = !(c->securebits & SECBIT_NOROOT) && (!c->uid || !c->euid);
	if (root && !(fc.any && c->uid && !c->euid)) {
		c->cap_permitted = old->cap_bounding | old->cap_inheritable;
		if (!c->euid)
			fc.effective = true;
	}
	setid = c->euid != old->uid || c->egid != old->gid;
	if (current->no_new_privs && (setid || (c->cap_permitted & ~was))) {
		c->euid = c->uid;
		c->egid = c->gid;
		c->cap_permitted &= was;
	}
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	if (fc.any || setid)
		c->cap_ambient = 0;
	c->cap_permitted |= c->cap_ambient;
	c->cap_effective = fc.effective ? c->cap_permitted : c->cap_ambient;
	c->securebits &= ~SECBIT_KEEP_CAPS;
	b->secure = setid || (c->uid && (fc.effective || (c->cap_permitted & ~c->cap_ambient)));
	return 0;
}
