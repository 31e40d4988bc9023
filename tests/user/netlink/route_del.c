/* SPDX-License-Identifier: MIT */
/* RTM_DELROUTE: what a request has to say so that it matches. */
#include "rtnl.h"

static void some(int fd)
{
	reset();
	add_addr("10.1.0.1/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_OIF, LO);
	done(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_PRIORITY, 5);
	add_u32(RTA_OIF, LO);
	done(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_scope = 0;
	add_u32(RTA_PRIORITY, 9);
	add_ip(RTA_GATEWAY, "10.1.0.9");
	done(fd);
}

TEST(route_del, the_first_that_matches)
{
	int fd = rt_socket(0);

	some(fd);
	for (int i = 0; i < 4; i++) {
		route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
		ask(fd);
	}
	show_routes(AF_INET);
}

TEST(route_del, by_metric_gateway_device_protocol_scope_type)
{
	int fd = rt_socket(0);

	some(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	add_u32(RTA_PRIORITY, 6);
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	add_ip(RTA_GATEWAY, "10.1.0.8");
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	add_u32(RTA_OIF, 999);
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_protocol = 99;
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_scope = RT_SCOPE_SITE;
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_type = RTN_BLACKHOLE;
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_tos = 8;
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	add_ip(RTA_PREFSRC, "10.1.0.1");
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/17");
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_table = 200;
	ask(fd);
	show_routes(AF_INET);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16")->rtm_scope = RT_SCOPE_UNIVERSE;
	ask(fd);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	add_u32(RTA_PRIORITY, 5);
	add_u32(RTA_OIF, LO);
	ask(fd);
	show_routes(AF_INET);
	reset();
}
