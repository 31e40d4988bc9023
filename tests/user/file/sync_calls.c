/* SPDX-License-Identifier: MIT */
/* fsync, fdatasync, sync_file_range, syncfs, sync, msync, posix_fadvise, readahead: what they accept. */
#include "harness.h"
#include <sys/mman.h>

TEST(sync, fsync_family)
{
	int fd = temp_fd(), pipes[2], dir = open(".", O_RDONLY);

	REQUIRE_OK(pipe(pipes));
	write_all(fd, "data", 4);
	SHOW(fsync(fd));
	SHOW(fdatasync(fd));
	SHOW(fsync(dir));
	SHOW(fdatasync(dir));
	SHOW(fsync(pipes[0]));
	SHOW(fsync(open("/dev/null", O_RDWR)));
	SHOW(fsync(open(".", O_PATH)));
	SHOW(fsync(-1));
	SHOW(fdatasync(-1));
	SHOW(syncfs(fd));
	SHOW(syncfs(-1));
	sync();
}

TEST(sync, sync_file_range_checks)
{
	int fd = temp_fd(), pipes[2];

	REQUIRE_OK(pipe(pipes));
	write_all(fd, "data", 4);
	SHOW(sync_file_range(fd, 0, 4, SYNC_FILE_RANGE_WRITE));
	SHOW(sync_file_range(fd, 0, 0, 7));
	SHOW(sync_file_range(fd, -1, 4, 1));
	SHOW(sync_file_range(fd, 0, -4, 1));
	SHOW(sync_file_range(fd, 0, 4, 8));
	SHOW(sync_file_range(pipes[0], 0, 4, 1));
	SHOW(sync_file_range(-1, 0, 4, 1));
}

TEST(sync, msync_checks)
{
	int fd = temp_fd();
	char *map;

	REQUIRE_OK(ftruncate(fd, 8192));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[0] = 'x';
	SHOW(msync(map, 8192, MS_SYNC));
	SHOW(msync(map, 8192, MS_ASYNC));
	SHOW(msync(map, 8192, MS_SYNC | MS_INVALIDATE));
	SHOW(msync(map, 8192, MS_SYNC | MS_ASYNC));
	SHOW(msync(map, 8192, 64));
	SHOW(msync(map + 1, 100, MS_SYNC));
	SHOW(msync(map, 0, MS_SYNC));
	munmap(map + 4096, 4096);
	SHOW(msync(map, 8192, MS_SYNC));
}

TEST(sync, fadvise_checks)
{
	int fd = temp_fd(), pipes[2];

	REQUIRE_OK(pipe(pipes));
	for (int advice = 0; advice <= 7; advice++)
		note("advice %d: %s", advice, errno_name(posix_fadvise(fd, 0, 100, advice)));
	note("pipe: %s", errno_name(posix_fadvise(pipes[0], 0, 0, POSIX_FADV_NORMAL)));
	note("bad fd: %s", errno_name(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL)));
	note("negative length: %s", errno_name(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL)));
}

TEST(sync, readahead_checks)
{
	int fd = temp_fd(), pipes[2];

	REQUIRE_OK(pipe(pipes));
	write_all(fd, "data", 4);
	SHOW(readahead(-1, 0, 10));
	SHOW(readahead(pipes[0], 0, 10));
	put_file("w", "");
	SHOW(readahead(open("w", O_WRONLY), 0, 10));
}
