/* SPDX-License-Identifier: MIT */
/*
 * What ICMP says about packets of ours, told to their sockets: lwIP only counts it. And what we say to others: lwIP quotes eight bytes
 * of a datagram that nobody wants, here as much as fits 576 bytes (RFC 1812, 4.3.2.3).
 *
 * A raw block of ICMP hears every message; the packet that an error quotes names the socket. Hard errors are told to connected UDP
 * sockets, all to a TCP connection that is being made, for others they are hints (RFC 1122, 4.2.3.9); all errors go to a datagram,
 * raw or ping socket with IP_RECVERR, connected or not, with the datagram into its error queue.
 * SIMPLE: a linear search, as errors are rare.
 *
 * Locks: net_lock.
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/init.h>
#include <kernel/string.h>
#include "lwip/icmp.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"

struct code {
	uint8_t error;
	bool hard;
};
/* By code of "destination unreachable"; hard ones end a connection attempt. ICMP(7), RFC 1122 3.2.2.1. */
static const struct code codes[] = {
	{ ENETUNREACH, false }, { EHOSTUNREACH, false }, { ENOPROTOOPT, true }, { ECONNREFUSED, true }, { EMSGSIZE, false },
	{ EOPNOTSUPP, false }, { ENETUNREACH, true }, { EHOSTDOWN, true }, { ENONET, true }, { ENETUNREACH, true },
	{ EHOSTUNREACH, true }, { ENETUNREACH, false }, { EHOSTUNREACH, false }, { EHOSTUNREACH, true }, { EHOSTUNREACH, true },
	{ EHOSTUNREACH, true },
};
/* RFC 4443, 3.1 */
static const struct code codes6[] = {
	{ ENETUNREACH, false }, { EACCES, true }, { EHOSTUNREACH, false }, { EHOSTUNREACH, false }, { ECONNREFUSED, true },
	{ EACCES, true }, { EACCES, true },
};

/* Codes are of "destination unreachable" only; that a packet was on its way too long is a hint, that it was wrong is not. */
static bool code_of(const uint8_t *h, struct code *c)
{
	if (h[0] == ICMP_DUR && h[1] < ARRAY_SIZE(codes))
		*c = codes[h[1]];
	else if (h[0] == ICMP_TE && h[1] != ICMP_TE_FRAG)	/* that some pieces did not come Linux keeps to itself */
		*c = (struct code){ EHOSTUNREACH, false };
	else if (h[0] == ICMP_PP)
		*c = (struct code){ EPROTO, true };
	else
		return false;
	return true;
}

static bool code6_of(const uint8_t *h, struct code *c)
{
	if (h[0] == ICMP6_TYPE_DUR && h[1] < ARRAY_SIZE(codes6))
		*c = codes6[h[1]];
	else if (h[0] == ICMP6_TYPE_TE)
		*c = (struct code){ EHOSTUNREACH, false };
	else if (h[0] == ICMP6_TYPE_PP)
		*c = (struct code){ EPROTO, true };
	else
		return false;
	return true;
}

#define QUOTE_MAX 1232u
/* An error and the packet that is quoted: ours, as far as it says. */
struct quoted {
	struct sock_extended_err e;
	bool hard;
	uint8_t proto;
	ip_addr_t src, dst;
	uint16_t sport, dport;
	uint32_t ip_len;		/* as its header says */
	bool frag;			/* too large for the path, which takes e.info bytes */
	unsigned at, len;		/* of the data behind the quoted UDP header */
};

static bool is_about(const struct inet_sock *i, const struct quoted *q)
{
	enum inet_kind kind = q->proto == IPPROTO_UDP ? INET_UDP : INET_TCP;

	if (i->kind != kind || i->lport != q->sport)
		return false;
	if (i->rport)
		return i->rport == q->dport && ip_addr_eq(&i->remote, &q->dst) && ip_addr_eq(&i->local, &q->src);
	return kind == INET_UDP && i->opts & INET_RECVERR && (ip_addr_isany(&i->local) || ip_addr_eq(&i->local, &q->src));
}

/* Ends an attempt to connect, or is told by the next call. */
static void fail(struct inet_sock *i, int err)
{
	struct tcp_pcb *pcb = i->tcp;

	if (i->kind == INET_TCP) {
		if (i->s.state != INET_CONNECTING || !pcb || pcb->state != SYN_SENT)
			return;
		tcp_arg(pcb, NULL);
		tcp_err(pcb, NULL);
		WRITE_ONCE(i->tcp, NULL);
		WRITE_ONCE(i->room, true);
		tcp_abandon(pcb, 0);
	}
	socket_set_error(&i->s, err);
	socket_wake_state(&i->s, POLLERR | POLLIN | POLLOUT | (i->kind == INET_TCP ? POLLHUP : 0));
}

