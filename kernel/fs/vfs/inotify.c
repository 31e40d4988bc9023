/* SPDX-License-Identifier: MIT */
/*
 * Change notification: the hooks that the VFS calls (fsnotify_*) and inotify(7) on top of them.
 *
 * A mark ties an inode to an inotify instance; it holds a reference on both. An inode's marks
 * hang on inode->watches, an
 * instance's on group->marks. An event names the watch; events in a row that are equal are
 * one. At most MAX_EVENTS
 * wait, then one overflow event.
 *
 * Locks: watch_lock (spin, LR_INODE_SPIN) for all lists of marks; group->lock (LR_EPOLL_READY)
 * for events, inside it.
 */
#include <kernel/poll.h>
#include <uapi/inotify.h>
#include <uapi/ioctl.h>
#include "vfs_internal.h"

#define MAX_EVENTS 16384u
#define MAX_WATCHES 65536u
#define MAX_INSTANCES 128u

struct event {
	struct list_head link;
	int wd;
	uint32_t mask, cookie, len;
	char name[];
};
struct group {
	atomic_t refs;
	struct spinlock lock;
	struct list_head events;	/* [lock] */
	unsigned nr_events;		/* [lock] */
	struct event *overflow;		/* [lock] made with the group: always to be had */
	bool overflowed;		/* [lock] it is queued */
	struct waitq wait;
	struct list_head marks;		/* [watch_lock] */
	unsigned nr_marks;		/* [watch_lock] */
	int next_wd;			/* [watch_lock] */
	struct file *file;		/* for SIGIO; no reference */
};
struct mark {
	struct list_head on_inode, on_group;
	struct inode *inode;		/* reference */
	struct group *group;		/* reference */
	int wd;
	uint32_t mask;
};
static DEFINE_SPINLOCK(watch_lock, LR_INODE_SPIN);
unsigned fsnotify_marks;		/* [watch_lock] all marks: zero makes the hooks free */

static void group_put(struct group *g)
{
	if (!ref_put(&g->refs))
		return;
	kfree(g->overflow);
	kfree(g);
}

static bool same_event(const struct event *a, int wd, uint32_t mask, uint32_t cookie,
		       const char *name, uint32_t len)
{
	return a->wd == wd && a->mask == mask && a->cookie == cookie && a->len == len &&
	       !memcmp(a->name, name, len);
}

/*
 * May be called with spinlocks held: the memory comes without sleeping, and its lack is an
 * overflow.
 */
static void queue_event(struct group *g, int wd, uint32_t mask, uint32_t cookie, const char *name,
			uint32_t len)
{
	struct event *e = kmalloc(sizeof(*e) + len + 1, GFP_ATOMIC);

	spin_lock(&g->lock);
	if (!list_empty(&g->events) && same_event(list_last_entry(&g->events, struct event, link),
						  wd, mask, cookie, name, len)) {
		spin_unlock(&g->lock);
		kfree(e);
		return;
	}
	if (!e || g->nr_events >= MAX_EVENTS) {
		if (!g->overflowed) {
			g->overflowed = true;
			list_add_tail(&g->overflow->link, &g->events);
		}
		spin_unlock(&g->lock);
		kfree(e);
		goto wake;
	}
	e->wd = wd;
	e->mask = mask;
	e->cookie = cookie;
	e->len = len;
	memcpy(e->name, name, len);
	e->name[len] = 0;
	list_add_tail(&e->link, &g->events);
	g->nr_events++;
	spin_unlock(&g->lock);
wake:
	waitq_wake_poll(&g->wait, POLLIN | POLLRDNORM);
}

/*
 * Takes @m off its lists; watch_lock held. The caller queues IN_IGNORED and drops the
 * references.
 */
static void unlink_mark(struct mark *m)
{
	list_del_init(&m->on_inode);
	list_del_init(&m->on_group);
	m->group->nr_marks--;
	fsnotify_marks--;
}

