/* SPDX-License-Identifier: MIT */
/*
 * The ramdisk: one or several newc archives, each plain or compressed, with zeroes between
 * them, unpacked into
 * the root. What fails is said once; what was unpacked before stays, and the boot goes on with it.
 *
 * Runs once, in the first process, before /init. Entries are made with the VFS's own calls, by
 * name, below the root:
 * the process's working directory.
 */
#include <kernel/init.h>
#include "../vfs/vfs_internal.h"
#include "cpio.h"
#include "decompress.h"

/* Hard links of one archive: the first name of each (device, inode). */
struct link {
	struct link *next;
	uint32_t major, minor, ino, type;
	char name[];
};
/* Directories get their times when nothing is made in them any more. */
struct dir_time {
	struct dir_time *next;
	uint32_t mtime;
	char name[];
};
struct unpack {
	struct cpio_reader reader;
	struct file *file;		/* being written */
	loff_t pos;
	char *target;			/* symbolic link's text */
	uint32_t target_len;
	struct link *links[64];
	struct dir_time *dirs;
	unsigned entries;
	const char *error;
};

static struct link **link_bucket(struct unpack *u, const struct cpio_entry *e)
{
	return &u->links[(e->ino + e->minor + (e->major << 3)) % 64];
}

/* The name that this file already has, or NULL; then it is remembered. */
static const char *link_find(struct unpack *u, const struct cpio_entry *e, int *err)
{
	struct link **b = link_bucket(u, e), *l;
	size_t n = strlen(e->name) + 1;

	*err = 0;
	for (l = *b; l; l = l->next)
		if (l->ino == e->ino && l->major == e->major && l->minor == e->minor &&
		    l->type == (e->mode & S_IFMT))
			return l->name;
	l = kmalloc(sizeof(*l) + n, GFP_KERNEL);
	if (!l) {
		*err = -ENOMEM;
		return NULL;
	}
	*l = (struct link){ *b, e->major, e->minor, e->ino, e->mode & S_IFMT };
	memcpy(l->name, e->name, n);
	*b = l;
	return NULL;
}

static int links_forget(void *ctx)
{
	struct unpack *u = ctx;

	for (unsigned i = 0; i < ARRAY_SIZE(u->links); i++) {
		struct link *l = u->links[i], *next;

		for (; l; l = next) {
			next = l->next;
			kfree(l);
		}
		u->links[i] = NULL;
	}
	return 0;
}

/* What stands at the name in another shape goes. */
static void clear_name(const char *name, uint32_t mode)
{
	struct path p;
	umode_t have;

	if (kern_path(name, 0, &p))
		return;
	have = p.dentry->inode->mode;
	path_put(&p);
	if ((have & S_IFMT) == (mode & S_IFMT) && S_ISDIR(mode))
		return;
	if ((have & S_IFMT) != (mode & S_IFMT) || !S_ISREG(mode))
		vfs_unlink(name, S_ISDIR(have));
}

static void set_owner(const struct cpio_entry *e, bool follow)
{
	if (e->uid || e->gid)
		vfs_chown(e->name, e->uid, e->gid, follow);
}

static nsec_t entry_time(const struct cpio_entry *e)
{
	return (nsec_t)e->mtime * NSEC_PER_SEC;
}

static int begin_file(struct unpack *u, const struct cpio_entry *e)
{
	const char *first = NULL;
	int err;

	if (e->nlink >= 2) {
		first = link_find(u, e, &err);
		if (err)
			return err;
		if (first) {
			clear_name(e->name, 0);
			if (vfs_link(first, e->name))
				return 0;
		}
	}
	if (first && !e->size)
		return 0;
	u->file = file_open(AT_FDCWD, e->name, O_WRONLY | O_CREAT | O_LARGEFILE | O_TRUNC,
			    (umode_t)(e->mode & S_IALLUGO), &err);
	u->pos = 0;
	if (!u->file)
		return err == -ENOMEM || err == -ENOSPC
			       ? err
			       : 0; /* a parent that is not there: passed over, as Linux does */
	return 0;
}

