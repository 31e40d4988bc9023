/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: instances, options, inodes. Also "rootfs" and, through tmpfs_make_super(), devtmpfs.
 *
 * Limits: size= and nr_blocks= count pages of contents, nr_inodes= inodes; both default to
 * half of the memory's pages.
 * Accounting is under tmpfs_sb.lock; inode->blocks follows under it too.
 */
#include <kernel/init.h>
#include <uapi/statfs.h>
#include "tmpfs_internal.h"

static struct kmem_cache *tmpfs_inode_cache;

static uint64_t default_limit(void)
{
	return mem_total_pages() / 2;
}

static int tmpfs_charge(struct page_cache *c, uint64_t pages)
{
	struct tmpfs_sb *s = tmpfs_s(c->inode->sb);
	int err = 0;

	spin_lock(&s->lock);
	if (s->max_blocks && s->used_blocks + pages > s->max_blocks) {
		err = -ENOSPC;
	} else {
		s->used_blocks += pages;
		c->inode->blocks += pages * (PAGE_SIZE / 512);
	}
	spin_unlock(&s->lock);
	return err;
}

static void tmpfs_uncharge(struct page_cache *c, uint64_t pages)
{
	struct tmpfs_sb *s = tmpfs_s(c->inode->sb);

	spin_lock(&s->lock);
	s->used_blocks -= pages;
	c->inode->blocks -= pages * (PAGE_SIZE / 512);
	spin_unlock(&s->lock);
}

const struct page_cache_ops tmpfs_cache_ops = { .charge = tmpfs_charge,
						.uncharge = tmpfs_uncharge };

int tmpfs_inode_reserve(struct super *sb)
{
	struct tmpfs_sb *s = tmpfs_s(sb);
	int err = 0;

	spin_lock(&s->lock);
	if (s->max_inodes && s->used_inodes >= s->max_inodes)
		err = -ENOSPC;
	else
		s->used_inodes++;
	spin_unlock(&s->lock);
	return err;
}

void tmpfs_inode_release(struct super *sb)
{
	struct tmpfs_sb *s = tmpfs_s(sb);

	spin_lock(&s->lock);
	s->used_inodes--;
	spin_unlock(&s->lock);
}

static struct inode *tmpfs_alloc_inode(struct super *sb)
{
	return kmem_cache_alloc(tmpfs_inode_cache, GFP_KERNEL);
}

static void tmpfs_free_inode(struct rcu_head *head)
{
	struct inode *i = container_of(head, struct inode, rcu);

	if (S_ISLNK(i->mode))
		kfree(i->link);
	kmem_cache_free(tmpfs_inode_cache, i);
}

static void tmpfs_evict(struct inode *i)
{
	struct tmpfs_inode *ti = tmpfs_i(i);

	if (i->cache)
		page_cache_destroy(i->cache);
	tmpfs_xattrs_free(ti);
	if (ti->accounted)
		tmpfs_inode_release(i->sb);
}

int tmpfs_inode_new(struct super *sb, const struct inode *dir, umode_t mode, dev_t dev,
		    struct inode **out)
{
	struct tmpfs_inode *ti;
	struct inode *i;
	int err = tmpfs_inode_reserve(sb);

	if (err)
		return err;
	i = inode_create(sb);
	if (!i) {
		tmpfs_inode_release(sb);
		return -ENOMEM;
	}
	ti = tmpfs_i(i);
	list_init(&ti->xattrs);
	ti->seals = F_SEAL_SEAL;
	ti->accounted = true;
	inode_init_owner(i, dir, mode);
	switch (mode & S_IFMT) {
	case S_IFREG:
		page_cache_init(&ti->cache, i, &tmpfs_cache_ops);
		ti->cache.is_shmem = true;
		i->cache = &ti->cache;
		i->ops = &tmpfs_file_ops;
		i->fops = &tmpfs_file_fops;
		break;
	case S_IFDIR:
		list_init(&ti->entries);
		ti->next_id = 0;
		ti->version = 0;
		i->size = 2 * TMPFS_DIRENT_SIZE;
		i->nlink = 2;
		i->ops = &tmpfs_dir_ops;
		i->fops = &tmpfs_dir_fops;
		i->opflags = IOP_COMPLETE;
		break;
	case S_IFLNK:
		i->ops = &tmpfs_link_ops;
		break;
	default:
		i->ops = &tmpfs_special_ops;
		inode_init_special(i, i->mode, dev);
		break;
	}
	*out = i;
	return 0;
}

/*
 * Options: size=N[kmg%], nr_blocks=, nr_inodes=, mode=, uid=, gid=. Huge pages and memory
 * policy words are taken and do nothing.
 */
