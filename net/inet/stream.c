/* SPDX-License-Identifier: MIT */
/*
 * Stream sockets: TCP. Connections, data, their ends. Listening and accepting: listen.c.
 *
 * lwIP's block (struct tcp_pcb) lives as long as lwIP wants: it tells us by the error call-back that it is gone, and it keeps a closed
 * connection for its last exchanges without us (detach()). So ->tcp is looked at under net_lock only, and may be NULL.
 * Received pbufs wait in a queue linked by queue_next; a reader copies from the head while it holds rx_lock, then takes net_lock once to
 * free what is read and to open the window. A writer copies from the user first, then gives it to lwIP, which copies once more; or, where
 * a device cuts segments, to bulk.c, which keeps it.
 *
 * Locks: see inet.h.
 * References: tcp(7), connect(2), send(2), recv(2), poll(2); RFC 9293.
 */
#include "stream.h"
#include "bulk.h"
#include "tcp.h"
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include "lwip/priv/tcp_priv.h"

#define CHUNK		TCP_BULK_CHUNK	/* copied from the user at a time */
#define LEAST		2048u		/* when there is no memory for that */
#define SMALL		256u		/* on the stack */

static const uint8_t states[] = {
	[CLOSED] = TCPS_CLOSE, [LISTEN] = TCPS_LISTEN, [SYN_SENT] = TCPS_SYN_SENT, [SYN_RCVD] = TCPS_SYN_RECV,
	[ESTABLISHED] = TCPS_ESTABLISHED, [FIN_WAIT_1] = TCPS_FIN_WAIT1, [FIN_WAIT_2] = TCPS_FIN_WAIT2,
	[CLOSE_WAIT] = TCPS_CLOSE_WAIT, [CLOSING] = TCPS_CLOSING, [LAST_ACK] = TCPS_LAST_ACK, [TIME_WAIT] = TCPS_TIME_WAIT,
};

int inet_tcp_state(const struct inet_sock *i)
{
	return i->tcp ? states[i->tcp->state] : i->tcp_state;
}

int inet_state_of(const struct tcp_pcb *pcb)
{
	return states[pcb->state];
}

/* lwIP goes on with the block alone. */
static void detach(struct inet_sock *i)
{
	struct tcp_pcb *pcb = i->tcp;

	if (!pcb)
		return;
	i->tcp_state = TCPS_CLOSE;
	tcp_arg(pcb, NULL);
	if (pcb->state != LISTEN) {
		tcp_recv(pcb, NULL);
		tcp_sent(pcb, NULL);
		tcp_err(pcb, NULL);
	} else {
		tcp_accept(pcb, NULL);
	}
	i->tcp = NULL;
}

/* ---- call-backs, under net_lock */

static err_t stream_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct inet_sock *i = arg;

	if (!p) {
		i->rx_eof = true;
		/* Both directions have ended: nothing comes after this but the block's end, of which lwIP does not tell. */
		if (pcb->state == TIME_WAIT || pcb->state == CLOSING)
			detach(i);
		socket_wake_state(&i->s, POLLIN | POLLRDNORM | POLLRDHUP | (i->fin_sent ? POLLHUP : 0));
		return ERR_OK;
	}
	if (i->s.shutdown & SHUTDOWN_RCV) {
		tcp_recved(pcb, p->tot_len);
		pbuf_free(p);
		return ERR_OK;
	}
	p->queue_next = NULL;
	if (i->rx_first)
		i->rx_last->queue_next = p;
	else
		WRITE_ONCE(i->rx_first, p);
	i->rx_last = p;
	i->bytes_received += p->tot_len;
	if (unlikely(socket_wants_time(&i->s)))
		i->rx_when = clock_realtime();
	if (unlikely(i->urg == URG_COMING))
		inet_urgent_data(i, p, i->copied_seq + i->rx_bytes);
	smp_store_release(&i->rx_bytes, i->rx_bytes + p->tot_len);
	if (i->rx_bytes >= (uint32_t)i->s.rcvlowat)
		socket_wake_readable(&i->s);
	return ERR_OK;
}

/* What SO_RCVBUF allows: half of it, as Linux counts its own overhead. */
uint32_t inet_rcv_wnd(const struct inet_sock *i)
{
	uint32_t half = (uint32_t)READ_ONCE(i->s.rcvbuf) / 2;

	if (!socket_flag(&i->s, SOCKF_RCVBUF_LOCK))
		half = TCP_WND_DEFAULT;
	if (i->window_clamp > 0)
		half = MIN(half, (uint32_t)i->window_clamp);
	return MAX(MIN(half, TCP_WND_MOST), 1024u);
}

