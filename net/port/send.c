/* SPDX-License-Identifier: MIT */
/*
 * A frame of lwIP's to a device: a pbuf chain becomes segments of memory; the chain is referenced until the device is done. lwIP does
 * not touch a segment that somebody else refers to (it does not retransmit it). TCP's checksum is left to devices that can, and cutting a
 * segment that is longer than the MTU (net/inet/bulk_out.c).
 *
 * Locks: net_lock.
 */
#include <kernel/errno.h>
#include "port.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"

static void tx_done(void *token)
{
	pbuf_free(token);
}

static uint32_t sum16(const void *p, unsigned n)
{
	const uint8_t *b = p;
	uint32_t s = 0;

	for (unsigned i = 0; i < n; i += 2)
		s += b[i] | (uint32_t)b[i + 1] << 8;
	return s;
}

/*
 * TCP left its checksum to the device: zero so far. The device adds what it finds there, which has to be the pseudo-header's sum.
 * A raw socket's segment brings its own sum and keeps it.
 */
void port_tx_checksum(struct net_tx *tx)
{
	uint8_t *b = (uint8_t *)tx->seg[0].p;
	uint32_t n = tx->seg[0].len, at, sum;
	uint16_t type, len;

	if (n < 14 + 20)
		return;
	type = (uint16_t)(b[12] << 8 | b[13]);
	if (type == ETHTYPE_IP && b[23] == IP_PROTO_TCP) {
		at = 14 + (b[14] & 0xfu) * 4;
		len = (uint16_t)(tx->len - at);
		sum = sum16(b + 26, 8);
	} else if (type == ETHTYPE_IPV6 && n >= 14 + 40 && b[20] == IP_PROTO_TCP) {
		at = 14 + 40;
		len = (uint16_t)(tx->len - at);
		sum = sum16(b + 22, 32);
	} else {
		return;
	}
	if (n < at + 20 || b[at + 16] || b[at + 17])
		return;
	sum += (uint32_t)IP_PROTO_TCP << 8;
	sum += __builtin_bswap16(len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	b[at + 16] = (uint8_t)sum;
	b[at + 17] = (uint8_t)(sum >> 8);
	tx->off.csum = NET_CSUM_PARTIAL;
	tx->off.csum_start = (uint16_t)at;
	tx->off.csum_offset = 16;
}

/* Its checksum is the device's to make, so the headers are in one piece. */
static void ask_to_cut(struct net_tx *tx, uint16_t size)
{
	const uint8_t *b = tx->seg[0].p;
	uint32_t heads;

	if (tx->off.csum != NET_CSUM_PARTIAL)
		return;
	heads = tx->off.csum_start + (b[tx->off.csum_start + 12] >> 4) * 4u;
	if (tx->len <= heads + size)
		return;
	tx->off.gso = b[12] == 0x08 ? NET_GSO_TCP4 : NET_GSO_TCP6;
	tx->off.gso_size = size;
	tx->off.hdr_len = (uint16_t)heads;
}

err_t port_send(struct netdev *d, struct pbuf *p)
{
	static struct net_seg seg[NET_MAX_SEGS];	/* under net_lock; a driver does not send by itself */
	struct net_tx tx = { .seg = seg, .done = tx_done };
	uint16_t size = p->flags & PBUF_FLAG_IS_CUSTOM ? tcp_bulk_gso_size(p) : 0;
	struct pbuf *q;
	int err;

	for (q = p; q && tx.nr < d->max_segs; q = q->next)
		if (q->len)
			seg[tx.nr++] = (struct net_seg){ q->payload, q->len };
	if (q) {
		q = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
		if (!q)
			return ERR_MEM;
		p = q;
		tx.nr = 1;
		seg[0] = (struct net_seg){ q->payload, q->len };
	} else {
		pbuf_ref(p);
	}
	tx.len = p->tot_len;
	tx.token = p;
	if (d->features & NETDEV_TX_CSUM)
		port_tx_checksum(&tx);
	if (size)
		ask_to_cut(&tx, size);
	err = netdev_transmit(d, &tx);
	if (!err)
		return ERR_OK;
	pbuf_free(p);
	return err == -ENOBUFS ? ERR_MEM : ERR_IF;
}
