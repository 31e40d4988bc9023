/* SPDX-License-Identifier: MIT */
/*
 * File locks: flock(2), POSIX record locks and open-file-description locks (fcntl(2)),
 * advisory all.
 *
 * An inode's locks are one list, of all kinds; kinds do not see one another. POSIX locks
 * belong to a descriptor table,
 * OFD and flock locks to an open file. A POSIX or OFD list is kept with no two locks of one
 * owner overlapping.
 * Waiters sleep on one wait queue per inode's bucket and look again when a lock there changes;
 * a POSIX waiter records
 * whom it waits for, and a chain of these that leads back to it is EDEADLK.
 *
 * Locks: flock_lock (LR_FLOCK, one for all) protects every list and the waits. Allocation is
 * done before it is taken.
 */
#include <kernel/pid.h>
#include "vfs_internal.h"

enum lock_kind { KIND_FLOCK, KIND_POSIX, KIND_OFD };
struct file_lock {
	struct list_head link;		/* inode->locks */
	struct list_head all;		/* every lock, for /proc/locks */
	enum lock_kind kind;
	int type;			/* F_RDLCK, F_WRLCK */
	const void *owner;		/* struct files or struct file */
	struct file *file;		/* through which it was taken; no reference */
	struct inode *inode;
	pid_t pid;
	loff_t start, end;		/* inclusive; INT64_MAX: to the end */
};
struct lock_wait {			/* a task that waits */
	struct list_head link;		/* waits */
	const void *owner, *for_owner;
	const struct file_lock *req;
};
static DEFINE_SPINLOCK(flock_lock, LR_FLOCK);
static LIST_HEAD(all_locks);
static LIST_HEAD(waits);
#define WAITQS 16u
static struct waitq wait_queues[WAITQS];
static struct kmem_cache *lock_cache;

static struct waitq *queue_of(const struct inode *inode)
{
	return &wait_queues[((uintptr_t)inode >> 8) % WAITQS];
}

static struct file_lock *lock_new(void)
{
	return kmem_cache_alloc(lock_cache, GFP_KERNEL);
}

static void lock_link(struct file_lock *l, struct list_head *before)
{
	list_add_tail(&l->link, before);
	list_add_tail(&l->all, &all_locks);
}

static void lock_unlink(struct file_lock *l, struct list_head *dead)
{
	list_del(&l->link);
	list_del(&l->all);
	list_add(&l->link, dead);
}

static void free_all(struct list_head *dead)
{
	struct file_lock *l, *n;

	list_for_each_entry_safe(l, n, dead, link)
		kmem_cache_free(lock_cache, l);
}

/* POSIX and OFD locks exclude one another by owner; flock is a world of its own. */
static bool same_world(const struct file_lock *a, const struct file_lock *b)
{
	return (a->kind == KIND_FLOCK) == (b->kind == KIND_FLOCK);
}

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static struct file_lock *find_conflict(struct inode *inode, const struct file_lock *req)
{
	struct file_lock *l;

	list_for_each_entry(l, &inode->locks, link)
		if (same_world(l, req) && l->owner != req->owner &&
		    (l->type == F_WRLCK || req->type == F_WRLCK) && overlaps(l, req))
			return l;
	return NULL;
}

/* Would waiting for @owner's lock close a circle that ends at @me? */
static bool deadlock(const void *me, const void *owner)
{
	const struct lock_wait *w;
	unsigned hops = 0;

again:
	if (owner == me)
		return true;
	if (++hops > 64)
		return false;
	list_for_each_entry(w, &waits, link)
		if (w->owner == owner) {
			owner = w->for_owner;
			goto again;
		}
	return false;
}

/*
 * Enters @req into the inode's list over its owner's older locks: what it covers is replaced,
 * what it cuts is split
 * (@spare), equal neighbours join. F_UNLCK only cuts. @req may be consumed (returns true).
 */
static bool replace_range(struct inode *inode, struct file_lock *req, struct file_lock **spare,
			  struct list_head *dead)
{
	struct list_head *place = &inode->locks;
	struct file_lock *l, *n;

