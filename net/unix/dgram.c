/* SPDX-License-Identifier: MIT */
/*
 * Datagram and sequenced-packet sockets: whole messages.
 *
 * A message arrives whole or not at all. A receiver's queue holds max_dgram_qlen messages and one more; senders then wait
 * for the receiver, except on two sockets that are each other's peers, where only the sender's own buffer limits. A
 * poller of a connected sender is told when its peer has room: it stands in the peer's full_list.
 *
 * Locks: the receiver's spinlock for its queue; a peeked message is kept by its reference. unix_full_lock (inside unix_sock.lock)
 * for full_list, full_link and full_on of all sockets: a rare path.
 */
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <net/filter.h>
#include "unix_internal.h"

static DEFINE_SPINLOCK(unix_full_lock, LR_UNIX_FULL);

/* ---- room in a receiver's queue */

void unix_unwait_full(struct unix_sock *u)
{
	struct unix_sock *on;

	spin_lock(&unix_full_lock);
	on = u->full_on;
	u->full_on = NULL;
	list_del_init(&u->full_link);
	spin_unlock(&unix_full_lock);
	if (on)
		unix_put(on);
}

bool unix_wait_full(struct unix_sock *u, struct unix_sock *on)
{
	struct unix_sock *old = NULL;

	spin_lock(&unix_full_lock);
	if (u->full_on != on) {
		old = u->full_on;
		u->full_on = unix_get(on);
		list_del_init(&u->full_link);
	}
	if (list_empty(&u->full_link))
		list_add_tail(&u->full_link, &on->full_list);
	spin_unlock(&unix_full_lock);
	if (old)
		unix_put(old);
	smp_mb();	/* listed before the last look; pairs with unix_told_space()'s */
	return unix_queue_full(on) && !READ_ONCE(on->dead);
}

static void told_full_list(struct unix_sock *u)
{
	for (;;) {
		struct unix_sock *w;

		spin_lock(&unix_full_lock);
		w = list_first_entry_or_null(&u->full_list, struct unix_sock, full_link);
		if (w) {
			list_del_init(&w->full_link);
			unix_get(w);	/* alive: its end takes it off the list first */
		}
		spin_unlock(&unix_full_lock);
		if (!w)
			return;
		socket_wake_writable(&w->s);
		unix_put(w);
	}
}

void unix_told_space(struct unix_sock *u)
{
	waitq_wake_poll(&u->space_wait, POLLOUT);
	if (unlikely(!list_empty(&u->full_list)))
		told_full_list(u);
}

void unix_told_space_all(struct unix_sock *u)
{
	waitq_wake_all_poll(&u->space_wait, POLLOUT);
	if (unlikely(!list_empty(&u->full_list)))
		told_full_list(u);
}

static bool has_space(const struct unix_sock *to)
{
	return READ_ONCE(to->dead) || (READ_ONCE(to->s.shutdown) & SHUTDOWN_RCV) || !unix_queue_full(to);
}

/* ---- sending */

struct sender {
	struct unix_sock *u;
	struct sockmsg *m;
	nsec_t deadline;
	bool have_deadline;
};

/* The connected peer is over: the connection ends with it. */
static int peer_gone(struct unix_sock *u, struct unix_sock *to)
{
	bool was_peer;

	if (u->s.type == SOCK_SEQPACKET)
		return -EPIPE;
	spin_lock(&u->lock);
	was_peer = u->peer == to;
	if (was_peer) {
		WRITE_ONCE(u->peer, NULL);
		u->s.state = UNIX_CLOSED;
	}
	spin_unlock(&u->lock);
	if (!was_peer)
		return 0;
	if (u->full_on)
		unix_unwait_full(u);
	unix_dgram_disconnected(u, to);
	unix_put(to);
	return -ECONNREFUSED;
}

/* May it go into @to's queue now? to->lock held. 1: no room, wait. */
static int may_queue(struct unix_sock *u, struct unix_sock *to)
{
	if (to->peer && to->peer != u && u->s.type == SOCK_DGRAM)
		return -EPERM;
	if (to->s.shutdown & SHUTDOWN_RCV)
		return -EPIPE;
	return to != u && to->peer != u && unix_queue_full(to);
}

static int wait_space(struct sender *t, struct unix_sock *to)
{
	int err;

	if (t->m->flags & MSG_DONTWAIT) {
		/* The next writable edge comes when there is room. */
		if (READ_ONCE(t->u->peer) == to)
			return unix_wait_full(t->u, to) ? -EAGAIN : 0;
		return -EAGAIN;
	}
	if (!t->have_deadline)
		t->deadline = socket_snd_deadline(&t->u->s);
	t->have_deadline = true;
	err = wait_event_state(&to->space_wait, has_space(to), TASK_INTERRUPTIBLE, t->deadline, true);
	return err ? socket_wait_error(err, t->deadline) : 0;
}

