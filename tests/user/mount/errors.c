/* SPDX-License-Identifier: MIT */
/* mount(2): each errno. */
#include "harness.h"
#include <sys/mount.h>

TEST(mount, arguments)
{
	mkdir("d", 0755);
	put_file("f", "");
	SHOW(mount("x", "d", "nosuchfs", 0, NULL));
	SHOW(mount("x", "d", NULL, 0, NULL));
	SHOW(mount("x", "d", "", 0, NULL));
	SHOW(mount("x", "none", "tmpfs", 0, NULL));
	SHOW(mount("x", "f", "tmpfs", 0, NULL));
	SHOW(mount("x", "d/", "tmpfs", 0, NULL));
	SHOW(umount("d"));
	SHOW(mount("x", NULL, "tmpfs", 0, NULL));
	SHOW(mount((char *)8, "d", "tmpfs", 0, NULL));
	SHOW(mount("x", "d", (char *)8, 0, NULL));
	SHOW(mount(NULL, "d", "tmpfs", 0, NULL));
	SHOW(umount("d"));
	SHOW(mount("x", "d", "tmpfs", 0xC0ED0000, NULL));
	SHOW(umount("d"));
}

TEST(mount, needs_privilege)
{
	mkdir("d", 0777);
	AS_USER(1000, 1000, {
		SHOW(mount("x", "d", "tmpfs", 0, NULL));
		SHOW(mount("x", "d", "nosuchfs", 0, NULL));
		SHOW(umount("d"));
	});
}

TEST(mount, the_name_mounted_on_cannot_be_removed)
{
	mkdir("p", 0755);
	mkdir("p/d", 0755);
	SHOW(mount("x", "p/d", "tmpfs", 0, NULL));
	SHOW(rmdir("p/d"));
	SHOW(rename("p/d", "q"));
	SHOW(rename("p", "q"));
	SHOW(access("q/d", F_OK));
	SHOW(umount("q/d"));
	SHOW(rmdir("q/d"));
}

TEST(mount, rename_and_link_do_not_cross)
{
	mkdir("d", 0755);
	SHOW(mount("x", "d", "tmpfs", 0, NULL));
	put_file("f", "");
	put_file("d/g", "");
	SHOW(rename("f", "d/f"));
	SHOW(rename("d/g", "g"));
	SHOW(link("f", "d/f"));
	SHOW(umount("d"));
}

TEST(mount, proc_and_sysfs_and_devtmpfs_again)
{
	mkdir("d", 0755);
	SHOW(mount("proc", "d", "proc", 0, NULL));
	SHOW(access("d/self/stat", F_OK));
	SHOW(umount("d"));
	SHOW(mount("dev", "d", "devtmpfs", 0, NULL));
	SHOW(access("d/null", F_OK));
	SHOW(umount("d"));
	SHOW(mount("sys", "d", "sysfs", 0, NULL));
	SHOW(access("d/devices", F_OK));
	SHOW(umount("d"));
	SHOW(mount("pts", "d", "devpts", 0, "newinstance,ptmxmode=0666"));
	SHOW(access("d/ptmx", F_OK));
	SHOW(umount("d"));
}
