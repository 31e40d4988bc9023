/* SPDX-License-Identifier: MIT */
/* Who may share a TCP port: SO_REUSEADDR, SO_REUSEPORT, TIME_WAIT, both families. Ports are never printed. */
#include "inet.h"

static int bind_with(int option, const char *ip, int port)
{
	struct sockaddr_in a = in_addr(ip, port);
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (option)
		setsockopt(s, SOL_SOCKET, option, &one, sizeof(one));
	if (!bind(s, (void *)&a, sizeof(a)))
		return s;
	close(s);
	return -errno;
}

static const char *result(int s) { return s < 0 ? errno_name(-s) : "bound"; }

TEST(inet, two_bound_sockets_need_reuseaddr_on_both)
{
	int a, b;

	lo_up();
	a = bind_with(0, "127.0.0.1", 0);
	note("neither: %s", result(bind_with(0, "127.0.0.1", port_of(a))));
	note("one: %s", result(bind_with(SO_REUSEADDR, "127.0.0.1", port_of(a))));
	note("another address: %s", result(bind_with(0, "127.0.0.2", port_of(a))));
	note("all addresses: %s", result(bind_with(0, "0.0.0.0", port_of(a))));
	a = bind_with(SO_REUSEADDR, "127.0.0.1", 0);
	b = bind_with(SO_REUSEADDR, "127.0.0.1", port_of(a));
	note("both: %s", result(b));
	EXPECT_OK(listen(a, 1));
	EXPECT_ERRNO(listen(b, 1), EADDRINUSE);
	note("beside a listener: %s", result(bind_with(SO_REUSEADDR, "127.0.0.1", port_of(a))));
}

TEST(inet, reuseport_is_for_those_who_all_ask_for_it)
{
	int a, b;

	lo_up();
	a = bind_with(SO_REUSEPORT, "127.0.0.1", 0);
	b = bind_with(SO_REUSEPORT, "127.0.0.1", port_of(a));
	note("both: %s", result(b));
	note("without: %s", result(bind_with(0, "127.0.0.1", port_of(a))));
	note("reuseaddr only: %s", result(bind_with(SO_REUSEADDR, "127.0.0.1", port_of(a))));
	EXPECT_OK(listen(a, 1));
	EXPECT_OK(listen(b, 1));
	note("beside listeners: %s", result(bind_with(SO_REUSEPORT, "127.0.0.1", port_of(a))));
}

TEST(inet, reuseport_is_for_one_user)
{
	int a;

	lo_up();
	a = bind_with(SO_REUSEPORT, "127.0.0.1", 0);
	pid_t pid;

	CHILD(pid) {
		REQUIRE_OK(setuid(1234));
		note("another user: %s", result(bind_with(SO_REUSEPORT, "127.0.0.1", port_of(a))));
	}
	note("%s", status_name(reap(pid)));
}

TEST(inet, a_connection_keeps_its_port)
{
	int l, c, s, port;

	lo_up();
	l = bind_with(SO_REUSEADDR, "127.0.0.1", 0);
	port = port_of(l);
	EXPECT_OK(listen(l, 1));
	c = connected_to(l);
	s = accept(l, NULL, NULL);
	EXPECT_OK(close(l));
	note("connected: %s", result(bind_with(0, "127.0.0.1", port)));
	note("connected, reuseaddr: %s", result(bind_with(SO_REUSEADDR, "127.0.0.1", port)));
	/* The server closes first: TIME_WAIT is on its side. */
	EXPECT_OK(close(s));
	note("client: %s", poll_text(events_of(c, POLLRDHUP)));
	EXPECT_OK(close(c));
	note("time wait: %s", result(bind_with(0, "127.0.0.1", port)));
	note("time wait, reuseaddr: %s", result(bind_with(SO_REUSEADDR, "127.0.0.1", port)));
}

TEST(inet, one_port_for_both_families)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	int a, s, one = 1;

	lo_up();
	a = bind_with(0, "0.0.0.0", 0);
	a6.sin6_port = htons(port_of(a));
	s = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT_ERRNO(bind(s, (void *)&a6, sizeof(a6)), EADDRINUSE);
	EXPECT_OK(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)));
	EXPECT_OK(bind(s, (void *)&a6, sizeof(a6)));
}
