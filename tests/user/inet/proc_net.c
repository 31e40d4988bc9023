/* SPDX-License-Identifier: MIT */
/* Files of /proc/net that show addresses, routes and groups: as Linux prints them. */
#include "dev.h"

TEST(proc_net, routes_and_addresses)
{
	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	show_file("/proc/net/route");
	show_file("/proc/net/if_inet6");
	show_file("/proc/net/arp");
	lo_reset();
}

TEST(proc_net, groups)
{
	struct ip_mreqn m = { .imr_ifindex = 1 };
	struct ipv6_mreq m6 = { .ipv6mr_interface = 1 };
	int s = sock(), six = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));

	lo_reset();
	show_file("/proc/net/igmp");
	show_file("/proc/net/igmp6");
	inet_pton(AF_INET, "239.1.2.3", &m.imr_multiaddr);
	inet_pton(AF_INET6, "ff02::1234", &m6.ipv6mr_multiaddr);
	SHOW(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)));
	SHOW(setsockopt(six, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m6, sizeof(m6)));
	show_file("/proc/net/igmp");
	show_file("/proc/net/igmp6");
	SHOW(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof(m)));
	SHOW(setsockopt(six, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &m6, sizeof(m6)));
	show_file("/proc/net/igmp");
	show_file("/proc/net/igmp6");
	show_file("/proc/net/dev_mcast");
}

TEST(proc_net, ipv6_routes)
{
	lo_reset();
	int fd = REQUIRE_OK(open("/proc/net/ipv6_route", O_RDONLY));
	static char text[8192];
	ssize_t n = REQUIRE_OK(read(fd, text, sizeof(text) - 1));
	text[n] = 0;
	/* The counts of uses depend on what was before. */
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n")) {
		char dst[64], src[64], gw[64], dev[16];
		unsigned dl, sl, metric, ref, use, flags;

		if (sscanf(l, "%32s %x %32s %x %32s %x %x %x %x %15s", dst, &dl, src, &sl, gw, &metric, &ref, &use, &flags, dev) == 10)
			note("%s/%u from %s/%u via %s metric %u flags %08x dev %s, line of %zu", dst, dl, src, sl, gw, metric, flags, dev, strlen(l));
		else
			note("?");
	}
}

TEST(proc_net, sockets_are_counted)
{
	char *at;
	static char text[4096];

	for (int i = 0; i < 2; i++) {
		int fd = REQUIRE_OK(open(i ? "/proc/net/sockstat6" : "/proc/net/sockstat", O_RDONLY));
		ssize_t n = REQUIRE_OK(read(fd, text, sizeof(text) - 1));

		text[n] = 0;
		/* Names only: what is in use is the whole machine's business. */
		for (at = strtok(text, " \n"); at; at = strtok(NULL, " \n"))
			if (*at < '0' || *at > '9')
				note("%s", at);
	}
}

TEST(proc_net, what_there_is)
{
	static const char *const names[] = {
		"arp", "dev", "dev_mcast", "icmp", "icmp6", "if_inet6", "igmp", "igmp6", "ipv6_route", "netlink", "netstat", "raw", "raw6", "route", "snmp", "snmp6", "sockstat", "sockstat6", "tcp", "tcp6", "udp", "udp6", "unix",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/net/%s", names[i]);
		if (stat(path, &st))
			note("%s: %s", names[i], errno_name(errno));
		else
			note("%s: mode %o, %s", names[i], st.st_mode, fopen(path, "r") ? "opens" : errno_name(errno));
	}
}
