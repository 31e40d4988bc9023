/* SPDX-License-Identifier: MIT */
/* preadv, pwritev, preadv2, pwritev2: offsets, flags, vectors that are wrong. */
#include "harness.h"
#include <sys/uio.h>

static long pwrite2(int fd, const char *text, long at, int flags)
{
	struct iovec v = { (char *)text, strlen(text) };

	return syscall(SYS_pwritev2, fd, &v, 1ul, at, 0l, flags);
}

static long pread2(int fd, int size, long at, int flags)
{
	static char space[64];
	struct iovec v = { space, size };

	return syscall(SYS_preadv2, fd, &v, 1ul, at, 0l, flags);
}

TEST(preadv2, an_offset_of_minus_one_is_the_position)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(pwrite2(fd, "hello", -1, 0));
	SHOW(pwrite2(fd, "world", -1, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwrite2(fd, "J", 0, 0));
	SHOW(lseek(fd, 3, SEEK_SET));
	SHOW(pread2(fd, 4, -1, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pread2(fd, 4, 8, 0));
	SHOW(pread2(fd, 4, -2, 0));
	SHOW(preadv(fd, &(struct iovec){ (char[4]){ 0 }, 4 }, 1, -1));
	SHOW(pwritev(fd, &(struct iovec){ "abcd", 4 }, 1, -1));
	note("\"%s\"", get_file("f"));
}

TEST(preadv2, each_flag)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	for (int bit = 0; bit < 8; bit++) {
		note("write flag %#x: %s", 1 << bit, RESULT(pwrite2(fd, "x", 0, 1 << bit)));
		note("read flag %#x: %s", 1 << bit, RESULT(pread2(fd, 1, 0, 1 << bit)));
	}
	SHOW(pwrite2(fd, "x", 0, 0x80000000));
	SHOW(pread2(fd, 1, 0, RWF_DSYNC | RWF_SYNC | RWF_HIPRI));
	SHOW(pread2(p[0], 1, -1, RWF_NOWAIT));
	SHOW(pwrite2(p[1], "abc", -1, RWF_NOWAIT));
	SHOW(pread2(p[0], 1, -1, RWF_NOWAIT));
	SHOW(pread2(p[0], 1, 0, 0));
	SHOW(pread2(p[0], 1, -1, RWF_APPEND));
}

TEST(preadv2, append_once)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(pwrite2(fd, "0123456789", 0, 0));
	SHOW(pwrite2(fd, "ab", 2, RWF_APPEND));
	SHOW(pwrite2(fd, "cd", -1, RWF_APPEND));
	SHOW(lseek(fd, 0, SEEK_CUR));
	note("\"%s\"", get_file("f"));
}

TEST(preadv2, wrong_vectors)
{
	struct iovec v[3] = { { "ab", 2 }, { NULL, 0 }, { "cd", 2 } };
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(pwritev(fd, v, 0, 0));
	SHOW(pwritev(fd, NULL, 0, 0));
	SHOW(pwritev(fd, v, 3, 0));
	SHOW(pwritev(fd, v, -1, 0));
	SHOW(pwritev(fd, v, 1025, 0));
	SHOW(pwritev(fd, NULL, 1, 0));
	SHOW(pwritev(fd, (void *)8, 1, 0));
	v[1] = (struct iovec){ (void *)8, 2 };
	SHOW(pwritev(fd, v, 3, 0));
	v[1] = (struct iovec){ "xx", (size_t)-1 };
	SHOW(pwritev(fd, v, 3, 0));
	v[1] = (struct iovec){ "xx", 0x7fffffffffffffff };
	SHOW(pwritev(fd, v, 3, 0));
	SHOW(preadv(open("f", O_WRONLY), v, 1, 0));
	SHOW(pwritev(open("f", O_RDONLY), v, 1, 0));
	SHOW(preadv(open("f", O_PATH), v, 1, 0));
	SHOW(preadv(open(".", O_RDONLY), v, 1, 0));
	SHOW(preadv(-1, v, 1, 0));
}
