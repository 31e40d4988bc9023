/* SPDX-License-Identifier: MIT */
/* TCP_CORK and MSG_MORE hold back what does not fill a segment; what is let go arrives in one piece. */
#include "inet.h"
#include <linux/sockios.h>

static int queued(int s)
{
	int v = -1;

	ioctl(s, SIOCINQ, &v);
	return v;
}

/* What is held back goes after 200 ms; on a busy machine that may be over before one looks: then it is tried again. */
static int held(int c[2], void (*put)(int s))
{
	struct timespec a, b;
	char buf[64];
	int n;

	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &a);
		put(c[0]);
		n = queued(c[1]);
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (!n || (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 150)
			return n;
		(void)!recv(c[1], buf, n, MSG_WAITALL);
	}
}

static void put_two(int s)
{
	write_all(s, "one", 3);
	write_all(s, "two", 3);
}

static void put_more(int s) { EXPECT_EQ(send(s, "one", 3, MSG_MORE), 3); }

static void cork(int s, int on) { EXPECT_OK(setsockopt(s, IPPROTO_TCP, TCP_CORK, &on, sizeof(on))); }

TEST(inet, corked_data_waits)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	cork(c[0], 1);
	note("there: %d", held(c, put_two));
	cork(c[0], 0);
	events_of(c[1], POLLIN);
	EXPECT_EQ(recv(c[1], b, 16, 0), 6);
	note("%s", b);
}

TEST(inet, a_corked_socket_sends_what_it_has_when_it_is_closed)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	cork(c[0], 1);
	write_all(c[0], "last", 4);
	EXPECT_OK(close(c[0]));
	EXPECT_EQ(recv(c[1], b, 4, MSG_WAITALL), 4);
	note("%s", b);
	EXPECT_EQ(recv(c[1], b, 4, 0), 0);
}

TEST(inet, msg_more_waits_for_more)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	note("there: %d", held(c, put_more));
	EXPECT_EQ(send(c[0], "two", 3, 0), 3);
	events_of(c[1], POLLIN);
	EXPECT_EQ(recv(c[1], b, 16, 0), 6);
	note("%s", b);
}

TEST(inet, held_back_data_goes_by_itself_in_the_end)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	cork(c[0], 1);
	write_all(c[0], "slow", 4);
	EXPECT_EQ(recv(c[1], b, 16, 0), 4);	/* after 200 ms */
	note("%s", b);
}

TEST(inet, nodelay_lets_go_of_corked_data)
{
	int c[2], one = 1;

	lo_up();
	tcp_pair(c);
	cork(c[0], 1);
	write_all(c[0], "x", 1);
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	note("poll: %s", poll_text(events_of(c[1], POLLIN)));
}
