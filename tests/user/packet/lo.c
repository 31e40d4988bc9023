/* SPDX-License-Identifier: MIT */
/* What packet sockets see on the loopback interface. */
#include "packet.h"

TEST(packet, a_frame_comes_back_as_it_was_sent)
{
	unsigned char f[64], buf[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int r, s;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), n);
	EXPECT_EQ(memcmp(f, buf, n), 0);
	EXPECT_EQ(nothing(r), EAGAIN);
	EXPECT_EQ(nothing(s), EAGAIN);
}

TEST(packet, addresses_say_whom_it_was_for)
{
	static const unsigned char first[4][6] = {
		{ 0 }, { 255, 255, 255, 255, 255, 255 }, { 1, 0, 94, 0, 0, 1 }, { 2, 0, 0, 0, 0, 9 },
	};
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int r, s;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	for (int i = 0; i < 4; i++) {
		memcpy(f, first[i], 6);
		EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
		show_frame(r, "frame");
	}
}

TEST(packet, without_a_link_header)
{
	struct sockaddr_ll to = ll_addr(PROTO);
	unsigned char buf[64];
	int r, raw, s;

	lo_up();
	r = packet_socket(SOCK_DGRAM, PROTO);
	raw = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_DGRAM, 0);
	to.sll_halen = 6;
	EXPECT_EQ(sendto(s, "hello", 5, 0, (void *)&to, sizeof(to)), 5);
	show_frame(r, "cooked");
	EXPECT_TRUE(events_of(raw, POLLIN) & POLLIN);
	EXPECT_EQ(recv(raw, buf, sizeof(buf), 0), 19);
	note("protocol on the wire %02x%02x, then '%.5s'", buf[12], buf[13], buf + 14);
}

TEST(packet, all_protocols_see_both_ways_but_not_what_they_sent)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int all, s;

	lo_up();
	all = packet_socket(SOCK_RAW, ETH_P_ALL);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(all, "first");
	show_frame(all, "second");
	EXPECT_EQ(nothing(all), EAGAIN);
	EXPECT_EQ(sendto(all, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(all, "own");
	EXPECT_EQ(nothing(all), EAGAIN);
}

TEST(packet, outgoing_ones_can_be_ignored)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int all, s, v = 1;

	lo_up();
	all = packet_socket(SOCK_RAW, ETH_P_ALL);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_OK(setsockopt(all, SOL_PACKET, 23 /* PACKET_IGNORE_OUTGOING */, &v, sizeof(v)));
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(all, "only");
	EXPECT_EQ(nothing(all), EAGAIN);
}

TEST(packet, the_stacks_packets_are_seen)
{
	struct sockaddr_in to;
	unsigned char buf[128];
	int all, ip, r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	all = packet_socket(SOCK_RAW, ETH_P_ALL);
	ip = packet_socket(SOCK_DGRAM, ETH_P_IP);
	EXPECT_EQ(sendto(s, "hello", 5, 0, (void *)&to, sizeof(to)), 5);
	show_frame(all, "out");
	EXPECT_TRUE(events_of(all, POLLIN) & POLLIN);
	EXPECT_EQ(recv(all, buf, sizeof(buf), 0), 47);
	note("%02x%02x%02x %02x%02x version %x protocol %d '%.5s'", buf[0], buf[5], buf[6], buf[12], buf[13], buf[14], buf[14 + 9], buf + 42);
	show_frame(ip, "in");
	EXPECT_EQ(nothing(all), EAGAIN);
	EXPECT_EQ(nothing(ip), EAGAIN);
}

TEST(packet, loopback_addresses_in_a_frame_are_not_believed)
{
	unsigned char f[64] = { 0 }, *ip = f + 14, *udp = f + 34;
	struct sockaddr_ll to = ll_addr(ETH_P_IP);
	unsigned sum = 0;
	char buf[8];
	struct sockaddr_in a;
	int r, s, u = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	s = packet_socket(SOCK_RAW, 0);
	f[12] = 8;
	memcpy(ip, "\x45\0\0\x1f\0\0\x40\0\x40\x11\0\0\x7f\0\0\1\x7f\0\0\1", 20);
	for (int i = 0; i < 20; i += 2)
		sum += (unsigned)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = (unsigned char)(~sum >> 8);
	ip[11] = (unsigned char)~sum;
	udp[1] = 9;
	udp[2] = (unsigned char)(port_of(r) >> 8);
	udp[3] = (unsigned char)port_of(r);
	udp[5] = 11;
	memcpy(udp + 8, "abc", 3);
	EXPECT_EQ(sendto(s, f, 45, 0, (void *)&to, sizeof(to)), 45);
	a = in_addr("127.0.0.1", port_of(r));
	EXPECT_EQ(sendto(u, "after", 5, 0, (void *)&a, sizeof(a)), 5);
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), 5);
	EXPECT_EQ(nothing(r), EAGAIN);
}

TEST(packet, lengths_in_place_of_a_protocol)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(0x20);
	size_t n = make_frame(f, 0x20, 0x20);
	int all, s, v = 1;

	lo_up();
	all = packet_socket(SOCK_RAW, ETH_P_ALL);
	setsockopt(all, SOL_PACKET, 23, &v, sizeof(v));
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(all, "802.2");
	f[14] = f[15] = 255;
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(all, "802.3");
}
