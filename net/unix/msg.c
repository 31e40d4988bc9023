/* SPDX-License-Identifier: MIT */
/*
 * Messages of Unix sockets: memory, accounting, copies.
 *
 * Small data lies in the message itself, larger data in pages of its own; user memory is read before any lock is taken. A
 * message counts in its sender's buffer until it is freed. What it counts is Linux's arithmetic (a header, a linear part
 * rounded as its allocator rounds, pages), because how many messages fit into SO_SNDBUF is seen by programs.
 *
 * Locks: none; unix_sock.wmem is atomic.
 */
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include "unix_internal.h"

#define SKB_HEAD 256u		/* Linux's struct sk_buff, aligned */
#define SKB_SHARED 320u		/* its struct skb_shared_info, in the data's allocation */
#define SKB_MAX_LINEAR (4 * PAGE_SIZE - SKB_SHARED)
#define SKB_MAX_FRAGS 17u
#define MSG_MAX (16u << 20)	/* a larger datagram is ENOBUFS whatever the buffer: Linux's allocator gives up earlier */

static uint32_t linear_size(size_t n)
{
	n = ALIGN_UP(n, (size_t)64) + SKB_SHARED;
	return SKB_HEAD + (uint32_t)(n <= 512 ? 512 : 2ul << ilog2_u64(n - 1));
}

static uint32_t stream_size(size_t n)
{
	size_t paged = n > UNIX_CHUNK_HEAD ? MIN(n, ALIGN_UP(n - UNIX_CHUNK_HEAD, PAGE_SIZE)) : 0;

	return linear_size(n - paged) + (uint32_t)ALIGN_UP(paged, PAGE_SIZE);
}

static uint32_t dgram_size(size_t n)
{
	size_t paged = n > SKB_MAX_LINEAR ? ALIGN_UP(MIN(n - SKB_MAX_LINEAR, SKB_MAX_FRAGS * PAGE_SIZE), PAGE_SIZE) : 0;

	return linear_size(n - paged) + (uint32_t)paged;
}

static bool may_send_more(struct unix_sock *u)
{
	return atomic_read(&u->wmem) < READ_ONCE(u->s.sndbuf) || READ_ONCE(u->s.err) || (READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND);
}

static int wait_buffer(struct unix_sock *u, unsigned flags)
{
	nsec_t deadline = NSEC_NEVER;
	bool first = true;

	for (;;) {
		int err = socket_error(&u->s);

		if (unlikely(err))
			return err;
		if (unlikely(READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND))
			return -EPIPE;
		if (likely(atomic_read(&u->wmem) < READ_ONCE(u->s.sndbuf)))
			return 0;
		if (flags & MSG_DONTWAIT)
			return -EAGAIN;
		if (first)
			deadline = socket_snd_deadline(&u->s);
		first = false;
		err = wait_event_state(&u->s.wr_wait, may_send_more(u), TASK_INTERRUPTIBLE, deadline, false);
		if (err)
			return socket_wait_error(err, deadline);
	}
}

static void free_pages(struct unix_msg *m)
{
	for (unsigned i = 0; i < m->npages; i++)
		page_put(m->page[i]);
}

static int fill_pages(struct unix_msg *m, struct iov_iter *from, size_t len)
{
	while (len) {
		size_t n = MIN(len, PAGE_SIZE);
		struct page *p = page_alloc(0, GFP_USER);

		if (!p)
			return -ENOBUFS;
		m->page[m->npages++] = p;
		if (copy_from_iter(page_to_virt(p), n, from) != n)
			return -EFAULT;
		len -= n;
	}
	return 0;
}

int unix_msg_create(struct unix_sock *u, struct sockmsg *sm, size_t len, bool stream, struct unix_msg **out)
{
	bool small = len <= UNIX_INLINE;
	struct unix_msg *m;
	int err = wait_buffer(u, sm->flags);

	if (unlikely(err))
		return err;
	if (unlikely(len > MSG_MAX))
		return -ENOBUFS;
	m = kmalloc(sizeof(*m) + (small ? len : DIV_ROUND_UP(len, PAGE_SIZE) * sizeof(struct page *)), GFP_KERNEL);
	if (unlikely(!m))
		return -ENOBUFS;
	m->next = NULL;
	atomic_set(&m->refs, 1);
	m->len = (uint32_t)len;
	m->off = 0;
	m->npages = 0;
	m->has_cred = m->holds_owner = m->extra = false;
	m->owner = u;
	m->pid = NULL;
	m->rights = NULL;
	if (small)
		err = copy_from_iter(m->data, len, &sm->iter) != len ? -EFAULT : 0;
	else
		err = fill_pages(m, &sm->iter, len);
	if (unlikely(err)) {
		free_pages(m);
		kfree(m);
		return err;
	}
	m->truesize = stream ? stream_size(len) : dgram_size(len);
	atomic_add(&u->wmem, (int)m->truesize);
	*out = m;
	return 0;
}

void unix_msg_free(struct unix_msg *m)
{
	struct unix_sock *u = m->owner;
	int left = atomic_sub_return(&u->wmem, (int)m->truesize);

	/* Writers go on when a quarter is used at most: fewer, longer runs. */
	if ((int64_t)left * 4 <= READ_ONCE(u->s.sndbuf))
		socket_wake(&u->s, &u->s.wr_wait, 1, POLLOUT | POLLWRNORM | POLLWRBAND);
	if (unlikely(m->extra)) {
		if (m->pid)
			pid_put(m->pid);
		if (m->rights)
			unix_rights_drop(m->rights);
		if (m->holds_owner)
			unix_put(u);
	}
	if (m->npages)
		free_pages(m);
	kfree(m);
}

size_t unix_msg_copy(const struct unix_msg *m, size_t off, size_t n, struct iov_iter *to)
{
	size_t done = 0;

	if (!m->npages)
		return copy_to_iter(m->data + off, n, to);
	while (done < n) {
		size_t at = (off + done) & (PAGE_SIZE - 1), part = MIN(PAGE_SIZE - at, n - done), got;

		got = copy_to_iter((char *)page_to_virt(m->page[(off + done) / PAGE_SIZE]) + at, part, to);
		done += got;
		if (got < part)
			break;
	}
	return done;
}
