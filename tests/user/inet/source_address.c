/* SPDX-License-Identifier: MIT */
/* Which source address a socket gets that has none: by the route, and the addresses of this machine are all reached from each other. */
#include "dev.h"

static void to(const char *ip)
{
	struct sockaddr_in a = in_addr(ip, 9), own;
	socklen_t len = sizeof(own);
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	if (connect(s, (struct sockaddr *)&a, sizeof(a))) {
		note("to %s: %s", ip, errno_name(errno));
	} else {
		REQUIRE_OK(getsockname(s, (struct sockaddr *)&own, &len));
		note("to %s from %s", ip, addr_text(&own));
	}
	close(s);
}

TEST(source_address, by_destination)
{
	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	set_addr(SIOCSIFNETMASK, "lo:1", "255.255.255.0");
	set_addr(SIOCSIFADDR, "lo:2", "10.1.0.2");
	set_addr(SIOCSIFNETMASK, "lo:2", "255.255.255.0");
	set_addr(SIOCSIFADDR, "lo:3", "192.168.0.1");
	to("127.0.0.1");
	to("127.0.0.9");
	to("10.1.0.1");
	to("10.1.0.2");
	to("10.1.0.3");
	to("192.168.0.1");
	to("192.168.0.200");
	to("0.0.0.0");
	to("172.16.0.1");
	to("10.1.0.255");
	to("255.255.255.255");
	to("224.0.0.1");
	lo_reset();
}

TEST(source_address, tcp_between_addresses)
{
	struct sockaddr_in a, peer;
	socklen_t len = sizeof(a);
	int l, c, s;

	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	set_addr(SIOCSIFADDR, "lo:2", "192.168.0.1");
	l = listener("10.1.0.1", 4);
	REQUIRE_OK(getsockname(l, (struct sockaddr *)&a, &len));
	c = bound(SOCK_STREAM, "192.168.0.1");
	SHOW(connect(c, (struct sockaddr *)&a, sizeof(a)));
	len = sizeof(peer);
	s = REQUIRE_OK(accept(l, (struct sockaddr *)&peer, &len));
	note("from %s", addr_text(&peer));
	SHOW(write(c, "abc", 3));
	char b[4];
	SHOW(read(s, b, 3));
	close(c);
	/* Without a bind: as the route says. */
	c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(connect(c, (struct sockaddr *)&a, sizeof(a)));
	len = sizeof(peer);
	s = REQUIRE_OK(accept(l, (struct sockaddr *)&peer, &len));
	note("from %s", addr_text(&peer));
	lo_reset();
}

TEST(source_address, bind)
{
	static const char *const to[] = { "10.1.0.1", "10.1.0.2", "10.9.9.9", "127.0.0.200", "10.255.255.255", "192.0.2.1", "255.255.255.255", "224.1.1.1" };

	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	for (unsigned i = 0; i < ARRAY_SIZE(to); i++) {
		struct sockaddr_in a = in_addr(to[i], 0);
		int u = socket(AF_INET, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0);

		note("udp %s: %s", to[i], outcome(bind(u, (struct sockaddr *)&a, sizeof(a))));
		note("tcp %s: %s", to[i], outcome(bind(t, (struct sockaddr *)&a, sizeof(a))));
		close(u);
		close(t);
	}
	lo_reset();
}

TEST(source_address, while_lo_is_down)
{
	lo_reset();
	set_flags("lo", 0);
	struct sockaddr_in a = in_addr("127.0.0.1", 0);
	int u = socket(AF_INET, SOCK_DGRAM, 0);
	SHOW(bind(u, (struct sockaddr *)&a, sizeof(a)));
	lo_reset();
	to("127.0.0.1");
}
