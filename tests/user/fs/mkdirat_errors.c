/* SPDX-License-Identifier: MIT */
/* mkdirat, mknodat, symlinkat: each error of each. */
#include "harness.h"
#include <sys/sysmacros.h>

static char long_name[300], long_path[5000];

static void fill(void)
{
	memset(long_name, 'n', 256);
	memset(long_path, '/', 4096);
	put_file("file", "");
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	REQUIRE_OK(symlink("nowhere", "dangling"));
	REQUIRE_OK(mkdir("closed", 0700));
	REQUIRE_OK(mkdir("readable", 0755));
	REQUIRE_OK(mkdir("open", 0777));
	chmod("open", 0777);
}

#define EACH(call_of_name) do {                                                             \
	static const char *const names[] = {                                                \
		"", "file", "dir", "dangling", "loop", "file/x", "nothing/x", "loop/x", "dir/", ".", "..", "/", \
		"dir/.", "dir/..", "/proc/x", "/proc/self", "/sys/x", "/proc/1/fd/x",       \
	};                                                                                  \
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {                                    \
		const char *name = names[i];                                                \
		note("\"%s\": %s", name, RESULT(call_of_name));                             \
	}                                                                                   \
	const char *name = long_name;                                                       \
	note("256 bytes: %s", RESULT(call_of_name));                                        \
	name = long_path;                                                                   \
	note("4096 bytes: %s", RESULT(call_of_name));                                       \
	name = NULL;                                                                        \
	note("null: %s", RESULT(call_of_name));                                             \
	name = (void *)8;                                                                   \
	note("8: %s", RESULT(call_of_name));                                                \
} while (0)

TEST(makeerr, mkdir)
{
	fill();
	EACH(mkdirat(AT_FDCWD, name, 0755));
	SHOW(mkdirat(-1, "x", 0755));
	SHOW(mkdirat(open("file", O_RDONLY), "x", 0755));
	SHOW(mkdirat(-1, "/proc", 0755));
	SHOW(mkdir("new/", 0755));
	SHOW(mkdir("dangling/", 0755));
}

TEST(makeerr, mknod)
{
	fill();
	EACH(mknodat(AT_FDCWD, name, S_IFREG | 0644, 0));
	SHOW(mknod("a", 0644, 0));
	SHOW(mknod("b", S_IFDIR | 0644, 0));
	SHOW(mknod("c", S_IFLNK | 0644, 0));
	SHOW(mknod("d", S_IFSOCK | 0644, 0));
	SHOW(mknod("e", 0170000 | 0644, 0));
	SHOW(mknod("f", S_IFCHR | 0644, makedev(1, 3)));
	SHOW(mknod("g", S_IFBLK | 0644, makedev(77, 3)));
	SHOW(open("f", O_RDWR));
	SHOW(open("g", O_RDWR));
	SHOW(open("d", O_RDWR));
	SHOW(mknod("h/", S_IFREG | 0644, 0));
	SHOW(mknod("i/", S_IFIFO | 0644, 0));
	AS_USER(1000, 1000, {
		SHOW(mknod("open/c", S_IFCHR | 0644, makedev(1, 3)));
		SHOW(mknod("open/w", S_IFCHR | 0644, makedev(0, 0)));
		SHOW(mknod("open/s", S_IFSOCK | 0644, 0));
		SHOW(mknod("open/r", S_IFREG | 0644, 0));
		SHOW(mknod("open/p", S_IFIFO | 0644, 0));
	});
}

TEST(makeerr, symlink)
{
	fill();
	EACH(symlinkat("target", AT_FDCWD, name));
	SHOW(symlink("", "empty"));
	SHOW(symlink(long_path, "big"));
	long_path[4095] = 0;
	SHOW(symlink(long_path, "big"));
	SHOW(readlink("big", (char[8192]){ 0 }, 8192));
	SHOW(symlink("x", "slash/"));
	SHOW(symlink(NULL, "y"));
	SHOW(symlink("x", NULL));
}

TEST(makeerr, by_a_user)
{
	fill();
	AS_USER(1000, 1000, {
		SHOW(mkdir("x", 0755));
		SHOW(mkdir("closed/x", 0755));
		SHOW(mkdir("readable/x", 0755));
		SHOW(mkdir("open/x", 0755));
		SHOW(mkdir("file", 0755));
		SHOW(symlink("a", "closed/x"));
		SHOW(symlink("a", "readable/x"));
		SHOW(symlink("a", "dir"));
		SHOW(mknod("readable/y", S_IFIFO | 0644, 0));
	});
}
