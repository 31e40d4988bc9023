/* SPDX-License-Identifier: MIT */
/* The devices of memory: null, zero, full, random, urandom; reads, writes, seeks, maps. */
#include "harness.h"
#include <sys/mman.h>
#include <sys/sysmacros.h>

static const char *const names[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };

TEST(devices, reads_and_writes)
{
	static char space[8192];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDWR);
		struct stat st;

		REQUIRE_OK(fstat(fd, &st));
		note("%s: %u:%u %o", names[i], major(st.st_rdev), minor(st.st_rdev), st.st_mode & S_IFMT);
		note("read %s", RESULT(read(fd, space, sizeof(space))));
		note("write %s", RESULT(write(fd, space, sizeof(space))));
		note("pread at 1000 %s", RESULT(pread(fd, space, 10, 1000)));
		note("read to nowhere %s", RESULT(read(fd, (void *)8, 10)));
		note("write from nowhere %s", RESULT(write(fd, (void *)8, 10)));
		note("write nothing %s", RESULT(write(fd, space, 0)));
	}
}

TEST(devices, positions)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDWR);

		note("%s: set %s", names[i], RESULT(lseek(fd, 100, SEEK_SET)));
		note("cur %s", RESULT(lseek(fd, 7, SEEK_CUR)));
		note("end %s", RESULT(lseek(fd, 0, SEEK_END)));
		note("data %s", RESULT(lseek(fd, 0, SEEK_DATA)));
		note("before the start %s", RESULT(lseek(fd, -5, SEEK_SET)));
	}
}

TEST(devices, waiting)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct pollfd p = { open(names[i], O_RDWR), POLLIN | POLLOUT, 0 };

		note_poll(names[i], &p, 0);
	}
}

TEST(devices, maps)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDWR);
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

		note("%s: private %s", names[i], p == MAP_FAILED ? errno_name(errno) : "works");
		if (p != MAP_FAILED)
			note("its byte %d", (p[5] = 3) + p[6]);
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		note("%s: shared %s", names[i], p == MAP_FAILED ? errno_name(errno) : "works");
	}
}

TEST(devices, shared_zero_is_shared_with_children)
{
	int fd = open("/dev/zero", O_RDWR);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	IN_CHILD(p[10] = 'x');
	note("%c", p[10]);
}

TEST(devices, truncation_and_sync)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDWR | O_TRUNC);

		note("%s: ftruncate %s", names[i], RESULT(ftruncate(fd, 0)));
		note("truncate %s", RESULT(truncate(names[i], 0)));
		note("fsync %s", RESULT(fsync(fd)));
		note("fallocate %s", RESULT(fallocate(fd, 0, 0, 10)));
	}
}
