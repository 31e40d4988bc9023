/* SPDX-License-Identifier: MIT */
/* splice(2) between pipes and TCP sockets. */
#include "inet.h"

TEST(inet, from_a_pipe_to_a_socket_and_back)
{
	char b[32] = { 0 };
	int c[2], p[2];

	lo_up();
	tcp_pair(c);
	REQUIRE_OK(pipe(p));
	write_all(p[1], "through the pipe", 16);
	EXPECT_EQ(splice(p[0], NULL, c[0], NULL, 100, 0), 16);
	events_of(c[1], POLLIN);
	EXPECT_EQ(splice(c[1], NULL, p[1], NULL, 100, 0), 16);
	EXPECT_EQ(read(p[0], b, 32), 16);
	note("%s", b);
}

TEST(inet, an_empty_socket)
{
	int c[2], p[2];

	lo_up();
	tcp_pair(c);
	REQUIRE_OK(pipe(p));
	EXPECT_OK(fcntl(c[1], F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(splice(c[1], NULL, p[1], NULL, 100, 0), EAGAIN);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	events_of(c[1], POLLIN);
	EXPECT_EQ(splice(c[1], NULL, p[1], NULL, 100, 0), 0);
}

TEST(inet, much_through_a_small_pipe)
{
	size_t got = 0, total = 500000;
	int c[2], p[2];
	ssize_t k;

	lo_up();
	tcp_pair(c);
	REQUIRE_OK(pipe(p));
	pid_t pid;

	CHILD(pid) {
		static char b[50000];

		close(c[1]);
		for (size_t n = 0; n < total; n += sizeof(b)) {
			memset(b, 'a' + (int)(n / sizeof(b)), sizeof(b));
			write_all(c[0], b, sizeof(b));
		}
		_exit(0);
	}
	close(c[0]);
	while ((k = splice(c[1], NULL, p[1], NULL, 30000, 0)) > 0) {
		static char b[30000];

		for (ssize_t done = 0; done < k;) {
			ssize_t n = read(p[0], b, sizeof(b));

			for (ssize_t i = 0; i < n; i++, got++)
				if (b[i] != 'a' + (int)(got / 50000))
					fail("byte %zu", got);
			done += n;
		}
	}
	note("got %zu, %s", got, status_name(reap(pid)));
}

TEST(inet, what_splice_refuses)
{
	int c[2], p[2];
	loff_t off = 0;

	lo_up();
	tcp_pair(c);
	REQUIRE_OK(pipe(p));
	EXPECT_ERRNO(splice(c[0], NULL, c[1], NULL, 10, 0), EINVAL);
	EXPECT_ERRNO(splice(c[0], &off, p[1], NULL, 10, 0), EINVAL);
	EXPECT_ERRNO(splice(p[0], NULL, c[0], &off, 10, 0), EINVAL);
}
