/* SPDX-License-Identifier: MIT */
/* poll(2) on both ends of a pipe in every state. */
#include "harness.h"
#include <poll.h>

static void show(const char *what, int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDHUP, 0 };
	int n = poll(&p, 1, 0);

	note("%s: %d%s%s%s%s%s%s%s%s", what, n, p.revents & POLLIN ? " IN" : "",
	     p.revents & POLLOUT ? " OUT" : "", p.revents & POLLRDNORM ? " RDNORM" : "",
	     p.revents & POLLWRNORM ? " WRNORM" : "", p.revents & POLLERR ? " ERR" : "",
	     p.revents & POLLHUP ? " HUP" : "", p.revents & POLLRDHUP ? " RDHUP" : "",
	     p.revents & POLLNVAL ? " NVAL" : "");
}

TEST(pollpipe, reading_end)
{
	char byte;
	int p[2];

	REQUIRE_OK(pipe(p));
	show("empty", p[0]);
	write_all(p[1], "x", 1);
	show("data", p[0]);
	close(p[1]);
	show("data, no writer", p[0]);
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	show("no writer", p[0]);
	close(p[0]);
	show("closed", p[0]);
}

TEST(pollpipe, writing_end)
{
	static char block[65536];
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	show("empty", p[1]);
	write_all(p[1], block, 65535);
	show("one byte free", p[1]);
	write_all(p[1], block, 1);
	show("full", p[1]);
	EXPECT_EQ(read(p[0], block, 4095), 4095);
	show("4095 read", p[1]);
	EXPECT_EQ(read(p[0], block, 1), 1);
	show("4096 read", p[1]);
	close(p[0]);
	show("no reader", p[1]);
}

TEST(pollpipe, full_without_a_reader)
{
	static char block[65536];
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	write_all(p[1], block, 65536);
	close(p[0]);
	show("full, no reader", p[1]);
}

TEST(pollpipe, waits_for_each_change)
{
	char byte;
	int p[2], step[2];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(step));
	CHILD(pid) {
		struct pollfd poller = { p[0], POLLIN, 0 };

		close(p[1]);
		note_poll("poll", &poller, -1);
		EXPECT_EQ(read(p[0], &byte, 1), 1);
		write_all(step[1], "x", 1);
		note_poll("poll", &poller, -1);
	}
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	EXPECT_EQ(read(step[0], &byte, 1), 1);
	wait_state(pid, 'S');
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}
