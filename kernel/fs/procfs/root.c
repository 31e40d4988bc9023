/* SPDX-License-Identifier: MIT */
/*
 * procfs: the file system type, the tree of fixed names, and its directories. proc(5).
 *
 * Contents are made when they are read; nothing is stored. Fixed names are found in a tree that is built at boot;
 * numbers lead to processes (pid.c). Inodes are made at look-up and live as long as their dentry is cached.
 */
#include "proc_internal.h"
#include <uapi/statfs.h>

#define PROC_MAGIC 0x9fa0
#define INO_FIXED 0xf0000000ull

struct proc_entry proc_root_entry = { .name = "/", .mode = S_IFDIR | 0555, .ino = 1 };
static ino_t next_fixed_ino = INO_FIXED;
static struct kmem_cache *inode_cache;

static struct inode *proc_alloc_inode(struct super *sb)
{
	struct proc_inode *p = kmem_cache_alloc(inode_cache, GFP_KERNEL);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	return &p->inode;
}

static void proc_free_inode(struct rcu_head *head)
{
	kmem_cache_free(inode_cache, container_of(head, struct inode, rcu));
}

static void proc_evict(struct inode *inode)
{
	struct proc_inode *p = proc_i(inode);

	if (p->pid)
		pid_put(p->pid);
	p->pid = NULL;
}

static int proc_statfs(struct super *sb, struct kstatfs *st)
{
	st->type = sb->magic;
	st->bsize = st->frsize = PAGE_SIZE;
	st->namelen = NAME_MAX;
	return 0;
}

static const struct super_ops proc_super_ops = {
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
	.evict = proc_evict,
	.statfs = proc_statfs,
};

struct proc_inode *proc_inode_new(struct super *sb, umode_t mode)
{
	struct inode *i = inode_create(sb);

	if (!i)
		return NULL;
	i->mode = mode;
	i->nlink = S_ISDIR(mode) ? 2 : 1;
	return proc_i(i);
}

/* The fixed entry of that name in @dir. */
static struct proc_entry *find_child(const struct proc_entry *dir, const char *name, size_t len)
{
	for (struct proc_entry *e = rcu_dereference(((struct proc_entry *)(uintptr_t)dir)->child); e; e = rcu_dereference(e->next))
		if (strlen(e->name) == len && !memcmp(e->name, name, len))
			return e;
	return NULL;
}

/* Makes the entry for @path and its directories. Boot time, one CPU at a time. */
static struct proc_entry *tree_make(struct proc_entry *dir, const char *path, umode_t mode)
{
	for (;;) {
		const char *slash = strchr(path, '/');
		size_t len = slash ? (size_t)(slash - path) : strlen(path);
		struct proc_entry *e = find_child(dir, path, len);

		if (!e) {
			char *name;
			struct proc_entry **link = &dir->child;

			e = kzalloc(sizeof(*e), GFP_KERNEL);
			name = kmalloc(len + 1, GFP_KERNEL);
			if (!e || !name) {
				kfree(e);
				kfree(name);
				return NULL;
			}
			memcpy(name, path, len);
			name[len] = '\0';
			e->name = name;
			e->parent = dir;
			e->mode = slash ? S_IFDIR | 0555 : mode;
			e->ino = next_fixed_ino++;
			while (*link)
				link = &(*link)->next;
			smp_store_release(link, e);
		}
		if (!slash)
			return e;
		dir = e;
		path = slash + 1;
	}
}

static struct proc_entry *entry_make(const char *path, umode_t mode)
{
	return tree_make(&proc_root_entry, path, mode);
}

int proc_tree_add(struct proc_entry *root, const char *path, umode_t mode, int (*show)(struct seq *s, void *arg), void *arg)
{
	struct proc_entry *e = tree_make(root, path, mode);

	if (!e)
		return -ENOMEM;
	e->arg = arg;
	smp_store_release(&e->show, show);
	return 0;
}

int proc_tree_add_link(struct proc_entry *root, const char *path, const char *target)
{
	struct proc_entry *e = tree_make(root, path, S_IFLNK | 0777);

	if (!e)
		return -ENOMEM;
	smp_store_release(&e->target, target);
	return 0;
}

int procfs_add(const char *path, umode_t mode, int (*show)(struct seq *s, void *arg), void *arg)
{
	return proc_tree_add(&proc_root_entry, path, S_IFREG | mode, show, arg);
}

