/* SPDX-License-Identifier: MIT */
/*
 * The path walk without references or locks.
 *
 * Everything is read under rcu_read_lock(). A step from a directory to a name takes the name's
 * seq before its
 * inode, then checks that the directory's seq did not change meanwhile: the pair existed at
 * one moment. Mounts are
 * covered by mount_seq, read once at the start and checked at the end. Only the end takes
 * references
 * (one mount, one dentry), each only if the object is still alive, and checks both counters
 * afterwards.
 *
 * Whatever cannot be done so (a name not in the cache, a race, a generated link, an atime to
 * write) answers
 * -ECHILD, and the caller walks again with references (walk.c). Errors other than -ECHILD are
 * final.
 */
#include "vfs_internal.h"

/* Measures and hashes the component at @name; its length. */
unsigned walk_component(const struct dentry *parent, const char *name, struct qstr *out)
{
	out->name = name;
	out->len = name_component(hash_start(parent), name, &out->hash);
	return out->len;
}

/*
 * The child named by @name (@key: its hash and length), with its seq, or NULL. The dentry's
 * state is as of *seqp, which
 * the caller checks later.
 */
static inline struct dentry *lookup_rcu(struct dentry *parent, const char *name, uint64_t key,
					uint32_t *seqp)
{
	struct dentry *d;

	hlist_for_each_entry(d, dentry_bucket((uint32_t)(key >> 32)), hash) {
		const char *n;
		uint32_t seq;

		if (qstr_key(&d->name) != key || READ_ONCE(d->parent) != parent)
			continue;
		seq = seq_read_begin(&d->seq);
		n = READ_ONCE(d->name.name);
		/* Pointer and length belong together only if nothing moved. */
		if (unlikely(seq_read_retry(&d->seq, seq)) ||
		    unlikely(!name_same(n, name, (uint32_t)key)) || unlikely(d_unhashed(d)))
			continue;
		*seqp = seq;
		return d;
	}
	return NULL;
}

static void set_root(struct walk *w)
{
	struct fs_context *fs = current->fs;
	uint32_t seq;

	do {
		seq = seq_read_begin(&fs->seq);
		w->root = fs->root;
	} while (seq_read_retry(&fs->seq, seq));
	w->root_set = true;
}

static inline void at_dentry(struct walk *w, struct dentry *d)
{
	w->path.dentry = d;
	w->seq = seq_read_begin(&d->seq);
	w->inode = READ_ONCE(d->inode);
}

/* Follows what is mounted on w->path. */
static __noinline int cross_mounts(struct walk *w)
{
	struct mount *m;

	while ((READ_ONCE(w->path.dentry->flags) & D_MOUNTED) &&
	       (m = mount_lookup(w->path.mnt, w->path.dentry))) {
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		w->path.mnt = m;
		at_dentry(w, m->root);
	}
	return 0;
}

static __noinline int step_dotdot(struct walk *w)
{
	struct dentry *d, *parent;
	struct mount *m;

	if (w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT))
		return -ECHILD;
	if (!w->root_set)
		set_root(w);
	for (;;) {
		d = w->path.dentry;
		m = w->path.mnt;
		if (d == w->root.dentry && m == w->root.mnt)
			break;
		if (d != m->root) {
			parent = READ_ONCE(d->parent);
			if (seq_read_retry(&d->seq, w->seq))
				return -ECHILD;
			at_dentry(w, parent);
			break;
		}
		if (READ_ONCE(m->parent) == m)
			break;
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		w->path.mnt = READ_ONCE(m->parent);
		at_dentry(w, READ_ONCE(m->mountpoint));
		if (seq_read_retry(&mount_seq, w->mount_seq))
			return -ECHILD;
	}
	if (unlikely(READ_ONCE(w->path.dentry->flags) & D_MOUNTED))
		return cross_mounts(w);
	return 0;
}

static int start_rcu(struct walk *w, int dfd, const struct path *base, const char *name)
{
	struct fs_context *fs = current->fs;
	uint32_t seq;

	w->mount_seq = seq_read_begin(&mount_seq);
	if (base) {
		w->path = *base;
	} else if (*name == '/') {
		set_root(w);
		w->path = w->root;
	} else if (dfd == AT_FDCWD) {
		do {
			seq = seq_read_begin(&fs->seq);
			w->path = fs->pwd;
		} while (seq_read_retry(&fs->seq, seq));
	} else {
		w->path = w->base.file->path;
	}
	if (w->flags & (LOOKUP_IN_ROOT | LOOKUP_BENEATH))
		return -ECHILD;
	at_dentry(w, w->path.dentry);
	return 0;
}

