/* SPDX-License-Identifier: MIT */
/*
 * sock_diag(7) of AF_INET and AF_INET6: dumps and single sockets of TCP, UDP and raw, what ss(8) shows, and SOCK_DESTROY.
 *
 * TCP's dump has the sockets that are not CLOSED, then the connections that no socket has: on their way to a listener, closed and not
 * yet over, in TIME_WAIT. Between two pieces of a dump it keeps its place by counting: what comes or goes meanwhile may be missed or
 * told twice, as elsewhere.
 *
 * Locks: net_lock while a piece is made; nothing is allocated under it but by SOCK_DESTROY.
 * References: sock_diag(7), linux/inet_diag.h.
 */
#include "inet.h"
#include "diag.h"
#include "tcp.h"
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "lwip/priv/tcp_priv.h"

#define NL_ONE 1024u		/* an answer about one socket fits */
#define STATE_BIT(s) (1u << (s))

struct query {
	struct inet_diag_req_v2 q;
	unsigned protocol;
	bool admin;
	uint16_t code_len;		/* 0: no filter */
	uint32_t code[];
};
/* Where an answer goes. */
struct place {
	struct nl_buf *b;
	unsigned type, flags;
	uint32_t seq, portid;
};

/* ---- one socket */

static void put_addr(uint32_t to[4], unsigned family, const ip_addr_t *ip)
{
	memset(to, 0, 16);
	if (IP_IS_V6(ip)) {
		memcpy(to, ip_2_ip6(ip)->addr, 16);
	} else if (family == AF_INET) {
		to[0] = ip4_of(ip);
	} else if (IP_IS_V4(ip)) {
		to[2] = __builtin_bswap32(0xffff);
		to[3] = ip4_of(ip);
	}
}

static void view_socket(struct inet_sock *i, struct diag_view *v)
{
	v->family = (uint8_t)i->s.family;
	v->state = (uint8_t)(i->kind == INET_TCP ? inet_tcp_state(i) : i->s.state == INET_CONNECTED ? TCPS_ESTABLISHED : TCPS_CLOSE);
	v->bound_port = i->opts & INET_BOUND_PORT;
	v->sport = i->kind == INET_RAW ? i->s.protocol : i->lport;
	v->dport = i->rport;
	put_addr(v->src, v->family, &i->local);
	put_addr(v->dst, v->family, &i->remote);
	v->ifindex = (uint32_t)i->s.bound_if;
	v->mark = i->s.mark;
	v->cookie = socket_cookie(&i->s);
}

static void view_block(const struct tcp_conn *c, struct diag_view *v)
{
	const struct tcp_pcb *p = &c->pcb;

	v->family = IP_IS_V6(&p->remote_ip) ? AF_INET6 : AF_INET;
	v->state = (uint8_t)inet_state_of(p);
	v->bound_port = false;
	v->sport = p->local_port;
	v->dport = p->remote_port;
	put_addr(v->src, v->family, &p->local_ip);
	put_addr(v->dst, v->family, &p->remote_ip);
	v->ifindex = v->mark = 0;
	v->cookie = tcp_cookie(c);
}

void inet_tcp_timer(const struct tcp_pcb *p, struct inet_tcp_timer *t)
{
	uint32_t passed = tcp_ticks_now() - p->tmr;
	int32_t left;

	memset(t, 0, sizeof(*t));
	if (p->state == TIME_WAIT) {
		t->kind = INET_TIMER_TIME_WAIT;
		left = (int32_t)(2 * TCP_MSL / TCP_SLOW_INTERVAL - passed);
	} else if (p->persist_backoff) {
		t->kind = INET_TIMER_PROBE;
		t->retries = tcp_conn((struct tcp_pcb *)p)->probes;
		left = (int32_t)(tcp_conn((struct tcp_pcb *)p)->persist - tcp_ticks_now());
	} else if (p->rtime >= 0 && p->state != LISTEN) {
		t->kind = INET_TIMER_RETRANSMIT;
		t->retries = p->nrtx;
		left = p->rto - p->rtime - (int32_t)(tcp_ticks_now() - tcp_conn((struct tcp_pcb *)p)->synced);
	} else if (ip_get_option(p, SOF_KEEPALIVE) && (p->state == ESTABLISHED || p->state == CLOSE_WAIT)) {
		t->kind = INET_TIMER_KEEPALIVE;
		t->retries = p->keep_cnt_sent;
		left = (int32_t)((p->keep_idle + p->keep_cnt_sent * p->keep_intvl) / TCP_SLOW_INTERVAL - passed);
	} else {
		return;
	}
	t->expires_ms = left > 0 ? (uint32_t)left * TCP_SLOW_INTERVAL : 0;
}

