/* SPDX-License-Identifier: MIT */
/*
 * Namespaces as files: what /proc/PID/ns/ leads to, ioctl_ns(2), setns(2).
 *
 * An open namespace file holds a reference on the namespace. Every look-up makes an inode of its own; the number
 * is the namespace's, so that two files of one namespace compare equal by stat(2).
 *
 * Locks: none of its own; task->lock for another task's nsproxy. References: namespaces(7), setns(2), ioctl_ns(2).
 */
#include <kernel/nsproxy.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/ipc_ns.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include "../fs/vfs/vfs_internal.h"
#include "proc_internal.h"

#define NSFS_MAGIC	 0x6e736673
#define NS_GET_USERNS	 0xb701
#define NS_GET_PARENT	 0xb702
#define NS_GET_NSTYPE	 0xb703
#define NS_GET_OWNER_UID 0xb704

/* A namespace with a reference on it. */
struct ns_ref {
	uint64_t kind; /* CLONE_NEW*, one of them */
	union {
		struct uts_ns *uts;
		struct mnt_ns *mnt;
		struct ipc_ns *ipc;
	};
};
static struct mount *nsfs_mount;

static const char *ns_name(uint64_t kind)
{
	return kind == CLONE_NEWNS ? "mnt" : kind == CLONE_NEWUTS ? "uts" : "ipc";
}

static ino_t ns_ino(const struct ns_ref *r)
{
	return r->kind == CLONE_NEWNS	 ? r->mnt->ino
	       : r->kind == CLONE_NEWUTS ? r->uts->ino
					 : r->ipc->ino;
}

static void ns_get(struct ns_ref *r, uint64_t kind, const struct nsproxy *from)
{
	r->kind = kind;
	if (kind == CLONE_NEWNS)
		r->mnt = mnt_ns_get(from->mnt);
	else if (kind == CLONE_NEWUTS)
		r->uts = uts_ns_get(from->uts);
	else
		r->ipc = ipc_ns_get(from->ipc);
}

static void ns_put(struct ns_ref *r)
{
	if (r->kind == CLONE_NEWNS)
		mnt_ns_put(r->mnt);
	else if (r->kind == CLONE_NEWUTS)
		uts_ns_put(r->uts);
	else
		ipc_ns_put(r->ipc);
}

/* ---- files */

static long nsfs_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	const struct ns_ref *r = f->inode->private;

	switch (cmd) {
	case NS_GET_NSTYPE:
		return (long)r->kind;
	case NS_GET_USERNS: /* there are no user namespaces to be the owner */
		return -EPERM;
	case NS_GET_PARENT: /* these kinds have none */
	case NS_GET_OWNER_UID:
		return -EINVAL;
	}
	return -ENOTTY;
}

static const struct file_ops nsfs_fops = { .ioctl = nsfs_ioctl };

static int nsfs_name(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "%s:[%lu]", d->name.name, (unsigned long)d->inode->ino);
}

static const struct dentry_ops nsfs_dops = { .name = nsfs_name };

static void nsfs_evict(struct inode *inode)
{
	struct ns_ref *r = inode->private;

	if (!r)
		return; /* the root */
	ns_put(r);
	kfree(r);
}

static const struct super_ops nsfs_super_ops = { .evict = nsfs_evict };

/* Takes over what @r refers to. */
static int nsfs_path(const struct ns_ref *r, struct path *out)
{
	const char *name = ns_name(r->kind);
	struct super *sb = nsfs_mount->sb;
	struct ns_ref *own = kmalloc(sizeof(*own), GFP_KERNEL);
	struct inode *inode = inode_create(sb);
	struct dentry *d = dentry_alloc_anon(sb, &(struct qstr){ name, (uint32_t)strlen(name), 0 });

	if (!own || !inode || !d)
		goto fail;
	*own = *r;
	inode->mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
	inode->ino = ns_ino(r);
	inode->iflags = STATX_ATTR_IMMUTABLE;
	inode->fops = &nsfs_fops;
	inode->private = own;
	inode->nlink = 1;
	d->ops = &nsfs_dops;
	d_instantiate(d, inode);
	mnt_get(nsfs_mount);
	out->mnt = nsfs_mount;
	out->dentry = d;
	return 0;
fail:
	kfree(own);
	if (inode)
		inode_put(inode);
	if (d)
		dentry_put(d);
	ns_put(&(struct ns_ref){ r->kind, { .uts = r->uts } });
	return -ENOMEM;
}

