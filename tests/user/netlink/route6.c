/* SPDX-License-Identifier: MIT */
/* RTM_NEWROUTE and RTM_DELROUTE for IPv6 over lo. */
#include "rtnl.h"

TEST(route6, added_and_removed)
{
	int fd = rt_socket(0);

	reset();
	add_addr("2001:db8::1/64");
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_u32(RTA_OIF, LO);
	ask(fd);
	/* Bits behind the prefix are cut off. */
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::1/48");
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_u32(RTA_PRIORITY, 7);
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5:1::/64");
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:6::/48")->rtm_type = RTN_UNREACHABLE;
	ask(fd);
	route_request(RTM_NEWROUTE, ACK | NLM_F_REPLACE, "2001:db8:5:1::/64")->rtm_protocol = 99;
	add_u32(RTA_OIF, LO);
	ask(fd);
	show_routes(AF_INET6);
	route_request(RTM_DELROUTE, ACK, "2001:db8:5::/48");
	add_u32(RTA_PRIORITY, 7);
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "2001:db8:5::/48");
	add_u32(RTA_PRIORITY, 8);
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "2001:db8:5::/48");
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "2001:db8:5::/48");
	ask(fd);
	reset();
	show_routes(AF_INET6);
}

TEST(route6, what_is_refused)
{
	int fd = rt_socket(0);

	reset();
	add_addr("2001:db8::1/64");
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_u32(RTA_OIF, 999);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48")->rtm_tos = 4;
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/129");
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_ip(RTA_GATEWAY, "2001:db8:9::1");
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_ip(RTA_GATEWAY, "2001:db8::9");
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_ip(RTA_GATEWAY, "ff02::1");
	add_u32(RTA_OIF, LO);
	ask(fd);
	route_request(RTM_NEWROUTE, ACK | NLM_F_REPLACE, "2001:db8:5::/48");
	add_u32(RTA_OIF, LO);
	ask(fd);
	reset();
	show_routes(AF_INET6);
}

TEST(route6, types_that_are_errors)
{
	static const unsigned types[] = { RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT };
	int fd = rt_socket(0);

	reset();
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
		int s = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));

		route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48")->rtm_type = types[i];
		ask(fd);
		inet_pton(AF_INET6, "2001:db8:5::1", &a.sin6_addr);
		SHOW(connect(s, (struct sockaddr *)&a, sizeof(a)));
		reset();
	}
}
