/* SPDX-License-Identifier: MIT */
/*
 * timerfd_create(2). Locks: each has its own, taken from the timer interrupt and held over timer_start(); TFD_TIMER_CANCEL_ON_SET descriptors stand on one list, walked when real time is set.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/poll.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include "time_internal.h"

#define TFD_TIMER_ABSTIME 1
#define TFD_TIMER_CANCEL_ON_SET 2
#define TFD_IOC_SET_TICKS 0x40085400u

struct timerfd {
	struct spinlock lock;		/* LR_CPUTIMER; everything below */
	struct waitq wait;
	struct timer timer;
	nsec_t next, interval;		/* next in the clock's own time; 0: not set */
	uint64_t ticks;
	int clock;
	unsigned flags;
	bool cancelled;
	struct list_head cancel_link;	/* [cancel_lock] */
};
static DEFINE_SPINLOCK(cancel_lock, LR_TTY_CTRL);
static LIST_HEAD(cancel_list);

static nsec_t now_of(const struct timerfd *t)
{
	return t->timer.clock == TIMER_REAL ? clock_realtime() : clock_monotonic();
}

static void timerfd_fire(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	spin_lock(&t->lock);
	t->ticks++;
	spin_unlock(&t->lock);
	waitq_wake_all_poll(&t->wait, POLLIN);
}

void timerfd_clock_was_set(void)
{
	struct timerfd *t;
	irqflags_t f = spin_lock_irqsave(&cancel_lock);

	list_for_each_entry(t, &cancel_list, cancel_link) {
		spin_lock(&t->lock);
		t->cancelled = true;
		spin_unlock(&t->lock);
		waitq_wake_all_poll(&t->wait, POLLIN);
	}
	spin_unlock_irqrestore(&cancel_lock, f);
}

static void cancel_list_update(struct timerfd *t, bool on)
{
	irqflags_t f = spin_lock_irqsave(&cancel_lock);

	if (on && list_empty(&t->cancel_link))
		list_add(&t->cancel_link, &cancel_list);
	else if (!on && !list_empty(&t->cancel_link))
		list_del_init(&t->cancel_link);
	spin_unlock_irqrestore(&cancel_lock, f);
}

/* Counts the periods that have passed since the last tick was seen and arms the next. Lock held. */
static uint64_t take_ticks(struct timerfd *t)
{
	uint64_t n = t->ticks;

	if (n && t->interval && !timer_pending(&t->timer)) {
		/* The tick that fired is the first of the periods passed since ->next. */
		n += interval_forward(&t->next, now_of(t), t->interval) - 1;
		timer_start(&t->timer, t->next);
	}
	t->ticks = 0;
	return n;
}

static bool ready(struct timerfd *t)
{
	return READ_ONCE(t->ticks) || READ_ONCE(t->cancelled);
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct timerfd *t = f->private;
	uint64_t n = 0;
	irqflags_t fl;
	int err = 0;

	if (to->count < sizeof(n))
		return -EINVAL;
	for (;;) {
		if (!ready(t)) {
			if (f->flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(&t->wait, ready(t));
			if (err)
				return err;
		}
		fl = spin_lock_irqsave(&t->lock);
		if (t->cancelled) {
			t->cancelled = false;
			t->ticks = 0;
			err = -ECANCELED;
		} else {
			n = take_ticks(t);
		}
		spin_unlock_irqrestore(&t->lock, fl);
		if (err)
			return err;
		if (n)		/* else another reader was faster */
			return copy_to_iter(&n, sizeof(n), to) == sizeof(n) ? (ssize_t)sizeof(n) : -EFAULT;
	}
}

static uint32_t timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->private;

	poll_wait(f, &t->wait, pt);
	return ready(t) ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_release(struct inode *inode, struct file *f)
{
	struct timerfd *t = f->private;

	cancel_list_update(t, false);
	timer_cancel_sync(&t->timer);
	kfree(t);
}

static long timerfd_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct timerfd *t = f->private;
	uint64_t ticks;
	irqflags_t fl;

	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOIOCTLCMD;
	if (copy_from_user(&ticks, (void __user *)arg, sizeof(ticks)))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	fl = spin_lock_irqsave(&t->lock);
	t->ticks = ticks;
	spin_unlock_irqrestore(&t->lock, fl);
	waitq_wake_all_poll(&t->wait, POLLIN);
	return 0;
}

static void remaining(struct timerfd *t, struct itimerspec *out);

