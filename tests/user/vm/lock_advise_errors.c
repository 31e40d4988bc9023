/* SPDX-License-Identifier: MIT */
/* mlock, mlock2, mlockall, munlock, madvise, membarrier: errors, limits, every advice. */
#include "harness.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096l

static char *pages(int n)
{
	return mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

TEST(lockerr, mlock)
{
	char *p = pages(4);

	REQUIRE_OK(munmap(p + 2 * PAGE, PAGE));
	SHOW(mlock(p, PAGE));
	SHOW(mlock(p + 1, 1));
	SHOW(mlock(p, 0));
	SHOW(mlock(p, 4 * PAGE));
	SHOW(mlock(p, -1));
	SHOW(mlock((void *)-PAGE, PAGE));
	SHOW(syscall(SYS_mlock2, p, PAGE, 1));
	SHOW(syscall(SYS_mlock2, p, PAGE, 2));
	SHOW(munlock(p, PAGE));
	SHOW(munlock(p, 4 * PAGE));
	SHOW(munlock(p + 3 * PAGE, 0));
	SHOW(mlockall(0));
	SHOW(mlockall(8));
	SHOW(mlockall(MCL_ONFAULT));
	SHOW(mlockall(MCL_CURRENT | MCL_ONFAULT));
	SHOW(munlockall());
}

TEST(lockerr, the_limit)
{
	struct rlimit r = { 2 * PAGE, 2 * PAGE };
	char *p = pages(4);

	REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &r));
	AS_USER(1000, 1000, {
		SHOW(mlock(p, 2 * PAGE));
		SHOW(mlock(p, 2 * PAGE));
		SHOW(mlock(p, 3 * PAGE));
		SHOW(munlock(p, PAGE));
		SHOW(mlock(p + 2 * PAGE, PAGE));
		SHOW(mlockall(MCL_CURRENT));
		SHOW(mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED ? -1 : 0);
		SHOW(mlockall(MCL_FUTURE));
		SHOW(mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	});
	r = (struct rlimit){ 0, 0 };
	REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &r));
	AS_USER(1000, 1000, {
		SHOW(mlock(p, PAGE));
		SHOW(mlockall(MCL_CURRENT));
		SHOW(munlockall());
	});
	SHOW(mlock(p, 4 * PAGE));
}

TEST(lockerr, each_advice)
{
	char *p = pages(4), *file;
	int fd;

	put_file("f", "contents");
	fd = open("f", O_RDWR);
	file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	/* 12, 13: KSM; 100, 101: bad memory on purpose; both need their configuration. */
	for (int advice = -1; advice < 28; advice++) {
		if (advice == 12 || advice == 13)
			continue;
		note("advice %d: anonymous %s", advice, RESULT(madvise(p, PAGE, advice)));
		note("file %s", RESULT(madvise(file, PAGE, advice)));
	}
	SHOW(madvise(p + 1, PAGE, MADV_NORMAL));
	SHOW(madvise(p, 0, MADV_NORMAL));
	SHOW(madvise(p, 0, 99));
	SHOW(madvise(p, -1, MADV_NORMAL));
	REQUIRE_OK(munmap(p + PAGE, PAGE));
	SHOW(madvise(p, 3 * PAGE, MADV_NORMAL));
	SHOW(madvise(p, 3 * PAGE, MADV_DONTNEED));
	SHOW(mlock(p, PAGE));
	SHOW(madvise(p, PAGE, MADV_DONTNEED));
	SHOW(madvise(p, PAGE, MADV_FREE));
}

TEST(lockerr, membarrier)
{
	for (int bit = -1; bit < 9; bit++) {
		int command = bit < 0 ? 0 : 1 << bit;
		long got = syscall(SYS_membarrier, command, 0, 0);

		/* The set of commands may grow. */
		note("command %d: %s", command, got < 0 ? errno_name(errno) : command ? "0" : "supported");
	}
	SHOW(syscall(SYS_membarrier, 128, 1, 0));
	SHOW(syscall(SYS_membarrier, 128, 1, 4000));
	SHOW(syscall(SYS_membarrier, 128, 2, 0));
	SHOW(syscall(SYS_membarrier, 8, 1, 0));
	SHOW(syscall(SYS_membarrier, 0, 1, 0));
	SHOW(syscall(SYS_membarrier, 3, 0, 0));
	SHOW(syscall(SYS_membarrier, -1, 0, 0));
}
