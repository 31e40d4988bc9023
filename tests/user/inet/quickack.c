/* SPDX-License-Identifier: MIT */
/* TCP_QUICKACK and TCP_NODELAY do not change what arrives, only when; both are read back. */
#include "inet.h"

TEST(inet, reading_the_options_back)
{
	int c[2], v;
	socklen_t n = sizeof(v);

	lo_up();
	tcp_pair(c);
	for (int i = 0; i < 2; i++) {
		v = i;
		EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_QUICKACK, &v, sizeof(v)));
		v = -1;
		EXPECT_OK(getsockopt(c[0], IPPROTO_TCP, TCP_QUICKACK, &v, &n));
		note("quickack %d: %d", i, v);
	}
}

TEST(inet, many_small_questions_and_answers)
{
	int c[2], one = 1, right = 0;
	pid_t pid;
	char b;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	CHILD(pid) {
		close(c[0]);
		while (read(c[1], &b, 1) == 1) {
			EXPECT_OK(setsockopt(c[1], IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one)));
			b++;
			write_all(c[1], &b, 1);
		}
		_exit(0);
	}
	close(c[1]);
	for (int i = 0; i < 200; i++) {
		char q = (char)i;

		write_all(c[0], &q, 1);
		right += read(c[0], &b, 1) == 1 && b == (char)(i + 1);
	}
	close(c[0]);
	note("right: %d, %s", right, status_name(reap(pid)));
}

TEST(inet, two_small_writes_before_a_read)
{
	int c[2];
	char b[4];

	/* Nagle's algorithm holds the second back until the first is acknowledged: it comes all the same. */
	lo_up();
	tcp_pair(c);
	for (int i = 0; i < 5; i++) {
		write_all(c[0], "a", 1);
		write_all(c[0], "b", 1);
		EXPECT_EQ(recv(c[1], b, 2, MSG_WAITALL), 2);
		write_all(c[1], "c", 1);
		EXPECT_EQ(recv(c[0], b, 1, 0), 1);
	}
	note("done");
}
