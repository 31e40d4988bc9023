/* SPDX-License-Identifier: MIT */
/*
 * Directories of processes (/proc/N) and threads (/proc/N/task/M): names, owners, permissions, magic links.
 *
 * A name is valid while its process is there: dentries are revalidated at each use, by the struct pid they hold, so
 * that a number that was given to another process never leads to the old one.
 */
#include "proc_internal.h"
#include <kernel/vm.h>

long proc_parse_nr(const struct dentry *d)
{
	const char *s = d->name.name;
	long v = 0;

	if (!d->name.len || d->name.len > 10 || (s[0] == '0' && d->name.len > 1))
		return -1;
	for (unsigned i = 0; i < d->name.len; i++) {
		if (!isdigit(s[i]))
			return -1;
		v = v * 10 + s[i] - '0';
	}
	return v > INT32_MAX ? -1 : v;
}

/* Under rcu_read_lock(). */
static struct task *task_of(const struct proc_inode *p)
{
	return p->pid ? pid_task(p->pid, p->thread ? PIDTYPE_PID : PIDTYPE_TGID) : NULL;
}

struct task *proc_inode_task(struct inode *inode)
{
	struct task *t;

	rcu_read_lock();
	t = task_of(proc_i(inode));
	if (t && !atomic_inc_not_zero(&t->refs))
		t = NULL;
	rcu_read_unlock();
	return t;
}

/* Readers of others' secrets: the same user throughout, of a process that has not hidden itself, or the capability. */
int proc_may_look(struct task *t)
{
	const struct cred *me = current_cred(), *it;
	bool same;

	if (t->proc == current->proc)
		return 0;
	rcu_read_lock();
	it = rcu_dereference(t->cred);
	same = me->fsuid == it->euid && me->fsuid == it->suid && me->fsuid == it->uid &&
	       me->fsgid == it->egid && me->fsgid == it->sgid && me->fsgid == it->gid &&
	       !(it->cap_permitted & ~me->cap_effective);
	rcu_read_unlock();
	if (same) {
		struct mm *mm = task_mm_get(t);

		same = !mm || mm->dumpable == 1;
		if (mm)
			mm_put(mm);
	}
	return same || capable(CAP_SYS_PTRACE) ? 0 : -EACCES;
}

void proc_pid_owner(struct task *t, struct inode *inode)
{
	const struct cred *c;
	struct mm *mm;

	inode->uid = 0;
	inode->gid = 0;
	if (t->flags & TF_KTHREAD)
		return;
	mm = READ_ONCE(t->mm);
	/* The look at dumpable may be stale: it decides a display, not an access. */
	rcu_read_lock();
	c = rcu_dereference(t->cred);
	if (!mm || READ_ONCE(mm->dumpable) == 1 || inode->mode == (S_IFDIR | 0555)) {
		inode->uid = c->euid;
		inode->gid = c->egid;
	}
	rcu_read_unlock();
}

static int pid_revalidate(struct dentry *d, bool rcu)
{
	struct inode *inode = READ_ONCE(d->inode);
	struct task *t;

	if (!inode)
		return 0;	/* the process may be there by now */
	rcu_read_lock();
	t = task_of(proc_i(inode));
	if (t)
		proc_pid_owner(t, inode);
	rcu_read_unlock();
	return t != NULL;
}

static const struct dentry_ops pid_dops = { .revalidate = pid_revalidate };

void proc_d_add_pid(struct dentry *d, struct inode *inode)
{
	spin_lock(&d->lock);
	d->flags |= D_REVALIDATE;
	spin_unlock(&d->lock);
	*(const struct dentry_ops **)&d->ops = &pid_dops;	/* not hashed yet: nobody else sees it */
	d_add(d, inode);
}

