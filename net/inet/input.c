/* SPDX-License-Identifier: MIT */
/*
 * What is looked at before lwIP sees a packet, and what it answers wrongly: lengths of UDP, options of neighbour discovery, old
 * time stamps and crossing SYNs of TCP, resets.
 *
 * lwIP's own functions of these names are compiled under others (net/lwip.mk); these here come first.
 *
 * Locks: net_lock.
 * References: RFC 768, 8200 (8.1: a checksum is not optional), 4861 (6.1, 7.1), 9293 (3.5, 3.10.7), 7323 (5: PAWS).
 */
#include "inet.h"
#include "tcp.h"
#include "input.h"
#include <kernel/string.h>
#include "lwip_hooks.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "lwip/prot/udp.h"

void lwip_nd6_input(struct pbuf *p, struct netif *inp);

/* The header's length counts, not the packet's; more than there is cannot be. */
void udp_input(struct pbuf *p, struct netif *inp)
{
	const struct udp_hdr *h = p->payload;
	uint16_t len;

	if (p->len < UDP_HLEN)
		goto drop;
	len = lwip_ntohs(h->len);
	if (len < UDP_HLEN || len > p->tot_len || (ip_current_is_v6() && !h->chksum && inp != net_lo_netif))
		goto drop;
	if (len < p->tot_len)
		pbuf_realloc(p, len);
	udp_deliver(p, inp);
	return;
drop:
	inet_mib.udp_errors[!!ip_current_is_v6()]++;
	pbuf_free(p);
}

/* ---- neighbour discovery */

/* Bytes before the options; 0: not a message of neighbour discovery. */
static unsigned nd6_fixed(unsigned type)
{
	static const uint8_t sizes[] = { 8, 16, 24, 24, 40 };

	return type >= ICMP6_TYPE_RS && type <= ICMP6_TYPE_RD ? sizes[type - ICMP6_TYPE_RS] : 0;
}

/* A path narrower than IPv6 allows is none (RFC 8201, 4); lwIP would cut packets into pieces of no length. */
static bool nd6_too_big_valid(struct pbuf *p)
{
	uint32_t mtu;

	return pbuf_copy_partial(p, &mtu, sizeof(mtu), 4) == sizeof(mtu) && lwip_ntohl(mtu) >= 1280;
}

static bool nd6_valid(struct pbuf *p)
{
	unsigned at = nd6_fixed(pbuf_get_at(p, 0));

	if (pbuf_get_at(p, 0) == ICMP6_TYPE_PTB)
		return nd6_too_big_valid(p);
	if (!at)
		return true;
	if (IP6H_HOPLIM(ip6_current_header()) != 255 || pbuf_get_at(p, 1) || p->tot_len < at)
		return false;
	while (at < p->tot_len) {
		unsigned n = at + 1 < p->tot_len ? pbuf_get_at(p, (u16_t)(at + 1)) * 8u : 0;

		if (!n || at + n > p->tot_len)
			return false;
		at += n;
	}
	return true;
}

/* A connection whose segment was too big follows at the end of the batch. */
static void tcp_too_big(struct pbuf *p, struct netif *inp)
{
	struct {
		uint32_t icmp[2];
		struct ip6_hdr ip;
		uint16_t port[2];
	} q;
	ip_addr_t local, remote;
	struct tcp_conn *c;

	net_pmtu_any = true;
	if (pbuf_copy_partial(p, &q, sizeof(q), 0) != sizeof(q) || IP6H_NEXTH(&q.ip) != IP6_NEXTH_TCP)
		return;
	ip_addr_copy_from_ip6_packed(local, q.ip.src);
	ip_addr_copy_from_ip6_packed(remote, q.ip.dest);
	ip6_addr_assign_zone(ip_2_ip6(&local), IP6_UNKNOWN, inp);
	ip6_addr_assign_zone(ip_2_ip6(&remote), IP6_UNKNOWN, inp);
	c = tcp_find(&local, lwip_ntohs(q.port[0]), &remote, lwip_ntohs(q.port[1]));
	if (c && c->name.table == TCP_IN_ACTIVE)
		tcp_enter(&c->pcb);
}

void nd6_input(struct pbuf *p, struct netif *inp)
{
	if (!nd6_valid(p)) {
		pbuf_free(p);
		return;
	}
	if (pbuf_get_at(p, 0) == ICMP6_TYPE_PTB)
		tcp_too_big(p, inp);
	lwip_nd6_input(p, inp);
}

/* ---- TCP */

static uint8_t current_flags = TCP_ACK;	/* of the segment that is being looked at; none: a reset has a number of its own */

