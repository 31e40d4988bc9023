/* SPDX-License-Identifier: MIT */
/* SO_KEEPALIVE: a living peer keeps the connection, whatever the times. */
#include "inet.h"

TEST(inet, a_living_peer_answers_the_probes)
{
	int c[2], one = 1;
	struct pollfd p;
	char b;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one)));
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof(one)));
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_KEEPCNT, &one, sizeof(one)));
	EXPECT_OK(setsockopt(c[0], SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
	p = (struct pollfd){ c[0], POLLIN, 0 };
	note("after some seconds: %d", poll(&p, 1, 4500));
	write_all(c[1], "x", 1);
	EXPECT_EQ(read(c[0], &b, 1), 1);
	write_all(c[0], "y", 1);
	EXPECT_EQ(read(c[1], &b, 1), 1);
}

TEST(inet, the_option_itself)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), v = -1;
	socklen_t n = sizeof(v);

	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, &n));
	note("%d", v);
	v = 5;
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, sizeof(v)));
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, &n));
	note("%d", v);
}
