/* SPDX-License-Identifier: MIT */
/* RTM_NEWROUTE for IPv4 over lo: what is stored, what is refused and with which words. */
#include "rtnl.h"

static void dev(void)
{
	add_u32(RTA_OIF, LO);
}

TEST(route_new, stored)
{
	int fd = rt_socket(0);
	struct rtmsg *m;

	reset();
	add_addr("10.1.0.1/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/24");
	add_u32(RTA_PRIORITY, 7);
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_tos = 8;
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_PRIORITY, 9);
	add_ip(RTA_PREFSRC, "10.1.0.1");
	dev();
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, NULL);
	m->rtm_scope = RT_SCOPE_UNIVERSE;
	add_ip(RTA_GATEWAY, "10.1.0.9");
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, "10.9.9.9/32");
	m->rtm_scope = RT_SCOPE_UNIVERSE;
	m->rtm_flags = RTNH_F_ONLINK;
	add_ip(RTA_GATEWAY, "192.0.2.1");
	dev();
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, "10.4.0.0/16");
	m->rtm_table = RT_TABLE_UNSPEC;
	add_u32(RTA_TABLE, 1000);
	dev();
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, "10.3.0.0/16");
	m->rtm_table = 77;
	dev();
	ask(fd);
	show_routes(AF_INET);
	reset();
	show_routes(AF_INET);
}

TEST(route_new, what_is_refused)
{
	int fd = rt_socket(0);
	struct rtmsg *m;

	reset();
	add_addr("10.1.0.1/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.1/16");
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/33");
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_OIF, 999);
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_tos = 1;
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_type = 40;
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_scope = 255;
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_type = RTN_LOCAL;
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_ip(RTA_GATEWAY, "10.1.0.9");
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_scope = 0;
	add_ip(RTA_GATEWAY, "192.0.2.1");
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_ip(RTA_PREFSRC, "192.0.2.1");
	dev();
	ask(fd);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_type = RTN_BLACKHOLE;
	dev();
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	m->rtm_flags = RTNH_F_DEAD;
	dev();
	ask(fd);
	m = start(RTM_NEWROUTE, NEW, 4);
	m->rtm_family = AF_INET;
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, NULL);
	m->rtm_dst_len = 8;
	add(RTA_DST, "ab", 2);
	dev();
	ask(fd);
	m = route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	m->rtm_family = AF_UNIX;
	ask(fd);
	set_up(fd, 0);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	dev();
	ask(fd);
	reset();
	show_routes(AF_INET);
}

TEST(route_new, create_exclusive_replace_append)
{
	static const struct {
		const char *name;
		unsigned flags;
	} kinds[] = {
		{ "none", 0 }, { "create", NLM_F_CREATE }, { "create exclusive", NLM_F_CREATE | NLM_F_EXCL }, { "replace", NLM_F_REPLACE },
		{ "create replace", NLM_F_CREATE | NLM_F_REPLACE }, { "create append", NLM_F_CREATE | NLM_F_APPEND }, { "append", NLM_F_APPEND },
	};
	int fd = rt_socket(0);

	for (int there = 0; there < 3; there++)
		for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
			reset();
			if (there) {
				route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16")->rtm_protocol = there == 1 ? RTPROT_STATIC : 99;
				dev();
				done(fd);
			}
			note("%s, %s:", kinds[i].name, there == 0 ? "none there" : there == 1 ? "the same there" : "another there");
			route_request(RTM_NEWROUTE, ACK | kinds[i].flags, "10.5.0.0/16");
			dev();
			ask(fd);
			if (there == 2)
				show_routes(AF_INET);
		}
	reset();
}

TEST(route_new, metrics)
{
	int fd = rt_socket(0);
	struct {
		struct rtattr a;
		uint32_t v;
	} nest[3] = { { { 8, RTAX_MTU }, 1400 }, { { 8, RTAX_ADVMSS }, 1360 }, { { 8, RTAX_HOPLIMIT }, 7 } };

	reset();
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add(RTA_METRICS, nest, sizeof(nest));
	dev();
	ask(fd);
	nest[2].v = 256;
	route_request(RTM_NEWROUTE, NEW, "10.6.0.0/16");
	add(RTA_METRICS, nest, sizeof(nest));
	dev();
	ask(fd);
	nest[2].a.rta_type = 40;
	route_request(RTM_NEWROUTE, NEW, "10.7.0.0/16");
	add(RTA_METRICS, nest, sizeof(nest));
	dev();
	ask(fd);
	show_routes(AF_INET);
	reset();
}
