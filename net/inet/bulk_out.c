/* SPDX-License-Identifier: MIT */
/*
 * Long segments on their way out (bulk.c): cut to what the window has room for, trimmed of what is acknowledged, and through IP to a
 * device that cuts them into segments of gso_size.
 *
 * Before lwIP sends, the unsent segments are cut such that lwIP lets go exactly what it would have let go of segments of one mss: as many
 * whole ones as the window takes, and a short last one when Nagle's rule allows. What is sent again is cut to what is lost: at the edges
 * of the peer's blocks (sack.c), or to one mss.
 *
 * - A segment that a device, or a queue for a neighbour, still holds (its pbuf has another reference) is neither cut nor trimmed: its
 *   header and its chain are being read.
 * - A cut segment's second part has the marks of the first, PSH, FIN and the urgent byte if that lies there. It counts as sent if the
 *   whole was.
 * - A segment longer than gso_size goes only to a device that cuts it.
 *
 * Locks: net_lock.
 * References: RFC 9293, 3.7.4 and 3.8.6.2.1; RFC 791; RFC 8200.
 */
#include "bulk.h"
#include "inet.h"
#include <kernel/panic.h>
#include "lwip_hooks.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

/* All of a frame is counted in 16 bits: Ethernet, IPv6, TCP with all its options. */
#define DATA_MAX	(UINT16_MAX - 14u - 40u - 60u)

#define MSS_MIN		48u		/* a peer does not get more work out of us by asking for less, as on Linux */
#define CUTS_MAX	(4u * TCP_SND_QUEUELEN)	/* pbufs of a queue that is cut up; its first segment is cut all the same. lwIP counts in 16 bits */

static uint32_t first_new;	/* what is sent below this is sent again */

static struct netif *route_of(const struct tcp_pcb *pcb)
{
	return pcb->netif_idx != NETIF_NO_INDEX ? netif_get_by_index(pcb->netif_idx) : ip_route(&pcb->local_ip, &pcb->remote_ip);
}

static bool cuts(struct netif *netif, bool v6)
{
	const struct netdev *d = netif_dev(netif);

	return d->features & (v6 ? NETDEV_TX_TSO6 : NETDEV_TX_TSO4) && d->max_segs >= TCP_BULK_SEGS;
}

struct netif *tcp_bulk_way(const struct tcp_pcb *pcb)
{
	struct netif *netif = route_of(pcb);

	return netif && cuts(netif, IP_IS_V6(&pcb->remote_ip)) ? netif : NULL;
}

/* Not more than half the largest window either, if that is not tiny. */
static uint32_t size_by(const struct tcp_pcb *pcb, const struct netif *netif)
{
	uint32_t wnd = pcb->snd_wnd_max, mss = MIN((uint32_t)pcb->mss, wnd > 536 ? wnd / 2 : wnd);
	uint32_t heads = IP_IS_V6(&pcb->remote_ip) ? 60 : 40;

	if (netif && netif->mtu > heads)
		mss = MIN(mss, netif->mtu - heads);
	return MAX(mss, MSS_MIN) - (pcb->flags & TF_TIMESTAMP ? LWIP_TCP_OPT_LEN_TS_OUT : 0);
}

uint32_t tcp_bulk_size(const struct tcp_pcb *pcb)
{
	return size_by(pcb, route_of(pcb));
}

static uint32_t most_by(const struct tcp_pcb *pcb, struct netif *netif, uint32_t size)
{
	return netif && cuts(netif, IP_IS_V6(&pcb->remote_ip)) ? DATA_MAX - DATA_MAX % size : size;
}

uint32_t tcp_bulk_most(const struct tcp_pcb *pcb)
{
	struct netif *netif = route_of(pcb);

	return most_by(pcb, netif, size_by(pcb, netif));
}

/* ---- cutting */

/* Flags and the urgent byte go where they belong: @n bytes stay in @s. */
static void share_flags(struct tcp_seg *s, struct tcp_seg *rest, uint32_t n)
{
	u8_t last = TCPH_FLAGS(s->tcphdr) & (TCP_PSH | TCP_FIN);
	uint32_t urgent = lwip_ntohs(s->tcphdr->urgp);

	TCPH_UNSET_FLAG(s->tcphdr, TCP_PSH | TCP_FIN);
	TCPH_SET_FLAG(rest->tcphdr, last);
	if (unlikely(TCPH_FLAGS(s->tcphdr) & TCP_URG) && urgent > n) {
		TCPH_UNSET_FLAG(s->tcphdr, TCP_URG);
		s->tcphdr->urgp = 0;
		TCPH_SET_FLAG(rest->tcphdr, TCP_URG);
		rest->tcphdr->urgp = lwip_htons((u16_t)(urgent - n));
	}
}

