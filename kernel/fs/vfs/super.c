/* SPDX-License-Identifier: MIT */
/*
 * File system types and their instances.
 *
 * A super lives while mounts and openers refer to it; with the last reference its type's
 * kill() disposes of
 * what it made, after the names were dropped. Types are never unregistered.
 *
 * Locks: types_lock for the list of types, supers_lock for that of supers. Both are leaves.
 */
#include <kernel/init.h>
#include "vfs_internal.h"

static DEFINE_SPINLOCK(types_lock, LR_INODE_LIST);
static LIST_HEAD(types);
static DEFINE_SPINLOCK(supers_lock, LR_INODE_LIST);
static LIST_HEAD(supers);
static DECLARE_BITMAP(minors, 1024);	/* [supers_lock] of anonymous devices, 0:n */
static unsigned next_minor = 1024;	/* [supers_lock] beyond the map: never reused */

int fs_type_register(struct fs_type *t)
{
	struct fs_type *o;

	spin_lock(&types_lock);
	list_for_each_entry(o, &types, link)
		if (!strcmp(o->name, t->name)) {
			spin_unlock(&types_lock);
			return -EBUSY;
		}
	list_add_tail(&t->link, &types);
	spin_unlock(&types_lock);
	return 0;
}

struct fs_type *fs_type_find(const char *name)
{
	struct fs_type *t;

	spin_lock(&types_lock);
	list_for_each_entry(t, &types, link)
		if (!strcmp(t->name, name)) {
			spin_unlock(&types_lock);
			return t;
		}
	spin_unlock(&types_lock);
	return NULL;
}

int vfs_show_filesystems(struct seq *s, void *unused)
{
	struct fs_type *t;

	/* Nothing leaves the list, so it can be read as it grows. */
	list_for_each_entry_rcu(t, &types, link)
		seq_printf(s, "%s\t%s\n", t->flags & FS_NODEV ? "nodev" : "", t->name);
	return 0;
}

static dev_t minor_get(void)
{
	unsigned n;

	spin_lock(&supers_lock);
	n = find_next_zero_bit(minors, 1024, 1);
	if (n < 1024)
		minors[n / 64] |= 1ul << (n % 64);
	else
		n = next_minor++;
	spin_unlock(&supers_lock);
	return MKDEV(0, n & 0xfffff);
}

static void minor_put(dev_t dev)
{
	unsigned n = MINOR(dev);

	if (n >= 1024)
		return;
	spin_lock(&supers_lock);
	minors[n / 64] &= ~(1ul << (n % 64));
	spin_unlock(&supers_lock);
}

struct super *super_alloc(const struct fs_type *t, unsigned flags)
{
	struct super *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	sb->type = t;
	atomic_set(&sb->refs, 1);
	sb->flags = flags;
	sb->dev = minor_get();
	sb->block_size = PAGE_SIZE;
	sb->max_bytes = INT64_MAX;
	sb->time_gran = 1;
	mutex_init(&sb->rename_mutex, LR_RENAME);
	spin_lock_init(&sb->inodes_lock, LR_INODE_LIST);
	list_init(&sb->inodes);
	spin_lock(&supers_lock);
	list_add_tail(&sb->link, &supers);
	spin_unlock(&supers_lock);
	return sb;
}

bool super_get_live(struct super *sb)
{
	return atomic_inc_not_zero(&sb->refs);
}

void super_put(struct super *sb)
{
	if (!ref_put(&sb->refs))
		return;
	spin_lock(&supers_lock);
	list_del(&sb->link);
	spin_unlock(&supers_lock);
	if (fsnotify_marks)
		fsnotify_unmount(sb);
	if (sb->root) {
		dcache_shrink_super(sb);
		d_kill_tree(sb->root);
		sb->root = NULL;
	}
	minor_put(sb->dev);
	if (sb->type->kill)
		sb->type->kill(sb);
	/* Lockless walks look at the sb of inodes that are on their way out. */
	kfree_rcu(sb, rcu);
}

int super_mount(const struct fs_type *t, unsigned sb_flags, const char *source, const char *data,
		struct super **out)
{
	return t->mount(t, sb_flags, source, data, out);
}

void supers_sync(bool wait)
{
	struct super *sb, *prev = NULL;
	struct list_head *p;

	spin_lock(&supers_lock);
	for (p = supers.next; p != &supers; p = p->next) {
		sb = list_entry(p, struct super, link);
		if (!sb->ops || !sb->ops->sync || !super_get_live(sb))
			continue;
		spin_unlock(&supers_lock);
		sb->ops->sync(sb, wait);
		if (prev)
			super_put(prev);
		prev = sb;
		spin_lock(&supers_lock);
	}
	spin_unlock(&supers_lock);
	if (prev)
		super_put(prev);
}

/* The whole start of the file systems, in order. Allocation and the scheduler's data work. */
void __init fs_init(void)
{
	dcache_init();
	inode_init_caches();
	names_init();
	file_init();
	files_init();
	locks_init();
	mount_init();
	anon_init();
	tmpfs_init();
	if (mount_root_init())
		panic("vfs: cannot mount the root");
	devtmpfs_init();
}

/* The emergency form: nobody is asked, no writer is waited for. */
void super_remount_all_readonly(void)
{
	struct super *sb;

	spin_lock(&supers_lock);
	list_for_each_entry(sb, &supers, link)
		(void)__atomic_fetch_or(&sb->flags, SB_RDONLY, __ATOMIC_RELAXED);
	spin_unlock(&supers_lock);
}
