/* SPDX-License-Identifier: MIT */
/* SO_LINGER with a time: close waits until the peer has taken what was sent, or the time is over. */
#include "inet.h"

static long ms_of(struct timespec *t)
{
	struct timespec n;

	clock_gettime(CLOCK_MONOTONIC, &n);
	return (n.tv_sec - t->tv_sec) * 1000 + (n.tv_nsec - t->tv_nsec) / 1000000;
}

static size_t fill(int s)
{
	static char b[65536];
	size_t n = 0;
	ssize_t k;

	fcntl(s, F_SETFL, O_NONBLOCK);
	while ((k = write(s, b, sizeof(b))) > 0)
		n += k;
	fcntl(s, F_SETFL, 0);
	return n;
}

static size_t read_out(int s)
{
	static char b[65536];
	size_t n = 0;
	ssize_t k;

	while ((k = read(s, b, sizeof(b))) > 0)
		n += k;
	return n;
}

TEST(inet, close_waits_for_the_reader)
{
	struct linger g = { 1, 15 };
	size_t n;
	int c[2], go[2];
	char b;

	lo_up();
	tcp_pair(c);
	REQUIRE_OK(pipe(go));
	n = fill(c[0]);
	EXPECT_OK(setsockopt(c[0], SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	pid_t pid;

	CHILD(pid) {
		close(c[0]);
		read(go[0], &b, 1);
		_exit(read_out(c[1]) == n ? 0 : 1);
	}
	close(c[1]);
	write_all(go[1], "g", 1);
	EXPECT_OK(close(c[0]));
	note("reader: %s", status_name(reap(pid)));
}

TEST(inet, close_gives_up_when_the_time_is_over)
{
	struct linger g = { 1, 1 };
	struct timespec t;
	int c[2];

	lo_up();
	tcp_pair(c);
	fill(c[0]);
	EXPECT_OK(setsockopt(c[0], SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	clock_gettime(CLOCK_MONOTONIC, &t);
	EXPECT_OK(close(c[0]));
	note("waited: %s", ms_of(&t) >= 950 ? "yes" : "no");
}

TEST(inet, with_nothing_to_send_close_returns_at_once)
{
	struct linger g = { 1, 19 };
	struct timespec t;
	int c[2];
	char b;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	write_all(c[0], "x", 1);
	EXPECT_EQ(read(c[1], &b, 1), 1);
	clock_gettime(CLOCK_MONOTONIC, &t);
	EXPECT_OK(close(c[0]));
	note("at once: %s", ms_of(&t) < 15000 ? "yes" : "no");
	EXPECT_EQ(read(c[1], &b, 1), 0);
}

TEST(inet, the_option_itself)
{
	struct linger g = { 5, 7 };
	socklen_t n = sizeof(g);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	memset(&g, 0xff, sizeof(g));
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, &g, &n));
	note("on %d, %d s", g.l_onoff, g.l_linger);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_LINGER, &g, 4), EINVAL);
	g.l_onoff = 0;
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, &g, &n));
	note("on %d, %d s", g.l_onoff, g.l_linger);
}
