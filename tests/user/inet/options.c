/* SPDX-License-Identifier: MIT */
/* Options of internet sockets: defaults, what is stored, what is refused. */
#include "inet.h"

static void show(int s, int level, int name, const char *text)
{
	int v = -1;
	socklen_t n = sizeof(v);

	if (getsockopt(s, level, name, &v, &n))
		note("%s: %s", text, errno_name(errno));
	else
		note("%s: %d (%u bytes)", text, v, n);
}

static void set(int s, int level, int name, int v, const char *text)
{
	if (setsockopt(s, level, name, &v, sizeof(v)))
		note("%s = %d: %s", text, v, errno_name(errno));
	else
		show(s, level, name, text);
}

TEST(inet, what_a_socket_says_of_itself)
{
	int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET6, SOCK_DGRAM, 0);

	show(t, SOL_SOCKET, SO_TYPE, "type");
	show(t, SOL_SOCKET, SO_DOMAIN, "domain");
	show(t, SOL_SOCKET, SO_PROTOCOL, "protocol");
	show(t, SOL_SOCKET, SO_ACCEPTCONN, "acceptconn");
	listen(t, 1);
	show(t, SOL_SOCKET, SO_ACCEPTCONN, "acceptconn");
	show(u, SOL_SOCKET, SO_TYPE, "type");
	show(u, SOL_SOCKET, SO_DOMAIN, "domain");
	show(u, SOL_SOCKET, SO_PROTOCOL, "protocol");
	show(u, SOL_SOCKET, SO_RCVBUF, "rcvbuf");
	show(u, SOL_SOCKET, SO_SNDBUF, "sndbuf");
}

TEST(inet, kinds_that_do_not_exist)
{
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, 300), EINVAL);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, -1), EINVAL);
}

TEST(inet, options_of_tcp)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	show(s, IPPROTO_TCP, TCP_NODELAY, "nodelay");
	set(s, IPPROTO_TCP, TCP_NODELAY, 1, "nodelay");
	set(s, IPPROTO_TCP, TCP_CORK, 1, "cork");
	show(s, IPPROTO_TCP, TCP_KEEPIDLE, "keepidle");
	show(s, IPPROTO_TCP, TCP_KEEPINTVL, "keepintvl");
	show(s, IPPROTO_TCP, TCP_KEEPCNT, "keepcnt");
	set(s, IPPROTO_TCP, TCP_KEEPIDLE, 60, "keepidle");
	set(s, IPPROTO_TCP, TCP_KEEPIDLE, 0, "keepidle");
	set(s, IPPROTO_TCP, TCP_KEEPINTVL, 40000, "keepintvl");
	set(s, IPPROTO_TCP, TCP_KEEPCNT, 128, "keepcnt");
	set(s, IPPROTO_TCP, TCP_KEEPCNT, 5, "keepcnt");
	set(s, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000, "user timeout");
	set(s, IPPROTO_TCP, TCP_USER_TIMEOUT, -1, "user timeout");
	set(s, IPPROTO_TCP, TCP_QUICKACK, 1, "quickack");
	set(s, IPPROTO_TCP, 999, 1, "unknown");
	show(s, SOL_SOCKET, SO_KEEPALIVE, "keepalive");
	set(s, SOL_SOCKET, SO_KEEPALIVE, 1, "keepalive");
}

TEST(inet, options_of_ip)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	show(s, IPPROTO_IP, IP_TTL, "ttl");
	set(s, IPPROTO_IP, IP_TTL, 7, "ttl");
	set(s, IPPROTO_IP, IP_TTL, 256, "ttl");
	set(s, IPPROTO_IP, IP_TTL, 0, "ttl");
	set(s, IPPROTO_IP, IP_TTL, -1, "ttl");
	show(s, IPPROTO_IP, IP_TOS, "tos");
	set(s, IPPROTO_IP, IP_TOS, 0x10, "tos");
	show(s, IPPROTO_IP, IP_MULTICAST_TTL, "multicast ttl");
	show(s, IPPROTO_IP, IP_MULTICAST_LOOP, "multicast loop");
	show(s, IPPROTO_IP, IP_PKTINFO, "pktinfo");
	set(s, IPPROTO_IP, IP_PKTINFO, 1, "pktinfo");
	set(s, IPPROTO_IP, IP_HDRINCL, 1, "hdrincl");
	set(s, IPPROTO_IP, 999, 1, "unknown");
	set(s, IPPROTO_TCP, TCP_NODELAY, 1, "nodelay on UDP");
}

