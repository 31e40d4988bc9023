/* SPDX-License-Identifier: MIT */
/* sendfile(2): offsets, the kinds of file it takes, errors. */
#include "harness.h"
#include <sys/sendfile.h>

static int source(void)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

TEST(sendfile, moves_the_offset_of_the_source_without_a_pointer)
{
	int in = source(), out = temp_fd();
	char text[32] = "";

	SHOW(sendfile(out, in, NULL, 4));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(lseek(out, 0, SEEK_CUR));
	SHOW(sendfile(out, in, NULL, 100));
	SHOW(sendfile(out, in, NULL, 100));
	pread(out, text, 31, 0);
	note("%s", text);
}

TEST(sendfile, with_a_pointer_only_the_pointer_moves)
{
	int in = source(), out = temp_fd();
	off_t offset = 7;

	SHOW(sendfile(out, in, &offset, 2));
	SHOW(offset);
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, &offset, 100));
	SHOW(offset);
	offset = 50;
	SHOW(sendfile(out, in, &offset, 10));
}

TEST(sendfile, to_a_pipe_and_to_null)
{
	char text[16] = "";
	int in = source(), pipes[2];
	off_t offset = 0;

	REQUIRE_OK(pipe2(pipes, O_NONBLOCK));
	SHOW(sendfile(pipes[1], in, &offset, 10));
	SHOW(read(pipes[0], text, 16));
	note("%s", text);
	offset = 0;
	SHOW(sendfile(open("/dev/null", O_WRONLY), in, &offset, 10));
	SHOW(sendfile(open("/dev/null", O_WRONLY), open("/dev/zero", O_RDONLY), NULL, 10));
}

TEST(sendfile, errors)
{
	int in = source(), out = temp_fd(), pipes[2], append, dir = open(".", O_RDONLY);
	off_t negative = -1, zero = 0;

	REQUIRE_OK(pipe(pipes));
	put_file("a", "");
	append = open("a", O_WRONLY | O_APPEND);
	SHOW(sendfile(-1, in, NULL, 1));
	SHOW(sendfile(out, -1, NULL, 1));
	SHOW(sendfile(open("a", O_RDONLY), in, NULL, 1));
	SHOW(sendfile(out, open("a", O_WRONLY), NULL, 1));
	SHOW(sendfile(append, in, NULL, 1));
	SHOW(sendfile(out, in, &negative, 1));
	SHOW(sendfile(out, in, (off_t *)8, 1));
	SHOW(sendfile(out, pipes[0], &zero, 1));
	SHOW(sendfile(out, dir, NULL, 1));
	SHOW(sendfile(out, in, NULL, 0));
	fcntl(pipes[1], F_SETFL, O_NONBLOCK);
	while (write(pipes[1], "xxxxxxxxxxxxxxxx", 16) > 0)
		;
	SHOW(sendfile(pipes[1], in, NULL, 5));
}
