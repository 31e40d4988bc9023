/* SPDX-License-Identifier: MIT */
/* How many connections wait for accept(), and what becomes of those that find the queue full. */
#include "inet.h"

static int start(int l)
{
	struct sockaddr_in a = in_addr("127.0.0.1", port_of(l));
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (connect(s, (void *)&a, sizeof(a)) && errno != EINPROGRESS)
		fail("connect: %s", errno_name(errno));
	return s;
}

static int connected(int s, int ms)
{
	struct pollfd p = { s, POLLOUT, 0 };

	return poll(&p, 1, ms) == 1 && p.revents & POLLOUT && so_error(s) == 0;
}

TEST(inet, one_more_than_the_backlog_waits)
{
	static const int backlogs[] = { 0, 1, 3 };

	lo_up();
	for (unsigned k = 0; k < ARRAY_SIZE(backlogs); k++) {
		int l = listener("127.0.0.1", backlogs[k]), s[8], n = 0;

		for (int i = 0; i < 8; i++) {
			s[i] = start(l);
			n += connected(s[i], 100);
		}
		note("backlog %d: %d connected", backlogs[k], n);
		for (int i = 0; i < 8; i++)
			close(s[i]);
		close(l);
	}
}

TEST(inet, who_waits_gets_in_when_there_is_room)
{
	int l, a, b;

	lo_up();
	l = listener("127.0.0.1", 0);
	a = start(l);
	b = start(l);
	note("first: %d, second: %d", connected(a, 1000), connected(b, 100));
	EXPECT_EQ(accept(l, NULL, NULL) >= 0, 1);
	note("second: %d", connected(b, 15000));	/* it asks again after a second */
	EXPECT_EQ(accept(l, NULL, NULL) >= 0, 1);
}

TEST(inet, a_large_backlog_holds_as_many)
{
	static int s[600];
	int l, n = 0, lim = 0, a;

	lo_up();
	l = bound(SOCK_STREAM, "127.0.0.1");
	EXPECT_OK(listen(l, 4096));
	for (lim = 0; lim < 600; lim++) {
		s[lim] = connected_to(l);
		if (s[lim] < 0)
			break;
	}
	EXPECT_OK(fcntl(l, F_SETFL, O_NONBLOCK));
	while ((a = accept(l, NULL, NULL)) >= 0) {
		close(a);
		close(s[n]);
		n++;
	}
	note("connected %d, accepted %d", lim, n);
}
