/* SPDX-License-Identifier: MIT */
/* linkat, unlinkat, readlinkat: flags and errors. */
#include "harness.h"

static char long_name[300];

static void fill(void)
{
	memset(long_name, 'n', 256);
	put_file("f", "x");
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(mkdir("full", 0755));
	put_file("full/f", "");
	REQUIRE_OK(symlink("f", "s"));
	REQUIRE_OK(symlink("nowhere", "dangling"));
	REQUIRE_OK(symlink("loop", "loop"));
	REQUIRE_OK(mkdir("open", 0777));
	chmod("open", 0777);
}

TEST(linkerr, link)
{
	char was;
	int fd;

	fill();
	SHOW(link("d", "x"));
	SHOW(link("nothing", "x"));
	SHOW(link("f", "f"));
	SHOW(link("f", "d"));
	SHOW(link("f", "dangling"));
	SHOW(link("f", "x/"));
	SHOW(link("f/", "x"));
	SHOW(link("s/", "x"));
	SHOW(link("f/x", "y"));
	SHOW(link("f", "f/y"));
	SHOW(link("f", "nothing/y"));
	SHOW(link("", "x"));
	SHOW(link("f", ""));
	SHOW(link("f", long_name));
	SHOW(link("f", "."));
	SHOW(link("f", "/proc/x"));
	SHOW(link("/proc/self/stat", "x"));
	SHOW(link(NULL, "x"));
	SHOW(link("f", NULL));
	SHOW(link("loop", "l2"));
	SHOW(linkat(AT_FDCWD, "loop", AT_FDCWD, "l3", AT_SYMLINK_FOLLOW));
	SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "t", AT_SYMLINK_FOLLOW));
	SHOW(readlink("t", (char[8]){ 0 }, 8));
	SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "u", 0));
	SHOW(readlink("u", (char[8]){ 0 }, 8));
	SHOW(linkat(AT_FDCWD, "dangling", AT_FDCWD, "v", AT_SYMLINK_FOLLOW));
	SHOW(linkat(AT_FDCWD, "f", AT_FDCWD, "w", 1));
	SHOW(linkat(-1, "f", AT_FDCWD, "w", 0));
	SHOW(linkat(AT_FDCWD, "f", -1, "w", 0));
	fd = open("f", O_RDONLY);
	SHOW(linkat(fd, "", AT_FDCWD, "w", 0));
	SHOW(linkat(fd, "", AT_FDCWD, "w", AT_EMPTY_PATH));
	SHOW(linkat(fd, "x", AT_FDCWD, "w", 0));
	AS_USER(1000, 1000, {
		SHOW(linkat(fd, "", AT_FDCWD, "open/w", AT_EMPTY_PATH));
	});
	/* Distributions differ in the default. */
	was = *get_file("/proc/sys/fs/protected_hardlinks");
	put_file("/proc/sys/fs/protected_hardlinks", "1\n");
	AS_USER(1000, 1000, SHOW(link("f", "open/x")));
	put_file("/proc/sys/fs/protected_hardlinks", "0\n");
	AS_USER(1000, 1000, SHOW(link("f", "open/x")));
	unlink("open/x");
	put_file("/proc/sys/fs/protected_hardlinks", was == '1' ? "1\n" : "0\n");
	unlink("f");
	unlink("w");
	unlink("t");
	SHOW(linkat(fd, "", AT_FDCWD, "gone", AT_EMPTY_PATH));
}

TEST(linkerr, unlink)
{
	fill();
	SHOW(unlink("d"));
	SHOW(unlink("nothing"));
	SHOW(unlink("f/"));
	SHOW(unlink("d/"));
	SHOW(unlink("s/"));
	SHOW(unlink("f/x"));
	SHOW(unlink(""));
	SHOW(unlink("."));
	SHOW(unlink(".."));
	SHOW(unlink("/"));
	SHOW(unlink(long_name));
	SHOW(unlink("loop/x"));
	SHOW(unlink("loop"));
	SHOW(unlink("dangling"));
	SHOW(unlink(NULL));
	SHOW(unlink("/proc/self/stat"));
	SHOW(unlinkat(AT_FDCWD, "f", 1));
	SHOW(unlinkat(-1, "f", 0));
	SHOW(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
	AS_USER(1000, 1000, {
		SHOW(unlink("f"));
		SHOW(unlink("nothing"));
	});
}

TEST(linkerr, rmdir)
{
	fill();
	SHOW(rmdir("f"));
	SHOW(rmdir("s"));
	SHOW(rmdir("full"));
	SHOW(rmdir("full/"));
	SHOW(rmdir("nothing"));
	SHOW(rmdir("."));
	SHOW(rmdir(".."));
	SHOW(rmdir("d/."));
	SHOW(rmdir("d/.."));
	SHOW(rmdir("/"));
	SHOW(rmdir("/proc"));
	SHOW(rmdir("/proc/1"));
	SHOW(rmdir(""));
	SHOW(rmdir(NULL));
	SHOW(rmdir("d//"));
	REQUIRE_OK(symlink("full", "sd"));
	SHOW(rmdir("sd"));
	SHOW(rmdir("sd/"));
	AS_USER(1000, 1000, SHOW(rmdir("full")));
}

TEST(linkerr, readlink)
{
	char space[16];

	fill();
	SHOW(readlink("f", space, 16));
	SHOW(readlink("d", space, 16));
	SHOW(readlink("nothing", space, 16));
	SHOW(readlink("s", space, 0));
	SHOW(readlink("s", space, -1));
	SHOW(readlink("dangling", space, 3));
	SHOW(readlink("dangling", (void *)8, 3));
	SHOW(readlink("", space, 16));
	SHOW(readlink("s/", space, 16));
	SHOW(readlink("loop", space, 16));
	SHOW(readlink("loop/", space, 16));
	SHOW(readlink(NULL, space, 16));
	SHOW(readlinkat(-1, "s", space, 16));
	SHOW(readlinkat(open("s", O_PATH | O_NOFOLLOW), "", space, 16));
	SHOW(readlinkat(open("f", O_PATH), "", space, 16));
	SHOW(readlinkat(AT_FDCWD, "", space, 16));
	SHOW(readlinkat(open("f", O_RDONLY), "x", space, 16));
}