struct options {
	uint64_t blocks, inodes;
	unsigned mode, uid, gid;
	unsigned seen;			/* BIT(0) blocks ... BIT(4) gid */
};

static int parse_size(const char *v, uint64_t *bytes, bool percent_ok)
{
	const char *end;
	uint64_t n;

	if (!isdigit(*v))
		return -EINVAL;
	n = memparse(v, &end);
	if (*end == '%' && percent_ok && !end[1])
		n = n * mem_total_pages() / 100 * PAGE_SIZE;
	else if (*end)
		return -EINVAL;
	*bytes = n;
	return 0;
}

static int parse_one(char *word, struct options *o)
{
	static const char *const ignored[] = { "huge",	  "mpol",   "inode32",
					       "inode64", "noswap", "source" };
	char *v = strchr(word, '=');
	uint64_t n = 0;
	int err;

	if (v)
		*v++ = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(ignored); i++)
		if (!strcmp(word, ignored[i]))
			return 0;
	if (!v)
		return -EINVAL;
	if (!strcmp(word, "size")) {
		err = parse_size(v, &n, true);
		o->blocks = DIV_ROUND_UP(n, PAGE_SIZE);
		o->seen |= 1;
		return err;
	}
	if (!strcmp(word, "nr_blocks")) {
		err = parse_size(v, &o->blocks, false);
		o->seen |= 1;
		return err;
	}
	if (!strcmp(word, "nr_inodes")) {
		err = parse_size(v, &o->inodes, false);
		o->seen |= 2;
		return err;
	}
	if (!strcmp(word, "mode")) {
		err = kstrtou64(v, 8, &n);
		o->mode = (unsigned)n & S_IALLUGO;
		o->seen |= 4;
		return err ? -EINVAL : 0;
	}
	if (!strcmp(word, "uid") || !strcmp(word, "gid")) {
		err = kstrtou64(v, 0, &n);
		if (err || n > UINT32_MAX - 1)
			return -EINVAL;
		if (*word == 'u')
			o->uid = (unsigned)n;
		else
			o->gid = (unsigned)n;
		o->seen |= *word == 'u' ? 8 : 16;
		return 0;
	}
	return -EINVAL;
}

