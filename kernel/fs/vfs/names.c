/* SPDX-License-Identifier: MIT */
/*
 * Path names as they come from the user, and paths as they go back: getname, user_path_at,
 * getcwd, /proc.
 *
 * A short name is copied into its caller's frame in pieces that never cross a page the name
 * does not
 * reach; a longer one gets a PATH_MAX buffer. NAME_PAD bytes behind the end can be read.
 */
#include "vfs_internal.h"

static struct kmem_cache *name_cache;
#define CHUNK 64u

/* The bytes from @u to the end of its page, at most @max. */
static size_t piece(const char __user *u, size_t max)
{
	size_t n = PAGE_SIZE - ((uintptr_t)u & (PAGE_SIZE - 1));

	return n < max ? n : max;
}

static __noinline int name_get_long(struct name_buf *nb, const char __user *u, unsigned have)
{
	char *buf = kmem_cache_alloc(name_cache, GFP_KERNEL);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	memcpy(buf, nb->small, have);
	n = strncpy_from_user(buf + have, u + have, PATH_MAX - have);
	if (n < 0 || (size_t)n >= PATH_MAX - have) {
		kmem_cache_free(name_cache, buf);
		return n < 0 ? (int)n : -ENAMETOOLONG;
	}
	nb->name = buf;
	return 0;
}

int name_get(struct name_buf *nb, const char __user *u, unsigned lookup)
{
	unsigned have = 0;

	nb->name = nb->small;
	while (have < NAME_SMALL) {
		size_t want = piece(u + have, MIN(CHUNK, NAME_SMALL - have)), i;
		char *p = nb->small + have;

		if (unlikely(copy_from_user(p, u + have, want)))
			return -EFAULT;
		for (i = 0; i + 8 <= want; i += 8) {
			uint64_t w = load_word(p + i);

			if ((w - 0x0101010101010101ull) & ~w & 0x8080808080808080ull)
				break;
		}
		while (i < want && p[i])
			i++;
		if (i < want) {
			if (unlikely(!have && !i && !(lookup & LOOKUP_EMPTY)))
				return -ENOENT;
			return 0;
		}
		have += (unsigned)want;
	}
	return name_get_long(nb, u, have);
}

int name_get_kernel(struct name_buf *nb, const char *name)
{
	size_t n = strlen(name);

	nb->name = nb->small;
	if (n >= NAME_SMALL) {
		if (n >= PATH_MAX)
			return -ENAMETOOLONG;
		nb->name = kmem_cache_alloc(name_cache, GFP_KERNEL);
		if (!nb->name)
			return -ENOMEM;
	}
	memcpy(nb->name, name, n + 1);
	return 0;
}

void name_put_large(struct name_buf *nb)
{
	kmem_cache_free(name_cache, nb->name);
}

int getname(const char __user *u, unsigned lookup, char **out)
{
	char *buf = kmem_cache_alloc(name_cache, GFP_KERNEL);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	n = strncpy_from_user(buf, u, PATH_MAX);
	if (n >= PATH_MAX)
		n = -ENAMETOOLONG;
	else if (!n && !(lookup & LOOKUP_EMPTY))
		n = -ENOENT;
	if (n < 0) {
		kmem_cache_free(name_cache, buf);
		return (int)n;
	}
	*out = buf;
	return 0;
}

void putname(char *name)
{
	kmem_cache_free(name_cache, name);
}

/* Copies the name and walks it; on success the caller ends with walk_end() and name_put(). */
int user_walk(struct walk *w, struct name_buf *nb, int dfd, const char __user *name, unsigned flags)
{
	int err = name_get(nb, name, flags);

	if (err)
		return err;
	err = walk_path(w, dfd, NULL, nb->name, flags);
	if (err) {
		walk_end(w);
		name_put(nb);
	}
	return err;
}

int user_path_at(int dfd, const char __user *name, unsigned lookup, struct path *out)
{
	struct name_buf nb;
	struct walk w;
	int err = name_get(&nb, name, lookup);

	if (unlikely(err))
		return err;
	err = walk_path(&w, dfd, NULL, nb.name, lookup);
	if (!err)
		*out = w.path;
	walk_end(&w);
	name_put(&nb);
	return err;
}

int path_lookup_at(const struct path *base, const char *name, unsigned lookup, struct path *out)
{
	struct name_buf nb;
	struct walk w;
	int err = name_get_kernel(&nb, name);

	if (err)
		return err;
	err = walk_path(&w, AT_FDCWD, base, nb.name, lookup);
	if (!err)
		*out = w.path;
	walk_end(&w);
	name_put(&nb);
	return err;
}

int kern_path(const char *name, unsigned lookup, struct path *out)
{
	return path_lookup_at(NULL, name, lookup, out);
}

/* Writes @n bytes of @s in front of *p; false: no room. */
static bool prepend(char **p, const char *start, const char *s, size_t n)
{
	if ((size_t)(*p - start) < n)
		return false;
	*p -= n;
	memcpy(*p, s, n);
	return true;
}

/*
 * Climbs from @p to @root. 0; 1: reached the root of the mounts without meeting @root; 2: of
 * something unmounted;
 * -ENAMETOOLONG; -EAGAIN: something moved. Under RCU; reads names that may be changing,
 * bounded by their length.
 */
