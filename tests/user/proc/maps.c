/* SPDX-License-Identifier: MIT */
/* /proc/PID/maps: the form of its lines, and the lines of mappings that we make. */
#include "shape.h"
#include <sys/mman.h>

static char *at;

/* Print the lines inside [at, at + 64 pages), as offsets in pages; names after the last '/'. */
static void note_ours(const char *line, size_t size)
{
	unsigned long start, end, offset, inode;
	unsigned int major, minor;
	char perms[8], name[512] = "", copy[1024];
	int used = 0;

	snprintf(copy, sizeof(copy), "%.*s", (int)size, line);
	line = copy;
	if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu%n", &start, &end, perms, &offset, &major, &minor, &inode,
		   &used) != 7) {
		fail("odd line %.*s", (int)size, line);
		return;
	}
	if (start < (unsigned long)at || end > (unsigned long)at + 64 * 4096)
		return;
	sscanf(line + used, " %511[^\n]", name);
	note("%lu-%lu %s %lx dev %d inode %d <%s>", (start - (unsigned long)at) / 4096,
	     (end - (unsigned long)at) / 4096, perms, offset, major || minor, inode != 0,
	     strrchr(name, '/') ? strrchr(name, '/') : name);
}

static void reserve(void)
{
	at = mmap(NULL, 64 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE_TRUE(at != MAP_FAILED);
	/* Free the range again: what is around it must not merge with what we put in. */
	munmap(at + 4096, 62 * 4096);
}

static char *put(int page, int pages, int prot, int flags, int fd, long offset)
{
	char *p = mmap(at + page * 4096, pages * 4096, prot, flags | MAP_FIXED, fd, offset);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

TEST(maps, kinds_of_mappings)
{
	int fd = REQUIRE_OK(open("file", O_RDWR | O_CREAT, 0600));

	ftruncate(fd, 16 * 4096);
	reserve();
	put(4, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put(8, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put(10, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put(12, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * 4096);
	put(16, 3, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	put(20, 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	each_line("/proc/self/maps", note_ours);
	unlink("file");
	note("after unlink");
	each_line("/proc/self/maps", note_ours);
}

TEST(maps, neighbours_merge_and_changes_split)
{
	reserve();
	put(4, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put(6, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	each_line("/proc/self/maps", note_ours);
	mprotect(at + 5 * 4096, 4096, PROT_READ);
	note("after mprotect");
	each_line("/proc/self/maps", note_ours);
	mprotect(at + 5 * 4096, 4096, PROT_READ | PROT_WRITE);
	note("and back");
	each_line("/proc/self/maps", note_ours);
	munmap(at + 6 * 4096, 4096);
	note("after munmap");
	each_line("/proc/self/maps", note_ours);
}

static int special(const char *name)
{
	return strstr(get_file("/proc/self/maps"), name) != NULL;
}

TEST(maps, named_regions)
{
	SHOW(special("[stack]\n"));
	SHOW(special("[vdso]\n"));
	sbrk(8192);
	SHOW(special("[heap]\n"));
}

static int ordered = 1;
static unsigned long last_end;

static void check_order(const char *line, size_t size)
{
	unsigned long start, end;

	(void)size;
	if (sscanf(line, "%lx-%lx ", &start, &end) != 2 || start < last_end || end <= start ||
	    start % 4096 || end % 4096)
		ordered = 0;
	last_end = end;
}

TEST(maps, ascending_and_page_aligned)
{
	each_line("/proc/self/maps", check_order);
	note("ordered %d", ordered);
}

TEST(maps, names_begin_in_column_73)
{
	char *text = get_file("/proc/self/maps"), *slash = strchr(text, '/'), *line = slash;

	while (line > text && line[-1] != '\n')
		line--;
	note("column %d", slash ? (int)(slash - line) : -1);
}

TEST(maps, newlines_in_names_are_escaped)
{
	int fd = REQUIRE_OK(open("a\nb", O_RDWR | O_CREAT, 0600));

	ftruncate(fd, 4096);
	reserve();
	put(4, 1, PROT_READ, MAP_SHARED, fd, 0);
	each_line("/proc/self/maps", note_ours);
}

TEST(maps, another_users_are_not_shown)
{
	char path[64], byte;

	snprintf(path, sizeof(path), "/proc/%d/maps", getpid());
	AS_USER(1000, 1000, {
		int fd = open(path, O_RDONLY);

		note("open %s", fd < 0 ? errno_name(errno) : "ok");
		if (fd >= 0)
			SHOW(read(fd, &byte, 1));
	});
}

TEST(maps, a_short_read_goes_on_where_it_stopped)
{
	static char whole[65536], pieces[65536];
	int fd = REQUIRE_OK(open("/proc/self/maps", O_RDONLY));
	size_t a = 0, b = 0;
	ssize_t n;

	while ((n = read(fd, whole + a, sizeof(whole) - a)) > 0)
		a += n;
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, pieces + b, 37)) > 0)
		b += n;
	SHOW(a == b && memcmp(whole, pieces, a) == 0);
}
