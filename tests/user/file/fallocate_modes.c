/* SPDX-License-Identifier: MIT */
/* fallocate(2) in all modes, on tmpfs; what is a hole afterwards is asked by SEEK_DATA and st_blocks. */
#include "harness.h"
#include <linux/falloc.h>
#include <sys/resource.h>

#define PAGE 4096

static void show(int fd, const char *what)
{
	struct stat st;

	fstat(fd, &st);
	note("%s: size %lld, %lld pages", what, (long long)st.st_size, (long long)st.st_blocks / 8);
}

static int filled(size_t pages)
{
	char page[PAGE];
	int fd = temp_fd();

	memset(page, 'a', sizeof(page));
	for (size_t i = 0; i < pages; i++)
		write_all(fd, page, sizeof(page));
	return fd;
}

/* The runs of equal bytes: "a*100 .*50", zeroes as dots. */
static void contents(int fd)
{
	static char data[16 * PAGE];
	char text[512] = "";
	ssize_t n = pread(fd, data, sizeof(data), 0);
	int used = 0;

	for (ssize_t i = 0, start = 0; i <= n; i++)
		if (i == n || data[i] != data[start]) {
			if (i > start && used < 450)
				used += snprintf(text + used, sizeof(text) - used, " %c*%zd", data[start] ? data[start] : '.', i - start);
			start = i;
		}
	note("contents%s", text);
}

TEST(fallocate, keep_size_reserves_beyond_the_end)
{
	int fd = temp_fd();

	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE));
	show(fd, "kept");
	SHOW(fallocate(fd, 0, PAGE, 10));
	show(fd, "grown");
	SHOW(ftruncate(fd, 10));
	show(fd, "cut");
}

TEST(fallocate, punch_hole)
{
	int fd = filled(4);

	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE));
	show(fd, "a page");
	contents(fd);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * PAGE + 100, 200));
	contents(fd);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 3 * PAGE));
	show(fd, "across pages");
	contents(fd);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3 * PAGE, 100 * PAGE));
	show(fd, "beyond the end");
	contents(fd);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 50 * PAGE, PAGE));
}

TEST(fallocate, modes_that_tmpfs_does_not_have)
{
	int fd = filled(2);

	SHOW(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_UNSHARE_RANGE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_INSERT_RANGE, 0, PAGE));
	SHOW(fallocate(fd, 0x80, 0, PAGE));
	contents(fd);
}

TEST(fallocate, refusals)
{
	int fd = filled(1), p[2], ro, dir = open(".", O_RDONLY), null = open("/dev/null", O_RDWR);
	struct rlimit rl = { 3 * PAGE, RLIM_INFINITY };

	put_file("f", "x");
	ro = open("f", O_RDONLY);
	REQUIRE_OK(pipe(p));
	SHOW(fallocate(fd, 0, -1, 10));
	SHOW(fallocate(fd, 0, 0, 0));
	SHOW(fallocate(fd, 0, 0, -1));
	SHOW(fallocate(fd, 0, 0x7fffffffffffffff, 10));
	SHOW(fallocate(ro, 0, 0, 10));
	SHOW(fallocate(p[1], 0, 0, 10));
	SHOW(fallocate(dir, 0, 0, 10));
	SHOW(fallocate(null, 0, 0, 10));
	SHOW(fallocate(-1, 0, 0, 10));
	SHOW(fallocate(open("f", O_PATH), 0, 0, 10));
	SHOW(fallocate(open("f", O_RDWR | O_APPEND), 0, 0, 10));
	SHOW(fallocate(fd, 0, 0, 1ll << 50));
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &rl);
	SHOW(fallocate(fd, 0, 0, 4 * PAGE));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE));
	show(fd, "limited");
}

TEST(fallocate, holes_and_data)
{
	int fd = temp_fd();

	pwrite(fd, "x", 1, 2 * PAGE + 5);
	pwrite(fd, "y", 1, 6 * PAGE);
	ftruncate(fd, 9 * PAGE + 100);
	show(fd, "sparse");
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 2 * PAGE + 50, SEEK_DATA));
	SHOW(lseek(fd, 2 * PAGE, SEEK_HOLE));
	SHOW(lseek(fd, 3 * PAGE, SEEK_DATA));
	SHOW(lseek(fd, 6 * PAGE + 1, SEEK_HOLE));
	SHOW(lseek(fd, 7 * PAGE, SEEK_DATA));
	SHOW(lseek(fd, 9 * PAGE + 99, SEEK_HOLE));
	SHOW(lseek(fd, 9 * PAGE + 100, SEEK_HOLE));
	SHOW(lseek(fd, 9 * PAGE + 100, SEEK_DATA));
	SHOW(lseek(fd, -1, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * PAGE, PAGE));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(fallocate(fd, 0, 0, PAGE));
	show(fd, "reserved");
}