static uint32_t send_limit(const struct inet_sock *i)
{
	return socket_flag(&i->s, SOCKF_SNDBUF_LOCK) ? MIN((uint32_t)READ_ONCE(i->s.sndbuf), (uint32_t)TCP_SND_BUF) : TCP_SND_BUF;
}

static uint32_t send_room(const struct inet_sock *i)
{
	uint32_t queued = TCP_SND_BUF - i->tcp->snd_buf, limit = send_limit(i);

	if (i->tcp->snd_queuelen >= TCP_SND_QUEUELEN - 4)
		return 0;
	/* TCP_NOTSENT_LOWAT: what is not on its way yet stays little. */
	if (unlikely(i->notsent_lowat) && i->tcp->snd_lbb - i->tcp->snd_nxt >= (uint32_t)i->notsent_lowat)
		return 0;
	return queued < limit ? limit - queued : 0;
}

static bool writable(const struct inet_sock *i)
{
	return i->tcp && send_room(i) >= send_limit(i) / 3;
}

static err_t stream_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	struct inet_sock *i = arg;

	i->bytes_acked += len;
	if (writable(i)) {
		WRITE_ONCE(i->room, true);
		socket_wake_writable(&i->s);
	}
	return ERR_OK;
}

static err_t stream_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct inet_sock *i = arg;

	i->copied_seq = pcb->rcv_nxt;
	i->bytes_acked = 1;		/* the SYN, as Linux counts */
	WRITE_ONCE(i->was_connected, true);
	WRITE_ONCE(i->room, true);
	socket_wake_state(&i->s, POLLOUT | POLLWRNORM);
	return ERR_OK;
}