/* One try. 0: it is in the queue; 1: try again; 2: the receiver is no more; else an error. */
static int deliver(struct sender *t, struct unix_sock *to, struct unix_msg *msg)
{
	struct unix_sock *u = t->u;
	int err;

	spin_lock(&to->lock);
	if (unlikely(to->dead)) {
		spin_unlock(&to->lock);
		err = peer_gone(u, to);
		return err ? err : 2;
	}
	err = may_queue(u, to);
	if (unlikely(err)) {
		spin_unlock(&to->lock);
		if (err < 0)
			return err;
		err = wait_space(t, to);
		return err ? err : 1;
	}
	if (unlikely(socket_flag(&to->s, SOCKF_TIMESTAMP)))
		msg->stamp = clock_realtime();
	unix_queue(to, msg);
	WRITE_ONCE(to->qlen, to->qlen + 1);
	spin_unlock(&to->lock);
	socket_wake_readable(&to->s);
	return 0;
}

/* The receiver's filter has the message, or its first 64 KiB, before it. False: it is not wanted, which the sender does not hear. */
static __noinline bool pass(struct unix_sock *to, struct unix_msg *m)
{
	struct filter_seg seg[16];
	struct filter_packet p = { .seg = seg, .total = m->len, .link = -1, .net = -1 };
	uint32_t n;

	if (!m->npages)
		seg[p.nr++] = (struct filter_seg){ m->data, m->len };
	for (; p.nr < MIN((unsigned)m->npages, (unsigned)ARRAY_SIZE(seg)); p.nr++)
		seg[p.nr] = (struct filter_seg){ page_to_virt(m->page[p.nr]), (uint32_t)MIN(m->len - p.nr * PAGE_SIZE, PAGE_SIZE) };
	n = socket_filter_run(&to->s, &p);
	m->len = MIN(m->len, n);
	return n;
}

static int send_to(struct sender *t, struct unix_sock *to, struct unix_scm *scm, size_t len)
{
	struct unix_sock *u = t->u;
	struct unix_msg *msg;
	int err = unix_msg_create(u, t->m, len, false, &msg);

	if (err)
		goto out;
	msg->holds_owner = msg->extra = true;
	unix_get(u);
	msg->stamp = 0;
	for (;;) {
		if (!to) {
			err = t->m->namelen ? unix_find(t->m->name, t->m->namelen, u->s.type, &to) : -ECONNRESET;
			if (err)
				break;
		}
		if (!msg->has_cred && !msg->rights) {
			err = unix_scm_attach(u, to, scm, msg);
			if (err)
				break;
		}
		if (socket_has_filter(&to->s) && !pass(to, msg)) {
			unix_msg_put(msg);
			break;
		}
		err = deliver(t, to, msg);
		if (err <= 0)
			break;
		/* The name may lead to another socket by now. */
		if (err == 2) {
			unix_put(to);
			to = NULL;
		}
	}
	if (err)
		unix_msg_put(msg);
out:
	if (to)
		unix_put(to);
	return err;
}

ssize_t unix_dgram_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct sender t = { .u = unix_sk(s), .m = m };
	struct unix_sock *u = t.u, *to = NULL;
	size_t len = m->iter.count;
	struct unix_scm scm;
	int err = 0;

	unix_scm_init(&scm);
	if (unlikely(m->control))
		err = unix_scm_parse(u, m, &scm);
	if (err)
		return err;
	if (m->flags & MSG_OOB) {
		err = -EOPNOTSUPP;
	} else if (m->namelen) {
		err = unix_addr_check(m->name, m->namelen);
	} else {
		to = unix_peer_get(u);
		err = to ? 0 : -ENOTCONN;
	}
	if (!err && unlikely(unix_scm_wanted(u)) && !READ_ONCE(u->addr))
		err = unix_autobind(u);
	if (!err && (int64_t)len > (int64_t)READ_ONCE(s->sndbuf) - 32)
		err = -EMSGSIZE;
	if (!err)
		err = send_to(&t, to, &scm, len);
	else if (to)
		unix_put(to);
	if (unlikely(scm.rights || scm.pid))
		unix_scm_end(&scm);
	return err ? err : (ssize_t)len;
}

