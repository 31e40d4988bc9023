/* SPDX-License-Identifier: MIT */
/* linkat(2): hard links, their counts, and what cannot be linked. */
#include "harness.h"

static unsigned long links(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_nlink;
}

TEST(link, two_names_for_one_file)
{
	struct stat a, b;

	put_file("a", "text");
	SHOW(link("a", "b"));
	stat("a", &a);
	stat("b", &b);
	SHOW(a.st_ino == b.st_ino);
	SHOW(links("a"));
	put_file("b", "changed");
	EXPECT_STR(get_file("a"), "changed");
	SHOW(unlink("a"));
	SHOW(links("b"));
	EXPECT_STR(get_file("b"), "changed");
}

TEST(link, errors)
{
	put_file("f", "");
	mkdir("d", 0755);
	symlink("dangling-target", "l");
	SHOW(link("f", "f"));
	SHOW(link("none", "x"));
	SHOW(link("d", "x"));
	SHOW(link("f", "d"));
	SHOW(link("f", "none/x"));
	SHOW(link("f/x", "y"));
	SHOW(link("f", "f/x"));
	SHOW(link("f", ""));
	SHOW(link("", "x"));
	SHOW(link("f", "x/"));
	SHOW(link("f/", "x"));
	SHOW(link("f", "l"));
	SHOW(link("f", "/proc/x"));
	SHOW(link("/proc/version", "x"));
	SHOW(link(NULL, "x"));
	SHOW(link("f", NULL));
	SHOW(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x8000));
	SHOW(linkat(-1, "f", AT_FDCWD, "x", 0));
	SHOW(linkat(AT_FDCWD, "f", open("f", O_RDONLY), "x", 0));
}

TEST(link, a_symlink_is_linked_itself_unless_followed)
{
	struct stat st;

	put_file("f", "text");
	symlink("f", "l");
	SHOW(link("l", "l2"));
	lstat("l2", &st);
	SHOW(S_ISLNK(st.st_mode));
	SHOW(links("l"));
	SHOW(linkat(AT_FDCWD, "l", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW));
	lstat("f2", &st);
	SHOW(S_ISREG(st.st_mode));
	SHOW(links("f"));
}

TEST(link, special_files_can_be_linked)
{
	mkfifo("p", 0600);
	mknod("s", S_IFSOCK | 0600, 0);
	SHOW(link("p", "p2"));
	SHOW(link("s", "s2"));
	SHOW(links("p2"));
}

TEST(link, changes_ctime_and_not_mtime)
{
	struct stat before, after;
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

	put_file("f", "text");
	utimensat(AT_FDCWD, "f", old, 0);
	stat("f", &before);
	link("f", "g");
	stat("f", &after);
	SHOW(after.st_mtime);
	SHOW(after.st_ctime >= before.st_ctime);
}

TEST(link, an_ordinary_user_needs_write_permission_on_both_sides)
{
	mkdir("mine", 0777);
	chmod("mine", 0777);
	put_file("f", "");
	chmod("f", 0666);
	mkdir("d", 0755);
	AS_USER(1000, 1000, {
		note("link of another's writable file: %s", RESULT(link("f", "mine/f")));
		SHOW(link("mine/none", "mine/f2"));
		SHOW(link("f", "d/f"));
	});
}
