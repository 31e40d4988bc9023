/* SPDX-License-Identifier: MIT */
/* readv, writev, preadv, pwritev, preadv2, pwritev2. */
#include "harness.h"
#include <sys/mman.h>
#include <sys/uio.h>

TEST(iov, gathers_and_scatters_in_order)
{
	char a[4] = "", b[4] = "", c[8] = "";
	struct iovec out[] = { { "one", 3 }, { "", 0 }, { "twothree", 8 } };
	struct iovec in[] = { { a, 3 }, { b, 3 }, { NULL, 0 }, { c, 7 } };
	int fd = temp_fd();

	SHOW(writev(fd, out, 3));
	lseek(fd, 0, SEEK_SET);
	SHOW(readv(fd, in, 4));
	note("%s|%s|%s", a, b, c);
	SHOW(readv(fd, in, 4));
}

TEST(iov, counts_and_lengths_are_checked)
{
	struct iovec many[1025], one = { "x", 1 }, negative[] = { { "x", 1 }, { "y", -1UL } };
	struct iovec sum[] = { { "x", 0x7fffffff }, { "y", 0x7fffffff } };
	int fd = temp_fd(), null = open("/dev/null", O_WRONLY);

	for (int i = 0; i < 1025; i++)
		many[i] = one;
	SHOW(writev(fd, many, 0));
	SHOW(writev(fd, many, -1));
	SHOW(writev(fd, many, 1024));
	SHOW(writev(fd, many, 1025));
	SHOW(writev(fd, negative, 2));
	SHOW(writev(null, sum, 2));
	SHOW(writev(fd, NULL, 0));
	SHOW(writev(fd, NULL, 1));
	SHOW(writev(-1, many, 1));
	SHOW(readv(null, many, 1));
}

TEST(iov, a_bad_segment_ends_the_transfer_there)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec vector[] = { { "abcd", 4 }, { page + 4096, 4 }, { "efgh", 4 } };
	char text[16] = "";
	struct iovec in[] = { { text, 2 }, { page + 4096, 4 }, { text + 8, 4 } };
	int fd = temp_fd();

	munmap(page + 4096, 4096);
	SHOW(writev(fd, vector, 3));
	SHOW(pwrite(fd, "abcdefgh", 8, 0));
	SHOW(preadv(fd, in, 3, 0));
	vector[0] = vector[1];
	SHOW(pwritev(fd, vector, 3, 0));
}

TEST(iov, positioned_forms)
{
	char a[4] = "";
	struct iovec in = { a, 3 }, out = { "xyz", 3 };
	int fd = temp_fd(), pipes[2];

	REQUIRE_OK(pipe(pipes));
	SHOW(pwritev(fd, &out, 1, 5));
	SHOW(preadv(fd, &in, 1, 5));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(preadv(fd, &in, 1, -1));
	SHOW(pwritev(fd, &out, 1, -1));
	SHOW(preadv(pipes[0], &in, 1, 0));
	SHOW(pwritev(pipes[1], &out, 1, 0));
}

TEST(iov, version_two_uses_the_offset_when_minus_one)
{
	char a[4] = "";
	struct iovec in = { a, 3 }, out = { "xyz", 3 };
	int fd = temp_fd();

	SHOW(pwritev2(fd, &out, 1, -1, 0));
	SHOW(pwritev2(fd, &out, 1, -1, RWF_DSYNC));
	SHOW(pwritev2(fd, &out, 1, -1, RWF_SYNC));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwritev2(fd, &out, 1, 1, RWF_APPEND));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_END));
	lseek(fd, 0, SEEK_SET);
	SHOW(preadv2(fd, &in, 1, -1, 0));
	SHOW(preadv2(fd, &in, 1, -1, RWF_HIPRI) >= 0);
	SHOW(preadv2(fd, &in, 1, 0, 0x4000));
	SHOW(preadv2(fd, &in, 1, -2, 0));
}

TEST(iov, writev_to_a_pipe_is_one_piece)
{
	char text[16] = "";
	struct iovec out[] = { { "abc", 3 }, { "def", 3 } };
	int pipes[2];

	REQUIRE_OK(pipe2(pipes, O_NONBLOCK));
	SHOW(writev(pipes[1], out, 2));
	SHOW(read(pipes[0], text, 16));
	note("%s", text);
}
