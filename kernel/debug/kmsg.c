/* SPDX-License-Identifier: MIT */
/*
 * The log as users see it: /dev/kmsg and syslog(2).
 *
 * /dev/kmsg gives one record a read, "prefix,seq,usec,flags;text\n", bytes that do not print as \xHH; each open file has
 * its own position (file->private, under its mutex). syslog(2) has one position for all readers.
 *
 * Locks: kmsg_file.lock, syslog_lock (LR_SEQ: user memory is written under them). The ring's own lock is inside printk.c.
 * References: syslog(2); Linux's Documentation/ABI/testing/dev-kmsg.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>

int dmesg_restrict;			/* kernel.dmesg_restrict */
#define DEFAULT_LEVEL	LOG_WARNING	/* of messages without a level, as kernel.printk shows it */
#define MIN_LEVEL	1
#define BOOT_LEVEL	7

struct kmsg_file {
	uint64_t seq;
	struct mutex lock;
	struct log_record record;
	char text[LOG_LINE_MAX * 4 + 64];
};
static uint64_t clear_seq;		/* [syslog_lock] SYSLOG_ACTION_CLEAR: what is older is not shown */
static uint64_t syslog_seq;		/* [syslog_lock] next record for SYSLOG_ACTION_READ */
static size_t syslog_partial;		/* [syslog_lock] bytes of it that were read */
static int saved_level = -1;
static DEFINE_MUTEX(syslog_lock, LR_SEQ);

static int log_permission(bool read_only)
{
	if (read_only && !READ_ONCE(dmesg_restrict))
		return 0;
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* ---- /dev/kmsg */

static int kmsg_open(struct inode *inode, struct file *f)
{
	struct kmsg_file *k;
	int err;

	if ((f->flags & O_ACCMODE) != O_WRONLY) {
		err = log_permission(true);
		if (err)
			return err;
	}
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	mutex_init(&k->lock, LR_SEQ);
	k->seq = log_first_seq();
	f->private = k;
	return 0;
}

static void kmsg_release(struct inode *inode, struct file *f)
{
	kfree(f->private);
}

static size_t escape(char *out, const char *s, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)s[i];

		if (c < ' ' || c >= 127 || c == '\\')
			len += (size_t)snprintf(out + len, 5, "\\x%02x", c);
		else
			out[len++] = (char)c;
	}
	out[len++] = '\n';
	return len;
}

static ssize_t kmsg_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct kmsg_file *k = f->private;
	ssize_t ret;
	size_t n;

	ret = mutex_lock_interruptible(&k->lock);
	if (ret)
		return ret;
	while (!log_read(k->seq, &k->record)) {
		if (f->flags & O_NONBLOCK) {
			ret = -EAGAIN;
			goto out;
		}
		ret = wait_event_interruptible(&log_wait, log_next_seq() > k->seq);
		if (ret)
			goto out;
	}
	if (k->record.seq != k->seq) {
		/* Some are gone: tell once, go on with the oldest that is left. */
		k->seq = k->record.seq;
		ret = -EPIPE;
		goto out;
	}
	n = (size_t)snprintf(k->text, 64, "%u,%llu,%llu,-;", (unsigned)k->record.facility << 3 | k->record.level,
			     (unsigned long long)k->record.seq,
			     (unsigned long long)(k->record.time / NSEC_PER_USEC));
	n += escape(k->text + n, k->record.text, k->record.len);
	if (n > to->count) {
		ret = -EINVAL;
		goto out;
	}
	if (copy_to_iter(k->text, n, to) != n) {
		ret = -EFAULT;
		goto out;
	}
	k->seq++;
	ret = (ssize_t)n;
out:
	mutex_unlock(&k->lock);
	return ret;
}

/* "<N>text": N is facility and level; user messages never claim the kernel's facility, 0. */
static ssize_t kmsg_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	unsigned level = DEFAULT_LEVEL, facility = 1;
	size_t len = from->count;
	char *buf, *text;

	if (len > LOG_LINE_MAX)
		return -EINVAL;
	buf = kmalloc(len + 1, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (copy_from_iter(buf, len, from) != len) {
		kfree(buf);
		return -EFAULT;
	}
	buf[len] = 0;
	text = buf;
	if (buf[0] == '<') {
		char *p = buf + 1;
		unsigned v = 0;

		while (isdigit(*p) && v < 10000)
			v = v * 10 + (unsigned)(*p++ - '0');
		if (p > buf + 1 && *p == '>') {
			level = v & 7;
			if (v >> 3)
				facility = v >> 3;
			text = p + 1;
		}
	}
	{
		size_t n = len - (size_t)(text - buf);

		if (n && text[n - 1] == '\n')
			n--;
		log_store(facility, level, text, n);
	}
	kfree(buf);
	console_flush();
	waitq_wake_all_poll(&log_wait, 0);
	return (ssize_t)len;
}

