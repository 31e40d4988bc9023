/* SPDX-License-Identifier: MIT */
/*
 * The virtual file system: inodes, names (dentries), mounts, open files.
 *
 * Path walks run under rcu_read_lock() without a lock or a reference per component, checked by the rename
 * seqcount and the dentries' own; what they cannot do there (a file system that must sleep, a miss) is done
 * again with references and locks.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	a	atomic
 *	d	dentry->lock
 *	i	inode->rwsem
 *	l	inode->lock (spinlock)
 *	m	mount_lock (spinlock); topology changes also hold mount_sem
 *	R	RCU readers; rename_lock for writers
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/cred.h>
#include <kernel/iov.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/pagecache.h>
#include <kernel/rcu.h>
#include <kernel/seqlock.h>
#include <kernel/task_work.h>
#include <kernel/types.h>
#include <kernel/waitq.h>
#include <uapi/fcntl.h>		/* O_*, AT_*, F_* (arch bits from the architecture) */
#include <uapi/stat.h>		/* S_IF*, struct statx */

struct file;
struct inode;
struct dentry;
struct mount;
struct super;
struct kstatfs;
struct dentry_ops;
struct file_ops;
struct fdtable;
struct mnt_ns;
struct pid;
struct poll_table;
struct vm_area;
struct pipe;
struct tty;
struct file_lock;
struct task;

#define NAME_MAX 255
#define PATH_MAX 4096
#define SYMLINK_MAX_FOLLOW 40
#define DNAME_INLINE 40

struct path {
	struct mount *mnt;
	struct dentry *dentry;
};
static inline bool path_equal(const struct path *a, const struct path *b) { return a->mnt == b->mnt && a->dentry == b->dentry; }

struct qstr {			/* a name with its hash */
	const char *name;
	uint32_t len, hash;
};
struct dentry {
	atomic_t refs;
	uint32_t flags;			/* [d] D_* */
	struct seqcount seq;		/* [d] changes of parent, name, inode */
	struct hlist_node hash;		/* [R] */
	struct dentry *parent;		/* [R] self for a root */
	struct inode *inode;		/* [R] NULL: negative */
	struct qstr name;		/* [R] */
	struct spinlock lock;		/* LR_DENTRY; parent before child */
	struct super *sb;		/* [I] */
	const struct dentry_ops *ops;	/* [I] may be NULL */
	struct list_head children;	/* [d] */
	struct list_head sibling;	/* [parent's d] */
	struct list_head lru;
	struct hlist_node alias;	/* [inode l] names of one inode */
	void *fsdata;
	struct rcu_head rcu;
	char inline_name[DNAME_INLINE];
};
#define D_MOUNTED	BIT(0)		/* something is mounted here, in some namespace */
#define D_PINNED	BIT(1)		/* the file system holds a reference (tmpfs: the name is the directory entry) */
#define D_UNHASHED	BIT(2)
#define D_REVALIDATE	BIT(3)		/* ops->revalidate must be asked (procfs) */
#define D_NO_NEGATIVE	BIT(4)
#define D_AUTODIR	BIT(5)
#define D_NOCACHE	BIT(6)		/* freed with the last reference, never kept unused (procfs pid entries) */
#define D_CURSOR	BIT(7)		/* a reader's place in a list of children: no name, skipped by everybody */
struct dentry_ops {
	/* Still true? May be called under RCU (then @rcu: must not sleep; -EAGAIN asks for the other mode). */
	int (*revalidate)(struct dentry *d, bool rcu);
	void (*release)(struct dentry *d);
	/* "pipe:[12]", "/memfd:x (deleted)": names that have no directory. Returns what snprintf would. */
	int (*name)(struct dentry *d, char *buf, size_t size);
};

struct iattr {				/* setattr's request */
	unsigned valid;			/* ATTR_* */
	umode_t mode;
	uid_t uid;
	gid_t gid;
	loff_t size;
	nsec_t atime, mtime, ctime;
	struct file *file;
};
#define ATTR_MODE BIT(0)
#define ATTR_UID BIT(1)
#define ATTR_GID BIT(2)
#define ATTR_SIZE BIT(3)
#define ATTR_ATIME BIT(4)
#define ATTR_MTIME BIT(5)
#define ATTR_CTIME BIT(6)
#define ATTR_ATIME_SET BIT(7)		/* to a given time, not now */
#define ATTR_MTIME_SET BIT(8)
#define ATTR_KILL_SUID BIT(9)
#define ATTR_KILL_SGID BIT(10)
#define ATTR_FORCE BIT(11)		/* permission was checked */

