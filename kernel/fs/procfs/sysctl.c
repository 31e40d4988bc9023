/* SPDX-License-Identifier: MIT */
/* /proc/sys: numbers and strings with bounds. Writing needs the file's permission; the value is parsed whole before it is stored. */
#include "proc_internal.h"

static int show_int(struct seq *s, void *arg)
{
	const struct sysctl_int *c = arg;

	seq_printf(s, "%d\n", READ_ONCE(*c->value));
	return 0;
}

static int text_of(struct iov_iter *from, char *buf, size_t size)
{
	size_t n = MIN(from->count, size - 1);

	if (copy_from_iter(buf, n, from) != n)
		return -EFAULT;
	buf[n] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (buf[i] == '\n') {
			buf[i] = '\0';
			break;
		}
	}
	return 0;
}

static ssize_t int_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	const struct sysctl_int *c = ((struct seq *)f->private)->private;
	ssize_t n = (ssize_t)from->count;
	char buf[24];
	int64_t v;
	int err;

	if (*pos || !n)
		return n;	/* as Linux: only the first piece counts */
	err = text_of(from, buf, sizeof(buf));
	if (!err)
		err = kstrtos64(buf, 0, &v);
	if (err)
		return err == -ERANGE ? -EINVAL : err;
	if (v < c->min || v > c->max)
		return -EINVAL;
	if (c->set) {
		err = c->set((int)v);
		return err ? err : n;
	}
	WRITE_ONCE(*c->value, (int)v);
	return n;
}

/* Writes at position 0 by pwrite(2) are how some tools set values. */
static int open_positioned(struct file *f, int (*show)(struct seq *, void *), void *arg)
{
	int err = seq_open(f, show, arg);

	if (!err)
		f->mode |= FMODE_PWRITE;
	return err;
}

/* The bits of the mode decide, for root too: nobody writes what is read-only. */
static int sysctl_permission(struct inode *inode, int mask, bool rcu)
{
	const struct cred *c = current_cred();
	unsigned bits = inode->mode;

	if (c->euid == 0)
		bits >>= 6;
	else if (cred_in_group(c, 0))
		bits >>= 3;
	return (unsigned)mask & 7 & ~bits ? -EACCES : 0;
}
const struct inode_ops proc_sysctl_iops = { .permission = sysctl_permission };

static int open_with_arg(struct inode *inode, struct file *f)
{
	const struct sysctl_int *c = f->private;

	return open_positioned(f, show_int, (void *)(uintptr_t)c);
}

static const struct file_ops int_fops = {
	.open = open_with_arg, .read = seq_read, .write = int_write, .llseek = endless_llseek, .release = seq_release,
};

static int path_of(char *buf, size_t size, const char *path)
{
	return snprintf(buf, size, "sys/%s", path) >= (int)size ? -EINVAL : 0;
}

int sysctl_add_int(const struct sysctl_int *c)
{
	char path[80];
	int err = path_of(path, sizeof(path), c->path);

	return err ? err : procfs_add_fops(path, c->mode, &int_fops, (void *)(uintptr_t)c);
}

static ssize_t str_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	const struct sysctl_str *c = ((struct seq *)f->private)->private;
	ssize_t n = (ssize_t)from->count;
	char buf[128];
	int err;

	if (!c->set && !c->set_arg)
		return -EINVAL;
	if (*pos)
		return n;
	err = text_of(from, buf, sizeof(buf));
	if (!err)
		err = c->set ? c->set(buf) : c->set_arg(c, buf);
	return err ? err : n;
}

static int show_str(struct seq *s, void *arg)
{
	const struct sysctl_str *c = arg;

	return c->show(s, arg);
}

static int str_open(struct inode *inode, struct file *f)
{
	return open_positioned(f, show_str, f->private);
}

static const struct file_ops str_fops = {
	.open = str_open, .read = seq_read, .write = str_write, .llseek = endless_llseek, .release = seq_release,
};

int sysctl_add_str(const struct sysctl_str *c)
{
	char path[80];
	int err = path_of(path, sizeof(path), c->path);

	return err ? err : procfs_add_fops(path, c->mode, &str_fops, (void *)(uintptr_t)c);
}
