/* SPDX-License-Identifier: MIT */
/*
 * Urgent data of TCP: one byte that a reader may take out of band, and the mark where it was. lwIP knows nothing of it: the
 * flag and the pointer are read from a segment before lwIP sees it, and written into the last segment that waits to be sent.
 *
 * As on Linux the pointer is one behind the urgent byte (BSD's reading, not RFC 1122's); a newer urgent byte takes the place of an older
 * one, which is then ordinary data.
 *
 * Locks: net_lock; see inet.h.
 * References: tcp(7), SIOCATMARK; RFC 9293 3.8.5; RFC 6093.
 */
#include "inet.h"
#include "bulk.h"
#include "tcp.h"
#include <kernel/fs.h>
#include "lwip/priv/tcp_priv.h"

void inet_urgent(struct inet_sock *i, uint32_t seq)
{
	struct file *f = READ_ONCE(i->s.file);

	if (TCP_SEQ_LT(seq, i->copied_seq + i->rx_bytes) || (i->urg != URG_NONE && TCP_SEQ_LEQ(seq, i->urg_seq)))
		return;		/* it is here already, or not newer */
	/* An older one that is next to be read and that nobody took is not read at all. */
	if (i->urg != URG_NONE && i->urg_seq == i->copied_seq && !socket_flag(&i->s, SOCKF_OOBINLINE) && i->rx_bytes) {
		struct pbuf *p = i->rx_first;

		i->copied_seq++;
		WRITE_ONCE(i->rx_bytes, i->rx_bytes - 1);
		if (i->tcp) {
			lwip_port_tcp_wnd = tcp_conn(i->tcp)->wnd;
			tcp_recved(i->tcp, 1);
		}
		if (++i->rx_off == p->tot_len) {
			i->rx_off = 0;
			i->rx_first = p->queue_next;
			pbuf_free(p);
		}
	}
	i->urg = URG_COMING;
	i->urg_seq = seq;
	if (f)
		file_send_sigurg(f);
}

void inet_urgent_data(struct inet_sock *i, const struct pbuf *p, uint32_t seq)
{
	uint32_t at = i->urg_seq - seq;

	if (at >= p->tot_len)
		return;
	i->urg_byte = pbuf_get_at(p, (u16_t)at);
	i->urg = URG_HERE;
	socket_wake(&i->s, &i->s.rd_wait, 1, POLLPRI | POLLRDBAND);
}

int inet_inq(const struct inet_sock *i)
{
	/* Up to the mark, if there is one ahead. */
	if (i->urg == URG_NONE || socket_flag(&i->s, SOCKF_OOBINLINE) || TCP_SEQ_LT(i->urg_seq, i->copied_seq) ||
	    TCP_SEQ_GEQ(i->urg_seq, i->copied_seq + i->rx_bytes))
		return (int)i->rx_bytes;
	return (int)(i->urg_seq - i->copied_seq);
}

ssize_t inet_urgent_recv(struct inet_sock *i, struct sockmsg *m)
{
	bool end = i->rx_eof || i->s.shutdown & SHUTDOWN_RCV;
	uint8_t urg, b;

	net_lock_acquire();
	urg = i->urg;
	b = i->urg_byte;
	if (urg == URG_HERE && !(m->flags & MSG_PEEK) && !socket_flag(&i->s, SOCKF_OOBINLINE))
		i->urg = URG_TAKEN;
	net_lock_release();
	if (socket_flag(&i->s, SOCKF_OOBINLINE) || urg == URG_NONE || urg == URG_TAKEN)
		return -EINVAL;
	if (urg == URG_COMING)
		return end ? 0 : -EAGAIN;
	m->out_flags |= MSG_OOB;
	if (!m->iter.count) {
		m->out_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(m->flags & MSG_TRUNC) && copy_to_iter(&b, 1, &m->iter) != 1)
		return -EFAULT;
	return 1;
}

void inet_urgent_mark(struct tcp_pcb *pcb)
{
	struct tcp_seg *s = pcb->unsent;
	uint32_t size;

	if (!s)
		return;
	while (s->next)
		s = s->next;
	/* Of a long one all segments on the wire would say so: it is the last of them. */
	size = tcp_conn(pcb)->bulk == TCP_BULK ? tcp_bulk_size(pcb) : s->len;
	if (s->len > size && tcp_bulk_cut(pcb, s, (s->len - 1) / size * size))
		s = s->next;
	TCPH_SET_FLAG(s->tcphdr, TCP_URG);
	s->tcphdr->urgp = lwip_htons(s->len);
}
