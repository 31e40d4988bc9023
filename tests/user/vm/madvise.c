/* SPDX-License-Identifier: MIT */
/* madvise(2): what each advice does to contents, to children, and what is refused. */
#include "../harness.h"
#include "../process/util.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif

static char *anon(size_t pages, int flags)
{
	char *p = mmap(NULL, pages * PAGE, RW, flags | MAP_ANONYMOUS, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	memset(p, 'x', pages * PAGE);
	return p;
}

static size_t resident(const void *p, size_t pages)
{
	unsigned char vec[64];
	size_t count = 0;

	REQUIRE_OK(mincore((void *)p, pages * PAGE, vec));
	for (size_t i = 0; i < pages; i++)
		count += vec[i] & 1;
	return count;
}

TEST(madvise, dontneed)
{
	char *p = anon(8, MAP_PRIVATE), *s = anon(8, MAP_SHARED), *f;
	int fd = temp_fd();

	EXPECT_OK(madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED));
	note("anonymous: %c %d %d %c", p[PAGE], p[2 * PAGE], p[3 * PAGE], p[4 * PAGE]);
	EXPECT_OK(madvise(s, 8 * PAGE, MADV_DONTNEED));
	note("shared anonymous: %c", s[0]);
	write_all(fd, "file", 4);
	f = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	f[0] = 'F';
	EXPECT_OK(madvise(f, PAGE, MADV_DONTNEED));
	note("private file: %.4s", f);
	f = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	f[0] = 'F';
	EXPECT_OK(madvise(f, PAGE, MADV_DONTNEED));
	note("shared file: %.4s", f);
	/* Length is rounded up. */
	EXPECT_OK(madvise(p, 1, MADV_DONTNEED));
	note("one byte: %d %c", p[PAGE - 1], p[PAGE]);
}

TEST(madvise, free_gives_old_bytes_or_zeros)
{
	char *p = anon(4, MAP_PRIVATE);

	EXPECT_OK(madvise(p, 4 * PAGE, MADV_FREE));
	EXPECT_TRUE(p[0] == 'x' || p[0] == 0);
	p[0] = 'y';
	EXPECT_EQ(p[0], 'y');
	EXPECT_ERRNO(madvise(anon(1, MAP_SHARED), PAGE, MADV_FREE), EINVAL);
}

TEST(madvise, remove_punches_holes_in_shared_memory)
{
	char *s = anon(4, MAP_SHARED), *p = anon(4, MAP_PRIVATE), *f, c = 'q';
	int fd = temp_fd();
	char page[PAGE];

	EXPECT_OK(madvise(s + PAGE, PAGE, MADV_REMOVE));
	note("shared: %c %d %c", s[0], s[PAGE], s[2 * PAGE]);
	EXPECT_ERRNO(madvise(p, PAGE, MADV_REMOVE), EINVAL);
	memset(page, 'f', PAGE);
	for (int i = 0; i < 3; i++)
		write_all(fd, page, PAGE);
	f = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	EXPECT_OK(madvise(f + PAGE, PAGE, MADV_REMOVE));
	EXPECT_EQ(pread(fd, &c, 1, PAGE + 5), 1);
	note("file: %c %d %d %c", f[0], f[PAGE], c, f[2 * PAGE]);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), (long)(3 * PAGE));
	f = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	note("mapped read-only: %s", RESULT(madvise(f, PAGE, MADV_REMOVE)));
	put_file("f", "text");
	f = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open("f", O_RDONLY), 0);
	note("opened read-only: %s", RESULT(madvise(f, PAGE, MADV_REMOVE)));
}

