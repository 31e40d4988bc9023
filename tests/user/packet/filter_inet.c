/* SPDX-License-Identifier: MIT */
/* Filters on internet sockets: where byte 0 is, what is cut, what is dropped. */
#include "packet.h"

static int udp_pair(int p[2])
{
	struct sockaddr_in a;

	lo_up();
	p[1] = bound(SOCK_DGRAM, "127.0.0.1");
	p[0] = socket(AF_INET, SOCK_DGRAM, 0);
	a = in_addr("127.0.0.1", port_of(p[1]));
	return connect(p[0], (void *)&a, sizeof(a));
}

TEST(packet, udp_programs_start_at_the_udp_header)
{
	int p[2];

	REQUIRE_OK(udp_pair(p));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 12, 0, 3),
			 BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'g', 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 65535), BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(through(p[0], p[1], "good", 4), 4);
	EXPECT_EQ(through(p[0], p[1], "evil", 4), -EAGAIN);
	EXPECT_EQ(through(p[0], p[1], "goods", 5), -EAGAIN);
}

TEST(packet, udp_is_cut_but_not_its_header)
{
	static const unsigned keep[] = { 1, 8, 9, 12, 13, 100 };
	int p[2];

	REQUIRE_OK(udp_pair(p));
	for (unsigned i = 0; i < ARRAY_SIZE(keep); i++) {
		struct sock_filter f = BPF_STMT(BPF_RET | BPF_K, keep[i]);

		EXPECT_OK(attach(p[1], &f, 1));
		note("keep %u: %d", keep[i], through(p[0], p[1], "abcd", 4));
	}
}

TEST(packet, udp_sees_the_ip_header_from_the_network_offset)
{
	int p[2];

	REQUIRE_OK(udp_pair(p));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_NET_OFF), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 0, 3),
			 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_NET_OFF + 16),
			 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7f000001, 0, 1), BPF_STMT(BPF_RET | BPF_K, 9),
			 BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(through(p[0], p[1], "abcd", 4), 1);
}

TEST(packet, each_socket_of_a_group_sees_the_ip_header)
{
	struct sockaddr_in a;
	int s, r[3], on = 1;

	lo_up();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)));
	a = in_addr("0.0.0.0", 0);
	for (unsigned i = 0; i < ARRAY_SIZE(r); i++) {
		r[i] = socket(AF_INET, SOCK_DGRAM, 0);
		EXPECT_OK(setsockopt(r[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
		EXPECT_OK(bind(r[i], (void *)&a, sizeof(a)));
		a.sin_port = htons(port_of(r[0]));
		EXPECT_OK(ATTACH(r[i], BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_NET_OFF + 16),
				 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7fffffff, 0, 3), BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
				 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'a', 0, 1), BPF_STMT(BPF_RET | BPF_K, 11),
				 BPF_STMT(BPF_RET | BPF_K, 0)));
	}
	a = in_addr("127.255.255.255", port_of(r[0]));
	EXPECT_EQ(sendto(s, "abcdef", 6, 0, (void *)&a, sizeof(a)), 6);
	EXPECT_EQ(sendto(s, "bcdefa", 6, 0, (void *)&a, sizeof(a)), 6);
	for (unsigned i = 0; i < ARRAY_SIZE(r); i++) {
		char buf[8];

		note("%d", (int)recv(r[i], buf, sizeof(buf), 0));
		EXPECT_ERRNO(recv(r[i], buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	}
}

TEST(packet, udp_over_ipv6)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t n = sizeof(a);
	int p[2];

	lo_up();
	p[0] = socket(AF_INET6, SOCK_DGRAM, 0);
	p[1] = socket(AF_INET6, SOCK_DGRAM, 0);
	EXPECT_OK(bind(p[1], (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(p[1], (void *)&a, &n));
	EXPECT_OK(connect(p[0], (void *)&a, sizeof(a)));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_PROTOCOL),
			 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x86dd, 0, 3), BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
			 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'b', 0, 1), BPF_STMT(BPF_RET | BPF_K, 10), BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(through(p[0], p[1], "abcd", 4), 2);
	EXPECT_EQ(through(p[0], p[1], "axcd", 4), -EAGAIN);
}

TEST(packet, udp_knows_its_interface_and_kind)
{
	int p[2];

	REQUIRE_OK(udp_pair(p));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_IFINDEX),
			 BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 8), BPF_STMT(BPF_RET | BPF_A, 0)));
	EXPECT_EQ(through(p[0], p[1], "abcd", 4), (int)if_nametoindex("lo"));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_HATYPE),
			 BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 772 - 9), BPF_STMT(BPF_RET | BPF_A, 0)));
	EXPECT_EQ(through(p[0], p[1], "abcd", 4), 1);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_PKTTYPE),
			 BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 10), BPF_STMT(BPF_RET | BPF_A, 0)));
	EXPECT_EQ(through(p[0], p[1], "abcd", 4), 2);
}

TEST(packet, raw_programs_start_at_the_ip_header)
{
	struct sockaddr_in to = in_addr("127.0.0.1", 0);
	char buf[64];
	int r, s;

	lo_up();
	r = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, 253);
	s = socket(AF_INET, SOCK_RAW, 253);
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 253, 0, 3),
			 BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'a', 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 22), BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(sendto(s, "abcd", 4, 0, (void *)&to, sizeof(to)), 4);
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), 22);
	EXPECT_EQ(sendto(s, "xbcd", 4, 0, (void *)&to, sizeof(to)), 4);
	EXPECT_EQ(nothing(r), EAGAIN);
}

TEST(packet, a_listener_that_drops_is_not_there)
{
	struct sockaddr_in to;
	int l, c, n = 1;

	lo_up();
	l = listener("127.0.0.1", 5);
	EXPECT_OK(ATTACH(l, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 65535)));
	to = in_addr("127.0.0.1", port_of(l));
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(c, IPPROTO_TCP, TCP_SYNCNT, &n, sizeof(n));
	EXPECT_ERRNO(connect(c, (void *)&to, sizeof(to)), EINPROGRESS);
	fcntl(l, F_SETFL, O_NONBLOCK);
	EXPECT_ERRNO(accept(l, NULL, NULL), EAGAIN);
	/* The next SYN comes through. */
	EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_DETACH_FILTER, &n, sizeof(n)));
	EXPECT_TRUE(events_of(c, POLLOUT) & POLLOUT);
	EXPECT_EQ(so_error(c), 0);
}

TEST(packet, tcp_programs_start_at_the_tcp_header)
{
	char buf[16];
	int c[2];

	lo_up();
	tcp_pair(c);
	/* The payload's first byte, behind the header with its options. */
	EXPECT_OK(ATTACH(c[1], BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
			 BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2), BPF_STMT(BPF_MISC | BPF_TAX, 0),
			 BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 3),
			 BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'b', 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 65535)));
	EXPECT_EQ(send(c[0], "abc", 3, 0), 3);
	EXPECT_EQ(recv(c[1], buf, sizeof(buf), 0), 3);
	EXPECT_EQ(send(c[0], "bcd", 3, 0), 3);
	EXPECT_EQ(nothing(c[1]), EAGAIN);
	/* It is sent again. */
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_DETACH_FILTER, buf, sizeof(int)));
	EXPECT_EQ(recv(c[1], buf, 3, MSG_WAITALL), 3);
	EXPECT_EQ(buf[0], 'b');
}