struct kstat {
	uint32_t mask, blksize;
	uint64_t attributes, attributes_mask;
	umode_t mode;
	uint32_t nlink;
	uid_t uid;
	gid_t gid;
	ino_t ino;
	loff_t size;
	uint64_t blocks;		/* of 512 bytes */
	dev_t dev, rdev;
	nsec_t atime, mtime, ctime, btime;
	uint64_t mnt_id;
};

struct inode_ops {
	/* Directories. All with the directory's rwsem held (lookup: for reading at least). */
	int (*lookup)(struct inode *dir, struct dentry *d, unsigned flags);	/* d_add()s; absent -> negative dentry, 0 */
	int (*create)(struct inode *dir, struct dentry *d, umode_t mode, bool excl);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *d);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *d, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*mknod)(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev);
	int (*rename)(struct inode *odir, struct dentry *od, struct inode *ndir, struct dentry *nd, unsigned flags);
	int (*tmpfile)(struct inode *dir, struct dentry *d, umode_t mode);
	/* Symbolic links: the target (valid while @done is not called), or a jump by nd_jump_link() (procfs). */
	const char *(*get_link)(struct dentry *d, struct inode *inode, int *err, void (**done)(void *), void **done_arg);
	int (*jump_link)(struct dentry *d, struct inode *inode, struct path *out);	/* magic links: /proc/PID/fd/N */
	int (*readlink)(struct dentry *d, char *buf, size_t size);	/* magic links: text; length */
	int (*permission)(struct inode *inode, int mask, bool rcu);	/* NULL: generic_permission */
	int (*setattr)(struct dentry *d, struct iattr *attr);
	int (*getattr)(const struct path *p, struct kstat *st);		/* NULL: generic_fill_stat */
	ssize_t (*getxattr)(struct inode *inode, const char *name, void *buf, size_t size);
	int (*setxattr)(struct inode *inode, const char *name, const void *val, size_t size, int flags);
	int (*removexattr)(struct inode *inode, const char *name);
	ssize_t (*listxattr)(struct inode *inode, char *buf, size_t size);
};

struct inode {
	umode_t mode;			/* [i] type and permissions */
	uint16_t opflags;
	atomic_t refs;
	uid_t uid;			/* [i] */
	gid_t gid;			/* [i] */
	const struct inode_ops *ops;	/* [I] */
	const struct file_ops *fops;	/* [I] */
	struct super *sb;		/* [I] */
	struct page_cache *cache;	/* [I] NULL: has no contents. Usually &self of the file system's own inode */
	ino_t ino;			/* [I] */
	uint32_t nlink;			/* [l] */
	dev_t rdev;			/* [I] */
	const char *link;		/* [I] target of a symbolic link held in memory (8 readable bytes behind it), freed after a grace period */
	loff_t size;			/* [i] written under rwsem; read with READ_ONCE */
	uint64_t blocks;		/* [l] of 512 bytes */
	nsec_t atime, mtime, ctime, btime; /* [l]; torn reads do no harm on 64-bit */
	uint32_t state;			/* [l] I_* */
	uint32_t iflags;		/* S_IMMUTABLE, S_APPEND ... */
	uint64_t version;
	struct spinlock lock;		/* LR_INODE_SPIN */
	struct rwsem rwsem;		/* LR_INODE, LR_INODE_DIR for directories */
	atomic_t writers;		/* > 0 open for writing; < 0 writing denied (being executed): ETXTBSY */
	struct list_head sb_link;
	struct hlist_head aliases;	/* [l] dentries */
	struct list_head locks;		/* [l] flock and POSIX locks */
	struct list_head watches;	/* inotify */
	union {
		struct pipe *pipe;	/* FIFO */
		void *cdev;		/* character device */
		void *private;
	};
	struct rcu_head rcu;
};
/* inode->opflags, computed from ops when a name is given to it */
#define IOP_READY	BIT(0)
#define IOP_PERMISSION	BIT(1)		/* ops->permission */
#define IOP_COMPLETE	BIT(2)		/* directory: every name it has is in the dentry cache, a miss is ENOENT (set by the file system) */
#define I_DEAD		BIT(0)		/* directory removed: nothing may be made in it */
#define I_NOATIME	BIT(1)
#define I_SEALED	BIT(3)		/* memfd with F_SEAL_WRITE: no write(2) */
#define I_FILE_CAPS	BIT(4)		/* has security.capability: writing and chown take it away */
#define I_HINT		BIT(28)		/* from here on: the F_SET_RW_HINT of the file, a number */
#define I_LINKABLE	BIT(2)		/* O_TMPFILE, may be linkat'ed */

