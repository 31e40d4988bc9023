/* SPDX-License-Identifier: MIT */
/*
 * Rings: PACKET_RX_RING and PACKET_TX_RING, memory that the kernel and a user program share, and frames in it.
 *
 * The memory is one range of kernel addresses for each ring. A frame belongs to whom its status word says; nothing
 * else in it is believed: what the kernel has to remember about a ring is in struct packet_ring and struct packet_blocks, and what a
 * program asks for is read once and checked. An area of user memory shows all rings of its socket, the one for receiving first; the
 * area has the socket's file, so the rings live longer than it.
 *
 * Locks: rings are put in place and taken away under net_lock and ring_lock, by which either is enough to look at them, and
 * only while no area shows them: the fault handler needs none. mmap(2) comes with mm->lock held and takes ring_lock only.
 * References: packet(7); libpcap's and our tests' use.
 */
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include "packet_internal.h"

#define MAC_ROOM 16u	/* for a link header in front of the packet */

uint32_t packet_hdrlen(int version)
{
	size_t n = version == TPACKET_V1 ? sizeof(struct tpacket_hdr) :
		   version == TPACKET_V2 ? sizeof(struct tpacket2_hdr) : sizeof(struct tpacket3_hdr);

	return (uint32_t)(ALIGN_UP(n, TPACKET_ALIGNMENT) + sizeof(struct sockaddr_ll));
}

uint32_t packet_frame_status(const struct packet_sock *k, const char *frame)
{
	uint32_t v;

	if (k->tp_version == TPACKET_V1)
		v = (uint32_t)READ_ONCE(((const struct tpacket_hdr *)(const void *)frame)->status);
	else if (k->tp_version == TPACKET_V2)
		v = READ_ONCE(((const struct tpacket2_hdr *)(const void *)frame)->status);
	else
		v = READ_ONCE(((const struct tpacket3_hdr *)(const void *)frame)->status);
	smp_rmb();	/* pairs with the program's: it writes the frame, then the status */
	return v;
}

void packet_frame_set_status(const struct packet_sock *k, char *frame, uint32_t status)
{
	smp_wmb();	/* the frame before its status; pairs with the program's reads in the other order */
	if (k->tp_version == TPACKET_V1)
		WRITE_ONCE(((struct tpacket_hdr *)(void *)frame)->status, status);
	else if (k->tp_version == TPACKET_V2)
		WRITE_ONCE(((struct tpacket2_hdr *)(void *)frame)->status, status);
	else
		WRITE_ONCE(((struct tpacket3_hdr *)(void *)frame)->status, status);
}

/* ---- making and unmaking */

static int check(const struct packet_sock *k, bool tx, const struct tpacket_req3 *r3)
{
	const struct tpacket_req *r = &r3->req;
	uint32_t least = packet_hdrlen(k->tp_version) + k->tp_reserve, per;

	if ((int)r->block_size <= 0 || !IS_ALIGNED(r->block_size, PAGE_SIZE))
		return -EINVAL;
	if (k->tp_version == TPACKET_V3 && r->block_size < (uint64_t)BLOCK_HEAD + ALIGN_UP((uint64_t)r3->sizeof_priv, 8u) + least)
		return -EINVAL;
	if (r->frame_size < least || !IS_ALIGNED(r->frame_size, TPACKET_ALIGNMENT))
		return -EINVAL;
	per = r->block_size / r->frame_size;
	if (!per || per > UINT32_MAX / r->block_nr || per * r->block_nr != r->frame_nr)
		return -EINVAL;
	if (tx && k->tp_version == TPACKET_V3 && (r3->retire_blk_tov || r3->sizeof_priv || r3->feature_req_word))
		return -EINVAL;
	return 0;
}

static char *ring_alloc(const struct tpacket_req *r)
{
	uint64_t size = (uint64_t)r->block_size * r->block_nr;
	char *mem;

	/* Not the last page of the machine: whoever runs out of memory next would be killed for it. */
	if (size >> PAGE_SHIFT >= mem_free_pages() - mem_free_pages() / 8)
		return NULL;
	mem = vmalloc(size);
	if (mem)
		memset(mem, 0, size);
	return mem;
}