static void tell(struct inet_sock *i, const struct quoted *q, const ip_addr_t *from, const uint8_t *h)
{
	bool keep = i->kind != INET_TCP && i->opts & INET_RECVERR;

	if (keep)
		inet_err_queue(i, &q->e, from, &q->dst, q->dport, h + q->at, q->len);
	/* A connection attempt ends with a hint, too: Linux does not wait for a better answer. */
	if (keep || i->kind == INET_TCP || (q->hard && i->s.state == INET_CONNECTED))
		fail(i, (int)q->e.error);
}

/* A raw socket's packet, or the echo request of a ping socket; @t: what is behind the quoted IP header. */
static bool is_about_raw(const struct inet_sock *i, const struct quoted *q, const uint8_t *t)
{
	bool v4 = IP_IS_V4(&q->dst);

	if ((i->s.family == AF_INET) != v4 || i->s.protocol != q->proto)
		return false;
	if (i->kind == INET_PING)
		return t[0] == (v4 ? ICMP_ECHO : ICMP6_TYPE_EREQ) && (t[4] << 8 | t[5]) == i->lport;
	if (i->kind != INET_RAW || (i->s.state == INET_CONNECTED && !ip_addr_eq(&i->remote, &q->dst)))
		return false;
	return ip_addr_isany(&i->local) || ip_addr_eq(&i->local, &q->src);
}

static void tell_raw(struct quoted *q, const ip_addr_t *from, const uint8_t *h, unsigned n, unsigned transport)
{
	struct inet_sock *i;

	list_for_each_entry(i, &inet_all, all) {
		bool hard = q->hard;

		if (!is_about_raw(i, q, h + transport))
			continue;
		if (q->frag)
			net_pmtu4_learn(ip4_of(&q->dst), q->e.info, q->ip_len);
		/* The sender of whole packets sees them again as he sent them. */
		q->at = i->opts & INET_HDRINCL ? 8 : transport;
		q->len = n - q->at;
		q->dport = 0;
		q->hard = hard || (q->frag && i->pmtudisc != IP_PMTUDISC_DONT);
		tell(i, q, from, h);
		q->hard = hard;
	}
}

/* Of a connection of ours, and about what is on its way: a forger would have to guess that (RFC 5927, 7.2). */
static void too_large_segment(const struct quoted *q, const uint8_t *seq_bytes)
{
	struct tcp_conn *c = tcp_find(&q->src, q->sport, &q->dst, q->dport);
	uint32_t seq;

	memcpy(&seq, seq_bytes, 4);
	seq = lwip_ntohl(seq);
	if (!c || c->name.table != TCP_IN_ACTIVE || !TCP_SEQ_BETWEEN(seq, c->pcb.lastack, c->pcb.snd_nxt))
		return;
	net_pmtu4_learn(ip4_of(&q->dst), q->e.info, q->ip_len);
	tcp_enter(&c->pcb);
}

static void heard(struct quoted *q, const ip_addr_t *from, const uint8_t *h, unsigned n, unsigned transport)
{
	struct inet_sock *i;
	struct quoted raw;

	q->sport = (uint16_t)(h[transport] << 8 | h[transport + 1]);
	q->dport = (uint16_t)(h[transport + 2] << 8 | h[transport + 3]);
	q->at = MIN(transport + 8, n);
	q->len = n - q->at;
	raw = *q;
	tell_raw(&raw, from, h, n, transport);
	if (q->proto != IPPROTO_UDP && q->proto != IPPROTO_TCP)
		return;
	if (q->frag && q->proto == IPPROTO_TCP) {
		too_large_segment(q, h + transport + 4);
		return;
	}
	list_for_each_entry(i, &inet_all, all)
		if (is_about(i, q)) {
			if (q->frag)
				net_pmtu4_learn(ip4_of(&q->dst), q->e.info, q->ip_len);
			q->hard |= q->frag && i->pmtudisc != IP_PMTUDISC_DONT;
			tell(i, q, from, h);
			return;
		}
}

static u8_t icmp_heard(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	static uint8_t h[8 + QUOTE_MAX];	/* net_lock */
	unsigned n = pbuf_copy_partial(p, h, sizeof(h), ip_current_header_tot_len()), ihl;
	struct quoted q = { 0 };
	struct code c;

	if (n < 8 + 20 + 8 || !code_of(h, &c))
		return 0;
	ihl = (h[8] & 0xfu) * 4;
	if (h[8] >> 4 != 4 || ihl < 20 || n < 8 + ihl + 8)
		return 0;
	q.e = (struct sock_extended_err){ .error = c.error, .origin = SO_EE_ORIGIN_ICMP, .type = h[0], .code = h[1] };
	q.hard = c.hard;
	q.frag = h[0] == ICMP_DUR && h[1] == ICMP_DUR_FRAG;
	q.ip_len = (uint32_t)h[8 + 2] << 8 | h[8 + 3];
	if (q.frag)
		q.e.info = (uint32_t)(h[6] << 8 | h[7]);
	else if (h[0] == ICMP_PP)
		q.e.info = h[4];	/* which byte was wrong */
	q.proto = h[8 + 9];
	ip_addr_set_ip4_u32_val(q.src, 0);
	ip_addr_set_ip4_u32_val(q.dst, 0);
	memcpy(ip_2_ip4(&q.src), h + 8 + 12, 4);
	memcpy(ip_2_ip4(&q.dst), h + 8 + 16, 4);
	heard(&q, from, h, n, 8 + ihl);
	return 0;
}