struct dir_context {			/* getdents: false stops */
	bool (*emit)(struct dir_context *c, const char *name, unsigned len, loff_t pos, ino_t ino, unsigned type);
	loff_t pos;
};
#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
static inline bool dir_emit(struct dir_context *c, const char *name, unsigned len, ino_t ino, unsigned type) { return c->emit(c, name, len, c->pos, ino, type); }
bool dir_emit_dots(struct file *f, struct dir_context *c);	/* positions 0 and 1 */

struct file_ops {
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct inode *inode, struct file *f);		/* last reference gone */
	int (*flush)(struct file *f);					/* each close(2) */
	ssize_t (*read)(struct file *f, struct iov_iter *to, loff_t *pos);
	ssize_t (*write)(struct file *f, struct iov_iter *from, loff_t *pos);
	loff_t (*llseek)(struct file *f, loff_t off, int whence);	/* NULL: generic; no_llseek: ESPIPE */
	int (*iterate)(struct file *f, struct dir_context *c);		/* directory rwsem held for reading */
	uint32_t (*poll)(struct file *f, struct poll_table *pt);	/* NULL: always readable and writable */
	long (*ioctl)(struct file *f, unsigned cmd, unsigned long arg);	/* -ENOIOCTLCMD: not mine */
	int (*mmap)(struct file *f, struct vm_area *a);			/* NULL: ENODEV */
	vaddr_t (*get_area)(struct file *f, vaddr_t addr, uint64_t len, uint64_t pgoff, unsigned flags);
	int (*fsync)(struct file *f, bool data_only);			/* NULL: EINVAL */
	long (*fallocate)(struct file *f, int mode, loff_t off, loff_t len);
	ssize_t (*splice_read)(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags);
	ssize_t (*splice_write)(struct pipe *p, struct file *f, loff_t *pos, size_t len, unsigned flags);
	int (*lock)(struct file *f, int cmd, struct file_lock *fl);
	int (*set_flags)(struct file *f, unsigned flags);		/* fcntl(F_SETFL) changes */
	int (*show_fdinfo)(struct file *f, char *buf, size_t size);	/* extra lines for /proc/PID/fdinfo; length */
};
struct file {
	atomic_t refs;
	unsigned flags;			/* [lock] O_*; read freely */
	uint32_t mode;			/* [I] FMODE_* */
	const struct file_ops *ops;	/* [I] after open */
	struct inode *inode;		/* [I] of path.dentry */
	struct path path;		/* [I] references held */
	loff_t pos;			/* [pos_lock when FMODE_ATOMIC_POS] */
	void *private;
	const struct cred *cred;	/* [I] opener's */
	struct page_cache *cache;	/* [I] usually inode->cache */
	struct spinlock lock;
	struct mutex pos_lock;		/* LR_FPOS */
	struct list_head ep_links;	/* epoll items watching it; [epoll] */
	int async_fd;			/* number through which O_ASYNC was set: si_fd */
	unsigned owner_sig;		/* F_SETSIG */
	int owner_type;			/* F_SETOWN(_EX) */
	struct pid *owner;
	uid_t owner_uid, owner_euid;
	uint64_t version;
	struct task_work work;
	struct file *iolink;		/* files whose end was put off */
};
#define FMODE_READ	BIT(0)
#define FMODE_WRITE	BIT(1)
#define FMODE_LSEEK	BIT(2)
#define FMODE_PREAD	BIT(3)
#define FMODE_PWRITE	BIT(4)
#define FMODE_EXEC	BIT(5)
#define FMODE_PATH	BIT(6)		/* O_PATH */
#define FMODE_ATOMIC_POS BIT(7)		/* regular files and directories: read, write and lseek take pos_lock when shared */
#define FMODE_NOACCOUNT	BIT(8)
#define FMODE_STREAM	BIT(9)		/* no position at all */
#define FMODE_WRITER	BIT(10)		/* counted in inode->writers */
#define FMODE_NOWAIT	BIT(11)
#define FMODE_CAN_ODIRECT BIT(12)
#define FMODE_DNOTIFY	BIT(15)		/* has had F_NOTIFY: the one bit that comes after the open */
#define FMODE_DETACHED	BIT(14)		/* holds a detached tree of mounts */
#define FMODE_DENYWRITE	BIT(13)		/* being executed: holds inode->writers below zero */