static loff_t kmsg_llseek(struct file *f, loff_t off, int whence)
{
	struct kmsg_file *k = f->private;
	uint64_t seq;

	if (off)
		return -ESPIPE;
	switch (whence) {
	case SEEK_SET:
		seq = log_first_seq();
		break;
	case SEEK_DATA:
		seq = READ_ONCE(clear_seq);
		break;
	case SEEK_END:
		seq = log_next_seq();
		break;
	default:
		return -EINVAL;
	}
	mutex_lock(&k->lock);
	k->seq = seq;
	mutex_unlock(&k->lock);
	return 0;
}

static uint32_t kmsg_poll(struct file *f, struct poll_table *pt)
{
	struct kmsg_file *k = f->private;
	uint32_t ev = POLLOUT | POLLWRNORM;

	poll_wait(f, &log_wait, pt);
	if (READ_ONCE(k->seq) < log_next_seq())
		ev |= POLLIN | POLLRDNORM;
	if (READ_ONCE(k->seq) < log_first_seq())
		ev |= POLLERR | POLLPRI;
	return ev;
}

const struct file_ops kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read = kmsg_read,
	.write = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};

static int kmsg_init(void)
{
	int err = chrdev_register(MKDEV(1, 11), 1, "kmsg", &kmsg_fops, NULL);

	return err ? err : devtmpfs_create("kmsg", S_IFCHR | 0644, MKDEV(1, 11));
}
INITCALL(INITCALL_DEVICE, kmsg_init);

/* ---- syslog(2) */

#define ACTION_CLOSE		0
#define ACTION_OPEN		1
#define ACTION_READ		2
#define ACTION_READ_ALL		3
#define ACTION_READ_CLEAR	4
#define ACTION_CLEAR		5
#define ACTION_CONSOLE_OFF	6
#define ACTION_CONSOLE_ON	7
#define ACTION_CONSOLE_LEVEL	8
#define ACTION_SIZE_UNREAD	9
#define ACTION_SIZE_BUFFER	10

struct syslog_buf {
	struct log_record record;
	char text[LOG_LINE_MAX * 2];
};

/* Waits for a record and copies as much of its rest as fits. syslog_lock held. */
static long read_one(struct syslog_buf *b, char __user *buf, size_t len)
{
	size_t n, done;

	if (!log_read(syslog_seq, &b->record))
		return 0;
	if (b->record.seq != syslog_seq) {
		syslog_seq = b->record.seq;
		syslog_partial = 0;
	}
	n = MIN(log_format(&b->record, true, b->text, sizeof(b->text)), sizeof(b->text));
	if (syslog_partial > n)
		syslog_partial = n;
	done = MIN(n - syslog_partial, len);
	if (copy_to_user(buf, b->text + syslog_partial, done))
		return -EFAULT;
	syslog_partial += done;
	if (syslog_partial >= n) {
		syslog_partial = 0;
		syslog_seq++;
	}
	return (long)done;
}

static long syslog_read(struct syslog_buf *b, char __user *buf, size_t len)
{
	size_t total = 0;
	long n;
	int err;

	for (;;) {
		err = mutex_lock_interruptible(&syslog_lock);
		if (err)
			return -ERESTARTSYS;
		while (total < len) {
			n = read_one(b, buf + total, len - total);
			if (n <= 0)
				break;
			total += (size_t)n;
		}
		mutex_unlock(&syslog_lock);
		if (total)
			return (long)total;
		if (n < 0)
			return n;
		err = wait_event_interruptible(&log_wait, log_next_seq() > READ_ONCE(syslog_seq));
		if (err)
			return err;
	}
}

