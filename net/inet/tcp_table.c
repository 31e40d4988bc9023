/* SPDX-License-Identifier: MIT */
/*
 * Where TCP's blocks are found: connections by their four names, all by their local port; and what comes of that: who gets a segment,
 * who may bind a port, how many connections wait to be made or to be forgotten.
 *
 * - A segment's block is looked up before lwIP's tcp_input(), which then finds exactly it on its list.
 * - A listener's connections in SYN_RCVD are bounded; one too many gets a cookie (syncookie.c), or takes the place of the oldest when cookies
 *   are off, so that a flood of SYNs costs neither memory nor service to those that answer.
 * - Connections in TIME_WAIT are bounded likewise, and one of them makes place for a new SYN from the same peer (RFC 6191).
 *
 * Invariants: a block is in `tuples' exactly in the tables ACTIVE and TIME_WAIT, in `ports' while its table is not NONE.
 * Locks: net_lock.
 */
#include "inet.h"
#include "tcp.h"
#include "input.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"

#define MIN_BUCKETS	64u
#define MAX_BUCKETS	65536u
#define PORT_FIRST	32768u		/* net.ipv4.ip_local_port_range */
#define PORT_LAST	60999u

struct hash {
	struct hlist_head *bucket;
	uint32_t mask;			/* buckets - 1 */
	uint32_t used;
};
static struct hlist_head first_tuples[MIN_BUCKETS], first_ports[MIN_BUCKETS];
static struct hash tuples = { first_tuples, MIN_BUCKETS - 1, 0 }, ports = { first_ports, MIN_BUCKETS - 1, 0 };
static uint32_t secret;
LIST_HEAD(tcp_time_waits);
static unsigned nr_time_waits;
static int sysctl_max_tw_buckets = 4096;

static uint32_t mix(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	return h * 0xc2b2ae35u;
}

static uint32_t addr_word(const ip_addr_t *ip)
{
	const u32_t *w;

	if (IP_IS_V4(ip))
		return ip4_of(ip);
	w = ip_2_ip6(ip)->addr;
	return mix(w[0] ^ mix(w[1] ^ mix(w[2]))) ^ w[3];
}

static uint32_t tuple_hash(const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport)
{
	return mix(mix(addr_word(remote) ^ secret ^ (uint32_t)rport << 16) ^ addr_word(local) ^ lport) >> 7;
}

static struct hlist_head *tuple_bucket(const struct tcp_pcb *p)
{
	return &tuples.bucket[tuple_hash(&p->local_ip, p->local_port, &p->remote_ip, p->remote_port) & tuples.mask];
}

static struct hlist_head *port_bucket(uint16_t port)
{
	return &ports.bucket[(port * 0x9e3779b1u >> 12) & ports.mask];
}

static struct tcp_name *name_of(struct tcp_pcb *pcb)
{
	return pcb->state == LISTEN ? &tcp_listener(pcb)->name : &tcp_conn(pcb)->name;
}

/* Of a name, the block: listeners and connections begin alike. */
static const struct tcp_pcb *pcb_of(const struct tcp_name *n)
{
	return n->table == TCP_IN_LISTEN ? (const struct tcp_pcb *)container_of(n, struct tcp_listener, name) :
					   &container_of(n, struct tcp_conn, name)->pcb;
}

/* Twice the buckets. Without memory the chains only get longer. */
static void grow(struct hash *h, bool by_port)
{
	struct hlist_head *old = h->bucket;
	uint32_t n = h->mask + 1;
	struct hlist_head *fresh = n < MAX_BUCKETS ? kzalloc(2 * n * sizeof(*fresh), GFP_KERNEL | GFP_NOOOM | GFP_NOWARN) : NULL;

	if (!fresh)
		return;
	h->bucket = fresh;
	h->mask = 2 * n - 1;
	for (uint32_t i = 0; i < n; i++) {
		struct hlist_node *next;
		struct tcp_name *m;
		struct tcp_conn *c;

		if (by_port)
			hlist_for_each_entry_safe(m, next, &old[i], port) {
				hlist_del(&m->port);
				hlist_add_head(&m->port, port_bucket(pcb_of(m)->local_port));
			}
		else
			hlist_for_each_entry_safe(c, next, &old[i], tuple) {
				hlist_del(&c->tuple);
				hlist_add_head(&c->tuple, tuple_bucket(&c->pcb));
			}
	}
	if (old != first_tuples && old != first_ports)
		kfree(old);
}

/* ---- lwIP tells: a block goes on one of its lists, or off */

