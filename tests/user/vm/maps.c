/* SPDX-License-Identifier: MIT */
/* /proc/self/maps, statm and status as mappings come and go; randomisation of addresses. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "../process/util.h"
#include <sys/personality.h>

#define PAGE 4096UL

static int other_main(int argc, char **argv)
{
	char line[128];
	void *m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int n = snprintf(line, sizeof(line), "%p %p %p", (void *)line, m, sbrk(0));

	(void)argc;
	memset(line + n, 0, sizeof(line) - n);
	write_all(atoi(argv[2]), line, 128);
	return 0;
}

static void show(char *p, size_t pages)
{
	char *maps = get_file("/proc/self/maps");

	for (char *at = strtok(maps, "\n"); at; at = strtok(NULL, "\n")) {
		unsigned long start, end, offset, inode;
		unsigned int major, minor;
		char perms[8], path[256] = "";

		if (sscanf(at, "%lx-%lx %4s %lx %x:%x %lu %255[^\n]", &start, &end, perms, &offset, &major,
			   &minor, &inode, path) < 7) {
			fail("line: %s", at);
			continue;
		}
		if (start >= (unsigned long)p && end <= (unsigned long)p + pages * PAGE)
			note("%ld pages at %ld %s offset %lx inode %d %s", (end - start) / PAGE,
			     (start - (unsigned long)p) / PAGE, perms, offset, inode != 0,
			     strrchr(path, '/') ? strrchr(path, '/') : path);
	}
}

TEST(maps, lines)
{
	char *p = mmap(NULL, 32 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	munmap(p, 32 * PAGE);
	EXPECT_OK(ftruncate(fd, 8 * PAGE));
	mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
	mmap(p + 3 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 2 * PAGE);
	mmap(p + 6 * PAGE, 3 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap(p + 10 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap(p + 12 * PAGE, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	/* File parts that follow one another merge, others do not. */
	mmap(p + 14 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(p + 15 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, PAGE);
	mmap(p + 16 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 5 * PAGE);
	show(p, 32);
}

static long field(const char *name)
{
	char *at = strstr(get_file("/proc/self/status"), name);

	return at ? atol(at + strlen(name)) : -1;
}

TEST(maps, sizes_follow)
{
	long size = field("VmSize:"), rss = field("VmRSS:");
	char *p = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long statm;

	EXPECT_EQ(field("VmSize:") - size, 4096);
	memset(p, 1, 4 << 20);
	EXPECT_TRUE(field("VmRSS:") - rss >= 3900);
	statm = atol(get_file("/proc/self/statm"));
	EXPECT_EQ(statm * 4, field("VmSize:"));
	munmap(p, 4 << 20);
	EXPECT_EQ(field("VmSize:"), size);
	EXPECT_TRUE(field("VmRSS:") - rss < 1024);
	EXPECT_TRUE(field("VmPeak:") >= size + 4096);
	EXPECT_TRUE(field("VmHWM:") >= rss + 3900);
}

TEST(maps, the_lines_are_sorted_and_do_not_overlap)
{
	char *maps;
	unsigned long last = 0, start, end;
	int bad = 0, lines = 0;

	for (int i = 0; i < 50; i++)
		mmap(NULL, PAGE * (i % 5 + 1), i & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	maps = get_file("/proc/self/maps");
	for (char *at = strtok(maps, "\n"); at; at = strtok(NULL, "\n")) {
		bad += sscanf(at, "%lx-%lx", &start, &end) != 2 || start < last || end <= start;
		last = end;
		lines++;
	}
	note("bad %d, lines enough %d", bad, lines > 20);
}

static void sample(char where[3][32])
{
	char line[128];
	char number[16];
	int pipes[2];
	pid_t pid;

	EXPECT_OK(pipe(pipes));
	snprintf(number, sizeof(number), "%d", pipes[1]);
	CHILD(pid)
		execl("/proc/self/exe", "x", "@where", number, NULL);
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(read(pipes[0], line, 128), 128);
	sscanf(line, "%31s %31s %31s", where[0], where[1], where[2]);
	close(pipes[0]);
	close(pipes[1]);
}

TEST(maps, addresses_are_random_unless_switched_off)
{
	char a[3][32], b[3][32];
	bool differ[3] = { false, false, false };

	sample(a);
	for (int i = 0; i < 5; i++) {
		sample(b);
		for (int j = 0; j < 3; j++)
			differ[j] |= strcmp(a[j], b[j]) != 0;
	}
	note("stack %d mmap %d brk %d", differ[0], differ[1], differ[2]);
	EXPECT_OK(personality(ADDR_NO_RANDOMIZE));
	sample(a);
	sample(b);
	note("off: same stack %d mmap %d brk %d", !strcmp(a[0], b[0]), !strcmp(a[1], b[1]), !strcmp(a[2], b[2]));
}