static int begin_dir(struct unpack *u, const struct cpio_entry *e)
{
	size_t n = strlen(e->name) + 1;
	struct dir_time *d;
	int err = vfs_mkdir(e->name, (umode_t)(e->mode & S_IALLUGO));

	if (err && err != -EEXIST)
		return err == -ENOMEM || err == -ENOSPC ? err : 0;
	set_owner(e, true);
	vfs_chmod(e->name, (umode_t)(e->mode & S_IALLUGO));
	d = kmalloc(sizeof(*d) + n, GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	d->next = u->dirs;
	d->mtime = e->mtime;
	memcpy(d->name, e->name, n);
	u->dirs = d;
	return 0;
}

static int begin_special(struct unpack *u, const struct cpio_entry *e)
{
	umode_t mode = (umode_t)(e->mode & (S_IFMT | S_IALLUGO));
	const char *first = NULL;
	int err;

	if (e->nlink >= 2) {
		first = link_find(u, e, &err);
		if (err)
			return err;
	}
	if (first)
		return vfs_link(first, e->name) == -ENOMEM ? -ENOMEM : 0;
	err = vfs_mknod(e->name, mode, MKDEV(e->rmajor & 0xfff, e->rminor & 0xfffff));
	if (err)
		return err == -ENOMEM || err == -ENOSPC ? err : 0;
	set_owner(e, false);
	vfs_chmod(e->name, mode);
	vfs_set_times(e->name, entry_time(e), entry_time(e));
	return 0;
}

static int unpack_begin(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;

	u->entries++;
	if (!*e->name)
		return 0;
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		clear_name(e->name, e->mode);
		return begin_file(u, e);
	case S_IFDIR:
		clear_name(e->name, e->mode);
		return begin_dir(u, e);
	case S_IFLNK:
		if (e->size >= PATH_MAX)
			return 0;
		clear_name(e->name, e->mode);
		u->target_len = 0;
		u->target = kzalloc(e->size + 1, GFP_KERNEL);
		return u->target ? 0 : -ENOMEM;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		clear_name(e->name, e->mode);
		return begin_special(u, e);
	default:
		return 0;
	}
}

static int unpack_data(void *ctx, const struct cpio_entry *e, const void *p, size_t n)
{
	struct unpack *u = ctx;

	if (u->target) {
		memcpy(u->target + u->target_len, p,
		       n); /* the reader gives no more than e->size in all */
		u->target_len += (uint32_t)n;
		return 0;
	}
	while (u->file && n) {
		ssize_t done = kernel_write(u->file, p, n, &u->pos);

		if (done <= 0) {
			u->error = done == -ENOSPC || done == -ENOMEM
					   ? "there is not enough memory for its files"
					   : "a file cannot be written";
			return done ? (int)done : -EIO;
		}
		p = (const char *)p + done;
		n -= (size_t)done;
	}
	return 0;
}

static int unpack_end(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;

	if (u->file) {
		struct iattr a = { .valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME |
					    ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET,
				   .mode = (umode_t)(e->mode & S_IALLUGO),
				   .uid = e->uid,
				   .gid = e->gid,
				   .atime = entry_time(e),
				   .mtime = entry_time(e) };

		notify_change(&u->file->path, &a);
		file_put(u->file);
		u->file = NULL;
	}
	if (u->target) {
		int err = vfs_symlink(u->target, e->name);

		kfree(u->target);
		u->target = NULL;
		if (err == -ENOMEM || err == -ENOSPC)
			return err;
		if (!err) {
			set_owner(e, false);
			vfs_set_times(e->name, entry_time(e), entry_time(e));
		}
	}
	return 0;
}

static const struct cpio_ops unpack_ops = { unpack_begin, unpack_data, unpack_end, links_forget };

