/* SPDX-License-Identifier: MIT */
/*
 * Unix sockets: connect, listen, accept, pairs.
 *
 * connect(2) of a stream makes the server's end at once and puts it into the listener's queue: data flows before
 * accept(2). The queue's one reference to it becomes the accepted file's. The connecter's peer pointer holds a reference
 * to the new end and the new end's one to the connecter.
 *
 * Locks: see af_unix.c. Two sockets are locked only here: connecter and listener, or two datagram sockets.
 */
#include <kernel/task.h>
#include <kernel/poll.h>
#include "unix_internal.h"

/* A connecter that takes credentials, or will be asked for them, needs a name to be answered at. */
static int want_name(struct unix_sock *u)
{
	return unix_scm_wanted(u) && !READ_ONCE(u->addr) ? unix_autobind(u) : 0;
}

static bool cannot_wait(const struct unix_sock *on)
{
	return on->dead || (on->s.shutdown & SHUTDOWN_RCV) || !unix_queue_full(on);
}

/* The listener that @a names, alive and with room in its queue; both locked. */
static int lock_listener(struct unix_sock *u, const struct sockaddr_storage *a, unsigned len, bool nonblock, nsec_t deadline,
			 struct unix_sock **out)
{
	struct unix_sock *l;
	int err;

again:
	err = unix_find(a, len, u->s.type, &l);
	if (err)
		return err;
	unix_lock2(u, l);
	if (l->dead) {
		unix_unlock2(u, l);
		unix_put(l);
		goto again;
	}
	err = -ECONNREFUSED;
	if (l->s.state != UNIX_LISTEN || (l->s.shutdown & SHUTDOWN_RCV))
		goto fail;
	if (!unix_queue_full(l)) {
		*out = l;
		return 0;
	}
	err = -EAGAIN;
	if (nonblock)
		goto fail;
	unix_unlock2(u, l);
	err = wait_event_state(&l->space_wait, cannot_wait(l), TASK_INTERRUPTIBLE, deadline, true);
	unix_put(l);
	if (err)
		return socket_wait_error(err, deadline);
	goto again;
fail:
	unix_unlock2(u, l);
	unix_put(l);
	return err;
}

/* All is checked and locked: the two ends know each other from here on. */
static void join(struct unix_sock *u, struct unix_sock *new, struct unix_sock *l)
{
	new->s.state = UNIX_CONNECTED;
	new->embryo = true;
	new->peer = unix_get(u);
	if (l->addr)
		new->addr = unix_addr_get(l->addr);
	if (l->path.dentry) {
		new->path = l->path;
		path_get(&new->path);
	}
	if (socket_flag(&l->s, SOCKF_PASSCRED))
		socket_set_flag(&new->s, SOCKF_PASSCRED, true);
	smp_store_release(&u->peer, unix_get(new));
	WRITE_ONCE(u->s.state, UNIX_CONNECTED);
	list_add_tail(&new->accept_link, &l->accept_list);
	WRITE_ONCE(l->qlen, l->qlen + 1);
}

int unix_stream_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock)
{
	struct unix_sock *u = unix_sk(s), *new, *l;
	nsec_t deadline = socket_snd_deadline(s);
	int err = unix_addr_check(a, len);

	if (!err)
		err = want_name(u);
	if (err)
		return err;
	new = unix_alloc(s->type);
	if (!new)
		return -ENOMEM;
	socket_set_peercred(&new->s);
	err = lock_listener(u, a, len, nonblock, deadline, &l);
	if (err)
		goto fail;
	if (u->s.state != UNIX_CLOSED) {
		err = u->s.state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
		unix_unlock2(u, l);
		unix_put(l);
		goto fail;
	}
	join(u, new, l);
	unix_unlock2(u, l);
	socket_copy_peercred(s, &l->s);
	socket_wake_readable(&l->s);
	unix_put(l);
	return 0;
fail:
	socket_release(&new->s);
	return err;
}

/* Linux lets a datagram socket that is connected hear only its peer. */
static bool may_send(const struct unix_sock *from, const struct unix_sock *to)
{
	struct unix_sock *p = READ_ONCE(to->peer);

	return !p || p == from;
}

