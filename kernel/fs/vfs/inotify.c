/* SPDX-License-Identifier: MIT */
/*
 * inotify(7), on top of the hooks of fsnotify.c.
 *
 * A mark ties an inode to an inotify instance; it holds a reference on both. An instance's marks hang on
 * group->marks. An event names the watch; events in a row that are equal are one. At most MAX_EVENTS wait, then one
 * overflow event.
 *
 * Locks: fsnotify_lock for all lists of marks; group->lock (LR_EPOLL_READY) for events, inside it.
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
	struct list_head marks;		/* [fsnotify_lock] */
	unsigned nr_marks;		/* [fsnotify_lock] */
	int next_wd;			/* [fsnotify_lock] */
	struct file *file;		/* for SIGIO; no reference */
};
struct mark {
	struct fsmark fs;
	struct list_head on_group;
	struct group *group;		/* reference */
	int wd;
};

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

/* ---- a mark's operations, see struct fsmark_ops */
static inline struct mark *mark_of(struct fsmark *m)
{
	return container_of(m, struct mark, fs);
}

static bool mark_event(struct fsmark *fm, uint32_t mask, uint32_t cookie, const char *name, uint32_t len)
{
	struct mark *m = mark_of(fm);

	if ((mask & FSN_UNLINKED) && (fm->mask & IN_EXCL_UNLINK))
		return false;
	queue_event(m->group, m->wd, mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_ISDIR), cookie, name, len);
	return fm->mask & IN_ONESHOT;
}

static void mark_ended(struct fsmark *fm)
{
	struct mark *m = mark_of(fm);

	list_del_init(&m->on_group);
	m->group->nr_marks--;
	queue_event(m->group, m->wd, IN_IGNORED, 0, "", 0);
}

static void mark_free(struct fsmark *fm)
{
	struct mark *m = mark_of(fm);

	group_put(m->group);
	kfree(m);
}

static const struct fsmark_ops inotify_mark_ops = { mark_event, mark_ended, mark_free };

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
		spin_lock(&fsnotify_lock);
		m = list_first_entry_or_null(&g->marks, struct mark, on_group);
		if (m)
			fsmark_unlink_locked(&m->fs);
		spin_unlock(&fsnotify_lock);
		if (!m)
			break;
		fsmark_free(&m->fs);
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

	spin_lock(&fsnotify_lock);
	list_for_each_entry(m, &g->marks, on_group)
		n += scnprintf(buf + n, size - (size_t)n,
			       "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0 \n", m->wd,
			       (unsigned long)m->fs.inode->ino, m->fs.inode->sb->dev, m->fs.mask);
	spin_unlock(&fsnotify_lock);
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
	struct mark *new = kmalloc(sizeof(*new), GFP_KERNEL);
	struct fsmark *m;
	int ret;

	if (!new)
		return -ENOMEM;
	spin_lock(&fsnotify_lock);
	list_for_each_entry(m, &inode->watches, on_inode) {
		if (m->ops != &inotify_mark_ops || mark_of(m)->group != g)
			continue;
		ret = mark_of(m)->wd;
		if (arg & IN_MASK_CREATE)
			ret = -EEXIST;
		else
			m->mask = arg & IN_MASK_ADD ? m->mask | mask : mask;
		spin_unlock(&fsnotify_lock);
		kfree(new);
		return ret;
	}
	if (g->nr_marks >= MAX_WATCHES) {
		spin_unlock(&fsnotify_lock);
		kfree(new);
		return -ENOSPC;
	}
	*new = (struct mark){ .group = g, .wd = g->next_wd++ };
	atomic_inc(&g->refs);
	g->nr_marks++;
	fsmark_link_locked(&new->fs, &inotify_mark_ops, inode, mask);
	list_add_tail(&new->on_group, &g->marks);
	ret = new->wd;
	spin_unlock(&fsnotify_lock);
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
	spin_lock(&fsnotify_lock);
	list_for_each_entry(m, &g->marks, on_group)
		if (m->wd == wd) {
			found = m;
			fsmark_unlink_locked(&m->fs);
			break;
		}
	spin_unlock(&fsnotify_lock);
	if (found) {
		fsmark_free(&found->fs);
		ret = 0;
	}
out:
	fd_put(f);
	return ret;
}
