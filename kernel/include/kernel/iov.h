/* SPDX-License-Identifier: MIT */
/*
 * Where data goes to or comes from: user buffers, kernel buffers, or pages. Readers copy_to_iter(), writers
 * copy_from_iter(); both advance and return the bytes done, short when a user access faulted.
 */
#pragma once
#include <kernel/types.h>

struct page;
struct iovec { void __user *base; uint64_t len; };	/* the ABI's */
struct kvec { void *base; size_t len; };
struct bvec { struct page *page; uint32_t offset, len; };
#define IOV_MAX 1024
#define IOV_FAST 8
#define MAX_RW_COUNT 0x7ffff000ul

enum iter_kind { ITER_UBUF, ITER_IOVEC, ITER_KVEC, ITER_BVEC };
struct iov_iter {
	enum iter_kind kind;
	bool is_source;			/* data comes from it: a write */
	unsigned nr;			/* segments left */
	size_t offset;			/* in the current segment */
	size_t count;			/* bytes left */
	union {
		void __user *ubuf;
		const struct iovec *iov;
		const struct kvec *kvec;
		const struct bvec *bvec;
	};
};
static inline void iter_ubuf(struct iov_iter *i, bool source, void __user *p, size_t n)
{
	i->kind = ITER_UBUF;
	i->is_source = source;
	i->nr = 1;
	i->offset = 0;
	i->count = n;
	i->ubuf = p;
}
void iter_kvec(struct iov_iter *i, bool source, const struct kvec *v, unsigned nr, size_t count);
void iter_bvec(struct iov_iter *i, bool source, const struct bvec *v, unsigned nr, size_t count);
/* From user's iovec array: checks lengths and addresses. *heap is to be kfree'd (may be NULL). @fast: IOV_FAST entries. -EINVAL, -EFAULT, -ENOMEM. */
int iter_import(struct iov_iter *i, bool source, const struct iovec __user *uv, unsigned long nr, struct iovec *fast, struct iovec **heap) __must_check;
size_t copy_to_iter(const void *src, size_t n, struct iov_iter *i);
size_t copy_from_iter(void *dst, size_t n, struct iov_iter *i);
size_t zero_iter(size_t n, struct iov_iter *i);
void iter_advance(struct iov_iter *i, size_t n);
void iter_revert(struct iov_iter *i, size_t n);