/* @u has another peer than @old now: what @old had sent is void, and it learns so if it was connected back. */
void unix_dgram_disconnected(struct unix_sock *u, struct unix_sock *old)
{
	struct unix_msg *m;

	spin_lock(&u->lock);
	m = u->head;
	WRITE_ONCE(u->head, NULL);
	u->tail = NULL;
	u->qlen = 0;
	spin_unlock(&u->lock);
	if (!m)
		return;
	while (m) {
		struct unix_msg *next = m->next;

		unix_msg_put(m);
		m = next;
	}
	unix_told_space_all(u);
	if (!READ_ONCE(old->dead) && READ_ONCE(old->peer) == u) {
		socket_set_error(&old->s, ECONNRESET);
		socket_wake_state(&old->s, POLLERR);
	}
}

int unix_dgram_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock)
{
	struct unix_sock *u = unix_sk(s), *to = NULL, *old;
	int err;

	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family != AF_UNSPEC) {
		err = unix_addr_check(a, len);
		if (!err)
			err = want_name(u);
again:
		if (!err)
			err = unix_find(a, len, s->type, &to);
		if (err)
			return err;
		unix_lock2(u, to);
		if (to->dead) {
			unix_unlock2(u, to);
			unix_put(to);
			goto again;
		}
		if (!may_send(u, to)) {
			unix_unlock2(u, to);
			unix_put(to);
			return -EPERM;
		}
		to->s.state = UNIX_CONNECTED;
	} else {
		spin_lock(&u->lock);
	}
	old = u->peer;
	WRITE_ONCE(u->peer, to);	/* with the reference that unix_find() gave */
	u->s.state = to ? UNIX_CONNECTED : UNIX_CLOSED;
	if (to)
		unix_unlock2(u, to);
	else
		spin_unlock(&u->lock);
	if (!old)
		return 0;
	if (u->full_on)
		unix_unwait_full(u);
	if (old != to)
		unix_dgram_disconnected(u, old);
	unix_put(old);
	return 0;
}

int unix_pair(struct socket *a, struct socket *b)
{
	struct unix_sock *u = unix_sk(a), *v = unix_sk(b);

	/* Nobody else knows them yet, but by the list of all. */
	u->peer = unix_get(v);
	v->peer = unix_get(u);
	socket_set_peercred(a);
	socket_set_peercred(b);
	u->s.state = v->s.state = UNIX_CONNECTED;
	return 0;
}

int unix_listen(struct socket *s, int backlog)
{
	struct unix_sock *u = unix_sk(s);
	int err = -EINVAL;

	spin_lock(&u->lock);
	if (u->addr && (s->state == UNIX_CLOSED || s->state == UNIX_LISTEN)) {
		u->backlog = (unsigned)backlog;
		s->state = UNIX_LISTEN;
		err = 0;
	}
	spin_unlock(&u->lock);
	if (err)
		return err;
	socket_set_flag(s, SOCKF_ACCEPTCONN, true);
	socket_set_peercred(s);		/* what those who connect will see */
	unix_told_space_all(u);		/* it may have grown */
	return 0;
}

int unix_accept(struct socket *s, bool nonblock, struct socket **out)
{
	struct unix_sock *u = unix_sk(s), *new;
	nsec_t deadline = socket_rcv_deadline(s);
	int err;

	if (READ_ONCE(s->state) != UNIX_LISTEN)
		return -EINVAL;
	for (;;) {
		spin_lock(&u->lock);
		new = list_first_entry_or_null(&u->accept_list, struct unix_sock, accept_link);
		if (new) {
			list_del_init(&new->accept_link);
			WRITE_ONCE(u->qlen, u->qlen - 1);
		}
		spin_unlock(&u->lock);
		if (new)
			break;
		err = socket_error(s);
		if (err)
			return err;
		if (READ_ONCE(s->shutdown) & SHUTDOWN_RCV)
			return -EINVAL;
		if (nonblock)
			return -EAGAIN;
		err = wait_event_state(&s->rd_wait, READ_ONCE(u->qlen) || READ_ONCE(s->err) || (READ_ONCE(s->shutdown) & SHUTDOWN_RCV),
				       TASK_INTERRUPTIBLE, deadline, true);
		if (err)
			return socket_wait_error(err, deadline);
	}
	spin_lock(&new->lock);
	new->embryo = false;
	spin_unlock(&new->lock);
	unix_told_space(u);
	*out = &new->s;
	return 0;
}
