/* SPDX-License-Identifier: MIT */
/*
 * Selective acknowledgements that a peer sends: which segments need not be sent again, and which are lost.
 *
 * lwIP says in its acknowledgements what it has, and does not look at what the peer says. Here the blocks of an acknowledgement mark the
 * segments that they cover; recovery from loss sends, in one round trip, all the holes that the congestion window has room for.
 *
 * - A mark is a bit in tcp_seg.flags that lwIP does not use: it goes where the segment goes, and ends with it. SACKED: a block covered the
 *   whole segment; a long one (bulk.c) is cut where the block ends, and counts as as many as the wire has. RESENT: it was sent again in this
 *   recovery. It is not sent a third time unless three segments are SACKED that were sent for the first time after that
 *   (tcp_conn.resent_at): then it was lost again.
 * - Only blocks between what is acknowledged and what was sent mark anything; those below (RFC 2883), backwards or beyond are passed over.
 * - tcp_conn.sacked: there may be marks. Without it nothing here is called.
 * - A segment is lost when three segments, or more than two segments' worth of bytes, above it are SACKED; and the first one, while recovery
 *   lasts. Recovery begins with that, or with lwIP's three duplicate acknowledgements, and ends when all that had been sent by then is
 *   acknowledged. Meanwhile TF_INFR is set, and lwIP's cwnd is such that it lets go what RFC 6675's pipe has room for: ssthresh, and what
 *   lies between lastack and snd_nxt and is not in the pipe.
 * - The list `unacked' is sorted, and all of it is before `unsent'.
 * - A time-out forgets all marks: the peer may have thrown away what it had (RFC 2018, 8). What it tells of after that is
 *   passed over when all is sent again.
 *
 * Locks: net_lock.
 * References: RFC 2018, 2883, 6675.
 */
#include "bulk.h"
#include "inet.h"
#include "tcp.h"
#include <kernel/string.h>
#include "lwip_hooks.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"

#define SACKED		0x80u
#define RESENT		0x40u
#define OPT_SACK	5u
#define MAX_BLOCKS	4u		/* of eight bytes: no more than 40 bytes of options hold */
#define DUP_THRESH	3u
_Static_assert(!((SACKED | RESENT) & (TF_SEG_OPTS_MSS | TF_SEG_OPTS_TS | TF_SEG_DATA_CHECKSUMMED | TF_SEG_OPTS_WND_SCALE |
				      TF_SEG_OPTS_SACK_PERM)), "lwIP uses these bits of tcp_seg.flags");

struct block {
	uint32_t left, right;
};
/* What the marks say. */
struct view {
	unsigned segs;			/* SACKED */
	unsigned fresh;			/* of them, sent after what is RESENT */
	uint32_t bytes;
	uint32_t pipe;			/* bytes that are thought to be on their way */
	const struct tcp_seg *top;	/* the highest that is SACKED; NULL: none is */
	bool first_lost;
};

static uint32_t end_of(const struct tcp_seg *s)
{
	return tcp_seg_seq(s) + TCP_TCPLEN(s);
}

/* How many it is on the wire. */
static unsigned count_of(const struct tcp_seg *s, uint32_t mss)
{
	return likely(s->len <= mss) ? 1 : (s->len + mss - 1) / mss;
}

static void insert_sorted(struct tcp_seg **list, struct tcp_seg *s)
{
	while (*list && TCP_SEQ_LT(tcp_seg_seq(*list), tcp_seg_seq(s)))
		list = &(*list)->next;
	s->next = *list;
	*list = s;
}

/* ---- blocks */

