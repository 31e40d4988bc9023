/* SPDX-License-Identifier: MIT */
/*
 * epoll(7).
 *
 * An instance holds its items (file, number) in a tree, and those that may be ready on a list. A file's wake-up puts
 * its item on the list and wakes the waiters; epoll_wait asks each listed file again, reports what is true, and leaves
 * level-triggered items on the list. Cost per call goes with what is ready, never with what is watched.
 *
 * Locks: ep->mutex (LR_EPOLL) over the tree, the items and delivery; ep->lock (irq-safe) over the ready list, taken
 * from wake-ups under the file's wait-queue lock; nest_mutex (LR_EPOLL_NEST) over changes of who watches whom, so that
 * loops are refused, and over the end of files and instances, so that neither goes while the other looks at it. An item goes when it is
 * deleted, its instance is closed, or its file is (epoll_file_release). Nested instances take ep->lock and poll_wait of the outer one
 * under those of the inner one; the nesting check keeps that acyclic, so these two have no rank.
 */
#include <kernel/poll.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/rbtree.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/eventpoll.h>

#define EP_PRIVATE (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define EP_EXCLUSIVE_OK (POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define EP_NEST_MAX 5
#define EP_EVENTS_MAX (INT32_MAX / (int)sizeof(struct epoll_event))

struct epoll {
	struct mutex mutex;		/* LR_EPOLL */
	struct spinlock lock;		/* ready list; no rank: see above */
	struct rb_root items;		/* [mutex] */
	struct list_head ready;		/* [lock] items */
	struct waitq wait;		/* epoll_wait sleepers */
	struct waitq poll_wait;		/* those who poll us: inner rank, woken from a wake-up */
	struct file *file;
	unsigned nitems;
};
struct ep_wait {			/* one queue of the file; most have one */
	struct waiter w;
	struct waitq *q;
	struct ep_item *item;
	struct ep_wait *next;
};
struct ep_item {
	struct rb_node node;		/* [mutex] by (file, fd) */
	struct list_head ready;		/* [lock]; empty: not queued */
	struct list_head file_link;	/* [file->lock] file->ep_links */
	struct epoll *ep;
	struct file *file;		/* no reference: its release removes us */
	unsigned fd;
	struct epoll_event event;	/* [mutex, and lock for wake-ups] */
	struct ep_wait first;
	struct ep_wait *waits;		/* chain; NULL: none */
	bool wait_failed;
};
struct ep_queue {
	struct poll_table pt;
	struct ep_item *item;
};

static DEFINE_MUTEX(nest_mutex, LR_EPOLL_NEST);
static struct kmem_cache *item_cache;
static const struct file_ops epoll_fops;

static bool is_epoll(const struct file *f)
{
	return f->ops == &epoll_fops;
}

static void wake_watchers(struct epoll *ep)
{
	waitq_wake(&ep->wait);
	if (!list_empty(&ep->poll_wait.head))
		waitq_wake_all_poll(&ep->poll_wait, POLLIN | POLLRDNORM);
}

/* The file's wake-up; its wait queue's lock is held, interrupts off. */
static bool ep_wake(struct waiter *w, unsigned mode, uint32_t key)
{
	struct ep_item *it = container_of(w, struct ep_wait, w)->item;
	struct epoll *ep = it->ep;
	uint32_t want = READ_ONCE(it->event.events);
	bool counts = true;

	/* Disabled by EPOLLONESHOT, or news that was not asked for. */
	if (!(want & ~EP_PRIVATE) || (key && !(key & want)))
		return false;
	spin_lock(&ep->lock);
	if (list_empty(&it->ready))
		list_add_tail(&it->ready, &ep->ready);
	spin_unlock(&ep->lock);
	if (want & EPOLLEXCLUSIVE)
		counts = waitq_active(&ep->wait);
	wake_watchers(ep);
	return counts;
}

