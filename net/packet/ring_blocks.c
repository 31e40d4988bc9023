/* SPDX-License-Identifier: MIT */
/*
 * Receive rings of version 3: frames of their own length lie one behind the other in blocks, and a block goes to the
 * program when the next frame does not fit or when a time is over.
 *
 * The time runs in steps from the moment that the block was opened; an empty block stays open over any number of them, so that
 * nothing has to be done while nothing comes. A program that has not given back the block that is to be filled next freezes the ring
 * until it does.
 *
 * Invariants: blocks.filling is the block being filled unless frozen; what a program writes into a block changes nothing here.
 * Locks: net_lock; the timer's end is work that takes it.
 * Reference: packet(7).
 */
#include <kernel/string.h>
#include <kernel/time.h>
#include "packet_internal.h"

#define TOV_DEFAULT	8u	/* ms, where no device says how fast it is */
#define FRAME_ALIGN	8u

static struct tpacket_block_desc *block(const struct packet_ring *r, uint32_t i)
{
	return (void *)(r->mem + (size_t)i * r->block_size);
}

uint32_t packet_block_status(const struct packet_ring *r, uint32_t i)
{
	uint32_t v = READ_ONCE(block(r, i)->status);

	smp_rmb();	/* the program has done with the block before it gave it back */
	return v;
}

static void block_open(struct packet_sock *k)
{
	struct tpacket_block_desc *d = block(&k->rx, k->blocks.filling);
	struct packet_blocks *b = &k->blocks;
	nsec_t now = clock_realtime();

	b->frozen = false;
	b->num_pkts = 0;
	b->next = b->last = packet_block_data(b->sizeof_priv);
	b->opened = clock_monotonic();
	b->due = 0;
	d->version = TPACKET_V3;
	d->offset_to_priv = BLOCK_HEAD;
	d->num_pkts = 0;
	d->offset_to_first_pkt = d->blk_len = b->next;
	d->seq_num = b->seq++;
	d->first_sec = (uint32_t)(now / NSEC_PER_SEC);
	d->first_nsec = (uint32_t)(now % NSEC_PER_SEC);
}

/* The block is the program's from here on. */
static void block_close(struct packet_sock *k, uint32_t status)
{
	struct packet_blocks *b = &k->blocks;
	struct tpacket_block_desc *d = block(&k->rx, b->filling);
	struct tpacket3_hdr *last = (void *)((char *)d + b->last);

	if (k->drops)
		status |= TP_STATUS_LOSING;
	last->next_offset = 0;
	if (b->num_pkts) {
		d->last_sec = last->sec;
		d->last_nsec = last->nsec;
	} else {	/* for a frame that only fits into an empty block whole */
		nsec_t now = clock_realtime();

		d->last_sec = (uint32_t)(now / NSEC_PER_SEC);
		d->last_nsec = (uint32_t)(now % NSEC_PER_SEC);
	}
	smp_wmb();	/* what is in the block before whose it is */
	WRITE_ONCE(d->status, status | TP_STATUS_USER);
	WRITE_ONCE(b->filling, b->filling + 1 < k->rx.block_nr ? b->filling + 1 : 0);
	b->due = 0;
	socket_wake_readable(&k->s);
}

/* The next one, if the program has given it back. */
static bool block_advance(struct packet_sock *k)
{
	if (packet_block_status(&k->rx, k->blocks.filling) & TP_STATUS_USER) {
		k->blocks.frozen = true;
		k->freezes++;
		return false;
	}
	block_open(k);
	return true;
}

static void retire(struct work *w)
{
	struct packet_sock *k = container_of(w, struct packet_sock, blocks.retire.work);
	struct packet_blocks *b = &k->blocks;
	nsec_t now = clock_monotonic();

	net_lock_acquire();
	if (k->rx.mem && k->tp_version == TPACKET_V3 && b->due) {
		if (now < b->due) {
			delayed_work_queue(&b->retire, b->due - now);
		} else {
			block_close(k, TP_STATUS_BLK_TMO);
			(void)block_advance(k);
		}
	}
	net_lock_release();
}

void packet_blocks_init(struct packet_sock *k)
{
	delayed_work_init(&k->blocks.retire, retire);
}

void packet_blocks_start(struct packet_sock *k, const struct tpacket_req3 *r)
{
	struct packet_blocks *b = &k->blocks;

	b->filling = 0;
	b->sizeof_priv = r->sizeof_priv;
	b->features = r->feature_req_word;
	b->tov = (nsec_t)(r->retire_blk_tov ? r->retire_blk_tov : TOV_DEFAULT) * NSEC_PER_MSEC;
	b->seq = 1;
	block_open(k);
}

/* The block has its first frame: it goes at the end of the step of time that we are in. */
static void start_clock(struct packet_blocks *b)
{
	nsec_t now = clock_monotonic();

	b->due = b->opened + ((now - b->opened) / b->tov + 1) * b->tov;
	delayed_work_queue(&b->retire, b->due - now);
}

static struct tpacket3_hdr *add_frame(struct packet_sock *k, uint32_t len)
{
	struct tpacket_block_desc *d = block(&k->rx, k->blocks.filling);
	struct packet_blocks *b = &k->blocks;
	struct tpacket3_hdr *h = (void *)((char *)d + b->next);

	h->next_offset = len;
	h->rxhash = 0;
	b->last = b->next;
	b->next += len;
	d->blk_len = b->next;
	d->num_pkts = ++b->num_pkts;
	if (!b->due)
		start_clock(b);
	return h;
}

struct tpacket3_hdr *packet_blocks_reserve(struct packet_sock *k, uint32_t len)
{
	struct packet_blocks *b = &k->blocks;

	len = ALIGN_UP(len, FRAME_ALIGN);
	if (b->frozen) {
		if (packet_block_status(&k->rx, b->filling) & TP_STATUS_USER)
			return NULL;
		block_open(k);
	}
	if (b->next + len < k->rx.block_size)
		return add_frame(k, len);
	block_close(k, 0);
	return block_advance(k) ? add_frame(k, len) : NULL;
}