static uint32_t word_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Those that lie between @low, acknowledged, and @high, sent. */
static unsigned blocks_of(const uint8_t *opt, unsigned len, uint32_t low, uint32_t high, struct block *b)
{
	unsigned n = 0;

	for (unsigned at = 0; at < len && opt[at] != LWIP_TCP_OPT_EOL;) {
		unsigned size = at + 1 < len ? opt[at + 1] : 0;

		if (opt[at] == LWIP_TCP_OPT_NOP) {
			at++;
			continue;
		}
		if (size < 2 || at + size > len)
			break;
		for (unsigned k = 2; opt[at] == OPT_SACK && k + 8 <= size && n < MAX_BLOCKS; k += 8) {
			struct block x = { word_at(opt + at + k), word_at(opt + at + k + 4) };

			if (TCP_SEQ_GT(x.left, low) && TCP_SEQ_GT(x.right, x.left) && TCP_SEQ_LEQ(x.right, high))
				b[n++] = x;
		}
		at += size;
	}
	return n;
}

static bool covered(const struct tcp_seg *s, const struct block *b, unsigned n)
{
	uint32_t seq = tcp_seg_seq(s), end = end_of(s);

	while (n--)
		if (TCP_SEQ_GEQ(seq, b[n].left) && TCP_SEQ_LEQ(end, b[n].right))
			return true;
	return false;
}

void tcp_sack_input(struct tcp_conn *c, const struct tcp_hdr *h, unsigned optlen, unsigned opt1len, const uint8_t *opt2)
{
	struct tcp_pcb *p = &c->pcb;
	struct block b[MAX_BLOCKS];
	uint8_t opt[40];
	unsigned n;

	if (!(TCPH_FLAGS(h) & TCP_ACK) || TCPH_FLAGS(h) & (TCP_SYN | TCP_RST) || p->state < ESTABLISHED || optlen > sizeof(opt) ||
	    !TCP_SEQ_BETWEEN(h->ackno, p->lastack, p->snd_nxt))
		return;
	memcpy(opt, h + 1, MIN(opt1len, optlen));
	if (opt1len < optlen)
		memcpy(opt + opt1len, opt2, optlen - opt1len);
	n = blocks_of(opt, optlen, h->ackno, p->snd_nxt, b);
	if (!n)
		return;
	for (unsigned i = 0; c->bulk == TCP_BULK && i < n; i++) {
		tcp_bulk_edges(c, p->unacked, b[i].left, b[i].right);
		if (p->flags & TF_RTO)
			tcp_bulk_edges(c, p->unsent, b[i].left, b[i].right);
	}
	for (struct tcp_seg *s = p->unacked; s; s = s->next)
		if (!(s->flags & SACKED) && covered(s, b, n)) {
			s->flags |= SACKED;
			c->sacked = true;
		}
	/* After a time-out. Not the last one: lwIP may put more data into it. */
	for (struct tcp_seg *s = p->flags & TF_RTO ? p->unsent : NULL; s && s->next; s = s->next)
		if (covered(s, b, n)) {
			s->flags |= SACKED;
			c->sacked = true;
		}
}

unsigned tcp_sack_count(const struct tcp_pcb *p)
{
	unsigned n = 0;

	for (const struct tcp_seg *s = p->unacked; s; s = s->next)
		n += s->flags & SACKED ? count_of(s, p->mss) : 0;
	return n;
}

/* ---- marks end */

static void clear(struct tcp_seg *s, unsigned bits)
{
	for (; s; s = s->next)
		s->flags &= (u8_t)~bits;
}

void tcp_sack_forget(struct tcp_conn *c)
{
	clear(c->pcb.unacked, SACKED | RESENT);
	clear(c->pcb.unsent, SACKED | RESENT);
	c->sacked = c->recovering = false;
}

bool tcp_sack_resent(const struct tcp_seg *s)
{
	return s->flags & RESENT;
}

void tcp_recovery_end(struct tcp_conn *c)
{
	clear(c->pcb.unacked, RESENT);
	c->recovering = false;
}