static void ep_queue_fn(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct ep_item *it = container_of(pt, struct ep_queue, pt)->item;
	struct ep_wait *w = it->waits ? kmalloc(sizeof(*w), GFP_KERNEL) : &it->first;

	if (!w) {
		it->wait_failed = true;
		return;
	}
	w->item = it;
	w->q = q;
	w->next = it->waits;
	it->waits = w;
	waiter_init(&w->w, NULL);
	w->w.fn = ep_wake;
	w->w.exclusive = it->event.events & EPOLLEXCLUSIVE;
	waitq_add(q, &w->w);
}

/* What is true of the item's file now. With @pt the item is enqueued on the file's queues. */
static uint32_t item_poll(struct ep_item *it, struct poll_table *pt)
{
	if (pt)
		pt->key = it->event.events;
	return vfs_poll(it->file, pt) & it->event.events;
}

static int item_cmp(const struct file *f, unsigned fd, const struct ep_item *it)
{
	if (f != it->file)
		return f < it->file ? -1 : 1;
	return fd < it->fd ? -1 : fd > it->fd;
}

static struct ep_item *item_find(struct epoll *ep, const struct file *f, unsigned fd)
{
	struct rb_node *n = ep->items.node;

	while (n) {
		struct ep_item *it = rb_entry(n, struct ep_item, node);
		int c = item_cmp(f, fd, it);

		if (!c)
			return it;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

static void item_link(struct epoll *ep, struct ep_item *it)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item_cmp(it->file, it->fd, rb_entry(parent, struct ep_item, node)) < 0 ? &parent->left : &parent->right;
	}
	rb_link(&it->node, parent, link);
	rb_insert_fixup(&it->node, &ep->items);
	ep->nitems++;
}

static void ready_add(struct epoll *ep, struct ep_item *it)
{
	irqflags_t f = spin_lock_irqsave(&ep->lock);

	if (list_empty(&it->ready))
		list_add_tail(&it->ready, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, f);
}

/* Off the file's queues: no wake-up touches the item after this. */
static void item_unqueue(struct ep_item *it)
{
	while (it->waits) {
		struct ep_wait *w = it->waits;

		it->waits = w->next;
		waitq_remove(w->q, &w->w);
		if (w != &it->first)
			kfree(w);
	}
}

/* ep->mutex and nest_mutex held; the item is on no list of the file's any more. */
static void item_free(struct epoll *ep, struct ep_item *it)
{
	irqflags_t f;

	item_unqueue(it);
	f = spin_lock_irqsave(&ep->lock);
	if (!list_empty(&it->ready))
		list_del_init(&it->ready);
	spin_unlock_irqrestore(&ep->lock, f);
	rb_erase(&it->node, &ep->items);
	ep->nitems--;
	kmem_cache_free(item_cache, it);
}

static void item_remove(struct epoll *ep, struct ep_item *it)
{
	spin_lock(&it->file->lock);
	list_del_init(&it->file_link);
	spin_unlock(&it->file->lock);
	item_free(ep, it);
}

/* The last reference of a watched file went: nobody can add it any more, but its items may be going by another way. */
void epoll_file_release(struct file *f)
{
	mutex_lock(&nest_mutex);
	for (;;) {
		struct ep_item *it;
		struct epoll *ep;

		spin_lock(&f->lock);
		it = list_first_entry_or_null(&f->ep_links, struct ep_item, file_link);
		if (it)
			list_del_init(&it->file_link);
		spin_unlock(&f->lock);
		if (!it)
			break;
		ep = it->ep;	/* stays: its release takes nest_mutex before it frees */
		mutex_lock(&ep->mutex);
		item_free(ep, it);
		mutex_unlock(&ep->mutex);
	}
	mutex_unlock(&nest_mutex);
}

static void epoll_release(struct inode *inode, struct file *f)
{
	struct epoll *ep = f->private;
	struct rb_node *n;

	mutex_lock(&nest_mutex);
	mutex_lock(&ep->mutex);
	while ((n = rb_first(&ep->items)))
		item_remove(ep, rb_entry(n, struct ep_item, node));
	mutex_unlock(&ep->mutex);
	mutex_unlock(&nest_mutex);
	kfree(ep);
}