TEST(madvise, dontfork_and_wipeonfork)
{
	char *p = anon(3, MAP_PRIVATE);
	pid_t pid;

	EXPECT_OK(madvise(p + PAGE, PAGE, MADV_DONTFORK));
	EXPECT_OK(madvise(p + 2 * PAGE, PAGE, MADV_WIPEONFORK));
	CHILD(pid) {
		unsigned char vec;

		note("child: %c, %s, %d", p[0], RESULT(mincore(p + PAGE, PAGE, &vec)), p[2 * PAGE]);
		(void)*(volatile char *)(p + PAGE);
	}
	note("touch: %s", status_name(child_status(pid)));
	note("parent: %c%c%c", p[0], p[PAGE], p[2 * PAGE]);
	EXPECT_OK(madvise(p + PAGE, PAGE, MADV_DOFORK));
	EXPECT_OK(madvise(p + 2 * PAGE, PAGE, MADV_KEEPONFORK));
	IN_CHILD(note("child: %c%c%c", p[0], p[PAGE], p[2 * PAGE]));
	EXPECT_ERRNO(madvise(anon(1, MAP_SHARED), PAGE, MADV_WIPEONFORK), EINVAL);
}

TEST(madvise, populate)
{
	char *p = mmap(NULL, 16 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(p, 16 * PAGE, MADV_NOHUGEPAGE);
	note("%zu", resident(p, 16));
	EXPECT_OK(madvise(p, 4 * PAGE, MADV_POPULATE_READ));
	note("%zu", resident(p, 16));
	EXPECT_OK(madvise(p + 8 * PAGE, 4 * PAGE, MADV_POPULATE_WRITE));
	note("%zu", resident(p, 16));
	mprotect(p, PAGE, PROT_NONE);
	note("no access: %s", RESULT(madvise(p, PAGE, MADV_POPULATE_READ)));
	mprotect(p, PAGE, PROT_READ);
	note("write on read-only: %s", RESULT(madvise(p, PAGE, MADV_POPULATE_WRITE)));
	munmap(p, PAGE);
	note("hole: %s", RESULT(madvise(p, 2 * PAGE, MADV_POPULATE_READ)));
}

TEST(madvise, harmless_advice_keeps_contents)
{
	static const struct { int advice; const char *name; } list[] = {
		{ MADV_NORMAL, "NORMAL" }, { MADV_RANDOM, "RANDOM" }, { MADV_SEQUENTIAL, "SEQUENTIAL" },
		{ MADV_WILLNEED, "WILLNEED" }, { MADV_HUGEPAGE, "HUGEPAGE" }, { MADV_NOHUGEPAGE, "NOHUGEPAGE" },
		{ MADV_DONTDUMP, "DONTDUMP" }, { MADV_DODUMP, "DODUMP" }, { MADV_COLD, "COLD" },
		{ MADV_PAGEOUT, "PAGEOUT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		char *p = anon(2, MAP_PRIVATE);

		note("%s: %s, %c", list[i].name, RESULT(madvise(p, 2 * PAGE, list[i].advice)), p[PAGE]);
	}
}

TEST(madvise, errors)
{
	char *p = anon(4, MAP_PRIVATE);

	EXPECT_ERRNO(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
	EXPECT_ERRNO(madvise(p, PAGE, 99), EINVAL);
	EXPECT_ERRNO(madvise(p, PAGE, -1), EINVAL);
	EXPECT_ERRNO(madvise(p, ~0UL, MADV_DONTNEED), EINVAL);
	EXPECT_OK(madvise(p, 0, MADV_DONTNEED));
	EXPECT_ERRNO(madvise(p, 0, 99), EINVAL);
	munmap(p + PAGE, PAGE);
	/* What is mapped is done, the hole is reported. */
	EXPECT_ERRNO(madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM);
	note("%d %d", p[0], p[2 * PAGE]);
	EXPECT_ERRNO(madvise(p + PAGE, PAGE, MADV_WILLNEED), ENOMEM);
	p = anon(2, MAP_PRIVATE);
	EXPECT_OK(mlock(p, PAGE));
	EXPECT_ERRNO(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
	EXPECT_EQ(p[0], 'x');
}
