/* SPDX-License-Identifier: MIT */
/* TCP_DEFER_ACCEPT: a listener hears of a connection when there is data. */
#include "inet.h"

TEST(inet, seconds_become_attempts)
{
	static const int asked[] = { 0, 1, 2, 3, 5, 7, 8, 30, 100, -1 };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
		int v = asked[i];
		socklen_t n = sizeof(v);

		EXPECT_OK(setsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &v, sizeof(v)));
		EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &v, &n));
		note("%d: %d", asked[i], v);
	}
}

TEST(inet, data_makes_a_connection_acceptable)
{
	int l, c, s, v = 10;
	char b[8] = { 0 };

	lo_up();
	l = listener("127.0.0.1", 4);
	EXPECT_OK(fcntl(l, F_SETFL, O_NONBLOCK));
	EXPECT_OK(setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &v, sizeof(v)));
	c = connected_to(l);
	EXPECT_ERRNO(accept(l, NULL, NULL), EAGAIN);
	write_all(c, "data", 4);
	note("poll: %s", poll_text(events_of(l, POLLIN)));
	s = accept(l, NULL, NULL);
	EXPECT_EQ(recv(s, b, 8, MSG_DONTWAIT), 4);
	note("%s", b);
}
