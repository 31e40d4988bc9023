/* SPDX-License-Identifier: MIT */
/*
 * Path walks: the common entry, and the walk with references, which can do everything: ask a
 * file system for a name it
 * has not cached, sleep, run generated links, and enforce openat2(2)'s restrictions.
 *
 * w->path always holds its two references here. Link texts are copied, so that the names in
 * them outlive the link.
 */
#include "vfs_internal.h"

void path_get(const struct path *p)
{
	mnt_get(p->mnt);
	dentry_get(p->dentry);
}

void path_put(const struct path *p)
{
	dentry_put(p->dentry);
	mnt_put(p->mnt);
}

/* The mount on @p, with a reference, or NULL. */
static struct mount *mounted_at(const struct path *p)
{
	struct mount *m;
	uint32_t seq;

	for (;;) {
		seq = seq_read_begin(&mount_seq);
		rcu_read_lock();
		m = mount_lookup(p->mnt, p->dentry);
		if (m && !atomic_inc_not_zero(&m->refs))
			m = NULL;
		rcu_read_unlock();
		smp_mb();	/* as in take_references() of walk_rcu.c */
		if (!seq_read_retry(&mount_seq, seq))
			return m;
		if (m)
			mnt_put(m);
	}
}

bool mount_follow(struct path *p)
{
	struct mount *m;
	bool moved = false;

	while ((READ_ONCE(p->dentry->flags) & D_MOUNTED) && (m = mounted_at(p))) {
		path_put(p);
		p->mnt = m;
		p->dentry = dentry_get(m->root);
		moved = true;
	}
	return moved;
}

static void get_fs_root(struct path *out)
{
	struct fs_context *fs = current->fs;

	spin_lock(&fs->lock);
	*out = fs->root;
	path_get(out);
	spin_unlock(&fs->lock);
}

static void need_root(struct walk *w)
{
	if (w->root_set)
		return;
	get_fs_root(&w->root);
	w->root_set = true;
}

static int jump_root(struct walk *w, bool first)
{
	if (w->flags & LOOKUP_BENEATH)
		return -EXDEV;
	need_root(w);
	if (!first) {
		if ((w->flags & LOOKUP_NO_XDEV) && w->path.mnt != w->root.mnt)
			return -EXDEV;
		path_put(&w->path);
	}
	w->path = w->root;
	path_get(&w->path);
	return 0;
}

static int step_up(struct walk *w)
{
	struct path up;
	struct mount *m;

	need_root(w);
	for (;;) {
		if (path_equal(&w->path, &w->root))
			return w->flags & LOOKUP_BENEATH ? -EXDEV : 0;
		if (w->path.dentry != w->path.mnt->root) {
			struct dentry *parent;

			spin_lock(&rename_lock);	/* parents do not change meanwhile */
			parent = dentry_get(w->path.dentry->parent);
			spin_unlock(&rename_lock);
			dentry_put(w->path.dentry);
			w->path.dentry = parent;
			break;
		}
		spin_lock(&mount_lock);
		m = w->path.mnt->parent;
		if (m == w->path.mnt) {
			spin_unlock(&mount_lock);
			return 0;
		}
		up.mnt = m;
		up.dentry = w->path.mnt->mountpoint;
		path_get(&up);
		spin_unlock(&mount_lock);
		path_put(&w->path);
		w->path = up;
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
	}
	if (mount_follow(&w->path) && (w->flags & LOOKUP_NO_XDEV))
		return -EXDEV;
	/* A directory moved while we climbed: we may be outside of what we must stay in. */
	if ((w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) && seq_read_retry(&rename_seq, w->seq))
		return -EAGAIN;
	return 0;
}

/* Asks the file system. @dir's rwsem held for writing. A dentry with reference. */
static int lookup_real(struct dentry *dir, const struct qstr *name, unsigned flags,
		       struct dentry **out)
{
	struct dentry *d;
	int err;

