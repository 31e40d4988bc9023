/* SPDX-License-Identifier: MIT */
/* Each seal of a memfd against each way of changing it. */
#include "harness.h"
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8
#endif

static int sealed(int seals)
{
	int fd = REQUIRE_OK(memfd_create("x", MFD_ALLOW_SEALING));

	ftruncate(fd, 8192);
	if (seals)
		REQUIRE_OK(fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static void try_all(const char *name, int seals)
{
	int fd = sealed(seals), in = sealed(0), p[2];
	struct iovec v = { "ab", 2 };
	loff_t off = 0;
	void *map;

	note("%s", name);
	SHOW(pwrite(fd, "x", 1, 0));
	SHOW(pwrite(fd, "x", 1, 8192));
	SHOW(pwrite(fd, "xy", 2, 8191));
	SHOW(pwritev(fd, &v, 1, 10));
	SHOW(ftruncate(fd, 4096));
	SHOW(ftruncate(fd, 8192));
	SHOW(ftruncate(fd, 8192));
	SHOW(ftruncate(fd, 12288));
	SHOW(fallocate(fd, 0, 0, 4096));
	SHOW(fallocate(fd, 0, 0, 20480));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 40960));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	lseek(fd, 0, SEEK_SET);
	SHOW(sendfile(fd, in, &off, 10));
	off = 0;
	SHOW(copy_file_range(in, &off, fd, NULL, 10, 0));
	REQUIRE_OK(pipe(p));
	write_all(p[1], "pipe", 4);
	SHOW(splice(p[0], NULL, fd, NULL, 4, 0));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	note("writable shared: %s", map == MAP_FAILED ? errno_name(errno) : "mapped");
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	note("readable shared: %s", map == MAP_FAILED ? errno_name(errno) : "mapped");
	if (map != MAP_FAILED)
		SHOW(mprotect(map, 4096, PROT_READ | PROT_WRITE));
	SHOW(fchmod(fd, 0700));
	SHOW(fcntl(fd, F_GET_SEALS));
}

TEST(memfd_seals, none) { try_all("none", 0); }
TEST(memfd_seals, shrink) { try_all("shrink", F_SEAL_SHRINK); }
TEST(memfd_seals, grow) { try_all("grow", F_SEAL_GROW); }
TEST(memfd_seals, write) { try_all("write", F_SEAL_WRITE); }
TEST(memfd_seals, future_write) { try_all("future write", F_SEAL_FUTURE_WRITE); }
TEST(memfd_seals, all) { try_all("all", F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL); }

TEST(memfd_seals, what_refuses_a_write_seal)
{
	int fd = sealed(0);
	void *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), *private;

	/* Readable, but it could become writable. */
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(shared, 4096);
	private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	*(char *)private = 'x';
	fd = sealed(0);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	IN_CHILD(munmap(shared, 4096); SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
	munmap(shared, 4096);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

TEST(memfd_seals, on_other_files)
{
	int fd = temp_fd(), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(p[1], F_GET_SEALS));
	SHOW(fcntl(0, F_ADD_SEALS, F_SEAL_WRITE));
}
