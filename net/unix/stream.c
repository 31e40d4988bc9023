/* SPDX-License-Identifier: MIT */
/*
 * Stream sockets: bytes in order, with what goes along with them.
 *
 * A write is cut into messages; a read takes from as many as it needs, but not across a change of credentials that
 * it has to report nor past a message that carried descriptors. An urgent byte (MSG_OOB) is a message of its own that
 * unix_sock.oob marks: reads stop before it, and pass over it unless SO_OOBINLINE is set.
 *
 * Locks: the receiver's read_lock over the look at the queue's head and the copies, its spinlock for the queue itself.
 * Only receivers take messages away, so the head seen under read_lock stays. Senders take the receiver's spinlock.
 */
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/task.h>
#include "unix_internal.h"

#define CHUNK_MAX (32768u + UNIX_CHUNK_HEAD)	/* as Linux cuts */

/* 0; -EPIPE: nobody will read it. */
static int hand_over(struct unix_sock *peer, struct unix_msg *msg, bool urgent)
{
	spin_lock(&peer->lock);
	if (unlikely(peer->dead || (peer->s.shutdown & SHUTDOWN_RCV))) {
		spin_unlock(&peer->lock);
		return -EPIPE;
	}
	unix_queue(peer, msg);
	if (unlikely(urgent))
		WRITE_ONCE(peer->oob, msg);	/* an older one becomes ordinary data */
	spin_unlock(&peer->lock);
	if (unlikely(urgent)) {
		struct file *f = READ_ONCE(peer->s.file);

		if (f)
			file_send_sigurg(f);
		socket_wake(&peer->s, &peer->s.rd_wait, 1, POLLIN | POLLRDNORM | POLLRDBAND | POLLPRI);
	} else {
		socket_wake_readable(&peer->s);
	}
	return 0;
}

/* -EPIPE with *broken when it is to be signalled. */
static int send_chunk(struct unix_sock *u, struct unix_sock *peer, struct sockmsg *m, size_t n, struct unix_scm *scm,
		      bool urgent, bool *broken)
{
	struct unix_msg *msg;
	int err = unix_msg_create(u, m, n, true, &msg);

	if (unlikely(err))
		return err;
	if (unlikely(scm->rights || scm->pid || unix_scm_wanted(u) || unix_scm_wanted(peer) || peer->embryo)) {
		err = unix_scm_attach(u, peer, scm, msg);
		if (err) {
			unix_msg_put(msg);
			return err;
		}
	}
	err = hand_over(peer, msg, urgent);
	if (unlikely(err)) {
		*broken = true;
		unix_msg_put(msg);
	}
	return err;
}

static ssize_t send_all(struct unix_sock *u, struct unix_sock *peer, struct sockmsg *m, struct unix_scm *scm)
{
	bool urgent = m->flags & MSG_OOB, broken = false;
	size_t len = m->iter.count - urgent, sent = 0;
	int err = 0;

	if (READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND) {
		broken = true;
		err = -EPIPE;
	}
	while (!err && sent < len) {
		size_t n = MIN(MIN(len - sent, (size_t)READ_ONCE(u->s.sndbuf) / 2 - 64), (size_t)CHUNK_MAX);

		err = send_chunk(u, peer, m, n, scm, false, &broken);
		if (!err)
			sent += n;
	}
	if (!err && urgent) {
		err = send_chunk(u, peer, m, 1, scm, true, &broken);
		if (!err)
			sent++;
	}
	if (broken && !sent)
		return socket_epipe(m);
	return sent ? (ssize_t)sent : err;
}

ssize_t unix_stream_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct unix_sock *u = unix_sk(s), *peer;
	struct unix_scm scm;
	ssize_t n;

	unix_scm_init(&scm);
	if (unlikely(m->control)) {
		n = unix_scm_parse(u, m, &scm);
		if (n)
			return n;
	}
	peer = smp_load_acquire(&u->peer);
	if (unlikely((m->flags & MSG_OOB) && !m->iter.count))
		n = -EOPNOTSUPP;
	else if (unlikely(m->namelen))
		n = s->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	else if (unlikely(!peer))
		n = -ENOTCONN;
	else
		n = send_all(u, peer, m, &scm);
	if (unlikely(scm.rights || scm.pid))
		unix_scm_end(&scm);
	return n;
}

/* ---- receiving; read_lock held */

struct reader {
	struct unix_sock *u;
	struct sockmsg *m;
	struct unix_scm scm;
	unsigned flags;
	size_t size, copied, skip;	/* skip: SO_PEEK_OFF */
	bool have_cred, named;
	nsec_t deadline;
	bool have_deadline;
};