bool tcp_bulk_cut(struct tcp_pcb *pcb, struct tcp_seg *s, uint32_t n)
{
	uint32_t left = n, moved = s->len - n, sent = (uint32_t)((u8_t *)s->tcphdr - (u8_t *)s->p->payload);
	struct pbuf *q, *tail, *own = NULL;
	struct tcp_seg *rest;

	if (tcp_seg_busy(s) || !tcp_bulk_is(s) || (pcb->snd_queuelen > CUTS_MAX && s != pcb->unsent && s != pcb->unacked))
		return false;
	for (q = s->p->next; left > q->len; q = q->next)
		left -= q->len;
	tail = q->next;
	if (left < q->len) {
		own = tcp_bulk_share(q, left);
		if (!own)
			return false;
		own->next = tail;
		own->tot_len = (u16_t)(own->len + (tail ? tail->tot_len : 0));
		tail = own;
	}
	rest = tcp_bulk_segment(pcb, tcp_seg_seq(s) + n, s->flags, tail);
	if (!rest) {
		if (own) {
			own->next = NULL;
			pbuf_free(own);
		}
		return false;
	}
	(void)pbuf_add_header(rest->p, sent);	/* by this lwIP knows a segment that was sent before */
	q->next = NULL;
	q->len = (u16_t)left;
	for (struct pbuf *h = s->p; h; h = h->next)
		h->tot_len = (u16_t)(h->tot_len - moved);
	q->tot_len = q->len;
	s->len = (u16_t)n;
	share_flags(s, rest, n);
	rest->next = s->next;
	s->next = rest;
	pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen + 1 + !!own);
	return true;
}

/* Takes @n bytes that are acknowledged off the front; not all of it. lwIP counts what is acknowledged by whole segments. */
static void trim(struct tcp_pcb *pcb, struct tcp_seg *s, uint32_t n)
{
	struct pbuf *h = s->p, *q;
	uint32_t left = n, urgent = lwip_ntohs(s->tcphdr->urgp);

	if (tcp_seg_busy(s) || !tcp_bulk_is(s) || n >= s->len)
		return;
	while ((q = h->next)->len <= left) {
		left -= q->len;
		h->next = q->next;
		q->next = NULL;
		pbuf_free(q);
		pcb->snd_queuelen--;
	}
	q->payload = (char *)q->payload + left;
	q->len = (u16_t)(q->len - left);
	q->tot_len = (u16_t)(q->tot_len - left);
	h->tot_len = (u16_t)(h->tot_len - n);
	s->len = (u16_t)(s->len - n);
	s->tcphdr->seqno = lwip_htonl(tcp_seg_seq(s) + n);
	pcb->snd_buf += n;
	if (pcb->sent)
		(void)pcb->sent(pcb->callback_arg, pcb, (u16_t)n);
	if (unlikely(TCPH_FLAGS(s->tcphdr) & TCP_URG)) {
		if (urgent > n)
			s->tcphdr->urgp = lwip_htons((u16_t)(urgent - n));
		else
			TCPH_UNSET_FLAG(s->tcphdr, TCP_URG);
	}
}

static void trim_acked(struct tcp_pcb *pcb, struct tcp_seg *s)
{
	if (unlikely(TCP_SEQ_LT(tcp_seg_seq(s), pcb->lastack)))
		trim(pcb, s, pcb->lastack - tcp_seg_seq(s));
}

void tcp_bulk_acked(struct tcp_conn *c)
{
	struct tcp_pcb *pcb = &c->pcb;

	if (pcb->unacked)
		trim_acked(pcb, pcb->unacked);
	else if (!pcb->unsent && pcb->state == ESTABLISHED)
		ASSERT(!pcb->snd_queuelen && pcb->snd_buf == TCP_SND_BUF);
}