struct fs_type {
	const char *name;
	unsigned flags;			/* FS_* */
	/* Makes a super (or finds one). @data: option string, may be NULL. */
	int (*mount)(const struct fs_type *t, unsigned sb_flags, const char *source, const char *data, struct super **out);
	void (*kill)(struct super *sb);	/* last mount gone */
	/* For fsconfig(2): names of the options, ended by NULL; without it they are looked at when the super is made. */
	const char *const *params;
	int (*check_param)(const char *option);	/* "name=value" or "name": 0 or -EINVAL */
	struct list_head link;
};
#define FS_NODEV	BIT(0)		/* "nodev" in /proc/filesystems */
#define FS_USERNS_MOUNT	BIT(1)
struct super_ops {
	struct inode *(*alloc_inode)(struct super *sb);
	void (*free_inode)(struct rcu_head *inode_rcu);	/* after a grace period; inode->sb may be gone by then */
	void (*evict)(struct inode *inode);		/* last reference: contents go */
	int (*statfs)(struct super *sb, struct kstatfs *st);
	int (*remount)(struct super *sb, unsigned flags, const char *data);
	int (*show_options)(struct super *sb, char *buf, size_t size);
	int (*sync)(struct super *sb, bool wait);
	bool keep_unused;				/* inodes with links stay when unreferenced */
};
struct super {
	const struct fs_type *type;	/* [I] */
	const struct super_ops *ops;	/* [I] */
	const struct dentry_ops *dops;	/* [I] default for its dentries */
	atomic_t refs;			/* mounts and openers */
	unsigned flags;			/* SB_RDONLY ... */
	dev_t dev;			/* [I] */
	uint64_t magic;
	uint32_t block_size;
	uint32_t attributes_mask;	/* [I] STATX_ATTR_* that its inodes can have */
	loff_t max_bytes;
	struct dentry *root;
	struct mutex rename_mutex;	/* LR_RENAME */
	struct spinlock inodes_lock;	/* LR_INODE_LIST */
	struct list_head inodes;
	struct list_head link;
	const char *source;
	void *private;
	uint32_t time_gran;
	struct rcu_head rcu;
};
#define SB_RDONLY 1
#define SB_NOSUID 2
#define SB_NODEV 4
#define SB_NOEXEC 8
#define SB_SYNCHRONOUS 16
#define SB_NOATIME 1024
#define SB_NODIRATIME 2048
#define SB_SILENT 32768
struct kstatfs {
	uint64_t type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags;
};
struct mount {
	struct hlist_node hash;		/* [R, m] by (parent, mountpoint) */
	struct mount *parent;		/* [m] self for the root of a namespace or a detached one */
	struct dentry *mountpoint;	/* [m] */
	struct dentry *root;		/* [I] */
	struct super *sb;		/* [I] */
	atomic_t refs;			/* users: files, cwds, children */
	unsigned flags;			/* [m] MNT_* */
	int id;				/* [I] */
	struct mnt_ns *ns;		/* [m] NULL: detached */
	struct list_head children, child_link;	/* [m] */
	struct list_head ns_link;	/* [m] in mount order */
	struct list_head share;		/* [m] peers */
	struct list_head slaves, slave_link;	/* [m] */
	struct mount *master;
	int group_id;
	char *devname;
	atomic_t writers;		/* files open for writing: remount read-only is EBUSY */
	bool expiry_mark;
	struct list_head prop_link;	/* [mount_sem] a list of mounts that events propagate to */
	struct list_head dead_link;	/* being released */
	struct mount *ex_parent;	/* its reference is to be dropped */
	struct rcu_head rcu;
};
#define MNT_NOSUID 1u
#define MNT_NODEV 2u
#define MNT_NOEXEC 4u
#define MNT_NOATIME 8u
#define MNT_NODIRATIME 16u
#define MNT_RELATIME 32u
#define MNT_READONLY 64u
#define MNT_NOSYMFOLLOW 128u
#define MNT_SHARED 0x1000u
#define MNT_UNBINDABLE 0x2000u
#define MNT_DETACHED 0x4000u		/* top of a tree that only a descriptor holds */
#define MNT_WAS_WRITABLE 0x8000u	/* while mount_setattr() is at it */
#define MNT_LOCKED 0x800000u
struct mnt_ns {
	atomic_t refs;
	struct mount *root;
	struct list_head mounts;
	uint64_t event;			/* /proc/mounts poll */
	struct waitq poll;
	unsigned nr;
	ino_t ino;
	struct list_head link;		/* [m] all namespaces */
};
struct fs_context {			/* CLONE_FS: cwd, root, umask */
	atomic_t refs;
	struct spinlock lock;		/* LR_FS */
	struct seqcount seq;
	struct path root, pwd;
	umode_t umask;
};