static void begin_msg(struct inet_diag_msg *m, const struct diag_view *v)
{
	memset(m, 0, sizeof(*m));
	m->family = v->family;
	m->state = v->state;
	m->id.sport = __builtin_bswap16(v->sport);
	m->id.dport = __builtin_bswap16(v->dport);
	memcpy(m->id.src, v->src, 16);
	memcpy(m->id.dst, v->dst, 16);
	m->id.ifindex = v->ifindex;
	sock_diag_put_cookie(m->id.cookie, v->cookie);
}

static void put_timer(struct inet_diag_msg *m, const struct tcp_pcb *p)
{
	struct inet_tcp_timer t;

	inet_tcp_timer(p, &t);
	m->timer = t.kind;
	m->retrans = t.retries;
	m->expires = t.expires_ms;
}

static uint32_t unsent_of(const struct inet_sock *i)
{
	return i->kind == INET_TCP && i->tcp && i->tcp->state != LISTEN ? i->tcp->snd_lbb - i->tcp->lastack : 0;
}

static bool put_options(struct nl_buf *b, const struct inet_sock *i)
{
	uint8_t bits[2] = { 0, 0 };

	bits[0] = (uint8_t)((i->opts & INET_RECVERR ? INET_DIAG_OPT_RECVERR : 0) | (i->kind == INET_TCP ? INET_DIAG_OPT_IS_ICSK : 0) |
			    (i->opts & INET_FREEBIND ? INET_DIAG_OPT_FREEBIND : 0) | (i->opts & INET_HDRINCL ? INET_DIAG_OPT_HDRINCL : 0) |
			    (i->mc_loop ? INET_DIAG_OPT_MC_LOOP : 0) | (i->s.family == AF_INET && i->opts & INET_MC_ALL ? INET_DIAG_OPT_MC_ALL : 0));
	return nl_attr(b, INET_DIAG_SOCKOPT, bits, sizeof(bits));
}

static bool put_memory(struct nl_buf *b, const struct inet_sock *i, unsigned ext)
{
	uint32_t out = unsent_of(i), all[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = i->rx_bytes, [SK_MEMINFO_RCVBUF] = (uint32_t)i->s.rcvbuf, [SK_MEMINFO_SNDBUF] = (uint32_t)i->s.sndbuf,
		[SK_MEMINFO_WMEM_QUEUED] = out, [SK_MEMINFO_DROPS] = i->drops,
	};
	struct inet_diag_meminfo m = { i->rx_bytes, out, 0, 0 };

	if (ext & STATE_BIT(INET_DIAG_MEMINFO - 1) && !nl_attr(b, INET_DIAG_MEMINFO, &m, sizeof(m)))
		return false;
	return !(ext & STATE_BIT(INET_DIAG_SKMEMINFO - 1)) || nl_attr(b, INET_DIAG_SKMEMINFO, all, sizeof(all));
}