	list_for_each_entry_safe(l, n, &inode->locks, link) {
		bool same = l->type == req->type;

		if (l->kind != req->kind || l->owner != req->owner)
			continue;
		/* Equal types join also when they only touch. */
		if (l->end < req->start - (same && req->start > 0) ||
		    (req->end != INT64_MAX && l->start > req->end + same)) {
			if (l->start > req->end && place == &inode->locks)
				place = &l->link;
			continue;
		}
		if (same) {
			req->start = MIN(req->start, l->start);
			req->end = MAX(req->end, l->end);
			lock_unlink(l, dead);
			continue;
		}
		if (l->start < req->start && l->end > req->end) {	/* in two */
			struct file_lock *right = *spare;

			*spare = NULL;
			*right = *l;
			right->start = req->end + 1;
			lock_link(right, l->link.next);
			l->end = req->start - 1;
			place = &right->link;
			continue;
		}
		if (l->start < req->start) {
			l->end = req->start - 1;
		} else if (l->end > req->end) {
			l->start = req->end + 1;
			if (place == &inode->locks)
				place = &l->link;
		} else {
			lock_unlink(l, dead);
		}
	}
	if (req->type == F_UNLCK)
		return false;
	lock_link(req, place);
	return true;
}

/* flock: one lock per open file; a change of type gives up the old one first. */
static bool replace_flock(struct inode *inode, struct file_lock *req, struct list_head *dead)
{
	struct file_lock *l, *n;

	list_for_each_entry_safe(l, n, &inode->locks, link)
		if (l->kind == KIND_FLOCK && l->owner == req->owner)
			lock_unlink(l, dead);
	if (req->type == F_UNLCK)
		return false;
	lock_link(req, &inode->locks);
	return true;
}

/*
 * One attempt. -EAGAIN: somebody else has it (*w says who); @req is consumed on success unless
 * it was an unlock.
 */
static int try_lock(struct inode *inode, struct file_lock *req, struct file_lock **spare,
		    struct lock_wait *w, bool *used)
{
	LIST_HEAD(dead);
	struct file_lock *c;
	int err = 0;

	*used = false;
	spin_lock(&flock_lock);
	if (!list_empty(&w->link))
		list_del_init(&w->link);
	c = req->type == F_UNLCK ? NULL : find_conflict(inode, req);
	if (c) {
		err = -EAGAIN;
		if (req->kind == KIND_FLOCK) {
			/*
			 * As Linux: the old lock of this file is lost while a new one is
			 * waited for.
			 */
			struct file_lock *l, *n;

			list_for_each_entry_safe(l, n, &inode->locks, link)
				if (l->kind == KIND_FLOCK && l->owner == req->owner)
					lock_unlink(l, &dead);
		} else if (req->kind == KIND_POSIX && deadlock(req->owner, c->owner)) {
			err = -EDEADLK;
		}
		w->owner = req->owner;
		w->for_owner = c->owner;
		if (err == -EAGAIN)
			list_add(&w->link, &waits);
	} else if (req->kind == KIND_FLOCK) {
		*used = replace_flock(inode, req, &dead);
	} else {
		*used = replace_range(inode, req, spare, &dead);
	}
	spin_unlock(&flock_lock);
	if (!c || !list_empty(&dead))
		waitq_wake_all(queue_of(inode));
	free_all(&dead);
	return err;
}

static void wait_forget(struct lock_wait *w)
{
	spin_lock(&flock_lock);
	if (!list_empty(&w->link))
		list_del_init(&w->link);
	spin_unlock(&flock_lock);
}