/* With @group: only threads of that process. */
int proc_lookup_pid(struct inode *dir, struct dentry *d, pid_t nr, bool thread, struct pid *group)
{
	struct proc_inode *p;
	struct task *t;
	struct pid *pid = pid_find_get(nr);

	if (!pid)
		return -ENOENT;
	rcu_read_lock();
	t = pid_task(pid, thread ? PIDTYPE_PID : PIDTYPE_TGID);
	/* /proc/TID of a thread works too, though it is not listed. */
	if (!t && !thread) {
		t = pid_task(pid, PIDTYPE_PID);
		thread = true;
	}
	if (t && ((group && t->proc->tgid != group) || !atomic_inc_not_zero(&t->refs)))
		t = NULL;
	rcu_read_unlock();
	if (!t) {
		pid_put(pid);
		return -ENOENT;
	}
	p = proc_inode_new(dir->sb, S_IFDIR | 0555);
	if (!p) {
		task_put(t);
		pid_put(pid);
		return -ENOMEM;
	}
	p->pid = pid;
	p->thread = thread;
	p->inode.ino = (ino_t)nr << 16 | (group ? 2 : 1);
	p->inode.ops = &proc_pid_dir_iops;
	p->inode.fops = &proc_pid_dir_fops;
	p->inode.nlink = group ? 7 : 9;
	proc_pid_owner(t, &p->inode);
	task_put(t);
	proc_d_add_pid(d, &p->inode);
	return 0;
}

static int entry_show(struct seq *s, void *arg)
{
	struct inode *inode = s->file->inode;
	struct task *t = proc_inode_task(inode);
	int err;

	if (!t)
		return -ESRCH;
	err = proc_i(inode)->entry->show(s, t);
	task_put(t);
	return err;
}

static int entry_open(struct inode *inode, struct file *f)
{
	const struct pid_entry *e = proc_i(inode)->entry;

	if (e->protected) {
		struct task *t = proc_inode_task(inode);
		int err = t ? proc_may_look(t) : -ESRCH;

		if (t)
			task_put(t);
		if (err)
			return err;
	}
	if (e->fops) {
		f->ops = e->fops;
		return e->fops->open ? e->fops->open(inode, f) : 0;
	}
	return seq_open(f, entry_show, NULL);
}

static const struct file_ops entry_fops = {
	.open = entry_open,
	.read = seq_read,
	.llseek = endless_llseek,
	.release = seq_release,
};

static int link_jump(struct dentry *d, struct inode *inode, struct path *out)
{
	struct task *t = proc_inode_task(inode);
	int err;

	if (!t)
		return -ESRCH;
	err = proc_may_look(t);
	if (!err)
		err = proc_i(inode)->entry->link(t, out);
	task_put(t);
	return err;
}

int proc_path_text(const struct path *p, char *buf, size_t size)
{
	char *tmp = kmalloc(PATH_MAX, GFP_KERNEL), *s;
	int n = -ENAMETOOLONG;

	if (!tmp)
		return -ENOMEM;
	s = path_to_string(p, tmp, PATH_MAX);
	if (s) {
		n = (int)MIN(strlen(s), size);
		memcpy(buf, s, (size_t)n);
	}
	kfree(tmp);
	return n;
}

static int link_read(struct dentry *d, char *buf, size_t size)
{
	struct path p;
	int err = link_jump(d, d->inode, &p);

	if (!err) {
		err = proc_path_text(&p, buf, size);
		path_put(&p);
	}
	return err;
}

/* Who may see a process is not for chmod(2) to say. */
static int pid_setattr(struct dentry *d, struct iattr *a)
{
	return a->valid & ATTR_MODE ? -EPERM : simple_setattr(d, a);
}

static const struct inode_ops entry_link_iops = { .jump_link = link_jump, .readlink = link_read, .setattr = pid_setattr };
static const struct inode_ops entry_file_iops = { .setattr = pid_setattr };

/* A name of @table in a process's directory. @ino: the first one's number within the process. */
static int lookup_in(const struct pid_entry *table, unsigned ino, struct inode *dir, struct dentry *d)
{
	struct proc_inode *dp = proc_i(dir), *p;
	const struct pid_entry *e;
	struct task *t;

	for (e = table; e->name; e++)
		if (strlen(e->name) == d->name.len && !memcmp(e->name, d->name.name, d->name.len))
			break;
	if (!e->name || (dp->thread && S_ISDIR(e->mode) && e->iops == &proc_task_dir_iops))
		return -ENOENT;
	t = proc_inode_task(dir);
	if (!t)
		return -ENOENT;
	p = proc_inode_new(dir->sb, e->mode);
	if (!p) {
		task_put(t);
		return -ENOMEM;
	}
	p->pid = pid_get(dp->pid);
	p->thread = dp->thread;
	p->entry = e;
	p->inode.ino = (dir->ino & ~0xffffull) | (ino_t)(ino + (e - table)) | (dp->thread ? 0x8000 : 0);
	p->inode.ops = e->iops ? e->iops : S_ISLNK(e->mode) ? &entry_link_iops : &entry_file_iops;
	p->inode.fops = S_ISREG(e->mode) ? &entry_fops : e->fops;
	proc_pid_owner(t, &p->inode);
	task_put(t);
	proc_d_add_pid(d, &p->inode);
	return 0;
}

