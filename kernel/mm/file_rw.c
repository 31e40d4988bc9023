/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing files through the page cache.
 *
 * Reads take no lock: the size is sampled before each page, the page is held by a reference. A
 * hole of a file without a device reads as zeroes and gets no page. Writes are serialised by
 * inode->rwsem, so a write is atomic with respect to other writes. User memory is copied with
 * only that (sleeping) lock held: no page is locked, and faults never take inode->rwsem, so a
 * buffer that is a mapping of the same file cannot deadlock. A page that a write makes is
 * filled before anybody can find it.
 *
 * References: read(2), write(2), getrlimit(2) RLIMIT_FSIZE.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/iov.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "mm_internal.h"

/*
 * n bytes at @off of page @index go to the reader. Returns bytes done (short: the user's
 * memory), or an error.
 */
static ssize_t read_part(struct page_cache *c, uint64_t index, size_t off, size_t n,
			 struct iov_iter *to)
{
	struct page *p = page_cache_find(c, index);
	ssize_t done;

	if (unlikely(!p || !(p->flags & PG_UPTODATE))) {
		int err;

		if (p)
			page_put(p);
		else if (!c->ops || !c->ops->read_page)
			return (ssize_t)zero_iter(n, to);
		err = page_cache_get(c, index, &p);
		if (err)
			return err;
	}
	done = (ssize_t)copy_to_iter((char *)page_to_virt(p) + off, n, to);
	page_put(p);
	return done;
}

ssize_t page_cache_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct page_cache *c = f->cache;
	loff_t at = *pos;
	ssize_t total = 0, err = 0;

	while (to->count) {
		loff_t size = READ_ONCE(c->inode->size);
		size_t off = (size_t)at & (PAGE_SIZE - 1);
		size_t n = MIN(PAGE_SIZE - off, to->count);
		ssize_t done;

		if (at >= size)
			break;
		if ((loff_t)n > size - at)
			n = (size_t)(size - at);
		done = read_part(c, (uint64_t)at >> PAGE_SHIFT, off, n, to);
		if (unlikely(done < 0)) {
			err = done;
			break;
		}
		at += done;
		total += done;
		if (unlikely((size_t)done < n)) {
			err = -EFAULT;
			break;
		}
		if (unlikely((total & ((1 << 20) - 1)) == 0) && fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
	}
	*pos = at;
	if (likely(!(f->flags & O_NOATIME)))
		touch_atime(&f->path);
	return total ? total : err;
}

/*
 * Where and how much may be written: append mode, RLIMIT_FSIZE, the file system's limit.
 * Returns bytes or an error.
 */
static ssize_t write_checks(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = f->inode;
	uint64_t limit = rlimit(RLIMIT_FSIZE);
	loff_t max = inode->sb && inode->sb->max_bytes ? inode->sb->max_bytes : INT64_MAX;

	if (!from->count)
		return 0;
	if (f->flags & O_APPEND)
		*pos = inode->size;
	if (*pos < 0)
		return -EINVAL;
	if (limit != RLIM_INFINITY) {
		if ((uint64_t)*pos >= limit) {
			send_signal_task(SIGXFSZ, NULL, current);
			return -EFBIG;
		}
		from->count = MIN(from->count, (size_t)(limit - (uint64_t)*pos));
	}
	if (*pos >= max)
		return -EFBIG;
	from->count = MIN(from->count, (size_t)(max - *pos));
	return (ssize_t)from->count;
}

/*
 * A page that is not there yet: filled from the writer, then entered. -EEXIST: somebody else
 * made one meanwhile; the source is where it was.
 */
static ssize_t write_new_page(struct page_cache *c, uint64_t index, size_t off, size_t n,
			      struct iov_iter *from)
{
	struct page *p;
	size_t done;
	int err = page_cache_charge(c);

	if (err)
		return err;
	p = page_alloc(0, GFP_USER | (n < PAGE_SIZE ? GFP_ZERO : 0));
	err = -ENOMEM;
	if (!p)
		goto out_uncharge;
	done = copy_from_iter((char *)page_to_virt(p) + off, n, from);
	err = -EFAULT;
	if (!done)
		goto out_free;
	if (n == PAGE_SIZE && done < n)
		memset((char *)page_to_virt(p) + done, 0, PAGE_SIZE - done);
	p->flags = PG_UPTODATE | PG_DIRTY | (c->is_shmem ? PG_SHMEM : 0);
	err = page_cache_add(c, index, p);
	if (!err)
		return (ssize_t)done;
	iter_revert(from, done);
out_free:
	p->flags = 0;
	page_put(p);
out_uncharge:
	page_cache_uncharge(c, 1);
	return err;
}

static ssize_t write_part(struct page_cache *c, loff_t at, size_t n, struct iov_iter *from)
{
	uint64_t index = (uint64_t)at >> PAGE_SHIFT;
	size_t off = (size_t)at & (PAGE_SIZE - 1), done;
	bool device = c->ops && c->ops->read_page;
	struct page *p;
	int err;

	for (;;) {
		ssize_t made;

		p = page_cache_find(c, index);
		if (p && likely(p->flags & PG_UPTODATE))
			break;
		if (p)
			page_put(p);
		if (device && (n < PAGE_SIZE || p)) {
			err = page_cache_get(c, index, &p);
			if (err)
				return err;
			break;
		}
		made = write_new_page(c, index, off, n, from);
		if (made != -EEXIST)
			return made;
	}
	done = copy_from_iter((char *)page_to_virt(p) + off, n, from);
	if (p->flags & PG_ICACHE)
		page_flag_clear(p, PG_ICACHE);
	if (!(p->flags & PG_DIRTY))
		page_flag_set(p, PG_DIRTY);
	page_put(p);
	return done ? (ssize_t)done : -EFAULT;
}

ssize_t page_cache_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct page_cache *c = f->cache;
	struct inode *inode = f->inode;
	ssize_t total = 0, err;
	loff_t at;

	down_write(&inode->rwsem);
	err = write_checks(f, from, pos);
	if (err <= 0)
		goto out;
	at = *pos;
	err = file_remove_privs(f);
	if (!err)
		err = file_update_time(f);
	if (err)
		goto out;
	while (from->count) {
		size_t n = MIN(PAGE_SIZE - ((size_t)at & (PAGE_SIZE - 1)), from->count);
		ssize_t done = write_part(c, at, n, from);

		if (unlikely(done < 0)) {
			err = done;
			break;
		}
		at += done;
		total += done;
		if (at > inode->size)
			WRITE_ONCE(inode->size, at);
		if (unlikely((total & ((1 << 20) - 1)) == 0) && fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		/*
		 * A short copy is tried again: the fault may have been served half-way. A
		 * second one in a row is an error.
		 */
	}
	*pos = at;
out:
	up_write(&inode->rwsem);
	return total ? total : err;
}
