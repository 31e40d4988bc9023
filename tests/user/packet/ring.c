/* SPDX-License-Identifier: MIT */
/* PACKET_RX_RING, versions 1 and 2: requests, mapping, frames. Statuses are waited for; times are only compared with the clock. */
#include "ring.h"

TEST(packet, versions_have_headers)
{
	int s = packet_socket(SOCK_RAW, PROTO), v;
	const char *got;
	socklen_t n;

	for (int i = -1; i < 4; i++) {
		v = i;
		n = sizeof(v);
		got = RESULT(getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n));
		note("header of version %d: %s, %d", i + 1, got, i < 0 || i > 2 ? 0 : v);
		n = 3;
		EXPECT_ERRNO(getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n), EINVAL);
	}
	v = 1;
	n = 100;
	EXPECT_OK(getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n));
	note("%d, %d bytes", v, (int)n);
	note("version %d, reserve %d, loss %d, offsets %d", get_opt(s, PACKET_VERSION), get_opt(s, PACKET_RESERVE), get_opt(s, PACKET_LOSS),
	     get_opt(s, PACKET_TX_HAS_OFF));
	for (int i = -1; i < 4; i++)
		note("set version %d: %s", i + 1, RESULT(set_opt(s, PACKET_VERSION, i)));
	note("reserve -1: %s", RESULT(set_opt(s, PACKET_RESERVE, -1)));
	note("reserve 1000: %s", RESULT(set_opt(s, PACKET_RESERVE, 1000)));
	note("%d", get_opt(s, PACKET_RESERVE));
	EXPECT_OK(set_opt(s, PACKET_TX_HAS_OFF, 5));
	note("offsets %d", get_opt(s, PACKET_TX_HAS_OFF));
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, 8), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_RESERVE, &v, 8), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_TX_HAS_OFF, &v, 8), EINVAL);
}

TEST(packet, requests_that_do_not_add_up)
{
	static const unsigned bad[][4] = {
		{ 4096, 1, 2048, 1 }, { 4096, 1, 2048, 3 }, { 4095, 1, 1024, 3 }, { 0, 1, 1024, 4 }, { 4096, 0, 1024, 4 }, { 0, 0, 0, 1 },
		{ 4096, 1, 16, 256 }, { 4096, 1, 1000, 4 }, { 4096, 1, 8192, 0 }, { 0x80000000, 1, 4096, 0x80000 }, { 4096, 1, 48, 85 },
		{ 4096, 1, 0, 0 }, { 4096, 0x40000000, 64, 0 }, { 4096, 1, 64, 64 }, { 4096, 0, 0, 0 },
	};
	struct tpacket_req r = { 4096, 1, 4096, 1 };

	for (int v = 0; v < 3; v++) {
		int s = packet_socket(SOCK_RAW, PROTO);

		EXPECT_OK(set_opt(s, PACKET_VERSION, v));
		for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
			note("%d: %u x %u in frames %u x %u: %s", v + 1, bad[i][1], bad[i][0], bad[i][3], bad[i][2],
			     RESULT(set_ring3(s, PACKET_RX_RING, bad[i][0], bad[i][1], bad[i][2], bad[i][3], 0, 0, 0)));
		EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r) - 1), EINVAL);
		note("%d: short request: %s", v + 1, RESULT(setsockopt(s, SOL_PACKET, PACKET_TX_RING, &r, sizeof(r))));
		EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_RX_RING, NULL, sizeof(struct tpacket_req3)), EINVAL);
		close(s);
	}
}

TEST(packet, reserve_counts_in_the_least_frame)
{
	int s = packet_socket(SOCK_RAW, PROTO);

	EXPECT_OK(set_opt(s, PACKET_RESERVE, 100));
	EXPECT_ERRNO(set_ring(s, PACKET_RX_RING, 4096, 1, 64, 64), EINVAL);
	EXPECT_ERRNO(set_ring(s, PACKET_RX_RING, 4096, 1, 144, 28), EINVAL);
	EXPECT_OK(set_ring(s, PACKET_RX_RING, 4096, 1, 160, 25));
}