static void free_mark(struct mark *m)
{
	inode_put(m->inode);
	group_put(m->group);
	kfree(m);
}

/* Beside the events of a mask: the name through which it happened is gone. */
#define OF_UNLINKED BIT(24)

/* Events of @inode to its watchers. @name: as seen from a watched directory. */
static void notify(struct inode *inode, uint32_t mask, uint32_t cookie, const char *name,
		   uint32_t len)
{
	struct mark *m, *n;
	LIST_HEAD(gone);

	spin_lock(&watch_lock);
	list_for_each_entry_safe(m, n, &inode->watches, on_inode) {
		if (!(m->mask & mask & (IN_ALL_EVENTS | IN_UNMOUNT)))
			continue;
		if ((mask & OF_UNLINKED) && (m->mask & IN_EXCL_UNLINK))
			continue;
		queue_event(m->group, m->wd, mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_ISDIR), cookie,
			    name, len);
		if (m->mask & IN_ONESHOT) {
			unlink_mark(m);
			queue_event(m->group, m->wd, IN_IGNORED, 0, "", 0);
			list_add(&m->on_inode, &gone);
		}
	}
	spin_unlock(&watch_lock);
	list_for_each_entry_safe(m, n, &gone, on_inode)
		free_mark(m);
}

/* All watches of an inode that is no more end. */
static void end_watches(struct inode *inode)
{
	struct mark *m, *n;
	LIST_HEAD(gone);

	spin_lock(&watch_lock);
	list_for_each_entry_safe(m, n, &inode->watches, on_inode) {
		unlink_mark(m);
		queue_event(m->group, m->wd, IN_IGNORED, 0, "", 0);
		list_add(&m->on_inode, &gone);
	}
	spin_unlock(&watch_lock);
	list_for_each_entry_safe(m, n, &gone, on_inode)
		free_mark(m);
}

void fsnotify_inode(struct inode *inode, uint32_t mask)
{
	if (list_empty(&inode->watches))
		return;
	if (mask & ~IN_ISDIR) {
		uint32_t dir = S_ISDIR(inode->mode) && !(mask & (IN_DELETE_SELF | IN_MOVE_SELF))
				       ? IN_ISDIR
				       : 0;

		for (uint32_t bits = mask & ~IN_ISDIR; bits; bits &= bits - 1)
			notify(inode, (bits & -bits) | dir, 0, "", 0);
	}
	if (mask & IN_DELETE_SELF)
		end_watches(inode);
}

void fsnotify_dirent(struct inode *dir, const struct qstr *name, uint32_t mask,
		     struct inode *target, uint32_t cookie)
{
	if (target && S_ISDIR(target->mode))
		mask |= IN_ISDIR;
	if (!list_empty(&dir->watches))
		notify(dir, mask, cookie, name->name, name->len);
}

/*
 * An event on an object found by @p: the watchers of the directory it was found in, and its own.
 */
void fsnotify_path(const struct path *p, uint32_t mask)
{
	struct dentry *d = p->dentry, *parent = NULL;
	struct inode *inode = d->inode;

	if (S_ISDIR(inode->mode))
		mask |= IN_ISDIR;
	if (d->flags & D_UNHASHED)
		mask |= OF_UNLINKED;
	if (!d_is_root(d)) {
		spin_lock(&rename_lock);
		if (d->parent->inode && !list_empty(&d->parent->inode->watches))
			parent = dentry_get(d->parent);
		spin_unlock(&rename_lock);
	}
	if (parent) {
		notify(parent->inode, mask, 0, d->name.name, d->name.len);
		dentry_put(parent);
	}
	if (!list_empty(&inode->watches))
		notify(inode, mask, 0, "", 0);
}