/* SIMPLE: a quoted packet with extension headers is not looked into. */
static u8_t icmp6_heard(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	static uint8_t h[8 + QUOTE_MAX];	/* net_lock */
	unsigned n = pbuf_copy_partial(p, h, sizeof(h), ip_current_header_tot_len());
	struct quoted q = { 0 };
	struct code c;

	if (n < 8 + 40 + 8 || !code6_of(h, &c) || h[8] >> 4 != 6)
		return 0;
	q.e = (struct sock_extended_err){ .error = c.error, .origin = SO_EE_ORIGIN_ICMP6, .type = h[0], .code = h[1] };
	q.hard = c.hard;
	if (h[0] == ICMP6_TYPE_PP)
		q.e.info = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
	q.proto = h[8 + 6];
	IP_SET_TYPE_VAL(q.src, IPADDR_TYPE_V6);
	IP_SET_TYPE_VAL(q.dst, IPADDR_TYPE_V6);
	memcpy(ip_2_ip6(&q.src)->addr, h + 8 + 8, 16);
	memcpy(ip_2_ip6(&q.dst)->addr, h + 8 + 24, 16);
	ip6_addr_assign_zone(ip_2_ip6(&q.src), IP6_UNICAST, ip_current_input_netif());
	ip6_addr_assign_zone(ip_2_ip6(&q.dst), IP6_UNICAST, ip_current_input_netif());
	heard(&q, from, h, n, 8 + 40);
	return 0;
}

void icmp_dest_unreach(struct pbuf *p, enum icmp_dur_type t)
{
	u16_t n = (u16_t)MIN((unsigned)p->tot_len, 576u - IP_HLEN - 8);
	const struct ip_hdr *ip = p->payload;
	struct icmp_hdr *h;
	ip4_addr_t to, from;
	struct netif *netif;
	struct pbuf *q = pbuf_alloc(PBUF_IP, (u16_t)(sizeof(*h) + n), PBUF_RAM);

	if (!q)
		return;
	ip4_addr_copy(to, ip->src);
	ip4_addr_copy(from, ip->dest);
	netif = ip4_route_src(&from, &to);
	h = q->payload;
	memset(h, 0, sizeof(*h));
	ICMPH_TYPE_SET(h, ICMP_DUR);
	ICMPH_CODE_SET(h, t);
	pbuf_copy_partial(p, h + 1, n, 0);
	h->chksum = inet_chksum(h, q->len);
	inet_mib.icmp_out[ICMP_DUR]++;
	if (netif)
		ip4_output_if(q, NULL, &to, INET_DEFAULT_TTL, 0, IP_PROTO_ICMP, netif);
	pbuf_free(q);
}

/* As Linux: a connection that is being made fails at once, a connected UDP socket hears of it. */
void net_neigh_unreachable(uint32_t hop, struct netdev *d)
{
	struct inet_sock *i, *next;

	list_for_each_entry_safe(i, next, &inet_all, all) {
		const struct net_route *r;

		if ((i->kind != INET_TCP && i->kind != INET_UDP) || !IP_IS_V4(&i->remote) || !ip4_of(&i->remote) ||
		    net_route_lookup(ip4_of(&i->remote), i->s.bound_if, &r) || r->dev != d || (r->gw ? r->gw : ip4_of(&i->remote)) != hop)
			continue;
		if (i->kind == INET_TCP || i->s.state == INET_CONNECTED)
			fail(i, EHOSTUNREACH);
	}
}

static int icmp_err_init(void)
{
	struct raw_pcb *pcb, *pcb6;

	net_lock_acquire();
	pcb = raw_new_ip_type(IPADDR_TYPE_V4, IPPROTO_ICMP);
	pcb6 = raw_new_ip_type(IPADDR_TYPE_V6, IPPROTO_ICMPV6);
	if (pcb)
		raw_recv(pcb, icmp_heard, NULL);
	if (pcb6)
		raw_recv(pcb6, icmp6_heard, NULL);
	net_lock_release();
	return pcb && pcb6 ? 0 : -ENOMEM;
}
INITCALL(INITCALL_DEVICE, icmp_err_init);
