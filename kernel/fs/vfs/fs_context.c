/* SPDX-License-Identifier: MIT */
/*
 * What CLONE_FS shares: root, working directory, umask; and the calls that change them.
 *
 * Locks: fs->lock for writers, with fs->seq for the path walk, which reads without a reference
 * under RCU.
 */
#include "vfs_internal.h"

static struct fs_context *fs_alloc(const struct path *root, const struct path *pwd, umode_t umask)
{
	struct fs_context *fs = kmalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	atomic_set(&fs->refs, 1);
	spin_lock_init(&fs->lock, LR_FS);
	fs->seq.seq = 0;
	fs->root = *root;
	fs->pwd = *pwd;
	fs->umask = umask;
	return fs;
}

/* The boot task's. */
int __init fs_context_init(const struct path *root)
{
	struct fs_context *fs = fs_alloc(root, root, 022);

	if (!fs)
		return -ENOMEM;
	path_get(root);
	path_get(root);
	current->fs = fs;
	return 0;
}

static struct fs_context *fs_dup(struct fs_context *from)
{
	struct fs_context *fs = fs_alloc(&from->root, &from->pwd, from->umask);

	if (!fs)
		return NULL;
	spin_lock(&from->lock);
	fs->root = from->root;
	fs->pwd = from->pwd;
	fs->umask = from->umask;
	path_get(&fs->root);
	path_get(&fs->pwd);
	spin_unlock(&from->lock);
	return fs;
}

static void fs_put(struct fs_context *fs)
{
	if (!ref_put(&fs->refs))
		return;
	path_put(&fs->root);
	path_put(&fs->pwd);
	kfree(fs);
}

#define CLONE_FS_FLAG 0x200ull
int fs_context_copy(uint64_t flags, struct task *child)
{
	struct fs_context *from = current->fs;

	if (!from)
		return 0;
	if (flags & CLONE_FS_FLAG) {
		atomic_inc(&from->refs);
		child->fs = from;
		return 0;
	}
	child->fs = fs_dup(from);
	return child->fs ? 0 : -ENOMEM;
}

void fs_context_exit(struct task *t)
{
	struct fs_context *fs = t->fs;

	spin_lock(&t->lock);
	t->fs = NULL;
	spin_unlock(&t->lock);
	if (fs)
		fs_put(fs);
}

int fs_context_unshare(void)
{
	struct fs_context *old = current->fs, *new;

	if (atomic_read(&old->refs) == 1)
		return 0;
	new = fs_dup(old);
	if (!new)
		return -ENOMEM;
	spin_lock(&current->lock);
	current->fs = new;
	spin_unlock(&current->lock);
	fs_put(old);
	return 0;
}

/* Takes over p's references. */
static void fs_set(struct fs_context *fs, struct path *where, const struct path *p)
{
	struct path old;

	spin_lock(&fs->lock);
	old = *where;
	seq_write_begin(&fs->seq);
	*where = *p;
	seq_write_end(&fs->seq);
	spin_unlock(&fs->lock);
	path_put(&old);
}

void fs_context_move(const struct path *p)
{
	path_get(p);
	fs_set(current->fs, &current->fs->root, p);
	path_get(p);
	fs_set(current->fs, &current->fs->pwd, p);
}

/* pivot_root: whoever stands at @from is put at @to. */
void fs_replace_all(const struct path *from, const struct path *to)
{
	struct task *t;
	int gone = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		struct fs_context *fs;

		spin_lock(&t->lock);
		fs = t->fs;
		if (fs) {
			spin_lock_nested(&fs->lock);
			seq_write_begin(&fs->seq);
			if (path_equal(&fs->root, from)) {
				fs->root = *to;
				path_get(to);
				gone++;
			}
			if (path_equal(&fs->pwd, from)) {
				fs->pwd = *to;
				path_get(to);
				gone++;
			}
			seq_write_end(&fs->seq);
			spin_unlock(&fs->lock);
		}
		spin_unlock(&t->lock);
	}
	rcu_read_unlock();
	while (gone--)
		path_put(from);
}

long sys_chdir(const char __user *name)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = inode_permission(p.dentry->inode, MAY_EXEC | MAY_CHDIR);
	if (err) {
		path_put(&p);
		return err;
	}
	fs_set(current->fs, &current->fs->pwd, &p);
	return 0;
}

long sys_fchdir(unsigned int n)
{
	struct fd fd = fd_get_raw(n);
	struct path p;
	long err;

	if (!fd.file)
		return -EBADF;
	p = fd.file->path;
	err = -ENOTDIR;
	if (d_is_dir(p.dentry))
		err = inode_permission(p.dentry->inode, MAY_EXEC | MAY_CHDIR);
	if (!err) {
		path_get(&p);
		fs_set(current->fs, &current->fs->pwd, &p);
	}
	fd_put(fd);
	return err;
}

long sys_chroot(const char __user *name)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = inode_permission(p.dentry->inode, MAY_EXEC | MAY_CHDIR);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (err) {
		path_put(&p);
		return err;
	}
	fs_set(current->fs, &current->fs->root, &p);
	return 0;
}

long sys_umask(int mask)
{
	struct fs_context *fs = current->fs;
	umode_t old = fs->umask;

	WRITE_ONCE(fs->umask, (umode_t)mask & S_IRWXUGO);
	return old;
}
