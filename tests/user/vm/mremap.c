/* SPDX-License-Identifier: MIT */
/* mremap(2): growing, shrinking, moving, fixed places, DONTUNMAP, and old size zero. */
#include "../harness.h"
#include "../process/util.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static char *map(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

static void fill(char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		memset(p + i * PAGE, 'a' + i, PAGE);
}

static int wrong(const char *p, size_t pages, size_t first)
{
	int bad = 0;

	for (size_t i = 0; i < pages * PAGE; i++)
		bad += p[i] != (char)('a' + first + i / PAGE);
	return bad;
}

static bool mapped(const void *p)
{
	unsigned char vec;

	return mincore((void *)p, PAGE, &vec) == 0;
}

TEST(mremap, shrink_in_place)
{
	char *p = map(8);

	fill(p, 8);
	EXPECT_TRUE(mremap(p, 8 * PAGE, 3 * PAGE, 0) == p);
	note("bad %d, tail %s", wrong(p, 3, 0), mapped(p + 3 * PAGE) ? "mapped" : "gone");
	EXPECT_TRUE(mremap(p, 3 * PAGE, 3 * PAGE, 0) == p);
	EXPECT_TRUE(mremap(p, 3 * PAGE, 2 * PAGE + 1, 0) == p);
	EXPECT_TRUE(mapped(p + 2 * PAGE));
}

TEST(mremap, grow_in_place_if_there_is_room)
{
	char *p = map(8);

	munmap(p + 2 * PAGE, 6 * PAGE);
	fill(p, 2);
	EXPECT_TRUE(mremap(p, 2 * PAGE, 5 * PAGE, 0) == p);
	note("bad %d, new %d", wrong(p, 2, 0), p[2 * PAGE] | p[5 * PAGE - 1]);
	p[4 * PAGE] = 1;
	/* Something in the way. */
	EXPECT_TRUE(mmap(p + 5 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + 5 * PAGE);
	EXPECT_TRUE(mremap(p, 2 * PAGE, 3 * PAGE, 0) == MAP_FAILED && errno == ENOMEM);
	EXPECT_TRUE(mremap(p, 5 * PAGE, 6 * PAGE, 0) == p || errno == ENOMEM);
}

TEST(mremap, may_move_keeps_every_byte)
{
	static const size_t sizes[][2] = { { 1, 200 }, { 3, 7 }, { 513, 1200 }, { 600, 601 } };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *p = map(sizes[i][0] + 1), *q;

		/* A guard behind it forces the move. */
		mprotect(p + sizes[i][0] * PAGE, PAGE, PROT_NONE);
		fill(p, sizes[i][0]);
		q = mremap(p, sizes[i][0] * PAGE, sizes[i][1] * PAGE, MREMAP_MAYMOVE);
		REQUIRE_TRUE(q != MAP_FAILED);
		int bad = 0;

		for (size_t j = sizes[i][0] * PAGE; j < sizes[i][1] * PAGE; j++)
			bad += q[j] != 0;
		note("%zu to %zu: moved %d bad %d new not zero %d old %s", sizes[i][0], sizes[i][1], q != p,
		     wrong(q, sizes[i][0], 0), bad, mapped(p) ? "mapped" : "gone");
		memset(q, 1, sizes[i][1] * PAGE);
		munmap(q, sizes[i][1] * PAGE);
		munmap(p, (sizes[i][0] + 1) * PAGE);
	}
}

TEST(mremap, fixed)
{
	char *p = map(4), *to = map(8);

	fill(p, 4);
	memset(to, '-', 8 * PAGE);
	EXPECT_TRUE(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 2 * PAGE) == to + 2 * PAGE);
	note("bad %d around %c %c old %s", wrong(to + 2 * PAGE, 4, 0), to[0], to[6 * PAGE],
	     mapped(p) ? "mapped" : "gone");
	p = map(4);
	fill(p, 4);
	/* Smaller and larger at the new place. */
	EXPECT_TRUE(mremap(p, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	note("bad %d old %s", wrong(to, 2, 0), mapped(p) ? "mapped" : "gone");
}

TEST(mremap, errors)
{
	char *p = map(8), *q = map(8);

#define FAILS(call, error) EXPECT_TRUE((call) == MAP_FAILED && errno == (error))
	FAILS(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
	FAILS(mremap(p, PAGE, 0, 0), EINVAL);
	FAILS(mremap(p, PAGE, PAGE, 8), EINVAL);
	FAILS(mremap(p, PAGE, PAGE, MREMAP_FIXED, q), EINVAL);
	FAILS(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + 1), EINVAL);
	FAILS(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 2 * PAGE), EINVAL);
	FAILS(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p - 2 * PAGE), EINVAL);
	FAILS(mremap(p, PAGE, ~0UL - 4096, MREMAP_MAYMOVE), ENOMEM);
	FAILS(mremap(p, PAGE, 1UL << 47, MREMAP_MAYMOVE), ENOMEM);
	FAILS(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, wild(0xffff000000000000)), EINVAL);
	FAILS(mremap(p, 2 * PAGE, PAGE, MREMAP_DONTUNMAP), EINVAL);
	FAILS(mremap(p, 2 * PAGE, PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE), EINVAL);
	munmap(p, 8 * PAGE);
	FAILS(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	/* Across two mappings. */
	mprotect(q + 2 * PAGE, PAGE, PROT_READ);
	FAILS(mremap(q, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE), EFAULT);
	EXPECT_TRUE(mremap(q, 4 * PAGE, 2 * PAGE, 0) == q);
}

TEST(mremap, old_size_zero_duplicates_a_shared_mapping)
{
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *q;

	fill(p, 2);
	q = mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE);
	REQUIRE_TRUE(q != MAP_FAILED);
	q[0] = 'Z';
	note("%c %c", p[0], q[PAGE]);
	p = map(2);
	FAILS(mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
}

TEST(mremap, dontunmap_leaves_an_empty_mapping_behind)
{
	char *p = map(4), *q;

	fill(p, 4);
	q = mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	REQUIRE_TRUE(q != MAP_FAILED && q != p);
	note("bad %d, old first byte %d", wrong(q, 4, 0), p[0]);
	p[0] = 'n';
	note("%c %c", p[0], q[0]);
}

TEST(mremap, protection_and_file_offset_move_along)
{
	int fd = temp_fd();
	char *p, *q;

	for (int i = 0; i < 4; i++) {
		char page[PAGE];

		memset(page, 'a' + i, PAGE);
		write_all(fd, page, PAGE);
	}
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	q = mremap(p, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
	REQUIRE_TRUE(q != MAP_FAILED);
	note("%c%c%c", q[0], q[PAGE], q[2 * PAGE]);
	EXPECT_ERRNO(read(fd, q, 1) == 0 ? (lseek(fd, 0, SEEK_SET), read(fd, q, 1)) : -1, EFAULT);
}

TEST(mremap, grows_step_by_step)
{
	char *p = map(1);
	int bad = 0;

	for (size_t i = 1; i < 300; i++) {
		p[(i - 1) * PAGE] = i;
		p = mremap(p, i * PAGE, (i + 1) * PAGE, MREMAP_MAYMOVE);
		REQUIRE_TRUE(p != MAP_FAILED);
	}
	for (size_t i = 1; i < 300; i++)
		bad += p[(i - 1) * PAGE] != (char)i;
	note("bad %d", bad);
}
