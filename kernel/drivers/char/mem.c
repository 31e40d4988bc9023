/* SPDX-License-Identifier: MIT */
/*
 * The memory devices: null, zero, full, random, urandom. mem(4), null(4), full(4), random(4).
 *
 * No state of their own; no locks.
 */
#include <kernel/string.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/iov.h>
#include <kernel/poll.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>

static ssize_t read_end(struct file *f, struct iov_iter *to, loff_t *pos)
{
	return 0;
}

static ssize_t write_all(struct file *f, struct iov_iter *from, loff_t *pos)
{
	ssize_t n = (ssize_t)from->count;

	iter_advance(from, from->count);
	return n;
}

static ssize_t read_zero(struct file *f, struct iov_iter *to, loff_t *pos)
{
	ssize_t done = 0;

	while (to->count) {
		size_t n = MIN(to->count, 65536ul);
		size_t got = zero_iter(n, to);

		done += (ssize_t)got;
		if (got < n)
			return done ? done : -EFAULT;
		if (to->count) {
			if (signal_pending(current))
				return done;
			cond_resched();
		}
	}
	return done;
}

static ssize_t write_full(struct file *f, struct iov_iter *from, loff_t *pos)
{
	return -ENOSPC;
}

/* Any position is fine and none matters. */
static loff_t seek_null(struct file *f, loff_t off, int whence)
{
	f->pos = 0;
	return 0;
}

/* Private: anonymous memory; shared: an unnamed file of its own. */
static int mmap_zero(struct file *f, struct vm_area *a)
{
	struct file *shm;
	int err;

	if (!(a->flags & VM_SHARED)) {
		a->ops = NULL;
		return 0;
	}
	shm = shmem_file_create("dev/zero", (loff_t)(a->end - a->start), 0, &err);
	if (!shm)
		return err;
	file_put(a->file);
	a->file = shm;
	a->pgoff = 0;
	return shm->ops->mmap(shm, a);
}

#define RANDOM_CHUNK 256u
static ssize_t random_fill(struct iov_iter *to)
{
	uint8_t block[RANDOM_CHUNK];
	ssize_t done = 0;

	while (to->count) {
		size_t n = MIN(to->count, (size_t)RANDOM_CHUNK);
		size_t got;

		random_bytes(block, n);
		got = copy_to_iter(block, n, to);
		done += (ssize_t)got;
		if (got < n)
			break;
		if (!(done & 4095) && to->count) {
			if (signal_pending(current))
				break;
			cond_resched();
		}
	}
	memset(block, 0, sizeof(block));
	barrier();
	return done ? done : -EFAULT;
}

static ssize_t read_urandom(struct file *f, struct iov_iter *to, loff_t *pos)
{
	return to->count ? random_fill(to) : 0;
}

static ssize_t read_random(struct file *f, struct iov_iter *to, loff_t *pos)
{
	int err;

	if (!random_ready()) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = random_wait_ready();
		if (err)
			return err;
	}
	return read_urandom(f, to, pos);
}

static ssize_t write_random(struct file *f, struct iov_iter *from, loff_t *pos)
{
	uint8_t block[RANDOM_CHUNK];
	ssize_t done = 0;

	while (from->count) {
		size_t n = MIN(from->count, (size_t)RANDOM_CHUNK);
		size_t got = copy_from_iter(block, n, from);

		random_add(block, got, 0);
		done += (ssize_t)got;
		if (got < n)
			return done ? done : -EFAULT;
		if (signal_pending(current))
			break;
	}
	return done;
}

static uint32_t poll_random(struct file *f, struct poll_table *pt)
{
	return random_ready() ? POLLIN | POLLRDNORM : POLLOUT | POLLWRNORM;
}

#define RNDGETENTCNT	0x80045200u
#define RNDADDTOENTCNT	0x40045201u
#define RNDADDENTROPY	0x40085203u
#define RNDZAPENTCNT	0x5204u
#define RNDCLEARPOOL	0x5206u
#define RNDRESEEDCRNG	0x5207u
static long ioctl_random(struct file *f, unsigned cmd, unsigned long arg)
{
	struct { int bits, size; } head;
	uint8_t block[64];
	void __user *u = (void __user *)arg;
	int off;

	switch (cmd) {
	case RNDGETENTCNT:
		return put_user(random_ready() ? 256 : 0, (int __user *)u);
	case RNDADDTOENTCNT:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	case RNDADDENTROPY:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (copy_from_user(&head, u, sizeof(head)))
			return -EFAULT;
		if (head.bits < 0 || head.size < 0)
			return -EINVAL;
		for (off = 0; off < head.size; off += 64) {
			size_t n = (size_t)MIN(64, head.size - off);

			if (copy_from_user(block, (char __user *)u + 8 + off, n))
				return -EFAULT;
			random_add(block, n,
				   head.size ? (unsigned)((uint64_t)head.bits * n /
							  (unsigned)head.size)
					     : 0);
		}
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

static const struct file_ops null_fops = { .read = read_end,
					   .write = write_all,
					   .llseek = seek_null };
static const struct file_ops zero_fops = {
	.read = read_zero, .write = write_all, .llseek = seek_null, .mmap = mmap_zero
};
static const struct file_ops full_fops = { .read = read_zero,
					   .write = write_full,
					   .llseek = seek_null };
static const struct file_ops random_fops = { .read = read_random,
					     .write = write_random,
					     .poll = poll_random,
					     .ioctl = ioctl_random,
					     .llseek = seek_null };
static const struct file_ops urandom_fops = {
	.read = read_urandom, .write = write_random, .ioctl = ioctl_random, .llseek = seek_null
};

static int __init mem_devices_init(void)
{
	static const struct {
		const char *name;
		unsigned minor;
		const struct file_ops *ops;
	} devs[] = {
		{ "null", 3, &null_fops }, { "zero", 5, &zero_fops }, { "full", 7, &full_fops },
		{ "random", 8, &random_fops }, { "urandom", 9, &urandom_fops },
	};
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(devs) && !err; i++) {
		err = chrdev_register(MKDEV(1, devs[i].minor), 1, "mem", devs[i].ops, NULL);
		if (!err)
			err = devtmpfs_create(devs[i].name, S_IFCHR | 0666,
					      MKDEV(1, devs[i].minor));
	}
	return err;
}
INITCALL(1, mem_devices_init);
