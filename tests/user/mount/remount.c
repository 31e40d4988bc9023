/* SPDX-License-Identifier: MIT */
/* MS_REMOUNT: read-only and back, and what stands in the way. */
#include "harness.h"
#include <sys/mount.h>

TEST(remount, read_only_and_back)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	put_file("m/f", "text");
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(open("m/f", O_WRONLY));
	SHOW(open("m/f", O_RDWR));
	SHOW(open("m/f", O_RDONLY | O_TRUNC));
	SHOW(open("m/new", O_CREAT | O_RDONLY, 0644));
	SHOW(open("m/f", O_CREAT | O_RDONLY, 0644) >= 0);
	SHOW(mkdir("m/d", 0755));
	SHOW(mkdir("m/f", 0755));
	SHOW(unlink("m/f"));
	SHOW(unlink("m/none"));
	SHOW(rename("m/f", "m/g"));
	SHOW(link("m/f", "m/g"));
	SHOW(symlink("x", "m/l"));
	SHOW(mknod("m/n", S_IFIFO | 0600, 0));
	SHOW(chmod("m/f", 0600));
	SHOW(chown("m/f", 1, 1));
	SHOW(truncate("m/f", 0));
	SHOW(utimensat(AT_FDCWD, "m/f", NULL, 0));
	SHOW(access("m/f", W_OK));
	SHOW(access("m/f", R_OK));
	EXPECT_STR(get_file("m/f"), "text");
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT, NULL));
	SHOW(unlink("m/f"));
	SHOW(umount("m"));
}

TEST(remount, an_open_writer_is_ebusy)
{
	int fd;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	fd = open("m/f", O_CREAT | O_WRONLY, 0644);
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	close(fd);
	fd = open("m/f", O_RDONLY);
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	close(fd);
	SHOW(umount("m"));
}

TEST(remount, devices_stay_writable_on_a_read_only_mount)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	mknod("m/null", S_IFCHR | 0666, 0x103);
	mkfifo("m/p", 0600);
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(write(open("m/null", O_WRONLY), "x", 1));
	SHOW(open("m/p", O_RDWR) >= 0);
	SHOW(access("m/null", W_OK));
	SHOW(umount2("m", MNT_DETACH));
}

TEST(remount, size_can_change)
{
	char block[8192] = "x";
	int fd;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "size=8k"));
	fd = open("m/f", O_CREAT | O_WRONLY, 0600);
	SHOW(write(fd, block, 8192));
	SHOW(write(fd, block, 1));
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT, "size=16k"));
	SHOW(write(fd, block, 4096));
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT, "size=4k"));
	close(fd);
	SHOW(umount("m"));
}

TEST(remount, errors)
{
	mkdir("d", 0755);
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(mount(NULL, "none", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(mount("tmpfs", "d", "tmpfs", 0, NULL));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT, "nonsense=1"));
	AS_USER(1000, 1000, SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_RDONLY, NULL)));
	SHOW(umount("d"));
}
