/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/pagemap and the per-mapping figures of smaps for mappings that we make. Frames are hidden by giving up
 * the rights before looking, soft-dirty (bit 55) is a matter of the build and masked.
 */
#include "shape.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGES 4

static void show(const char *what, int fd, const char *at)
{
	uint64_t e[PAGES];

	REQUIRE_TRUE(pread(fd, e, sizeof(e), (uintptr_t)at / 4096 * 8) == sizeof(e));
	for (int i = 0; i < PAGES; i++)
		note("%s page %d: present %d swap %d file %d exclusive %d", what, i, (int)(e[i] >> 63), (int)(e[i] >> 62 & 1),
		     (int)(e[i] >> 61 & 1), (int)(e[i] >> 56 & 1));
}

static char *map(int flags, int fd)
{
	char *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, flags, fd, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	madvise(p, PAGES * 4096, MADV_NOHUGEPAGE);
	return p;
}

TEST(pagemap, entries_of_private_shared_and_file_pages)
{
	int fd = REQUIRE_OK(open("/proc/self/pagemap", O_RDONLY));
	int file = REQUIRE_OK(open("pages", O_RDWR | O_CREAT, 0600));
	char *anon = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	char *priv;

	ftruncate(file, PAGES * 4096);
	priv = map(MAP_PRIVATE, file);
	anon[0] = 1;
	*(volatile char *)(anon + 4096);
	anon[3 * 4096] = 1;
	shared[4096] = 1;
	priv[2 * 4096] = 1;
	show("anon", fd, anon);
	show("shared", fd, shared);
	show("private", fd, priv);
	munmap(anon + 3 * 4096, 4096);
	show("anon after munmap", fd, anon);
	close(file);
	unlink("pages");
}

TEST(pagemap, fork_shares_and_a_write_parts)
{
	int fd, to[2], from[2];
	char *anon = map(MAP_PRIVATE | MAP_ANONYMOUS, -1), c;
	pid_t pid;

	REQUIRE_OK(pipe(to));
	REQUIRE_OK(pipe(from));
	anon[0] = anon[4096] = 1;
	pid = REQUIRE_OK(fork());
	if (pid == 0) {
		anon[0] = 2;
		write(from[1], "x", 1);
		read(to[0], &c, 1);
		_exit(0);
	}
	read(from[0], &c, 1);
	fd = REQUIRE_OK(open("/proc/self/pagemap", O_RDONLY));
	show("parent", fd, anon);
	write(to[1], "x", 1);
	waitpid(pid, NULL, 0);
	show("alone", fd, anon);
}

TEST(pagemap, only_whole_entries)
{
	int fd = REQUIRE_OK(open("/proc/self/pagemap", O_RDONLY));
	struct stat st;
	char buf[64];

	EXPECT_ERRNO(pread(fd, buf, 4, 0), EINVAL);
	EXPECT_ERRNO(pread(fd, buf, 8, 4), EINVAL);
	EXPECT_TRUE(pread(fd, buf, 0, 0) == 0);
	EXPECT_TRUE(pread(fd, buf, 8, 0) == 8);
	EXPECT_ERRNO(pread(fd, (void *)8, 8, 0), EFAULT);
	EXPECT_TRUE(pread(fd, buf, 8, 0x7fffffffffff0000ll) == 0);
	REQUIRE_OK(stat("/proc/self/pagemap", &st));
	note("mode %o", st.st_mode);
}

TEST(pagemap, frames_are_for_the_privileged)
{
	char *anon = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint64_t e;
	int fd;

	anon[0] = 1;
	fd = REQUIRE_OK(open("/proc/self/pagemap", O_RDONLY));
	pread(fd, &e, 8, (uintptr_t)anon / 4096 * 8);
	note("root: frame %d", (e & ((1ull << 55) - 1)) != 0);
	if (fork() == 0) {
		setresuid(1000, 1000, 1000);
		pread(fd, &e, 8, (uintptr_t)anon / 4096 * 8);
		note("user: frame %d", (e & ((1ull << 55) - 1)) != 0);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static char *at;
static int inside;

static void figures(const char *line, size_t size)
{
	unsigned long start, end;
	char copy[512];

	snprintf(copy, sizeof(copy), "%.*s", (int)size, line);
	if (sscanf(copy, "%lx-%lx ", &start, &end) == 2)
		inside = start == (unsigned long)at;
	else if (inside && (strncmp(copy, "Rss:", 4) == 0 || strncmp(copy, "Pss", 3) == 0 || strncmp(copy, "Shared_", 7) == 0 ||
			    strncmp(copy, "Private_", 8) == 0 || strncmp(copy, "Anonymous", 9) == 0))
		note("%s", copy);
}

TEST(smaps, figures_of_shared_and_private_pages)
{
	int to[2], from[2], file = REQUIRE_OK(open("pages", O_RDWR | O_CREAT, 0600));
	char c;

	ftruncate(file, PAGES * 4096);
	REQUIRE_OK(pipe(to));
	REQUIRE_OK(pipe(from));
	at = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	at[0] = at[4096] = 1;
	note("private, alone");
	each_line("/proc/self/smaps", figures);
	pid_t pid = REQUIRE_OK(fork());

	if (pid == 0) {
		at[0] = 2;
		write(from[1], "x", 1);
		read(to[0], &c, 1);
		_exit(0);
	}
	read(from[0], &c, 1);
	note("private, one page shared with a child");
	each_line("/proc/self/smaps", figures);
	write(to[1], "x", 1);
	waitpid(pid, NULL, 0);
	at = map(MAP_SHARED, file);
	at[0] = at[4096] = at[2 * 4096] = 1;
	note("a file, shared");
	each_line("/proc/self/smaps", figures);
	close(file);
	unlink("pages");
}
