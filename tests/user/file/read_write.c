/* SPDX-License-Identifier: MIT */
/* read(2) and write(2): counts, the end of file, holes, bad buffers and bad descriptors. */
#include "harness.h"
#include <sys/mman.h>

TEST(rw, counts_and_offsets)
{
	char text[16] = "";
	int fd = temp_fd();

	SHOW(write(fd, "hello world", 11));
	SHOW(read(fd, text, 16));
	SHOW(lseek(fd, 6, SEEK_SET));
	SHOW(read(fd, text, 16));
	EXPECT_STR(text, "world");
	SHOW(read(fd, text, 16));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(write(fd, "", 0));
	SHOW(read(fd, text, 0));
}

TEST(rw, a_gap_reads_as_zeros)
{
	char text[8];
	int fd = temp_fd();

	lseek(fd, 100000, SEEK_SET);
	SHOW(write(fd, "x", 1));
	SHOW(pread(fd, text, 8, 99996));
	EXPECT_TRUE(memcmp(text, "\0\0\0\0x", 5) == 0);
	lseek(fd, 200000, SEEK_SET);
	SHOW(read(fd, text, 8));
}

TEST(rw, bad_descriptors)
{
	char byte;
	int dir = REQUIRE_OK(open(".", O_RDONLY));

	SHOW(read(-1, &byte, 1));
	SHOW(write(-1, &byte, 1));
	SHOW(read(500, &byte, 0));
	SHOW(read(dir, &byte, 1));
	SHOW(read(dir, &byte, 0));
	SHOW(write(dir, &byte, 1));
	SHOW(read(open("f", O_WRONLY | O_CREAT, 0600), &byte, 1));
	SHOW(write(open("f", O_RDONLY), &byte, 1));
	SHOW(write(open("f", O_RDONLY), &byte, 0));
}

TEST(rw, bad_buffers_are_efault)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	munmap(page + 4096, 4096);
	memset(page, 'p', 4096);
	SHOW(pread(fd, NULL, 4, 0));
	SHOW(pread(fd, readonly, 4, 0));
	SHOW(pread(fd, page + 4096, 4, 0));
	SHOW(pread(fd, (void *)-4096L, 4, 0));
	SHOW(pread(fd, (void *)0x7ffffffffffff000, 4, 0));
	SHOW(pwrite(fd, NULL, 4, 0));
	SHOW(pwrite(fd, page + 4096, 4, 0));
	SHOW(pread(fd, NULL, 0, 0));
	SHOW(pread(fd, NULL, 4, 10));
	/* Across the end of the map: the part that can be copied is. */
	SHOW(pwrite(fd, page + 4092, 8, 0));
	SHOW(pread(fd, page + 4094, 8, 0));
}

TEST(rw, count_over_the_maximum_is_cut)
{
	int fd = temp_fd(), null = open("/dev/null", O_WRONLY);
	static char low;
	char byte;

	SHOW(write(null, &low, 0x7ffff000));
	SHOW(write(null, &low, 0x80000000UL));
	SHOW(write(null, &low, 1UL << 40));
	/* From the stack such a count goes beyond what is the user's. */
	SHOW(write(null, &byte, 1UL << 46));
	SHOW(write(null, &byte, -1UL));
	SHOW(read(fd, &byte, -1UL));
}

TEST(rw, overwrite_in_the_middle_keeps_the_rest)
{
	char text[12] = "";
	int fd = temp_fd();

	write_all(fd, "aaaaaaaaaa", 10);
	lseek(fd, 3, SEEK_SET);
	write_all(fd, "bbb", 3);
	pread(fd, text, 11, 0);
	note("%s", text);
}

TEST(rw, many_pages_survive)
{
	static unsigned char data[300001], back[300001];
	int fd = temp_fd();

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 31 + i / 4096;
	SHOW(write(fd, data, sizeof(data)));
	SHOW(pread(fd, back, sizeof(back), 0));
	EXPECT_TRUE(memcmp(data, back, sizeof(data)) == 0);
	SHOW(pread(fd, back, 70000, 12345));
	EXPECT_TRUE(memcmp(data + 12345, back, 70000) == 0);
}

TEST(rw, the_end_of_the_largest_file)
{
	int fd = temp_fd();

	SHOW(lseek(fd, 0x7fffffffffffffff, SEEK_SET));
	SHOW(write(fd, "ab", 2));
	SHOW(read(fd, &fd, 1));
}
