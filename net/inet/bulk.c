/* SPDX-License-Identifier: MIT */
/*
 * What a stream sends over a device that cuts segments itself (TSO): queued as segments of up to 64 KiB, copied from the user once.
 *
 * A segment (struct tcp_seg, lwIP's) is here a pbuf of its own for the headers, struct head, and behind it pbufs, struct piece, that show
 * parts of larger memory, struct tcp_bulk_buf: what one call wrote, or what small writes have filled together. Cutting a segment copies
 * nothing: bulk_out.c does that before a segment leaves, so that what goes fits the window as segments of one mss would.
 *
 * - A connection that has begun with this (tcp_conn.bulk) goes on with it: lwIP's own tcp_write() never meets a segment longer than its mss.
 *   All its segments with data are made here. Over a route without TSO they are cut to the mss.
 * - What lwIP counts of what is queued (snd_lbb, snd_buf, snd_queuelen) is kept as tcp_write() would. unsent_oversize is 0.
 * - Nothing is put into a segment that was sent once, that a device holds, or that has a SYN, a FIN or the urgent byte.
 * - A buffer is written by its owner before it is handed over; after that only behind ->used, which no pbuf shows yet.
 *
 * Locks: net_lock, but for tcp_bulk_alloc() and tcp_bulk_put().
 * References: RFC 9293, 3.7; VIRTIO 1.2, 5.1.6.2.
 */
#include "inet.h"
#include "bulk.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>

#define TOGETHER	2048u		/* what small writes share, with its own head */
#define PIECES		40u		/* of a segment that still grows: headers and these are a frame's NET_MAX_SEGS at most */
_Static_assert(PIECES < TCP_BULK_SEGS, "a device with TSO takes a whole segment");

struct piece {
	struct pbuf_custom pc;		/* first */
	struct tcp_bulk_buf *buf;
};
struct tcp_bulk_buf {
	struct piece first;		/* of this buffer; others are allocated */
	atomic_t refs;			/* the writer's, and one for each piece */
	bool shown;			/* ->first is in use, or has been */
	uint32_t size, used;
	char *data;
	char here[];			/* the data, of a small one */
};
struct head {
	struct pbuf_custom pc;		/* first */
	uint16_t gso_size;
	uint8_t room[LWIP_MEM_ALIGN_SIZE(PBUF_TRANSPORT) + LWIP_TCP_OPT_LEN_TS_OUT] __attribute__((aligned(8)));
};
static struct kmem_cache *heads, *pieces;

/* ---- memory */

struct tcp_bulk_buf *tcp_bulk_alloc(size_t n)
{
	bool small = n <= TOGETHER - sizeof(struct tcp_bulk_buf);
	struct tcp_bulk_buf *b = kmalloc(sizeof(*b) + (small ? n : 0), GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);

	if (!b)
		return NULL;
	b->data = small ? b->here : kmalloc(n, GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
	if (!b->data) {
		kfree(b);
		return NULL;
	}
	atomic_set(&b->refs, 1);
	b->shown = false;
	b->size = b->used = (uint32_t)n;
	return b;
}

char *tcp_bulk_data(struct tcp_bulk_buf *b)
{
	return b->data;
}

void tcp_bulk_put(struct tcp_bulk_buf *b)
{
	if (!ref_put(&b->refs))
		return;
	if (b->data != b->here)
		kfree(b->data);
	kfree(b);
}

static void piece_free(struct pbuf *p)
{
	struct piece *k = (struct piece *)p;
	struct tcp_bulk_buf *b = k->buf;

	if (k != &b->first)
		kmem_cache_free(pieces, k);
	tcp_bulk_put(b);
}

/* Not PBUF_REF: that is memory which its owner may use again, and would be copied where a packet waits for a neighbour. */
static struct pbuf *piece_make(struct tcp_bulk_buf *b, const char *p, uint32_t n)
{
	struct piece *k = &b->first;

