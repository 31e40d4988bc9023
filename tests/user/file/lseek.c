/* SPDX-License-Identifier: MIT */
/* lseek(2): every whence, the bounds, SEEK_DATA and SEEK_HOLE on tmpfs. */
#include "harness.h"

TEST(lseek, whence_values)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	SHOW(lseek(fd, 4, SEEK_SET));
	SHOW(lseek(fd, 3, SEEK_CUR));
	SHOW(lseek(fd, -7, SEEK_CUR));
	SHOW(lseek(fd, -1, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, 5, SEEK_END));
	SHOW(lseek(fd, -10, SEEK_END));
	SHOW(lseek(fd, -11, SEEK_END));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 0, 5));
	SHOW(lseek(fd, 0, -1));
	SHOW(lseek(fd, 0, SEEK_CUR));
}

TEST(lseek, bounds)
{
	int fd = temp_fd();

	SHOW(lseek(fd, 0x7fffffffffffffff, SEEK_SET));
	SHOW(lseek(fd, 1, SEEK_CUR));
	SHOW(lseek(fd, -0x7fffffffffffffff - 1, SEEK_SET));
	SHOW(lseek(fd, 0, SEEK_CUR) == 0x7fffffffffffffff);
}

TEST(lseek, what_cannot_seek)
{
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	SHOW(lseek(pipes[0], 0, SEEK_SET));
	SHOW(lseek(pipes[1], 0, SEEK_CUR));
	SHOW(lseek(-1, 0, SEEK_SET));
	SHOW(lseek(open("/dev/null", O_RDWR), 100, SEEK_SET));
	SHOW(lseek(open("/dev/zero", O_RDWR), 100, SEEK_SET));
	SHOW(lseek(open("/dev/tty", O_RDWR), 0, SEEK_SET));
	SHOW(lseek(open(".", O_PATH), 0, SEEK_SET));
}

TEST(lseek, data_and_holes_on_tmpfs)
{
	int fd = temp_fd();

	ftruncate(fd, 16 * 65536);
	pwrite(fd, "x", 1, 4 * 65536);
	pwrite(fd, "x", 1, 8 * 65536);
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 4 * 65536, SEEK_DATA));
	SHOW(lseek(fd, 4 * 65536 + 10, SEEK_DATA));
	SHOW(lseek(fd, 4 * 65536, SEEK_HOLE));
	SHOW(lseek(fd, 5 * 65536, SEEK_DATA));
	SHOW(lseek(fd, 9 * 65536, SEEK_DATA));
	SHOW(lseek(fd, 9 * 65536, SEEK_HOLE));
	SHOW(lseek(fd, 16 * 65536, SEEK_DATA));
	SHOW(lseek(fd, 16 * 65536, SEEK_HOLE));
	SHOW(lseek(fd, 17 * 65536, SEEK_HOLE));
	SHOW(lseek(fd, -1, SEEK_DATA));
	SHOW(lseek(fd, -1, SEEK_HOLE));
}

TEST(lseek, a_full_file_has_its_hole_at_the_end)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 3, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 10, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_CUR));
}

TEST(lseek, directories_rewind)
{
	char entries[4096];
	long first, second;
	int dir;

	put_file("a", "");
	put_file("b", "");
	dir = REQUIRE_OK(open(".", O_RDONLY));
	first = REQUIRE_OK(syscall(SYS_getdents64, dir, entries, sizeof(entries)));
	SHOW(syscall(SYS_getdents64, dir, entries, sizeof(entries)));
	SHOW(lseek(dir, 0, SEEK_SET));
	second = REQUIRE_OK(syscall(SYS_getdents64, dir, entries, sizeof(entries)));
	EXPECT_EQ(first, second);
	SHOW(lseek(dir, -1, SEEK_SET));
}