void tcp_send_bare(const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport, uint32_t seq, uint32_t ack,
		   uint8_t flags, uint16_t window, const void *options, unsigned optlen)
{
	uint16_t len = (uint16_t)(TCP_HLEN + optlen);
	struct netif *netif = ip_route(local, remote);
	struct pbuf *p = netif ? pbuf_alloc(PBUF_IP, len, PBUF_RAM) : NULL;
	struct tcp_hdr *h;

	if (!p)
		return;
	h = p->payload;
	memset(h, 0, sizeof(*h));
	h->src = lwip_htons(lport);
	h->dest = lwip_htons(rport);
	h->seqno = lwip_htonl(seq);
	h->ackno = lwip_htonl(ack);
	TCPH_HDRLEN_FLAGS_SET(h, len / 4, flags);
	h->wnd = lwip_htons(window);
	if (optlen)
		memcpy(h + 1, options, optlen);
	h->chksum = ip_chksum_pseudo(p, IP_PROTO_TCP, len, local, remote);
	(void)ip_output_if(p, local, remote, TCP_TTL, 0, IP_PROTO_TCP, netif);
	pbuf_free(p);
	inet_mib.tcp_bare++;
	inet_mib.tcp_rst_out += !!(flags & TCP_RST);
}

/* An answer to an acknowledgement has its number and acknowledges nothing (RFC 9293, 3.5.2). */
void lwip_port_tcp_rst(const struct tcp_pcb *pcb, u32_t seqno, u32_t ackno, const ip_addr_t *local, const ip_addr_t *remote, u16_t lport,
		       u16_t rport)
{
	if (current_flags & TCP_ACK)
		tcp_send_bare(local, lport, remote, rport, seqno, 0, TCP_RST, 0, NULL, 0);
	else
		tcp_send_bare(local, lport, remote, rport, 0, ackno, TCP_RST | TCP_ACK, 0, NULL, 0);
}

void lwip_port_tcp_rst_netif(struct netif *netif, u32_t seqno, u32_t ackno, const ip_addr_t *local, const ip_addr_t *remote, u16_t lport,
			     u16_t rport)
{
	lwip_port_tcp_rst(NULL, seqno, ackno, local, remote, lport, rport);
}

bool tcp_checksum_right(struct pbuf *p, struct netif *inp)
{
	return !(inp->chksum_flags & NETIF_CHECKSUM_CHECK_TCP) ||
	       !ip_chksum_pseudo(p, IP_PROTO_TCP, p->tot_len, ip_current_src_addr(), ip_current_dest_addr());
}

/*
 * Two SYNs have crossed: ours is repeated as an acknowledgement of theirs. The peer does the same, and that is for us an ordinary
 * answer to our SYN.
 */
static void answer_crossing(struct tcp_pcb *pcb, const struct tcp_hdr *h)
{
	uint32_t mss = TCP_BUILD_MSS_OPTION(pcb->mss);

	tcp_send_bare(&pcb->local_ip, pcb->local_port, &pcb->remote_ip, pcb->remote_port, pcb->lastack, lwip_ntohl(h->seqno) + 1,
		      TCP_SYN | TCP_ACK, TCPWND_MIN16(pcb->rcv_ann_wnd), &mss, sizeof(mss));
}

/* The time stamp where every stack puts it: behind two bytes of padding. False: there is none. */
static bool stamp_of(const struct tcp_hdr *h, const struct pbuf *p, uint32_t *value)
{
	uint32_t w[2];

	if (TCPH_HDRLEN_BYTES(h) < TCP_HLEN + 12 || p->len < TCP_HLEN + 12)
		return false;
	memcpy(w, h + 1, sizeof(w));
	*value = lwip_ntohl(w[1]);
	return w[0] == PP_HTONL(0x0101080au);
}

bool tcp_check(struct tcp_conn *c, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp)
{
	struct tcp_pcb *pcb = &c->pcb;
	uint32_t stamp;

	if (unlikely(pcb->state == SYN_SENT)) {
		if ((current_flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
			return true;
		if (tcp_checksum_right(p, inp))
			answer_crossing(pcb, h);
		return false;
	}
	/* Older than what came before: a ghost of an earlier lap of the sequence numbers. */
	if (pcb->flags & TF_TIMESTAMP && !(current_flags & (TCP_SYN | TCP_RST)) && stamp_of(h, p, &stamp) &&
	    unlikely((int32_t)(stamp - pcb->ts_recent) < 0) && tcp_checksum_right(p, inp)) {
		inet_mib.tcp_old_stamps++;
		tcp_enter(pcb);
		tcp_ack_now(pcb);
		c->output = true;
		return false;
	}
	return true;
}

void tcp_note_flags(const struct tcp_hdr *h)
{
	current_flags = h ? TCPH_FLAGS(h) : TCP_ACK;
}
