/* SPDX-License-Identifier: MIT */
/* mmap(2) of anonymous memory: flags, hints, fixed places, refusals. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/resource.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
/* Where user space ends; on x86_64 the last page is not to be had (SYSRET). */
#if defined(__x86_64__)
#define TOP ((1UL << 47) - PAGE)
#else
#define TOP (1UL << 48)
#endif

static const char *map_at(void *where, size_t size, int prot, int flags)
{
	void *p = mmap(where, size, prot, flags, -1, 0);

	if (p == MAP_FAILED)
		return errno_name(errno);
	return p == where ? "there" : "elsewhere";
}

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

TEST(mmap_anon, memory_is_zero_and_page_aligned)
{
	static const size_t sizes[] = { 1, 4095, 4096, 4097, 100000, 5 << 20 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned char *p = mmap(NULL, sizes[i], RW, ANON, -1, 0);
		size_t bad = 0, whole = (sizes[i] + PAGE - 1) & ~(PAGE - 1);

		REQUIRE_TRUE(p != MAP_FAILED);
		EXPECT_EQ((uintptr_t)p % PAGE, 0);
		for (size_t j = 0; j < whole; j++)
			bad += p[j] != 0;
		EXPECT_EQ(bad, 0);
		memset(p, 0xa5, whole);
		EXPECT_OK(munmap(p, sizes[i]));
	}
}

TEST(mmap_anon, errors)
{
	note("size 0: %s", map_at(NULL, 0, RW, ANON));
	note("neither shared nor private: %s", map_at(NULL, PAGE, RW, MAP_ANONYMOUS));
	note("both: %s", map_at(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE));
	note("huge: %s", map_at(NULL, ~0UL - 4096, RW, ANON));
	note("wraps to zero: %s", map_at(NULL, ~0UL, RW, ANON));
	note("above the address space: %s", map_at(NULL, 1UL << 52, RW, ANON | MAP_NORESERVE));
	note("odd offset: %s", mmap(NULL, PAGE, RW, ANON, -1, 1) == MAP_FAILED ? errno_name(errno) : "mapped");
	note("page offset: %s", mmap(NULL, PAGE, RW, ANON, -1, PAGE) == MAP_FAILED ? errno_name(errno) : "mapped");
	note("bad descriptor is ignored: %s", mmap(NULL, PAGE, RW, ANON, 999, 0) == MAP_FAILED ?
	     errno_name(errno) : "mapped");
	note("no flags: %s", map_at(NULL, PAGE, RW, 0));
	note("unknown protection: %s", mmap(NULL, PAGE, 0x40000000, ANON, -1, 0) == MAP_FAILED ?
	     errno_name(errno) : "mapped");
	note("SHARED_VALIDATE anonymous: %s", map_at(NULL, PAGE, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS));
}

TEST(mmap_anon, hints)
{
	char *base = reserve(16 * PAGE);

	munmap(base, 16 * PAGE);
	note("free hint: %s", map_at(base + 4 * PAGE, PAGE, RW, ANON));
	note("taken hint: %s", map_at(base + 4 * PAGE, PAGE, RW, ANON));
	char *odd = mmap(base + 8 * PAGE + 123, PAGE, RW, ANON, -1, 0);

	EXPECT_TRUE(odd == base + 8 * PAGE || odd == base + 9 * PAGE);
	note("odd hint goes %s", odd == base + 8 * PAGE ? "down" : "up");
	note("kernel hint: %s", map_at((void *)0xffff000000000000, PAGE, RW, ANON));
}

TEST(mmap_anon, fixed_replaces_what_is_there)
{
	char *p = reserve(8 * PAGE);

	note("%s", map_at(p, 8 * PAGE, RW, ANON | MAP_FIXED));
	memset(p, 1, 8 * PAGE);
	note("%s", map_at(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED));
	note("%d %d %d %d", p[PAGE], p[2 * PAGE], p[3 * PAGE], p[4 * PAGE]);
	note("odd: %s", map_at(p + 1, PAGE, RW, ANON | MAP_FIXED));
	note("kernel: %s", map_at((void *)0xffff000000000000, PAGE, RW, ANON | MAP_FIXED));
	note("wraps: %s", map_at((void *)(~0UL & ~(PAGE - 1)), 2 * PAGE, RW, ANON | MAP_FIXED));
	note("just below the top: %s", map_at((void *)(TOP - PAGE), PAGE, RW, ANON | MAP_FIXED));
	note("over the top: %s", map_at((void *)(TOP - PAGE), 2 * PAGE, RW, ANON | MAP_FIXED));
	note("beyond the top: %s", map_at((void *)TOP, PAGE, RW, ANON | MAP_FIXED));
}