/* Off the queue; it is the head, or the one behind @prev. */
static void dequeue(struct unix_sock *u, struct unix_msg *m)
{
	spin_lock(&u->lock);
	WRITE_ONCE(u->head, m->next);
	if (!m->next)
		u->tail = NULL;
	if (unlikely(u->oob == m))
		WRITE_ONCE(u->oob, NULL);
	spin_unlock(&u->lock);
}

/* The urgent mark is reached. NULL: stop here; else the message to read from. */
static struct unix_msg *at_mark(struct reader *r, struct unix_msg *m)
{
	struct unix_sock *u = r->u;

	if (r->copied)
		return NULL;
	if (socket_flag(&u->s, SOCKF_OOBINLINE)) {
		if (!(r->flags & MSG_PEEK)) {
			spin_lock(&u->lock);
			WRITE_ONCE(u->oob, NULL);
			spin_unlock(&u->lock);
		}
		return m;
	}
	if (!(r->flags & MSG_PEEK)) {
		dequeue(u, m);
		unix_msg_put(m);
		return smp_load_acquire(&u->head);
	}
	return m;
}

static bool peek_offset_on(const struct reader *r)
{
	return (r->flags & MSG_PEEK) && r->u->s.peek_off >= 0;
}

/* What the bytes of @m carry; false: they cannot be given in this call. */
static bool take_scm(struct reader *r, struct unix_msg *m)
{
	struct unix_scm *c = &r->scm;

	if (!unix_scm_wanted(r->u))
		return true;
	if (r->have_cred)
		return m->pid == c->pid && (!m->pid || (m->uid == c->uid && m->gid == c->gid));
	r->have_cred = true;
	if (m->pid) {
		c->pid = pid_get(m->pid);
		c->uid = m->uid;
		c->gid = m->gid;
	}
	return true;
}

/* 1: go on; 0: enough; else an error (nothing was copied). */
static int read_from(struct reader *r, struct unix_msg *m)
{
	struct unix_sock *u = r->u;
	size_t n = MIN((size_t)m->len - r->skip, r->size), got;
	bool rights = m->rights;

	if (unlikely(unix_scm_wanted(u)) && !take_scm(r, m))
		return 0;
	if (unlikely(r->m->name) && !r->named) {
		unix_copy_name(r->m, m->owner);
		r->named = true;
	}
	got = unix_msg_copy(m, m->off + r->skip, n, &r->m->iter);
	if (unlikely(got < n))
		return r->copied ? 0 : -EFAULT;
	r->copied += n;
	r->size -= n;
	if (unlikely(r->flags & MSG_PEEK)) {
		if (rights)
			unix_scm_detach(&r->scm, m, true);
		if (peek_offset_on(r))
			u->s.peek_off += (int)n;
		r->skip = 0;
		return !rights;
	}
	m->off += (uint32_t)n;
	WRITE_ONCE(m->len, m->len - (uint32_t)n);
	if (unlikely(u->s.peek_off > 0))
		u->s.peek_off = MAX(u->s.peek_off - (int)n, 0);
	if (unlikely(rights))
		unix_scm_detach(&r->scm, m, false);
	if (m->len)
		return 0;
	dequeue(u, m);
	unix_msg_put(m);
	return !rights;
}

static bool readable(struct unix_sock *u)
{
	return READ_ONCE(u->head) || READ_ONCE(u->s.err) || (READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV);
}

/* Something new behind @last (what a peeker has seen). */
static bool more_than(struct unix_sock *u, struct unix_msg *last)
{
	bool yes;

	spin_lock(&u->lock);
	yes = u->tail != last || u->s.err || (u->s.shutdown & SHUTDOWN_RCV);
	spin_unlock(&u->lock);
	return yes;
}

/* The queue is read out. 1: look again; 0: enough, end of stream; else an error. read_lock is held again for 1 and 0. */
static int wait_more(struct reader *r, struct unix_msg *last, size_t target)
{
	struct unix_sock *u = r->u;
	int err;

	if (r->copied >= target)
		return 0;
	/* An error or the end comes behind the data that was sent before it: look for that once more. */
	if (smp_load_acquire(&u->s.err)) {
		if (!last && READ_ONCE(u->head))
			return 1;
		err = socket_error(&u->s);
		return r->copied ? 0 : err;
	}
	if (smp_load_acquire(&u->s.shutdown) & SHUTDOWN_RCV)
		return !last && READ_ONCE(u->head);
	if (r->flags & MSG_DONTWAIT)
		return r->copied ? 0 : -EAGAIN;
	if (!r->have_deadline)
		r->deadline = socket_rcv_deadline(&u->s);
	r->have_deadline = true;
	mutex_unlock(&u->read_lock);
	if (last)
		err = wait_event_state(&u->s.rd_wait, more_than(u, last), TASK_INTERRUPTIBLE, r->deadline, false);
	else
		err = wait_event_state(&u->s.rd_wait, readable(u), TASK_INTERRUPTIBLE, r->deadline, false);
	mutex_lock(&u->read_lock);
	if (err)
		return r->copied ? 0 : socket_wait_error(err, r->deadline);
	return 1;
}

