/* SPDX-License-Identifier: MIT */
/* Control messages of datagrams: TTL, TOS and their like, given and taken. */
#include "inet.h"

static void take(int s)
{
	char b[64], control[512];
	struct iovec v = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(s, &m, 0) < 0) {
		note("%s", errno_name(errno));
		return;
	}
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		note("level %d type %d length %zu: %d", c->cmsg_level, c->cmsg_type, n, n == 1 ? *CMSG_DATA(c) : *(int *)CMSG_DATA(c));
	}
	note("flags %#x", m.msg_flags);
}

static void udp_pair(int c[2])
{
	for (int i = 0; i < 2; i++)
		c[i] = bound(SOCK_DGRAM, "127.0.0.1");
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in a = in_addr("127.0.0.1", port_of(c[!i]));

		EXPECT_OK(connect(c[i], (void *)&a, sizeof(a)));
	}
}

static void on(int s, int level, int name)
{
	int one = 1;

	EXPECT_OK(setsockopt(s, level, name, &one, sizeof(one)));
}

TEST(inet, ttl_and_tos_of_what_comes)
{
	int c[2], ttl = 17, tos = 0x20;

	lo_up();
	udp_pair(c);
	on(c[1], IPPROTO_IP, IP_RECVTTL);
	on(c[1], IPPROTO_IP, IP_RECVTOS);
	write_all(c[0], "x", 1);
	take(c[1]);
	EXPECT_OK(setsockopt(c[0], IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)));
	EXPECT_OK(setsockopt(c[0], IPPROTO_IP, IP_TOS, &tos, sizeof(tos)));
	write_all(c[0], "x", 1);
	take(c[1]);
}

static ssize_t send_with(int s, int type, int value)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &value, sizeof(int));
	return sendmsg(s, &m, 0);
}

TEST(inet, ttl_and_tos_for_one_datagram)
{
	int c[2];

	lo_up();
	udp_pair(c);
	on(c[1], IPPROTO_IP, IP_RECVTTL);
	on(c[1], IPPROTO_IP, IP_RECVTOS);
	EXPECT_EQ(send_with(c[0], IP_TTL, 5), 1);
	take(c[1]);
	EXPECT_EQ(send_with(c[0], IP_TOS, 0x10), 1);
	take(c[1]);
	EXPECT_EQ(send(c[0], "x", 1, 0), 1);
	take(c[1]);
	EXPECT_ERRNO(send_with(c[0], IP_TTL, 0), EINVAL);
	EXPECT_ERRNO(send_with(c[0], IP_TTL, 256), EINVAL);
	EXPECT_ERRNO(send_with(c[0], 200, 1), EINVAL);
}

TEST(inet, a_control_buffer_that_is_too_small)
{
	char b[8], control[CMSG_SPACE(sizeof(int))];
	struct iovec v = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	int c[2];

	lo_up();
	udp_pair(c);
	on(c[1], IPPROTO_IP, IP_RECVTTL);
	on(c[1], IPPROTO_IP, IP_RECVTOS);
	on(c[1], IPPROTO_IP, IP_PKTINFO);
	write_all(c[0], "x", 1);
	EXPECT_EQ(recvmsg(c[1], &m, 0), 1);
	note("cut: %s", m.msg_flags & MSG_CTRUNC ? "yes" : "no");
}
