/* SPDX-License-Identifier: MIT */
/* What epoll says of a TCP socket, level and edge triggered, from connecting to the end. */
#include "inet.h"

static int watch(int s, uint32_t events)
{
	struct epoll_event e = { .events = events };
	int ep = epoll_create1(0);

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, s, &e));
	return ep;
}

static const char *got(int ep, int ms)
{
	static char text[64];
	struct epoll_event e;
	static const struct { uint32_t bit; const char *name; } names[] = {
		{ EPOLLIN, "IN" }, { EPOLLOUT, "OUT" }, { EPOLLERR, "ERR" }, { EPOLLHUP, "HUP" }, { EPOLLRDHUP, "RDHUP" }, { EPOLLPRI, "PRI" },
	};

	text[0] = 0;
	if (epoll_wait(ep, &e, 1, ms) != 1)
		return "nothing";
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (e.events & names[i].bit) {
			strcat(text, text[0] ? "|" : "");
			strcat(text, names[i].name);
		}
	return text;
}

TEST(inet, edges_of_incoming_data)
{
	int c[2], ep;
	char b[8];

	lo_up();
	tcp_pair(c);
	ep = watch(c[1], EPOLLIN | EPOLLET);
	note("at first: %s", got(ep, 0));
	write_all(c[0], "a", 1);
	note("data: %s", got(ep, 10000));
	note("again: %s", got(ep, 0));
	write_all(c[0], "b", 1);
	note("more: %s", got(ep, 10000));
	EXPECT_EQ(recv(c[1], b, 8, 0), 2);
	note("read: %s", got(ep, 0));
}

TEST(inet, edges_of_the_end)
{
	int c[2], ep;

	lo_up();
	tcp_pair(c);
	ep = watch(c[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	note("half: %s", got(ep, 10000));
	note("again: %s", got(ep, 0));
	EXPECT_OK(shutdown(c[1], SHUT_WR));
	note("whole: %s", got(ep, 10000));
}

TEST(inet, levels_stay)
{
	int c[2], ep;
	char b[8];

	lo_up();
	tcp_pair(c);
	ep = watch(c[1], EPOLLIN);
	write_all(c[0], "a", 1);
	note("data: %s", got(ep, 10000));
	note("again: %s", got(ep, 0));
	EXPECT_EQ(recv(c[1], b, 8, 0), 1);
	note("read: %s", got(ep, 0));
}

TEST(inet, a_listener_is_readable_when_somebody_waits)
{
	int l, ep, c;

	lo_up();
	l = listener("127.0.0.1", 4);
	ep = watch(l, EPOLLIN | EPOLLET);
	note("at first: %s", got(ep, 0));
	c = connected_to(l);
	note("one: %s", got(ep, 10000));
	note("again: %s", got(ep, 0));
	close(c);
}

TEST(inet, a_reset)
{
	struct linger g = { 1, 0 };
	int c[2], ep;

	lo_up();
	tcp_pair(c);
	ep = watch(c[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	EXPECT_OK(setsockopt(c[0], SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	EXPECT_OK(close(c[0]));
	note("%s", got(ep, 10000));
}

TEST(inet, room_to_write_comes_back)
{
	static char b[65536];
	int c[2], ep;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(fcntl(c[0], F_SETFL, O_NONBLOCK));
	EXPECT_OK(fcntl(c[1], F_SETFL, O_NONBLOCK));
	while (write(c[0], b, sizeof(b)) > 0)
		;
	ep = watch(c[0], EPOLLOUT | EPOLLET);
	note("full: %s", got(ep, 0));
	for (int i = 0; i < 1000; i++) {
		while (read(c[1], b, sizeof(b)) > 0)
			;
		if (strcmp(got(ep, 20), "nothing"))
			break;
	}
	note("room again: %s", write(c[0], b, 1) == 1 ? "yes" : "no");
}