	if (b->shown) {
		k = kmem_cache_alloc(pieces, GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
		if (!k)
			return NULL;
	}
	b->shown = true;
	atomic_inc(&b->refs);
	k->buf = b;
	k->pc.custom_free_function = piece_free;
	return pbuf_alloced_custom(PBUF_RAW, (u16_t)n, PBUF_ROM, &k->pc, (char *)(uintptr_t)p, (u16_t)n);
}

struct pbuf *tcp_bulk_share(struct pbuf *p, uint32_t off)
{
	return piece_make(((struct piece *)p)->buf, (char *)p->payload + off, p->len - off);
}

static void head_free(struct pbuf *p)
{
	kmem_cache_free(heads, p);
}

static struct head *head_of(const struct pbuf *p)
{
	struct head *h = (struct head *)(uintptr_t)p;

	return p->flags & PBUF_FLAG_IS_CUSTOM && h->pc.custom_free_function == head_free ? h : NULL;
}

uint16_t tcp_bulk_gso_size(const struct pbuf *p)
{
	const struct head *h = head_of(p);

	return h ? h->gso_size : 0;
}

void tcp_bulk_set_gso_size(const struct tcp_seg *s, uint16_t size)
{
	struct head *h = head_of(s->p);

	if (h)
		h->gso_size = size;
}

bool tcp_bulk_is(const struct tcp_seg *s)
{
	return s->len && head_of(s->p);
}

/* ---- segments */

/* As lwIP's tcp_create_segment(). Takes @data over, unless it fails. */
struct tcp_seg *tcp_bulk_segment(const struct tcp_pcb *pcb, uint32_t seq, uint8_t optflags, struct pbuf *data)
{
	u8_t optlen = LWIP_TCP_OPT_LENGTH(optflags);
	struct tcp_seg *s = memp_malloc(MEMP_TCP_SEG);
	struct head *h;

	if (!s)
		return NULL;
	h = kmem_cache_alloc(heads, GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
	if (!h) {
		memp_free(MEMP_TCP_SEG, s);
		return NULL;
	}
	h->pc.custom_free_function = head_free;
	h->gso_size = 0;
	s->p = pbuf_alloced_custom(PBUF_TRANSPORT, optlen, PBUF_RAM, &h->pc, h->room, sizeof(h->room));
	(void)pbuf_add_header(s->p, TCP_HLEN);
	s->p->next = data;
	s->p->tot_len = (u16_t)(s->p->tot_len + data->tot_len);
	s->next = NULL;
	s->flags = optflags;
	s->len = data->tot_len;
	s->tcphdr = s->p->payload;
	s->tcphdr->src = lwip_htons(pcb->local_port);
	s->tcphdr->dest = lwip_htons(pcb->remote_port);
	s->tcphdr->seqno = lwip_htonl(seq);
	TCPH_HDRLEN_FLAGS_SET(s->tcphdr, 5 + optlen / 4, 0);
	s->tcphdr->urgp = 0;
	return s;
}

/* ---- queueing */

static bool may_grow(const struct tcp_pcb *pcb, const struct tcp_seg *s, uint32_t most)
{
	if (!s || s->len >= most || TCPH_FLAGS(s->tcphdr) & (TCP_SYN | TCP_FIN | TCP_RST | TCP_URG) || tcp_seg_busy(s) || !tcp_bulk_is(s))
		return false;
	return TCP_SEQ_GEQ(tcp_seg_seq(s), pcb->snd_nxt) && pbuf_clen(s->p) <= PIECES;
}

/* Into memory that the segment's last piece leaves. */
static uint32_t fill_up(struct tcp_seg *s, const char *p, uint32_t n)
{
	struct pbuf *q = s->p;
	struct tcp_bulk_buf *b;

	while (q->next)
		q = q->next;
	b = ((struct piece *)q)->buf;
	if ((char *)q->payload + q->len != b->data + b->used)
		return 0;
	n = MIN(n, b->size - b->used);
	if (!n)
		return 0;
	memcpy(b->data + b->used, p, n);
	b->used += n;
	q->len = (u16_t)(q->len + n);
	for (q = s->p; q; q = q->next)
		q->tot_len = (u16_t)(q->tot_len + n);
	s->len = (u16_t)(s->len + n);
	return n;
}

/* Small, or of a writer that did not know of this: copied, with room for what may follow before it is sent. */
static struct pbuf *copy_of(const char *p, uint32_t n, bool followed)
{
	uint32_t room = followed ? MAX(n, (uint32_t)(TOGETHER - sizeof(struct tcp_bulk_buf))) : n;
	struct tcp_bulk_buf *b = tcp_bulk_alloc(room);
	struct pbuf *q;