/* What every socket may have, in Linux's order. */
static bool put_common(struct nl_buf *b, const struct inet_sock *i, const struct diag_view *v, const struct query *q)
{
	unsigned ext = q->q.ext;

	if (!nl_attr_u8(b, INET_DIAG_SHUTDOWN, i->s.shutdown) ||
	    (ext & STATE_BIT(INET_DIAG_TOS - 1) && !nl_attr_u8(b, INET_DIAG_TOS, v->family == AF_INET ? i->tos : 0)))
		return false;
	if (v->family == AF_INET6) {
		if (ext & STATE_BIT(INET_DIAG_TCLASS - 1) && !nl_attr_u8(b, INET_DIAG_TCLASS, i->tos))
			return false;
		if ((v->state == TCPS_LISTEN || v->state == TCPS_CLOSE) && !nl_attr_u8(b, INET_DIAG_SKV6ONLY, !!(i->opts & INET_V6ONLY)))
			return false;
	}
	if (q->admin && !nl_attr_u32(b, INET_DIAG_MARK, i->s.mark))
		return false;
	if (ext & STATE_BIT(INET_DIAG_TCLASS - 1) && !nl_attr_u32(b, INET_DIAG_CLASS_ID, i->s.priority))
		return false;
	return put_options(b, i) && put_memory(b, i, ext);
}

static bool put_tcp(struct nl_buf *b, struct inet_sock *i, unsigned ext)
{
	struct uapi_tcp_info info;

	if (ext & STATE_BIT(INET_DIAG_INFO - 1)) {
		inet_tcp_info(i, &info);
		if (!nl_attr(b, INET_DIAG_INFO, &info, sizeof(info)))
			return false;
	}
	return !(ext & STATE_BIT(INET_DIAG_CONG - 1)) || nl_attr(b, INET_DIAG_CONG, "reno", sizeof("reno"));
}

/* False: no room. */
static bool tell_socket(const struct place *at, struct inet_sock *i, const struct diag_view *v, const struct query *q)
{
	struct nlmsghdr *h = nl_begin(at->b, at->type, at->flags, at->seq, at->portid, sizeof(struct inet_diag_msg));
	struct inet_diag_msg *m;

	if (!h)
		return false;
	m = nl_data(h);
	begin_msg(m, v);
	m->inode = (uint32_t)i->s.ino;
	m->uid = i->s.ino ? i->uid : 0;
	m->rqueue = v->state == TCPS_LISTEN ? i->accept_len : i->rx_bytes;
	m->wqueue = v->state == TCPS_LISTEN ? i->backlog : unsent_of(i);
	if (i->kind == INET_TCP && i->tcp && v->state != TCPS_LISTEN)
		put_timer(m, i->tcp);
	if (!put_common(at->b, i, v, q) || (i->s.type == SOCK_RAW && !nl_attr_u8(at->b, INET_DIAG_PROTOCOL, (uint8_t)i->s.protocol)) ||
	    (i->kind == INET_TCP && !put_tcp(at->b, i, q->q.ext))) {
		nl_cancel(at->b, h);
		return false;
	}
	nl_end(at->b, h);
	return true;
}

static bool tell_block(const struct place *at, const struct tcp_conn *c, const struct diag_view *v, const struct query *q)
{
	struct nlmsghdr *h = nl_begin(at->b, at->type, at->flags, at->seq, at->portid, sizeof(struct inet_diag_msg));
	struct inet_diag_msg *m;

	if (!h)
		return false;
	m = nl_data(h);
	begin_msg(m, v);
	put_timer(m, &c->pcb);
	if (v->state != TCPS_TIME_WAIT && v->state != TCPS_SYN_RECV)
		m->wqueue = c->pcb.snd_lbb - c->pcb.lastack;
	if (q->admin && !nl_attr_u32(at->b, INET_DIAG_MARK, 0)) {
		nl_cancel(at->b, h);
		return false;
	}
	nl_end(at->b, h);
	return true;
}

/* ---- which */

/* -ENOENT: no such protocol here. */
static int kind_of(unsigned protocol, enum inet_kind *kind)
{
	switch (protocol) {
	case IPPROTO_TCP:
		*kind = INET_TCP;
		return 0;
	case IPPROTO_UDP:
		*kind = INET_UDP;
		return 0;
	case IPPROTO_RAW:
		*kind = INET_RAW;
		return 0;
	default:
		return -ENOENT;
	}
}

