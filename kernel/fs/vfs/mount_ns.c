/* SPDX-License-Identifier: MIT */
/*
 * Mount namespaces: a copy of the tree of mounts for CLONE_NEWNS, and its end.
 *
 * The copy's mounts are peers of their originals where those are shared, and otherwise their
 * own. The caller's root and
 * working directory move to the same places in the copy; its fs_context is its own by then.
 *
 * Locks: mount_sem over the copy; mount_lock for the list of namespaces; task->lock for a
 * task's nsproxy.
 */
#include <kernel/nsproxy.h>
#include "vfs_internal.h"

LIST_HEAD(mnt_namespaces);		/* [mount_lock] */

struct mnt_ns *task_mnt_ns(struct task *t)
{
	return t->ns ? t->ns->mnt : &init_mnt_ns;
}

struct mnt_ns *task_mnt_ns_get(struct task *t)
{
	struct mnt_ns *ns;

	spin_lock(&t->lock);
	ns = mnt_ns_get(task_mnt_ns(t));
	spin_unlock(&t->lock);
	return ns;
}

void mnt_ns_put(struct mnt_ns *ns)
{
	LIST_HEAD(dead);

	if (!ref_put(&ns->refs))
		return;
	down_write(&mount_sem);
	spin_lock(&mount_lock);
	list_del(&ns->link);
	mount_kill_tree_locked(ns->root, false, &dead);
	spin_unlock(&mount_lock);
	up_write(&mount_sem);
	mount_release_list(&dead);
	kfree(ns);
}

void mnt_ns_root(struct mnt_ns *ns, struct path *out)
{
	out->mnt = ns->root;
	out->dentry = ns->root->root;
	path_get(out);
	while (mount_follow(out))
		;
}

/* @p, if it stands in @from's mount, moves to the copy; what it held goes to *old. */
static void move_path(struct path *p, struct mount *from, struct mount *to, struct path *old)
{
	if (p->mnt != from || old->mnt)
		return;
	old->mnt = from;
	mnt_get(to);
	p->mnt = to;
}

static void move_fs(struct fs_context *fs, struct mount *from, struct mount *to)
{
	struct path root = { NULL, NULL }, pwd = { NULL, NULL };
	struct mount *m = from, *c = to;

	spin_lock(&fs->lock);
	seq_write_begin(&fs->seq);
	while (m && c) {
		move_path(&fs->root, m, c, &root);
		move_path(&fs->pwd, m, c, &pwd);
		m = mount_next(m, from);
		c = mount_next(c, to);
	}
	seq_write_end(&fs->seq);
	spin_unlock(&fs->lock);
	if (root.mnt)
		mnt_put(root.mnt);
	if (pwd.mnt)
		mnt_put(pwd.mnt);
}

int mnt_ns_copy(struct mnt_ns *from, struct fs_context *fs, struct mnt_ns **out)
{
	struct mnt_ns *ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	struct mount *copy;
	int err;

	if (!ns)
		return -ENOMEM;
	atomic_set(&ns->refs, 1);
	list_init(&ns->mounts);
	waitq_init(&ns->poll);
	ns->ino = 0xf0000000u + ino_next();
	down_write(&mount_sem);
	err = mount_copy_tree(from->root, from->root->root, true, CL_UNBINDABLE, &copy);
	if (!err) {
		spin_lock(&mount_lock);
		ns->root = copy;
		mount_commit_locked(copy, ns);
		list_add_tail(&ns->link, &mnt_namespaces);
		spin_unlock(&mount_lock);
		move_fs(fs, from->root, copy);
	}
	up_write(&mount_sem);
	if (err)
		kfree(ns);
	else
		*out = ns;
	return err;
}
