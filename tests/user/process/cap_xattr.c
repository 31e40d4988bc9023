/* SPDX-License-Identifier: MIT */
/* security.capability: its versions, who may set it, what takes it away. */
#include "cap_exec.h"

#define NET BIT(CAP_NET_RAW)

static int raw(const char *path, uint32_t magic, size_t size)
{
	struct vfs_ns_cap_data d = { .magic_etc = magic };

	d.data[0].permitted = (uint32_t)NET;
	return setxattr(path, "security.capability", &d, size, 0);
}

static const char *stored(const char *path)
{
	static char text[80];
	struct vfs_ns_cap_data d = { 0 };
	ssize_t n = getxattr(path, "security.capability", &d, sizeof(d));

	if (n < 0)
		return errno_name(errno);
	snprintf(text, sizeof(text), "%zd bytes, version %#x, permitted %#x", n, d.magic_etc, d.data[0].permitted);
	return text;
}

TEST(cap_xattr, versions)
{
	program("p", 0, 0755);
	SHOW(raw("p", VFS_CAP_REVISION_1 | 1, XATTR_CAPS_SZ_1));
	note("%s", stored("p"));
	run_with("./p", (struct how){ .uid = 1000 });
	SHOW(raw("p", VFS_CAP_REVISION_2 | 1, XATTR_CAPS_SZ_2));
	note("%s", stored("p"));
	run_with("./p", (struct how){ .uid = 1000 });
	SHOW(raw("p", VFS_CAP_REVISION_3 | 1, XATTR_CAPS_SZ_3));
	note("%s", stored("p"));
	run_with("./p", (struct how){ .uid = 1000 });
}

TEST(cap_xattr, malformed)
{
	program("p", 0, 0755);
	SHOW(raw("p", VFS_CAP_REVISION_2, XATTR_CAPS_SZ_1));
	SHOW(raw("p", VFS_CAP_REVISION_2, XATTR_CAPS_SZ_3));
	SHOW(raw("p", VFS_CAP_REVISION_3, XATTR_CAPS_SZ_2));
	SHOW(raw("p", 0x09000000, XATTR_CAPS_SZ_2));
	SHOW(raw("p", VFS_CAP_REVISION_2, 0));
	SHOW(raw("p", VFS_CAP_REVISION_2, 3));
	note("%s", stored("p"));
	run_with("./p", (struct how){ .uid = 1000 });
}

TEST(cap_xattr, who_may)
{
	program("p", 1000, 0777);
	AS_USER(1000, 1000,
		SHOW(raw("p", VFS_CAP_REVISION_2, XATTR_CAPS_SZ_2));
		note("%s", stored("p")));
	file_caps("p", NET, 0, true);
	AS_USER(1000, 1000, note("%s", stored("p")));
	SHOW(removexattr("p", "security.capability"));
	note("%s", stored("p"));
}

TEST(cap_xattr, writing_and_chown_take_it_away)
{
	int fd;

	program("p", 0, 0755);
	file_caps("p", NET, 0, true);
	SHOW(chown("p", 0, 0));
	note("%s", stored("p"));
	file_caps("p", NET, 0, true);
	SHOW(chmod("p", 0755));
	note("%s", stored("p"));
	fd = open("p", O_WRONLY | O_APPEND);
	note("%s", stored("p"));
	SHOW(write(fd, "x", 1));
	note("%s", stored("p"));
	file_caps("p", NET, 0, true);
	SHOW(ftruncate(fd, 10));
	note("%s", stored("p"));
	file_caps("p", NET, 0, true);
	SHOW(truncate("p", 5));
	note("%s", stored("p"));
}