static bool wanted(const struct query *q, const struct diag_view *v)
{
	const struct inet_diag_sockid *id = &q->q.id;

	if (!(q->q.states & STATE_BIT(v->state)) || (q->q.family != AF_UNSPEC && q->q.family != v->family))
		return false;
	if (id->sport && id->sport != __builtin_bswap16(v->sport))
		return false;
	if (id->dport && (id->dport != __builtin_bswap16(v->dport) || v->state == TCPS_LISTEN))
		return false;
	return !q->code_len || inet_diag_filter_run(q->code, q->code_len, v);
}

/* A block that no socket shows. */
static bool is_bare(const struct tcp_pcb *p)
{
	return !p->callback_arg || p->state == SYN_RCVD || p->state == TIME_WAIT;
}

static bool dump_sockets(struct nl_dump *d, const struct place *at, const struct query *q, enum inet_kind kind)
{
	struct inet_sock *i;
	struct diag_view v;
	long n = 0;

	list_for_each_entry(i, &inet_all, all) {
		if (n++ < d->args[1] || i->kind != kind || (!i->lport && kind == INET_UDP))
			continue;
		view_socket(i, &v);
		if ((kind == INET_TCP && (v.state == TCPS_CLOSE || (i->tcp && i->tcp->state == TIME_WAIT))) || !wanted(q, &v))
			continue;
		if (!tell_socket(at, i, &v, q)) {
			d->args[1] = n - 1;
			return false;
		}
	}
	return true;
}

static bool dump_blocks(struct nl_dump *d, const struct place *at, const struct query *q)
{
	struct tcp_conn *c = NULL;
	struct diag_view v;
	long n = 0;

	while ((c = tcp_next(c))) {
		if (n++ < d->args[1] || !is_bare(&c->pcb))
			continue;
		view_block(c, &v);
		if (!wanted(q, &v))
			continue;
		if (!tell_block(at, c, &v, q)) {
			d->args[1] = n - 1;
			return false;
		}
	}
	return true;
}

/* args: 0 which list, 1 how many of it are done. filter[0]: the type of the answers. */
static int fill(struct nl_dump *d, struct nl_buf *b)
{
	const struct query *q = d->private;
	struct place at = { b, (unsigned)d->filter[0], NLM_F_MULTI, d->seq, d->portid };
	enum inet_kind kind;
	int err = kind_of(q->protocol, &kind);

	if (err)
		return err;
	net_lock_acquire();
	if (!d->args[0] && dump_sockets(d, &at, q, kind)) {
		d->args[0] = kind == INET_TCP ? 1 : 2;
		d->args[1] = 0;
	}
	if (d->args[0] == 1 && dump_blocks(d, &at, q))
		d->args[0] = 2;
	net_lock_release();
	return 0;
}

static int remember_type(struct nl_dump *d, struct nl_request *r)
{
	d->filter[0] = r->h->type;
	return 0;
}