static void time_wait_begin(struct tcp_conn *c)
{
	tcp_timers_moved |= list_empty(&tcp_time_waits);
	list_add_tail(&c->queue, &tcp_time_waits);
	nr_time_waits++;
	/* Not @c itself: lwIP is about to look at it. */
	while (nr_time_waits > (unsigned)MAX(READ_ONCE(sysctl_max_tw_buckets), 1)) {
		struct tcp_conn *oldest = list_first_entry(&tcp_time_waits, struct tcp_conn, queue);

		inet_mib.time_waits_over++;
		lwip_port_tcp_rmv(&oldest->pcb);
		tcp_free(&oldest->pcb);
	}
}

unsigned tcp_time_wait_count(void)
{
	return nr_time_waits;
}

static void syn_begin(struct tcp_conn *c, struct tcp_listener *l)
{
	c->wnd = tcp_route_wnd(&c->pcb.remote_ip, l->wnd);
	c->name.reuse = l->name.reuse;
	c->name.reuseport = l->name.reuseport;
	c->name.uid = l->name.uid;
	if (l->nr_syns >= l->max_syns && !c->from_cookie) {
		inet_mib.syns_over++;
		tcp_abandon(&list_first_entry(&l->syns, struct tcp_conn, queue)->pcb, 0);
	}
	list_add_tail(&c->queue, &l->syns);
	l->nr_syns++;
	tcp_enter(&c->pcb);
}

void tcp_established(struct tcp_conn *c)
{
	if (list_empty(&c->queue) || !c->pcb.listener)
		return;
	list_del_init(&c->queue);
	((struct tcp_listener *)c->pcb.listener)->nr_syns--;
}

void lwip_port_tcp_reg(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
	struct tcp_name *n = name_of(pcb);
	struct tcp_conn *c = tcp_conn(pcb);

	if (!secret)
		secret = (uint32_t)random_u64() | 1;
	n->table = list == &tcp_bound_pcbs ? TCP_IN_BOUND : list == &tcp_active_pcbs ? TCP_IN_ACTIVE :
		   list == &tcp_tw_pcbs ? TCP_IN_TIME_WAIT : TCP_IN_LISTEN;
	if (ports.used++ > 2 * ports.mask)
		grow(&ports, true);
	hlist_add_head(&n->port, port_bucket(pcb->local_port));
	if (n->table != TCP_IN_ACTIVE && n->table != TCP_IN_TIME_WAIT)
		return;
	if (tuples.used++ > 2 * tuples.mask)
		grow(&tuples, false);
	hlist_add_head(&c->tuple, tuple_bucket(pcb));
	if (n->table == TCP_IN_TIME_WAIT)
		time_wait_begin(c);
	else if (pcb->state == SYN_RCVD && pcb->listener)
		syn_begin(c, (struct tcp_listener *)pcb->listener);
}

void lwip_port_tcp_rmv(struct tcp_pcb *pcb)
{
	struct tcp_name *n = name_of(pcb);
	struct tcp_conn *c = tcp_conn(pcb);

	if (n->table == TCP_IN_NONE)
		return;
	hlist_del(&n->port);
	ports.used--;
	if (n->table == TCP_IN_ACTIVE || n->table == TCP_IN_TIME_WAIT) {
		/* What ends in these states was reset, or given up. */
		if (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT)
			inet_mib.tcp_reset++;
		else if (pcb->state == SYN_SENT || pcb->state == SYN_RCVD)
			inet_mib.tcp_failed++;
		hlist_del(&c->tuple);
		tuples.used--;
		if (n->table == TCP_IN_TIME_WAIT) {
			list_del_init(&c->queue);
			nr_time_waits--;
		} else {
			tcp_established(c);
			tcp_timer_stop(c);
		}
		if (tcp_active_pcbs == pcb)
			tcp_active_pcbs = NULL;
		if (tcp_tw_pcbs == pcb)
			tcp_tw_pcbs = NULL;
	}
	n->table = TCP_IN_NONE;
}

void *tcp_conn_alloc(void)
{
	struct tcp_conn *c = kmalloc(sizeof(*c), GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);

	if (!c)
		return NULL;
	memset((char *)c + sizeof(c->pcb), 0, sizeof(*c) - sizeof(c->pcb));	/* lwIP clears its own */
	list_init(&c->dirty);
	list_init(&c->queue);
	c->wnd = TCP_WND_DEFAULT;
	c->syn_retries = 6;
	c->fin_wait = TCP_FIN_WAIT_MS;
	return c;
}

/* lwIP's timer takes a block off its list by itself. */
void tcp_conn_free(struct tcp_conn *c)
{
	lwip_port_tcp_rmv(&c->pcb);
	tcp_timer_forget(c);
	kfree(c);
}

