/* SPDX-License-Identifier: MIT */
/* Regions where the kernel may use large pages: changed in their middle, forked, moved, given back. */
#include "../harness.h"
#include "../process/util.h"
#include <setjmp.h>

#define PAGE 4096UL
#define BLOCK (2UL << 20)
#define RW (PROT_READ | PROT_WRITE)

static sigjmp_buf back;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static bool can_write(volatile char *p)
{
	signal(SIGSEGV, on_fault);
	if (sigsetjmp(back, 1))
		return false;
	*p = *p;
	return true;
}

/* COUNT aligned blocks that hold a pattern. */
static char *blocks(size_t count)
{
	char *p = mmap(NULL, (count + 1) * BLOCK, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned = (char *)(((uintptr_t)p + BLOCK - 1) & ~(BLOCK - 1));

	REQUIRE_TRUE(p != MAP_FAILED);
	madvise(aligned, count * BLOCK, MADV_HUGEPAGE);
	for (size_t i = 0; i < count * BLOCK / PAGE; i++)
		*(uint32_t *)(aligned + i * PAGE) = i * 2654435761U;
	return aligned;
}

static int wrong(const char *p, size_t from, size_t to, size_t base)
{
	int bad = 0;

	for (size_t i = from; i < to; i++)
		bad += *(const uint32_t *)(p + i * PAGE) != (uint32_t)((base + i) * 2654435761U);
	return bad;
}

TEST(large_blocks, protection_of_the_middle)
{
	char *p = blocks(2);

	EXPECT_OK(mprotect(p + 100 * PAGE, 50 * PAGE, PROT_READ));
	note("%d %d %d %d", can_write(p + 99 * PAGE), can_write(p + 100 * PAGE), can_write(p + 149 * PAGE),
	     can_write(p + 150 * PAGE));
	note("bad %d", wrong(p, 0, 1024, 0));
	EXPECT_OK(mprotect(p, 2 * BLOCK, RW));
	note("bad %d", wrong(p, 0, 1024, 0));
}

TEST(large_blocks, a_hole_in_the_middle)
{
	char *p = blocks(2);
	unsigned char vec;

	EXPECT_OK(munmap(p + 200 * PAGE, 100 * PAGE));
	note("bad %d %d", wrong(p, 0, 200, 0), wrong(p, 300, 1024, 0));
	note("hole %s", RESULT(mincore(p + 250 * PAGE, PAGE, &vec)));
	note("%d %d", can_write(p + 199 * PAGE), can_write(p + 300 * PAGE));
}

TEST(large_blocks, dontneed_of_a_part)
{
	char *p = blocks(1);
	int bad = 0;

	EXPECT_OK(madvise(p + 10 * PAGE, 5 * PAGE, MADV_DONTNEED));
	for (size_t i = 10 * PAGE; i < 15 * PAGE; i++)
		bad += p[i] != 0;
	note("bad %d %d %d", bad, wrong(p, 0, 10, 0), wrong(p, 15, 512, 0));
}

TEST(large_blocks, copy_on_write)
{
	char *p = blocks(2);

	IN_CHILD(
		EXPECT_EQ(wrong(p, 0, 1024, 0), 0);
		memset(p + 300 * PAGE, 1, 10 * PAGE);
		EXPECT_EQ(wrong(p, 0, 300, 0) + wrong(p, 310, 1024, 0), 0));
	note("bad %d", wrong(p, 0, 1024, 0));
	memset(p + 400 * PAGE, 2, PAGE);
	note("bad %d %d", wrong(p, 0, 400, 0), wrong(p, 401, 1024, 0));
}

TEST(large_blocks, moved_by_odd_amounts)
{
	char *p = blocks(3), *room = mmap(NULL, 8 * BLOCK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *to = (char *)(((uintptr_t)room + BLOCK - 1) & ~(BLOCK - 1)) + 7 * PAGE;

	EXPECT_TRUE(mremap(p, 3 * BLOCK, 3 * BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	note("bad %d", wrong(to, 0, 1536, 0));
	/* A part of it moves on. */
	char *part = mremap(to + 500 * PAGE, 600 * PAGE, 700 * PAGE, MREMAP_MAYMOVE);

	REQUIRE_TRUE(part != MAP_FAILED);
	note("bad %d %d %d", wrong(part, 0, 600, 500), wrong(to, 0, 500, 0), wrong(to, 1100, 1536, 0));
}

TEST(large_blocks, shrinking_and_growing)
{
	char *p = blocks(2);

	EXPECT_TRUE(mremap(p, 2 * BLOCK, BLOCK + 5 * PAGE, 0) == p);
	note("bad %d", wrong(p, 0, 517, 0));
	p = mremap(p, BLOCK + 5 * PAGE, 4 * BLOCK, MREMAP_MAYMOVE);
	REQUIRE_TRUE(p != MAP_FAILED);
	note("bad %d, new %d", wrong(p, 0, 517, 0), *(int *)(p + 600 * PAGE));
}

TEST(large_blocks, files_and_shared_memory)
{
	int fd = syscall(SYS_memfd_create, "big", 0);
	char *p, *q;

	EXPECT_OK(ftruncate(fd, 3 * BLOCK));
	p = mmap(NULL, 3 * BLOCK, RW, MAP_SHARED, fd, 0);
	q = mmap(NULL, 3 * BLOCK, RW, MAP_SHARED, fd, 0);
	for (size_t i = 0; i < 1536; i++)
		*(uint32_t *)(p + i * PAGE) = i * 2654435761U;
	note("bad %d", wrong(q, 0, 1536, 0));
	EXPECT_OK(ftruncate(fd, BLOCK + 3 * PAGE));
	EXPECT_OK(ftruncate(fd, 3 * BLOCK));
	note("bad %d, cut off %d", wrong(q, 0, 515, 0), *(int *)(q + 515 * PAGE) | *(int *)(q + 1535 * PAGE));
	EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100 * PAGE, 50 * PAGE));
	note("punched %d, bad %d %d", *(int *)(p + 120 * PAGE), wrong(p, 0, 100, 0), wrong(p, 150, 515, 0));
}

TEST(large_blocks, read_and_write_across_block_boundaries)
{
	char *p = blocks(2);
	int fd = temp_fd(), bad = 0;

	EXPECT_EQ(pwrite(fd, p + BLOCK - 3 * PAGE, 6 * PAGE, 0), (long)(6 * PAGE));
	memset(p + BLOCK - 3 * PAGE, 0, 6 * PAGE);
	EXPECT_EQ(pread(fd, p + BLOCK - 3 * PAGE, 6 * PAGE, 0), (long)(6 * PAGE));
	bad = wrong(p, 0, 1024, 0);
	note("bad %d", bad);
}
