/* SPDX-License-Identifier: MIT */
/* PACKET_RX_RING, version 3: blocks. A block's time is either a minute, and never over, or short, with one frame waited for. */
#include "ring.h"

#define LONG 60000

static struct tpacket_block_desc *block(char *ring, unsigned size, int i)
{
	return (void *)(ring + size * (unsigned)i);
}

static int open3(int type, unsigned size, unsigned blocks, unsigned ms, unsigned private, char **ring)
{
	int s = packet_socket(type, PROTO);

	REQUIRE_OK(set_opt(s, PACKET_VERSION, TPACKET_V3));
	REQUIRE_OK(set_ring3(s, PACKET_RX_RING, size, blocks, size, blocks, ms, private, 0));
	*ring = map_ring(s, size * blocks);
	return s;
}

static void show_block(struct tpacket_block_desc *b, const char *what)
{
	struct tpacket_hdr_v1 *h = &b->hdr.bh1;
	struct tpacket3_hdr *f = (void *)((char *)b + h->offset_to_first_pkt);
	time_t now = time(NULL);

	note("%s: %s, version %u, private at %u, %u packets from %u on, %u bytes, number %llu", what, rx_status(h->block_status), b->version,
	     b->offset_to_priv, h->num_pkts, h->offset_to_first_pkt, h->blk_len, (unsigned long long)h->seq_num);
	EXPECT_TRUE(h->ts_first_pkt.ts_sec <= now && h->ts_first_pkt.ts_sec + 60 > now);
	for (unsigned i = 0; i < h->num_pkts && i < 20; i++) {
		note("  next %u, len %u, snaplen %u, mac %u, net %u, status %s, hash %u, vlan %u %u; %s; '%.4s'", f->tp_next_offset, f->tp_len,
		     f->tp_snaplen, f->tp_mac, f->tp_net, rx_status(f->tp_status), f->hv1.tp_rxhash, f->hv1.tp_vlan_tci, f->hv1.tp_vlan_tpid,
		     sll_text((char *)f + TPACKET_ALIGN(sizeof(*f))), (char *)f + f->tp_net);
		EXPECT_TRUE(f->tp_sec <= now && f->tp_sec + 60 > now && f->tp_nsec < 1000000000);
		if (!f->tp_next_offset)
			EXPECT_TRUE(h->ts_last_pkt.ts_sec == f->tp_sec && h->ts_last_pkt.ts_nsec == f->tp_nsec);
		f = (void *)((char *)f + f->tp_next_offset);
	}
}

TEST(packet, blocks_have_room_for_private_data)
{
	static const unsigned private[] = { 0, 1, 8, 3900, 3972, 3973, 3980, 4048, 0xfffffff8, 0xffffffff };
	int s;

	for (unsigned i = 0; i < ARRAY_SIZE(private); i++) {
		s = packet_socket(SOCK_RAW, PROTO);
		EXPECT_OK(set_opt(s, PACKET_VERSION, TPACKET_V3));
		note("private %u: %s", private[i], RESULT(set_ring3(s, PACKET_RX_RING, 4096, 1, 4096, 1, 0, private[i], 0)));
		close(s);
	}
	s = packet_socket(SOCK_RAW, PROTO);
	EXPECT_OK(set_opt(s, PACKET_VERSION, TPACKET_V3));
	EXPECT_ERRNO(set_ring3(s, PACKET_TX_RING, 4096, 1, 4096, 1, 1, 0, 0), EINVAL);
	EXPECT_ERRNO(set_ring3(s, PACKET_TX_RING, 4096, 1, 4096, 1, 0, 1, 0), EINVAL);
	EXPECT_ERRNO(set_ring3(s, PACKET_TX_RING, 4096, 1, 4096, 1, 0, 0, 1), EINVAL);
	EXPECT_OK(set_ring3(s, PACKET_TX_RING, 4096, 1, 4096, 1, 0, 0, 0));
}

TEST(packet, a_fresh_block_is_open)
{
	char *ring;
	struct tpacket_block_desc *b;

	open3(SOCK_RAW, 4096, 2, LONG, 20, &ring);
	for (int i = 0; i < 2; i++) {
		b = block(ring, 4096, i);
		note("%d: %s, version %u, private at %u, first %u, length %u, number %llu", i, rx_status(b->hdr.bh1.block_status), b->version,
		     b->offset_to_priv, b->hdr.bh1.offset_to_first_pkt, b->hdr.bh1.blk_len, (unsigned long long)b->hdr.bh1.seq_num);
	}
}

TEST(packet, a_block_goes_when_it_is_full)
{
	static const int types[] = { SOCK_RAW, SOCK_DGRAM };
	int s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	for (int t = 0; t < 2; t++) {
		struct tpacket_block_desc *b;
		char *ring;
		int r = open3(types[t], 4096, 2, LONG, (unsigned)t * 13, &ring);

		b = block(ring, 4096, 0);
		for (unsigned i = 0; i < 4; i++)
			send_frame(s, 1001 + i);
		wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
		show_block(b, "full");
		EXPECT_EQ(poll_in(r), POLLIN | 0);
		b->hdr.bh1.block_status = TP_STATUS_KERNEL;
		EXPECT_EQ(poll_in(r), 0);
		b = block(ring, 4096, 1);
		for (unsigned i = 0; i < 3; i++)
			send_frame(s, 500);
		EXPECT_EQ(b->hdr.bh1.block_status, TP_STATUS_KERNEL);
		for (unsigned i = 0; i < 5; i++)
			send_frame(s, 500);
		wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
		show_block(b, "second");
		munmap(ring, 8192);
		close(r);
	}
}