/* The super is going: what is watched on it is told, and the watches end. */
void fsnotify_unmount(struct super *sb)
{
	struct inode *i, *watched;

	do {
		watched = NULL;
		spin_lock(&sb->inodes_lock);
		list_for_each_entry(i, &sb->inodes, sb_link)
			if (!list_empty(&i->watches)) {
				watched = inode_get(i);
				break;
			}
		spin_unlock(&sb->inodes_lock);
		if (watched) {
			notify(watched, IN_UNMOUNT | (S_ISDIR(watched->mode) ? IN_ISDIR : 0), 0, "",
			       0);
			end_watches(watched);
			inode_put(watched);
		}
	} while (watched);
}

/* The descriptor. */
static uint32_t inotify_poll(struct file *f, struct poll_table *pt)
{
	struct group *g = f->private;

	poll_wait(f, &g->wait, pt);
	return list_empty(&g->events) ? 0 : POLLIN | POLLRDNORM;
}

static size_t event_size(const struct event *e)
{
	return sizeof(struct inotify_event) + (e->len ? ALIGN_UP(e->len + 1, 16u) : 0);
}

/* The next event if it fits into @room. NULL: none; *err -EINVAL: it does not fit. */
static struct event *take_event(struct group *g, size_t room, int *err)
{
	struct event *e = NULL;

	*err = 0;
	spin_lock(&g->lock);
	if (!list_empty(&g->events)) {
		e = list_first_entry(&g->events, struct event, link);
		if (event_size(e) > room) {
			*err = -EINVAL;
			e = NULL;
		} else {
			list_del(&e->link);
			if (e == g->overflow)
				g->overflowed = false;
			else
				g->nr_events--;
		}
	}
	spin_unlock(&g->lock);
	return e;
}

static ssize_t put_event(const struct event *e, struct iov_iter *to)
{
	size_t size = event_size(e), name = size - sizeof(struct inotify_event);
	struct inotify_event u = { e->wd, e->mask, e->cookie, (uint32_t)name };

	if (copy_to_iter(&u, sizeof(u), to) != sizeof(u))
		return -EFAULT;
	if (name && (copy_to_iter(e->name, e->len, to) != e->len ||
		     zero_iter(name - e->len, to) != name - e->len))
		return -EFAULT;
	return (ssize_t)size;
}

static ssize_t inotify_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct group *g = f->private;
	ssize_t done = 0, n;
	struct event *e;
	int err;

	for (;;) {
		while ((e = take_event(g, to->count, &err))) {
			n = put_event(e, to);
			if (e != g->overflow)
				kfree(e);
			if (n < 0)
				return done ? done : n;
			done += n;
		}
		if (done)
			return done;
		if (err)
			return err;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&g->wait, !list_empty(&g->events));
		if (err)
			return err;
	}
}

static long inotify_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct group *g = f->private;
	struct event *e;
	size_t n = 0;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	spin_lock(&g->lock);
	list_for_each_entry(e, &g->events, link)
		n += event_size(e);
	spin_unlock(&g->lock);
	return put_user((int)n, (int __user *)arg);
}

static void inotify_release(struct inode *inode, struct file *f)
{
	struct group *g = f->private;
	struct event *e, *ne;
	struct mark *m;

	for (;;) {
		spin_lock(&watch_lock);
		m = list_first_entry_or_null(&g->marks, struct mark, on_group);
		if (m)
			unlink_mark(m);
		spin_unlock(&watch_lock);
		if (!m)
			break;
		free_mark(m);
	}
	list_for_each_entry_safe(e, ne, &g->events, link)
		if (e != g->overflow)
			kfree(e);
	list_init(&g->events);
	group_put(g);
}

static int inotify_fdinfo(struct file *f, char *buf, size_t size)
{
	struct group *g = f->private;
	struct mark *m;
	int n = 0;

	spin_lock(&watch_lock);
	list_for_each_entry(m, &g->marks, on_group)
		n += scnprintf(buf + n, size - (size_t)n,
			       "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0 \n", m->wd,
			       (unsigned long)m->inode->ino, m->inode->sb->dev, m->mask);
	spin_unlock(&watch_lock);
	return n;
}

static const struct file_ops inotify_fops = {
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
	.show_fdinfo = inotify_fdinfo,
	.llseek = noop_llseek,
};

