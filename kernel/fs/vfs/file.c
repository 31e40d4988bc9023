/* SPDX-License-Identifier: MIT */
/*
 * Open files: their making and their end.
 *
 * The cache is type-safe under RCU: memory of a closed file may become another file at once,
 * so whoever finds one in a
 * table without the table's lock takes a reference only from a non-zero count and then looks
 * again. Locks and
 * lists are set up once per object and left in their initial state when it is freed.
 *
 * The end of a file may sleep (contents go, pipes wake). Where the last reference is dropped
 * with preemption off, the
 * file is put on a list that a work empties.
 */
#include <kernel/poll.h>
#include <kernel/work.h>
#include "vfs_internal.h"

static struct kmem_cache *file_cache;
static atomic64_t nr_files;
static struct file *late_files;		/* [a] linked by file->private */
static struct work late_work;
uint64_t sysctl_file_max = INT64_MAX;

static void file_ctor(void *p)
{
	struct file *f = p;

	memset(f, 0, sizeof(*f));
	spin_lock_init(&f->lock, LR_FS);
	mutex_init(&f->pos_lock, LR_FPOS);
	list_init(&f->ep_links);
}

uint64_t vfs_nr_files(void)
{
	int64_t n = atomic64_read(&nr_files);

	return n < 0 ? 0 : (uint64_t)n;
}

static struct file *file_new(unsigned flags, int *err)
{
	struct file *f;

	if (unlikely((uint64_t)atomic64_read(&nr_files) >= sysctl_file_max) &&
	    !capable(CAP_SYS_ADMIN)) {
		*err = -ENFILE;
		return NULL;
	}
	f = kmem_cache_alloc(file_cache, GFP_KERNEL);
	if (unlikely(!f)) {
		*err = -ENOMEM;
		return NULL;
	}
	atomic64_inc(&nr_files);
	f->flags = flags;
	f->mode = ((flags + 1) &
		   (FMODE_READ | FMODE_WRITE)); /* O_ACCMODE 0, 1, 2 -> R, W, RW; 3 -> none */
	f->pos = 0;
	f->private = NULL;
	f->cred = cred_get((struct cred *)(uintptr_t)current_cred());
	f->owner = NULL;
	f->owner_sig = 0;
	f->version = 0;
	f->iolink = NULL;
	/* Findable from here on only through a table, after a release store. */
	atomic_set(&f->refs, 1);
	return f;
}

struct file *file_alloc(struct path *p, unsigned flags, const struct file_ops *ops, int *err)
{
	struct file *f = file_new(flags, err);

	if (!f)
		return NULL;
	f->path = *p;
	f->inode = p->dentry->inode;
	f->ops = ops;
	f->cache = f->inode->cache;
	return f;
}

unsigned long files_open_count(void)
{
	return (unsigned long)atomic64_read(&nr_files);
}

static void file_free(struct file *f)
{
	cred_put((struct cred *)(uintptr_t)f->cred);
	atomic64_dec(&nr_files);
	kmem_cache_free(file_cache, f);
}

/* A file that was made but never opened: its path stays the caller's. */
void file_free_unopened(struct file *f)
{
	atomic_set(&f->refs, 0);
	file_free(f);
}

static void file_release(struct file *f)
{
	struct inode *inode = f->inode;
	struct path path = f->path;
	uint32_t mode = f->mode;

	if (unlikely(mode & FMODE_PATH))
		goto out;
	if (inode_watched(inode))
		fsnotify_path(&path, mode & FMODE_WRITE ? 0x8 /* IN_CLOSE_WRITE */ : 0x10);
	if (unlikely(!list_empty(&f->ep_links)))
		epoll_file_release(f);
	if (unlikely(!list_empty(&inode->locks)))
		locks_release_file(f);
	if (unlikely(f->flags & O_ASYNC))
		file_set_async(f, false);
	if (f->ops->release)
		f->ops->release(inode, f);
	if (mode & FMODE_WRITER) {
		atomic_dec(&inode->writers);
		mnt_drop_write(path.mnt);
	} else if (mode & FMODE_DENYWRITE) {
		atomic_inc(&inode->writers);
	}
	if (f->owner)
		pid_put(f->owner);
out:
	if (unlikely(mode & FMODE_DETACHED))
		mount_dissolve(path.mnt);
	file_free(f);
	dentry_put(path.dentry);
	if (path.mnt)
		mnt_put(path.mnt);
}

static void late_release(struct work *w)
{
	struct file *f = xchg(&late_files, NULL), *next;

	for (; f; f = next) {
		next = f->iolink;
		f->iolink = NULL;
		file_release(f);
	}
}

static void put_off(struct file *f)
{
	struct file *old;

	do {
		old = READ_ONCE(late_files);
		f->iolink = old;
	} while (cmpxchg(&late_files, old, f) != old);
	work_queue(&late_work);
}

void file_put_final(struct file *f)
{
	if (likely(!preempt_count() && !arch_irqs_disabled()))
		file_release(f);
	else
		put_off(f);
}

static void release_on_return(struct task_work *w)
{
	file_release(container_of(w, struct file, work));
}

void file_put_late(struct file *f)
{
	if (!ref_put(&f->refs))
		return;
	f->work.fn = release_on_return;
	if (current->flags & (TF_KTHREAD | TF_EXITING) || task_work_add(current, &f->work))
		put_off(f);
}

int stream_open(struct inode *inode, struct file *f)
{
	f->mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	f->mode |= FMODE_STREAM;
	return 0;
}

void __init file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), CACHE_LINE,
				       KMEM_TYPESAFE_RCU | KMEM_ZEROED_ONCE, file_ctor);
	if (!file_cache)
		panic("vfs: no memory for files");
	work_init(&late_work, late_release);
}
