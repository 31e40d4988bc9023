/* SPDX-License-Identifier: MIT */
/* RTM_DELADDR for IPv4 on lo: how an address is named, what goes with it. */
#include "rtnl.h"

TEST(addr_del, by_what_is_given)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m;

	reset();
	addr_request(RTM_NEWADDR, NEW, "10.1.0.1/24");
	add_text(IFA_LABEL, "lo:x");
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "10.1.0.9/24");
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	add_text(IFA_LABEL, "lo:y");
	ask(fd);
	m = start(RTM_DELADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET;
	m->ifa_index = LO;
	m->ifa_prefixlen = 25;
	add_ip(IFA_ADDRESS, "10.1.0.0");
	ask(fd);
	m->ifa_prefixlen = 24;
	ask(fd);
	ask(fd);
	/* Neither address: the first of the list. */
	m = start(RTM_DELADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET;
	m->ifa_index = LO;
	ask(fd);
	show_addrs(AF_INET);
	m->ifa_index = 999;
	ask(fd);
	reset();
}

TEST(addr_del, secondary_ones_go_with_the_first)
{
	int fd = rt_socket(0);

	reset();
	add_addr("10.1.0.1/24");
	add_addr("10.1.0.2/24");
	add_addr("10.1.0.3/24");
	addr_request(RTM_DELADDR, ACK, "10.1.0.2/24");
	ask(fd);
	show_addrs(AF_INET);
	show_routes(AF_INET);
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	ask(fd);
	show_addrs(AF_INET);
	show_routes(AF_INET);
}

TEST(addr_del, routes_that_prefer_it_go)
{
	int fd = rt_socket(0);

	reset();
	add_addr("10.1.0.1/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_ip(RTA_PREFSRC, "10.1.0.1");
	add_u32(RTA_OIF, LO);
	done(fd);
	route_request(RTM_NEWROUTE, NEW, "10.6.0.0/16");
	add_u32(RTA_OIF, LO);
	done(fd);
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	ask(fd);
	show_routes(AF_INET);
	reset();
}

TEST(addr_del, sockets_on_it)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = rt_socket(0), l, c, s;

	reset();
	add_addr("10.1.0.1/24");
	inet_pton(AF_INET, "10.1.0.1", &a.sin_addr);
	l = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(bind(l, (struct sockaddr *)&a, sizeof(a)));
	SHOW(listen(l, 1));
	getsockname(l, (struct sockaddr *)&a, &len);
	c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(connect(c, (struct sockaddr *)&a, sizeof(a)));
	s = REQUIRE_OK(accept(l, NULL, NULL));
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	ask(fd);
	a.sin_port = 0;
	SHOW(bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&a, sizeof(a)));
	/* The connection lives on when the address is back. */
	add_addr("10.1.0.1/24");
	SHOW(send(c, "hello", 5, 0));
	SHOW(recv(s, rx, 5, MSG_WAITALL));
	reset();
}
