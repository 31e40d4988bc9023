/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes of tmpfs: security.* and trusted.*, as Linux 6.1 has them (user.* came
 * with 6.6 and is
 * EOPNOTSUPP).
 *
 * Locks: the inode's rwsem, held by the caller for writing, or for reading by readers.
 */
#include "tmpfs_internal.h"

static struct tmpfs_xattr *find(struct tmpfs_inode *ti, const char *name)
{
	struct tmpfs_xattr *x;

	list_for_each_entry(x, &ti->xattrs, link)
		if (!strcmp(x->name, name))
			return x;
	return NULL;
}

static bool known_space(const char *name)
{
	return !strncmp(name, "trusted.", 8) || !strncmp(name, "security.", 9);
}

static void xattr_free(struct tmpfs_xattr *x)
{
	kvfree(x->value);
	kfree(x);
}

void tmpfs_xattrs_free(struct tmpfs_inode *ti)
{
	struct tmpfs_xattr *x, *n;

	list_for_each_entry_safe(x, n, &ti->xattrs, link)
		xattr_free(x);
	list_init(&ti->xattrs);
}

ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *buf, size_t size)
{
	struct tmpfs_xattr *x;

	if (!known_space(name))
		return -EOPNOTSUPP;
	x = find(tmpfs_i(inode), name);
	if (!x)
		return -ENODATA;
	if (!size)
		return (ssize_t)x->size;
	if (x->size > size)
		return -ERANGE;
	memcpy(buf, x->value, x->size);
	return (ssize_t)x->size;
}

int tmpfs_setxattr(struct inode *inode, const char *name, const void *val, size_t size, int flags)
{
	struct tmpfs_inode *ti = tmpfs_i(inode);
	struct tmpfs_xattr *x, *old;
	size_t n = strlen(name) + 1;

	if (!known_space(name))
		return -EOPNOTSUPP;
	old = find(ti, name);
	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && (flags & XATTR_REPLACE))
		return -ENODATA;
	x = kmalloc(sizeof(*x) + n, GFP_KERNEL);
	if (!x)
		return -ENOMEM;
	x->value = kvmalloc(size ? size : 1, GFP_KERNEL | GFP_NOOOM);
	if (!x->value) {
		kfree(x);
		return -ENOMEM;
	}
	memcpy(x->name, name, n);
	memcpy(x->value, val, size);
	x->size = size;
	list_add_tail(&x->link, &ti->xattrs);
	if (old) {
		list_del(&old->link);
		xattr_free(old);
	}
	inode->ctime = clock_realtime_coarse();
	return 0;
}

int tmpfs_removexattr(struct inode *inode, const char *name)
{
	struct tmpfs_xattr *x;

	if (!known_space(name))
		return -EOPNOTSUPP;
	x = find(tmpfs_i(inode), name);
	if (!x)
		return -ENODATA;
	list_del(&x->link);
	xattr_free(x);
	inode->ctime = clock_realtime_coarse();
	return 0;
}

ssize_t tmpfs_listxattr(struct inode *inode, char *buf, size_t size)
{
	struct tmpfs_xattr *x;
	bool trusted = capable(CAP_SYS_ADMIN);
	size_t total = 0;

	list_for_each_entry(x, &tmpfs_i(inode)->xattrs, link) {
		size_t n = strlen(x->name) + 1;

		if (!trusted && !strncmp(x->name, "trusted.", 8))
			continue;
		if (size) {
			if (total + n > size)
				return -ERANGE;
			memcpy(buf + total, x->name, n);
		}
		total += n;
	}
	return (ssize_t)total;
}
