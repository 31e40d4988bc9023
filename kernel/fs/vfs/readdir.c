/* SPDX-License-Identifier: MIT */
/*
 * getdents64(2), and getdents(2) of the tables that have it.
 *
 * Records are built in the user's buffer one by one. A record's d_off is where the listing
 * goes on behind it: the
 * position of the next one, written when that is known. The position moves only past names
 * that fitted.
 */
#include <uapi/dirent.h>
#include "vfs_internal.h"

bool dir_emit_dots(struct file *f, struct dir_context *c)
{
	struct dentry *d = f->path.dentry;

	if (c->pos == 0) {
		if (!dir_emit(c, ".", 1, d->inode->ino, DT_DIR))
			return false;
		c->pos = 1;
	}
	if (c->pos == 1) {
		ino_t up;

		rcu_read_lock();
		up = READ_ONCE(d->parent)->inode ? d->parent->inode->ino : d->inode->ino;
		rcu_read_unlock();
		if (!dir_emit(c, "..", 2, up, DT_DIR))
			return false;
		c->pos = 2;
	}
	return true;
}

struct getdents {
	struct dir_context ctx;
	char __user *at;		/* where the next record goes */
	struct linux_dirent64 __user *prev;	/* whose d_off is still to be written */
	size_t room;
	int err;
};

static bool emit_dirent(struct dir_context *c, const char *name, unsigned len, loff_t pos,
			ino_t ino, unsigned type)
{
	struct getdents *g = container_of(c, struct getdents, ctx);
	size_t size = ALIGN_UP(offsetof(struct linux_dirent64, d_name) + len + 1, 8ul);
	/* Header, name and padding in one copy: the longest name makes 280 bytes. */
	union {
		struct linux_dirent64 d;
		char bytes[32];
		uint64_t words[4];
	} head;
	char __user *to = g->at;
	unsigned first =
		MIN(len, 12u); /* what fits behind the header in 32 bytes, with its terminator */

	if (unlikely(size > g->room)) {
		g->err = -EINVAL;		/* unless something went before */
		return false;
	}
	if (g->prev && unlikely(signal_pending(current)))
		return false;
	head.words[2] = head.words[3] = 0;
	head.d.d_ino = ino;
	head.d.d_off = 0;
	head.d.d_reclen = (uint16_t)size;
	head.d.d_type = (uint8_t)type;
	__builtin_memcpy(head.bytes + 19, name, first);
	if (g->prev && put_user(pos, &g->prev->d_off))
		goto fault;
	if (likely(len <= 12)) {
		if (copy_to_user(to, &head, size))
			goto fault;
	} else {
		/*
		 * The last word holds the end of the name and zeroes; it goes first, the name
		 * over it.
		 */
		if (put_user((uint64_t)0, (uint64_t __user *)(void __user *)(to + size - 8)) ||
		    copy_to_user(to, &head, 19) || copy_to_user(to + 19, name, len))
			goto fault;
	}
	g->prev = (struct linux_dirent64 __user *)(void __user *)to;
	g->at = to + size;
	g->room -= size;
	return true;
fault:
	g->err = -EFAULT;
	return false;
}

/* The older record: the type is its last byte, behind the name and the padding. The offset is where the newer one has it. */
static bool emit_legacy(struct dir_context *c, const char *name, unsigned len, loff_t pos, ino_t ino, unsigned type)
{
	struct getdents *g = container_of(c, struct getdents, ctx);
	size_t size = ALIGN_UP(offsetof(struct linux_dirent, d_name) + len + 2, 8ul);
	struct linux_dirent head = { .d_ino = ino, .d_reclen = (uint16_t)size };
	uint64_t tail = (uint64_t)type << 56;	/* little-endian: the last byte of eight */
	char __user *to = g->at;

	if (unlikely(size > g->room)) {
		g->err = -EINVAL;
		return false;
	}
	if (g->prev && unlikely(signal_pending(current)))
		return false;
	/* The last word goes first, the name over it; the terminator may lie before that word. */
	if ((g->prev && put_user(pos, &g->prev->d_off)) ||
	    put_user(tail, (uint64_t __user *)(void __user *)(to + size - 8)) ||
	    copy_to_user(to, &head, offsetof(struct linux_dirent, d_name)) ||
	    copy_to_user(to + offsetof(struct linux_dirent, d_name), name, len) ||
	    put_user('\0', to + offsetof(struct linux_dirent, d_name) + len)) {
		g->err = -EFAULT;
		return false;
	}
	g->prev = (struct linux_dirent64 __user *)(void __user *)to;
	g->at = to + size;
	g->room -= size;
	return true;
}

static int iterate(struct file *f, struct dir_context *c)
{
	struct inode *inode = f->inode;
	int err;

	if (!f->ops->iterate)
		return -ENOTDIR;
	down_read(&inode->rwsem);
	if (inode->state & I_DEAD)
		err = -ENOENT;
	else {
		c->pos = f->pos;
		err = f->ops->iterate(f, c);
		f->pos = c->pos;
		touch_atime(&f->path);
	}
	up_read(&inode->rwsem);
	if (inode_watched(inode))
		fsnotify_path(&f->path, 0x40000001 /* IN_ACCESS | IN_ISDIR */);
	return err;
}

static long read_dir(unsigned int fd, void __user *dirent, unsigned int count,
		     bool (*emit)(struct dir_context *, const char *, unsigned, loff_t, ino_t, unsigned))
{
	struct getdents g = { .ctx.emit = emit, .at = dirent, .room = count };
	struct fd f = fd_get_pos(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = iterate(f.file, &g.ctx);
	if (ret >= 0) {
		ret = g.err;
		if (g.prev) {
			ret = (char __user *)g.at - (char __user *)dirent;
			if (put_user(g.ctx.pos, &g.prev->d_off))
				ret = -EFAULT;
		}
	}
	fd_put(f);
	return ret;
}

long sys_getdents64(unsigned int fd, void __user *dirent, unsigned int count)
{
	return read_dir(fd, dirent, count, emit_dirent);
}

long sys_legacy_getdents(unsigned int fd, void __user *dirent, unsigned int count)
{
	return read_dir(fd, dirent, count, emit_legacy);
}