/* Exchanges a ring for @new; what was there is in @new then. */
static int install(struct packet_sock *k, bool tx, struct packet_ring *new, const struct tpacket_req3 *r, bool closing)
{
	struct packet_ring *ring = tx ? &k->tx : &k->rx, old;
	int err = -EBUSY;

	spin_lock(&k->ring_lock);
	if (closing || !k->mapped) {
		old = *ring;
		*ring = *new;
		*new = old;
		if (!tx)
			WRITE_ONCE(k->blocks.filling, 0);	/* of the ring before; poll() looks at both under this lock alone */
		err = 0;
	}
	spin_unlock(&k->ring_lock);
	if (!err && !tx) {
		packet_flush(k);
		if (k->rx.mem && k->tp_version == TPACKET_V3)
			packet_blocks_start(k, r);
	}
	return err;
}

static int make_ring(struct packet_sock *k, bool tx, const struct tpacket_req3 *r, int version)
{
	struct packet_ring new = { 0 }, *ring = tx ? &k->tx : &k->rx;
	int err;

	net_lock_acquire();
	err = k->mapped || (r->req.block_nr && ring->mem) || version != k->tp_version ? -EBUSY : 0;
	if (!err)
		err = r->req.block_nr ? check(k, tx, r) : r->req.frame_nr ? -EINVAL : 0;
	net_lock_release();
	if (err)
		return err;
	if (r->req.block_nr) {
		new = (struct packet_ring){
			.block_size = r->req.block_size, .block_nr = r->req.block_nr, .frame_size = r->req.frame_size,
			.frame_nr = r->req.frame_nr, .per_block = r->req.block_size / r->req.frame_size, .mem = ring_alloc(&r->req),
		};
		if (!new.mem)
			return -ENOMEM;
	}
	net_lock_acquire();
	if (r->req.block_nr && (ring->mem || version != k->tp_version || check(k, tx, r)))
		err = -EBUSY;		/* somebody was faster */
	else
		err = install(k, tx, &new, r, false);
	net_lock_release();
	if (!err && !tx && new.mem) {
		delayed_work_cancel_sync(&k->blocks.retire);
		work_queue(&k->blocks.retire.work);	/* it may have been the clock of a ring that was made since */
	}
	vfree(new.mem);
	return err;
}

int packet_set_ring(struct packet_sock *k, bool tx, const void __user *val, unsigned len)
{
	int version = READ_ONCE(k->tp_version);
	struct tpacket_req3 r = { .retire_blk_tov = 0 };
	size_t n = version == TPACKET_V3 ? sizeof(r) : sizeof(r.req);

	if (len < n)
		return -EINVAL;
	if (copy_from_user(&r, val, n))
		return -EINVAL;		/* Linux 6.1's answer, not EFAULT */
	return make_ring(k, tx, &r, version);
}

void packet_ring_init(struct packet_sock *k)
{
	spin_lock_init(&k->ring_lock, LR_PACKET_RING);
	packet_blocks_init(k);
}

/* The last descriptor is gone, and with it the last area. */
void packet_ring_close(struct packet_sock *k)
{
	struct packet_ring rx = { 0 }, tx = { 0 };

	net_lock_acquire();
	(void)install(k, false, &rx, NULL, true);
	(void)install(k, true, &tx, NULL, true);
	net_lock_release();
	delayed_work_cancel_sync(&k->blocks.retire);
	vfree(rx.mem);
	vfree(tx.mem);
}

/* ---- mapping */

static uint64_t ring_size(const struct packet_ring *r)
{
	return r->mem ? (uint64_t)r->block_size * r->block_nr : 0;
}

static int ring_fault(struct vm_fault *vmf)
{
	struct packet_sock *k = vmf->area->private;
	uint64_t at = vmf->pgoff << PAGE_SHIFT, rx = ring_size(&k->rx);

	if (at >= rx + ring_size(&k->tx))
		return -EFAULT;
	vmf->pa = vmalloc_to_phys(at < rx ? k->rx.mem + at : k->tx.mem + (at - rx));
	return 0;
}