long sys_inotify_init1(int flags)
{
	struct group *g;
	struct file *f;
	int err;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	g->overflow = kzalloc(sizeof(*g->overflow) + 1, GFP_KERNEL);
	if (!g->overflow) {
		kfree(g);
		return -ENOMEM;
	}
	g->overflow->wd = -1;
	g->overflow->mask = IN_Q_OVERFLOW;
	atomic_set(&g->refs, 1);
	spin_lock_init(&g->lock, LR_EPOLL_READY);
	list_init(&g->events);
	list_init(&g->marks);
	waitq_init(&g->wait);
	g->next_wd = 1;
	f = anon_file_create("anon_inode:inotify", &inotify_fops, g,
			     O_RDONLY | ((unsigned)flags & O_NONBLOCK), &err);
	if (!f) {
		group_put(g);
		return err;
	}
	f->mode &= ~(uint32_t)(FMODE_PREAD | FMODE_PWRITE);
	g->file = f;
	return fd_install_new(f, (unsigned)flags & O_CLOEXEC);
}

static struct group *group_of(struct fd f)
{
	return f.file->ops == &inotify_fops ? f.file->private : NULL;
}

/* A watch of @inode changes or begins. */
static int set_mark(struct group *g, struct inode *inode, uint32_t arg)
{
	uint32_t mask = (arg & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK)) | IN_UNMOUNT;
	struct mark *new = kmalloc(sizeof(*new), GFP_KERNEL), *m;
	int ret;

	if (!new)
		return -ENOMEM;
	spin_lock(&watch_lock);
	list_for_each_entry(m, &inode->watches, on_inode) {
		if (m->group != g)
			continue;
		ret = m->wd;
		if (arg & IN_MASK_CREATE)
			ret = -EEXIST;
		else
			m->mask = arg & IN_MASK_ADD ? m->mask | mask : mask;
		spin_unlock(&watch_lock);
		kfree(new);
		return ret;
	}
	if (g->nr_marks >= MAX_WATCHES) {
		spin_unlock(&watch_lock);
		kfree(new);
		return -ENOSPC;
	}
	*new = (struct mark){
		.inode = inode_get(inode), .group = g, .wd = g->next_wd++, .mask = mask
	};
	atomic_inc(&g->refs);
	g->nr_marks++;
	fsnotify_marks++;
	list_add(&new->on_inode, &inode->watches);
	list_add_tail(&new->on_group, &g->marks);
	ret = new->wd;
	spin_unlock(&watch_lock);
	return ret;
}

long sys_inotify_add_watch(int fd, const char __user *path, uint32_t mask)
{
	struct group *g;
	struct path p;
	struct fd f;
	long ret;

	if (!(mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR |
		      IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR |
		      IN_ONESHOT)))
		return -EINVAL;
	f = fd_get((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = -EINVAL;
	g = group_of(f);
	if (!g || ((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE)))
		goto out;
	ret = user_path_at(AT_FDCWD, path,
			   (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
				   (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0),
			   &p);
	if (ret)
		goto out;
	ret = inode_permission(p.dentry->inode, MAY_READ);
	if (!ret)
		ret = set_mark(g, p.dentry->inode, mask);
	path_put(&p);
out:
	fd_put(f);
	return ret;
}

long sys_inotify_rm_watch(int fd, int wd)
{
	struct fd f = fd_get((unsigned)fd);
	struct mark *m, *found = NULL;
	struct group *g;
	long ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	g = group_of(f);
	if (!g)
		goto out;
	spin_lock(&watch_lock);
	list_for_each_entry(m, &g->marks, on_group)
		if (m->wd == wd) {
			found = m;
			unlink_mark(m);
			queue_event(g, wd, IN_IGNORED, 0, "", 0);
			break;
		}
	spin_unlock(&watch_lock);
	if (found) {
		free_mark(found);
		ret = 0;
	}
out:
	fd_put(f);
	return ret;
}

void __init inotify_init(void)
{
}
