/* SPDX-License-Identifier: MIT */
/* fallocate(2) on tmpfs: allocate, keep the size, punch holes; what tmpfs does not do. */
#include "harness.h"

static void show(int fd)
{
	struct stat st;

	fstat(fd, &st);
	note("size %lld blocks %lld", (long long)st.st_size, (long long)st.st_blocks);
}

TEST(fallocate, mode_zero_allocates_and_extends)
{
	int fd = temp_fd();

	SHOW(fallocate(fd, 0, 0, 10000));
	show(fd);
	SHOW(fallocate(fd, 0, 0, 4096));
	show(fd);
	SHOW(lseek(fd, 0, SEEK_CUR));
}

TEST(fallocate, keep_size_does_not_extend)
{
	int fd = temp_fd();

	write_all(fd, "abc", 3);
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000));
	show(fd);
}

TEST(fallocate, punch_hole_zeroes_and_frees)
{
	char block[4096 * 4], text[8];
	int fd = temp_fd();

	memset(block, 'a', sizeof(block));
	write_all(fd, block, sizeof(block));
	show(fd);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
	show(fd);
	SHOW(pread(fd, text, 8, 4092));
	EXPECT_TRUE(memcmp(text, "aaaa\0\0\0\0", 8) == 0);
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 4096, SEEK_DATA));
	/* A hole inside a page zeroes bytes but frees nothing. */
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 50));
	show(fd);
	SHOW(pread(fd, text, 4, 98));
	EXPECT_TRUE(memcmp(text, "aa\0\0", 4) == 0);
	/* Beyond the end: nothing to do. */
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 4096));
	show(fd);
}

TEST(fallocate, errors)
{
	int fd = temp_fd(), pipes[2], ro;

	put_file("f", "x");
	ro = open("f", O_RDONLY);
	REQUIRE_OK(pipe(pipes));
	SHOW(fallocate(fd, 0, -1, 10));
	SHOW(fallocate(fd, 0, 0, 0));
	SHOW(fallocate(fd, 0, 0, -1));
	SHOW(fallocate(fd, 0, 0x7fffffffffffff00, 0x7fffffffffffff00));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
	SHOW(fallocate(fd, 0x1000, 0, 4096));
	SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
	SHOW(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 4096));
	SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 4096));
	SHOW(fallocate(ro, 0, 0, 10));
	SHOW(fallocate(-1, 0, 0, 10));
	SHOW(fallocate(pipes[1], 0, 0, 10));
	SHOW(fallocate(open(".", O_RDONLY), 0, 0, 10));
	SHOW(fallocate(open("/dev/null", O_WRONLY), 0, 0, 10));
}

TEST(fallocate, posix_fallocate_returns_the_error)
{
	int fd = temp_fd();

	SHOW(posix_fallocate(fd, 0, 5000));
	SHOW(posix_fallocate(fd, 0, 0) == EINVAL);
	show(fd);
}