ssize_t unix_seqpacket_sendmsg(struct socket *s, struct sockmsg *m)
{
	int err = socket_error(s);

	if (err)
		return err;
	if (READ_ONCE(s->state) != UNIX_CONNECTED)
		return -ENOTCONN;
	m->namelen = 0;
	return unix_dgram_sendmsg(s, m);
}

/* ---- receiving */

/*
 * The first message, or for a peeking receiver with an offset the one that holds it; off the queue unless peeking. With a
 * reference.
 */
static struct unix_msg *take(struct unix_sock *u, unsigned flags, size_t *skip)
{
	struct unix_msg *m;

	spin_lock(&u->lock);
	m = u->head;
	if (unlikely(flags & MSG_PEEK)) {
		while (m && *skip && *skip >= m->len) {
			*skip -= m->len;
			m = m->next;
		}
		if (m)
			atomic_inc(&m->refs);
	} else if (m) {
		WRITE_ONCE(u->head, m->next);
		if (!m->next)
			u->tail = NULL;
		WRITE_ONCE(u->qlen, u->qlen - 1);
	}
	spin_unlock(&u->lock);
	return m;
}

static bool readable(struct unix_sock *u)
{
	return READ_ONCE(u->head) || READ_ONCE(u->s.err) || (READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV);
}

/* A message, or NULL with *err: 0 is the end. */
static struct unix_msg *wait_message(struct unix_sock *u, unsigned flags, size_t *skip, int *err)
{
	nsec_t deadline = NSEC_NEVER;
	bool first = true;

	for (;;) {
		struct unix_msg *m;

		*err = socket_error(&u->s);
		if (*err)
			return NULL;
		*skip = (flags & MSG_PEEK) && u->s.peek_off > 0 ? (size_t)u->s.peek_off : 0;
		m = take(u, flags, skip);
		if (m)
			return m;
		if (READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV) {
			/* A datagram socket that does not wait has no end of stream to report. */
			*err = u->s.type == SOCK_DGRAM && (flags & MSG_DONTWAIT) ? -EAGAIN : 0;
			return NULL;
		}
		*err = -EAGAIN;
		if (flags & MSG_DONTWAIT)
			return NULL;
		if (first)
			deadline = socket_rcv_deadline(&u->s);
		first = false;
		*err = wait_event_state(&u->s.rd_wait, readable(u), TASK_INTERRUPTIBLE, deadline, true);
		if (*err) {
			*err = socket_wait_error(*err, deadline);
			return NULL;
		}
	}
}

/* What goes along, then the length to report or an error. */
static ssize_t give(struct unix_sock *u, struct sockmsg *m, struct unix_msg *msg, size_t skip)
{
	size_t len = msg->len - skip, n = MIN(len, m->iter.count);
	struct unix_scm scm;

	if (m->name)
		unix_copy_name(m, msg->owner);
	if (n < len)
		m->out_flags |= MSG_TRUNC;
	if (unix_msg_copy(msg, skip, n, &m->iter) != n)
		return -EFAULT;
	if (unlikely(socket_flag(&u->s, SOCKF_TIMESTAMP)))
		socket_put_timestamp(&u->s, m, msg->stamp ? msg->stamp : clock_realtime());
	unix_scm_init(&scm);
	if (unlikely(msg->pid && unix_scm_wanted(u))) {
		scm.pid = pid_get(msg->pid);
		scm.uid = msg->uid;
		scm.gid = msg->gid;
	}
	if (unlikely(msg->rights))
		unix_scm_detach(&scm, msg, m->flags & MSG_PEEK);
	if (u->s.peek_off >= 0)
		u->s.peek_off = m->flags & MSG_PEEK ? u->s.peek_off + (int)n : MAX(u->s.peek_off - (int)msg->len, 0);
	if (unlikely(scm.rights || unix_scm_wanted(u)))
		unix_scm_deliver(u, m, &scm);
	return (ssize_t)(m->flags & MSG_TRUNC ? len : n);
}

ssize_t unix_dgram_recvmsg(struct socket *s, struct sockmsg *m)
{
	struct unix_sock *u = unix_sk(s);
	struct unix_msg *msg;
	size_t skip = 0;
	ssize_t n;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	msg = wait_message(u, m->flags, &skip, &err);
	if (!msg)
		return err;
	unix_told_space(u);
	n = give(u, m, msg, skip);
	unix_msg_put(msg);
	return n;
}

ssize_t unix_seqpacket_recvmsg(struct socket *s, struct sockmsg *m)
{
	return READ_ONCE(s->state) == UNIX_CONNECTED ? unix_dgram_recvmsg(s, m) : -ENOTCONN;
}
