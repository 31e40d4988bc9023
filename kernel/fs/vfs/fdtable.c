/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables.
 *
 * A look-up takes no lock. In a table that one task owns alone nobody else can close the
 * number, so the file is
 * borrowed: no reference either. In a shared table a reference is taken from a non-zero count,
 * then the slot is
 * looked at again, because the file's memory may have become another file.
 *
 * A number is reserved (its bit set in `open`) before the file is there, so no two callers get
 * one number. The table
 * grows by replacement; readers see the old or the new one, both right for the slots they have.
 *
 * Locks: files->lock for every change; the old table is freed after a grace period.
 */
#include "vfs_internal.h"

#define FD_FIRST 64u
unsigned sysctl_nr_open = 1048576;
static struct kmem_cache *files_cache;


static void table_free_rcu(struct rcu_head *h)
{
	kvfree(container_of(h, struct fdtable, rcu));
}

/* One block: the struct, the pointers, two bitmaps. @n a multiple of 64. */
static struct fdtable *table_alloc(unsigned n)
{
	size_t size = sizeof(struct fdtable) + n * sizeof(struct file *) + 2 * (n / 8);
	struct fdtable *t = kvmalloc(size, GFP_KERNEL | GFP_ZERO | GFP_NOOOM);

	if (!t)
		return NULL;
	t->max = n;
	t->fd = (struct file **)(t + 1);
	t->open = (unsigned long *)(t->fd + n);
	t->cloexec = t->open + n / 64;
	return t;
}

static void table_copy(struct fdtable *to, const struct fdtable *from, unsigned n)
{
	memcpy(to->fd, from->fd, n * sizeof(*to->fd));
	memcpy(to->open, from->open, n / 8);
	memcpy(to->cloexec, from->cloexec, n / 8);
}

/* Makes room for number @n. files->lock held; dropped and taken again. 0, -EMFILE, -ENOMEM. */
static int table_grow(struct files *fs, unsigned n)
{
	struct fdtable *old, *new;
	unsigned max = MAX(FD_FIRST, 1u << (32 - __builtin_clz(n | 63)));

	if (n >= sysctl_nr_open)
		return -EMFILE;
	spin_unlock(&fs->lock);
	new = table_alloc(max);
	spin_lock(&fs->lock);
	if (!new)
		return -ENOMEM;
	old = fs->table;
	if (old->max > n) {
		kvfree(new);
		return 0;
	}
	table_copy(new, old, old->max);
	rcu_assign_pointer(fs->table, new);
	call_rcu(&old->rcu, table_free_rcu);
	return 0;
}

static int alloc_locked(struct files *fs, unsigned from, unsigned long limit, unsigned flags)
{
	struct fdtable *t;
	unsigned n;
	int err;

	for (;;) {
		t = fs->table;
		n = find_next_zero_bit(t->open, t->max, MAX(from, fs->next));
		if (n >= limit)
			return -EMFILE;
		if (likely(n < t->max))
			break;
		err = table_grow(fs, n);
		if (err)
			return err;
	}
	t->open[n / 64] |= 1ul << (n % 64);
	if (flags & O_CLOEXEC)
		t->cloexec[n / 64] |= 1ul << (n % 64);
	else
		t->cloexec[n / 64] &= ~(1ul << (n % 64));
	if (from <= fs->next)
		fs->next = n + 1;
	return (int)n;
}

int fd_alloc_from(unsigned from, unsigned flags)
{
	struct files *fs = current->files;
	unsigned long limit = rlimit(RLIMIT_NOFILE);
	int n;

	spin_lock(&fs->lock);
	n = alloc_locked(fs, from, limit, flags);
	spin_unlock(&fs->lock);
	return n;
}

int fd_alloc(unsigned flags)
{
	return fd_alloc_from(0, flags);
}

void fd_install(unsigned n, struct file *f)
{
	struct files *fs = current->files;

	/*
	 * Alone, nobody replaces the table under us; the release publishes the file's fields
	 * to RCU look-ups.
	 */
	if (likely(atomic_read(&fs->refs) == 1)) {
		rcu_assign_pointer(fs->table->fd[n], f);
		return;
	}
	spin_lock(&fs->lock);
	rcu_assign_pointer(fs->table->fd[n], f);
	spin_unlock(&fs->lock);
}

static void unreserve_locked(struct files *fs, unsigned n)
{
	struct fdtable *t = fs->table;

	t->open[n / 64] &= ~(1ul << (n % 64));
	if (n < fs->next)
		fs->next = n;
}

void fd_unreserve(unsigned n)
{
	struct files *fs = current->files;

	spin_lock(&fs->lock);
	unreserve_locked(fs, n);
	spin_unlock(&fs->lock);
}

int fd_install_new(struct file *f, unsigned flags)
{
	int n = fd_alloc(flags);

	if (n < 0)
		file_put(f);
	else
		fd_install((unsigned)n, f);
	return n;
}