TEST(packet, a_ring_is_there_once)
{
	int s = packet_socket(SOCK_RAW, PROTO);

	EXPECT_OK(set_ring(s, PACKET_RX_RING, 4096, 2, 1024, 8));
	EXPECT_ERRNO(set_ring(s, PACKET_RX_RING, 4096, 1, 1024, 4), EBUSY);
	EXPECT_ERRNO(set_opt(s, PACKET_VERSION, TPACKET_V2), EBUSY);
	EXPECT_ERRNO(set_opt(s, PACKET_RESERVE, 1), EBUSY);
	EXPECT_ERRNO(set_opt(s, PACKET_LOSS, 1), EBUSY);
	EXPECT_OK(set_opt(s, PACKET_TX_HAS_OFF, 1));
	EXPECT_EQ(get_opt(s, PACKET_TX_HAS_OFF), 0);
	EXPECT_OK(set_ring(s, PACKET_TX_RING, 4096, 1, 1024, 4));
	EXPECT_OK(set_ring(s, PACKET_RX_RING, 0, 0, 0, 0));
	EXPECT_ERRNO(set_opt(s, PACKET_VERSION, TPACKET_V2), EBUSY);
	EXPECT_OK(set_ring(s, PACKET_TX_RING, 0, 0, 0, 0));
	EXPECT_OK(set_ring(s, PACKET_TX_RING, 0, 0, 0, 0));
	EXPECT_OK(set_opt(s, PACKET_VERSION, TPACKET_V2));
	EXPECT_OK(set_ring(s, PACKET_RX_RING, 4096, 1, 1024, 4));
}

TEST(packet, mapping_is_of_the_whole)
{
	int s = packet_socket(SOCK_RAW, PROTO), u = socket(AF_INET, SOCK_DGRAM, 0);
	char *p;

	EXPECT_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0), EINVAL);
	EXPECT_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, u, 0), ENODEV);
	REQUIRE_OK(set_ring(s, PACKET_RX_RING, 8192, 2, 1024, 16));
	EXPECT_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0), EINVAL);
	EXPECT_ERRNO((long)mmap(NULL, 16384, PROT_READ, MAP_SHARED, s, 4096), EINVAL);
	EXPECT_ERRNO((long)mmap(NULL, 20480, PROT_READ, MAP_SHARED, s, 0), EINVAL);
	p = map_ring(s, 16384);
	for (int i = 0; i < 16384; i++)
		if (p[i]) {
			fail("not zero at %d", i);
			break;
		}
	EXPECT_ERRNO(set_ring(s, PACKET_RX_RING, 0, 0, 0, 0), EBUSY);
	EXPECT_ERRNO(set_ring(s, PACKET_TX_RING, 4096, 1, 1024, 4), EBUSY);
	/* Each piece counts. */
	EXPECT_OK(munmap(p, 8192));
	EXPECT_ERRNO(set_ring(s, PACKET_RX_RING, 0, 0, 0, 0), EBUSY);
	EXPECT_OK(munmap(p + 8192, 8192));
	EXPECT_OK(set_ring(s, PACKET_TX_RING, 4096, 1, 1024, 4));
	p = map_ring(s, 20480);
	memset(p, 7, 20480);
	EXPECT_OK(munmap(p, 20480));
	EXPECT_OK(set_ring(s, PACKET_RX_RING, 0, 0, 0, 0));
	p = map_ring(s, 4096);
	EXPECT_EQ(p[0], 7);
}

static void show1(const char *f)
{
	const struct tpacket_hdr *h = (const void *)f;
	time_t now = time(NULL);

	note("1: %s, len %u, snaplen %u, mac %u, net %u; %s; '%.4s'", rx_status((unsigned)h->tp_status), h->tp_len, h->tp_snaplen, h->tp_mac,
	     h->tp_net, sll_text(f + TPACKET_ALIGN(sizeof(*h))), f + h->tp_net);
	EXPECT_TRUE(h->tp_sec <= now && h->tp_sec + 60 > now && h->tp_usec < 1000000);
}