void *tcp_listener_alloc(void)
{
	struct tcp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);

	if (!l)
		return NULL;
	list_init(&l->syns);
	l->max_syns = 256;
	l->wnd = TCP_WND_DEFAULT;
	return l;
}

void tcp_listener_free(struct tcp_listener *l)
{
	kfree(l);
}

void tcp_listener_drop(struct tcp_listener *l)
{
	while (!list_empty(&l->syns))
		tcp_abandon(&list_first_entry(&l->syns, struct tcp_conn, queue)->pcb, 1);
}

/* ---- ports */

/* Do the two local addresses have one in common? The unspecified one of IPv6 may stand for both families. */
static bool overlap(const ip_addr_t *a, const ip_addr_t *b)
{
	if (IP_IS_ANY_TYPE_VAL(*a) || IP_IS_ANY_TYPE_VAL(*b))
		return true;
	if (IP_GET_TYPE(a) != IP_GET_TYPE(b))
		return false;
	return ip_addr_isany(a) || ip_addr_isany(b) || ip_addr_eq(a, b);
}

int tcp_bind_check(const struct tcp_name *n, const ip_addr_t *ip, uint16_t port, int netif_idx)
{
	struct tcp_name *o;

	hlist_for_each_entry(o, port_bucket(port), port) {
		const struct tcp_pcb *p = pcb_of(o);

		if (o == n || p->local_port != port || !overlap(ip, &p->local_ip))
			continue;
		if (netif_idx && p->netif_idx && p->netif_idx != netif_idx)
			continue;
		if (n->reuseport && o->reuseport && (n->uid == o->uid || o->table == TCP_IN_TIME_WAIT))
			continue;
		if (n->reuse && o->reuse && o->table != TCP_IN_LISTEN)
			continue;
		return -EADDRINUSE;
	}
	return 0;
}

int tcp_listen_check(const struct tcp_name *n)
{
	const struct tcp_pcb *p = pcb_of(n);
	struct tcp_name *o;

	hlist_for_each_entry(o, port_bucket(p->local_port), port)
		if (o != n && o->table == TCP_IN_LISTEN && pcb_of(o)->local_port == p->local_port && overlap(&p->local_ip, &pcb_of(o)->local_ip) &&
		    !(n->reuseport && o->reuseport && n->uid == o->uid) && !(p->netif_idx && pcb_of(o)->netif_idx && p->netif_idx != pcb_of(o)->netif_idx))
			return -EADDRINUSE;
	return 0;
}

static uint16_t port_at(uint32_t start, uint32_t n)
{
	return (uint16_t)(PORT_FIRST + (start + n) % (PORT_LAST - PORT_FIRST + 1));
}

uint16_t tcp_port_free(const ip_addr_t *ip)
{
	static const struct tcp_name strict = { 0 };
	uint32_t start = (uint32_t)(random_u64() >> 33);

	for (uint32_t n = 0; n <= PORT_LAST - PORT_FIRST; n++)
		if (!tcp_bind_check(&strict, ip, port_at(start, n), 0))
			return port_at(start, n);
	return 0;
}

/* Bound by somebody: not for connections that choose. */
static bool port_taken(uint16_t port)
{
	struct tcp_name *o;

	hlist_for_each_entry(o, port_bucket(port), port)
		if (pcb_of(o)->local_port == port && !o->chosen)
			return true;
	return false;
}

uint16_t tcp_port_connect(const ip_addr_t *local, const ip_addr_t *remote, uint16_t rport)
{
	static uint32_t next;
	uint32_t start = tuple_hash(local, 0, remote, rport) + (next += 2);

	for (uint32_t n = 0; n <= PORT_LAST - PORT_FIRST; n++) {
		uint16_t port = port_at(start, n);

		if (!port_taken(port) && !tcp_find(local, port, remote, rport))
			return port;
	}
	return 0;
}

/* ---- segments */

struct tcp_conn *tcp_find(const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport)
{
	struct tcp_conn *c;

	hlist_for_each_entry(c, &tuples.bucket[tuple_hash(local, lport, remote, rport) & tuples.mask], tuple)
		if (c->pcb.remote_port == rport && c->pcb.local_port == lport && ip_addr_eq(&c->pcb.remote_ip, remote) &&
		    ip_addr_eq(&c->pcb.local_ip, local))
			return c;
	return NULL;
}

uint64_t tcp_cookie(const struct tcp_conn *c)
{
	const struct tcp_pcb *p = &c->pcb;

	return (uint64_t)tuple_hash(&p->local_ip, p->local_port, &p->remote_ip, p->remote_port) << 32 | (uint32_t)p->remote_port << 16 | p->local_port;
}

