/* SPDX-License-Identifier: MIT */
/* MS_MOVE: a mount and all below it goes elsewhere. */
#include "harness.h"
#include <sys/mount.h>

TEST(move, takes_the_tree_along)
{
	mkdir("top", 0755);
	/* What is moved must not sit on a shared mount: give it a private one to live on. */
	SHOW(mount("tmpfs", "top", "tmpfs", 0, NULL));
	SHOW(mount(NULL, "top", NULL, MS_PRIVATE, NULL));
	mkdir("top/a", 0755);
	mkdir("top/b", 0755);
	SHOW(mount("tmpfs", "top/a", "tmpfs", 0, NULL));
	mkdir("top/a/sub", 0755);
	SHOW(mount("tmpfs", "top/a/sub", "tmpfs", 0, NULL));
	put_file("top/a/sub/f", "deep");
	SHOW(mount("top/a", "top/b", NULL, MS_MOVE, NULL));
	SHOW(access("top/a/sub", F_OK));
	EXPECT_STR(get_file("top/b/sub/f"), "deep");
	SHOW(umount("top/a"));
	SHOW(umount("top/b/sub"));
	SHOW(umount("top/b"));
	SHOW(umount("top"));
}

TEST(move, errors)
{
	mkdir("top", 0755);
	SHOW(mount("tmpfs", "top", "tmpfs", 0, NULL));
	SHOW(mount(NULL, "top", NULL, MS_PRIVATE, NULL));
	mkdir("top/a", 0755);
	mkdir("top/b", 0755);
	put_file("top/f", "");
	SHOW(mount("top/a", "top/b", NULL, MS_MOVE, NULL));
	SHOW(mount("tmpfs", "top/a", "tmpfs", 0, NULL));
	mkdir("top/a/in", 0755);
	SHOW(mount("top/a", "top/a/in", NULL, MS_MOVE, NULL));
	SHOW(mount("top/a", "top/f", NULL, MS_MOVE, NULL));
	SHOW(mount("top/a", "top/none", NULL, MS_MOVE, NULL));
	SHOW(mount("top/none", "top/b", NULL, MS_MOVE, NULL));
	SHOW(mount("/", "top/b", NULL, MS_MOVE, NULL));
	SHOW(mount(NULL, "top/b", NULL, MS_MOVE, NULL));
	SHOW(umount("top/a"));
	SHOW(umount("top"));
}

TEST(move, open_files_and_cwd_go_with_it)
{
	char path[512], *at;
	int fd;

	mkdir("top", 0755);
	SHOW(mount("tmpfs", "top", "tmpfs", 0, NULL));
	SHOW(mount(NULL, "top", NULL, MS_PRIVATE, NULL));
	mkdir("top/a", 0755);
	mkdir("top/b", 0755);
	SHOW(mount("tmpfs", "top/a", "tmpfs", 0, NULL));
	fd = open("top/a/f", O_CREAT | O_RDWR, 0600);
	EXPECT_OK(chdir("top/a"));
	SHOW(mount(".", "../b", NULL, MS_MOVE, NULL));
	SHOW(write(fd, "x", 1));
	SHOW(syscall(SYS_getcwd, path, sizeof(path)) > 0);
	at = strstr(path, "top");
	note("%s", at ? at : path);
	EXPECT_OK(chdir("../.."));
	close(fd);
	SHOW(umount("top/b"));
	SHOW(umount("top"));
}
