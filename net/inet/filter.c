/* SPDX-License-Identifier: MIT */
/*
 * Socket filters on internet sockets: how a program sees a packet that lwIP is about to give to a socket.
 *
 * Byte 0 is where Linux has it: the transport header for UDP, TCP and ping sockets, the IPv4 header for raw ones, the payload for
 * raw IPv6. Programs may cut a datagram, never its header; of a TCP segment they may only let pass or drop (a cut one is
 * let pass whole: CAVEATS).
 *
 * Locks: net_lock.
 */
#include "inet.h"
#include <kernel/string.h>
#include <net/filter.h>
#include "lwip/ip6.h"
#include "lwip/prot/ieee.h"
#include "lwip/prot/tcp.h"
#include "lwip_hooks.h"

#define MAX_SEGS 24u

static void add_chain(struct filter_packet *p, struct filter_seg *seg, const struct pbuf *q)
{
	for (; q; q = q->next) {
		if (p->nr < MAX_SEGS && q->len)
			seg[p->nr++] = (struct filter_seg){ q->payload, q->len };
		p->total += q->len;
	}
}

static void describe(struct filter_packet *p)
{
	p->protocol = ip_current_is_v6() ? ETHTYPE_IPV6 : ETHTYPE_IP;
	p->dev = ip_current_input_netif() ? netif_dev(ip_current_input_netif()) : NULL;
	p->link = -1;
}

/* The packet begins with the IP header that lwIP is at; a copy for one of several sockets does not have it. */
static void add_ip_header(struct filter_packet *p, struct filter_seg *seg)
{
	const void *h = ip_current_is_v6() ? (const void *)ip6_current_header() : (const void *)ip4_current_header();

	p->net = h ? 0 : -1;
	if (!h)
		return;
	p->start = p->total = ip_current_header_tot_len();
	seg[p->nr++] = (struct filter_seg){ h, p->start };
}

uint32_t inet_filter_datagram(struct inet_sock *i, const struct pbuf *p, uint32_t header)
{
	struct filter_seg seg[MAX_SEGS];
	struct filter_packet f = { .seg = seg };
	uint32_t n;

	describe(&f);
	add_ip_header(&f, seg);
	seg[f.nr++] = (struct filter_seg){ (const uint8_t *)p->payload - header, header + p->len };
	f.total += header + p->len;
	add_chain(&f, seg, p->next);
	n = socket_filter_run(&i->s, &f);
	if (!n)
		return 0;
	n = MAX(n, header);
	return MIN(n - header, (uint32_t)p->tot_len) + 1;
}

bool inet_filter_raw(struct inet_sock *i, const struct pbuf *p, uint32_t skip, uint32_t *keep)
{
	struct filter_seg seg[MAX_SEGS];
	struct filter_packet f = { .seg = seg, .start = skip };
	uint32_t n;

	describe(&f);
	add_chain(&f, seg, p);
	n = socket_filter_run(&i->s, &f);
	*keep = MIN(n, f.total - skip);
	return n;
}

/* lwIP has turned the numbers of the header round: turn them back in a copy. */
bool inet_filter_segment(struct inet_sock *i, const struct tcp_hdr *hdr, unsigned optlen, unsigned opt1len, const uint8_t *opt2,
			 const struct pbuf *p)
{
	struct filter_seg seg[MAX_SEGS];
	struct filter_packet f = { .seg = seg };
	struct tcp_hdr h = *hdr;

	h.src = lwip_htons(h.src);
	h.dest = lwip_htons(h.dest);
	h.seqno = lwip_htonl(h.seqno);
	h.ackno = lwip_htonl(h.ackno);
	h.wnd = lwip_htons(h.wnd);
	describe(&f);
	add_ip_header(&f, seg);
	seg[f.nr++] = (struct filter_seg){ &h, sizeof(h) };
	seg[f.nr++] = (struct filter_seg){ hdr + 1, MIN(opt1len, optlen) };
	if (opt2 && optlen > opt1len)
		seg[f.nr++] = (struct filter_seg){ opt2, optlen - opt1len };
	f.total += (uint32_t)sizeof(h) + optlen;
	add_chain(&f, seg, p);
	return socket_filter_run(&i->s, &f);
}
