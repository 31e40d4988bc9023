/* SPDX-License-Identifier: MIT */
/* SO_REUSEPORT spreads datagrams by their sender: one sender is always heard by the same socket, many senders by all. */
#include "inet.h"

static int shared(int port)
{
	struct sockaddr_in a = in_addr("127.0.0.1", port);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), one = 1;

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	return s;
}

static int drain(int s)
{
	char b[8];
	int n = 0;

	while (recv(s, b, sizeof(b), 0) >= 0)
		n++;
	return n;
}

TEST(inet, one_sender_is_heard_by_one)
{
	struct sockaddr_in a;
	int r[2], s, n[2];

	lo_up();
	r[0] = shared(0);
	r[1] = shared(port_of(r[0]));
	a = in_addr("127.0.0.1", port_of(r[0]));
	s = bound(SOCK_DGRAM, "127.0.0.1");
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	n[0] = drain(r[0]);
	n[1] = drain(r[1]);
	note("together %d, %s", n[0] + n[1], n[0] == 0 || n[1] == 0 ? "all to one" : "spread");
}

TEST(inet, many_senders_are_heard_by_all)
{
	struct sockaddr_in a;
	int r[2], n[2];

	lo_up();
	r[0] = shared(0);
	r[1] = shared(port_of(r[0]));
	a = in_addr("127.0.0.1", port_of(r[0]));
	for (int i = 0; i < 100; i++) {
		int s = bound(SOCK_DGRAM, "127.0.0.1");

		EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&a, sizeof(a)), 1);
		close(s);
	}
	n[0] = drain(r[0]);
	n[1] = drain(r[1]);
	note("together %d, first %s, second %s", n[0] + n[1], n[0] ? "some" : "none", n[1] ? "some" : "none");
}

TEST(inet, a_connected_socket_comes_first)
{
	struct sockaddr_in a, b;
	int r[2], s, n[2];

	lo_up();
	r[0] = shared(0);
	r[1] = shared(port_of(r[0]));
	s = bound(SOCK_DGRAM, "127.0.0.1");
	a = in_addr("127.0.0.1", port_of(r[0]));
	b = in_addr("127.0.0.1", port_of(s));
	EXPECT_OK(connect(r[1], (void *)&b, sizeof(b)));
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	n[0] = drain(r[0]);
	n[1] = drain(r[1]);
	note("unconnected %d, connected %d", n[0], n[1]);
}
