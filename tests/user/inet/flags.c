/* SPDX-License-Identifier: MIT */
/* MSG_* of streams: peeking, discarding, waiting for all; the low-water mark. */
#include "inet.h"

TEST(inet, peeking_leaves_the_data)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	write_all(c[0], "abcdef", 6);
	events_of(c[1], POLLIN);
	EXPECT_EQ(recv(c[1], b, 3, MSG_PEEK), 3);
	EXPECT_EQ(recv(c[1], b, 16, MSG_PEEK), 6);
	EXPECT_EQ(recv(c[1], b, 16, 0), 6);
	note("%s", b);
}

TEST(inet, truncating_discards)
{
	char b[16] = "........";
	int c[2];

	lo_up();
	tcp_pair(c);
	write_all(c[0], "abcdef", 6);
	events_of(c[1], POLLIN);
	EXPECT_EQ(recv(c[1], b, 4, MSG_TRUNC), 4);
	note("%.8s", b);
	EXPECT_EQ(recv(c[1], b, 16, 0), 2);
	note("%.2s", b);
}

TEST(inet, waiting_for_all)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	write_all(c[0], "abc", 3);
	pid_t pid;

	CHILD(pid) {
		wait_state(getppid(), 'S');
		write_all(c[0], "def", 3);
		_exit(0);
	}
	EXPECT_EQ(recv(c[1], b, 6, MSG_WAITALL), 6);
	note("%s, %s", b, status_name(reap(pid)));
	write_all(c[0], "xy", 2);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	EXPECT_EQ(recv(c[1], b, 6, MSG_WAITALL), 2);
}

TEST(inet, the_low_water_mark)
{
	int c[2], v = 4, got;
	socklen_t n = sizeof(got);
	char b[16];

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v)));
	EXPECT_OK(getsockopt(c[1], SOL_SOCKET, SO_RCVLOWAT, &got, &n));
	note("%d", got);
	write_all(c[0], "abc", 3);
	struct pollfd p = { c[1], POLLIN, 0 };
	note("with 3: %d", poll(&p, 1, 50));
	write_all(c[0], "d", 1);
	note("with 4: %s", poll_text(events_of(c[1], POLLIN)));
	EXPECT_EQ(recv(c[1], b, 16, 0), 4);
}

TEST(inet, nothing_asked_nothing_given)
{
	char b[4];
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(send(c[0], b, 0, 0), 0);
	EXPECT_ERRNO(recv(c[1], b, 0, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(write(c[0], b, 0), 0);
	EXPECT_ERRNO(recv(c[1], b, 1, MSG_DONTWAIT), EAGAIN);
	write_all(c[0], "a", 1);
	events_of(c[1], POLLIN);
	EXPECT_EQ(recv(c[1], b, 0, 0), 0);
	EXPECT_EQ(recv(c[1], b, 4, 0), 1);
}