int proc_tree_add_fops(struct proc_entry *root, const char *path, umode_t mode, const struct file_ops *fops, void *arg)
{
	struct proc_entry *e = tree_make(root, path, S_IFREG | mode);

	if (!e)
		return -ENOMEM;
	e->arg = arg;
	smp_store_release(&e->fops, fops);
	return 0;
}

int procfs_add_fops(const char *path, umode_t mode, const struct file_ops *fops, void *arg)
{
	return proc_tree_add_fops(&proc_root_entry, path, mode, fops, arg);
}

int procfs_add_link(const char *path, const char *target)
{
	return proc_tree_add_link(&proc_root_entry, path, target);
}

int procfs_add_dir(const char *path, umode_t mode)
{
	return entry_make(path, S_IFDIR | mode) ? 0 : -ENOMEM;
}

static int fixed_open(struct inode *inode, struct file *f)
{
	const struct proc_entry *e = proc_i(inode)->fixed;

	if (e->fops) {
		f->private = e->arg;
		f->ops = e->fops;
		return e->fops->open ? e->fops->open(inode, f) : 0;
	}
	return seq_open(f, e->show, e->arg);
}

/* Root may open what nobody can write. */
static ssize_t fixed_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	return -EIO;
}

static const struct file_ops fixed_fops = {
	.open = fixed_open,
	.read = seq_read,
	.write = fixed_write,
	.llseek = endless_llseek,
	.release = seq_release,
};

static const char *link_text(struct dentry *d, struct inode *inode, int *err, void (**done)(void *), void **done_arg)
{
	return proc_i(inode)->fixed->target;
}

static const char *self_text(struct dentry *d, struct inode *inode, int *err, void (**done)(void *), void **done_arg);
const struct inode_ops proc_fixed_link_iops = { .get_link = link_text };
static const struct inode_ops self_iops = { .get_link = self_text };

static void text_free(void *p)
{
	kfree(p);
}

/* "self" is the reader's process, "thread-self" its thread: the text is made for who asks. */
static const char *self_text(struct dentry *d, struct inode *inode, int *err, void (**done)(void *), void **done_arg)
{
	bool thread = !strcmp(proc_i(inode)->fixed->name, "thread-self");
	char *s = thread ? kasprintf(GFP_ATOMIC, "%d/task/%d", current->proc->pid, current->tid) :
			   kasprintf(GFP_ATOMIC, "%d", current->proc->pid);

	if (!s) {
		*err = -ENOMEM;
		return NULL;
	}
	*done = text_free;
	*done_arg = s;
	return s;
}

static unsigned count_subdirs(const struct proc_entry *e)
{
	unsigned n = 0;

	for (e = e->child; e; e = e->next)
		n += S_ISDIR(e->mode);
	return n;
}

static bool below_sys(const struct proc_entry *e)
{
	for (; e->parent; e = e->parent)
		if (e->parent == &proc_root_entry)
			return !strcmp(e->name, "sys");
	return false;
}

static int fixed_lookup(struct inode *dir, struct dentry *d, unsigned flags)
{
	const struct proc_entry *parent = proc_i(dir)->fixed, *e = find_child(parent, d->name.name, d->name.len);
	struct proc_inode *p;
	long nr;

	if (!e) {
		nr = parent == &proc_root_entry ? proc_parse_nr(d) : -1;
		if (nr >= 0)
			return proc_lookup_pid(dir, d, (pid_t)nr, false, NULL);
		/* sysfs, unlike /proc, says that nothing can be made in it, not that there is nothing. */
		if (dir->sb->type == &sysfs_type && (flags & LOOKUP_CREATE)) {
			d_drop(d);
			return 0;
		}
		return -ENOENT;
	}
	p = proc_inode_new(dir->sb, e->mode);
	if (!p)
		return -ENOMEM;
	p->fixed = e;
	p->inode.ino = e->ino;
	if (S_ISDIR(e->mode)) {
		p->inode.ops = &proc_fixed_dir_iops;
		p->inode.fops = &proc_fixed_dir_fops;
		p->inode.nlink = 2 + count_subdirs(e);
	} else if (S_ISLNK(e->mode)) {
		p->inode.ops = e->target ? &proc_fixed_link_iops : &self_iops;
	} else {
		p->inode.fops = &fixed_fops;
		if (below_sys(parent))
			p->inode.ops = &proc_sysctl_iops;
	}
	d_add(d, &p->inode);
	return 0;
}

