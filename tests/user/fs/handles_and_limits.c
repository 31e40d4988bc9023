/* SPDX-License-Identifier: MIT */
/* Extended attributes at their limits, statx masks, paths at PATH_MAX, forty links. */
#include "harness.h"
#include <sys/xattr.h>
#include <linux/stat.h>

TEST(limits, xattr_names_and_values)
{
	static char big[65537], name[300] = "trusted.";
	char list[1000];

	put_file("f", "");
	memset(name + 8, 'n', 290);
	name[256] = 0;
	SHOW(setxattr("f", name, "v", 1, 0));
	name[255] = 0;
	SHOW(setxattr("f", name, "v", 1, 0));
	SHOW(getxattr("f", name, NULL, 0));
	SHOW(setxattr("f", "trusted.big", big, 65537, 0));
	SHOW(setxattr("f", "trusted.big", big, 65536, 0));
	SHOW(getxattr("f", "trusted.big", NULL, 0));
	SHOW(getxattr("f", "trusted.big", big, 100));
	SHOW(getxattr("f", "trusted.big", big, 65537));
	SHOW(setxattr("f", "trusted.empty", "", 0, 0));
	SHOW(getxattr("f", "trusted.empty", big, 10));
	SHOW(setxattr("f", "trusted.empty", "x", 1, XATTR_CREATE));
	SHOW(setxattr("f", "trusted.none", "x", 1, XATTR_REPLACE));
	SHOW(setxattr("f", "trusted.none", "x", 1, 4));
	SHOW(setxattr("f", "trusted.none", "x", 1, XATTR_CREATE | XATTR_REPLACE));
	SHOW(listxattr("f", NULL, 0));
	SHOW(listxattr("f", list, 10));
	SHOW(listxattr("f", list, sizeof(list)));
	SHOW(setxattr("f", "", "x", 1, 0));
	SHOW(setxattr("f", "noprefix", "x", 1, 0));
	SHOW(setxattr("f", "trusted.", "x", 1, 0));
	SHOW(setxattr("f", "security.x", "x", 1, 0));
	SHOW(setxattr("f", "user.x", "x", 1, 0));
	SHOW(setxattr("f", (void *)8, "x", 1, 0));
	SHOW(setxattr("f", "trusted.x", (void *)8, 1, 0));
	SHOW(removexattr("f", "trusted.nothing"));
	SHOW(fgetxattr(open("f", O_PATH), "trusted.empty", NULL, 0));
	symlink("f", "l");
	SHOW(lsetxattr("l", "trusted.l", "x", 1, 0));
	SHOW(getxattr("l", "trusted.l", NULL, 0));
	SHOW(lgetxattr("l", "trusted.l", NULL, 0));
	SHOW(getxattr("/proc/self/status", "trusted.l", NULL, 0));
	SHOW(listxattr("/proc/self/status", NULL, 0));
	SHOW(setxattr("/proc/self/status", "trusted.l", "x", 1, 0));
}

TEST(limits, statx_masks_and_flags)
{
	struct statx sx;

	put_file("f", "abc");
	memset(&sx, 0, sizeof(sx));
	SHOW(statx(AT_FDCWD, "f", 0, 0, &sx));
	note("mask %#x", sx.stx_mask & 0xfff);
	SHOW(statx(AT_FDCWD, "f", 0, STATX_ALL, &sx));
	note("mask %#x size %llu mode %o attributes %#llx of %#llx", sx.stx_mask & 0xfff, (unsigned long long)sx.stx_size, sx.stx_mode,
	     (unsigned long long)sx.stx_attributes, (unsigned long long)sx.stx_attributes_mask);
	EXPECT_TRUE(sx.stx_btime.tv_sec > 0);
	SHOW(statx(AT_FDCWD, "f", 0, 0x1000 /* MNT_ID */, &sx));
	note("mount id %d", (sx.stx_mask & 0x1000) != 0);
	SHOW(statx(AT_FDCWD, "f", 0, 0x80000000, &sx));
	SHOW(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_ALL, &sx));
	SHOW(statx(AT_FDCWD, "f", AT_STATX_DONT_SYNC, STATX_ALL, &sx));
	SHOW(statx(AT_FDCWD, "f", 0x10000, STATX_ALL, &sx));
	SHOW(statx(AT_FDCWD, "", 0, STATX_ALL, &sx));
	SHOW(statx(open("f", O_PATH), "", AT_EMPTY_PATH, STATX_ALL, &sx));
	SHOW(statx(AT_FDCWD, "f", 0, STATX_ALL, (void *)8));
	SHOW(statx(AT_FDCWD, "/", 0, STATX_ALL, &sx));
	note("root of a mount: %d", (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
}

TEST(limits, paths_at_path_max)
{
	static char path[5000], dots[5000];
	struct stat st;

	put_file("f", "");
	/* "./././f" with exactly 4095 bytes, then one more. */
	for (int i = 0; i < 4094; i += 2)
		memcpy(dots + i, "./", 2);
	strcpy(dots + 4094, "f");
	note("%zu", strlen(dots));
	SHOW(stat(dots, &st));
	memcpy(path, "/", 1);
	snprintf(path, sizeof(path), "/%s", dots);
	SHOW(stat(path, &st));
	memset(path, 'x', 4999);
	SHOW(stat(path, &st));
	path[256] = 0;
	SHOW(stat(path, &st));
	path[255] = 0;
	SHOW(stat(path, &st));
	memset(path, '/', 4095);
	path[4095] = 0;
	SHOW(stat(path, &st));
	SHOW(symlink(dots, "long"));
	SHOW(stat("long", &st));
	dots[4094] = '/';
	strcpy(dots + 4095, "f");
	SHOW(symlink(dots, "longer"));
	SHOW(symlink("", "empty"));
}

TEST(limits, forty_links)
{
	char from[16], to[16];
	struct stat st;

	put_file("l0", "end");
	for (int i = 1; i <= 42; i++) {
		snprintf(from, sizeof(from), "l%d", i - 1);
		snprintf(to, sizeof(to), "l%d", i);
		REQUIRE_OK(symlink(from, to));
	}
	SHOW(stat("l40", &st));
	SHOW(stat("l41", &st));
	SHOW(lstat("l41", &st));
	SHOW(open("l40", O_RDONLY | O_NOFOLLOW));
	mkdir("d", 0755);
	put_file("d/f", "");
	symlink("d", "ld");
	symlink("ld/../ld/../ld/../ld/../ld/../ld/../ld/../ld/../ld/../ld/f", "ten");
	symlink("ten", "e1");
	SHOW(stat("e1", &st));
	symlink("ld/../ten/../ten", "notdir");
	SHOW(stat("notdir", &st));
}

TEST(limits, file_handles_are_not_supported_or_not_there)
{
	struct {
		struct file_handle h;
		unsigned char data[128];
	} handle = { .h.handle_bytes = 128 };
	int id;

	put_file("f", "");
	SHOW(name_to_handle_at(AT_FDCWD, "f", &handle.h, &id, 0x10) < 0);
}
