/* SPDX-License-Identifier: MIT */
/*
 * What the files of kernel/fs share among themselves.
 *
 * Order of locks (see <kernel/lockrank.h>): mount_sem -> sb->rename_mutex -> directory rwsem
 * (ancestor first,
 * else by address) -> file rwsem -> mount_lock -> rename_lock -> dentry->lock (parent first)
 * -> hash, LRU,
 * inode->lock.
 */
#pragma once
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include "name_hash.h"

#define DENTRY_DEAD (-(1 << 30)) /* dentry->refs of one that is being freed: cannot be revived */

/*
 * A path name copied from the user. Short ones live in the caller's frame; NAME_PAD bytes
 * behind the end are readable.
 */
#define NAME_SMALL 128
struct name_buf {
	char *name;
	char small[NAME_SMALL + NAME_PAD];
};
/* 0, -EFAULT, -ENAMETOOLONG, -ENOMEM, -ENOENT for an empty name unless LOOKUP_EMPTY. */
int name_get(struct name_buf *nb, const char __user *u, unsigned lookup) __must_check;
int name_get_kernel(struct name_buf *nb, const char *name) __must_check;
void name_put_large(struct name_buf *nb);
static inline void name_put(struct name_buf *nb)
{
	if (unlikely(nb->name != nb->small))
		name_put_large(nb);
}

static inline uint64_t hash_start(const struct dentry *parent)
{
	return (uint64_t)(uintptr_t)parent >> 6;
}
static inline uint64_t qstr_key(const struct qstr *q)	/* length and hash in one */
{
	return load_word(&q->len);
}

/* walk.c */
enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };
#define WALK_LINKS 2
struct walk_link {			/* a symbolic link being followed */
	const char *rest;		/* what comes behind it */
	char *text;			/* our padded copy of its target (walk with references) */
};
struct walk {
	struct path path;		/* where we are; with references after the walk */
	struct inode *inode;
	unsigned flags;			/* LOOKUP_* */
	uint32_t seq, mount_seq;
	struct path root; /* LOOKUP_BENEATH, IN_ROOT: the base; else lazily the task's */
	bool root_set;
	bool missing; /* LOOKUP_CREATE: path is the parent, last is not there */
	enum last_type last_type;
	bool trailing;			/* slashes behind the last name */
	struct qstr last;
	unsigned depth, total_links;
	unsigned pending;		/* links with something behind them */
	struct walk_link *links;	/* few_links or SYMLINK_MAX_FOLLOW on the heap */
	char *last_text;		/* last lies in this copy: walk_end() frees it */
	struct fd base;
	struct walk_link few_links[WALK_LINKS];
};
static inline void walk_end(struct walk *w)
{
	if (unlikely(w->last_text))
		kfree(w->last_text);
}
/*
 * Walks @name from @dfd (or @base when not NULL). 0: w->path holds references, to the object,
 * or to its parent with
 * LOOKUP_PARENT, or (LOOKUP_CREATE) to the parent when w->missing. @name must be padded
 * (struct name_buf) and
 * outlive w->last.
 */
int walk_path(struct walk *w, int dfd, const struct path *base, const char *name, unsigned flags)
	__must_check;
int walk_rcu(struct walk *w, int dfd, const struct path *base, const char *name) __must_check;
int walk_ref(struct walk *w, int dfd, const struct path *base, const char *name) __must_check;
unsigned walk_component(const struct dentry *parent, const char *name, struct qstr *out);
bool walk_atime_due(const struct mount *m, const struct inode *inode);
void names_init(void);
int path_string(const struct path *p, const struct path *root, char *buf, size_t size, bool deleted,
		char **out);
int user_walk(struct walk *w, struct name_buf *nb, int dfd, const char __user *name, unsigned flags)
	__must_check;

