/* SPDX-License-Identifier: MIT */
/* When data arrived: SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING on UDP and TCP. Times are checked against the clock, not printed. */
#include "inet.h"
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>

static int recent(long sec)
{
	struct timespec n;

	clock_gettime(CLOCK_REALTIME, &n);
	return sec >= n.tv_sec - 60 && sec <= n.tv_sec + 1;
}

static void show(int s, int flags)
{
	char b[64], control[512];
	struct iovec v = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s, &m, flags);

	note("recvmsg %s, flags %#x", n < 0 ? errno_name(errno) : "data", n < 0 ? 0 : m.msg_flags);
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct timespec *t = (void *)CMSG_DATA(c);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP)
			note("SCM_TIMESTAMP %zu %s", c->cmsg_len - sizeof(*c), recent(((struct timeval *)t)->tv_sec) ? "recent" : "wrong");
		else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			note("SCM_TIMESTAMPNS %zu %s", c->cmsg_len - sizeof(*c), recent(t->tv_sec) ? "recent" : "wrong");
		else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING)
			note("SCM_TIMESTAMPING %zu: %s, %ld, %ld", c->cmsg_len - sizeof(*c), recent(t[0].tv_sec) ? "recent" : "wrong",
			     (long)t[1].tv_sec, (long)t[2].tv_sec);
		else
			note("level %d type %d", c->cmsg_level, c->cmsg_type);
	}
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

TEST(inet, times_of_datagrams)
{
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS };
	int c[2], one = 1, none = 0;

	lo_up();
	udp_pair(c);
	write_all(c[0], "x", 1);
	show(c[1], 0);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_OK(setsockopt(c[1], SOL_SOCKET, names[i], &one, sizeof(one)));
		write_all(c[0], "x", 1);
		show(c[1], 0);
		EXPECT_OK(setsockopt(c[1], SOL_SOCKET, names[i], &none, sizeof(none)));
	}
	write_all(c[0], "x", 1);
	show(c[1], 0);
}

TEST(inet, times_of_a_stream)
{
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS };
	int one = 1;

	lo_up();
	for (unsigned i = 0; i < 2; i++) {
		int c[2];

		tcp_pair(c);
		EXPECT_OK(setsockopt(c[1], SOL_SOCKET, names[i], &one, sizeof(one)));
		write_all(c[0], "x", 1);
		events_of(c[1], POLLIN);
		show(c[1], 0);
	}
}

TEST(inet, timestamping_of_what_comes)
{
	int c[2], v = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE, got = 0;
	socklen_t n = sizeof(got);

	lo_up();
	udp_pair(c);
	EXPECT_OK(getsockopt(c[1], SOL_SOCKET, SO_TIMESTAMPING, &got, &n));
	note("%#x", got);
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_TIMESTAMPING, &v, sizeof(v)));
	EXPECT_OK(getsockopt(c[1], SOL_SOCKET, SO_TIMESTAMPING, &got, &n));
	note("%#x", got);
	write_all(c[0], "x", 1);
	show(c[1], 0);
	v = 1 << 20;
	EXPECT_ERRNO(setsockopt(c[1], SOL_SOCKET, SO_TIMESTAMPING, &v, sizeof(v)), EINVAL);
}

TEST(inet, the_last_time_by_ioctl)
{
	struct timeval t;
	int c[2];
	char b;

	lo_up();
	udp_pair(c);
	EXPECT_ERRNO(ioctl(c[1], SIOCGSTAMP, &t), ENOENT);
	write_all(c[0], "x", 1);
	EXPECT_EQ(read(c[1], &b, 1), 1);
	if (ioctl(c[1], SIOCGSTAMP, &t))
		note("%s", errno_name(errno));
	else
		note("%s", recent(t.tv_sec) ? "recent" : "wrong");
}