static int parse_options(const char *data, struct options *o)
{
	char *copy, *p, *next;
	int err = 0;

	if (!data || !*data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (p = copy; p && !err; p = next) {
		next = strchr(p, ',');
		if (next)
			*next++ = 0;
		if (*p)
			err = parse_one(p, o);
	}
	kfree(copy);
	return err;
}

static int tmpfs_statfs(struct super *sb, struct kstatfs *st)
{
	struct tmpfs_sb *s = tmpfs_s(sb);

	st->type = TMPFS_MAGIC;
	st->bsize = PAGE_SIZE;
	st->namelen = NAME_MAX;
	spin_lock(&s->lock);
	if (s->max_blocks) {
		st->blocks = s->max_blocks;
		st->bfree = st->bavail = s->max_blocks - s->used_blocks;
	}
	if (s->max_inodes) {
		st->files = s->max_inodes;
		st->ffree = s->max_inodes - s->used_inodes;
	}
	spin_unlock(&s->lock);
	st->fsid = sb->dev;
	return 0;
}

static int tmpfs_remount(struct super *sb, unsigned flags, const char *data)
{
	struct tmpfs_sb *s = tmpfs_s(sb);
	struct options o = { 0 };
	int err = parse_options(data, &o);

	if (err)
		return err;
	spin_lock(&s->lock);
	if ((o.seen & 1) &&
	    ((o.blocks && o.blocks < s->used_blocks) || (o.blocks && !s->max_blocks)))
		err = -EINVAL;
	if ((o.seen & 2) &&
	    ((o.inodes && o.inodes < s->used_inodes) || (o.inodes && !s->max_inodes)))
		err = -EINVAL;
	if (!err) {
		if (o.seen & 1)
			s->max_blocks = o.blocks;
		if (o.seen & 2)
			s->max_inodes = o.inodes;
	}
	spin_unlock(&s->lock);
	return err;
}

static struct fs_type ramfs_type;

static int tmpfs_show_options(struct super *sb, char *buf, size_t size)
{
	struct tmpfs_sb *s = tmpfs_s(sb);
	int n = 0;

	buf[0] = 0;
	if (s->max_blocks != default_limit())
		n += scnprintf(buf + n, size - (size_t)n, ",size=%luk",
			       (unsigned long)(s->max_blocks * (PAGE_SIZE / 1024)));
	if (s->max_inodes != default_limit())
		n += scnprintf(buf + n, size - (size_t)n, ",nr_inodes=%lu",
			       (unsigned long)s->max_inodes);
	if (s->mode != (S_IRWXUGO | S_ISVTX))
		n += scnprintf(buf + n, size - (size_t)n, ",mode=%03o", s->mode);
	if (s->uid)
		n += scnprintf(buf + n, size - (size_t)n, ",uid=%u", s->uid);
	if (s->gid)
		n += scnprintf(buf + n, size - (size_t)n, ",gid=%u", s->gid);
	if (sb->type != &ramfs_type)
		n += scnprintf(buf + n, size - (size_t)n, ",inode64");
	return n;
}

static const struct super_ops tmpfs_super_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.evict = tmpfs_evict,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

static int make_super(const struct fs_type *t, unsigned flags, const char *data,
		      const struct options *defaults, struct super **out)
{
	struct options o = *defaults;
	struct tmpfs_sb *s;
	struct super *sb;
	struct inode *root;
	int err = parse_options(data, &o);

	if (err)
		return err;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	sb = super_alloc(t, flags);
	if (!s || !sb) {
		kfree(s);
		if (sb)
			super_put(sb);
		return -ENOMEM;
	}
	spin_lock_init(&s->lock, LR_INODE_SPIN);
	s->max_blocks = o.blocks;
	s->max_inodes = o.inodes;
	s->mode = (umode_t)o.mode;
	s->uid = o.seen & 8 ? o.uid : current_cred()->fsuid;
	s->gid = o.seen & 16 ? o.gid : current_cred()->fsgid;
	sb->private = s;
	sb->ops = &tmpfs_super_ops;
	sb->magic = TMPFS_MAGIC;
	sb->attributes_mask = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP;
	err = tmpfs_inode_new(sb, NULL, (umode_t)(S_IFDIR | s->mode), 0, &root);
	if (err)
		goto fail;
	root->uid = s->uid;
	root->gid = s->gid;
	err = -ENOMEM;
	sb->root = dentry_alloc_root(root);
	if (!sb->root) {
		inode_put(root);
		goto fail;
	}
	*out = sb;
	return 0;
fail:
	super_put(sb);
	return err;
}

static int tmpfs_mount(const struct fs_type *t, unsigned flags, const char *source,
		       const char *data, struct super **out)
{
	struct options o = { default_limit(), default_limit(), S_IRWXUGO | S_ISVTX, 0, 0, 0 };

	return make_super(t, flags, data, &o, out);
}

/* An instance for the kernel's own use: no limits. */
int tmpfs_make_super(const struct fs_type *t, umode_t mode, struct super **out)
{
	struct options o = { default_limit(), default_limit(), mode, 0, 0, 24 };

	return make_super(t, 0, NULL, &o, out);
}

static void tmpfs_kill(struct super *sb)
{
	kfree(sb->private);
	sb->private = NULL;
}

static const char *const tmpfs_params[] = { "size", "nr_blocks", "nr_inodes", "mode", "uid", "gid",
					    "huge", "mpol", "inode32", "inode64", "noswap", NULL };

static int tmpfs_check_param(const char *option)
{
	struct options o = { 0 };

	return parse_options(option, &o);
}

static struct fs_type tmpfs_type = { .name = "tmpfs",
				     .flags = FS_NODEV | FS_USERNS_MOUNT,
				     .mount = tmpfs_mount,
				     .params = tmpfs_params,
				     .check_param = tmpfs_check_param,
				     .kill = tmpfs_kill };
static struct fs_type rootfs_type = {
	.name = "rootfs", .flags = FS_NODEV, .mount = tmpfs_mount, .kill = tmpfs_kill
};
/* ramfs: the same without limits; what Linux programs expect of it is a subset of tmpfs. */
static int ramfs_mount(const struct fs_type *t, unsigned flags, const char *source,
		       const char *data, struct super **out)
{
	struct options o = { 0, 0, 0755, 0, 0, 0 };

	return make_super(t, flags, data, &o, out);
}
static struct fs_type ramfs_type = { .name = "ramfs",
				     .flags = FS_NODEV | FS_USERNS_MOUNT,
				     .mount = ramfs_mount,
				     .kill = tmpfs_kill };

void __init tmpfs_init(void)
{
	tmpfs_inode_cache =
		kmem_cache_create("tmpfs_inode", sizeof(struct tmpfs_inode), CACHE_LINE, 0, NULL);
	if (!tmpfs_inode_cache || fs_type_register(&tmpfs_type) || fs_type_register(&rootfs_type) ||
	    fs_type_register(&ramfs_type))
		panic("tmpfs: cannot start");
	shmem_init(&tmpfs_type);
}
