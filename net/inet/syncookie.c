/* SPDX-License-Identifier: MIT */
/*
 * SYN cookies: a listener whose queue of half-made connections is full answers all the same, and keeps nothing. What has to be known when
 * the third segment comes is in the sequence number of the answer, which that segment acknowledges:
 *
 *	31..30	the span (64 s) in which it was made
 *	29..27	the peer's MSS, as an index into mss_values
 *	26..0	SHA-256 of a secret and of the above, the peer's sequence number and the four names of the connection
 *
 * Window scale and selective acknowledgements are in the low bits of our time stamp, which the peer echoes; they are offered to those only
 * who stamp. They are not signed: the peer would cheat itself.
 *
 * - A secret lasts for the span that begins with its first use; a cookie is good for the span it was made in and the one after.
 * - An acknowledgement is looked at for a cookie only when its listener has given one out in this span or the last.
 * - A connection is made of a cookie and enters SYN_RCVD as if the SYN had waited; lwIP sees the segment right after that. What it does
 *   not establish is gone when tcp_input() returns.
 * - Sockets with a filter give no cookies: their filter has to see the SYN in lwIP's order.
 *
 * Locks: net_lock.
 * References: RFC 4987 (3.6), 7323; tcp(7), tcp_syncookies.
 */
#include "inet.h"
#include "tcp.h"
#include "input.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <net/filter.h>
#include <bearssl_hash.h>
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"
#include "lwip/sys.h"

#define SPAN_NS		(64 * NSEC_PER_SEC)
#define HASH_BITS	27u
#define MSS_SHIFT	27u
#define SPAN_SHIFT	30u
/* In the time stamp. */
#define STAMP_SCALE	0x0fu		/* 15: not offered */
#define STAMP_SACK	0x10u
#define STAMP_BITS	0x3fu

struct secret {
	uint32_t span;			/* 0: none yet */
	uint8_t key[32];
};
struct options {
	uint16_t mss;
	uint8_t scale;			/* STAMP_SCALE: none */
	bool sack, stamp;
	uint32_t stamp_value, stamp_echo;
};
static struct secret secrets[2];
static int sysctl_syncookies = 1;
static const uint16_t mss_values[8] = { 536, 1220, 1300, 1400, 1440, 1460, 8940, TCP_MSS };

static uint32_t span_now(void)
{
	return (uint32_t)(clock_monotonic() / SPAN_NS) + 1;
}

static uint32_t hash(const struct secret *s, const struct tcp_hdr *h, uint32_t isn, unsigned mss)
{
	const ip_addr_t *local = ip_current_dest_addr(), *remote = ip_current_src_addr();
	struct {
		uint32_t isn, mss;
		uint16_t lport, rport;
	} more = { isn, mss, h->dest, h->src };
	size_t n = IP_IS_V4(local) ? 4 : 16;
	br_sha256_context c;
	uint8_t digest[32];

	br_sha256_init(&c);
	br_sha256_update(&c, s->key, sizeof(s->key));
	br_sha256_update(&c, &more, sizeof(more));
	br_sha256_update(&c, n == 4 ? (const void *)ip_2_ip4(local) : ip_2_ip6(local)->addr, n);
	br_sha256_update(&c, n == 4 ? (const void *)ip_2_ip4(remote) : ip_2_ip6(remote)->addr, n);
	br_sha256_out(&c, digest);
	return ((uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3]) & ((1u << HASH_BITS) - 1);
}

static uint32_t cookie_of(const struct secret *s, const struct tcp_hdr *h, uint32_t isn, unsigned mss)
{
	return s->span << SPAN_SHIFT | mss << MSS_SHIFT | hash(s, h, isn, mss);
}

