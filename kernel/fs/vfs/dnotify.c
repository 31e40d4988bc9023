/* SPDX-License-Identifier: MIT */
/*
 * F_NOTIFY of fcntl(2): a file that is an open directory gets a signal when something in it changes.
 *
 * There is one mark for a file in a descriptor table, made by the first call, added to by those that follow. It holds
 * no reference on the file: it ends when the table gives up a descriptor of that file (any of them), so a table that has
 * such a mark holds the file. A call that races with the last close looks at the table again after it has made the mark.
 *
 * Locks: fsnotify_lock for the marks; signals are sent under it.
 */
#include <kernel/poll.h>
#include <uapi/inotify.h>
#include "vfs_internal.h"

#define POLL_MSG 3		/* si_code: a message is available, sigaction(2) */

struct dmark {
	struct fsmark fs;
	struct file *file;		/* see above */
	struct files *owner;		/* compared only */
	int fd;				/* [fsnotify_lock] through which it was last asked for: si_fd */
	bool multishot;			/* [fsnotify_lock] */
};

static bool dmark_event(struct fsmark *fm, uint32_t mask, uint32_t cookie, const char *name, uint32_t len)
{
	struct dmark *m = container_of(fm, struct dmark, fs);

	file_send_sigio(m->file, POLLIN | POLLRDNORM | POLLMSG, POLL_MSG, m->fd);
	return !m->multishot;
}

static void dmark_ended(struct fsmark *fm)
{
}

static void dmark_free(struct fsmark *fm)
{
	kfree(container_of(fm, struct dmark, fs));
}

static const struct fsmark_ops dnotify_ops = { dmark_event, dmark_ended, dmark_free };

static struct dmark *find_locked(const struct file *f, const struct files *owner)
{
	struct fsmark *fm;

	list_for_each_entry(fm, &f->inode->watches, on_inode) {
		struct dmark *m = container_of(fm, struct dmark, fs);

		if (fm->ops == &dnotify_ops && m->file == f && m->owner == owner)
			return m;
	}
	return NULL;
}

/* @owner gives up a descriptor of @f, or asks for nothing more. */
void dnotify_close(struct file *f, struct files *owner)
{
	struct dmark *m;

	spin_lock(&fsnotify_lock);
	m = find_locked(f, owner);
	if (m)
		fsmark_unlink_locked(&m->fs);
	spin_unlock(&fsnotify_lock);
	if (m)
		fsmark_free(&m->fs);
}

static uint32_t events_of(unsigned long arg)
{
	static const struct { uint32_t dn, in; } map[] = {
		{ DN_ACCESS, IN_ACCESS }, { DN_MODIFY, IN_MODIFY }, { DN_ATTRIB, IN_ATTRIB },
		{ DN_CREATE, IN_CREATE | IN_MOVED_TO }, { DN_DELETE, IN_DELETE | IN_MOVED_FROM },
		{ DN_RENAME, FSN_RENAME },
	};
	uint32_t mask = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		if (arg & map[i].dn)
			mask |= map[i].in;
	return mask;
}

/* The mark of (@f, @owner) also has @arg; made from *@new, which is then NULL, when there is none. */
static void add_locked(struct dmark **new, struct file *f, struct files *owner, unsigned fd, unsigned long arg)
{
	struct dmark *m = find_locked(f, owner);

	if (!m) {
		m = *new;
		*new = NULL;
		*m = (struct dmark){ .file = f, .owner = owner };
		fsmark_link_locked(&m->fs, &dnotify_ops, f->inode, 0);
	}
	m->fs.mask |= events_of(arg);
	m->multishot |= arg & DN_MULTISHOT;
	m->fd = (int)fd;
}

long dnotify_set(unsigned fd, struct file *f, unsigned long arg)
{
	struct files *owner = current->files;
	struct dmark *new;
	bool closed;
	int err;

	if (!(arg & ~(unsigned long)DN_MULTISHOT)) {
		dnotify_close(f, owner);
		return 0;
	}
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	if (!READ_ONCE(f->owner)) {
		err = file_set_owner(f, F_OWNER_PID, current->proc->pid);
		if (err) {
			kfree(new);
			return err;
		}
	}
	spin_lock(&f->lock);
	f->mode |= FMODE_DNOTIFY;
	spin_unlock(&f->lock);
	spin_lock(&fsnotify_lock);
	add_locked(&new, f, owner, fd, arg);
	spin_unlock(&fsnotify_lock);
	kfree(new);
	/* Who takes the descriptor from the table after this has seen the bit in f->mode. */
	spin_lock(&owner->lock);
	closed = fd >= owner->table->max || owner->table->fd[fd] != f;
	spin_unlock(&owner->lock);
	if (closed)
		dnotify_close(f, owner);
	return 0;
}
