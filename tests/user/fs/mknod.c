/* SPDX-License-Identifier: MIT */
/* mknodat(2): every type, who may, what opens. */
#include "harness.h"
#include <sys/sysmacros.h>

static void show(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		note("%s: %s", path, errno_name(errno));
	else
		note("%s mode %o rdev %u:%u", path, st.st_mode, major(st.st_rdev), minor(st.st_rdev));
}

TEST(mknod, types)
{
	SHOW(mknod("reg", S_IFREG | 0644, 0));
	SHOW(mknod("plain", 0640, 0));
	SHOW(mknod("fifo", S_IFIFO | 0644, 0));
	SHOW(mknod("sock", S_IFSOCK | 0644, 0));
	SHOW(mknod("chr", S_IFCHR | 0644, makedev(1, 3)));
	SHOW(mknod("blk", S_IFBLK | 0644, makedev(4095, 1048575)));
	SHOW(mknod("dir", S_IFDIR | 0644, 0));
	SHOW(mknod("lnk", S_IFLNK | 0644, 0));
	SHOW(mknod("bad", 0130000 | 0644, 0));
	show("reg");
	show("plain");
	show("fifo");
	show("sock");
	show("chr");
	show("blk");
}

TEST(mknod, a_device_node_works_wherever_it_is)
{
	char byte = 1;
	int fd;

	SHOW(mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
	fd = REQUIRE_OK(open("zero", O_RDWR));
	SHOW(read(fd, &byte, 1));
	SHOW(byte);
	SHOW(mknod("full", S_IFCHR | 0666, makedev(1, 7)));
	SHOW(write(open("full", O_WRONLY), "x", 1));
}

TEST(mknod, errors)
{
	put_file("f", "");
	SHOW(mknod("f", S_IFREG | 0644, 0));
	SHOW(mknod("none/x", S_IFREG | 0644, 0));
	SHOW(mknod("f/x", S_IFREG | 0644, 0));
	SHOW(mknod("x/", S_IFREG | 0644, 0));
	SHOW(mknod("", S_IFREG | 0644, 0));
	SHOW(mknod(NULL, S_IFREG | 0644, 0));
	SHOW(mknodat(-1, "x", S_IFREG | 0644, 0));
	SHOW(mknod("/proc/x", S_IFREG | 0644, 0));
}

TEST(mknod, devices_need_privilege)
{
	chmod(".", 0777);
	AS_USER(1000, 1000, {
		SHOW(mknod("c", S_IFCHR | 0644, makedev(1, 3)));
		SHOW(mknod("b", S_IFBLK | 0644, makedev(1, 3)));
		SHOW(mknod("wh", S_IFCHR | 0644, 0));
		SHOW(mknod("p", S_IFIFO | 0644, 0));
		SHOW(mknod("s", S_IFSOCK | 0644, 0));
		SHOW(mknod("r", S_IFREG | 0644, 0));
	});
}