/* An epoll descriptor that is polled itself: is one of its listed items really ready? */
static uint32_t epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = f->private;
	LIST_HEAD(mine);
	uint32_t ev = 0;
	irqflags_t fl;

	poll_wait(f, &ep->poll_wait, pt);
	if (list_empty(&ep->ready))
		return 0;
	mutex_lock_nested(&ep->mutex);
	fl = spin_lock_irqsave(&ep->lock);
	list_splice_init(&ep->ready, &mine);
	spin_unlock_irqrestore(&ep->lock, fl);
	while (!list_empty(&mine)) {
		struct ep_item *it = list_first_entry(&mine, struct ep_item, ready);

		if (item_poll(it, NULL)) {
			ev = POLLIN | POLLRDNORM;
			break;
		}
		/* Was on the list for old news. */
		fl = spin_lock_irqsave(&ep->lock);
		list_del_init(&it->ready);
		spin_unlock_irqrestore(&ep->lock, fl);
	}
	fl = spin_lock_irqsave(&ep->lock);
	list_splice_init(&mine, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, fl);
	mutex_unlock(&ep->mutex);
	return ev;
}

static int epoll_fdinfo(struct file *f, char *buf, size_t size)
{
	struct epoll *ep = f->private;
	int n = 0;

	mutex_lock(&ep->mutex);
	for (struct rb_node *r = rb_first(&ep->items); r; r = rb_next(r)) {
		struct ep_item *it = rb_entry(r, struct ep_item, node);

		n += scnprintf(buf + n, size - (size_t)n, "tfd: %8d events: %8x data: %16lx  pos:%li ino:%lx sdev:%x\n", (int)it->fd,
			       it->event.events, (unsigned long)it->event.data, (long)it->file->pos,
			       (unsigned long)it->file->inode->ino, it->file->inode->sb->dev);
	}
	mutex_unlock(&ep->mutex);
	return n;
}

static const struct file_ops epoll_fops = {
	.poll = epoll_poll,
	.release = epoll_release,
	.llseek = noop_llseek,
	.show_fdinfo = epoll_fdinfo,
};

long sys_epoll_create1(int flags)
{
	struct epoll *ep;
	struct file *f;
	int err = 0;

	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		return -ENOMEM;
	mutex_init(&ep->mutex, LR_EPOLL);
	spin_lock_init(&ep->lock, LR_NONE);
	list_init(&ep->ready);
	waitq_init_inner(&ep->wait);
	waitq_init_inner(&ep->poll_wait);
	spin_lock_init(&ep->poll_wait.lock, LR_NONE);
	f = anon_file_create("[eventpoll]", &epoll_fops, ep, O_RDWR, &err);
	if (!f) {
		kfree(ep);
		return err;
	}
	ep->file = f;
	return fd_install_new(f, (unsigned)flags & O_CLOEXEC);
}

/* Would watching @target from @ep close a circle, or nest too deep? Depth below @target; -ELOOP. nest_mutex held. */
static int nest_depth(struct epoll *target, const struct epoll *ep, int level)
{
	int depth = 0;

	if (target == ep || level > EP_NEST_MAX)
		return -ELOOP;
	for (struct rb_node *r = rb_first(&target->items); r; r = rb_next(r)) {
		struct ep_item *it = rb_entry(r, struct ep_item, node);
		int d;

		if (!is_epoll(it->file))
			continue;
		d = nest_depth(it->file->private, ep, level + 1);
		if (d < 0)
			return d;
		depth = MAX(depth, d + 1);
	}
	return depth;
}

/* How many instances watch this one, one above the other. nest_mutex held, so no list changes. */
static int height_above(const struct epoll *ep, int level)
{
	struct ep_item *it;
	int h = 0;

	if (level > EP_NEST_MAX)
		return level;
	list_for_each_entry(it, &ep->file->ep_links, file_link)
		h = MAX(h, height_above(it->ep, level + 1) + 1);
	return h;
}