static void area_open(struct vm_area *a)
{
	struct packet_sock *k = a->private;

	spin_lock(&k->ring_lock);
	k->mapped++;
	spin_unlock(&k->ring_lock);
}

static void area_close(struct vm_area *a)
{
	struct packet_sock *k = a->private;

	spin_lock(&k->ring_lock);
	k->mapped--;
	spin_unlock(&k->ring_lock);
}

static const struct vm_ops ring_vm_ops = { .fault = ring_fault, .open = area_open, .close = area_close };

int packet_mmap(struct socket *s, struct vm_area *a)
{
	struct packet_sock *k = packet_sk(s);
	int err = -EINVAL;
	uint64_t size;

	if (a->pgoff)
		return -EINVAL;
	spin_lock(&k->ring_lock);
	size = ring_size(&k->rx) + ring_size(&k->tx);
	if (size && a->end - a->start == size) {
		k->mapped++;
		err = 0;
	}
	spin_unlock(&k->ring_lock);
	if (err)
		return err;
	a->flags |= VM_SPECIAL | VM_DONTEXPAND;
	a->private = k;
	a->ops = &ring_vm_ops;
	return 0;
}

/* ---- receiving */

/* Is the frame @ahead of the next one, or the block, the kernel's? */
static bool free_ahead(const struct packet_sock *k, uint32_t ahead)
{
	const struct packet_ring *r = &k->rx;
	uint32_t i;

	if (k->tp_version == TPACKET_V3) {
		i = k->blocks.filling + ahead;
		return packet_block_status(r, i < r->block_nr ? i : i - r->block_nr) == TP_STATUS_KERNEL;
	}
	i = r->head + ahead;
	return packet_frame_status(k, packet_ring_frame(r, i < r->frame_nr ? i : i - r->frame_nr)) == TP_STATUS_KERNEL;
}

bool packet_ring_has_room(const struct packet_sock *k, bool plenty)
{
	uint32_t n = k->tp_version == TPACKET_V3 ? k->rx.block_nr : k->rx.frame_nr;

	return free_ahead(k, plenty ? n / 4 : 0);
}

uint32_t packet_ring_poll(struct packet_sock *k)
{
	uint32_t mask = 0, i;
	bool came;

	if (!READ_ONCE(k->rx.mem) && !READ_ONCE(k->tx.mem))
		return 0;
	spin_lock(&k->ring_lock);
	if (k->rx.mem) {
		/* What was stored last: has the program taken it? */
		if (k->tp_version == TPACKET_V3) {
			i = READ_ONCE(k->blocks.filling);
			came = packet_block_status(&k->rx, (i ? i : k->rx.block_nr) - 1) != TP_STATUS_KERNEL;
		} else {
			i = READ_ONCE(k->rx.head);
			came = packet_frame_status(k, packet_ring_frame(&k->rx, (i ? i : k->rx.frame_nr) - 1)) != TP_STATUS_KERNEL;
		}
		if (came)
			mask |= POLLIN | POLLRDNORM;
	}
	if (k->tx.mem && packet_frame_status(k, packet_ring_frame(&k->tx, READ_ONCE(k->tx.head))) == TP_STATUS_AVAILABLE)
		mask |= POLLOUT | POLLWRNORM;
	spin_unlock(&k->ring_lock);
	return mask;
}

/* Where things are in a frame, and how much of the packet fits. */
struct layout {
	uint32_t mac, net, len;
	uint32_t status;
};

static bool lay_out(const struct packet_sock *k, uint32_t skip, struct layout *l)
{
	uint32_t most;

	if (skip) {
		l->net = l->mac = ALIGN_UP(packet_hdrlen(k->tp_version), TPACKET_ALIGNMENT) + MAC_ROOM + k->tp_reserve;
	} else {
		l->net = ALIGN_UP(packet_hdrlen(k->tp_version) + MAC_ROOM, TPACKET_ALIGNMENT) + k->tp_reserve;
		l->mac = l->net - ETH_HLEN;
	}
	if (l->net > UINT16_MAX)
		return false;
	most = k->tp_version == TPACKET_V3 ? k->rx.block_size - packet_block_data(k->blocks.sizeof_priv) : k->rx.frame_size;
	if (l->mac > most) {
		l->len = 0;
		if (k->tp_version == TPACKET_V3)
			l->mac = most;
	} else if (l->mac + l->len > most) {
		l->len = most - l->mac;
	}
	return true;
}

