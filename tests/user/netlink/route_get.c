/* SPDX-License-Identifier: MIT */
/* RTM_GETROUTE of one destination: what a packet would do. */
#include "rtnl.h"

static struct rtmsg *get(const char *ip)
{
	struct rtmsg *m = start(RTM_GETROUTE, ACK, sizeof(*m));

	m->rtm_family = family_of(ip);
	m->rtm_dst_len = add_ip(RTA_DST, ip) * 8;
	return m;
}

TEST(route_get, of_ipv4)
{
	int fd = rt_socket(0);

	reset();
	add_addr("10.1.0.1/24");
	add_addr("10.1.0.2/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_ip(RTA_PREFSRC, "10.1.0.2");
	add_u32(RTA_OIF, LO);
	done(fd);
	get("127.0.0.1");
	ask(fd);
	get("127.5.0.1");
	ask(fd);
	get("10.1.0.2");
	ask(fd);
	get("10.1.0.77");
	ask(fd);
	get("10.5.0.1");
	ask(fd);
	get("10.5.0.1");
	add_ip(RTA_SRC, "10.1.0.1");
	ask(fd);
	get("10.5.0.1");
	add_u32(RTA_OIF, LO);
	ask(fd);
	get("192.0.2.1");
	ask(fd);
	get("10.5.0.1");
	add_u32(RTA_OIF, 999);
	ask(fd);
	get("10.5.0.1");
	add_u32(RTA_UID, 77);
	ask(fd);
	get("10.5.0.1")->rtm_flags = RTM_F_LOOKUP_TABLE;
	ask(fd);
	get("10.5.0.1")->rtm_flags = RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH;
	ask(fd);
	reset();
}

TEST(route_get, of_types_that_are_errors)
{
	static const unsigned types[] = { RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_THROW };
	int fd = rt_socket(0);

	reset();
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
		int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

		route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_type = types[i];
		ask(fd);
		show_routes(AF_INET);
		get("10.5.0.1");
		ask(fd);
		inet_pton(AF_INET, "10.5.0.1", &a.sin_addr);
		SHOW(connect(s, (struct sockaddr *)&a, sizeof(a)));
		SHOW(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
		reset();
	}
}

TEST(route_get, of_ipv6)
{
	int fd = rt_socket(0);

	reset();
	add_addr("2001:db8::1/64");
	get("::1");
	ask(fd);
	get("2001:db8::1");
	ask(fd);
	get("2001:db8:7::1");
	ask(fd);
	reset();
}