/* False: the options are no list. */
static bool options_of(const struct tcp_hdr *h, struct pbuf *p, struct options *o)
{
	unsigned len = TCPH_HDRLEN_BYTES(h), size;
	uint8_t opt[40];

	*o = (struct options){ .mss = mss_values[0], .scale = STAMP_SCALE };
	if (len < TCP_HLEN || len > p->tot_len)
		return false;
	len = pbuf_copy_partial(p, opt, (u16_t)(len - TCP_HLEN), TCP_HLEN);
	for (unsigned at = 0; at < len && opt[at] != LWIP_TCP_OPT_EOL; at += size) {
		const uint8_t *v = opt + at + 2;

		size = opt[at] == LWIP_TCP_OPT_NOP ? 1 : at + 1 < len ? opt[at + 1] : 0;
		if (!size || at + size > len || (size == 1 && opt[at] != LWIP_TCP_OPT_NOP))
			return false;
		if (opt[at] == LWIP_TCP_OPT_MSS && size == LWIP_TCP_OPT_LEN_MSS) {
			o->mss = (uint16_t)(v[0] << 8 | v[1]);
		} else if (opt[at] == LWIP_TCP_OPT_WS && size == LWIP_TCP_OPT_LEN_WS) {
			o->scale = MIN(v[0], (uint8_t)14);
		} else if (opt[at] == LWIP_TCP_OPT_SACK_PERM && size == LWIP_TCP_OPT_LEN_SACK_PERM) {
			o->sack = true;
		} else if (opt[at] == LWIP_TCP_OPT_TS && size == LWIP_TCP_OPT_LEN_TS) {
			o->stamp = true;
			o->stamp_value = (uint32_t)v[0] << 24 | (uint32_t)v[1] << 16 | (uint32_t)v[2] << 8 | v[3];
			o->stamp_echo = (uint32_t)v[4] << 24 | (uint32_t)v[5] << 16 | (uint32_t)v[6] << 8 | v[7];
		}
	}
	return true;
}

/* ---- giving one out */

static unsigned mss_index(uint16_t mss)
{
	unsigned i = ARRAY_SIZE(mss_values) - 1;

	while (i && mss_values[i] > mss)
		i--;
	return i;
}

static struct secret *secret_now(void)
{
	uint32_t span = span_now();
	struct secret *s = &secrets[span & 1];

	if (s->span != span) {
		random_bytes(s->key, sizeof(s->key));
		s->span = span;
	}
	return s;
}

/* Not later than now: time stamps do not go back when the connection is there. */
static uint32_t stamp_with(const struct options *o)
{
	uint32_t now = sys_now(), t = (now & ~STAMP_BITS) | o->scale | (o->sack ? STAMP_SACK : 0);

	return (int32_t)(t - now) > 0 ? t - STAMP_BITS - 1 : t;
}

static unsigned answer_options(const struct options *o, uint16_t mss, uint32_t *w)
{
	unsigned n = 0;

	w[n++] = lwip_htonl(2u << 24 | 4u << 16 | mss);
	if (!o->stamp)
		return n;
	w[n++] = PP_HTONL(0x0101080a);
	w[n++] = lwip_htonl(stamp_with(o));
	w[n++] = lwip_htonl(o->stamp_value);
	if (o->scale != STAMP_SCALE)
		w[n++] = PP_HTONL(0x01030300 | TCP_RCV_SCALE);
	if (o->sack)
		w[n++] = PP_HTONL(0x01010402);
	return n;
}

bool tcp_cookie_wanted(const struct tcp_listener *l, const struct tcp_hdr *h)
{
	const struct inet_sock *i = l->pcb.callback_arg;
	int mode = READ_ONCE(sysctl_syncookies);

	return mode && (mode == 2 || l->nr_syns >= l->max_syns) && !(TCPH_FLAGS(h) & (TCP_RST | TCP_FIN)) && !socket_has_filter(&i->s);
}

void tcp_cookie_offer(struct tcp_listener *l, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp)
{
	const ip_addr_t *local = ip_current_dest_addr(), *remote = ip_current_src_addr();
	uint32_t isn = lwip_ntohl(h->seqno), cookie, w[8];
	struct options o;
	struct secret *s;

	if (ip_addr_isbroadcast(local, ip_current_netif()) || ip_addr_ismulticast(local) || !tcp_checksum_right(p, inp) || !options_of(h, p, &o))
		return;
	s = secret_now();
	l->cookie_span = s->span;
	cookie = cookie_of(s, h, isn, mss_index(o.mss));
	inet_mib.cookies_sent++;
	tcp_send_bare(local, lwip_ntohs(h->dest), remote, lwip_ntohs(h->src), cookie, isn + 1, TCP_SYN | TCP_ACK, TCPWND_MIN16(l->wnd), w,
		      4 * answer_options(&o, tcp_eff_send_mss(TCP_MSS, local, remote), w));
}

/* ---- taking one back */

