/* SPDX-License-Identifier: MIT */
/*
 * The page cache: the one home of file contents. Every inode with contents has one; tmpfs is a page cache
 * without a device. Look-ups take no lock (RCU, then a reference, then a second look).
 *
 * Locks used to protect struct members in this file:
 *	c	page_cache->lock (LR_PAGE_CACHE, spinlock): tree changes
 *	f	page_cache->map_lock (LR_MAPPING, rwsem): the list of areas; held for writing over truncation
 *	i	inode->rwsem: size
 */
#pragma once
#include <kernel/mm.h>
#include <kernel/mutex.h>
#include <kernel/xarray.h>

struct inode;
struct iov_iter;
struct file;
struct vm_area;
struct vm_fault;
struct page_cache;
struct page_cache_ops {
	/* Fills a locked page from the device. NULL: absent pages are zeroes (tmpfs). */
	int (*read_page)(struct page_cache *c, struct page *p);
	int (*write_page)(struct page_cache *c, struct page *p);
	/* Before a page of tmpfs is made: account it (-ENOSPC). */
	int (*charge)(struct page_cache *c, uint64_t pages);
	void (*uncharge)(struct page_cache *c, uint64_t pages);
};
struct page_cache {
	struct inode *inode;		/* [I] NULL: anonymous shared memory has an inode too, so never */
	const struct page_cache_ops *ops;
	struct spinlock lock;
	struct xarray pages;		/* [c] index -> struct page */
	uint64_t nr_pages;		/* [c] */
	struct rwsem map_lock;
	struct list_head areas;		/* [f] vm_area.cache_link */
	atomic_t writable_maps;		/* shared writable areas; -1: denied (F_SEAL_WRITE) */
	bool is_shmem;
};
void page_cache_init(struct page_cache *c, struct inode *inode, const struct page_cache_ops *ops);
/* The page with a reference, or NULL. */
struct page *page_cache_find(struct page_cache *c, uint64_t index);
/* Finds or makes (zeroed or read) the page: 0 with a reference, -ENOMEM, -ENOSPC, -EIO. May sleep. */
int page_cache_get(struct page_cache *c, uint64_t index, struct page **out) __must_check;
/* Adds the caller's page (ramdisk unpacking without a copy). -EEXIST. Takes over the reference on success. */
int page_cache_add(struct page_cache *c, uint64_t index, struct page *p) __must_check;
/* Generic file reads and writes through the cache; i_size is honoured and (write) extended. Locks: write takes inode->rwsem. */
ssize_t page_cache_read(struct file *f, struct iov_iter *to, loff_t *pos);
ssize_t page_cache_write(struct file *f, struct iov_iter *from, loff_t *pos);
/* Drops pages from @size on, clears the tail of the last; unmaps them first. inode->rwsem held for writing. */
void page_cache_truncate(struct page_cache *c, loff_t size);
void page_cache_punch(struct page_cache *c, loff_t from, loff_t to);	/* holes: whole pages dropped, edges zeroed */
void page_cache_destroy(struct page_cache *c);
loff_t page_cache_seek(struct page_cache *c, loff_t off, loff_t size, bool hole);	/* SEEK_DATA, SEEK_HOLE */
/* vm_ops of plain files; page_cache_mmap is file_ops.mmap. */
int page_cache_mmap(struct file *f, struct vm_area *a);
int page_cache_fault(struct vm_fault *vmf);
/* An unlinked tmpfs file for MAP_SHARED|MAP_ANONYMOUS, memfd, SysV shm. fs/tmpfs. */
struct file *shmem_file_create(const char *name, loff_t size, unsigned flags, int *err);