static void put_head1(char *frame, const struct layout *l, uint32_t len, nsec_t now)
{
	struct tpacket_hdr *h = (void *)frame;

	h->len = len;
	h->snaplen = l->len;
	h->mac = (uint16_t)l->mac;
	h->net = (uint16_t)l->net;
	h->sec = (uint32_t)(now / NSEC_PER_SEC);
	h->usec = (uint32_t)(now % NSEC_PER_SEC / NSEC_PER_USEC);
}

static void put_head2(char *frame, const struct layout *l, uint32_t len, nsec_t now)
{
	struct tpacket2_hdr *h = (void *)frame;

	h->len = len;
	h->snaplen = l->len;
	h->mac = (uint16_t)l->mac;
	h->net = (uint16_t)l->net;
	h->sec = (uint32_t)(now / NSEC_PER_SEC);
	h->nsec = (uint32_t)(now % NSEC_PER_SEC);
	h->vlan_tci = h->vlan_tpid = 0;
	memset(h->padding, 0, sizeof(h->padding));
}

static void put_head3(struct tpacket3_hdr *h, const struct layout *l, uint32_t len, nsec_t now)
{
	h->len = len;
	h->snaplen = l->len;
	h->mac = (uint16_t)l->mac;
	h->net = (uint16_t)l->net;
	h->sec = (uint32_t)(now / NSEC_PER_SEC);
	h->nsec = (uint32_t)(now % NSEC_PER_SEC);
	h->vlan_tci = h->vlan_tpid = h->vlan_padding = 0;
	memset(h->padding, 0, sizeof(h->padding));
	h->status = l->status;
}

static void put_packet(char *frame, size_t head, const struct layout *l, const struct net_frame *f, const struct sockaddr_ll *from,
		       uint32_t skip)
{
	memcpy(frame + ALIGN_UP(head, TPACKET_ALIGNMENT), from, sizeof(*from));
	packet_copy_frame(frame + l->mac, f, skip, l->len);
}

bool packet_ring_put(struct packet_sock *k, const struct net_frame *f, const struct sockaddr_ll *from, uint32_t skip, uint32_t len)
{
	struct layout l = { .len = len, .status = packet_status_of(f) };
	nsec_t now = clock_realtime();
	bool cut;
	char *frame;

	if (!packet_ring_has_room(k, false) || !lay_out(k, skip, &l))
		return false;
	cut = l.len < len;
	if (k->tp_version == TPACKET_V3) {
		struct tpacket3_hdr *h = packet_blocks_reserve(k, l.mac + l.len);

		if (!h)
			return false;
		put_packet((char *)h, sizeof(*h), &l, f, from, skip);
		put_head3(h, &l, f->len - skip, now);
		return true;
	}
	frame = packet_ring_frame(&k->rx, k->rx.head);
	WRITE_ONCE(k->rx.head, k->rx.head + 1 < k->rx.frame_nr ? k->rx.head + 1 : 0);
	if (k->drops)
		l.status |= TP_STATUS_LOSING;
	/* The whole of what does not fit can be had by recvmsg(2). */
	if (cut && k->copy_thresh && packet_queue(k, f, from, skip, f->len - skip))
		l.status |= TP_STATUS_COPY;
	put_packet(frame, sizeof(struct tpacket_hdr), &l, f, from, skip);
	if (k->tp_version == TPACKET_V1)
		put_head1(frame, &l, f->len - skip, now);
	else
		put_head2(frame, &l, f->len - skip, now);
	packet_frame_set_status(k, frame, l.status);
	socket_wake_readable(&k->s);
	return true;
}