/* Descriptors. files.c. */
struct fdtable {
	unsigned max;
	struct file **fd;		/* [R] */
	unsigned long *cloexec, *open;	/* [files->lock] bitmaps */
	struct rcu_head rcu;
};
struct files {
	atomic_t refs;
	struct fdtable *table;		/* [R] */
	struct spinlock lock;		/* LR_FILES */
	unsigned next;			/* [lock] no free number below it */
	bool resizing;
};
/* A borrowed file: no reference is taken while the table belongs to one task alone. Give back by fd_put(). */
struct fd {
	struct file *file;
	unsigned flags;			/* 1: drop the reference; 2: unlock pos */
};
struct fd fd_get(unsigned n);		/* file NULL: EBADF; O_PATH files are not found */
struct fd fd_get_raw(unsigned n);	/* O_PATH too */
struct fd fd_get_pos(unsigned n);	/* with pos_lock where the file needs it */
static inline void file_put(struct file *f);
void fd_put_slow(struct fd f);
static inline void fd_put(struct fd f)
{
	if (unlikely(f.flags))
		fd_put_slow(f);
}
struct file *file_get_fd(unsigned n);	/* a counted reference, or NULL; not O_PATH */
int fd_alloc(unsigned flags /* O_CLOEXEC */);		/* reserves the lowest number: n, -EMFILE, -ENOMEM */
int fd_alloc_from(unsigned from, unsigned flags);
void fd_install(unsigned n, struct file *f);		/* takes over the reference; cannot fail */
void fd_unreserve(unsigned n);
int fd_install_new(struct file *f, unsigned flags);	/* alloc + install; on error the reference is dropped */
int fd_close(unsigned n);
long fd_dup2(unsigned old, unsigned new);	/* dup2(2) */
int files_copy(uint64_t clone_flags, struct task *child) __must_check;
int files_unshare(unsigned end) __must_check;		/* current gets a table of its own, numbers below @end only */
void files_exit(struct task *t);
int files_exec(struct task *t) __must_check;		/* unshare, close-on-exec */
unsigned long files_open_count(void);			/* open files of the machine */
struct files *task_files_get(struct task *t);
void files_put(struct files *f);
struct file *files_lookup(struct files *fs, unsigned n);	/* RCU; with reference, O_PATH too */
int fs_context_copy(uint64_t clone_flags, struct task *child) __must_check;
void fs_context_exit(struct task *t);
int fs_context_unshare(void);

static inline struct file *file_get(struct file *f) { atomic_inc(&f->refs); return f; }
void file_put_final(struct file *f);			/* may be deferred to task work */
/* The same under any lock of a task's: the file's end comes on its way back to user mode. */
void file_put_late(struct file *f);
static inline void file_put(struct file *f)
{
	if (ref_put(&f->refs))
		file_put_final(f);
}
/* An open file with no name: pipes, epoll, eventfd, sockets, memfd. @name as shown by /proc/PID/fd ("anon_inode:[eventpoll]"). NULL with *err. */
struct file *anon_file_create(const char *name, const struct file_ops *ops, void *private, unsigned flags, int *err);
struct file *file_alloc(struct path *p, unsigned flags, const struct file_ops *ops, int *err);	/* takes over p's references on success */
/* An open file of such an inode (takes a reference of its own on it); several may share the inode. Shown as "FSNAME:[INO]". */
struct file *anon_inode_file(struct inode *inode, const struct file_ops *ops, void *private, unsigned flags, int *err);
struct inode *anon_inode_create(const char *fs_name, umode_t mode);	/* pipefs, sockfs */

