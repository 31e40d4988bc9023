/* SPDX-License-Identifier: MIT */
/*
 * Unix sockets: creation, the end, poll, shutdown, ioctl. unix(7).
 *
 * A socket is found by its name (addr.c), by its peer, or in the queue of a listener; each of these keeps it alive
 * (`refs`). It is over (`dead`) when its last descriptor goes: nothing is sent to it from then on, and what is queued
 * is thrown away. A stream's peer pointer is set once, before anyone can use it, and goes only with the socket itself:
 * a call on a connected stream reads it without a lock.
 *
 * Locks: unix_gc_lock -> unix_table_lock -> unix_sock.lock (two by address) -> unix_full_lock. unix_sock.read_lock is a mutex
 * around the copies of a receiver. Wake-ups are made with no lock held.
 */
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/ioctl.h>
#include "unix_internal.h"

static struct kmem_cache *unix_cache;
static int sysctl_max_dgram_qlen = 10;

struct unix_sock *unix_alloc(int type)
{
	struct unix_sock *u = kmem_cache_alloc(unix_cache, GFP_KERNEL | GFP_ZERO);

	if (!u)
		return NULL;
	socket_init(&u->s,
		    type == SOCK_STREAM ? &unix_stream_ops : type == SOCK_DGRAM ? &unix_dgram_ops : &unix_seqpacket_ops,
		    AF_UNIX, type, 0);
	spin_lock_init(&u->lock, LR_UNIX);
	mutex_init(&u->read_lock, LR_SOCKET);
	waitq_init(&u->space_wait);
	u->backlog = (unsigned)READ_ONCE(sysctl_max_dgram_qlen);
	list_init(&u->accept_list);
	list_init(&u->full_list);
	list_init(&u->full_link);
	list_init(&u->gc_link);
	spin_lock(&unix_table_lock);
	list_add_tail(&u->all, &unix_all);
	spin_unlock(&unix_table_lock);
	return u;
}

static int unix_create(int type, int protocol, struct socket **out)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)		/* BSD's name for it */
		type = SOCK_DGRAM;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	u = unix_alloc(type);
	if (!u)
		return -ENOMEM;
	*out = &u->s;
	return 0;
}

static void unix_destroy(struct socket *s)
{
	struct unix_sock *u = unix_sk(s);

	if (u->addr)
		unix_addr_put(u->addr);
	socket_fini(s);
	kmem_cache_free(unix_cache, u);
}

void unix_lock2(struct unix_sock *a, struct unix_sock *b)
{
	if (a > b)
		SWAP(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock);
}

