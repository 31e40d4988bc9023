/* SPDX-License-Identifier: MIT */
/* mmap(2) of files: private and shared, coherence with read and write, ends of files, refusals. */
#include "../harness.h"
#include "../process/util.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static int file(size_t size)
{
	int fd = temp_fd();
	unsigned char page[PAGE];

	for (size_t i = 0; i < size; i += PAGE) {
		memset(page, 'a' + i / PAGE, sizeof(page));
		write_all(fd, page, size - i < PAGE ? size - i : PAGE);
	}
	return fd;
}

static const char *map(size_t size, int prot, int flags, int fd, off_t offset)
{
	return mmap(NULL, size, prot, flags, fd, offset) == MAP_FAILED ? errno_name(errno) : "mapped";
}

TEST(mmap_file, errors)
{
	int fd = file(100), pipes[2], ro, wo, path;

	EXPECT_OK(pipe(pipes));
	put_file("f", "hello");
	ro = open("f", O_RDONLY);
	wo = open("f", O_WRONLY);
	path = open("f", O_PATH);
	note("bad fd: %s", map(PAGE, PROT_READ, MAP_SHARED, 999, 0));
	note("fd -1: %s", map(PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
	note("size 0: %s", map(0, PROT_READ, MAP_SHARED, fd, 0));
	note("odd offset: %s", map(PAGE, PROT_READ, MAP_SHARED, fd, 100));
	note("offset beyond the end: %s", map(PAGE, PROT_READ, MAP_SHARED, fd, 1 << 20));
	note("negative offset: %s", map(PAGE, PROT_READ, MAP_SHARED, fd, -PAGE));
	note("offset overflow: %s", map(2 * PAGE, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000));
	note("pipe: %s", map(PAGE, PROT_READ, MAP_SHARED, pipes[0], 0));
	note("directory: %s", map(PAGE, PROT_READ, MAP_SHARED, open(".", O_RDONLY), 0));
	note("O_PATH: %s", map(PAGE, PROT_READ, MAP_SHARED, path, 0));
	note("read-only shared for writing: %s", map(PAGE, RW, MAP_SHARED, ro, 0));
	note("read-only private for writing: %s", map(PAGE, RW, MAP_PRIVATE, ro, 0));
	note("write-only shared: %s", map(PAGE, PROT_WRITE, MAP_SHARED, wo, 0));
	note("write-only private: %s", map(PAGE, PROT_READ, MAP_PRIVATE, wo, 0));
	note("neither: %s", map(PAGE, PROT_READ, 0, fd, 0));
	note("SHARED_VALIDATE: %s", map(PAGE, PROT_READ, MAP_SHARED_VALIDATE, fd, 0));
	note("SHARED_VALIDATE with an unknown flag: %s", map(PAGE, PROT_READ, MAP_SHARED_VALIDATE | 1 << 22, fd, 0));
	note("SHARED_VALIDATE with SYNC: %s", map(PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x80000, fd, 0));
	note("/dev/zero private: %s", map(PAGE, RW, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0));
	note("/dev/zero shared: %s", map(PAGE, RW, MAP_SHARED, open("/dev/zero", O_RDWR), 0));
	note("/dev/null: %s", map(PAGE, PROT_READ, MAP_PRIVATE, open("/dev/null", O_RDONLY), 0));
	note("/proc/self/stat: %s", map(PAGE, PROT_READ, MAP_PRIVATE, open("/proc/self/stat", O_RDONLY), 0));
}

TEST(mmap_file, contents_and_the_tail_of_the_last_page)
{
	int fd = file(2 * PAGE + 10);
	unsigned char *p = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	int bad = 0;

	note("%c %c %c %c %d", p[0], p[PAGE], p[2 * PAGE], p[2 * PAGE + 9], p[2 * PAGE + 10]);
	for (size_t i = 2 * PAGE + 10; i < 3 * PAGE; i++)
		bad += p[i] != 0;
	EXPECT_EQ(bad, 0);
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	note("%c", p[0]);
	close(fd);
	note("%c after close", p[1]);
}

TEST(mmap_file, shared_writes_are_seen_by_read_at_once_and_the_other_way_round)
{
	int fd = file(2 * PAGE);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0), c;

	p[5] = 'X';
	EXPECT_EQ(pread(fd, &c, 1, 5), 1);
	note("%c", c);
	EXPECT_EQ(pwrite(fd, "YZ", 2, PAGE - 1), 2);
	note("%c%c", p[PAGE - 1], p[PAGE]);
	char *q = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);

	q[7] = 'Q';
	note("%c", p[7]);
}

