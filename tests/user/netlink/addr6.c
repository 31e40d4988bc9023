/* SPDX-License-Identifier: MIT */
/* RTM_NEWADDR and RTM_DELADDR for IPv6 on lo. */
#include "rtnl.h"

TEST(addr6, added_and_removed)
{
	int fd = rt_socket(0);

	reset();
	addr_request(RTM_NEWADDR, NEW, "2001:db8::1/64");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "2001:db8::2/64");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "2001:db8:1::1/128");
	add_u32(IFA_RT_PRIORITY, 9);
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "fe80::7/64");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "2001:db8:2::1/48");
	add_u32(IFA_FLAGS, IFA_F_NOPREFIXROUTE);
	ask(fd);
	settle();
	show_addrs(AF_INET6);
	show_routes(AF_INET6);
	addr_request(RTM_DELADDR, ACK, "2001:db8::1/64");
	ask(fd);
	show_routes(AF_INET6);
	reset();
	show_addrs(AF_INET6);
	show_routes(AF_INET6);
}

TEST(addr6, what_is_refused)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m;

	reset();
	addr_request(RTM_NEWADDR, NEW, "::1/128");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "2001:db8::1/129");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "::/64");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "ff02::5/64");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "2001:db8::1/64");
	((struct ifaddrmsg *)NLMSG_DATA(&q.h))->ifa_index = 999;
	ask(fd);
	m = start(RTM_NEWADDR, NEW, sizeof(*m));
	m->ifa_family = AF_INET6;
	m->ifa_index = LO;
	ask(fd);
	add(IFA_LOCAL, "abcd", 4);
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "2001:db8::1/64");
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "::1/64");
	ask(fd);
	show_addrs(AF_INET6);
}

TEST(addr6, it_is_this_machine)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 }, from;
	socklen_t len = sizeof(a);
	int l, c;
	char text[64];

	reset();
	inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
	l = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	SHOW(bind(l, (struct sockaddr *)&a, sizeof(a)));
	add_addr("2001:db8::1/64");
	SHOW(bind(l, (struct sockaddr *)&a, sizeof(a)));
	getsockname(l, (struct sockaddr *)&a, &len);
	c = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	SHOW(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	len = sizeof(from);
	SHOW(recvfrom(l, rx, 10, 0, (struct sockaddr *)&from, &len));
	note("from %s", inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text)));
	reset();
}