struct tcp_conn *tcp_next(struct tcp_conn *c)
{
	uint32_t n = 0;

	if (c) {
		if (c->tuple.next)
			return container_of(c->tuple.next, struct tcp_conn, tuple);
		n = (uint32_t)(tuple_bucket(&c->pcb) - tuples.bucket) + 1;
	}
	for (; n <= tuples.mask; n++)
		if (tuples.bucket[n].first)
			return container_of(tuples.bucket[n].first, struct tcp_conn, tuple);
	return NULL;
}

/* How well a listener fits: 0 not at all; an address of its own is better than any, an interface of its own better than none. */
static unsigned fits(const struct tcp_pcb *p, const ip_addr_t *to, uint8_t idx)
{
	unsigned score = 1;

	if (p->netif_idx) {
		if (p->netif_idx != idx)
			return 0;
		score += 2;
	}
	if (IP_IS_ANY_TYPE_VAL(p->local_ip))
		return score;
	if (IP_GET_TYPE(&p->local_ip) != IP_GET_TYPE(to))
		return 0;
	if (ip_addr_isany(&p->local_ip))
		return score + 1;
	return ip_addr_eq(&p->local_ip, to) ? score + 5 : 0;
}

/* Of those that share the port (SO_REUSEPORT) the peer's names choose one. */
static struct tcp_listener *find_listener(const ip_addr_t *to, uint16_t port, uint32_t hash, uint8_t idx)
{
	struct tcp_listener *best = NULL;
	unsigned score = 0, same = 0;
	struct tcp_name *o;

	hlist_for_each_entry(o, port_bucket(port), port) {
		struct tcp_listener *l = container_of(o, struct tcp_listener, name);
		unsigned s;

		if (o->table != TCP_IN_LISTEN || l->pcb.local_port != port)
			continue;
		s = fits((const struct tcp_pcb *)&l->pcb, to, idx);
		if (s > score) {
			score = s;
			best = l;
			same = 1;
		} else if (s && s == score && o->reuseport) {
			/* One of n, each as likely: the n-th takes over with one n-th of the hashes. */
			hash = mix(hash + 0x9e3779b9u);
			if (hash % ++same == 0)
				best = l;
		}
	}
	return best;
}

u16_t lwip_tcp_eff_send_mss_netif(u16_t mss, struct netif *netif, const ip_addr_t *to);

static uint32_t route_metric(const ip_addr_t *to, unsigned which)
{
	return IP_IS_V6(to) ? net_route_metric6(ip_2_ip6(to)->addr, which) : net_route_metric4(ip4_of(to), which);
}

/* lwIP asks how large a segment may be: with TCP_MSS for what to tell the peer, else for what to send. */
u16_t tcp_eff_send_mss_netif(u16_t most, struct netif *netif, const ip_addr_t *to)
{
	uint32_t mss = lwip_tcp_eff_send_mss_netif(most, netif, to), head = IP_IS_V6(to) ? 60 : 40, m;

	if (likely(!net_route_metrics))
		return (u16_t)mss;
	m = route_metric(to, RTAX_MTU);
	if (m)
		mss = MIN(mss, MAX(m, head + 48) - head);
	m = most == TCP_MSS ? route_metric(to, RTAX_ADVMSS) : 0;
	return (u16_t)(m ? MIN(mss, MAX(m, 48u)) : mss);
}

uint32_t tcp_route_wnd(const ip_addr_t *to, uint32_t wnd)
{
	uint32_t m = likely(!net_route_metrics) ? 0 : route_metric(to, RTAX_WINDOW);

	return m ? MIN(wnd, MAX(m, 1024u)) : wnd;
}