/* A symbolic link is to be followed: its text becomes what is walked. */
static __noinline int push_link(struct walk *w, const struct inode *dir, const char **name,
				const char *rest)
{
	const char *text = READ_ONCE(w->inode->link);
	int err;

	if (w->flags & LOOKUP_NO_SYMLINKS)
		return -ELOOP;
	if (!text || seq_read_retry(&w->path.dentry->seq, w->seq))
		return -ECHILD;
	if (++w->total_links > SYMLINK_MAX_FOLLOW)
		return -ELOOP;
	if (w->path.mnt->flags & MNT_NOSYMFOLLOW)
		return -ELOOP;
	if (*rest) {
		if (w->depth == WALK_LINKS)
			return -ECHILD;
		w->few_links[w->depth++].rest = rest;
	}
	if (sysctl_protected_symlinks) {
		err = may_follow_link(dir, w->inode);
		if (err)
			return -ECHILD;
	}
	if (walk_atime_due(w->path.mnt, w->inode))
		return -ECHILD;
	*name = text;
	return 0;
}

/* Takes the references that end the walk. The RCU section is left in every case. */
static int take_references(struct walk *w)
{
	struct mount *m = w->path.mnt;
	struct dentry *d = w->path.dentry;
	bool got_mnt, got = false;

	got_mnt = atomic_inc_not_zero(&m->refs);
	if (got_mnt) {
		smp_mb(); /* an unmounter counts references after it made mount_seq odd: one of us sees the other */
		got = READ_ONCE(mount_seq.seq) == w->mount_seq && dentry_get_live(d);
		if (likely(got && !seq_read_retry(&d->seq, w->seq))) {
			rcu_read_unlock();
			return 0;
		}
	}
	rcu_read_unlock();
	if (got)
		dentry_put(d);
	if (got_mnt)
		mnt_put(m);
	return -ECHILD;
}

/* A name is not in the cache: does that mean it is not there? */
static int name_missing(struct walk *w, uint32_t rseq)
{
	if (!(w->inode->opflags & IOP_COMPLETE) || seq_read_retry(&rename_seq, rseq) ||
	    seq_read_retry(&w->path.dentry->seq, w->seq) || w->path.mnt->expiry_mark)
		return -ECHILD; /* (a look-up with references takes the mark of MNT_EXPIRE away) */
	return -ENOENT;
}

/*
 * A directory that everybody may search, in one comparison of the inode's first word: then who
 * asks does not matter.
 */
static inline bool open_directory(const struct inode *inode)
{
	uint32_t v;

	_Static_assert(offsetof(struct inode, mode) == 0 && offsetof(struct inode, opflags) == 2,
		       "read as one word");
	v = READ_ONCE(*(const uint32_t *)(const void *)inode);
	return (v & (S_IFMT | S_IXUGO | IOP_PERMISSION << 16)) == (S_IFDIR | S_IXUGO);
}

/* The careful form. 0, an error, or -ECHILD. */
static __noinline int may_search(struct walk *w, struct inode *dir)
{
	int err;

	if (!dir)
		return -ECHILD;
	err = S_ISDIR(READ_ONCE(dir->mode)) ? permission_rcu(dir, MAY_EXEC) : -ENOTDIR;
	if (err && seq_read_retry(&w->path.dentry->seq, w->seq))
		return -ECHILD;
	return err;
}

/*
 * We stand on a child that is a mount point, must be revalidated, or is a link. 0, 1: a link
 * to follow, an error.
 */
static __noinline int child_special(struct walk *w, struct dentry *d, bool last)
{
	int err;

	if (d->flags & D_REVALIDATE) {
		err = d->ops->revalidate(d, true);
		if (err <= 0)
			return -ECHILD;
	}
	err = cross_mounts(w);
	if (err)
		return err;
	if (w->inode && S_ISLNK(READ_ONCE(w->inode->mode)))
		return !last || (w->flags & LOOKUP_FOLLOW) || w->trailing;
	return 0;
}

/*
 * After a link: *name is its text, the walk goes on in @mnt, @parent (with @seq) or at the root.
 */
static __noinline int enter_link(struct walk *w, struct mount *mnt, struct dentry *parent,
				 struct inode *dir, uint32_t seq, const char **name,
				 const char *rest)
{
	int err;

	if (!*rest && !w->depth && w->trailing)
		w->flags |= LOOKUP_DIRECTORY | LOOKUP_FOLLOW;
	err = push_link(w, dir, name, rest);
	if (err)
		return err;
	if (**name == '/') {
		if (w->flags & LOOKUP_NO_XDEV)
			return -ECHILD;
		if (!w->root_set)
			set_root(w);
		w->path = w->root;
		at_dentry(w, w->path.dentry);
		return 0;
	}
	w->path.mnt = mnt;
	w->path.dentry = parent;
	w->inode = dir;
	w->seq = seq;
	return **name ? 0 : -ECHILD;
}

