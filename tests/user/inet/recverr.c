/* SPDX-License-Identifier: MIT */
/* IP_RECVERR and IPV6_RECVERR: errors of datagrams are kept, with the datagram and who said so. */
#include "inet.h"
#include <linux/errqueue.h>

static void show(int s)
{
	char b[64] = { 0 }, control[512];
	struct sockaddr_in6 name;
	struct iovec v = { b, sizeof(b) };
	struct msghdr m = { .msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s, &m, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (n < 0) {
		note("queue: %s", errno_name(errno));
		return;
	}
	note("%zd bytes \"%s\", flags %#x, to %s", n, b, m.msg_flags, m.msg_namelen ? addr_text(&name) : "nobody");
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err *e = (void *)CMSG_DATA(c);

		note("level %d type %d: %s origin %d type %d code %d info %u data %u from %s", c->cmsg_level, c->cmsg_type,
		     errno_name(e->ee_errno), e->ee_origin, e->ee_type, e->ee_code, e->ee_info, e->ee_data, addr_text(SO_EE_OFFENDER(e)));
	}
}

static struct sockaddr_in closed_port(void)
{
	int s = bound(SOCK_DGRAM, "127.0.0.1");
	struct sockaddr_in a = in_addr("127.0.0.1", port_of(s));

	close(s);
	return a;
}

TEST(inet, a_connected_socket_keeps_the_error)
{
	struct sockaddr_in a;
	int s, one = 1;

	lo_up();
	a = closed_port();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_OK(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)));
	show(s);
	EXPECT_OK(connect(s, (void *)&a, sizeof(a)));
	EXPECT_EQ(send(s, "hello", 5, 0), 5);
	note("poll: %s", poll_text(events_of(s, POLLERR)));
	show(s);
	EXPECT_EQ(so_error(s), 0);
	show(s);
	note("poll: %s", poll_text(events_of(s, POLLOUT)));
}

TEST(inet, an_unconnected_socket_hears_of_errors_too)
{
	struct sockaddr_in a;
	int s, one = 1;
	char b[8];

	lo_up();
	a = closed_port();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_OK(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)));
	EXPECT_EQ(sendto(s, "abc", 3, 0, (void *)&a, sizeof(a)), 3);
	events_of(s, POLLERR);
	EXPECT_ERRNO(recv(s, b, sizeof(b), 0), ECONNREFUSED);
	note("poll: %s", poll_text(events_of(s, POLLERR)));
	show(s);
}

TEST(inet, several_errors_wait_in_order)
{
	struct sockaddr_in a;
	int s, one = 1;

	lo_up();
	a = closed_port();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_OK(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)));
	EXPECT_EQ(sendto(s, "1", 1, 0, (void *)&a, sizeof(a)), 1);
	events_of(s, POLLERR);
	so_error(s);
	EXPECT_EQ(sendto(s, "22", 2, 0, (void *)&a, sizeof(a)), 2);
	events_of(s, POLLERR);
	show(s);
	note("next error: %s", errno_name(so_error(s)));
	show(s);
	show(s);
}

TEST(inet, the_same_over_ipv6)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t n = sizeof(a);
	int s, one = 1;

	lo_up();
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	REQUIRE_OK(bind(s, (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(s, (void *)&a, &n));
	close(s);
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	EXPECT_OK(setsockopt(s, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one)));
	EXPECT_OK(connect(s, (void *)&a, sizeof(a)));
	EXPECT_EQ(send(s, "hello", 5, 0), 5);
	note("poll: %s", poll_text(events_of(s, POLLERR)));
	show(s);
}

TEST(inet, a_stream_has_an_empty_queue)
{
	int c[2], one = 1;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], IPPROTO_IP, IP_RECVERR, &one, sizeof(one)));
	show(c[0]);
}