/* The MSS, or 0: it is none of ours. */
static uint16_t cookie_check(const struct tcp_hdr *h)
{
	uint32_t cookie = lwip_ntohl(h->ackno) - 1, isn = lwip_ntohl(h->seqno) - 1, now = span_now();
	unsigned mss = cookie >> MSS_SHIFT & (ARRAY_SIZE(mss_values) - 1);

	for (uint32_t span = now; span + 2 > now; span--) {
		const struct secret *s = &secrets[span & 1];

		if (span && s->span == span && cookie_of(s, h, isn, mss) == cookie)
			return mss_values[mss];
	}
	return 0;
}

/* As lwIP makes one of a SYN, with the answer already sent. */
static struct tcp_conn *conn_make(struct tcp_listener *l, const struct tcp_hdr *h, const struct options *o, uint16_t mss)
{
	struct tcp_pcb *pcb;

	lwip_port_tcp_wnd = l->wnd;
	pcb = tcp_alloc(l->pcb.prio);
	if (!pcb)
		return NULL;
	ip_addr_copy(pcb->local_ip, *ip_current_dest_addr());
	ip_addr_copy(pcb->remote_ip, *ip_current_src_addr());
	pcb->local_port = lwip_ntohs(h->dest);
	pcb->remote_port = lwip_ntohs(h->src);
	pcb->state = SYN_RCVD;
	pcb->rcv_nxt = lwip_ntohl(h->seqno);
	pcb->rcv_ann_right_edge = pcb->rcv_nxt + TCPWND_MIN16(l->wnd);
	pcb->ts_lastacksent = pcb->rcv_nxt;
	pcb->lastack = pcb->snd_wl2 = lwip_ntohl(h->ackno) - 1;
	pcb->snd_nxt = pcb->snd_lbb = pcb->lastack + 1;
	pcb->snd_wl1 = pcb->rcv_nxt - 1;	/* the window of this segment is news */
	pcb->callback_arg = l->pcb.callback_arg;
	pcb->listener = &l->pcb;
	pcb->so_options = l->pcb.so_options & SOF_INHERITED;
	pcb->netif_idx = l->pcb.netif_idx;
	pcb->mss = tcp_eff_send_mss(mss, &pcb->local_ip, &pcb->remote_ip);
	if (o->stamp) {
		tcp_set_flags(pcb, TF_TIMESTAMP);
		pcb->ts_recent = o->stamp_value;
		if (o->stamp_echo & STAMP_SACK)
			tcp_set_flags(pcb, TF_SACK);
		if ((o->stamp_echo & STAMP_SCALE) != STAMP_SCALE) {
			tcp_set_flags(pcb, TF_WND_SCALE);
			pcb->snd_scale = MIN((uint8_t)(o->stamp_echo & STAMP_SCALE), (uint8_t)14);
			pcb->rcv_scale = TCP_RCV_SCALE;
			pcb->rcv_wnd = pcb->rcv_ann_wnd = TCP_WND;
		}
	}
	pcb->snd_wnd = pcb->snd_wnd_max = (tcpwnd_size_t)lwip_ntohs(h->wnd) << pcb->snd_scale;
	tcp_conn(pcb)->from_cookie = true;
	TCP_REG_ACTIVE(pcb);
	return tcp_conn(pcb);
}

enum tcp_cookie tcp_cookie_take(struct tcp_listener *l, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp, struct tcp_conn **out)
{
	struct options o;
	uint16_t mss;

	if (!l->cookie_span || l->cookie_span + 1 < span_now() || !l->pcb.callback_arg)
		return TCP_COOKIE_NONE;
	mss = cookie_check(h);
	if (!mss || !tcp_checksum_right(p, inp) || !options_of(h, p, &o)) {
		inet_mib.cookies_failed++;
		return TCP_COOKIE_NONE;
	}
	/* No room for it yet: the peer, who thinks that it is connected, sends again. */
	if (inet_listen_full(l->pcb.callback_arg))
		return TCP_COOKIE_LATER;
	*out = conn_make(l, h, &o, mss);
	if (!*out)
		return TCP_COOKIE_LATER;
	inet_mib.cookies_received++;
	return TCP_COOKIE_GOOD;
}

static int syncookie_init(void)
{
	static const struct sysctl_int number = { "net/ipv4/tcp_syncookies", 0644, &sysctl_syncookies, 0, 255, NULL };

	return sysctl_add_int(&number);
}
INITCALL(INITCALL_DEVICE, syncookie_init);