/* Paths. namei.c. */
#define LOOKUP_FOLLOW	BIT(0)
#define LOOKUP_DIRECTORY BIT(1)
#define LOOKUP_PARENT	BIT(2)
#define LOOKUP_EMPTY	BIT(3)		/* AT_EMPTY_PATH */
#define LOOKUP_CREATE	BIT(4)
#define LOOKUP_EXCL	BIT(5)
#define LOOKUP_RENAME_TARGET BIT(6)
#define LOOKUP_NO_XDEV	BIT(8)		/* openat2 RESOLVE_* */
#define LOOKUP_NO_MAGICLINKS BIT(9)
#define LOOKUP_NO_SYMLINKS BIT(10)
#define LOOKUP_BENEATH	BIT(11)
#define LOOKUP_IN_ROOT	BIT(12)
#define LOOKUP_CACHED	BIT(13)
#define LOOKUP_REVAL	BIT(14)
int user_path_at(int dfd, const char __user *name, unsigned lookup, struct path *out) __must_check;
int kern_path(const char *name, unsigned lookup, struct path *out) __must_check;
int path_lookup_at(const struct path *base, const char *name, unsigned lookup, struct path *out) __must_check;
void path_get(const struct path *p);
void path_put(const struct path *p);
/* The absolute name as current sees it, at the end of buf; "(unreachable)", " (deleted)" as Linux prints. Returns start, or NULL (-ENAMETOOLONG). */
char *path_to_string(const struct path *p, char *buf, size_t size);
char *path_to_string_root(const struct path *p, const struct path *root, char *buf, size_t size, bool deleted_mark);
/* Copies a path name from user memory into a PATH_MAX buffer of the name cache: 0, -EFAULT, -ENAMETOOLONG, -ENOENT (empty), -ENOMEM. */
int getname(const char __user *u, unsigned lookup, char **out) __must_check;
void putname(char *name);
struct file *file_open(int dfd, const char *name, unsigned flags, umode_t mode, int *err);	/* kernel name */
struct file *file_open_path(const struct path *p, unsigned flags, int *err);
struct file *file_open_exec(int dfd, const char *name, unsigned at_flags, int *err);	/* execute permission, deny writes */
int vfs_mkdir(const char *name, umode_t mode);		/* boot helpers: initramfs, devtmpfs */
int vfs_mknod(const char *name, umode_t mode, dev_t dev);
int vfs_mksocket(const char *name, umode_t mode, struct path *out) __must_check;	/* bind(2) of a Unix socket; out with references */
int vfs_symlink(const char *target, const char *name);
int vfs_link(const char *old, const char *name);
int vfs_unlink(const char *name, bool dir);
int vfs_chown(const char *name, uid_t uid, gid_t gid, bool follow);
int vfs_chmod(const char *name, umode_t mode);
int vfs_set_times(const char *name, nsec_t atime, nsec_t mtime);

/* Reading and writing for kernel users; @buf is kernel memory. */
ssize_t kernel_read(struct file *f, void *buf, size_t n, loff_t *pos);
ssize_t kernel_write(struct file *f, const void *buf, size_t n, loff_t *pos);
ssize_t vfs_read(struct file *f, struct iov_iter *to, loff_t *pos);	/* checks mode, limits; fsnotify */
ssize_t vfs_write(struct file *f, struct iov_iter *from, loff_t *pos);
loff_t generic_llseek(struct file *f, loff_t off, int whence);
/* A position that is a mark: of a directory, of a file made as it is read. No size, no SEEK_END. */
loff_t endless_llseek(struct file *f, loff_t off, int whence);
loff_t noop_llseek(struct file *f, loff_t off, int whence);		/* succeeds and moves nothing */
loff_t no_llseek(struct file *f, loff_t off, int whence);		/* -ESPIPE */
loff_t fixed_size_llseek(struct file *f, loff_t off, int whence, loff_t size);
int stream_open(struct inode *inode, struct file *f);			/* no position */

