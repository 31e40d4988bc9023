/* SPDX-License-Identifier: MIT */
/* Lifetimes of addresses: IFA_CACHEINFO, changes of it, deprecation, the end. */
#include "rtnl.h"

static void with_life(unsigned flags, const char *net, uint32_t preferred, uint32_t valid)
{
	struct ifa_cacheinfo life = { .ifa_valid = valid, .ifa_prefered = preferred };

	addr_request(RTM_NEWADDR, flags, net);
	add(IFA_CACHEINFO, &life, sizeof(life));
}

TEST(addr_lifetime, given_and_changed)
{
	int fd = rt_socket(0);

	reset();
	with_life(NEW, "10.1.0.1/24", 10000, 20000);
	ask(fd);
	with_life(NEW, "10.2.0.1/24", 0, 20000);
	ask(fd);
	show_addrs(AF_INET);
	with_life(ACK, "10.1.0.1/24", 0, 20000);
	ask(fd);
	with_life(ACK | NLM_F_REPLACE, "10.1.0.1/24", UINT32_MAX, UINT32_MAX);
	ask(fd);
	with_life(ACK | NLM_F_REPLACE | NLM_F_EXCL, "10.1.0.1/24", 5, 6);
	ask(fd);
	show_addrs(AF_INET);
	reset();
}

TEST(addr_lifetime, of_ipv6)
{
	int fd = rt_socket(0);

	reset();
	with_life(NEW, "2001:db8::1/64", 10000, 20000);
	ask(fd);
	with_life(NEW, "2001:db8:1::1/64", 0, 20000);
	ask(fd);
	settle();
	show_addrs(AF_INET6);
	with_life(ACK | NLM_F_REPLACE, "2001:db8::1/64", UINT32_MAX, UINT32_MAX);
	ask(fd);
	show_addrs(AF_INET6);
	addr_request(RTM_DELADDR, ACK, "2001:db8::1/64");
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "2001:db8:1::1/64");
	ask(fd);
}

TEST(addr_lifetime, it_ends)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(RTMGRP_IPV4_IFADDR);
	with_life(NEW, "10.1.0.1/24", 1, 2);
	done(fd);
	heard(ear);
	for (int i = 0; i < 2; i++) {
		ssize_t n = REQUIRE_OK(recv(ear, rx, sizeof(rx), 0));

		note("%d bytes or more: %d", 40, n >= 40);
		note("type %d", ((struct nlmsghdr *)rx)->nlmsg_type);
	}
	show_addrs(AF_INET);
}