/* dcache.c */
extern struct hlist_head *dentry_table;
extern unsigned dentry_shift;
extern struct spinlock rename_lock;
static inline struct hlist_head *dentry_bucket(uint32_t hash)
{
	return &dentry_table[hash >> dentry_shift];
}
static inline bool dentry_get_live(struct dentry *d) /* under RCU: false when it is being freed */
{
	int old = atomic_read(&d->refs);

	while (old >= 0)
		if (__atomic_compare_exchange_n(&d->refs.v, &old, old + 1, true, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}
static inline bool d_unhashed(const struct dentry *d) { return READ_ONCE(d->flags) & D_UNHASHED; }
static inline bool d_is_root(const struct dentry *d) { return d->parent == d; }
void dentry_set_flag(struct dentry *d, uint32_t set, uint32_t clear);
void dcache_init(void);
void d_rehash(struct dentry *d);
void d_kill_tree(
	struct dentry
		*root); /* umount: drops every pinned name below and the root's own reference */
struct dentry *d_next_child(struct dentry *parent, struct dentry *prev);
/*
 * Looks a name up for a change: dir's rwsem held for writing. A dentry with reference,
 * positive or negative.
 */
int dir_lookup_locked(struct dentry *dir, const struct qstr *name, unsigned flags,
		      struct dentry **out) __must_check;

/* inode.c */
void inode_init_caches(void);
void inode_set_opflags(struct inode *inode);

/* super.c */
void super_init(void);
int super_mount(const struct fs_type *t, unsigned sb_flags, const char *source, const char *data,
		struct super **out);
bool super_get_live(struct super *sb);
void supers_sync(bool wait);

/* mount.c, mount_ns.c, propagate.c */
extern struct spinlock mount_lock;
extern struct seqcount mount_seq;
extern struct rwsem mount_sem;
extern struct mnt_ns init_mnt_ns;
extern struct list_head mnt_namespaces;
static inline void mnt_get(struct mount *m) { atomic_inc(&m->refs); }
void mnt_put(struct mount *m);
void mount_init(void);
int fs_context_init(const struct path *root);
void fs_replace_all(const struct path *from, const struct path *to);
#define CL_MAKE_SHARED	1u	/* the copies are peers of one another and of their originals */
#define CL_SLAVE	2u	/* slaves of their originals */
#define CL_PRIVATE	4u
#define CL_UNBINDABLE	8u	/* copy unbindable mounts too */
struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname,
			  unsigned flags);
struct mount *mount_clone(struct mount *m, struct dentry *root, unsigned cl);
int mount_copy_tree(struct mount *m, struct dentry *root, bool recursive, unsigned cl,
		    struct mount **out);
void mount_hash_locked(struct mount *m, struct mount *parent, struct dentry *at);
void mount_unhash_locked(struct mount *m);
void mount_commit_locked(struct mount *tree, struct mnt_ns *ns);
void mount_collect_tree(struct mount *top, struct list_head *out);
void mount_kill_tree_locked(struct mount *top, bool propagate, struct list_head *dead);
void mount_release_list(struct list_head *dead);
int mount_attach_tree(struct mount *tree, const struct path *at, bool moving);
struct mount *mount_next(struct mount *m, struct mount *top);
struct mount *mount_lookup_locked(struct mount *parent, struct dentry *d);
bool mount_follow(struct path *p); /* onto what is mounted at p; references kept right */
/* sys_mount.c: for the calls of the new interface */
#define MNT_USER_FLAGS                                                                             \
	(MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME |       \
	 MNT_READONLY | MNT_NOSYMFOLLOW)
bool may_mount(void);
bool mount_is_mine(const struct mount *m);
int mount_lock_place(struct path *p) __must_check;
void mount_drop_tree(struct mount *m);	/* never attached; mount_sem held for writing */
int mount_move_to(const struct path *old, struct path *at) __must_check;
int super_reconfigure(struct super *sb, unsigned flags, unsigned mask, const char *data) __must_check;
void mount_dissolve(struct mount *m);	/* mount_fd.c: the descriptor of a detached tree is gone */
/* An O_PATH descriptor whose end is the tree's, should it still be detached then. Takes over the tree's reference. */
int mount_detached_fd(struct mount *m, bool cloexec) __must_check;
int mount_attrs_to_flags(uint64_t attrs, unsigned *flags) __must_check;
static inline bool mount_is_shared(const struct mount *m) { return m->flags & MNT_SHARED; }
/* propagate.c; mount_sem held for writing */
int propagate_attach(struct mount *parent, struct dentry *at, struct mount *tree,
		     struct list_head *copies, unsigned depth);
void propagate_targets(struct mount *origin, struct list_head *out);
bool propagate_busy(struct mount *m, int refs);
int propagate_invent_one(struct mount *m);
int propagate_invent_ids(struct mount *tree);
void propagate_change(struct mount *m, unsigned type);
struct seq;
static inline void mnt_ns_changed(struct mnt_ns *ns)
{
	ns->event++;
	waitq_wake_all_poll(&ns->poll, 0x2 | 0x8);
}

/* permission.c */
int permission_rcu(struct inode *inode,
		   int mask); /* search permission; -ECHILD: ask again with references */
int may_create(struct inode *dir);
int may_delete(struct inode *dir, struct dentry *victim, bool isdir);
bool inode_owner_or_capable(const struct inode *inode);
int may_follow_link(const struct inode *dir, const struct inode *link);
int may_create_in_sticky(const struct inode *dir, const struct inode *inode);
int may_open_path(const struct path *p, unsigned acc_mode, unsigned flags);

/* namei_ops.c */
int create_at(struct walk *w, bool dir, struct dentry **out)
	__must_check; /* locks the parent: a negative dentry, or -EEXIST */
void create_done(struct walk *w, struct dentry *d);
int vfs_create_node(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev);
int vfs_unlink_locked(struct inode *dir, struct dentry *d);
int vfs_rmdir_locked(struct inode *dir, struct dentry *d);

/* open.c */
struct open_flags {
	unsigned flags;		/* O_* */
	umode_t mode;
	unsigned acc;		/* MAY_* */
	unsigned lookup;
};
int open_flags_build(uint64_t flags, uint64_t mode, uint64_t resolve, bool strict,
		     struct open_flags *of);
struct file *open_at(int dfd, const char *name, const struct open_flags *of, int *err);

/* file.c */
void file_init(void);
void files_init(void);
void file_free_unopened(struct file *f);
int file_close(struct file *f, struct files *owner);
struct file *fd_take_locked(struct files *fs, unsigned n);
int fd_replace(unsigned n, struct file *f, unsigned flags);
void fd_set_cloexec(unsigned n, bool on);
int file_set_flags(struct file *f, unsigned flags);
bool file_can_async(const struct file *f);
int file_set_async(struct file *f, bool on);
long fcntl_lock(unsigned fd, struct file *f, unsigned cmd, void __user *arg);
int files_unshare(unsigned end); /* current gets a table of its own, numbers below @end only */
int file_finish_open(struct file *f);

/* fsnotify */
extern unsigned fsnotify_marks;
static inline bool inode_watched(const struct inode *i)
{
	return unlikely(fsnotify_marks != 0);
} /* it, or what it lies in, may be */
void fsnotify_unmount(struct super *sb);
/* Beside the events of inotify: the name through which it happened is gone; renamed within this directory. */
#define FSN_UNLINKED	BIT(24)
#define FSN_RENAME	BIT(25)
struct fsmark;
struct fsmark_ops {
	/* @m's mask has the event. With fsnotify_lock: no sleep. True: the mark ends. */
	bool (*event)(struct fsmark *m, uint32_t mask, uint32_t cookie, const char *name, uint32_t len);
	void (*ended)(struct fsmark *m);	/* it is off its inode; with fsnotify_lock */
	void (*free)(struct fsmark *m);
};
struct fsmark {
	const struct fsmark_ops *ops;
	struct list_head on_inode;
	struct inode *inode;			/* reference */
	uint32_t mask;				/* IN_*, FSN_RENAME */
};
extern struct spinlock fsnotify_lock;
void fsmark_link_locked(struct fsmark *m, const struct fsmark_ops *ops, struct inode *inode, uint32_t mask);
void fsmark_unlink_locked(struct fsmark *m);	/* then fsmark_free() without the lock */
void fsmark_free(struct fsmark *m);
/* dnotify.c: F_NOTIFY */
long dnotify_set(unsigned fd, struct file *f, unsigned long arg);
void dnotify_close(struct file *f, struct files *owner);

/* chrdev.c, anon.c, memfd.c, locks.c */
void anon_init(void);
void locks_init(void);
void tmpfs_init(void);
void shmem_init(const struct fs_type *t);
int tmpfs_make_super(const struct fs_type *t, umode_t mode, struct super **out);
void devtmpfs_init(void);
extern const struct file_ops simple_dir_fops;
