/* SPDX-License-Identifier: MIT */
/* Senders to a group that are wanted or not: IP_ADD_SOURCE_MEMBERSHIP and its kin, on lo, whose addresses 127.0.0.x are the senders. */
#include "dev.h"

#define GROUP "239.7.7.7"

static int source(int s, int name, const char *group, const char *from)
{
	struct ip_mreq_source m = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };

	inet_pton(AF_INET, group, &m.imr_multiaddr);
	inet_pton(AF_INET, from, &m.imr_sourceaddr);
	return setsockopt(s, IPPROTO_IP, name, &m, sizeof(m));
}

static int member(int s, int name, const char *group)
{
	struct ip_mreqn m = { .imr_ifindex = 1 };

	inet_pton(AF_INET, group, &m.imr_multiaddr);
	return setsockopt(s, IPPROTO_IP, name, &m, sizeof(m));
}

static int ear(void)
{
	struct sockaddr_in a = in_addr("0.0.0.0", 0);
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

/* What of one datagram from each of 127.0.0.1 to 127.0.0.3 is heard; a last one, sent to the socket itself, ends the wait. */
static const char *heard(int s, const char *group)
{
	static char text[64];
	size_t used = 0;

	for (int n = 1; n <= 4; n++) {
		struct sockaddr_in a = in_addr("127.0.0.1", 0), to = in_addr(n == 4 ? "127.0.0.1" : group, port_of(s));
		struct ip_mreqn m = { .imr_ifindex = 1 };
		int from = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
		char c = (char)('0' + n);

		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + (unsigned)n);
		REQUIRE_OK(bind(from, (struct sockaddr *)&a, sizeof(a)));
		REQUIRE_OK(setsockopt(from, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)));
		EXPECT_EQ(sendto(from, &c, 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
		close(from);
	}
	for (;;) {
		char c = 0;

		if (!(events_of(s, POLLIN) & POLLIN) || recv(s, &c, 1, 0) != 1 || c == '4')
			break;
		if (used < sizeof(text) - 1)
			text[used++] = c;
	}
	text[used] = 0;
	return text;
}

static void show_filter(int s, const char *group)
{
	union {
		struct ip_msfilter f;
		char space[IP_MSFILTER_SIZE(20)];
	} u = { .f = { .imsf_interface.s_addr = htonl(INADDR_LOOPBACK), .imsf_numsrc = 20 } };
	socklen_t n = sizeof(u);

	inet_pton(AF_INET, group, &u.f.imsf_multiaddr);
	if (getsockopt(s, IPPROTO_IP, IP_MSFILTER, &u, &n)) {
		note("filter: %s", errno_name(errno));
		return;
	}
	note("filter: %s %u, %u bytes", u.f.imsf_fmode == MCAST_INCLUDE ? "include" : "exclude", u.f.imsf_numsrc, n);
	for (unsigned i = 0; i < u.f.imsf_numsrc && i < 20; i++)
		note("  %s", inet_ntoa(u.f.imsf_slist[i]));
}

TEST(mcast_source, only_those_that_were_asked_for)
{
	int s = ear();

	lo_reset();
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	note("heard: %s", heard(s, GROUP));
	show_filter(s, GROUP);
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.3"));
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.3"));
	note("heard: %s", heard(s, GROUP));
	show_filter(s, GROUP);
	SHOW(source(s, IP_BLOCK_SOURCE, GROUP, "127.0.0.2"));
	SHOW(source(s, IP_DROP_SOURCE_MEMBERSHIP, GROUP, "127.0.0.2"));
	SHOW(source(s, IP_DROP_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	note("heard: %s", heard(s, GROUP));
	SHOW(source(s, IP_DROP_SOURCE_MEMBERSHIP, GROUP, "127.0.0.3"));
	SHOW(source(s, IP_DROP_SOURCE_MEMBERSHIP, GROUP, "127.0.0.3"));
	show_filter(s, GROUP);
	SHOW(member(s, IP_DROP_MEMBERSHIP, GROUP));
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	SHOW(member(s, IP_DROP_MEMBERSHIP, GROUP));
	show_filter(s, GROUP);
}

TEST(mcast_source, all_but_those_that_are_blocked)
{
	int s = ear();

	lo_reset();
	SHOW(source(s, IP_BLOCK_SOURCE, GROUP, "127.0.0.2"));
	SHOW(member(s, IP_ADD_MEMBERSHIP, GROUP));
	show_filter(s, GROUP);
	note("heard: %s", heard(s, GROUP));
	SHOW(source(s, IP_BLOCK_SOURCE, GROUP, "127.0.0.2"));
	SHOW(source(s, IP_BLOCK_SOURCE, GROUP, "127.0.0.2"));
	note("heard: %s", heard(s, GROUP));
	show_filter(s, GROUP);
	SHOW(source(s, IP_UNBLOCK_SOURCE, GROUP, "127.0.0.1"));
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	SHOW(source(s, IP_UNBLOCK_SOURCE, GROUP, "127.0.0.2"));
	note("heard: %s", heard(s, GROUP));
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	SHOW(member(s, IP_DROP_MEMBERSHIP, GROUP));
	SHOW(member(s, IP_ADD_MEMBERSHIP, GROUP));
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, "127.0.0.1"));
	show_filter(s, GROUP);
}

TEST(mcast_source, ten_at_most)
{
	int s = ear(), n = 0;

	lo_reset();
	for (int i = 1; i <= 12; i++) {
		char from[32];

		snprintf(from, sizeof(from), "127.0.1.%d", i);
		if (source(s, IP_ADD_SOURCE_MEMBERSHIP, GROUP, from)) {
			note("%d, then %s", n, errno_name(errno));
			break;
		}
		n++;
	}
}

TEST(mcast_source, requests_that_are_wrong)
{
	struct ip_mreq_source m = { 0 };
	int s = ear();

	lo_reset();
	SHOW(source(s, IP_ADD_SOURCE_MEMBERSHIP, "10.1.1.1", "127.0.0.1"));
	SHOW(source(s, IP_BLOCK_SOURCE, "10.1.1.1", "127.0.0.1"));
	SHOW(setsockopt(s, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &m, sizeof(m) - 1));
	SHOW(setsockopt(s, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, NULL, sizeof(m)));
	m.imr_multiaddr.s_addr = inet_addr(GROUP);
	m.imr_interface.s_addr = inet_addr("192.0.2.1");
	SHOW(setsockopt(s, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &m, sizeof(m)));
	SHOW(setsockopt(s, IPPROTO_IP, IP_BLOCK_SOURCE, &m, sizeof(m)));
}

TEST(mcast_source, the_whole_list_at_once)
{
	union {
		struct ip_msfilter f;
		char space[IP_MSFILTER_SIZE(20)];
	} u = { .f = { .imsf_interface.s_addr = htonl(INADDR_LOOPBACK) } };
	struct ip_msfilter *f = &u.f;
	socklen_t n;
	int s = ear();

	lo_reset();
	f->imsf_multiaddr.s_addr = inet_addr(GROUP);
	f->imsf_fmode = MCAST_EXCLUDE;
	f->imsf_numsrc = 2;
	f->imsf_slist[0].s_addr = inet_addr("127.0.0.3");
	f->imsf_slist[1].s_addr = inet_addr("127.0.0.1");
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(2)));
	SHOW(member(s, IP_ADD_MEMBERSHIP, GROUP));
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(2)));
	note("heard: %s", heard(s, GROUP));
	show_filter(s, GROUP);
	f->imsf_fmode = MCAST_INCLUDE;
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(2)));
	note("heard: %s", heard(s, GROUP));
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(1)));
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, 15));
	f->imsf_numsrc = 11;
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(11)));
	f->imsf_numsrc = 2;
	f->imsf_fmode = 2;
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(2)));
	/* Room for one only. */
	f->imsf_numsrc = 1;
	n = sizeof(u);
	SHOW(getsockopt(s, IPPROTO_IP, IP_MSFILTER, f, &n));
	note("%u of %u bytes, mode %u", f->imsf_numsrc, n, f->imsf_fmode);
	n = 15;
	SHOW(getsockopt(s, IPPROTO_IP, IP_MSFILTER, f, &n));
	f->imsf_fmode = MCAST_INCLUDE;
	f->imsf_numsrc = 0;
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(0)));
	show_filter(s, GROUP);
	SHOW(setsockopt(s, IPPROTO_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(0)));
}