/* The block is gone already. */
static void stream_error(void *arg, err_t err)
{
	struct inet_sock *i = arg;
	int e;

	WRITE_ONCE(i->tcp, NULL);
	WRITE_ONCE(i->room, true);
	WRITE_ONCE(i->watched, false);
	i->tcp_state = TCPS_CLOSE;
	if (err == ERR_CLSD) {
		i->rx_eof = true;
		socket_wake_state(&i->s, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
		return;
	}
	if (err == ERR_RST)
		e = !i->was_connected ? ECONNREFUSED : i->rx_eof ? EPIPE : ECONNRESET;
	else
		e = ETIMEDOUT;
	socket_set_error(&i->s, e);
	i->rx_eof = true;
	socket_wake_state(&i->s, POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
}

void inet_stream_attach(struct inet_sock *i, struct tcp_pcb *pcb)
{
	i->tcp = pcb;
	tcp_arg(pcb, i);
	tcp_recv(pcb, stream_received);
	tcp_sent(pcb, stream_sent);
	tcp_err(pcb, stream_error);
	inet_options_apply(i);
}

int inet_stream_create(struct inet_sock *i)
{
	u8_t type = i->s.family == AF_INET ? IPADDR_TYPE_V4 : i->opts & INET_V6ONLY ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY;
	struct tcp_pcb *pcb = tcp_new_ip_type(type);

	if (!pcb)
		return -ENOMEM;
	inet_stream_attach(i, pcb);
	return 0;
}

void inet_stream_options(struct inet_sock *i)
{
	struct tcp_pcb *pcb = i->tcp;
	struct tcp_name *n = pcb->state == LISTEN ? &tcp_listener(pcb)->name : &tcp_conn(pcb)->name;
	bool timers = false;

	n->reuse = socket_flag(&i->s, SOCKF_REUSEADDR);
	n->reuseport = socket_flag(&i->s, SOCKF_REUSEPORT);
	n->uid = i->uid;
	if (pcb->state == LISTEN) {
		tcp_listener(pcb)->wnd = inet_rcv_wnd(i);
		tcp_listener(pcb)->max_syns = MAX(i->backlog, 256u);
		return;
	}
	if (i->opts & INET_NODELAY)
		tcp_nagle_disable(pcb);
	else
		tcp_nagle_enable(pcb);
	pcb->keep_idle = (u32_t)i->keepidle * 1000;
	pcb->keep_intvl = (u32_t)i->keepintvl * 1000;
	pcb->keep_cnt = i->keepcnt;
	if (tcp_conn(pcb)->user_timeout != (uint32_t)i->user_timeout || ip_get_option(pcb, SOF_KEEPALIVE))
		timers = true;
	tcp_conn(pcb)->user_timeout = (uint32_t)i->user_timeout;
	tcp_conn(pcb)->syn_retries = i->syncnt;
	tcp_conn(pcb)->fin_wait = (uint32_t)MAX(i->linger2, 0) * 1000;
	tcp_set_wnd(pcb, inet_rcv_wnd(i));
	/* A new span may end before the timer that is set. */
	if (timers && pcb->state != CLOSED)
		tcp_enter(pcb);
}

void inet_push(struct inet_sock *i)
{
	if (i->tcp && i->tcp->state != LISTEN && i->tcp->state != CLOSED && !(i->opts & INET_CORK)) {
		tcp_enter(i->tcp);
		(void)tcp_output(i->tcp);
	}
}

/* ---- names */

static int bind_locked(struct inet_sock *i, const ip_addr_t *ip, uint16_t port)
{
	ip_addr_t any = *ip;
	bool given = port;
	int err = inet_bind_check(i, ip, port);

	if (err)
		return err;
	if (!i->tcp || i->tcp->state != CLOSED || i->lport)
		return -EINVAL;
	if (i->s.family == AF_INET6 && ip_addr_isany(ip) && !(i->opts & INET_V6ONLY))
		IP_SET_TYPE_VAL(any, IPADDR_TYPE_ANY);
	if (!port)
		port = tcp_port_free(&any);
	if (!port || tcp_bind_check(&tcp_conn(i->tcp)->name, &any, port, i->tcp->netif_idx))
		return -EADDRINUSE;
	err = net_errno(tcp_bind(i->tcp, &any, port));
	if (err)
		return err;
	i->lport = i->tcp->local_port;
	ip_addr_copy(i->local, *ip);
	i->opts |= (given ? INET_BOUND_PORT : 0) | (ip_addr_isany(ip) ? 0 : INET_BOUND_ADDR | inet_v6only(ip));
	return 0;
}

static int stream_bind(struct socket *s, struct sockaddr_storage *a, unsigned len)
{
	struct inet_sock *i = inet_sk(s);
	ip_addr_t ip;
	uint16_t port;
	int err;

	if (s->family == AF_INET && len >= sizeof(struct sockaddr_in) && a->family == AF_UNSPEC &&
	    !((struct sockaddr_in *)(void *)a)->addr)
		a->family = AF_INET;
	err = inet_addr_in(i, a, len, &ip, &port);
	if (err)
		return err;
	net_lock_acquire();
	err = bind_locked(i, &ip, port);
	net_lock_release();
	return err;
}

/* ---- connect */

static int connect_start(struct inet_sock *i, ip_addr_t *to, uint16_t port)
{
	struct netif *netif;
	ip_addr_t src;
	int err;

	if (!i->tcp) {		/* a failed attempt took the block with it; the socket may try again */
		err = inet_stream_create(i);
		if (err)
			return err;
		if (i->lport && tcp_bind(i->tcp, &i->local, i->lport) != ERR_OK)
			return -EADDRINUSE;
	}
	if (ip_addr_isany(to)) {
		if (IP_IS_V4(to))
			ip_addr_set_ip4_u32_val(*to, __builtin_bswap32(0x7f000001));
		else
			ip6_addr_set_loopback(ip_2_ip6(to));
	}
	if (ip_addr_ismulticast(to) || (IP_IS_V4(to) && ip4_of(to) == UINT32_MAX))
		return -ENETUNREACH;
	err = inet_route(i, to, &netif, &src);
	if (err)
		return err;
	ip_addr_copy(i->tcp->local_ip, src);
	if (!i->tcp->local_port) {
		uint16_t lport = tcp_port_connect(&src, to, port);

		if (!lport || tcp_bind(i->tcp, &src, lport) != ERR_OK)
			return -EADDRNOTAVAIL;
		tcp_conn(i->tcp)->name.chosen = true;
	} else if (tcp_find(&src, i->tcp->local_port, to, port)) {
		return -EADDRNOTAVAIL;
	}
	WRITE_ONCE(i->bulk, false);
	tcp_set_wnd(i->tcp, tcp_route_wnd(to, inet_rcv_wnd(i)));
	tcp_enter(i->tcp);
	inet_mib.tcp_active++;
	err = net_errno(tcp_connect(i->tcp, to, port, stream_connected));
	if (err)
		return err;
	ip_addr_copy(i->local, i->tcp->local_ip);
	ip_addr_copy(i->remote, *to);
	i->lport = i->tcp->local_port;
	i->rport = port;
	i->s.state = INET_CONNECTING;
	return 0;
}

/* The attempt has ended: what became of it. */
static int connect_result(struct inet_sock *i)
{
	int err;

	if (i->was_connected) {
		i->s.state = INET_CONNECTED;
		return 0;
	}
	err = socket_error(&i->s);
	i->s.state = INET_UNCONNECTED;
	i->rx_eof = false;
	return err ? err : -ECONNABORTED;
}

/* The same for a sleeper, by what the call-backs write last. */
static bool connect_told(const struct inet_sock *i)
{
	return READ_ONCE(i->was_connected) || !READ_ONCE(i->tcp);
}

static int disconnect(struct inet_sock *i)
{
	struct tcp_pcb *pcb = i->tcp;

	if (pcb && pcb->state == LISTEN)
		return -EINVAL;
	detach(i);
	if (pcb && pcb->state != CLOSED && pcb->state != TIME_WAIT && pcb->state != LAST_ACK && pcb->state != CLOSING)
		socket_set_error(&i->s, ECONNRESET);
	if (pcb)
		tcp_abort(pcb);
	i->urg = URG_NONE;
	i->s.state = INET_UNCONNECTED;
	i->was_connected = i->rx_eof = i->fin_sent = false;
	i->s.shutdown = 0;
	i->rport = 0;
	if (!(i->opts & INET_BOUND_PORT))
		i->lport = 0;
	return 0;
}

static int connect_check(struct inet_sock *i, const struct sockaddr_storage *a, unsigned len, ip_addr_t *to, uint16_t *port)
{
	int err = inet_addr_in(i, a, len, to, port);

	if (err)
		return err;
	switch (i->s.state) {
	case INET_CONNECTED:
		return -EISCONN;
	case INET_LISTEN:
		return -EISCONN;
	case INET_CONNECTING:
		return 0;
	default:
		return *port ? 0 : -ECONNREFUSED;
	}
}

static int stream_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock)
{
	struct inet_sock *i = inet_sk(s);
	nsec_t deadline = nonblock ? 0 : socket_snd_deadline(s);
	bool fresh = false;
	ip_addr_t to;
	uint16_t port = 0;
	int err = 0;

	if (len < sizeof(uint16_t))
		return -EINVAL;
	net_lock_acquire();
	if (a->family == AF_UNSPEC) {
		err = disconnect(i);
		net_lock_release();
		return err;
	}
	err = connect_check(i, a, len, &to, &port);
	if (!err && i->s.state == INET_UNCONNECTED) {
		err = connect_start(i, &to, port);
		fresh = true;
	}
	net_lock_release();	/* over loopback it is connected, or refused, when this returns */
	if (err)
		return err;
	/* Linux tells a non-blocking caller what became of it by poll, SO_ERROR and the next call, even when that is known. */
	if (nonblock && fresh)
		return -EINPROGRESS;
	if (!connect_told(i)) {
		if (nonblock || deadline == 0)
			return -EALREADY;
		err = wait_event_state(&s->wr_wait, connect_told(i), TASK_INTERRUPTIBLE, deadline, false);
		if (err)
			return err == -ETIMEDOUT ? -EINPROGRESS : socket_wait_error(err, deadline);
	}
	net_lock_acquire();
	err = connect_result(i);
	net_lock_release();
	return err;
}

/* ---- data out */

/* May data be sent? 0, or what a writer gets. */
static __always_inline int send_state(struct inet_sock *i, const struct sockmsg *m)
{
	int err = socket_error(&i->s);

	if (err)
		return err == -EPIPE ? socket_epipe(m) : err;
	if (i->s.shutdown & SHUTDOWN_SEND || i->fin_sent)
		return socket_epipe(m);
	if (!i->tcp || i->tcp->state == CLOSED || i->tcp->state == LISTEN)
		return socket_epipe(m);
	return 0;
}

/* As tcp_write(), where bulk.c queues. How many bytes were taken; 0: no memory, or the queue is full. */
static __noinline ssize_t queue_bulk(struct inet_sock *i, const char *p, size_t n, struct tcp_bulk_buf *b, bool more)
{
	struct tcp_pcb *pcb = i->tcp;

	WRITE_ONCE(i->bulk, true);
	if (pcb->state != ESTABLISHED && pcb->state != CLOSE_WAIT)
		return net_errno(ERR_CONN);
	return (ssize_t)tcp_bulk_write(tcp_conn(pcb), p, n, b, more);
}

/*
 * Gives lwIP what it takes of @n bytes; 0: it is full. @b: where they are, if they need not be copied again; else NULL. net_lock held.
 */
static __always_inline ssize_t write_some(struct inet_sock *i, const char *p, size_t n, struct tcp_bulk_buf *b, bool more, bool urgent)
{
	struct tcp_pcb *pcb = i->tcp;
	size_t room, k;
	err_t e;

	if (pcb->state == SYN_SENT || pcb->state == SYN_RCVD)
		return 0;
	room = send_room(i);
	k = MIN(n, room);
	tcp_enter(pcb);
	if (!k) {
		/* What was held back for the rest of this call is what there has to be room of. */
		(void)tcp_output(pcb);
		return 0;
	}
	if (unlikely(!tcp_conn(pcb)->bulk))
		tcp_bulk_decide(tcp_conn(pcb));
	if (unlikely(tcp_conn(pcb)->bulk == TCP_BULK)) {
		ssize_t r = queue_bulk(i, p, k, b, more || k < n);

		if (r < 0)
			return r;
		k = (size_t)r;
		e = r ? ERR_OK : ERR_MEM;
	} else {
		e = tcp_write(pcb, p, (u16_t)k, TCP_WRITE_FLAG_COPY | (more || k < n ? TCP_WRITE_FLAG_MORE : 0));
		if (e == ERR_MEM && k > 1024) {
			k = 1024;
			e = tcp_write(pcb, p, (u16_t)k, TCP_WRITE_FLAG_COPY | TCP_WRITE_FLAG_MORE);
		}
	}
	if (e == ERR_MEM) {
		(void)tcp_output(pcb);
		return pcb->snd_queuelen ? 0 : -ENOBUFS;
	}
	if (e != ERR_OK)
		return net_errno(e);
	if (unlikely(urgent) && k == n)
		inet_urgent_mark(pcb);
	if (!more && !(i->opts & INET_CORK))
		(void)tcp_output(pcb);
	return (ssize_t)k;
}

static __always_inline ssize_t send_chunk(struct inet_sock *i, const char *p, size_t n, struct tcp_bulk_buf *b, struct sockmsg *m,
					nsec_t *deadline)
{
	size_t done = 0;
	bool more = m->flags & MSG_MORE || m->iter.count;

	while (done < n) {
		ssize_t k;

		net_lock_acquire();
		k = send_state(i, m);
		if (!k) {
			k = write_some(i, p + done, n - done, b, more, m->flags & MSG_OOB && !m->iter.count);
			if (!k)
				WRITE_ONCE(i->room, false);
		}
		net_lock_release();
		if (k < 0)
			return done ? (ssize_t)done : k;
		done += (size_t)k;
		if (k)
			continue;
		if (m->flags & MSG_DONTWAIT)
			return done ? (ssize_t)done : -EAGAIN;
		if (!*deadline)
			*deadline = socket_snd_deadline(&i->s);
		k = wait_event_state(&i->s.wr_wait, READ_ONCE(i->room), TASK_INTERRUPTIBLE, *deadline, false);
		if (k)
			return done ? (ssize_t)done : socket_wait_error((int)k, *deadline);
	}
	return (ssize_t)done;
}

/* What was held back for more of this very call goes now. */
static void send_rest(struct inet_sock *i, const struct sockmsg *m)
{
	if (m->flags & MSG_MORE)
		return;
	net_lock_acquire();
	inet_push(i);
	net_lock_release();
}

/* By chunks from the user into memory that the connection keeps. */
static __noinline ssize_t send_bulk(struct inet_sock *i, struct sockmsg *m)
{
	nsec_t deadline = 0;
	size_t total = 0, n;
	ssize_t ret = 0;

	while (m->iter.count) {
		size_t want = MIN(m->iter.count, (size_t)CHUNK);
		struct tcp_bulk_buf *b = tcp_bulk_alloc(want);

		if (unlikely(!b) && want > LEAST) {
			want = LEAST;
			b = tcp_bulk_alloc(want);
		}
		ret = -ENOBUFS;
		if (!b)
			break;
		n = copy_from_iter(tcp_bulk_data(b), want, &m->iter);
		ret = n ? send_chunk(i, tcp_bulk_data(b), n, b, m, &deadline) : -EFAULT;
		tcp_bulk_put(b);
		if (ret > 0)
			total += (size_t)ret;
		if (ret < 0 || (size_t)ret != n)
			break;
	}
	if (total && ret < 0)
		send_rest(i, m);
	return total ? (ssize_t)total : ret;
}

static ssize_t stream_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct inet_sock *i = inet_sk(s);
	char small[SMALL], *buf = small;
	size_t room = SMALL, total = 0;
	nsec_t deadline = 0;
	ssize_t ret = 0;

	if (unlikely(m->flags & MSG_FASTOPEN)) {
		ret = inet_fastopen_connect(i, m);
		if (ret)
			return ret;
	}
	if (s->state == INET_UNCONNECTED && !i->was_connected) {
		ret = socket_error(s);
		return ret ? ret : socket_epipe(m);
	}
	if (m->iter.count > SMALL) {
		if (READ_ONCE(i->bulk))
			return send_bulk(i, m);
		room = MIN(m->iter.count, (size_t)CHUNK);
		buf = kmalloc(room, GFP_KERNEL | GFP_NOOOM);
		if (!buf)
			return -ENOBUFS;
	}
	while (m->iter.count) {
		size_t n = copy_from_iter(buf, MIN(m->iter.count, room), &m->iter);

		if (!n) {
			ret = -EFAULT;
			break;
		}
		ret = send_chunk(i, buf, n, NULL, m, &deadline);
		if (ret > 0)
			total += (size_t)ret;
		if (ret != (ssize_t)n)
			break;
	}
	if (buf != small)
		kfree(buf);
	if (total && ret < 0)
		send_rest(i, m);
	return total ? (ssize_t)total : ret;
}

