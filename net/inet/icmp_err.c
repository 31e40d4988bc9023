/* SPDX-License-Identifier: MIT */
/*
 * What ICMP says about packets of ours, told to their sockets: lwIP only counts it.
 *
 * A raw block of ICMP hears every message; the packet that an error quotes names the socket. Hard errors are told to connected
 * UDP sockets, all to a TCP connection that is being made: for others they are hints (RFC 1122, 4.2.3.9).
 * SIMPLE: IPv4 only; a linear search, as errors are rare.
 *
 * Locks: net_lock.
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/init.h>
#include <kernel/string.h>
#include "lwip/icmp.h"
#include "lwip/priv/tcp_priv.h"

/* By code of "destination unreachable"; hard ones end a connection attempt. ICMP(7), RFC 1122 3.2.2.1. */
static const struct {
	uint8_t error;
	bool hard;
} codes[] = {
	{ ENETUNREACH, false }, { EHOSTUNREACH, false }, { ENOPROTOOPT, true }, { ECONNREFUSED, true }, { EMSGSIZE, false },
	{ EOPNOTSUPP, false }, { ENETUNREACH, true }, { EHOSTDOWN, true }, { ENONET, true }, { ENETUNREACH, true },
	{ EHOSTUNREACH, true }, { ENETUNREACH, false }, { EHOSTUNREACH, false }, { EHOSTUNREACH, true }, { EHOSTUNREACH, true },
	{ EHOSTUNREACH, true },
};

/* The packet that is quoted: ours, as far as it says. */
struct quoted {
	uint8_t proto;
	uint32_t len;
	uint32_t src, dst;
	uint16_t sport, dport;
};

static bool is_about(const struct inet_sock *i, const struct quoted *q)
{
	enum inet_kind kind = q->proto == IPPROTO_UDP ? INET_UDP : INET_TCP;

	return i->kind == kind && i->lport == q->sport && i->rport == q->dport && IP_IS_V4(&i->remote) && ip4_of(&i->remote) == q->dst &&
	       ip4_of(&i->local) == q->src;
}

/* @hard: no hint. A connection attempt ends with a hint, too: Linux does not wait for a better answer. */
static void tell(struct inet_sock *i, int err, bool hard)
{
	if (i->kind == INET_TCP) {
		struct tcp_pcb *pcb = i->tcp;

		if (i->s.state != INET_CONNECTING || !pcb || pcb->state != SYN_SENT)
			return;
		tcp_arg(pcb, NULL);
		tcp_err(pcb, NULL);
		WRITE_ONCE(i->tcp, NULL);
		WRITE_ONCE(i->room, true);
		tcp_abandon(pcb, 0);
	} else if (i->s.state != INET_CONNECTED || !hard) {
		return;
	}
	socket_set_error(&i->s, err);
	socket_wake_state(&i->s, POLLERR | POLLIN | POLLOUT | (i->kind == INET_TCP ? POLLHUP : 0));
}

/* Of a connection of ours, and about what is on its way: a forger would have to guess that (RFC 5927, 7.2). */
static void too_large_segment(const struct quoted *q, uint32_t mtu, const uint8_t *seq_bytes)
{
	ip_addr_t local, remote;
	struct tcp_conn *c;
	uint32_t seq;

	memcpy(&seq, seq_bytes, 4);
	seq = lwip_ntohl(seq);
	ip_addr_set_ip4_u32_val(local, q->src);
	ip_addr_set_ip4_u32_val(remote, q->dst);
	c = tcp_find(&local, q->sport, &remote, q->dport);
	if (!c || c->name.table != TCP_IN_ACTIVE || !TCP_SEQ_BETWEEN(seq, c->pcb.lastack, c->pcb.snd_nxt))
		return;
	net_pmtu4_learn(q->dst, mtu, q->len);
	tcp_enter(&c->pcb);
}

static u8_t icmp_heard(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	uint8_t h[8 + 60 + 8];
	uint32_t skip = ip_current_header_tot_len();
	unsigned n = pbuf_copy_partial(p, h, sizeof(h), (u16_t)skip), ihl;
	struct inet_sock *i;
	struct quoted q;

	if (n < 8 + 20 + 4 || h[0] != ICMP_DUR || h[1] >= ARRAY_SIZE(codes) || !codes[h[1]].error)
		return 0;
	ihl = (h[8] & 0xfu) * 4;
	if (h[8] >> 4 != 4 || ihl < 20 || n < 8 + ihl + 8)
		return 0;
	q.proto = h[8 + 9];
	q.len = (uint32_t)h[8 + 2] << 8 | h[8 + 3];
	memcpy(&q.src, h + 8 + 12, 4);
	memcpy(&q.dst, h + 8 + 16, 4);
	q.sport = (uint16_t)(h[8 + ihl] << 8 | h[8 + ihl + 1]);
	q.dport = (uint16_t)(h[8 + ihl + 2] << 8 | h[8 + ihl + 3]);
	if (q.proto != IPPROTO_UDP && q.proto != IPPROTO_TCP)
		return 0;
	if (h[1] == ICMP_DUR_FRAG && q.proto == IPPROTO_TCP) {
		too_large_segment(&q, (uint32_t)h[6] << 8 | h[7], h + 8 + ihl + 4);
		return 0;
	}
	list_for_each_entry(i, &inet_all, all)
		if (is_about(i, &q)) {
			if (h[1] == ICMP_DUR_FRAG)
				net_pmtu4_learn(q.dst, (uint32_t)h[6] << 8 | h[7], q.len);
			if (h[1] == ICMP_DUR_FRAG && i->pmtudisc != IP_PMTUDISC_DONT)
				tell(i, EMSGSIZE, true);
			else
			tell(i, codes[h[1]].error, codes[h[1]].hard);
			break;
		}
	return 0;
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
		tell(i, EHOSTUNREACH, true);
	}
}

static int icmp_err_init(void)
{
	struct raw_pcb *pcb;

	net_lock_acquire();
	pcb = raw_new_ip_type(IPADDR_TYPE_V4, IPPROTO_ICMP);
	if (pcb)
		raw_recv(pcb, icmp_heard, NULL);
	net_lock_release();
	return pcb ? 0 : -ENOMEM;
}
INITCALL(INITCALL_DEVICE, icmp_err_init);
