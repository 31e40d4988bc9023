/* SPDX-License-Identifier: MIT */
/*
 * Change notification: the hooks that the VFS calls (fsnotify_*), and the marks that inotify.c and dnotify.c put on inodes.
 *
 * A mark holds a reference on its inode and hangs on inode->watches; what it does with an event is its owner's affair
 * (struct fsmark_ops). The hooks may be called with spinlocks held that rank before fsnotify_lock.
 *
 * Locks: fsnotify_lock (spin, LR_INODE_SPIN) for all lists of marks, held over the calls of event() and ended().
 */
#include <uapi/inotify.h>
#include "vfs_internal.h"

struct spinlock fsnotify_lock = SPINLOCK_INIT(LR_INODE_SPIN);
unsigned fsnotify_marks;		/* [fsnotify_lock] all marks: zero makes the hooks free */

void fsmark_link_locked(struct fsmark *m, const struct fsmark_ops *ops, struct inode *inode, uint32_t mask)
{
	m->ops = ops;
	m->inode = inode_get(inode);
	m->mask = mask;
	fsnotify_marks++;
	list_add(&m->on_inode, &inode->watches);
}

void fsmark_unlink_locked(struct fsmark *m)
{
	list_del_init(&m->on_inode);
	fsnotify_marks--;
	m->ops->ended(m);
}

void fsmark_free(struct fsmark *m)
{
	inode_put(m->inode);
	m->ops->free(m);
}

static void free_list(struct list_head *gone)
{
	struct fsmark *m, *n;

	list_for_each_entry_safe(m, n, gone, on_inode)
		fsmark_free(m);
}

/* Events of @inode to its watchers. @name: as seen from a watched directory. */
static void notify(struct inode *inode, uint32_t mask, uint32_t cookie, const char *name, uint32_t len)
{
	struct fsmark *m, *n;
	LIST_HEAD(gone);

	spin_lock(&fsnotify_lock);
	list_for_each_entry_safe(m, n, &inode->watches, on_inode) {
		if (!(m->mask & mask & (IN_ALL_EVENTS | IN_UNMOUNT | FSN_RENAME)))
			continue;
		if (m->ops->event(m, mask, cookie, name, len)) {
			fsmark_unlink_locked(m);
			list_add(&m->on_inode, &gone);
		}
	}
	spin_unlock(&fsnotify_lock);
	free_list(&gone);
}

/* All watches of an inode that is no more end. */
static void end_watches(struct inode *inode)
{
	struct fsmark *m, *n;
	LIST_HEAD(gone);

	spin_lock(&fsnotify_lock);
	list_for_each_entry_safe(m, n, &inode->watches, on_inode) {
		fsmark_unlink_locked(m);
		list_add(&m->on_inode, &gone);
	}
	spin_unlock(&fsnotify_lock);
	free_list(&gone);
}

void fsnotify_inode(struct inode *inode, uint32_t mask)
{
	if (list_empty(&inode->watches))
		return;
	if (mask & ~IN_ISDIR) {
		uint32_t dir = S_ISDIR(inode->mode) && !(mask & (IN_DELETE_SELF | IN_MOVE_SELF))
				       ? IN_ISDIR
				       : 0;

		for (uint32_t bits = mask & ~IN_ISDIR; bits; bits &= bits - 1)
			notify(inode, (bits & -bits) | dir, 0, "", 0);
	}
	if (mask & IN_DELETE_SELF)
		end_watches(inode);
}

void fsnotify_dirent(struct inode *dir, const struct qstr *name, uint32_t mask,
		     struct inode *target, uint32_t cookie)
{
	if (target && S_ISDIR(target->mode))
		mask |= IN_ISDIR;
	if (!list_empty(&dir->watches))
		notify(dir, mask, cookie, name->name, name->len);
}

/*
 * An event on an object found by @p: the watchers of the directory it was found in, and its own.
 */
void fsnotify_path(const struct path *p, uint32_t mask)
{
	struct dentry *d = p->dentry, *parent = NULL;
	struct inode *inode = d->inode;

	if (S_ISDIR(inode->mode))
		mask |= IN_ISDIR;
	if (d->flags & D_UNHASHED)
		mask |= FSN_UNLINKED;
	if (!d_is_root(d)) {
		spin_lock(&rename_lock);
		if (d->parent->inode && !list_empty(&d->parent->inode->watches))
			parent = dentry_get(d->parent);
		spin_unlock(&rename_lock);
	}
	if (parent) {
		notify(parent->inode, mask, 0, d->name.name, d->name.len);
		dentry_put(parent);
	}
	if (!list_empty(&inode->watches))
		notify(inode, mask, 0, "", 0);
}

/* The super is going: what is watched on it is told, and the watches end. */
void fsnotify_unmount(struct super *sb)
{
	struct inode *i, *watched;

	do {
		watched = NULL;
		spin_lock(&sb->inodes_lock);
		list_for_each_entry(i, &sb->inodes, sb_link)
			if (!list_empty(&i->watches)) {
				watched = inode_get(i);
				break;
			}
		spin_unlock(&sb->inodes_lock);
		if (watched) {
			notify(watched, IN_UNMOUNT | (S_ISDIR(watched->mode) ? IN_ISDIR : 0), 0, "",
			       0);
			end_watches(watched);
			inode_put(watched);
		}
	} while (watched);
}
