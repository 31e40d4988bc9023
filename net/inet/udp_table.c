/* SPDX-License-Identifier: MIT */
/*
 * Which socket gets a datagram: the one connected to its sender, else the one whose name fits best; among those that share a name
 * (SO_REUSEPORT) the sender's name chooses. lwIP takes the first that fits: it is shown the one that we chose.
 * Broadcasts and multicasts go to each socket that fits.
 *
 * SIMPLE: linear, as lwIP's own search; right up to some hundred UDP sockets.
 * Locks: net_lock.
 */
#include "inet.h"
#include "input.h"
#include "lwip/prot/udp.h"

void lwip_udp_input(struct pbuf *p, struct netif *inp);

/* 0: it does not fit. */
static unsigned fits(const struct udp_pcb *u, const ip_addr_t *to, const ip_addr_t *from, uint16_t sport, uint8_t idx)
{
	unsigned score = 1;

	if (u->netif_idx) {
		if (u->netif_idx != idx)
			return 0;
		score += 2;
	}
	if (u->flags & UDP_FLAGS_CONNECTED) {
		if (u->remote_port != sport || (!ip_addr_isany_val(u->remote_ip) && !ip_addr_eq(&u->remote_ip, from)))
			return 0;
		score += 8;
	}
	if (IP_IS_ANY_TYPE_VAL(u->local_ip))
		return score;
	if (IP_GET_TYPE(&u->local_ip) != IP_GET_TYPE(to))
		return 0;
	if (ip_addr_isany(&u->local_ip))
		return score + 1;
	return ip_addr_eq(&u->local_ip, to) ? score + 4 : 0;
}

static bool shares(const struct udp_pcb *u)
{
	const struct inet_sock *i = u->recv_arg;

	return i && socket_flag(&i->s, SOCKF_REUSEPORT);
}

static struct udp_pcb *choose(uint16_t dport, uint16_t sport, uint8_t idx)
{
	const ip_addr_t *to = ip_current_dest_addr(), *from = ip_current_src_addr();
	uint32_t hash = (sport | (uint32_t)dport << 16) ^ (IP_IS_V4(from) ? ip4_of(from) : ip_2_ip6(from)->addr[3]);
	struct udp_pcb *best = NULL;
	unsigned score = 0, same = 0;

	for (struct udp_pcb *u = udp_pcbs; u; u = u->next) {
		unsigned s = u->local_port == dport ? fits(u, to, from, sport, idx) : 0;

		if (s > score) {
			score = s;
			best = u;
			same = 1;
		} else if (s && s == score && shares(u)) {
			/* One of n, each as likely: the n-th takes over with one n-th of the hashes. */
			hash = (hash ^ hash >> 15) * 0x9e3779b1u;
			if ((hash >> 16) % ++same == 0)
				best = u;
		}
	}
	return best;
}

/* lwIP sees one block, its call-back queues the datagram and frees no block. */
static void deliver_one(struct udp_pcb *u, struct pbuf *p, struct netif *inp)
{
	struct udp_pcb *all = udp_pcbs, *next = u->next;

	u->next = NULL;
	udp_pcbs = u;
	lwip_udp_input(p, inp);
	u->next = next;
	udp_pcbs = all;
}

/* To a group, or everybody: each socket that fits gets a copy of its own. */
static void deliver_all(struct pbuf *p, struct netif *inp)
{
	const struct udp_hdr *h = p->payload;
	const ip_addr_t *to = ip_current_dest_addr(), *from = ip_current_src_addr();
	uint16_t dport = lwip_ntohs(h->dest), sport = lwip_ntohs(h->src);
	struct udp_pcb *last = NULL;

	for (struct udp_pcb *u = udp_pcbs; u; u = u->next) {
		const struct inet_sock *i = u->recv_arg;
		struct pbuf *copy;

		if (u->local_port != dport || !fits(u, to, from, sport, netif_get_index(inp)) ||
		    (i && u->recv == inet_udp_received && ip_addr_ismulticast(to) && !inet_mc_wanted(i, to, from, netif_dev(inp)->index)))
			continue;
		copy = last ? pbuf_clone(PBUF_RAW, PBUF_RAM, p) : NULL;
		if (copy)
			deliver_one(last, copy, inp);
		last = u;
	}
	if (last)
		deliver_one(last, p, inp);
	else
		pbuf_free(p);
}

void udp_deliver(struct pbuf *p, struct netif *inp)
{
	const struct udp_hdr *h = p->payload;
	struct udp_pcb *u;

	if (ip_addr_ismulticast(ip_current_dest_addr()) || ip_addr_isbroadcast(ip_current_dest_addr(), ip_current_netif())) {
		deliver_all(p, inp);
		return;
	}
	u = choose(lwip_ntohs(h->dest), lwip_ntohs(h->src), netif_get_index(inp));
	if (!u) {
		lwip_udp_input(p, inp);
		return;
	}
	deliver_one(u, p, inp);
}