/* ---- data in */

/* Frees what was read, opens the window. rx_lock held. */
static void consumed(struct inet_sock *i, size_t n)
{
	size_t left = n;

	net_lock_acquire();
	while (left) {
		struct pbuf *p = i->rx_first;
		size_t here = p->tot_len - i->rx_off;

		if (left < here) {
			i->rx_off += (uint32_t)left;
			break;
		}
		left -= here;
		i->rx_off = 0;
		i->rx_first = p->queue_next;
		pbuf_free(p);
	}
	i->rx_bytes -= (uint32_t)n;
	i->copied_seq += (uint32_t)n;
	if (unlikely(i->urg != URG_NONE) && TCP_SEQ_GT(i->copied_seq, i->urg_seq))
		i->urg = URG_NONE;
	/* lwIP sends an update of the window, or only counts. */
	if (i->tcp && i->tcp->state != LISTEN) {
		lwip_port_tcp_wnd = tcp_conn(i->tcp)->wnd;
		if (i->tcp->rcv_nxt + i->tcp->rcv_wnd + n - i->tcp->rcv_ann_right_edge >= TCP_WND_UPDATE_THRESHOLD)
			tcp_enter(i->tcp);
	}
	for (left = n; left && i->tcp && i->tcp->state != LISTEN; left -= MIN(left, (size_t)UINT16_MAX))
		tcp_recved(i->tcp, (u16_t)MIN(left, (size_t)UINT16_MAX));
	net_lock_release();
}