static void show2(const char *f)
{
	const struct tpacket2_hdr *h = (const void *)f;
	time_t now = time(NULL);

	note("2: %s, len %u, snaplen %u, mac %u, net %u, vlan %u %u; %s; '%.4s'", rx_status(h->tp_status), h->tp_len, h->tp_snaplen, h->tp_mac,
	     h->tp_net, h->tp_vlan_tci, h->tp_vlan_tpid, sll_text(f + TPACKET_ALIGN(sizeof(*h))), f + h->tp_net);
	EXPECT_TRUE(h->tp_sec <= now && h->tp_sec + 60 > now && h->tp_nsec < 1000000000);
}

TEST(packet, frames_come_into_the_ring)
{
	static const int types[] = { SOCK_RAW, SOCK_DGRAM };
	int s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	for (int t = 0; t < 2; t++)
		for (int v = 0; v < 2; v++) {
			char *ring;
			int r = ring_socket(types[t], v, 2, 1024, &ring);

			EXPECT_EQ(poll_in(r), 0);
			send_frame(s, 20);
			EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
			wait_word(r, ring, TP_STATUS_KERNEL);
			if (v)
				show2(ring);
			else
				show1(ring);
			send_frame(s, 30);
			wait_word(r, ring + 1024, TP_STATUS_KERNEL);
			if (v)
				show2(ring + 1024);
			else
				show1(ring + 1024);
			/* Nothing is left for recv(2); the last frame decides about poll(2). */
			EXPECT_EQ(nothing(r), EAGAIN);
			*(volatile unsigned *)(void *)ring = TP_STATUS_KERNEL;
			EXPECT_EQ(poll_in(r), POLLIN);
			*(volatile unsigned *)(void *)(ring + 1024) = TP_STATUS_KERNEL;
			EXPECT_EQ(poll_in(r), 0);
			munmap(ring, 2 * BLOCK);
			close(r);
		}
}

TEST(packet, room_in_front_is_reserved)
{
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = packet_socket(SOCK_RAW, PROTO);
	EXPECT_OK(set_opt(r, PACKET_VERSION, TPACKET_V2));
	EXPECT_OK(set_opt(r, PACKET_RESERVE, 7));
	REQUIRE_OK(set_ring(r, PACKET_RX_RING, BLOCK, 1, 2048, 2));
	ring = map_ring(r, BLOCK);
	send_frame(s, 20);
	wait_word(r, ring, TP_STATUS_KERNEL);
	show2(ring);
}

TEST(packet, what_does_not_fit_is_cut_or_kept_aside)
{
	static char buf[4096];
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = ring_socket(SOCK_RAW, TPACKET_V2, 1, 512, &ring);
	send_frame(s, 1000);
	wait_word(r, ring, TP_STATUS_KERNEL);
	show2(ring);
	EXPECT_EQ(nothing(r), EAGAIN);
	EXPECT_OK(set_opt(r, PACKET_COPY_THRESH, 1));
	send_frame(s, 1000);
	wait_word(r, ring + 512, TP_STATUS_KERNEL);
	show2(ring + 512);
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), 1014);
	EXPECT_EQ(nothing(r), EAGAIN);
	/* A filter's cut is none of that. */
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_RET | BPF_K, 30)));
	send_frame(s, 1000);
	wait_word(r, ring + 1024, TP_STATUS_KERNEL);
	show2(ring + 1024);
	EXPECT_EQ(nothing(r), EAGAIN);
}

TEST(packet, frames_without_room_for_data)
{
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = ring_socket(SOCK_RAW, TPACKET_V2, 1, 64, &ring);
	send_frame(s, 20);
	wait_word(r, ring, TP_STATUS_KERNEL);
	note("%s, len %u, snaplen %u, mac %u, net %u", rx_status(((struct tpacket2_hdr *)(void *)ring)->tp_status),
	     ((struct tpacket2_hdr *)(void *)ring)->tp_len, ((struct tpacket2_hdr *)(void *)ring)->tp_snaplen,
	     ((struct tpacket2_hdr *)(void *)ring)->tp_mac, ((struct tpacket2_hdr *)(void *)ring)->tp_net);
	EXPECT_EQ(((struct tpacket2_hdr *)(void *)(ring + 64))->tp_status, 0);
}