/* Look-ups. */
static __noinline struct fd get_shared(struct files *fs, unsigned n, bool raw)
{
	struct file *f = files_lookup(fs, n);

	if (f && !raw && (f->mode & FMODE_PATH)) {
		file_put(f);
		f = NULL;
	}
	return (struct fd){ f, f ? 1 : 0 };
}

struct fd fd_get(unsigned n)
{
	struct files *fs = current->files;
	const struct fdtable *t;
	struct file *f;

	if (unlikely(atomic_read(&fs->refs) != 1))
		return get_shared(fs, n, false);
	t = fs->table;
	if (unlikely(n >= t->max))
		return (struct fd){ NULL, 0 };
	f = t->fd[n];
	if (unlikely(!f || (f->mode & FMODE_PATH)))
		return (struct fd){ NULL, 0 };
	return (struct fd){ f, 0 };
}

struct fd fd_get_raw(unsigned n)
{
	struct files *fs = current->files;
	const struct fdtable *t;

	if (unlikely(atomic_read(&fs->refs) != 1))
		return get_shared(fs, n, true);
	t = fs->table;
	return (struct fd){ n < t->max ? t->fd[n] : NULL, 0 };
}

struct fd fd_get_pos(unsigned n)
{
	struct fd fd = fd_get(n);

	if (fd.file && (fd.file->mode & FMODE_ATOMIC_POS) &&
	    (fd.flags || atomic_read(&fd.file->refs) > 1)) {
		mutex_lock(&fd.file->pos_lock);
		fd.flags |= 2;
	}
	return fd;
}

void fd_put_slow(struct fd fd)
{
	if (fd.flags & 2)
		mutex_unlock(&fd.file->pos_lock);
	if (fd.flags & 1)
		file_put(fd.file);
}

struct file *files_lookup(struct files *fs, unsigned n)
{
	const struct fdtable *t;
	struct file *f;

	rcu_read_lock();
	for (;;) {
		t = rcu_dereference(fs->table);
		f = n < t->max ? rcu_dereference(t->fd[n]) : NULL;
		if (!f || !atomic_inc_not_zero(&f->refs)) {
			if (!f)
				break;
			continue;
		}
		/*
		 * Still in its slot, of the table in force: then it is this file and no
		 * successor in its memory.
		 */
		if (likely(READ_ONCE(t->fd[n]) == f && READ_ONCE(fs->table) == t))
			break;
		rcu_read_unlock();
		file_put(f);
		rcu_read_lock();
	}
	rcu_read_unlock();
	return f;
}

struct file *file_get_fd(unsigned n)
{
	struct file *f = files_lookup(current->files, n);

	if (f && (f->mode & FMODE_PATH)) {
		file_put(f);
		return NULL;
	}
	return f;
}

/* A descriptor is given up: flush, the table's POSIX locks, the reference. */
int file_close(struct file *f, struct files *owner)
{
	int err = 0;

	if (unlikely(f->mode & (FMODE_PATH | FMODE_DNOTIFY))) {
		if (f->mode & FMODE_PATH)
			goto put;
		dnotify_close(f, owner);
	}
	if (f->ops->flush)
		err = f->ops->flush(f);
	if (unlikely(!list_empty(&f->inode->locks)))
		locks_close(f, owner);
put:
	file_put(f);
	return err;
}

/* Empties slot @n, lock held. NULL: it was not open (reserved counts as not open). */
struct file *fd_take_locked(struct files *fs, unsigned n)
{
	struct fdtable *t = fs->table;
	struct file *f;

	if (n >= t->max)
		return NULL;
	f = t->fd[n];
	if (f) {
		WRITE_ONCE(t->fd[n], NULL);
		unreserve_locked(fs, n);
	}
	return f;
}

int fd_close(unsigned n)
{
	struct files *fs = current->files;
	struct file *f;

	spin_lock(&fs->lock);
	f = fd_take_locked(fs, n);
	spin_unlock(&fs->lock);
	return f ? file_close(f, fs) : -EBADF;
}

/* dup2: @n becomes @f (reference taken over), whatever it was. */
int fd_replace(unsigned n, struct file *f, unsigned flags)
{
	struct files *fs = current->files;
	struct fdtable *t;
	struct file *old;
	int err;

	spin_lock(&fs->lock);
	while (n >= fs->table->max) {
		err = table_grow(fs, n);
		if (err) {
			spin_unlock(&fs->lock);
			file_put(f);
			return err == -EMFILE ? -EBADF : err;
		}
	}
	t = fs->table;
	old = t->fd[n];
	if (!old && (t->open[n / 64] >> (n % 64) & 1)) {
		spin_unlock(&fs->lock);		/* another thread is opening it right now */
		file_put(f);
		return -EBUSY;
	}
	rcu_assign_pointer(t->fd[n], f);
	t->open[n / 64] |= 1ul << (n % 64);
	if (flags & O_CLOEXEC)
		t->cloexec[n / 64] |= 1ul << (n % 64);
	else
		t->cloexec[n / 64] &= ~(1ul << (n % 64));
	spin_unlock(&fs->lock);
	if (old)
		file_close(old, fs);
	return (int)n;
}

