/* SPDX-License-Identifier: MIT */
/* munmap and mprotect of parts: what splits, what merges, what faults afterwards. */
#include "../harness.h"
#include "../process/util.h"
#include <setjmp.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static sigjmp_buf back;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static bool can_read(const volatile char *p)
{
	signal(SIGSEGV, on_fault);
	if (sigsetjmp(back, 1))
		return false;
	(void)*p;
	return true;
}

static bool can_write(volatile char *p)
{
	signal(SIGSEGV, on_fault);
	if (sigsetjmp(back, 1))
		return false;
	*p = *p;
	return true;
}

/* An island of N pages with a hole on either side, so that nothing merges with it. */
static char *island(size_t pages, int prot)
{
	char *p = mmap(NULL, (pages + 2) * PAGE, PROT_NONE, ANON, -1, 0);

	munmap(p, PAGE);
	munmap(p + (pages + 1) * PAGE, PAGE);
	REQUIRE_OK(mprotect(p + PAGE, pages * PAGE, prot));
	return p + PAGE;
}

/* The entries of /proc/self/maps within the pages, as "first-last perms" in pages from P. */
static void show(const char *what, char *p, size_t pages)
{
	char line[512] = "", *maps = get_file("/proc/self/maps");
	int used = 0;

	for (char *at = strtok(maps, "\n"); at; at = strtok(NULL, "\n")) {
		unsigned long start, end;
		char perms[8];

		if (sscanf(at, "%lx-%lx %4s", &start, &end, perms) != 3)
			continue;
		if (start < (unsigned long)p + pages * PAGE && end > (unsigned long)p)
			used += snprintf(line + used, sizeof(line) - used, " [%ld-%ld %s]",
					 (long)(start - (unsigned long)p) / (long)PAGE,
					 (long)(end - (unsigned long)p) / (long)PAGE, perms);
	}
	note("%s:%s", what, used ? line : " nothing");
}

TEST(munmap_mprotect, munmap_errors)
{
	char *p = island(4, RW);

	EXPECT_ERRNO(munmap(p + 1, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(p, 0), EINVAL);
	EXPECT_ERRNO(munmap((void *)0xffff000000000000, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(p, ~0UL), EINVAL);
	EXPECT_ERRNO(munmap(p, 1UL << 60), EINVAL);
	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_OK(munmap(NULL, PAGE));
}

TEST(munmap_mprotect, parts_can_be_unmapped)
{
	char *p = island(10, RW);

	memset(p, 1, 10 * PAGE);
	show("whole", p, 10);
	EXPECT_OK(munmap(p + 4 * PAGE, 2 * PAGE));
	show("middle gone", p, 10);
	EXPECT_OK(munmap(p, PAGE));
	show("start gone", p, 10);
	EXPECT_OK(munmap(p + 9 * PAGE, 1));
	show("end gone", p, 10);
	note("%d %d %d %d", can_read(p), can_read(p + PAGE), can_read(p + 4 * PAGE), can_read(p + 6 * PAGE));
	EXPECT_OK(munmap(p - PAGE, 12 * PAGE));
	show("all gone", p, 10);
}

TEST(munmap_mprotect, mprotect_splits_and_merges)
{
	char *p = island(10, RW);

	EXPECT_OK(mprotect(p + 2 * PAGE, 3 * PAGE, PROT_READ));
	show("middle read-only", p, 10);
	EXPECT_OK(mprotect(p + 3 * PAGE, PAGE, PROT_NONE));
	show("its middle none", p, 10);
	EXPECT_OK(mprotect(p + 3 * PAGE, PAGE, PROT_READ));
	show("merged again", p, 10);
	EXPECT_OK(mprotect(p, 10 * PAGE, PROT_READ));
	show("all read-only", p, 10);
	EXPECT_OK(mprotect(p + 5 * PAGE, 5 * PAGE, PROT_READ | PROT_EXEC));
	show("half executable", p, 10);
	EXPECT_OK(mprotect(p, 10 * PAGE, RW));
	show("all writable", p, 10);
}

TEST(munmap_mprotect, protection_is_obeyed_at_once)
{
	static const struct { int prot; const char *name; } prots[] = {
		{ PROT_NONE, "none" }, { PROT_READ, "read" }, { PROT_WRITE, "write" }, { RW, "read write" },
		{ PROT_EXEC, "exec" }, { PROT_READ | PROT_EXEC, "read exec" },
	};
	char *p = island(2, RW);

	for (size_t i = 0; i < ARRAY_SIZE(prots); i++) {
		*p = 5;
		EXPECT_OK(mprotect(p, PAGE, prots[i].prot));
		note("%s: read %d write %d", prots[i].name, can_read(p), can_write(p));
		EXPECT_OK(mprotect(p, PAGE, RW));
		EXPECT_EQ(*p, 5);
	}
}

TEST(munmap_mprotect, mprotect_errors)
{
	char *p = island(6, RW);

	EXPECT_ERRNO(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	EXPECT_ERRNO(mprotect(p, PAGE, 0x40000000), EINVAL);
	EXPECT_OK(mprotect(p, 0, PROT_READ));
	EXPECT_OK(mprotect(NULL, 0, PROT_READ));
	EXPECT_ERRNO(mprotect(p, ~0UL - 4096, PROT_READ), ENOMEM);
	munmap(p + 2 * PAGE, PAGE);
	/* Up to the hole it has been done. */
	EXPECT_ERRNO(mprotect(p, 6 * PAGE, PROT_READ), ENOMEM);
	show("hole", p, 6);
	EXPECT_ERRNO(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ), ENOMEM);
	show("hole first", p, 6);
	EXPECT_ERRNO(mprotect(p + 2 * PAGE, PAGE, PROT_READ), ENOMEM);
	EXPECT_ERRNO(mprotect((void *)0xffff000000000000, PAGE, PROT_READ), ENOMEM);
	EXPECT_ERRNO(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
	EXPECT_ERRNO(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
}

TEST(munmap_mprotect, contents_survive_changes_of_protection)
{
	char *p = island(64, RW);
	int bad = 0;

	for (int i = 0; i < 64; i++)
		p[i * PAGE] = i;
	for (int round = 0; round < 10; round++) {
		for (int i = round % 2; i < 64; i += 2)
			EXPECT_OK(mprotect(p + i * PAGE, PAGE, round % 3 ? PROT_READ : PROT_NONE));
		EXPECT_OK(mprotect(p, 64 * PAGE, RW));
		for (int i = 0; i < 64; i++)
			bad += p[i * PAGE] != i;
	}
	note("bad %d", bad);
}

TEST(munmap_mprotect, many_small_mappings)
{
	char *p = island(512, PROT_NONE);
	int count = 0;

	for (int i = 0; i < 512; i += 2)
		EXPECT_OK(mprotect(p + i * PAGE, PAGE, RW));
	for (int i = 0; i < 512; i++)
		count += can_write(p + i * PAGE);
	note("%d", count);
	for (int i = 0; i < 512; i += 4)
		EXPECT_OK(munmap(p + i * PAGE, PAGE));
	count = 0;
	for (int i = 0; i < 512; i++)
		count += can_write(p + i * PAGE);
	note("%d", count);
}
