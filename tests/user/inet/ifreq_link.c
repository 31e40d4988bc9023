/* SPDX-License-Identifier: MIT */
/* Ioctls on links: flags, MTU, queue length, index, name, hardware address, map, metric. */
#include "dev.h"
#include <net/if_arp.h>

static struct ifreq request(const char *name)
{
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, name);
	return r;
}

TEST(ifreq_link, what_lo_is)
{
	struct ifreq r = request("lo");
	int s = sock();

	lo_reset();
	SHOW(ioctl(s, SIOCGIFFLAGS, &r));
	note("flags %#x", r.ifr_flags & 0xffff);
	r = request("lo");
	SHOW(ioctl(s, SIOCGIFMTU, &r));
	note("mtu %d", r.ifr_mtu);
	r = request("lo");
	SHOW(ioctl(s, SIOCGIFINDEX, &r));
	note("index %d", r.ifr_ifindex);
	r = request("");
	r.ifr_ifindex = 1;
	SHOW(ioctl(s, SIOCGIFNAME, &r));
	note("name %s", r.ifr_name);
	r.ifr_ifindex = 999;
	SHOW(ioctl(s, SIOCGIFNAME, &r));
	r = request("lo");
	SHOW(ioctl(s, SIOCGIFHWADDR, &r));
	note("family %d, byte 0 %d", r.ifr_hwaddr.sa_family, r.ifr_hwaddr.sa_data[0]);
	r = request("lo");
	SHOW(ioctl(s, SIOCGIFTXQLEN, &r));
	note("queue %d", r.ifr_qlen);
	r = request("lo");
	r.ifr_metric = 7;
	SHOW(ioctl(s, SIOCGIFMETRIC, &r));
	note("metric %d", r.ifr_metric);
	SHOW(ioctl(s, SIOCGIFMAP, &r));
	note("memory %lu irq %d", r.ifr_map.mem_start, r.ifr_map.irq);
	r = request("lo:7");
	SHOW(ioctl(s, SIOCGIFMTU, &r));
	SHOW(ioctl(s, SIOCGIFFLAGS, &r));
}

TEST(ifreq_link, changes)
{
	struct ifreq r = request("lo");
	int s = sock();

	lo_reset();
	r.ifr_mtu = 1500;
	SHOW(ioctl(s, SIOCSIFMTU, &r));
	r.ifr_mtu = 0;
	SHOW(ioctl(s, SIOCGIFMTU, &r));
	note("mtu %d", r.ifr_mtu);
	r.ifr_mtu = -1;
	SHOW(ioctl(s, SIOCSIFMTU, &r));
	r = request("lo");
	r.ifr_qlen = 5;
	SHOW(ioctl(s, SIOCSIFTXQLEN, &r));
	r.ifr_qlen = -5;
	SHOW(ioctl(s, SIOCSIFTXQLEN, &r));
	SHOW(ioctl(s, SIOCGIFTXQLEN, &r));
	note("queue %d", r.ifr_qlen);
	r = request("lo");
	r.ifr_metric = 1;
	SHOW(ioctl(s, SIOCSIFMETRIC, &r));
	r = request("lo");
	r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	SHOW(ioctl(s, SIOCSIFHWADDR, &r));
	r = request("lo");
	strcpy(r.ifr_newname, "loop0");
	SHOW(ioctl(s, SIOCSIFNAME, &r));
	set_flags("lo", 0);
	SHOW(ioctl(s, SIOCSIFNAME, &r));
	r = request("lo");
	SHOW(ioctl(s, SIOCGIFINDEX, &r));
	r = request("loop0");
	SHOW(ioctl(s, SIOCGIFINDEX, &r));
	note("index %d", r.ifr_ifindex);
	strcpy(r.ifr_newname, "lo");
	SHOW(ioctl(s, SIOCSIFNAME, &r));
	r = request("lo");
	strcpy(r.ifr_newname, "");
	SHOW(ioctl(s, SIOCSIFNAME, &r));
	strcpy(r.ifr_newname, "a b");
	SHOW(ioctl(s, SIOCSIFNAME, &r));
	lo_reset();
}

TEST(ifreq_link, flags)
{
	struct ifreq r = request("lo");
	int s = sock();

	lo_reset();
	set_flags("lo", IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP | IFF_MULTICAST | IFF_BROADCAST | IFF_POINTOPOINT);
	SHOW(ioctl(s, SIOCGIFFLAGS, &r));
	note("flags %#x", r.ifr_flags & 0xffff);
	set_flags("lo", IFF_UP);
	SHOW(ioctl(s, SIOCGIFFLAGS, &r));
	note("flags %#x", r.ifr_flags & 0xffff);
	set_flags("nosuch", IFF_UP);
	lo_reset();
}

TEST(ifreq_link, on_other_sockets)
{
	struct ifreq r = request("lo");
	int u = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), six = REQUIRE_OK(socket(AF_INET6, SOCK_STREAM, 0));
	int n = REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0)), p[2];

	lo_reset();
	REQUIRE_OK(pipe(p));
	SHOW(ioctl(u, SIOCGIFINDEX, &r));
	SHOW(ioctl(six, SIOCGIFFLAGS, &r));
	SHOW(ioctl(n, SIOCGIFMTU, &r));
	SHOW(ioctl(p[0], SIOCGIFMTU, &r));
	SHOW(ioctl(u, 0x89ff, &r));
	AS_USER(1000, 1000, {
		SHOW(ioctl(u, SIOCSIFFLAGS, &r));
		SHOW(ioctl(u, SIOCSIFMTU, &r));
		SHOW(ioctl(u, SIOCGIFFLAGS, &r));
	});
}