/* Life of tables. */
static struct files *files_alloc(unsigned n)
{
	struct files *fs = kmem_cache_alloc(files_cache, GFP_KERNEL);

	if (!fs)
		return NULL;
	atomic_set(&fs->refs, 1);
	spin_lock_init(&fs->lock, LR_FILES);
	fs->next = 0;
	fs->resizing = false;
	fs->table = table_alloc(n);
	if (!fs->table) {
		kmem_cache_free(files_cache, fs);
		return NULL;
	}
	return fs;
}

static unsigned used_size(const struct fdtable *t)
{
	unsigned words = t->max / 64;

	while (words > 1 && !t->open[words - 1])
		words--;
	return MAX(FD_FIRST, 1u << (32 - __builtin_clz(words * 64 - 1)));
}

/* A copy in which every open file has one reference more; numbers from @end on are left out. */
static struct files *files_dup(struct files *from, unsigned end)
{
	struct files *fs;
	struct fdtable *t;
	unsigned n = used_size(from->table), i, w;

	for (;;) {
		fs = files_alloc(n);
		if (!fs)
			return NULL;
		spin_lock(&from->lock);
		if (used_size(from->table) <= n)
			break;
		n = used_size(from->table);
		spin_unlock(&from->lock);
		kvfree(fs->table);
		kmem_cache_free(files_cache, fs);
	}
	t = fs->table;
	memcpy(t->open, from->table->open, MIN(n, from->table->max) / 8);
	memcpy(t->cloexec, from->table->cloexec, MIN(n, from->table->max) / 8);
	for (w = 0; w < n / 64; w++) {
		unsigned long bits = t->open[w];

		for (; bits; bits &= bits - 1) {
			struct file *f;

			i = w * 64 + (unsigned)__builtin_ctzl(bits);
			f = i < end ? from->table->fd[i] : NULL;
			if (f)
				t->fd[i] = file_get(f);
			else
				t->open[w] &=
					~(1ul
					  << (i %
					      64)); /* reserved by another thread, or not wanted */
		}
	}
	fs->next = MIN(from->next, end);
	spin_unlock(&from->lock);
	return fs;
}

void files_put(struct files *fs)
{
	struct fdtable *t;
	unsigned w;

	if (!ref_put(&fs->refs))
		return;
	t = fs->table;
	for (w = 0; w < t->max / 64; w++) {
		unsigned long bits = t->open[w];

		for (; bits; bits &= bits - 1) {
			struct file *f = t->fd[w * 64 + (unsigned)__builtin_ctzl(bits)];

			if (f) {
				file_close(f, fs);
				cond_resched();
			}
		}
	}
	kvfree(t);
	kmem_cache_free(files_cache, fs);
}

static void set_task_files(struct task *t, struct files *fs)
{
	spin_lock(&t->lock);
	t->files = fs;
	spin_unlock(&t->lock);
}

#define CLONE_FS_FLAG	0x200ull
#define CLONE_FILES_FLAG 0x400ull
int files_copy(uint64_t flags, struct task *child)
{
	struct files *from = current->files;

	if (!from) {
		child->files = files_alloc(FD_FIRST);
		return child->files ? 0 : -ENOMEM;
	}
	if (flags & CLONE_FILES_FLAG) {
		atomic_inc(&from->refs);
		child->files = from;
		return 0;
	}
	child->files = files_dup(from, UINT32_MAX);
	return child->files ? 0 : -ENOMEM;
}

void files_exit(struct task *t)
{
	struct files *fs = t->files;

	if (!fs)
		return;
	set_task_files(t, NULL);
	files_put(fs);
}

int files_unshare(unsigned end)
{
	struct files *old = current->files, *new;

	if (atomic_read(&old->refs) == 1)
		return 0;
	new = files_dup(old, end);
	if (!new)
		return -ENOMEM;
	set_task_files(current, new);
	files_put(old);
	return 0;
}

int files_exec(struct task *task)
{
	struct files *fs;
	unsigned w;
	int err = files_unshare(UINT32_MAX);

	if (err)
		return err;
	fs = task->files;
	for (w = 0; w < fs->table->max / 64; w++) {
		while (fs->table->cloexec[w]) {
			unsigned n = w * 64 + (unsigned)__builtin_ctzl(fs->table->cloexec[w]);
			struct file *f;

			spin_lock(&fs->lock);
			fs->table->cloexec[w] &= ~(1ul << (n % 64));
			f = fd_take_locked(fs, n);
			spin_unlock(&fs->lock);
			if (f)
				file_close(f, fs);
		}
	}
	return 0;
}

struct files *task_files_get(struct task *t)
{
	struct files *fs;

	spin_lock(&t->lock);
	fs = t->files;
	if (fs)
		atomic_inc(&fs->refs);
	spin_unlock(&t->lock);
	return fs;
}

void __init files_init(void)
{
	files_cache = kmem_cache_create("files", sizeof(struct files), CACHE_LINE, 0, NULL);
	if (files_cache)
		init_task.files = files_alloc(FD_FIRST);	/* the kernel threads' */
	if (!files_cache || !init_task.files)
		panic("vfs: no memory for descriptor tables");
}
