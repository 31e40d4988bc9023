/* SPDX-License-Identifier: MIT */
/* Capacity: the default, F_SETPIPE_SZ, what fits, what does not. */
#include "harness.h"

static char block[1 << 20];

static long fill(int fd, size_t piece)
{
	long total = 0;
	ssize_t n;

	while ((n = write(fd, block, piece)) > 0)
		total += n;
	return total;
}

TEST(capacity, default_and_changed)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(fcntl(p[0], F_GETPIPE_SZ));
	SHOW(fill(p[1], 4096));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 4096));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 131072));
	SHOW(fcntl(p[1], F_GETPIPE_SZ));
	SHOW(fill(p[1], 4096));
	while (read(p[0], block, sizeof(block)) > 0)
		;
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 4096));
	SHOW(fill(p[1], 4096));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 1));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 5000));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 0));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, -1));
}

TEST(capacity, the_limit_for_users)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, (1 << 20) + 1));
	AS_USER(1000, 1000, {
		SHOW(fcntl(p[0], F_SETPIPE_SZ, 1 << 20));
		SHOW(fcntl(p[0], F_SETPIPE_SZ, (1 << 20) + 1));
	});
}

TEST(capacity, single_bytes_fill_pages)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(fill(p[1], 1));
	SHOW(read(p[0], block, 1));
	SHOW(write(p[1], block, 1));
	SHOW(read(p[0], block, 4095));
	SHOW(write(p[1], block, 1));
}

TEST(capacity, a_write_up_to_pipe_buf_is_whole_or_nothing)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(write(p[1], block, 65536 - 100));
	SHOW(write(p[1], block, 4096));
	SHOW(write(p[1], block, 101));
	SHOW(write(p[1], block, 100));
	SHOW(write(p[1], block, 1));
	SHOW(read(p[0], block, 8192));
	SHOW(write(p[1], block, 20000));
}

TEST(capacity, contents_survive_a_resize)
{
	char text[8192];
	int p[2], wrong = 0;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	for (int i = 0; i < 8192; i++)
		text[i] = i * 5;
	write_all(p[1], text, 8192);
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 8192));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 262144));
	memset(text, 0, sizeof(text));
	SHOW(read(p[0], text, 8192));
	for (int i = 0; i < 8192; i++)
		wrong += text[i] != (char)(i * 5);
	note("wrong %d", wrong);
}
