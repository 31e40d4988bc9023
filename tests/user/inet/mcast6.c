/* SPDX-License-Identifier: MIT */
/* Multicast of IPv6 on lo: membership, options, who hears. */
#include "dev.h"

static int member(int s, int name, const char *group, int ifindex)
{
	struct ipv6_mreq m = { .ipv6mr_interface = ifindex };

	inet_pton(AF_INET6, group, &m.ipv6mr_multiaddr);
	return setsockopt(s, IPPROTO_IPV6, name, &m, sizeof(m));
}

TEST(mcast6, membership)
{
	int s = socket(AF_INET6, SOCK_DGRAM, 0), t = socket(AF_INET6, SOCK_STREAM, 0);

	lo_reset();
	SHOW(member(s, IPV6_ADD_MEMBERSHIP, "ff02::1234", 1));
	SHOW(member(s, IPV6_ADD_MEMBERSHIP, "ff02::1234", 1));
	SHOW(member(s, IPV6_ADD_MEMBERSHIP, "2001:db8::1", 1));
	SHOW(member(s, IPV6_ADD_MEMBERSHIP, "ff02::1234", 999));
	SHOW(member(t, IPV6_ADD_MEMBERSHIP, "ff02::1234", 1));
	show_file("/proc/net/igmp6");
	SHOW(member(s, IPV6_DROP_MEMBERSHIP, "ff02::1235", 1));
	SHOW(member(s, IPV6_DROP_MEMBERSHIP, "ff02::1234", 1));
	SHOW(member(s, IPV6_DROP_MEMBERSHIP, "ff02::1234", 1));
	SHOW(member(s, IPV6_ADD_MEMBERSHIP, "ff05::77", 1));
	close(s);
	show_file("/proc/net/igmp6");
}

TEST(mcast6, who_hears)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_scope_id = 1 };
	socklen_t len = sizeof(a);
	int s = socket(AF_INET6, SOCK_DGRAM, 0), c = socket(AF_INET6, SOCK_DGRAM, 0);
	char b[8];

	lo_reset();
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof(a)));
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	REQUIRE_OK(member(s, IPV6_ADD_MEMBERSHIP, "ff02::1234", 1));
	inet_pton(AF_INET6, "ff02::1234", &a.sin6_addr);
	a.sin6_scope_id = 1;
	SHOW(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	SHOW(recv(s, b, sizeof(b), MSG_DONTWAIT));
	REQUIRE_OK(member(s, IPV6_DROP_MEMBERSHIP, "ff02::1234", 1));
	SHOW(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	SHOW(recv(s, b, sizeof(b), MSG_DONTWAIT));
}