/* A compressed stream holds whole archives, padding included. */
static int feed(struct unpack *u, const uint8_t *p, size_t n)
{
	while (n) {
		int64_t used;

		if (u->reader.state == CPIO_DONE) {
			if (!*p) {
				p++;
				n--;
				continue;
			}
			cpio_restart(&u->reader);
		}
		used = cpio_feed(&u->reader, p, n);
		if (used < 0)
			return (int)used;
		p += used;
		n -= (size_t)used;
	}
	return 0;
}

static int feed_sink(void *ctx, const void *p, size_t n)
{
	return feed(ctx, p, n);
}

static void forget_entry(struct unpack *u)
{
	if (u->file)
		file_put(u->file);
	u->file = NULL;
	kfree(u->target);
	u->target = NULL;
}

/* One archive at @p: its length in the buffer. */
static int64_t unpack_one(struct unpack *u, const uint8_t *p, size_t n)
{
	const struct decompressor *d;
	const char *name, *why = NULL;
	int64_t used;

	cpio_reader_init(&u->reader, &unpack_ops, u);
	if (*p == '0') {
		used = cpio_feed(&u->reader, p, n);
	} else {
		d = decompressor_find(p, n, &name);
		if (!d) {
			pr_err("ramdisk: %s%s",
			       name ? name : "neither a cpio archive nor a known compression",
			       name ? " compression is not supported: use gzip, zstd or none" : "");
			return -EINVAL;
		}
		used = d->run(p, n, feed_sink, u, &why);
	}
	if (used >= 0 && !cpio_at_end(&u->reader)) {
		why = "it ends in the middle of an entry";
		used = -EINVAL;
	}
	if (used < 0)
		pr_err("ramdisk: %s (after %u entries)",
		       u->error		 ? u->error
		       : why		 ? why
		       : u->reader.error ? u->reader.error
					 : "damaged",
		       u->entries);
	forget_entry(u);
	links_forget(u);
	return used;
}

static void set_dir_times(struct unpack *u)
{
	struct dir_time *d = u->dirs, *next;

	for (; d; d = next) {
		next = d->next;
		vfs_set_times(d->name, (nsec_t)d->mtime * NSEC_PER_SEC,
			      (nsec_t)d->mtime * NSEC_PER_SEC);
		kfree(d);
	}
}

int initramfs_unpack_buffer(const void *buf, size_t n)
{
	struct unpack *u = kvmalloc(sizeof(*u), GFP_KERNEL | GFP_ZERO);
	umode_t umask = current->fs->umask;
	const uint8_t *p = buf, *end = p + n;
	int err = 0;

	if (!u) {
		pr_err("ramdisk: no memory to unpack it");
		return -ENOMEM;
	}
	current->fs->umask = 0;
	while (p < end) {
		int64_t used;

		if (!*p) {
			p++;
			continue;
		}
		used = unpack_one(u, p, (size_t)(end - p));
		if (used <= 0) {
			err = used ? (int)used : -EINVAL;
			break;
		}
		p += used;
	}
	if (!err)
		pr_info("ramdisk: %u entries in %lu KiB", u->entries, (unsigned long)n >> 10);
	set_dir_times(u);
	current->fs->umask = umask;
	kvfree(u);
	return err;
}

/* The memory goes back to the allocator, page by page, whatever happened. */
void initramfs_unpack(paddr_t start, paddr_t end)
{
	if (start >= end)
		return;
	initramfs_unpack_buffer(phys_to_virt(start), end - start);
	mm_free_range(ALIGN_DOWN(start, PAGE_SIZE),
		      ALIGN_UP(end, PAGE_SIZE) - ALIGN_DOWN(start, PAGE_SIZE));
}

/*
 * What a ramdisk without them leaves to us, as Linux's built-in one does: a place for the
 * first console and root's home.
 */
static int __init initramfs_defaults(void)
{
	vfs_mkdir("/dev", 0755);
	vfs_mknod("/dev/console", S_IFCHR | 0600, MKDEV(5, 1));
	vfs_mkdir("/root", 0700);
	return 0;
}
INITCALL(1, initramfs_defaults);
