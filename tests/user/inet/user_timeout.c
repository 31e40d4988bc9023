/* SPDX-License-Identifier: MIT */
/* TCP_USER_TIMEOUT: a connection whose data nobody takes ends when the time is over. */
#include "inet.h"

TEST(inet, the_option_keeps_milliseconds)
{
	unsigned v = 1;
	socklen_t n = sizeof(v);
	int s = socket(AF_INET, SOCK_STREAM, 0), bad = -1;

	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, &n));
	note("%u", v);
	v = 12345;
	EXPECT_OK(setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof(v)));
	v = 0;
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, &n));
	note("%u", v);
	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &bad, sizeof(bad)), EINVAL);
}

TEST(inet, a_peer_without_room_for_too_long)
{
	static char b[65536];
	unsigned v = 700;
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof(v)));
	EXPECT_OK(fcntl(c[0], F_SETFL, O_NONBLOCK));
	while (write(c[0], b, sizeof(b)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	note("poll: %s", poll_text(events_of(c[0], POLLRDHUP)));
	EXPECT_EQ(so_error(c[0]), ETIMEDOUT);
	EXPECT_ERRNO(send(c[0], b, 1, MSG_NOSIGNAL), EPIPE);
}