	if (name->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (dir->inode->state & I_DEAD)
		return -ENOENT;
	d = dentry_alloc(dir, name);
	if (!d)
		return -ENOMEM;
	if (!(dir->inode->opflags & IOP_COMPLETE) && dir->inode->ops->lookup) {
		err = dir->inode->ops->lookup(dir->inode, d, flags);
		/*
		 * -ENOENT is a file system in which nothing can be made; otherwise absence is
		 * a negative dentry.
		 */
		if (err) {
			d_drop(d);
			dentry_put(d);
			return err;
		}
	}
	*out = d;
	return 0;
}

/*
 * A cached name that the file system no longer vouches for is dropped. NULL with *err 0: look
 * it up.
 */
static struct dentry *lookup_cached(struct dentry *dir, const struct qstr *name, int *err)
{
	struct dentry *d = d_lookup(dir, name);

	*err = 0;
	if (d && unlikely(d->flags & D_REVALIDATE)) {
		int ok = d->ops->revalidate(d, false);

		if (ok <= 0) {
			if (!ok)
				d_drop(d);
			dentry_put(d);
			*err = ok;
			return NULL;
		}
	}
	return d;
}

int dir_lookup_locked(struct dentry *dir, const struct qstr *name, unsigned flags,
		      struct dentry **out)
{
	int err;

