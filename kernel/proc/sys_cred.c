/* SPDX-License-Identifier: MIT */
/*
 * User and group ids: set*id(2), setgroups(2), their getters. Every change makes a copy, changes that, commits it.
 * What a change of user ids does to the capabilities is capabilities(7), "Effect of user ID changes on capabilities".
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/capability.h>
#include "cred_internal.h"

#define KEEP 0xffffffffu
#define NGROUPS_MAX 65536
/* What the file-system user id of 0 gives or takes. */
#define CAP_FS_MASK (BIT64(CAP_CHOWN) | BIT64(CAP_DAC_OVERRIDE) | BIT64(CAP_DAC_READ_SEARCH) | BIT64(CAP_FOWNER) | \
		     BIT64(CAP_FSETID) | BIT64(CAP_LINUX_IMMUTABLE) | BIT64(CAP_MKNOD) | BIT64(32))

long sys_getuid(void) { return current_cred()->uid; }
long sys_geteuid(void) { return current_cred()->euid; }
long sys_getgid(void) { return current_cred()->gid; }
long sys_getegid(void) { return current_cred()->egid; }

/* After a change of real, effective or saved user ids. */
static void fix_caps(struct cred *new, const struct cred *old)
{
	bool had_root = !old->uid || !old->euid || !old->suid, has_root = !new->uid || !new->euid || !new->suid;

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (had_root && !has_root) {
		if (!(new->securebits & SECBIT_KEEP_CAPS)) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
		new->cap_ambient = 0;
	}
	if (!old->euid && new->euid)
		new->cap_effective = 0;
	if (old->euid && !new->euid)
		new->cap_effective = new->cap_permitted;
}

static void fix_fs_caps(struct cred *new, const struct cred *old)
{
	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (!old->fsuid && new->fsuid)
		new->cap_effective &= ~CAP_FS_MASK;
	if (old->fsuid && !new->fsuid)
		new->cap_effective |= new->cap_permitted & CAP_FS_MASK;
}

static long commit_uids(struct cred *c)
{
	fix_caps(c, current_cred());
	cred_commit(c);
	return 0;
}

static long abort_change(struct cred *c, long err)
{
	cred_abort(c);
	return err;
}

long sys_setuid(uid_t uid)
{
	const struct cred *old = current_cred();
	struct cred *c;

	if (uid == KEEP)
		return -EINVAL;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (capable(CAP_SETUID)) {
		c->suid = uid;
		if (cred_set_uid(c, uid))
			return abort_change(c, -ENOMEM);
	} else if (uid != old->uid && uid != old->suid) {
		return abort_change(c, -EPERM);
	}
	c->euid = c->fsuid = uid;
	return commit_uids(c);
}

long sys_setgid(gid_t gid)
{
	const struct cred *old = current_cred();
	struct cred *c;

	if (gid == KEEP)
		return -EINVAL;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (capable(CAP_SETGID))
		c->gid = c->sgid = gid;
	else if (gid != old->gid && gid != old->sgid)
		return abort_change(c, -EPERM);
	c->egid = c->fsgid = gid;
	cred_commit(c);
	return 0;
}

long sys_setreuid(uid_t ruid, uid_t euid)
{
	const struct cred *old = current_cred();
	struct cred *c = cred_prepare();
	bool can = capable(CAP_SETUID);

	if (!c)
		return -ENOMEM;
	if (ruid != KEEP) {
		if (ruid != old->uid && ruid != old->euid && !can)
			return abort_change(c, -EPERM);
		if (cred_set_uid(c, ruid))
			return abort_change(c, -ENOMEM);
	}
	if (euid != KEEP) {
		if (euid != old->uid && euid != old->euid && euid != old->suid && !can)
			return abort_change(c, -EPERM);
		c->euid = euid;
	}
	if (ruid != KEEP || (euid != KEEP && euid != old->uid))
		c->suid = c->euid;
	c->fsuid = c->euid;
	return commit_uids(c);
}

long sys_setregid(gid_t rgid, gid_t egid)
{
	const struct cred *old = current_cred();
	struct cred *c = cred_prepare();
	bool can = capable(CAP_SETGID);

	if (!c)
		return -ENOMEM;
	if (rgid != KEEP) {
		if (rgid != old->gid && rgid != old->egid && !can)
			return abort_change(c, -EPERM);
		c->gid = rgid;
	}
	if (egid != KEEP) {
		if (egid != old->gid && egid != old->egid && egid != old->sgid && !can)
			return abort_change(c, -EPERM);
		c->egid = egid;
	}
	if (rgid != KEEP || (egid != KEEP && egid != old->gid))
		c->sgid = c->egid;
	c->fsgid = c->egid;
	cred_commit(c);
	return 0;
}

