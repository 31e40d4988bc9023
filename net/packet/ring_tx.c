/* SPDX-License-Identifier: MIT */
/*
 * PACKET_TX_RING: a call of send(2) sends what the program has put into the ring's frames, in their order, until one
 * is not ready.
 *
 * A frame is copied and is the program's again when the device has taken it. One that cannot be sent stays where it is, marked, and
 * ends the call with its error; with PACKET_LOSS it is skipped.
 *
 * Locks: net_lock, taken anew for each frame: the ring may be gone by the next one.
 * Reference: packet(7).
 */
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "packet_internal.h"

#define VLAN_HLEN 4u	/* a tagged frame may be longer by that */

/* Lengths and places in a frame, read once. */
struct tx_frame {
	uint32_t len, off;
};

static int parse(const struct packet_sock *k, const char *frame, uint32_t most, struct tx_frame *t)
{
	uint32_t head = packet_hdrlen(k->tp_version) - (uint32_t)sizeof(struct sockaddr_ll), mac, net;

	if (k->tp_version == TPACKET_V1) {
		const struct tpacket_hdr *h = (const void *)frame;

		t->len = READ_ONCE(h->len);
		mac = READ_ONCE(h->mac);
		net = READ_ONCE(h->net);
	} else if (k->tp_version == TPACKET_V2) {
		const struct tpacket2_hdr *h = (const void *)frame;

		t->len = READ_ONCE(h->len);
		mac = READ_ONCE(h->mac);
		net = READ_ONCE(h->net);
	} else {
		const struct tpacket3_hdr *h = (const void *)frame;

		if (READ_ONCE(h->next_offset))
			return -EINVAL;
		t->len = READ_ONCE(h->len);
		mac = READ_ONCE(h->mac);
		net = READ_ONCE(h->net);
	}
	if (t->len > most)
		return -EMSGSIZE;
	t->off = head;
	if (k->tx_has_off) {
		t->off = k->s.type == SOCK_DGRAM ? net : mac;
		if (t->off < head || t->off > k->tx.frame_size - t->len)
			return -EINVAL;
	}
	return 0;
}

/* The copy of a frame as it goes out; *err tells why not. */
static char *fill(const struct packet_sock *k, const struct netdev *d, const char *frame, uint32_t *len, int *err)
{
	uint32_t head = k->s.type == SOCK_DGRAM ? ETH_HLEN : 0, most;
	struct tx_frame t;
	char *copy;

	most = k->tx.frame_size - (packet_hdrlen(k->tp_version) - (uint32_t)sizeof(struct sockaddr_ll));
	most = MIN(most, d->mtu + (head ? 0 : ETH_HLEN) + VLAN_HLEN);
	*err = parse(k, frame, most, &t);
	if (*err)
		return NULL;
	*err = -EINVAL;
	if (!head && t.len < ETH_HLEN)
		return NULL;
	*err = -ENOBUFS;
	copy = kmalloc(head + t.len, GFP_KERNEL | GFP_NOOOM);
	if (!copy)
		return NULL;
	memcpy(copy + head, frame + t.off, t.len);
	*len = head + t.len;
	*err = 0;
	return copy;
}

/* 1: sent, *len bytes of it; 0: the next one is not ready; else why it could not be sent. [n] */
static int send_next(struct packet_sock *k, const struct sockaddr_ll *to, uint32_t *len)
{
	struct netdev *d = netdev_by_index(to ? to->ifindex : k->ifindex);
	char *frame, *copy;
	int err;

	if (!k->tx.mem)
		return -EBUSY;
	if (!d)
		return -ENXIO;
	if (!(d->flags & IFF_UP))
		return -ENETDOWN;
	frame = packet_ring_frame(&k->tx, k->tx.head);
	if (packet_frame_status(k, frame) != TP_STATUS_SEND_REQUEST)
		return 0;
	*len = 0;
	copy = fill(k, d, frame, len, &err);
	if (copy) {
		packet_frame_set_status(k, frame, TP_STATUS_SENDING);
		err = packet_transmit(k, to, copy, *len);
		if (err)
			kfree(copy);
		if (err == -ENOBUFS) {		/* the device is full: later */
			packet_frame_set_status(k, frame, TP_STATUS_SEND_REQUEST);
			return err;
		}
	} else if (err == -ENOBUFS) {
		return err;
	}
	if (err && !k->loss) {
		packet_frame_set_status(k, frame, TP_STATUS_WRONG_FORMAT);
		return err;
	}
	if (err)
		*len = 0;
	else if (k->s.type == SOCK_DGRAM)
		*len -= ETH_HLEN;
	packet_frame_set_status(k, frame, TP_STATUS_AVAILABLE);
	WRITE_ONCE(k->tx.head, k->tx.head + 1 < k->tx.frame_nr ? k->tx.head + 1 : 0);
	return 1;
}

ssize_t packet_ring_send(struct packet_sock *k, const struct sockmsg *m)
{
	const struct sockaddr_ll *to = (const void *)m->name;
	ssize_t total = 0;
	uint32_t len = 0;
	int ret;

	if (to && (m->namelen < sizeof(*to) || m->namelen < to->halen + offsetof(struct sockaddr_ll, addr)))
		return -EINVAL;
	for (;;) {
		net_lock_acquire();
		ret = send_next(k, to, &len);
		net_lock_release();
		if (ret <= 0)
			break;
		total += len;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	if (total && (ret == -ENOBUFS || ret == -EBUSY))
		return total;
	if (ret >= 0)
		socket_wake_writable(&k->s);
	return ret < 0 ? ret : total;
}