/* Behind @m for a peeking reader; NULL: the end. */
static struct unix_msg *next_msg(struct unix_sock *u, struct unix_msg *m)
{
	spin_lock(&u->lock);
	m = m->next;
	spin_unlock(&u->lock);
	return m;
}

static void peek_start(struct reader *r)
{
	r->skip = peek_offset_on(r) ? (size_t)r->u->s.peek_off : 0;
}

static int read_some(struct reader *r, size_t target)
{
	struct unix_sock *u = r->u;
	struct unix_msg *m = smp_load_acquire(&u->head), *last = NULL;
	int err;

	for (;;) {
		if (m && unlikely(m == READ_ONCE(u->oob))) {
			m = at_mark(r, m);
			if (!m && r->copied)
				return 0;
		}
		while (m && unlikely(r->skip) && r->skip >= m->len) {
			r->skip -= m->len;
			last = m;
			m = next_msg(u, m);
		}
		if (!m) {
			err = wait_more(r, last, target);
			if (err <= 0)
				return err;
			/* Others may have read meanwhile. */
			peek_start(r);
			last = NULL;
			m = smp_load_acquire(&u->head);
			continue;
		}
		err = read_from(r, m);
		if (err <= 0 || !r->size)
			return MIN(err, 0);
		if (r->flags & MSG_PEEK) {
			m = next_msg(u, m);
			if (!m)
				return 0;	/* a peek does not wait for more */
		} else {
			m = smp_load_acquire(&u->head);
		}
	}
}

/* MSG_OOB: the urgent byte alone. */
static ssize_t read_urgent(struct unix_sock *u, struct sockmsg *m)
{
	struct unix_msg *oob, *prev = NULL;
	ssize_t n = -EINVAL;

	mutex_lock(&u->read_lock);
	spin_lock(&u->lock);
	oob = u->oob;
	if (oob && socket_flag(&u->s, SOCKF_OOBINLINE))
		oob = NULL;
	if (oob && !(m->flags & MSG_PEEK)) {
		for (struct unix_msg *i = u->head; i != oob; i = i->next)
			prev = i;
		if (prev)
			prev->next = oob->next;
		else
			WRITE_ONCE(u->head, oob->next);
		if (u->tail == oob)
			u->tail = prev;
		WRITE_ONCE(u->oob, NULL);
	}
	spin_unlock(&u->lock);
	if (oob) {
		n = m->iter.count && unix_msg_copy(oob, 0, 1, &m->iter) != 1 ? -EFAULT : 1;
		if (!(m->flags & MSG_PEEK))
			unix_msg_put(oob);
		m->out_flags |= MSG_OOB;
	}
	mutex_unlock(&u->read_lock);
	return n;
}

ssize_t unix_stream_recvmsg(struct socket *s, struct sockmsg *m)
{
	struct unix_sock *u = unix_sk(s);
	struct reader r;
	int err;

	if (unlikely(READ_ONCE(s->state) != UNIX_CONNECTED))
		return -EINVAL;
	if (unlikely(m->flags & MSG_OOB))
		return read_urgent(u, m);
	r.u = u;
	r.m = m;
	unix_scm_init(&r.scm);
	r.flags = m->flags;
	r.size = m->iter.count;
	r.copied = 0;
	r.have_cred = r.named = r.have_deadline = false;
	mutex_lock(&u->read_lock);
	peek_start(&r);
	err = read_some(&r, socket_rcv_target(s, m->flags, r.size));
	mutex_unlock(&u->read_lock);
	if (err < 0 && !r.copied) {
		if (unlikely(r.scm.rights || r.scm.pid))
			unix_scm_end(&r.scm);
		return err;
	}
	if (unlikely(r.scm.rights || unix_scm_wanted(u)))
		unix_scm_deliver(u, m, &r.scm);
	return (ssize_t)r.copied;
}