/* lwIP has put the first segment back among the unsent, and could not send it: a time-out would join the two lists in the wrong order. */
void tcp_sack_sort(struct tcp_pcb *p)
{
	struct tcp_seg *s;

	while ((s = p->unsent) && p->unacked && TCP_SEQ_LT(tcp_seg_seq(s), tcp_seg_seq(p->unacked))) {
		p->unsent = s->next;
		insert_sorted(&p->unacked, s);
	}
}

/* ---- recovery */

/* @seen: of what is SACKED, so much lies below. */
static bool is_lost(const struct view *v, const struct view *seen, uint32_t mss)
{
	return v->segs - seen->segs >= DUP_THRESH || v->bytes - seen->bytes > (DUP_THRESH - 1) * mss;
}

static void look(struct tcp_conn *c, struct view *v)
{
	struct tcp_pcb *p = &c->pcb;
	struct view seen = { 0 };
	bool below = true;

	*v = seen;
	for (const struct tcp_seg *s = p->unacked; s; s = s->next)
		if (s->flags & SACKED) {
			v->segs += count_of(s, p->mss);
			v->fresh += c->recovering && TCP_SEQ_GEQ(tcp_seg_seq(s), c->resent_at) ? count_of(s, p->mss) : 0;
			v->bytes += s->len;
			v->top = s;
		}
	v->first_lost = v->top && !(p->unacked->flags & SACKED) && is_lost(v, &seen, p->mss);
	for (const struct tcp_seg *s = p->unacked; s; s = s->next) {
		if (s->flags & SACKED) {
			seen.segs += count_of(s, p->mss);
			seen.bytes += s->len;
			below = s != v->top;
			continue;
		}
		if (!(below && is_lost(v, &seen, p->mss)) && !(c->recovering && s == p->unacked))
			v->pipe += TCP_TCPLEN(s);
		if (s->flags & RESENT)
			v->pipe += TCP_TCPLEN(s);
	}
}

/* Sends segments that have been sent before, now in no list of lwIP's; it puts them back where they were. */
static void send_again(struct tcp_conn *c, struct tcp_seg *batch)
{
	struct tcp_pcb *p = &c->pcb;
	struct tcp_seg *unsent = p->unsent, *s;
	tcpwnd_size_t cwnd = p->cwnd;
	u16_t oversize = p->unsent_oversize;

	p->unsent = batch;
	p->cwnd = UINT32_MAX;
	lwip_port_tcp_wnd = c->wnd;
	(void)tcp_output(p);
	while ((s = p->unsent)) {	/* no memory, no route, or the peer's window has become smaller */
		p->unsent = s->next;
		s->flags &= (u8_t)~RESENT;
		insert_sorted(&p->unacked, s);
	}
	p->unsent = unsent;
	p->unsent_oversize = oversize;
	p->cwnd = cwnd;
	p->rttest = 0;			/* an answer could be to either */
}

/* Is there room for it, or for a part of it that it is cut to? */
static bool fit(struct tcp_conn *c, struct tcp_seg *s, bool first, uint32_t pipe)
{
	struct tcp_pcb *p = &c->pcb;
	uint32_t room = p->ssthresh > pipe ? p->ssthresh - pipe : 0, size;

	if (TCP_TCPLEN(s) <= room)
		return true;
	if (c->bulk == TCP_BULK) {
		size = tcp_bulk_size(p);
		room = MAX(room - room % size, first ? size : 0);
		if (room && s->len > room && tcp_bulk_cut(p, s, room))
			return true;
	}
	return first;
}