TEST(inet, options_of_ipv6)
{
	int s = socket(AF_INET6, SOCK_STREAM, 0), f = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };

	show(s, IPPROTO_IPV6, IPV6_V6ONLY, "v6only");
	set(s, IPPROTO_IPV6, IPV6_V6ONLY, 1, "v6only");
	show(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, "hops");
	set(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 3, "hops");
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0, "v6only");
	set(f, IPPROTO_IPV6, IPV6_V6ONLY, 1, "v6only on IPv4");
}

TEST(inet, tcp_info_names_the_state)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);
	int c[2], s = socket(AF_INET, SOCK_STREAM, 0);

	lo_up();
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n));
	note("fresh: %d", i.tcpi_state);
	listen(s, 1);
	n = sizeof(i);
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n));
	note("listening: %d", i.tcpi_state);
	tcp_pair(c);
	n = sizeof(i);
	EXPECT_OK(getsockopt(c[0], IPPROTO_TCP, TCP_INFO, &i, &n));
	note("connected: %d", i.tcpi_state);
	shutdown(c[0], SHUT_WR);
	events_of(c[1], POLLRDHUP);
	n = sizeof(i);
	EXPECT_OK(getsockopt(c[1], IPPROTO_TCP, TCP_INFO, &i, &n));
	note("peer has ended: %d", i.tcpi_state);
}

TEST(inet, interface_requests)
{
	struct ifreq r = { .ifr_name = "lo" };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	EXPECT_OK(ioctl(s, SIOCGIFINDEX, &r));
	note("index %d", r.ifr_ifindex);
	EXPECT_OK(ioctl(s, SIOCGIFFLAGS, &r));
	note("flags %#x", r.ifr_flags);
	EXPECT_OK(ioctl(s, SIOCGIFMTU, &r));
	note("mtu %d", r.ifr_mtu);
	EXPECT_OK(ioctl(s, SIOCGIFADDR, &r));
	note("address %s", addr_text(&r.ifr_addr));
	EXPECT_OK(ioctl(s, SIOCGIFNETMASK, &r));
	note("mask %s", addr_text(&r.ifr_netmask));
	EXPECT_OK(ioctl(s, SIOCGIFHWADDR, &r));
	note("type %d", r.ifr_hwaddr.sa_family);
	r.ifr_ifindex = 1;
	EXPECT_OK(ioctl(s, SIOCGIFNAME, &r));
	note("name %s", r.ifr_name);
	strcpy(r.ifr_name, "nonesuch");
	EXPECT_ERRNO(ioctl(s, SIOCGIFFLAGS, &r), ENODEV);
}

TEST(inet, unprivileged_ping)
{
	struct icmphdr h = { .type = ICMP_ECHO, .un.echo.sequence = htons(5) };
	struct sockaddr_in to = in_addr("127.0.0.1", 0), from;
	socklen_t n = sizeof(from);
	char out[16], in[64];
	int s, fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);

	lo_up();
	if (fd >= 0)
		write(fd, "0 100", 5);
	s = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	EXPECT_GE(s, 0);
	memcpy(out, &h, 8);
	memcpy(out + 8, "payload.", 8);
	EXPECT_EQ(sendto(s, out, 16, 0, (void *)&to, sizeof(to)), 16);
	EXPECT_EQ(recvfrom(s, in, sizeof(in), 0, (void *)&from, &n), 16);
	memcpy(&h, in, 8);
	note("type %d, sequence %d, %.8s from %s", h.type, ntohs(h.un.echo.sequence), in + 8, addr_text(&from));
	out[0] = ICMP_DEST_UNREACH;
	EXPECT_ERRNO(sendto(s, out, 16, 0, (void *)&to, sizeof(to)), EINVAL);
	EXPECT_ERRNO(sendto(s, out, 4, 0, (void *)&to, sizeof(to)), EINVAL);
}