static void put4(struct sockaddr_storage *a, const char *text)
{
	*(struct sockaddr_in *)a = in_addr(text, 0);
}

static void put6(struct sockaddr_storage *a, const char *text)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)a;

	memset(a, 0, sizeof(*a));
	six->sin6_family = AF_INET6;
	inet_pton(AF_INET6, text, &six->sin6_addr);
}

TEST(mcast_source, by_requests_of_either_family)
{
	struct group_source_req r = { .gsr_interface = 1 };
	int s = ear(), six = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));

	lo_reset();
	put4(&r.gsr_group, GROUP);
	put4(&r.gsr_source, "127.0.0.2");
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	note("heard: %s", heard(s, GROUP));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_BLOCK_SOURCE, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(member(s, IP_ADD_MEMBERSHIP, GROUP));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_BLOCK_SOURCE, &r, sizeof(r)));
	note("heard: %s", heard(s, GROUP));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_UNBLOCK_SOURCE, &r, sizeof(r)));
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r) - 1));
	r.gsr_interface = 999;
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	r.gsr_interface = 1;
	put6(&r.gsr_source, "::1");
	SHOW(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	put6(&r.gsr_group, "ff02::7777");
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, &r, sizeof(r)));
	SHOW(setsockopt(six, IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, &r, sizeof(r)));
}

TEST(mcast_source, lists_of_ipv6)
{
	union {
		struct group_filter f;
		char space[GROUP_FILTER_SIZE(4)];
	} u = { .f = { .gf_interface = 1, .gf_fmode = MCAST_EXCLUDE, .gf_numsrc = 1 } };
	struct ipv6_mreq m = { .ipv6mr_interface = 1 };
	int s = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	socklen_t n;

	lo_reset();
	inet_pton(AF_INET6, "ff02::7778", &m.ipv6mr_multiaddr);
	put6(&u.f.gf_group, "ff02::7778");
	put6(&u.f.gf_slist[0], "::1");
	SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_MSFILTER, &u, GROUP_FILTER_SIZE(1)));
	SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof(m)));
	SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_MSFILTER, &u, GROUP_FILTER_SIZE(1)));
	u.f.gf_numsrc = 4;
	u.f.gf_fmode = 7;
	n = sizeof(u);
	SHOW(getsockopt(s, IPPROTO_IPV6, MCAST_MSFILTER, &u, &n));
	note("%u bytes, mode %u, %u sources, family %d", n, u.f.gf_fmode, u.f.gf_numsrc, u.f.gf_slist[0].ss_family);
	SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_MSFILTER, &u, GROUP_FILTER_SIZE(0)));
	SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_MSFILTER, &u, GROUP_FILTER_SIZE(0) - 1));
}
