/* SPDX-License-Identifier: MIT */
/* mkdirat(2), unlinkat(AT_REMOVEDIR): names, modes, link counts, errors. */
#include "harness.h"

static unsigned long links(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_nlink;
}

TEST(dir, a_new_directory_has_two_links_and_its_parent_one_more)
{
	SHOW(links("."));
	SHOW(mkdir("a", 0755));
	SHOW(mkdir("b", 0755));
	SHOW(links("."));
	SHOW(links("a"));
	SHOW(mkdir("a/c", 0755));
	SHOW(links("a"));
	SHOW(rmdir("a/c"));
	SHOW(rmdir("b"));
	SHOW(links("a"));
	SHOW(links("."));
}

TEST(dir, mkdir_errors)
{
	put_file("f", "");
	symlink("nowhere", "dangling");
	SHOW(mkdir("f", 0755));
	SHOW(mkdir(".", 0755));
	SHOW(mkdir("..", 0755));
	SHOW(mkdir("/", 0755));
	SHOW(mkdir("", 0755));
	SHOW(mkdir("none/x", 0755));
	SHOW(mkdir("f/x", 0755));
	SHOW(mkdir("dangling", 0755));
	SHOW(mkdir("dangling/", 0755));
	SHOW(mkdir("new/.", 0755));
	SHOW(mkdir("new//", 0755));
	SHOW(mkdir("new", 0755));
	SHOW(mkdir(NULL, 0755));
	SHOW(mkdirat(-1, "x", 0755));
	SHOW(mkdirat(open("f", O_RDONLY), "x", 0755));
	SHOW(mkdir("/proc/x", 0755));
	SHOW(mkdir("/proc/self/x", 0755));
}

TEST(dir, rmdir_errors)
{
	put_file("f", "");
	mkdir("d", 0755);
	mkdir("d/e", 0755);
	symlink("d", "l");
	SHOW(rmdir("f"));
	SHOW(rmdir("f/"));
	SHOW(rmdir("d"));
	SHOW(rmdir("l"));
	SHOW(rmdir("l/"));
	SHOW(rmdir("."));
	SHOW(rmdir("d/."));
	SHOW(rmdir("d/e/.."));
	SHOW(rmdir("/"));
	SHOW(rmdir(""));
	SHOW(rmdir("none"));
	SHOW(rmdir("/proc"));
	SHOW(unlink("d"));
	SHOW(unlinkat(AT_FDCWD, "d", 0));
	SHOW(unlinkat(AT_FDCWD, "d/e", AT_REMOVEDIR));
	SHOW(unlinkat(AT_FDCWD, "d", 0x1000));
	SHOW(rmdir("d/"));
}

TEST(dir, the_current_directory_can_be_removed)
{
	char path[512];
	struct stat st;

	mkdir("gone", 0755);
	chdir("gone");
	SHOW(rmdir("../gone"));
	SHOW(stat(".", &st));
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW((long)getcwd(path, sizeof(path)) > 0);
	note("getcwd: %s", errno_name(errno));
	SHOW(mkdir("x", 0755));
	SHOW(open("x", O_CREAT | O_WRONLY, 0644));
	SHOW(chdir(".."));
	SHOW(access("gone", F_OK));
}

TEST(dir, permission_of_the_parent_decides)
{
	mkdir("closed", 0755);
	mkdir("open", 0777);
	chmod("open", 0777);
	mkdir("open/roots", 0755);
	AS_USER(1000, 1000, {
		SHOW(mkdir("closed/x", 0755));
		SHOW(mkdir("open/x", 0755));
		SHOW(rmdir("open/roots"));
		SHOW(rmdir("closed"));
		SHOW(rmdir("open/x"));
	});
}
