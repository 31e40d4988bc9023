/* SPDX-License-Identifier: MIT */
/* Notices to the groups of route netlink: what goes out when a link goes down and up, with what order, number and sender. */
#include "rtnl.h"

#define ALL (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE | RTMGRP_NEIGH)

TEST(notify, link_goes_down_and_up)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(ALL);
	set_up(fd, 0);
	heard(ear);
	note("--");
	set_up(fd, 1);
	heard(ear);
	note("-- nothing happens");
	set_up(fd, 1);
	heard(ear);
}

TEST(notify, mtu_and_queue_length)
{
	int fd = rt_socket(0), ear;
	struct ifinfomsg *m;

	reset();
	ear = rt_socket(RTMGRP_LINK);
	m = start(RTM_SETLINK, ACK, sizeof(*m));
	m->ifi_index = LO;
	add_u32(IFLA_TXQLEN, 5);
	done(fd);
	heard(ear);
	reset();
}

TEST(notify, addresses)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(ALL);
	addr_request(RTM_NEWADDR, NEW, "10.1.0.1/24");
	done(fd);
	heard(ear);
	note("-- secondary");
	addr_request(RTM_NEWADDR, NEW, "10.1.0.2/24");
	done(fd);
	heard(ear);
	note("-- both go");
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	done(fd);
	heard(ear);
	note("-- refused");
	addr_request(RTM_DELADDR, ACK, "10.1.0.1/24");
	note("%s", errno_name(quietly(fd)));
	heard(ear);
}

TEST(notify, addresses_of_ipv6)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(ALL);
	addr_request(RTM_NEWADDR, NEW, "2001:db8::1/64");
	done(fd);
	settle();
	heard_until(ear, RTM_NEWROUTE, RT_TABLE_LOCAL);
	note("--");
	addr_request(RTM_DELADDR, ACK, "2001:db8::1/64");
	done(fd);
	heard(ear);
}

TEST(notify, routes)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(ALL);
	route_request(RTM_NEWROUTE, NEW, "10.5.0.0/16");
	add_u32(RTA_OIF, LO);
	done(fd);
	heard(ear);
	route_request(RTM_NEWROUTE, ACK | NLM_F_CREATE | NLM_F_APPEND, "10.5.0.0/16");
	add_ip(RTA_PREFSRC, "127.0.0.1");
	add_u32(RTA_OIF, LO);
	done(fd);
	heard(ear);
	route_request(RTM_NEWROUTE, ACK | NLM_F_CREATE, "10.5.0.0/16")->rtm_protocol = 99;
	add_u32(RTA_OIF, LO);
	done(fd);
	heard(ear);
	route_request(RTM_NEWROUTE, ACK | NLM_F_REPLACE, "10.5.0.0/16")->rtm_protocol = 98;
	add_u32(RTA_OIF, LO);
	done(fd);
	heard(ear);
	route_request(RTM_DELROUTE, ACK, "10.5.0.0/16");
	done(fd);
	heard(ear);
	route_request(RTM_NEWROUTE, NEW, "2001:db8:5::/48");
	add_u32(RTA_OIF, LO);
	done(fd);
	heard(ear);
	route_request(RTM_DELROUTE, ACK, "2001:db8:5::/48");
	done(fd);
	heard(ear);
	reset();
}

TEST(notify, an_echo_comes_to_the_asker)
{
	int fd = rt_socket(0), both = rt_socket(RTMGRP_IPV4_ROUTE);

	reset();
	heard(both);
	route_request(RTM_NEWROUTE, NEW | NLM_F_ECHO, "10.5.0.0/16");
	add_u32(RTA_OIF, LO);
	ask(fd);
	heard(fd);
	note("-- the listener");
	heard(both);
	note("-- a listener that asks gets one");
	route_request(RTM_DELROUTE, ACK | NLM_F_ECHO, "10.5.0.0/16");
	ask(both);
	heard(both);
	note("-- without");
	route_request(RTM_NEWROUTE, NEW, "10.6.0.0/16");
	add_u32(RTA_OIF, LO);
	ask(fd);
	heard(fd);
	reset();
}
