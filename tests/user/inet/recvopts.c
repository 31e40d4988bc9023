/* SPDX-License-Identifier: MIT */
/* IP_RECVOPTS and IP_RETOPTS: options of packets that came. A raw socket sends them over lo. */
#include "dev.h"

/* A datagram to a port of 127.0.0.1, with these options in its header. */
static void send_options(int port, const void *opts, unsigned n)
{
	unsigned char p[128] = { 0 }, *udp = p + 20 + n;
	struct sockaddr_in to = in_addr("127.0.0.1", 0);
	int raw = REQUIRE_OK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	unsigned len = 20 + n + 8 + 3;

	p[0] = (unsigned char)(0x40 | (20 + n) / 4);
	p[3] = (unsigned char)len;
	p[8] = 64;
	p[9] = IPPROTO_UDP;
	memcpy(p + 12, "\x7f\0\0\1\x7f\0\0\1", 8);
	memcpy(p + 20, opts, n);
	udp[0] = 9;
	udp[2] = (unsigned char)(port >> 8);
	udp[3] = (unsigned char)port;
	udp[5] = 11;
	memcpy(udp + 8, "abc", 3);
	EXPECT_EQ(sendto(raw, p, len, 0, (void *)&to, sizeof(to)), len);
	close(raw);
}

static void take(int s)
{
	union {
		char space[256];
		struct cmsghdr align;
	} u;
	char data[16];
	struct iovec v = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.space, .msg_controllen = sizeof(u.space) };

	EXPECT_TRUE(events_of(s, POLLIN) & POLLIN);
	note("%zd bytes", recvmsg(s, &m, 0));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		char text[128] = "";

		for (size_t i = 0; i < c->cmsg_len - CMSG_LEN(0); i++)
			sprintf(text + 3 * i, " %02x", CMSG_DATA(c)[i]);
		note("  %s:%s", c->cmsg_type == IP_RECVOPTS ? "RECVOPTS" : c->cmsg_type == IP_RETOPTS ? "RETOPTS" : "?", text);
	}
}

static void on(int s, int name, int v)
{
	int got = -1;
	socklen_t n = sizeof(got);

	EXPECT_OK(setsockopt(s, IPPROTO_IP, name, &v, sizeof(v)));
	EXPECT_OK(getsockopt(s, IPPROTO_IP, name, &got, &n));
	EXPECT_EQ(got, !!v);
}

TEST(recvopts, what_comes)
{
	static const unsigned char alert[] = { 0x94, 4, 0, 0 };
	static const unsigned char route[] = { 1, 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char full[] = { 7, 7, 8, 10, 1, 2, 3, 0 };
	int s;

	lo_reset();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	send_options(port_of(s), alert, sizeof(alert));
	take(s);
	on(s, IP_RECVOPTS, 1);
	send_options(port_of(s), NULL, 0);
	take(s);
	send_options(port_of(s), alert, sizeof(alert));
	take(s);
	send_options(port_of(s), route, sizeof(route));
	take(s);
	send_options(port_of(s), full, sizeof(full));
	take(s);
	on(s, IP_RETOPTS, 7);
	send_options(port_of(s), route, sizeof(route));
	take(s);
	send_options(port_of(s), alert, sizeof(alert));
	take(s);
	on(s, IP_RECVOPTS, 0);
	send_options(port_of(s), full, sizeof(full));
	take(s);
}