/* Copies up to @want bytes from @skip behind the read position on. */
static ssize_t copy_out(struct inet_sock *i, struct sockmsg *m, size_t want, size_t skip)
{
	uint32_t off = i->rx_off;
	struct pbuf *p = i->rx_first;
	size_t done = 0;

	for (skip += off; p && skip >= p->tot_len; p = p->queue_next)
		skip -= p->tot_len;
	for (; p && done < want; p = p->queue_next, skip = 0) {
		for (struct pbuf *q = p; q && done < want; q = q->next) {
			size_t n;

			if (skip >= q->len) {
				skip -= q->len;
				continue;
			}
			n = MIN(want - done, q->len - skip);
			if (!(m->flags & MSG_TRUNC) && copy_to_iter((char *)q->payload + skip, n, &m->iter) != n)
				return done ? (ssize_t)done : -EFAULT;
			done += n;
			skip = 0;
		}
	}
	return (ssize_t)done;
}

/* 1: data; 0: end of stream; negative. */
static int recv_state(struct inet_sock *i, size_t have)
{
	int err;

	if (smp_load_acquire(&i->rx_bytes) > have)
		return 1;
	err = socket_error(&i->s);
	if (err)
		return err;
	if (i->rx_eof || i->s.shutdown & SHUTDOWN_RCV)
		return 0;
	if (i->s.state == INET_LISTEN || (!i->was_connected && i->s.state == INET_UNCONNECTED))
		return -ENOTCONN;
	return -EAGAIN;
}

