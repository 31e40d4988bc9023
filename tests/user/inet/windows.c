/* SPDX-License-Identifier: MIT */
/* How much fits between a writer and a reader that does not read follows the buffers' sizes. */
#include "inet.h"

/* Bytes that a writer gets rid of, with these buffers; 0: the default. */
static size_t capacity(int rcv, int snd)
{
	static char b[4096];
	struct sockaddr_in a;
	size_t n = 0;
	ssize_t k;
	int l = bound(SOCK_STREAM, "127.0.0.1"), c, s;

	if (rcv)
		EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &rcv, sizeof(rcv)));
	EXPECT_OK(listen(l, 1));
	a = in_addr("127.0.0.1", port_of(l));
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (snd)
		EXPECT_OK(setsockopt(c, SOL_SOCKET, SO_SNDBUF, &snd, sizeof(snd)));
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	s = accept(l, NULL, NULL);
	fcntl(c, F_SETFL, O_NONBLOCK);
	while ((k = write(c, b, sizeof(b))) > 0)
		n += k;
	/* What was written is all there is. */
	EXPECT_OK(shutdown(c, SHUT_WR));
	while ((k = read(s, b, sizeof(b))) > 0)
		n -= k;
	note("left over: %zu", n);
	close(c);
	close(s);
	close(l);
	return n;
}

static size_t room(int rcv, int snd)
{
	static char b[1024];
	struct sockaddr_in a;
	size_t n = 0;
	ssize_t k;
	int l = bound(SOCK_STREAM, "127.0.0.1"), c, s;

	if (rcv)
		EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &rcv, sizeof(rcv)));
	EXPECT_OK(listen(l, 1));
	a = in_addr("127.0.0.1", port_of(l));
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (snd)
		EXPECT_OK(setsockopt(c, SOL_SOCKET, SO_SNDBUF, &snd, sizeof(snd)));
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	s = accept(l, NULL, NULL);
	fcntl(c, F_SETFL, O_NONBLOCK);
	while ((k = write(c, b, sizeof(b))) > 0)
		n += k;
	close(c);
	close(s);
	close(l);
	return n;
}

TEST(inet, small_buffers_hold_little)
{
	size_t small, large;

	lo_up();
	small = room(8192, 8192);
	large = room(200000, 200000);
	note("small %s", small > 0 && small < 100000 ? "below 100000" : "above 100000");
	note("large %s", large > 100000 ? "above 100000" : "below 100000");
}

TEST(inet, nothing_is_lost_whatever_the_buffers)
{
	lo_up();
	capacity(0, 0);
	capacity(4096, 0);
	capacity(0, 4096);
	capacity(1, 1);
}

TEST(inet, a_window_that_opens_again)
{
	static char b[65536];
	int c[2], small = 65536;
	size_t sent = 0, got = 0;
	ssize_t k;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	fcntl(c[0], F_SETFL, O_NONBLOCK);
	fcntl(c[1], F_SETFL, O_NONBLOCK);
	while (sent < 1000000 || got < sent) {
		struct pollfd p[2] = { { c[0], sent < 1000000 ? POLLOUT : 0, 0 }, { c[1], POLLIN, 0 } };

		if (poll(p, 2, 15000) <= 0)
			break;
		if (p[0].revents & POLLOUT && (k = write(c[0], b, sizeof(b))) > 0)
			sent += k;
		if (p[1].revents & POLLIN && (k = read(c[1], b, 30000)) > 0)
			got += k;
	}
	note("all that was sent came: %s", got == sent && sent >= 1000000 ? "yes" : "no");
}