	*out = lookup_cached(dir, name, &err);
	if (*out || err)
		return err;
	return lookup_real(dir, name, flags, out);
}

/* The child, positive or negative; NULL without error: certainly not there. */
static int lookup_child(struct walk *w, const struct qstr *q, struct dentry **out)
{
	struct dentry *dir = w->path.dentry;
	struct inode *inode = dir->inode;
	int err;

	*out = lookup_cached(dir, q, &err);
	if (*out || err)
		return err;
	if (q->len > NAME_MAX)
		return -ENAMETOOLONG;
	if (inode->opflags & IOP_COMPLETE)
		return 0;
	down_write(&inode->rwsem);
	err = dir_lookup_locked(dir, q, w->flags, out);
	up_write(&inode->rwsem);
	return err;
}

static int links_grow(struct walk *w)
{
	struct walk_link *more = kmalloc(SYMLINK_MAX_FOLLOW * sizeof(*more), GFP_KERNEL);

	if (!more)
		return -ENOMEM;
	memcpy(more, w->links, w->depth * sizeof(*more));
	w->links = more;
	return 0;
}

static int text_copy(const char *text, char **out)
{
	size_t n = strnlen(text, PATH_MAX);

	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	*out = kzalloc(n + 1 + NAME_PAD, GFP_KERNEL);
	if (!*out)
		return -ENOMEM;
	memcpy(*out, text, n);
	return 0;
}

/* The text of the link at @link, copied; *out NULL after a jump: w->path is where it leads. */
static int link_text(struct walk *w, struct path *link, char **out)
{
	struct inode *inode = link->dentry->inode;
	void (*done)(void *) = NULL;
	void *done_arg = NULL;
	struct path to;
	const char *text;
	int err = 0;

	*out = NULL;
	touch_atime(link);
	if (inode->link)
		return text_copy(inode->link, out);
	if (inode->ops->jump_link) {
		if (w->flags & LOOKUP_NO_MAGICLINKS)
			return -ELOOP;
		err = inode->ops->jump_link(link->dentry, inode, &to);
		if (err)
			return err;
		if ((w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) ||
		    ((w->flags & LOOKUP_NO_XDEV) && to.mnt != w->path.mnt)) {
			path_put(&to);
			return -EXDEV;
		}
		path_put(&w->path);
		w->path = to;
		return 0;
	}
	if (!inode->ops->get_link)
		return -EINVAL;
	text = inode->ops->get_link(link->dentry, inode, &err, &done, &done_arg);
	if (!text)
		return err ? err : -ECHILD;
	err = text_copy(text, out);
	if (done)
		done(done_arg);
	return err;
}

/*
 * Follows the link @link found in the directory w->path. 0: *name is what to walk next from
 * w->path; 1: a magic link
 * jumped, w->path is the object itself.
 */
static int follow_link(struct walk *w, struct path *link, const char **name, const char *rest)
{
	char *text;
	int err;

	if (++w->total_links > SYMLINK_MAX_FOLLOW || (w->flags & LOOKUP_NO_SYMLINKS) ||
	    (link->mnt->flags & MNT_NOSYMFOLLOW))
		return -ELOOP;
	err = may_follow_link(w->path.dentry->inode, link->dentry->inode);
	if (err)
		return err;
	if (w->depth == WALK_LINKS && w->links == w->few_links) {
		err = links_grow(w);
		if (err)
			return err;
	}
	err = link_text(w, link, &text);
	if (err)
		return err;
	if (!text) {
		*name = rest;
		return 1;
	}
	if (!*text) {
		kfree(text);
		return -ENOENT;
	}
	w->links[w->depth++] = (struct walk_link){ rest, text };
	if (*rest)
		w->pending++;
	*name = text;
	return *text == '/' ? jump_root(w, false) : 0;
}

/* The text in hand is used up: back to what stood behind the link. */
static const char *pop_link(struct walk *w)
{
	struct walk_link *l = &w->links[--w->depth];

	if (*l->rest)
		w->pending--;
	kfree(l->text);
	return l->rest;
}

/* Steps to the child @d (reference taken over). 0, 1: it is a link to follow, left in *link. */
static int step_child(struct walk *w, struct dentry *d, bool follow, struct path *link)
{
	struct path child = { w->path.mnt, d };

	mnt_get(child.mnt);
	if (mount_follow(&child) && (w->flags & LOOKUP_NO_XDEV)) {
		path_put(&child);
		return -EXDEV;
	}
	if (!child.dentry->inode) {
		path_put(&child);
		return -ENOENT;
	}
	if (follow && S_ISLNK(child.dentry->inode->mode)) {
		*link = child;
		return 1;
	}
	path_put(&w->path);
	w->path = child;
	return 0;
}

/* One name. 0: go on at *name; 1: the walk is over. */
static int walk_one(struct walk *w, const char **name)
{
	struct inode *dir = w->path.dentry->inode;
	const char *rest;
	struct dentry *d;
	struct path link;
	struct qstr q;
	bool last;
	int err;

	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	err = inode_permission(dir, MAY_EXEC);
	if (err)
		return err;
	rest = *name + walk_component(w->path.dentry, *name, &q);
	w->last_type = LAST_NORM;
	if (**name == '.' && q.len <= 2 && (q.len == 1 || (*name)[1] == '.'))
		w->last_type = q.len == 1 ? LAST_DOT : LAST_DOTDOT;
	w->trailing = *rest == '/';
	while (*rest == '/')
		rest++;
	w->trailing = w->trailing && !*rest;
	last = !*rest && !w->pending;
	if (last) {
		w->last = q;
		if (w->flags & LOOKUP_PARENT)
			return 1;
	}
	*name = rest;
	if (w->last_type == LAST_DOTDOT)
		return step_up(w);
	if (w->last_type == LAST_DOT)
		return 0;
	if (last && w->trailing && (w->flags & LOOKUP_CREATE))
		return -EISDIR;		/* "name/" cannot be created as a file, whatever is there */
	err = lookup_child(w, &q, &d);
	if (err)
		return err;
	if (!d || !d->inode) {
		if (d)
			dentry_put(d);
		if (last && (w->flags & LOOKUP_CREATE)) {
			w->missing = true;
			return 1;
		}
		return -ENOENT;
	}
	err = step_child(w, d, !last || (w->flags & LOOKUP_FOLLOW) || w->trailing, &link);
	if (err <= 0)
		return err;
	if (last && w->trailing)
		w->flags |= LOOKUP_DIRECTORY | LOOKUP_FOLLOW;
	err = follow_link(w, &link, name, rest);
	path_put(&link);
	if (err == 1) {
		w->last_type = LAST_ROOT;	/* a jump has no last name */
		return 0;
	}
	return err;
}

static int start_ref(struct walk *w, int dfd, const struct path *base, const char *name)
{
	struct fs_context *fs = current->fs;
	bool scoped = w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT);