/* The attributes behind @fixed bytes: a filter, another protocol. *@out is kfree()d by the caller. */
static int parse(struct nl_request *r, size_t fixed, const struct inet_diag_req_v2 *v2, struct query **out)
{
	size_t at = sizeof(*r->h) + NLMSG_ALIGN(fixed);
	const struct nlattr *code = NULL;
	unsigned protocol = v2->protocol;
	struct query *q;
	size_t len = 0;
	int err;

	while (at + sizeof(struct nlattr) <= r->h->len) {
		const struct nlattr *a = (const struct nlattr *)((const char *)r->h + at);
		unsigned type = a->type & NLA_TYPE_MASK;

		if (a->len < sizeof(*a) || at + a->len > r->h->len)
			break;
		if (type == INET_DIAG_REQ_PROTOCOL) {
			if (nla_len(a) != sizeof(uint32_t))
				return -EINVAL;
			protocol = nla_u32(a);
		} else if (type == INET_DIAG_REQ_BYTECODE) {
			code = a;
		}
		at += NLMSG_ALIGN(a->len);
	}
	if (code && r->h->flags & NLM_F_DUMP) {
		err = inet_diag_filter_check(nla_data(code), nla_len(code), capable(CAP_NET_ADMIN));
		if (err)
			return err;
		len = nla_len(code);
	}
	q = kzalloc(sizeof(*q) + len, GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	q->q = *v2;
	q->protocol = protocol;
	q->admin = capable(CAP_NET_ADMIN);
	q->code_len = (uint16_t)len;
	if (len)
		memcpy(q->code, nla_data(code), len);
	*out = q;
	return 0;
}

/* ---- a single one */

static void ip_of(const uint32_t a[4], unsigned family, ip_addr_t *ip)
{
	memset(ip, 0, sizeof(*ip));
	if (family == AF_INET || (!a[0] && !a[1] && a[2] == __builtin_bswap32(0xffff))) {
		ip_addr_set_ip4_u32_val(*ip, a[family == AF_INET ? 0 : 3]);
		return;
	}
	memcpy(ip_2_ip6(ip)->addr, a, 16);
	IP_SET_TYPE_VAL(*ip, IPADDR_TYPE_V6);
}

/* How well a socket that is not connected, or a datagram socket, fits a packet between the two; 0: not. */
static unsigned fits(const struct inet_sock *i, const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport, unsigned idx)
{
	bool any = ip_addr_isany(&i->local);
	unsigned score = 1;

	if (i->lport != lport || (i->s.bound_if && (unsigned)i->s.bound_if != idx))
		return 0;
	if (IP_IS_V4(local) != (i->s.family == AF_INET) && !(IP_IS_V4(local) && (any || IP_IS_V4(&i->local)) && !(i->opts & INET_V6ONLY)))
		return 0;
	if (!any && !ip_addr_eq(&i->local, local))
		return 0;
	if (i->s.state == INET_CONNECTED) {
		if (i->rport != rport || !ip_addr_eq(&i->remote, remote))
			return 0;
		score += 8;
	}
	return score + (any ? 0 : 4) + (i->s.bound_if ? 2 : 0) + (i->s.family == AF_INET);
}

/* One of the two, under net_lock: a socket, or a connection that has none. */
struct found {
	struct inet_sock *i;
	struct tcp_conn *c;
};

static int find(const struct query *q, enum inet_kind kind, bool swapped, struct found *f)
{
	const struct inet_diag_sockid *id = &q->q.id;
	uint16_t lport = __builtin_bswap16(swapped ? id->dport : id->sport), rport = __builtin_bswap16(swapped ? id->sport : id->dport);
	unsigned best = 0, score;
	ip_addr_t local, remote;
	struct inet_sock *i;
	uint64_t cookie;

	*f = (struct found){ NULL, NULL };
	if (q->q.family != AF_INET && q->q.family != AF_INET6)
		return -EINVAL;
	ip_of(swapped ? id->dst : id->src, q->q.family, &local);
	ip_of(swapped ? id->src : id->dst, q->q.family, &remote);
	if (kind == INET_TCP) {
		f->c = tcp_find(&local, lport, &remote, rport);
		if (f->c && !is_bare(&f->c->pcb)) {
			f->i = f->c->pcb.callback_arg;
			f->c = NULL;
		}
	}
	list_for_each_entry(i, &inet_all, all) {
		if (f->c || (f->i && !best) || i->kind != kind || (kind == INET_TCP && i->s.state != INET_LISTEN))
			continue;
		if (kind != INET_TCP && !i->udp)	/* released, but for its last reference */
			continue;
		if (kind == INET_RAW && i->s.protocol != q->q.raw_protocol)
			continue;
		score = fits(i, &local, kind == INET_RAW ? i->lport : lport, &remote, kind == INET_RAW ? i->rport : rport, id->ifindex);
		if (score > best) {
			best = score;
			f->i = i;
		}
	}
	if (!f->i && !f->c)
		return -ENOENT;
	cookie = f->i ? socket_cookie(&f->i->s) : tcp_cookie(f->c);
	if (!sock_diag_cookie_fits(id->cookie, cookie))
		return kind == INET_TCP ? -ENOENT : -ESTALE;
	return 0;
}

static int get_one(struct nl_request *r, const struct query *q)
{
	struct nl_buf b = { NULL, 0, NL_ONE };
	struct place at = { &b, r->h->type, 0, r->h->seq, r->portid };
	struct diag_view v;
	enum inet_kind kind;
	struct found f;
	int err = kind_of(q->protocol, &kind);

	if (err)
		return err;
	b.data = kmalloc(b.size, GFP_KERNEL);
	if (!b.data)
		return -ENOMEM;
	net_lock_acquire();
	/* A datagram's two ends are asked for the other way round, for historical reasons. */
	err = find(q, kind, kind == INET_UDP, &f);
	if (!err && f.i) {
		view_socket(f.i, &v);
		err = tell_socket(&at, f.i, &v, q) ? 0 : -EMSGSIZE;
	} else if (!err) {
		view_block(f.c, &v);
		err = tell_block(&at, f.c, &v, q) ? 0 : -EMSGSIZE;
	}
	net_lock_release();
	if (!err)
		err = nl_reply(r, &b);
	kfree(b.data);
	return err;
}

static int answer(struct nl_request *r, size_t fixed, const struct inet_diag_req_v2 *v2)
{
	struct query *q;
	int err = parse(r, fixed, v2, &q);

	if (err)
		return err;
	if (r->h->flags & NLM_F_DUMP)
		return nl_dump_start(r, remember_type, fill, q);
	err = get_one(r, q);
	kfree(q);
	return err;
}

static int inet_diag_get(struct nl_request *r)
{
	struct inet_diag_req_v2 v2;

	if (r->h->len < sizeof(*r->h) + sizeof(v2))
		return -EINVAL;
	memcpy(&v2, r->h + 1, sizeof(v2));
	return answer(r, sizeof(v2), &v2);
}

static int inet_diag_get_old(struct nl_request *r)
{
	struct inet_diag_req old;
	struct inet_diag_req_v2 v2 = { 0 };

	if (r->h->len < sizeof(*r->h) + sizeof(old))
		return -EINVAL;
	memcpy(&old, r->h + 1, sizeof(old));
	/* A dump is of both families. */
	v2.family = r->h->flags & NLM_F_DUMP ? AF_UNSPEC : old.family;
	v2.protocol = IPPROTO_TCP;
	v2.ext = old.ext;
	v2.states = old.states;
	v2.id = old.id;
	return answer(r, sizeof(old), &v2);
}

/* ---- the end of one */

static int inet_diag_destroy(struct nl_request *r)
{
	struct inet_diag_req_v2 v2;
	enum inet_kind kind;
	struct query *q;
	struct found f;
	int err;

	if (r->h->len < sizeof(*r->h) + sizeof(v2))
		return -EINVAL;
	memcpy(&v2, r->h + 1, sizeof(v2));
	err = parse(r, sizeof(v2), &v2, &q);
	if (err)
		return err;
	err = kind_of(q->protocol, &kind);
	if (!err) {
		net_lock_acquire();
		err = find(q, kind, false, &f);
		if (!err && !capable(CAP_NET_ADMIN))
			err = -EPERM;
		if (!err && f.c && f.c->name.table == TCP_IN_TIME_WAIT) {
			lwip_port_tcp_rmv(&f.c->pcb);
			tcp_free(&f.c->pcb);
		} else if (!err && f.c) {
			tcp_abort(&f.c->pcb);
		} else if (!err && kind == INET_TCP) {
			inet_stream_destroy(f.i);
		} else if (!err) {
			inet_dgram_destroy(f.i);
		}
		net_lock_release();
	}
	kfree(q);
	return err;
}

static int inet_diag_init(void)
{
	static const struct sock_diag_family v4 = { AF_INET, inet_diag_get, inet_diag_destroy },
					     v6 = { AF_INET6, inet_diag_get, inet_diag_destroy };
	int err = sock_diag_register(&v4);

	sock_diag_register_compat(inet_diag_get_old);
	return err ? err : sock_diag_register(&v6);
}
INITCALL(INITCALL_DEVICE, inet_diag_init);