/* Inodes and dentries, for file systems. */
struct inode *inode_create(struct super *sb);		/* refs 1, zeroed, times now; NULL: no memory */
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode);	/* fsuid, fsgid, set-gid directories */
static inline struct inode *inode_get(struct inode *i) { atomic_inc(&i->refs); return i; }
void inode_put(struct inode *inode);
void inode_init_special(struct inode *inode, umode_t mode, dev_t dev);	/* devices, FIFOs, sockets */
void inode_nlink_add(struct inode *inode, int n);
ino_t ino_next(void);
int generic_permission(struct inode *inode, int mask);
int inode_permission(struct inode *inode, int mask);	/* MAY_*; read-only file systems, immutable */
#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4
#define MAY_APPEND 8
#define MAY_ACCESS 16
#define MAY_OPEN 32
#define MAY_CHDIR 64
int setattr_check(struct dentry *d, struct iattr *a);	/* may the caller? */
void truncate_attr(struct iattr *a, const struct inode *inode, loff_t length, struct file *f);
void setattr_copy(struct inode *inode, const struct iattr *a);
int notify_change(const struct path *p, struct iattr *a);	/* rwsem taken inside */
void generic_fill_stat(struct inode *inode, struct kstat *st);
int vfs_getattr(const struct path *p, struct kstat *st);
void touch_atime(const struct path *p);			/* relatime */
int file_update_time(struct file *f);
void inode_kill_file_caps(struct inode *inode);		/* rwsem held for writing */
int file_remove_privs(struct file *f);			/* set-id bits go on write */

uint32_t name_hash(const struct dentry *parent, const char *name, unsigned len);
struct dentry *dentry_alloc(struct dentry *parent, const struct qstr *name);	/* refs 1, negative, unhashed, child of parent */
struct dentry *dentry_alloc_root(struct inode *inode);	/* takes over the inode reference */
struct dentry *dentry_alloc_anon(struct super *sb, const struct qstr *name);
static inline struct dentry *dentry_get(struct dentry *d) { atomic_inc(&d->refs); return d; }
void dentry_put(struct dentry *d);
void d_instantiate(struct dentry *d, struct inode *inode);	/* takes over the inode reference */
void d_add(struct dentry *d, struct inode *inode);		/* hash + instantiate (NULL: negative) */
void d_delete(struct dentry *d);				/* after unlink: becomes negative or is unhashed */
void d_drop(struct dentry *d);
void d_move(struct dentry *d, struct dentry *target, bool exchange);
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);	/* with reference */
struct dentry *d_hash_lookup_name(struct dentry *parent, const char *name, unsigned len);
bool d_is_ancestor(const struct dentry *a, const struct dentry *d);
bool d_has_children(struct dentry *d);
void dcache_shrink_super(struct super *sb);
static inline bool d_is_dir(const struct dentry *d) { return d->inode && (d->inode->mode & S_IFMT) == S_IFDIR; }

/* Mounts. */
int fs_type_register(struct fs_type *t);
struct fs_type *fs_type_find(const char *name);
struct super *super_alloc(const struct fs_type *t, unsigned flags);	/* anonymous device number */
void super_put(struct super *sb);
void super_remount_all_readonly(void);		/* sysrq */
int kern_mount(const char *type, const char *source, const char *dir, unsigned flags, const char *data);
struct mount *kern_mount_detached(const char *type, const char *source, unsigned flags, const char *data, int *err);
int mount_root_init(void);				/* rootfs and the first namespace */
bool mount_readonly(const struct mount *m);
int mnt_want_write(struct mount *m) __must_check;	/* -EROFS */
void mnt_drop_write(struct mount *m);
extern struct seqcount rename_seq;
struct mount *mount_lookup(struct mount *parent, struct dentry *d);	/* RCU */
struct nsproxy;

/* Character devices: by (major, first minor..+n). chrdev_open fills f->ops. */
int chrdev_register(dev_t first, unsigned count, const char *name, const struct file_ops *ops, void *data);
void *chrdev_data(dev_t dev);
/* Makes /dev/NAME in devtmpfs (and its directories). Works before it is mounted. */
int devtmpfs_create(const char *name, umode_t mode, dev_t dev);
int devtmpfs_remove(const char *name);
extern const struct file_ops chrdev_fops, pipe_fops, fifo_fops, bad_fops;

/* File locks (flock, POSIX, OFD): locks.c. Called at close and exit. */
void locks_close(struct file *f, struct files *owner);	/* POSIX locks of this table go */
void locks_release_file(struct file *f);		/* flock and OFD locks go with the last reference */