static int recv_wait(struct inet_sock *i, size_t have, nsec_t *deadline)
{
	int err;

	if (!*deadline)
		*deadline = socket_rcv_deadline(&i->s);
	mutex_unlock(&i->rx_lock);
	err = wait_event_state(&i->s.rd_wait,
			       READ_ONCE(i->rx_bytes) > have || READ_ONCE(i->rx_eof) || READ_ONCE(i->s.err) ||
			       READ_ONCE(i->s.shutdown) & SHUTDOWN_RCV,
			       TASK_INTERRUPTIBLE, *deadline, true);
	mutex_lock(&i->rx_lock);
	return err ? socket_wait_error(err, *deadline) : 0;
}

static ssize_t stream_recvmsg(struct socket *s, struct sockmsg *m)
{
	struct inet_sock *i = inet_sk(s);
	size_t want = m->iter.count, target = socket_rcv_target(s, m->flags, want), total = 0;
	bool peek = m->flags & MSG_PEEK;
	nsec_t deadline = 0;
	ssize_t n = 0;
	size_t skip = 0;
	int st;

	if (m->flags & MSG_OOB)
		return inet_urgent_recv(i, m);
	if (m->flags & MSG_ERRQUEUE)
		return inet_err_recv(i, m);
	if (m->flags & MSG_TRUNC && peek)
		m->flags &= ~MSG_TRUNC;
	mutex_lock(&i->rx_lock);
	do {
		size_t most = want - total, at = peek ? total : 0;

		if (unlikely(READ_ONCE(i->urg) != URG_NONE)) {
			uint32_t ahead = i->urg_seq - (i->copied_seq + (uint32_t)at);

			/* Reading stops in front of the mark; from there the urgent byte is passed over, unless it is inline. */
			if (!ahead && total)
				break;
			if (!ahead && !socket_flag(s, SOCKF_OOBINLINE) && i->rx_bytes > at) {
				if (peek)
					skip = 1;
				else
					consumed(i, 1);
				most = want - total;
			} else if (ahead && (int32_t)ahead > 0) {
				most = MIN(most, (size_t)ahead);
			}
		}
		st = recv_state(i, at + skip);
		if (st > 0 && !want)
			break;
		if (st > 0) {
			n = copy_out(i, m, most, at + skip);
			if (n > 0) {
				total += (size_t)n;
				if (!peek)
					consumed(i, (size_t)n);
				continue;
			}
			break;
		}
		n = st;
		if (st != -EAGAIN || total >= target || m->flags & MSG_DONTWAIT)
			break;
		n = recv_wait(i, at + skip, &deadline);
		if (n)
			break;
	} while (total < want);
	if (total && unlikely(socket_wants_time(s))) {
		i->stamp = i->rx_when;
		socket_put_timestamp(s, m, i->rx_when);
	}
	mutex_unlock(&i->rx_lock);
	if (total && n < 0 && n != -EAGAIN && n != -EINTR && n != -ERESTARTSYS && n != -EFAULT)
		socket_set_error(s, (int)n);	/* told by the next call */
	return total ? (ssize_t)total : n;
}

