/* SPDX-License-Identifier: MIT */
/*
 * TCP Fast Open as a client has it that knows no cookie: connecting and sending in one call. Servers take no data in a SYN unless
 * net.ipv4.tcp_fastopen says so.
 */
#include "inet.h"
#include <poll.h>

static void take(int l)
{
	char buf[16] = "";
	int s = accept(l, NULL, NULL), n;

	EXPECT_OK(s);
	n = (int)recv(s, buf, sizeof(buf) - 1, 0);
	note("the server has %d: %s", n, buf);
	close(s);
}

TEST(inet, fastopen_connects_and_sends)
{
	struct sockaddr_in to;
	int l, s;

	lo_up();
	l = listener("127.0.0.1", 8);
	to = in_addr("127.0.0.1", port_of(l));
	s = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(sendto(s, "hello", 5, MSG_FASTOPEN, (void *)&to, sizeof(to)), 5);
	take(l);
	note("again: %s", RESULT(sendto(s, "hello", 5, MSG_FASTOPEN, (void *)&to, sizeof(to))));
	note("without address: %s", RESULT(send(s, "hello", 5, MSG_FASTOPEN)));
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	note("nothing: %s", RESULT(sendto(s, "", 0, MSG_FASTOPEN, (void *)&to, sizeof(to))));
	EXPECT_EQ(send(s, "later", 5, 0), 5);
	take(l);
	close(s);
}

TEST(inet, fastopen_without_waiting)
{
	struct sockaddr_in to;
	struct pollfd p = { .events = POLLOUT };
	int l, how[2] = { SOCK_NONBLOCK, 0 };

	lo_up();
	l = listener("127.0.0.1", 8);
	to = in_addr("127.0.0.1", port_of(l));
	for (unsigned i = 0; i < 2; i++) {
		p.fd = socket(AF_INET, SOCK_STREAM | how[i], 0);
		note("%s", RESULT(sendto(p.fd, "hello", 5, MSG_FASTOPEN | (how[i] ? 0 : MSG_DONTWAIT), (void *)&to, sizeof(to))));
		EXPECT_EQ(poll(&p, 1, -1), 1);
		note("%d", p.revents);
		EXPECT_EQ(send(p.fd, "bye", 3, 0), 3);
		take(l);
		close(p.fd);
	}
}

TEST(inet, fastopen_refused)
{
	struct sockaddr_in to, nobody = { .sin_family = AF_UNSPEC };
	int l, s, u;

	lo_up();
	l = bound(SOCK_STREAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(l));
	s = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_ERRNO(sendto(s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&to, sizeof(to)), ECONNREFUSED);
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	note("unspecified: %s", RESULT(sendto(s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&nobody, sizeof(nobody))));
	note("short address: %s", RESULT(sendto(s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&to, 8)));
	note("no address: %s", RESULT(send(s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL)));
	EXPECT_OK(listen(l, 1));
	note("a listener: %s", RESULT(sendto(l, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&to, sizeof(to))));
	u = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(u));
	note("UDP: %s", RESULT(sendto(u, "hello", 5, MSG_FASTOPEN, (void *)&to, sizeof(to))));
}

TEST(inet, fastopen_over_ipv6)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t n = sizeof(to);
	int l, s;

	lo_up();
	l = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT_OK(bind(l, (void *)&to, sizeof(to)));
	EXPECT_OK(listen(l, 8));
	EXPECT_OK(getsockname(l, (void *)&to, &n));
	s = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT_EQ(sendto(s, "hello", 5, MSG_FASTOPEN, (void *)&to, sizeof(to)), 5);
	take(l);
}

static void show(int s, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);
	const char *r = RESULT(getsockopt(s, IPPROTO_TCP, name, &v, &n));

	note("  is: %s, %d", r, v);
}

static void set(int s, const char *what, int name, int v)
{
	note("%s %d: %s", what, v, RESULT(setsockopt(s, IPPROTO_TCP, name, &v, sizeof(v))));
	show(s, name);
}

TEST(inet, fastopen_options)
{
	int l, c, s;

	lo_up();
	l = listener("127.0.0.1", 8);
	c = connected_to(l);
	s = socket(AF_INET, SOCK_STREAM, 0);
	for (int i = -1; i < 3; i++) {
		set(l, "listener, queue", TCP_FASTOPEN, i);
		set(s, "closed, queue", TCP_FASTOPEN, i);
		set(c, "connected, queue", TCP_FASTOPEN, i);
		set(s, "closed, connect", TCP_FASTOPEN_CONNECT, i);
		set(c, "connected, connect", TCP_FASTOPEN_CONNECT, i);
	}
	set(l, "listener, queue", TCP_FASTOPEN, 100000);
}

TEST(inet, fastopen_at_connect)
{
	struct sockaddr_in to;
	int l, s, on = 1;

	lo_up();
	l = listener("127.0.0.1", 8);
	to = in_addr("127.0.0.1", port_of(l));
	s = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_OK(setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)));
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	EXPECT_EQ(send(s, "hello", 5, 0), 5);
	take(l);
	note("twice: %s", RESULT(connect(s, (void *)&to, sizeof(to))));
	show(s, TCP_FASTOPEN_CONNECT);
}

TEST(inet, fastopen_sysctl)
{
	char buf[16] = "";
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_fastopen", "r");
	struct sockaddr_in to;
	int l, s, on = 1;

	lo_up();
	REQUIRE_TRUE(f);
	note("%s", strtok(fgets(buf, sizeof(buf), f), "\n"));
	fclose(f);
	f = fopen("/proc/sys/net/ipv4/tcp_fastopen", "w");
	REQUIRE_TRUE(f);
	fputs("0", f);
	fclose(f);
	l = listener("127.0.0.1", 8);
	to = in_addr("127.0.0.1", port_of(l));
	s = socket(AF_INET, SOCK_STREAM, 0);
	note("send: %s", RESULT(sendto(s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&to, sizeof(to))));
	note("option: %s", RESULT(setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on))));
	f = fopen("/proc/sys/net/ipv4/tcp_fastopen", "w");
	REQUIRE_TRUE(f);
	fputs("1", f);
	fclose(f);
}