TEST(packet, a_full_ring_loses_frames_and_says_so)
{
	struct sums u = { 0, 0, 0 };
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = ring_socket(SOCK_RAW, TPACKET_V2, 1, 1024, &ring);
	for (int i = 0; i < 10; i++)
		send_frame(s, 20 + (size_t)i);
	for (int i = 0; i < 4; i++)
		wait_word(r, ring + 1024 * i, TP_STATUS_KERNEL);
	wait_packets(r, &u, 10);
	note("%u packets, %u drops", u.packets, u.drops);
	for (int i = 0; i < 4; i++) {
		struct tpacket2_hdr *h = (void *)(ring + 1024 * i);

		note("%d: %s, len %u", i, rx_status(h->tp_status), h->tp_len);
	}
	/* It goes on where it stopped, not where there is room. */
	((struct tpacket2_hdr *)(void *)(ring + 1024))->tp_status = TP_STATUS_KERNEL;
	send_frame(s, 40);
	wait_packets(r, &u, 11);
	note("%u packets, %u drops", u.packets, u.drops);
	((struct tpacket2_hdr *)(void *)ring)->tp_status = TP_STATUS_KERNEL;
	send_frame(s, 50);
	note("%s", rx_status(wait_word(r, ring, TP_STATUS_KERNEL)));
	send_frame(s, 51);
	note("%s", rx_status(wait_word(r, ring + 1024, TP_STATUS_KERNEL)));
	/* Losses are told with each frame until somebody has asked for the numbers. */
	send_frame(s, 52);
	((struct tpacket2_hdr *)(void *)(ring + 2048))->tp_status = TP_STATUS_KERNEL;
	((struct tpacket2_hdr *)(void *)(ring + 3072))->tp_status = TP_STATUS_KERNEL;
	send_frame(s, 53);
	note("%s", rx_status(wait_word(r, ring + 2048, TP_STATUS_KERNEL)));
	add_stats(r, &u);
	send_frame(s, 54);
	note("%s", rx_status(wait_word(r, ring + 3072, TP_STATUS_KERNEL)));
}

TEST(packet, a_ring_takes_what_waited)
{
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = packet_socket(SOCK_RAW, PROTO);
	send_frame(s, 20);
	EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
	REQUIRE_OK(set_ring(r, PACKET_RX_RING, BLOCK, 1, 2048, 2));
	EXPECT_EQ(nothing(r), EAGAIN);
	EXPECT_EQ(poll_in(r), 0);
	ring = map_ring(r, BLOCK);
	send_frame(s, 20);
	wait_word(r, ring, TP_STATUS_KERNEL);
	munmap(ring, BLOCK);
	EXPECT_OK(set_ring(r, PACKET_RX_RING, 0, 0, 0, 0));
	EXPECT_EQ(poll_in(r), 0);
	send_frame(s, 20);
	EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
	show_frame(r, "as ever");
}

TEST(packet, memory_outlives_the_descriptor)
{
	pid_t pid;
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = ring_socket(SOCK_RAW, TPACKET_V2, 1, 2048, &ring);
	close(r);
	send_frame(s, 20);
	wait_word(-1, ring, TP_STATUS_KERNEL);
	show2(ring);
	CHILD(pid) {
		send_frame(s, 30);
		wait_word(-1, ring + 2048, TP_STATUS_KERNEL);
		show2(ring + 2048);
		*(volatile unsigned *)(void *)ring = TP_STATUS_KERNEL;
	}
	EXPECT_CHILD_OK(pid);
	send_frame(s, 40);
	wait_word(-1, ring, TP_STATUS_KERNEL);
	show2(ring);
	munmap(ring, BLOCK);
}

TEST(packet, a_waiter_is_woken)
{
	struct pollfd p;
	pid_t pid;
	int r, s;
	char *ring;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = ring_socket(SOCK_RAW, TPACKET_V1, 1, 2048, &ring);
	p = (struct pollfd){ r, POLLIN, 0 };
	CHILD(pid) {
		EXPECT_EQ(poll(&p, 1, 20000), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_state(pid, 'S');
	send_frame(s, 20);
	EXPECT_CHILD_OK(pid);
}