static bool is_one_of(uint32_t id, uint32_t a, uint32_t b, uint32_t d)
{
	return id == KEEP || id == a || id == b || id == d;
}

long sys_setresuid(uid_t ruid, uid_t euid, uid_t suid)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (!capable(CAP_SETUID) && !(is_one_of(ruid, o->uid, o->euid, o->suid) && is_one_of(euid, o->uid, o->euid, o->suid) &&
				      is_one_of(suid, o->uid, o->euid, o->suid)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (ruid != KEEP && cred_set_uid(c, ruid))
		return abort_change(c, -ENOMEM);
	if (euid != KEEP)
		c->euid = euid;
	if (suid != KEEP)
		c->suid = suid;
	c->fsuid = c->euid;
	return commit_uids(c);
}

long sys_setresgid(gid_t rgid, gid_t egid, gid_t sgid)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (!capable(CAP_SETGID) && !(is_one_of(rgid, o->gid, o->egid, o->sgid) && is_one_of(egid, o->gid, o->egid, o->sgid) &&
				      is_one_of(sgid, o->gid, o->egid, o->sgid)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (rgid != KEEP)
		c->gid = rgid;
	if (egid != KEEP)
		c->egid = egid;
	if (sgid != KEEP)
		c->sgid = sgid;
	c->fsgid = c->egid;
	cred_commit(c);
	return 0;
}

long sys_getresuid(uid_t __user *ruid, uid_t __user *euid, uid_t __user *suid)
{
	const struct cred *c = current_cred();

	return put_user(c->uid, ruid) || put_user(c->euid, euid) || put_user(c->suid, suid) ? -EFAULT : 0;
}

long sys_getresgid(gid_t __user *rgid, gid_t __user *egid, gid_t __user *sgid)
{
	const struct cred *c = current_cred();

	return put_user(c->gid, rgid) || put_user(c->egid, egid) || put_user(c->sgid, sgid) ? -EFAULT : 0;
}

/* These two return the former id whatever happens. */
long sys_setfsuid(uid_t uid)
{
	const struct cred *old = current_cred();
	long was = old->fsuid;
	struct cred *c;

	if (uid == KEEP || uid == old->fsuid ||
	    (uid != old->uid && uid != old->euid && uid != old->suid && !capable(CAP_SETUID)))
		return was;
	c = cred_prepare();
	if (!c)
		return was;
	c->fsuid = uid;
	fix_fs_caps(c, old);
	cred_commit(c);
	return was;
}

long sys_setfsgid(gid_t gid)
{
	const struct cred *old = current_cred();
	long was = old->fsgid;
	struct cred *c;

	if (gid == KEEP || gid == old->fsgid ||
	    (gid != old->gid && gid != old->egid && gid != old->sgid && !capable(CAP_SETGID)))
		return was;
	c = cred_prepare();
	if (!c)
		return was;
	c->fsgid = gid;
	cred_commit(c);
	return was;
}

long sys_getgroups(int size, gid_t __user *list)
{
	const struct groups *g = current_cred()->groups;

	if (size < 0)
		return -EINVAL;
	if (!size)
		return g->count;
	if (g->count > (unsigned)size)
		return -EINVAL;
	return copy_to_user(list, g->gid, g->count * sizeof(gid_t)) ? -EFAULT : (long)g->count;
}

static int cmp_gid(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

long sys_setgroups(int size, const gid_t __user *list)
{
	struct groups *g;
	struct cred *c;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	g = kvmalloc(sizeof(*g) + (size_t)size * sizeof(gid_t), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	atomic_set(&g->refs, 1);
	g->count = (unsigned)size;
	if (copy_from_user(g->gid, list, (size_t)size * sizeof(gid_t))) {
		kvfree(g);
		return -EFAULT;
	}
	for (int i = 0; i < size; i++)
		if (g->gid[i] == KEEP) {
			kvfree(g);
			return -EINVAL;
		}
	sort(g->gid, g->count, sizeof(gid_t), cmp_gid);
	c = cred_prepare();
	if (!c) {
		kvfree(g);
		return -ENOMEM;
	}
	groups_put(c->groups);
	c->groups = g;
	cred_commit(c);
	return 0;
}
