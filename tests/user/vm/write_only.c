/* SPDX-License-Identifier: MIT */
/*
 * PROT_WRITE without PROT_READ: the tables of neither architecture know such pages, so they can be read; also while they are
 * not to be written yet, being the zero page's, a file's or another process's too.
 */
#include "../harness.h"
#include <sys/mman.h>

#define PAGE 4096UL
#define BLOCK (2UL << 20)

/* Reads by the kernel: one that went on for ever would not hear of signals. */
static int read_by_kernel(const volatile char *p)
{
	int fd[2];
	char c = -1;

	REQUIRE_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], (const char *)p, 1), 1);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	close(fd[0]);
	close(fd[1]);
	return c;
}

static volatile char *map(size_t len, int prot, int flags, int fd)
{
	char *p = mmap(NULL, len, prot, flags, fd, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

static void look(volatile char *p)
{
	note("%d %d", read_by_kernel(p), *p);
	*p = 9;
	note("%d %d", read_by_kernel(p), *p);
}

TEST(write_only, zero_page)
{
	look(map(PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	look(map(PAGE, PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1));
}

TEST(write_only, file)
{
	int fd = temp_fd();

	EXPECT_EQ(write(fd, "A", 1), 1);
	EXPECT_OK(ftruncate(fd, PAGE));
	look(map(PAGE, PROT_WRITE, MAP_PRIVATE, fd));
	look(map(PAGE, PROT_WRITE, MAP_SHARED, fd));
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	close(fd);
}

/* After fork both have the page. */
static void shared_with_child(size_t len, int prot)
{
	volatile char *p = map(len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pid_t pid;
	int fd[2];

	*p = 1;
	REQUIRE_OK(pipe(fd));
	CHILD (pid) {
		char c;

		close(fd[1]);
		EXPECT_EQ(read(fd[0], &c, 1), 0);
		EXPECT_EQ(*p, 1);
	}
	EXPECT_OK(mprotect((char *)p, len, prot));
	EXPECT_OK(mprotect((char *)p, len, PROT_WRITE));
	look(p);
	close(fd[1]);
	EXPECT_EQ(child_status(pid), 0);
}

TEST(write_only, page_of_a_fork)
{
	shared_with_child(PAGE, PROT_READ);
	shared_with_child(PAGE, PROT_NONE);
}

TEST(write_only, block_of_a_fork)
{
	shared_with_child(4 * BLOCK, PROT_READ);
	shared_with_child(4 * BLOCK, PROT_NONE);
}

TEST(write_only, after_none)
{
	volatile char *p = map(PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	note("%d", *p);
	EXPECT_OK(mprotect((char *)p, PAGE, PROT_NONE));
	EXPECT_OK(mprotect((char *)p, PAGE, PROT_WRITE));
	look(p);
}
