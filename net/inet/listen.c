/* SPDX-License-Identifier: MIT */
/*
 * Listening: connections wait in their listener's queue, complete, with what they have received, until accept() takes them.
 *
 * A listener whose queue holds more than its backlog gets no new SYN (tcp_input() drops it; the peer asks again), as on
 * Linux. A socket in a queue has one reference, the queue's.
 *
 * Locks: net_lock over the queues. References: listen(2), accept(2).
 */
#include "stream.h"
#include "tcp.h"
#include <kernel/task.h>
#include <kernel/time.h>
#include <net/filter.h>
#include "lwip_hooks.h"
#include "lwip/priv/tcp_priv.h"

bool inet_listen_full(const struct inet_sock *l)
{
	return l->accept_len > l->backlog;
}

bool inet_listen_deferred(const struct inet_sock *l, const struct tcp_conn *c, bool data)
{
	return !data && c->pcb.nrtx < l->defer;
}

/* A segment on its way to a block comes past here: the socket's filter has its say, and what it says of segments that came is noted. */
err_t lwip_port_tcp_input(struct tcp_pcb *pcb, const struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, const u8_t *opt2, struct pbuf *p)
{
	struct inet_sock *l = pcb->callback_arg;

	if (l && pcb->state != TIME_WAIT && unlikely(socket_has_filter(&l->s)) && !inet_filter_segment(l, hdr, optlen, opt1len, opt2, p))
		return ERR_ABRT;
	/* More options than a time stamp. */
	if (unlikely(optlen >= 12) && pcb->state != LISTEN && pcb->flags & TF_SACK && (optlen > 12 || !(pcb->flags & TF_TIMESTAMP)))
		tcp_sack_input(tcp_conn(pcb), hdr, optlen, opt1len, opt2);
	return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct inet_sock *l = arg, *i;

	if (err != ERR_OK || !pcb || !l)
		return ERR_VAL;
	i = inet_alloc(l->s.family, SOCK_STREAM, IPPROTO_TCP, INET_TCP, &inet_stream_ops);
	if (!i)
		return ERR_MEM;		/* lwIP resets the connection */
	socket_inherit(&i->s, &l->s);
	i->uid = l->uid;
	i->opts = l->opts & ~(INET_BOUND_ADDR | INET_BOUND_PORT);
	i->ttl = l->ttl;
	i->tos = l->tos;
	i->keepidle = l->keepidle;
	i->keepintvl = l->keepintvl;
	i->keepcnt = l->keepcnt;
	i->user_timeout = l->user_timeout;
	i->was_connected = true;
	i->copied_seq = pcb->rcv_nxt;
	i->s.state = INET_CONNECTED;
	ip_addr_copy(i->local, pcb->local_ip);
	ip_addr_copy(i->remote, pcb->remote_ip);
	i->lport = pcb->local_port;
	i->rport = pcb->remote_port;
	i->syncnt = l->syncnt;
	i->linger2 = l->linger2;
	i->window_clamp = l->window_clamp;
	i->notsent_lowat = l->notsent_lowat;
	tcp_established(tcp_conn(pcb));
	pcb->listener = NULL;
	inet_stream_attach(i, pcb);
	list_add_tail(&i->all, &inet_all);
	i->listener = l;
	list_add_tail(&i->accept_link, &l->accept_queue);
	WRITE_ONCE(l->accept_len, l->accept_len + 1);
	inet_mib.tcp_passive++;
	socket_wake_readable(&l->s);
	return ERR_OK;
}

static int listen_locked(struct inet_sock *i)
{
	struct tcp_pcb *l;
	ip_addr_t any = i->local;
	err_t e;

	if (i->s.state == INET_LISTEN)
		return 0;
	if (i->s.state != INET_UNCONNECTED || !i->tcp || i->tcp->state != CLOSED)
		return -EINVAL;
	if (!i->lport) {
		if (i->s.family == AF_INET6 && !(i->opts & INET_V6ONLY))
			IP_SET_TYPE_VAL(any, IPADDR_TYPE_ANY);
		i->lport = tcp_port_free(&any);
		if (!i->lport || tcp_bind(i->tcp, &any, i->lport) != ERR_OK) {
			i->lport = 0;
			return -EADDRINUSE;
		}
	} else if (tcp_listen_check(&tcp_conn(i->tcp)->name)) {
		return -EADDRINUSE;
	}
	l = tcp_listen_with_backlog_and_err(i->tcp, 255, &e);
	if (!l)
		return net_errno(e);
	i->tcp = l;
	tcp_arg(l, i);
	tcp_accept(l, accepted);
	inet_stream_options(i);
	i->s.state = INET_LISTEN;
	socket_set_flag(&i->s, SOCKF_ACCEPTCONN, true);
	return 0;
}

int inet_listen(struct socket *s, int backlog)
{
	struct inet_sock *i = inet_sk(s);
	int err;

	net_lock_acquire();
	err = listen_locked(i);
	if (!err) {
		i->backlog = (unsigned)backlog;		/* the core has bounded it */
		inet_stream_options(i);
	}
	net_lock_release();
	return err;
}

static struct inet_sock *take(struct inet_sock *l)
{
	struct inet_sock *i;

	net_lock_acquire();
	i = list_first_entry_or_null(&l->accept_queue, struct inet_sock, accept_link);
	if (i) {
		list_del_init(&i->accept_link);
		i->listener = NULL;
		WRITE_ONCE(l->accept_len, l->accept_len - 1);
	}
	net_lock_release();
	return i;
}

int inet_accept(struct socket *s, bool nonblock, struct socket **out)
{
	struct inet_sock *l = inet_sk(s), *i;
	nsec_t deadline = 0;
	int err;

	for (;;) {
		if (READ_ONCE(s->state) != INET_LISTEN)
			return -EINVAL;
		i = take(l);
		if (i)
			break;
		if (nonblock)
			return -EAGAIN;
		if (!deadline)
			deadline = socket_rcv_deadline(s);
		err = wait_event_state(&s->rd_wait, READ_ONCE(l->accept_len) || READ_ONCE(s->state) != INET_LISTEN,
				       TASK_INTERRUPTIBLE, deadline, true);
		if (err)
			return socket_wait_error(err, deadline);
	}
	*out = &i->s;
	return 0;
}

void inet_listen_stop(struct inet_sock *i)
{
	struct inet_sock *c, *next;
	LIST_HEAD(orphans);

	if (i->tcp) {
		tcp_listener_drop(tcp_listener(i->tcp));
		tcp_arg(i->tcp, NULL);
		tcp_accept(i->tcp, NULL);
		(void)tcp_close(i->tcp);
		i->tcp = NULL;
	}
	i->s.state = INET_UNCONNECTED;
	socket_set_flag(&i->s, SOCKF_ACCEPTCONN, false);
	list_splice_init(&i->accept_queue, &orphans);
	WRITE_ONCE(i->accept_len, 0);
	list_for_each_entry_safe(c, next, &orphans, accept_link) {
		struct tcp_pcb *pcb = c->tcp;

		list_del_init(&c->accept_link);
		c->listener = NULL;
		c->tcp = NULL;
		if (pcb) {
			tcp_arg(pcb, NULL);
			tcp_recv(pcb, NULL);
			tcp_sent(pcb, NULL);
			tcp_err(pcb, NULL);
			tcp_abort(pcb);
		}
		list_del_init(&c->all);
		inet_orphan(c);
	}
	socket_wake_state(&i->s, POLLIN | POLLHUP);
}