TEST(mmap_anon, the_zero_page_needs_privilege)
{
	note("root: %s", map_at(NULL, PAGE, RW, ANON | MAP_FIXED));
	AS_USER(1000, 1000, note("user: %s", map_at(NULL, PAGE, RW, ANON | MAP_FIXED));
		note("user at 64 KiB: %s", map_at((void *)65536, PAGE, RW, ANON | MAP_FIXED)));
}

TEST(mmap_anon, fixed_noreplace)
{
	char *p = reserve(8 * PAGE);

	munmap(p + 2 * PAGE, 2 * PAGE);
	note("into the hole: %s", map_at(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE));
	note("again: %s", map_at(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE));
	munmap(p + 4 * PAGE, PAGE);
	note("half taken: %s", map_at(p + 4 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE));
	note("odd: %s", map_at(p + 4 * PAGE + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE));
}

TEST(mmap_anon, flags_that_are_hints_are_taken)
{
	static const struct { int flag; const char *name; } flags[] = {
		{ MAP_NORESERVE, "NORESERVE" }, { MAP_POPULATE, "POPULATE" }, { MAP_NONBLOCK, "NONBLOCK" },
		{ MAP_STACK, "STACK" }, { MAP_LOCKED, "LOCKED" }, { MAP_GROWSDOWN, "GROWSDOWN" },
		{ MAP_DENYWRITE, "DENYWRITE" }, { MAP_EXECUTABLE, "EXECUTABLE" },
		{ MAP_POPULATE | MAP_NONBLOCK, "POPULATE|NONBLOCK" }, { 1 << 30, "unknown" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		char *p = mmap(NULL, 4 * PAGE, RW, ANON | flags[i].flag, -1, 0);

		note("%s: %s", flags[i].name, p == MAP_FAILED ? errno_name(errno) : "mapped");
		if (p != MAP_FAILED)
			p[0] = p[3 * PAGE] = 1;
	}
	note("GROWSDOWN shared: %s", map_at(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN));
}

static size_t resident(const void *p, size_t pages)
{
	unsigned char vec[1024];
	size_t count = 0;

	REQUIRE_OK(mincore((void *)p, pages * PAGE, vec));
	for (size_t i = 0; i < pages; i++)
		count += vec[i] & 1;
	return count;
}

TEST(mmap_anon, populate_makes_pages_present)
{
	char *p = mmap(NULL, 64 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);

	note("populated %zu", resident(p, 64));
	p = mmap(NULL, 64 * PAGE, RW, ANON, -1, 0);
	madvise(p, 64 * PAGE, MADV_NOHUGEPAGE);
	note("not populated %zu", resident(p, 64));
	p[5 * PAGE] = 1;
	note("one touched %zu", resident(p, 64));
	p = mmap(NULL, 64 * PAGE, PROT_READ, ANON | MAP_POPULATE, -1, 0);
	note("read-only %zu", resident(p, 64));
	p = mmap(NULL, 64 * PAGE, PROT_NONE, ANON | MAP_POPULATE, -1, 0);
	note("PROT_NONE %zu", resident(p, 64));
}

TEST(mmap_anon, adjacent_mappings_merge)
{
	char *p = reserve(8 * PAGE);
	char line[64];

	munmap(p, 8 * PAGE);
	for (int i = 1; i < 6; i++)
		map_at(p + i * PAGE, PAGE, RW, ANON | MAP_FIXED);
	snprintf(line, sizeof(line), "%lx-%lx rw-p", (unsigned long)(p + PAGE), (unsigned long)(p + 6 * PAGE));
	/* Neighbours may join as well: what matters is that no boundary lies inside. */
	snprintf(line, sizeof(line), "%lx-", (unsigned long)(p + 3 * PAGE));
	note("%d", strstr(get_file("/proc/self/maps"), line) == NULL);
}

TEST(mmap_anon, huge_reservations_and_overcommit)
{
	char *p = mmap(NULL, 64UL << 30, PROT_NONE, ANON, -1, 0);

	note("64 GiB PROT_NONE: %s", p == MAP_FAILED ? errno_name(errno) : "mapped");
	p = mmap(NULL, 64UL << 30, RW, ANON | MAP_NORESERVE, -1, 0);
	note("64 GiB NORESERVE: %s", p == MAP_FAILED ? errno_name(errno) : "mapped");
	if (p != MAP_FAILED) {
		p[0] = 1;
		p[(64UL << 30) - 1] = 2;
		p[32UL << 30] = 3;
		note("%d %d %d", p[0], p[(64UL << 30) - 1], p[32UL << 30]);
		EXPECT_OK(munmap(p, 64UL << 30));
	}
	note("64 GiB: %s", map_at(NULL, 64UL << 30, RW, ANON));
	note("64 GiB shared: %s", map_at(NULL, 64UL << 30, RW, MAP_SHARED | MAP_ANONYMOUS));
}