	w->seq = seq_read_begin(&rename_seq);
	w->root_set = false;
	if (*name == '/' && !scoped)
		return jump_root(w, true);
	if (base) {
		w->path = *base;
		path_get(&w->path);
	} else if (w->base.file) {
		w->path = w->base.file->path;
		path_get(&w->path);
	} else {
		spin_lock(&fs->lock);
		w->path = fs->pwd;
		path_get(&w->path);
		spin_unlock(&fs->lock);
	}
	if (scoped) {
		w->root = w->path;
		path_get(&w->root);
		w->root_set = true;
		if (*name == '/' && (w->flags & LOOKUP_BENEATH)) {
			path_put(&w->path);
			return -EXDEV;
		}
	}
	return 0;
}

int walk_ref(struct walk *w, int dfd, const struct path *base, const char *name)
{
	const char *text_of_last;
	int err;

	w->links = w->few_links;
	w->depth = w->total_links = w->pending = 0;
	w->missing = false;
	err = start_ref(w, dfd, base, name);
	if (err)
		goto out_root;
	w->last_type = LAST_ROOT;
	w->trailing = false;
	do {
		while (*name == '/')
			name++;
		if (*name)
			err = walk_one(w, &name);
		while (!err && !*name && w->depth)
			name = pop_link(w);
	} while (!err && *name);
	if (err == 1)
		err = 0;
	if (!err && !w->missing && !(w->flags & LOOKUP_PARENT) &&
	    ((w->flags & LOOKUP_DIRECTORY) || w->trailing) && !S_ISDIR(w->path.dentry->inode->mode))
		err = -ENOTDIR;
	text_of_last = w->depth && !err ? w->links[w->depth - 1].text : NULL;
	while (w->depth) {
		if (w->links[w->depth - 1].text == text_of_last) {
			w->last_text = w->links[--w->depth].text;
			continue;
		}
		pop_link(w);
	}
	if (w->links != w->few_links)
		kfree(w->links);
	if (err)
		path_put(&w->path);
out_root:
	if (w->root_set)
		path_put(&w->root);
	w->root_set = false;
	return err;
}

int walk_path(struct walk *w, int dfd, const struct path *base, const char *name, unsigned flags)
{
	int err;

	w->flags = flags;
	w->root_set = w->missing = false;
	w->trailing = false;
	w->depth = w->total_links = 0;
	w->last_text = NULL;
	w->base = (struct fd){ NULL, 0 };
	if (!base && dfd != AT_FDCWD &&
	    (*name != '/' || (flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)))) {
		w->base = fd_get_raw((unsigned)dfd);
		if (!w->base.file)
			return -EBADF;
	}
	if (unlikely(!*name)) {		/* AT_EMPTY_PATH: the object of the descriptor */
		err = start_ref(w, dfd, base, name);
		if (w->root_set)
			path_put(&w->root);
		w->last_type = LAST_ROOT;
		if (!err && (flags & LOOKUP_DIRECTORY) && !d_is_dir(w->path.dentry)) {
			path_put(&w->path);
			err = -ENOTDIR;
		}
	} else {
		err = walk_rcu(w, dfd, base, name);
		if (unlikely(err == -ECHILD)) {
			w->flags = flags;
			err = flags & LOOKUP_CACHED ? -EAGAIN : walk_ref(w, dfd, base, name);
		}
	}
	fd_put(w->base);
	return err;
}