/* A SYN that cannot belong to the connection that was. */
static bool begins_anew(const struct tcp_conn *c, const struct tcp_hdr *h)
{
	return (TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && TCP_SEQ_GT(lwip_ntohl(h->seqno), c->pcb.rcv_nxt);
}

void lwip_tcp_input(struct pbuf *p, struct netif *inp);

/* Not yet for lwIP: the last ACK of a connection that its listener does not want before data or room is there. */
static bool held_back(struct tcp_conn *c, const struct tcp_hdr *h, uint32_t len)
{
	struct inet_sock *l = c->pcb.listener ? c->pcb.listener->callback_arg : NULL;

	if (c->pcb.state != SYN_RCVD || !l || (TCPH_FLAGS(h) & (TCP_ACK | TCP_RST | TCP_SYN)) != TCP_ACK)
		return false;
	return inet_listen_full(l) || inet_listen_deferred(l, c, len > (uint32_t)TCPH_HDRLEN_BYTES(h));
}

/*
 * A segment of no connection, for a listener. False: lwIP shall not see it. *@made: the connection that it is of now.
 */
static bool listener_input(struct tcp_listener *l, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp, struct tcp_conn **made)
{
	if ((TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		if (!l->pcb.callback_arg || inet_listen_full(l->pcb.callback_arg)) {
			inet_mib.listen_dropped++;
			inet_mib.listen_full += l->pcb.callback_arg != NULL;
			return false;		/* the peer asks again */
		}
		if (unlikely(tcp_cookie_wanted(l, h))) {
			tcp_cookie_offer(l, h, p, inp);
			return false;
		}
	} else if (unlikely(l->cookie_span) && (TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_ACK) {
		return tcp_cookie_take(l, h, p, inp, made) != TCP_COOKIE_LATER;
	}
	return true;
}

/* What came of a cookie's acknowledgement: if lwIP did not like it, nothing. */
static void made_input(struct tcp_conn *c, struct pbuf *p, struct netif *inp)
{
	const ip_addr_t local = c->pcb.local_ip, remote = c->pcb.remote_ip;
	uint16_t lport = c->pcb.local_port, rport = c->pcb.remote_port;

	c->pcb.next = NULL;
	tcp_active_pcbs = &c->pcb;
	lwip_tcp_input(p, inp);
	tcp_active_pcbs = NULL;
	if (tcp_find(&local, lport, &remote, rport) == c && c->pcb.state == SYN_RCVD)
		tcp_abandon(&c->pcb, 0);
}

static void segment_input(struct pbuf *p, struct netif *inp)
{
	const struct tcp_hdr *h = p->payload;
	struct tcp_conn *c;
	struct tcp_listener *l = NULL;
	uint8_t idx;

	inet_mib.tcp_in++;
	if (p->len < TCP_HLEN) {
		inet_mib.tcp_errors++;
		pbuf_free(p);
		return;
	}
	tcp_note_flags(h);
	idx = netif_get_index(ip_current_input_netif());
	c = tcp_find(ip_current_dest_addr(), lwip_ntohs(h->dest), ip_current_src_addr(), lwip_ntohs(h->src));
	if (c && c->name.table == TCP_IN_TIME_WAIT && begins_anew(c, h)) {
		lwip_port_tcp_rmv(&c->pcb);
		tcp_free(&c->pcb);
		c = NULL;
	}
	if (c) {
		if ((unlikely(c->pcb.state == SYN_RCVD) && held_back(c, h, p->tot_len)) || !tcp_check(c, h, p, inp)) {
			pbuf_free(p);
			return;
		}
		if (unlikely(TCPH_FLAGS(h) & TCP_URG) && c->pcb.callback_arg && c->pcb.state >= ESTABLISHED && c->name.table == TCP_IN_ACTIVE)
			inet_urgent(c->pcb.callback_arg, lwip_ntohl(h->seqno) + lwip_ntohs(h->urgp) - 1);
		tcp_enter(&c->pcb);
		c->pcb.next = NULL;
		*(c->name.table == TCP_IN_TIME_WAIT ? &tcp_tw_pcbs : &tcp_active_pcbs) = &c->pcb;
	} else {
		l = find_listener(ip_current_dest_addr(), lwip_ntohs(h->dest),
				  tuple_hash(ip_current_dest_addr(), lwip_ntohs(h->dest), ip_current_src_addr(), lwip_ntohs(h->src)), idx);
		if (l && !listener_input(l, h, p, inp, &c)) {
			pbuf_free(p);
			return;
		}
		if (unlikely(c)) {
			made_input(c, p, inp);
			return;
		}
		if (l) {
			l->pcb.next = NULL;
			lwip_port_tcp_wnd = l->wnd;
		}
	}
	tcp_listen_pcbs.listen_pcbs = l ? &l->pcb : NULL;
	lwip_tcp_input(p, inp);
	tcp_active_pcbs = tcp_tw_pcbs = NULL;
	tcp_listen_pcbs.listen_pcbs = NULL;
}

void tcp_input(struct pbuf *p, struct netif *inp)
{
	segment_input(p, inp);
	tcp_note_flags(NULL);
}

static int tcp_table_init(void)
{
	static const struct sysctl_int number = { "net/ipv4/tcp_max_tw_buckets", 0644, &sysctl_max_tw_buckets, 0, INT32_MAX, NULL };

	return sysctl_add_int(&number);
}
INITCALL(INITCALL_DEVICE, tcp_table_init);
