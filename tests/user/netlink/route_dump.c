/* SPDX-License-Identifier: MIT */
/* RTM_GETROUTE dumps: filters with strict checking. */
#include "rtnl.h"

static void some(int fd)
{
	reset();
	add_addr("10.1.0.1/24");
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_OIF, LO);
	done(fd);
	route_request(RTM_NEWROUTE, NEW, "10.6.0.0/16")->rtm_type = RTN_BLACKHOLE;
	done(fd);
	route_request(RTM_NEWROUTE, NEW, "10.7.0.0/16")->rtm_table = 100;
	add_u32(RTA_OIF, LO);
	done(fd);
}

static struct rtmsg *get(void)
{
	struct rtmsg *m = start(RTM_GETROUTE, DUMP, sizeof(*m));

	m->rtm_family = AF_INET;
	return m;
}

TEST(route_dump, filters)
{
	int fd = rt_socket(0);

	some(fd);
	strict(fd, 1);
	get();
	ask(fd);
	get()->rtm_table = RT_TABLE_MAIN;
	ask(fd);
	get();
	add_u32(RTA_TABLE, 100);
	ask(fd);
	get()->rtm_table = 101;
	ask(fd);
	get()->rtm_protocol = RTPROT_STATIC;
	ask(fd);
	get()->rtm_type = RTN_BLACKHOLE;
	ask(fd);
	get()->rtm_table = RT_TABLE_MAIN;
	add_u32(RTA_OIF, LO);
	ask(fd);
	get();
	add_u32(RTA_OIF, 999);
	ask(fd);
	get()->rtm_family = AF_UNSPEC;
	ask(fd);
	reset();
}

TEST(route_dump, what_is_refused)
{
	int fd = rt_socket(0);

	reset();
	strict(fd, 1);
	get()->rtm_dst_len = 8;
	ask(fd);
	get()->rtm_scope = 8;
	ask(fd);
	get()->rtm_flags = RTM_F_NOTIFY;
	ask(fd);
	get();
	add_ip(RTA_DST, "10.0.0.0");
	ask(fd);
	start(RTM_GETROUTE, DUMP, 4);
	ask(fd);
	get()->rtm_flags = RTM_F_CLONED;
	ask(fd);
	strict(fd, 0);
	get()->rtm_flags = RTM_F_CLONED;
	ask(fd);
	get()->rtm_family = AF_UNIX;
	ask(fd);
}
