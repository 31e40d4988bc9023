/* SPDX-License-Identifier: MIT */
/* TCP and UDP over IPv6 and over both: mapped addresses, V6ONLY, names. */
#include "inet.h"

static struct sockaddr_in6 in6(const char *ip, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, ip, &a.sin6_addr);
	return a;
}

static int listener6(const char *ip, int only)
{
	struct sockaddr_in6 a = in6(ip, 0);
	int s = socket(AF_INET6, SOCK_STREAM, 0);

	EXPECT_OK(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)));
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	EXPECT_OK(listen(s, 4));
	return s;
}

TEST(inet, a_connection_over_ipv6)
{
	struct sockaddr_in6 a;
	socklen_t n = sizeof(a);
	int l, c, s;
	char b[8] = { 0 };

	lo_up();
	l = listener6("::1", 0);
	a = in6("::1", port_of(l));
	c = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	s = accept(l, (void *)&a, &n);
	note("peer %s, length %u", addr_text(&a), n);
	EXPECT_OK(getsockname(s, (void *)&a, &n));
	note("here %s", addr_text(&a));
	write_all(c, "six", 3);
	EXPECT_EQ(recv(s, b, 3, MSG_WAITALL), 3);
	note("%s", b);
}

TEST(inet, one_listener_for_both)
{
	struct sockaddr_in6 a;
	socklen_t n = sizeof(a);
	int l, c, s;

	lo_up();
	l = listener6("::", 0);
	c = connected_to(l);
	s = accept(l, (void *)&a, &n);
	note("peer %s", addr_text(&a));
	EXPECT_OK(getsockname(s, (void *)&a, &n));
	note("here %s", addr_text(&a));
	close(c);
}

TEST(inet, a_listener_for_ipv6_only)
{
	struct sockaddr_in a;
	int l, s = socket(AF_INET, SOCK_STREAM, 0);

	lo_up();
	l = listener6("::", 1);
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), ECONNREFUSED);
}

TEST(inet, a_mapped_destination)
{
	struct sockaddr_in6 a;
	socklen_t n = sizeof(a);
	int l, c;

	lo_up();
	l = listener("127.0.0.1", 1);
	a = in6("::ffff:127.0.0.1", port_of(l));
	c = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(c, (void *)&a, &n));
	note("here %s", addr_text(&a));
	EXPECT_OK(getpeername(c, (void *)&a, &n));
	note("peer %s", addr_text(&a));
}

TEST(inet, datagrams_over_ipv6)
{
	struct sockaddr_in6 a = in6("::1", 0);
	socklen_t n = sizeof(a);
	int r = socket(AF_INET6, SOCK_DGRAM, 0), s = socket(AF_INET6, SOCK_DGRAM, 0);
	char b[8] = { 0 };

	lo_up();
	EXPECT_OK(bind(r, (void *)&a, sizeof(a)));
	a = in6("::1", port_of(r));
	EXPECT_EQ(sendto(s, "abc", 3, 0, (void *)&a, sizeof(a)), 3);
	EXPECT_EQ(recvfrom(r, b, 8, 0, (void *)&a, &n), 3);
	note("%s from %s", b, addr_text(&a));
	a = in6("::1", 0);
	EXPECT_ERRNO(connect(s, (void *)&a, 8), EINVAL);
}

TEST(ipv6, bound_to_an_address_it_is_for_ipv6_only)
{
	static const char *const names[] = { "::1", "::", "::ffff:127.0.0.1" };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	lo_up();
	for (unsigned t = 0; t < 2; t++)
		for (unsigned n = 0; n < 3; n++) {
			struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
			int s = REQUIRE_OK(socket(AF_INET6, types[t], 0)), v = -1;
			socklen_t len = sizeof(v);

			inet_pton(AF_INET6, names[n], &a.sin6_addr);
			SHOW(bind(s, (void *)&a, sizeof(a)));
			REQUIRE_OK(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &v, &len));
			note("%s: %d", names[n], v);
			close(s);
		}
}