/* The newest records that fit into @len bytes. */
static long syslog_read_all(struct syslog_buf *b, char __user *buf, size_t len, bool clear)
{
	uint64_t first, end = log_next_seq(), seq;
	size_t total = 0;
	long done = 0;

	mutex_lock(&syslog_lock);
	first = MAX(clear_seq, log_first_seq());
	for (seq = first; seq < end && log_read(seq, &b->record); seq = b->record.seq + 1)
		total += log_format(&b->record, true, NULL, 0);
	for (seq = first; seq < end && total > len && log_read(seq, &b->record); seq = b->record.seq + 1)
		total -= log_format(&b->record, true, NULL, 0);
	while (seq < end && log_read(seq, &b->record)) {
		size_t n = MIN(log_format(&b->record, true, b->text, sizeof(b->text)), sizeof(b->text));

		if ((size_t)done + n > len)
			break;
		if (copy_to_user(buf + done, b->text, n)) {
			done = -EFAULT;
			break;
		}
		done += (long)n;
		seq = b->record.seq + 1;
	}
	if (clear && done >= 0)
		clear_seq = end;
	mutex_unlock(&syslog_lock);
	return done;
}

static long syslog_unread(struct syslog_buf *b)
{
	size_t total = 0;

	mutex_lock(&syslog_lock);
	for (uint64_t seq = syslog_seq; log_read(seq, &b->record); seq = b->record.seq + 1)
		total += log_format(&b->record, true, NULL, 0);
	total -= MIN(total, syslog_partial);
	mutex_unlock(&syslog_lock);
	return (long)total;
}

static long with_buffer(int type, char __user *buf, int len)
{
	struct syslog_buf *b;
	long ret;

	if (type != ACTION_SIZE_UNREAD) {
		if (!buf || len < 0)
			return -EINVAL;
		if (!len)
			return 0;
		if (!access_ok(buf, (size_t)len))
			return -EFAULT;
	}
	b = kmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	if (type == ACTION_READ)
		ret = syslog_read(b, buf, (size_t)len);
	else if (type == ACTION_SIZE_UNREAD)
		ret = syslog_unread(b);
	else
		ret = syslog_read_all(b, buf, (size_t)len, type == ACTION_READ_CLEAR);
	kfree(b);
	return ret;
}

static long console_action(int type, int len)
{
	switch (type) {
	case ACTION_CONSOLE_OFF:
		if (saved_level < 0)
			saved_level = console_loglevel;
		console_set_level(MIN_LEVEL);
		return 0;
	case ACTION_CONSOLE_ON:
		if (saved_level >= 0)
			console_set_level(saved_level);
		saved_level = -1;
		return 0;
	default:
		if (len < 1 || len > 8)
			return -EINVAL;
		saved_level = -1;
		console_set_level(MAX(len, MIN_LEVEL));
		return 0;
	}
}

long sys_syslog(int type, char __user *buf, int len)
{
	int err = log_permission(type == ACTION_READ_ALL || type == ACTION_SIZE_BUFFER);

	if (err)
		return err;
	switch (type) {
	case ACTION_CLOSE:
	case ACTION_OPEN:
		return 0;
	case ACTION_READ:
	case ACTION_READ_ALL:
	case ACTION_READ_CLEAR:
	case ACTION_SIZE_UNREAD:
		return with_buffer(type, buf, len);
	case ACTION_CLEAR:
		mutex_lock(&syslog_lock);
		clear_seq = log_next_seq();
		mutex_unlock(&syslog_lock);
		return 0;
	case ACTION_CONSOLE_OFF:
	case ACTION_CONSOLE_ON:
	case ACTION_CONSOLE_LEVEL:
		return console_action(type, len);
	case ACTION_SIZE_BUFFER:
		return 64 << 10;
	default:
		return -EINVAL;
	}
}

/* ---- /proc/kmsg: ACTION_READ as a file */

static int proc_kmsg_open(struct inode *inode, struct file *f)
{
	return log_permission(false);
}

static ssize_t proc_kmsg_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	if ((f->flags & O_NONBLOCK) && log_next_seq() <= READ_ONCE(syslog_seq))
		return -EAGAIN;
	if (to->kind != ITER_UBUF)
		return -EINVAL;
	return with_buffer(ACTION_READ, (char __user *)to->ubuf + to->offset, (int)MIN(to->count, (size_t)INT32_MAX));
}

static uint32_t proc_kmsg_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &log_wait, pt);
	return log_next_seq() > READ_ONCE(syslog_seq) ? POLLIN | POLLRDNORM : 0;
}

static const struct file_ops proc_kmsg_fops = {
	.open = proc_kmsg_open,
	.read = proc_kmsg_read,
	.poll = proc_kmsg_poll,
	.llseek = no_llseek,
};

static int proc_kmsg_init(void)
{
	return procfs_add_fops("kmsg", S_IFREG | 0400, &proc_kmsg_fops, NULL);
}
INITCALL(INITCALL_LATE, proc_kmsg_init);
