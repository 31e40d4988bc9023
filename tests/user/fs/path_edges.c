/* SPDX-License-Identifier: MIT */
/* Path walking: slashes, dots, the root, trailing slashes on every kind of file. */
#include "harness.h"

static void show(const char *path)
{
	struct stat st;
	const char *followed = RESULT(stat(path, &st)), *itself = RESULT(lstat(path, &st));
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	note("\"%s\": stat %s lstat %s open %s", path, followed, itself,
	     fd < 0 ? errno_name(errno) : "ok");
	if (fd >= 0)
		close(fd);
}

TEST(path, slashes_and_dots)
{
	mkdir("d", 0755);
	put_file("d/f", "x");
	show("d//f");
	show(".//d/.//f");
	show("d/../d/f");
	show("d/./f");
	show("d/f/.");
	show("d/f/..");
	show("d/f/");
	show("d/");
	show("d//");
	show("d/.");
	show("./.");
	show("/");
	show("//");
	show("/..");
	show("/../../proc");
	show("/proc/..");
	show("d/none/..");
	show("d/none/../f");
}

TEST(path, trailing_slashes_follow_a_link)
{
	mkdir("d", 0755);
	put_file("f", "x");
	symlink("d", "ld");
	symlink("f", "lf");
	symlink("none", "ln");
	symlink("d/", "lds");
	symlink("f/", "lfs");
	show("ld");
	show("ld/");
	show("ld/.");
	show("lf/");
	show("ln/");
	show("lds");
	show("lfs");
}

TEST(path, dotdot_of_a_mount_goes_out_of_it)
{
	struct stat a, b;

	SHOW(stat("/proc/..", &a));
	SHOW(stat("/", &b));
	SHOW(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	stat("/dev/pts/../..", &a);
	SHOW(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

TEST(path, dotdot_after_a_symlink_is_the_targets_parent)
{
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	put_file("a/f", "right");
	put_file("f", "wrong");
	symlink("a/b", "l");
	EXPECT_STR(get_file("l/../f"), "right");
}

TEST(path, an_absolute_link_starts_at_the_root)
{
	symlink("/proc/version", "v");
	symlink("/", "r");
	SHOW(access("v", F_OK));
	SHOW(access("r/proc/version", F_OK));
	SHOW(access("r/r", F_OK));
	symlink("//proc", "rr");
	SHOW(access("rr/version", F_OK));
}
