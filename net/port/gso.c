/* SPDX-License-Identifier: MIT */
/*
 * Segments of TCP put together again for devices that cut them themselves (TSO).
 *
 * lwIP sends a burst of segments of one connection, each of the same size but the last. Here the first is held, the next
 * ones are added to it as long as they follow it and differ in nothing else, and the whole goes to the device as one frame: when one comes
 * that does not fit, or when the batch ends (port_gso_flush()). Devices are told of frames only at that time anyway, so nothing is later
 * for it. Nothing is copied but the first segment's headers.
 *
 * Invariants: at most one frame is held, for one device; each pbuf in it is referenced (lwIP takes it as being sent). Frames leave in
 * the order in which they came. A frame for which the device has no room stays, and what comes after it is refused, until there is.
 * Locks: net_lock.
 * References: VIRTIO 1.2, 5.1.6.2; RFC 9293, 3.1; RFC 791; RFC 8200.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "port.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"

#define HEAD_MAX	120u		/* Ethernet, IPv6 and TCP with all its options, rounded up */
#define HELD_MAX	(NET_MAX_SEGS - 1)
#define FIN		0x01u
#define PSH		0x08u
#define ACK		0x10u

/* What the device is done with at once. */
struct gso_frame {
	uint8_t head[HEAD_MAX];
	unsigned nr, nr_segs;		/* of held[], of hold.seg[] */
	struct pbuf *held[HELD_MAX];
};
/* Where things are in a segment's headers. */
struct layout {
	uint16_t ip, tcp, data;		/* offsets */
	bool v6;
};
struct netdev *port_gso_dev;		/* NULL: nothing is held */
static struct {
	struct pbuf *first;
	struct gso_frame *frame;	/* NULL: the first segment is alone */
	struct layout at;
	uint32_t next_seq;
	uint32_t len;			/* of the whole frame */
	uint16_t size;			/* of the data of each but the last */
	bool full;			/* nothing more fits */
	struct net_seg seg[NET_MAX_SEGS];
} hold;

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Headers lie as they like. */
static inline uint64_t diff8(const uint8_t *a, const uint8_t *b, unsigned at)
{
	uint64_t x, y;

	__builtin_memcpy(&x, a + at, 8);
	__builtin_memcpy(&y, b + at, 8);
	return x ^ y;
}

static inline uint32_t diff4(const uint8_t *a, const uint8_t *b, unsigned at)
{
	uint32_t x, y;

	__builtin_memcpy(&x, a + at, 4);
	__builtin_memcpy(&y, b + at, 4);
	return x ^ y;
}

static inline uint16_t diff2(const uint8_t *a, const uint8_t *b, unsigned at)
{
	uint16_t x, y;

	__builtin_memcpy(&x, a + at, 2);
	__builtin_memcpy(&y, b + at, 2);
	return x ^ y;
}

/* A segment with data and nothing but: its headers are in one piece, with its sum still to be made. */
static bool parse(const struct netdev *d, const struct pbuf *p, struct layout *l)
{
	const uint8_t *b = p->payload, *t;
	unsigned n = p->len;

	l->ip = 14;
	if (n < 14 + 20 + 20)
		return false;
	if (b[12] == 0x08 && !b[13]) {
		if (!(d->features & NETDEV_TX_TSO4) || b[14] != 0x45 || b[23] != IP_PROTO_TCP || b[20] & 0x3f || b[21])
			return false;
		l->v6 = false;
		l->tcp = 14 + 20;
	} else {
		if (b[12] != 0x86 || b[13] != 0xdd || !(d->features & NETDEV_TX_TSO6) || n < 14 + 40 + 20 || b[20] != IP_PROTO_TCP)
			return false;
		l->v6 = true;
		l->tcp = 14 + 40;
	}
	t = b + l->tcp;
	l->data = (uint16_t)(l->tcp + (t[12] >> 4) * 4u);
	/* No SYN, no reset, nothing urgent, no word on congestion. */
	return n >= l->data && p->tot_len > l->data && (t[13] & ~(PSH | FIN)) == ACK && !(t[12] & 0xf) && !t[16] && !t[17];
}

/* Equal but for length, identification, sums, sequence number, PSH and FIN. */
static bool follows(const struct netdev *d, const struct pbuf *p, const struct layout *l)
{
	const uint8_t *a = hold.first->payload, *b = p->payload;
	unsigned t = l->tcp;
	uint64_t x;

	if (d != port_gso_dev || hold.full || l->v6 != hold.at.v6 || l->data != hold.at.data)
		return false;
	if (get32(b + t + 4) != hold.next_seq || p->tot_len - l->data > hold.size)
		return false;
	/* The link header, IP's but for its length, addresses, ports. */
	x = diff8(a, b, 0) | diff8(a, b, 8);
	if (l->v6)
		x |= diff2(a, b, 16) | diff8(a, b, 20) | diff8(a, b, 28) | diff8(a, b, 36) | diff8(a, b, 44) | diff4(a, b, 52) |
		     diff2(a, b, 56);
	else
		x |= diff4(a, b, 20) | diff8(a, b, 26) | diff4(a, b, 34);
	/* What is acknowledged, the header's length, window, urgent pointer, options. */
	x |= diff4(a, b, t + 8) | (uint64_t)(a[t + 12] ^ b[t + 12]) | diff2(a, b, t + 14) | diff2(a, b, t + 18);
	for (unsigned i = t + 20u; i < l->data; i += 4)
		x |= diff4(a, b, i);
	return !x;
}

