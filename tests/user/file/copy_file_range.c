/* SPDX-License-Identifier: MIT */
/* copy_file_range(2): between files of one file system, offsets, overlap, errors. */
#include "harness.h"

static int source(void)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

TEST(copyrange, copies_and_moves_offsets)
{
	int in = source(), out = temp_fd();
	char text[32] = "";
	off_t from = 2, to = 5;

	SHOW(copy_file_range(in, NULL, out, NULL, 4, 0));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(lseek(out, 0, SEEK_CUR));
	SHOW(copy_file_range(in, &from, out, &to, 3, 0));
	SHOW(from);
	SHOW(to);
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(pread(out, text, 31, 0));
	note("%.4s|%.3s", text, text + 5);
	from = 10;
	SHOW(copy_file_range(in, &from, out, &to, 3, 0));
	from = 9;
	SHOW(copy_file_range(in, &from, out, &to, 3, 0));
}

TEST(copyrange, inside_one_file)
{
	int fd = source();
	char text[32] = "";
	off_t from = 0, to = 10;

	SHOW(copy_file_range(fd, &from, fd, &to, 10, 0));
	pread(fd, text, 31, 0);
	note("%s", text);
	from = 0;
	to = 5;
	SHOW(copy_file_range(fd, &from, fd, &to, 10, 0));
	from = 0;
	to = 0;
	SHOW(copy_file_range(fd, &from, fd, &to, 10, 0));
}

TEST(copyrange, errors)
{
	int in = source(), out = temp_fd(), pipes[2], dir = open(".", O_RDONLY);
	off_t zero = 0;

	REQUIRE_OK(pipe(pipes));
	put_file("f", "x");
	SHOW(copy_file_range(in, &zero, out, NULL, 4, 1));
	SHOW(copy_file_range(-1, NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, -1, NULL, 4, 0));
	SHOW(copy_file_range(dir, NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(pipes[0], NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, open("f", O_RDONLY), NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, open("f", O_WRONLY | O_APPEND), NULL, 4, 0));
	SHOW(copy_file_range(open("f", O_WRONLY), NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, out, NULL, 0, 0));
}
