/* SPDX-License-Identifier: MIT */
/* IPV6_PKTINFO, IPV6_HOPLIMIT and IPV6_TCLASS given with one datagram, and seen by who receives it. */
#include "dev.h"

struct in6_info {
	struct in6_addr addr;
	int ifindex;
};

/* It is there once it may be bound: Linux looks in the background whether it is unique. */
static void add_addr(const char *text)
{
	struct sockaddr_in6 b = { .sin6_family = AF_INET6 };
	struct in6_ifreq a = { .ifr6_prefixlen = 128, .ifr6_ifindex = 1 };
	int six = socket(AF_INET6, SOCK_DGRAM, 0);

	inet_pton(AF_INET6, text, &a.ifr6_addr);
	if (ioctl(six, SIOCSIFADDR, &a))
		fail("address: %s", errno_name(errno));
	b.sin6_addr = a.ifr6_addr;
	while (bind(six, (struct sockaddr *)&b, sizeof(b)) && errno == EADDRNOTAVAIL)
		usleep(1000);
	close(six);
}

static ssize_t send_with(int s, const struct sockaddr_in6 *to, int type, const void *data, size_t len)
{
	char control[64] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_name = (void *)to, .msg_namelen = sizeof(*to), .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = CMSG_SPACE(len) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return sendmsg(s, &m, 0);
}

static void receive(int s)
{
	char control[256], b[8];
	struct sockaddr_in6 from;
	struct iovec iov = { b, sizeof(b) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };

	if (recvmsg(s, &m, MSG_DONTWAIT) < 0) {
		note("nothing: %s", errno_name(errno));
		return;
	}
	note("from %s", addr_text(&from));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == IPV6_PKTINFO)
			note("to %s interface %d", inet_ntop(AF_INET6, CMSG_DATA(c), control + 200, 50), ((struct in6_info *)CMSG_DATA(c))->ifindex);
		else
			note("type %d value %d", c->cmsg_type, *(int *)CMSG_DATA(c));
	}
}

TEST(pktinfo6, given_and_seen)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(a);
	int s = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0)), c = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0)), one = 1, v;
	struct in6_info info = { .ifindex = 0 };

	lo_reset();
	add_addr("2001:db8::1");
	add_addr("2001:db8::2");
	inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof(a)));
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)));
	SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof(one)));
	SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, sizeof(one)));
	inet_pton(AF_INET6, "2001:db8::2", &info.addr);
	SHOW(send_with(c, &a, IPV6_PKTINFO, &info, sizeof(info)));
	receive(s);
	info.ifindex = 1;
	SHOW(send_with(c, &a, IPV6_PKTINFO, &info, sizeof(info)));
	receive(s);
	info.ifindex = 999;
	SHOW(send_with(c, &a, IPV6_PKTINFO, &info, sizeof(info)));
	info.ifindex = 0;
	inet_pton(AF_INET6, "2001:db8::9", &info.addr);
	SHOW(send_with(c, &a, IPV6_PKTINFO, &info, sizeof(info)));
	SHOW(send_with(c, &a, IPV6_PKTINFO, &info, 8));
	v = 7;
	SHOW(send_with(c, &a, IPV6_HOPLIMIT, &v, sizeof(v)));
	receive(s);
	v = 0x20;
	SHOW(send_with(c, &a, IPV6_TCLASS, &v, sizeof(v)));
	receive(s);
	v = 256;
	SHOW(send_with(c, &a, IPV6_HOPLIMIT, &v, sizeof(v)));
	SHOW(send_with(c, &a, IPV6_TCLASS, &v, sizeof(v)));
	SHOW(send_with(c, &a, 99, &v, sizeof(v)));
	lo_reset();
}