int walk_rcu(struct walk *w, int dfd, const struct path *base, const char *name)
{
	struct dentry *d, *parent;
	uint32_t rseq, seq, len, hash;
	struct inode *dir, *inode;
	struct mount *mnt;
	const char *rest;
	bool last;
	int err;

	rcu_read_lock();
	err = start_rcu(w, dfd, base, name);
	if (unlikely(err))
		goto out;
	rseq = seq_read_begin(&rename_seq);
	w->last_type = LAST_ROOT;
	for (;;) {
		while (*name == '/')
			name++;
		if (unlikely(!*name)) {
			/* Only slashes, or a link that ended in them: we stand on the object. */
			if (!w->depth)
				break;
			name = w->few_links[--w->depth].rest;
			continue;
		}
		dir = w->inode;
		parent = w->path.dentry;
		if (unlikely(!dir || !open_directory(dir))) {
			err = may_search(w, dir);
			if (err)
				goto out;
		}
		len = name_component(hash_start(parent), name, &hash);
		rest = name + len;
		w->trailing = false;
		if (*rest == '/') {
			do {
				rest++;
			} while (*rest == '/');
			w->trailing = !*rest;
		}
		/* Is this the last name of the whole walk? */
		last = !*rest && !w->depth;
		w->last_type = LAST_NORM;
		if (unlikely(*name == '.') && len <= 2 && (len == 1 || name[1] == '.'))
			w->last_type = len == 1 ? LAST_DOT : LAST_DOTDOT;
		if (last) {
			w->last = (struct qstr){ name, len, hash };
			if (w->flags & LOOKUP_PARENT)
				break;
			/* "name/" cannot be created as a file, whatever is there. */
			if (unlikely(w->trailing && (w->flags & LOOKUP_CREATE)) && w->last_type == LAST_NORM) {
				err = -EISDIR;
				goto out;
			}
		}
		if (unlikely(w->last_type != LAST_NORM)) {
			err = w->last_type == LAST_DOTDOT ? step_dotdot(w) : 0;
			if (err)
				goto out;
			goto next;
		}
		if (unlikely(len > NAME_MAX)) {
			err = -ENAMETOOLONG;
			goto out;
		}
		d = lookup_rcu(parent, name, (uint64_t)hash << 32 | len, &seq);
		if (unlikely(!d)) {
			err = name_missing(w, rseq);
			if (err != -ENOENT || !last || !(w->flags & LOOKUP_CREATE))
				goto out;
			if (w->total_links) /* the name may be in a link's text, which goes with us */
				goto echild;
			w->missing = true;
			break;
		}
		inode = READ_ONCE(d->inode);
		mnt = w->path.mnt;
		w->path.dentry = d;
		w->inode = inode;
		SWAP(w->seq, seq);	/* seq: the parent's from here */
		if (unlikely((READ_ONCE(d->flags) & (D_REVALIDATE | D_MOUNTED)) || !inode ||
			     S_ISLNK(READ_ONCE(inode->mode)))) {
			err = child_special(w, d, last);
			if (err < 0)
				goto out;
		} else {
			err = 0;
		}
		if (unlikely(seq_read_retry(&parent->seq, seq)))
			goto echild;
		if (unlikely(!w->inode)) {
			err = -ENOENT;
			if (seq_read_retry(&w->path.dentry->seq, w->seq) ||
			    (last && (w->flags & LOOKUP_CREATE)))
				err = -ECHILD;
			goto out;
		}
		if (unlikely(err)) {
			err = enter_link(w, mnt, parent, dir, seq, &name, rest);
			if (err)
				goto out;
			continue;
		}
next:
		name = rest;
		if (last)
			break;
	}
	if (((w->flags & LOOKUP_DIRECTORY) || w->trailing) && !w->missing &&
	    !(w->flags & LOOKUP_PARENT) && !S_ISDIR(READ_ONCE(w->inode->mode))) {
		err = seq_read_retry(&w->path.dentry->seq, w->seq) ? -ECHILD : -ENOTDIR;
		goto out;
	}
	return take_references(w);
echild:
	err = -ECHILD;
out:
	rcu_read_unlock();
	return err;
}