static int item_add(struct epoll *ep, struct file *f, unsigned fd, const struct epoll_event *ev)
{
	struct ep_item *it = kmem_cache_alloc(item_cache, GFP_KERNEL | GFP_ZERO);
	struct ep_queue q;

	if (!it)
		return -ENOMEM;
	it->ep = ep;
	it->file = f;
	it->fd = fd;
	it->event = *ev;
	list_init(&it->ready);
	item_link(ep, it);
	spin_lock(&f->lock);
	list_add_tail(&it->file_link, &f->ep_links);
	spin_unlock(&f->lock);
	q.pt.queue = ep_queue_fn;
	q.item = it;
	if (item_poll(it, &q.pt) && !it->wait_failed) {
		ready_add(ep, it);
		wake_watchers(ep);
	}
	if (it->wait_failed) {
		item_remove(ep, it);
		return -ENOMEM;
	}
	return 0;
}

static void item_modify(struct epoll *ep, struct ep_item *it, const struct epoll_event *ev)
{
	irqflags_t f = spin_lock_irqsave(&ep->lock);

	it->event = *ev;
	spin_unlock_irqrestore(&ep->lock, f);
	/* Full barrier: either the file's waker sees the new events, or we see what it did. */
	smp_mb();
	if (item_poll(it, NULL)) {
		ready_add(ep, it);
		wake_watchers(ep);
	}
}

static long ctl_locked(struct epoll *ep, struct file *target, int op, unsigned fd, struct epoll_event *ev)
{
	struct ep_item *it = item_find(ep, target, fd);

	switch (op) {
	case EPOLL_CTL_ADD:
		if (it)
			return -EEXIST;
		ev->events |= POLLERR | POLLHUP;
		return item_add(ep, target, fd, ev);
	case EPOLL_CTL_DEL:
		if (!it)
			return -ENOENT;
		item_remove(ep, it);
		return 0;
	case EPOLL_CTL_MOD:
		if (!it)
			return -ENOENT;
		if (it->event.events & EPOLLEXCLUSIVE)
			return -EINVAL;
		ev->events |= POLLERR | POLLHUP;
		item_modify(ep, it, ev);
		return 0;
	}
	return -EINVAL;
}

static long do_ctl(struct file *epf, struct file *target, int op, unsigned fd, struct epoll_event *ev)
{
	struct epoll *ep;
	long err;

	if (!target->ops->poll)
		return -EPERM;
	if (target == epf || !is_epoll(epf))
		return -EINVAL;
	ep = epf->private;
	if (op != EPOLL_CTL_DEL && (ev->events & EPOLLEXCLUSIVE)) {
		if (op == EPOLL_CTL_MOD)
			return -EINVAL;
		if (is_epoll(target) || (ev->events & ~EP_EXCLUSIVE_OK))
			return -EINVAL;
	}
	mutex_lock(&nest_mutex);
	if (op == EPOLL_CTL_ADD && is_epoll(target)) {
		int below = nest_depth(target->private, ep, 0);

		if (below < 0 || below + height_above(ep, 0) + 1 > EP_NEST_MAX - 1) {
			mutex_unlock(&nest_mutex);
			return -ELOOP;
		}
	}
	mutex_lock(&ep->mutex);
	err = ctl_locked(ep, target, op, fd, ev);
	mutex_unlock(&ep->mutex);
	mutex_unlock(&nest_mutex);
	return err;
}

long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *uev)
{
	struct epoll_event ev = { 0 };
	struct fd e, t;
	long err = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	e = fd_get((unsigned)epfd);
	if (!e.file)
		return -EBADF;
	t = fd_get((unsigned)fd);
	if (t.file) {
		err = do_ctl(e.file, t.file, op, (unsigned)fd, &ev);
		fd_put(t);
	}
	fd_put(e);
	return err;
}

/*
 * Reports at most @max ready items. The list is taken as a whole, so that wake-ups meanwhile go to the empty one;
 * level-triggered items that are still ready go behind, so that none starves.
 */
