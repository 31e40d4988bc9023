/* SPDX-License-Identifier: MIT */
/* /proc/N/fd (magic links to open files) and /proc/N/fdinfo. */
#include "proc_internal.h"

/* The file behind the inode's number, with a reference. */
static struct file *fd_file(struct inode *inode)
{
	struct task *t = proc_inode_task(inode);
	struct files *fs;
	struct file *f = NULL;

	if (!t)
		return NULL;
	fs = task_files_get(t);
	if (fs) {
		f = files_lookup(fs, proc_i(inode)->fd);
		files_put(fs);
	}
	task_put(t);
	return f;
}

static int fd_jump(struct dentry *d, struct inode *inode, struct path *out)
{
	struct task *t = proc_inode_task(inode);
	struct file *f;
	int err;

	if (!t)
		return -ENOENT;
	err = proc_may_look(t);
	task_put(t);
	if (err)
		return err;
	f = fd_file(inode);
	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

static int fd_readlink(struct dentry *d, char *buf, size_t size)
{
	struct path p;
	int err = fd_jump(d, d->inode, &p);

	if (!err) {
		err = proc_path_text(&p, buf, size);
		path_put(&p);
	}
	return err;
}

static const struct inode_ops fd_link_iops = { .jump_link = fd_jump, .readlink = fd_readlink };

static int fd_revalidate(struct dentry *d, bool rcu)
{
	struct inode *inode = READ_ONCE(d->inode);
	struct file *f;

	if (!inode)
		return 0;
	if (rcu)
		return -EAGAIN;
	f = fd_file(inode);
	if (!f)
		return 0;
	if (S_ISLNK(inode->mode))
		inode->mode = (umode_t)(S_IFLNK | (f->mode & FMODE_READ ? 0500 : 0) | (f->mode & FMODE_WRITE ? 0300 : 0));
	file_put(f);
	return 1;
}
static const struct dentry_ops fd_dops = { .revalidate = fd_revalidate };

/* Close-on-exec belongs to the number, not to the file. */
static bool fd_cloexec(struct inode *inode)
{
	struct task *t = proc_inode_task(inode);
	struct files *fs = t ? task_files_get(t) : NULL;
	unsigned n = proc_i(inode)->fd;
	bool set = false;

	if (fs) {
		struct fdtable *ft;

		rcu_read_lock();
		ft = rcu_dereference(fs->table);
		set = n < ft->max && test_bit(n, ft->cloexec);
		rcu_read_unlock();
		files_put(fs);
	}
	if (t)
		task_put(t);
	return set;
}

static int show_fdinfo(struct seq *s, void *arg)
{
	struct file *f = fd_file(s->file->inode);
	char *buf;
	int n;

	if (!f)
		return -ENOENT;
	seq_printf(s, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", (long)f->pos,
		   f->flags | (fd_cloexec(s->file->inode) ? O_CLOEXEC : 0), f->path.mnt ? f->path.mnt->id : 0, (unsigned long)f->inode->ino);
	locks_show_fd(s, f);
	if (f->ops->show_fdinfo) {
		buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
		if (buf) {
			n = f->ops->show_fdinfo(f, buf, PAGE_SIZE);
			if (n > 0)
				seq_write(s, buf, (size_t)n);
			kfree(buf);
		}
	}
	file_put(f);
	return 0;
}

static int fdinfo_open(struct inode *inode, struct file *f)
{
	struct task *t = proc_inode_task(inode);
	int err = t ? proc_may_look(t) : -ESRCH;

	if (t)
		task_put(t);
	return err ? err : seq_open(f, show_fdinfo, NULL);
}

static const struct file_ops fdinfo_fops = { .open = fdinfo_open, .read = seq_read, .llseek = endless_llseek, .release = seq_release };

static int lookup(struct inode *dir, struct dentry *d, bool info)
{
	long nr = proc_parse_nr(d);
	struct proc_inode *p;
	struct file *f;
	struct task *t;

	if (nr < 0)
		return -ENOENT;
	p = proc_inode_new(dir->sb, info ? S_IFREG | 0444 : S_IFLNK | 0500);
	if (!p)
		return -ENOMEM;
	p->pid = pid_get(proc_i(dir)->pid);
	p->thread = proc_i(dir)->thread;
	p->fd = (unsigned)nr;
	p->inode.ops = info ? NULL : &fd_link_iops;
	p->inode.fops = info ? &fdinfo_fops : NULL;
	p->inode.size = info ? 0 : 64;
	f = fd_file(&p->inode);
	t = proc_inode_task(&p->inode);
	if (!f || !t) {
		if (f)
			file_put(f);
		if (t)
			task_put(t);
		inode_put(&p->inode);
		return -ENOENT;
	}
	if (!info)
		p->inode.mode = (umode_t)(S_IFLNK | (f->mode & FMODE_READ ? 0500 : 0) | (f->mode & FMODE_WRITE ? 0300 : 0));
	proc_pid_owner(t, &p->inode);
	file_put(f);
	task_put(t);
	spin_lock(&d->lock);
	d->flags |= D_REVALIDATE;
	spin_unlock(&d->lock);
	*(const struct dentry_ops **)&d->ops = &fd_dops;
	d_add(d, &p->inode);
	return 0;
}

static int fd_lookup(struct inode *dir, struct dentry *d, unsigned flags) { return lookup(dir, d, false); }
static int fdinfo_lookup(struct inode *dir, struct dentry *d, unsigned flags) { return lookup(dir, d, true); }

static int iterate(struct file *dirf, struct dir_context *c)
{
	struct task *t;
	struct files *fs;
	int err;

	if (c->pos < 2 && !dir_emit_dots(dirf, c))
		return 0;
	t = proc_inode_task(dirf->inode);
	if (!t)
		return -ENOENT;
	err = proc_may_look(t);
	fs = err ? NULL : task_files_get(t);
	task_put(t);
	if (!fs)
		return err;
	for (;;) {
		unsigned n = (unsigned)(c->pos - 2), max;
		struct file *f = NULL;
		char name[12];
		int len;

		rcu_read_lock();
		max = rcu_dereference(fs->table)->max;
		rcu_read_unlock();
		while (n < max && !(f = files_lookup(fs, n)))
			n++;
		if (!f)
			break;
		file_put(f);
		c->pos = n + 2;
		len = snprintf(name, sizeof(name), "%u", n);
		if (!dir_emit(c, name, (unsigned)len, ((dirf->inode->ino & ~0xffffull) << 8) + n + 1, DT_LNK))
			break;
		c->pos++;
	}
	files_put(fs);
	return 0;
}

/* Own descriptors need no more than being there; others' follow the directory's mode. */
static int fd_permission(struct inode *inode, int mask, bool rcu)
{
	struct task *t;
	int err = generic_permission(inode, mask);

	if (!err)
		return 0;
	t = proc_inode_task(inode);
	if (t && t->proc == current->proc)
		err = 0;
	if (t)
		task_put(t);
	return err;
}

/* Positions and flags are for whoever may look into the process. */
static int fdinfo_permission(struct inode *inode, int mask, bool rcu)
{
	struct task *t = proc_inode_task(inode);
	int err = t ? 0 : -ESRCH;

	if (t && t->proc != current->proc && proc_may_look(t))
		err = -EACCES;
	if (t)
		task_put(t);
	return err ? err : generic_permission(inode, mask);
}

const struct inode_ops proc_fd_dir_iops = { .lookup = fd_lookup, .permission = fd_permission };
const struct inode_ops proc_fdinfo_dir_iops = { .lookup = fdinfo_lookup, .permission = fdinfo_permission };
const struct file_ops proc_fd_dir_fops = { .iterate = iterate };
const struct file_ops proc_fdinfo_dir_fops = { .iterate = iterate };
