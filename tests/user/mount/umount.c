/* SPDX-License-Identifier: MIT */
/* umount2(2): busy, lazy, expire, NOFOLLOW, errors. */
#include "harness.h"
#include <sys/mount.h>

TEST(umount, an_open_file_a_cwd_or_a_submount_is_ebusy)
{
	int fd;
	pid_t pid;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	fd = open("m", O_RDONLY);
	SHOW(umount("m"));
	close(fd);
	fd = open("m/f", O_CREAT | O_RDWR, 0600);
	SHOW(umount("m"));
	close(fd);
	CHILD(pid) {
		EXPECT_OK(chdir("m"));
		SHOW(umount("../m"));
	}
	EXPECT_CHILD_OK(pid);
	mkdir("m/sub", 0755);
	SHOW(mount("tmpfs", "m/sub", "tmpfs", 0, NULL));
	SHOW(umount("m"));
	SHOW(umount("m/sub"));
	SHOW(umount("m"));
	SHOW(umount("m"));
}

TEST(umount, o_path_does_not_write_but_is_busy_too)
{
	int fd;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	fd = open("m", O_PATH);
	SHOW(umount("m"));
	close(fd);
	SHOW(umount("m"));
}

TEST(umount, detach_lets_go_later)
{
	char text[8] = "";
	struct stat st;
	int fd, dir;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	put_file("m/f", "alive");
	fd = open("m/f", O_RDWR);
	dir = open("m", O_RDONLY);
	SHOW(umount2("m", MNT_DETACH));
	SHOW(access("m/f", F_OK));
	SHOW(read(fd, text, 8));
	note("%s", text);
	SHOW(write(fd, "more", 4));
	SHOW(openat(dir, "g", O_CREAT | O_WRONLY, 0644) >= 0);
	SHOW(fstatat(dir, "f", &st, 0));
	SHOW(fstatat(dir, "..", &st, 0));
	SHOW(umount2("m", MNT_DETACH));
}

TEST(umount, detach_takes_submounts)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	mkdir("m/s", 0755);
	SHOW(mount("tmpfs", "m/s", "tmpfs", 0, NULL));
	SHOW(umount2("m", MNT_DETACH));
	SHOW(access("m/s", F_OK));
	SHOW(rmdir("m"));
}

TEST(umount, expire_needs_two_calls)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	SHOW(umount2("m", MNT_EXPIRE));
	SHOW(access("m/x", F_OK));
	SHOW(umount2("m", MNT_EXPIRE));
	SHOW(umount2("m", MNT_EXPIRE));
	SHOW(umount2("m", MNT_EXPIRE | MNT_DETACH));
	SHOW(umount2("m", 0));
}

TEST(umount, nofollow)
{
	mkdir("m", 0755);
	symlink("m", "l");
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	SHOW(umount2("l", UMOUNT_NOFOLLOW));
	SHOW(umount2("l", 0));
}

TEST(umount, errors)
{
	mkdir("d", 0755);
	put_file("f", "");
	SHOW(umount("d"));
	SHOW(umount("f"));
	SHOW(umount("none"));
	SHOW(umount(""));
	SHOW(umount(NULL));
	SHOW(umount2("d", 0x100));
	AS_USER(1000, 1000, SHOW(umount("/proc")));
}

TEST(umount, the_same_place_can_be_mounted_over)
{
	mkdir("m", 0755);
	SHOW(mount("one", "m", "tmpfs", 0, NULL));
	put_file("m/one", "");
	SHOW(mount("two", "m", "tmpfs", 0, NULL));
	SHOW(access("m/one", F_OK));
	put_file("m/two", "");
	SHOW(umount("m"));
	SHOW(access("m/one", F_OK));
	SHOW(access("m/two", F_OK));
	SHOW(umount("m"));
	SHOW(access("m/one", F_OK));
}
