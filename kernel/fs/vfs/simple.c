/* SPDX-License-Identifier: MIT */
/*
 * Directories whose names are pinned dentries (devpts): listing from the dentry cache, newest
 * first.
 *
 * SIMPLE: a position is a count of names, so one that goes between two calls shifts the rest
 * by one. Right for
 * directories that are read in one go; tmpfs has its own.
 */
#include "vfs_internal.h"

static bool shown(const struct dentry *d)
{
	return (d->flags & (D_PINNED | D_UNHASHED)) == D_PINNED && d->inode;
}

static int simple_iterate(struct file *f, struct dir_context *c)
{
	struct dentry *dir = f->path.dentry, *d = NULL;
	loff_t at = 2;

	if (!dir_emit_dots(f, c))
		return 0;
	while ((d = d_next_child(dir, d))) {
		if (!shown(d))
			continue;
		if (at++ < c->pos)
			continue;
		if (!dir_emit(c, d->name.name, d->name.len, d->inode->ino,
			      (d->inode->mode >> 12) & 15)) {
			dentry_put(d);
			return 0;
		}
		c->pos = at;
	}
	return 0;
}

static int sync_nothing(struct file *f, bool data_only)
{
	return 0;
}

const struct file_ops simple_dir_fops = { .iterate = simple_iterate,
					  .llseek = endless_llseek,
					  .fsync = sync_nothing };