/* ---- ends */

static int stream_shutdown(struct socket *s, unsigned how)
{
	struct inet_sock *i = inet_sk(s);
	int err = 0;

	net_lock_acquire();
	if (s->state == INET_LISTEN) {
		if (how & SHUTDOWN_RCV)
			inet_listen_stop(i);
		net_lock_release();
		return 0;
	}
	if (!i->tcp || i->tcp->state == CLOSED) {
		err = -ENOTCONN;
	} else {
		s->shutdown |= (uint8_t)how;
		WRITE_ONCE(i->room, true);
		if (how & SHUTDOWN_SEND && !i->fin_sent && i->tcp->state != SYN_SENT) {
			i->fin_sent = true;
			tcp_enter(i->tcp);
			(void)tcp_shutdown(i->tcp, 0, 1);
		}
	}
	net_lock_release();
	if (!err)
		socket_wake_state(s, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	return err;
}

static uint32_t stream_poll(struct socket *s, struct poll_table *pt)
{
	struct inet_sock *i = inet_sk(s);
	uint32_t mask = 0;
	bool rcv_end, snd_end;

	net_lock_acquire();
	if (s->state == INET_LISTEN) {
		mask = i->accept_len ? POLLIN | POLLRDNORM : 0;
		net_lock_release();
		return mask;
	}
	rcv_end = i->rx_eof || s->shutdown & SHUTDOWN_RCV;
	snd_end = i->fin_sent || s->shutdown & SHUTDOWN_SEND;
	if (i->tcp && (i->tcp->state == SYN_SENT || i->tcp->state == SYN_RCVD)) {
		net_lock_release();
		return READ_ONCE(s->err) ? POLLERR : 0;
	}
	if (rcv_end)
		mask |= POLLIN | POLLRDNORM | POLLRDHUP;
	if (i->rx_bytes && i->rx_bytes >= (uint32_t)s->rcvlowat + (i->urg != URG_NONE && i->urg_seq == i->copied_seq &&
								     !socket_flag(s, SOCKF_OOBINLINE)))
		mask |= POLLIN | POLLRDNORM;
	if (i->urg == URG_HERE)
		mask |= POLLPRI;
	if (!i->tcp || i->tcp->state == CLOSED || (rcv_end && snd_end))
		mask |= POLLHUP;
	if (!i->tcp || i->tcp->state == CLOSED || snd_end || writable(i))
		mask |= POLLOUT | POLLWRNORM;
	if (s->err)
		mask |= POLLERR | POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	net_lock_release();
	return mask;
}

void inet_closing(struct inet_sock *i, const struct tcp_pcb *pcb)
{
	if (pcb->state == FIN_WAIT_1 || pcb->state == CLOSING || pcb->state == LAST_ACK)
		return;
	WRITE_ONCE(i->watched, false);
	socket_wake_writable(&i->s);
}

/* SO_LINGER with a time: until the peer has acknowledged all and the end. net_lock held, dropped meanwhile. */
static void linger(struct inet_sock *i)
{
	nsec_t deadline = socket_deadline((nsec_t)i->s.linger * NSEC_PER_SEC);

	if (!i->tcp || (i->tcp->state != ESTABLISHED && i->tcp->state != CLOSE_WAIT && i->tcp->state != FIN_WAIT_1))
		return;
	tcp_enter(i->tcp);
	if (!i->fin_sent && tcp_shutdown(i->tcp, 0, 1) != ERR_OK)
		return;
	i->fin_sent = true;
	i->watched = true;
	tcp_conn(i->tcp)->watched = true;
	net_lock_release();
	(void)wait_event_state(&i->s.wr_wait, !READ_ONCE(i->watched), TASK_INTERRUPTIBLE, deadline, false);
	net_lock_acquire();
	if (i->tcp)
		tcp_conn(i->tcp)->watched = false;
}

static void stream_release(struct socket *s)
{
	struct inet_sock *i = inet_sk(s);
	struct tcp_pcb *pcb;

	net_lock_acquire();
	if (unlikely(socket_flag(s, SOCKF_LINGER)) && s->linger && s->state == INET_CONNECTED && !i->rx_bytes)
		linger(i);
	pcb = i->tcp;
	if (s->state == INET_LISTEN) {
		inet_listen_stop(i);
		net_lock_release();
		return;
	}
	detach(i);
	if (pcb) {
		tcp_enter(pcb);
		tcp_conn(pcb)->no_fin_wait = i->linger2 < 0;
		pcb->rcv_wnd = TCP_WND_MAX(pcb);	/* what differs is the option's doing: nothing is unread, or it is reset here */
		/* Unread data, or a linger time of none: the peer is told that it was lost. */
		if (i->rx_bytes || (socket_flag(s, SOCKF_LINGER) && !s->linger && pcb->state != CLOSED))
			tcp_abort(pcb);
		else if (tcp_close(pcb) != ERR_OK)
			tcp_abort(pcb);
	}
	net_lock_release();
}

void inet_stream_destroy(struct inet_sock *i)
{
	struct tcp_pcb *pcb = i->tcp;

	if (i->s.state == INET_LISTEN) {
		inet_listen_stop(i);
	} else {
		detach(i);
		if (pcb)
			tcp_abort(pcb);
		WRITE_ONCE(i->room, true);
		WRITE_ONCE(i->watched, false);
		i->rx_eof = true;
	}
	socket_set_error(&i->s, ECONNABORTED);
	socket_wake_state(&i->s, POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
}

const struct socket_ops inet_stream_ops = {
	.bind = stream_bind,
	.connect = stream_connect,
	.listen = inet_listen,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = stream_poll,
	.ioctl = inet_ioctl,
	.shutdown = stream_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sol_changed = inet_sol_changed,
	.sendmsg = stream_sendmsg,
	.recvmsg = stream_recvmsg,
	.release = stream_release,
	.destroy = inet_destroy,
};