int task_ns_path(struct task *t, uint64_t kind, struct path *out)
{
	struct ns_ref r;

	spin_lock(&t->lock);
	if (!t->ns || t->exit_state) {
		spin_unlock(&t->lock);
		return -ENOENT;
	}
	ns_get(&r, kind, t->ns);
	spin_unlock(&t->lock);
	return nsfs_path(&r, out);
}

/* ---- setns */

/* Those of @kinds from @target, the others as they are; then root and working directory are the mount namespace's root. */
static int install(uint64_t kinds, const struct nsproxy *target)
{
	struct nsproxy want = *current->ns, *new;
	struct path root;
	int err;

	if (!capable(CAP_SYS_ADMIN) || ((kinds & CLONE_NEWNS) && !capable(CAP_SYS_CHROOT)))
		return -EPERM;
	if ((kinds & CLONE_NEWNS) && atomic_read(&current->fs->refs) != 1)
		return -EINVAL;
	if (kinds & CLONE_NEWUTS)
		want.uts = target->uts;
	if (kinds & CLONE_NEWIPC)
		want.ipc = target->ipc;
	if (kinds & CLONE_NEWNS)
		want.mnt = target->mnt;
	err = nsproxy_create(&want, &new);
	if (err)
		return err;
	if (kinds & CLONE_NEWIPC)
		sem_undo_exit(current);
	nsproxy_switch(new);
	if (kinds & CLONE_NEWNS) {
		mnt_ns_root(new->mnt, &root);
		fs_context_move(&root);
		path_put(&root);
	}
	return 0;
}

static int setns_file(struct file *f, uint64_t kinds)
{
	const struct ns_ref *r = f->inode->private;
	struct nsproxy target = { .uts = NULL };

	if (kinds && kinds != r->kind)
		return -EINVAL;
	target.uts = r->uts;
	target.mnt = r->mnt;
	target.ipc = r->ipc;
	return install(r->kind, &target);
}

static int setns_process(struct file *f, uint64_t kinds)
{
	struct nsproxy target;
	struct task *t;
	struct pid *pid;
	int err = pidfd_file_pid(f, &pid);

	if (err)
		return -EINVAL;
	err = -EINVAL;
	if (!kinds || (kinds & ~(uint64_t)(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)))
		goto out_pid;
	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_TGID);
	if (t)
		task_get(t);
	rcu_read_unlock();
	err = -ESRCH;
	if (!t)
		goto out_pid;
	spin_lock(&t->lock);
	if (t->ns && !t->exit_state) {
		target = *t->ns;
		(void)uts_ns_get(target.uts);
		(void)mnt_ns_get(target.mnt);
		(void)ipc_ns_get(target.ipc);
		err = 0;
	}
	spin_unlock(&t->lock);
	if (!err) {
		err = install(kinds, &target);
		uts_ns_put(target.uts);
		mnt_ns_put(target.mnt);
		ipc_ns_put(target.ipc);
	}
	task_put(t);
out_pid:
	pid_put(pid);
	return err;
}

long sys_setns(int fd, int flags)
{
	struct fd f = fd_get((unsigned)fd);
	long err;

	if (!f.file)
		return -EBADF;
	if (f.file->ops == &nsfs_fops)
		err = setns_file(f.file, (unsigned)flags);
	else
		err = setns_process(f.file, (unsigned)flags);
	fd_put(f);
	return err;
}

static struct fs_type nsfs_type = { .name = "nsfs", .flags = FS_NODEV };

static int nsfs_init(void)
{
	struct super *sb = super_alloc(&nsfs_type, 0);
	struct inode *root;

	if (!sb)
		return -ENOMEM;
	sb->ops = &nsfs_super_ops;
	sb->magic = NSFS_MAGIC;
	root = inode_create(sb);
	if (!root)
		return -ENOMEM;
	root->mode = S_IFDIR | S_IRUSR;
	sb->root = dentry_alloc_root(root);
	if (!sb->root)
		return -ENOMEM;
	nsfs_mount = mount_alloc(sb, sb->root, "nsfs", 0);
	return nsfs_mount ? 0 : -ENOMEM;
}
INITCALL(INITCALL_FS, nsfs_init);