/* Simple in-memory directories (procfs fixed entries, sysfs, devpts): kernel/fs/simple.c */
int simple_statfs(struct super *sb, struct kstatfs *st);
int simple_setattr(struct dentry *d, struct iattr *a);
/* Reads a generated text: @show writes to a growing buffer. seq_file.c */
struct seq;
struct seq_ops {
	int (*show)(struct seq *s, void *arg);			/* whole file at once */
};
struct seq {
	char *buf;
	size_t size, count;
	bool overflow;
	struct file *file;
	void *private;
	loff_t valid_pos;
	int (*show)(struct seq *s, void *arg);
	struct mutex lock;
};
int seq_open(struct file *f, int (*show)(struct seq *, void *), void *arg);
ssize_t seq_read(struct file *f, struct iov_iter *to, loff_t *pos);
void seq_release(struct inode *inode, struct file *f);
void seq_printf(struct seq *s, const char *fmt, ...) __printf(2, 3);
void seq_puts(struct seq *s, const char *str);
void seq_putc(struct seq *s, char c);
void seq_write(struct seq *s, const void *p, size_t n);
void seq_put_u64(struct seq *s, uint64_t v);
void seq_put_padded(struct seq *s, const char *str, unsigned width);
void seq_escape(struct seq *s, const char *str, const char *escape);	/* those bytes as \\ooo */
void seq_escape_path(struct seq *s, const struct path *p, const struct path *root, const char *escape);

/* Text of /proc files; @t's view of the mounts. kernel/fs/vfs/mount_show.c, fs_type.c, locks.c. */
int vfs_show_mounts(struct seq *s, struct task *t);
int vfs_show_mountinfo(struct seq *s, struct task *t);
int vfs_show_mountstats(struct seq *s, struct task *t);
int vfs_show_filesystems(struct seq *s, void *unused);
int locks_show(struct seq *s, void *unused);
void locks_show_fd(struct seq *s, const struct file *f);	/* lines of fdinfo */
int chrdev_show(struct seq *s, void *unused);		/* /proc/devices */
extern unsigned sysctl_nr_open, sysctl_protected_symlinks, sysctl_protected_hardlinks, sysctl_protected_fifos, sysctl_protected_regular;
extern uint64_t sysctl_file_max;
extern int sysctl_mount_max;
uint64_t vfs_nr_files(void);		/* open files, for /proc/sys/fs/file-nr */
void vfs_dentry_stats(uint64_t *nr, uint64_t *unused);
struct pid;
/* Signal-driven I/O: @f has an event; @band POLLIN..., @code POLL_IN..., @fd its number */
void file_send_sigio(struct file *f, int band, int code, int fd);
void file_send_sigurg(struct file *f);			/* urgent data: SIGURG to the owner, O_ASYNC or not */
long shmem_seals(struct file *f, unsigned cmd, unsigned long arg);	/* F_ADD_SEALS, F_GET_SEALS */
int file_set_owner(struct file *f, int type, pid_t id);
struct mnt_ns *task_mnt_ns(struct task *t);
extern struct mnt_ns init_mnt_ns;
static inline struct mnt_ns *mnt_ns_get(struct mnt_ns *ns) { atomic_inc(&ns->refs); return ns; }
void mnt_ns_put(struct mnt_ns *ns);			/* may sleep */
/* A copy of @from; @fs (nobody else's) moves to its places there. mount_ns.c. */
int mnt_ns_copy(struct mnt_ns *from, struct fs_context *fs, struct mnt_ns **out) __must_check;
struct mnt_ns *task_mnt_ns_get(struct task *t);
void mnt_ns_root(struct mnt_ns *ns, struct path *out);	/* what stands topmost there; with references */
void fs_context_move(const struct path *p);		/* the running task's root and working directory */

void fs_init(void);			/* caches, rootfs */
/* Change notification for inotify and F_NOTIFY: cheap when nobody watches. */
void fsnotify_path(const struct path *p, uint32_t mask);
void fsnotify_dirent(struct inode *dir, const struct qstr *name, uint32_t mask, struct inode *target, uint32_t cookie);
void fsnotify_inode(struct inode *inode, uint32_t mask);
/* utimensat(2) with the times in kernel memory; NULL: now. */
struct timespec;
long vfs_utimens(int dfd, const char __user *path, const struct timespec *times, int flags);
