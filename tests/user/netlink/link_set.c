/* SPDX-License-Identifier: MIT */
/* RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK on lo: flags, MTU, queue length, name; what is refused. */
#include "rtnl.h"

static void show_lo(void)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m = start(RTM_GETLINK, ACK, sizeof(*m));

	m->ifi_index = LO;
	ask(fd);
	close(fd);
}

static struct ifinfomsg *set(unsigned type, unsigned flags)
{
	struct ifinfomsg *m = start(type, flags, sizeof(*m));

	m->ifi_index = LO;
	return m;
}

TEST(link_set, up_and_down)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m;

	reset();
	m = set(RTM_NEWLINK, ACK);
	m->ifi_change = IFF_UP;
	ask(fd);
	show_lo();
	show_addrs(AF_INET);
	show_addrs(AF_INET6);
	m = set(RTM_SETLINK, ACK);
	m->ifi_change = IFF_UP;
	m->ifi_flags = IFF_UP;
	ask(fd);
	show_lo();
	show_addrs(AF_INET);
	show_addrs(AF_INET6);
	/* Nothing to change. */
	set(RTM_SETLINK, ACK);
	ask(fd);
	show_lo();
}

TEST(link_set, mtu_and_queue_length)
{
	int fd = rt_socket(0);

	reset();
	set(RTM_SETLINK, ACK);
	add_u32(IFLA_MTU, 1500);
	add_u32(IFLA_TXQLEN, 77);
	ask(fd);
	show_lo();
	set(RTM_SETLINK, ACK);
	add_u32(IFLA_MTU, 0x80000000u);
	ask(fd);
	set(RTM_SETLINK, ACK);
	add_u32(IFLA_MTU, 68);
	ask(fd);
	show_lo();
	set(RTM_SETLINK, ACK);
	add(IFLA_MTU, "a", 1);
	ask(fd);
	reset();
	show_lo();
}

TEST(link_set, name)
{
	int fd = rt_socket(0);

	reset();
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "lo");
	ask(fd);
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "there is");
	ask(fd);
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "a_name_of_more_than_15");
	ask(fd);
	set_up(fd, 0);
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "a/b");
	ask(fd);
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "loop%d");
	ask(fd);
	show_lo();
	set(RTM_SETLINK, ACK);
	add_text(IFLA_IFNAME, "lo");
	ask(fd);
	show_lo();
	reset();
}

TEST(link_set, what_is_refused)
{
	static const unsigned char mac[6] = { 2, 0, 0, 0, 0, 1 };
	int fd = rt_socket(0);
	struct ifinfomsg *m;

	reset();
	set(RTM_SETLINK, ACK);
	add_u32(IFLA_MASTER, LO);
	ask(fd);
	set(RTM_SETLINK, ACK);
	add(IFLA_ADDRESS, mac, 2);
	ask(fd);
	m = start(RTM_SETLINK, ACK, sizeof(*m));
	ask(fd);
	m = start(RTM_SETLINK, ACK, sizeof(*m));
	m->ifi_index = 999;
	ask(fd);
	m = start(RTM_NEWLINK, ACK, sizeof(*m));
	ask(fd);
	m = start(RTM_NEWLINK, ACK, sizeof(*m));
	m->ifi_index = -5;
	ask(fd);
	m = start(RTM_NEWLINK, ACK, sizeof(*m));
	add_text(IFLA_IFNAME, "nosuch");
	ask(fd);
	set(RTM_NEWLINK, ACK | NLM_F_CREATE | NLM_F_EXCL);
	ask(fd);
	set(RTM_NEWLINK, ACK | NLM_F_CREATE | NLM_F_REPLACE);
	ask(fd);
	set(RTM_DELLINK, ACK);
	ask(fd);
	m = start(RTM_DELLINK, ACK, sizeof(*m));
	m->ifi_index = 999;
	ask(fd);
	show_lo();
}

TEST(link_set, an_ordinary_user_may_not)
{
	reset();
	AS_USER(1000, 1000, {
		int fd = rt_socket(0);

		set(RTM_SETLINK, ACK);
		add_u32(IFLA_MTU, 1500);
		ask(fd);
		addr_request(RTM_NEWADDR, NEW, "10.1.0.1/24");
		ask(fd);
		route_request(RTM_NEWROUTE, NEW, "10.1.0.0/24");
		ask(fd);
	});
}
