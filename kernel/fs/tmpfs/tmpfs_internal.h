/* SPDX-License-Identifier: MIT */
/* tmpfs: files that live in the page cache, names that live in the dentry cache. */
#pragma once
#include "../vfs/vfs_internal.h"

#define TMPFS_DIRENT_SIZE 20	/* what each name adds to a directory's size; Linux's figure */

struct tmpfs_xattr {
	struct list_head link;
	size_t size;
	void *value;
	char name[];
};
/*
 * Locks: i the inode's rwsem, s tmpfs_sb.lock.
 */
struct tmpfs_inode {
	struct inode vfs;		/* must be first */
	struct page_cache cache;
	struct list_head entries;	/* [i] directory: names, newest first, by dentry->lru */
	uint64_t next_id;		/* [i] directory: ascending, in dentry->fsdata */
	uint64_t version;		/* [i] directory: changes of entries */
	struct list_head xattrs;	/* [i] */
	unsigned seals;			/* [i] F_SEAL_* */
	bool accounted;			/* counts in the super's inodes */
};
struct tmpfs_sb {
	struct spinlock lock;		/* LR_INODE_SPIN */
	uint64_t max_blocks;		/* [s] pages; 0: no limit */
	uint64_t max_inodes;		/* [s] 0: no limit */
	uint64_t used_blocks;		/* [s] */
	uint64_t used_inodes;		/* [s] */
	umode_t mode;
	uid_t uid;
	gid_t gid;
};
static inline struct tmpfs_inode *tmpfs_i(struct inode *i) { return (struct tmpfs_inode *)i; }
static inline struct tmpfs_sb *tmpfs_s(struct super *sb) { return sb->private; }

extern const struct inode_ops tmpfs_dir_ops, tmpfs_file_ops, tmpfs_link_ops, tmpfs_special_ops;
extern const struct file_ops tmpfs_dir_fops, tmpfs_file_fops;
extern const struct page_cache_ops tmpfs_cache_ops;
int tmpfs_inode_new(struct super *sb, const struct inode *dir, umode_t mode, dev_t dev,
		    struct inode **out);
int tmpfs_setattr(struct dentry *d, struct iattr *a);
int tmpfs_inode_reserve(struct super *sb);
void tmpfs_inode_release(struct super *sb);
void tmpfs_xattrs_free(struct tmpfs_inode *ti);
ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *buf, size_t size);
int tmpfs_setxattr(struct inode *inode, const char *name, const void *val, size_t size, int flags);
int tmpfs_removexattr(struct inode *inode, const char *name);
ssize_t tmpfs_listxattr(struct inode *inode, char *buf, size_t size);
long tmpfs_fcntl_seals(struct file *f, unsigned cmd, unsigned long arg);
