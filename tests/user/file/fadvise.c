/* SPDX-License-Identifier: MIT */
/* posix_fadvise and readahead: what takes advice, and which advice there is. */
#include "harness.h"

static long advise(int fd, off_t at, off_t length, int advice)
{
	return syscall(SYS_fadvise64, fd, at, length, advice);
}

TEST(fadvise, each_advice_on_a_file)
{
	int fd;

	put_file("f", "contents");
	fd = REQUIRE_OK(open("f", O_RDWR));
	for (int advice = -1; advice <= 8; advice++)
		note("advice %d: %s", advice, RESULT(advise(fd, 0, 0, advice)));
	SHOW(advise(fd, 0, -1, POSIX_FADV_NORMAL));
	SHOW(advise(fd, -1, 0, POSIX_FADV_NORMAL));
	SHOW(advise(fd, 0x7fffffffffffffff, 0x7fffffffffffffff, POSIX_FADV_WILLNEED));
	SHOW(advise(fd, 0, 4096, POSIX_FADV_DONTNEED));
	SHOW(read(fd, (char[16]){ 0 }, 16));
}

TEST(fadvise, what_is_not_a_plain_file)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	SHOW(advise(-1, 0, 0, POSIX_FADV_NORMAL));
	SHOW(advise(p[0], 0, 0, POSIX_FADV_NORMAL));
	SHOW(advise(p[0], 0, 0, 77));
	SHOW(advise(open(".", O_RDONLY | O_DIRECTORY), 0, 0, POSIX_FADV_WILLNEED));
	SHOW(advise(open(".", O_RDONLY | O_DIRECTORY), 0, -5, POSIX_FADV_WILLNEED));
	SHOW(advise(open("/dev/null", O_RDONLY), 0, 0, POSIX_FADV_SEQUENTIAL));
	SHOW(advise(open(".", O_PATH), 0, 0, POSIX_FADV_NORMAL));
}

TEST(fadvise, readahead)
{
	int p[2], fd;

	put_file("f", "contents");
	REQUIRE_OK(pipe(p));
	fd = REQUIRE_OK(open("f", O_RDONLY));
	SHOW(readahead(fd, 0, 4096));
	SHOW(readahead(fd, 1 << 20, 4096));
	SHOW(readahead(open("f", O_WRONLY), 0, 4096));
	SHOW(readahead(open("f", O_PATH), 0, 4096));
	SHOW(readahead(p[0], 0, 4096));
	SHOW(readahead(open(".", O_RDONLY), 0, 4096));
	SHOW(readahead(open("/dev/zero", O_RDONLY), 0, 4096));
	SHOW(readahead(-1, 0, 4096));
	SHOW(lseek(fd, 0, SEEK_CUR));
}