TEST(mmap_file, private_writes_stay_private)
{
	int fd = file(2 * PAGE);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0), c;
	char *s = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

	p[5] = 'X';
	EXPECT_EQ(pread(fd, &c, 1, 5), 1);
	note("file %c shared %c private %c", c, s[5], p[5]);
	s[6] = 'S';
	note("the copied page does not follow: %c", p[6]);
	s[PAGE + 6] = 'S';
	note("a page not written does: %c", p[PAGE + 6]);
	IN_CHILD(p[5] = 'C'; note("child %c", p[5]));
	note("parent %c", p[5]);
}

TEST(mmap_file, a_file_of_another_process)
{
	int fd = file(PAGE);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);

	p[0] = '1';
	IN_CHILD(
		char *q = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
		note("child sees %c %c", p[0], q[0]);
		q[0] = '2';
		p[1] = '3');
	note("parent sees %c%c", p[0], p[1]);
}

TEST(mmap_file, growing_and_shrinking)
{
	int fd = file(PAGE), bad = 0;
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	pid_t pid;

	CHILD(pid)
		p[PAGE] = 1;
	note("beyond the end: %s", status_name(child_status(pid)));
	EXPECT_OK(ftruncate(fd, 3 * PAGE));
	p[2 * PAGE] = 'g';
	note("%d %c", p[PAGE], p[2 * PAGE]);
	memset(p, 'f', 3 * PAGE);
	EXPECT_OK(ftruncate(fd, PAGE + 100));
	note("%c %d", p[PAGE + 99], p[PAGE + 100]);
	CHILD(pid)
		p[2 * PAGE] = 1;
	note("truncated away: %s", status_name(child_status(pid)));
	EXPECT_OK(ftruncate(fd, 3 * PAGE));
	for (size_t i = PAGE + 100; i < 3 * PAGE; i++)
		bad += p[i] != 0;
	note("not zero after growing again: %d", bad);
}

TEST(mmap_file, truncation_takes_private_copies_too)
{
	int fd = file(2 * PAGE);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	pid_t pid;

	p[0] = p[PAGE] = 'P';
	EXPECT_OK(ftruncate(fd, 0));
	CHILD(pid)
		p[PAGE]++;
	note("%s", status_name(child_status(pid)));
	EXPECT_OK(ftruncate(fd, 2 * PAGE));
	note("%d", p[PAGE]);
}

TEST(mmap_file, bytes_stored_beyond_the_end_do_not_enter_the_file)
{
	int fd = file(100);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), c = 'x';

	p[99] = 'a';
	p[100] = 'b';
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 100);
	EXPECT_EQ(pread(fd, &c, 1, 100), 0);
	EXPECT_EQ(pwrite(fd, "z", 1, 200), 1);
	EXPECT_EQ(pread(fd, &c, 1, 99), 1);
	note("%c", c);
	EXPECT_EQ(pread(fd, &c, 1, 150), 1);
	EXPECT_EQ(c, 0);
}

TEST(mmap_file, mprotect_respects_the_open_mode)
{
	int ro;
	char *p;

	put_file("f", "hello");
	ro = open("f", O_RDONLY);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	EXPECT_ERRNO(mprotect(p, PAGE, RW), EACCES);
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
	EXPECT_OK(mprotect(p, PAGE, RW));
	p[0] = 'J';
	note("%s %s", p, get_file("f"));
}

TEST(mmap_file, read_into_a_mapping_of_the_same_file)
{
	int fd = file(2 * PAGE);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

	EXPECT_EQ(pread(fd, p + PAGE, PAGE, 0), (long)PAGE);
	note("%c", p[PAGE + 10]);
	EXPECT_EQ(pwrite(fd, p + 1, PAGE, 0), (long)PAGE);
	note("%c %c", p[0], p[PAGE - 1]);
}

TEST(mmap_file, an_unlinked_file_lives_on_in_its_mapping)
{
	int fd;
	char *p;

	put_file("f", "still here");
	fd = open("f", O_RDWR);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	unlink("f");
	note("%s", p);
	char *maps = get_file("/proc/self/maps");

	note("%d", strstr(maps, "/f (deleted)") != NULL);
}

TEST(mmap_file, a_large_file_in_any_order)
{
	int fd = temp_fd(), bad = 0;
	uint32_t *p;
	size_t count = (3 << 20) / 4;

	EXPECT_OK(ftruncate(fd, 3 << 20));
	p = mmap(NULL, 3 << 20, RW, MAP_SHARED, fd, 0);
	for (size_t i = 0, at = 0; i < count; i += 64, at = (at + 40503 * 64) % count)
		p[at & ~63UL] = at & ~63UL;
	static uint32_t block[16384];

	for (size_t i = 0; i < count; i += 16384) {
		EXPECT_EQ(pread(fd, block, sizeof(block), i * 4), (long)sizeof(block));
		for (size_t j = 0; j < 16384; j += 64)
			bad += block[j] != i + j && block[j] != 0;
	}
	note("bad %d", bad);
}
