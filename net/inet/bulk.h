/* SPDX-License-Identifier: MIT */
/* Segments longer than a connection's mss, for devices that cut them. bulk.c: what they are made of; bulk_out.c: how they leave. */
#pragma once
#include "tcp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"

#define TCP_BULK_CHUNK	16384u		/* of a buffer */
#define TCP_BULK_SEGS	44u		/* a device that is to cut segments takes frames of so many pieces */

struct tcp_bulk_buf;

static inline uint32_t tcp_seg_seq(const struct tcp_seg *s) { return lwip_ntohl(s->tcphdr->seqno); }
/* A device has it still: it is neither changed nor sent again. */
static inline bool tcp_seg_busy(const struct tcp_seg *s) { return s->p->ref != 1; }

/* bulk.c */
/* Memory for @n bytes of a writer, filled before it is handed over. Without net_lock. NULL: no memory. */
struct tcp_bulk_buf *tcp_bulk_alloc(size_t n);
char *tcp_bulk_data(struct tcp_bulk_buf *b);
void tcp_bulk_put(struct tcp_bulk_buf *b);
/* Before anything is queued: ->bulk becomes TCP_BULK if the device to there cuts segments, or TCP_BULK_NOT. It stays so. */
void tcp_bulk_decide(struct tcp_conn *c);
/* Queues @n bytes, parts of @b or, with NULL, to be copied. How many were taken: fewer when there is no memory or no room. */
size_t tcp_bulk_write(struct tcp_conn *c, const char *p, size_t n, struct tcp_bulk_buf *b, bool more);
bool tcp_bulk_is(const struct tcp_seg *s);		/* one with data, made here */
struct tcp_seg *tcp_bulk_segment(const struct tcp_pcb *pcb, uint32_t seq, uint8_t optflags, struct pbuf *data);
/* A pbuf for what @p, a piece of data, shows from @off on. */
struct pbuf *tcp_bulk_share(struct pbuf *p, uint32_t off);
void tcp_bulk_set_gso_size(const struct tcp_seg *s, uint16_t size);

/* bulk_out.c; of connections with TCP_BULK */
/* The interface that it sends by, if that cuts segments; NULL: it does not. */
struct netif *tcp_bulk_way(const struct tcp_pcb *pcb);
uint32_t tcp_bulk_size(const struct tcp_pcb *pcb);	/* of data in a segment on the wire */
uint32_t tcp_bulk_most(const struct tcp_pcb *pcb);	/* of data in a segment here: a multiple of that */
/* Cuts and trims what is unsent to what may leave now. False: no memory. */
bool tcp_bulk_prepare(struct tcp_conn *c);
/* Leaves @n bytes in @s, a new segment behind it has the rest. False: no memory, or a device has it. */
bool tcp_bulk_cut(struct tcp_pcb *pcb, struct tcp_seg *s, uint32_t n);
void tcp_bulk_acked(struct tcp_conn *c);		/* after acknowledgements: their last one may end within a segment */
/* What is about to be sent again, the first that is not acknowledged: its front and no more. */
void tcp_bulk_first(struct tcp_conn *c);
/* Segments of @s that the block from @left to @right covers in part: cut at whole segments of the wire. */
void tcp_bulk_edges(struct tcp_conn *c, struct tcp_seg *s, uint32_t left, uint32_t right);
