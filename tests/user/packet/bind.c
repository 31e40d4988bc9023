/* SPDX-License-Identifier: MIT */
/* Creating and binding packet sockets. */
#include "packet.h"

TEST(packet, types)
{
	EXPECT_TRUE(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
	EXPECT_TRUE(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)) >= 0);
	EXPECT_ERRNO(socket(AF_PACKET, SOCK_STREAM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_PACKET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	if (setuid(1000))
		fail("setuid");
	EXPECT_ERRNO(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
}

TEST(packet, names)
{
	struct sockaddr_ll a = ll_addr(PROTO), out;
	socklen_t n = sizeof(out);
	int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));

	memset(&out, 0xff, sizeof(out));
	EXPECT_OK(getsockname(s, (void *)&out, &n));
	note("fresh: %d bytes, family %d, protocol %04x, interface %d, hatype %d, halen %d", (int)n, out.sll_family, ntohs(out.sll_protocol),
	     out.sll_ifindex, out.sll_hatype, out.sll_halen);
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	n = sizeof(out);
	EXPECT_OK(getsockname(s, (void *)&out, &n));
	note("bound: %d bytes, family %d, protocol %04x, lo %d, hatype %d, halen %d", (int)n, out.sll_family, ntohs(out.sll_protocol),
	     out.sll_ifindex == (int)if_nametoindex("lo"), out.sll_hatype, out.sll_halen);
	a.sll_protocol = 0;
	a.sll_ifindex = 0;
	EXPECT_OK(bind(s, (void *)&a, sizeof(a)));
	n = sizeof(out);
	EXPECT_OK(getsockname(s, (void *)&out, &n));
	note("bound to all: %d bytes, protocol %04x, interface %d, halen %d", (int)n, ntohs(out.sll_protocol), out.sll_ifindex, out.sll_halen);
}

TEST(packet, bind_errors)
{
	struct sockaddr_ll a = ll_addr(PROTO);
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	EXPECT_ERRNO(bind(s, (void *)&a, 19), EINVAL);
	a.sll_ifindex = 9999;
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), ENODEV);
	a = ll_addr(PROTO);
	a.sll_family = AF_INET;
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EINVAL);
	EXPECT_ERRNO(bind(s, (void *)8, sizeof(a)), EFAULT);
}

TEST(packet, a_socket_of_no_protocol_hears_nothing)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int none, some, other;

	lo_up();
	none = packet_socket(SOCK_RAW, 0);
	some = packet_socket(SOCK_RAW, PROTO);
	other = packet_socket(SOCK_RAW, PROTO + 1);
	EXPECT_EQ(sendto(none, f, n, 0, (void *)&to, sizeof(to)), n);
	show_frame(some, "bound");
	EXPECT_EQ(nothing(none), EAGAIN);
	EXPECT_EQ(nothing(other), EAGAIN);
	/* Bound anew, it hears the other protocol. */
	to.sll_protocol = htons(PROTO + 1);
	EXPECT_OK(bind(some, (void *)&to, sizeof(to)));
	EXPECT_EQ(sendto(none, f, n, 0, (void *)&to, sizeof(to)), n);
	EXPECT_EQ(nothing(some), EAGAIN);
}

TEST(packet, poll_and_sizes)
{
	unsigned char f[64], buf[8];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	struct iovec v = { buf, 8 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int r, s, size = -1;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	note("empty: %s", poll_text(events_of(r, POLLIN | POLLOUT)));
	EXPECT_OK(ioctl(r, FIONREAD, &size));
	EXPECT_EQ(size, 0);
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, sizeof(to)), n);
	EXPECT_EQ(sendto(s, f, n - 4, 0, (void *)&to, sizeof(to)), n - 4);
	EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
	note("full: %s", poll_text(events_of(r, POLLIN | POLLOUT)));
	EXPECT_OK(ioctl(r, FIONREAD, &size));
	EXPECT_EQ(size, 34);
	EXPECT_EQ(recv(r, buf, 4, MSG_PEEK | MSG_TRUNC), 34);
	EXPECT_EQ(recvmsg(r, &m, 0), 8);
	EXPECT_TRUE(m.msg_flags & MSG_TRUNC);
	EXPECT_EQ(recvmsg(r, &m, MSG_TRUNC), 30);
	EXPECT_EQ(nothing(r), EAGAIN);
}
