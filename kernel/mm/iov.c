/* SPDX-License-Identifier: MIT */
/*
 * Iterators over user buffers, vectors of them, kernel buffers and pages.
 *
 * Invariants: count is the sum of what is left; offset < length of the current segment, or
 * count is 0. For ITER_UBUF ubuf stays and offset runs, so that going back is a subtraction
 * for every kind. User addresses were checked (access_ok) when the iterator was made by
 * iter_import(); a plain user buffer is checked at each copy.
 *
 * Locks: none. A copy may sleep if the memory is a user's.
 */
#include <kernel/errno.h>
#include <kernel/iov.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>

void iter_kvec(struct iov_iter *i, bool source, const struct kvec *v, unsigned nr, size_t count)
{
	*i = (struct iov_iter){
		.kind = ITER_KVEC, .is_source = source, .nr = nr, .count = count, .kvec = v
	};
}

void iter_bvec(struct iov_iter *i, bool source, const struct bvec *v, unsigned nr, size_t count)
{
	*i = (struct iov_iter){
		.kind = ITER_BVEC, .is_source = source, .nr = nr, .count = count, .bvec = v
	};
}

int iter_import(struct iov_iter *i, bool source, const struct iovec __user *uv, unsigned long nr,
		struct iovec *fast, struct iovec **heap)
{
	struct iovec *v = fast;
	size_t total = 0;

	*heap = NULL;
	if (nr > IOV_MAX)
		return -EINVAL;
	if (nr > IOV_FAST) {
		v = kmalloc_array(nr, sizeof(*v), GFP_KERNEL);
		if (!v)
			return -ENOMEM;
		*heap = v;
	}
	if (copy_from_user(v, uv, nr * sizeof(*v)))
		goto fault;
	for (unsigned long k = 0; k < nr; k++) {
		if ((ssize_t)v[k].len < 0) {
			kfree(*heap);
			*heap = NULL;
			return -EINVAL;
		}
		if (!access_ok(v[k].base, v[k].len))
			goto fault;
		if (v[k].len > MAX_RW_COUNT - total)
			v[k].len = MAX_RW_COUNT - total;
		total += v[k].len;
	}
	*i = (struct iov_iter){ .kind = ITER_IOVEC,
				.is_source = source,
				.nr = (unsigned)nr,
				.count = total,
				.iov = v };
	return 0;
fault:
	kfree(*heap);
	*heap = NULL;
	return -EFAULT;
}

static inline size_t segment_len(const struct iov_iter *i)
{
	switch (i->kind) {
	case ITER_IOVEC:
		return i->iov->len;
	case ITER_KVEC:
		return i->kvec->len;
	case ITER_BVEC:
		return i->bvec->len;
	default:
		return i->offset + i->count;
	}
}

static inline void next_segment(struct iov_iter *i)
{
	i->offset = 0;
	i->nr--;
	switch (i->kind) {
	case ITER_IOVEC:
		i->iov++;
		break;
	case ITER_KVEC:
		i->kvec++;
		break;
	default:
		i->bvec++;
		break;
	}
}

enum copy_op { COPY_OUT, COPY_IN, COPY_ZERO };

/* One piece, inside one segment. Returns bytes done. */
static size_t copy_piece(struct iov_iter *i, char *k, size_t n, enum copy_op op)
{
	char *d;

	if (i->kind == ITER_UBUF || i->kind == ITER_IOVEC) {
		char __user *u =
			(char __user *)(i->kind == ITER_UBUF ? i->ubuf : i->iov->base) + i->offset;

		if (op == COPY_OUT)
			return n - copy_to_user(u, k, n);
		if (op == COPY_IN)
			return n - copy_from_user(k, u, n);
		return n - clear_user(u, n);
	}
	d = i->kind == ITER_KVEC ? (char *)i->kvec->base
				 : (char *)page_to_virt(i->bvec->page) + i->bvec->offset;
	d += i->offset;
	if (op == COPY_OUT)
		memcpy(d, k, n);
	else if (op == COPY_IN)
		memcpy(k, d, n);
	else
		memset(d, 0, n);
	return n;
}

static __noinline size_t iter_copy(struct iov_iter *i, char *k, size_t n, enum copy_op op)
{
	size_t total = 0;

	n = MIN(n, i->count);
	while (n) {
		size_t room = segment_len(i) - i->offset, step, done;

		if (!room) {
			next_segment(i);
			continue;
		}
		step = MIN(room, n);
		done = copy_piece(i, k + total, step, op);
		i->offset += done;
		i->count -= done;
		total += done;
		n -= done;
		if (done < step)
			break;
	}
	return total;
}

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *i)
{
	if (likely(i->kind == ITER_UBUF)) {
		n = MIN(n, i->count);
		n -= copy_to_user((char __user *)i->ubuf + i->offset, src, n);
		i->offset += n;
		i->count -= n;
		return n;
	}
	return iter_copy(i, (char *)(uintptr_t)src, n, COPY_OUT);
}

size_t copy_from_iter(void *dst, size_t n, struct iov_iter *i)
{
	if (likely(i->kind == ITER_UBUF)) {
		n = MIN(n, i->count);
		n -= copy_from_user(dst, (char __user *)i->ubuf + i->offset, n);
		i->offset += n;
		i->count -= n;
		return n;
	}
	return iter_copy(i, dst, n, COPY_IN);
}

size_t zero_iter(size_t n, struct iov_iter *i)
{
	return iter_copy(i, NULL, n, COPY_ZERO);
}

void iter_advance(struct iov_iter *i, size_t n)
{
	n = MIN(n, i->count);
	i->count -= n;
	if (i->kind == ITER_UBUF) {
		i->offset += n;
		return;
	}
	while (n) {
		size_t room = segment_len(i) - i->offset;

		if (room > n) {
			i->offset += n;
			return;
		}
		n -= room;
		i->offset += room;
		if (n)
			next_segment(i);
	}
}

/* Back over bytes that were advanced over before. */
void iter_revert(struct iov_iter *i, size_t n)
{
	i->count += n;
	while (n > i->offset) {
		n -= i->offset;
		i->nr++;
		switch (i->kind) {
		case ITER_IOVEC:
			i->iov--;
			break;
		case ITER_KVEC:
			i->kvec--;
			break;
		default:
			i->bvec--;
			break;
		}
		i->offset = segment_len(i);
	}
	i->offset -= n;
}
