/* SPDX-License-Identifier: MIT */
/*
 * Character devices by number: a list of ranges, newest first in a short table by major.
 * Opening a device node
 * gives the file the driver's operations.
 *
 * Locks: chrdev_lock for the table; entries are never freed, so look-ups go under RCU-style loads.
 */
#include "vfs_internal.h"

struct chrdev {
	struct chrdev *next;
	dev_t first;
	unsigned count;
	const char *name;
	const struct file_ops *ops;
	void *data;
};
#define BUCKETS 32u
static struct chrdev *table[BUCKETS];
static DEFINE_SPINLOCK(chrdev_lock, LR_INODE_LIST);

static struct chrdev *find(dev_t dev)
{
	struct chrdev *c = smp_load_acquire(&table[MAJOR(dev) % BUCKETS]);

	for (; c; c = smp_load_acquire(&c->next))
		if (dev >= c->first && dev - c->first < c->count)
			return c;
	return NULL;
}

int chrdev_register(dev_t first, unsigned count, const char *name, const struct file_ops *ops,
		    void *data)
{
	struct chrdev *c, *o;

	if (!count || MINOR(first) + count > 0x100000)
		return -EINVAL;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	*c = (struct chrdev){ NULL, first, count, name, ops, data };
	spin_lock(&chrdev_lock);
	for (o = table[MAJOR(first) % BUCKETS]; o; o = o->next)
		if (first < o->first + o->count && o->first < first + count) {
			spin_unlock(&chrdev_lock);
			kfree(c);
			return -EBUSY;
		}
	c->next = table[MAJOR(first) % BUCKETS];
	smp_store_release(&table[MAJOR(first) % BUCKETS], c);
	spin_unlock(&chrdev_lock);
	return 0;
}

void *chrdev_data(dev_t dev)
{
	struct chrdev *c = find(dev);

	return c ? c->data : NULL;
}

static int chrdev_open(struct inode *inode, struct file *f)
{
	struct chrdev *c = find(inode->rdev);

	if (!c)
		return -ENXIO;
	f->ops = c->ops;
	return f->ops->open ? f->ops->open(inode, f) : 0;
}

const struct file_ops chrdev_fops = { .open = chrdev_open, .llseek = no_llseek };

static int bad_open(struct inode *inode, struct file *f)
{
	return -ENXIO;
}

const struct file_ops bad_fops = { .open = bad_open };

int chrdev_show(struct seq *s, void *unused)
{
	unsigned major;

	seq_puts(s, "Character devices:\n");
	for (major = 0; major < 4096; major++) {
		const char *last = NULL;

		for (struct chrdev *c = table[major % BUCKETS]; c; c = c->next) {
			if (MAJOR(c->first) != major || (last && !strcmp(last, c->name)))
				continue;
			seq_printf(s, "%3u %s\n", major, c->name);
			last = c->name;
		}
	}
	seq_puts(s, "\nBlock devices:\n");
	return 0;
}
