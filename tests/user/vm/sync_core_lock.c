/* SPDX-License-Identifier: MIT */
/* msync, mincore and the mlock family with RLIMIT_MEMLOCK. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/resource.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static char *map(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

TEST(sync_core_lock, msync)
{
	int fd = temp_fd();
	char *p;

	EXPECT_OK(ftruncate(fd, 4 * PAGE));
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	memset(p, 1, 4 * PAGE);
	EXPECT_OK(msync(p, 4 * PAGE, MS_SYNC));
	EXPECT_OK(msync(p, 4 * PAGE, MS_ASYNC));
	EXPECT_OK(msync(p, 4 * PAGE, 0));
	EXPECT_OK(msync(p, 4 * PAGE, MS_INVALIDATE));
	EXPECT_OK(msync(p, 0, MS_SYNC));
	EXPECT_ERRNO(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	EXPECT_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERRNO(msync(p, PAGE, 8), EINVAL);
	EXPECT_OK(msync(p, ~0UL, MS_SYNC));	/* rounds up to nothing */
	EXPECT_ERRNO(msync(p, ~0UL - 8191, MS_SYNC), ENOMEM);
	munmap(p + PAGE, PAGE);
	EXPECT_ERRNO(msync(p, 4 * PAGE, MS_SYNC), ENOMEM);
	EXPECT_ERRNO(msync(p + PAGE, PAGE, MS_ASYNC), ENOMEM);
	EXPECT_OK(mlock(p, PAGE));
	EXPECT_ERRNO(msync(p, PAGE, MS_INVALIDATE), EBUSY);
	EXPECT_OK(msync(map(1), PAGE, MS_SYNC));
}

TEST(sync_core_lock, mincore)
{
	unsigned char vec[8] = { 0 };
	char *p = map(8);
	int fd = temp_fd();

	p[0] = p[3 * PAGE] = 1;
	EXPECT_OK(mincore(p, 8 * PAGE, vec));
	note("%d%d%d%d%d%d%d%d", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1, vec[4] & 1, vec[5] & 1,
	     vec[6] & 1, vec[7] & 1);
	memset(vec, 0x55, sizeof(vec));
	EXPECT_OK(mincore(p, PAGE + 1, vec));
	note("%x %x %x", vec[0], vec[1], vec[2]);
	EXPECT_ERRNO(mincore(p + 1, PAGE, vec), EINVAL);
	EXPECT_ERRNO(mincore(p, PAGE, wild(8)), EFAULT);
	EXPECT_OK(mincore(p, 0, vec));
	EXPECT_ERRNO(mincore(wild(0xffff000000000000), PAGE, vec), ENOMEM);
	munmap(p + 2 * PAGE, PAGE);
	EXPECT_ERRNO(mincore(p, 8 * PAGE, vec), ENOMEM);
	EXPECT_OK(ftruncate(fd, 4 * PAGE));
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	write_all(fd, "x", 1);
	EXPECT_OK(mincore(p, PAGE, vec));
	note("written by write(2): %d", vec[0] & 1);
}

TEST(sync_core_lock, mlock_makes_present)
{
	unsigned char vec[4];
	char *p = map(4);

	EXPECT_OK(mlock(p + PAGE, 2 * PAGE));
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	note("%d%d%d%d", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	EXPECT_OK(munlock(p, 4 * PAGE));
	EXPECT_OK(mlock(p + 1, 1));
	EXPECT_OK(munlock(p + 1, 1));
	EXPECT_OK(mlock(p, 0));
	EXPECT_OK(mlock(p, ~0UL));	/* rounds up to nothing */
	EXPECT_ERRNO(mlock(p, ~0UL - 8191), EINVAL);
	munmap(p + PAGE, PAGE);
	EXPECT_ERRNO(mlock(p, 4 * PAGE), ENOMEM);
	EXPECT_ERRNO(munlock(p, 4 * PAGE), ENOMEM);
}

TEST(sync_core_lock, mlock2_and_mlockall)
{
	char *p = map(4);
	unsigned char vec[4];

	EXPECT_OK(syscall(SYS_mlock2, p, PAGE, 0));
	EXPECT_OK(syscall(SYS_mlock2, p + PAGE, 2 * PAGE, 1));
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	note("on fault: %d%d%d", vec[0] & 1, vec[1] & 1, vec[2] & 1);
	EXPECT_ERRNO(syscall(SYS_mlock2, p, PAGE, 2), EINVAL);
	EXPECT_ERRNO(mlockall(0), EINVAL);
	EXPECT_ERRNO(mlockall(8), EINVAL);
	EXPECT_ERRNO(mlockall(MCL_ONFAULT), EINVAL);
	EXPECT_OK(mlockall(MCL_FUTURE));
	p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	note("future: %d%d%d%d", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	EXPECT_OK(munlockall());
}

static long locked_kib(void)
{
	char *line = strstr(get_file("/proc/self/status"), "VmLck:");

	return line ? atol(line + 6) : -1;
}

TEST(sync_core_lock, limits)
{
	struct rlimit limit = { 4 * PAGE, 4 * PAGE };
	char *p = map(16);
	pid_t pid;

	EXPECT_OK(setrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_OK(mlock(p, 16 * PAGE));
	note("root: %ld KiB", locked_kib());
	EXPECT_OK(munlock(p, 16 * PAGE));
	CHILD(pid) {
		harness_become(1000, 1000);
		EXPECT_OK(mlock(p, 4 * PAGE));
		EXPECT_OK(mlock(p, 4 * PAGE));
		EXPECT_ERRNO(mlock(p, 5 * PAGE), ENOMEM);
		EXPECT_ERRNO(mlock(p + 4 * PAGE, PAGE), ENOMEM);
		note("user: %ld KiB", locked_kib());
		EXPECT_TRUE(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == MAP_FAILED && errno == EAGAIN);
		EXPECT_OK(munlock(p, PAGE));
		EXPECT_OK(mlock(p + 4 * PAGE, PAGE));
		EXPECT_OK(munmap(p, 16 * PAGE));
		note("after munmap: %ld KiB", locked_kib());
		EXPECT_ERRNO(mlockall(MCL_CURRENT), ENOMEM);
		limit.rlim_cur = limit.rlim_max = 0;
		EXPECT_OK(setrlimit(RLIMIT_MEMLOCK, &limit));
		EXPECT_ERRNO(mlock(map(1), PAGE), EPERM);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(mlock(p, PAGE));
	IN_CHILD(note("locks are not inherited: %ld", locked_kib()));
}