static int deliver(struct epoll *ep, struct epoll_event __user *uev, int max)
{
	LIST_HEAD(mine);
	irqflags_t f;
	int n = 0;

	mutex_lock(&ep->mutex);
	f = spin_lock_irqsave(&ep->lock);
	list_splice_init(&ep->ready, &mine);
	spin_unlock_irqrestore(&ep->lock, f);
	while (n < max && !list_empty(&mine)) {
		struct ep_item *it = list_first_entry(&mine, struct ep_item, ready);
		struct epoll_event out;

		/* Off the list before we ask: news that comes after puts it back. */
		f = spin_lock_irqsave(&ep->lock);
		list_del_init(&it->ready);
		spin_unlock_irqrestore(&ep->lock, f);
		out.events = item_poll(it, NULL);
		if (!out.events)
			continue;
		out.data = it->event.data;
		if (copy_to_user(&uev[n], &out, sizeof(out))) {
			ready_add(ep, it);
			if (!n)
				n = -EFAULT;
			break;
		}
		n++;
		if (it->event.events & EPOLLONESHOT)
			WRITE_ONCE(it->event.events, it->event.events & EP_PRIVATE);
		else if (!(it->event.events & EPOLLET))
			ready_add(ep, it);
	}
	f = spin_lock_irqsave(&ep->lock);
	list_splice_init(&mine, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, f);
	mutex_unlock(&ep->mutex);
	return n;
}

static int wait_loop(struct epoll *ep, struct epoll_event __user *uev, int max, nsec_t deadline)
{
	for (;;) {
		int n = 0, err;

		if (!list_empty(&ep->ready)) {
			n = deliver(ep, uev, max);
			/* More than we took: another waiter's turn. */
			if (n && waitq_active(&ep->wait) && !list_empty(&ep->ready))
				waitq_wake(&ep->wait);
		}
		if (n)
			return n;
		if (!deadline)
			return 0;
		err = wait_event_state(&ep->wait, !list_empty(&ep->ready), TASK_INTERRUPTIBLE, deadline, true);
		if (err == -ETIMEDOUT)
			deadline = 0;	/* a last look */
		else if (err)
			return -EINTR;
	}
}

static long do_wait(int epfd, struct epoll_event __user *uev, int max, nsec_t deadline)
{
	struct fd e;
	long ret = -EINVAL;

	if (max <= 0 || max > EP_EVENTS_MAX)
		return -EINVAL;
	if (!access_ok(uev, (size_t)max * sizeof(*uev)))
		return -EFAULT;
	e = fd_get((unsigned)epfd);
	if (!e.file)
		return -EBADF;
	if (is_epoll(e.file))
		ret = wait_loop(e.file->private, uev, max, deadline);
	fd_put(e);
	return ret;
}

static long do_pwait(int epfd, struct epoll_event __user *uev, int max, nsec_t deadline, const uint64_t __user *sigmask, size_t sigsetsize)
{
	long ret = signal_mask_swap(sigmask, sigsetsize);

	if (ret)
		return ret;
	ret = do_wait(epfd, uev, max, deadline);
	signal_mask_restore_unless(ret == -EINTR);
	return ret;
}

long sys_epoll_pwait(int epfd, struct epoll_event __user *uev, int max, int timeout_ms, const uint64_t __user *sigmask, size_t sigsetsize)
{
	nsec_t deadline = timeout_ms < 0 ? NSEC_NEVER : 0;

	if (timeout_ms > 0)
		deadline = deadline_after(clock_monotonic(), timeout_ms * NSEC_PER_MSEC);
	return do_pwait(epfd, uev, max, deadline, sigmask, sigsetsize);
}

long sys_epoll_pwait2(int epfd, struct epoll_event __user *uev, int max, const struct timespec __user *uts, const uint64_t __user *sigmask, size_t sigsetsize)
{
	nsec_t deadline = NSEC_NEVER, rel;

	if (uts) {
		int err = timespec_from_user(&rel, uts);

		if (err)
			return err;
		deadline = rel ? deadline_after(clock_monotonic(), rel) : 0;
	}
	return do_pwait(epfd, uev, max, deadline, sigmask, sigsetsize);
}

static int epoll_init(void)
{
	item_cache = kmem_cache_create("eventpoll_item", sizeof(struct ep_item), 8, 0, NULL);
	return item_cache ? 0 : -ENOMEM;
}
INITCALL(INITCALL_FS, epoll_init);