void tcp_bulk_first(struct tcp_conn *c)
{
	struct tcp_seg *s = c->pcb.unacked;
	uint32_t size = tcp_bulk_size(&c->pcb);

	if (!s)
		return;
	trim_acked(&c->pcb, s);
	if (s->len > size)
		(void)tcp_bulk_cut(&c->pcb, s, size);
}

/* A peer does not get more segments out of one than the wire has. */
void tcp_bulk_edges(struct tcp_conn *c, struct tcp_seg *s, uint32_t left, uint32_t right)
{
	struct tcp_pcb *pcb = &c->pcb;
	uint32_t size = tcp_bulk_size(pcb);

	for (; s && pcb->snd_queuelen < TCP_SND_QUEUELEN && TCP_SEQ_LT(tcp_seg_seq(s), right); s = s->next) {
		uint32_t from = tcp_seg_seq(s), n;

		if (s->len <= size || TCP_SEQ_LEQ(from + s->len, left))
			continue;
		if (TCP_SEQ_LT(from, left)) {
			n = (left - from + size - 1) / size * size;
			if (n < s->len)
				(void)tcp_bulk_cut(pcb, s, n);
		} else if (TCP_SEQ_LT(right, from + s->len)) {
			n = (right - from) / size * size;
			if (n)
				(void)tcp_bulk_cut(pcb, s, n);
			return;
		}
	}
}

/* ---- output */

/* lwIP's rule for a short segment that is the last, behind others. */
static bool nagle_holds(const struct tcp_pcb *pcb)
{
	return !(pcb->flags & (TF_NODELAY | TF_INFR | TF_NAGLEMEMERR | TF_FIN)) && pcb->snd_buf && pcb->snd_queuelen < TCP_SND_QUEUELEN;
}

bool tcp_bulk_prepare(struct tcp_conn *c)
{
	struct tcp_pcb *pcb = &c->pcb;
	struct netif *netif = route_of(pcb);
	uint32_t size = size_by(pcb, netif), most = most_by(pcb, netif, size), wnd = MIN(pcb->snd_wnd, pcb->cwnd);

	first_new = pcb->snd_nxt;
	for (struct tcp_seg *s = pcb->unsent; s && s->len; s = s->next) {
		uint32_t off, n, room;

		trim_acked(pcb, s);
		off = tcp_seg_seq(s) - pcb->lastack;
		if (off >= wnd)
			break;
		room = wnd - off;
		n = MIN((uint32_t)s->len, unlikely(TCPH_FLAGS(s->tcphdr) & TCP_URG) ? size : most);
		if (n > room)
			n = room - room % size;
		else if (!s->next && n == s->len && n > size && n % size && nagle_holds(pcb))
			n -= n % size;
		if (!n)
			break;
		tcp_bulk_set_gso_size(s, (uint16_t)size);
		if (n < s->len && !tcp_bulk_cut(pcb, s, n)) {
			/* lwIP may send it whole, and the next ones. */
			while ((s = s->next))
				tcp_bulk_set_gso_size(s, (uint16_t)size);
			return false;
		}
	}
	return true;
}

static uint32_t data_of(const struct pbuf *p)
{
	return p->tot_len - TCPH_HDRLEN_BYTES((const struct tcp_hdr *)p->payload);
}

/* What it is to be cut into; 0: it is not. */
static inline uint16_t cut_size(const struct pbuf *p)
{
	uint16_t size = p->flags & PBUF_FLAG_IS_CUSTOM ? tcp_bulk_gso_size(p) : 0;

	return size && data_of(p) > size ? size : 0;
}

/* False: there was no memory to cut it. Of one with an urgent byte each piece would say so. */
static bool may_leave(const struct pbuf *p, struct netif *netif, bool v6)
{
	return cuts(netif, v6) && !(TCPH_FLAGS((const struct tcp_hdr *)p->payload) & TCP_URG);
}

/* Counted as what it is on the wire. */
static void count_pieces(const struct pbuf *p, uint16_t size)
{
	const struct tcp_hdr *h = p->payload;
	uint32_t more = (data_of(p) - 1) / size;

	lwip_mib.tcp_xmit[1] += more;
	if (!TCP_SEQ_LT(lwip_ntohl(h->seqno), first_new))
		lwip_mib.mib2.tcpoutsegs += more;
}