TEST(packet, a_block_goes_when_its_time_is_over)
{
	struct tpacket_block_desc *b;
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 2, 20, 0, &ring);
	for (int i = 0; i < 4; i++) {
		b = block(ring, 4096, i % 2);
		send_frame(s, 20 + (size_t)i);
		EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
		wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
		show_block(b, "in time");
		b->hdr.bh1.block_status = TP_STATUS_KERNEL;
	}
	/* An empty one stays. */
	sleep_ms(100);
	EXPECT_EQ(poll_in(r), 0);
	EXPECT_EQ(block(ring, 4096, 0)->hdr.bh1.block_status, TP_STATUS_KERNEL);
}

TEST(packet, without_a_time_there_is_one)
{
	struct tpacket_block_desc *b;
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 1, 0, 0, &ring);
	b = block(ring, 4096, 0);
	send_frame(s, 20);
	wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
	show_block(b, "by default");
}

TEST(packet, the_ring_freezes_and_thaws)
{
	struct sums u = { 0, 0, 0 };
	struct tpacket_block_desc *b;
	struct tpacket_stats_v3 st;
	socklen_t n = sizeof(st);
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 2, LONG, 0, &ring);
	EXPECT_OK(getsockopt(r, SOL_PACKET, PACKET_STATISTICS, &st, &n));
	EXPECT_EQ(n, sizeof(st));
	/* Three fit in a block. */
	for (unsigned i = 0; i < 10; i++)
		send_frame(s, 1000);
	wait_packets(r, &u, 10);
	note("%u packets, %u drops, frozen %u times", u.packets, u.drops, u.freezes);
	for (int i = 0; i < 2; i++)
		note("%s, %u packets", rx_status(block(ring, 4096, i)->hdr.bh1.block_status), block(ring, 4096, i)->hdr.bh1.num_pkts);
	b = block(ring, 4096, 1);
	b->hdr.bh1.block_status = TP_STATUS_KERNEL;
	send_frame(s, 1000);
	wait_packets(r, &u, 11);
	note("%u packets, %u drops, frozen %u times", u.packets, u.drops, u.freezes);
	b = block(ring, 4096, 0);
	b->hdr.bh1.block_status = TP_STATUS_KERNEL;
	for (unsigned i = 0; i < 5; i++)
		send_frame(s, 900);
	wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
	show_block(b, "thawed");
}

TEST(packet, losses_are_told_with_a_block)
{
	struct sums u = { 0, 0, 0 };
	struct tpacket_block_desc *b;
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 1, LONG, 0, &ring);
	b = block(ring, 4096, 0);
	for (unsigned i = 0; i < 4; i++)
		send_frame(s, 1000);
	note("%s", rx_status(wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL)));
	send_frame(s, 1000);
	b->hdr.bh1.block_status = TP_STATUS_KERNEL;
	for (unsigned i = 0; i < 4; i++)
		send_frame(s, 1000);
	note("%s", rx_status(wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL)));
	wait_packets(r, &u, 9);
	note("%u packets, %u drops", u.packets, u.drops);
}

TEST(packet, frames_larger_than_a_block_are_cut)
{
	struct tpacket_block_desc *b;
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 3, LONG, 0, &ring);
	send_frame(s, 5000);
	b = block(ring, 4096, 0);
	wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
	note("%s, %u packets, %u bytes", rx_status(b->hdr.bh1.block_status), b->hdr.bh1.num_pkts, b->hdr.bh1.blk_len);
	send_frame(s, 20);
	b = block(ring, 4096, 1);
	wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
	show_block(b, "cut");
}

TEST(packet, what_a_program_writes_into_a_block_does_no_harm)
{
	struct tpacket_block_desc *b;
	struct sums u = { 0, 0, 0 };
	char *ring;
	int r, s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = open3(SOCK_RAW, 4096, 2, LONG, 0, &ring);
	send_frame(s, 100);
	send_frame(s, 100);
	wait_packets(r, &u, 2);
	b = block(ring, 4096, 0);
	b->hdr.bh1.offset_to_first_pkt = 0xffffffff;
	b->offset_to_priv = 0xffffff00;
	((struct tpacket3_hdr *)(void *)(ring + 48))->tp_next_offset = 0xfffffff0;
	for (unsigned i = 0; i < 4; i++)
		send_frame(s, 900);
	wait_word(r, &b->hdr.bh1.block_status, TP_STATUS_KERNEL);
	note("%s, %u packets", rx_status(b->hdr.bh1.block_status), b->hdr.bh1.num_pkts);
}