/* The holes, lost ones first; the others below the highest that is SACKED when there is nothing new to send (RFC 6675, NextSeg 1 and 3). */
static void fill_holes(struct tcp_conn *c, struct view *v)
{
	struct tcp_pcb *p = &c->pcb;
	struct tcp_seg **at = &p->unacked, *batch = NULL, **end = &batch, *s;
	struct view seen = { 0 };

	while ((s = *at) && s != v->top) {
		bool first = s == p->unacked && !batch, lost;

		if (s->flags & SACKED) {
			seen.segs += count_of(s, p->mss);
			seen.bytes += s->len;
		}
		lost = first || is_lost(v, &seen, p->mss);
		/* The first one goes whether there is room or not: nothing moves on without it. */
		if (s->flags & (SACKED | RESENT) || !(lost || !p->unsent) || tcp_seg_busy(s) || !fit(c, s, first, v->pipe)) {
			at = &s->next;
			continue;
		}
		v->pipe += TCP_TCPLEN(s);
		s->flags |= RESENT;
		*at = s->next;
		s->next = NULL;
		*end = s;
		end = &s->next;
	}
	if (batch) {
		c->resent_at = p->snd_nxt;
		send_again(c, batch);
	}
}

void tcp_sack_recover(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	struct view v;

	if (c->recovering && TCP_SEQ_GEQ(p->lastack, c->recover))
		tcp_recovery_end(c);
	tcp_sack_sort(p);		/* what lwIP's fast retransmission chose is a hole like others */
	if (c->bulk == TCP_BULK)
		tcp_bulk_acked(c);
	look(c, &v);
	if (!v.top) {
		c->sacked = false;	/* all of it is acknowledged: RFC 6582 goes on */
		return;
	}
	if (!c->recovering) {
		if (!(p->flags & TF_INFR)) {
			if (!v.first_lost || tcp_seg_busy(p->unacked))
				return;
			lwip_port_tcp_rexmit_fast(p);	/* halves the window */
			tcp_sack_sort(p);
		}
		p->nrtx = 0;		/* it was no time-out */
		c->recovering = true;
		c->recover = p->snd_nxt;
		c->resent_at = p->snd_nxt;
		inet_mib.tcp_sack_recovery++;
		look(c, &v);
	} else if (v.fresh >= DUP_THRESH) {
		clear(p->unacked, RESENT);
		c->resent_at = p->snd_nxt;
		inet_mib.tcp_lost_again++;
		look(c, &v);
	}
	if (p->unacked->flags & SACKED)	/* it was thrown away, though the peer had it */
		return;
	tcp_set_flags(p, TF_INFR);
	fill_holes(c, &v);
	p->cwnd = MAX(p->ssthresh + (p->snd_nxt - p->lastack) - MIN(v.pipe, p->snd_nxt - p->lastack), (uint32_t)p->mss);
	c->output = true;
}

/* ---- after a time-out */

/* Marked segments that come first among the unsent are as good as sent. */
static void pass_over(struct tcp_pcb *p)
{
	struct tcp_seg *s;

	while ((s = p->unsent) && s->flags & SACKED) {
		p->unsent = s->next;
		insert_sorted(&p->unacked, s);
		if (p->rtime < 0)
			p->rtime = 0;
	}
}

static uint32_t passed_over(const struct tcp_pcb *p)
{
	uint32_t n = 0;

	for (const struct tcp_seg *s = p->unacked; s; s = s->next)
		n += s->flags & SACKED ? s->len : 0;
	return n;
}

void tcp_sack_output(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	bool more = p->flags & TF_RTO && !p->persist_backoff;

	if (!more) {
		(void)tcp_output(p);
		return;
	}
	while (more) {
		struct tcp_seg **at, *rest;
		u16_t oversize = p->unsent_oversize;
		bool nodelay = tcp_nagle_disabled(p);
		uint32_t held;

		pass_over(p);
		for (at = &p->unsent; *at && !((*at)->flags & SACKED);)
			at = &(*at)->next;
		rest = *at;
		*at = NULL;
		held = passed_over(p);
		p->cwnd += held;
		if (rest)
			tcp_nagle_disable(p);
		(void)tcp_output(p);
		if (!nodelay)
			tcp_nagle_enable(p);
		p->cwnd -= held;
		more = rest && !p->unsent;
		for (at = &p->unsent; *at;)
			at = &(*at)->next;
		*at = rest;
		if (rest)
			p->unsent_oversize = oversize;
	}
}
