/* SPDX-License-Identifier: MIT */
/* eventfd(2): a 64-bit counter, changed by compare-and-swap; no lock. */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>

#define EFD_SEMAPHORE 1
#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	atomic64_t count;
	bool semaphore;
	struct waitq wait;
	unsigned id;
};

/* 0: nothing there. */
static uint64_t take(struct eventfd *e)
{
	int64_t old;

	do {
		old = atomic64_read(&e->count);
		if (!old)
			return 0;
	} while (!atomic64_cas(&e->count, old, e->semaphore ? old - 1 : 0));
	return e->semaphore ? 1 : (uint64_t)old;
}

static bool give(struct eventfd *e, uint64_t n)
{
	int64_t old;

	do {
		old = atomic64_read(&e->count);
		if ((uint64_t)old > COUNT_MAX - n)
			return false;
	} while (!atomic64_cas(&e->count, old, (int64_t)((uint64_t)old + n)));
	return true;
}

static ssize_t eventfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct eventfd *e = f->private;
	uint64_t n;

	if (to->count < sizeof(n))
		return -EINVAL;
	n = take(e);
	if (!n) {
		int err;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wait, (n = take(e)) != 0);
		if (err)
			return err;
	}
	waitq_wake_poll(&e->wait, POLLOUT);
	return copy_to_iter(&n, sizeof(n), to) == sizeof(n) ? (ssize_t)sizeof(n) : -EFAULT;
}

static ssize_t eventfd_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct eventfd *e = f->private;
	uint64_t n;

	if (from->count < sizeof(n))
		return -EINVAL;
	if (copy_from_iter(&n, sizeof(n), from) != sizeof(n))
		return -EFAULT;
	if (n == UINT64_MAX)
		return -EINVAL;
	if (!give(e, n)) {
		int err;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wait, give(e, n));
		if (err)
			return err;
	}
	waitq_wake_poll(&e->wait, POLLIN);
	return (ssize_t)sizeof(n);
}

static uint32_t eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->private;
	uint64_t n;

	poll_wait(f, &e->wait, pt);
	n = (uint64_t)atomic64_read(&e->count);
	/* An overflow by a kernel user would be POLLERR; there is none. */
	return (n ? POLLIN : 0) | (n < COUNT_MAX ? POLLOUT : 0);
}

static void eventfd_release(struct inode *inode, struct file *f)
{
	kfree(f->private);
}

static int eventfd_fdinfo(struct file *f, char *buf, size_t size)
{
	struct eventfd *e = f->private;

	return scnprintf(buf, size, "eventfd-count: %16lx\neventfd-id: %u\n", (unsigned long)atomic64_read(&e->count), e->id);
}

static const struct file_ops eventfd_fops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = eventfd_fdinfo,
};

long sys_eventfd2(unsigned int count, int flags)
{
	static atomic_t ids;
	struct eventfd *e;
	struct file *f;
	int err = 0;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kmalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	atomic64_set(&e->count, count);
	e->semaphore = flags & EFD_SEMAPHORE;
	e->id = (unsigned)atomic_fetch_add(&ids, 1);
	waitq_init(&e->wait);
	f = anon_file_create("[eventfd]", &eventfd_fops, e, O_RDWR | (flags & O_NONBLOCK), &err);
	if (!f) {
		kfree(e);
		return err;
	}
	return fd_install_new(f, (unsigned)flags & O_CLOEXEC);
}
