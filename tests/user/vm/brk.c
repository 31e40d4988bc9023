/* SPDX-License-Identifier: MIT */
/* brk(2): returns the break, moves it up and down, never fails with an errno. */
#include "../harness.h"
#include "../process/util.h"

static char *brk_to(char *where)
{
	return (char *)syscall(SYS_brk, where);
}

TEST(brk, query_and_move)
{
	char *start = brk_to(NULL), *end;
	int bad = 0;

	EXPECT_TRUE(start == brk_to(NULL));
	end = start + 100000;
	EXPECT_TRUE(brk_to(end) == end);
	for (char *p = start; p < end; p++)
		bad += *p != 0;
	EXPECT_EQ(bad, 0);
	memset(start, 1, 100000);
	EXPECT_TRUE(brk_to(start) == start);
	EXPECT_TRUE(brk_to(end) == end);
	/* Memory beyond the first partial page is fresh. */
	bad = 0;
	for (char *p = (char *)(((uintptr_t)start + 4095) & ~4095UL); p < end; p++)
		bad += *p != 0;
	note("bad %d", bad);
}

TEST(brk, refusals_return_the_old_break)
{
	char *start = brk_to(NULL);

	EXPECT_TRUE(brk_to((char *)8) == start);
	EXPECT_TRUE(brk_to((char *)~0UL) == start);
	EXPECT_TRUE(brk_to((char *)0xffff000000000000) == start);
	EXPECT_TRUE(brk_to(start - (64 << 20)) == start || start < (char *)(64 << 20));
	/* Not into another mapping. */
	char *wall = mmap((char *)(((uintptr_t)start + 0x200000) & ~4095UL), 4096, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	EXPECT_TRUE(brk_to(wall + 4096) == start);
	EXPECT_TRUE(brk_to(wall + 100) == start);
	EXPECT_TRUE(brk_to(start + 0x10000) == start + 0x10000);
}

TEST(brk, is_inherited_and_private)
{
	char *start = brk_to(NULL);

	brk_to(start + 8192);
	start[100] = 1;
	IN_CHILD(
		EXPECT_TRUE(brk_to(NULL) == start + 8192);
		EXPECT_EQ(start[100], 1);
		start[100] = 2;
		EXPECT_TRUE(brk_to(start + 40960) == start + 40960));
	EXPECT_TRUE(brk_to(NULL) == start + 8192);
	EXPECT_EQ(start[100], 1);
}

TEST(brk, heap_is_named_in_maps)
{
	char *start = brk_to(NULL);

	brk_to(start + 65536);
	note("%d", strstr(get_file("/proc/self/maps"), "[heap]") != NULL);
	note("%d", strstr(get_file("/proc/self/maps"), "[stack]") != NULL);
}

TEST(brk, sbrk_and_malloc_get_along)
{
	char *p[200];
	int bad = 0;

	for (int i = 0; i < 200; i++) {
		p[i] = malloc(i * 50 + 1);
		memset(p[i], i, i * 50 + 1);
	}
	for (int i = 0; i < 200; i++) {
		bad += p[i][i * 50] != (char)i;
		free(p[i]);
	}
	note("bad %d", bad);
}