/* Takes or gives up a lock. @wait: sleeps until it can be had. */
static int do_lock(struct file *f, struct file_lock *tmpl, bool wait)
{
	struct file_lock *req = lock_new(), *spare = lock_new();
	struct inode *inode = f->inode;
	struct lock_wait w = { .link = LIST_HEAD_INIT(w.link), .req = req };
	bool used = false;
	int err = -ENOLCK;

	if (!req || !spare)
		goto out;
	*req = *tmpl;
	req->file = f;
	req->inode = inode;
	err = try_lock(inode, req, &spare, &w, &used);
	if (err == -EAGAIN && wait) {
		int sleep = wait_event_interruptible(
			queue_of(inode),
			(err = try_lock(inode, req, &spare, &w, &used)) != -EAGAIN);

		if (sleep && err == -EAGAIN)
			err = sleep;
	}
	wait_forget(&w);
out:
	if (req && !used)
		kmem_cache_free(lock_cache, req);
	if (spare)
		kmem_cache_free(lock_cache, spare);
	return err;
}

long sys_flock(unsigned int fd, unsigned int cmd)
{
	struct file_lock t = { .kind = KIND_FLOCK, .start = 0, .end = INT64_MAX };
	bool wait = !(cmd & LOCK_NB);
	struct fd f;
	long err;

	switch (cmd & ~(unsigned)LOCK_NB) {
	case LOCK_SH:
		t.type = F_RDLCK;
		break;
	case LOCK_EX:
		t.type = F_WRLCK;
		break;
	case LOCK_UN:
		t.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	f = fd_get(fd);
	if (!f.file)
		return -EBADF;
	err = -EBADF;
	if (t.type == F_UNLCK || (f.file->mode & (FMODE_READ | FMODE_WRITE))) {
		t.owner = f.file;
		t.pid = current->proc->pid;
		err = do_lock(f.file, &t, wait);
	}
	fd_put(f);
	return err;
}

/* The user's range, as inclusive numbers. */
static int range_from(struct file *f, const struct flock *u, struct file_lock *l)
{
	loff_t start, end;

	switch (u->l_whence) {
	case SEEK_SET:
		start = 0;
		break;
	case SEEK_CUR:
		start = f->pos;
		break;
	case SEEK_END:
		start = READ_ONCE(f->inode->size);
		break;
	default:
		return -EINVAL;
	}
	if (u->l_start > INT64_MAX - start)
		return -EOVERFLOW;
	start += u->l_start;
	if (start < 0)
		return -EINVAL;
	if (u->l_len > 0) {
		if (u->l_len - 1 > INT64_MAX - start)
			return -EOVERFLOW;
		end = start + u->l_len - 1;
	} else if (u->l_len < 0) {
		if (start + u->l_len < 0)
			return -EINVAL;
		end = start - 1;
		start += u->l_len;
	} else {
		end = INT64_MAX;
	}
	l->start = start;
	l->end = end;
	return 0;
}

static long get_lock(struct file *f, struct file_lock *l, struct flock *u, void __user *arg)
{
	struct file_lock *c;

	if (u->l_type != F_RDLCK && u->l_type != F_WRLCK)
		return -EINVAL;
	l->type = u->l_type;
	spin_lock(&flock_lock);
	c = find_conflict(f->inode, l);
	if (c) {
		u->l_type = (int16_t)c->type;
		u->l_whence = SEEK_SET;
		u->l_start = c->start;
		u->l_len = c->end == INT64_MAX ? 0 : c->end - c->start + 1;
		u->l_pid = c->kind == KIND_OFD ? -1 : c->pid;
	} else {
		u->l_type = F_UNLCK;
	}
	spin_unlock(&flock_lock);
	return copy_to_user(arg, u, sizeof(*u)) ? -EFAULT : 0;
}

long fcntl_lock(unsigned fd, struct file *f, unsigned cmd, void __user *arg)
{
	bool ofd = cmd >= F_OFD_GETLK, wait = cmd == F_SETLKW || cmd == F_OFD_SETLKW;
	struct file_lock l = { .kind = ofd ? KIND_OFD : KIND_POSIX };
	struct flock u;
	struct file *still;
	int err;

	if (copy_from_user(&u, arg, sizeof(u)))
		return -EFAULT;
	if (ofd && u.l_pid)
		return -EINVAL;
	l.owner = ofd ? (void *)f : (void *)current->files;
	l.pid = ofd ? -1 : current->proc->pid;
	err = range_from(f, &u, &l);
	if (cmd == F_GETLK || cmd == F_OFD_GETLK)
		return err ? err : get_lock(f, &l, &u, arg);
	if (err)
		return err;
	switch (u.l_type) {
	case F_RDLCK:
		if (!(f->mode & FMODE_READ))
			return -EBADF;
		break;
	case F_WRLCK:
		if (!(f->mode & FMODE_WRITE))
			return -EBADF;
		break;
	case F_UNLCK:
		break;
	default:
		return -EINVAL;
	}
	l.type = u.l_type;
	err = do_lock(f, &l, wait);
	/* Another thread closed the descriptor meanwhile: its close found no lock to drop. */
	if (!err && l.type != F_UNLCK && !ofd && atomic_read(&current->files->refs) > 1) {
		still = files_lookup(current->files, fd);
		if (still != f) {
			l.type = F_UNLCK;
			do_lock(f, &l, false);
			err = -EBADF;
		}
		if (still)
			file_put(still);
	}
	return err;
}

static void drop_locks(struct inode *inode,
		       bool (*match)(const struct file_lock *l, const void *who), const void *who)
{
	LIST_HEAD(dead);
	struct file_lock *l, *n;

	spin_lock(&flock_lock);
	list_for_each_entry_safe(l, n, &inode->locks, link)
		if (match(l, who))
			lock_unlink(l, &dead);
	spin_unlock(&flock_lock);
	if (list_empty(&dead))
		return;
	free_all(&dead);
	waitq_wake_all(queue_of(inode));
}

static bool posix_of(const struct file_lock *l, const void *files)
{
	return l->kind == KIND_POSIX && l->owner == files;
}

static bool of_file(const struct file_lock *l, const void *file)
{
	return l->kind != KIND_POSIX && l->owner == file;
}

void locks_close(struct file *f, struct files *owner)
{
	drop_locks(f->inode, posix_of, owner);
}

void locks_release_file(struct file *f)
{
	drop_locks(f->inode, of_file, f);
}

static void show_one(struct seq *s, const struct file_lock *l, unsigned n)
{
	static const char *const kinds[] = { "FLOCK", "POSIX", "OFDLCK" };

	seq_printf(s, "%u: %s  ADVISORY  %s %d %02x:%02x:%lu %lld ", n, kinds[l->kind],
		   l->type == F_WRLCK ? "WRITE" : "READ ", l->pid, MAJOR(l->inode->sb->dev),
		   MINOR(l->inode->sb->dev), (unsigned long)l->inode->ino, (long long)l->start);
	if (l->end == INT64_MAX)
		seq_puts(s, "EOF\n");
	else
		seq_printf(s, "%lld\n", (long long)l->end);
}

/* /proc/locks. One line a lock; waiters ("->") are not kept per lock and not shown. */
int locks_show(struct seq *s, void *unused)
{
	struct file_lock *l;
	unsigned n = 0;

	spin_lock(&flock_lock);
	list_for_each_entry(l, &all_locks, all)
		show_one(s, l, ++n);
	spin_unlock(&flock_lock);
	return 0;
}

/* Lines of /proc/PID/fdinfo: the locks that were taken through @f. */
void locks_show_fd(struct seq *s, const struct file *f)
{
	struct file_lock *l;
	unsigned n = 0;

	spin_lock(&flock_lock);
	list_for_each_entry(l, &f->inode->locks, link) {
		if (l->file == f) {
			seq_puts(s, "lock:\t");
			show_one(s, l, ++n);
		}
	}
	spin_unlock(&flock_lock);
}

void __init locks_init(void)
{
	for (unsigned i = 0; i < WAITQS; i++)
		waitq_init(&wait_queues[i]);
	lock_cache = kmem_cache_create("file_lock", sizeof(struct file_lock), 8, 0, NULL);
	if (!lock_cache)
		panic("vfs: no memory for file locks");
}