static __noinline err_t output4(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos, u8_t proto,
				struct netif *netif)
{
	static uint16_t id;
	uint16_t size = cut_size(p);
	struct ip_hdr *h;

	if (!size)
		return ip4_output_if(p, src, dest, ttl, tos, proto, netif);
	if (!may_leave(p, netif, false))
		return ERR_MEM;
	count_pieces(p, size);
	if (pbuf_add_header(p, IP_HLEN))
		return ERR_BUF;
	MIB2_STATS_INC(mib2.ipoutrequests);
	h = p->payload;
	IPH_VHL_SET(h, 4, IP_HLEN / 4);
	IPH_TOS_SET(h, tos);
	IPH_LEN_SET(h, lwip_htons(p->tot_len));
	IPH_ID_SET(h, lwip_htons(id));
	IPH_OFFSET_SET(h, 0);
	IPH_TTL_SET(h, ttl);
	IPH_PROTO_SET(h, proto);
	IPH_CHKSUM_SET(h, 0);
	ip4_addr_copy(h->src, *src);
	ip4_addr_copy(h->dest, *dest);
	IPH_CHKSUM_SET(h, inet_chksum(h, IP_HLEN));
	id = (uint16_t)(id + p->tot_len / size + 1);
	return netif->output(netif, p, dest);
}

static __noinline err_t output6(struct pbuf *p, const ip6_addr_t *src, const ip6_addr_t *dest, u8_t hl, u8_t tc, u8_t nexth,
				struct netif *netif)
{
	uint16_t size = cut_size(p);
	ip6_addr_t to;
	struct ip6_hdr *h;

	if (!size)
		return ip6_output_if(p, src, dest, hl, tc, nexth, netif);
	if (!may_leave(p, netif, true))
		return ERR_MEM;
	count_pieces(p, size);
	if (pbuf_add_header(p, IP6_HLEN))
		return ERR_BUF;
	IP6_STATS_INC(ip6.xmit);
	ip6_addr_copy(to, *dest);
	if (ip6_addr_lacks_zone(&to, IP6_UNKNOWN))
		ip6_addr_assign_zone(&to, IP6_UNKNOWN, netif);
	h = p->payload;
	IP6H_VTCFL_SET(h, 6, tc, 0);
	IP6H_PLEN_SET(h, (u16_t)(p->tot_len - IP6_HLEN));
	IP6H_NEXTH_SET(h, nexth);
	IP6H_HOPLIM_SET(h, hl);
	ip6_addr_copy_to_packed(h->src, *src);
	ip6_addr_copy_to_packed(h->dest, to);
	return netif->output_ip6(netif, p, &to);
}

/* From lwIP's tcp_out.c, in the place of ip4_output_if() and ip6_output_if(). */
err_t lwip_port_tcp_output4(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos, u8_t proto,
			    struct netif *netif)
{
	return (p->flags & PBUF_FLAG_IS_CUSTOM ? output4 : ip4_output_if)(p, src, dest, ttl, tos, proto, netif);
}

err_t lwip_port_tcp_output6(struct pbuf *p, const ip6_addr_t *src, const ip6_addr_t *dest, u8_t hl, u8_t tc, u8_t nexth,
			    struct netif *netif)
{
	return (p->flags & PBUF_FLAG_IS_CUSTOM ? output6 : ip6_output_if)(p, src, dest, hl, tc, nexth, netif);
}

/* ---- what lwIP would do itself, with such segments */

err_t lwip_port_tcp_split(struct tcp_pcb *pcb, u16_t n)
{
	struct tcp_seg *s = pcb->unsent;

	if (tcp_conn(pcb)->bulk != TCP_BULK || !s)
		return tcp_split_unsent_seg(pcb, n);
	/* A window may be larger than 16 bits say; what fits it has been sent. */
	n = (u16_t)MIN(pcb->snd_wnd, tcp_bulk_size(pcb));
	return s->len <= n || tcp_bulk_cut(pcb, s, n) ? ERR_OK : ERR_MEM;
}

void lwip_port_tcp_rexmit_fast(struct tcp_pcb *pcb)
{
	if (tcp_conn(pcb)->bulk == TCP_BULK && !(pcb->flags & TF_INFR))
		tcp_bulk_first(tcp_conn(pcb));
	tcp_rexmit_fast(pcb);
}
