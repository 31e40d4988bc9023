/* SPDX-License-Identifier: MIT */
/* RTM_NEWADDR for IPv4 on lo: the list and its order, secondary addresses, flags, labels, what is refused. */
#include "rtnl.h"

TEST(addr_new, order_of_the_list)
{
	reset();
	add_addr("10.1.0.1/24");
	add_addr("10.1.0.2/24");
	add_addr("10.2.0.1/16");
	add_addr("10.1.0.3/24");
	add_addr("10.1.0.4/25");
	add_addr("10.3.0.1/32");
	show_addrs(AF_INET);
	show_routes(AF_INET);
	reset();
}

TEST(addr_new, scope_broadcast_label_metric)
{
	int fd = rt_socket(0);

	reset();
	addr_request(RTM_NEWADDR, NEW, "10.1.0.1/24");
	add_ip(IFA_BROADCAST, "10.1.0.255");
	add_text(IFA_LABEL, "lo:one");
	add_u32(IFA_RT_PRIORITY, 55);
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	((struct ifaddrmsg *)NLMSG_DATA(&q.h))->ifa_scope = RT_SCOPE_LINK;
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.3.0.1/24");
	add_u32(IFA_FLAGS, IFA_F_NOPREFIXROUTE);
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.4.0.1/32");
	add_ip(IFA_ADDRESS, "10.4.0.2");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.5.0.1/24");
	add_ip(IFA_ADDRESS, "10.6.0.2");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.7.0.1/31");
	ask(fd);
	show_addrs(AF_INET);
	show_routes(AF_INET);
	reset();
}

TEST(addr_new, what_is_refused)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m;
	struct ifa_cacheinfo life = { .ifa_valid = 10, .ifa_prefered = 20 };

	reset();
	add_addr("10.1.0.1/24");
	addr_request(RTM_NEWADDR, NEW, "10.1.0.1/24");
	ask(fd);
	addr_request(RTM_NEWADDR, ACK, "10.1.0.1/24");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.1.0.9/24");
	((struct ifaddrmsg *)NLMSG_DATA(&q.h))->ifa_scope = RT_SCOPE_LINK;
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/33");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	((struct ifaddrmsg *)NLMSG_DATA(&q.h))->ifa_index = 999;
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	((struct ifaddrmsg *)NLMSG_DATA(&q.h))->ifa_index = 0;
	ask(fd);
	m = start(RTM_NEWADDR, NEW, sizeof(*m));
	m->ifa_family = AF_INET;
	m->ifa_index = LO;
	m->ifa_prefixlen = 24;
	ask(fd);
	add_ip(IFA_ADDRESS, "10.2.0.1");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	life.ifa_valid = 10;
	add(IFA_CACHEINFO, &life, sizeof(life));
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	life.ifa_valid = life.ifa_prefered = 0;
	add(IFA_CACHEINFO, &life, sizeof(life));
	ask(fd);
	m = start(RTM_NEWADDR, NEW, sizeof(*m));
	m->ifa_family = AF_INET;
	m->ifa_index = LO;
	add(IFA_LOCAL, "ab", 2);
	ask(fd);
	m = start(RTM_NEWADDR, NEW, 4);
	m->ifa_family = AF_INET;
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "0.0.0.0/0");
	ask(fd);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	add_text(IFA_LABEL, "a_label_of_more_than_15");
	ask(fd);
	show_addrs(AF_INET);
}

TEST(addr_new, another_family)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m = start(RTM_NEWADDR, NEW, sizeof(*m));

	m->ifa_family = AF_UNIX;
	ask(fd);
	m = start(RTM_NEWADDR, NEW, sizeof(*m));
	ask(fd);
}

TEST(addr_new, lo_keeps_its_own_after_down_and_up)
{
	int fd = rt_socket(0);

	reset();
	add_addr("10.1.0.1/24");
	set_up(fd, 0);
	show_addrs(AF_INET);
	show_routes(AF_INET);
	addr_request(RTM_NEWADDR, NEW, "10.2.0.1/24");
	ask(fd);
	addr_request(RTM_DELADDR, ACK, "127.0.0.1/8");
	ask(fd);
	set_up(fd, 1);
	show_addrs(AF_INET);
	show_routes(AF_INET);
	reset();
}
