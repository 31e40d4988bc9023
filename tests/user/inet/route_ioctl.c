/* SPDX-License-Identifier: MIT */
/* SIOCADDRT and SIOCDELRT, IPv4 and IPv6, seen in /proc/net/route and ipv6_route. */
#include "dev.h"

static void fill(struct sockaddr *to, const char *ip)
{
	struct sockaddr_in a = in_addr(ip, 0);

	memcpy(to, &a, sizeof(a));
}

static int change(unsigned long cmd, const char *dst, const char *mask, const char *gw, int flags, int metric, const char *dev)
{
	struct rtentry e = { .rt_flags = flags, .rt_metric = metric, .rt_dev = (char *)dev };

	fill(&e.rt_dst, dst);
	if (mask)
		fill(&e.rt_genmask, mask);
	if (gw)
		fill(&e.rt_gateway, gw);
	return ioctl(sock(), cmd, &e);
}

TEST(route_ioctl, added_and_removed)
{
	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 0, "lo"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 0, "lo"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 5, "lo"));
	SHOW(change(SIOCADDRT, "10.6.0.1", NULL, NULL, RTF_UP | RTF_HOST, 0, "lo"));
	SHOW(change(SIOCADDRT, "0.0.0.0", "0.0.0.0", "10.1.0.9", RTF_UP | RTF_GATEWAY, 0, NULL));
	SHOW(change(SIOCADDRT, "10.7.0.0", "255.255.0.0", NULL, RTF_UP | RTF_REJECT, 0, NULL));
	SHOW(change(SIOCADDRT, "10.8.0.0", "255.255.0.0", NULL, RTF_UP, 0, "lo:1"));
	show_file("/proc/net/route");
	SHOW(change(SIOCDELRT, "10.5.0.0", "255.255.0.0", NULL, 0, 0, NULL));
	SHOW(change(SIOCDELRT, "10.5.0.0", "255.255.0.0", NULL, 0, 0, NULL));
	SHOW(change(SIOCDELRT, "10.5.0.0", "255.255.0.0", NULL, 0, 0, NULL));
	SHOW(change(SIOCDELRT, "10.6.0.1", NULL, NULL, RTF_HOST, 0, NULL));
	SHOW(change(SIOCDELRT, "0.0.0.0", "0.0.0.0", "10.1.0.8", RTF_GATEWAY, 0, NULL));
	SHOW(change(SIOCDELRT, "0.0.0.0", "0.0.0.0", "10.1.0.9", RTF_GATEWAY, 0, NULL));
	SHOW(change(SIOCDELRT, "10.7.0.0", "255.255.0.0", NULL, RTF_REJECT, 0, NULL));
	SHOW(change(SIOCDELRT, "10.8.0.0", "255.255.0.0", NULL, 0, 0, NULL));
	show_file("/proc/net/route");
	lo_reset();
}

TEST(route_ioctl, errors)
{
	struct rtentry e = { 0 };

	lo_reset();
	SHOW(change(SIOCADDRT, "10.5.0.1", "255.255.0.0", NULL, RTF_UP, 0, "lo"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.0.255.0", NULL, RTF_UP, 0, "lo"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 0, "nosuch"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 0, "lo:9"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP, 0, NULL));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", NULL, RTF_UP | RTF_GATEWAY, 0, "lo"));
	SHOW(change(SIOCADDRT, "10.5.0.0", "255.255.0.0", "192.0.2.1", RTF_UP | RTF_GATEWAY, 0, "lo"));
	SHOW(ioctl(sock(), SIOCADDRT, &e));
	SHOW(ioctl(sock(), SIOCADDRT, NULL));
	AS_USER(1000, 1000, SHOW(ioctl(sock(), SIOCADDRT, &e)));
	show_file("/proc/net/route");
}

TEST(route_ioctl, of_ipv6)
{
	struct in6_rtmsg r = { .rtmsg_dst_len = 48, .rtmsg_flags = RTF_UP, .rtmsg_metric = 7, .rtmsg_ifindex = 1 };
	struct in6_ifreq a = { .ifr6_prefixlen = 64, .ifr6_ifindex = 1 };
	int six = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));

	lo_reset();
	inet_pton(AF_INET6, "2001:db8::1", &a.ifr6_addr);
	SHOW(ioctl(six, SIOCSIFADDR, &a));
	SHOW(ioctl(six, SIOCSIFADDR, &a));
	show_file("/proc/net/if_inet6");
	inet_pton(AF_INET6, "2001:db8:5::", &r.rtmsg_dst);
	SHOW(ioctl(six, SIOCADDRT, &r));
	SHOW(ioctl(six, SIOCADDRT, &r));
	SHOW(ioctl(six, SIOCDELRT, &r));
	SHOW(ioctl(six, SIOCDELRT, &r));
	SHOW(ioctl(six, SIOCDIFADDR, &a));
	SHOW(ioctl(six, SIOCDIFADDR, &a));
	a.ifr6_ifindex = 999;
	SHOW(ioctl(six, SIOCSIFADDR, &a));
	a.ifr6_ifindex = 1;
	a.ifr6_prefixlen = 129;
	SHOW(ioctl(six, SIOCSIFADDR, &a));
	AS_USER(1000, 1000, {
		SHOW(ioctl(six, SIOCSIFADDR, &a));
		SHOW(ioctl(six, SIOCADDRT, &r));
	});
	show_file("/proc/net/if_inet6");
}
