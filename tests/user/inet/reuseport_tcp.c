/* SPDX-License-Identifier: MIT */
/* SO_REUSEPORT spreads connections over the listeners that share a port. How many each gets is not the contract, that each gets some is. */
#include "inet.h"

static int shared(int port)
{
	struct sockaddr_in a = in_addr("127.0.0.1", port);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	EXPECT_OK(listen(s, 256));
	return s;
}

static int take_all(int l)
{
	int n = 0, s;

	while ((s = accept(l, NULL, NULL)) >= 0) {
		close(s);
		n++;
	}
	return n;
}

TEST(inet, each_of_four_listeners_gets_connections)
{
	int l[4], c[200], got[4], sum = 0;

	lo_up();
	l[0] = shared(0);
	for (int i = 1; i < 4; i++)
		l[i] = shared(port_of(l[0]));
	for (int i = 0; i < 200; i++)
		c[i] = connected_to(l[0]);
	for (int i = 0; i < 4; i++) {
		got[i] = take_all(l[i]);
		sum += got[i];
		note("listener %d: %s", i, got[i] > 0 && got[i] < 200 ? "some" : got[i] ? "all" : "none");
	}
	note("together: %d", sum);
	for (int i = 0; i < 200; i++)
		close(c[i]);
}

TEST(inet, a_listener_that_ends_leaves_the_others)
{
	int l[2], c[40];

	lo_up();
	l[0] = shared(0);
	l[1] = shared(port_of(l[0]));
	EXPECT_OK(close(l[1]));
	for (int i = 0; i < 40; i++)
		c[i] = connected_to(l[0]);
	note("the one left: %d", take_all(l[0]));
	for (int i = 0; i < 40; i++)
		close(c[i]);
}