void unix_unlock2(struct unix_sock *a, struct unix_sock *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

struct unix_sock *unix_peer_get(struct unix_sock *u)
{
	struct unix_sock *p;

	spin_lock(&u->lock);
	p = u->peer ? unix_get(u->peer) : NULL;
	spin_unlock(&u->lock);
	return p;
}

/* The other end of a connection learns that this one is over. */
static void tell_peer(struct unix_sock *peer, bool reset)
{
	spin_lock(&peer->lock);
	WRITE_ONCE(peer->s.shutdown, SHUTDOWN_BOTH);
	if (reset)
		socket_set_error(&peer->s, ECONNRESET);
	spin_unlock(&peer->lock);
	socket_wake_state(&peer->s, POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP | POLLOUT | POLLWRNORM | POLLWRBAND |
				    (reset ? POLLERR : 0));
}

static void purge(struct unix_msg *m)
{
	while (m) {
		struct unix_msg *next = m->next;

		unix_msg_put(m);
		m = next;
	}
}

void unix_release_sock(struct unix_sock *u)
{
	struct unix_sock *peer;
	struct unix_msg *queue;
	LIST_HEAD(embryos);
	struct path path;

	unix_addr_release(u);
	spin_lock(&u->lock);
	u->dead = true;
	WRITE_ONCE(u->s.shutdown, SHUTDOWN_BOTH);
	u->s.state = UNIX_CLOSED;
	peer = u->peer;
	u->peer = NULL;
	queue = u->head;
	WRITE_ONCE(u->head, NULL);
	u->tail = u->oob = NULL;
	u->qlen = 0;
	path = u->path;
	u->path = (struct path){ NULL, NULL };
	list_splice_init(&u->accept_list, &embryos);
	spin_unlock(&u->lock);

	unix_told_space_all(u);
	if (u->full_on)
		unix_unwait_full(u);
	if (peer && u->s.type != SOCK_DGRAM)
		tell_peer(peer, queue || u->embryo);
	purge(queue);		/* before the peer goes: messages of streams count in its buffer */
	if (peer)
		unix_put(peer);
	while (!list_empty(&embryos)) {
		struct unix_sock *e = list_first_entry(&embryos, struct unix_sock, accept_link);

		list_del(&e->accept_link);
		socket_release(&e->s);
	}
	if (path.dentry)
		path_put(&path);
}

static void unix_release(struct socket *s)
{
	unix_release_sock(unix_sk(s));
	unix_gc_maybe();
}

static int unix_shutdown(struct socket *s, unsigned how)
{
	struct unix_sock *u = unix_sk(s), *peer = NULL;
	unsigned other = (how & SHUTDOWN_RCV ? SHUTDOWN_SEND : 0) | (how & SHUTDOWN_SEND ? SHUTDOWN_RCV : 0);

	spin_lock(&u->lock);
	WRITE_ONCE(s->shutdown, s->shutdown | how);
	if (u->peer)
		peer = unix_get(u->peer);
	spin_unlock(&u->lock);
	socket_wake_state(s, POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP | POLLOUT | POLLWRNORM);
	/* Connecters and senders that wait for room have nothing to wait for any more. */
	if (how & SHUTDOWN_RCV)
		unix_told_space_all(u);
	if (!peer)
		return 0;
	if (s->type != SOCK_DGRAM) {
		spin_lock(&peer->lock);
		WRITE_ONCE(peer->s.shutdown, peer->s.shutdown | other);
		spin_unlock(&peer->lock);
		socket_wake_state(&peer->s, POLLIN | POLLRDNORM | POLLRDHUP | (other == SHUTDOWN_BOTH ? POLLHUP : 0) |
					    POLLOUT | POLLWRNORM);
	}
	unix_put(peer);
	return 0;
}

static uint32_t poll_common(struct unix_sock *u)
{
	unsigned shut = READ_ONCE(u->s.shutdown);
	uint32_t ev = 0;

	if (READ_ONCE(u->s.err))
		ev |= POLLERR;
	if (shut == SHUTDOWN_BOTH)
		ev |= POLLHUP;
	if (shut & SHUTDOWN_RCV)
		ev |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (READ_ONCE(u->head) || (u->s.state == UNIX_LISTEN && READ_ONCE(u->qlen)))
		ev |= POLLIN | POLLRDNORM;
	if (u->s.type != SOCK_DGRAM && u->s.state == UNIX_CLOSED)
		ev |= POLLHUP;
	return ev;
}

static uint32_t unix_stream_poll(struct socket *s, struct poll_table *pt)
{
	struct unix_sock *u = unix_sk(s);
	uint32_t ev = poll_common(u);

	if (READ_ONCE(u->oob))
		ev |= POLLPRI;
	if (unix_writable(u))
		ev |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return ev;
}

/* Writable means that a datagram would go out: the peer's queue counts too. */
static uint32_t unix_dgram_poll(struct socket *s, struct poll_table *pt)
{
	struct unix_sock *u = unix_sk(s), *peer;
	uint32_t ev = poll_common(u);
	bool writable = unix_writable(u);

	if (pt && pt->key && !(pt->key & (POLLOUT | POLLWRNORM | POLLWRBAND)))
		return ev;
	if (writable && READ_ONCE(u->peer)) {
		peer = unix_peer_get(u);
		if (peer && READ_ONCE(peer->peer) != u && unix_queue_full(peer) && unix_wait_full(u, peer))
			writable = false;
		if (peer)
			unix_put(peer);
	}
	return writable ? ev | POLLOUT | POLLWRNORM | POLLWRBAND : ev;
}

static long bytes_waiting(struct unix_sock *u)
{
	long n = 0;

	if (u->s.state == UNIX_LISTEN)
		return -EINVAL;
	spin_lock(&u->lock);
	for (struct unix_msg *m = u->head; m; m = m->next) {
		n += m->len;
		if (u->s.type == SOCK_DGRAM)
			break;
	}
	spin_unlock(&u->lock);
	return MIN(n, (long)INT32_MAX);
}

/* SIOCUNIXFILE: an O_PATH descriptor of the name that the socket is bound to. */
static long name_fd(struct unix_sock *u)
{
	struct path p = { NULL, NULL };
	struct file *f;
	int err = -ENOENT;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	spin_lock(&u->lock);
	if (u->path.dentry) {
		p = u->path;
		path_get(&p);
	}
	spin_unlock(&u->lock);
	if (!p.dentry)
		return -ENOENT;
	f = file_open_path(&p, O_PATH, &err);
	path_put(&p);
	return f ? fd_install_new(f, O_CLOEXEC) : err;
}

static long unix_ioctl(struct socket *s, struct file *f, unsigned cmd, unsigned long arg)
{
	struct unix_sock *u = unix_sk(s);
	int __user *out = (int __user *)arg;
	long n;

	switch (cmd) {
	case SIOCOUTQ:
		return put_user(atomic_read(&u->wmem), out);
	case SIOCINQ:
		n = bytes_waiting(u);
		return n < 0 ? n : put_user((int)n, out);
	case SIOCATMARK:
		if (s->type != SOCK_STREAM)
			return -ENOIOCTLCMD;
		return put_user(READ_ONCE(u->head) && READ_ONCE(u->head) == READ_ONCE(u->oob), out);
	case SIOCUNIXFILE:
		return name_fd(u);
	default:
		return -ENOIOCTLCMD;
	}
}

const struct socket_ops unix_stream_ops = {
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.pair = unix_pair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.poll = unix_stream_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_stream_sendmsg,
	.recvmsg = unix_stream_recvmsg,
	.has_peek_off = true,
	.release = unix_release,
	.destroy = unix_destroy,
};

const struct socket_ops unix_dgram_ops = {
	.bind = unix_bind,
	.connect = unix_dgram_connect,
	.pair = unix_pair,
	.getname = unix_getname,
	.poll = unix_dgram_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_dgram_sendmsg,
	.recvmsg = unix_dgram_recvmsg,
	.has_peek_off = true,
	.release = unix_release,
	.destroy = unix_destroy,
};

const struct socket_ops unix_seqpacket_ops = {
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.pair = unix_pair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.poll = unix_dgram_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_seqpacket_sendmsg,
	.recvmsg = unix_seqpacket_recvmsg,
	.has_peek_off = true,
	.release = unix_release,
	.destroy = unix_destroy,
};

static int __init unix_init(void)
{
	static const struct socket_family family = { .family = AF_UNIX, .name = "unix", .create = unix_create };
	static const struct sysctl_int qlen = { "net/unix/max_dgram_qlen", 0644, &sysctl_max_dgram_qlen, 0, INT32_MAX, NULL };
	int err;

	unix_cache = kmem_cache_create("unix_sock", sizeof(struct unix_sock), CACHE_LINE, 0, NULL);
	if (!unix_cache)
		return -ENOMEM;
	err = sysctl_add_int(&qlen);
	return err ? err : socket_register_family(&family);
}
INITCALL(INITCALL_FS, unix_init);
