/* SPDX-License-Identifier: MIT */
/* Multicast on lo: who is a member, what is refused, who hears a datagram. */
#include "dev.h"

static int member(int s, int name, const char *group, int ifindex)
{
	struct ip_mreqn m = { .imr_ifindex = ifindex };

	inet_pton(AF_INET, group, &m.imr_multiaddr);
	return setsockopt(s, IPPROTO_IP, name, &m, sizeof(m));
}

/* A socket on the port, which others have too. */
static int ear(int port)
{
	struct sockaddr_in a = in_addr("0.0.0.0", port);
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), one = 1;

	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static void say(const char *to, int port)
{
	struct sockaddr_in a = in_addr(to, port);
	struct ip_mreqn m = { .imr_ifindex = 1 };
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), one = 1;

	REQUIRE_OK(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)));
	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	SHOW(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	close(s);
}

static const char *hears(int s)
{
	char b[8];

	return recv(s, b, sizeof(b), MSG_DONTWAIT) == 1 ? "hears" : "does not";
}

TEST(mcast, membership)
{
	int s = sock(), t = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);

	lo_reset();
	SHOW(member(s, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	SHOW(member(s, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	SHOW(member(other, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	SHOW(member(s, IP_ADD_MEMBERSHIP, "10.1.2.3", 1));
	SHOW(member(s, IP_ADD_MEMBERSHIP, "239.1.2.3", 999));
	SHOW(member(t, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	SHOW(member(s, IP_DROP_MEMBERSHIP, "239.1.2.4", 1));
	SHOW(member(s, IP_DROP_MEMBERSHIP, "239.1.2.3", 1));
	SHOW(member(s, IP_DROP_MEMBERSHIP, "239.1.2.3", 1));
	show_file("/proc/net/igmp");
	close(other);
	show_file("/proc/net/igmp");
	SHOW(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, "abcd", 4));
}

TEST(mcast, at_most_twenty)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), ok = 0, err = 0;

	lo_reset();
	for (int i = 1; i <= 25; i++) {
		char text[32];

		snprintf(text, sizeof(text), "239.9.9.%d", i);
		if (!member(s, IP_ADD_MEMBERSHIP, text, 1))
			ok++;
		else
			err = errno;
	}
	note("%d, then %s", ok, errno_name(err));
}

TEST(mcast, who_hears)
{
	int a = ear(0), zero = 0, b, c, port = port_of(a);

	lo_reset();
	close(a);
	a = ear(port);
	b = ear(port);
	c = ear(port);
	REQUIRE_OK(member(a, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	REQUIRE_OK(setsockopt(c, IPPROTO_IP, IP_MULTICAST_ALL, &zero, sizeof(zero)));
	say("239.1.2.3", port);
	note("member %s, other %s, one that wants only its own %s", hears(a), hears(b), hears(c));
	REQUIRE_OK(member(c, IP_ADD_MEMBERSHIP, "239.1.2.3", 1));
	say("239.1.2.3", port);
	note("member %s, other %s, now a member %s", hears(a), hears(b), hears(c));
	say("239.1.2.4", port);
	note("another group: %s, %s, %s", hears(a), hears(b), hears(c));
	close(a);
	REQUIRE_OK(member(c, IP_DROP_MEMBERSHIP, "239.1.2.3", 1));
	say("239.1.2.3", port);
	note("nobody is a member: %s, %s", hears(b), hears(c));
}

TEST(mcast, join_by_group_request)
{
	struct group_req r = { .gr_interface = 1 };
	int s = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in *a = (struct sockaddr_in *)&r.gr_group;
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)&r.gr_group;

	lo_reset();
	a->sin_family = AF_INET;
	inet_pton(AF_INET, "239.4.4.4", &a->sin_addr);
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_LEAVE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_LEAVE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_GROUP, &r, 8));
	memset(&r.gr_group, 0, sizeof(r.gr_group));
	a6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "ff02::4444", &a6->sin6_addr);
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_JOIN_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_JOIN_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_LEAVE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_LEAVE_GROUP, &r, sizeof(r)));
}
