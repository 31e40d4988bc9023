/* SPDX-License-Identifier: MIT */
/* Bind mounts: a second view of a directory or a file, and of what is mounted below. */
#include "harness.h"
#include <sys/mount.h>

TEST(bind, a_directory_appears_in_two_places)
{
	mkdir("a", 0755);
	mkdir("b", 0755);
	put_file("a/f", "text");
	put_file("b/hidden", "x");
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	EXPECT_STR(get_file("b/f"), "text");
	SHOW(access("b/hidden", F_OK));
	put_file("b/g", "new");
	EXPECT_STR(get_file("a/g"), "new");
	SHOW(rename("a/f", "b/f2"));
	SHOW(link("a/f", "b/f2"));
	SHOW(rmdir("b"));
	SHOW(rename("b", "c"));
	SHOW(umount("b"));
	SHOW(access("b/hidden", F_OK));
	SHOW(umount("b"));
}

TEST(bind, a_file_over_a_file)
{
	put_file("a", "text a");
	put_file("b", "text b");
	mkdir("d", 0755);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	EXPECT_STR(get_file("b"), "text a");
	SHOW(unlink("b"));
	SHOW(mount("a", "d", NULL, MS_BIND, NULL));
	SHOW(mount("d", "a", NULL, MS_BIND, NULL));
	/* The name that was bound can go: the mount keeps the file. */
	SHOW(unlink("a"));
	EXPECT_STR(get_file("b"), "text a");
	SHOW(umount("b"));
	EXPECT_STR(get_file("b"), "text b");
}

TEST(bind, does_not_take_submounts_along_but_rbind_does)
{
	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("a/sub", 0755);
	SHOW(mount("tmpfs", "a/sub", "tmpfs", 0, NULL));
	put_file("a/sub/f", "x");
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	SHOW(access("b/sub/f", F_OK));
	SHOW(umount("b"));
	SHOW(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
	SHOW(access("b/sub/f", F_OK));
	SHOW(umount("b"));
	SHOW(umount("b/sub"));
	SHOW(umount("b"));
	SHOW(umount("a/sub"));
}

TEST(bind, errors)
{
	mkdir("d", 0755);
	SHOW(mount("none", "d", NULL, MS_BIND, NULL));
	SHOW(mount("d", "none", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "d", NULL, MS_BIND, NULL));
	SHOW(mount("", "d", NULL, MS_BIND, NULL));
	SHOW(mount("d", "", NULL, MS_BIND, NULL));
	AS_USER(1000, 1000, SHOW(mount("d", "d", NULL, MS_BIND, NULL)));
}

TEST(bind, remount_of_one_view_is_read_only_alone)
{
	mkdir("a", 0755);
	mkdir("b", 0755);
	SHOW(mount("a", "b", NULL, MS_BIND | MS_RDONLY, NULL));
	SHOW(mknod("b/early", S_IFREG | 0644, 0));
	SHOW(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	SHOW(mknod("b/x", S_IFREG | 0644, 0));
	SHOW(mknod("a/x", S_IFREG | 0644, 0));
	SHOW(access("b/x", W_OK));
	SHOW(access("b/x", R_OK));
	SHOW(umount("b"));
}

TEST(bind, device_numbers_are_those_of_the_original)
{
	struct stat a, b;

	mkdir("a", 0755);
	mkdir("b", 0755);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	stat("a", &a);
	stat("b", &b);
	SHOW(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	stat("b/..", &b);
	stat(".", &a);
	SHOW(a.st_ino == b.st_ino);
	SHOW(umount("b"));
}
