/* SPDX-License-Identifier: MIT */
/* renameat(2): files over files, directories over directories, and everything that is refused. */
#include "harness.h"

TEST(rename, replaces_the_target_at_once)
{
	int old;
	char text[8] = "";

	put_file("a", "new");
	put_file("b", "old");
	old = open("b", O_RDONLY);
	SHOW(rename("a", "b"));
	SHOW(access("a", F_OK));
	EXPECT_STR(get_file("b"), "new");
	SHOW(read(old, text, 8));
	note("%s", text);
}

TEST(rename, to_itself_or_to_its_other_link_does_nothing)
{
	put_file("a", "x");
	link("a", "b");
	SHOW(rename("a", "a"));
	SHOW(rename("a", "b"));
	SHOW(access("a", F_OK));
	SHOW(access("b", F_OK));
}

TEST(rename, directories)
{
	mkdir("a", 0755);
	put_file("a/f", "x");
	mkdir("empty", 0755);
	mkdir("full", 0755);
	put_file("full/g", "x");
	put_file("file", "x");
	SHOW(rename("a", "full"));
	SHOW(rename("a", "file"));
	SHOW(rename("file", "empty"));
	SHOW(rename("a", "a/sub"));
	SHOW(rename("a", "a/sub/deeper"));
	SHOW(rename("a", "empty"));
	SHOW(access("empty/f", F_OK));
	SHOW(rename("empty", "full/moved"));
	SHOW(access("full/moved/f", F_OK));
	SHOW(rename("full/moved", "full"));
	SHOW(rename("full", "full/moved"));
}

TEST(rename, parent_of_a_moved_directory_follows)
{
	struct stat parent, dotdot;

	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("a/m", 0755);
	stat("a", &parent);
	note("a nlink %lu", (unsigned long)parent.st_nlink);
	SHOW(rename("a/m", "b/m"));
	stat("a", &parent);
	note("a nlink %lu", (unsigned long)parent.st_nlink);
	stat("b", &parent);
	note("b nlink %lu", (unsigned long)parent.st_nlink);
	stat("b/m/..", &dotdot);
	SHOW(dotdot.st_ino == parent.st_ino);
}

TEST(rename, errors)
{
	put_file("f", "");
	mkdir("d", 0755);
	SHOW(rename("none", "x"));
	SHOW(rename("f", ""));
	SHOW(rename("", "x"));
	SHOW(rename("f", "none/x"));
	SHOW(rename("f/x", "y"));
	SHOW(rename("f", "x/"));
	SHOW(rename("f/", "x"));
	SHOW(rename("d/", "e/"));
	SHOW(rename("e", "d"));
	SHOW(rename(".", "x"));
	SHOW(rename("d/.", "x"));
	SHOW(rename("d", "."));
	SHOW(rename("..", "x"));
	SHOW(rename("/", "x"));
	SHOW(rename("f", "/proc/x"));
	SHOW(rename("/proc/version", "x"));
	SHOW(rename(NULL, "x"));
	SHOW(renameat(-1, "f", AT_FDCWD, "x"));
	SHOW(renameat(AT_FDCWD, "f", open("f", O_RDONLY), "x"));
}

TEST(rename, symlinks_are_moved_not_followed)
{
	char text[16] = "";

	put_file("f", "x");
	symlink("f", "l");
	put_file("g", "y");
	SHOW(rename("l", "m"));
	SHOW(readlink("m", text, 16));
	SHOW(rename("g", "m"));
	EXPECT_STR(get_file("m"), "y");
	EXPECT_STR(get_file("f"), "x");
}

TEST(rename, permission_is_asked_of_both_directories)
{
	mkdir("open", 0777);
	chmod("open", 0777);
	mkdir("closed", 0755);
	put_file("open/f", "");
	put_file("closed/g", "");
	mkdir("open/d", 0755);
	AS_USER(1000, 1000, {
		SHOW(rename("open/f", "closed/f"));
		SHOW(rename("closed/g", "open/g"));
		SHOW(rename("open/f", "open/h"));
		SHOW(rename("open/d", "open/e"));
	});
	mkdir("open2", 0777);
	chmod("open2", 0777);
	/* Moving a directory to another parent rewrites its "..": that needs write permission on it. */
	AS_USER(1000, 1000, SHOW(rename("open/e", "open2/e")));
}