static int climb(const struct path *p, const struct path *root, char *start, char **out,
		 uint32_t mseq)
{
	struct dentry *d = p->dentry;
	struct mount *m = p->mnt;
	char *at = *out;

	while (d != root->dentry || m != root->mnt) {
		struct dentry *parent = READ_ONCE(d->parent);
		const char *name;
		uint32_t seq, len;

		if (d == m->root || parent == d) {
			struct mount *up = READ_ONCE(m->parent);

			if (d != m->root) {
				*out = at;
				return 2;
			}
			if (up == m) {
				*out = at;
				return READ_ONCE(m->ns) ? 1 : 2;
			}
			d = READ_ONCE(m->mountpoint);
			m = up;
			if (seq_read_retry(&mount_seq, mseq))
				return -EAGAIN;
			continue;
		}
		seq = seq_read_begin(&d->seq);
		name = READ_ONCE(d->name.name);
		len = d->name.len;
		parent = READ_ONCE(d->parent);
		if (seq_read_retry(&d->seq, seq))
			continue;
		if (!prepend(&at, start, name, len) || !prepend(&at, start, "/", 1))
			return -ENAMETOOLONG;
		d = parent;
	}
	*out = at;
	return 0;
}

/*
 * The name of @p as seen from @root, at the end of buf. 0; 1: outside of @root; 2: in nothing
 * that is mounted;
 * -ENAMETOOLONG.
 */
int path_string(const struct path *p, const struct path *root, char *buf, size_t size, bool deleted,
		char **out)
{
	struct dentry *d = p->dentry;
	char *end, *at;
	uint32_t rseq, mseq;
	int err;

	if (d->ops && d->ops->name && d_is_root(d)) {
		int n = d->ops->name(d, buf, size);

		*out = buf;
		return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
	}
	do {
		at = buf + size;
		if (!prepend(&at, buf, "", 1) ||
		    (deleted && d_unhashed(d) && !prepend(&at, buf, " (deleted)", 10)))
			return -ENAMETOOLONG;
		end = at;
		mseq = seq_read_begin(&mount_seq);
		rseq = seq_read_begin(&rename_seq);
		rcu_read_lock();
		err = climb(p, root, buf, &at, mseq);
		rcu_read_unlock();
	} while (err == -EAGAIN || seq_read_retry(&rename_seq, rseq) ||
		 seq_read_retry(&mount_seq, mseq));
	if (err >= 0 && at == end && !prepend(&at, buf, "/", 1))
		return -ENAMETOOLONG;
	*out = at;
	return err;
}

char *path_to_string_root(const struct path *p, const struct path *root, char *buf, size_t size,
			  bool deleted)
{
	char *s;

	return path_string(p, root, buf, size, deleted, &s) < 0 ? NULL : s;
}

char *path_to_string(const struct path *p, char *buf, size_t size)
{
	struct fs_context *fs = current->fs;
	struct path root;
	char *s;

	if (!fs)
		return NULL;
	spin_lock(&fs->lock);
	root = fs->root;
	path_get(&root);
	spin_unlock(&fs->lock);
	s = path_to_string_root(p, &root, buf, size, true);
	path_put(&root);
	return s;
}

/* A directory outside of the caller's root shows as "(unreachable)/...". */
long sys_getcwd(char __user *ubuf, unsigned long size)
{
	struct fs_context *fs = current->fs;
	struct path pwd, root;
	char small[200], *buf = small, *s;
	size_t room = sizeof(small), len;
	uint32_t mseq, seq;
	long ret;
	int err = -EAGAIN;

	/* Short and undisturbed: without references. */
	rcu_read_lock();
	seq = seq_read_begin(&fs->seq);
	mseq = seq_read_begin(&mount_seq);
	pwd = fs->pwd;
	root = fs->root;
	if (!seq_read_retry(&fs->seq, seq)) {
		uint32_t rseq = seq_read_begin(&rename_seq);

		s = small + room - 1;
		*s = 0;
		if (unlikely(d_unhashed(pwd.dentry)))
			err = -ENOENT;
		else
			err = climb(&pwd, &root, small, &s, mseq);
		if (seq_read_retry(&rename_seq, rseq) || seq_read_retry(&mount_seq, mseq) ||
		    seq_read_retry(&fs->seq, seq))
			err = -EAGAIN;
	}
	rcu_read_unlock();
	if (err == -ENOENT)
		return err;
	if (err) {
		spin_lock(&fs->lock);
		pwd = fs->pwd;
		root = fs->root;
		path_get(&pwd);
		path_get(&root);
		spin_unlock(&fs->lock);
		room = PATH_MAX;
		buf = kmem_cache_alloc(name_cache, GFP_KERNEL);
		ret = !buf		       ? -ENOMEM
		      : d_unhashed(pwd.dentry) ? -ENOENT
					       : path_string(&pwd, &root, buf, room, false, &s);
		if (ret > 0)
			ret = prepend(&s, buf, "(unreachable)", 13) ? 0 : -ENAMETOOLONG;
		path_put(&pwd);
		path_put(&root);
		if (ret)
			goto out;
	} else if (!*s) {
		*--s = '/';
	}
	len = (size_t)(buf + room - s);
	ret = -ERANGE;
	if (len <= size)
		ret = copy_to_user(ubuf, s, len) ? -EFAULT : (long)len;
out:
	if (buf != small && buf)
		kmem_cache_free(name_cache, buf);
	return ret;
}

void __init names_init(void)
{
	name_cache = kmem_cache_create("names", PATH_MAX + NAME_PAD, 16, 0, NULL);
	if (!name_cache)
		panic("vfs: no memory for names");
}
