/* SPDX-License-Identifier: MIT */
/* O_DIRECT pipes: each write is a packet, each read takes one. */
#include "harness.h"

static char block[70000];

TEST(packet, reads_take_one_write_each)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_DIRECT | O_NONBLOCK));
	SHOW(write(p[1], "abc", 3));
	SHOW(write(p[1], "defgh", 5));
	SHOW(read(p[0], block, 100));
	SHOW(read(p[0], block, 100));
	SHOW(read(p[0], block, 100));
}

TEST(packet, what_a_read_leaves_is_lost)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_DIRECT | O_NONBLOCK));
	write_all(p[1], "abcdef", 6);
	write_all(p[1], "next", 4);
	SHOW(read(p[0], block, 2));
	SHOW(read(p[0], block, 100));
	note("%.4s", block);
}

TEST(packet, large_writes_are_split_at_pipe_buf)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_DIRECT | O_NONBLOCK));
	SHOW(write(p[1], block, 10000));
	SHOW(read(p[0], block, 20000));
	SHOW(read(p[0], block, 20000));
	SHOW(read(p[0], block, 20000));
	SHOW(write(p[1], "", 0));
	SHOW(read(p[0], block, 100));
}

TEST(packet, can_be_switched_by_fcntl)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	write_all(p[1], "stream", 6);
	SHOW(fcntl(p[1], F_SETFL, O_DIRECT | O_NONBLOCK));
	write_all(p[1], "one", 3);
	write_all(p[1], "two", 3);
	SHOW(read(p[0], block, 100));
	SHOW(read(p[0], block, 100));
}

TEST(packet, how_many_fit)
{
	int p[2], n = 0;

	REQUIRE_OK(pipe2(p, O_DIRECT | O_NONBLOCK));
	while (write(p[1], "x", 1) == 1)
		n++;
	note("%d packets then %s", n, errno_name(errno));
}
