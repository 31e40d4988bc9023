/* SPDX-License-Identifier: MIT */
/* pread64, pwrite64: position without moving, and where there is none. */
#include "harness.h"

TEST(pread, does_not_move_the_offset)
{
	char text[8] = "";
	int fd = temp_fd();

	SHOW(pwrite(fd, "abcdef", 6, 10));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pread(fd, text, 3, 12));
	note("%s", text);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(pread(fd, text, 3, 16));
	SHOW(pread(fd, text, 3, 1000));
}

TEST(pread, negative_positions_are_einval)
{
	char text[8];
	int fd = temp_fd();

	SHOW(pread(fd, text, 1, -1));
	SHOW(pwrite(fd, text, 1, -1));
	SHOW(pwrite(fd, text, 1, 0x7fffffffffffffff));
	SHOW(pread(fd, text, 1, 0x7fffffffffffffff));
	SHOW(pread(fd, text, 1, 0x7ffffffffffffffe));
}

TEST(pread, pipes_ttys_and_directories_have_no_position)
{
	char text[8];
	int pipes[2], dir = open(".", O_RDONLY);

	REQUIRE_OK(pipe(pipes));
	SHOW(pread(pipes[0], text, 1, 0));
	SHOW(pwrite(pipes[1], text, 1, 0));
	SHOW(pread(pipes[1], text, 1, 0));
	SHOW(pread(dir, text, 1, 0));
	SHOW(pwrite(dir, text, 1, 0));
	SHOW(pread(-1, text, 1, 0));
	SHOW(pwrite(-1, text, 1, -1));
}

TEST(pread, append_wins_over_the_position)
{
	char text[16] = "";
	int fd = REQUIRE_OK(open("f", O_RDWR | O_CREAT | O_APPEND, 0600));

	write_all(fd, "base", 4);
	SHOW(pwrite(fd, "tail", 4, 0));
	SHOW(pread(fd, text, 15, 0));
	note("%s", text);
}

TEST(pread, write_past_the_end_extends)
{
	struct stat st;
	int fd = temp_fd();

	SHOW(pwrite(fd, "z", 1, 1 << 20));
	fstat(fd, &st);
	note("size %lld blocks %lld", (long long)st.st_size, (long long)st.st_blocks);
}