	if (!b && room > n)
		b = tcp_bulk_alloc(n);
	if (!b)
		return NULL;
	memcpy(b->data, p, n);
	b->used = n;
	q = piece_make(b, b->data, n);
	tcp_bulk_put(b);
	return q;
}

static void queued(struct tcp_pcb *pcb, uint32_t n, unsigned pbufs)
{
	pcb->snd_lbb += n;
	pcb->snd_buf -= n;
	pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen + pbufs);
}

size_t tcp_bulk_write(struct tcp_conn *c, const char *p, size_t n, struct tcp_bulk_buf *b, bool more)
{
	struct tcp_pcb *pcb = &c->pcb;
	struct tcp_seg *last = pcb->unsent, *s;
	uint32_t most = tcp_bulk_most(pcb), done = 0;
	u8_t optflags = pcb->flags & TF_TIMESTAMP ? TF_SEG_OPTS_TS : 0;
	struct pbuf *q;

	n = MIN(n, (size_t)pcb->snd_buf);
	while (last && last->next)
		last = last->next;
	while (done < n && pcb->snd_queuelen < TCP_SND_QUEUELEN) {
		bool grow = may_grow(pcb, last, most);
		uint32_t k = MIN((uint32_t)n - done, grow ? most - last->len : most), filled;

		filled = grow && !b ? fill_up(last, p + done, k) : 0;
		if (filled) {
			queued(pcb, filled, 0);
			done += filled;
			continue;
		}
		q = b ? piece_make(b, p + done, k) : copy_of(p + done, k, more || pcb->unsent || (pcb->unacked && !tcp_nagle_disabled(pcb)));
		if (!q)
			break;
		if (grow) {
			pbuf_cat(last->p, q);
			last->len = (u16_t)(last->len + k);
			queued(pcb, k, 1);
			done += k;
			continue;
		}
		s = tcp_bulk_segment(pcb, pcb->snd_lbb, optflags, q);
		if (!s) {
			pbuf_free(q);
			break;
		}
		if (last)
			last->next = s;
		else
			pcb->unsent = s;
		last = s;
		queued(pcb, k, 2);
		done += k;
	}
	if (done == n && n && !more)
		TCPH_SET_FLAG(last->tcphdr, TCP_PSH);
	if (done < n)
		tcp_set_flags(pcb, TF_NAGLEMEMERR);
	return done;
}

void tcp_bulk_decide(struct tcp_conn *c)
{
	struct tcp_pcb *pcb = &c->pcb;

	c->bulk = TCP_BULK_NOT;
	if (!pcb->unsent && !pcb->unacked && (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT) && tcp_bulk_way(pcb))
		c->bulk = TCP_BULK;
}

static int bulk_init(void)
{
	heads = kmem_cache_create("tcp_head", sizeof(struct head), 0, 0, NULL);
	pieces = kmem_cache_create("tcp_piece", sizeof(struct piece), 0, 0, NULL);
	return heads && pieces ? 0 : -ENOMEM;
}
INITCALL(INITCALL_FS, bulk_init);