/* Positions: 0, 1 the dots; then fixed entries in order; in the root, processes from PID_BASE on. */
#define PID_BASE 0x10000

static int fixed_iterate(struct file *f, struct dir_context *c)
{
	const struct proc_entry *dir = proc_i(f->inode)->fixed, *e = dir->child;

	if (c->pos < 2 && !dir_emit_dots(f, c))
		return 0;
	if (c->pos < PID_BASE) {
		for (loff_t i = 2; e && i < c->pos; i++)
			e = e->next;
		for (; e; e = e->next, c->pos++)
			if (!dir_emit(c, e->name, (unsigned)strlen(e->name), e->ino, e->mode >> 12))
				return 0;
		if (dir == &proc_root_entry)
			c->pos = PID_BASE;
	}
	while (dir == &proc_root_entry) {
		char name[12];
		pid_t nr = pid_next_process((pid_t)(c->pos - PID_BASE));
		int n;

		if (nr < 0)
			return 0;
		c->pos = PID_BASE + nr;
		n = snprintf(name, sizeof(name), "%d", nr);
		if (!dir_emit(c, name, (unsigned)n, (ino_t)nr << 16 | 1, DT_DIR))
			return 0;
		c->pos++;
	}
	return 0;
}

const struct inode_ops proc_fixed_dir_iops = { .lookup = fixed_lookup };
const struct file_ops proc_fixed_dir_fops = { .iterate = fixed_iterate };

pid_t pid_next_process(pid_t from)
{
	struct task *t;
	pid_t best = -1;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (thread_group_leader(t) && t->tid >= MAX(from, 1) && (best < 0 || t->tid < best))
			best = t->tid;
	rcu_read_unlock();
	return best;
}

/* The one instance of a tree: all mounts show the same. It is kept for ever once it was made. */
int proc_tree_mount(struct proc_entry *root, struct super **only, const struct fs_type *t, unsigned sb_flags, uint64_t magic, struct super **out)
{
	static DEFINE_MUTEX(lock, LR_MUTEX_LEAF);
	struct super *sb;
	struct proc_inode *p;
	int err = 0;

	mutex_lock(&lock);
	if (*only) {
		atomic_inc(&(*only)->refs);
		*out = *only;
		goto out;
	}
	sb = super_alloc(t, sb_flags);
	err = -ENOMEM;
	if (!sb)
		goto out;
	sb->ops = &proc_super_ops;
	sb->magic = magic;
	sb->block_size = magic == PROC_MAGIC ? 1024 : PAGE_SIZE;
	sb->flags |= SB_NOSUID | SB_NODEV | SB_NOEXEC;
	p = proc_inode_new(sb, S_IFDIR | 0555);
	if (!p)
		goto out_super;
	p->fixed = root;
	p->inode.ino = 1;
	p->inode.ops = &proc_fixed_dir_iops;
	p->inode.fops = &proc_fixed_dir_fops;
	sb->root = dentry_alloc_root(&p->inode);
	if (!sb->root)
		goto out_super;
	atomic_inc(&sb->refs);
	*only = sb;
	*out = sb;
	err = 0;
	goto out;
out_super:
	super_put(sb);
out:
	mutex_unlock(&lock);
	return err;
}

static int proc_mount(const struct fs_type *t, unsigned sb_flags, const char *source, const char *data, struct super **out)
{
	static struct super *only;

	return proc_tree_mount(&proc_root_entry, &only, t, sb_flags, PROC_MAGIC, out);
}

static const char *const proc_params[] = { "gid", "hidepid", "subset", NULL };
static struct fs_type proc_type = { .name = "proc", .flags = FS_NODEV | FS_USERNS_MOUNT, .mount = proc_mount, .params = proc_params };

static int procfs_init(void)
{
	inode_cache = kmem_cache_create("proc_inode", sizeof(struct proc_inode), 16, 0, NULL);
	if (!inode_cache)
		return -ENOMEM;
	entry_make("self", S_IFLNK | 0777);
	entry_make("thread-self", S_IFLNK | 0777);
	procfs_add_link("mounts", "self/mounts");
	procfs_add_dir("fs", 0555);
	procfs_add_dir("driver", 0555);
	procfs_add_dir("bus", 0555);
	return fs_type_register(&proc_type);
}
INITCALL(INITCALL_FS, procfs_init);