static int timerfd_fdinfo(struct file *f, char *buf, size_t size)
{
	struct timerfd *t = f->private;
	struct itimerspec v;
	irqflags_t fl = spin_lock_irqsave(&t->lock);
	uint64_t ticks = t->ticks;

	remaining(t, &v);
	spin_unlock_irqrestore(&t->lock, fl);
	return scnprintf(buf, size, "clockid: %d\nticks: %lu\nsettime flags: 0%o\nit_value: (%ld, %ld)\nit_interval: (%ld, %ld)\n",
			 t->clock, (unsigned long)ticks, t->flags, (long)v.it_value.tv_sec, (long)v.it_value.tv_nsec,
			 (long)v.it_interval.tv_sec, (long)v.it_interval.tv_nsec);
}

static const struct file_ops timerfd_fops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.ioctl = timerfd_ioctl,
	.llseek = noop_llseek,
	.show_fdinfo = timerfd_fdinfo,
};

long sys_timerfd_create(int clockid, int flags)
{
	struct timerfd *t;
	struct file *f;
	int err = 0;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	switch (clockid) {
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		if (!capable(CAP_WAKE_ALARM))
			return -EPERM;
		fallthrough;	/* without suspend they are the plain clocks */
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	default:
		return -EINVAL;
	}
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock, LR_CPUTIMER);
	waitq_init(&t->wait);
	list_init(&t->cancel_link);
	t->clock = clockid;
	timer_setup(&t->timer, timerfd_fire, clockid == CLOCK_REALTIME || clockid == CLOCK_REALTIME_ALARM ? TIMER_REAL : TIMER_MONO);
	f = anon_file_create("[timerfd]", &timerfd_fops, t, O_RDWR | (flags & O_NONBLOCK), &err);
	if (!f) {
		kfree(t);
		return err;
	}
	return fd_install_new(f, (unsigned)flags & O_CLOEXEC);
}

/* Lock held. */
static void remaining(struct timerfd *t, struct itimerspec *out)
{
	nsec_t left = 0;

	if (t->ticks && t->interval && !timer_pending(&t->timer)) {	/* fired, not yet read: on to the running period */
		t->ticks += interval_forward(&t->next, now_of(t), t->interval) - 1;
		timer_start(&t->timer, t->next);
	}
	if (timer_pending(&t->timer))
		left = MAX(t->next - now_of(t), 1ll);
	out->it_value = ns_to_timespec(left);
	out->it_interval = ns_to_timespec(t->interval);
}

/* The descriptor as a timerfd with a reference on its file. */
static struct timerfd *timerfd_of(int fd, struct fd *out, int *err)
{
	*out = fd_get((unsigned)fd);
	*err = -EBADF;
	if (!out->file)
		return NULL;
	if (out->file->ops == &timerfd_fops)
		return out->file->private;
	fd_put(*out);
	*err = -EINVAL;
	return NULL;
}

long sys_timerfd_settime(int fd, int flags, const struct itimerspec __user *new_value, struct itimerspec __user *old_value)
{
	struct itimerspec v, old;
	struct timerfd *t;
	struct fd file;
	irqflags_t f;
	nsec_t value;
	int err;

	if (copy_from_user(&v, new_value, sizeof(v)))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) || !timespec_valid(&v.it_value) || !timespec_valid(&v.it_interval))
		return -EINVAL;
	t = timerfd_of(fd, &file, &err);
	if (!t)
		return err;
	cancel_list_update(t, t->timer.clock == TIMER_REAL && flags == (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET));
	timer_cancel_sync(&t->timer);
	f = spin_lock_irqsave(&t->lock);
	if (t->ticks && t->interval)
		interval_forward(&t->next, now_of(t), t->interval);
	old.it_value = ns_to_timespec(t->next ? MAX(t->next - now_of(t), 0ll) : 0);
	old.it_interval = ns_to_timespec(t->interval);
	value = timespec_to_ns(&v.it_value);
	t->flags = (unsigned)flags;
	t->ticks = 0;
	t->cancelled = false;
	t->interval = timespec_to_ns(&v.it_interval);
	t->next = !value ? 0 : flags & TFD_TIMER_ABSTIME ? value : deadline_after(now_of(t), value);
	if (value)
		timer_start(&t->timer, t->next);
	spin_unlock_irqrestore(&t->lock, f);
	fd_put(file);
	return old_value && copy_to_user(old_value, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_timerfd_gettime(int fd, struct itimerspec __user *value)
{
	struct itimerspec v;
	struct timerfd *t;
	struct fd file;
	irqflags_t f;
	int err;

	t = timerfd_of(fd, &file, &err);
	if (!t)
		return err;
	f = spin_lock_irqsave(&t->lock);
	remaining(t, &v);
	spin_unlock_irqrestore(&t->lock, f);
	fd_put(file);
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}