static void gso_done(void *token)
{
	struct gso_frame *f = token;

	for (unsigned i = 0; i < f->nr; i++)
		pbuf_free(f->held[i]);
	kfree(f);
}

/* The headers as of the whole: its length, and IPv4's own sum. */
static void finish_head(struct gso_frame *f)
{
	uint8_t *ip = f->head + hold.at.ip;
	uint32_t n = hold.len - hold.at.ip;
	uint16_t sum;

	if (hold.at.v6) {
		n -= 40;
		ip[4] = (uint8_t)(n >> 8);
		ip[5] = (uint8_t)n;
		return;
	}
	ip[2] = (uint8_t)(n >> 8);
	ip[3] = (uint8_t)n;
	ip[10] = ip[11] = 0;
	sum = (uint16_t)~lwip_port_chksum(ip, 20);
	memcpy(ip + 10, &sum, sizeof(sum));
}

static int send_frame(struct gso_frame *f)
{
	struct net_tx tx = { .seg = hold.seg, .nr = f->nr_segs, .len = hold.len, .done = gso_done, .token = f };
	int err;

	finish_head(f);
	port_tx_checksum(&tx);
	tx.off.gso = hold.at.v6 ? NET_GSO_TCP6 : NET_GSO_TCP4;
	tx.off.gso_size = hold.size;
	tx.off.hdr_len = hold.at.data;
	err = netdev_transmit(port_gso_dev, &tx);
	if (err)
		gso_done(f);
	return err;
}

/* Lets go what is held. False: the device has no room for it now, and it stays. What cannot be sent at all is lost on the way. */
static bool let_go(void)
{
	struct netdev *d = port_gso_dev;
	struct gso_frame *f = hold.frame;

	if (d->flags & IFF_UP && !d->ops->room(d))
		return false;
	if (f) {
		(void)send_frame(f);
	} else {
		(void)port_send(d, hold.first);
		pbuf_free(hold.first);
	}
	port_gso_dev = NULL;
	return true;
}

void port_gso_flush(void)
{
	(void)let_go();
}

/* The data of a segment, behind its headers. False: too many pieces. */
static bool add_pieces(struct gso_frame *f, const struct pbuf *p, uint32_t skip)
{
	unsigned n = f->nr_segs;

	for (; p; p = p->next, skip = 0) {
		if (n == port_gso_dev->max_segs)
			return false;
		if (p->len > skip)
			hold.seg[n++] = (struct net_seg){ (uint8_t *)p->payload + skip, p->len - skip };
	}
	f->nr_segs = n;
	return true;
}

/* The second segment: from now on it is a frame of ours. False: no memory. */
static bool begin_frame(void)
{
	struct gso_frame *f = kmalloc(sizeof(*f), GFP_KERNEL | GFP_NOWARN);

	if (!f)
		return false;
	memcpy(f->head, hold.first->payload, hold.at.data);
	hold.seg[0] = (struct net_seg){ f->head, hold.at.data };
	f->nr_segs = 1;
	if (!add_pieces(f, hold.first, hold.at.data)) {
		kfree(f);
		return false;
	}
	f->nr = 1;
	f->held[0] = hold.first;
	hold.frame = f;
	return true;
}

static bool add(struct pbuf *p, const struct layout *l)
{
	uint32_t n = p->tot_len - (uint32_t)l->data;
	struct gso_frame *f;
	uint8_t flags;

	if (hold.len + n - hold.at.ip > UINT16_MAX || (!hold.frame && !begin_frame()))
		return false;
	f = hold.frame;
	if (!add_pieces(f, p, l->data))
		return false;
	pbuf_ref(p);
	f->held[f->nr++] = p;
	hold.len += n;
	hold.next_seq += n;
	flags = ((uint8_t *)p->payload)[l->tcp + 13];
	f->head[l->tcp + 13] |= flags;
	hold.full = n < hold.size || flags & FIN || f->nr == HELD_MAX;
	return true;
}

err_t port_gso_output(struct netdev *d, struct pbuf *p)
{
	struct layout l;
	bool fits = parse(d, p, &l);

	if (port_gso_dev) {
		if (fits && follows(d, p, &l) && add(p, &l))
			return ERR_OK;
		if (!let_go()) {
			if (d == port_gso_dev)
				return ERR_MEM;
			return port_send(d, p);
		}
	}
	if (!fits || p->tot_len < PORT_GSO_LEAST)
		return port_send(d, p);
	pbuf_ref(p);
	port_gso_dev = d;
	hold.first = p;
	hold.frame = NULL;
	hold.at = l;
	hold.size = (uint16_t)(p->tot_len - l.data);
	hold.next_seq = get32((uint8_t *)p->payload + l.tcp + 4) + hold.size;
	hold.len = p->tot_len;
	hold.full = ((uint8_t *)p->payload)[l.tcp + 13] & FIN;
	return ERR_OK;
}