static int iterate_in(const struct pid_entry *table, unsigned ino, struct file *f, struct dir_context *c)
{
	bool thread = proc_i(f->inode)->thread;
	const struct pid_entry *e;

	if (c->pos < 2 && !dir_emit_dots(f, c))
		return 0;
	for (e = table + (c->pos - 2); e->name; e++, c->pos++) {
		if (thread && e->iops == &proc_task_dir_iops)
			continue;
		if (!dir_emit(c, e->name, (unsigned)strlen(e->name), (f->inode->ino & ~0xffffull) | (ino_t)(ino + (e - table)), e->mode >> 12))
			return 0;
	}
	return 0;
}

#define INO_ENTRIES 0x100
#define INO_NS 0x200

static int pid_dir_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	return lookup_in(proc_pid_entries, INO_ENTRIES, dir, d);
}

static int pid_dir_iterate(struct file *f, struct dir_context *c)
{
	struct task *t = proc_inode_task(f->inode);

	if (!t)
		return -ENOENT;
	task_put(t);
	return iterate_in(proc_pid_entries, INO_ENTRIES, f, c);
}

/* A directory whose process is gone answers ESRCH to whoever still holds it. */
static int pid_dir_permission(struct inode *inode, int mask, bool rcu)
{
	bool there;

	rcu_read_lock();
	there = task_of(proc_i(inode)) != NULL;
	rcu_read_unlock();
	return there ? generic_permission(inode, mask) : -ESRCH;
}

const struct inode_ops proc_pid_dir_iops = { .lookup = pid_dir_lookup, .permission = pid_dir_permission, .setattr = pid_setattr };
const struct file_ops proc_pid_dir_fops = { .iterate = pid_dir_iterate };

int procfs_file_pid(const struct file *f, struct pid **out)
{
	const struct proc_inode *p = proc_i(f->inode);

	if (f->ops != &proc_pid_dir_fops || p->thread)
		return -EBADF;
	*out = pid_get(p->pid);
	return 0;
}

/* /proc/N/ns */
static int ns_dir_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	return lookup_in(proc_ns_entries, INO_NS, dir, d);
}

static int ns_dir_iterate(struct file *f, struct dir_context *c)
{
	return iterate_in(proc_ns_entries, INO_NS, f, c);
}

const struct inode_ops proc_ns_dir_iops = { .lookup = ns_dir_lookup };
const struct file_ops proc_ns_dir_fops = { .iterate = ns_dir_iterate };

/* /proc/N/task */
static int task_dir_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	long nr = proc_parse_nr(d);

	return nr < 0 ? -ENOENT : proc_lookup_pid(dir, d, (pid_t)nr, true, proc_i(dir)->pid);
}

static int task_dir_iterate(struct file *f, struct dir_context *c)
{
	struct task *leader, *t;

	if (c->pos < 2 && !dir_emit_dots(f, c))
		return 0;
	leader = proc_inode_task(f->inode);
	if (!leader)
		return -ENOENT;
	for (;;) {
		pid_t next = INT32_MAX, from = (pid_t)(c->pos - 2);
		char name[12];
		int n;

		rcu_read_lock();
		proc_for_each_thread(t, leader->proc)
			if (t->tid >= from && t->tid < next)
				next = t->tid;
		rcu_read_unlock();
		if (next == INT32_MAX)
			break;
		c->pos = next + 2;
		n = snprintf(name, sizeof(name), "%d", next);
		if (!dir_emit(c, name, (unsigned)n, (ino_t)next << 16 | 2, DT_DIR))
			break;
		c->pos++;
	}
	task_put(leader);
	return 0;
}

static int task_dir_getattr(const struct path *p, struct kstat *st)
{
	struct task *t = proc_inode_task(p->dentry->inode);

	generic_fill_stat(p->dentry->inode, st);
	if (t) {
		st->nlink = 2 + t->proc->nthreads;
		task_put(t);
	}
	return 0;
}

const struct inode_ops proc_task_dir_iops = { .lookup = task_dir_lookup, .getattr = task_dir_getattr };
const struct file_ops proc_task_dir_fops = { .iterate = task_dir_iterate };
